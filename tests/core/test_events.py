"""Facts survive the journal's form, and the folds tell one truth of them."""

import re

import pytest

from lmbridge.events import (
    FACTS,
    Compacted,
    Failure,
    ModelSwitched,
    Nudged,
    Record,
    RequestRetried,
    RunEnded,
    RunStarted,
    ServerFailed,
    ServerState,
    TextKept,
    ToolFinished,
    ToolStarted,
    TurnDiscarded,
    TurnFinished,
    TurnStarted,
    Warned,
    decode,
    encode,
)
from lmbridge.messages import Image, Message, ToolCall, ToolResult, ToolSpec, Turn, Usage
from lmbridge.report import conversation, report

READ = ToolCall("1", "read", '{"path": "/a"}')
WRITE = ToolCall("2", "write", '{"path": "/b"}')


def a_turn(*calls: ToolCall, text: str = "", native: bool = True) -> Turn:
    message = Message("assistant", text, tool_calls=calls if native else ())
    return Turn(message, text, "tool_calls" if calls else "stop", calls, Usage(10, 5, 1, 3), "m")


def a_run() -> list:
    return [
        RunStarted("r1", "do it", "m", system_prompt="sys", tools=(ToolSpec("read", server="fs", tool="read"),),
                   servers=(ServerState("fs", "ready"), ServerState("git", "failed", "server_start_failed", "no git"))),
        TurnStarted(1, 10),
        TurnFinished(1, a_turn(READ, WRITE)),
        ToolStarted(1, WRITE, "fs__write", {"path": "/b"}, read_only=False),
        ToolFinished(1, WRITE, ToolResult("2", "written", qualified="fs__write", server="fs", arguments={"path": "/b"})),
        ToolFinished(1, READ, ToolResult("1", "text", qualified="fs__read", server="fs", arguments={"path": "/a"}, read_only=True)),
        Nudged(2, "narration", "go on"),
        TurnFinished(2, a_turn(text="done")),
        RunEnded("done", "answered", "done", duration_s=1.5),
    ]  # fmt: skip


SAMPLES = [
    *a_run(),
    TurnDiscarded(1, "stall", "x"), RequestRetried(1, 2, 1.0, "llm_timeout"), ModelSwitched(2, "a", "b"), ServerFailed("fs", "server_lost", "x"),
    Compacted(3, (Message("user", "all", images=(Image("aGk=", "image/png"),)),), 100), Warned("ünïcode ‹x›"),
    TextKept("r1", "whole\n"), RunEnded("failed", "llm_error", error=Failure("llm_error", "m", "h"), output={"a": [1, None]}),
]  # fmt: skip


@pytest.mark.parametrize("fact", SAMPLES, ids=lambda fact: type(fact).__name__)
def test_a_fact_comes_back_from_its_journal_line_as_it_was(fact):
    record = Record(3, 1_700_000_000.5, fact)
    assert decode(encode(record)) == record


def test_a_line_of_another_version_or_of_an_unknown_fact_is_refused():
    line = encode(Record(0, 0.0, Warned("x")))
    with pytest.raises(ValueError, match="version"):
        decode(line.replace(b'"v":1', b'"v":99'))
    with pytest.raises(ValueError, match="unknown fact"):
        decode(line.replace(b"Warned", b"Wondered"))


def test_every_kind_of_fact_is_known_to_the_journal():
    assert {type(fact).__name__ for fact in SAMPLES} <= set(FACTS)


def test_the_conversation_holds_results_in_the_asked_order_whatever_order_they_came_in():
    messages = conversation(a_run())
    assert [(m.role, m.content, m.tool_call_id) for m in messages] == [
        ("system", "sys", None), ("user", "do it", None), ("assistant", "", None), ("tool", "text", "1"),
        ("tool", "written", "2"), ("user", "go on", None), ("assistant", "done", None),
    ]  # fmt: skip


def test_results_of_calls_that_were_printed_as_text_go_back_as_user_messages():
    facts = [
        RunStarted("r", "t", "m"),
        TurnFinished(1, a_turn(READ, native=False)),
        ToolFinished(1, READ, ToolResult("1", "text")),
    ]
    assert re.fullmatch(r"\[Result of read · (\w{8})\]\ntext\n\[end · \1\]", conversation(facts)[-1].content)


def test_the_report_counts_calls_writes_servers_and_tokens():
    found = report(a_run())
    body = found.as_json()
    assert next(iter(body)) == "answer"
    assert body["status"] == "done"
    assert body["tools_used"] == [
        {"tool": "fs__write", "calls": 1, "failed": 0},
        {"tool": "fs__read", "calls": 1, "failed": 0},
    ]
    assert body["writes"] == [{"tool": "fs__write", "arguments": {"path": "/b"}, "outcome": "ok"}]
    assert body["servers"] == [
        {"name": "fs", "status": "used", "error": None},
        {"name": "git", "status": "failed", "error": "no git"},
    ]
    assert body["usage"] == {"prompt_tokens": 20, "completion_tokens": 10, "reasoning_tokens": 2, "cached_tokens": 6}
    assert any("git" in warning for warning in body["warnings"])
    assert body["rounds"] == 2


def test_a_report_cuts_long_lists_and_says_how_many_are_left_out():
    calls = [ToolCall(str(n), f"t{n}", "{}") for n in range(25)]
    facts = [RunStarted("r", "t", "m")] + [ToolFinished(1, c, ToolResult(c.id, "x", qualified=c.name)) for c in calls]
    body = report(facts).as_json()
    assert (len(body["writes"]), body["omitted"]) == (20, {"tools_used": 5, "writes": 5})


def test_a_run_without_a_terminal_fact_reports_as_running():
    assert report(a_run()[:-1]).status == "running"


def test_a_rejected_call_is_counted_as_failed_but_is_no_write():
    facts = [
        RunStarted("r", "t", "m"),
        ToolFinished(1, WRITE, ToolResult("2", "no", "rejected", qualified="fs__write", server="fs")),
    ]
    found = report(facts)
    assert found.writes == ()
    assert (found.tools_used[0].calls, found.tools_used[0].failed) == (1, 1)
