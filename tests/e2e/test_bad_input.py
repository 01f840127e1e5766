"""What goes wrong on the way in: each a clear error within seconds, the contract's exit code, no traceback, no orphan."""

import json
from pathlib import Path

import pytest

from e2e.conftest import Bench
from lmbridge.testing import FakeLMStudio, say
from support.servers import python_server
from support.stubs import stub


async def refused(bench: Bench, *arguments: str) -> tuple[int, dict]:
    code, report = await bench.report("Do it.", *arguments)
    assert report["status"] == "failed"
    assert report["error"]["message"]
    assert report["error"]["hint"]
    return code, report["error"]


async def test_an_unknown_server_is_refused_with_the_nearest_names(bench: Bench, fake: FakeLMStudio):
    bench.configure({"clock": python_server("mcp_server_time")})
    code, error = await refused(bench, "--mcp", "clok")
    assert (code, error["code"]) == (2, "unknown_server")
    assert "clock" in error["hint"]
    assert not fake.chats


async def test_all_servers_where_there_are_none_is_told_in_the_warnings(bench: Bench, fake: FakeLMStudio):
    bench.configure({})
    code, report = await bench.report("Do it.", "--all")
    assert (code, report["status"]) == (0, "done")
    assert "No MCP server is configured" in report["warnings"][0]


async def test_an_unknown_model_is_refused_with_what_there_is(bench: Bench, fake: FakeLMStudio):
    code, error = await refused(bench, "--model", "qwen/qwen3-4b-2508")
    assert (code, error["code"]) == (2, "model_not_found")
    assert "qwen/qwen3-4b-2507" in error["message"] + error["hint"]
    assert not fake.chats


async def test_a_backend_that_is_not_running_is_told_with_its_address(bench: Bench):
    code, error = await refused(bench)
    assert (code, error["code"]) == (3, "llm_unreachable")
    assert "127.0.0.1:9" in error["message"]
    assert "LM Studio" in error["hint"]


async def test_an_mcp_json_that_is_missing_is_told_with_its_path(bench: Bench, fake: FakeLMStudio):
    bench.environment["MCP_JSON_PATH"] = str(bench.folder / "absent.json")
    code, error = await refused(bench, "--mcp", "clock")
    assert (code, error["code"]) == (2, "mcp_config_invalid")
    assert "absent.json" in error["message"]
    code, out, _ = await bench.shell("mcps", "--json")
    assert (code, json.loads(out)["servers"]) == (2, [])


async def test_an_mcp_json_that_is_broken_is_told_with_its_line(bench: Bench, fake: FakeLMStudio):
    file = bench.folder / "mcp.json"
    file.write_text('{\n  "mcpServers": {\n    "a": {"command": "x"\n  }\n')
    bench.environment["MCP_JSON_PATH"] = str(file)
    code, error = await refused(bench, "--mcp", "a")
    assert (code, error["code"]) == (2, "mcp_config_invalid")
    assert "line" in error["message"]
    code, out, _ = await bench.shell("mcps")
    assert (code, out.strip()) == (2, f"mcp_config_invalid: {error['message'].rstrip('.')} — {error['hint']}")
    _, out, _ = await bench.shell("mcps", "--json")
    [problem] = json.loads(out)["problems"]
    assert (problem["code"], problem["hint"]) == (error["code"], error["hint"])
    assert f"line {problem['line']}, column {problem['column']}" in error["message"]


@pytest.mark.parametrize(
    "entry",
    [
        {"command": "no-such-program-anywhere"},
        {"command": "python3", "args": ["-c", "import sys; sys.exit('no licence found')"]},
    ],
)
async def test_a_server_that_does_not_start_is_told_with_the_reason(bench: Bench, fake: FakeLMStudio, entry: dict):
    bench.configure({"bad": entry})
    code, error = await refused(bench, "--mcp", "bad")
    assert (code, error["code"]) == (4, "server_start_failed")
    assert "bad" in error["message"]
    if "args" in entry:
        assert "no licence found" in error["message"] + error["hint"]


