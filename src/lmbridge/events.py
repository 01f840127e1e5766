"""The facts of a run: frozen values named by past participles, told through one synchronous `emit` as they happen.

Everything that anyone sees of a run (the conversation sent to the model, the report, the journal, progress, metrics,
traces, the console) is a fold or a sink of these facts, so that no two of them can disagree. `Fleeting` values are told
the same way but never journaled; slow sinks may drop them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import orjson

from lmbridge._version import JOURNAL_VERSION
from lmbridge.messages import Delta, Message, ToolCall, ToolResult, ToolSpec, Turn, Usage

if TYPE_CHECKING:
    from pydantic import TypeAdapter

NO_USAGE = Usage()

Status = Literal["done", "partial", "failed", "cancelled", "running", "interrupted"]
ServerStatus = Literal["used", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class ServerState:
    """How a server stood: `ready` or `failed`, with the failure's code and sentence."""

    name: str
    status: ServerStatus
    code: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as reports tell it."""

    code: str
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run began: everything that its first request was made of.

    Attributes:
        run_id: The run's id.
        task: What the caller asked for.
        model: The model it is pinned to.
        backend: Base URL of the backend, without credentials.
        system_prompt: The first message.
        history: Messages between the system prompt and the task (a continued run).
        tools: The frozen tools, in the order sent.
        servers: How each server stood.
        max_rounds: Limit of rounds.
        max_tokens: Limit of completion tokens for the whole run; None: no limit but the context's.
        timeout_s: Deadline in seconds from the start.
        context_length: Tokens with which the model is loaded, where known.
        access: The most the run may do.
        continues: The run whose conversation goes on.
        client: Name of the calling client, where known.
        version: Version of lmbridge.
        searchable: The servers' tools behind `find_tools`, where they are too many to be sent.
        output_schema: JSON Schema that the answer had to follow.
        accept: Checks that the answer had to pass.
        scope: What the caller granted beside the task's own words: paths, hosts, tools.
        profile: How the run was laid out for its model, and where that is from: `origin`, `told` and the profile's fields.
        provider: What answers at the backend, as far as it says so: `LM Studio`, `llama.cpp`, `Ollama`, ….
        chosen: Why this model, where `DEFAULT_MODEL` is `auto` and it was chosen by what is known of it.
    """

    run_id: str
    task: str
    model: str
    backend: str = ""
    system_prompt: str = ""
    history: tuple[Message, ...] = ()
    tools: tuple[ToolSpec, ...] = ()
    servers: tuple[ServerState, ...] = ()
    max_rounds: int = 0
    max_tokens: int | None = None
    timeout_s: float | None = None
    context_length: int | None = None
    access: str = "write"
    continues: str | None = None
    client: str | None = None
    version: str = ""
    searchable: tuple[ToolSpec, ...] = ()
    output_schema: Mapping[str, Any] | None = None
    accept: tuple[Mapping[str, Any], ...] = ()
    scope: tuple[str, ...] = ()
    profile: Mapping[str, Any] | None = None
    provider: str = ""
    chosen: str | None = None

    @property
    def server_tools(self) -> tuple[ToolSpec, ...]:
        """The tools of the servers, shown or behind the search; without lmbridge's own."""
        return self.searchable or tuple(spec for spec in self.tools if spec.server)


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """A request goes to the model. `prompt_tokens` is an estimate."""

    round: int
    prompt_tokens: int = 0
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class TurnFinished:
    """The model's reply is whole; its message is part of the conversation from here on."""

    round: int
    turn: Turn


@dataclass(frozen=True, slots=True)
class TurnDiscarded:
    """A reply was dropped before it counted (fault, switch, cut); nothing of it is in the conversation.

    `usage` are the tokens that it cost all the same, where the backend said so.
    """

    round: int
    reason: str
    detail: str = ""
    usage: Usage = NO_USAGE


@dataclass(frozen=True, slots=True)
class RequestRetried:
    """A request failed in a way that may pass; it is sent again after `wait_s` seconds."""

    round: int
    attempt: int
    wait_s: float
    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ModelLoaded:
    """A model was (re)loaded for the run; `reason`: `asked`, `evicted`, `missing`."""

    model: str
    reason: str
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ModelSwitched:
    """From the next turn on another model answers."""

    round: int
    old: str
    new: str
    reason: str = "asked"


@dataclass(frozen=True, slots=True)
class ApprovalSought:
    """A call is held until somebody allows it; its `ToolStarted` (allowed) or `ToolFinished` (not) ends the wait.

    Attributes:
        call: The call.
        qualified: `server__tool` that it is aimed at.
        reason: Why it needs a yes.
        target: What it is aimed at, where one thing is: a path, an address.
    """

    call: ToolCall
    qualified: str
    reason: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """A validated call goes to its tool. Journaled, and synced to disk where the tool may write, before it is sent."""

    round: int
    call: ToolCall
    qualified: str
    arguments: Mapping[str, Any]
    read_only: bool


@dataclass(frozen=True, slots=True)
class ToolFinished:
    """A call has its result; a rejected call has one without having started."""

    round: int
    call: ToolCall
    result: ToolResult


