"""Installing into clients: the right file, the right entry, and everything else in the file as it was."""

import json
import os
from pathlib import Path

import pytest

from lmbridge.cli.installing.clients import CLIENTS, deep_links, own_command
from lmbridge.cli.installing.plan import Machine, apply, plan_install, plan_uninstall
from lmbridge.errors import InvalidArgumentsError, SettingsError

COMMAND = ["/opt/bin/lmbridge", "serve"]
FILES = {
    ("claude-code", "linux"): ".claude.json",
    ("claude-desktop", "linux"): ".config/Claude/claude_desktop_config.json",
    ("claude-desktop", "darwin"): "Library/Application Support/Claude/claude_desktop_config.json",
    ("claude-desktop", "win32"): "AppData/Roaming/Claude/claude_desktop_config.json",
    ("cursor", "darwin"): ".cursor/mcp.json",
    ("vscode", "linux"): ".config/Code/User/mcp.json",
    ("vscode", "darwin"): "Library/Application Support/Code/User/mcp.json",
    ("lmstudio", "win32"): ".lmstudio/mcp.json",
}
COMMENTED = """{
    // the user's own remarks
    "theme": "dark",   /* and more */
    "mcpServers": {
        "files": {"command": "npx", "args": ["-y", "a//b", "{\\"x\\": 1}"]}, // keep me
    },
    "last": [1, 2, 3],
}
"""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path, "linux", {})


def cursor_file(machine: Machine, text: str) -> Path:
    file = machine.home / ".cursor" / "mcp.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    return file


@pytest.mark.parametrize(("client", "system"), FILES)
def test_each_client_gets_its_entry_in_its_own_file(client: str, system, tmp_path: Path):
    change = plan_install(client, command=COMMAND, machine=Machine(tmp_path, system, {}))
    assert change.path == tmp_path / FILES[client, system]
    assert not change.path.exists(), "planning writes nothing"
    assert apply(change) is None, "there was nothing to back up"
    servers = json.loads(change.path.read_text())[CLIENTS[client].key[0]]
    assert servers["lmbridge"]["command"] == "/opt/bin/lmbridge"
    assert servers["lmbridge"]["args"] == ["serve"]


def test_lm_studio_is_found_where_its_pointer_says(tmp_path: Path):
    (tmp_path / ".lmstudio-home-pointer").write_text(str(tmp_path / "elsewhere"))
    change = plan_install("lmstudio", command=COMMAND, machine=Machine(tmp_path, "linux", {}))
    assert change.path == tmp_path / "elsewhere" / "mcp.json"


def test_comments_order_and_indentation_stay(machine: Machine):
    file = cursor_file(machine, COMMENTED)
    backup = apply(plan_install("cursor", command=COMMAND, machine=machine))
    text = file.read_text()
    for line in COMMENTED.splitlines():
        assert line in text
    added = [line for line in text.splitlines() if line not in COMMENTED.splitlines()]
    assert added[0] == '        "lmbridge": {'
    assert backup is not None
    assert backup.read_text() == COMMENTED


@pytest.mark.parametrize(
    "text",
    [
        COMMENTED,
        "{}",
        "{ }\n",
        '{"mcpServers": {}}',
        '{"mcpServers": {\n}}',
        '{"a": 1}',
        '{\r\n  "a": 1,\r\n  "mcpServers": {"b": {"command": "c"}}\r\n}\r\n',
        '{"mcpServers": {"b": {"command": "c"},},}',
        '{"mcpServers": {/* only a remark */}}',
        '{\n\t"mcpServers": {\n\t\t"b": {} // last\n\t}\n}',
    ],
)
def test_uninstalling_undoes_what_installing_did(text: str, machine: Machine):
    file = cursor_file(machine, text)
    before = plan_uninstall("cursor", machine=machine)
    assert not before.needed, "there is nothing to take out yet"
    apply(plan_install("cursor", command=COMMAND, machine=machine))
    assert not plan_install("cursor", command=COMMAND, machine=machine).needed, "installing again changes nothing"
    apply(plan_uninstall("cursor", machine=machine))
    from lmbridge.mcp_host.config.jsonc import parse

    left = parse(file.read_text())
    wanted = parse(text)
    wanted.setdefault("mcpServers", {})
    assert left == wanted
    for remark in ("// keep me", "/* and more */", "/* only a remark */", "// last"):
        assert (remark in file.read_text()) == (remark in text)


