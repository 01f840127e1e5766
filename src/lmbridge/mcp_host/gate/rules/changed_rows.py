"""Rows that a statement changes: of the named table, the named ones, and not all where the task speaks of one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lmbridge.mcp_host.gate.aim import Aimed
from lmbridge.mcp_host.gate.mentions import UserWords
from lmbridge.mcp_host.gate.rules.spoken import ALL, added, is_spoken, speaks_of_one, unspoken
from lmbridge.mcp_host.gate.statements import Statement
from lmbridge.mcp_host.gate.verdicts import FREE, Ask, Note, Run, Verdict
from lmbridge.text import both_ends

_MOST_TEXTS, _LONGEST_TEXT = 10, 20_000
"""Of what a run has read, as far as rows are looked for in it."""

_ADDS_ONE = re.compile(
    r"(?i)\b(?:add|insert|create|enter|record|put|book|trag\w*|füge?|ajoute\w*|añade|agrega|aggiungi)\s+(?:an?|one|the|this|that|eine?n?|une?|una?o?)\s+[\w-]+\b(?<!s)"
)


def rows(order: Aimed, run: Run) -> Iterator[Verdict]:
    """What is to be said of each table that a statement adds to or changes.

    Args:
        order: The call.
        run: What is known of its run.
    """
    statement, said = order.targets.statement, run.said
    if statement is None:
        return
    if statement.effect == "adds":
        yield added(order, run)
        if statement.rows > 1 and _ADDS_ONE.search(said.text) and not said.words & ALL:
            yield Note(f"{statement.rows} rows were added through {order.spec.qualified}, and the task speaks of one")
        return
    if statement.every_row and speaks_of_one(said):
        reason = "it changes every row, and the task speaks of one"
        yield Ask(reason, next(iter(statement.tables), ""), (order.spec.qualified,), order.spec.qualified)
    elif chooses_another(statement.chosen, order, run) or _reaches_further(statement, said):
        yield Note(
            f"changed rows of {both_ends(next(iter(statement.tables), order.spec.qualified))} that the task does not name"
        )
    for table in statement.tables:
        if said.has_words(table) or table in run.memory.made:
            yield FREE if said.changes else unspoken(f"the table {both_ends(table)}")
        elif said.changes and not any(said.has_words(known) for known in run.memory.tables):
            yield Note(f"changed the table {both_ends(table)}, which the task does not name")
        else:
            yield Ask("the task does not name this table", table, (order.spec.qualified,), order.spec.qualified)


def _reaches_further(statement: Statement, said: UserWords) -> bool:
    """Whether the task names things by number, and a statement means a range or a list that goes beyond them."""
    if not speaks_of_one(said) or not (statement.bounds or statement.lists):
        return False
    if any(not _is_said_in_part(value, said) for value in statement.bounds):
        return True
    numbers = ([value for value in values if value.isdecimal()] for values in statement.lists)
    told = [[is_spoken(value, said) for value in values] for values in numbers if values]
    return any(any(known) and not all(known) for known in told)


def _is_said_in_part(value: str, said: UserWords) -> bool:
    """Whether the task says a value, or a number within it: the year of a date."""
    return is_spoken(value, said) or any(number in said.words for number in re.findall(r"\d{3,}", value))


def chooses_another(chosen: Sequence[str], order: Aimed, run: Run) -> bool:
    """Whether the task names things by number, and a call chooses by values of which it says none and no result beside one."""
    said = run.said
    values = [value for value in chosen if value.strip()]
    if not values or not speaks_of_one(said) or any(is_spoken(value, said) for value in values):
        return False
    numbers = [word for word in said.words if word.isdecimal()]
    rows = (
        row
        for text, source in run.memory.private.texts[-_MOST_TEXTS:]
        if source.server == order.spec.server
        for row in re.split(r"[\n;})\]]", text[:_LONGEST_TEXT])
    )
    together = (set(re.findall(r"[^\W_]+", row)) for row in rows if any(value in row for value in values))
    return not any(not words.isdisjoint(numbers) for words in together)
