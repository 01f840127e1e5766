"""The one `emit` of a run: tells each fact to every sink, and lets no sink disturb the run or another sink."""

from __future__ import annotations

import structlog

from lmbridge.events import Emit, Fact, Fleeting

log = structlog.get_logger(__name__)


class Teller:
    """An `Emit` made of others.

    A sink may drop what it is told, but must not raise; one that does is detached and logged, since a half-told observer
    is worth less than the run it observes.

    Args:
        sinks: Told in this order.
    """

    def __init__(self, *sinks: Emit) -> None:
        self._sinks = tuple(sinks)

    def __call__(self, fact: Fact | Fleeting) -> None:
        """Tells every sink."""
        for sink in self._sinks:
            try:
                sink(fact)
            except Exception:
                self.remove(sink)
                log.exception("sink_detached", sink=repr(sink), fact=type(fact).__name__)

    def add(self, sink: Emit) -> None:
        """Tells `sink` too, from the next fact on."""
        self._sinks = (*self._sinks, sink)

    def remove(self, sink: Emit) -> None:
        """Tells `sink` no more; one that is not there is fine."""
        self._sinks = tuple(kept for kept in self._sinks if kept is not sink)
