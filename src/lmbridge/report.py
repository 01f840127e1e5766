"""Folds of a run's facts: the conversation that is sent to the model, and the report that the caller gets."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import NoneType
from typing import Any, Self

from lmbridge.errors import LmbridgeError
from lmbridge.events import (
    REOPENED,
    UNWRITTEN,
    Compacted,
    Exemplified,
    Fact,
    Failure,
    JournalLost,
    ModelLoaded,
    ModelSwitched,
    Nudged,
    RunEnded,
    RunStarted,
    ServerFailed,
    ServerState,
    Status,
    ToolFinished,
    ToolStarted,
    TurnDiscarded,
    TurnFinished,
    TurnStarted,
    Warned,
)
from lmbridge.messages import Message, ToolCall, ToolResult, Usage, reportable
from lmbridge.text import short_quotes

LISTED = 20
"""Items of a list that a report shows before it only counts."""

BRIEF = 300
"""Characters of a text among a write's arguments that a report shows; `get_run` with detail=calls shows them whole."""

UNKNOWN_TOOL = "(unknown tool)"
"""What stands in `tools_used` for a name that no tool has: who chose it may have meant it as a message."""

PARTIAL_STOPS = {"max_rounds", "max_tokens", "deadline", "loop", "stuck", "truncated", "not_accepted", "unfounded"}


def status_of(stop_reason: str) -> Status:
    """The status that goes with a stop reason; an error code is `failed`."""
    if stop_reason == "answered":
        return "done"
    if stop_reason == "cancelled":
        return "cancelled"
    return "partial" if stop_reason in PARTIAL_STOPS else "failed"


NO_USAGE = Usage()


class Conversation:
    """The messages sent to the model, folded from the facts; append-only but for one `Compacted`."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._awaited: list[ToolCall] = []
        self._native = True
        self._acting = False
        self._run_id = ""
        self._begun_at = self._task_at = 0  # where the examples begin, and the task behind them
        self._results: dict[str, ToolResult] = {}

    def add(self, fact: Fact) -> None:
        """Takes one fact; those that say nothing to the model change nothing."""
        match fact:  # those of each round first
            case TurnStarted() | ToolStarted():
                pass
            case TurnFinished(turn=turn):
                self.messages.append(turn.message)
                self._awaited, self._native = list(turn.calls), bool(turn.message.tool_calls)
                self._acting = self._acting or (bool(turn.calls) and not self._native)
            case ToolFinished(result=result):
                self._results[result.call_id] = result
                self._flush()
            case RunStarted():
                self._open(fact)
            case Nudged(kind=kind, text=text):
                self._note(kind, text)
            case Exemplified(messages=messages, alone=alone):
                self.messages[self._begun_at if alone else self._task_at : self._task_at] = messages
            case Compacted(messages=messages):
                self.messages = list(messages)
            case _:
                pass

    def _note(self, kind: str, text: str) -> None:
        """A note of lmbridge's own; in action mode in a fence, so that no result can pass itself off as one."""
        if kind == REOPENED and self.messages[-1].role == "assistant":
            self.messages.pop()  # small models say a refused answer again, word for word, where they read it
        if kind == UNWRITTEN:
            self._take_back()
        if self._acting and kind != "action":
            text = fenced("Note of lmbridge", text, f"{self._run_id}/note {len(self.messages)}")
        self._acting = self._acting or kind == "action"
        self.messages.append(Message("user", text))

    def _take_back(self) -> None:
        """Takes the last turn back, with its results: a small model writes again, word for word, what it reads of its own."""
        at = next(
            (place for place in range(len(self.messages) - 1, 0, -1) if self.messages[place].role == "assistant"), None
        )
        if at is not None:
            del self.messages[at:]

    def _open(self, fact: RunStarted) -> None:
        self._run_id = fact.run_id
        if fact.system_prompt:
            self.messages.append(Message("system", fact.system_prompt))
        self._begun_at = len(self.messages)
        self.messages += fact.history
        self._task_at = len(self.messages)
        self.messages.append(Message("user", fact.task))

    def _flush(self) -> None:
        """Appends the results in the asked order as soon as all of a turn are there."""
        for call in self._awaited:
            if call.id not in self._results:
                return
        for call in self._awaited:
            result = self._results.pop(call.id)
            self.messages.append(result_message(call, result, native=self._native, run_id=self._run_id))
        self._awaited = []


