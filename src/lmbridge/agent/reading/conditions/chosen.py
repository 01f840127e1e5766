"""Which rows of a result fulfil the condition of a task: the column that is meant, the rows' names, and what else the task says of them. Pure.

Where a word or a unit does not decide which column is meant, none is.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from lmbridge.agent.reading.conditions.asked import Asks, Bound, Condition
from lmbridge.agent.reading.conditions.cells import FEWEST, Cells, cells_in
from lmbridge.agent.reading.conditions.values import Amount, Kind, date_of, number_of, time_of, year_of
from lmbridge.agent.reading.conditions.words import (
    MONEY,
    PEOPLE,
    STOP,
    Measure,
    about,
    alike,
    is_about,
    plain,
    split_name,
    unit,
)
from lmbridge.agent.reading.names import holds_word, paths_in

_MOST_UNKNOWN = 3
"""Words of a task that may choose further, up to which one still knows what its condition is about."""
_LONGEST_NAME = 80
_SHORTEST_ID = 3
_TELLING = re.compile(r"\d+(?:[.,:]\d+)*|[^\W_]{3,}")
"""Words and figures by which a row may be told from others."""
_CLOCKS = frozenset({"time", "uhrzeit", "zeit", "heure", "hora", "ora"})
"""Names of a column that says when something begins, where it is the only one of times."""
_NEARLY = Decimal("0.005")
"""What two digits behind the point leave open of a size."""
_KILO = Decimal("0.93")
"""What a thousand to the power of three is of a gigabyte of 1024."""
_SMALLEST_IN_BYTES = 10_000
"""The largest of a column of sizes from which on these are taken for bytes."""
_LASTING = frozenset(["duration", "dauer", "duree", "duracion", "durata", "duracao", "laufzeit", "runtime"])
_GENERIC = frozenset(
    [
        "name",
        "names",
        "title",
        "titel",
        "titre",
        "titulo",
        "titolo",
        "item",
        "items",
        "thing",
        "things",
        "nom",
        "nombre",
        "nome",
        "bezeichnung",
    ]
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row, and what the condition makes of it.

    Attributes:
        name: What it is called; empty where rows are only counted and have no names.
        value: Its value, as it is written.
        fits: Whether it fulfils the condition; None where the words leave that open.
        words: Further texts by which it may be named.
    """

    name: str
    value: str
    fits: bool | None
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Picked:
    """The rows of a result, held against the condition of a task.

    Attributes:
        said: The condition in the task's words.
        up: Whether it asks for much and not for little; None for what lies between.
        column: The name of the column that is meant.
        rows: All rows.
        whole: Whether nothing else that the task says may choose among them.
        asks: What the task asks for.
    """

    said: str
    up: bool | None
    column: str
    rows: tuple[Row, ...]
    whole: bool
    asks: Asks

    @property
    def fitting(self) -> tuple[Row, ...]:
        """The rows that fulfil the condition."""
        return tuple(row for row in self.rows if row.fits)

    @property
    def sure(self) -> bool:
        """Whether of each row it is known that it does, or that it does not."""
        return all(row.fits is not None for row in self.rows)


def picked(condition: Condition, text: str, of: Iterable[str] = (), *, complete: bool = True) -> Picked | None:
    """The rows of a result by the condition of a task; None where it has none, or where it is not certain which column is meant.

    Args:
        condition: What the task asks of a value.
        text: The result, whole.
        of: Words about where it comes from: its place, the tool, a table.
        complete: Whether it is all that there is, and was not chosen by an argument.
    """
    task, rows = condition.task, cells_in(text)
    if not rows:
        return None
    rows, condition, filtered = _meant(rows, condition)
    column = _column(rows, condition)
    if column is None or len(rows) < FEWEST - filtered:
        return None
    condition = _of_age(condition, column)
    values = [_read(row[column], condition.amount, column) for row in rows]
    known = [each for each in values if each]
    names = _names(rows, column)
    if not names and condition.asks == "count":
        names = [""] * len(rows)
    if len(known) < len(values) or not names or any(holds_word(task, name) for name in names if name):
        return None
    unknown = _unknown(rows, condition, column, [*of, *paths_in(task)])
    if unknown and not _still_certain(condition, unknown, rows, column):
        return None
    whole = complete and not unknown and _counts_these(condition)
    words = _words(rows)
    found = tuple(
        Row(name, row[column], fits(value, condition), own)
        for name, row, value, own in zip(names, rows, known, words, strict=True)
    )
    up = None if condition.low and condition.high else condition.low is not None
    return Picked(condition.said, up, column, found, whole, condition.asks)


