"""Settings: one frozen value, parsed at the edge, every bad value refused by name."""

from pathlib import Path

import pytest

from lmbridge import settings
from lmbridge.errors import SettingsError
from lmbridge.settings import Settings, load, normalise_base_url, rows, strangers


def loaded(tmp_path: Path, environment: dict[str, str] | None = None, **flags: object) -> Settings:
    return load({"LMBRIDGE_STATE_DIR": str(tmp_path), **(environment or {})}, flags, file=_no_file(tmp_path))


def _no_file(tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    if not file.exists():
        file.write_text("")
    return file


@pytest.mark.parametrize(
    ("given", "mended"),
    [
        ("http://localhost:1234", "http://localhost:1234/v1"),
        ("http://localhost:1234/", "http://localhost:1234/v1"),
        ("http://localhost:1234/v1", "http://localhost:1234/v1"),
        ("http://localhost:1234/v1/", "http://localhost:1234/v1"),
        ("  https://host.example/api/v1 ", "https://host.example/api/v1"),
        ("http://[::1]:8080", "http://[::1]:8080/v1"),
        ("HTTP://LOCALHOST:1234", "http://localhost:1234/v1"),
    ],
)
def test_a_base_url_is_mended_to_its_one_form(given: str, mended: str):
    assert normalise_base_url(given) == mended


@pytest.mark.parametrize(
    "given",
    [
        "ftp://localhost:1234", "localhost:1234", "http://", "http://user:secret@localhost:1234", "javascript:alert(1)",
        "http://localhost:99999", "http://local host:1234", "http://localhost:1234?x=1", "http://localhost:1234/#f", "file:///etc",
        "http://localhost:12x4",
    ],
)  # fmt: skip
def test_a_base_url_that_cannot_be_used_is_refused_with_its_origin(given: str, tmp_path: Path):
    with pytest.raises(SettingsError, match="LMSTUDIO_BASE_URL") as refused:
        loaded(tmp_path, {"LMSTUDIO_BASE_URL": given})
    assert refused.value.code == "settings_invalid"
    assert "secret" not in str(refused.value)


def test_the_base_url_comes_from_host_and_port_when_it_is_not_given(tmp_path: Path):
    assert loaded(tmp_path, {"LMSTUDIO_HOST": "10.0.0.5", "LMSTUDIO_PORT": "4321"}).url == "http://10.0.0.5:4321/v1"


def test_flags_beat_the_environment_which_beats_the_file(tmp_path: Path):
    (tmp_path / "config.toml").write_text('default_model = "from-file"\ntool_timeout = 7\nstart_timeout = 8\n')
    found = loaded(
        tmp_path, {"DEFAULT_MODEL": "from-environment", "LMBRIDGE_TOOL_TIMEOUT": "9"}, default_model="from-flag"
    )
    assert (found.default_model, found.tool_timeout, found.start_timeout) == ("from-flag", 9.0, 8.0)
    assert found.origins["default_model"] == "command line"
    assert found.origins["tool_timeout"] == "LMBRIDGE_TOOL_TIMEOUT"
    assert found.origins["start_timeout"] == str(tmp_path / "config.toml")


def test_a_settings_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"\xef\xbb\xbftool_timeout = 7\n")
    assert load({}, file=tmp_path / "config.toml").tool_timeout == 7


def test_an_unknown_key_of_the_file_is_refused_by_name(tmp_path: Path):
    (tmp_path / "config.toml").write_text("tool_timeuot = 7\n")
    with pytest.raises(SettingsError, match="tool_timeuot"):
        loaded(tmp_path)


def test_a_file_that_is_not_toml_is_refused_with_its_line(tmp_path: Path):
    (tmp_path / "config.toml").write_text("a = 1\nb = = 2\n")
    with pytest.raises(SettingsError, match="line 2"):
        loaded(tmp_path)


def test_a_named_file_that_is_missing_is_refused(tmp_path: Path):
    with pytest.raises(SettingsError, match="does not exist"):
        load({"LMBRIDGE_CONFIG": str(tmp_path / "absent.toml")})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LMSTUDIO_PORT", "0"), ("LMSTUDIO_PORT", "many"), ("LMBRIDGE_ACCESS", "all"), ("LMBRIDGE_BACKEND", "cloud"),
        ("LMBRIDGE_TOOL_TIMEOUT", "-1"), ("LMBRIDGE_SLOTS", "0"), ("LMBRIDGE_LOG_LEVEL", "loud"), ("LMBRIDGE_SOFT_LIMIT", "0"),
        ("LMBRIDGE_MAX_RESULT_CHARS", "3"), ("LMBRIDGE_TOOL_TIMEOUT", "nan"),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_with_its_variable(variable: str, value: str, tmp_path: Path):
    with pytest.raises(SettingsError, match=variable):
        loaded(tmp_path, {variable: value})


