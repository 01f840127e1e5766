"""A call that may write, read once for all that is asked about it; and what of that was asked already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from lmbridge.agent.calls.ledger import Told
from lmbridge.agent.calls.look_ups import written
from lmbridge.agent.reading import tool_names
from lmbridge.agent.reading.names import places_in
from lmbridge.agent.tools.read_result import arguments_of
from lmbridge.events import Warned
from lmbridge.messages import ToolCall, ToolSpec


@dataclass(frozen=True, slots=True)
class WriteCall:
    """A call that may write.

    Attributes:
        call: The call.
        spec: Its tool.
        arguments: Its arguments; none where they are no JSON object.
        path: The file that it writes whole; empty where it does anything else.
        text: That file's whole new text; None where it has none.
    """

    call: ToolCall
    spec: ToolSpec
    arguments: Mapping[str, Any]
    path: str
    text: str | None

    @classmethod
    def of(cls, call: ToolCall, spec: ToolSpec) -> Self:
        """The call as it is to be judged."""
        arguments = arguments_of(call) or {}
        return cls(call, spec, arguments, *written(arguments))

    @property
    def places(self) -> list[str]:
        """The paths among its arguments."""
        return places_in(self.arguments)

    @property
    def reads(self) -> bool:
        """Whether its tool has the name of one that only reads."""
        return tool_names.reads(self.spec)

    @property
    def replaces(self) -> bool:
        """Whether it writes a file whole, in place of what that holds."""
        return bool(self.path) and self.text is not None and "append" not in tool_names.name_words(self.spec)


class AskedOnce:
    """What a model was asked about its writes: each kind of question once, until it begins anew.

    Args:
        told: Where the caller is told of what is written all the same.
    """

    def __init__(self, told: Told) -> None:
        self._told = told
        self._kinds: set[str] = set()

    def begin_anew(self) -> None:
        """The model has forgotten what it was asked: its next call is no answer to that."""
        self._kinds.clear()

    def has(self, kind: str) -> bool:
        """Whether a question of this kind was asked."""
        return kind in self._kinds

    def times(self, kind: str) -> int:
        """How many questions of kinds that begin so were asked."""
        return sum(each.startswith(kind) for each in self._kinds)

    def ask(self, kind: str, question: str) -> str:
        """Remembers that a question of this kind was asked, where there is one; gives it back."""
        if question:
            self._kinds.add(kind)
        return question

    def once(self, kind: str, question: str, warning: str) -> str:
        """The question, the first time that something of its kind is found; where it is found again, the caller is told."""
        if not self.has(kind):
            return self.ask(kind, question)
        self._told(Warned(warning))
        return ""
