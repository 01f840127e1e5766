"""What is asked about a statement in SQL that adds, changes or deletes rows which the task hardly means; each once, before it is carried out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lmbridge.agent.calls.ledger import Told
from lmbridge.agent.calls.look_ups import LOOK_UP
from lmbridge.agent.calls.table_look_ups import ROWS
from lmbridge.agent.calls.write import AskedOnce, WriteCall
from lmbridge.agent.held.statements import insert_in, update_in
from lmbridge.agent.held.transfers import amiss, transfer_in
from lmbridge.agent.reading import notes
from lmbridge.agent.reading.names import holds_word, leaves
from lmbridge.agent.reading.rows import rows_in
from lmbridge.text import quoted

_INSERT = re.compile(r"\s*insert\s+(?:or\s+\w+\s+)?into\b", re.IGNORECASE)
_SELECT = re.compile(r"\bselect\b", re.IGNORECASE)
_CHOOSES = re.compile(r"\s*(?:delete\s+from|update)\b.*?\bwhere\b(?P<where>.*)", re.IGNORECASE | re.DOTALL)
_LITERAL = re.compile(r"'((?:[^'%_]|'')+)'|(?<![\w.'])(\d+)(?![\w.'])")
_SETS = re.compile(
    r"\W*(?:please\s+|bitte\s+)?(?:set|change|update|increase|decrease|raise|lower|reduce|correct|mark|rename|setze?|\u00e4ndere|erh\u00f6he|senke"
    r"|mets|change[zr]?|cambia|actualiza|pon)\b",
    re.IGNORECASE,
)
"""How a task begins that sets what is there."""
_ADDS = re.compile(
    r"\b(?:add|insert|new|create|enter|record|neue?\w*|f\u00fcge|ajoute\w*|nouve\w+|a\u00f1ade|nuev[ao])\b",
    re.IGNORECASE,
)
_DEPENDS = re.compile(
    r"\b(?:if|unless|whether|already|not yet|otherwise|in case|falls|wenn|sofern|sonst|schon|bereits|noch nicht|sinon|d\u00e9j\u00e0|pas encore|si no|ya|todav\u00eda"
    r"|altrimenti|gi\u00e0|non ancora)\b",
    re.IGNORECASE,
)
"""Words of a task by which an addition depends on what is there."""
_ORDERS_ADDITION = re.compile(
    r"\b(?:add(?:s|ing)?|insert|creat\w+|enter|record|register|log|another|one more|f\u00fcg\w*|hinzu\w*|eintrag\w*|trag\w*|erfass\w*|ajout\w*|inscri\w*|a\u00f1ad\w*|agreg\w*|aggiung\w*|inser\w*|adicion\w*)\b",
    re.IGNORECASE,
)
_SHORTEST = 3
"""Letters of a word of a row by which it is known in the task."""
_LONGEST_SHOWN = 160
_FEWEST = 2


class RowDoubts:
    """What speaks against a statement.

    Args:
        told: The run's ledger.
        task: What the caller asked for.
        asked: What was asked already.
    """

    def __init__(self, told: Told, task: str, asked: AskedOnce) -> None:
        self._told, self._task, self._asked = told, task, asked

    def about(self, write: WriteCall) -> str:
        """What to say in place of the statement; empty where nothing speaks against it."""
        return (
            self._there_already(write)
            or self._adds_row(write)
            or self._moves(write)
            or self._unseen_key(write)
            or self._other_row(write)
        )

    def _adds_row(self, write: WriteCall) -> str:
        """What to ask, once, of a row that is added where the task sets something, and no row was looked at."""
        sets = _SETS.match(self._task) and not _ADDS.search(self._task)
        if not sets and not _DEPENDS.search(self._task):
            return ""
        looked = any(
            _SELECT.search(text)
            for fact in self._told.results
            if not fact.call.id.startswith(f"{LOOK_UP}{ROWS}")
            for text in leaves(fact.result.arguments or {})
        )
        if looked or not any(_INSERT.match(text) for text in leaves(write.arguments)):
            return ""
        return self._asked.once(
            "adds a row",
            "This adds a row, and the task speaks of something that may be there already: look with a SELECT first, or use UPDATE. To add a row, "
            "make the same call again.",
            f"{write.spec.name} added a row, and no call looked whether it was there.",
        )

    def _there_already(self, write: WriteCall) -> str:
        """What to ask, once, of a row that is added under a name which a row of the table has, where the task orders no addition."""
        if _ORDERS_ADDITION.search(self._task):
            return ""
        rows = self._rows_now()
        for text in leaves(write.arguments):
            for insert in filter(None, [insert_in(text, [*rows[0]] if rows else ())]):
                row, by = _of_same_name(insert.values, rows)
                if row and (update := insert.as_update(row, by)):
                    return self._asked.once(
                        "there already",
                        f"{insert.table} has a row of that name: {str(dict(row))[:_LONGEST_SHOWN]}. If the task is about it, change it: "
                        f"{update}. To add another row, make the same call again.",
                        f"{write.spec.name} added a row to {quoted(insert.table)} beside one of the same name.",
                    )
        return ""

    def _moves(self, write: WriteCall) -> str:
        """What to ask, once, of a statement that makes another number of what the task moves from one thing to another: 7 of `pieces - 7`."""
        moved = transfer_in(self._task)
        for update in filter(None, map(update_in, leaves(write.arguments) if moved else ())):
            assert moved
            right, sum_of = amiss(update, moved, self._rows_now())
            if right:
                column = right.split()[0]
                return self._asked.once(
                    "moves",
                    f"The task says that {moved.amount} go from {moved.source} to {moved.target.split()[0]}: {moved.amount} is the difference. "
                    f"If this is meant, make the same call again; else set {right} here{f' ({sum_of})' if sum_of else ''}, and the other one of the "
                    "two in a call of its own.",
                    f"{write.spec.name} set {quoted(column)} to {update.numbers[column]}, and the task says that it changes by {moved.amount}.",
                )
        return ""

    def _rows_now(self) -> list[Mapping[str, Any]]:
        """The rows that were seen since the last change, the latest first."""
        rows: list[Mapping[str, Any]] = []
        for fact in reversed(self._told.results):
            texts = list(leaves(fact.result.arguments or {}))
            if any(update_in(text) or _INSERT.match(text) or _CHOOSES.match(text) for text in texts):
                break
            rows += rows_in(fact.result.content)
        return rows

    def _unseen_key(self, write: WriteCall) -> str:
        """What to ask, once, of a statement that deletes or changes rows by a value that neither the task nor a result has."""
        told = [fact.result.content for fact in self._told.results if notes.told_something(fact.call.name, fact.result)]
        known = "\n".join([self._task, *told]).lower()
        for text in leaves(write.arguments):
            chosen = _CHOOSES.match(text)
            values = _LITERAL.findall(chosen["where"]) if chosen else []
            lost = next((one or other for one, other in values if not holds_word(known, (one or other).lower())), "")
            if lost:
                return self._asked.once(
                    "unseen key",
                    f"{lost} stands neither in the task nor in a result: look with a SELECT first which rows these are. If you know it, make the "
                    "same call again.",
                    f"{write.spec.name} chose rows by {quoted(lost)}, which neither the task nor a result says.",
                )
        return ""

    def _other_row(self, write: WriteCall) -> str:
        """What to ask, once, of a statement that deletes or changes rows by a value of a result, where nothing of these rows is in the task.

        Rafael's booking was to be deleted, there was none, and a small model deleted the one with the number 1.
        """
        rows = [row for fact in self._told.results for row in rows_in(fact.result.content)]
        for text in leaves(write.arguments):
            values = (
                [one or other for one, other in _LITERAL.findall(found["where"])]
                if (found := _CHOOSES.match(text))
                else []
            )
            if any(holds_word(self._task.lower(), value.lower()) for value in values):
                continue
            chosen = [row for row in rows if any(str(cell) in values for cell in row.values())]
            if chosen and not any(self._is_named(row) for row in chosen):
                row = str(dict(chosen[-1]))[:_LONGEST_SHOWN]
                return self._asked.once(
                    "other row",
                    f"This is about the row {row}, and nothing of it stands in the task. Look with a SELECT for what the task names; if that is not "
                    "there, change nothing and say so. If this row is meant, make the same call again.",
                    f"{write.spec.name} was about the row {quoted(row)}, of which nothing stands in the task.",
                )
        return ""

    def _is_named(self, row: Mapping[str, Any]) -> bool:
        """Whether a word of a row's values stands in the task."""
        words = {
            word for cell in row.values() for word in re.findall(r"[^\W\d_]+", str(cell)) if len(word) >= _SHORTEST
        }
        return any(holds_word(self._task.lower(), word.lower()) for word in words)


def _of_same_name(values: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], str]:
    """The row that has, in the first column of texts that are all different, the value which is added to it, and that column; else nothing."""
    alike = [row for row in rows if set(values) <= set(row)]
    for column in alike[0] if len(alike) >= _FEWEST else ():
        cells = [row[column] for row in alike]
        if all(isinstance(cell, str) and re.search(r"[^\W\d_]", cell) for cell in cells) and len(set(cells)) == len(
            cells
        ):
            added = values.get(column, "").casefold()
            return next(((row, column) for row in alike if row[column].casefold() == added), ({}, ""))
    return {}, ""
