"""lmbridge recognises itself among the servers, in whatever disguise, and nobody else."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from lmbridge.mcp_host.config.configs import Configs, ServerEntry
from lmbridge.mcp_host.config.self_detection import DEPTH_VARIABLE, deeper, depth, refusal, runs_lmbridge
from lmbridge.settings import Settings

OURSELVES = [
    "lmbridge serve",
    "/usr/local/bin/lmbridge serve",
    "C:\\Users\\me\\AppData\\Scripts\\lmbridge.exe serve",
    "LMBridge",
    "lm-bridge",
    "python -m lmbridge serve",
    "python3.12 -u -X utf8 -m lmbridge.cli serve",
    "/opt/venv/bin/python -mlmbridge",
    "pythonw.exe -m lmbridge",
    "py -3.12 -m lmbridge",
    "python /src/lmbridge/__main__.py",
    "python -c import(lmbridge)",
    "uvx lmbridge serve",
    "uvx lmbridge==0.1.0 serve",
    "uvx lmbridge[engine]@latest serve",
    "uvx --from lmbridge[engine] lmbridge serve",
    "uvx --from=lmbridge something",
    "uvx --from git+https://github.com/lmbridge/lmbridge.git bridge",
    "uvx --with x --python 3.12 lmbridge",
    "uv tool run lmbridge",
    "uv run --directory /src lmbridge serve",
    "uv run python -m lmbridge",
    "pipx run lmbridge",
    "npx -y lmbridge",
    "cmd /c lmbridge serve",
    "cmd.exe /d /s /c uvx lmbridge",
    "powershell -NoProfile -Command lmbridge",
    "env A=1 LMSTUDIO_PORT=1234 lmbridge serve",
    "/usr/bin/env -S python -m lmbridge",
    "nohup nice -n 5 lmbridge",
    "timeout 60 lmbridge",
    "sudo -u me lmbridge",
    "poetry run lmbridge",
    "op run -- lmbridge serve",
]

OTHERS = [
    "npx -y @modelcontextprotocol/server-filesystem /home/me/lmbridge",
    "uvx mcp-server-git --repository /src/lmbridge",
    "uvx --with lmbridge-extras mcp-server-time",
    "python -m mcp_server_sqlite --db-path lmbridge",
    "python /src/lmbridge/tools/other_server.py",
    "node /opt/lmbridge/server.js",
    "cat lmbridge",
    "bash -c other",
    "lmbridge-docs-server",
    "cmd /c npx -y server lmbridge",
    "",
]


@pytest.mark.parametrize("command", OURSELVES)
def test_a_command_that_runs_lmbridge_is_recognised(command: str) -> None:
    assert runs_lmbridge(command.split())


@pytest.mark.parametrize(
    "text",
    [
        "exec lmbridge serve",
        "cd /src && uvx lmbridge",
        "A=1 lmbridge",
        "export X=1; python -m lmbridge",
    ],
)
@pytest.mark.parametrize("shell", [["sh", "-c"], ["/bin/bash", "-lc"], ["zsh", "-i", "-c"]])
def test_a_shell_that_runs_lmbridge_is_recognised(shell: list[str], text: str) -> None:
    assert runs_lmbridge([*shell, text])


@pytest.mark.parametrize("command", OTHERS)
def test_other_commands_are_left_alone(command: str) -> None:
    assert not runs_lmbridge(command.split())


@pytest.mark.skipif(os.name != "posix", reason="links need a privilege on Windows")
def test_a_link_to_lmbridge_under_another_name_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "lmbridge").touch()
    (tmp_path / "innocent").symlink_to(tmp_path / "lmbridge")

    assert runs_lmbridge([str(tmp_path / "innocent"), "serve"])


@pytest.mark.parametrize("name", ["lmbridge", "LMBridge", "lm-bridge", "LM Bridge"])
def test_an_entry_with_our_name_is_refused_whatever_it_runs(name: str) -> None:
    assert "itself" in (refusal(ServerEntry(name, Path("x"), command="innocent")) or "")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8765/mcp", "http://localhost:8765/mcp/", "http://[::1]:8765/", "http://0.0.0.0:8765/mcp"]
)
def test_the_address_of_our_own_server_is_refused(url: str) -> None:
    remote = ServerEntry("x", Path("x"), transport="http", url=url)
    proxied = ServerEntry("x", Path("x"), command="npx", args=("-y", "mcp-remote", url))
    own = ["http://127.0.0.1:8765/mcp"]

    assert "address" in (refusal(remote, own_urls=own) or "")
    assert "address" in (refusal(proxied, own_urls=own) or "")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8766/mcp", "http://example.com:8765/mcp", "http://127.0.0.1"])
def test_other_addresses_are_left_alone(url: str) -> None:
    remote = ServerEntry("x", Path("x"), transport="http", url=url)

    assert refusal(remote, own_urls=["http://127.0.0.1:8765/mcp"]) is None


def test_each_server_is_told_one_more_than_its_lmbridge_was() -> None:
    assert deeper({}) == {DEPTH_VARIABLE: "1"}
    assert deeper({DEPTH_VARIABLE: "1"}) == {DEPTH_VARIABLE: "2"}
    assert depth({DEPTH_VARIABLE: "junk"}) == 1


def _configs(tmp_path: Path, environment: dict[str, str], entries: dict[str, object]) -> Configs:
    path = tmp_path / "mcp.json"
    path.write_text(json.dumps({"mcpServers": entries}), encoding="utf-8")
    return Configs(Settings(mcp_json_path=path), cwd=tmp_path, home=tmp_path, environment=environment)


def test_an_lmbridge_below_another_one_starts_no_servers(tmp_path: Path) -> None:
    configs = _configs(tmp_path, {DEPTH_VARIABLE: "1"}, {"files": {"command": "run"}})

    assert configs.current().usable == ()
    assert "another lmbridge" in (configs.current().get("files").problem or "")


def test_we_are_listed_with_the_reason_and_the_others_are_usable(tmp_path: Path) -> None:
    entries: dict[str, object] = {
        "bridge": {"command": "uvx", "args": ["lmbridge", "serve"]},
        "files": {"command": "run"},
        "deep": {"command": "x", "env": {DEPTH_VARIABLE: "0"}},
    }
    configs = _configs(tmp_path, {}, entries)

    assert configs.current().usable == ("files",)
    assert "by its command" in (configs.current().get("bridge").problem or "")


def test_an_address_under_which_we_begin_to_serve_counts_from_then_on(tmp_path: Path) -> None:
    configs = _configs(tmp_path, {}, {"us": {"url": "http://localhost:8765/mcp"}})
    assert configs.current().usable == ("us",)

    configs.serve_at("http://127.0.0.1:8765/mcp")

    assert configs.current().usable == ()