async def test_the_list_of_servers_says_why_one_cannot_be_used_in_a_line_of_its_own(bench: Bench):
    ends = "raise SystemExit('no licence found, not in any of the eleven places where one may be')"
    bench.configure({"clock": python_server("mcp_server_time"), "bad": {"command": "python3", "args": ["-c", ends]}})
    code, out, _ = await bench.shell("mcps", "--check")
    [line] = [line for line in out.splitlines() if line.startswith("bad: ")]
    assert (code, "no licence found, not in any of the eleven places where one may be" in line) == (1, True)


async def test_a_whole_command_line_in_command_gets_its_own_advice_before_anything_starts(bench: Bench):
    bench.configure({"bad": {"command": "npx -y no-such-package"}})
    _, out, _ = await bench.shell("mcps", "--json")
    [server] = json.loads(out)["servers"]
    assert not server["usable"]
    assert '"args": ["-y", "no-such-package"]' in server["problem"]
    _, out, _ = await bench.shell("doctor", "--json")
    [finding] = [each for each in json.loads(out)["findings"] if each["code"] == "launcher_missing"]
    assert '"args": ["-y", "no-such-package"]' in finding["hint"]


async def test_a_task_without_servers_is_told_how_to_get_tools(bench: Bench, fake: FakeLMStudio):
    bench.configure({"clock": python_server("mcp_server_time")})
    for arguments, told in [((), True), (("--quiet",), False), (("--mcp", "clock"), False)]:
        fake.script(say("Noon."))
        code, out, err = await bench.shell("run", "What time is it?", *arguments)
        assert (code, out.strip(), "--mcp NAME" in err) == (0, "Noon.", told)


async def test_the_doctor_tells_somebody_without_a_backend_what_to_do_and_not_to_ask_the_doctor(bench: Bench):
    _, out, _ = await bench.shell("doctor", "--no-servers", "--json")
    [finding] = [each for each in json.loads(out)["findings"] if each["code"] == "backend_unreachable"]
    assert "LMBRIDGE_BACKEND=embedded" in finding["hint"]
    assert "lmbridge doctor" not in finding["hint"]
    address = bench.environment["LMSTUDIO_BASE_URL"].removesuffix("/v1")
    assert finding["text"].startswith(f"{address} got no answer: "), "no path that only lmbridge knows of"


async def test_tables_are_not_wrapped_where_stdout_is_no_terminal(bench: Bench, fake: FakeLMStudio):
    bench.environment["LMBRIDGE_STATE_DIR"] = str(bench.folder / ("long" * 40))
    bench.configure({"clock": python_server("mcp_server_time")})
    _, out, _ = await bench.shell("doctor", "--no-servers")
    assert any(line.startswith("LMBRIDGE_STATE_DIR") and "long" * 40 in line for line in out.splitlines())
    bench.environment["MCP_JSON_PATH"] = str(bench.folder / ("x" * 200 + ".json"))
    (bench.folder / "mcp.json").rename(bench.environment["MCP_JSON_PATH"])
    _, out, _ = await bench.shell("mcps")
    assert [line.endswith(bench.environment["MCP_JSON_PATH"]) for line in out.splitlines()[1:]] == [True]


