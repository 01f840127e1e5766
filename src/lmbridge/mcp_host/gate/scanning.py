"""Searching long texts by tables: what kind of sign stands where, and the words in which a telling row stands, with blanks between them. Pure.

`bytes.translate` and `bytes.find` take about a nanosecond a character, a regular expression twenty-five; so a text is turned into
the kinds of its signs, and only around what is found there is it looked at more closely.
"""

from __future__ import annotations


def kinds_of(rest: str = " ", **kinds: str) -> bytes:
    """A table that puts a letter for each sign of some kind, and another one for all the rest.

    Args:
        rest: What stands for all other signs.
        kinds: By the letter that is put, the signs of one kind.
    """
    by_code = {ord(sign): ord(kind) for kind, signs in kinds.items() for sign in signs}
    return bytes(by_code.get(code, ord(rest)) for code in range(256))


def spots(kinds: bytes, row: bytes, least: int = 0, most: int | None = None) -> list[tuple[int, int]]:
    """Where the words begin and end in which a row of kinds stands.

    Args:
        kinds: The kinds of a text's signs.
        row: What is looked for.
        least: Signs that a word must have.
        most: How many of them are enough.
    """
    find, found = kinds.find, list[tuple[int, int]]()
    at = find(row)
    while at >= 0 and len(found) != most:
        end = find(b" ", at)
        if end < 0:
            end = len(kinds)
        start = kinds.rfind(b" ", 0, at) + 1
        if end - start >= least:
            found.append((start, end))
        at = find(row, end)
    return found
