"""What a server's tools may do is shown where servers are listed, once they have been used, and by doctor."""

import json
from typing import Any

from mcp.types import TextResourceContents

from lmbridge.cli.doctor.checks import diagnose
from lmbridge.settings import load
from lmbridge.testing import FakeLMStudio, say
from server.conftest import Bench
from support.servers import python_server

LABELS = {"only_read", "add", "may_change", "open_world"}


async def listed(client: Any) -> dict[str, Any]:
    result = await client.call_tool("list_available_mcps", {}, read_timeout_seconds=30)
    return result.structured_content["servers"][0]


async def test_the_list_of_servers_shows_what_the_tools_of_one_that_was_used_may_do(bench: Bench, fake: FakeLMStudio):
    fake.script(say("Nothing there."))
    async with bench.local("legacy") as client:
        assert "labels" not in await listed(client)
        task = {"mcp_name": "files", "task": "Look."}
        await client.call_tool("autonomous_with_mcp", task, read_timeout_seconds=30)
        shown = (await listed(client))["labels"]
        (content,) = (await client.read_resource("lmbridge://mcps")).contents
        assert isinstance(content, TextResourceContents)
        resource = json.loads(content.text)
    assert set(shown) <= LABELS
    assert "read_text_file" in shown["only_read"]
    assert "write_file" in shown["may_change"]
    assert "create_directory" in shown["add"]
    assert resource["servers"][0]["labels"] == shown


async def test_the_entry_s_own_words_about_a_tool_count_in_the_list(bench: Bench, fake: FakeLMStudio):
    own = {"annotations": {"read_*": {"openWorldHint": True, "readOnlyHint": False}}}
    bench.configure({"files": {**python_server("lmbridge.testing.files", str(bench.files)), "lmbridge": own}})
    fake.script(say("Nothing there."))
    async with bench.local("legacy") as client:
        task = {"mcp_name": "files", "task": "Look."}
        await client.call_tool("autonomous_with_mcp", task, read_timeout_seconds=30)
        shown = (await listed(client))["labels"]
    assert "read_text_file" in shown["open_world"]
    assert "read_text_file" not in shown["only_read"]


async def test_doctor_names_the_tools_that_may_change_something(bench: Bench, fake: FakeLMStudio):
    (told,) = [each.text for each in await diagnose(load(bench.environment)) if each.code == "server_ok"]
    assert "10 only read" in told
    assert "1 only add" in told
    assert "3 may change: edit_file, move_file, write_file" in told
