"""The main job: an MCP client, the real `lmbridge serve`, real MCP servers, a model at the other end of real HTTP."""

import json
import sqlite3
from pathlib import Path

import pytest

from e2e.conftest import Bench, Mode
from lmbridge.testing import FakeLMStudio, call, calls, say
from support.servers import npm_server, python_server, sqlite_server


@pytest.mark.parametrize("mode", ["auto", "legacy", "2026-07-28"])
async def test_a_task_is_worked_off_with_the_bundled_file_server_in_every_era(
    bench: Bench, fake: FakeLMStudio, mode: Mode
):
    (bench.folder / "files").mkdir()
    (bench.folder / "files" / "a.txt").write_text("alpha\n")
    bench.configure({"files": python_server("lmbridge.testing.files", str(bench.folder / "files"))})
    fake.script(call("read_text_file", path=str(bench.folder / "files" / "a.txt")), say("It says alpha."))
    async with bench.client(mode) as client:
        result = await bench.call(client, "autonomous_with_mcp", mcp_name="files", task="What does a.txt say?")
    report = result.structured_content
    assert not result.is_error
    assert (report["status"], report["stop_reason"], report["answer"]) == ("done", "answered", "It says alpha.")
    assert report["tools_used"] == [{"tool": "files__read_text_file", "calls": 1, "failed": 0}]
    assert report["model"] == "qwen/qwen3-4b-2507"
    assert report["rounds"] == 2
    assert result.content[0].text == "It says alpha."
    assert bench.progress
    sent = fake.chats[-1].body["messages"]
    assert sent[-1]["role"] == "tool"
    assert sent[-1]["content"].startswith("alpha")
    assert sent[-1]["tool_call_id"] == sent[-2]["tool_calls"][0]["id"]


@pytest.mark.npm
async def test_a_task_is_worked_off_with_the_npm_filesystem_and_memory_servers(bench: Bench, fake: FakeLMStudio):
    (bench.folder / "a.txt").write_text("alpha\n")
    bench.configure(
        {
            "fs": npm_server("mcp-server-filesystem", str(bench.folder)),
            "memory": npm_server("mcp-server-memory", env={"MEMORY_FILE_PATH": str(bench.folder / "memory.jsonl")}),
        }
    )
    entity = {"name": "a.txt", "entityType": "file", "observations": ["says alpha"]}
    fake.script(
        call("fs__read_text_file", path=str(bench.folder / "a.txt")),
        call("memory__create_entities", entities=[entity]),
        say("Noted."),
    )
    async with bench.client() as client:
        result = await bench.call(
            client, "autonomous_with_multiple_mcps", mcp_names=["fs", "memory"], task="Read and note it."
        )
    report = result.structured_content
    assert report["status"] == "done", report
    assert [use["tool"] for use in report["tools_used"]] == ["fs__read_text_file", "memory__create_entities"]
    assert report["writes"] == [
        {"tool": "memory__create_entities", "arguments": {"entities": [entity]}, "outcome": "ok"}
    ]
    assert "says alpha" in (bench.folder / "memory.jsonl").read_text()


async def test_a_task_is_worked_off_with_git_and_time(bench: Bench, fake: FakeLMStudio):
    code, *_ = await _git(bench.folder, "init", "-q", ".")
    assert code == 0
    bench.configure(
        {
            "git": python_server("mcp_server_git", "--repository", str(bench.folder)),
            "clock": python_server("mcp_server_time", "--local-timezone", "UTC"),
        }
    )
    fake.script(
        calls(
            call("git__git_status", repo_path=str(bench.folder)),
            call("clock__get_current_time", timezone="Europe/Paris"),
        ),
        say("Ok."),
    )
    async with bench.client() as client:
        result = await bench.call(client, "autonomous_discover_and_execute", task="Look around.")
    report = result.structured_content
    assert report["status"] == "done", report
    assert {use["tool"]: use["failed"] for use in report["tools_used"]} == {
        "git__git_status": 0,
        "clock__get_current_time": 0,
    }
    assert "Europe/Paris" in fake.chats[-1].body["messages"][-1]["content"]


