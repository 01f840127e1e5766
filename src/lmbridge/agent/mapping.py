"""One task for many items: what `Bridge.map` does around the items' runs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from lmbridge.agent.task.assignment import Assignment
from lmbridge.collecting import in_larger_portions, set_aside
from lmbridge.errors import ContextOverflowError, InvalidArgumentsError, LmbridgeError
from lmbridge.events import Fact, Failure, Fleeting, Warned
from lmbridge.llm.pinned import PinnedModel
from lmbridge.llm.pinning import pin
from lmbridge.map.items import Items
from lmbridge.map.plan import Ahead, MapPlan, ahead, survey
from lmbridge.map.records import MapRecord
from lmbridge.map.report import MapProgress, MapReport
from lmbridge.map.run import Alive, Carry, MapRun, Watch
from lmbridge.map.template import Template
from lmbridge.mcp_host.tools.gated import Approve
from lmbridge.report import Report

if TYPE_CHECKING:
    from lmbridge.agent.choosing import Choosing
    from lmbridge.llm.backend import Backend
    from lmbridge.map.records import MapRecords
    from lmbridge.mcp_host.config.configs import Configs
    from lmbridge.observe.journal.journal import Journals
    from lmbridge.settings import Settings

_log = structlog.get_logger(__name__)


CHARS_PER_TOKEN = 16
"""No tokenizer makes so few tokens of a text of words: what is longer cannot fit, and is not even sent."""
CONTEXT_UNKNOWN = 2**20


@dataclass(frozen=True, slots=True)
class MapRequest:
    """A map as `Bridge.map` takes it.

    Attributes:
        assignment: What is done with each item; its task is the template, with `{item}` or `{name}` in it.
        items: The items, see `lmbridge.map.items`.
        out: The file that gets one line of JSON for each finished item.
        concurrency: Items at once; None: as many as the backends of the model work on at once.
        resume: Goes on with the results that are there.
        retry_failed: Does failed items again.
        retry_unknown: Does those again, too, of which it is not known what they wrote.
        map_id: The id of a map that begins; a fresh one when None.

    Raises:
        InvalidArgumentsError: The template has no field, or `concurrency` is no positive number.
    """

    assignment: Assignment
    items: Items
    out: Path
    concurrency: int | None = None
    resume: bool = False
    retry_failed: bool = False
    retry_unknown: bool = False
    map_id: str | None = None
    template: Template = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "template", Template.of(self.assignment.task))
        if self.concurrency is not None and self.concurrency < 1:
            raise InvalidArgumentsError(f"concurrency must be a whole number of at least 1, not {self.concurrency}.")
        if self.assignment.continue_run is not None:
            raise InvalidArgumentsError("A map cannot go on with the conversation of a run; leave continue_run out.")

    @property
    def plan(self) -> MapPlan:
        """The map without what its runs are made of."""
        given = self.assignment
        return MapPlan(
            self.template,
            self.items,
            self.out,
            given.output_schema,
            given.accept,
            self.resume,
            self.retry_failed,
            self.retry_unknown,
            self.map_id,
        )


@dataclass(frozen=True, slots=True)
class Carriers:
    """Those who carry the items of a map out, found ready for it.

    Attributes:
        model: The model that answers, for lists; several are joined by commas.
        slots: Items that they work on at once.
        carry: Has one item carried out: its task, under a run id.
        alive: Waits until items may be sent again; why they cannot be.
        warnings: What was told while they were made ready.
        widened: Given what is to be called with a number whenever so many more items can be worked on at once.
    """

    model: str
    slots: int
    carry: Carry
    alive: Alive
    warnings: tuple[str, ...] = ()
    widened: Callable[[Callable[[int], None]], None] = lambda _: None


Ready = Callable[[MapRequest, str], Awaitable[Carriers]]
"""Makes the carriers of a map with this id ready.

Raises:
    LmbridgeError: They cannot do it; nothing was begun.
