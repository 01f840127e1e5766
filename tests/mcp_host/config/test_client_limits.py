"""What other programs' keys limit in the files that lmbridge reads, and what is remarked on instead."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lmbridge.mcp_host.config.configs import Configs, ServerEntry
from lmbridge.server.tools.views import servers_body
from lmbridge.settings import Settings
from lmbridge.testing import call, say
from support.stubs import carried_out, played, stub, tool

Entry = Callable[..., ServerEntry]


@pytest.fixture
def entry(tmp_path: Path) -> Entry:
    """Reads one entry with these keys."""

    def one(**raw: Any) -> ServerEntry:
        (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": {"it": {"command": "run", **raw}}}))
        settings = Settings(mcp_json_path=tmp_path / "mcp.json")
        return Configs(settings, cwd=tmp_path, home=tmp_path, environment={}).current().get("it")

    return one


LEAVES_READ = [
    # each program's own key, so that `read` is left and `write` is not
    {"disabledTools": ["write"]},
    {"disabled_tools": ["write"]},
    {"excludeTools": ["write"]},
    {"excludedTools": ["wr*"]},
    {"enabledTools": ["read"]},
    {"enabled_tools": ["read"]},
    {"includeTools": ["read(path)"]},
    {"allowedTools": ["mcp__it__read"]},
    {"available_tools": ["read", "other"]},
    {"tools": ["read"]},
    {"tools": {"read": True, "write": False}},
    {"tools": {"write": {"enabled": False}}},
    {"tools": ["*"], "disabledTools": ["it__write"]},
    {"includeTools": ["read", "write"], "enabledTools": ["read"]},
    {"disabledTools": "write, delete"},
    {"hiddenTools": ["write"]},
    {"disabledTools": ["Write"]},
    {"disabledTools": ["IT__WRITE"]},
    {"tools": {"exclude": ["write"]}},
    {"tools": {"include": ["read", "write"], "exclude": ["write"]}},
    {"toolFilter": {"allow": ["read"]}},
    {"tool_configuration": {"enabled": True, "allowed_tools": ["read"]}},
    {"toolFilter": {"allow": ["read", "write"]}, "allowedTools": ["read"]},
]


@pytest.mark.parametrize("raw", LEAVES_READ)
def test_every_program_s_key_limits_the_tools(entry: Entry, raw: dict[str, Any]) -> None:
    it = entry(**raw)
    assert it.usable
    assert (it.limits.admits("it", "read"), it.limits.admits("it", "write")) == (True, False)


@pytest.mark.parametrize(
    "raw",
    [
        {"alwaysAllow": ["read"]},
        {"autoApprove": ["read"]},
        {"trust": True},
        {"tools": ["*"]},
        {"disabledTools": []},
        {"tools": None},
        {},
    ],
)
def test_what_only_saves_a_question_is_no_limit(entry: Entry, raw: dict[str, Any]) -> None:
    assert entry(**raw).limits.admits("it", "write")
    assert not entry(**raw).remarks


@pytest.mark.parametrize("raw", [{"tools": []}, {"enabledTools": []}])
def test_an_empty_list_of_tools_leaves_none(entry: Entry, raw: dict[str, Any]) -> None:
    assert not entry(**raw).limits.admits("it", "read")


@pytest.mark.parametrize("raw", [{"disabledTools": 7}, {"enabledTools": [1]}])
def test_a_limit_that_is_not_understood_does_not_become_no_limit(entry: Entry, raw: dict[str, Any]) -> None:
    it = entry(**raw)
    assert not it.usable
    assert next(iter(raw)) in str(it.problem)


async def test_a_tool_that_is_switched_off_is_not_offered_and_never_called(tmp_path: Path) -> None:
    server = stub(tmp_path, [tool("read", reads=True), tool("delete_file")]) | {"disabledTools": ["delete_file"]}
    made = await played(tmp_path, {"s": server}, call("delete_file", path="a"), say("Deleted."))
    assert carried_out(tmp_path) == []
    assert "delete_file" not in [each["function"]["name"] for each in made.offered]
    assert made.report.writes == ()


@pytest.mark.parametrize(
    ("raw", "seconds"),
    [
        ({"timeout": 600_000}, 600),
        ({"timeout": 5000}, 5),
        ({"timeout": 60}, 60),
        ({"timeout": 3600}, 3600),
        ({"timeout": 1800}, 1800),
        ({"timeout": "30000"}, 30),
        ({"tool_timeout_sec": 120}, 120),
        ({"timeoutMs": 900}, 0.9),
        ({"read_timeout_seconds": 300}, 300),
        ({"timeout": 600_000, "lmbridge": {"timeout": 7}}, 7),
        ({}, None),
    ],
)
def test_an_entry_s_own_timeout_is_heeded(entry: Entry, raw: dict[str, Any], seconds: float | None) -> None:
    assert entry(**raw).call_timeout == seconds


@pytest.mark.parametrize("value", [0, -1, "soon", True, None])
def test_a_timeout_that_is_none_is_remarked_on(entry: Entry, value: Any) -> None:
    it = entry(timeout=value)
    assert (it.usable, it.call_timeout) == (True, None)
    assert any("`timeout`" in remark for remark in it.remarks)


async def test_an_entry_s_timeout_beats_the_general_one(tmp_path: Path) -> None:
    server = stub(tmp_path, [tool("read", reads=True)], seconds=1.2) | {"timeout": 600_000}
    made = await played(tmp_path, {"s": server}, call("read"), say("Done."), LMBRIDGE_TOOL_TIMEOUT="0.5")
    assert made.told == ["ok"]


def test_what_is_not_heeded_is_remarked_on_and_listed(entry: Entry, tmp_path: Path) -> None:
    it = entry(headersHelper="./get-token.sh", watch=True, description="fine")
    assert it.usable
    assert [remark.split("`")[1] for remark in it.remarks] == ["headersHelper", "watch"]
    settings = Settings(mcp_json_path=tmp_path / "mcp.json")
    [listed] = servers_body(Configs(settings, cwd=tmp_path, home=tmp_path, environment={}).current(), tmp_path)[
        "servers"
    ]
    assert listed["remarks"] == list(it.remarks)


class Folder:
    """A home and a project with files of Claude Code."""

    def __init__(self, root: Path) -> None:
        self.home, self.project = root / "home", root / "home" / "project"
        self.project.mkdir(parents=True)

    def write(self, path: Path, content: object) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))

    def read(self) -> dict[str, ServerEntry]:
        return dict(self.configs().current().servers)

    def configs(self) -> Configs:
        settings = Settings(state_dir=self.home / "state")
        return Configs(settings, cwd=self.project, home=self.home, environment={}, system="linux")

    def trust_all(self) -> None:
        """The user lets the project's servers start, so that only what switches them off is left to see."""
        configs = self.configs()
        for entry in configs.current().waiting():
            configs.trust.add(entry)


