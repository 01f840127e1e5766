"""The history: runs that are kept, newest first, filtered and in pages."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import orjson

from lmbridge.map.records import MapSummary
from lmbridge.observe.journal.summaries import RunSummary
from lmbridge.server.page.html import Markup, joined, tag
from lmbridge.server.page.layout import badge, run_link, section, table
from lmbridge.server.page.words import count, moment, plural, seconds
from lmbridge.text import one_line

PAGE = 50
STATUSES = ("done", "partial", "failed", "cancelled", "running", "interrupted")
LONGEST_FILTER = 200
Listed = RunSummary | MapSummary


@dataclass(frozen=True)
class Filters:
    """What is looked for; empty: anything.

    Attributes:
        status: How it ended.
        model: Exactly this model.
        words: All of these in the task, the id or the client, in any case.
        before: Only runs older than the one of this id.
    """

    status: str = ""
    model: str = ""
    words: str = ""
    before: str = ""

    @cached_property
    def _lower(self) -> tuple[str, ...]:
        return tuple(self.words.lower().split())

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filters:
        """Those of an address; what is no filter is left out."""

        def given(name: str) -> str:
            return query.get(name, "")[:LONGEST_FILTER].strip()

        status = given("status")
        return cls(status if status in STATUSES else "", given("model"), given("q"), given("before"))

    def fits(self, run: Listed) -> bool:
        """Whether a run is looked for."""
        if self.before and run.run_id[2:] >= self.before[2:]:
            return False
        if (self.status and run.status != self.status) or (self.model and run.model != self.model):
            return False
        if not self.words:
            return True
        text = f"{run.task} {run.run_id} {run.client or ''}".lower()
        return all(word in text for word in self._lower)

    @cached_property
    def _marks(self) -> tuple[bytes, ...]:
        """What stands in the JSON of every run that fits, whatever else does."""
        given = {"status": self.status, "model": self.model}
        return tuple(orjson.dumps({name: value})[1:-1] for name, value in given.items() if value)

    @cached_property
    def _plain(self) -> tuple[bytes, ...]:
        """The words that JSON writes as they are."""
        as_they_are = (each for each in self._lower if each.isascii() and each.isprintable())
        return tuple(each.encode() for each in as_they_are if '"' not in each and "\\" not in each)

    def may_fit(self, line: bytes) -> bool:
        """Whether a run may fit of which there is only its JSON, as orjson writes it: a quick no, and never a wrong one.

        Letters beyond ASCII may become ASCII where they are put into lower case, as the sign of Kelvin does; a line that
        holds any is not judged by words.
        """
        if not all(mark in line for mark in self._marks):
            return False
        if not self._plain or not line.isascii():
            return True
        lower = line.lower()
        return all(word in lower for word in self._plain)

    def query(self, **changed: str) -> str:
        """The address of the same search with something changed."""
        named = {"status": self.status, "model": self.model, "q": self.words, "before": self.before} | changed
        given = {name: value for name, value in named.items() if value}
        return "/runs" + (f"?{urlencode(given)}" if given else "")


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A page of the history.

    Attributes:
        runs: Newest first.
        more: Whether there are older ones that fit.
        kept: How many runs are kept at all.
        unread: How many of them nobody has looked at yet.
        models: The models that they had.
    """

    runs: Sequence[Listed]
    more: bool
    kept: int
    unread: int
    models: Sequence[str]


def searched(runs: Iterable[Listed], filters: Filters) -> tuple[list[Listed], bool]:
    """A page of what fits, and whether there is more; stops reading as soon as that is known."""
    found: list[Listed] = []
    for run in runs:
        if filters.fits(run):
            if len(found) == PAGE:
                return found, True
            found.append(run)
    return found, False


def history(found: HistoryPage, filters: Filters) -> Markup:
    """The page."""
    return section(
        "History", _form(found, filters), _told(found), listed(found.runs), _pages(found, filters), name="history"
    )


def _form(found: HistoryPage, filters: Filters) -> Markup:
    statuses = [("", "any status"), *((each, each) for each in STATUSES)]
    models = [("", "any model"), *((each, one_line(each)) for each in found.models)]
    return tag(
        "form",
        tag("label", "Words ", tag("input", type="search", name="q", value=filters.words, maxlength=LONGEST_FILTER)),
        tag("label", "Status ", _choice("status", statuses, filters.status)),
        tag("label", "Model ", _choice("model", models, filters.model)),
        tag("button", "Search", type="submit"),
        tag("a", "Reset", href="/runs"),
        method="get",
        action="/runs",
        role="search",
        class_="filters",
    )


def _choice(name: str, options: Sequence[tuple[str, str]], chosen: str) -> Markup:
    return tag(
        "select", *(tag("option", label, value=value, selected=value == chosen) for value, label in options), name=name
    )


def _told(found: HistoryPage) -> Markup:
    told = f"{plural(found.kept, 'run')} kept"
    if found.unread:
        told += f"; {count(found.unread)} of them are still being read, search again for those"
    return tag("p", told, class_="quiet", role="status")


def listed(runs: Sequence[Listed]) -> Markup:
    """Runs as a table."""
    if not runs:
        return tag("p", "No run fits.")
    head = ("Run", "Status", "Task", "Model", "Rounds", "Time", "Tokens", "Began")
    rows = [_row(run) for run in runs]
    return table("Runs, newest first", head, rows, keys=[run.run_id for run in runs])


def _row(run: Listed) -> tuple[Any, ...]:
    task = tag("span", one_line(run.task), dir="auto")
    model = tag("span", one_line(run.model or "–"), class_="tool")
    if isinstance(run, MapSummary):
        standing, rounds, used = joined(badge(run.status), " ", run.standing.partition(": ")[2]), "map", run.tokens
    else:
        standing, rounds = _standing(run), str(run.rounds)
        used = run.usage.prompt_tokens + run.usage.completion_tokens
    return (
        run_link(run.run_id),
        standing,
        task,
        model,
        rounds,
        seconds(_duration(run)),
        count(used),
        moment(run.started_at),
    )


def _duration(run: Listed) -> float:
    """Seconds; of one at work up to now, not to the last that it told."""
    if run.status == "running" and run.started_at:
        return max(run.duration_s, time.time() - run.started_at)
    return run.duration_s


def _standing(run: RunSummary) -> Markup:
    reason = run.reached if run.status == "interrupted" else run.stop_reason
    more = one_line(reason) if reason and reason not in (run.status, "answered") else ""
    return joined(badge(run.status), f" {more}" if more else "")


def _pages(found: HistoryPage, filters: Filters) -> Markup:
    links = []
    if filters.before:
        links.append(tag("a", "Newest", href=filters.query(before="")))
    if found.more:
        links.append(tag("a", "Older", href=filters.query(before=found.runs[-1].run_id), rel="next"))
    return tag("nav", *links, aria_label="Pages", class_="pages")
