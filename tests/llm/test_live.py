"""The client against a real backend of yours: `LMSTUDIO_LIVE_URL=http://localhost:1234/v1 pytest -m live`."""

from __future__ import annotations

import asyncio
import os

import pytest

from lmbridge.cli.doctor.probe import probe
from lmbridge.llm.pinning import pin
from lmbridge.messages import Delta, Message, ReplyOptions
from support.llm import Bench, asked, within

URL = os.environ.get("LMSTUDIO_LIVE_URL")
pytestmark = [pytest.mark.live, pytest.mark.skipif(URL is None, reason="LMSTUDIO_LIVE_URL names no live backend")]


async def test_a_live_backend_is_known_lists_its_models_and_answers(bench: Bench) -> None:
    assert URL is not None
    backend = await bench.backend(URL, token=os.environ.get("LM_API_TOKEN"))
    model = await pin(backend, None)
    turn = await within(300, asked(model, "Say hello in one word.", max_tokens=200))
    assert turn.model
    assert turn.usage.completion_tokens > 0


async def test_a_live_backend_is_free_again_after_a_cancel(bench: Bench) -> None:
    assert URL is not None
    model = await pin(await bench.backend(URL, token=os.environ.get("LM_API_TOKEN")), None)
    talking = asyncio.Event()

    def heard(_delta: Delta) -> None:
        talking.set()

    long = model.reply([Message("user", "Count to a thousand.")], [], ReplyOptions(max_tokens=4000), on_delta=heard)
    task = asyncio.ensure_future(long)
    await within(300, talking.wait())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await within(30, asked(model, "Say hi.", max_tokens=8))


async def test_a_live_backend_is_probed_in_a_minute(bench: Bench) -> None:
    assert URL is not None
    found = await within(90, probe(await bench.backend(URL, token=os.environ.get("LM_API_TOKEN"))))
    assert found.answers[0].able, found.as_text()
