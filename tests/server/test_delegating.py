"""The main job through the real server and a real MCP server, against the fake LM Studio, in every mode of the client."""

import asyncio
import json
from typing import Any

import pytest
from mcp import Client, types

from lmbridge.testing import FakeLMStudio, call, fault, gate, say
from server.conftest import ERAS, MODES, Bench, Mode
from support.servers import python_server

TASK: dict[str, Any] = {"mcp_name": "files", "task": "What does a.txt say?"}


async def text_of(client: Client, uri: str) -> str:
    content = (await client.read_resource(uri)).contents[0]
    assert isinstance(content, types.TextResourceContents)
    return content.text


def read(bench: Bench) -> Any:
    return call("read_text_file", path=str(bench.files / "a.txt"))


@pytest.mark.parametrize("mode", MODES)
async def test_a_task_is_worked_off_and_reported(mode: Mode, bench: Bench, fake: FakeLMStudio):
    fake.script(read(bench), say("It says alpha."))
    async with bench.client(mode) as client:
        result = await bench.call(client, "autonomous_with_mcp", **TASK)
    report = result.structured_content
    assert not result.is_error
    assert result.content[0].text == "It says alpha."
    assert next(iter(report)) == "answer", "clients may show their model only the beginning"
    assert (report["answer"], report["status"], report["stop_reason"]) == ("It says alpha.", "done", "answered")
    assert report["tools_used"] == [{"tool": "files__read_text_file", "calls": 1, "failed": 0}]
    assert report["writes"] == []
    assert "alpha" in fake.chats[1].tool_results[0]


@pytest.mark.parametrize("mode", ERAS)
async def test_progress_tells_each_round_with_tool_tokens_and_time(mode: Mode, bench: Bench, fake: FakeLMStudio):
    fake.script(read(bench), read(bench), say("Done."))
    async with bench.client(mode) as client:
        await bench.call(client, "autonomous_with_mcp", **TASK)
    values = [value for value, _ in bench.progress]
    lines = [line for _, line in bench.progress]
    assert values == sorted(set(values)), "progress only ever grows"
    assert all(len(line) <= 200 for line in lines)
    for number in (1, 2, 3):
        assert any(line.startswith(f"round {number} · ") for line in lines), lines
    assert any("files__read_text_file" in line for line in lines)
    assert any("tokens in" in line for line in lines)


async def test_no_progress_is_sent_to_a_client_that_asked_for_none(bench: Bench, fake: FakeLMStudio):
    fake.script(read(bench), say("Done."))
    async with bench.wire() as wire:
        await wire.initialize()
        await wire.call(1, "autonomous_with_mcp", **TASK)
        assert (await wire.answer(1))["result"]["structuredContent"]["status"] == "done"
    assert "notifications/progress" not in wire.stray


async def test_several_servers_and_one_that_fails(bench: Bench, fake: FakeLMStudio):
    bench.configure(
        {
            "files": python_server("lmbridge.testing.files", str(bench.files)),
            "broken": {"command": "/nonexistent/program"},
        }
    )
    fake.script(read(bench), say("alpha"))
    async with bench.local() as client:
        arguments = {"mcp_names": ["files", "broken"], "task": "What does a.txt say?"}
        report = (await bench.call(client, "autonomous_with_multiple_mcps", **arguments)).structured_content
        assert report["status"] == "done"
        assert {each["name"]: each["status"] for each in report["servers"]} == {"files": "used", "broken": "failed"}
        assert any("broken" in warning for warning in report["warnings"])
        failed = await bench.call(client, "autonomous_with_multiple_mcps", on_mcp_failure="fail", **arguments)
        assert failed.is_error
        assert failed.content[0].text.startswith("server_start_failed: ")


async def test_every_enabled_server_is_used_and_never_lmbridge_itself(bench: Bench, fake: FakeLMStudio):
    bench.configure(
        {
            "files": python_server("lmbridge.testing.files", str(bench.files)),
            "off": {"command": "/nonexistent/program", "disabled": True},
            "lmbridge": {"command": "lmbridge", "args": ["serve"]},
        }
    )
    fake.script(say("Nothing to do."))
    async with bench.local() as client:
        listed = (await client.call_tool("list_available_mcps", {})).structured_content
        assert listed is not None
        usable = {each["name"]: each["usable"] for each in listed["servers"]}
        assert usable == {"files": True, "off": False, "lmbridge": False}
        assert all(each.get("problem") for each in listed["servers"] if not each["usable"])
        report = (await bench.call(client, "autonomous_discover_and_execute", task="Look.")).structured_content
    assert [each["name"] for each in report["servers"]] == ["files"]
    assert not any("autonomous" in name for name in fake.chats[0].tool_names)


