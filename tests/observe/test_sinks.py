"""Observers cannot disturb a run, nor each other; and the terminal shows what a person wants to know."""

from __future__ import annotations

import io
from typing import Any

from structlog.testing import capture_logs

from lmbridge.events import Fact, Fleeting, TurnFinished, TurnStarted
from lmbridge.observe.console import Console
from lmbridge.observe.fan_out import Teller
from support.runs import PIECE, every_fact


def test_a_sink_that_raises_is_detached_and_logged_and_the_others_hear_everything() -> None:
    heard: list[Fact | Fleeting] = []
    tries: list[Fact | Fleeting] = []

    def broken(fact: Fact | Fleeting) -> None:
        tries.append(fact)
        raise RuntimeError("broken observer")

    teller = Teller(broken, heard.append)
    with capture_logs() as logs:
        for fact in every_fact():
            teller(fact)
    assert heard == every_fact()
    assert len(tries) == 1
    assert [line["event"] for line in logs] == ["sink_detached"]


def test_a_sink_added_in_the_middle_hears_the_rest_and_a_removed_one_nothing_more() -> None:
    first: list[Fact | Fleeting] = []
    later: list[Fact | Fleeting] = []
    note = first.append
    teller = Teller(note)
    teller(PIECE)
    teller.add(later.append)
    teller.remove(note)
    teller(PIECE)
    assert (len(first), len(later)) == (1, 1)


def test_a_sink_of_facts_only_hears_no_pieces_until_it_is_removed_and_nothing_after() -> None:
    everything: list[Fact | Fleeting] = []
    opened: list[Fact | Fleeting] = []
    later: list[Fact | Fleeting] = []
    note = opened.append
    teller = Teller(everything.append, facts_only=(note,))
    teller.add(later.append, fleeting=False)
    fact = every_fact()[0]
    for told in (PIECE, fact, PIECE):
        teller(told)
    assert everything == [PIECE, fact, PIECE]
    assert opened == later == [fact]
    teller.remove(note)
    teller(fact)
    assert (len(opened), len(later)) == (1, 2)


def test_a_sink_of_some_kinds_hears_these_alone() -> None:
    turns: list[Fact | Fleeting] = []
    everything: list[Fact | Fleeting] = []
    teller = Teller()
    teller.add(turns.append, kinds=(TurnStarted, TurnFinished))
    for fact in (PIECE, *every_fact()):
        teller(fact)
    assert turns == [fact for fact in every_fact() if isinstance(fact, TurnStarted | TurnFinished)]
    teller.add(everything.append)
    teller(PIECE)
    assert everything == [PIECE]


def shown(facts: list[Fact], **options: Any) -> str:
    stream = io.StringIO()
    ticks = iter(range(10_000))
    with Console(stream=stream, clock=lambda: float(next(ticks)), **options) as console:
        for fact in facts:
            console(PIECE)
            console(fact)
    return stream.getvalue()


def test_without_a_terminal_plain_lines_tell_calls_warnings_and_the_end() -> None:
    text = shown(every_fact())
    assert "\x1b" not in text
    lines = text.splitlines()
    assert lines[0] == "r-20261121-081502-4f3a9c · tiny · 2 tools"
    assert '  ✓ files__read_file({"path": "a.txt"}) ok · 8 ms' in lines
    assert any("files__write_file(path='ü \"b\".txt')" in line for line in lines)
    assert any(line.startswith("  ✗ fly({}) rejected") for line in lines)
    assert "  ! Mind the gap." in lines
    assert lines[-1] == "done · 12.2 s"


def test_a_long_silence_is_broken_by_a_progress_line() -> None:
    stream = io.StringIO()
    now = [0.0]
    with Console(stream=stream, clock=lambda: now[0]) as console:
        console(every_fact()[0])
        console(every_fact()[2])
        now[0] = 11.0
        console(PIECE)
        now[0] = 12.0
        console(PIECE)
    assert stream.getvalue().splitlines()[1:] == ["round 1 · writing · 0 tokens in, 1 out · 11 s"]


def test_quiet_says_nothing_and_a_live_view_leaves_only_the_lasting_lines() -> None:
    assert shown(every_fact(), quiet=True) == ""
    assert "done · 12.2 s" in shown(every_fact(), live=True)


def test_ten_thousand_pieces_do_not_become_ten_thousand_lines() -> None:
    stream = io.StringIO()
    with Console(stream=stream, live=True) as console:
        console(every_fact()[0])
        for _ in range(10_000):
            console(PIECE)
    assert len(stream.getvalue()) < 10_000