def test_several_bad_values_are_told_at_once(tmp_path: Path):
    with pytest.raises(SettingsError) as refused:
        loaded(tmp_path, {"LMSTUDIO_PORT": "x", "LMBRIDGE_ACCESS": "y"})
    assert "LMSTUDIO_PORT" in str(refused.value)
    assert "LMBRIDGE_ACCESS" in str(refused.value)


def test_a_blank_variable_counts_as_not_set(tmp_path: Path):
    assert loaded(tmp_path, {"DEFAULT_MODEL": "  ", "LMSTUDIO_PORT": ""}).default_model is None


def test_secrets_are_shown_nowhere(tmp_path: Path):
    found = loaded(tmp_path, {"LM_API_TOKEN": "sk-lm-abcdefgh:0123", "LMBRIDGE_HTTP_TOKEN": "a-long-secret"})
    shown = repr(found) + str(found) + str(rows(found)) + found.model_dump_json()
    assert "sk-lm-abcdefgh" not in shown
    assert "a-long-secret" not in shown
    assert found.token == "sk-lm-abcdefgh:0123"


def test_a_secret_of_the_wrong_kind_is_not_repeated_in_the_error(tmp_path: Path):
    (tmp_path / "config.toml").write_text("api_token = 123456789\n")
    with pytest.raises(SettingsError) as refused:
        loaded(tmp_path)
    assert "123456789" not in str(refused.value)


@pytest.mark.parametrize("variable", ["LM_API_TOKEN", "LMBRIDGE_HTTP_TOKEN"])
def test_a_token_that_no_header_can_carry_is_refused_without_repeating_it(variable: str, tmp_path: Path):
    with pytest.raises(SettingsError, match=rf"from {variable}\): must be a text in one line") as refused:
        loaded(tmp_path, {variable: "first-half\nsecond-half"})
    assert "half" not in str(refused.value)


@pytest.mark.parametrize("name", ["slots", "port", "soft_limit", "default_model"])
def test_true_is_no_number_and_no_text(name: str, tmp_path: Path):
    (tmp_path / "config.toml").write_text(f"{name} = true\n")
    with pytest.raises(SettingsError, match=f"{name} = True"):
        loaded(tmp_path)


def test_settings_cannot_be_changed(tmp_path: Path):
    with pytest.raises(Exception, match="frozen"):
        loaded(tmp_path).port = 1  # pyrefly: ignore[read-only]


def test_every_setting_is_listed_with_its_variable_and_a_description():
    listed = {row.name: row for row in rows(Settings())}
    assert set(listed) == set(Settings.model_fields) - {"origins"}
    assert all(row.description for row in listed.values())
    assert listed["base_url"].variable == "LMSTUDIO_BASE_URL"
    assert listed["tool_timeout"].variable == "LMBRIDGE_TOOL_TIMEOUT"
    assert settings.DEFAULT_MAX_ROUNDS == 10_000


def refusal(tmp_path: Path, file: str = "", environment: dict[str, str] | None = None, **flags: object) -> str:
    (tmp_path / "config.toml").write_text(file)
    with pytest.raises(SettingsError) as refused:
        loaded(tmp_path, environment, **flags)
    assert "Input should" not in refused.value.message
    assert refused.value.hint
    return refused.value.message


def test_a_misspelt_group_of_tools_is_refused_with_the_groups(tmp_path: Path):
    said = refusal(tmp_path, environment={"LMBRIDGE_TOOL_GROUPS": "agent,modles"})
    assert "tool_groups = 'modles' (from LMBRIDGE_TOOL_GROUPS)" in said
    assert "one of agent, models, llm, runs, qualify, map (did you mean models?)" in said
    assert loaded(tmp_path, {"LMBRIDGE_TOOL_GROUPS": "Agent, LLM"}).tool_groups == ("agent", "llm")


def test_a_bad_base_url_is_told_with_its_setting_and_its_origin(tmp_path: Path):
    assert "base_url = 'ftp://x' (from command line): not a usable" in refusal(tmp_path, base_url="ftp://x")
    file = tmp_path / "config.toml"
    assert f"base_url = 'ftp://x' (from {file}): not a usable base URL" in refusal(tmp_path, 'base_url = "ftp://x"')
    assert f"base_url = 5 (from {file}): must be a text such as http://" in refusal(tmp_path, "base_url = 5")
    assert "it has no scheme" in refusal(tmp_path, base_url="//x")
    assert "secret" not in refusal(tmp_path, base_url="http://me:secret@host:99999")


@pytest.mark.parametrize("host", ["a b", "http://localhost", "localhost:1234", "a/b", "me@host"])
def test_a_host_that_is_none_is_refused_at_once(host: str, tmp_path: Path):
    said = refusal(tmp_path, environment={"LMSTUDIO_HOST": host})
    assert f"host = {host!r} (from LMSTUDIO_HOST): must be a host name or an address" in said


