"""Maps on a Ray cluster: what `Bridge.map` is on one machine.

Ray has the processes: it places an actor on each node, starts it again where it was lost, and says which nodes are there.
What a map leaves is here alone, in the journals and results of this process: so a map on a cluster goes on after a crash
by the same rules as any other, and no run depends on the disk of a node that is gone.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from lmbridge.agent.mapping import Carriers, MapRequest, mapped
from lmbridge.agent.task.assignment import Assignment
from lmbridge.cluster.connect import connect
from lmbridge.cluster.crew import Crew, CrewNode, wanted
from lmbridge.cluster.values import Batch
from lmbridge.errors import InvalidArgumentsError, LLMConnectionError, NodeLostError
from lmbridge.events import Fact, ToolStarted
from lmbridge.map.ids import parts_of
from lmbridge.map.records import MapRecords
from lmbridge.map.recovery import judged
from lmbridge.map.report import MapProgress, MapReport
from lmbridge.observe.journal.journal import Journal, Journals
from lmbridge.observe.logging import settings_secrets
from lmbridge.redaction import Redactor
from lmbridge.report import Report
from lmbridge.settings import Settings

if TYPE_CHECKING:
    from types import TracebackType

MOST_LOSSES = 3
"""Nodes that may be lost in the middle of one item before it is given up: it may be what ends them."""
CANCEL_S = 5.0
_BACKEND_GONE = frozenset({"llm_unreachable", "circuit_open"})


class RayCluster:
    """A Ray cluster that carries out the items of maps; use as an async context manager.

    Args:
        settings: Where journals and records are kept; backend, model and servers are those of each node.
        address: `HOST:PORT` of the cluster's head, or `auto`.

    Attributes:
        settings: The settings.
        journals: The runs on disk.
        maps: What is kept of maps, beside their runs.
    """

    def __init__(self, settings: Settings, address: str) -> None:
        self.settings = settings
        self.journals = Journals(
            settings.state_dir / "runs",
            days=settings.journal_days,
            mib=settings.journal_mib,
            redactor=Redactor(settings_secrets(settings)),
        )
        self.maps = MapRecords(settings.state_dir / "maps", days=settings.journal_days)
        self._address = address
        self._ray: Any = None
        self._stack = AsyncExitStack()

    @classmethod
    def open(cls, settings: Settings, address: str) -> Self:
        """The cluster, to be entered with `async with`."""
        return cls(settings, address)

    async def __aenter__(self) -> Self:
        self._ray = await connect(self._address)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()
        self._ray.shutdown()

    async def map(
        self,
        request: MapRequest,
        *,
        watch: Callable[[MapProgress], None] | None = None,
        client: str | None = None,
    ) -> MapReport:
        """Carries one task out for each of many items, each on the node that has a place; else as `Bridge.map`.

        Args:
            request: The template as an assignment, the items, and the file of the results.
            watch: Told before the first item and after each.
            client: Name of the calling client.

        Raises:
            LmbridgeError: Something of it cannot be used; nothing was begun.
            JournalError: The results could not be written; what they hold is whole.
        """
        if request.assignment.access == "ask":
            raise InvalidArgumentsError(
                "On the nodes of a cluster nobody can be asked.",
                hint="Give access read or write for a map on a cluster.",
            )
        async with AsyncExitStack() as stack:

            async def ready(given: MapRequest, map_id: str) -> Carriers:
                need = wanted(given.assignment.model, given.assignment.servers)
                crew = await stack.enter_async_context(Crew(self._ray, need))
                journals = self.journals if self.settings.journal else None
                carrier = _Carrier(crew, given.assignment, journals, map_id)

                def widened(widen: Callable[[int], None]) -> None:
                    crew.on_more = widen

                slots = given.concurrency or crew.slots
                return Carriers(crew.models, slots, carrier.carry, crew.alive, tuple(crew.warnings), widened)

            return await mapped(self, request, ready, watch=watch, client=client)


class _Carrier:
    """Carries items out on nodes, and judges what became of those whose node was lost."""

    def __init__(self, crew: Crew, assignment: Assignment, journals: Journals | None, map_id: str) -> None:
        self._crew = crew
        self._assignment = assignment
        self._journals = journals
        self._map_id = map_id
        self._losses: Counter[str] = Counter()

    async def carry(self, task: str, run_id: str) -> Report:
        """Has one item carried out, and returns its report whatever comes of it."""
        given = replace(self._assignment, task=task)
        async with self._crew.place() as member, self._journal(run_id) as journal:
            facts: list[Fact] = []
            try:
                report = await self._followed(member, given, run_id, facts, journal)
            except asyncio.CancelledError:
                with suppress(Exception):
                    async with asyncio.timeout(CANCEL_S):
                        _kept(await member.actor.cancel.remote(run_id, len(facts)), facts, journal)
                raise
            except Exception as lost:
                if not _is_of_ray(lost):
                    raise
                await self._crew.lose(member, f"its process was lost: {type(lost).__name__}")
                return self._fate(facts, run_id, member)
        if report.error is not None and report.error.code in _BACKEND_GONE and not report.writes:
            await self._crew.rest(member, report.error.message.rstrip("."))
        return report

    @asynccontextmanager
    async def _journal(self, run_id: str) -> AsyncGenerator[Journal | None, None]:
        async with nullcontext() if self._journals is None else self._journals.open(run_id) as journal:
            yield journal

    async def _followed(
        self, member: CrewNode, given: Assignment, run_id: str, facts: list[Fact], journal: Journal | None
    ) -> Report:
        """The run on a node to its end; its facts are written down here as they come."""
        while True:
            batch: Batch = await member.actor.follow.remote(run_id, given, self._map_id, len(facts))
            _kept(batch, facts, journal)
            if batch.report is not None:
                return batch.report
            if journal is not None and any(isinstance(fact, ToolStarted) for fact in batch.facts):
                await journal.synced()  # a call that may write waits for the next question, which says that it is safe

    def _fate(self, facts: list[Fact], run_id: str, member: CrewNode) -> Report:
        """What is known of an item whose node was lost: its report, or that it may be done again."""
        found = judged(facts, run_id)
        if found.act == "keep":
            return found.report
        parts = parts_of(run_id)
        key = parts[1] if parts else run_id
        self._losses[key] += 1
        if self._losses[key] >= MOST_LOSSES:
            return Report.refused(NodeLostError(f"{MOST_LOSSES} nodes were lost in the middle of this item."))
        return Report.refused(LLMConnectionError(f"The process on {member.name} was lost in the middle of this item."))


def _kept(batch: Batch, facts: list[Fact], journal: Journal | None) -> None:
    facts += batch.facts
    if journal is not None:
        for fact in batch.facts:
            journal(fact)


def _is_of_ray(error: Exception) -> bool:
    """Whether an error says that a node, an actor or the way to it was lost."""
    from ray.exceptions import RayError, RayTaskError

    return isinstance(error, RayError) and not isinstance(error, RayTaskError)
