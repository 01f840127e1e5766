"""Long texts are worked at beside the event loop, in pieces, and with the others' turn in between."""

from __future__ import annotations

import asyncio
import random
import re
import threading

import pytest

from lmbridge.agent.calls.ledger import Told
from lmbridge.agent.calls.turn_calls import carry_out
from lmbridge.agent.reading import names
from lmbridge.agent.reading.sides import parted
from lmbridge.events import Fact, Fleeting, RunStarted, ToolFinished, ToolStarted
from lmbridge.long_texts import LONG, PIECE, aside, others_turn, pieces
from lmbridge.mcp_host.tools.toolbox import Announced, Order
from lmbridge.messages import ToolCall, ToolResult, ToolSpec

_BLANK = re.compile(r"\s")


@pytest.mark.parametrize(
    "text", ["", "short", "word " * PIECE, "w" * 3 * PIECE, "w" * 3 * PIECE + " " + "v" * 3 * PIECE]
)
def test_pieces_are_the_text_and_begin_where_no_match_goes_through(text: str) -> None:
    found = list(pieces(text, _BLANK))
    assert "".join(found) == text
    assert all(piece.startswith(" ") for piece in found[1:])
    assert len(found) == 1 or max(map(len, found)) <= PIECE + 5 or text.count(" ") == 1


async def test_what_is_long_is_worked_at_in_a_thread_and_nothing_else() -> None:
    here = threading.get_ident()
    assert await aside(LONG - 1, threading.get_ident) == here
    assert await aside(LONG, threading.get_ident) != here


async def test_after_a_long_step_those_come_first_whom_a_timer_wakes() -> None:
    woken: list[str] = []

    async def other() -> None:
        await asyncio.sleep(0.0001)
        woken.append("other")

    waiting = asyncio.create_task(other())
    await asyncio.sleep(0)
    await others_turn(LONG - 1)
    assert woken == []
    await others_turn(LONG)
    assert woken == ["other"]
    await waiting


_FRAGMENTS = [
    "/a/b.txt", "notes.md", "https://a.example/x?y=1", "(", ")", "[", "<", "'", '"', "`", " ", "\n", "word", "1234", "a/b", ".",
    "C:\\x\\y.txt", "e.g.", "~", "-", "../z", ":", "é",
]  # fmt: skip


def _whole(text: str) -> tuple[str, ...]:
    """`paths_in` at one stretch."""
    found: list[str] = []
    for pattern in (names._URL, names._PATH, names._FILE):
        found += [match.rstrip(".") for match in pattern.findall(text)]
        text = pattern.sub(" ", text)
    return tuple(dict.fromkeys(name for name in found if len(name) > 1 and not names._ABBREVIATED.match(name)))


@pytest.mark.parametrize("seed", range(4))
def test_a_long_text_read_in_pieces_names_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr("lmbridge.long_texts.PIECE", 5)
    for _ in range(400):
        text = "".join(chance.choices(_FRAGMENTS, k=40))
        assert names.paths_in(text) == _whole(text), text
        assert names.words_in(text) == {word.lower() for word in re.findall(r"[^\W\d_]+", text)}


def test_sentences_end_behind_full_stops_and_at_line_breaks() -> None:
    plain = re.compile(r"(?<=[.!?])\s+|\n+")
    chance = random.Random(1)
    for _ in range(4000):
        text = "".join(chance.choices("ab.!? \n\t\r", k=chance.randint(0, 14)))
        assert names.sentences(text) == plain.split(text), text


def test_lines_taken_out_stand_in_the_last_line_alone() -> None:
    taken = '(The last line: ["c ]) d"])'
    assert parted(f"a\nb\n{taken}") == ("a\nb", taken)
    assert parted(taken) == ("", taken)
    assert parted(f"{taken}\nb") == (f"{taken}\nb", "")
    assert parted("a\n(The last line: ])") == ("a\n(The last line: ])", "")


class _Tool:
    """Answers at once."""

    def __init__(self, told: list[str]) -> None:
        self.specs = (ToolSpec("write"),)
        self._told = told

    async def carry_out(self, order: Order) -> ToolResult:
        return await self.call(order.call)

    async def call(self, call: ToolCall) -> ToolResult:
        self._told.append("called")
        return ToolResult(call.id, "done")


async def test_a_long_call_that_is_cut_off_in_the_others_turn_was_neither_told_nor_sent() -> None:
    told: list[str] = []
    announced = Announced(_Tool(told), lambda fact: told.append(type(fact).__name__), None)
    order = Order(ToolCall("1", "write", "x" * LONG), ToolSpec("write"), {})
    going = asyncio.create_task(announced.carry_out(order))
    await asyncio.sleep(0)
    assert told == []
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going
    assert told == []
    await announced.carry_out(order)
    assert told == [ToolStarted.__name__, "called"]


async def test_a_long_result_is_told_before_the_others_turn() -> None:
    facts: list[Fact | Fleeting] = []
    told = Told(facts.append)
    told(RunStarted("r", "t", "m"))
    call = ToolCall("1", "write", "x" * LONG)
    going = asyncio.create_task(carry_out([call], _Tool([]), told, reads=lambda _: False, fit=lambda result, _: result))
    await asyncio.sleep(0)
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going
    finished = [fact for fact in facts if isinstance(fact, ToolFinished)]
    assert [fact.result.content for fact in finished] == ["done"]
