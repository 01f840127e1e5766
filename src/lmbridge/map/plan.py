"""What a map is to do, checked whole before any work begins; and what is to be done about each of its items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lmbridge.errors import InvalidArgumentsError
from lmbridge.map import ids, recovery, results
from lmbridge.map.items import Item, Items
from lmbridge.map.records import MapRecords, MapSummary
from lmbridge.map.results import Earlier, Results, Standing
from lmbridge.map.template import Template
from lmbridge.observe.journal.journal import Journals
from lmbridge.report import Report

_WHERE_SHOWN = 3


@dataclass(frozen=True, slots=True)
class MapPlan:
    """A map as it was asked for.

    Attributes:
        template: The task with its fields.
        items: The items.
        out: The file of the results.
        schema: JSON Schema of each answer.
        accept: Checks of each answer.
        resume: Goes on with results that are there; without it, a file that holds any is refused.
        retry_failed: Does failed items again.
        retry_unknown: Does those again, too, of which nobody knows what they wrote.
        map_id: The id of a map that begins; a fresh one when None.
    """

    template: Template
    items: Items
    out: Path
    schema: Mapping[str, Any] | None = None
    accept: Sequence[Mapping[str, Any]] = ()
    resume: bool = False
    retry_failed: bool = False
    retry_unknown: bool = False
    map_id: str | None = None

    @property
    def definition(self) -> bytes:
        """What its results are recognised by."""
        return ids.definition(self.template.text, self.schema, self.accept)

    @property
    def goes_on(self) -> bool:
        """Whether results may be there already; doing failed items again needs them."""
        return self.resume or self.retry_failed or self.retry_unknown

    def __iter__(self) -> Iterator[Item]:
        """The items; of a glob's files the results themselves are none."""
        return (item for item in self.items if not (item.file and self._is_out(Path(item.value))))

    def _is_out(self, path: Path) -> bool:
        return path.name == self.out.name and path.resolve() == self.out.resolve()


def survey(plan: MapPlan) -> int:
    """Goes through all items, and counts them.

    Raises:
        InvalidArgumentsError: There is none, one stands there twice, or one lacks a field of the template; or the results
            are to be written into the file of the items.
    """
    if plan.items.path is not None and plan.items.path.resolve() == plan.out.resolve():
        raise InvalidArgumentsError(f"--out {plan.out} is the file of the items.", hint="Name another file.")
    seen: dict[str, int] = {}
    twice: list[str] = []
    of, count = plan.definition, 0
    for count, item in enumerate(plan, 1):
        plan.template.check(item.fields, item.where)
        first = seen.setdefault(ids.item_key(of, item.value), count)
        if first != count and len(twice) <= _WHERE_SHOWN:
            twice.append(f"{item.where} (the same as item {first})")
    if not count:
        raise InvalidArgumentsError(f"There are no items in {plan.items.name}.", hint="One item a line, row or file.")
    if twice:
        more = ", …" if len(twice) > _WHERE_SHOWN else ""
        raise InvalidArgumentsError(
            f"Items stand there twice, of which one result could not be told from the other: "
            f"{'; '.join(twice[:_WHERE_SHOWN])}{more}.",
            hint="Take them out (`sort -u` does it for lines).",
        )
    return count


@dataclass(frozen=True, slots=True)
class Todo:
    """One item that is come to.

    Attributes:
        item: The item.
        key: Its hash.
        run_id: Of the run that it gets, or of the one that is kept.
        kept: The report of an earlier run that only lacks its line; None: it is to be done.
    """

    item: Item
    key: str
    run_id: str
    kept: Report | None = None


@dataclass(slots=True)
class Ahead:
    """A map whose results are open: what is there, and what is left to do.

    Attributes:
        plan: What was asked for.
        map_id: Its id.
        items: How many items there are.
        results: The open file.
        earlier: What it held.
        attempts: Attempts that have a journal, by key.
        done: Items that are done and passed over so far.
        failed: Failed items that are passed over so far.
        untouched: Keys of failed items that are not repeated, since nobody knows what they wrote.
    """

    plan: MapPlan
    map_id: str
    items: int
    results: Results
    earlier: Earlier
    journals: Journals | None
    attempts: Mapping[str, int] = field(default_factory=dict)
    done: int = 0
    failed: int = 0
    untouched: int = 0

    def todo(self) -> Iterator[Todo | None]:
        """Each item to be come to, in order; None for one that is passed over."""
        of = self.plan.definition
        for item in self.plan:
            yield self._todo(item, ids.item_key(of, item.value))

    def _todo(self, item: Item, key: str) -> Todo | None:
        standing, last = self.earlier.standings.get(key), self.attempts.get(key, 0)
        kept: Report | None = None
        if self.journals is not None and last > (standing.attempt if standing else 0):
            found = recovery.found(self.journals, self.map_id, key, last)
            if found.act == "keep":
                kept, standing = found.report, standing_of(found.report, last)
        if standing is None or self._repeats(standing):
            attempt = max(last, standing.attempt if standing else 0) + 1
            return Todo(item, key, ids.item_run_id(self.map_id, key, attempt))
        if kept is not None:
            return Todo(item, key, ids.item_run_id(self.map_id, key, last), kept)
        self.done, self.failed = self.done + standing.done, self.failed + (not standing.done)
        return None

    def _repeats(self, standing: Standing) -> bool:
        """Whether an item with a result is done again; one that may have written, only where that is asked for."""
        if standing.done:
            return False
        if standing.unknown:
            self.untouched += self.plan.retry_failed and not self.plan.retry_unknown
            return self.plan.retry_unknown
        return self.plan.retry_failed


def standing_of(report: Report, attempt: int) -> Standing:
    """What a report says of its item."""
    unknown = any(write.outcome == "unknown" for write in report.writes) or report.status == "interrupted"
    return Standing(report.status == "done", attempt, unknown)


def ahead(plan: MapPlan, items: int, *, journals: Journals | None, records: MapRecords) -> Ahead:
    """Opens the results and looks what is there.

    Raises:
        InvalidArgumentsError: They are of another map, or hold something and `resume` was not asked for.
        JournalError: They cannot be read or written.
    """
    opened = Results.open(plan.out)
    try:
        earlier = results.read(plan.out, plan.definition)
        opened.mend()
        known = earlier.map_id or records.latest(plan.out, plan.definition.hex())
        if not plan.goes_on:
            _refuse_what_is_there(plan, earlier, records.summary(known) if known else None)
            known = None
        map_id = known or plan.map_id or ids.new_map_id()
        begun = recovery.attempts(journals, map_id) if journals and known else {}
        return Ahead(plan, map_id, items, opened, earlier, journals, begun)
    except BaseException:
        opened.close()
        raise


def _refuse_what_is_there(plan: MapPlan, earlier: Earlier, before: MapSummary | None) -> None:
    if earlier.lines:
        raise InvalidArgumentsError(
            f"--out {plan.out} holds results already.", hint="--resume goes on with them; or choose another file."
        )
    if before is not None and before.status == "interrupted":
        raise InvalidArgumentsError(
            f"A map that wrote to {plan.out} was interrupted before its first result.",
            hint="--resume goes on with it; or choose another file.",
        )