def result_message(call: ToolCall, result: ToolResult, *, native: bool, run_id: str = "") -> Message:
    """The message that tells the model a result: a tool message, or a user message in action mode.

    There the user's messages and the results have one role, so a result stands in a fence whose code its writer cannot know.
    """
    if native:
        content = f"{result.content}\n({result.note})" if result.note else result.content
        return Message("tool", content, tool_call_id=call.id, images=result.images)
    said = "Result" if result.outcome == "ok" else "Error"
    shown = fenced(f"{said} of {reportable(call.name)}", result.content or "(nothing)", f"{run_id}/{call.id}")
    return Message("user", f"{shown}\n({result.note})" if result.note else shown, images=result.images)


_LETTERS = str.maketrans("0123456789abcdef", "ghjkmnpqrstvwxyz")
_MARK = re.compile(r"^\[[^\n]{1,300} · [ghjkmnp-tv-z]{8}\][ \t]*(?:\n|\Z)", re.MULTILINE)
_CODE = re.compile(r" · [ghjkmnp-tv-z]{8}\]$", re.MULTILINE)


def fenced(what: str, text: str, about: str) -> str:
    """A text between two lines with the same code, which comes of the run's id and what the text is about.

    The code has letters only that no hexadecimal number has: a 1.5B took one of digits for the commit that it looked for.
    """
    code = hashlib.sha256(about.encode("utf-8", "surrogatepass")).hexdigest()[:8].translate(_LETTERS)
    return f"[{what} · {code}]\n{text}\n[end · {code}]"


def without_codes(text: str) -> str:
    """A text with fences in it without their codes, which nothing tells: a 0.5B gave one for the password that it looked for."""
    return _CODE.sub("]", text)


def without_marks(text: str) -> str:
    """A text without the lines that begin and end a fence."""
    return _MARK.sub("", text)


def conversation(facts: Iterable[Fact]) -> list[Message]:
    """The messages sent to the model after these facts."""
    fold = Conversation()
    for fact in facts:
        fold.add(fact)
    return fold.messages


@dataclass(frozen=True, slots=True)
class ToolUse:
    """How often a tool was called, and how often that did not succeed."""

    tool: str
    calls: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Write:
    """A call that may have changed something."""

    tool: str
    arguments: Mapping[str, Any]
    outcome: str


