"""Servers behind OAuth: logging in when asked, tokens in a private file, renewed when old, and told when missing."""

import hashlib
import json
import stat
import threading
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from lmbridge.cli.mcps_models import mcps
from lmbridge.errors import ServerAuthError
from lmbridge.mcp_host.config.configs import Configs
from lmbridge.mcp_host.config.entry import ServerEntry
from lmbridge.mcp_host.servers.login import login, logout
from lmbridge.mcp_host.transport.oauth import TokenFile
from lmbridge.settings import Settings
from support.oauth_server import OAuthServer
from support.pools import PoolBench, within


@pytest.fixture
def bench(tmp_path: Path) -> PoolBench:
    return PoolBench(tmp_path)


def configured(bench: PoolBench, server: OAuthServer) -> tuple[ServerEntry, Settings]:
    bench.configure(server={"type": "http", "url": server.url})
    settings = Settings(mcp_json_path=bench.folder / "mcp.json", state_dir=bench.folder / "state")
    return Configs(settings).current().get("server"), settings


def browse(url: str) -> None:
    """A browser whose user agrees at once."""

    def visit() -> None:
        try:
            urllib.request.urlopen(url, timeout=5).read()
        except OSError:
            return

    threading.Thread(target=visit, daemon=True).start()


def token_files(bench: PoolBench) -> list[Path]:
    return list((bench.folder / "state" / "oauth").glob("*.json"))


async def test_without_a_login_the_server_is_told_to_need_one_and_no_browser_opens(bench: PoolBench) -> None:
    with OAuthServer() as server:
        configured(bench, server)
        async with within(4):
            with pytest.raises(ServerAuthError) as caught:
                async with bench.using():
                    pass
        assert "lmbridge mcps login server" in (caught.value.hint or "")
        assert server.registered == []


async def test_a_login_keeps_the_tokens_privately_and_runs_use_them(bench: PoolBench) -> None:
    with OAuthServer() as server:
        entry, settings = configured(bench, server)
        shown: list[str] = []
        async with within(10):
            assert await login(entry, settings, show=lambda url: (shown.append(url), browse(url))[0]) == 4
        assert shown[0].startswith(f"{server.base}/authorize?")
        [file] = token_files(bench)
        assert stat.S_IMODE(file.lstat().st_mode) == 0o600
        async with bench.using() as used:
            assert (await used.call("echo", "inside")).content == "inside"
        assert logout(entry, settings.state_dir)
        with pytest.raises(ServerAuthError):
            async with bench.using():
                pass


async def test_old_tokens_are_renewed_without_asking(bench: PoolBench) -> None:
    with OAuthServer() as server:
        entry, settings = configured(bench, server)
        await login(entry, settings, show=browse)
        [file] = token_files(bench)
        kept = json.loads(file.read_text())
        file.write_text(json.dumps({**kept, "good_until": 1}))
        server.tokens.clear()
        async with bench.using() as used:
            assert (await used.call("echo", "renewed")).content == "renewed"
        assert json.loads(file.read_text())["tokens"]["access_token"] in server.tokens


async def test_tokens_that_are_no_good_any_more_are_told_as_a_missing_login(bench: PoolBench) -> None:
    with OAuthServer() as server:
        entry, settings = configured(bench, server)
        await login(entry, settings, show=browse)
        server.tokens.clear()
        server.refresh_tokens.clear()
        async with within(6):
            with pytest.raises(ServerAuthError, match="credentials"):
                async with bench.using():
                    pass


async def test_a_denied_login_says_so_and_keeps_nothing(bench: PoolBench) -> None:
    with OAuthServer(deny=True) as server:
        entry, settings = configured(bench, server)
        shown: list[str] = []
        async with within(10):
            with pytest.raises(ServerAuthError):
                await login(entry, settings, show=lambda url: (shown.append(url), browse(url))[0])
        assert len(shown) == 1
        assert not any("tokens" in json.loads(file.read_text()) for file in token_files(bench))


async def test_there_is_nothing_to_log_in_to_at_a_program_of_this_machine(bench: PoolBench) -> None:
    bench.configure(local={"command": "true"})
    settings = Settings(mcp_json_path=bench.folder / "mcp.json", state_dir=bench.folder / "state")
    with pytest.raises(ServerAuthError, match="program of this machine"):
        await login(Configs(settings).current().get("local"), settings, show=browse)


def test_the_command_logs_out_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": {"it": {"url": "https://mcp.example/mcp"}}}))
    monkeypatch.setenv("MCP_JSON_PATH", str(tmp_path / "mcp.json"))
    monkeypatch.setenv("LMBRIDGE_STATE_DIR", str(tmp_path))
    entry = ServerEntry("it", tmp_path / "mcp.json", transport="http", url="https://mcp.example/mcp")
    tokens = tmp_path / "oauth" / f"{hashlib.sha256(b'https://mcp.example/mcp').hexdigest()[:20]}.json"
    tokens.parent.mkdir()
    tokens.write_text('{"tokens": {"access_token": "x"}}')
    assert TokenFile(entry, tmp_path).exists
    said = [CliRunner().invoke(mcps, ["logout", "it"]).output for _ in range(2)]
    assert said == ["Logged out of it.\n", "Nobody was logged in to it.\n"]
    assert not TokenFile(entry, tmp_path).exists
