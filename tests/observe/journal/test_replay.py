"""A run again from its journal: the same results, no side effects, and what differed."""

from __future__ import annotations

from lmbridge.events import RunStarted, ToolFinished
from lmbridge.messages import ToolCall, ToolResult
from lmbridge.observe.journal.replay import RecordedToolbox, compare
from lmbridge.report import Report, ToolUse, report
from lmbridge.testing import call, say
from lmbridge.testing.scripted import ScriptedModel, ScriptedToolbox, tool
from support.runs import every_fact, run_for_real


async def test_a_recorded_run_replays_to_the_same_report_without_calling_a_tool() -> None:
    def model() -> ScriptedModel:
        return ScriptedModel(call("read", path="a"), call("write", path="b", text="x"), say("Done."))

    tools = ScriptedToolbox(tool("read", "alpha", read_only=True), tool("write", "written"))
    facts, recorded = await run_for_real(model(), tools)
    carried_out = len(tools.calls)
    again = RecordedToolbox(facts)
    replayed_facts, replayed = await run_for_real(model(), again)  # pyrefly: ignore[bad-argument-type]  # the seam fits
    assert len(tools.calls) == carried_out
    assert again.unmatched == []
    assert all(line.same for line in compare(recorded, replayed) if line.what != "seconds")
    first, second = facts[0], replayed_facts[0]
    assert isinstance(first, RunStarted)
    assert isinstance(second, RunStarted)
    assert second.tools == first.tools


async def test_arguments_are_matched_by_value_and_not_by_spelling() -> None:
    box = RecordedToolbox(every_fact())
    for spelling in ('{"path":"a.txt"}', '{ "path" : "a\\u002etxt" }'):
        assert (await box.call(ToolCall("9", "read_file", spelling))).content.startswith("alpha")


async def test_a_result_has_the_new_call_s_id() -> None:
    result = await RecordedToolbox(every_fact()).call(ToolCall("9", "read_file", '{"path": "a.txt"}'))
    assert (result.call_id, result.outcome, result.qualified) == ("9", "ok", "files__read_file")


async def test_a_call_that_was_never_made_is_answered_as_such_and_kept() -> None:
    box = RecordedToolbox(every_fact())
    asked = ToolCall("9", "write_file", '{"path": "other"}')
    result = await box.call(asked)
    assert result.outcome == "rejected"
    assert "Nothing was carried out" in result.content
    assert (result.qualified, box.unmatched) == ("files__write_file", [asked])


async def test_repeated_calls_get_their_results_in_order_and_then_the_last_again() -> None:
    model = ScriptedModel(call("next"), call("next"), say("2"))
    facts, _ = await run_for_real(model, ScriptedToolbox(tool("next", "one", "two", read_only=True)))
    box = RecordedToolbox(facts)
    answers: list[ToolResult] = [await box.call(ToolCall(str(n), "next", "{}")) for n in range(3)]
    assert [answer.content for answer in answers] == ["one", "two", "two"]


async def test_a_mended_call_and_the_same_call_written_properly_have_a_result_each() -> None:
    mended, proper = ToolCall("1", "keep", '{"text": null}'), ToolCall("2", "keep", "{}")
    kept = [ToolResult(call.id, f"kept {call.id}", arguments={}, qualified="box__keep") for call in (mended, proper)]
    box = RecordedToolbox([ToolFinished(1, mended, kept[0]), ToolFinished(2, proper, kept[1])])
    assert [(await box.call(call)).content for call in (mended, proper)] == ["kept 1", "kept 2"]


def test_two_reports_are_compared_line_by_line() -> None:
    before = report(every_fact())
    after = Report(answer="no", status="partial", stop_reason="stuck", model="other", tools_used=(ToolUse("x", 2, 1),))
    lines = {line.what: line for line in compare(before, after)}
    assert (lines["status"].before, lines["status"].after) == ("done: answered", "partial: stuck")
    assert lines["tools"].after == "x ×2 (1 failed)"
    assert not lines["answer"].same
    assert all(line.same for line in compare(before, before))