@dataclass(frozen=True, slots=True)
class TextKept:
    """A result was cut; this is its whole text, to be read on in by its handle. Told before its `ToolFinished`.

    `carried`: the text is of the run that this one goes on with, told anew at the start.
    """

    handle: str
    text: str
    carried: bool = False


@dataclass(frozen=True, slots=True)
class ServerFailed:
    """A server failed in the middle of a run."""

    name: str
    code: str
    error: str


@dataclass(frozen=True, slots=True)
class ServerRestarted:
    """A server that had failed is up again."""

    name: str
    attempt: int


LOOKED = "looked"
"""The kind of the message that shows the model what was looked up for it; no reminder, unlike all others."""
REOPENED = "reopened"
"""The kind of one that takes the answer before it back, so that it does not stand in the conversation any more."""
UNWRITTEN = "unwritten"
"""The kind of one that takes the refused call before it back, with the question about it."""


@dataclass(frozen=True, slots=True)
class Nudged:
    """A user message of lmbridge's own went to the model; `kind` is `narration`, `empty`, `thinking`, `loop`, `cut`, …."""

    round: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Exemplified:
    """Worked examples like the task stand before it from here on, behind those of `RunStarted.history` or, `alone`, in their place."""

    messages: tuple[Message, ...]
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Compacted:
    """The conversation was replaced once, near the window; `messages` are all that is sent from here on."""

    round: int
    messages: tuple[Message, ...]
    dropped_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Warned:
    """Something the caller should know beside the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class JournalLost:
    """From here on the run could not be journaled (a full disk, say): what it did afterwards is unknown to those who read it.

    Told by the journal alone, in the space that it keeps for this; a reader finds it behind all that could be written.
    """

    why: str


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The one terminal fact of a run.

    `rests_on`: the lines of results that the answer names, as far as they stand there, each behind the id of its call.
    """

    status: Status
    stop_reason: str
    answer: str = ""
    output: Any = None
    error: Failure | None = None
    duration_s: float = 0.0
    rests_on: tuple[tuple[str, str], ...] = ()


Fact = (
    RunStarted
    | TurnStarted
    | TurnFinished
    | TurnDiscarded
    | RequestRetried
    | ModelLoaded
    | ModelSwitched
    | ApprovalSought
    | ToolStarted
    | ToolFinished
    | TextKept
    | ServerFailed
    | ServerRestarted
    | Nudged
    | Exemplified
    | Compacted
    | Warned
    | JournalLost
    | RunEnded
)
FACTS: dict[str, type[Any]] = {fact.__name__: fact for fact in get_args(Fact)}


@dataclass(frozen=True, slots=True)
class Progressed:
    """What a long wait is at: `starting` (a server), `loading` (a model), `prefill`, `tool`. Fleeting."""

    phase: str
    detail: str = ""
    fraction: float | None = None


Fleeting = Delta | Progressed
FLEETING = (Delta, Progressed)
Emit = Callable[[Fact | Fleeting], None]
"""How a run tells. Synchronous, never raises, never waits."""


def silent(_fact: Fact | Fleeting) -> None:
    """Tells nobody."""


@dataclass(frozen=True, slots=True)
class Record:
    """A fact with its place in a journal: `n` counts from 0, `at` is Unix time in seconds."""

    n: int
    at: float
    fact: Fact


def encode(record: Record) -> bytes:
    """One journal line, newline included."""
    return line_of(record.n, record.at, record.fact)


def line_of(number: int, at: float, fact: Fact) -> bytes:
    """The journal line of a fact: as `encode`, without a record, which takes half a microsecond to make."""
    body = {"v": JOURNAL_VERSION, "n": number, "at": at, "fact": fact.__class__.__name__, "is": fact}
    try:
        return orjson.dumps(body, default=dict, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # half a surrogate pair in some text: a question mark there beats no journal
        text = json.dumps({**body, "is": asdict(fact)}, default=dict, ensure_ascii=False)
        return text.encode(errors="replace") + b"\n"


_ADAPTERS: dict[str, TypeAdapter[Any]] = {}


def decode(line: bytes | str) -> Record:
    """The record of one journal line.

    Raises:
        ValueError: The line is not a record, of another version, or of an unknown fact.
    """
    body = orjson.loads(line)
    if not isinstance(body, dict) or body.get("v") != JOURNAL_VERSION:
        raise ValueError(f"not a journal record of version {JOURNAL_VERSION}")
    number, at, name = body.get("n"), body.get("at"), body.get("fact")
    placed = isinstance(number, int) and isinstance(at, int | float)
    if not placed:
        raise ValueError("a record without its number or its time")
    if not isinstance(name, str) or name not in FACTS:
        raise ValueError(f"unknown fact {name!r}")
    if name not in _ADAPTERS:
        from pydantic import TypeAdapter  # not for those who only list runs

        _ADAPTERS[name] = TypeAdapter(FACTS[name])
    return Record(number, at, _ADAPTERS[name].validate_python(body.get("is")))