async def test_one_server_of_two_that_does_not_start_is_told_and_the_other_goes_on(bench: Bench, fake: FakeLMStudio):
    bench.configure({"bad": {"command": "no-such-program-anywhere"}, "clock": python_server("mcp_server_time")})
    code, report = await bench.report("Do it.", "--all")
    assert code == 0
    assert {server["name"]: server["status"] for server in report["servers"]} == {"bad": "failed", "clock": "ready"}
    assert any("bad" in warning for warning in report["warnings"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("run",), ("run", "x", "--max-rounds", "0"), ("run", "x", "--max-tokens", "many"), ("run", "x", "--max-tokens", "0"),
        ("run", " "), ("run", "x", "--access", "all"), ("run", "x", "--timeout", "-1"), ("run", "x", "--all", "--mcp", "y"),
        ("run", "x", "--mcp", ""), ("run", "x", "--mcp", " ,"), ("run", "x", "--schema", "absent.json"), ("nonsense",), ("serve", "--http", "nowhere"), ("run", "x", "--base-url", "ftp://x"),
    ],
)  # fmt: skip
async def test_wrong_usage_exits_with_2_and_a_sentence(bench: Bench, fake: FakeLMStudio, arguments: tuple[str, ...]):
    code, out, err = await bench.shell(*arguments)
    assert code == 2, (out, err)
    assert err.strip()
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "variable", "code"),
    [
        (("--max-rounds", "0"), {}, "invalid_arguments"),
        (("--schema", "list.json"), {}, "invalid_arguments"),
        ((), {"LMSTUDIO_PORT": "many"}, "settings_invalid"),
        (("--base-url", "ftp://x"), {}, "settings_invalid"),
    ],
)
async def test_with_json_what_is_refused_at_once_is_a_report_too(
    bench: Bench, arguments: tuple[str, ...], variable: dict[str, str], code: str
):
    (bench.folder / "list.json").write_text("[]")
    bench.environment |= variable
    exit_code, error = await refused(bench, *arguments)
    assert (exit_code, error["code"]) == (2, code)


@pytest.mark.parametrize("file", ["no/such/folder/rec.json", "."])
async def test_a_recording_that_cannot_be_kept_is_refused_before_a_question(
    bench: Bench, fake: FakeLMStudio, file: str
):
    code, out, err = await bench.shell("doctor", "--record", file)
    assert (code, out, len(fake.requests)) == (2, "", 0)
    assert file in err
    assert "Traceback" not in err


async def test_bad_settings_stop_the_server_with_a_sentence_on_stderr_and_nothing_on_stdout(bench: Bench):
    bench.environment["LMSTUDIO_PORT"] = "many"
    code, out, err = await bench.shell("serve")
    assert (code, out) == (2, "")
    assert "LMSTUDIO_PORT" in err
    assert "Traceback" not in err


async def test_the_same_refusals_reach_an_mcp_client_as_errors_with_a_report(bench: Bench, fake: FakeLMStudio):
    bench.configure({"clock": python_server("mcp_server_time")})
    async with bench.client() as client:
        result = await bench.call(client, "autonomous_with_mcp", mcp_name="clok", task="x")
        assert result.is_error
        assert result.content[0].text.startswith("unknown_server: ")
        assert result.structured_content["run_id"] is None
        assert result.structured_content["model"] is None
        result = await bench.call(client, "autonomous_with_mcp", mcp_name="clock", task="x", model="nope")
        assert result.is_error
        assert result.content[0].text.startswith("model_not_found: ")
        result = await bench.call(client, "autonomous_with_mcp", mcp_name="clock", task="", max_rounds=-1)
        assert result.is_error
        assert result.content[0].text.startswith("invalid_arguments: ")
    assert json.dumps(result.structured_content)


async def test_a_tool_that_nobody_can_call_is_told_where_servers_are_looked_at(bench: Bench, tmp_path: Path):
    tools = [{"name": "plain", "inputSchema": {"type": "object"}}, {"name": "listed", "inputSchema": {"type": "array"}}]
    bench.configure({"odd": stub(tmp_path, tools)})
    left_out = "the tool “listed” is left out: its schema takes a list"
    code, out, _ = await bench.shell("mcps", "--check")
    assert (code, "yes (1 tools)" in out, left_out in out) == (0, True, True)
    _, out, _ = await bench.shell("mcps", "--check", "--json")
    assert left_out in json.loads(out)["servers"][0]["warnings"][0]
    _, out, _ = await bench.shell("doctor", "--json")
    assert any(left_out in each["text"] for each in json.loads(out)["findings"])
