"""Lines that an edit would write a second time: the text goes on from its old text with what stands behind that in the file anyway. Pure.

Asked to append a row to a table, a 0.5B replaced the first row by all rows and the new one: the other rows stood there twice.
"""

from __future__ import annotations

from itertools import takewhile

LONGEST = 100_000
"""Characters of a file that is read."""


def doubled(text: str, old: str, new: str) -> tuple[list[str], str, str] | None:
    """The lines that would stand there twice, with the old and the new text that leave them alone; None where there are none.

    Args:
        text: The file.
        old: What is replaced, whole lines.
        new: What stands in its place: it begins with the old text, goes on as the file does, and has something more.
    """
    was, lines = old.strip("\n").split("\n"), new.strip("\n").split("\n")
    behind = _behind(text, was) if len(text) <= LONGEST and lines[: len(was)] == was else []
    more = lines[len(was) :]
    same = [line for line, _ in takewhile(lambda pair: pair[0] == pair[1], zip(more, behind, strict=False))]
    added = more[len(same) :]
    if not "".join(same).strip() or not "".join(added).strip():
        return None
    last = next(line for line in reversed(same) if line.strip())
    anchor = last if text.count(last) == 1 else "\n".join([*was, *same])
    return [line for line in same if line.strip()], anchor, "\n".join([anchor, *added])


def _behind(text: str, was: list[str]) -> list[str]:
    """The lines behind the only place at which these stand; none where they stand elsewhere too, or not as whole lines."""
    lines = text.split("\n")
    places = [at for at, line in enumerate(lines) if line == was[0] and lines[at : at + len(was)] == was]
    return lines[places[0] + len(was) :] if len(places) == 1 else []
