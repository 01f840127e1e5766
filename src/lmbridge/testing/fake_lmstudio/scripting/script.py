"""Which turn answers which request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lmbridge.testing.fake_lmstudio.faults import Fault

from .samples import default_turn
from .turns import Condition, Turn

if TYPE_CHECKING:
    from lmbridge.testing.fake_lmstudio.seen import SeenRequest

Choose = Callable[["SeenRequest"], "Turn | Fault | None"]
Line = Turn | Fault | Choose


@dataclass(slots=True)
class _Scene:
    condition: Condition | None
    lines: list[Line] = field(default_factory=list)


class Script:
    """The turns still to be played, in the order they were given.

    A turn is played once. A callable stays and is asked for every request that reaches it; it returns a turn, or None to
    pass. Where nothing fits, the fake gives its default answer.
    """

    def __init__(self) -> None:
        self._scenes: list[_Scene] = []

    def add(self, lines: tuple[Line, ...], when: Condition | None) -> None:
        """Append lines, all of them only for requests that `when` accepts."""
        self._scenes.append(_Scene(when, list(lines)))

    def clear(self) -> None:
        """Forget what was not played."""
        self._scenes.clear()

    @property
    def unplayed(self) -> int:
        """Turns that no request has taken yet (callables do not count)."""
        return sum(1 for scene in self._scenes for line in scene.lines if isinstance(line, Turn | Fault))

    def take(self, request: SeenRequest) -> Turn:
        """Return the turn for this request and strike it from the script."""
        for scene in self._scenes:
            if scene.condition is not None and not scene.condition(request):
                continue
            turn = _take_from(scene, request)
            if turn is not None:
                return turn
        return default_turn(request)


def _take_from(scene: _Scene, request: SeenRequest) -> Turn | None:
    for index, line in enumerate(scene.lines):
        if isinstance(line, Turn) and line.condition is not None and not line.condition(request):
            continue
        if isinstance(line, Turn | Fault):
            del scene.lines[index]
            chosen = line
        else:
            chosen = line(request)
        if chosen is not None:
            return chosen if isinstance(chosen, Turn) else default_turn(request).broken(chosen)
    return None
