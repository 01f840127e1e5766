"""The MCP servers that people really use, through the pool."""

import asyncio
import json
import subprocess
from pathlib import Path

import pytest

from lmbridge.mcp_host.servers.rights import Rights, toolbox_for
from lmbridge.messages import ToolCall
from support.pools import PoolBench, within
from support.servers import npm_server, python_server, sqlite_server


@pytest.fixture
def bench(tmp_path: Path) -> PoolBench:
    return PoolBench(tmp_path, {"start_timeout": 40.0, "tool_timeout": 20.0})


@pytest.mark.npm
async def test_filesystem(bench: PoolBench, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.txt").write_text("one\ntwo\n")
    async with bench.using(npm_server("mcp-server-filesystem", str(folder))) as used:
        assert len(used.tools.specs) >= 10
        read = await used.call("read_text_file", path=str(folder / "a.txt"))
        assert (read.outcome, read.content, read.read_only) == ("ok", "one\ntwo\n", True)
        wrote = await used.call("write_file", path=str(folder / "b.txt"), content="new")
        assert (wrote.outcome, wrote.read_only) == ("ok", False)
        assert (folder / "b.txt").read_text() == "new"
        outside = await used.call("read_text_file", path="/etc/hostname")
        assert (outside.outcome, "denied" in outside.content.lower()) == ("error", True)
        assert (await used.call("read_text_file", path=5)).outcome == "rejected"


@pytest.mark.npm
async def test_memory(bench: PoolBench, tmp_path: Path) -> None:
    server = npm_server("mcp-server-memory", env={"MEMORY_FILE_PATH": str(tmp_path / "memory.json")})
    async with bench.using(server) as used:
        entity = {"name": "Ada", "entityType": "person", "observations": ["wrote the first program"]}
        assert (await used.call("create_entities", entities=[entity])).outcome == "ok"
        found = await used.call("search_nodes", query="Ada")
        assert "first program" in found.content


@pytest.mark.npm
async def test_everything(bench: PoolBench) -> None:
    async with bench.using(npm_server("mcp-server-everything")) as used:
        assert (await used.call("echo", message="hi")).content == "Echo: hi"
        picture = await used.call("get-tiny-image")
        assert len(picture.images) == 1
        names = [spec.name for spec in used.tools.specs]
        slow = "trigger-long-running-operation"
        assert slow in names
        async with within(15):
            done = await used.call(slow, duration=1, steps=4)
        assert done.outcome == "ok"
        assert [fact for fact in used.facts if getattr(fact, "phase", "") == "tool"]


@pytest.mark.npm
async def test_sequential_thinking(bench: PoolBench) -> None:
    async with bench.using(npm_server("mcp-server-sequential-thinking")) as used:
        [tool] = used.tools.specs
        thought = {"thought": "One step.", "nextThoughtNeeded": False, "thoughtNumber": 1, "totalThoughts": 1}
        result = await used.call(tool.name, **thought)
        assert (result.outcome, json.loads(result.content)["thoughtNumber"]) == ("ok", 1)


async def test_time(bench: PoolBench) -> None:
    async with bench.using(python_server("mcp_server_time", "--local-timezone", "UTC")) as used:
        result = await used.call("convert_time", source_timezone="UTC", time="12:00", target_timezone="Asia/Tokyo")
        assert (result.outcome, "21:00" in result.content) == ("ok", True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    (folder / "a.txt").write_text("one\n")
    return folder


async def test_git(bench: PoolBench, repository: Path) -> None:
    async with bench.using(python_server("mcp_server_git", "--repository", str(repository))) as used:
        status = await used.call("git_status", repo_path=str(repository))
        assert (status.outcome, "a.txt" in status.content) == ("ok", True)


async def test_fetch_fails_in_words_where_nothing_is_to_be_fetched(bench: PoolBench) -> None:
    async with bench.using(python_server("mcp_server_fetch", "--ignore-robots-txt")) as used:
        result = await used.call("fetch", url="http://127.0.0.1:9/nothing")
        assert result.outcome == "error"
        assert result.content


@pytest.mark.npm
async def test_sqlite_of_the_first_protocol_library(bench: PoolBench, tmp_path: Path) -> None:
    async with bench.using(sqlite_server(tmp_path / "test.db")) as used:
        await used.call("create_table", query="CREATE TABLE t (n INTEGER)")
        await used.call("write_query", query="INSERT INTO t VALUES (42)")
        assert "42" in (await used.call("read_query", query="SELECT n FROM t")).content
        wrong = await used.call("read_query", query="SELECT n FROM nowhere")
        assert "no such table" in wrong.content


async def test_several_real_servers_side_by_side(bench: PoolBench) -> None:
    bench.configure(
        clock=python_server("mcp_server_time", "--local-timezone", "UTC"),
        git=python_server("mcp_server_git"),
    )
    async with within(30), bench.using() as used:
        assert {spec.server for spec in used.tools.specs} == {"clock", "git"}
        assert (await used.call("clock__get_current_time", timezone="UTC")).outcome == "ok"


@pytest.mark.npm
async def test_writes_of_two_runs_to_one_server_lose_nothing(bench: PoolBench, tmp_path: Path) -> None:
    """Called at once, server-memory answers 20 times ok and keeps 14 entities: it reads its file, adds, and writes it back."""
    memory = npm_server("mcp-server-memory", env={"MEMORY_FILE_PATH": str(tmp_path / "memory.json")})
    bench.configure(memory=memory)
    async with bench.pool() as pool, pool.lease(["memory"]) as one, pool.lease(["memory"]) as two:
        runs = [toolbox_for(lease.toolbox, Rights()) for lease in (one, two)]

        def entity(number: int) -> ToolCall:
            entities = [{"name": f"e{number}", "entityType": "thing", "observations": []}]
            return ToolCall(f"c{number}", "create_entities", json.dumps({"entities": entities}))

        results = await asyncio.gather(*(runs[number % 2].call(entity(number)) for number in range(20)))
        assert {result.outcome for result in results} == {"ok"}
        graph = await runs[0].call(ToolCall("g", "read_graph", "{}"))
        assert len(json.loads(graph.content)["entities"]) == 20
