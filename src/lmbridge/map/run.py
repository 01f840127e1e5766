"""Works a map off: so many items at once, a line for each that ends, and an end that tells what is left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace

from lmbridge.errors import InvalidArgumentsError, LmbridgeError
from lmbridge.events import Failure
from lmbridge.map.ids import item_run_id, parts_of
from lmbridge.map.plan import Ahead, Todo
from lmbridge.map.report import Failed, MapProgress, MapReport, ended
from lmbridge.map.results import line_of
from lmbridge.messages import Usage
from lmbridge.report import LISTED, Report

Carry = Callable[[str, str], Awaitable[Report]]
"""Carries out a task under a run id, and returns its report whatever comes of it."""
Alive = Callable[[], Awaitable[Failure | None]]
"""Waits until the backend may be asked again; why it cannot be, where it is gone."""
MOST_RESTS = 10
"""How often in a row the backend is waited for, without an item in between, before the map stops."""
_NOT_SENT = frozenset({"circuit_open", "llm_unreachable"})
Watch = Callable[[MapProgress], None]


def _unwatched(_progress: MapProgress) -> None:
    return None


@dataclass(slots=True)
class MapRun:
    """One call of a map.

    Args:
        ahead: What there is to do.
        carry: Carries out one item.
        alive: Asked when an item could not be sent to the backend.
        watch: Told whenever an item has ended.
    """

    ahead: Ahead
    carry: Carry
    alive: Alive
    watch: Watch = _unwatched
    progress: MapProgress = field(init=False)
    _left: Iterator[Todo | None] = field(init=False)
    _failures: list[Failed] = field(default_factory=list)
    _stopped: Failure | None = None
    _rests: int = 0
    _resting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _workers: asyncio.TaskGroup | None = None

    def __post_init__(self) -> None:
        self.progress = MapProgress(self.ahead.items, time.monotonic)
        self._left = self.ahead.todo()

    async def work(self, concurrency: int) -> MapReport:
        """Works the items off, so many at once, and returns what came of it.

        Raises:
            asyncio.CancelledError: The caller was cancelled; items that were at work have no line.
            JournalError: A result could not be written.
        """
        try:
            async with asyncio.TaskGroup() as self._workers:
                self.widen(min(concurrency, self.ahead.items))
        except ExceptionGroup as group:
            raise group.exceptions[0] from None
        finally:
            self._workers = None
        return self.report()

    def widen(self, count: int) -> None:
        """Works on so many more items at once from now on; where it is over, nothing happens."""
        if self._workers is not None:
            for _ in range(count):
                self._workers.create_task(self._worker())

    def report(self, *, cancelled: bool = False, error: Failure | None = None) -> MapReport:
        """What came of it, also of one that did not come to its end."""
        ahead, progress = self.ahead, self.progress
        failures = (*self._failures, *ahead.earlier.failures.values())
        told = MapReport(
            ahead.map_id,
            items=ahead.items,
            done=progress.done,
            failed=progress.failed,
            earlier=ahead.done + ahead.failed,
            results=ahead.results.path,
            failures=failures,
            usage=progress.usage,
            duration_s=progress.elapsed,
            warnings=tuple(_warnings(ahead)),
        )
        return ended(told, cancelled=cancelled, error=error or self._stopped)

    async def _worker(self) -> None:
        try:
            await self._items()
        finally:  # the items are through, or the map is being stopped: from now on none is added
            self._workers = None

    async def _items(self) -> None:
        while self._stopped is None and (todo := self._next()) is not None:
            report = todo.kept or await self._carried(todo)
            while _not_sent(report) and not todo.kept and self._stopped is None:
                todo, report = await self._once_more(todo, report)
            if self._stopped is not None and _not_sent(report):
                return
            self._rests = 0
            if report.status == "cancelled":  # by somebody who stopped this one run
                report = replace(report, error=Failure("cancelled", "The run of this item was cancelled."))
            await self._finish(todo, report)

    def _next(self) -> Todo | None:
        """The next item to be come to; those that are passed over are counted."""
        todo = next((each for each in self._left if each is not None), None)
        self.progress.earlier = (self.ahead.done, self.ahead.failed)
        return todo

    async def _carried(self, todo: Todo) -> Report:
        try:
            task = self.ahead.plan.template.filled(todo.item.field)
        except InvalidArgumentsError as error:
            return Report.refused(error)
        try:
            return await self.carry(task, todo.run_id)
        except LmbridgeError as error:
            return Report.refused(error)

    async def _once_more(self, todo: Todo, report: Report) -> tuple[Todo, Report]:
        """The item tried again, when the backend may be asked again; one worker tries, and the others wait for it.

        A backend that fails for a while must not cost the items that come up meanwhile. One that is gone, or fails on
        and on, stops the map; the item has no line then.
        """
        async with self._resting:
            if self._stopped is None and (gone := await self.alive()):
                self._stopped = gone
            self._rests += 1
            if self._stopped is None and self._rests > MOST_RESTS:
                self._stopped = report.error
            if self._stopped is not None:
                return todo, report
            _, key, attempt = parts_of(todo.run_id) or ("", todo.key, 1)
            again = replace(todo, run_id=item_run_id(self.ahead.map_id, key, attempt + 1))
            return again, await self._carried(again)

    async def _finish(self, todo: Todo, report: Report) -> None:
        line = line_of(todo.item.value, todo.run_id, report)
        await self.ahead.results.append(line)
        if todo.key in self.ahead.earlier.standings:
            self.ahead.results.superseded = True
            self.ahead.earlier.failures.pop(todo.key, None)
        done = report.status == "done"
        if not done and len(self._failures) < LISTED:
            self._failures.append(Failed.of(line))
        self.progress.finished(done=done, usage=Usage() if todo.kept else report.usage)
        self.watch(self.progress)


def _not_sent(report: Report) -> bool:
    """Whether an item failed without a fault of its own, and without having changed anything."""
    return report.error is not None and report.error.code in _NOT_SENT and not report.writes


def _warnings(ahead: Ahead) -> Iterator[str]:
    if ahead.results.torn:
        yield "The last line of the results was torn, as a crash leaves it; it was taken off, and its item looked after."
    if ahead.untouched:
        yield (
            f"{ahead.untouched} failed items were not repeated, since it is not known what they wrote; "
            "--retry-unknown repeats them."
        )