async def _git(folder: Path, *arguments: str) -> tuple[int, bytes, bytes]:
    import asyncio

    process = await asyncio.create_subprocess_exec("git", *arguments, cwd=folder)
    out, err = await process.communicate()
    return process.returncode or 0, out, err


async def test_a_question_is_answered_with_the_sqlite_server(bench: Bench, fake: FakeLMStudio):
    database = bench.folder / "shop.db"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE users (name TEXT)")
        connection.execute("INSERT INTO users VALUES ('ada')")
    connection.close()
    bench.configure({"shop": sqlite_server(database)})
    fake.script(call("list_tables"), call("read_query", query="SELECT count(*) AS n FROM users"), say("One user."))
    async with bench.client() as client:
        result = await bench.call(client, "autonomous_with_mcp", mcp_name="shop", task="How many users?")
    assert result.structured_content["status"] == "done", result.structured_content
    assert "'n': 1" in fake.chats[-1].body["messages"][-1]["content"]


async def test_a_server_is_started_once_and_reused_between_calls(bench: Bench, fake: FakeLMStudio):
    (bench.folder / "files").mkdir()
    starts = bench.folder / "starts"
    program = bench.folder / "counted.py"
    program.write_text(
        f"import runpy; open({str(starts)!r}, 'a').write('x'); runpy.run_module('lmbridge.testing.files', run_name='__main__')"
    )
    entry = python_server("lmbridge.testing.files")
    bench.configure({"files": {"command": entry["command"], "args": [str(program), str(bench.folder / "files")]}})
    fake.script(
        call("list_directory", path=str(bench.folder / "files")),
        say("Empty."),
        call("list_allowed_directories"),
        say("One."),
    )
    async with bench.client() as client:
        for task in ("List.", "Which?"):
            result = await bench.call(client, "autonomous_with_mcp", mcp_name="files", task=task)
            assert result.structured_content["status"] == "done", result.structured_content
    assert starts.read_text() == "x"


async def test_lmbridge_never_offers_itself_to_the_local_model(bench: Bench, fake: FakeLMStudio):
    bench.configure(
        {
            "lmbridge": {"command": "lmbridge", "args": ["serve"]},
            "other-name": {"command": "uvx", "args": ["lmbridge", "serve"]},
            "clock": python_server("mcp_server_time", "--local-timezone", "UTC"),
        }
    )
    fake.script(say("Nothing to do."))
    async with bench.client() as client:
        await bench.call(client, "autonomous_discover_and_execute", task="Look.")
        listing = await bench.call(client, "list_available_mcps")
    assert fake.chats[-1].tool_names == ["convert_time", "get_current_time"]
    usable = {server["name"]: server["usable"] for server in listing.structured_content["servers"]}
    assert usable == {"lmbridge": False, "other-name": False, "clock": True}


async def test_the_terminal_does_the_same_job(bench: Bench, fake: FakeLMStudio):
    bench.configure({"clock": python_server("mcp_server_time", "--local-timezone", "UTC")})
    fake.script(call("get_current_time", timezone="Asia/Tokyo"), say("Late."))
    code, report = await bench.report("What time is it in Tokyo?", "--mcp", "clock")
    assert (code, report["status"], report["answer"]) == (0, "done", "Late.")
    code, out, err = await bench.shell("run", "Say something.")
    assert code == 0
    assert out.strip()
    assert err.strip(), "progress belongs on stderr"


async def test_the_terminal_lists_servers_and_models(bench: Bench, fake: FakeLMStudio):
    bench.configure({"clock": python_server("mcp_server_time"), "gone": {"command": "no-such-program-anywhere"}})
    code, out, _ = await bench.shell("mcps", "--json")
    assert code == 0
    assert [server["name"] for server in json.loads(out)["servers"]] == ["clock", "gone"]
    code, out, _ = await bench.shell("models", "--json")
    assert code == 0
    assert [model["id"] for model in json.loads(out)["models"]] == ["qwen/qwen3-4b-2507"]
