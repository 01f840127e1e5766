"""Requests that share one context (llama.cpp's slots): those that do not fit together take turns, and all of them end."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest

from lmbridge.engine.engine import Engine
from lmbridge.errors import ContextOverflowError
from lmbridge.events import RequestRetried
from lmbridge.llm.pinning import pin
from lmbridge.messages import Message, ReplyOptions
from lmbridge.testing.fake_lmstudio import FakeLMStudio, FakeModel, SeenRequest, Turn, fault, gate, say
from support.llm import Bench, Told, asked, within

HALF = "word " * 600
"""More than half of a context of 1,024 tokens."""
LONG = {
    "type": "object",
    "properties": {"word": {"type": "string", "minLength": 1200, "maxLength": 1300}},
    "required": ["word"],
    "additionalProperties": False,
}


async def test_two_that_killed_each_other_are_repeated_alone_and_then_sent_apart(bench: Bench) -> None:
    async with FakeLMStudio([FakeModel("a", context_length=1024, parallel=4)], shared_context=True) as fake:
        backend = await bench.backend(fake.base_url)
        door, came = gate(), itertools.count(1)

        def read_side_by_side(_: SeenRequest) -> Turn:
            if next(came) >= 2:
                door.open()
            return say("Here.").after(door)

        fake.script(read_side_by_side)
        told = Told()
        models = [await pin(backend, "a", emit=told) for _ in range(2)]
        both = await within(30, asyncio.gather(*(asked(model, HALF) for model in models)))
        assert [turn.text for turn in both] == ["Here.", "Here."]
        assert [fact.code for fact in told.of(RequestRetried)] == ["context_overflow", "context_overflow"]
        again = await within(30, asyncio.gather(*(asked(model, HALF) for model in models)))
        assert [turn.text for turn in again] == ["Here.", "Here."]
        assert len(told.of(RequestRetried)) == 2  # what was met is kept: nothing dies any more


async def test_what_does_not_fit_even_alone_is_an_overflow_of_its_own(bench: Bench) -> None:
    async with FakeLMStudio([FakeModel("a", context_length=1024, parallel=4)]) as fake:
        fake.script(lambda _: fault.refuse("Context size has been exceeded.", 500))
        backend = await bench.backend(fake.base_url)
        told = Told()
        model = await pin(backend, "a", emit=told)
        with pytest.raises(ContextOverflowError, match="Context size has been exceeded"):
            await within(30, asked(model, HALF))
        assert [fact.code for fact in told.of(RequestRetried)] == ["context_overflow"]


async def test_what_somebody_else_keeps_full_is_waited_for_and_told_as_that(bench: Bench) -> None:
    async with FakeLMStudio([FakeModel("a", context_length=8192, parallel=4)]) as fake:
        fake.script(*[fault.refuse("Context size has been exceeded.", 500)] * 3, say("Here."))
        backend = await bench.backend(fake.base_url)
        told = Told()
        assert (await within(30, asked(await pin(backend, "a", emit=told), "hi"))).text == "Here."
        assert [fact.code for fact in told.of(RequestRetried)] == ["context_overflow"] * 3
        assert bench.waits == sorted(bench.waits)


@pytest.mark.parametrize("known", [False, True], ids=["met", "known"])
async def test_two_on_the_real_engine_both_end_where_they_do_not_fit_together(
    bench: Bench, random_model: Path, known: bool
) -> None:
    """Each reply is more than 1,200 characters of a model that writes letter by letter, the context 2,048 tokens."""
    pytest.importorskip("xllamacpp", reason="the engine extra is not installed")
    async with Engine.started(random_model, alias="random", threads=1, context=2048, parallel=4) as engine:
        backend = await bench.backend(engine.base_url, token=engine.token, state_dir=random_model.parent)
        told = Told()
        models = [await pin(backend, "random", emit=told) for _ in range(2)]
        if known:
            backend.remember_shared_context(models[0].id)
        options = ReplyOptions(schema=LONG)
        asking = (model.reply([Message("user", "go")], (), options, on_delta=told) for model in models)
        turns = await within(120, asyncio.gather(*asking))
        assert all(len(turn.text) > 1200 for turn in turns)
        assert {fact.code for fact in told.of(RequestRetried)} <= {"context_overflow"}
