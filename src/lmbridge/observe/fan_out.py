"""The one `emit` of a run: tells each fact to every sink, and lets no sink disturb the run or another sink."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from lmbridge.events import FLEETING, Emit, Fact, Fleeting

log = structlog.get_logger(__name__)


class Teller:
    """An `Emit` made of others.

    A sink may drop what it is told, but must not raise; one that does is detached and logged, since a half-told observer
    is worth less than the run it observes.

    Args:
        sinks: Told everything, in this order.
        facts_only: Told before those, but no fleeting values; a piece of text that nobody wants costs next to nothing.
    """

    def __init__(self, *sinks: Emit, facts_only: Sequence[Emit] = ()) -> None:
        self._sinks = (*facts_only, *sinks)
        self._curious = sinks

    def __call__(self, fact: Fact | Fleeting) -> None:
        """Tells every sink that wants to hear it."""
        for sink in self._curious if isinstance(fact, FLEETING) else self._sinks:
            try:
                sink(fact)
            except Exception:
                self.remove(sink)
                log.exception("sink_detached", sink=repr(sink), fact=type(fact).__name__)

    def add(self, sink: Emit, *, fleeting: bool = True) -> None:
        """Tells `sink` too, from the next fact on; with or without fleeting values."""
        self._sinks = (*self._sinks, sink)
        if fleeting:
            self._curious = (*self._curious, sink)

    def remove(self, sink: Emit) -> None:
        """Tells `sink` no more; one that is not there is fine."""
        self._sinks = tuple(kept for kept in self._sinks if kept is not sink)
        self._curious = tuple(kept for kept in self._curious if kept is not sink)

    def close(self) -> None:
        """Tells nobody any more, and holds nobody: the run is over."""
        self._sinks = self._curious = ()
