"""From starting `lmbridge serve` to its first answered request, against the smallest server that the mcp SDK allows.

Beside it, with nothing to compare to: how soon `serve` is gone after SIGINT, and the embedded engine's start and end.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from support.measuring import median, save

from lmbridge.engine.embedded import started
from lmbridge.settings import Settings

SMALLEST = """
import asyncio
from mcp.server.mcpserver import MCPServer
server = MCPServer("smallest")

@server.tool()
def echo(text: str) -> str:
    return text

server.run()
"""
TIMES = 15


def first_answer(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds to the answer of `tools/list` after the handshake: wall, and CPU of the server till then."""
    begun = time.perf_counter()
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=environment, **pipes) as server:
        assert server.stdin
        assert server.stdout
        hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
        for message in (
            {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
            {"jsonrpc": "2.0", "method": "notifications/initialized"},
            {"jsonrpc": "2.0", "id": 2, "method": "tools/list"},
        ):
            server.stdin.write(json.dumps(message).encode() + b"\n")
            server.stdin.flush()
            if message.get("id") == 1:
                server.stdout.readline()
        assert b'"tools"' in server.stdout.readline()
        wall = time.perf_counter() - begun
        before = os.times()
        server.kill()
        server.wait()
        after = os.times()
        return wall, after.children_user + after.children_system - before.children_user - before.children_system


def gone_after_sigint(environment: dict[str, str]) -> float:
    """Seconds from SIGINT to the end of a `serve` that has answered; its input stays open."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, "-m", "lmbridge", "serve"], env=environment, **pipes) as server:
        assert server.stdin
        assert server.stdout
        server.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
        server.stdin.flush()
        server.stdout.readline()
        begun = time.perf_counter()
        server.send_signal(signal.SIGINT)
        server.wait()
        return time.perf_counter() - begun


async def engine_times() -> tuple[float, float]:
    """Seconds until the embedded engine serves the demo model, and until it is gone again."""
    begun = time.perf_counter()
    async with started(Settings(backend="embedded", engine_threads=1)):
        ready = time.perf_counter()
    return ready - begun, time.perf_counter() - ready


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "LMBRIDGE_STATE_DIR": folder}
        smallest = Path(folder, "smallest.py")
        smallest.write_text(SMALLEST)
        commands = {
            "smallest server of the mcp SDK": [sys.executable, str(smallest)],
            "lmbridge serve": [sys.executable, "-m", "lmbridge", "serve"],
        }
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _ in range(TIMES):
            for name, command in commands.items():
                taken[name].append(first_answer(command, environment))
        gone = [gone_after_sigint(environment) for _ in range(TIMES)]
    ready, ended = zip(*(asyncio.run(engine_times()) for _ in range(TIMES)), strict=True)
    acts = {
        "lmbridge serve, from SIGINT to its end": gone,
        "embedded engine, to the first request with the demo model": ready,
        "embedded engine, to its end": ended,
    }
    beside = {act: round(1000 * median(each)) for act, each in acts.items()}
    table = {
        name: {"wall": round(1000 * median([w for w, _ in rows])), "cpu": round(1000 * median([c for _, c in rows]))}
        for name, rows in taken.items()
    }
    smallest_ms, ours = table.values()
    ratio = {kind: round(ours[kind] / smallest_ms[kind], 2) for kind in ("wall", "cpu")}
    print(table, ratio, beside)
    save("start", {"milliseconds": table, "ratio": ratio, "beside": beside})


if __name__ == "__main__":
    main()
