"""Every client program: its own file and form, everything else in it byte for byte, and read again as a source of servers."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from lmbridge.cli.installing.carried import carried
from lmbridge.cli.installing.clients import ALIASES, CLIENTS, client_named
from lmbridge.cli.installing.plan import Machine, apply, plan_install, plan_uninstall
from lmbridge.errors import InvalidArgumentsError, SettingsError
from lmbridge.mcp_host.config.configs import Configs
from lmbridge.settings import Settings, load

COMMAND = ["/opt/my programs/lmbridge", "serve"]
VARIABLES = {"LMSTUDIO_BASE_URL": "http://localhost:9/v1", "DEFAULT_MODEL": "yes"}

CODEX = """# my settings
model = "gpt-5"   # the best

[mcp_servers.files]
command = "npx"
args = ["-y", 'a//b']

[mcp_servers.files.env]
KEY = "x"

[tui]
theme = "dark"
"""
OPENCODE = """{
  // mine
  "$schema": "https://opencode.ai/config.json",
  "mcp": {
    "files": {"type": "local", "command": ["npx", "-y", "x"],},
  },
  "theme": "dark",
}
"""
CONTINUE = """# mine
name: Mine
version: 1.0.0   # the first
schema: v1
models:
  - name: 'local'
    provider: lmstudio
    model: AUTODETECT

# servers
mcpServers:
  # files first
  - name: files
    command: npx
    args: [ "-y",   "x" ]

rules: |
    be brief
      and kind
"""
FAST_AGENT = """default_model: sonnet
mcp:
    # the servers
    servers:
        files:
            command: "npx"
            args: ["-y", "x"]
logger:
    level: "error"
