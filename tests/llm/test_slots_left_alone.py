"""llama.cpp looks for closed connections between two tasks; whoever asks for `/slots` often keeps it from that."""

from __future__ import annotations

import asyncio

from lmbridge.llm.pinning import pin
from lmbridge.messages import Delta, Message, ReplyOptions
from lmbridge.testing.fake_lmstudio import FakeLMStudio, fault, say
from support.llm_bench import Bench


async def test_slots_are_never_asked_for_not_even_after_a_cancel(bench: Bench) -> None:
    async with FakeLMStudio() as fake:
        fake.script(say("one two three").broken(fault.dribble(3)), say("well"))
        model = await pin(await bench.backend(fake.base_url), None)
        begun = asyncio.Event()

        def heard(_delta: Delta) -> None:
            begun.set()

        left = asyncio.create_task(model.reply((Message("user", "Go."),), (), ReplyOptions(), on_delta=heard))
        await begun.wait()
        left.cancel()
        await asyncio.gather(left, return_exceptions=True)
        assert (await model.reply((Message("user", "Go on."),), (), ReplyOptions(), on_delta=heard)).text == "well"
        asked = [seen.path for seen in fake.requests]
    assert len([path for path in asked if path.endswith("/chat/completions")]) == 2
    assert not [path for path in asked if "slots" in path]
