"""What the page shows, gathered: journals, index, digests and backends, made into the fragments of each view."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from lmbridge.errors import UnknownRunError
from lmbridge.map.ids import is_map_id, runs_prefix
from lmbridge.map.records import MapSummary
from lmbridge.observe.digests import Digests
from lmbridge.observe.journal.controls import Controls
from lmbridge.observe.journal.index import RunIndex
from lmbridge.observe.journal.recovery import interrupted, settled
from lmbridge.observe.journal.summaries import RunSummary
from lmbridge.report import report as fold
from lmbridge.server.page import history, now, one_run
from lmbridge.server.page.backends import BackendsSeen
from lmbridge.server.page.history import Filters, Listed
from lmbridge.server.page.html import Markup, joined, tag
from lmbridge.server.page.layout import facts, section
from lmbridge.server.page.reading import KEPT, FactsRead
from lmbridge.server.page.watching import RunAtWork, Watching
from lmbridge.server.page.words import count, seconds
from lmbridge.server.tools.records import Records, Unopened
from lmbridge.settings import Settings
from lmbridge.text import one_line

if TYPE_CHECKING:
    from lmbridge.agent.bridge import Bridge

BUDGET_S = 0.1
"""Seconds that a view may spend on reading journals which nobody has read yet."""
MOST_AT_WORK = 100
ITEMS = 100
"""Runs of a map's items that its page lists."""


class Views:
    """All views of one state folder. Everything here may wait for the disk, and is called from threads.

    Args:
        settings: The settings.
        opened: The bridge of this process, where there is one and it is open.
        clock: Monotonic seconds; how long a view may read.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        opened: Callable[[], Bridge | None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.records: Records = Unopened(settings)
        folder = settings.state_dir / "page"
        self.index = RunIndex(self.records.journals, folder / "runs.jsonl", clock=clock)
        self.digests = Digests(self.records.journals, folder / "digests.jsonl", clock=clock)
        self.controls = Controls(settings.state_dir / "control")
        self.backends = BackendsSeen(settings, opened)
        self._watching = Watching(self.records.journals, self.controls)
        self._facts = FactsRead(self.records.journals)
        self._opened: OrderedDict[str, Watching] = OrderedDict()
        self._lock = threading.Lock()

    # --- now

    def now(self, form: str) -> Markup:
        """What goes on now."""
        self.index.refresh(BUDGET_S)
        left = self.digests.refresh(self.index.ended_ids(), BUDGET_S)
        speeds = self.digests.speeds()
        return joined(
            now.running(self._standing(), self._maps_at_work(), form),
            now.backends(self.backends.lines, self.backends.trouble, speeds),
            now.saved(self.digests.saved(), left),
            now.by_model(self.digests.by_model()),
        )

    def _standing(self) -> list[RunAtWork]:
        return self._watching.look([run.run_id for run in self.index.running()][-MOST_AT_WORK:])

    def _maps_at_work(self) -> list[MapSummary]:
        return [each for each in self.records.maps.list(ITEMS) if each.status == "running"]

    # --- the history

    def history(self, filters: Filters) -> Markup:
        """A page of the history."""
        unread = self.index.refresh(BUDGET_S, first=0 if filters.before else history.PAGE)
        maps = self.records.maps.list()
        runs, more = history.searched(_together(self.index.newest(filters.may_fit), maps), filters)
        models = sorted(self.index.models())
        kept = len(self.index.ids) + len(maps)
        return history.history(history.HistoryPage(runs, more, kept, unread, models), filters)

    # --- one run

    def run(self, run_id: str, form: str | None, until: int | None = None, *, most: int = one_run.ROUNDS) -> Markup:
        """One run, or a map, opened.

        Raises:
            LmbridgeError: It is no id, there is no such run, or its journal cannot be read.
        """
        if is_map_id(run_id):
            return self._map(run_id)
        summary = self.records.journals.summary(run_id)  # before reading: a run that ends in between has its last fact
        told = self._facts.of(run_id)
        report = fold(told)
        standing = None
        if report.status == "running" and summary.status == "running":
            standing = next(iter(self._watching_one(run_id)), None)
            report = standing.report if standing else report.running_for(summary.duration_s)
        elif report.status == "running":
            report, told = interrupted(told, duration_s=summary.duration_s), settled(told)
        return one_run.opened(one_run.Opened(run_id, told, report, standing, form, until, most))

    def _watching_one(self, run_id: str) -> list[RunAtWork]:
        """How one run stands; it is followed beside those of the view of now, of which there may be many."""
        with self._lock:
            if run_id not in self._opened:
                self._opened[run_id] = Watching(self.records.journals, self.controls)
            self._opened.move_to_end(run_id)
            while len(self._opened) > KEPT:
                self._opened.popitem(last=False)
            one = self._opened[run_id]
        return one.look([run_id])

    def _map(self, map_id: str) -> Markup:
        summary = self.records.maps.summary(map_id)
        if summary is None:
            raise UnknownRunError(f"There is no map {map_id}.", hint="The history shows what is kept.")
        ids = sorted(self.records.journals.beginning_with(runs_prefix(map_id)), reverse=True)[:ITEMS]
        items = [self.records.journals.summary(each) for each in ids]
        head = section(
            "Map",
            tag("h1", "Map ", tag("span", map_id, class_="id")),
            tag("p", summary.standing, role="status"),
            tag("pre", summary.task, dir="auto"),
            facts(
                ("model", one_line(summary.model or "")),
                ("items", count(summary.items)),
                ("tokens", count(summary.tokens)),
                ("time", seconds(summary.duration_s)),
                ("results", one_line(summary.results or "")),
            ),
            name="map",
        )
        return joined(head, section("Its latest items", history.listed(items), name="history"))

    def at_work(self, run_id: str) -> bool:
        """Whether a run may be stopped.

        Raises:
            LmbridgeError: It is no id, or there is no such run.
        """
        return self.records.journals.status(run_id) == "running"


def _together(runs: Iterable[RunSummary], maps: list[MapSummary]) -> Iterator[Listed]:
    """Runs and maps by their time, newest first; reads no more runs than are asked for."""
    waiting = sorted(maps, key=lambda each: each.run_id[2:], reverse=True)
    for run in runs:
        while waiting and waiting[0].run_id[2:] > run.run_id[2:]:
            yield waiting.pop(0)
        yield run
    yield from waiting
