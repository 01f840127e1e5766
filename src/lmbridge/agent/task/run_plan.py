"""Everything that a run was given, decided before its first request: one frozen value from the delegation to the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from lmbridge.agent.task.acceptance import FileOf, as_written
from lmbridge.agent.task.assignment import Assignment
from lmbridge.agent.task.protocols import OutsideJudge
from lmbridge.agent.task.skills import GivenSkill
from lmbridge.events import ServerState
from lmbridge.messages import JsonSchema, Message
from lmbridge.profile import NATIVE, Profile, Sampling
from lmbridge.settings import Access, Settings, strictest


@dataclass(frozen=True, slots=True)
class RunPlan:
    """How a task is carried out.

    Attributes:
        run_id: The run's id.
        assignment: What is to be done.
        settings: The settings.
        profile: How the model works best.
        profiled: The same and where it is from, as the first fact tells it; None where that is not known.
        advice: A sentence that a run which did not go smoothly ends its warnings with.
        caution: What every caller of this model should know, told with an answer that counts as done.
        word_alone: What a caller should know of an end for which nothing but this model's word speaks; None: that word is enough.
        servers: How each server stood.
        history: Messages of the conversation that goes on, between the system prompt and the task.
        kept: Whole texts of cut results in that history, by handle; None where there is none any more.
        client: Name of the calling client.
        backend: Base URL of the backend, without credentials.
        provider: What answers there.
        chosen: Why this model, where it was chosen.
        likely: Names of the tools that an outside judge holds for the likeliest; shown beside a search.
        skills: What servers want models to know of their tools, as far as the settings let it through.
        judge: Who is asked whether a task that was answered is done.
        file_of: Where a file that an `accept` check names lies.
    """

    run_id: str
    assignment: Assignment
    settings: Settings = field(default_factory=Settings)
    profile: Profile = NATIVE
    profiled: Mapping[str, Any] | None = None
    advice: str | None = None
    caution: str | None = None
    word_alone: str | None = None
    servers: tuple[ServerState, ...] = ()
    history: tuple[Message, ...] = ()
    kept: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}))
    client: str | None = None
    backend: str = ""
    provider: str = ""
    chosen: str | None = None
    likely: tuple[str, ...] = ()
    skills: tuple[GivenSkill, ...] = ()
    judge: OutsideJudge | None = None
    file_of: FileOf = as_written

    @property
    def timeout_s(self) -> float:
        """Seconds that the run may take."""
        return self.assignment.timeout_s or self.settings.run_timeout

    @property
    def access(self) -> Access:
        """The stricter of what is asked for and what the settings allow."""
        return strictest(self.assignment.access, self.settings.access)

    @property
    def output_schema(self) -> JsonSchema | None:
        """JSON Schema of the answer, where one is asked for."""
        return self.assignment.output_schema

    def sampling(self, *, answering: bool = False) -> Sampling:
        """Sampling of a reply; the caller's temperature wins over the profile's.

        Args:
            answering: The reply can only be the answer.
        """
        base = self.profile.answers if answering else self.profile.acts
        asked = self.assignment.temperature
        if asked is None:
            return base
        return Sampling(temperature=asked, top_p=base.top_p, top_k=base.top_k, min_p=base.min_p)
