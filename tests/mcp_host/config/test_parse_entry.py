"""One entry of an mcp.json: its dialects, its variables, its secrets, and what is told when it cannot be used."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lmbridge.mcp_host.config import secret_names
from lmbridge.mcp_host.config.configs import Configs, ConfigSet, Grant, ServerEntry
from lmbridge.mcp_host.config.jsonc import JsonFault, parse
from lmbridge.settings import Settings

ENVIRONMENT = {
    "HOME": "/home/me",
    "GITHUB_TOKEN": "ghp_0123456789",
    "EMPTY": "",
    "WHERE": "here",
    "ProgramFiles(x86)": "P",
}

Read = Callable[..., ConfigSet]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a document as the one configuration there is."""

    def read(document: object, name: str = "mcp.json") -> ConfigSet:
        text = document if isinstance(document, str) else json.dumps(document)
        (tmp_path / name).write_text(text, encoding="utf-8")
        settings = Settings(mcp_json_path=tmp_path / name)
        return Configs(settings, cwd=tmp_path, home=Path("/home/me"), environment=ENVIRONMENT).current()

    return read


Entry = Callable[[Any], ServerEntry]


@pytest.fixture
def entry(read: Read) -> Entry:
    """Reads one entry, beside a good one that must stay good."""

    def one(raw: Any) -> ServerEntry:
        current = read({"mcpServers": {"it": raw, "other": {"command": "run"}}})
        assert current.get("other").usable
        return current.get("it")

    return one


class TestTransport:
    @pytest.mark.parametrize("kind", ["http", "HTTP", "streamable-http", "streamableHttp", "streamable_http"])
    def test_spellings_of_streamable_http_mean_the_same(self, entry: Entry, kind: str) -> None:
        it = entry({"type": kind, "url": "https://example.com/mcp"})

        assert (it.transport, it.url, it.sse_fallback, it.problem) == ("http", "https://example.com/mcp", False, None)

    @pytest.mark.parametrize("key", ["url", "serverUrl", "httpUrl"])
    def test_an_address_without_type_is_http_with_sse_to_fall_back_on(self, entry: Entry, key: str) -> None:
        it = entry({key: "https://example.com/sse"})

        assert (it.transport, it.sse_fallback) == ("http", True)

    def test_sse_is_kept(self, entry: Entry) -> None:
        assert entry({"type": "sse", "url": "http://localhost:1/sse"}).transport == "sse"

    def test_a_command_without_type_is_stdio_even_beside_an_address(self, entry: Entry) -> None:
        it = entry({"command": "run", "url": "https://example.com"})

        assert (it.transport, it.command, it.url) == ("stdio", "run", None)

    @pytest.mark.parametrize(
        ("raw", "transport"),
        [
            ({"url": "ftp://x"}, "http"),
            ({"type": "sse", "url": "ftp://x"}, "sse"),
            ({"command": 3}, "stdio"),
            ({"type": "carrier pigeon", "command": "x"}, None),
            ({}, None),
            ("hi", None),
        ],
    )
    def test_an_entry_that_cannot_be_used_is_still_known_by_its_transport(
        self, entry: Entry, raw: Any, transport: str | None
    ) -> None:
        it = entry(raw)
        assert it.problem
        assert it.transport == transport

    def test_headers_and_an_oauth_registration_are_taken(self, entry: Entry) -> None:
        it = entry({"url": "https://e.com", "headers": {"X-A": "1"}, "auth": {"CLIENT_ID": "me", "scopes": ["a", "b"]}})

        assert (it.headers, it.oauth) == ({"X-A": "1"}, {"client_id": "me", "scopes": "a b"})

    def test_command_arguments_environment_and_folder_are_taken(self, entry: Entry, tmp_path: Path) -> None:
        it = entry({"command": "~/bin/x", "args": ["-p", 8080, True], "env": {"A": 1, "B": None}, "cwd": "sub"})

        assert (it.command, it.args, it.env) == ("/home/me/bin/x", ("-p", "8080", "true"), {"A": "1"})
        assert it.cwd == str(tmp_path / "sub")

    def test_unknown_keys_are_no_problem(self, entry: Entry) -> None:
        assert entry({"command": "run", "timeout": 60, "alwaysAllow": ["x"], "dev": {}}).usable


