"""What finished runs say of models: completed, fumbled, rounds and seconds, by model and kind of task."""

from __future__ import annotations

from lmbridge.events import Fact, Nudged, RunEnded, RunStarted, ToolFinished, TurnFinished
from lmbridge.messages import Message, ToolCall, ToolResult, Turn
from lmbridge.observe.by_model import by_model
from lmbridge.report import Report, report


def run(model: str, *, status: str = "done", tool: bool = False, nudges: int = 0) -> tuple[list[Fact], Report]:
    call = ToolCall("1", "read", "{}")
    result = ToolResult("1", "text", qualified="files__read", server="files", read_only=True)
    facts: list[Fact] = [RunStarted("r", "task", model, profile={"mode": "forced"})]
    facts += [TurnFinished(1, Turn(Message("assistant", "x"), "x", "stop", model=model))]
    facts += [Nudged(1, "empty", "Go on.")] * nudges
    facts += [ToolFinished(1, call, result)] if tool else []
    facts += [RunEnded(status, "answered" if status == "done" else "max_rounds", "x", None, None, 2.0)]  # type: ignore[arg-type]  # any status
    return facts, report(facts)


def test_runs_are_counted_by_model_and_kind_of_task() -> None:
    runs = [run("a", tool=True), run("a", tool=True, status="partial", nudges=2), run("a"), run("b")]
    found = [each.as_json() for each in by_model(runs)]
    assert found[0] == {
        "model": "a", "kind": "read", "mode": "forced", "runs": 2, "done": 1, "rounds": 1.0, "seconds": 2.0,
        "fumbles": {"empty": 2},
    }  # fmt: skip
    assert [(each["model"], each["kind"], each["done"]) for each in found[1:]] == [
        ("a", "answer", 1),
        ("b", "answer", 1),
    ]


def test_a_run_that_never_came_to_a_reply_says_nothing_of_a_model() -> None:
    facts: list[Fact] = [RunStarted("r", "task", "a"), RunEnded("failed", "llm_unreachable", "", None, None, 0.1)]
    assert by_model([(facts, report(facts))]) == []