def fits(value: Amount, condition: Condition) -> bool | None:
    """Whether a value fulfils a condition; None where the words, or how it is written, leave that open."""
    sides = [(bound, sign) for bound, sign in ((condition.low, 1), (condition.high, -1)) if bound]
    told = [_side(value, bound, sign) for bound, sign in sides]
    return False if False in told else None if None in told else True


def _of_age(condition: Condition, column: str) -> Condition:
    """A condition with an open end where it is "over 18", which those of 18 are for many."""
    low = condition.low
    if low is None or low.inclusive or condition.hint == "age" or not is_about(split_name(column), "age"):
        return condition
    return replace(condition, low=replace(low, inclusive=None))


def _side(value: Amount, bound: Bound, sign: int) -> bool | None:
    own, limit = value.value, bound.at.value
    if isinstance(own, tuple) and isinstance(limit, tuple):
        if own[: len(limit)] == limit[: len(own)]:
            return bound.inclusive if len(own) >= len(limit) else None
        return (own > limit) is (sign > 0)
    if not (isinstance(own, Decimal) and isinstance(limit, Decimal)):
        return None
    if bound.at.unit:
        own, limit = own * (value.unit.factor if value.unit else 1), limit * bound.at.unit.factor
    if bound.at.unit and bound.at.unit.of == "bytes" and limit * _KILO <= own <= limit * (1 + _NEARLY):
        return None  # a kilobyte may be of 1000 bytes, and a size is rounded
    return bound.inclusive if own == limit else (own > limit) is (sign > 0)


def _column(rows: Sequence[Cells], condition: Condition) -> str | None:
    """The one column that a condition is about."""
    amount = condition.amount
    there = [name for name in rows[0] if all(name in row and _read(row[name], amount, name) for row in rows)]
    if amount.kind == "number":
        there = [name for name in there if split_name(name)[-1:] not in (["id"], ["nr"], ["no"])]
        if amount.unit:
            return _of_unit(there, rows, condition, amount.unit)
        there = [name for name in there if len({_unit_of(row[name]) for row in rows}) == 1]
    if amount.noun:
        return _only(name for name in there if _is_called(name, amount.noun, rows))
    if condition.hint:
        return _only(name for name in there if is_about(split_name(name), condition.hint))
    if spoken := _spoken(there, condition):
        return spoken
    if amount.kind == "number":
        there = [name for name in there if not _numbers_rows(rows, name) and not is_about(split_name(name), "year")]
    return _only(there)


