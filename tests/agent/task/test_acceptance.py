"""Nothing is done before lmbridge itself has checked what the caller asked it to check."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from lmbridge.errors import GrammarError, LLMResponseError
from lmbridge.events import Nudged
from lmbridge.settings import Settings
from lmbridge.testing.fake_lmstudio import call, raw, say
from lmbridge.testing.scripted import ScriptedModel, ScriptedToolbox, tool
from support.loops import ran

READ = tool("read", "Alpha is the first letter of the Greek alphabet.", read_only=True)
COUNT: dict[str, Any] = {
    "type": "object",
    "properties": {"count": {"type": "integer", "minimum": 1}},
    "required": ["count"],
    "additionalProperties": False,
}


# --- output_schema


async def test_an_answer_in_the_asked_form_is_the_output() -> None:
    run = await ran(ScriptedModel(call("read"), say('{"count": 3}')), ScriptedToolbox(READ), output_schema=COUNT)
    assert (run.report.output, run.report.answer, run.report.status) == ({"count": 3}, '{"count": 3}', "done")
    assert run.report.rounds == 2


@pytest.mark.parametrize("text", ['```json\n{"count": 3}\n```', 'The result is {"count": 3}.', ' \n{"count": 3}'])
async def test_json_among_words_is_found(text: str) -> None:
    run = await ran(ScriptedModel(say(text)), ScriptedToolbox(READ), output_schema=COUNT)
    assert run.report.output == {"count": 3}


async def test_words_are_put_into_form_by_one_more_turn_that_the_backend_constrains() -> None:
    model = ScriptedModel(call("read"), say("There are three."), raw('{"count": 3}'))
    run = await ran(model, ScriptedToolbox(READ), output_schema=COUNT)
    assert run.report.output == {"count": 3}
    last = model.asked[-1]
    assert (last.options.schema, last.options.tool_choice) == (COUNT, "none")
    assert last.tools == model.asked[0].tools
    assert run.nudges == ["output"]


async def test_without_tools_the_first_reply_is_constrained() -> None:
    model = ScriptedModel(raw('{"count": 3}'))
    run = await ran(model, ScriptedToolbox(), output_schema=COUNT)
    assert model.asked[0].options.schema == COUNT
    assert run.report.output == {"count": 3}


@pytest.mark.parametrize("error", [GrammarError("grammar", status=400), LLMResponseError("no", status=400)])
async def test_a_backend_that_cannot_constrain_is_asked_in_words(error: Exception) -> None:
    model = ScriptedModel(say("Three."), error, raw('{"count": 3}'))
    run = await ran(model, ScriptedToolbox(READ), output_schema=COUNT)
    assert run.report.output == {"count": 3}
    assert model.asked[-1].options.schema is None
    run = await ran(ScriptedModel(error, raw('{"count": 3}')), ScriptedToolbox(), output_schema=COUNT)
    assert run.report.output == {"count": 3}


async def test_an_answer_that_never_fits_ends_as_not_accepted_with_its_text() -> None:
    run = await ran(ScriptedModel(then=say('{"count": 0}')), ScriptedToolbox(READ), output_schema=COUNT)
    assert (run.report.status, run.report.stop_reason, run.report.output) == ("partial", "not_accepted", None)
    assert run.report.answer == '{"count": 0}'
    assert any("minimum" in warning for warning in run.report.warnings)
    told = [fact.text for fact in run.all(Nudged) if fact.kind == "not_accepted"]
    assert all("minimum" in text for text in told)


async def test_in_action_mode_the_answer_itself_has_the_form() -> None:
    model = ScriptedModel(raw('{"answer": {"count": 3}}'), native_tools=False)
    run = await ran(model, ScriptedToolbox(READ), output_schema=COUNT)
    assert run.report.output == {"count": 3}
    assert json.dumps(COUNT) in json.dumps(model.asked[0].options.schema)


# --- accept


async def test_a_file_that_is_missing_is_told_and_made(tmp_path: Path) -> None:
    path = tmp_path / "out.md"

    def write(arguments: Any) -> str:
        path.write_text(arguments["content"], encoding="utf-8")
        return "written"

    tools = ScriptedToolbox(tool("write", write))
    model = ScriptedModel(say("Done."), call("write", content="alpha"), say("It is there now."))
    run = await ran(
        model, tools, accept=({"file_exists": str(path)}, {"file_contains": {"path": str(path), "text": "alpha"}})
    )
    assert (run.report.status, run.report.answer) == ("done", "It is there now.")
    (told,) = [fact.text for fact in run.all(Nudged)]
    assert str(path) in told


async def test_after_three_answers_that_fail_a_check_the_run_is_not_accepted(tmp_path: Path) -> None:
    missing = str(tmp_path / "never.md")
    model = ScriptedModel(then=say("Done."))
    run = await ran(model, ScriptedToolbox(READ), accept=({"file_exists": missing},))
    assert (run.report.status, run.report.stop_reason) == ("partial", "not_accepted")
    assert len(model.asked) == 3
    assert any("never.md" in warning for warning in run.report.warnings)


async def test_a_limit_reached_after_a_refused_answer_is_not_accepted_either(tmp_path: Path) -> None:
    model = ScriptedModel(then=say("Done."))
    run = await ran(model, ScriptedToolbox(READ), accept=({"file_exists": str(tmp_path / "x")},), max_rounds=2)
    assert (run.report.stop_reason, run.report.answer) == ("not_accepted", "Done.")


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [
        ('It says: "Alpha is the first letter".', True),
        ("It says “alpha is the  first letter of the greek alphabet”.", True),
        ("> Alpha is the first letter", True),
        ('It says: "Alpha is the second letter".', False),
        ("It says that alpha is first.", False),
        ('It says "Alpha is the first letter" and "Beta is the last letter".', False),
    ],
)
async def test_quotations_must_stand_in_a_tool_result(answer: str, accepted: bool) -> None:
    run = await ran(ScriptedModel(call("read"), then=say(answer)), ScriptedToolbox(READ), accept=({"quote": True},))
    assert (run.report.status == "done") == accepted


async def test_a_quotation_of_the_cut_part_of_a_result_counts() -> None:
    tools = ScriptedToolbox(tool("read", "x " * 4000 + "the hidden sentence is here" + " y" * 4000, read_only=True))
    model = ScriptedModel(call("read"), say('It says "the hidden sentence is here".'))
    run = await ran(model, tools, accept=({"quote": True},), settings=Settings(max_result_chars=500))
    assert run.report.status == "done"


async def test_json_schema_as_a_check() -> None:
    check = ({"json_schema": COUNT},)
    run = await ran(ScriptedModel(say("three"), say('{"count": 3}')), ScriptedToolbox(READ), accept=check)
    assert (run.report.status, run.report.rounds) == ("done", 2)


async def test_commands_run_only_where_the_settings_list_them(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    command = [sys.executable, "-c", f"open({str(marker)!r}, 'w').close(); raise SystemExit(3)"]
    run = await ran(ScriptedModel(then=say("Done.")), ScriptedToolbox(READ), accept=({"command": command},))
    assert run.report.stop_reason == "not_accepted"
    assert not marker.exists()
    listed = Settings(accept_commands=(" ".join(command),))
    run = await ran(
        ScriptedModel(then=say("Done.")), ScriptedToolbox(READ), accept=({"command": command},), settings=listed
    )
    assert marker.exists()
    assert any("exit code 3" in warning for warning in run.report.warnings)


async def test_a_command_that_succeeds_accepts() -> None:
    command = [sys.executable, "-c", "print('fine')"]
    listed, check = Settings(accept_commands=(" ".join(command),)), ({"command": command},)
    run = await ran(ScriptedModel(say("Done.")), ScriptedToolbox(READ), accept=check, settings=listed)
    assert run.report.status == "done"


async def test_a_command_that_cannot_be_started_is_told() -> None:
    listed = Settings(accept_commands=("no-such-program",))
    model = ScriptedModel(then=say("Done."))
    run = await ran(model, ScriptedToolbox(READ), accept=({"command": ["no-such-program"]},), settings=listed)
    assert run.report.stop_reason == "not_accepted"
    assert any("could not be started" in warning for warning in run.report.warnings)


async def test_a_command_cut_off_by_the_deadline_is_gone_with_all_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    child = "import time; time.sleep(60)"
    program = (
        "import os, subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}])\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        "while True: print('x' * 10000)\n"
    )
    command = [sys.executable, "-c", program]
    listed, check = Settings(accept_commands=(" ".join(command),)), ({"command": command},)
    run = await ran(ScriptedModel(say("Done.")), ScriptedToolbox(READ), accept=check, settings=listed, timeout_s=3)
    assert run.report.stop_reason == "deadline"
    async with asyncio.timeout(5):
        while any(alive(int(pid)) for pid in pids.read_text(encoding="utf-8").split()):  # noqa: ASYNC110  # processes
            await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
