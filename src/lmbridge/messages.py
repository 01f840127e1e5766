"""The values that pass between a run, its model and its tools. Pure data: nothing here does anything.

Shapes follow the OpenAI chat-completions wire form, which LM Studio, llama.cpp, vLLM and others speak, but hold only
what a run needs; `llm` turns them into JSON and back.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal, Self

Role = Literal["system", "user", "assistant", "tool"]
Outcome = Literal["ok", "error", "rejected", "unknown"]
FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "repetition"]
"""Why a reply ended; "repetition": lmbridge stopped it, because it ran in circles."""
ReasoningField = Literal["reasoning_content", "reasoning", "inline"]
JsonSchema = Mapping[str, Any]

_UNFIT = re.compile(r"[^\w./:-]+")
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Image:
    """A picture for a vision model: base64 data and its media type (`image/png`)."""

    data: str
    media_type: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the model asks for.

    Attributes:
        id: The backend's id, unique within the run (renumbered where a backend repeats itself).
        name: The tool's name as the model wrote it.
        arguments: The arguments' JSON text as the model wrote it, not yet validated.
    """

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation.

    Attributes:
        role: Who speaks.
        content: Text.
        tool_calls: Of an assistant message.
        tool_call_id: Of a tool message: the call it answers.
        images: Pictures beside the text (user and tool messages; vision models only).
        reasoning: The assistant's thinking, sent back verbatim within a run.
        reasoning_field: The field in which the thinking came and is sent back; `inline`: `content` held it in tags,
            and `content` still does.
    """

    role: Role
    content: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    images: tuple[Image, ...] = ()
    reasoning: str = ""
    reasoning_field: ReasoningField | None = None


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as a model is shown it, and where it really lives.

    Attributes:
        name: The name the model sees; fits `^[a-zA-Z0-9_-]{1,64}$`.
        description: What the model is told about it; cleaned of control characters.
        parameters: The JSON Schema sent to the backend (lowered so that its grammar compiles).
        schema: The server's original schema, with which arguments are validated.
        server: The server's name in mcp.json; empty for tools that lmbridge itself offers.
        tool: The server's own name for the tool.
        read_only: True where the tool is known to change nothing (annotation or the user's settings).
        idempotent: True where a repeat is known to do no more than the first call.
        destructive: Whether it may change or remove what is there; None where nobody says.
        open_world: Whether it reaches beyond what its server holds; None where nobody says and its arguments do not tell.
    """

    name: str
    description: str = ""
    parameters: JsonSchema = field(default_factory=lambda: {"type": "object", "properties": {}})
    schema: JsonSchema = field(default_factory=lambda: {"type": "object"})
    server: str = ""
    tool: str = ""
    read_only: bool = False
    idempotent: bool = False
    destructive: bool | None = None
    open_world: bool | None = None

    @property
    def qualified(self) -> str:
        """`server__tool`, the name that reports use."""
        return f"{self.server}__{reportable(self.tool or self.name)}" if self.server else self.name

    def with_name(self, name: str) -> Self:
        """The same tool under another name."""
        return replace(self, name=name, tool=self.tool or self.name)