PROBLEMS: list[tuple[Any, str]] = [
    (None, "must be an object, not null"),
    ([], "must be an object, not a list"),
    ("npx", "must be an object, not a text"),
    ({}, "neither `command` nor `url`"),
    ({"args": ["x"]}, "neither `command` nor `url`"),
    ({"command": ""}, "command"),
    ({"command": ["npx", "-y"]}, "command"),
    ({"type": "stdio", "url": "https://e.com"}, "no `command`"),
    ({"type": "http", "command": "x"}, "no `url`"),
    ({"type": "ws", "url": "ws://e.com"}, "'ws' is not supported"),
    ({"type": 5, "command": "x"}, "5 is not supported"),
    ({"url": "ftp://e.com"}, "http or https"),
    ({"url": "unix:///run/x"}, "http or https"),
    ({"url": "https://"}, "http or https"),
    ({"url": "https://e.com:99999"}, "http or https"),
    ({"url": "https://e .com"}, "http or https"),
    ({"url": "https://e.com", "headers": ["a"]}, "`headers` must be an object"),
    ({"url": "https://e.com", "headers": {"A": "b\nC: d"}}, "line break"),
    ({"command": "x", "args": "a b"}, "`args` must be a list"),
    ({"command": "x", "args": [{}]}, "`args` may hold texts only"),
    ({"command": "x", "env": ["A=1"]}, "`env` must be an object"),
    ({"command": "x", "env": {"A=B": "1"}}, "name that cannot be used"),
    ({"command": "x", "env": {"A": "b\0"}}, "NUL"),
    ({"command": "x", "disabled": "yes"}, "`disabled` must be true or false"),
    ({"command": "x", "cwd": 5}, "`cwd` must be a path"),
    ({"command": "x", "envFile": "gone.env"}, "gone.env cannot be read"),
    ({"command": "x", "args": ["${MISSING}"]}, "MISSING is not set"),
    ({"command": "x", "env": {"A": "${env:MISSING}"}}, "MISSING is not set"),
    ({"url": "https://e.com/${MISSING}"}, "MISSING is not set"),
    ({"command": "x", "args": ["${input:api-key}"]}, "MCP_INPUT_API_KEY"),
    ({"command": "x", "args": ["${command:pick}"]}, "command:pick"),
    ({"command": "x", "lmbridge": []}, "`lmbridge` must be an object"),
    ({"command": "x", "lmbridge": {"acess": "read"}}, "did you mean `access`"),
    ({"command": "x", "lmbridge": {"access": "all"}}, '"read" or "write"'),
    ({"command": "x", "lmbridge": {"access": ["read"]}}, '"read" or "write"'),
    ({"command": "x", "lmbridge": {"allow": "read_*"}}, "`lmbridge.allow` must be a list"),
    ({"command": "x", "lmbridge": {"allow": []}}, "allow nothing"),
    ({"command": "x", "lmbridge": {"deny": [5]}}, "`lmbridge.deny` must be a list"),
    ({"command": "x", "lmbridge": {"timeout": 0}}, "above 0"),
    ({"command": "x", "lmbridge": {"timeout": True}}, "above 0"),
    ({"command": "x", "lmbridge": {"pin": "yes"}}, "true or false"),
]


@pytest.mark.parametrize(("raw", "reason"), PROBLEMS, ids=[json.dumps(raw)[:50] for raw, _ in PROBLEMS])
def test_an_entry_that_cannot_work_is_listed_with_its_reason(entry: Entry, raw: Any, reason: str) -> None:
    it = entry(raw)

    assert not it.usable
    assert reason in (it.problem or "")


