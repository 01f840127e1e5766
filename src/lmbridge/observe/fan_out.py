"""The one `emit` of a run: tells each fact to every sink, and lets no sink disturb the run or another sink."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import structlog

from lmbridge.events import FLEETING, Emit, Fact, Fleeting

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Listener:
    """A sink, and what it wants to hear; `kinds` None: of all kinds."""

    sink: Emit
    fleeting: bool = True
    kinds: frozenset[type] | None = None

    def wants(self, kind: type) -> bool:
        """Whether it is told what is of this kind."""
        return (self.kinds is None or kind in self.kinds) and (self.fleeting or kind not in FLEETING)


class Teller:
    """An `Emit` made of others.

    A sink may drop what it is told, but must not raise; one that does is detached and logged, since a half-told observer
    is worth less than the run it observes.

    Args:
        sinks: Told everything, in this order.
        facts_only: Told before those, but no fleeting values; a piece of text that nobody wants costs next to nothing.
    """

    def __init__(self, *sinks: Emit, facts_only: Sequence[Emit] = ()) -> None:
        self._listeners = (*(_Listener(sink, fleeting=False) for sink in facts_only), *map(_Listener, sinks))
        self._told: dict[type, tuple[Emit, ...]] = {}  # by kind, as soon as one of that kind is told

    def __call__(self, fact: Fact | Fleeting) -> None:
        """Tells every sink that wants to hear it."""
        for sink in self._wanting(fact.__class__):
            try:
                sink(fact)
            except Exception:
                self.remove(sink)
                log.exception("sink_detached", sink=repr(sink), fact=type(fact).__name__)

    def _wanting(self, kind: type) -> tuple[Emit, ...]:
        told = self._told.get(kind)
        if told is None:
            told = self._told[kind] = tuple(each.sink for each in self._listeners if each.wants(kind))
        return told

    def add(self, sink: Emit, *, fleeting: bool = True, kinds: Collection[type] | None = None) -> None:
        """Tells `sink` too, from the next fact on.

        Args:
            sink: The sink.
            fleeting: Whether it is told fleeting values as well.
            kinds: The only kinds that it wants to hear; all of them when None.
        """
        self._listeners = (*self._listeners, _Listener(sink, fleeting, None if kinds is None else frozenset(kinds)))
        self._told = {}

    def remove(self, sink: Emit) -> None:
        """Tells `sink` no more; one that is not there is fine."""
        self._listeners = tuple(kept for kept in self._listeners if kept.sink is not sink)
        self._told = {}

    def close(self) -> None:
        """Tells nobody any more, and holds nobody: the run is over."""
        self._listeners, self._told = (), {}