async def test_servers_are_listed_with_their_faults_and_without_their_secrets(bench: Bench):
    secret = "s3cr3t-value-that-must-not-show"
    bench.configure(
        {
            "files": {**python_server("lmbridge.testing.files", str(bench.files)), "env": {"API_TOKEN": secret}},
            "far": {"url": f"https://user:{secret}@mcp.example.com/x?key={secret}", "headers": {"X-Api-Key": secret}},
            "broken": {"command": 3},
            "empty": {},
            "wrong": {"url": "ftp://x"},
        }
    )
    async with bench.local() as client:
        result = await client.call_tool("list_available_mcps", {})
    assert result.structured_content is not None
    found = {each["name"]: each for each in result.structured_content["servers"]}
    assert {name: each["transport"] for name, each in found.items()} == {
        "files": "stdio",
        "far": "http",
        "broken": "stdio",
        "empty": "unknown",
        "wrong": "http",
    }
    assert found["files"]["usable"]
    assert all(found[name]["problem"] for name in ("broken", "empty", "wrong"))
    assert all(each["origin"].endswith("mcp.json") for each in found.values())
    assert secret not in json.dumps(result.structured_content) + str(result.content)


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"mcp_name": "filez"}, "unknown_server", "files"),
    ({"model": "qwen/qwen3-4b-2508"}, "model_not_found", "qwen/qwen3-4b-2507"),
    ({"output_schema": {"type": 3}}, "invalid_arguments", "output_schema"),
    ({"accept": [{"wish": 1}]}, "invalid_arguments", "wish"),
    ({"continue_run": "r-20260101-000000-abcdef"}, "invalid_arguments", "r-20260101-000000-abcdef"),
]


@pytest.mark.parametrize("mode", ERAS)
async def test_a_refusal_is_an_error_with_code_hint_and_report(mode: Mode, bench: Bench, fake: FakeLMStudio):
    async with bench.local(mode) as client:
        for arguments, code, told in REFUSED:
            result = await bench.call(client, "autonomous_with_mcp", **{**TASK, **arguments})
            assert result.is_error
            text, report = result.content[0].text, result.structured_content
            assert text.startswith(f"{code}: ")
            assert " — " in text
            assert told in text
            assert (report["status"], report["run_id"], report["error"]["code"]) == ("failed", None, code)
    assert not fake.chats


async def test_a_failed_run_is_an_error_and_get_run_of_it_is_none(bench: Bench, fake: FakeLMStudio):
    fake.script(*[fault.status(400, {"error": {"message": "no such luck"}})] * 6)
    async with bench.local() as client:
        result = await bench.call(client, "autonomous_with_mcp", **TASK)
        assert result.is_error
        report = result.structured_content
        assert report["status"] == "failed"
        again = await client.call_tool("get_run", {"run_id": report["run_id"]})
    assert not again.is_error
    assert again.structured_content is not None
    assert again.structured_content["error"] == report["error"]


async def test_an_answer_by_schema_comes_as_output(bench: Bench, fake: FakeLMStudio):
    schema = {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]}
    fake.script(*[say('{"word": "alpha"}')] * 3)
    async with bench.local() as client:
        report = (await bench.call(client, "autonomous_with_mcp", output_schema=schema, **TASK)).structured_content
    assert report["output"] == {"word": "alpha"}


async def test_many_calls_run_side_by_side_on_one_connection(bench: Bench, fake: FakeLMStudio):
    together = gate()
    for number in range(3):
        fake.script(say(f"answer {number}").after(together), when=lambda seen, n=number: f"task {n}." in seen.text)
    async with bench.local() as client:
        calls = [
            asyncio.create_task(bench.call(client, "autonomous_with_mcp", mcp_name="files", task=f"task {number}."))
            for number in range(3)
        ]
        await together.reached(3)
        together.open()
        answers = [(await each).structured_content["answer"] for each in calls]
    assert answers == ["answer 0", "answer 1", "answer 2"]


async def test_runs_prompts_and_names_are_offered_beside_the_tools(bench: Bench, fake: FakeLMStudio):
    fake.script(read(bench), say("It says alpha."))
    async with bench.local() as client:
        report = (await bench.call(client, "autonomous_with_mcp", **TASK)).structured_content
        uris = [each.uri for each in (await client.list_resources()).resources]
        assert uris == ["lmbridge://models", "lmbridge://mcps", f"lmbridge://runs/{report['run_id']}"]
        transcript, models, mcps = [await text_of(client, uri) for uri in (uris[2], *uris[:2])]
        assert "What does a.txt say?" in transcript
        assert "read_text_file" in transcript
        assert "It says alpha." in transcript
        assert json.loads(models)["models"][0]["id"] == "qwen/qwen3-4b-2507"
        assert json.loads(mcps)["servers"][0]["name"] == "files"
        prompt = await client.get_prompt("summarise_files", {"path": "/x"})
        assert "/x" in str(prompt.messages[0].content)
        reference = types.PromptReference(name="summarise_files")
        for argument, typed, wanted in [("model", "QWEN", "qwen/qwen3-4b-2507"), ("server", "f", "files")]:
            found = await client.complete(reference, {"name": argument, "value": typed})
            assert found.completion.values == [wanted]
        template = types.ResourceTemplateReference(uri="lmbridge://runs/{id}")
        assert (await client.complete(template, {"name": "id", "value": "r-"})).completion.values == [report["run_id"]]


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.parametrize(
    "uri", ["lmbridge://nothing", "lmbridge://runs/r-20260101-000000-abcdef", "file:///etc/passwd"]
)
async def test_a_resource_that_is_not_there_is_told(uri: str, mode: Mode, bench: Bench, fake: FakeLMStudio):
    async with bench.local(mode) as client:
        with pytest.raises(Exception, match=r"not found|names no run"):
            await client.read_resource(uri)


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [("nothing", {}, "summarise_files"), ("summarise_files", {}, "path"), ("summarise_files", {"pth": "x"}, "pth")],
)
async def test_a_prompt_that_cannot_be_filled_says_why(
    name: str, arguments: dict[str, str], told: str, bench: Bench, fake: FakeLMStudio
):
    async with bench.local() as client:
        with pytest.raises(Exception, match=told):
            await client.get_prompt(name, arguments)
