"""The seams of a run: what it needs of a model, of tools, and of an outside judge, where one is asked; nothing more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from lmbridge.events import ToolFinished
from lmbridge.messages import Delta, Message, ReplyOptions, ToolCall, ToolResult, ToolSpec, Turn


class Model(Protocol):
    """A model that a run is pinned to.

    Attributes:
        id: The id that the backend knows it by; changes only where the caller switches models.
        context_length: Tokens with which it is loaded; None where the backend does not say.
        vision: Whether it can be shown pictures.
        native_tools: Whether it calls tools through the backend's own parser; None until that is known. A run writes
            here what it found out, so that the next run on the same model and backend starts right.
    """

    @property
    def native_tools(self) -> bool | None:
        """Whether it calls tools through the backend's own parser."""
        ...

    @native_tools.setter
    def native_tools(self, able: bool | None) -> None: ...

    @property
    def id(self) -> str:
        """The id that the backend knows it by."""
        ...

    @property
    def context_length(self) -> int | None:
        """Tokens with which it is loaded."""
        ...

    @property
    def vision(self) -> bool:
        """Whether it can be shown pictures."""
        ...

    async def reply(
        self,
        conversation: Sequence[Message],
        tools: Sequence[ToolSpec],
        options: ReplyOptions,
        *,
        on_delta: Callable[[Delta], None],
    ) -> Turn:
        """One whole reply, retried where that is right, in proper form whatever dialect it came in.

        Raises:
            LLMError: Of the kind that fits; nothing of the reply counts then.
        """
        ...

    async def count_tokens(self, conversation: Sequence[Message], tools: Sequence[ToolSpec]) -> int | None:
        """Tokens of the prompt by the backend's own tokenizer; None where it offers none."""
        ...


class Toolbox(Protocol):
    """The tools of a run: frozen, sorted, each with the name that the model sees."""

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """The tools, in the order in which they are sent."""
        ...

    async def call(self, call: ToolCall) -> ToolResult:
        """Carries one call out. Never raises but for cancellation; what is not executed is `rejected`."""
        ...


class OutsideJudge(Protocol):
    """Who is asked, once a task was answered, whether it is done."""

    async def doubt(self, task: str, answer: str, results: Sequence[ToolFinished]) -> str | None:
        """A sentence for the caller where it is not, or where that could not be told; None where it is done."""
        ...
