"""Where servers are found, which of two wins, and how a change is noticed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lmbridge.errors import McpConfigError, UnknownServerError
from lmbridge.mcp_host.config.configs import Configs
from lmbridge.mcp_host.config.programs import System, known_places
from lmbridge.settings import Settings

POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has no named pipes, and links need a privilege there")


class Desk:
    """A user's computer: a home folder, a project folder, and the files in them."""

    def __init__(self, root: Path) -> None:
        self.home, self.project = root / "home", root / "project"
        self.home.mkdir()
        self.project.mkdir()
        self.lmstudio = self.home / ".lmstudio"
        self.lmstudio.mkdir()
        self.environment: dict[str, str] = {}

    def write(self, path: str, content: object) -> Path:
        """Writes `~/…` or a file of the project; objects as JSON."""
        file = self.home / path[2:] if path.startswith("~/") else self.project / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return file

    def configs(
        self, *, only: Path | str | None = None, system: str = "linux", own_urls: tuple[str, ...] = ()
    ) -> Configs:
        """The configuration as lmbridge reads it here."""
        settings = Settings(mcp_json_path=Path(only) if only else None, state_dir=self.home / "state")
        return Configs(
            settings,
            cwd=self.project,
            home=self.home,
            environment=self.environment,
            system=system,
            own_urls=own_urls,
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def stdio(command: str = "run", **more: Any) -> dict[str, Any]:
    return {"command": command, **more}


def servers(**entries: Mapping[str, Any]) -> dict[str, Any]:
    return {"mcpServers": entries}


PLACES = [
    ("~/.lmstudio/mcp.json", "mcpServers"),
    ("~/.mcp.json", "mcpServers"),
    ("~/.claude.json", "mcpServers"),
    ("~/.config/Claude/claude_desktop_config.json", "mcpServers"),
    ("~/.cursor/mcp.json", "mcpServers"),
    ("~/.config/Code/User/mcp.json", "servers"),
    ("~/.codeium/windsurf/mcp_config.json", "mcpServers"),
    ("~/.copilot/mcp-config.json", "mcpServers"),
]


@pytest.mark.parametrize(("path", "key"), PLACES)
def test_servers_of_every_program_are_found_with_their_origin(desk: Desk, path: str, key: str) -> None:
    file = desk.write(path, {key: {"files": stdio()}})

    entry = desk.configs().current().get("files")

    assert (entry.origin, entry.command, entry.usable) == (file, "run", True)


@pytest.mark.parametrize("path", ["~/.config/Code/User/settings.json"])
def test_servers_nested_in_vs_codes_settings_are_found(desk: Desk, path: str) -> None:
    desk.write(path, {"editor.fontSize": 12, "mcp": {"servers": {"files": stdio()}}})

    assert desk.configs().current().usable == ("files",)


def test_the_first_place_wins_and_the_others_are_listed_as_shadowed(desk: Desk) -> None:
    files = [desk.write(path, {key: {"files": stdio(path)}}) for path, key in PLACES]

    current = desk.configs().current()

    assert current.get("files").command == str(files[0])
    assert [(each.entry.origin, each.by) for each in current.shadowed] == [(file, files[0]) for file in files[1:]]


def test_a_shadowing_entry_wins_as_a_whole(desk: Desk) -> None:
    desk.write("~/.lmstudio/mcp.json", servers(files=stdio("a")))
    desk.write("~/.mcp.json", servers(files=stdio("b", args=["x"], env={"A": "1"})))

    entry = desk.configs().current().get("files")

    assert (entry.command, entry.args, dict(entry.env)) == ("a", (), {})


def test_a_disabled_entry_still_shadows_and_is_listed(desk: Desk) -> None:
    desk.write("~/.lmstudio/mcp.json", servers(files=stdio("a", disabled=True)))
    desk.write("~/.mcp.json", servers(files=stdio("b")))

    current = desk.configs().current()

    assert current.get("files").disabled
    assert current.usable == ()


def test_mcp_json_path_alone_is_read_where_it_is_set(desk: Desk) -> None:
    desk.write("~/.lmstudio/mcp.json", servers(other=stdio()))
    only = desk.write("elsewhere.json", servers(files=stdio()))

    assert list(desk.configs(only=only).current().servers) == ["files"]
    assert list(desk.configs(only="elsewhere.json").current().servers) == ["files"]


def test_mcp_json_path_may_start_with_the_home_sign(desk: Desk) -> None:
    desk.write("~/my.json", servers(files=stdio()))

    assert list(desk.configs(only="~/my.json").current().servers) == ["files"]


def test_a_missing_mcp_json_path_is_told_with_its_path(desk: Desk) -> None:
    current = desk.configs(only=desk.project / "gone.json").current()

    with pytest.raises(McpConfigError, match=r"gone\.json.*does not exist"):
        current.get("files")


def test_home_and_project_may_be_the_same_folder(desk: Desk) -> None:
    desk.write("~/.mcp.json", servers(files=stdio()))
    desk.project = desk.home

    current = desk.configs().current()

    assert list(current.servers) == ["files"]
    assert current.shadowed == ()


class TestClaudeCode:
    """The scopes in ~/.claude.json: local and user."""

    def test_the_local_scope_beats_the_user_scope(self, desk: Desk) -> None:
        project = {str(desk.project): {"mcpServers": {"files": stdio("local")}}}
        desk.write("~/.claude.json", {"numStartups": 7, "mcpServers": {"files": stdio("user")}, "projects": project})

        current = desk.configs().current()

        assert (current.get("files").command, current.get("files").scope) == ("local", "Claude Code (local)")
        assert [each.entry.scope for each in current.shadowed] == ["Claude Code (user)"]

    def test_servers_of_other_projects_are_not_seen(self, desk: Desk) -> None:
        desk.write("~/.claude.json", {"projects": {"/elsewhere": {"mcpServers": {"files": stdio()}}}})

        assert not desk.configs().current().servers

    def test_a_folder_inside_a_project_sees_the_projects_servers(self, desk: Desk) -> None:
        desk.write("~/.claude.json", {"projects": {str(desk.project): {"mcpServers": {"files": stdio()}}}})
        desk.project = desk.project / "src" / "deep"
        desk.project.mkdir(parents=True)

        assert list(desk.configs().current().servers) == ["files"]


class TestLmStudiosHome:
    """The pointer file names LM Studio's folder where the user has moved it."""

    def test_a_pointer_is_followed(self, desk: Desk) -> None:
        desk.write("~/.lmstudio/mcp.json", servers(old=stdio()))
        desk.write("~/.lmstudio-home-pointer", str(desk.home / "moved"))
        desk.write("~/moved/mcp.json", servers(files=stdio()))

        assert list(desk.configs().current().servers) == ["files"]

    def test_a_pointer_that_changes_counts_from_the_next_call(self, desk: Desk) -> None:
        desk.write("~/.lmstudio/mcp.json", servers(old=stdio()))
        desk.write("~/moved/mcp.json", servers(files=stdio()))
        configs = desk.configs()
        assert list(configs.current().servers) == ["old"]

        desk.write("~/.lmstudio-home-pointer", str(desk.home / "moved"))

        assert list(configs.current().servers) == ["files"]

    def test_the_old_cache_folder_is_read_before_the_new_one(self, desk: Desk) -> None:
        desk.write("~/.lmstudio/mcp.json", servers(files=stdio("new")))
        desk.write("~/.cache/lm-studio/mcp.json", servers(files=stdio("old")))

        assert desk.configs().current().get("files").command == "old"


@pytest.mark.parametrize(
    ("system", "folder"),
    [("darwin", "~/Library/Application Support"), ("win32", "~/AppData/Roaming"), ("linux", "~/.config")],
)
@pytest.mark.parametrize(
    ("file", "key"), [("Claude/claude_desktop_config.json", "mcpServers"), ("Code/User/mcp.json", "servers")]
)
def test_programs_keep_their_files_where_the_system_wants_them(
    desk: Desk, system: str, folder: str, file: str, key: str
) -> None:
    desk.write(f"{folder}/{file}", {key: {"files": stdio()}})

    assert list(desk.configs(system=system).current().servers) == ["files"]


@pytest.mark.parametrize(("system", "variable"), [("win32", "APPDATA"), ("linux", "XDG_CONFIG_HOME")])
def test_the_systems_own_variable_moves_the_folder_of_programs(
    desk: Desk, system: System, variable: str, tmp_path: Path
) -> None:
    places = known_places(
        system=system, cwd=desk.project, home=desk.home, environment={variable: str(tmp_path / "moved")}
    )

    assert tmp_path / "moved" / "Claude" / "claude_desktop_config.json" in [place.path for place in places]


class TestHotReload:
    """A change counts from the next call on; nothing is asked of the user."""

    def test_nothing_changed_gives_the_very_same_set(self, desk: Desk) -> None:
        desk.write("~/.lmstudio/mcp.json", servers(files=stdio()))
        configs = desk.configs()

        assert configs.current() is configs.current()

    def test_an_added_a_changed_and_a_removed_server_count_from_the_next_call(self, desk: Desk) -> None:
        desk.write("~/.lmstudio/mcp.json", servers(a=stdio("1"), b=stdio("1")))
        configs = desk.configs()
        assert list(configs.current().servers) == ["a", "b"]

        desk.write("~/.lmstudio/mcp.json", servers(b=stdio("2"), c=stdio("1")))

        assert {name: entry.command for name, entry in configs.current().servers.items()} == {"b": "2", "c": "1"}

    def test_a_file_that_appears_and_one_that_goes_are_noticed(self, desk: Desk) -> None:
        configs = desk.configs()
        assert not configs.current().servers

        file = desk.write("~/.lmstudio/mcp.json", servers(files=stdio()))
        assert list(configs.current().servers) == ["files"]

        file.unlink()
        assert not configs.current().servers

    def test_a_change_within_the_clocks_grain_and_of_the_same_size_is_noticed(self, desk: Desk) -> None:
        file = desk.write("~/.lmstudio/mcp.json", servers(files=stdio("aaa")))
        configs = desk.configs()
        configs.current()
        before = file.stat()

        with file.open("r+", encoding="utf-8") as opened:  # the same inode and size
            opened.write(json.dumps(servers(files=stdio("bbb"))))
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))  # and the same time

        assert configs.current().get("files").command == "bbb"

    def test_a_touched_file_of_the_same_content_changes_nothing(self, desk: Desk) -> None:
        file = desk.write("~/.lmstudio/mcp.json", servers(files=stdio()))
        configs = desk.configs()
        before = configs.current()

        os.utime(file, (1, 1))

        assert configs.current() is before

    def test_a_half_written_file_keeps_the_last_good_set_and_says_where_it_breaks(self, desk: Desk) -> None:
        desk.write("~/.lmstudio/mcp.json", servers(files=stdio()))
        configs = desk.configs()
        configs.current()

        desk.write("~/.lmstudio/mcp.json", '{"mcpServers": {\n  "files": {"command": "run"},\n  "more": {"comm')
        broken = configs.current()

        assert list(broken.servers) == ["files"]
        (file,) = broken.files
        assert file.problem is not None
        assert (file.line, file.exists) == (3, True)
        assert file.column is not None
        assert file.column > 10

        desk.write("~/.lmstudio/mcp.json", servers(files=stdio(), more=stdio()))
        mended = configs.current()
        assert list(mended.servers) == ["files", "more"]
        assert mended.files[0].problem is None

    def test_an_env_file_that_changes_counts_from_the_next_call(self, desk: Desk) -> None:
        desk.write("my.env", "MODE=one")
        desk.write("~/.lmstudio/mcp.json", servers(files=stdio(envFile="my.env")))
        configs = desk.configs()
        assert configs.current().get("files").env == {"MODE": "one"}

        desk.write("my.env", "MODE=two")

        assert configs.current().get("files").env == {"MODE": "two"}

    def test_a_file_that_becomes_readable_again_loses_its_problem(self, desk: Desk) -> None:
        file = desk.write("~/.lmstudio/mcp.json", servers(files=stdio()))
        configs = desk.configs()
        configs.current()
        text = file.read_text(encoding="utf-8")
        file.unlink()
        file.mkdir()
        assert configs.current().files[0].problem is not None

        file.rmdir()
        file.write_text(text, encoding="utf-8")

        assert configs.current().files[0].problem is None
        assert configs.current().usable == ("files",)

    def test_what_has_not_changed_is_not_read_again(self, desk: Desk) -> None:
        desk.write("~/.lmstudio/mcp.json", servers(**{f"s{i}": stdio(args=["${HOME:-x}"]) for i in range(200)}))
        configs = desk.configs()
        first = configs.current()

        assert len(first.servers) == 200
        assert configs.current() is first

    def test_two_hundred_servers_are_read(self, desk: Desk) -> None:
        text = json.dumps(servers(**{f"s{i}": stdio(args=["-y", "x"], env={"A": "b"}) for i in range(200)}), indent=2)
        desk.write("~/.lmstudio/mcp.json", text.replace("{", "{ // a comment\n", 1))

        assert len(desk.configs().current().servers) == 200


