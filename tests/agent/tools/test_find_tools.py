"""More tools than fit are found by search; a few tools of lmbridge's own stay the same for the whole run."""

from __future__ import annotations

import json

from lmbridge.agent.loop.budget import Budget
from lmbridge.agent.tools.find_tools import FOUND_AT_ONCE, NAMED_BESIDE, index
from lmbridge.events import RunStarted, ToolFinished
from lmbridge.messages import ToolSpec
from lmbridge.profile import Profile
from lmbridge.testing.fake_lmstudio import call, calls, raw, say
from lmbridge.testing.scripted import ScriptedModel, ScriptedTool, ScriptedToolbox, tool
from support.loops import ran

STRICT = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}


FEW = Profile(most_tools=30)
"""A model that bears no more tools than these."""


def many(count: int = 40) -> list[ScriptedTool]:
    fillers = [tool(f"filler_{n}", description=f"Turns knob number {n}.", read_only=True) for n in range(count)]
    weather = tool(
        "get_forecast",
        "12 °C and sunny",
        read_only=True,
        schema=STRICT,
        description="Tells the weather of a city.",
        server="sky",
    )
    return [*fillers, weather, tool("store_note", "stored", description="Writes a note.", server="notes")]


async def test_many_tools_are_found_by_search_and_called_by_name() -> None:
    model = ScriptedModel(
        call("find_tools", query="weather in a city"),
        call("call_tool", name="get_forecast", arguments={"city": "Bern"}),
        say("12 °C and sunny."),
    )
    tools = ScriptedToolbox(*many())
    run = await ran(model, tools, profile=FEW)
    found = run.all(ToolFinished)[0].result.content
    assert found.splitlines()[0].startswith("- get_forecast(city: string): Tells the weather")
    assert json.dumps(STRICT) in found
    assert [(use.tool, use.calls) for use in run.report.tools_used] == [("find_tools", 1), ("sky__get_forecast", 1)]
    assert run.report.writes == ()
    assert run.report.answer == "12 °C and sunny."


async def test_the_tools_sent_are_three_and_stay_the_same() -> None:
    model = ScriptedModel(call("find_tools", query="weather"), call("get_forecast", city="Bern"), say("Sunny."))
    run = await ran(model, ScriptedToolbox(*many()), profile=FEW)
    assert [spec.name for spec in model.asked[0].tools] == ["call_tool", "find_tools"]
    assert all(asked.tools == model.asked[0].tools for asked in model.asked)
    started = run.all(RunStarted)[0]
    assert "get_forecast" in started.system_prompt
    assert started.tools == model.asked[0].tools


async def test_a_tool_may_be_called_directly_once_its_name_is_known() -> None:
    run = await ran(
        ScriptedModel(call("get_forecast", city="Bern"), say("Sunny.")), ScriptedToolbox(*many()), profile=FEW
    )
    assert run.report.status == "done"
    assert run.all(ToolFinished)[0].result.outcome == "ok"


async def test_inner_calls_are_validated_like_any_other() -> None:
    model = ScriptedModel(
        call("call_tool", name="get_forecast", arguments={"town": "Bern"}),
        call("call_tool", name="get_forecst", arguments={"city": "Bern"}),
        call("call_tool", arguments={}),
        say("Not possible."),
    )
    tools = ScriptedToolbox(*many())
    run = await ran(model, tools, profile=FEW)
    assert tools.calls == []
    outcomes = [fact.result.outcome for fact in run.all(ToolFinished)]
    assert set(outcomes) == {"rejected"}


async def test_arguments_given_as_text_or_beside_the_name_are_understood() -> None:
    model = ScriptedModel(
        call("call_tool", name="get_forecast", arguments='{"city": "Bern"}'),
        call("call_tool", name="get_forecast", city="Chur"),
        say("Sunny."),
    )
    tools = ScriptedToolbox(*many())
    await ran(model, tools, profile=FEW)
    assert tools.arguments == [{"city": "Bern"}, {"city": "Chur"}]


async def test_inner_calls_that_write_run_in_order() -> None:
    tools = ScriptedToolbox(*many())
    both = calls(
        call("call_tool", name="store_note", arguments={"n": 1}),
        call("call_tool", name="get_forecast", arguments={"city": "B"}),
    )
    run = await ran(ScriptedModel(both, say("Done.")), tools, profile=FEW)
    assert tools.most_at_once == 1
    assert [write.tool for write in run.report.writes] == ["notes__store_note"]


async def test_call_tool_does_not_call_itself_for_ever() -> None:
    nested = {"name": "call_tool", "arguments": {"name": "call_tool", "arguments": {}}}
    run = await ran(ScriptedModel(call("call_tool", **nested), say("No.")), ScriptedToolbox(*many()), profile=FEW)
    assert run.all(ToolFinished)[0].result.outcome == "rejected"


def wordy(count: int, words: int) -> ScriptedToolbox:
    """Tools that say much about each of forty arguments, in so many words."""
    long = {
        "type": "object",
        "properties": {f"field_{n}": {"type": "string", "description": "x " * words} for n in range(40)},
    }
    tools = [
        tool(f"long_{n}", description=f"Turns knob {n}. " + "It turns and turns. " * 9, schema=long)
        for n in range(count)
    ]
    return ScriptedToolbox(*tools)


