"""The model of a task that names none, where `DEFAULT_MODEL` is `auto`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, get_args

from lmbridge.agent.profiles import Profiles
from lmbridge.agent.task.assignment import Assignment
from lmbridge.agent.task.kind import expected_kind
from lmbridge.errors import JournalError, LLMError
from lmbridge.llm.models.resolve import DEFAULTS, Target
from lmbridge.observe.by_model import Kind, ModelRecord, merged, record_of
from lmbridge.qualify.prefer import Preferred, preferred
from lmbridge.report import report

if TYPE_CHECKING:
    from lmbridge.llm.backend import Backend
    from lmbridge.llm.models.listing import ModelInfo
    from lmbridge.observe.journal.journal import Journals
    from lmbridge.settings import Settings

MOST_READ = 200
"""Newest runs that are looked at."""


class Choosing:
    """Chooses by finished runs and profiles; each journal is read once.

    Args:
        settings: Whether it chooses at all, and the access.
        backend: Where the models are.
        journals: The finished runs.
        profiles: The profiles of the models.
    """

    def __init__(self, settings: Settings, backend: Backend, journals: Journals, profiles: Profiles) -> None:
        self._settings, self._backend = settings, backend
        self._journals, self._profiles = journals, profiles
        self._read: dict[str, ModelRecord | None] = {}

    async def preferred(self, assignment: Assignment) -> Preferred | None:
        """The model for a task, and why; None where the call names one, nothing is to be chosen, or nothing is known."""
        if not self._settings.chooses_model or (assignment.model or "").strip().lower() not in DEFAULTS:
            return None
        try:
            return (await self.by_kind())[expected_kind(assignment, self._settings.access)]
        except LLMError:
            return None  # the run itself says so, with everything around it

    async def by_kind(self) -> dict[Kind, Preferred | None]:
        """The model for each kind of task, whatever the setting says.

        Raises:
            LLMError: The backend does not tell its models.
        """
        models, abilities = await self._backend.catalogue(), await self._backend.abilities()

        def able(model: ModelInfo) -> int | None:
            return self._profiles.able(Target(model.id, model), abilities)

        records = await asyncio.to_thread(self._records)
        return {kind: preferred(models, records, kind, able) for kind in get_args(Kind)}

    def _records(self) -> list[ModelRecord]:
        newest = self._journals.ids()[:MOST_READ]
        for run_id in newest:
            if run_id not in self._read:
                self._look(run_id)
        self._read = {run_id: self._read[run_id] for run_id in newest if run_id in self._read}
        return merged(each for run_id in reversed(newest) if (each := self._read.get(run_id)))

    def _look(self, run_id: str) -> None:
        """Keeps what a run says of its model; one that goes on is looked at again."""
        try:
            facts = self._journals.facts(run_id)
        except JournalError:
            self._read[run_id] = None
            return
        told = report(facts)
        if told.status != "running":
            self._read[run_id] = record_of(facts, told)
