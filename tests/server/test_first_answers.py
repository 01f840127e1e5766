"""What clients ask first is answered before anything is loaded, word for word as the live server answers it."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from lmbridge.cli.common import with_settings
from lmbridge.server.transport.first_answers import OPTIONS, begin, user_folder
from lmbridge.server.transport.framing import Framing, TooLong, framed
from lmbridge.testing import FakeLMStudio, say
from server.conftest import PROGRAM, Bench, Wire
from server.test_stdio import DISCOVER, ENVELOPE
from support.pools import stretched

LIVE = """
from lmbridge.server.transport.stdio import serve_stdio
from lmbridge.settings import load
raise SystemExit(serve_stdio(load()))
"""
META = {"_meta": ENVELOPE}
LISTS = ("tools/list", "prompts/list", "resources/list", "resources/templates/list")
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}


def request(request_id: Any, method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request_id, "method": method, **({"params": params} if params else {})}


def hello(version: str = "2025-11-25", request_id: Any = "init", **changed: Any) -> dict[str, Any]:
    params = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}}
    return request(request_id, "initialize", **(params | changed))


def with_meta(**changed: Any) -> dict[str, Any]:
    return {"_meta": {key: value for key, value in (ENVELOPE | changed).items() if value is not None}}


def listening(request_id: Any, **notifications: Any) -> dict[str, Any]:
    return request(request_id, "subscriptions/listen", notifications=notifications, **META)


SHOWS_APPS = with_meta(
    **{
        "io.modelcontextprotocol/clientCapabilities": {
            "extensions": {"io.modelcontextprotocol/ui": {"mimeTypes": ["text/html;profile=mcp-app"]}}
        }
    }
)
CONVERSATIONS: dict[str, list[dict[str, Any]]] = {
    **{
        version: [hello(version), INITIALIZED, *(request(each, each) for each in LISTS), request(1, "ping")]
        for version in (*HANDSHAKE_PROTOCOL_VERSIONS, "1999-01-01", "2026-07-28")
    },
    "modern": [DISCOVER, *(request(each, each, **META) for each in LISTS), request(2, "server/discover", **META)],
    "modern without discover": [request("l", "tools/list", **META), request("p", "ping", **META)],
    "listening": [  # as Claude Code 2.1.332 begins, which lists no tools before its stream is acknowledged
        DISCOVER,
        listening(7, toolsListChanged=True, promptsListChanged=False, resourcesListChanged=True),
        request("l", "tools/list", **META),
    ],
    "listening at once": [listening("s"), listening(0, promptsListChanged=True), request("l", "prompts/list", **META)],
    "listening to more": [
        request("l", "tools/list", **META),
        listening(1, taskIds=["r-1"]),
        listening(2, toolsListChanged=3),
        listening(3, resourceSubscriptions=["lmbridge://runs"]),
        request(4, "subscriptions/listen", **META),
    ],
    "listening after a handshake": [hello(), INITIALIZED, listening(1, toolsListChanged=True)],
    "discover and handshake": [DISCOVER, hello(), INITIALIZED, request(3, "tools/list"), request(4, "ping")],
    "no handshake": [request(1, "tools/list"), request(2, "ping"), hello(), request(3, "tools/list")],
    "list before initialized": [hello(), request(1, "tools/list"), INITIALIZED, request(2, "prompts/list")],
    "a cursor and a token": [
        hello(),
        request(1, "tools/list", cursor="x"),
        request(2, "tools/list", _meta={"progressToken": 3}),
    ],
    "handshake and then the envelope": [hello(), request(1, "tools/list", **META), request(2, "tools/list")],
    "envelope and then handshake": [request(1, "tools/list", **META), hello(), request(2, "tools/list", **META)],
    "two handshakes": [hello(), hello("2025-06-18", "again"), request(1, "prompts/list")],
    "discover after the handshake": [hello(), DISCOVER],
    "unusable handshakes": [
        request(1, "initialize"),
        hello(request_id=2, capabilities=3),
        hello(request_id=3, clientInfo={"name": "x"}),
        hello(request_id=4),
    ],
    "unusable envelopes": [
        request(1, "server/discover", **with_meta(**{"io.modelcontextprotocol/protocolVersion": "2099-01-01"})),
        request(2, "server/discover", **with_meta(**{"io.modelcontextprotocol/clientCapabilities": None})),
        request(3, "server/discover", **with_meta(**{"io.modelcontextprotocol/clientCapabilities": 3})),
        request(4, "server/discover"),
        request(5, "tools/list", **META),
    ],
    "what only the live server knows": [
        hello(),
        request(1, "no/such"),
        request(2, "tools/list"),
        request(3, "tools/call", name="list_available_mcps", arguments={}),
        request(4, "prompts/list"),
        request(5, "prompts/get", name="nope"),
    ],
    "a client that shows apps": [
        hello(
            capabilities={"extensions": {"io.modelcontextprotocol/ui": {"mimeTypes": ["text/html;profile=mcp-app"]}}}
        ),
        INITIALIZED,
        *(request(each, each) for each in LISTS),
    ],
    "apps without a handshake": [DISCOVER, *(request(each, each, **SHOWS_APPS) for each in LISTS)],
    "apps of another kind": [
        hello(capabilities={"extensions": {"io.modelcontextprotocol/ui": {"mimeTypes": ["text/x"]}, "other": {}}}),
        *(request(each, each) for each in LISTS),
    ],
    "ids of every kind": [
        hello(request_id=0),
        request(-1, "ping"),
        request("é\ud83d\ude00", "ping"),
        request("", "ping"),
    ],
}


@contextlib.asynccontextmanager
async def talking(bench: Bench, *command: str) -> AsyncIterator[Wire]:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=bench.folder,
        env={**os.environ, **bench.environment},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=2**26,
    )
    try:
        yield Wire(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def conversed(bench: Bench, messages: Sequence[dict[str, Any]], *command: str) -> dict[Any, Any]:
    async with talking(bench, *command) as wire:
        await wire.send(*messages)
        answers = [await wire.receive(60) for message in messages if "id" in message]
    found = {json.dumps(answer.get("id", answer.get("params"))): answer for answer in answers}
    assert len(found) == len(answers), "one answer for each id, or one word that its stream is open"
    return found


@pytest.mark.parametrize("kind", CONVERSATIONS)
async def test_every_answer_is_the_live_server_s(kind: str, bench: Bench):
    messages = CONVERSATIONS[kind]
    ours, live = await asyncio.gather(
        conversed(bench, messages, PROGRAM, "serve"), conversed(bench, messages, sys.executable, "-c", LIVE)
    )
    assert ours == live


@pytest.mark.parametrize("kind", ["2025-11-25", "modern", "listening"])
def test_nothing_is_loaded_for_the_first_answers(kind: str, bench: Bench):
    messages = CONVERSATIONS[kind]
    lines = "".join(json.dumps(message) + "\n" for message in messages)
    command = [sys.executable, "-X", "importtime", "-m", "lmbridge", "serve", "--log-level", "error"]
    ended = subprocess.run(
        command, input=lines.encode(), capture_output=True, env={**os.environ, **bench.environment}, timeout=60
    )
    assert ended.returncode == 0
    assert len(ended.stdout.splitlines()) == sum("id" in message for message in messages)
    imported = {line.rsplit("|", 1)[-1].strip() for line in ended.stderr.decode().splitlines() if "|" in line}
    assert "lmbridge.server.transport.first_answers" in imported
    assert not imported & {"mcp", "mcp_types", "pydantic", "pydantic_core", "click", "asyncio", "lmbridge.settings"}
    if sys.platform == "linux":  # elsewhere platformdirs brings some of them along
        assert not imported & {"typing", "dataclasses", "inspect", "structlog", "threading", "platformdirs"}


@pytest.mark.parametrize("kind", ["config", "state"])
@pytest.mark.parametrize("given", [None, "", "/elsewhere", "relative", " /blanks "])
def test_the_folders_are_platformdirs_own(kind: str, given: str | None, monkeypatch: pytest.MonkeyPatch):
    variable = f"XDG_{kind.upper()}_HOME"
    monkeypatch.delenv(variable, raising=False)
    if given is not None:
        monkeypatch.setenv(variable, given)
    wanted = getattr(platformdirs, f"user_{kind}_dir")("lmbridge", appauthor=False)
    assert user_folder(os.environ, kind) == wanted


@pytest.mark.parametrize("place", ["environment", "file"])
async def test_a_changed_choice_of_tools_is_listed_as_it_is(place: str, bench: Bench):
    if place == "environment":
        bench.environment["LMBRIDGE_TOOL_GROUPS"] = "runs"
    else:
        file = bench.folder / "settings.toml"
        file.write_text('tool_groups = ["runs"]\n')
        bench.environment["LMBRIDGE_CONFIG"] = str(file)
    async with bench.wire() as wire:
        await wire.initialize()
        await wire.send(request(1, "tools/list"))
        tools = (await wire.answer(1))["result"]["tools"]
    assert [tool["name"] for tool in tools] == ["list_runs", "get_run", "cancel_run"]


async def test_runs_on_disk_are_among_the_resources(bench: Bench, fake: FakeLMStudio):
    fake.script(say("Done."))
    async with bench.local() as client:
        await client.call_tool("autonomous_discover_and_execute", {"task": "Look."})
    async with bench.wire() as wire:
        await wire.initialize()
        await wire.send(request(1, "resources/list"))
        uris = [each["uri"] for each in (await wire.answer(1))["result"]["resources"]]
    assert sum(uri.startswith("lmbridge://runs/") for uri in uris) == 1


async def test_a_list_is_answered_while_another_request_waits_for_the_rest(bench: Bench):
    async with bench.wire() as wire:
        await wire.initialize()
        await wire.send(request(1, "tools/call", name="list_available_mcps", arguments={}), request(2, "tools/list"))
        assert [(await wire.receive())["id"] for _ in range(2)] == [2, 1]


async def test_settings_that_cannot_be_used_end_it_with_a_sentence(bench: Bench):
    bench.environment["LMBRIDGE_SLOTS"] = "none"
    async with bench.wire() as wire:
        await wire.initialize()
        await wire.call(1, "list_runs")
        assert (await wire.gone(stretched(20)))[0] == 2
    assert "LMBRIDGE_SLOTS" in bench.log
    assert "Traceback" not in bench.log


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
async def test_a_signal_right_after_the_first_answer_ends_it(number: signal.Signals, code: int, bench: Bench):
    async with bench.wire() as wire:
        await wire.initialize()
        wire.signal(number)
        assert (await wire.gone(stretched(3)))[0] == code


@pytest.mark.parametrize(
    "arguments",
    [["--http", "127.0.0.1:0"], ["--metrics", ":0"], ["--help"], ["--log-level", "loud"], ["--base-url"], ["x"]],
)
def test_what_is_no_plain_serve_is_left_to_the_command_line(arguments: list[str]):
    assert begin(arguments, lambda: pytest.fail("loaded")) is None


def test_the_options_that_change_no_first_answer_are_those_of_the_command_line():
    options = {each.opts[0]: each for each in with_settings(lambda settings: None).__click_params__}  # type: ignore[attr-defined]  # click's own
    assert set(OPTIONS) <= set(options)
    for name, values in OPTIONS.items():
        assert tuple(getattr(options[name].type, "choices", ())) == values


async def test_a_client_that_frames_by_length_is_answered_so_first_and_later(bench: Bench):
    async with bench.wire() as wire:
        assert wire.process.stdin is not None
        assert wire.process.stdout is not None
        messages = (hello(), INITIALIZED, request(1, "tools/list"), request(2, "no/such"), request(3, "ping"))
        for message in messages:
            wire.process.stdin.write(framed(json.dumps(message).encode(), headers=True))
        framing, answers = Framing(), list[Any]()
        async with asyncio.timeout(60):
            while len(answers) < 4:
                answers += [
                    json.loads(each)
                    for each in framing.feed(await wire.process.stdout.read(999))
                    if isinstance(each, bytes)
                ]
        assert framing.headers
    assert {answer["id"] for answer in answers} == {"init", 1, 2, 3}


LONG = b"x" * 40
STREAMS: list[tuple[bytes, list[Any], bool]] = [
    (b"a\nb\n\n  \nc", [b"a", b"b", b"c"], False),
    (b"Content-Length: 3\r\n\r\nabcContent-Length: 2\r\n\r\nde", [b"abc", b"de"], True),
    (b"content-length:2\nContent-Type: x\n\n{}\n[]\n", [b"{}", b"[]"], False),
    (b"Content-Length: 4\r\n\r\n{\n }", [b"{\n }"], True),
    (b"Content-Length: 0\r\n\r\na\n", [b"a"], False),
    (b"Content-Length: 40\r\n\r\n" + LONG + b"a\n", [TooLong, b"a"], False),
    (LONG + b"\na\n" + LONG, [TooLong, b"a", TooLong], False),
    (b"Content-Length: 9" + b"9" * 30 + b"\nb\n", [TooLong, b"b"], False),
    (b'{"x": "Content-Length: 3"}\n', [b'{"x": "Content-Length: 3"}'], False),
    (b"Content-Length: 9\r\n\r\nab", [], True),
]


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize(("stream", "wanted", "headers"), STREAMS)
def test_messages_are_found_however_the_bytes_are_cut(stream: bytes, wanted: list[Any], headers: bool, size: int):
    framing = Framing(limit=30)
    found: list[Any] = []
    for at in range(0, len(stream), size):
        found += framing.feed(stream[at : at + size])
    found += framing.finish()
    assert [TooLong if isinstance(each, TooLong) else each for each in found] == wanted
    assert framing.headers == headers


async def test_a_connection_without_select_is_answered_too(bench: Bench, tmp_path: Path):
    """Windows: a read blocks, so that the rest is loaded when it is asked for."""
    program = tmp_path / "blocking.py"
    program.write_text(
        "import sys\n"
        "from lmbridge.cli.main import load_server\n"
        "from lmbridge.server.transport.first_answers import begin\n"
        "begun = begin([], load_server, waits=False)\n"
        "from lmbridge.cli.group import run\n"
        "sys.argv = ['lmbridge', 'serve']\n"
        "sys.exit(run(begun))\n"
    )
    messages = CONVERSATIONS["what only the live server knows"]
    ours = await conversed(bench, messages, sys.executable, str(program))
    assert {json.loads(each) for each in ours} == {"init", 1, 2, 3, 4, 5}
    assert ours["2"]["result"]["tools"]