async def test_tools_that_do_not_fit_half_of_the_context_are_told_more_briefly_before_any_is_hidden() -> None:
    roomy, tight, tiny = (ScriptedModel(say("Yes."), context_length=size) for size in (131_072, 16_384, 4096))
    for model in (roomy, tight, tiny):
        await ran(model, wordy(10, 60))
    assert "x x x" in json.dumps(roomy.asked[0].tools[0].parameters)
    brief = tight.asked[0].tools
    assert [spec.name for spec in brief] == [f"long_{n}" for n in range(10)]
    assert brief[0].description == "Turns knob 0."
    assert "x x x" not in json.dumps(brief[0].parameters)
    assert set(brief[0].parameters["properties"]) == {f"field_{n}" for n in range(40)}
    assert [spec.name for spec in tiny.asked[0].tools] == ["call_tool", "find_tools"]


async def test_the_backends_own_count_decides_where_there_is_one() -> None:
    class Compact(ScriptedModel):
        async def count_tokens(self, conversation: object, tools: object) -> int | None:
            return 500 if tools else 100

    model = Compact(say("Yes."), context_length=8192)
    await ran(model, ScriptedToolbox(*(tool(f"long_{n}", description="x" * 3000) for n in range(7))))
    assert "find_tools" not in [spec.name for spec in model.asked[0].tools]
    assert model.asked[0].tools[0].description == "x" * 3000


async def test_tools_that_their_server_calls_deprecated_are_not_shown_but_can_be_called() -> None:
    old = tool("read_old", "alpha", read_only=True, description="Reads a file. DEPRECATED: use read_new.")
    new = tool("read_new", "beta", read_only=True, description="Reads a file.")
    model = ScriptedModel(call("read_old", path="a"), say("alpha"))
    run = await ran(model, ScriptedToolbox(old, new))
    assert [spec.name for spec in model.asked[0].tools] == ["read_new"]
    assert run.report.answer == "alpha"


async def test_reading_on_is_offered_once_a_result_was_cut() -> None:
    long = tool("read", "alpha " * 9000, read_only=True)
    model = ScriptedModel(call("read"), call("read_result", handle="r1", offset=100), say("alpha"), context_length=8192)
    run = await ran(model, ScriptedToolbox(long))
    assert [[spec.name for spec in asked.tools] for asked in model.asked] == [["read"], *[["read", "read_result"]] * 2]
    assert run.all(ToolFinished)[1].result.content.startswith("[characters 100 to")


async def test_search_works_in_action_mode_too() -> None:
    model = ScriptedModel(
        raw('{"tool": "find_tools", "arguments": {"query": "weather"}}'),
        raw('{"tool": "call_tool", "arguments": {"name": "get_forecast", "arguments": {"city": "Bern"}}}'),
        raw('{"answer": "Sunny."}'),
        native_tools=False,
    )
    run = await ran(model, ScriptedToolbox(*many()), profile=FEW)
    assert run.report.answer == "Sunny."


async def test_a_search_shows_a_few_tools_whole_and_names_the_next_ones() -> None:
    knobs = [tool(f"knob_{n}", description="Turns a knob.", read_only=True) for n in range(40)]
    model = ScriptedModel(call("find_tools", query="turn a knob"), call("find_tools", query="knob_17"), say("Done."))
    run = await ran(model, ScriptedToolbox(*knobs), profile=FEW)
    first, second = (fact.result.content for fact in run.all(ToolFinished))
    *whole, named = first.splitlines()
    assert sum(line.startswith("- knob_") for line in whole) == FOUND_AT_ONCE
    assert len(named.partition("arguments): ")[2].split(", ")) == NAMED_BESIDE
    assert second.startswith("- knob_17(")


async def test_what_a_search_shows_fits_a_small_context() -> None:
    schema = {"type": "object", "properties": {f"field_{n}": {"type": "string"} for n in range(20)}}
    knobs = [tool(f"knob_{n}", description="Turns a knob.", schema=schema) for n in range(40)]
    model = ScriptedModel(call("find_tools", query="knob"), say("Done."), context_length=4096)
    run = await ran(model, ScriptedToolbox(*knobs), profile=FEW)
    shown = run.all(ToolFinished)[0].result
    assert shown.content.startswith("- knob_")
    assert shown.handle is None


def test_an_index_of_very_many_tools_only_counts_them() -> None:
    specs = [ToolSpec(f"tool_number_{n}", server=f"server{n % 3}") for n in range(900)]
    text = index(specs)
    assert len(text) < 1000
    assert "300 tools" in text


def test_shares_of_the_context() -> None:
    budget = Budget(8192)
    assert budget.schemas == 4096
    assert Budget(None).schemas == 4096
    assert budget.crowded(8000)
    assert not budget.crowded(6000)
    assert budget.result_chars(16_000) <= 8192 // 4 * 3
    assert Budget(None).result_chars(16_000, 10**9) == 16_000
    assert Budget(None).reply(10) is None