@dataclass(frozen=True, slots=True)
class ServerLine:
    """A server in the report."""

    name: str
    status: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the words of an answer come from.

    Attributes:
        untrusted: Whether the model read anything that is not the caller's.
        sources: The servers and hosts that it read from.
        open_world: Whether any of it came from beyond the servers' own data.
    """

    untrusted: bool
    sources: tuple[str, ...]
    open_world: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What the caller gets of a run.

    Attributes:
        answer: The model's final answer, or its last words where it did not come to one.
        output: The validated JSON where `output_schema` was given.
        status: `done`, `partial`, `failed`, `cancelled`, `running` or `interrupted`.
        stop_reason: `answered`, the limit that stopped it, `cancelled`, or an error code.
        run_id: Under which it is kept; None where the call was refused before a run began.
        model: The id that really answered.
        rounds: Replies of the model that counted.
        duration_s: Seconds.
        tools_used: Each tool called, as `server__tool`, how often, and how often in vain.
        writes: Each call that may have changed something, with its arguments (long texts cut in JSON) and outcome.
        servers: Each server of the run: `used`, `ready` or `failed`, and why.
        usage: Tokens of all rounds; those cached are among the prompt's, those of thinking among the completion's.
        warnings: What the caller should know beside the answer.
        error: Code, message and hint where it failed.
        needs_grant: What to put into `scope` so that one repeated call may do what nobody could be asked about.
        provenance: The servers and hosts whose words the answer may rest on, where any were read.
        model_chosen: Why this model, where `DEFAULT_MODEL` is `auto` and it was chosen by what is known of it.
        cause: The error itself, within this process.
    """

    answer: str = ""
    output: Any = None
    status: Status = "running"
    stop_reason: str = "running"
    run_id: str | None = None
    model: str | None = None
    rounds: int = 0
    duration_s: float = 0.0
    tools_used: tuple[ToolUse, ...] = ()
    writes: tuple[Write, ...] = ()
    servers: tuple[ServerLine, ...] = ()
    usage: Usage = NO_USAGE
    warnings: tuple[str, ...] = ()
    error: Failure | None = None
    needs_grant: tuple[str, ...] = ()
    provenance: Provenance | None = None
    model_chosen: str | None = None
    cause: LmbridgeError | None = field(default=None, compare=False, repr=False)

    @classmethod
    def refused(cls, error: LmbridgeError) -> Self:
        """The report of a call that was refused before a run began."""
        failure = Failure(error.code, error.message, error.hint)
        servers = tuple(ServerLine(*each) for each in getattr(error, "servers", ()))
        warnings = tuple(
            _server_warning(ServerState(line.name, "failed", None, line.error))
            for line in servers
            if line.status == "failed"
        )
        return cls(
            status="failed", stop_reason=failure.code, error=failure, servers=servers, warnings=warnings, cause=error
        )

    def warned(self, *texts: str) -> Report:
        """The report with further warnings."""
        return replace(self, warnings=(*self.warnings, *texts)) if texts else self

    def running_for(self, seconds: float) -> Report:
        """The report of a run that is still at work, with the time it has taken so far."""
        return replace(self, duration_s=seconds)

    def as_json(self) -> dict[str, Any]:
        """The structured content: every field of the contract; long lists and texts cut, with counts."""
        body = {name: _plain(getattr(self, name)) for name in _SHOWN}
        body["duration_s"] = round(self.duration_s, 3)
        for name in ("needs_grant", "provenance", "model_chosen"):
            if not body[name]:
                del body[name]
        body["writes"] = [write | {"arguments": _brief(write["arguments"])} for write in body["writes"]]
        omitted = {
            name: len(items) - LISTED for name, items in body.items() if isinstance(items, list) and len(items) > LISTED
        }
        for name in omitted:
            body[name] = body[name][:LISTED]
        if omitted:
            body["omitted"] = omitted
        return body

    def as_text(self) -> str:
        """The plain answer, or `code: message — hint` of a failed run."""
        if self.status == "failed" and self.error:
            return f"{self.error.code}: {self.error.message}" + (f" — {self.error.hint}" if self.error.hint else "")
        return self.answer


_SHOWN = tuple(each.name for each in fields(Report) if each.name != "cause")
_SCALAR = (str, int, float, NoneType)


def _plain(value: Any) -> Any:
    if isinstance(value, _SCALAR):  # by far the most
        return value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return dict(value) if isinstance(value, Mapping) else value


