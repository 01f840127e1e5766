"""What is said of a map: while it goes on, and when it is over."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from lmbridge.events import Failure
from lmbridge.messages import Usage
from lmbridge.report import LISTED

Status = Literal["done", "partial", "failed", "cancelled", "running", "interrupted"]
_ITEM_CHARS = 200
_RATE_WINDOW = 30
"""Finished items over which the rate is taken: it follows a change of pace and does not jump with each item."""


@dataclass(frozen=True, slots=True)
class Failed:
    """An item that came to no good end: what it is (cut), its run, and why."""

    item: str
    run_id: str
    status: str
    stop_reason: str
    error: str | None = None

    @classmethod
    def of(cls, line: Mapping[str, Any]) -> Failed:
        """From a line of the results."""
        item = line["item"]
        shown = (
            item
            if isinstance(item, str)
            else ", ".join(map(str, item.values()))
            if isinstance(item, Mapping)
            else str(item)
        )
        error = line.get("error")
        message = error.get("message") if isinstance(error, Mapping) else None
        cut = shown if len(shown) <= _ITEM_CHARS else shown[: _ITEM_CHARS - 1] + "…"
        return cls(cut, str(line["run_id"]), line["status"], str(line.get("stop_reason", "")), message)


@dataclass(frozen=True, slots=True)
class MapReport:
    """What came of a map.

    Attributes:
        map_id: Its id; those of its runs begin alike.
        status: `done`: every item is done; `partial`: some failed or were not come to; `failed`: it was stopped by
            `error`; `cancelled`.
        items: All items.
        done: Items done, those of earlier calls included.
        failed: Items that came to no good end, likewise.
        left: Items that were not come to.
        earlier: Items that earlier calls had finished.
        results: The file with one line for each finished item.
        failures: The first of the failed ones.
        usage: Tokens of this call's runs.
        duration_s: Seconds of this call.
        warnings: What there is to know beside.
        error: What stopped it.
    """

    map_id: str
    status: Status = "running"
    items: int = 0
    done: int = 0
    failed: int = 0
    earlier: int = 0
    results: Path | None = None
    failures: tuple[Failed, ...] = ()
    usage: Usage = field(default_factory=Usage)
    duration_s: float = 0.0
    warnings: tuple[str, ...] = ()
    error: Failure | None = None

    @property
    def left(self) -> int:
        """Items that were not come to."""
        return max(0, self.items - self.done - self.failed)

    def as_json(self) -> dict[str, Any]:
        """As tools and `map --json` tell it: counts, the first failures, where the results are."""
        body: dict[str, Any] = {"map_id": self.map_id, "status": self.status, "items": self.items}
        body |= {"done": self.done, "failed": self.failed, "left": self.left, "earlier": self.earlier}
        body["results"] = None if self.results is None else str(self.results)
        body["failures"] = [_plain(each) for each in self.failures[:LISTED]]
        if self.failed > len(body["failures"]):
            body["omitted"] = {"failures": self.failed - len(body["failures"])}
        body |= {"usage": _plain(self.usage), "duration_s": round(self.duration_s, 3), "warnings": list(self.warnings)}
        return body | {"error": None if self.error is None else _plain(self.error)}


def _plain(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}


@dataclass(slots=True)
class MapProgress:
    """How far a map is, from its first item to its last.

    Args:
        items: All items.
        clock: Seconds that only grow.

    Attributes:
        items: All items.
        earlier: Items that earlier calls had done, and those that failed then and are passed over.
        usage: Tokens of the runs of this call.
    """

    items: int
    clock: Callable[[], float]
    earlier: tuple[int, int] = (0, 0)
    usage: Usage = field(default_factory=Usage)
    _own: tuple[int, int] = (0, 0)
    _began: float = 0.0
    _ends: deque[float] = field(default_factory=lambda: deque(maxlen=_RATE_WINDOW))

    def __post_init__(self) -> None:
        self._began = self.clock()

    @property
    def done(self) -> int:
        """Items done."""
        return self.earlier[0] + self._own[0]

    @property
    def failed(self) -> int:
        """Items that came to no good end."""
        return self.earlier[1] + self._own[1]

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning of this call."""
        return self.clock() - self._began

    def finished(self, *, done: bool, usage: Usage) -> None:
        """Counts one item that this call finished."""
        self._own = (self._own[0] + done, self._own[1] + (not done))
        self.usage += usage
        self._ends.append(self.clock())

    @property
    def rate(self) -> float | None:
        """Items a second of late; None before the second one."""
        if len(self._ends) < 2:
            return None
        return (len(self._ends) - 1) / max(1e-9, self._ends[-1] - self._ends[0])

    @property
    def seconds_left(self) -> float | None:
        """How long the rest will take at this rate."""
        rate = self.rate
        return None if not rate else max(0, self.items - self.done - self.failed) / rate

    def line(self) -> str:
        """All of it in a line: `12/200 · 1 failed · 3.4/s · 55 s left · 12.3k tokens in, 1.2k out`."""
        parts = [f"{self.done + self.failed}/{self.items}"]
        parts += [f"{self.failed} failed"] if self.failed else []
        if self.rate is not None and self.seconds_left is not None:
            parts += [paced(self.rate), f"{spell(self.seconds_left)} left"]
        parts.append(f"{short(self.usage.prompt_tokens)} tokens in, {short(self.usage.completion_tokens)} out")
        return " · ".join(parts)


def paced(rate: float) -> str:
    """A rate in words: a second where it is fast, else a minute or an hour."""
    for factor, unit in ((1, "s"), (60, "min")):
        if rate * factor >= 1:
            return f"{rate * factor:.1f}/{unit}"
    return f"{rate * 3600:.1f}/h"


def short(count: int) -> str:
    """A count of tokens, shortened."""
    return str(count) if count < 1000 else f"{count / 1000:.1f}k" if count < 1_000_000 else f"{count / 1e6:.1f}M"


def spell(seconds: float) -> str:
    """A time in words."""
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    return f"{whole // 60} min" if whole < 7200 else f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def ended(so_far: MapReport, *, cancelled: bool, error: Failure | None) -> MapReport:
    """The report with the status that its counts give it."""
    whole = so_far.done == so_far.items and error is None
    status: Status = "cancelled" if cancelled else "failed" if error else "done" if whole else "partial"
    return replace(so_far, status=status, error=error)
