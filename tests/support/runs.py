"""Runs to observe: one with every kind of fact in it, and real ones through the loop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lmbridge.agent.loop import run
from lmbridge.agent.task.assignment import Assignment
from lmbridge.agent.task.run_plan import RunPlan
from lmbridge.events import (
    ApprovalSought,
    Compacted,
    Exemplified,
    Fact,
    Failure,
    Fleeting,
    JournalLost,
    ModelLoaded,
    ModelSwitched,
    Nudged,
    RequestRetried,
    RunEnded,
    RunStarted,
    ServerFailed,
    ServerRestarted,
    ServerState,
    TextKept,
    ToolFinished,
    ToolStarted,
    TurnDiscarded,
    TurnFinished,
    TurnStarted,
    Warned,
)
from lmbridge.messages import Delta, Image, Message, ToolCall, ToolResult, ToolSpec, Turn, Usage
from lmbridge.observe.journal.journal import Journals
from lmbridge.report import Report
from lmbridge.testing.scripted import ScriptedModel, ScriptedToolbox

RUN_ID = "r-20261121-081502-4f3a9c"


def asks(number: int, *calls: ToolCall, text: str = "", usage: Usage = Usage(100, 20, 5, 60)) -> TurnFinished:  # noqa: B008  # frozen
    message = Message("assistant", text, tool_calls=calls)
    turn = Turn(message, text, "tool_calls" if calls else "stop", calls, usage, "tiny", None, 0.2, 0.5)
    return TurnFinished(number, turn)


READ = ToolCall("1", "read_file", '{"path": "a.txt"}')
WRITE = ToolCall("2", "write_file", '{"path": "ü \\"b\\".txt"}')
UNKNOWN = ToolCall("3", "fly", "{}")


def every_fact(run_id: str = RUN_ID) -> list[Fact]:
    """A run in which everything happens that a fact can tell."""
    tools = (
        ToolSpec("read_file", "Read", server="files", tool="read_file", read_only=True),
        ToolSpec("write_file", "Write", server="files", tool="write_file"),
    )
    return [
        RunStarted(
            run_id,
            "Copy a.txt and say “ready”.\u2028Then stop.",
            "tiny",
            "http://localhost:1234/v1",
            "You have tools.",
            (Message("user", "earlier"), Message("assistant", "yes", reasoning="hm", reasoning_field="reasoning")),
            tools,
            (ServerState("files", "ready"), ServerState("git", "failed", "server_start_failed", "no git")),
            max_rounds=9,
            timeout_s=60.0,
            context_length=4096,
            client="a test",
            version="1",
            provider="llama.cpp",
        ),
        ModelLoaded("tiny", "missing", 1.5),
        TurnStarted(1, 120, 512),
        RequestRetried(1, 1, 1.0, "llm_timeout", "slow"),
        TurnDiscarded(1, "stalled"),
        asks(1, READ, WRITE, UNKNOWN),
        ToolStarted(1, READ, "files__read_file", {"path": "a.txt"}, read_only=True),
        ApprovalSought(WRITE, "files__write_file", "it may change something", "b.txt"),
        ToolStarted(1, WRITE, "files__write_file", {"path": 'ü "b".txt'}, read_only=False),
        ToolFinished(1, WRITE, _result(WRITE, "done", arguments={"path": 'ü "b".txt'})),
        TextKept("r1", "beta “whole”\u2028\n"),
        ToolFinished(1, READ, _result(READ, "alpha\n\x00\ud7ff", read_only=True, images=(Image("aGk=", "image/png"),))),
        ToolFinished(1, UNKNOWN, ToolResult("3", "No such tool.", "rejected", qualified="fly")),
        ServerFailed("files", "server_lost", "gone"),
        ServerRestarted("files", 1),
        Nudged(2, "narration", "Call a tool."),
        Exemplified((Message("user", "Example: Copy a to b."), Message("assistant", "{}"))),
        Compacted(2, (Message("system", "You have tools."), Message("user", "Copy.")), 300),
        ModelSwitched(2, "tiny", "large"),
        TurnStarted(2, 80),
        asks(2, text="ready"),
        Warned("Mind the gap."),
        JournalLost("No space left on device"),
        RunEnded("done", "answered", "ready", {"ok": True}, None, 12.25),
    ]


def _result(call: ToolCall, content: str, **more: Any) -> ToolResult:
    return ToolResult(call.id, content, qualified=f"files__{call.name}", server="files", duration_ms=7.5, **more)


def failed_run(run_id: str = RUN_ID) -> list[Fact]:
    error = Failure("model_load_failed", "The backend could not load it.", "Free memory.")
    return [RunStarted(run_id, "Try.", "tiny"), RunEnded("failed", "model_load_failed", error=error, duration_s=0.5)]


def written(journals: Journals, run_id: str = RUN_ID) -> Path:
    """The file of a run in which every fact was told."""
    with journals.open(run_id) as journal:
        for fact in every_fact(run_id):
            journal(fact)
    return journals.path(run_id)


async def run_for_real(
    model: ScriptedModel, toolbox: ScriptedToolbox, *, task: str = "Do it.", run_id: str = RUN_ID
) -> tuple[list[Fact], Report]:
    """The facts that the loop tells, and the report that it returns."""
    facts: list[Fact] = []

    def note(fact: Fact | Fleeting) -> None:
        if isinstance(fact, Fact):
            facts.append(fact)

    report = await run.run(RunPlan(run_id, Assignment(task=task)), model, toolbox, note)
    return facts, report


PIECE = Delta("text", "never journaled")