def test_the_lmbridge_object_becomes_the_grant(entry: Entry) -> None:
    rights = {"access": "read", "allow": ["read_*"], "deny": ["*secret*"], "timeout": 5, "pin": True}

    assert entry({"command": "x", "lmbridge": rights}).grant == Grant("read", ("read_*",), ("*secret*",), 5.0, True)
    assert entry({"command": "x"}).grant == Grant()


class TestVariables:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("${WHERE}", "here"),
            ("${env:WHERE}", "here"),
            ("a${WHERE}b${WHERE}c", "aherebherec"),
            ("${MISSING:-default}", "default"),
            ("${MISSING:-}", ""),
            ("${EMPTY:-default}", "default"),
            ("${EMPTY}", ""),
            ("${MISSING:-${WHERE}}", "here"),
            ("${MISSING:-a-{b}-c}", "a-{b-c}"),
            ("${env:ProgramFiles(x86)}", "P"),
            ("${userHome}/x", "/home/me/x"),
            ("a${pathSeparator}b", f"a{os.sep}b"),
            ("a${/}b", f"a{os.sep}b"),
            ("$WHERE and $HOME", "$WHERE and $HOME"),
            ("${", "${"),
            ("{WHERE}", "{WHERE}"),
        ],
    )
    def test_they_are_filled_in_everywhere(self, entry: Entry, text: str, value: str) -> None:
        it = entry({"command": "run", "args": [text], "env": {"A": text}})

        assert it.problem is None
        assert (it.args, it.env["A"]) == ((value,), value)

    def test_the_workspace_folder_is_the_folder_lmbridge_runs_in(self, entry: Entry, tmp_path: Path) -> None:
        it = entry({"command": "run", "args": ["${workspaceFolder}/src", "${workspaceFolderBasename}"]})

        assert it.args == (f"{tmp_path}/src", tmp_path.name)

    def test_headers_and_addresses_are_filled_in(self, entry: Entry) -> None:
        it = entry({"url": "https://${WHERE}.example/mcp", "headers": {"Authorization": "Bearer ${GITHUB_TOKEN}"}})

        assert (it.url, it.headers["Authorization"]) == ("https://here.example/mcp", "Bearer ghp_0123456789")

    def test_a_value_is_not_searched_for_variables_again(self, tmp_path: Path) -> None:
        (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": {"it": {"command": "x", "args": ["${A}"]}}}))
        settings = Settings(mcp_json_path=tmp_path / "mcp.json")

        it = Configs(settings, cwd=tmp_path, home=tmp_path, environment={"A": "${B}"}).current().get("it")

        assert it.args == ("${B}",)

    def test_inputs_come_from_the_environment_or_their_default(self, tmp_path: Path) -> None:
        inputs = [
            {"type": "promptString", "id": "api-key", "password": True},
            {"type": "promptString", "id": "region", "default": "eu"},
        ]
        entry = {"command": "x", "args": ["${input:api-key}", "${input:region}"]}
        (tmp_path / "mcp.json").write_text(json.dumps({"inputs": inputs, "servers": {"it": entry}}))
        settings = Settings(mcp_json_path=tmp_path / "mcp.json")
        environment = {"MCP_INPUT_API_KEY": "0123456789"}

        it = Configs(settings, cwd=tmp_path, home=tmp_path, environment=environment).current().get("it")

        assert it.args == ("0123456789", "eu")
        assert it.secrets["api-key"] == "0123456789"

    @settings(deadline=None)
    @given(st.text(alphabet="${}:-abc/ \n", max_size=30))
    def test_any_text_is_filled_in_or_refused(self, text: str) -> None:
        from lmbridge.mcp_host.config.variables import UnsetVariableError, Variables

        variables = Variables({"a": "1", "b": ""}, Path("/w"), Path("/h"))
        try:
            filled = variables.fill(text)
        except UnsetVariableError:
            return
        if "${" not in text:
            assert filled == text


class TestEnvFile:
    def test_its_variables_are_taken_and_the_entrys_own_win(self, entry: Entry, tmp_path: Path) -> None:
        lines = [
            "# comment",
            "export A=1",
            'B="two words" # note',
            "C='single $HOME'",
            "D=plain value # note",
            "E=a#b",
            "F=",
            'G="line\\nbreak"',
            "OWN=file",
            "API_KEY=0123456789",
        ]
        (tmp_path / "my.env").write_text("\n".join(lines), encoding="utf-8")

        it = entry({"command": "x", "envFile": "${workspaceFolder}/my.env", "env": {"OWN": "entry"}})

        expected = {"A": "1", "B": "two words", "C": "single $HOME", "D": "plain value", "E": "a#b", "F": ""}
        assert it.env == {**expected, "G": "line\nbreak", "OWN": "entry", "API_KEY": "0123456789"}
        assert it.secrets["API_KEY"] == "0123456789"


class TestDuplicates:
    def test_the_same_key_twice_is_refused_by_name_and_nothing_else_is(self, read: Read) -> None:
        current = read('{"mcpServers": {"a": {"command": "1"}, "b": {"command": "x"}, "a": {"command": "2"}}}')

        assert "'a' is there twice" in (current.get("a").problem or "")
        assert current.usable == ("b",)

    @pytest.mark.parametrize("twin", ["FILES", "Files ", "files"])
    def test_names_that_differ_only_in_case_or_blanks_are_both_refused(self, read: Read, twin: str) -> None:
        current = read({"mcpServers": {"fiLes": {"command": "1"}, twin: {"command": "2"}, "b": {"command": "x"}}})

        assert repr(twin) in (current.get("fiLes").problem or "")
        assert current.usable == ("b",)

    def test_names_that_sanitise_to_the_same_are_both_refused(self, read: Read) -> None:
        current = read({"mcpServers": {"my files": {"command": "1"}, "my/files": {"command": "2"}}})

        assert current.usable == ()

    def test_the_same_name_under_two_keys_of_one_file_is_refused(self, read: Read) -> None:
        current = read(
            {"mcpServers": {"a": {"command": "1"}}, "servers": {"a": {"command": "2"}, "b": {"command": "3"}}}
        )

        assert current.usable == ("b",)

    def test_a_key_twice_within_an_entry_is_its_problem(self, read: Read) -> None:
        current = read('{"mcpServers": {"a": {"command": "1", "command": "2"}, "b": {"command": "x"}}}')

        assert "`command` is there twice" in (current.get("a").problem or "")
        assert current.usable == ("b",)

    @pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 300])
    def test_a_name_that_cannot_be_shown_is_refused(self, read: Read, name: str) -> None:
        assert read({"mcpServers": {name: {"command": "x"}, "b": {"command": "x"}}}).usable == ("b",)


