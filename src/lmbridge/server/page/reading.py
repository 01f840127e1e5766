"""The facts of runs that are looked at again and again: a journal is read on from where it was read the last time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lmbridge.errors import JournalError
from lmbridge.events import Fact, JournalLost, decode
from lmbridge.observe.journal.folder import content, missing
from lmbridge.observe.journal.journal import Journals

KEPT = 8
"""Runs whose facts are kept; who looks at more of them at once has them read anew."""


@dataclass(slots=True)
class _Read:
    """What was read of one journal."""

    changed: tuple[int, int] = (0, 0)
    end: int = 0
    facts: list[Fact] = field(default_factory=list)


class FactsRead:
    """The facts of a folder's runs; safe to use from several threads.

    Args:
        journals: The runs.
    """

    def __init__(self, journals: Journals) -> None:
        self._journals = journals
        self._known: OrderedDict[str, _Read] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, run_id: str) -> Sequence[Fact]:
        """The facts of a run up to now, a mark of its loss last.

        Raises:
            InvalidArgumentsError: It is no run id.
            UnknownRunError: There is no such run.
            JournalError: Its journal is damaged or of another version.
        """
        path = self._journals.path(run_id)
        with self._lock:
            known = self._known.get(run_id, _Read())
            try:
                found = _read_on(known, path)
            except OSError:
                raise missing(run_id) from None
            self._known[run_id] = found
            self._known.move_to_end(run_id)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
            return found.facts


def _read_on(known: _Read, path: Path) -> _Read:
    """What is there now. A journal that changed without growing was marked as lost at its head, and is read anew."""
    state = path.lstat()
    changed = (state.st_size, state.st_mtime_ns)
    if known.end and changed == known.changed:
        return known
    if not known.end or state.st_size <= known.end:
        known = _Read()
    data = content(path)[known.end :]
    whole = data[: data.rfind(b"\n") + 1]
    facts = [*known.facts, *_decoded(whole, path)]
    if facts and isinstance(facts[0], JournalLost):
        facts = [*facts[1:], facts[0]]
    return _Read(changed, known.end + len(whole), facts)


def _decoded(lines: bytes, path: Path) -> list[Fact]:
    try:
        return [decode(line).fact for line in lines.splitlines() if line.strip()]
    except ValueError as error:
        raise JournalError(
            f"{path}: {error}.", hint="It may be damaged, or written by another version of lmbridge."
        ) from None
