"""The live view of a run in a terminal, on stderr: one line that changes, or plain lines where there is no terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TextIO, TypeVar, cast

from rich.console import Console as Terminal
from rich.live import Live
from rich.text import Text

from lmbridge.events import (
    FLEETING,
    Fact,
    Fleeting,
    RunEnded,
    RunStarted,
    ToolFinished,
)
from lmbridge.observe.progress import ProgressFold, remark
from lmbridge.text import one_line

PLAIN_EVERY_S = 10.0
"""Without a terminal, a line is written at each step's end and otherwise so often."""
_MARKS = {"ok": "✓", "error": "✗", "rejected": "✗", "unknown": "?"}
_ARGUMENT_CHARS = 60
T = TypeVar("T")


class _Steady:
    """A stream whose reader may go away: from then on nothing is written, and the run goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._gone = False

    def write(self, text: str) -> int:
        return len(text) if self._gone else self._guarded(lambda: self._stream.write(text)) or len(text)

    def flush(self) -> None:
        if not self._gone:
            self._guarded(self._stream.flush)

    def _guarded(self, act: Callable[[], T]) -> T | None:
        try:
            return act()
        except (OSError, ValueError):
            self._gone = True
            return None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class Console:
    """A sink that shows a run while it goes on; use as a context manager around it.

    Text deltas only change the live line, which is drawn at most eight times a second however fast they come.

    Args:
        quiet: Show nothing.
        stream: Where to; stderr when None. stdout is the answer's.
        live: Whether to keep one changing line; whether `stream` is a terminal when None.
        prefix: What each line begins with.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        *,
        quiet: bool = False,
        stream: TextIO | None = None,
        live: bool | None = None,
        prefix: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._quiet = quiet
        self._terminal = Terminal(file=cast("TextIO", _Steady(stream or sys.stderr)), highlight=False, soft_wrap=True)
        live = self._terminal.is_terminal if live is None else live
        self._live = Live(self, console=self._terminal, refresh_per_second=8, transient=True) if live else None
        self._prefix = prefix
        self._clock = clock
        self._began = clock()
        self._told_at = self._began
        self._fold = ProgressFold()

    def __enter__(self) -> Self:
        if self._live and not self._quiet:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live and not self._quiet:
            self._live.stop()

    @contextmanager
    def aside_for_a_question(self) -> Iterator[None]:
        """Takes the changing line away while somebody is asked: it would overwrite the question, and read its brackets as markup."""
        shown = self._live if self._live and self._live.is_started else None
        if shown:
            shown.stop()
        try:
            yield
        finally:
            if shown:
                shown.start()

    def __rich__(self) -> Text:
        """The live line."""
        return Text(self._fold.line(self._clock() - self._began), style="dim", no_wrap=True, overflow="ellipsis")

    def __call__(self, fact: Fact | Fleeting) -> None:
        """Shows a fact."""
        if self._quiet:
            return
        now = self._clock()
        if isinstance(fact, RunStarted):
            self._fold, self._began = ProgressFold(), now
        self._fold.add(fact, now - self._began)
        line = None if isinstance(fact, FLEETING) else _line(fact)
        if line:
            self._print(line, now)
        elif self._live is None and now - self._told_at >= PLAIN_EVERY_S:
            self._print(Text(self._fold.line(now - self._began)), now)

    def aside(self, words: str) -> None:
        """Shows words that are no fact: what a model of another process is writing."""
        self._print(Text(f"  … {words}", style="dim"), self._clock())

    def _print(self, line: Text, now: float) -> None:
        self._terminal.print(Text.assemble((self._prefix, "dim"), line) if self._prefix else line)
        self._told_at = now


def _line(fact: Fact) -> Text | None:
    """What stays on the screen of a fact; most leave nothing but the changing line."""
    match fact:
        case RunStarted(run_id=run_id, model=model, tools=tools):
            return Text(one_line(f"{run_id} · {model} · {len(tools)} tools"), style="bold")
        case ToolFinished():
            return _called(fact)
        case RunEnded(status=status, stop_reason=reason, duration_s=seconds):
            style = "green" if status == "done" else "yellow" if status == "partial" else "red"
            told = status if reason in {"answered", status} else f"{status}: {reason}"
            return Text(f"{told} · {seconds:.1f} s", style=style)
        case _:
            told = remark(fact)
            return Text(f"  ! {one_line(told)}", style="yellow") if told else None


def _called(fact: ToolFinished) -> Text:
    result = fact.result
    given = result.arguments if result.arguments is not None else fact.call.arguments
    shown = one_line(given if isinstance(given, str) else ", ".join(f"{k}={v!r}" for k, v in given.items()))
    if len(shown) > _ARGUMENT_CHARS:
        shown = shown[: _ARGUMENT_CHARS - 1] + "…"
    mark = _MARKS[result.outcome]
    line = Text(f"  {mark} ", style="green" if result.outcome == "ok" else "red")
    line.append(f"{one_line(result.qualified or fact.call.name)}({shown})", style="default")
    return line.append(f" {result.outcome} · {result.duration_ms:.0f} ms", style="dim")
