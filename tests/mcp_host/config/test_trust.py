"""An opened folder is not the user: what its files describe is listed, and starts only once the user has let it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lmbridge.mcp_host.config.configs import Configs
from lmbridge.mcp_host.config.trust import trust_question
from lmbridge.settings import Settings

FILES = [".mcp.json", ".cursor/mcp.json", ".vscode/mcp.json", ".vscode/settings.json"]
ENTRY: dict[str, Any] = {"command": "run", "args": ["${SECRET_TOKEN}", "a\u202eb"], "env": {"A": "${SECRET_TOKEN}"}}


class Folder:
    """A home, and a folder that was opened."""

    def __init__(self, root: Path) -> None:
        self.home, self.cwd = root / "home", root / "project"
        self.home.mkdir()
        self.cwd.mkdir()

    def write(self, path: str, content: Any) -> Path:
        file = (self.home if path.startswith("~/") else self.cwd) / path.removeprefix("~/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content))
        return file

    def configs(self, **more: Any) -> Configs:
        settings = Settings(state_dir=self.home / "state", **more)
        return Configs(settings, cwd=self.cwd, home=self.home, environment={"SECRET_TOKEN": "sesame-1234567"})


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def held(path: str, entry: Any, name: str = "x") -> dict[str, Any]:
    if path.endswith("settings.json"):
        return {"mcp": {"servers": {name: entry}}}
    return {"servers" if ".vscode" in path else "mcpServers": {name: entry}}


@pytest.mark.parametrize("path", FILES)
def test_a_server_of_the_opened_folder_is_listed_but_neither_started_nor_expanded(folder: Folder, path: str):
    folder.write(path, held(path, ENTRY))
    entry = folder.configs().current().get("x")
    assert entry.untrusted is not None
    assert not entry.usable
    assert not entry.offered
    assert entry.problem is not None
    assert "lmbridge mcps trust x" in entry.problem
    assert "sesame" not in repr(entry)
    assert (entry.args, dict(entry.env)) == ((), {})


@pytest.mark.parametrize("path", FILES)
def test_a_trusted_one_counts_at_once_and_one_that_changes_is_asked_about_anew(folder: Folder, path: str):
    folder.write(path, held(path, ENTRY))
    configs = folder.configs()
    for entry in configs.current().waiting():
        configs.trust.add(entry)
    assert configs.current().usable == ("x",)
    assert configs.current().get("x").args[0] == "sesame-1234567"
    assert folder.configs().current().usable == ("x",)
    folder.write(path, held(path, {**ENTRY, "args": ["other"]}))
    assert configs.current().usable == ()


def test_who_is_asked_anew_is_told_that_it_changed(folder: Folder):
    folder.write(".mcp.json", held(".mcp.json", ENTRY))
    configs = folder.configs()
    (first,) = configs.current().waiting()
    assert "is not trusted yet" in str(configs.current().servers["x"].problem)
    assert not any("another one" in line for line in trust_question(first))
    configs.trust.add(first)
    folder.write(".mcp.json", held(".mcp.json", {**ENTRY, "args": ["other"]}))
    (changed,) = configs.current().waiting()
    assert "It is another one than you let start before." in trust_question(changed)
    assert "has changed since it was trusted; see it" in str(configs.current().servers["x"].problem)


CHANGES: list[Callable[[dict[str, Any]], Any]] = [
    lambda e: e.update(command="other"),
    lambda e: e.update(args=[]),
    lambda e: e.update(env={"A": "b"}),
    lambda e: e.update(cwd="/"),
    lambda e: e.update(headers={"A": "b"}),
    lambda e: e.update(lmbridge={"access": "write"}),
    lambda e: e.update(type="http", url="http://127.0.0.1:9/mcp"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_every_part_of_an_entry_counts(folder: Folder, change: Callable[[dict[str, Any]], Any]):
    folder.write(".mcp.json", held(".mcp.json", ENTRY))
    configs = folder.configs()
    configs.trust.add(configs.current().waiting()[0])
    changed = json.loads(json.dumps(ENTRY))
    change(changed)
    folder.write(".mcp.json", held(".mcp.json", changed))
    assert [entry.name for entry in configs.current().waiting()] == ["x"]


def test_the_text_of_its_env_file_counts_too(folder: Folder):
    (folder.cwd / "my.env").write_text("A=1\n")
    folder.write(".mcp.json", held(".mcp.json", {"command": "run", "envFile": "${workspaceFolder}/my.env"}))
    configs = folder.configs()
    configs.trust.add(configs.current().waiting()[0])
    assert configs.current().usable == ("x",)
    (folder.cwd / "my.env").write_text("LD_PRELOAD=evil.so\n")
    assert configs.current().usable == ()


def test_the_same_entry_in_another_folder_is_not_trusted(folder: Folder, tmp_path: Path):
    folder.write(".mcp.json", held(".mcp.json", ENTRY))
    configs = folder.configs()
    configs.trust.add(configs.current().waiting()[0])
    folder.cwd = tmp_path / "other"
    folder.write(".mcp.json", held(".mcp.json", ENTRY))
    assert folder.configs().current().usable == ()


def test_the_users_own_server_is_never_shadowed_by_the_folders(folder: Folder):
    folder.write("~/.lmstudio/mcp.json", held(".mcp.json", {"command": "mine"}))
    folder.write(".mcp.json", held(".mcp.json", {"command": "theirs"}))
    configs = folder.configs()
    assert configs.current().get("x").command == "mine"
    configs.trust.add(configs.current().waiting()[0])
    assert configs.current().get("x").command == "mine"


def test_an_untrusted_one_shadows_no_trusted_one_either(folder: Folder):
    folder.write(".mcp.json", held(".mcp.json", {"command": "first"}))
    folder.write(".cursor/mcp.json", held(".cursor/mcp.json", {"command": "second"}))
    configs = folder.configs()
    configs.trust.add(next(e for e in configs.current().waiting() if e.raw["command"] == "second"))
    assert configs.current().get("x").command == "second"


def test_mcp_json_path_needs_no_trust(folder: Folder):
    file = folder.write(".mcp.json", held(".mcp.json", ENTRY))
    assert folder.configs(mcp_json_path=file).current().usable == ("x",)


def test_a_home_that_is_the_working_folder_is_the_users_own(folder: Folder):
    folder.cwd = folder.home
    folder.write("~/.mcp.json", held(".mcp.json", ENTRY))
    assert folder.configs().current().usable == ("x",)


@pytest.mark.parametrize("place", ["~/.claude.json", "~/.claude/settings.json", ".claude/settings.local.json"])
def test_what_was_rejected_in_claude_code_stays_rejected(folder: Folder, place: str):
    folder.write(".mcp.json", held(".mcp.json", ENTRY))
    rejection: dict[str, Any] = {"disabledMcpjsonServers": ["x"]}
    if place == "~/.claude.json":
        rejection = {"projects": {str(folder.cwd): rejection}}
    configs = folder.configs()
    configs.trust.add(configs.current().waiting()[0])
    folder.write(place, rejection)
    entry = folder.configs().current().get("x")
    assert entry.disabled
    assert not entry.usable


def test_what_is_shown_before_trusting_is_whole_and_hides_nothing(folder: Folder):
    folder.write(".mcp.json", held(".mcp.json", ENTRY))
    shown = "\n".join(folder.configs().current().waiting()[0].lines())
    assert shown.isascii()
    assert 'command: "run"' in shown
    assert 'args[1]: "a\\u202eb"' in shown
    assert "${SECRET_TOKEN}" in shown


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
def test_a_file_of_trust_that_others_may_write_trusts_nothing(folder: Folder):
    folder.write(".mcp.json", held(".mcp.json", ENTRY))
    configs = folder.configs()
    configs.trust.add(configs.current().waiting()[0])
    configs.trust.path.chmod(0o666)
    assert folder.configs().current().usable == ()


def test_from_a_sub_folder_the_projects_file_is_found_up_to_the_root_of_its_repository_and_starts_there(folder: Folder):
    deep = folder.cwd / "src" / "deep"
    deep.mkdir(parents=True)
    (folder.cwd / ".git").mkdir()
    folder.write(".mcp.json", {"mcpServers": {"x": {"command": "./run"}, "y": {"command": "run", "cwd": "other"}}})
    folder.write(".claude/settings.local.json", {"disabledMcpjsonServers": ["y"]})
    configs = Configs(Settings(state_dir=folder.home / "state"), cwd=deep, home=folder.home, environment={})
    assert [entry.name for entry in configs.current().waiting()] == ["x"]
    for entry in configs.current().waiting():
        configs.trust.add(entry)
    assert configs.current().usable == ("x",)
    assert configs.current().get("x").cwd == str(folder.cwd)


def test_folders_that_a_client_has_opened_stand_behind_the_working_folder_until_it_names_others(folder: Folder):
    root = folder.home / "root"
    for place, command in ((folder.cwd, "here"), (root, "there")):
        place.mkdir(exist_ok=True)
        (place / ".mcp.json").write_text(json.dumps({"mcpServers": {"x": {"command": command}}}))
    (root / ".cursor").mkdir()
    (root / ".cursor" / "mcp.json").write_text(json.dumps({"mcpServers": {"z": ENTRY}}))
    configs = folder.configs()
    assert [entry.name for entry in configs.current().servers.values()] == ["x"]
    configs.open_roots([root])
    assert {name: entry.origin.parent for name, entry in configs.current().servers.items()} == {
        "x": folder.cwd,
        "z": root / ".cursor",
    }
    assert configs.current().usable == ()
    assert "sesame" not in repr(configs.current().servers)
    configs.open_roots([])
    assert list(configs.current().servers) == ["x"]