class TestBareMaps:
    def test_entries_without_a_key_above_them_are_found(self, read: Read) -> None:
        current = read({"$schema": "x", "files": {"command": "run"}, "broken": {}})

        assert current.usable == ("files",)
        assert not current.get("broken").usable

    def test_duplicates_among_them_are_refused(self, read: Read) -> None:
        assert read('{"a": {"command": "1"}, "a": {"command": "2"}}').usable == ()

    def test_an_empty_object_holds_no_servers_and_no_problem(self, read: Read) -> None:
        assert read({}).files[0].problem is None

    def test_settings_of_a_program_are_not_taken_for_servers(self, read: Read) -> None:
        assert not read({"theme": {"command": "x"}}, "settings.json").servers


class TestJsonWithComments:
    @pytest.mark.parametrize(
        "text",
        [
            '{"a": 1, // comment, }\n "b": [1, 2,],}',
            '/* head */ {"a": 1, "b": [1, /* inside */ 2]} // tail',
            "{a: 1, 'b': [1, 2]}",
            '{"a": 1,\r\n\t"b": [1, 2 // x\r\n ,]\r\n}',
        ],
    )
    def test_comments_trailing_commas_and_bare_keys_are_read(self, text: str) -> None:
        assert parse(text) == {"a": 1, "b": [1, 2]}

    def test_what_looks_like_a_comment_in_a_text_stays(self) -> None:
        assert parse('{"url": "http://e.com/*x*/", /* c */ "b": ",]", }') == {"url": "http://e.com/*x*/", "b": ",]"}

    def test_the_place_of_a_fault_is_the_one_the_user_sees(self) -> None:
        with pytest.raises(JsonFault) as caught:
            parse('{ // first\n /* second\n */ "a": 1\n "b": 2}')

        assert (caught.value.line, caught.value.column) == (4, 2)

    @settings(deadline=None)
    @given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda c: st.lists(c) | st.dictionaries(st.text(), c), max_leaves=8))  # fmt: skip
    def test_plain_json_is_read_as_it_is(self, value: object) -> None:
        assert parse(json.dumps(value)) == value

    @settings(deadline=None)
    @given(st.text(alphabet='{}[]",:/*\\ \n1a', max_size=40))
    def test_any_text_is_read_or_refused_with_a_place(self, text: str) -> None:
        assert _place_of_fault(text) >= 1