@pytest.mark.parametrize("host", ["localhost", "10.0.0.5", "::1", "[::1]", "my-box.local"])
def test_a_host_may_be_a_name_or_an_address(host: str, tmp_path: Path):
    assert loaded(tmp_path, {"LMSTUDIO_HOST": host}).url.endswith(":1234/v1")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('acess = "read"', "is not a setting (did you mean access?)"),
        ('LMBRIDGE_ACCESS = "read"', "is not a setting (did you mean access?)"),
        ("origins = 1", "origins (from"),
        ("zzz = 1", "is not a setting among host, port, base_url"),
        ('tool_groups = "llm"', 'must be a list such as ["agent"], of agent, models, llm, runs'),
        ('accept_commands = "pytest"', 'must be a list of commands such as ["pytest", "ruff"]'),
        ('port = "abc"', "port = 'abc' (from"),
        ('port = "abc"', "must be a whole number from 1 to 65535"),
        ("journal = 7", "must be true or false"),
        ("tool_timeout = inf", "must be a finite number above 0"),
        ("default_model = 3", "must be a text"),
        ('access = "all"', "must be one of read, ask, write"),
    ],
)
def test_what_is_wrong_with_a_setting_is_told_in_plain_words(line: str, said: str, tmp_path: Path):
    assert said in refusal(tmp_path, line)


def test_an_unknown_key_hides_no_bad_value(tmp_path: Path):
    said = refusal(tmp_path, 'acess = "read"\nbase_url = "ftp://x"\nport = 0\n')
    assert all(name in said for name in ("acess", "base_url", "port"))


def test_words_of_the_file_may_be_written_large_as_those_of_the_environment(tmp_path: Path):
    (tmp_path / "config.toml").write_text('access = "READ"\nlog_level = "Warn"\n')
    found = loaded(tmp_path)
    assert (found.access, found.log_level) == ("read", "warning")


@pytest.mark.parametrize("value", ["inf", "-inf", "nan"])
def test_a_time_that_is_not_finite_is_refused(value: str, tmp_path: Path):
    said = refusal(tmp_path, environment={"LMBRIDGE_RUN_TIMEOUT": value})
    assert "run_timeout" in said
    assert "must be a finite number above 0" in said


KNOWN = settings.environment_names()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("LMBRIDGE_SLOT", "LMBRIDGE_SLOTS"), ("lmbridge_guard", "LMBRIDGE_GUARD"), ("LMBRIDGE_TOL_TIMEOUT", "LMBRIDGE_TOOL_TIMEOUT"),
        ("LMBRIDGE_DEFAULT_MODEL", "DEFAULT_MODEL"), ("LMBRIDGE_MODEL", "DEFAULT_MODEL"), ("LMBRIDGE_BASE_URL", "LMSTUDIO_BASE_URL"),
        ("LMBRIDGE_LMSTUDIO_PORT", "LMSTUDIO_PORT"), ("LMBRIDGE_MCP_JSON", "MCP_JSON_PATH"), ("LMBRIDGE_MAX_ROUND", "--max-rounds"),
        ("LMBRIDGE_MAX_TOKENS", "--max-tokens"), ("LMBRIDGE_STATEDIR", "LMBRIDGE_STATE_DIR"),
    ],
)  # fmt: skip
def test_a_misspelt_variable_is_told_with_the_setting_that_was_meant(name: str, meant: str):
    (found,) = strangers.strangers({name: "x", "LMBRIDGE_TEST_X": "1"}, KNOWN)
    assert (found.name, found.meant) == (name, True)
    assert found.said.startswith(f"{name} is no setting")
    assert meant in found.said


def test_what_is_no_misspelling_is_told_by_nobody_or_as_another_version_s():
    right = dict.fromkeys(KNOWN.values(), "x")
    scripts = {"LMBRIDGE_TEST_NPM_BIN": "x", "LMBRIDGE_PYTHON": "x", "LMBRIDGE_CONFIG": "x", "LMBRIDGE_DEPTH": "1"}
    assert strangers.strangers(right | scripts | {"LMBRIDGE_SLOT": " ", "LMSTUDIO": "x", "PATH": "x"}, KNOWN) == []
    (found,) = strangers.strangers({"LMBRIDGE_QUANTUM": "x"}, KNOWN)
    assert not found.meant
    assert strangers.untold([found]) == []


def test_a_variable_of_another_program_is_a_likeness_only_where_the_right_one_is_not_set():
    given = {"LM_STUDIO_HOST": "mac.local", "LMSTUDIO_API_SECRET": "x", "LMBRIDGE_SLOT": "3"}
    assert [each.name for each in strangers.lookalikes(given, KNOWN)] == ["LM_STUDIO_HOST"]
    assert list(strangers.lookalikes(given | {"LMSTUDIO_HOST": "localhost"}, KNOWN)) == []


def test_a_library_s_user_is_told_once_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setenv("LMBRIDGE_IDLE_TIMEOUTS", "3")
    for _ in range(2):
        assert load(file=_no_file(tmp_path)).idle_timeout == 300
    said = [record.getMessage() for record in caplog.records if "LMBRIDGE_IDLE_TIMEOUTS" in record.getMessage()]
    assert said == ["LMBRIDGE_IDLE_TIMEOUTS is no setting; did you mean LMBRIDGE_IDLE_TIMEOUT?"]
