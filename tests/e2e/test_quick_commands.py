"""Commands that only look are quick: they load what they show and nothing else, and keep to the terminal."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lmbridge.cli.lazy_settings import PLAINLY_RIGHT, look
from lmbridge.cli.run import schema_of
from lmbridge.cli.table import Column, cells, table
from lmbridge.errors import InvalidArgumentsError, SettingsError
from lmbridge.settings import load

HEAVY = {
    "pydantic",
    "pydantic_core",
    "rich",
    "structlog",
    "asyncio",
    "mcp",
    "mcp_types",
    "aiohttp",
    "lmbridge.settings",
}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["runs", "list"], ["runs", "list", "--json"], ["mcps"], ["mcps", "--json"]]
)
def test_a_quick_command_loads_nothing_heavy(arguments: list[str], tmp_path: Path):
    servers = tmp_path / "mcp.json"
    servers.write_text('{"mcpServers": {"files": {"command": "python3", "args": ["x.py"]}}}')
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "LMBRIDGE_"))}
    environment = {
        **inherited,
        "HOME": str(tmp_path),
        "LMBRIDGE_STATE_DIR": str(tmp_path),
        "MCP_JSON_PATH": str(servers),
        "LMSTUDIO_BASE_URL": "http://mac.local:1234/v1",
        "LMBRIDGE_BACKEND": "lmstudio",
        "LMBRIDGE_LOG_LEVEL": "warning",
    }
    command = [sys.executable, "-X", "importtime", "-m", "lmbridge", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=60)
    assert ended.returncode == 0, ended.stderr[-2000:]
    imported = {line.rsplit("|", 1)[-1].strip() for line in ended.stderr.splitlines() if "|" in line}
    assert "click" in imported
    assert sorted(imported & HEAVY) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("how", ["> /dev/full", ">&-", "--json > /dev/full", "--json >&-"])
def test_output_that_cannot_be_written_is_told_in_a_sentence(how: str, tmp_path: Path):
    environment = {**os.environ, "HOME": str(tmp_path), "LMBRIDGE_STATE_DIR": str(tmp_path)}
    command = f"{sys.executable} -m lmbridge runs list {how}"
    ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True, env=environment, timeout=60)
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: the output cannot be written: ")
    assert ended.stderr.count("\n") == 1


VARIABLES: list[dict[str, str]] = [
    {},
    {"LMBRIDGE_STATE_DIR": "/somewhere/else"},
    {"LMBRIDGE_STATE_DIR": " relative "},
    {"LMBRIDGE_STATE_DIR": "  "},
    {"MCP_JSON_PATH": "~/x.json", "DEFAULT_MODEL": "some/model"},
    {"LMBRIDGE_JOURNAL_DAYS": "7", "LMBRIDGE_SLOTS": "3"},
    {"LMSTUDIO_BASE_URL": "http://localhost:9"},
    {"LM_API_TOKEN": "secret"},
    {"UNRELATED": "x"},
]


@pytest.fixture
def no_settings_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("lmbridge.platform.config_dir", lambda: tmp_path)


@pytest.mark.usefixtures("no_settings_file")
@pytest.mark.parametrize("variables", VARIABLES)
def test_settings_that_are_looked_at_are_those_that_are_loaded(variables: dict[str, str]):
    looked, loaded = look(variables), load(variables)
    for name in type(loaded).model_fields:
        if name != "origins":
            assert getattr(looked, name) == getattr(loaded, name), name
    assert looked.url == loaded.url


@pytest.mark.usefixtures("no_settings_file")
@pytest.mark.parametrize("name", sorted(PLAINLY_RIGHT))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_taken_unseen_is_right(name: str, data: st.DataObject):
    text = data.draw(st.from_regex(PLAINLY_RIGHT[name], fullmatch=True))
    assert look({name: f" {text}"}).url == load({name: text}).url


@pytest.mark.usefixtures("no_settings_file")
def test_flags_and_a_settings_file_count_too(tmp_path: Path):
    assert look({}, {"mcp_json_path": "/x.json", "base_url": None}).mcp_json_path == Path("/x.json")
    assert look({}, {"log_level": "debug"}).log_level == "debug"
    (tmp_path / "config.toml").write_text('state_dir = "/from/the/file"\n')
    assert look({}).state_dir == Path("/from/the/file")


@pytest.mark.usefixtures("no_settings_file")
@pytest.mark.parametrize(
    "variables",
    [
        {"LMBRIDGE_SLOTS": "none"},
        {"LMSTUDIO_BASE_URL": "ftp://x"},
        {"LMBRIDGE_BACKEND": "other"},
        {"LMSTUDIO_PORT": "x"},
        {"LMSTUDIO_PORT": "0"},
        {"LMBRIDGE_PROFILE": "/no/such/{", "LMBRIDGE_ACCESS": "all"},
        {"LMBRIDGE_CONFIG": "/no/such/config.toml"},
    ],
)
def test_what_cannot_be_used_is_refused_by_looking_too(variables: dict[str, str]):
    with pytest.raises(SettingsError) as looked:
        look(variables)
    with pytest.raises(SettingsError) as loaded:
        load(variables)
    assert str(looked.value) == str(loaded.value)


COLUMNS = (
    Column("run"),
    Column("status", least=6),
    Column("s", right=True),
    Column("task", least=4),
    Column("model", 6, optional=True),
)
ROWS: list[Any] = [
    ("r-20261128-101112-abcdef", "partial: max_rounds", "3.2", "Summarise\nthe files", "qwen/qwen3-4b-2507"),
    ("r-20261128-101112-abcdee", "done", "3600.0", "文書を要約する " * 9, "x"),
]


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_a_row_is_one_line_that_fits(width: int):
    lines = list(table(COLUMNS, ROWS, width))
    assert len(lines) == 1 + len(ROWS)
    assert all(cells(line) <= width for line in lines), lines
    assert all(row[0] in line for row, line in zip(ROWS, lines[1:], strict=True)), "an id is never cut"
    assert ("model" in lines[0]) == (width >= 60)


def test_what_goes_to_a_file_is_whole():
    lines = list(table(COLUMNS, ROWS, None))
    assert "Summarise the files" in lines[1]
    assert ROWS[1][3].strip() in lines[2]


def test_a_schema_may_begin_with_a_byte_order_mark_and_one_that_is_no_json_is_refused(tmp_path: Path):
    file = tmp_path / "schema.json"
    file.write_bytes(b'\xef\xbb\xbf{"type": "object"}')
    assert schema_of(file) == {"type": "object"}
    file.write_text("[" * 100_000)
    with pytest.raises(InvalidArgumentsError, match="is not JSON"):
        schema_of(file)


def said_with(tmp_path: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command in an environment with these variables."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "LMBRIDGE_"))}
    own = {"HOME": str(tmp_path), "LMBRIDGE_STATE_DIR": str(tmp_path), "MCP_JSON_PATH": str(tmp_path / "none.json")}
    command = [sys.executable, "-m", "lmbridge", *arguments]
    environment = {**inherited, **own, "LMSTUDIO_BASE_URL": "http://127.0.0.1:9/v1", **variables}
    return subprocess.run(
        command, input="", capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=60, check=False
    )


MISSPELT = "LMBRIDGE_SLOT is no setting; did you mean LMBRIDGE_SLOTS?"


@pytest.mark.parametrize("arguments", [["runs", "list"], ["serve"], ["runs", "stats"]])
def test_a_misspelt_variable_is_told_once_on_stderr_and_nothing_fails_for_it(arguments: list[str], tmp_path: Path):
    ended = said_with(tmp_path, *arguments, LMBRIDGE_SLOT="3", LMBRIDGE_QUANTUM="1", LMBRIDGE_TEST_X="1")
    assert (ended.returncode, ended.stderr.count(MISSPELT)) == (0, 1)
    assert not any(name in ended.stderr for name in ("QUANTUM", "TEST_X"))
    assert "SLOT" not in ended.stdout
    assert "SLOT" not in said_with(tmp_path, *arguments, LMBRIDGE_SLOT="3", LMBRIDGE_LOG_LEVEL="error").stderr


def test_doctor_tells_each_variable_that_is_no_setting(tmp_path: Path):
    given = {"LMBRIDGE_SLOT": "3", "LMBRIDGE_QUANTUM": "1", "LM_STUDIO_HOST": "x", "LMBRIDGE_LOG_FORMAT": "json"}
    ended = said_with(tmp_path, "doctor", "--no-servers", "--json", **given)
    findings = [each for each in json.loads(ended.stdout)["findings"] if each["code"] == "no_setting"]
    assert [(each["level"], each["text"].split()[0]) for each in findings] == [
        ("note", "LMBRIDGE_QUANTUM"),
        ("warning", "LMBRIDGE_SLOT"),
        ("note", "LM_STUDIO_HOST"),
    ]
    assert MISSPELT not in ended.stderr
    (line,) = said_with(tmp_path, "runs", "stats", **given).stderr.splitlines()
    assert json.loads(line)["said"] == MISSPELT