def _brief(value: Any) -> Any:
    """Arguments as a report shows them: a written file's text would cost the caller as much as writing it itself."""
    if isinstance(value, str) and len(value) > BRIEF:
        return f"{value[:BRIEF]}… ({len(value)} characters)"
    if isinstance(value, Mapping):
        return {key: _brief(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        more = [f"… ({len(value)} items)"] if len(value) > LISTED else []
        return [_brief(item) for item in value[:LISTED]] + more
    return value


@dataclass(slots=True)
class ReportFold:
    """Gathers a report from facts; `report()` may be asked for at any time, a running run's too."""

    _run_id: str | None = None
    _model: str | None = None
    _rounds: int = 0
    _usage: Usage = NO_USAGE
    _end: RunEnded | None = None
    _tools: dict[str, ToolUse] = field(default_factory=dict)
    _writes: list[Write] = field(default_factory=list)
    _servers: dict[str, ServerLine] = field(default_factory=dict)
    _warnings: list[str] = field(default_factory=list)
    _needs: dict[str, None] = field(default_factory=dict)
    _sources: dict[str, None] = field(default_factory=dict)
    _open: bool = False
    _chosen: str | None = None

    def add(self, fact: Fact) -> None:
        """Takes one fact."""
        match fact:
            case TurnStarted() | ToolStarted():
                pass
            case TurnFinished(round=number, turn=turn):
                self._rounds, self._usage = max(self._rounds, number), self._usage + turn.usage
            case ToolFinished(call=call, result=result):
                self._called(call, result)
            case TurnDiscarded(usage=usage):
                self._usage += usage
            case RunStarted():
                self._started(fact)
            case ServerFailed(name=name, error=error):
                self._servers[name] = ServerLine(name, "failed", error)
                self._warn(short_quotes(error))
            case ModelSwitched(new=new):
                self._model = new
            case ModelLoaded(reason="evicted", model=model):
                self._warn(f"The backend had unloaded {model}; it was loaded again.")
            case Warned(text=text):
                self._warn(text)
            case JournalLost(why=why):
                self._warn(f"The run's journal could not be written to its end ({why}): what came then is unknown.")
            case RunEnded():
                self._end = fact
            case _:
                pass

    def _started(self, fact: RunStarted) -> None:
        self._run_id, self._model, self._chosen = fact.run_id, fact.model, fact.chosen
        self._servers = {s.name: ServerLine(s.name, s.status, s.error) for s in fact.servers}
        for server in fact.servers:
            if server.status == "failed":
                self._warn(_server_warning(server))

    def _called(self, call: ToolCall, result: ToolResult) -> None:
        name = result.qualified or UNKNOWN_TOOL
        if result.needs_grant:
            self._needs |= dict.fromkeys(result.needs_grant)
        use = self._tools.get(name)
        calls, failed = (use.calls, use.failed) if use else (0, 0)
        self._tools[name] = ToolUse(name, calls + 1, failed + (result.outcome != "ok"))
        if result.outcome == "rejected":
            return
        for source in (result.server, *result.hosts):
            if source:
                self._sources[source] = None
        self._open = self._open or result.open_world or result.strangers
        server = result.server or next((known for known in self._servers if name.startswith(f"{known}__")), "")
        if server in self._servers and self._servers[server].status == "ready":
            self._servers[server] = ServerLine(server, "used")
        if not result.read_only:
            self._writes.append(Write(name, result.arguments or {}, result.outcome))

    def _warn(self, text: str) -> None:
        if text not in self._warnings:
            self._warnings.append(text)

    def report(self) -> Report:
        """The report of the facts so far."""
        return Report(
            run_id=self._run_id,
            model=self._model,
            rounds=self._rounds,
            tools_used=tuple(self._tools.values()),
            writes=tuple(self._writes),
            servers=tuple(self._servers.values()),
            usage=self._usage,
            warnings=tuple(self._warnings),
            needs_grant=tuple(self._needs),
            provenance=Provenance(True, tuple(self._sources), self._open) if self._sources else None,
            model_chosen=self._chosen,
            **_how_ended(self._end),
        )


def _how_ended(end: RunEnded | None) -> dict[str, Any]:
    """What its last fact says of a run, as fields of its report."""
    if end is None:
        return {}
    return {
        "answer": end.answer,
        "output": end.output,
        "status": end.status,
        "stop_reason": end.stop_reason,
        "error": end.error,
        "duration_s": end.duration_s,
    }


def _server_warning(server: ServerState) -> str:
    return f"Server {server.name!r} was not available: {short_quotes(server.error or str(server.code))}"


def report(facts: Iterable[Fact]) -> Report:
    """The report of a run's facts; `status` is `running` where no terminal fact is among them."""
    fold = ReportFold()
    for fact in facts:
        fold.add(fact)
    return fold.report()
