"""The files that a status of git names as changed, held against an answer to what was not committed. Pure.

"Which file have I changed without committing it?": a 1.5B that saw the status, and then the files of the last commit, named them all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lmbridge.agent.reading.names import MOST_LISTED_IN, denies, is_file_name, last_part, paths_in
from lmbridge.agent.reading.notes import by_git

_COMMITS = re.compile(r"\w*(?:commit|kommit)\w*|eingecheckt|einzuchecken|check(?:ed|ing)? \w{0,6} ?in\b", re.IGNORECASE)
_WITHOUT = re.compile(
    r"\b(?:un(?:committed|commited|committet\w*)|without|ohne|sans|sin|senza|sem|non[- ]commit\w*|(?:still|yet) to be|pending|ausstehend\w*|en attente|pendientes?|in sospeso)\b",
    re.IGNORECASE,
)


def not_by_git(answer: str, task: str, texts: Sequence[str]) -> tuple[list[str], list[str]] | None:
    """The files that an answer names beside those that a status of git does, and those that it does; None where it names no others.

    Args:
        answer: The answer.
        task: What the caller asked for: about what was not committed, and about no commit beside.
        texts: The results, the latest first.
    """
    order = task[:MOST_LISTED_IN]
    if len(_COMMITS.findall(order)) != 1 or not (_WITHOUT.search(order) or denies(order)):
        return None
    status = next((found for text in texts if (found := by_git(text))), {})
    changed = [name for names in status.values() for name in names]
    known = {last_part(name) for name in (*changed, *paths_in(order))}
    named = (last_part(name.rstrip(".,;:")) for name in paths_in(answer[:MOST_LISTED_IN]))
    others = list(dict.fromkeys(name for name in named if is_file_name(name) and name not in known))
    return (others, changed) if changed and others else None
