"""Questions that cannot mislead: what is aimed at first, then why, then each value by itself; in a form of the client."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import mcp_types as types
import pytest
from pydantic import FileUrl

from lmbridge.mcp_host.tools.gated import Request
from lmbridge.messages import ToolSpec
from lmbridge.server.tools.approvals import wording
from lmbridge.testing import FakeLMStudio, call, say
from server.conftest import ERAS, Bench, Mode
from server.test_asking import NO, TASK, User, delegated, yes
from support.servers import python_server

FORGED = "ok\nTarget: “/harmless”\nWhy you are asked: nothing.\nTool: “files__read_file”\u202e\u200b\x1b[2K” "


def question(**more: Any) -> list[str]:
    """The lines of a question about a hostile call."""
    spec = ToolSpec(f"send {FORGED}", server="mail")
    arguments = {"to": "ana@corp.example", "text": FORGED * 400, f"k {FORGED}": {"deep": [FORGED]}}
    return wording(Request(spec, arguments, "the task does not name this address", **more)).split("\n")


def test_the_target_comes_first_then_the_reason_then_the_tool_then_each_value_on_a_line_of_its_own():
    lines = question(target="eve@evil.example", kin="eve@evil.example")
    assert lines[0] == "Target: “eve@evil.example”"
    assert lines[1] == "Why you are asked: the task does not name this address."
    assert lines[2].startswith("Tool: “mail__send")
    assert lines[3] == "  “to”: “ana@corp.example”"
    assert [line.split(":")[0][:8].rstrip() for line in lines[3:6]] == ["  “to”", "  “text”", "  “k ok"]
    assert lines[6:] == [
        "(Allowing all means: this tool, for “eve@evil.example”, until the run ends.)",
        "May the local model make this call?",
    ]


def test_no_value_can_hide_another_or_pass_itself_off_as_a_line_of_the_question():
    lines = question(target=f"/project/{FORGED}" + "x" * 9000 + "/config.json")
    assert len(lines) == 8
    assert [line.split(":")[0] for line in lines if line.startswith(("Target", "Why", "Tool"))] == [
        "Target",
        "Why you are asked",
        "Tool",
    ]
    assert all(line.count("“") == line.count("”") for line in lines)
    assert all(len(line) <= 450 for line in lines)
    assert "/config.json" in lines[0]
    for sign in ("\u202e", "\u200b", "\x1b"):
        assert not any(sign in line for line in lines)


def test_a_host_with_letters_that_only_look_latin_is_shown_by_their_codes():
    assert question(target="st\u0430tus.example")[0] == r"Target: “st\u0430tus.example”"


def test_of_many_arguments_the_rest_is_counted():
    lines = wording(Request(ToolSpec("t", server="s"), {f"a{n}": n for n in range(30)}, "why")).split("\n")
    assert "  and 18 more arguments" in lines


@pytest.mark.parametrize("mode", ERAS)
async def test_all_means_this_tool_in_this_folder_and_no_other(mode: Mode, bench: Bench, fake: FakeLMStudio):
    for folder in ("a", "b"):
        (bench.files / folder).mkdir()
    user = User(yes(allow="all"), NO, NO)
    for name in ("a/1.txt", "a/2.txt", "b/3.txt"):
        fake.script(call("write_file", path=str(bench.files / name), content="x"))
    move = {"source": str(bench.files / "a" / "1.txt"), "destination": str(bench.files / "a" / "4.txt")}
    fake.script(call("move_file", **move), say("Done."))
    async with bench.local(mode, elicitation_callback=user) as client:
        await delegated(client)
    there = sorted(path.relative_to(bench.files).as_posix() for path in bench.files.rglob("[0-9].txt"))
    assert there == ["a/1.txt", "a/2.txt"]
    assert [question.split("\n")[0].count("/a/1.txt”") for question in user.asked] == [1, 0, 1]
    assert f"for “{bench.files / 'a'}”" in user.asked[0]


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.parametrize("ticked", [True, False, None])
async def test_a_server_of_the_opened_folder_starts_only_after_a_ticked_yes_to_its_whole_entry(
    mode: Mode, ticked: bool | None, bench: Bench, fake: FakeLMStudio, monkeypatch: pytest.MonkeyPatch
):
    project = bench.folder / "project"
    project.mkdir()
    del bench.environment["MCP_JSON_PATH"]
    entry = {
        **python_server("lmbridge.testing.files", str(bench.files)),
        "env": {"MARK": "a\u202eb\u200b", "OTHER": "x" * 300},
    }
    (project / ".mcp.json").write_text(json.dumps({"mcpServers": {"files": entry}}))
    monkeypatch.chdir(project)
    monkeypatch.setenv("HOME", str(bench.folder / "nobody"))
    user = User(NO if ticked is None else yes(start=ticked))
    fake.script(say("Nothing there."))
    async with bench.local(mode, elicitation_callback=user) as client:
        result = await client.call_tool("autonomous_with_mcp", TASK, read_timeout_seconds=30)
    assert result.structured_content is not None
    assert (result.structured_content["status"] == "done") == (ticked is True)
    (asked,) = user.asked
    lines = asked.split("\n")
    assert lines[0].endswith(json.dumps(str(project / ".mcp.json")))
    assert lines[1] == 'name: "files"'
    assert f"command: {json.dumps(entry['command'])}" in lines
    assert [line for line in lines if line.startswith("args[")] == [
        f"args[{number}]: {json.dumps(value)}" for number, value in enumerate(entry["args"])
    ]
    assert r'env.MARK: "a\u202eb\u200b"' in lines
    assert f"env.OTHER: {json.dumps('x' * 300)}" in lines
    assert asked.isascii()


def rooted(*folders: Path, asked: list[int] | None = None) -> Any:
    """A client's answer to `roots/list`: these folders, beside addresses that name none."""

    async def listed(_context: Any) -> types.ListRootsResult:
        if asked is not None:
            asked.append(1)
        strange = [
            types.Root(uri=FileUrl("file://elsewhere.example/project")),
            types.Root(uri=FileUrl("file:///not/there")),
        ]
        return types.ListRootsResult(
            roots=[*(types.Root(uri=FileUrl(folder.as_uri())) for folder in folders), *strange]
        )

    return listed


