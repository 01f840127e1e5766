"""What a model on a backend can do is found out and named; each ability that is missing is told, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lmbridge.profile import Sampling
from lmbridge.qualify.examine import Patience
from lmbridge.qualify.known import Check
from lmbridge.qualify.qualify import qualify
from lmbridge.qualify.record import Qualified
from lmbridge.testing.fake_lmstudio import (
    FakeLMStudio,
    FakeModel,
    Gate,
    SeenRequest,
    Turn,
    call_text,
    fault,
    gate,
    nothing,
    raw,
    say,
    think,
)
from support.capable import as_another, breaking, capable, counting, without_schemas, without_tools
from support.llm import Bench, within

SOON = Patience(overall=20, each=1, prefill=1e6, decode=1e3)
"""A pretended model answers at once: what takes a second never comes."""
UNASKED = {"reasoning", "own_context", "vendor_sampling", "brief_tools", "without_example"}


async def qualified(
    bench: Bench, fake: FakeLMStudio, script: Callable[[SeenRequest], Any], **options: Any
) -> Qualified:
    fake.script(script)
    backend = await bench.backend(fake.base_url)
    return await within(60, qualify(backend, patience=SOON, **options))


def verdicts(found: Qualified) -> dict[str, bool | None]:
    return {check.name: check.ok for check in found.checks}


def failing(found: Qualified) -> set[str]:
    return {check.name for check in found.checks if check.ok is False}


def remedy(found: Qualified, name: str) -> str:
    return next(each.remedy for each in found.weaknesses if each.check == name)


def told(found: Qualified, name: str) -> str:
    return next(check.detail for check in found.checks if check.name == name)


def two_models() -> FakeLMStudio:
    return FakeLMStudio([FakeModel("a"), FakeModel("b")])


async def test_a_model_that_can_do_everything_fails_nothing(bench: Bench) -> None:
    async with two_models() as fake:
        found = await qualified(bench, fake, capable)
    assert failing(found) == {"tool_choice_named"}, [check for check in found.checks if not check.ok]
    assert "Supported string values" in told(found, "tool_choice_named")
    assert (found.profile.mode, found.profile.most_tools, found.most_tools) == ("native", None, 30)
    assert found.profile.parallel_calls
    assert found.ended is None
    assert found.usable
    assert {name for name, ok in verdicts(found).items() if ok is None} <= UNASKED | {
        "forced_tools_14",
        "forced_tools_30",
    }


async def test_twice_the_same_model_twice_the_same_verdicts(bench: Bench) -> None:
    async with two_models() as fake:
        first = await qualified(bench, fake, capable)
        again = await qualified(bench, fake, capable)
    assert verdicts(first) == verdicts(again)
    assert first.profile == again.profile


async def test_tools_that_are_ignored_are_told_and_calls_are_forced(bench: Bench) -> None:
    async with two_models() as fake:
        found = await qualified(bench, fake, without_tools)
    assert {"native_calls", "native_tools_2"} <= failing(found)
    assert "You could call a tool" in told(found, "native_calls")
    assert verdicts(found)["native_tools_8"] is None
    assert found.profile.mode == "forced"
    assert found.most_tools == 30


async def test_schemas_that_are_ignored_are_told_and_calls_are_not_forced(bench: Bench) -> None:
    async with two_models() as fake:
        found = await qualified(bench, fake, without_schemas)
    assert "json_schema" in failing(found)
    assert "passed over" in told(found, "json_schema")
    assert verdicts(found)["json_schema_keywords"] is None
    assert found.profile.mode == "native"


async def test_keywords_that_are_ignored_are_named(bench: Bench) -> None:
    async with two_models() as fake:
        found = await qualified(bench, fake, breaking(b=500, f="xyz", z=True))
    assert told(found, "json_schema_keywords") == (
        "not enforced: maximum of an integer, additionalProperties: false, pattern"
    )


async def test_a_prompt_that_is_cut_in_silence_is_told(bench: Bench) -> None:
    async with FakeLMStudio([FakeModel("a", context_length=4096)], overflow="cut") as fake:
        found = await qualified(bench, fake, capable)
    assert "context_overflow" in failing(found)
    assert "cut in silence: 4095 tokens were read" in told(found, "context_overflow")


async def test_a_backend_of_unknown_context_that_cuts_is_told_with_what_it_read(bench: Bench) -> None:
    async with FakeLMStudio([FakeModel("a", context_length=2048)], overflow="cut", plain=True) as fake:
        found = await qualified(bench, fake, capable)
    assert "2047 tokens were read" in told(found, "context_overflow")
    assert found.context_length == 2047


async def test_another_model_that_answers_is_named(bench: Bench) -> None:
    async with two_models() as fake:
        found = await qualified(bench, fake, as_another, model="a")
    assert "same_model" in failing(found)
    assert told(found, "same_model") == "b answered instead"


async def test_slots_that_stay_taken_after_a_cancel_are_told(bench: Bench) -> None:
    async with FakeLMStudio([FakeModel("a")], frees_slots=False) as fake:
        found = await qualified(bench, fake, capable)
    assert "cancel" in failing(found)
    assert "still taken" in told(found, "cancel")
    assert "timeout" in remedy(found, "cancel")


async def test_slots_that_share_one_context_are_told(bench: Bench) -> None:
    both: Gate

    def side_by_side(request: SeenRequest) -> Turn:
        return (
            say("hi").after(_opened_by_two(both))
            if "First:" in request.text or "Second:" in request.text
            else capable(request)
        )

    both = gate()
    async with FakeLMStudio([FakeModel("a")], shared_context=True) as fake:
        found = await qualified(bench, fake, side_by_side)
    assert "own_context" in failing(found), told(found, "own_context")
    assert "share one context" in told(found, "own_context")
    assert "LMBRIDGE_SLOTS=1" in remedy(found, "own_context")
    both = gate()
    async with FakeLMStudio([FakeModel("a")]) as fake:
        apart = await qualified(bench, fake, side_by_side)
    assert verdicts(apart)["own_context"] is True


async def test_prompts_that_do_not_fit_by_themselves_say_nothing_of_what_slots_share(bench: Bench) -> None:
    def refused(request: SeenRequest) -> Any:
        apart = "First:" in request.text or "Second:" in request.text
        return (
            fault.refuse("request (9844 tokens) exceeds the available context size (8192 tokens)")
            if apart
            else capable(request)
        )

    async with FakeLMStudio([FakeModel("a")]) as fake:
        found = await qualified(bench, fake, refused)
    assert verdicts(found)["own_context"] is None
    assert "one at a time" in told(found, "own_context")


def _opened_by_two(door: Gate) -> Gate:
    """The gate, which the second who comes opens."""

    class Counting(Gate):
        async def wait(self) -> None:
            if door.arrivals:
                door.open()
            await door.wait()

    return Counting()


async def test_calls_that_are_printed_are_read_and_their_dialect_is_named(bench: Bench) -> None:
    def printed(request: SeenRequest) -> Turn:
        made = capable(request)
        if not request.tools or not made.calls:
            return made
        one = made.calls[0]
        return raw(f'```json\n{{"name": "{one.name}", "arguments": {one.arguments}}}\n```')

    async with two_models() as fake:
        found = await qualified(bench, fake, printed)
    assert "fenced" in told(found, "native_calls")
    assert verdicts(found)["native_tools_14"] is None, "the printed form loses against the certain one"
    assert found.profile.mode == "forced"


async def test_a_list_that_is_too_long_is_seen_to_be(bench: Bench) -> None:
    def lost(request: SeenRequest) -> Turn:
        many = len(request.tools) > 8 or request.text.count("\n- ") > 8
        return call_text("get_weather", "{}") if many and request.tools else say("{}") if many else capable(request)

    async with two_models() as fake:
        found = await qualified(bench, fake, lost)
    assert (found.most_tools, found.profile.most_tools) == (8, 8)
    assert "native_tools_14" in failing(found)


async def test_a_model_that_thinks_is_given_room_and_its_switch_is_found(bench: Bench) -> None:
    def thinking(request: SeenRequest) -> Turn:
        switched = request.body.get("chat_template_kwargs") == {"enable_thinking": False}
        return capable(request) if switched or "1000" in request.text else think("Let me see.", then=capable(request))

    async with two_models() as fake:
        found = await qualified(bench, fake, thinking)
        longest = max(int(each.body.get("max_tokens", 0)) for each in fake.chats if each.tools)
    assert told(found, "reasoning") == "in reasoning_content; switched off by enable_thinking"
    assert longest >= 512


async def test_an_answer_that_runs_in_circles_is_told(bench: Bench) -> None:
    async with two_models() as fake:
        found = await qualified(bench, fake, lambda _: say("the end " * 400))
    assert "answers" in failing(found)
    assert "does not end by itself" in told(found, "answers") or "circles" in told(found, "answers")
    assert found.profile.mode == "native", "nothing was right, so the guess stays"


# --- how it is spoken to


def forced_unless(wrong: Callable[[SeenRequest], bool], instead: str) -> Callable[[SeenRequest], Any]:
    """Calls nothing natively, and does by force what it is asked, but where `wrong`."""

    def turn(request: SeenRequest) -> Any:
        forced = "response_format" in request.body and "Tools:" in request.text
        return say(instead) if forced and wrong(request) else without_tools(request)

    return turn


def test_each_probe_of_style_is_asked_only_where_something_was_wrong() -> None:
    from lmbridge.qualify import style_probes as style
    from lmbridge.qualify.known import Known, Mark

    right = Known(vendor=Sampling(0.7)).marked(
        *(Mark("forced", about, True) for about in ("tools_2", "tools_2", "tools_8", "tools_8", "after_result", "end"))
    )
    for skip in (style.enough_said, style.all_steps_right, style.no_vendor):
        assert skip(right), skip.__name__


async def test_more_is_said_of_each_tool_where_that_helps(bench: Bench) -> None:
    def lost(request: SeenRequest) -> bool:
        many = "- delete_file" not in request.text and "- fetch_page" in request.text
        return many and "250 US dollars" in request.text and "the rate of today" not in request.text

    async with two_models() as fake:
        found = await qualified(bench, fake, forced_unless(lost, '{"tool": "read_file", "arguments": {"path": "a"}}'))
    assert told(found, "brief_tools") == "1 of 2 right with a sentence about each, 2 with all"
    assert (found.profile.mode, found.profile.detail) == ("forced", "full")


@pytest.mark.parametrize(
    ("needs", "example"), [("Example:", False), ("no such words", True)], ids=["helps", "does not"]
)
async def test_a_worked_example_is_tried_where_a_step_went_wrong(bench: Bench, needs: str, example: bool) -> None:
    def stops(request: SeenRequest) -> bool:
        return "If it snows" in request.text and needs not in request.text

    async with two_models() as fake:
        found = await qualified(bench, fake, forced_unless(stops, '{"answer": "Snow"}'))
    assert verdicts(found)["forced_after_result"] is False
    assert verdicts(found)["without_example"] is example
    assert found.profile.prompt_class == ("large" if example else "small"), "of 4B, which is not small by itself"
    assert found.profile.looks_first is not example


async def test_a_printed_call_ends_its_reply(bench: Bench) -> None:
    def babbling(request: SeenRequest) -> Turn:
        made = capable(request)
        if not request.tools or not made.calls:
            return made
        one = made.calls[0]
        hold = gate()
        hold.let(1)
        call = f'{{"name": "{one.name}", "arguments": {one.arguments}}}'
        return raw("").in_pieces(f"<tool_call>\n{call}\n</tool_call>", " and so on").paced(hold)

    async with two_models() as fake:
        found = await qualified(bench, fake, babbling)
        first = next(each for each in fake.chats if each.tools)
    assert verdicts(found)["native_tools_2"] is True, told(found, "native_tools_2")
    assert first.client_left


# --- bad models and backends


async def test_a_model_that_answers_nothing_is_told(bench: Bench) -> None:
    async with two_models() as fake:
        found = await qualified(bench, fake, lambda _: nothing())
    assert told(found, "answers") == "an empty reply (stop)"
    assert found.most_tools == 0


async def test_a_model_that_never_says_a_word_is_given_up_in_time(bench: Bench) -> None:
    async with two_models() as fake:
        fake.script(lambda _: say("never").after(gate()))
        found = await within(
            10,
            qualify(
                await bench.backend(fake.base_url), patience=Patience(overall=0.6, each=0.2, prefill=1e6, decode=1e4)
            ),
        )
        await fake.until(lambda: all(request.is_finished for request in fake.chats))
    assert found.ended is not None
    assert "answers nothing" in found.ended
    assert not found.usable
    assert len(found.checks) > 10, "what was not asked is told"


async def test_a_reply_that_never_ends_is_left_in_time(bench: Bench) -> None:
    async with two_models() as fake:
        fake.script(lambda _: counting())
        found = await within(
            10,
            qualify(await bench.backend(fake.base_url), patience=Patience(overall=5, each=2, prefill=1e6, decode=1e4)),
        )
        await fake.until(lambda: all(request.is_finished for request in fake.chats))
    assert "characters had come" in told(found, "answers")
    assert all(request.client_left for request in fake.chats)


async def test_a_backend_that_goes_away_in_the_middle_is_told(bench: Bench) -> None:
    asked = 0

    def then_gone(request: SeenRequest) -> Any:
        nonlocal asked
        asked += 1
        return capable(request) if asked < 5 else fault.hang_up()

    async with two_models() as fake:
        found = await qualified(bench, fake, then_gone)
        assert len(fake.chats) < 12, "it is not asked to the end"
    assert found.ended is not None
    assert found.ended.startswith("the backend went away")
    assert verdicts(found)["answers"] is True
    assert isinstance(found.checks[-1], Check)


async def test_an_engine_that_crashes_is_told(bench: Bench) -> None:
    def crashing(request: SeenRequest) -> Any:
        return (
            capable(request)
            if len(request.tools) < 8
            else capable(request).broken(
                fault.error("The model has crashed without additional information. (Exit code: 6)")
            )
        )

    async with two_models() as fake:
        found = await qualified(bench, fake, crashing)
    assert "crashed" in told(found, "native_tools_8")


@pytest.mark.parametrize("quick", [True, False])
async def test_progress_tells_each_verdict_as_it_comes(bench: Bench, quick: bool) -> None:
    heard = []
    async with two_models() as fake:
        found = await qualified(bench, fake, capable, quick=quick, tell=heard.append)
    assert [each.check for each in heard] == list(found.checks)[: len(heard)]
    assert heard[-1].done == heard[-1].total
    assert found.quick is quick
