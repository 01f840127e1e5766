"""What tells two lists of lines apart, as sets. Pure.

A 1.5B that was shown both lists called them identical, though two things stood in one of them alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lmbridge.agent.reading.names import last_part

MOST_LINES = 200
MOST_SHOWN = 12
LONGEST_LINE = 120
_MARK = re.compile(r"^\s*(?:[-*+\u2022]\s+)?(?:\[[ xX]\]\s+)?(?:\d{1,3}[.)]\s+)?")


def told(files: Sequence[tuple[str, str]]) -> str:
    """What stands in one of two files alone, and in how many lines they agree; empty where they have nothing in common, or too much differs.

    Args:
        files: Two paths and texts. Marks of lists, large and small letters, and the order of lines make no difference.
    """
    if len(files) != 2 or files[0][0] == files[1][0]:
        return ""
    (first, one), (second, other) = ((path, _lines(text)) for path, text in files)
    both = one.keys() & other.keys()
    lost, more = [one[key] for key in one if key not in both], [other[key] for key in other if key not in both]
    if not both or not max(len(one), len(other)) <= MOST_LINES or max(len(lost), len(more)) > MOST_SHOWN:
        return ""
    names = (last_part(first), last_part(second))
    names = names if names[0] != names[1] else (first, second)
    said = [
        f"Only in {name}: {'; '.join(lines) or 'nothing'}." for name, lines in zip(names, (lost, more), strict=True)
    ]
    return "\n".join([*said, f"In both: {len(both)} lines."])


def _lines(text: str) -> dict[str, str]:
    """The lines without their marks, by their words in small letters."""
    bare = (_MARK.sub("", line).strip() for line in text.splitlines())
    return {" ".join(line.casefold().split()): line for line in bare if 0 < len(line) <= LONGEST_LINE}
