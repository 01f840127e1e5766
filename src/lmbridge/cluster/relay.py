"""The facts of a run on a node, on their way to the map's process, which has the journal."""

from __future__ import annotations

import asyncio

from lmbridge.cluster.values import Batch
from lmbridge.events import FLEETING, Fact, Fleeting, Record, TextKept, encode
from lmbridge.observe.journal.journal import LONGEST_TEXT
from lmbridge.redaction import Redactor
from lmbridge.report import Report


class Relay:
    """A sink of one run whose facts are fetched from elsewhere.

    Whoever fetches says how many facts he has safe on his disk. A call that may write waits for that (`synced`), as it
    waits for the journal where the run is at home: what a lost node had begun to write is known.

    Args:
        redactor: Takes out the secrets of this node.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._facts: list[Fact] = []
        self._safe = 0
        self._report: Report | None = None
        self._changed = asyncio.Condition()
        self._telling: set[asyncio.Task[None]] = set()

    def __call__(self, fact: Fact | Fleeting) -> None:
        """Takes a fact; fleeting ones are not told elsewhere, nor texts that no journal would keep."""
        if isinstance(fact, FLEETING) or (isinstance(fact, TextKept) and len(fact.text) > LONGEST_TEXT):
            return
        hidden = self._redactor.suspects(encode(Record(0, 0.0, fact)))
        self._facts.append(self._redactor.fact(fact) if hidden else fact)
        self._tell()

    def over(self, report: Report) -> None:
        """Takes the report of the run, which is its end."""
        self._report = report
        self._tell()

    def _tell(self) -> None:
        telling = asyncio.get_running_loop().create_task(self._notify())
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def synced(self) -> None:
        """Waits until all facts told so far are safe."""
        count = len(self._facts)
        async with self._changed:
            await self._changed.wait_for(lambda: self._safe >= count)

    async def beyond(self, safe: int) -> Batch:
        """What came after so many facts, which are safe; waits until there is something."""
        async with self._changed:
            self._safe = max(safe, self._safe)
            self._changed.notify_all()
            await self._changed.wait_for(lambda: len(self._facts) > safe or self._report is not None)
        return self.rest(safe)

    def rest(self, safe: int) -> Batch:
        """What came after so many facts, as far as it has come."""
        return Batch(tuple(self._facts[safe:]), self._report)
