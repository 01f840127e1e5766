"""Files of users, rebuilt from public bug reports: what is right in them is read, what is wrong costs its own entry."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lmbridge.mcp_host.config.configs import Configs, ConfigSet
from lmbridge.settings import Settings

CASES = Path(__file__).parent.parent.parent / "data" / "field"
ENVIRONMENT = {"PATH": "/bin", "TOKEN": "from outside"}
Read = Callable[[str], ConfigSet]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a text as the one configuration there is; the working folder is `project`, the home `home`."""

    def one(text: str) -> ConfigSet:
        (tmp_path / "mcp.json").write_text(text)
        settings = Settings(mcp_json_path=tmp_path / "mcp.json")
        project, home = tmp_path / "project", tmp_path / "home"
        return Configs(settings, cwd=project, home=home, environment=ENVIRONMENT).current()

    return one


def entry(**fields: Any) -> str:
    return json.dumps({"mcpServers": {"a": {"command": "run", **fields}}})


def case(name: str) -> str:
    text = (CASES / f"{name}.mcp.json").read_text()
    return text.replace("PYTHON", "python").replace('"STUB"', '"stub.py"')


def test_a_variable_of_the_entry_s_own_environment_is_filled_into_its_arguments(read: Read) -> None:
    a = read(case("own_env_in_args")).get("a")
    assert a.usable
    assert a.args[-1] == "Authorization:Bearer abcdefgh12345678"
    assert "Bearer abcdefgh12345678" in a.secrets.values()


def test_own_variables_may_name_each_other_in_any_order_and_win_in_arguments(read: Read) -> None:
    a = read(entry(env={"B": "${A}/b", "A": "a", "PATH": "${PATH}:/x", "TOKEN": "own"}, args=["${B}", "${TOKEN}"])).get(
        "a"
    )
    assert dict(a.env) == {"B": "a/b", "A": "a", "PATH": "/bin:/x", "TOKEN": "own"}
    assert a.args == ("a/b", "own")


def test_own_variables_that_go_in_a_circle_are_told(read: Read) -> None:
    a = read(entry(env={"A": "${B}", "B": "${A}"})).get("a")
    assert "not set" in str(a.problem)


def test_own_variables_stand_in_headers_and_addresses_too(read: Read) -> None:
    text = json.dumps(
        {
            "mcpServers": {
                "a": {
                    "url": "https://${HOST}/mcp",
                    "headers": {"X": "${KEY}"},
                    "env": {"HOST": "h.example", "KEY": "k"},
                }
            }
        }
    )
    a = read(text).get("a")
    assert (a.url, dict(a.headers)) == ("https://h.example/mcp", {"X": "k"})


def test_the_variables_that_every_entry_may_use_are_known(read: Read, tmp_path: Path) -> None:
    a = read(entry(args=["${CLAUDE_PROJECT_DIR}/x", "${CLAUDE_PROJECT_DIR:-.}", "${HOME}", "${HOME:-/root}"])).get("a")
    project, home = str(tmp_path / "project"), str(tmp_path / "home")
    assert a.args == (f"{project}/x", project, home, "/root")


def test_a_default_that_holds_a_variable_is_usable(read: Read, tmp_path: Path) -> None:
    assert read(case("nested_default")).get("a").env["DATA"] == f"{tmp_path / 'home'}/.ai-tools"


def test_expansions_of_a_shell_cost_their_own_entry(read: Read) -> None:
    document = json.loads(case("shell_expansion"))
    document["mcpServers"]["b"] = {"command": "run"}
    found = read(json.dumps(document))
    assert (found.get("a").usable, found.get("b").usable) == (False, True)
    assert "${d%/}" in str(found.get("a").problem)


def test_a_program_for_headers_is_remarked_on(read: Read) -> None:
    a = read(case("headers_helper")).get("a")
    assert any("headersHelper" in remark for remark in a.remarks)


PATHS = [
    # as a user writes it, and the key it stands under
    (r'"command": "C:\new\table\run.exe"', "command"),
    (r'"command": "C:\Users\me\run.exe"', "command"),
    (r'"command": "run", "args": ["D:\tools\x"]', "args"),
    (r'"command": "run", "args": ["--dir=C:\temp"]', "args"),
    (r'"command": "run", "args": [".\node_modules\bin"]', "args"),
    (r'"command": "run", "cwd": "C:\work\new"', "cwd"),
    (r'"command": "run", "env": {"DATA": "%APPDATA%\npm"}', "env.DATA"),
    (r'"command": "run", "env": {"DATA": "C:\\right\but"}', "env.DATA"),
]


@pytest.mark.parametrize(("line", "key"), PATHS)
def test_a_windows_path_with_single_backslashes_costs_its_entry_with_the_place(read: Read, line: str, key: str) -> None:
    found = read('{"mcpServers": {"good": {"command": "run"}, "a": {\n' + line + "\n}}}")
    assert found.get("good").usable
    problem = str(found.get("a").problem)
    assert f"`{key}`" in problem
    assert "double the backslashes" in problem
    single = re.search(r"(?<!\\)\\(?!\\)", line)
    assert single is not None
    assert f"line 2, column {single.start() + 1}:" in problem


def test_a_path_that_ends_in_a_single_backslash_is_told_with_the_place(read: Read) -> None:
    found = read('{"mcpServers": {"a": {\n"command": "run", "cwd": "C:\\dir\\"\n}}}')
    assert found.problem is not None
    assert "double the backslashes" in found.problem.message
    assert "line 2, column 33" in found.problem.message


@pytest.mark.parametrize(
    "fields",
    [
        {"args": ["C:\\Users\\me", "\\\\server\\share", "-c", "print(1)\n\tprint(2)"]},
        {"env": {"KEY": "-----BEGIN KEY-----\nabc\n-----END KEY-----\n", "YAML": "a: b\nc: d"}},
        {"command": "  run\n"},
    ],
)
def test_what_was_written_right_stays_as_it_is(read: Read, fields: dict[str, Any]) -> None:
    a = read(entry(**fields)).get("a")
    assert a.usable
    assert list(a.args) == fields.get("args", [])
    assert dict(a.env) == fields.get("env", {})
