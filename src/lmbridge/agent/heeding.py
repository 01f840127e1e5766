"""A process heeds what others ask of its runs: it ends them, and shows what their models write while somebody looks on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from lmbridge.agent.handle import RunHandle
from lmbridge.events import Fact, Fleeting, TurnFinished, TurnStarted
from lmbridge.messages import Delta
from lmbridge.observe.journal.controls import MOST_CHARS, POLL_S, Controls

_log = structlog.get_logger(__name__)


class _Words:
    """A sink that keeps the latest words of a model."""

    def __init__(self) -> None:
        self.text = ""
        self.told = ""

    def __call__(self, fact: Fact | Fleeting) -> None:
        if isinstance(fact, Delta):
            self.text = (self.text + fact.text)[-MOST_CHARS:]
        elif isinstance(fact, TurnStarted | TurnFinished):
            self.text = ""


class Heeding:
    """Looks at the controls as long as runs are at work.

    Args:
        controls: What is asked.
        live: The runs at work now.
    """

    def __init__(self, controls: Controls, live: Callable[[], Sequence[RunHandle]]) -> None:
        self._controls, self._live = controls, live
        self._watched: dict[str, _Words] = {}
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """A run was started: looks from now on, until none is at work any more."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._heed(), name="heeding")

    async def aclose(self) -> None:
        """Looks no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        self._forget(())

    async def _heed(self) -> None:
        try:
            while True:
                if not self._looked():
                    return
                await asyncio.sleep(POLL_S)
        except Exception:  # whoever looks on must not harm the runs
            _log.exception("controls_not_heeded")

    def _looked(self) -> bool:
        """Does what is asked, and says whether any run is at work; holds none of them until the next look."""
        live = self._live()
        if live and (asked := self._controls.asked()):
            for handle in live:
                self._one(handle, asked)
        self._forget(live)
        return bool(live)

    def _one(self, handle: RunHandle, asked: frozenset[str]) -> None:
        run_id = handle.run_id
        if f"{run_id}.cancel" in asked:
            self._controls.clear(run_id)
            handle.end()
            return
        if f"{run_id}.watch" not in asked or not self._controls.is_watched(run_id):
            return
        words = self._watched.get(run_id)
        if words is None:
            words = self._watched[run_id] = _Words()
            handle.subscribe(words)
        if words.text != words.told:
            words.told = words.text
            self._controls.show(run_id, words.text)

    def _forget(self, live: Sequence[RunHandle]) -> None:
        """Removes what was shown of runs that are over."""
        for run_id in self._watched.keys() - {handle.run_id for handle in live}:
            del self._watched[run_id]
            self._controls.clear(run_id)
