"""What is found in a text: the values that the readers of the dialects make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from lmbridge.messages import ToolCall, ToolSpec


class ArgumentNames(frozenset[str]):
    """The names of a tool's arguments, and the tool itself where it is known."""

    spec: ToolSpec | None = None

    @classmethod
    def of(cls, spec: ToolSpec) -> Self:
        """Those of a tool; of what a model is shown where its own schema names none."""
        names = spec.schema.get("properties") or spec.parameters.get("properties")
        found = cls(names if isinstance(names, dict) else ())
        found.spec = spec
        return found


@dataclass(frozen=True, slots=True)
class Said:
    """A call as it stood in a text.

    Attributes:
        name: The tool's name.
        arguments: Its named arguments, as JSON text.
        positions: What stood before them without a name, in a call written as Python.
    """

    name: str
    arguments: str
    positions: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text in the form of calls.

    Attributes:
        start: Offset of its first character.
        end: Offset behind its last character.
        calls: The calls it holds; empty where it has the form of a call but cannot be read.
        dialect: Name of the dialect.
        fault: Why it cannot be read, as a sentence for the model, where that is known.
    """

    start: int
    end: int
    calls: tuple[Said, ...]
    dialect: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Extracted:
    """A reply's text taken apart.

    Attributes:
        text: What is meant for the reader: no thinking, no calls.
        reasoning: The thinking.
        calls: The calls, in order.
        dialect: The dialect the calls were in; None without calls.
        broken: Something has the form of a call but cannot be read.
        fault: What is wrong with what has the form of a call and is none that can be carried out, as a sentence for the
            model; empty where nothing is.
        unknown: The fault is that there is no such tool.
        history: The text as it goes back to the model beside the calls: thinking in its tags, word for word, and what
            was said; empty where there are no calls.
        channelled: The thinking stood in a channel, whose tokens cannot go back.
    """

    text: str
    reasoning: str = ""
    calls: tuple[ToolCall, ...] = ()
    dialect: str | None = None
    broken: bool = False
    fault: str = ""
    unknown: bool = False
    history: str = ""
    channelled: bool = False


def with_ids(said: tuple[Said, ...]) -> tuple[ToolCall, ...]:
    """The calls with ids of nine letters and digits, which even the strictest chat templates take."""
    return tuple(ToolCall(f"t{number:08d}", call.name, call.arguments) for number, call in enumerate(said, 1))
