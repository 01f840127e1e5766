"""`map_items` as an MCP client has it: off by default, counts and a link, going on and cancelling by the map's id."""

import json
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from lmbridge.server.app import build_server
from lmbridge.server.lazy_bridge import LazyBridge
from lmbridge.testing import SeenRequest, Turn, call, fault, gate, say
from support.maps import MapWorld, echoes, task_of
from support.servers import python_server, write_config


async def called(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert result.structured_content is not None
    return dict(result.structured_content)


def settings(world: MapWorld) -> Any:
    return world.settings.model_copy(update={"tool_groups": ("agent", "runs", "map")})


async def test_it_is_offered_only_where_its_group_is_named(world: MapWorld):
    async with LazyBridge(world.settings) as bridge, Client(build_server(world.settings, bridge.get)) as client:
        assert "map_items" not in {tool.name for tool in (await client.list_tools()).tools}
    async with LazyBridge(world.settings) as bridge, Client(build_server(settings(world), bridge.get)) as client:
        assert "map_items" in {tool.name for tool in (await client.list_tools()).tools}


async def test_a_map_answers_with_counts_failures_and_a_link_to_its_results(world: MapWorld):
    world.fake.script(lambda request: fault.refuse("Too odd.") if task_of(request) == "Echo b" else say("fine"))
    async with LazyBridge(world.settings) as bridge, Client(build_server(settings(world), bridge.get)) as client:
        result = await client.call_tool("map_items", {"template": "Echo {item}", "items": ["a", "b"]})
        told = result.structured_content
        assert told is not None
        assert (told["status"], told["done"], told["failed"], result.is_error) == ("partial", 1, 1, False)
        assert [(each["item"], "Too odd." in each["error"]) for each in told["failures"]] == [("b", True)]
        (link,) = [content for content in result.content if content.type == "resource_link"]
        assert link.uri == told["results"]
        (results,) = (await client.read_resource(link.uri)).contents
        assert {json.loads(line)["item"] for line in results.text.splitlines()} == {"a", "b"}  # type: ignore[union-attr]
        (listed,) = (await called(client, "list_runs"))["runs"]
        assert (listed["run_id"], listed["kind"], listed["done"]) == (told["map_id"], "map", 1)
        again = await called(client, "map_items", template="Echo {item}", items=["a", "b", "c"], resume=told["map_id"])
        assert (again["map_id"], again["earlier"], again["done"]) == (told["map_id"], 2, 2)


async def test_in_the_background_it_is_looked_at_and_cancelled_by_its_id(world: MapWorld):
    held = gate()
    world.fake.script(lambda request: say("x") if task_of(request) == "Echo a" else say("x").after(held))
    async with LazyBridge(world.settings) as bridge, Client(build_server(settings(world), bridge.get)) as client:
        begun = await called(
            client, "map_items", template="Echo {item}", items=["a", "b"], background=True, concurrency=1
        )
        assert begun["status"] == "running"
        await world.until(lambda: len(world.fake.chats) == 2)
        now = await called(client, "get_run", run_id=begun["map_id"])
        assert (now["status"], now["done"], now["left"]) == ("running", 1, 1)
        stopped = await called(client, "cancel_run", run_id=begun["map_id"])
        assert (stopped["status"], stopped["done"]) == ("cancelled", 1)
        await world.fake.chats[1].disconnected()


async def test_what_cannot_be_used_is_said_and_nothing_is_done(world: MapWorld, tmp_path: Path):
    echoes(world.fake)
    (tmp_path / "items.txt").write_text("a\n")
    async with LazyBridge(world.settings) as bridge, Client(build_server(settings(world), bridge.get)) as client:
        for arguments, words in (
            ({"template": "Echo", "items": ["a"]}, "no field"),
            ({"template": "Echo {item}"}, "either items or items_from"),
            ({"template": "Echo {item}", "items": []}, "no items"),
            ({"template": "Echo {item}", "items": ["a"], "resume": "m-1"}, "names no map"),
            ({"template": "Echo {item}", "items_from": "gone.txt"}, "no such file"),
            ({"template": "Echo {item}", "items_from": "-"}, "stdin"),
        ):
            result = await client.call_tool("map_items", arguments)
            assert result.is_error
            assert words in result.content[0].text  # type: ignore[union-attr]
    assert not world.asked


@pytest.mark.parametrize("local", [True, False])
async def test_files_are_read_only_for_clients_of_this_machine(world: MapWorld, tmp_path: Path, local: bool):
    echoes(world.fake)
    (tmp_path / "items.txt").write_text("a\n")
    async with LazyBridge(world.settings) as bridge:
        server = build_server(settings(world), bridge.get, local=local)
        async with Client(server) as client:
            result = await client.call_tool(
                "map_items", {"template": "Echo {item}", "items_from": str(tmp_path / "items.txt")}
            )
    assert result.is_error is not local
    assert len(world.asked) == int(local)


async def test_a_scope_is_granted_to_each_run_of_a_map(world: MapWorld):
    files = world.folder / "served"
    files.mkdir()
    (files / "in.txt").write_text("Empty old.txt.")
    old = files / "old.txt"
    old.write_text("x")
    config = write_config(world.folder, {"files": python_server("lmbridge.testing.files", str(files))})
    world.settings = world.settings.model_copy(update={"mcp_json_path": config})

    def reply(request: SeenRequest) -> Turn:
        steps = (call("read_text_file", path=str(files / "in.txt")), call("write_file", path=str(old), content=""))
        return [*steps, say("Read.")][min(len(request.tool_results), 2)]

    world.fake.script(reply)
    asked = {"template": "What does {item} say?", "items": ["in.txt"], "mcp_names": ["files"]}
    async with LazyBridge(world.settings) as bridge, Client(build_server(settings(world), bridge.get)) as client:
        await called(client, "map_items", **asked)
        assert old.read_text() == "x"
        await called(client, "map_items", **asked, scope=[str(old)])
        assert old.read_text() == ""
    old.write_text("x")
    (world.folder / "items.txt").write_text("in.txt\n")
    words = ("What does {item} say?", "--items", "items.txt", "--mcp", "files", "--scope", str(old))
    code, _, err = await world.shell(*words, "--out", "out.jsonl")
    assert (code, old.read_text()) == (0, ""), err