"""


class MapHome(Protocol):
    """Where what a map leaves is kept."""

    settings: Settings
    journals: Journals
    maps: MapRecords


class Runner(MapHome, Protocol):
    """A bridge as a map of its own needs it: its parts, and its runs."""

    configs: Configs
    backend: Backend
    choosing: Choosing

    async def delegate(
        self,
        assignment: Assignment,
        *,
        approve: Approve | None = None,
        client: str | None = None,
        run_id: str | None = None,
    ) -> Report:
        """Carries a task out under a run id, and returns its report whatever comes of it."""
        ...


@dataclass(slots=True)
class _Warnings:
    """A sink that keeps the warnings of the preparation."""

    texts: list[str] = field(default_factory=list)

    def __call__(self, fact: Fact | Fleeting) -> None:
        if isinstance(fact, Warned):
            self.texts.append(fact.text)


class MapHandle:
    """A map that goes on by itself, owned by the bridge that started it.

    Args:
        map_id: Its id.
        out: The file of its results.
        work: What it does; it tells how far it is to what it is given.
    """

    def __init__(self, map_id: str, out: Path, work: Callable[[Watch], Coroutine[Any, Any, MapReport]]) -> None:
        self.map_id = map_id
        self._out = out
        self._began = time.monotonic()
        self._progress: MapProgress | None = None
        self._task = asyncio.get_running_loop().create_task(work(self._watch), name=map_id)

    def _watch(self, progress: MapProgress) -> None:
        self._progress = progress

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self._task.done()

    @property
    def elapsed(self) -> float:
        """Seconds since its start."""
        return time.monotonic() - self._began

    @property
    def line(self) -> str:
        """How far it is, in a line."""
        return self._progress.line() if self._progress else "looking at the items"

    async def wait(self, timeout: float | None = None) -> None:
        """Waits for its end, at most `timeout` seconds."""
        await asyncio.wait([self._task], timeout=timeout)

    async def cancel(self) -> None:
        """Cancels it with its runs; what is finished stays."""
        self._task.cancel()
        await self.wait()

    def report(self) -> MapReport:
        """Its report, as far as it is.

        Raises:
            LmbridgeError: It was refused before anything was done, or its results could not be written.
        """
        if self._task.done() and not self._task.cancelled():
            return self._task.result()
        so_far = MapReport(self.map_id, results=self._out, duration_s=self.elapsed)
        if self._progress is not None:
            counts = self._progress
            so_far = replace(so_far, items=counts.items, done=counts.done, failed=counts.failed, usage=counts.usage)
        return replace(so_far, status="cancelled") if self._task.done() else so_far


async def mapped(
    home: MapHome,
    request: MapRequest,
    ready: Ready,
    *,
    watch: Watch | None = None,
    client: str | None = None,
) -> MapReport:
    """Works a map off.

    Everything is looked at before anything is done: the template and every item, the results that are there, servers,
    backend and model.

    Args:
        home: Where journals and records are kept.
        request: The map.
        ready: Makes those ready who carry its items out.
        watch: Told before the first item and after each.
        client: Who asks.

    Raises:
        LmbridgeError: Something of it cannot be used; nothing was begun.
        JournalError: The results could not be written; what they hold is whole.
    """
    plan = request.plan
    items = await asyncio.to_thread(survey, plan)
    journals = home.journals if home.settings.journal else None
    todo = await asyncio.to_thread(ahead, plan, items, journals=journals, records=home.maps)
    async with todo.results:
        carriers = await ready(request, todo.map_id)
        record = home.maps.begin(todo.map_id, _head(request, todo, carriers.model, client))
        try:
            run = _run(request, todo, carriers, record, watch)
            concurrency = request.concurrency or carriers.slots
            _log.info("map_begins", map=todo.map_id, items=items, model=carriers.model, concurrency=concurrency)
            with set_aside(), in_larger_portions():
                report = await _worked(run, concurrency, record)
            return replace(report, warnings=(*carriers.warnings, *report.warnings))
        finally:
            record.close()


def _head(request: MapRequest, todo: Ahead, model: str, client: str | None) -> dict[str, object]:
    return {
        "template": request.template.text,
        "items": todo.items,
        "out": str(request.out.resolve()),
        "definition": todo.plan.definition.hex(),
        "model": model,
        "client": client,
    }


def _run(request: MapRequest, todo: Ahead, carriers: Carriers, record: MapRecord, watch: Watch | None) -> MapRun:
    """The work of the map."""

    def told(progress: MapProgress) -> None:
        usage = progress.usage
        record.progress(progress.done, progress.failed, usage.prompt_tokens + usage.completion_tokens)
        if watch is not None:
            watch(progress)

    run = MapRun(todo, carriers.carry, carriers.alive, told)
    if request.concurrency is None:
        carriers.widened(run.widen)
    return run


def own_runs(bridge: Runner, *, approve: Approve | None = None) -> Ready:
    """The runs of a bridge as carriers: all on the model that is found for the first.

    Args:
        bridge: What the runs belong to.
        approve: Asked before a writing call where the access is `ask`.
    """

    async def ready(request: MapRequest, map_id: str) -> Carriers:
        for name in request.assignment.servers or ():
            bridge.configs.current().get(name)
        warned = _Warnings()
        chosen = await bridge.choosing.preferred(request.assignment)  # once: its items shall not change it midway
        model = await pin(bridge.backend, chosen.model if chosen else request.assignment.model, emit=warned)

        async def carry(task: str, run_id: str) -> Report:
            if too_long := too_long_for(model, task):
                return Report.refused(too_long)
            return await bridge.delegate(replace(each, task=task), run_id=run_id, approve=approve, client=map_id)

        each = replace(request.assignment, model=model.name)
        slots = request.concurrency or await bridge.backend.free_slots(model.name)
        if slots > 1:
            await bridge.backend.share_beginning(model.id)
        return Carriers(model.id, slots, carry, lambda: _alive(bridge.backend), tuple(warned.texts))

    return ready


async def _alive(backend: Backend) -> Failure | None:
    health = await backend.health()
    if health.reachable:
        await asyncio.sleep(backend.breaker.tries_again_in)
        return None
    return Failure("llm_unreachable", health.error or "The backend does not answer.", health.hint)


def too_long_for(model: PinnedModel, task: str) -> ContextOverflowError | None:
    """The error of a task that cannot fit a model's context whatever its tokenizer; None for one that may."""
    if len(task) <= CHARS_PER_TOKEN * (model.context_length or CONTEXT_UNKNOWN):
        return None
    context = f"the {model.context_length:,} tokens" if model.context_length else "what is known of the context"
    return ContextOverflowError(
        f"The task of this item has {len(task):,} characters, which cannot fit {context} of {model.id}.",
        hint="Give shorter items, or a model that is loaded with a larger context.",
    )


async def _worked(run: MapRun, concurrency: int, record: MapRecord) -> MapReport:
    """Works, and writes down how it ended, however it did."""
    try:
        run.watch(run.progress)
        report = await run.work(concurrency)
    except asyncio.CancelledError:
        record.end(run.report(cancelled=True))
        raise
    except LmbridgeError as error:
        record.end(run.report(error=Failure(error.code, error.message, error.hint)))
        raise
    record.end(report)
    return report
