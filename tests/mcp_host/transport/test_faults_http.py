"""Everything that a server at an address can do wrong: the right outcome, in bounded time, and the session goes on."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from lmbridge.errors import ServerAuthError, ServerStartError
from lmbridge.events import ServerFailed, ServerRestarted
from lmbridge.testing.faulty_server.http_faults import HOW_LOST, FaultyHttpServer
from support.pools import PoolBench, Used, eventually, within


@pytest.fixture
def bench(tmp_path: Path) -> PoolBench:
    return PoolBench(tmp_path)


def at(server: FaultyHttpServer, **fields: Any) -> dict[str, Any]:
    return {"type": "sse" if server.url.endswith("/sse") else "http", "url": server.url, **fields}


async def test_a_server_at_an_address_carries_out_calls_and_gets_the_headers_of_its_entry(bench: PoolBench) -> None:
    with FaultyHttpServer("http_ok") as server:
        async with bench.using(at(server, headers={"Authorization": "Bearer sesame-open-1234"})) as used:
            assert (await used.call("echo", "hello")).content == "hello"
        assert {seen.headers.get("Authorization") for seen in server.requests} == {"Bearer sesame-open-1234"}


@pytest.mark.parametrize("mode", ["http_sse", "sse_ok"])
async def test_answers_that_come_as_events_are_read(bench: PoolBench, mode: str) -> None:
    with FaultyHttpServer(mode) as server:
        async with bench.using(at(server)) as used:
            assert (await used.call("echo", "one")).content == "one"
            assert (await used.call("keep", "two")).outcome == "ok"


async def test_a_server_that_knows_only_the_old_transport_is_found_out(bench: PoolBench) -> None:
    with FaultyHttpServer("sse_ok") as server:
        async with bench.using({"url": server.url}) as used:
            assert (await used.call("echo", "old")).content == "old"


@pytest.mark.parametrize("status", [401, 403])
async def test_a_server_that_wants_credentials_is_told_at_once_with_how_to_log_in(
    bench: PoolBench, status: int
) -> None:
    with FaultyHttpServer("http_refused", str(status)) as server:
        async with within(3):
            with pytest.raises(ServerAuthError, match=f"HTTP {status}") as caught:
                async with bench.using(at(server)):
                    pass
        assert caught.value.code == "server_auth_required"
        assert "lmbridge mcps login server" in (caught.value.hint or "")


async def test_credentials_that_expire_in_the_middle_of_a_run_are_told_and_not_retried(bench: PoolBench) -> None:
    with FaultyHttpServer("http_status", "401") as server:
        async with bench.using(at(server)) as used:
            result = await used.call("echo", "x")
            assert (result.outcome, result.server_error) == ("error", "server_auth_required")
            assert server.calls == 1
            [failed] = used.told(ServerFailed)
            assert failed.code == "server_auth_required"


async def test_an_address_where_nobody_listens_fails_the_start(bench: PoolBench) -> None:
    async with within(4):
        with pytest.raises(ServerStartError, match="cannot be reached"):
            async with bench.using({"type": "http", "url": "http://127.0.0.1:9/mcp"}):
                pass


@pytest.mark.parametrize("status", [404, 500])
async def test_a_server_that_refuses_everything_fails_the_start_with_its_status(bench: PoolBench, status: int) -> None:
    with FaultyHttpServer("http_refused", str(status)) as server:
        async with within(4):
            with pytest.raises(ServerStartError, match=f"HTTP {status}"):
                async with bench.using(at(server)):
                    pass


CASES = [
    # mode, argument, outcome of a reading call, of a writing call, what is said, calls made for the reading one
    ("http_status", "500", "error", "unknown", "HTTP 500", 2),
    ("http_status", "502", "error", "unknown", "HTTP 502", 2),
    ("http_status", "429,60", "error", "error", "asks to wait 60 s", 1),
    ("http_status", "429,0", "error", "error", "busy (HTTP 429)", 2),
    ("http_status", "400", "error", "error", "HTTP 400", 1),
    ("http_html", "", "error", "unknown", "text/html", 1),
    ("http_accepted", "", "error", "unknown", "HTTP 202", 1),
    ("http_empty", "", "error", "unknown", "nothing at all", 1),
    ("http_not_json", "", "error", "unknown", "no readable JSON", 1),
    ("http_null", "", "error", "unknown", "null instead of a result", 1),
    ("http_dropped", "", "error", "unknown", "broke the connection off", 2),
    ("http_dropped_in_body", "", "error", "unknown", "broke the connection off", 2),
    ("http_error_hangs", "", "error", "unknown", "HTTP 500", 2),
    ("http_sse_cut", "", "error", "unknown", "ended without a response", 2),
    ("http_sse_broken", "", "error", "unknown", "broke the connection off", 2),
    ("http_redirect", "http://localhost:9/elsewhere", "error", "error", "Redirect to “http://localhost:9", 1),
    ("http_big_json", "20", "error", "unknown", "too large (20 MB", 1),
    ("http_big_event", "20", "error", "unknown", "too large", 1),
    ("sse_refuses_calls", "", "error", "unknown", "HTTP 500", 2),
]


@pytest.mark.parametrize(("mode", "argument", "reading", "writing", "said", "tries"), CASES)
async def test_a_strange_answer_costs_its_call_and_nothing_else(
    bench: PoolBench, mode: str, argument: str, reading: str, writing: str, said: str, tries: int
) -> None:
    with FaultyHttpServer(mode, argument) as server:
        async with within(10), bench.using(at(server)) as used:
            read = await used.call("echo", "x")
            assert (read.outcome, said in read.content) == (reading, True), read.content
            assert server.calls == tries
            wrote = await used.call("keep", "x")
            assert wrote.outcome == writing
            assert await still_listing(used)


async def still_listing(used: Used) -> bool:
    async with used.pool.lease(["server"]) as lease:
        return len(lease.toolbox.specs) == 4


@pytest.mark.parametrize(
    ("mode", "argument"), [("http_dropped_once", ""), ("http_status_once", "503"), ("http_status_once", "429,0")]
)
async def test_what_passes_is_repeated_once_where_that_is_safe(bench: PoolBench, mode: str, argument: str) -> None:
    with FaultyHttpServer(mode, argument) as server:
        async with bench.using(at(server)) as used:
            assert (await used.call("echo", "again")).content == "again"
            assert server.calls == 2


async def test_a_writing_call_that_was_refused_for_now_is_repeated_but_a_broken_one_never(bench: PoolBench) -> None:
    with FaultyHttpServer("http_status_once", "429,0") as server:
        async with bench.using(at(server)) as used:
            assert (await used.call("keep", "x")).outcome == "ok"
    with FaultyHttpServer("http_dropped_once") as server:
        async with bench.using(at(server)) as used:
            assert (await used.call("keep", "x")).outcome == "unknown"
            assert server.calls == 1


async def test_a_forgotten_session_is_begun_anew_and_the_call_repeated(bench: PoolBench) -> None:
    with FaultyHttpServer("http_sessions") as server:
        async with bench.using(at(server)) as used:
            assert (await used.call("keep", "x")).outcome == "ok"
            assert len(server.asked("initialize")) == 2
            assert not used.told(ServerRestarted)
        assert [seen.method for seen in server.requests].count("DELETE") >= 1


@pytest.mark.parametrize("how", HOW_LOST)
@pytest.mark.parametrize("tool", ["echo", "keep"])
async def test_a_session_is_begun_anew_however_its_loss_is_told(bench: PoolBench, how: str, tool: str) -> None:
    with FaultyHttpServer("http_sessions", how) as server:
        async with within(8), bench.using(at(server)) as used:
            assert (await used.call(tool, "x")).outcome == "ok"
            assert len(server.asked("initialize")) == 2
            assert not used.told(ServerRestarted)
            assert not used.told(ServerFailed)


async def test_a_session_that_is_lost_when_its_tools_are_listed_again_costs_neither_a_call_nor_a_run(
    bench: PoolBench,
) -> None:
    with FaultyHttpServer("http_relists") as server:
        async with within(10), bench.using(at(server)) as used:
            assert (await used.call("echo", "one")).content == "one"
            assert (await used.call("keep", "two")).outcome == "ok"  # listed in vain, begun anew, called once
            assert (len(server.asked("initialize")), server.calls) == (2, 2)
            assert await still_listing(used)  # the next run
            assert (await used.call("echo", "three")).content == "three"
            assert not used.told(ServerFailed)


@pytest.mark.parametrize("how", ["401 session", "401 text", "403"])
async def test_a_fresh_session_that_is_refused_alike_is_told_as_missing_credentials(bench: PoolBench, how: str) -> None:
    with FaultyHttpServer("http_no_session", how) as server:
        async with within(8), bench.using(at(server)) as used:
            result = await used.call("keep", "x")
            assert (result.outcome, "credentials" in result.content) == ("error", True)
            assert (len(server.asked("initialize")), server.calls) == (2, 2)
            (failed,) = used.told(ServerFailed)
            assert failed.code == "server_auth_required"


async def test_credentials_that_are_refused_in_a_session_without_a_word_of_it_are_told_at_once(
    bench: PoolBench,
) -> None:
    with FaultyHttpServer("http_no_session", "401") as server:
        async with within(8), bench.using(at(server)) as used:
            result = await used.call("echo", "x")
            assert (result.outcome, "credentials" in result.content) == ("error", True)
            assert (len(server.asked("initialize")), server.calls) == (1, 1)


@pytest.mark.parametrize(
    "error",
    [
        {"code": -32602, "message": "Unknown session 7 of the browser: open one first"},
        {"code": -32000, "message": "The recording was not found"},
        {"code": 1, "message": "Session not found"},
    ],
)
async def test_an_error_about_something_else_ends_no_session(bench: PoolBench, error: dict[str, Any]) -> None:
    said = json.dumps({"jsonrpc": "2.0", "id": 0, "error": error}).replace('"id": 0', '"id": ID')
    with FaultyHttpServer("http_body", said) as server:
        async with bench.using(at(server)) as used:
            result = await used.call("keep", "x")
            assert (result.outcome, str(error["message"]) in result.content) == ("error", True)
            assert len(server.asked("initialize")) == 1
            assert server.calls == 1


READ = [
    # what a server answers, and what is read
    '{"jsonrpc": "2.0", "id": null, "result": {"content": [{"type": "text", "text": "it"}]}}',
    '{"jsonrpc": "2.0", "id": 99, "result": {"content": [{"type": "text", "text": "it"}]}}',
    '{"id": ID, "result": {"content": [{"type": "text", "text": "it"}]}}',
    '{"jsonrpc": "2.0", "id": ID, "error": null, "result": {"content": [{"type": "text", "text": "it"}]}}',
    '[{"jsonrpc": "2.0", "method": "x"}, {"jsonrpc": "2.0", "id": ID, "result": {"content": ["it"]}}]',
]


@pytest.mark.parametrize("answer", READ)
async def test_an_answer_that_can_be_read_is_read(bench: PoolBench, answer: str) -> None:
    with FaultyHttpServer("http_body", answer) as server:
        async with within(5), bench.using(at(server)) as used:
            assert (await used.call("echo", "x")).content == "it"


async def test_a_message_is_read_whatever_its_content_type_says(bench: PoolBench) -> None:
    with FaultyHttpServer("http_plain") as server:
        async with bench.using(at(server)) as used:
            assert (await used.call("echo", "plain")).content == "plain"


@pytest.mark.parametrize("mode", ["http_body", "http_event"])
@pytest.mark.parametrize(
    "answer",
    [
        '{"jsonrpc": "2.0", "id": ID, "result": null}',
        '{"jsonrpc": "2.0", "id": ID, "result": "done"}',
        '{"jsonrpc": "2.0", "id": ID}',
        "[]",
        "7",
        '{"jsonrpc": "2.0", "id": ID, "result": {"content"',
    ],
)
async def test_a_write_whose_answer_cannot_be_read_is_unknown_and_never_repeated(
    bench: PoolBench, mode: str, answer: str
) -> None:
    with FaultyHttpServer(mode, answer) as server:
        async with within(6), bench.using(at(server)) as used:
            wrote = await used.call("keep", "x")
            assert (wrote.outcome, "unknown whether" in wrote.content) == ("unknown", True)
            assert server.calls == 1


@pytest.mark.parametrize("mode", ["http_body", "http_event"])
async def test_what_a_json_rpc_error_says_reaches_the_model_whole(bench: PoolBench, mode: str) -> None:
    error = {"code": -32000, "message": "Invalid arguments:\n[\n  path: required\n]", "data": {"hint": "use list_dir"}}
    said = json.dumps({"jsonrpc": "2.0", "id": 0, "error": error}).replace('"id": 0', '"id": ID')
    with FaultyHttpServer(mode, said) as server:
        async with bench.using(at(server)) as used:
            result = await used.call("keep", "x")
            assert result.outcome == "error"
            assert "path: required" in result.content
            assert '"hint": "use list_dir"' in result.content


async def test_a_server_on_this_machine_is_not_asked_through_a_proxy(
    bench: PoolBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with FaultyHttpServer("http_ok") as server:
        for host in ("127.0.0.1", "localhost"):
            async with bench.using({"type": "http", "url": server.url.replace("127.0.0.1", host)}) as used:
                assert (await used.call("echo", "straight")).content == "straight"


async def test_a_server_on_this_machine_is_reached_beside_a_proxy_that_cannot_be_used(
    bench: PoolBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    with FaultyHttpServer("http_ok") as server:
        async with bench.using(at(server)) as used:
            assert (await used.call("echo", "straight")).content == "straight"


@pytest.mark.parametrize("proxy", ["http://me:hush-hush-1234@127.0.0.1:9", "socks5://127.0.0.1:9"])
async def test_a_proxy_that_fails_is_named_without_its_password(
    bench: PoolBench, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy)
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(ServerStartError, match=r"proxy (http|socks5)://127.0.0.1:9") as caught:
        async with bench.using({"type": "http", "url": "http://mcp.example/mcp"}):
            pass
    assert "hush" not in str(caught.value)
    assert "NO_PROXY" in (caught.value.hint or "")


async def test_a_call_that_hangs_is_given_up_in_time_and_the_next_one_goes_on(bench: PoolBench) -> None:
    with FaultyHttpServer("http_hangs") as server:
        async with within(5), bench.using(at(server), tool_timeout=0.4) as used:
            assert (await used.call("keep", "x")).outcome == "unknown"
            assert (await used.call("echo", "x")).outcome == "error"
            assert await still_listing(used)


async def test_a_cancelled_call_frees_its_caller_at_once(bench: PoolBench) -> None:
    with FaultyHttpServer("http_hangs") as server:
        async with bench.using(at(server)) as used:
            task = asyncio.create_task(used.call("echo", "x"))
            await eventually(lambda: server.calls)
            async with within(1):
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task


async def test_notifications_that_are_never_answered_hold_nothing_up(bench: PoolBench) -> None:
    with FaultyHttpServer("http_deaf") as server:
        async with within(6), bench.using(at(server)) as used:
            assert (await used.call("echo", "x")).content == "x"


async def test_slow_answers_are_waited_for_and_progress_is_told(bench: PoolBench) -> None:
    with FaultyHttpServer("http_slow", "0.5") as server:
        async with bench.using(at(server)) as used:
            assert (await used.call("echo", "late")).content == "late"
    with FaultyHttpServer("http_progress") as server:
        async with bench.using(at(server)) as used:
            await used.call("echo", "x")
            assert [fact for fact in used.facts if getattr(fact, "phase", "") == "tool"]


async def test_a_flood_of_notifications_slows_nobody(bench: PoolBench) -> None:
    with FaultyHttpServer("http_flood") as server:
        bench.configure(flood=at(server), other={"type": "http", "url": server.url})
        async with within(6), bench.using() as used:
            for _ in range(5):
                assert (await used.call("flood__echo", "x")).content == "x"


async def test_an_old_transport_that_closes_is_connected_to_anew(bench: PoolBench) -> None:
    with FaultyHttpServer("sse_closes") as server:
        async with within(6), bench.using(at(server)) as used:
            assert (await used.call("echo", "again")).content == "again"
            assert used.told(ServerRestarted)