SERVER = {"command": "run"}


@pytest.mark.parametrize(
    ("file", "key"),
    [
        (".claude.json", "disabledMcpServers"),
        (".claude.json", "disabledMcpjsonServers"),
        ("project/.claude/settings.json", "disabledMcpjsonServers"),
        ("project/.claude/settings.local.json", "disabledMcpjsonServers"),
        (".claude/settings.json", "disabledMcpjsonServers"),
    ],
)
def test_a_server_of_a_project_that_claude_code_has_switched_off_is_off(tmp_path: Path, file: str, key: str) -> None:
    folder = Folder(tmp_path)
    folder.write(folder.project / ".mcp.json", {"mcpServers": {"off": SERVER, "on": SERVER}})
    folder.trust_all()
    content: dict[str, Any] = {key: ["off"]}
    if file == ".claude.json":
        content = {"projects": {str(folder.project): content}}
    folder.write(folder.home / file, content)
    found = folder.read()
    assert (found["off"].usable, found["on"].usable) == (False, True)
    assert any(key in remark for remark in found["off"].remarks)


def test_a_key_about_project_servers_leaves_the_user_s_alone(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    project = {"disabledMcpjsonServers": ["mine"], "disabledMcpServers": ["yours"]}
    servers = {"mine": SERVER, "yours": SERVER}
    folder.write(folder.home / ".claude.json", {"mcpServers": servers, "projects": {str(folder.project): project}})
    found = folder.read()
    assert (found["mine"].usable, found["yours"].usable) == (True, False)


def test_what_one_program_switches_off_stays_on_in_another_s_file(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.write(folder.home / ".claude.json", {"disabledMcpServers": ["it"]})
    folder.write(folder.home / ".lmstudio" / "mcp.json", {"mcpServers": {"it": SERVER}})
    assert folder.read()["it"].usable


def test_a_change_of_what_is_switched_off_is_seen_at_the_next_call(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.write(folder.project / ".mcp.json", {"mcpServers": {"it": SERVER}})
    folder.trust_all()
    configs = folder.configs()
    assert configs.current().get("it").usable
    folder.write(folder.project / ".claude" / "settings.json", {"disabledMcpjsonServers": ["it"]})
    assert not configs.current().get("it").usable


@pytest.mark.parametrize("rule", ["mcp__it__write", "mcp__it__wr*", "mcp__it", "mcp__it__*"])
@pytest.mark.parametrize("file", ["project/.claude/settings.json", ".claude/settings.json"])
def test_a_tool_that_claude_code_s_permissions_deny_is_left_out_of_its_servers(
    tmp_path: Path, file: str, rule: str
) -> None:
    folder = Folder(tmp_path)
    folder.write(folder.project / ".mcp.json", {"mcpServers": {"it": SERVER}})
    folder.write(folder.home / ".lmstudio" / "mcp.json", {"mcpServers": {"of_another": SERVER, "it2": SERVER}})
    folder.write(folder.home / file, {"permissions": {"deny": ["Bash(rm *)", rule], "allow": ["mcp__it__read"]}})
    folder.trust_all()
    found = folder.read()
    assert not found["it"].limits.admits("it", "write")
    assert found["it"].limits.admits("it", "read") == (rule in {"mcp__it__write", "mcp__it__wr*"})
    assert "permissions.deny" in found["it"].limits.keys
    assert all(found[name].limits.admits(name, "write") for name in ("of_another", "it2"))


def sole(folder: Path, name: str, text: str) -> dict[str, ServerEntry]:
    (folder / name).write_text(text)
    settings = Settings(mcp_json_path=folder / name)
    return dict(Configs(settings, cwd=folder, home=folder, environment={"TOKEN": "t"}).current().servers)


@pytest.mark.parametrize(
    ("switches", "read"),
    [
        ({"tools": {"it_write": False}}, True),
        ({"tools": {"it*": False}}, False),
        ({"tools": {"it_*": False, "it_read": True}, "permission": {"it_write": "deny"}}, True),
        ({"tools": {"it_read": True, "it_*": False}}, False),
        ({"permission": {"it_write": "deny", "bash": "ask"}}, True),
        ({"permission": {"*": "deny"}}, False),
        ({"tools": {"it_write": True}, "permission": {"it_write": "deny"}}, True),
    ],
)
def test_what_opencode_switches_off_by_globs_is_off(tmp_path: Path, switches: dict[str, Any], read: bool) -> None:
    local = {"type": "local", "command": ["run"], "timeout": 5000}
    it = sole(tmp_path, "opencode.json", json.dumps({"mcp": {"it": local}, **switches}))["it"]
    assert (it.limits.admits("it", "read"), it.limits.admits("it", "write")) == (read, False)
    assert it.call_timeout is None  # opencode's is for listing tools
    assert any("listing tools" in remark for remark in it.remarks)


def test_what_is_heeded_of_codex_s_keys_is_not_remarked_on(tmp_path: Path) -> None:
    text = '[mcp_servers.it]\nurl="https://h.example/mcp"\nbearer_token_env_var="TOKEN"\nhttp_headers={X="1"}\nenv_http_headers={Y="TOKEN"}\n'
    it = sole(tmp_path, "config.toml", text)["it"]
    assert it.headers == {"X": "1", "Y": "t", "Authorization": "Bearer t"}
    assert it.remarks == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("settings.json", {"context_servers": {"it": {"command": {"path": "run", "args": []}}}}),
        ("mine.json", {"mcp": {"it": {"type": "local", "command": ["run"]}}}),
        ("mine.json", {"mcpServers": [{"name": "it", "command": "run"}]}),
        ("mine.json", {"context_servers": {"it": {"command": "run"}}}),
        ("mine.toml", '[mcp_servers.it]\ncommand = "run"\n'),
        ("mine.yaml", "mcpServers:\n- name: it\n  command: run\n"),
    ],
)
def test_the_sole_file_may_have_any_program_s_form_whatever_it_is_called(tmp_path: Path, name: str, text: Any) -> None:
    found = sole(tmp_path, name, text if isinstance(text, str) else json.dumps(text))
    assert found["it"].command == "run"
    assert found["it"].usable


@pytest.mark.parametrize("key", ["disabledMcpServers", "excludeMCPServers"])
def test_the_sole_file_switches_its_own_servers_off(tmp_path: Path, key: str) -> None:
    (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": {"it": SERVER}, key: ["it"]}))
    settings = Settings(mcp_json_path=tmp_path / "mcp.json")
    assert not Configs(settings, cwd=tmp_path, home=tmp_path, environment={}).current().get("it").usable