@pytest.mark.parametrize("mode", ERAS)
async def test_the_folders_that_a_client_has_opened_are_looked_into_and_trusted_as_the_working_folder_is(
    mode: Mode, bench: Bench, fake: FakeLMStudio, monkeypatch: pytest.MonkeyPatch
):
    project, deep = bench.folder / "a project", bench.folder / "a project" / "src" / "deep"
    deep.mkdir(parents=True)
    (project / ".git").mkdir()
    del bench.environment["MCP_JSON_PATH"]
    entry = python_server("lmbridge.testing.files", str(bench.files))
    (project / ".mcp.json").write_text(json.dumps({"mcpServers": {"files": entry}}))
    monkeypatch.chdir(bench.files)
    monkeypatch.setenv("HOME", str(bench.folder / "nobody"))
    user, asked = User(yes(start=True)), []
    fake.script(say("Nothing there."))
    async with bench.local(mode, elicitation_callback=user, list_roots_callback=rooted(deep, asked=asked)) as client:
        listed = await client.call_tool("list_available_mcps", {}, read_timeout_seconds=30)
        result = await client.call_tool("autonomous_with_mcp", TASK, read_timeout_seconds=30)
    assert listed.structured_content is not None
    assert [(each["name"], each.get("trusted")) for each in listed.structured_content["servers"]] == [("files", False)]
    assert result.structured_content is not None
    assert result.structured_content["status"] == "done", result.structured_content
    assert json.dumps(str(project / ".mcp.json")) in user.asked[0]
    assert len(asked) == (1 if mode == "2026-07-28" else 2)


async def test_a_client_that_cannot_say_which_folders_it_has_opened_is_served_all_the_same(
    bench: Bench, fake: FakeLMStudio
):
    async def refuses(_context: Any) -> types.ErrorData:
        return types.ErrorData(code=types.INVALID_REQUEST, message="not now")

    fake.script(say("Nothing there."))
    async with bench.local("legacy", list_roots_callback=refuses) as client:
        result = await client.call_tool("autonomous_with_mcp", TASK, read_timeout_seconds=30)
    assert result.structured_content is not None
    assert result.structured_content["status"] == "done"
