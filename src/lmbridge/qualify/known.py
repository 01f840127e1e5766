"""What is known of a model so far: a fold over the probes' verdicts, which later plans depend on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

from lmbridge.llm.models.backend_kind import Kind
from lmbridge.profile import SMALL_BILLIONS, Sampling
from lmbridge.qualify.asks import Came

Way = Literal["native", "forced"]
_LEAST_FRESH = 100
"""Tokens of a prompt from which on its reading, and not the way there and back, takes the time to the first piece."""
THINKING_TOKENS = 512
"""Least tokens of a reply of a model that thinks before it acts."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: whether it holds, None where that could not be found out, and what was seen."""

    name: str
    ok: bool | None
    detail: str = ""

    def as_json(self) -> dict[str, Any]:
        """As reports show it."""
        return {"name": self.name, "ok": self.ok, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Mark:
    """One case of tool work: in which way it was asked, what it was about, and whether the reply was right."""

    way: Way
    about: str
    right: bool


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens a second, and seconds from nothing to the first piece; None where it was not measured."""

    prefill: float | None = None
    decode: float | None = None
    cold_s: float | None = None

    def as_json(self) -> dict[str, float | None]:
        """As reports show it."""
        rounded = {"prefill_tokens_s": self.prefill, "decode_tokens_s": self.decode, "cold_start_s": self.cold_s}
        return {name: None if value is None else round(value, 2) for name, value in rounded.items()}


@dataclass(frozen=True, slots=True)
class Known:
    """The model and its backend, as far as they are known.

    Attributes:
        kind: Kind of backend.
        slots: Requests at once.
        context: Tokens with which the model is loaded; None where nobody says.
        billions: Parameters; None where neither list nor name tells.
        vendor: The sampling that the model's makers advise.
        checks: Verdicts so far.
        marks: Cases of tool work so far.
        thinks: Whether it thinks before it answers.
        parsed: Whether the backend made proper calls of the model's; None until one was asked for.
        dialect: The dialect in which the model prints its calls, where it does.
        enforced: Whether the backend makes replies follow a schema; None until that is known.
        speed: As measured.
        read_fresh: Tokens of the longest prompt that was read and not cached: the base of `speed.prefill`.
        made: Tokens of the longest reply: the base of `speed.decode`.
        cached: Most tokens that the backend said it had cached.
        reread: Seconds to the first piece of a long prompt, and of one that begins alike.
        read: Tokens of all prompts that were not cached.
        written: Tokens of all replies.
        others: Models that answered in place of the one asked.
        drawn_better: Acts drawn as the makers advise were right more often than greedy ones.
        change_from: Share of `change` from which a change is believed; None where it was not measured.
    """

    kind: Kind = "other"
    slots: int = 1
    context: int | None = None
    billions: float | None = None
    vendor: Sampling | None = None
    checks: tuple[Check, ...] = ()
    marks: tuple[Mark, ...] = ()
    thinks: bool = False
    parsed: bool | None = None
    dialect: str | None = None
    enforced: bool | None = None
    speed: Speed = field(default_factory=Speed)
    read_fresh: int = 0
    made: int = 0
    cached: int = 0
    reread: tuple[float, float] | None = None
    read: int = 0
    written: int = 0
    others: tuple[str, ...] = ()
    drawn_better: bool = False
    change_from: float | None = None

    def found(self, name: str, ok: bool | None, detail: str = "", **changes: Any) -> Self:
        """With one more verdict, and what else was learnt."""
        return replace(self, checks=(*self.checks, Check(name, ok, detail)), **changes)

    def marked(self, *marks: Mark) -> Self:
        """With more cases of tool work."""
        return replace(self, marks=self.marks + marks)

    def right(self, way: Way, about: str | None = None) -> tuple[int, int]:
        """Cases that were right, of how many: all of a way, or those about one thing."""
        some = [mark.right for mark in self.marks if mark.way == way and about in (None, mark.about)]
        return sum(some), len(some)

    def score(self, way: Way) -> float:
        """How well a way does: the shares of its right cases, each kind of case counting the same.

        The right tool counts once however many lists were asked about, since a run needs all four: the tool, its
        arguments, the next call, the end.
        """
        kinds: dict[str, list[bool]] = {}
        for mark in self.marks:
            if mark.way == way:
                kinds.setdefault(mark.about.partition("_")[0], []).append(mark.right)
        return sum(sum(rights) / len(rights) for rights in kinds.values())

    @property
    def small(self) -> bool:
        """Whether it is known to have few parameters."""
        return self.billions is not None and self.billions < SMALL_BILLIONS

    def better(self, *, native_more: int = 0, forced_more: int = 0) -> Way:
        """The way in which more was right; where both are equal the one whose form is certain.

        A small model's own calls count as certain nowhere: printed ones are read by lmbridge, those that the backend reads
        may be printed the next time.

        Args:
            native_more: So many cases of a longer list are taken to be right natively.
            forced_more: So many are taken to be wrong by force.
        """
        native = self.marked(*(Mark("native", "tools_more", True),) * native_more).score("native")
        forced = self.marked(*(Mark("forced", "tools_more", False),) * forced_more).score("forced")
        certain = self.parsed is True and not self.small
        return "native" if native > forced or (native == forced and certain) else "forced"

    def check(self, name: str) -> Check | None:
        """The verdict of this name."""
        return next((each for each in self.checks if each.name == name), None)

    def holds(self, name: str) -> bool | None:
        """Whether a check holds; None where it is not known, or was not made."""
        found = self.check(name)
        return found.ok if found else None

    def tokens(self, wanted: int) -> int:
        """Most tokens of a reply that needs so many: a model that thinks first needs room for that."""
        return max(THINKING_TOKENS, wanted * 4) if self.thinks else wanted

    def timed(self, came: Came) -> Self:
        """With the speeds that a reply shows, where it is the longest so far."""
        turn = came.turn
        if turn is None or came.first_s is None:
            return self
        usage, changes, speed = turn.usage, dict[str, Any](), self.speed
        fresh, rest = usage.prompt_tokens - usage.cached_tokens, came.seconds - came.first_s
        if fresh > max(self.read_fresh, _LEAST_FRESH) and came.first_s > 0:
            speed, changes["read_fresh"] = replace(speed, prefill=fresh / came.first_s), fresh
        if usage.completion_tokens > max(1, self.made) and rest > 0:
            speed, changes["made"] = (
                replace(speed, decode=(usage.completion_tokens - 1) / rest),
                usage.completion_tokens,
            )
        if speed.cold_s is None:
            speed = replace(speed, cold_s=came.first_s)
        changes |= {"read": self.read + max(0, fresh), "written": self.written + usage.completion_tokens}
        return replace(self, speed=speed, cached=max(self.cached, usage.cached_tokens), **changes)
