"""A reply that goes round in circles is stopped while it streams, and the backend's work with it."""

from __future__ import annotations

import asyncio
import json
import random
import string
from itertools import count

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from lmbridge.llm.chat.repetition import LASTING_S, LOOKS, Runaway, repeats
from lmbridge.llm.client import LLMClient
from lmbridge.messages import Message

WINDOW, LONGEST = LOOKS[-1]
WORDS = "".join(random.Random(1).choices(string.ascii_lowercase + " ", k=5 * WINDOW))


def stopped_after(text: str, piece: int = 4) -> int | None:
    """Characters heard until the reply counts as running in circles."""
    ticks = count(step=LASTING_S)  # a look takes so long that the second one is late enough
    runaway = Runaway(lambda: next(ticks))
    pieces = (text[start : start + piece] for start in range(0, len(text), piece))
    return next((piece * (index + 1) for index, part in enumerate(pieces) if runaway.hears(part)), None)


@pytest.mark.parametrize("period", [1, 2, 7, 60, 400, LONGEST])
def test_the_same_text_over_and_over_is_noticed_soon(period: int) -> None:
    circling = WORDS[:1000] + WORDS[1000 : 1000 + period] * (20_000 // period)
    heard = stopped_after(circling)
    assert heard is not None
    window = next(window for window, longest in LOOKS if period <= longest)
    assert 1000 + window <= heard <= 1000 + period + window + 700


@pytest.mark.parametrize(
    "text",
    [
        WORDS,
        "na " * 260,
        "\n".join(f"{number:04d}: all is well" for number in range(2000)),
        "".join(f"{WORDS[at : at + LONGEST + 10]}" * 3 for at in range(0, 9000, 900)),
    ],
    ids=["no two parts alike", "too short", "numbered lines", "long parts three times"],
)
def test_what_goes_on_is_left_alone(text: str) -> None:
    assert stopped_after(text) is None


def test_a_text_is_a_repetition_only_to_its_last_letter() -> None:
    assert repeats("abc" * 1000, 3)
    assert not repeats("abc" * 1000, 2)
    assert not repeats("abc" * 1000 + "x", 40)
    assert not repeats("x" + "abc" * 1000, 40)


def test_a_repetitive_text_that_comes_quickly_is_left_alone() -> None:
    runaway = Runaway()
    assert not any(runaway.hears("x" * 100) for _ in range(1000))


@pytest.mark.slow
@pytest.mark.timeout(60)
async def test_the_backend_is_let_off_a_reply_without_end() -> None:
    gone = asyncio.Event()

    async def forever(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            while True:
                call = {"index": 0, "id": "c", "function": {"name": "", "arguments": "9n9n/"}}
                chunk = {
                    "model": "m",
                    "choices": [{"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": None}],
                }
                await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
                await asyncio.sleep(0.005)
        except (ConnectionError, asyncio.CancelledError):
            gone.set()
            raise

    app = web.Application()
    app.router.add_post("/v1/chat/completions", forever)
    async with TestServer(app, handler_cancellation=True) as server, LLMClient(str(server.make_url("/v1"))) as client:
        turn = await asyncio.wait_for(client.reply([Message("user", "Go.")], model="m"), 50)
        assert turn.finish_reason == "repetition"
        await asyncio.wait_for(gone.wait(), 20)