def _place_of_fault(text: str) -> int:
    try:
        parse(text)
    except JsonFault as fault:
        return fault.line
    return 1


class TestSecrets:
    def test_header_values_and_telling_variables_of_eight_characters_are_secrets(self, entry: Entry) -> None:
        it = entry({"command": "x", "env": {"API_TOKEN": "0123456789", "SHORT_KEY": "1234567", "MODE": "production"}})
        assert it.secrets == {"API_TOKEN": "0123456789"}

        remote = entry(
            {"url": "https://e.com", "headers": {"X-Custom": "whatever-it-is", "Accept": "application/json"}}
        )
        assert remote.secrets == {"X-Custom": "whatever-it-is"}

    def test_of_a_bearer_header_the_credential_alone_is_the_secret(self, entry: Entry) -> None:
        it = entry({"url": "https://e.com", "headers": {"Authorization": "Bearer abcdefgh123"}})

        assert it.secrets == {"Authorization": "abcdefgh123"}

    def test_a_secret_variable_is_known_wherever_it_is_filled_in(self, entry: Entry) -> None:
        it = entry({"command": "x", "args": ["--auth", "user:${GITHUB_TOKEN}"]})

        assert it.secrets["GITHUB_TOKEN"] == "ghp_0123456789"

    def test_options_and_addresses_give_their_secrets_away(self, entry: Entry) -> None:
        it = entry(
            {"command": "x", "args": ["--api-key", "abcdefgh1", "--password=hunter2hunter2", "--port", "80808080"]}
        )
        assert it.secrets == {"api-key": "abcdefgh1", "password": "hunter2hunter2"}

        remote = entry({"url": "https://me:passw0rd1@e.com/mcp?apikey=qwertyuiop&page=1234567890"})
        assert sorted(remote.secrets.values()) == ["passw0rd1", "qwertyuiop"]

    def test_a_secret_is_known_without_the_blanks_around_it(self, entry: Entry) -> None:
        it = entry({"command": "x", "env": {"API_TOKEN": " 0123456789\n", "A_KEY": "  1234567  ", "B_KEY": " " * 20}})

        assert it.env["API_TOKEN"] == " 0123456789\n"
        assert it.secrets == {"API_TOKEN": "0123456789"}

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\\n"])
    def test_each_long_line_of_a_key_is_a_secret(self, entry: Entry, end: str) -> None:
        lines = ("-----BEGIN PRIVATE KEY-----", "MIIEvQIBADANBgkqhkiG9w0BAQ", "EFAASCBKcwggSjAgEAAoIBAQ", "C7x==",
                 "-----END PRIVATE KEY-----")  # fmt: skip
        it = entry({"command": "x", "env": {"TLS_KEY": end.join(lines) + end}})

        assert it.secrets["TLS_KEY"].startswith(end.join(lines))
        assert {line for label, line in it.secrets.items() if label != "TLS_KEY"} == set(lines[1:3])

    def test_no_secret_is_in_an_entrys_representation(self, entry: Entry) -> None:
        it = entry({"command": "x", "env": {"API_TOKEN": "0123456789"}})

        assert "0123456789" not in repr(it)

    @pytest.mark.parametrize(
        ("name", "secret"),
        [
            ("GITHUB_TOKEN", True), ("apiKey", True), ("OPENAI_API_KEY", True), ("DB_PASSWORD", True), ("secret", True),
            ("AWS_SECRET_ACCESS_KEY", True), ("GITHUB_PAT", True), ("AUTHTOKEN", True), ("X-Api-Key", True),
            ("KEYBOARD", False), ("PATH", False), ("MONKEY_ISLAND", False), ("PWD", False), ("COMPASS", False),
        ],
    )  # fmt: skip
    def test_names_say_whether_a_value_is_secret(self, name: str, secret: bool) -> None:
        assert secret_names.names_a_secret(name) is secret


