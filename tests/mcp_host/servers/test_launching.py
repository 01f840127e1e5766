"""Programs that do not start as they are configured: what is told, and what is found for them."""

import json
import os
import sys
from pathlib import Path

import pytest

from lmbridge.errors import ServerStartError
from lmbridge.mcp_host.config.entry import ServerEntry
from lmbridge.mcp_host.servers import launch_advice
from lmbridge.mcp_host.servers.rights import Rights, toolbox_for
from lmbridge.mcp_host.transport.environment import child_environment, folders_beside
from lmbridge.messages import ToolCall
from support.pools import PoolBench, eventually, faulty, left_of
from support.servers import Entry

POSIX = pytest.mark.skipif(os.name != "posix", reason="scripts with an interpreter line")


@pytest.fixture
def bench(tmp_path: Path) -> PoolBench:
    return PoolBench(tmp_path)


async def refused(bench: PoolBench, entry: Entry) -> ServerStartError:
    with pytest.raises(ServerStartError) as caught:
        async with bench.using(entry):
            pass
    return caught.value


@POSIX
async def test_a_program_given_by_its_full_path_finds_its_interpreter_beside_it(
    bench: PoolBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "versions" / "bin"
    folder.mkdir(parents=True)
    (folder / "my-node").symlink_to(sys.executable)
    script = folder / "server"
    script.write_text(
        "#!/usr/bin/env my-node\nfrom lmbridge.testing.faulty_server.protocol import Server\nServer().serve()\n"
    )
    script.chmod(0o755)
    linked = tmp_path / "linked"
    linked.symlink_to(script)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    paths = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    for command in (script, linked):
        async with bench.using({"command": str(command), "env": paths}) as used:
            assert (await used.call("echo", "found")).content == "found"


def test_what_stands_beside_a_program_comes_behind_what_is_there(tmp_path: Path) -> None:
    made = child_environment({"PATH": "/bin"}, {}, command=str(tmp_path / "npx"))
    assert made["PATH"] == f"/bin{os.pathsep}{tmp_path}"
    assert child_environment({"PATH": "/bin"}, {}, command="npx")["PATH"] == "/bin"
    assert child_environment({}, {"Path": "/own"}, command=str(tmp_path / "x"))["Path"].endswith(str(tmp_path))


def test_shims_find_the_program_that_they_call(tmp_path: Path) -> None:
    assert folders_beside(str(tmp_path / "shims" / "npx")) == [str(tmp_path / "shims"), str(tmp_path / "bin")]


@POSIX
async def test_a_missing_interpreter_is_named_with_what_to_do(bench: PoolBench, tmp_path: Path) -> None:
    script = tmp_path / "server"
    script.write_text("#!/usr/bin/env no-such-node\n")
    script.chmod(0o755)
    error = await refused(bench, {"command": str(script)})
    assert "`no-such-node`" in str(error.hint)
    assert "PATH" in str(error.hint)


async def test_a_whole_command_line_as_the_command_is_told_with_what_to_write(bench: PoolBench) -> None:
    error = await refused(bench, {"command": "no-such-npx -y 'a package' --flag", "args": ["more"]})
    assert '"command": "no-such-npx"' in str(error.hint)
    assert json.dumps(["-y", "a package", "--flag", "more"]) in str(error.hint)


@pytest.mark.parametrize(
    ("command", "args", "said"),
    [
        ("npx", (), "no package"),
        ("npx", ("-y",), "no package"),
        ("/usr/bin/npx", ("--yes",), "no package"),
        ("npx.cmd", (), "no package"),
        ("uvx", (), "no package"),
        ("node", (), "nothing to run"),
        ("docker", (), "nothing to run"),
    ],
)
def test_a_starter_that_is_told_nothing_to_start_is_told_so(command: str, args: tuple[str, ...], said: str) -> None:
    entry = ServerEntry("s", Path("mcp.json"), command=command, args=args)
    assert said in str(launch_advice.advice(entry))


def test_nothing_is_advised_where_nothing_is_known_to_be_wrong() -> None:
    entry = ServerEntry("s", Path("mcp.json"), command="npx", args=("-y", "@x/server"))
    assert launch_advice.advice(entry, "Error: listen EADDRINUSE") is None


@pytest.mark.parametrize(
    "stderr",
    [
        "/usr/bin/env: \u2018node\u2019: No such file or directory",
        "env: node: No such file or directory",
        "/home/me/npx: line 3: exec: node: not found",
        "sh: 1: node: not found",
        "bash: node: command not found",
        "zsh: command not found: node",
        "'node' is not recognized as an internal or external command,",
        "Error: spawn node ENOENT",
    ],
)
def test_a_program_that_another_did_not_find_is_read_from_its_words(stderr: str) -> None:
    assert launch_advice.missing_program(stderr) == "node"


@POSIX
async def test_a_server_that_hangs_gets_its_input_closed_and_a_moment_before_it_is_killed(
    bench: PoolBench, tmp_path: Path
) -> None:
    """As `docker run` needs it, which passes the end of its input on to the container."""
    passed_on = tmp_path / "passed-on"
    server = faulty("hangs_in_call")
    command = [server["command"], *server["args"]]
    client = tmp_path / "client.py"
    client.write_text(f"import subprocess\nsubprocess.run({command!r})\nopen({str(passed_on)!r}, 'w').close()\n")
    bench.configure(client={"command": sys.executable, "args": [str(client)]})
    async with bench.pool(tool_timeout=0.3) as pool, pool.lease(["client"]) as lease:
        tools = toolbox_for(lease.toolbox, Rights())
        for number in ("1", "2"):
            await tools.call(ToolCall(number, "echo", "{}"))
        await eventually(passed_on.exists)
    await eventually(lambda: not left_of(pool))
