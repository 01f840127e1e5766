"""What a probe asks a model, and what came of it: plain values, so that every plan and every verdict is a pure function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lmbridge.llm.chat.request_body import TELL_LIKELIHOODS, messages_json, schema_format, tool_json
from lmbridge.messages import JsonSchema, Message, ToolCall, ToolSpec, Turn
from lmbridge.profile import GREEDY, Sampling

GONE = frozenset({"llm_unreachable", "stream_interrupted", "circuit_open", "model_load_failed"})
"""Codes of errors that mean that the backend, or its engine, went away."""


@dataclass(frozen=True, slots=True)
class ProbeRequest:
    """One request of a probe.

    Attributes:
        messages: The conversation.
        tools: Tools offered in the request itself.
        max_tokens: Most tokens of the reply.
        schema: JSON Schema that the reply must follow.
        tool_choice: A word, or OpenAI's object that names a function; None: not sent.
        sampling: How the reply is drawn.
        seed: Sampling seed.
        extra: Further keys of the body.
        leave: Close the connection after the first piece of the reply.
        enough: Printed calls after which the rest of the reply is not waited for; 0: all of it is. Small models go on and on
            behind the one that was asked for, and calls that the backend reads end by themselves.
        likelihoods: Whether the backend is to say how likely each token was.
    """

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    max_tokens: int = 64
    schema: JsonSchema | None = None
    tool_choice: str | Mapping[str, Any] | None = None
    sampling: Sampling = GREEDY
    seed: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    leave: bool = False
    enough: int = 0
    likelihoods: bool = False

    def body(self, model: str) -> dict[str, Any]:
        """The body of the streamed request."""
        given: dict[str, Any] = {
            "tools": [tool_json(tool) for tool in self.tools] or None,
            "tool_choice": self.tool_choice,
            "response_format": None if self.schema is None else schema_format(self.schema),
            "temperature": self.sampling.temperature,
            "top_p": self.sampling.top_p,
            "top_k": self.sampling.top_k,
            "min_p": self.sampling.min_p,
            "seed": self.seed,
        }
        body = {"model": model, "messages": messages_json(self.messages, vision=False), "max_tokens": self.max_tokens}
        body |= {name: value for name, value in given.items() if value is not None}
        body |= TELL_LIKELIHOODS if self.likelihoods else {}
        return body | {"stream": True, "stream_options": {"include_usage": True}} | dict(self.extra)

    @property
    def size(self) -> int:
        """Tokens of the prompt, roughly: four characters each."""
        chars = sum(len(message.content) for message in self.messages)
        return (chars + sum(len(str(tool_json(tool))) for tool in self.tools)) // 4


Step = tuple[ProbeRequest, ...]
"""Requests that are under way at the same time."""


@dataclass(frozen=True, slots=True)
class Came:
    """What came of one request.

    Attributes:
        turn: The finished reply, in proper form.
        error: Code of the error instead.
        detail: The error's sentence, cleaned.
        status: HTTP status of a refusal.
        partial: The text that had come when it was given up.
        first_s: Seconds to the first piece; None where none came.
        seconds: Seconds in all.
        left: We left after the first piece, as planned.
        late: It was given up, because its time was over.
    """

    turn: Turn | None = None
    error: str | None = None
    detail: str = ""
    status: int | None = None
    partial: str = ""
    first_s: float | None = None
    seconds: float = 0.0
    left: bool = False
    late: bool = False

    @property
    def gone(self) -> bool:
        """Whether nobody was there to answer, or whoever answered broke off."""
        return self.error in GONE

    @property
    def unheard(self) -> bool:
        """Whether no answer came that would say something of the model: it was gone, or not done in time."""
        return self.turn is None and (self.gone or self.late)

    @property
    def text(self) -> str:
        """The visible text of the reply."""
        return self.turn.text if self.turn else ""

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls of the reply, also those that were printed as text."""
        return self.turn.calls if self.turn else ()

    @property
    def refused(self) -> bool:
        """Whether the backend said no to the request as such."""
        return self.error is not None and not self.gone and not self.late

    @property
    def why(self) -> str:
        """In a few words, why there is no reply."""
        if self.late:
            begun = f" ({len(self.partial)} characters had come)" if self.partial else ""
            return f"given up after {self.seconds:.0f} s{begun}"
        return f"{self.error}: {self.detail}" if self.error else ""


def first(results: Sequence[Sequence[Came]]) -> Came:
    """What came of the first request of the first step."""
    return results[0][0] if results and results[0] else Came(error="llm_error", detail="nothing was asked")


def user(text: str, *, system: str = "") -> tuple[Message, ...]:
    """A conversation of one user message."""
    return (*((Message("system", system),) if system else ()), Message("user", text))