class TestFingerprint:
    @pytest.mark.parametrize(
        "change",
        [
            {"command": "y"},
            {"args": ["b"]},
            {"env": {"A": "2"}},
            {"cwd": "/elsewhere"},
            {"lmbridge": {"access": "read"}},
            {"lmbridge": {"deny": ["x"]}},
            {"disabled": True},
        ],
    )
    def test_it_changes_with_everything_that_matters(self, entry: Entry, change: dict[str, Any]) -> None:
        base = {"command": "x", "args": ["a"], "env": {"A": "1"}}

        assert entry({**base, **change}).fingerprint != entry(base).fingerprint

    def test_it_stays_where_nothing_that_matters_changes(self, entry: Entry) -> None:
        assert entry({"command": "x", "note": "a"}).fingerprint == entry({"command": "x", "note": "b"}).fingerprint


@pytest.mark.parametrize(
    "switch",
    [
        {"disabled": True}, {"Disabled": True}, {"DISABLED": True}, {"disable": True}, {"isDisabled": True}, {"enabled": False},
        {"Enabled": False}, {"enable": False}, {"isActive": False}, {"is_active": False}, {"active": False},
    ],
)  # fmt: skip
def test_an_entry_is_switched_off_by_whichever_program_s_word(entry: Entry, switch: dict[str, bool]):
    found = entry({"command": "python3", **switch})
    assert (found.disabled, found.usable, found.problem) == (True, False, None)


@pytest.mark.parametrize(
    "switch", [{"isActive": True}, {"enabled": True, "active": True}, {"Disabled": False}, {"active": None}]
)
def test_an_entry_that_is_switched_on_in_so_many_words_is_on(entry: Entry, switch: dict[str, bool]):
    assert entry({"command": "python3", **switch}).usable


@pytest.mark.parametrize(
    ("key", "value", "meant"),
    [("lmbrige", {"access": "read"}, "lmbridge"), ("diabled", True, "disabled"), ("enabledd", False, "enabled")],
)
def test_a_limit_or_a_switch_that_is_misspelt_is_not_overlooked(entry: Entry, key: str, value: object, meant: str):
    found = entry({"command": "python3", key: value})
    assert not found.usable
    assert f"`{key}` is not known; did you mean `{meant}`?" in (found.problem or "")


def test_keys_count_in_any_case_and_the_documented_spelling_beats_the_others(entry: Entry):
    found = entry({"Command": "python3", "ARGS": ["a"], "Env": {"A": "b"}, "Lmbridge": {"access": "read"}})
    assert (found.command, found.args, dict(found.env), found.grant.access) == ("python3", ("a",), {"A": "b"}, "read")
    assert entry({"command": "python3", "Command": "other"}).command == "python3"
    assert entry({"URL": "http://127.0.0.1:9/mcp"}).url == "http://127.0.0.1:9/mcp"
    assert not entry({"command": "python3", "LMBRIDGE": {"access": "reed"}}).usable


def test_an_object_of_another_name_is_no_misspelt_limit(entry: Entry):
    found = entry({"command": "python3", "bridge": {"port": 1}, "tlsEnabled": False})
    assert found.usable
    assert found.remarks == ("its `bridge` is not heeded by lmbridge", "its `tlsEnabled` is not heeded by lmbridge")