class TestBrokenFiles:
    """A file that cannot be used disturbs no other and is told with the reason."""

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            ("", "empty"),
            ("[]", "object"),
            ('"text"', "object"),
            ('{"mcpServers": []}', "mcpServers"),
            ('{"mcpServers": {}, "mcpServers": {}}', "twice"),
            ('{"something": {"else": 1}}', "mcpServers"),
            ("{" * 100_000, ""),
            ('{"mcpServers": {"a": ' + "[" * 100_000, ""),
        ],
    )
    def test_its_problem_is_told_and_the_other_files_count(self, desk: Desk, content: str, reason: str) -> None:
        desk.write("~/.lmstudio/mcp.json", content)
        desk.write("~/.mcp.json", servers(files=stdio()))

        current = desk.configs().current()

        assert current.usable == ("files",)
        assert reason in (current.files[0].problem or "nothing")

    def test_a_file_that_is_not_text_is_told_with_the_place(self, desk: Desk) -> None:
        (desk.lmstudio / "mcp.json").write_bytes(b'{\n "a\xff": 1}')

        (file,) = desk.configs().current().files

        assert (file.line, file.column) == (2, 4)
        assert "UTF-8" in (file.problem or "")

    def test_a_folder_in_the_files_place_is_told(self, desk: Desk) -> None:
        (desk.lmstudio / "mcp.json").mkdir()

        assert "folder" in (desk.configs().current().files[0].problem or "")

    @POSIX
    def test_a_pipe_in_the_files_place_does_not_hang(self, desk: Desk) -> None:
        os.mkfifo(desk.lmstudio / "mcp.json")

        assert "not a file" in (desk.configs().current().files[0].problem or "")

    @POSIX
    def test_a_link_is_followed_and_a_link_to_itself_is_told(self, desk: Desk) -> None:
        real = desk.write("real.json", servers(files=stdio()))
        link = desk.lmstudio / "mcp.json"
        link.symlink_to(real)
        assert desk.configs().current().usable == ("files",)

        link.unlink()
        link.symlink_to(link)
        assert desk.configs().current().files[0].problem is not None

    def test_a_huge_file_is_refused_unread(self, desk: Desk) -> None:
        with (desk.lmstudio / "mcp.json").open("wb") as file:
            file.truncate(64 * 2**20)

        assert "64 MiB" in (desk.configs().current().files[0].problem or "")

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
    def test_a_byte_order_mark_is_no_problem(self, desk: Desk, encoding: str) -> None:
        (desk.lmstudio / "mcp.json").write_bytes(json.dumps(servers(files=stdio())).encode(encoding))

        assert desk.configs().current().usable == ("files",)

    def test_a_lone_broken_file_is_an_error_with_file_line_and_column(self, desk: Desk) -> None:
        only = desk.write("only.json", '{"mcpServers": {\n "a": {"command": }}}')

        with pytest.raises(McpConfigError) as caught:
            desk.configs(only=only).current().get("a")

        assert (caught.value.file, caught.value.line, caught.value.column) == (str(only), 2, 19)
        assert "line 2, column 19" in str(caught.value)


