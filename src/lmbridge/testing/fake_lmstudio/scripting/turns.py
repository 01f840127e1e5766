"""The vocabulary of scripts: what the pretended model does in one turn."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from lmbridge.testing.fake_lmstudio.faults import Fault
from lmbridge.testing.fake_lmstudio.gates import Gate

if TYPE_CHECKING:
    from lmbridge.testing.fake_lmstudio.seen import SeenRequest

ArgumentStyle = Literal["fragments", "whole", "empty_names"]
Condition = Callable[["SeenRequest"], bool]


Decider = Callable[[Any, str, tuple[str, ...]], Any]
"""What is held of a state: takes it, the instructions and the names of the options (none: do the instructions hold?); gives the
probability, or those by name. NaN stands for a question that could not be evaluated."""


@dataclass(frozen=True, slots=True)
class Call:
    """One tool call: the name, and the arguments as the JSON text that goes over the wire (broken text is allowed)."""

    name: str
    arguments: str = "{}"
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One reply of the model and how it comes. Built with `say`, `call`, `think`, `raw`; changed with the methods."""

    content: str = ""
    reasoning: str = ""
    calls: tuple[Call, ...] = ()
    finish_reason: str | None = None
    fault: Fault | None = None
    condition: Condition | None = None
    silence: Gate | None = None
    pace: Gate | None = None
    pieces: tuple[str, ...] | None = None
    argument_style: ArgumentStyle | None = None
    model: str | None = None
    usage: Mapping[str, Any] | None = None

    def when(self, condition: Condition) -> Turn:
        """Play this turn only for a request that the condition accepts; others pass it over."""
        return replace(self, condition=condition)

    def after(self, gate: Gate) -> Turn:
        """Stay in prompt processing, without a byte, until the gate opens."""
        return replace(self, silence=gate)

    def paced(self, gate: Gate) -> Turn:
        """Pass the gate before each chunk of the stream, so that a test hands the chunks out one by one."""
        return replace(self, pace=gate)

    def broken(self, fault: Fault) -> Turn:
        """Let this fault happen to the turn."""
        return replace(self, fault=fault)

    def in_pieces(self, *pieces: str) -> Turn:
        """Stream exactly these pieces as content."""
        return replace(self, content="".join(pieces), pieces=pieces)

    def arguments(self, style: ArgumentStyle) -> Turn:
        """Send tool arguments in many fragments, whole in one chunk, or in fragments that repeat an empty name."""
        return replace(self, argument_style=style)

    def ending(self, finish_reason: str) -> Turn:
        """Report this finish_reason whatever the turn holds (`"length"` for an answer cut short)."""
        return replace(self, finish_reason=finish_reason)

    def answered_by(self, model: str) -> Turn:
        """Name another model in the reply than the one that was resolved."""
        return replace(self, model=model)

    def counted(self, **usage: Any) -> Turn:
        """Report these numbers in `usage` (merged over the counted ones)."""
        return replace(self, usage=usage)


def say(text: str) -> Turn:
    """Answer with this text."""
    return Turn(content=text)


def call(name: str, /, **arguments: Any) -> Turn:
    """Call one tool with these arguments."""
    return Turn(calls=(_call(name, arguments),))


def calls(*turns: Turn) -> Turn:
    """Make the calls of several `call(...)` turns in one reply, in parallel."""
    return Turn(
        content="".join(turn.content for turn in turns), calls=tuple(each for turn in turns for each in turn.calls)
    )


def call_text(name: str, arguments: str, /) -> Turn:
    """Call a tool with this very text as arguments, well formed or not."""
    return Turn(calls=(Call(name, arguments),))


def think(thought: str, *, then: Turn | None = None) -> Turn:
    """Think first (the reasoning field), then do the other turn, if any."""
    return replace(then or Turn(), reasoning=thought)


def raw(text: str) -> Turn:
    """Leave this text in `content` untouched: a call in some dialect that the backend did not recognise, say."""
    return Turn(content=text)


def nothing() -> Turn:
    """Answer with empty content and no call, as LM Studio does when it omits a malformed call."""
    return Turn()


def _call(name: str, arguments: Mapping[str, Any]) -> Call:
    return Call(name, json.dumps(arguments, ensure_ascii=False))