@lru_cache(maxsize=2048)
def reportable(name: str) -> str:
    """A tool's own name as reports and questions say it: one that holds sentences or signs is told by its fit part and a mark."""
    if len(name) <= _LONGEST_NAME and name and not _UNFIT.search(name):
        return name
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{_UNFIT.sub('_', name)[:24]}_{mark}"


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of one call.

    Attributes:
        call_id: The call it answers.
        content: The text that the model reads (cut where it was too long; then `handle` names the whole).
        outcome: `ok`; `error`: the tool said so (or did not answer in time, having only read); `rejected`: never
            executed; `unknown`: it may or may not have been carried out (crash or time-out in the middle of a write).
        images: Pictures among the result.
        arguments: The arguments really sent, after validation; None where nothing was sent.
        qualified: `server__tool` that was called.
        server: The server's name; empty for tools of lmbridge itself.
        read_only: Whether the tool is known to change nothing.
        duration_ms: Milliseconds from sending to answer.
        handle: Name under which the whole text of a cut result can be read on.
        full_chars: Characters of the whole text.
        server_error: The code of the server's failure (`server_lost`, …) where one is behind the outcome.
        note: A line of lmbridge's own that the model reads behind the content.
        open_world: Whether it came from beyond what the server holds.
        hosts: The hosts that the call named, where it reached outside.
        needs_grant: Of a call that nobody could approve: what to put into `scope` so that it needs no approval.
        exact: The text as the server gave it, where what the model reads differs; only on its way through the toolbox.
        held_back: Whether the gate or a person kept it from being made, which is no fault of the call.
        strangers: Whether people outside may have written it, though it lay at the server: mails, tickets, comments.
    """

    call_id: str
    content: str
    outcome: Outcome = "ok"
    images: tuple[Image, ...] = ()
    arguments: Mapping[str, Any] | None = None
    qualified: str = ""
    server: str = ""
    read_only: bool = False
    duration_ms: float = 0.0
    handle: str | None = None
    full_chars: int = 0
    server_error: str | None = None
    note: str = ""
    open_world: bool = False
    hosts: tuple[str, ...] = ()
    needs_grant: tuple[str, ...] = ()
    held_back: bool = False
    exact: str | None = None
    strangers: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one request, or of several added up. `cached_tokens` are part of `prompt_tokens`."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    cached_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
            self.cached_tokens + other.cached_tokens,
        )


@dataclass(frozen=True, slots=True)
class Likelihood:
    """How likely a token was by the model's own distribution, before any grammar left something out.

    Attributes:
        token: The token's text.
        probability: From 0 to 1.
        others: The likeliest tokens at this place, each with its probability; the token itself may be among them.
    """

    token: str
    probability: float
    others: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One finished reply of a model, in proper form whatever dialect it came in.

    Attributes:
        message: The assistant message to append to the conversation (verbatim for the prefix cache).
        text: The visible text: without thinking, without calls that were printed as text.
        calls: The calls asked for. They stand in `message.tool_calls` too, except in action mode, where the message's
            content is the action's JSON and results go back as user messages.
        finish_reason: Why the backend stopped.
        usage: Tokens of this request.
        model: The id in the reply's `model` field.
        dialect: Name of the dialect in which calls were found in the text; None for native calls.
        first_token_s: Seconds to the first delta.
        duration_s: Seconds to the end.
        likelihoods: Of each token of the content, where they were asked for and the backend tells them; never journaled.
    """

    message: Message
    text: str
    finish_reason: FinishReason
    calls: tuple[ToolCall, ...] = ()
    usage: Usage = Usage()
    model: str = ""
    dialect: str | None = None
    first_token_s: float = 0.0
    duration_s: float = 0.0
    likelihoods: tuple[Likelihood, ...] = ()

    @property
    def chars(self) -> int:
        """Characters of what was said and of what is asked for: as much as there is to read."""
        return len(self.text) + sum([len(call.arguments) for call in self.calls])


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of a reply while it comes; fleeting, never journaled.

    Attributes:
        kind: `text`, `reasoning`, or `tool` (a call's name or a piece of its arguments).
        text: The piece.
        pieces: How many pieces of the stream it is put together of: those of one kind that came together are told together.
    """

    kind: Literal["text", "reasoning", "tool"]
    text: str
    pieces: int = 1


@dataclass(frozen=True, slots=True)
class ReplyOptions:
    """How one reply is to be made.

    Attributes:
        max_tokens: Most tokens of the reply; None leaves it to the backend.
        temperature: Sampling temperature; None leaves it to the backend.
        schema: JSON Schema that the reply's text must follow (sent as `response_format`).
        tool_choice: What is asked of the model about tools.
        seed: Sampling seed.
        tools_as_text: The tools are described in the system prompt (action mode) and not sent as tools.
        top_p: Nucleus sampling; this and the next two are left to the backend where None.
        top_k: Most tokens considered.
        min_p: Least share of the likeliest token's probability.
        parallel_calls: False: one call a reply is asked for.
        likelihoods: Whether the backend is to say how likely each token was.
    """

    max_tokens: int | None = None
    temperature: float | None = None
    schema: JsonSchema | None = None
    tool_choice: Literal["auto", "none", "required"] = "auto"
    seed: int | None = None
    tools_as_text: bool = False
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    parallel_calls: bool = True
    likelihoods: bool = False