def test_an_unknown_server_is_told_with_the_nearest_names(desk: Desk) -> None:
    desk.write("~/.lmstudio/mcp.json", servers(filesystem=stdio(), memory=stdio()))

    with pytest.raises(UnknownServerError, match="FileSystm") as caught:
        desk.configs().current().get("FileSystm")

    assert caught.value.nearest == ("filesystem",)
    assert "filesystem" in (caught.value.hint or "")


def test_an_unknown_server_that_may_stand_in_a_broken_file_is_told_so(desk: Desk) -> None:
    desk.write("~/.lmstudio/mcp.json", servers(memory=stdio()))
    broken = desk.write("~/.mcp.json", "{")

    with pytest.raises(UnknownServerError) as caught:
        desk.configs().current().get("files")

    assert str(broken) in (caught.value.hint or "")


def test_secrets_of_all_servers_come_with_labels_that_tell_them_apart(desk: Desk) -> None:
    desk.write(
        "~/.lmstudio/mcp.json", servers(a=stdio(env={"API_KEY": "aaaaaaaaaa"}), b=stdio(env={"API_KEY": "bbbbbbbbbb"}))
    )

    secrets = desk.configs().current().secrets

    assert sorted(secrets.values()) == ["aaaaaaaaaa", "bbbbbbbbbb"]
    assert "API_KEY" in secrets


def test_nothing_but_the_given_home_and_folder_is_read(desk: Desk) -> None:
    assert not desk.configs().current().files


@pytest.mark.timeout(60)  # a deadline: the forgiving parser takes minutes for such a file
def test_a_half_written_file_is_not_judged_for_minutes(desk: Desk) -> None:
    text = json.dumps(servers(**{f"s{i}": stdio(args=["-y", "x"]) for i in range(200)}), indent=2)
    desk.write("~/.lmstudio/mcp.json", "{ // comment\n" + text[1:-30])

    assert desk.configs().current().files[0].problem