def test_another_entry_of_the_name_is_told_before_it_is_overwritten(machine: Machine):
    cursor_file(machine, '{"mcpServers": {"lmbridge": {"command": "old"}, "z": {}}}')
    change = plan_install("cursor", command=COMMAND, machine=machine)
    assert change.overwrites
    assert change.existing == {"command": "old"}
    assert '-{"mcpServers"' in change.diff()
    apply(change)
    assert json.loads(change.path.read_text())["mcpServers"] == {
        "lmbridge": {"command": COMMAND[0], "args": ["serve"]},
        "z": {},
    }


def test_two_changes_within_a_second_leave_two_backups(machine: Machine):
    path = cursor_file(machine, '{"mcpServers": {}}')
    first = apply(plan_install("cursor", command=COMMAND, machine=machine))
    second = apply(plan_uninstall("cursor", machine=machine))
    assert first is not None
    assert second is not None
    assert first != second
    assert first.read_text() == '{"mcpServers": {}}'
    assert "lmbridge" in second.read_text()
    assert "lmbridge" not in path.read_text()


def test_a_file_that_changed_since_the_plan_is_left_alone(machine: Machine):
    file = cursor_file(machine, "{}")
    change = plan_install("cursor", command=COMMAND, machine=machine)
    file.write_text('{"new": 1}')
    with pytest.raises(SettingsError, match="changed meanwhile"):
        apply(change)
    assert file.read_text() == '{"new": 1}'
    assert [each.name for each in file.parent.iterdir()] == ["mcp.json"]


@pytest.mark.parametrize("text", ["[1]", '{"mcpServers": [1]}', "{'single': 1}", '{"a": ', "{bare: 1}"])
def test_a_file_that_cannot_be_edited_safely_is_refused_with_its_path(text: str, machine: Machine):
    file = cursor_file(machine, text)
    with pytest.raises(SettingsError, match=r"mcp\.json cannot be edited"):
        plan_install("cursor", command=COMMAND, machine=machine)
    assert file.read_text() == text


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_rights_and_links_of_the_file_stay(machine: Machine, tmp_path: Path):
    real = tmp_path / "dotfiles.json"
    real.write_text("{}")
    real.chmod(0o600)
    link = machine.home / ".cursor" / "mcp.json"
    link.parent.mkdir()
    link.symlink_to(real)
    apply(plan_install("cursor", command=COMMAND, machine=machine))
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o600
    assert "lmbridge" in real.read_text()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_the_encoding_of_the_file_stays(encoding: str, machine: Machine):
    file = machine.home / ".cursor" / "mcp.json"
    file.parent.mkdir()
    file.write_text('{"name": "Zoë"}', encoding=encoding)
    apply(plan_install("cursor", command=COMMAND, machine=machine))
    assert json.loads(file.read_text(encoding=encoding))["name"] == "Zoë"


def test_variables_go_into_the_entry_and_an_unknown_client_is_refused(machine: Machine):
    variables = {"LMSTUDIO_BASE_URL": "http://gpu:1234/v1"}
    change = plan_install("vscode", command=COMMAND, variables=variables, machine=machine)
    assert change.entry == {"type": "stdio", "command": COMMAND[0], "args": ["serve"], "env": variables}
    with pytest.raises(InvalidArgumentsError) as refused:
        plan_install("emacs", machine=machine)
    assert "claude-code" in (refused.value.hint or "")


def test_the_own_command_is_absolute_and_links_name_a_portable_one():
    assert Path(own_command()[0]).is_absolute()
    links = deep_links()
    assert links["cursor"].startswith("cursor://anysphere.cursor-deeplink/mcp/install?name=lmbridge&config=")
    assert links["lmstudio"].startswith("lmstudio://add_mcp?name=lmbridge&config=")
    assert "uvx" in links["vscode"]
