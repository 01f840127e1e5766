"""What a task says to go from one thing to another: "I carried 7 chairs from the library to the garden". Pure.

Two numbers change by it, each by the number that the task names. Small models write that number itself for one of them, and leave the
other as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lmbridge.agent.held.statements import Update
from lmbridge.agent.reading.names import MOST_LISTED_IN, holds_word

_THE = r"(?:the|my|our|his|her|their|der|die|das|dem|den|mein\w*|unser\w*|la|le|les|l['\u2019]|lo|il|el|los|las|i|gli|de\s+la|het|o|a|os|as)"
_FROM = r"(?:from|out\s+of|von|vom|aus|de|du|des|del|da|dal|dalla|dallo|do|van|uit)"
_TO = r"(?:to|into|over\s+to|nach|zu|zum|zur|ins?|\u00e0|aux?|vers|dans|a|al|alla|allo|hacia|para|naar)"
_NAME = r"[^\W\d_][\w-]*"
_MOVED = re.compile(
    rf"(?<![\w.,:/-])(?P<amount>\d{{1,9}}(?:\.\d{{1,2}})?)(?:\s+{_NAME}){{0,4}}?\s+{_FROM}\s+(?:{_THE}\s+)?(?P<source>{_NAME}(?:\s+{_NAME}){{0,2}}?)"
    rf"\s+{_TO}\s+(?:{_THE}\s+)?(?P<target>{_NAME}(?:\s+{_NAME}){{0,2}})",
    re.IGNORECASE,
)
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Transfer:
    """What goes from one thing to another.

    Attributes:
        amount: How much, as the task writes it.
        source: What has less of it then, in the task's words.
        target: What has more, with words behind it that may be no part of its name.
    """

    amount: str
    source: str
    target: str

    def sign(self, value: str) -> str:
        """Whether a value of a row is what it comes from, `-`, or goes to, `+`; empty where it is neither."""
        if value.casefold() == self.source.casefold():
            return "-"
        return "+" if value and re.match(rf"{re.escape(value)}(?!\w)", self.target, re.IGNORECASE) else ""

    def other(self, sign: str) -> str:
        """The name of the other thing; of what it goes to, the first word alone is known to be one."""
        return self.target.split()[0] if sign == "-" else self.source


def transfer_in(task: str) -> Transfer | None:
    """What a task says to go from one thing to another; None where it says so of nothing, or of several."""
    found = list(_MOVED.finditer(task[:MOST_LISTED_IN]))
    return Transfer(*(found[0][name] for name in ("amount", "source", "target"))) if len(found) == 1 else None


def amiss(update: Update, moved: Transfer, rows: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """What a statement should work a column out to, and what the column was; empty where nothing speaks against it.

    Args:
        update: The statement.
        moved: What the task moves.
        rows: Those that were seen, the latest first.
    """
    value, sign = next(((each, sign) for each in update.chosen if (sign := moved.sign(each))), ("", ""))
    for column, said in update.numbers.items() if sign else ():
        right, wrong = (f"{column} {each} {moved.amount}" for each in (sign, "-+".strip(sign)))
        was = next((str(row[key]) for row in rows for key in _with(row, column, value)), "")
        new = Decimal(was) + Decimal(f"{sign}{moved.amount}") if _is_number(was) else None
        off = said == moved.amount if new is None else _is_number(said) and Decimal(said) != new
        if said == wrong or off:
            return right, f"{was} {sign} {moved.amount} = {new}" if new is not None else ""
    return "", ""


def one_end(moved: Transfer, updates: Iterable[Update]) -> tuple[str, str] | None:
    """The thing that statements changed a number of, and the other one where none did; None where both were, or neither.

    A column that is set to the very number of the task, though that was asked about, is none that changes by it.
    """
    known = list(updates)
    own = [each for each in known if any(number != moved.amount for number in each.numbers.values())]
    signs = {sign for each in own for value in each.chosen if (sign := moved.sign(value))}
    if len(signs) != 1 or not all(any(map(moved.sign, each.chosen)) for each in own):
        return None
    sign = signs.pop()
    words = [word for word in moved.other(sign).split() if len(word) >= _SHORTEST]
    if not words or any(holds_word(each.text, word) for each in known for word in words):
        return None
    done = next(value for each in own for value in each.chosen if moved.sign(value))
    return done, moved.other(sign)


def _with(row: Mapping[str, Any], column: str, value: str) -> list[str]:
    """The column of a row that holds a value, by its name in capitals or not."""
    has = any(str(cell).casefold() == value.casefold() for cell in row.values())
    return [name for name in row if str(name).lower() == column.lower()] if has else []


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"\d{1,15}(?:\.\d{1,10})?", text))