def _of_unit(there: Sequence[str], rows: Sequence[Cells], condition: Condition, measure: Measure) -> str | None:
    """The column whose values or name have the unit, or else the only one of its kind that is on the same scale."""
    fitting = [name for name in there if _measure(rows[0][name], name, measure)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        return _spoken(fitting, condition)
    bare = [
        name
        for name in there
        if not _units(rows, name) and not _measures(split_name(name)) and not _numbers_rows(rows, name)
    ]
    kind = "money" if measure.of in MONEY else measure.of
    called = [name for name in bare if is_about(split_name(name), kind)]
    found = _only(called) or _spoken(called or bare, condition) or (None if called else _only(bare))
    if found is None or (found in called and kind in {"money", "age"}):
        return found
    bounds = _decimals(bound.at for bound in (condition.low, condition.high) if bound)
    values = _decimals(number_of(row[found]) for row in rows)
    if kind == "bytes":
        return found if found in called and max(values) >= _SMALLEST_IN_BYTES else None
    on_scale = all(min(values) <= limit <= max(values) for limit in bounds)
    return found if on_scale and (found in called or not any(map(about, split_name(found)))) else None


def _decimals(amounts: Iterable[Amount | None]) -> list[Decimal]:
    return [each.value for each in amounts if each and isinstance(each.value, Decimal)]


def _spoken(names: Sequence[str], condition: Condition) -> str | None:
    """The column of which the task has a word: beside the comparison, else anywhere; None where it has a word of several."""
    for word in condition.near:
        if called := [name for name in names if _is_said(name, word)]:
            return _only(called)
    return _only(name for name in names if any(_is_said(name, word) for word in condition.rest))


def _is_said(name: str, word: str) -> bool:
    return word not in STOP and any(alike(part, word) for part in split_name(name))


def _is_called(name: str, noun: str, rows: Sequence[Cells]) -> bool:
    """Whether a column is called after a word, or has it behind its values."""
    values = [number_of(row[name]) for row in rows]
    return _is_said(name, noun) or all(value and value.noun and alike(value.noun, noun) for value in values)


def _only(names: Iterable[str]) -> str | None:
    found = list(names)
    return found[0] if len(found) == 1 else None


def _read(cell: str, like: Amount, column: str) -> Amount | None:
    """A cell as a value of the kind of another one, in the unit that it has or its column's name says; None where it is none."""
    kind: Kind = like.kind
    words = split_name(column)
    if kind == "time":
        return None if _LASTING.intersection(words) else time_of(cell)
    if kind == "date":
        return date_of(cell) or year_of(cell)
    value = number_of(cell)
    if value is None or (value.noun and value.unit):
        return None
    measure = value.unit or (_measures(words) if like.unit else None)
    if like.unit and measure and measure.of != like.unit.of:
        return None
    if like.unit and not measure and not value.noun:
        measure = Measure(like.unit.of, Decimal(1) if like.unit.of == "bytes" else like.unit.factor)
    return Amount("number", value.value, measure, value.noun)


def _measure(cell: str, column: str, like: Measure) -> bool:
    """Whether a cell, or the name of its column, has a unit of the same dimension."""
    value = number_of(cell)
    measure = (value.unit if value else None) or _measures(split_name(column))
    return measure is not None and measure.of == like.of


def _measures(words: Sequence[str]) -> Measure | None:
    """The unit in a column's name: of `price_chf`, `minutes`; single letters are none."""
    return next((found for word in words if len(word) > 1 and (found := unit(word)) and found.of != "age"), None)


def _units(rows: Sequence[Cells], name: str) -> bool:
    return any((value := number_of(row[name])) and (value.unit or value.noun) for row in rows)


def _unit_of(cell: str) -> object:
    value = number_of(cell)
    return (value.unit, value.noun) if value else None


def _numbers_rows(rows: Sequence[Cells], name: str) -> bool:
    """Whether a column numbers its rows one after another."""
    numbers = _decimals(number_of(row[name]) for row in rows)
    return len(numbers) > 1 and {after - before for before, after in itertools.pairwise(numbers)} == {Decimal(1)}


def _meant(rows: list[Cells], condition: Condition) -> tuple[list[Cells], Condition, int]:
    """The rows of which the task has a whole value that several share, such as a town, and the condition without that word."""
    times = {name: Counter(plain(row.get(name, "")) for row in rows) for name in rows[0]}
    said = [
        (name, word)
        for word in condition.rest
        for name, values in times.items()
        if word not in STOP and values[word] and len(values) < len(rows)
    ]
    if len(said) != 1:
        return rows, condition, 0
    name, value = said[0]
    kept = [row for row in rows if plain(row.get(name, "")) == value]
    rest, near = (tuple(word for word in words if word != value) for words in (condition.rest, condition.near))
    return kept, replace(condition, rest=rest, near=near), 1


def _names(rows: Sequence[Cells], column: str) -> list[str]:
    """What the rows are called: by the first column of texts that are all different, else by an id; nothing where neither is there."""
    for name in rows[0]:
        values = [row.get(name, "") for row in rows]
        own = name != column and len(set(map(plain, values))) == len(values) and all(map(_is_name, values))
        if own:
            return values
    others = {value for row in rows for name, value in row.items() if name == column or not _is_id(name)}
    for name in rows[0]:
        values = [row.get(name, "") for row in rows]
        if _is_id(name) and name != column and len(set(values)) == len(values) and others.isdisjoint(values):
            return values if all(len(value) >= _SHORTEST_ID for value in values) else []
    return []


def _is_name(value: str) -> bool:
    letters = len(re.findall(r"[^\W\d_]", value))
    plain_value = number_of(value) or time_of(value) or date_of(value)
    return letters > 0 and 1 < len(value) <= _LONGEST_NAME and not plain_value


def _is_id(column: str) -> bool:
    return bool({"id", "nr", "no", "number", "nummer", "numero", "num", "code"} & set(split_name(column)))


def _words(rows: Sequence[Cells]) -> list[frozenset[str]]:
    """By what else each row may be named: the words and values that it alone has."""
    own = [{word for value in row.values() for word in (value, *_TELLING.findall(value)) if word} for row in rows]
    times = Counter(plain(word) for words in own for word in {plain(each): each for each in words}.values())
    return [frozenset(word for word in words if times[plain(word)] == 1) for words in own]


def _unknown(rows: Sequence[Cells], condition: Condition, column: str, of: Sequence[str]) -> list[str]:
    """The words of a task that may choose among the rows by something else than the condition."""
    told = {plain(word) for text in of for word in split_name(text)} | _GENERIC | PEOPLE
    kind = condition.amount.unit.of if condition.amount.unit else ""
    themes = {theme for word in split_name(column) for theme in about(word)} | {"money" if kind in MONEY else kind}
    if condition.amount.kind == "time" and not _CLOCKS.isdisjoint(split_name(column)):
        themes |= {"starting", "leaving"}
    in_cells = {plain(row.get(name, "")) for row in rows for name in row}
    others = {part for name in rows[0] if name != column for part in split_name(name)} - _GENERIC
    names = {part for name in list(rows[0])[:1] for part in split_name(name)}
    return [
        word
        for word in condition.rest
        if not (
            (word in STOP and word not in in_cells)
            or unit(word)
            or themes & about(word)
            or _is_said(column, word)
            or any(alike(word, each) for each in names)
            or (any(alike(word, each) for each in told) and not any(alike(word, each) for each in others - names))
        )
    ]


def _still_certain(condition: Condition, unknown: Sequence[str], rows: Sequence[Cells], column: str) -> bool:
    """Whether a row that does not fulfil the condition is none that is meant, whatever else the task says of them."""
    alone = not set(condition.others) & set(unknown) and not condition.joined and len(unknown) <= _MOST_UNKNOWN
    amount = condition.amount
    by_unit = amount.unit is not None and _measure(rows[0][column], column, amount.unit)
    by_theme = amount.unit is not None and bool({"money", "bytes"} & {t for w in split_name(column) for t in about(w)})
    by_word = bool(condition.hint or amount.noun) or any(_is_said(column, word) for word in condition.rest)
    return alone and (by_unit or by_theme or by_word)


def _counts_these(condition: Condition) -> bool:
    """Whether what is counted, where anything is, are the rows and not something of them."""
    word = condition.counted
    return condition.asks != "count" or not word or not (unit(word) or about(word))