"""
CLINE = '{\n\t"mcpServers": {\n\t\t"files": {"transport": {"type": "stdio", "command": "npx", "args": ["x"]}}\n\t}\n}\n'
SETTINGS = '{"security": {"auth": {"x": 1}}, "mcpServers": {"files": {"command": "npx", "args": ["x"]}}, "ui": {}}'
ZED = """// Zed settings
{
  "theme": "One Dark",
  "context_servers": {
    "files": {"source": "custom", "command": {"path": "npx", "args": ["x"], "env": {}}}
  }
}
"""
PLAIN = '{\n  "mcpServers": {\n    "files": {"command": "npx", "args": ["x"]}\n  }\n}'
FILES: dict[str, tuple[str, str]] = {
    "codex": (".codex/config.toml", CODEX),
    "gemini": (".gemini/settings.json", SETTINGS),
    "qwen": (".qwen/settings.json", SETTINGS),
    "opencode": (".config/opencode/opencode.jsonc", OPENCODE),
    "copilot": (".copilot/mcp-config.json", PLAIN),
    "cline": (".cline/data/settings/cline_mcp_settings.json", CLINE),
    "continue": (".continue/config.yaml", CONTINUE),
    "fast-agent": ("project/fastagent.config.yaml", FAST_AGENT),
    "windsurf": (".codeium/windsurf/mcp_config.json", PLAIN),
    "zed": (".config/zed/settings.json", ZED),
}
ENTRIES: dict[str, Any] = {
    "codex": {"command": COMMAND[0], "args": ["serve"], "required": True, "env": VARIABLES},
    "opencode": {"type": "local", "command": COMMAND, "enabled": True, "environment": VARIABLES},
    "copilot": {"type": "local", "command": COMMAND[0], "args": ["serve"], "env": VARIABLES, "tools": ["*"]},
    "cline": {"transport": {"type": "stdio", "command": COMMAND[0], "args": ["serve"], "env": VARIABLES}},
    "continue": {"name": "lmbridge", "command": COMMAND[0], "args": ["serve"], "env": VARIABLES},
    "zed": {"source": "custom", "command": COMMAND[0], "args": ["serve"], "env": VARIABLES},
}
PLAINLY = {"command": COMMAND[0], "args": ["serve"], "env": VARIABLES}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    (tmp_path / "project").mkdir()
    return Machine(tmp_path, "linux", {}, tmp_path / "project")


def placed(machine: Machine, client: str, text: str | None = None) -> Path:
    file = machine.home / FILES[client][0]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes((FILES[client][1] if text is None else text).encode())
    return file


def parsed(file: Path) -> Any:
    text = file.read_text()
    if file.suffix == ".toml":
        return tomllib.loads(text)
    if file.suffix == ".yaml":
        return yaml.safe_load(text)
    from lmbridge.mcp_host.config.jsonc import parse

    return parse(text)


def entry(client: str, file: Path) -> Any:
    found = parsed(file)
    for key in CLIENTS[client].key:
        found = found[key]
    return next(each for each in found if each["name"] == "lmbridge") if isinstance(found, list) else found["lmbridge"]


@pytest.mark.parametrize("client", FILES)
def test_an_entry_is_written_in_the_program_s_form_and_every_other_line_stays(client: str, machine: Machine):
    file = placed(machine, client)
    change = plan_install(client, command=COMMAND, variables=VARIABLES, machine=machine)
    assert change.path == file
    assert apply(change) is not None
    assert entry(client, file) == ENTRIES.get(client, PLAINLY)
    lines = file.read_text().splitlines(keepends=True)
    if client not in {"gemini", "qwen"}:  # whose file is one line
        left = iter(lines)
        assert all(line in left for line in FILES[client][1].splitlines(keepends=True)), "each line, in its order"
    assert not plan_install(client, command=COMMAND, variables=VARIABLES, machine=machine).needed


@pytest.mark.parametrize("client", FILES)
def test_taking_it_out_leaves_the_file_as_it_was(client: str, machine: Machine):
    file = placed(machine, client)
    apply(plan_install(client, command=COMMAND, variables=VARIABLES, machine=machine))
    apply(plan_uninstall(client, machine=machine))
    assert file.read_text() == FILES[client][1]


@pytest.mark.parametrize("client", FILES)
@pytest.mark.parametrize("text", [None, "", "\n"])
def test_a_file_that_is_missing_or_empty_is_made(client: str, text: str | None, machine: Machine):
    file = machine.home / FILES[client][0]
    if text is not None:
        placed(machine, client, text)
    apply(plan_install(client, command=COMMAND, variables=VARIABLES, machine=machine))
    assert entry(client, file) == ENTRIES.get(client, PLAINLY)
    if client == "continue":
        assert {"name", "version", "schema"} <= set(parsed(file))


@pytest.mark.parametrize("client", FILES)
def test_an_older_entry_is_replaced_and_told(client: str, machine: Machine):
    file = placed(machine, client)
    apply(plan_install(client, command=["old", "serve"], machine=machine))
    change = plan_install(client, command=COMMAND, variables=VARIABLES, machine=machine)
    assert change.overwrites
    apply(change)
    assert entry(client, file) == ENTRIES.get(client, PLAINLY)
    assert "files" in str(parsed(file))


@pytest.mark.parametrize("client", FILES)
def test_line_ends_of_windows_stay(client: str, machine: Machine):
    text = FILES[client][1].replace("\n", "\r\n")
    file = placed(machine, client, text)
    apply(plan_install(client, command=COMMAND, machine=machine))
    assert b"\n" not in file.read_bytes().replace(b"\r\n", b"")
    apply(plan_uninstall(client, machine=machine))
    assert file.read_bytes().decode() == text


BROKEN = {".toml": "a = ", ".yaml": "a: [1", ".json": "{", ".jsonc": "{"}


@pytest.mark.parametrize("client", FILES)
def test_a_broken_file_is_left_alone_and_told(client: str, machine: Machine):
    text = BROKEN[Path(FILES[client][0]).suffix]
    file = placed(machine, client, text)
    with pytest.raises(SettingsError, match="cannot be edited") as told:
        plan_install(client, command=COMMAND, machine=machine)
    assert str(file) in str(told.value)
    assert "lmbridge install other" in (told.value.hint or "")
    assert file.read_text() == text


ODD = {
    "codex": [
        'mcp_servers = {files = {command = "x"}}\n',
        "mcp_servers.files.command = 'x'\n",
        "a = 1",
        "[[x]]\na = 1\n",
    ],
    "continue": [
        "name: x\nmcpServers: []\n",
        "name: x\nmcpServers:\n",
        "name: x\nmcpServers: # none yet\nmodels: []\n",
        "mcpServers:\n- name: files\n  command: x\n",
        "name: x",
        "# only words\n",
    ],
    "fast-agent": [
        "mcp: {}\n",
        "mcp:\n  servers:\n",
        "mcp:\n  other: 1\n",
        "a: 1\n",
        "mcp:\n  servers: {}  # none\nb: 2\n",
    ],
    "opencode": ["{}", "{\n}\n", '{"mcp": {}}', '{"theme": "x", // last\n}'],
}


@pytest.mark.parametrize(("client", "text"), [(client, text) for client, texts in ODD.items() for text in texts])
def test_odd_but_valid_files_get_the_entry_and_keep_the_rest(client: str, text: str, machine: Machine):
    file = placed(machine, client, text)
    before = parsed(file) or {}
    apply(plan_install(client, command=COMMAND, machine=machine))
    assert entry(client, file)["command"]
    after = parsed(file)
    assert {key: value for key, value in before.items() if key != CLIENTS[client].key[0]} == {
        key: value for key, value in after.items() if key in before and key != CLIENTS[client].key[0]
    }
    apply(plan_uninstall(client, machine=machine))
    assert "lmbridge" not in file.read_text()


def test_what_cannot_be_edited_without_loss_is_refused(machine: Machine):
    file = placed(machine, "continue", "name: x\nmcpServers: [{name: files, command: x}]\n")
    with pytest.raises(SettingsError, match="in brackets"):
        plan_install("continue", command=COMMAND, machine=machine)
    assert "lmbridge" not in file.read_text()


def test_continue_s_older_config_is_not_put_out_of_use(machine: Machine):
    older = machine.home / ".continue" / "config.json"
    older.parent.mkdir()
    older.write_text("{}")
    with pytest.raises(SettingsError, match=r"config\.json") as told:
        plan_install("continue", command=COMMAND, machine=machine)
    assert "Continue" in (told.value.hint or "")
    assert not (machine.home / ".continue" / "config.yaml").exists()


def test_lm_studio_s_old_folder_is_used_where_it_is_though_it_holds_no_file(machine: Machine):
    (machine.home / ".cache" / "lm-studio").mkdir(parents=True)
    change = plan_install("lmstudio", command=COMMAND, machine=machine)
    assert change.path == machine.home / ".cache" / "lm-studio" / "mcp.json"


def test_an_opencode_json_that_is_there_is_used(machine: Machine):
    file = machine.home / ".config" / "opencode" / "opencode.json"
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    assert plan_install("opencode", command=COMMAND, machine=machine).path == file


@pytest.mark.parametrize(
    ("client", "variable", "value", "file"),
    [
        ("codex", "CODEX_HOME", "elsewhere", "elsewhere/config.toml"),
        ("cline", "CLINE_DIR", "elsewhere", "elsewhere/data/settings/cline_mcp_settings.json"),
        ("continue", "CONTINUE_GLOBAL_DIR", "elsewhere", "elsewhere/config.yaml"),
        ("opencode", "OPENCODE_CONFIG", "my.json", "my.json"),
    ],
)
def test_a_program_s_own_variable_moves_its_file(client: str, variable: str, value: str, file: str, machine: Machine):
    moved = Machine(machine.home, "linux", {variable: str(machine.home / value)}, machine.cwd)
    assert plan_install(client, command=COMMAND, machine=moved).path == machine.home / file


@pytest.mark.parametrize("client", [each for each in FILES if each != "fast-agent"])
def test_its_file_is_read_as_a_source_of_servers(client: str, machine: Machine):
    placed(machine, client)
    configs = Configs(Settings(), cwd=machine.cwd, home=machine.home, environment={}, system="linux")
    found = configs.current()
    assert not [file.problem for file in found.files if file.problem]
    server = found.servers["files"]
    assert (server.command, server.args[-1], server.usable) == ("npx", "a//b" if client == "codex" else "x", True)
    apply(plan_install(client, command=["lmbridge", "serve"], machine=machine))
    assert configs.current().servers["lmbridge"].own


@pytest.mark.parametrize("client", FILES)
def test_a_broken_file_is_told_with_its_place_and_costs_no_other_server(client: str, machine: Machine):
    (machine.cwd / ".mcp.json").write_text(json.dumps({"mcpServers": {"other": {"command": "x"}}}))
    file = placed(machine, client, "ok\n\n" + BROKEN[Path(FILES[client][0]).suffix])
    found = Configs(Settings(), cwd=machine.cwd, home=machine.home, environment={}, system="linux").current()
    (broken,) = [each for each in found.files if each.problem]
    assert (broken.path, bool(broken.line)) == (file, True)
    assert list(found.servers) == ["other"]


FORMS: list[tuple[str, Any, dict[str, Any]]] = [
    (
        ".codex/config.toml",
        '[mcp_servers.r]\nurl = "https://x/mcp"\nbearer_token_env_var = "TOKEN"\nhttp_headers = {A = "b"}\nenv_http_headers = {C = "D"}\n',
        {"url": "https://x/mcp", "headers": {"A": "b", "C": "dd", "Authorization": "Bearer tt"}},
    ),
    (
        ".codex/config.toml",
        '[mcp_servers.r]\ncommand = "x"\nenv_vars = ["D", "NONE"]\nenv = {E = "f"}\nenabled = false\n',
        {"command": "x", "env": {"D": "dd", "NONE": "", "E": "f"}, "disabled": True},
    ),
    (
        ".config/opencode/opencode.json",
        {"mcp": {"r": {"type": "remote", "url": "https://x/{env:D}", "headers": {"A": "{env:TOKEN}"}, "oauth": False}}},
        {"url": "https://x/dd", "headers": {"A": "tt"}, "oauth": {}},
    ),
    (
        ".config/opencode/opencode.json",
        {"mcp": {"r": {"type": "local", "command": ["x", "{env:D}"], "environment": {"A": "b"}, "enabled": False}}},
        {"command": "x", "args": ("dd",), "env": {"A": "b"}, "disabled": True},
    ),
    (
        ".cline/data/settings/cline_mcp_settings.json",
        {"mcpServers": {"r": {"transport": {"type": "streamableHttp", "url": "https://x"}, "disabled": True}}},
        {"url": "https://x", "transport": "http", "disabled": True},
    ),
    (
        ".cline/data/settings/cline_mcp_settings.json",
        {"mcpServers": {"r": {"command": "x", "args": ["y"]}}},
        {"command": "x", "args": ("y",)},
    ),
    (
        ".continue/config.yaml",
        "mcpServers:\n  - name: r\n    type: streamable-http\n    url: https://x\n    requestOptions:\n      headers: {A: '${{ secrets.TOKEN }}'}\n",
        {"url": "https://x", "headers": {"A": "tt"}},
    ),
    (".config/zed/settings.json", {"context_servers": {"r": {"command": "x", "args": ["y"]}}}, {"command": "x"}),
    (
        ".gemini/settings.json",
        {"mcpServers": {"r": {"httpUrl": "https://x"}}},
        {"url": "https://x", "transport": "http"},
    ),
]


@pytest.mark.parametrize(("file", "content", "wanted"), FORMS)
def test_each_program_s_own_words_are_understood(file: str, content: Any, wanted: dict[str, Any], machine: Machine):
    path = machine.home / file
    path.parent.mkdir(parents=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    environment = {"TOKEN": "tt", "D": "dd"}
    found = Configs(Settings(), cwd=machine.cwd, home=machine.home, environment=environment, system="linux").current()
    server = found.servers["r"]
    assert server.problem is None
    assert {name: getattr(server, name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("file", "content", "problem"),
    [
        (
            ".continue/config.yaml",
            "mcpServers:\n  - name: r\n    command: x\n  - name: r\n    command: y\n",
            "there twice",
        ),
        (".continue/config.yaml", "mcpServers: 3\n", "must hold the servers by name"),
        (".codex/config.toml", "mcp_servers = 3\n", "must hold the servers by name"),
        (
            ".config/opencode/opencode.json",
            '{"mcp": {"r": {"command": ["x"]}, "r": {"command": ["y"]}}}',
            "there twice",
        ),
        (".config/zed/settings.json", '{"context_servers": {"r": 3}}', "must be an object"),
    ],
)
def test_what_is_wrong_in_such_a_file_is_said(file: str, content: str, problem: str, machine: Machine):
    path = machine.home / file
    path.parent.mkdir(parents=True)
    path.write_text(content)
    found = Configs(Settings(), cwd=machine.cwd, home=machine.home, environment={}, system="linux").current()
    told = [str(each.problem) for each in (*found.files, *found.servers.values())]
    assert any(problem in text for text in told), told


def test_a_project_s_file_is_found_from_a_folder_below_up_to_its_repository_s_root(tmp_path: Path):
    root = tmp_path / "repository"
    deep = root / "a" / "b"
    deep.mkdir(parents=True)
    (root / ".git").mkdir()
    (root / ".mcp.json").write_text(json.dumps({"mcpServers": {"top": {"command": "x", "cwd": "${workspaceFolder}"}}}))
    (root / "a" / ".mcp.json").write_text(json.dumps({"mcpServers": {"top": {"command": "nearer"}}}))
    (tmp_path / ".mcp.json").write_text(json.dumps({"mcpServers": {"outside": {"command": "x"}}}))
    home = tmp_path / "home"
    found = Configs(Settings(), cwd=deep, home=home, environment={}, system="linux").current()
    assert {name: server.command for name, server in found.servers.items()} == {"top": "nearer"}
    (root / "a" / ".mcp.json").unlink()
    found = Configs(Settings(), cwd=deep, home=home, environment={}, system="linux").current()
    assert found.servers["top"].origin == root / ".mcp.json"
    assert found.servers["top"].untrusted, "a folder's servers start only where the user lets them"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("claude", "claude-code"),
        ("Claude Desktop", "claude-desktop"),
        ("VS_Code", "vscode"),
        ("CODEX", "codex"),
        ("lm-studio", "lmstudio"),
    ],
)
def test_a_name_that_leaves_no_doubt_is_taken(given: str, meant: str):
    assert client_named(given).name == meant


def test_a_name_like_another_is_told_with_it_and_with_the_way_out():
    with pytest.raises(InvalidArgumentsError) as told:
        client_named("crusor")
    assert "Did you mean cursor?" in (told.value.hint or "")
    assert "lmbridge install other" in (told.value.hint or "")


def test_aliases_lead_to_clients():
    assert set(ALIASES.values()) <= set(CLIENTS)
    assert not set(ALIASES) & set(CLIENTS)


def test_only_what_differs_from_a_client_s_own_lmbridge_is_carried_and_never_a_secret():
    usual = {
        "LMSTUDIO_BASE_URL": "http://localhost:1234/v1",
        "LMBRIDGE_BACKEND": "lmstudio",
        "LM_API_TOKEN": "secret-token",
    }
    assert carried(load(usual)) == {}
    other = {"LMSTUDIO_BASE_URL": "http://box:1234/v1", "DEFAULT_MODEL": "m", "LMBRIDGE_LOG_LEVEL": "debug"}
    assert carried(load(other)) == {"LMSTUDIO_BASE_URL": "http://box:1234/v1", "DEFAULT_MODEL": "m"}
