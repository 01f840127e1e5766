"""One line that says where a run is: round, what it is at, tokens, time; a fold of its facts.

What happened to a run beside its turns and calls, in a few words; the same for everybody who watches or reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lmbridge.events import (
    LOOKED,
    ApprovalSought,
    Compacted,
    Fact,
    Fleeting,
    JournalLost,
    ModelLoaded,
    ModelSwitched,
    Nudged,
    Progressed,
    RequestRetried,
    RunEnded,
    RunStarted,
    ServerFailed,
    ServerRestarted,
    ToolFinished,
    ToolStarted,
    TurnDiscarded,
    TurnFinished,
    TurnStarted,
    Warned,
)
from lmbridge.messages import Delta, Usage
from lmbridge.text import cut, one_line, short_quotes


def remark(fact: Fact | Fleeting) -> str | None:
    """The words for a fact; None for those that belong to the ordinary course of a run."""
    match fact:
        case Warned(text=text):
            return text
        case RequestRetried(code=code, wait_s=wait):
            return f"trying again in {wait:.0f} s after {code}"
        case TurnDiscarded(reason=reason):
            return f"a reply was dropped: {reason}"
        case Nudged(kind=kind) if kind != LOOKED:
            return f"reminded the model ({kind})"
        case Compacted(dropped_tokens=0):
            return "the work was begun anew"
        case Compacted(dropped_tokens=dropped):
            return f"the conversation was shortened by about {dropped} tokens"
        case ModelLoaded(model=model, reason=reason):
            return f"{model} was loaded ({reason})"
        case ModelSwitched(old=old, new=new):
            return f"from here on {new} answers instead of {old}"
        case ServerFailed(name=name, error=error):
            return f"server {name} failed: {short_quotes(error)}"
        case ServerRestarted(name=name):
            return f"server {name} is up again"
        case JournalLost(why=why):
            return f"the journal could not be written from here on ({why}): what the run did afterwards is unknown"
        case _:
            return None


LINE_CHARS = 200
"""Longest line; clients such as Claude Code cut there."""

_DELTA_WORDS = {"text": "writing", "reasoning": "thinking", "tool": "calling a tool"}


@dataclass(slots=True)
class ProgressFold:
    """Gathers the line from facts and fleeting values; `line` may be asked for at any time.

    Attributes:
        round: The round the run is in; 0 before the first.
        at: What the run is at, in words.
    """

    round: int = 0
    at: str = "starting"
    _usage: Usage = field(default_factory=Usage)
    _pieces: int = 0
    _prompt_tokens: int = 0
    _read_tokens: int = 0
    _read_seconds: float = 0.0
    _turn_began: float | None = None
    _tools: dict[str, str] = field(default_factory=dict)

    @property
    def step(self) -> tuple[int, str]:
        """Changes whenever the run goes on to something else; pieces of text do not change it."""
        return self.round, self.at

    def add(self, fact: Fact | Fleeting, elapsed: float = 0.0) -> None:
        """Takes one fact or fleeting value, told `elapsed` seconds after the start."""
        match fact:
            case TurnStarted():
                self.round, self._prompt_tokens, self._turn_began = fact.round, fact.prompt_tokens, elapsed
                self.at = f"reading {fact.prompt_tokens:,} tokens" if fact.prompt_tokens else "reading the prompt"
            case Delta(kind=kind, pieces=pieces):
                self._pieces, self._turn_began = self._pieces + pieces, None
                self.at = _DELTA_WORDS[kind]
            case TurnFinished():
                self._turned(fact)
            case ToolStarted() | ToolFinished():
                self._tooled(fact)
            case _:
                self.at = _words(fact) or self.at

    def _turned(self, fact: TurnFinished) -> None:
        usage = fact.turn.usage
        self.round, self._pieces, self._turn_began = max(self.round, fact.round), 0, None
        self._usage += usage
        self._read_tokens += max(0, usage.prompt_tokens - usage.cached_tokens)
        self._read_seconds += fact.turn.first_token_s
        self.at = "calling tools" if fact.turn.calls else "answered"

    def _tooled(self, fact: ToolStarted | ToolFinished) -> None:
        if isinstance(fact, ToolStarted):
            self._tools[fact.call.id] = fact.qualified
        else:
            self._tools.pop(fact.call.id, None)
        names = list(dict.fromkeys(self._tools.values()))
        more = f" +{len(self._tools) - 1}" if len(self._tools) > 1 else ""
        self.at = f"{names[0]}{more}" if names else "tools done"

    def estimate(self, elapsed: float) -> float | None:
        """Seconds until the prompt is read, where an earlier round showed how fast this backend reads."""
        if self._turn_began is None or self._read_seconds < 0.5 or not self._read_tokens:
            return None
        fresh = max(0, self._prompt_tokens - self._usage.prompt_tokens)
        left = fresh * self._read_seconds / self._read_tokens - (elapsed - self._turn_began)
        return left if left >= 1 else None

    def line(self, elapsed: float) -> str:
        """The line, at most 200 characters; `elapsed` is seconds since the start."""
        parts = [f"round {self.round}"] if self.round else []
        at = one_line(self.at)
        parts += [cut(at, 110)]
        written = self._usage.completion_tokens + self._pieces
        if self._usage.prompt_tokens or written:
            parts.append(f"{_short(self._usage.prompt_tokens)} tokens in, {_short(written)} out")
        parts.append(_duration(elapsed))
        if (left := self.estimate(elapsed)) is not None:
            parts.append(f"about {_duration(left)} more to read")
        return " · ".join(parts)[:LINE_CHARS]


def _words(fact: Fact | Fleeting) -> str | None:
    match fact:
        case RunStarted(model=model):
            return f"started on {model}"
        case Progressed(phase=phase, detail=detail, fraction=fraction):
            share = f" {fraction:.0%}" if fraction is not None else ""
            return f"{phase} {detail}".strip() + share
        case ApprovalSought(qualified=qualified):
            return f"waiting for approval of {qualified}"
        case RunEnded(status=status):
            return str(status)
        case _:
            return remark(fact)


def _short(count: int) -> str:
    return str(count) if count < 1000 else f"{count / 1000:.1f}k"


def _duration(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60:02d} s"
