"""From which share on a model's `change` is believed: measured by tasks that are asked as a run asks them, where a backend tells likelihoods."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from lmbridge.agent.bridge import Bridge
from lmbridge.agent.examples.general import worked_examples
from lmbridge.agent.first_replies import FirstOfRuns
from lmbridge.agent.task.orders import orders_change
from lmbridge.engine.engine import Engine
from lmbridge.messages import Likelihood, Message, Turn, Usage
from lmbridge.profile import FORCED
from lmbridge.qualify.asker import Asker
from lmbridge.qualify.asks import Came
from lmbridge.qualify.known import Known, Mark
from lmbridge.qualify.record import Key, Qualified
from lmbridge.qualify.wants_cases import NOTES, ORDERS, QUESTIONS
from lmbridge.qualify.wants_probe import LEAST, MOST, WantsProbe, split
from lmbridge.settings import Settings
from lmbridge.testing.fake_lmstudio import FakeLMStudio, FakeModel
from support.capable import without_tools
from support.llm import Bench, within

FORCED_SMALL = Known(kind="llama.cpp", billions=1.5, enforced=True)
"""What is known of a small model whose calls are forced."""


@pytest.mark.parametrize(
    ("questions", "orders", "change_from", "right"),
    [
        ((0.1, 0.2), (0.8, 0.9), 0.5, 4),
        ((0.03, 0.68), (0.79, 0.99), 0.74, 4),
        ((0.0, 0.0), (1.0, 1.0), 0.5, 4),  # nothing of infinity
        ((0.01, 0.02), (0.03, 0.04), LEAST, 2),
        ((0.97, 0.98), (0.99, 1.0), MOST, 2),
        ((0.2, 0.5), (0.5, 0.9), 0.75, 3),  # by 0.35 as many; who answers does no harm
        ((0.25, 0.3, 0.5), (0.35, 0.6, 0.65), 0.55, 5),  # 0.32 as well
        ((0.2, 0.4, 0.5), (0.45, 0.55, 0.9), 0.53, 5),
        ((0.5, 0.5), (0.5, 0.5), MOST, 2),
        ((0.9, 0.9), (0.1, 0.1), MOST, 0),
    ],
)
def test_the_share_lies_between_or_misjudges_the_fewest(
    questions: tuple[float, ...], orders: tuple[float, ...], change_from: float, right: int
) -> None:
    found = split(questions, orders)
    assert (found.change_from, found.right, found.of) == (change_from, right, len(questions) + len(orders))


# --- what is asked


async def test_each_task_is_asked_as_a_run_would_and_all_begin_alike() -> None:
    first, beginnings, shown = FirstOfRuns(Settings()), set(), set[str]()
    for task in (*QUESTIONS, *ORDERS):
        conversation, schema = await first.asked(task, FORCED)
        examples = worked_examples(thought=True, looked=True)
        beginnings.add(tuple(conversation[: 1 + len(examples)]))
        assert tuple(conversation[1 : 1 + len(examples)]) == examples
        behind = [message for message in conversation[1 + len(examples) :] if message.role == "user"]
        told = [message.content for message in behind if "Example: " not in message.content]
        assert task in told[0], "behind the examples that are like it"
        assert '"enum": ["answer", "change"]' in json.dumps(schema), "both can be said"
        shown |= {path for path, text in NOTES.items() if text.strip() in conversation[-1].content}
    assert len(beginnings) == 1, "so that each costs only its own words"
    assert shown == set(NOTES)


async def test_nothing_is_asked_that_is_known_by_its_form() -> None:
    assert [task for task in (*QUESTIONS, *ORDERS) if orders_change(task)] == []


async def test_likelihoods_are_asked_for_and_the_reply_ends_behind_its_first_word() -> None:
    steps = await WantsProbe("m-1b", FirstOfRuns(Settings())).plan(FORCED_SMALL)
    bodies = [ask.body("m-1b") for step in steps for ask in step]
    assert len(bodies) == len(QUESTIONS) + len(ORDERS)
    assert {(body["logprobs"], body["max_tokens"], body["temperature"]) for body in bodies} == {(True, 7, 0.0)}


def said(share: float) -> Came:
    """A reply that was cut behind what it wants."""
    word = "change" if share >= 0.5 else "answer"
    likely = Likelihood(word, max(share, 1 - share), (("change", share), ("answer", 1 - share)))
    text = f'{{"wants": "{word}", "'
    tokens = (Likelihood('{"wants": "', 1.0), likely, Likelihood('", "', 1.0))
    return Came(Turn(Message("assistant", text), text, "length", usage=Usage(90, 8), likelihoods=tokens))


def judged(came: Sequence[Came]) -> Known:
    return WantsProbe("m-1b", FirstOfRuns(Settings())).judge(FORCED_SMALL, [(each,) for each in came])


def in_turn(questions: Sequence[float], orders: Sequence[float]) -> list[Came]:
    return [said(share) for pair in zip(questions, orders, strict=True) for share in pair]


def outcome(known: Known, model: str = "m-1b") -> Qualified:
    return Qualified.of(known, Key(model), seconds=1, measured_at="2026-11-29", quick=False, ended=None)


def test_a_model_that_says_answer_of_everything_is_told_apart_by_its_share() -> None:
    known = judged(in_turn([0.1] * 7 + [0.45], [0.3] * 7 + [0.4]))
    check = known.check("wants")
    assert check is not None
    assert check.detail == (
        "told questions from orders: 15 of 16; a change is believed from 0.2 on (questions 0.10 to 0.45, orders 0.30 to 0.40)"
    )
    assert (check.ok, outcome(known).profile.change_from) == (True, 0.2)
    assert outcome(known).as_json()["profile"]["change_from"] == 0.2


@pytest.mark.parametrize(("wrong", "weak"), [(3, False), (4, True)])
def test_a_model_that_tells_few_apart_is_weak_and_something_is_to_be_done(wrong: int, weak: bool) -> None:
    found = outcome(judged(in_turn([0.9] * wrong + [0.1] * (8 - wrong), [0.8] * 8)))
    told = {each.check: each.remedy for each in found.weaknesses}
    assert ("wants" in told) is weak
    assert all(told.values())


@pytest.mark.parametrize(
    ("came", "why"),
    [
        ([Came(late=True, seconds=60)] * 16, "given up after 60 s"),
        ([Came(error="llm_unreachable", detail="nobody")] * 16, "llm_unreachable: nobody"),
        ([replace(said(0.9), turn=Turn(Message("assistant", "{"), "{", "length"))] * 16, "the replies do not tell it"),
        (
            [said(0.1), said(0.9)] * 3 + [Came(late=True, seconds=60)] * 10,
            "6 of 16 tasks were heard: given up after 60 s",
        ),
    ],
)
def test_where_too_little_came_nothing_is_found_out(came: list[Came], why: str) -> None:
    known = judged(came)
    check = known.check("wants")
    assert check is not None
    assert check.ok is None
    assert why in check.detail
    assert outcome(known).profile.change_from == 0.5
    assert outcome(known, "qwen2.5-coder-1.5b-instruct-q4_k_m").profile.change_from == 0.72, "as built in"


def test_half_of_the_tasks_are_enough() -> None:
    known = judged([said(0.1), said(0.9)] * 4 + [Came(late=True, seconds=60)] * 8)
    assert known.holds("wants") is True
    assert known.change_from == 0.5


# --- where it is asked


def test_it_is_left_out_where_runs_do_not_begin_so_or_nothing_is_told() -> None:
    probe = WantsProbe("m-1b", FirstOfRuns(Settings()))
    native = (Mark("native", "tools_2", True), Mark("forced", "tools_2", False))
    assert probe.skip(FORCED_SMALL) is None
    assert probe.skip(replace(FORCED_SMALL, kind="lmstudio")) == "the backend does not say how likely its tokens were"
    assert probe.skip(replace(FORCED_SMALL, marks=native)) == "its runs do not begin by saying what is wanted"
    assert probe.skip(replace(FORCED_SMALL, billions=8.0)) == "its runs do not begin by saying what is wanted"


@pytest.mark.parametrize("mode", ["auto", "native"])
async def test_a_backend_that_tells_no_likelihoods_is_not_asked(
    tmp_path: Path, mode: Literal["auto", "native"]
) -> None:
    async with FakeLMStudio([FakeModel("vendor/able-2b")]) as fake:
        fake.script(without_tools)
        settings = Settings(base_url=fake.base_url, state_dir=tmp_path, tool_mode=mode)
        async with Bridge.open(settings) as bridge:
            found = await bridge.qualify()
        assert not [each for each in fake.chats if "/notes/" in each.text]
    checks = [check for check in found.checks if check.name == "wants"]
    assert [(check.ok, "does not say how likely" in check.detail) for check in checks] == (
        [(None, True)] if mode == "auto" else []
    ), "where replies are never forced there is nothing to ask"
    assert found.profile.change_from == 0.5


@pytest.mark.engine
async def test_a_real_engine_tells_enough_for_a_value_in_range(random_engine: Engine, bench: Bench) -> None:
    backend = await bench.backend(random_engine.base_url, token=random_engine.token)
    target, abilities = await backend.validator.resolve(None, "agent"), await backend.abilities()
    probe, asker = WantsProbe(target.id, FirstOfRuns(Settings())), Asker(backend, target, abilities)
    known = replace(FORCED_SMALL, kind=abilities.kind)
    assert probe.skip(known) is None
    steps = await probe.plan(known)
    until = asyncio.get_running_loop().time() + 500
    room = [tuple(replace(ask, max_tokens=200) for ask in step) for step in steps]  # of one token a letter
    came = [await within(500, asker.together(step, until=until, silence=400)) for step in room]
    known = probe.judge(known, came)
    assert known.change_from is not None, [each.why or each.text for step in came for each in step]
    assert LEAST <= known.change_from <= MOST
    assert known.holds("wants") is not None
    cut = [await asker.ask(steps[0][0], until=until, silence=400)]
    assert cut[0].turn is not None
    assert cut[0].turn.finish_reason == "length"
    assert cut[0].turn.likelihoods
