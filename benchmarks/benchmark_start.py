"""From starting `lmbridge serve` to its first answers in both eras, against the smallest server that the mcp SDK allows.

Beside it: the first real tool call against that server's, what the quick commands cost, how soon `serve` is gone after
SIGINT, and the embedded engine's start and end.
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
from typing import Any

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
CLIENT = {"name": "bench", "version": "1"}
ENVELOPE = {"protocolVersion": "2026-07-28", "clientInfo": CLIENT, "clientCapabilities": {}}
META = {"_meta": {f"io.modelcontextprotocol/{key}": value for key, value in ENVELOPE.items()}}
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": CLIENT}
OPENINGS: dict[str, list[dict[str, Any]]] = {
    "2025-11-25": [{"method": "initialize", "params": HELLO}, {"method": "tools/list"}],
    "2026-07-28": [{"method": "server/discover", "params": META}, {"method": "tools/list", "params": META}],
}
COMMANDS = (["--help"], ["runs", "list"], ["mcps"])


def first_answers(
    command: list[str], environment: dict[str, str], requests: list[dict[str, Any]]
) -> tuple[float, float]:
    """Seconds until the last of these requests is answered, each sent when the one before is: wall, and CPU till then."""
    begun = time.perf_counter()
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=environment, **pipes) as server:
        assert server.stdin
        assert server.stdout
        for number, request in enumerate(requests):
            server.stdin.write(json.dumps({"jsonrpc": "2.0", "id": number, **request}).encode() + b"\n")
            server.stdin.flush()
            assert json.loads(server.stdout.readline())["result"]
            if request["method"] == "initialize":
                server.stdin.write(b'{"jsonrpc": "2.0", "method": "notifications/initialized"}\n')
        wall = time.perf_counter() - begun
        server.kill()
        return wall, cpu_of(server)


def cpu_of(process: subprocess.Popen[Any]) -> float:
    """CPU seconds of a process, which is waited for."""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def cpu_of_command(arguments: list[str], environment: dict[str, str]) -> float:
    """CPU seconds of one quick command, started as its users start it."""
    program = str(Path(sys.executable).parent / "lmbridge")
    return cpu_of(subprocess.Popen([program, *arguments], env=environment, stdout=subprocess.DEVNULL))


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


def opened(commands: dict[str, list[str]], environment: dict[str, str]) -> dict[str, dict[str, list[Any]]]:
    """Wall and CPU seconds of each server's first answers by era, measured in turn so that neither has the quieter time."""
    taken: dict[str, dict[str, list[Any]]] = {era: {name: [] for name in commands} for era in OPENINGS}
    for _ in range(TIMES):
        for era, requests in OPENINGS.items():
            for name, command in commands.items():
                taken[era][name].append(first_answers(command, environment, requests))
    return taken


def first_calls(commands: dict[str, list[str]], environment: dict[str, str]) -> dict[str, float]:
    """Wall seconds to the answer of a first tool call, asked for as soon as the tools are listed."""
    calls = dict(zip(commands, ({"name": "echo", "arguments": {"text": "x"}}, {"name": "list_runs"}), strict=True))
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(TIMES):
        for name, command in commands.items():
            requests = [*OPENINGS["2025-11-25"], {"method": "tools/call", "params": calls[name]}]
            taken[name].append(first_answers(command, environment, requests)[0])
    return {f"{name}, to the answer of a first tool call": median(each) for name, each in taken.items()}


def figures(rows: dict[str, list[Any]]) -> dict[str, dict[str, int]]:
    """Medians in milliseconds."""
    return {
        name: {"wall": round(1000 * median([w for w, _ in each])), "cpu": round(1000 * median([c for _, c in each]))}
        for name, each in rows.items()
    }


def ratio(table: dict[str, dict[str, int]]) -> dict[str, float]:
    """Ours against the other's."""
    theirs, ours = table.values()
    return {kind: round(ours[kind] / theirs[kind], 2) for kind in ("wall", "cpu")}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LM")}
        environment = {
            **inherited,
            "LMBRIDGE_STATE_DIR": folder,
            "HOME": folder,
            "LMSTUDIO_BASE_URL": "http://127.0.0.1:1/v1",
        }
        smallest = Path(folder, "smallest.py")
        smallest.write_text(SMALLEST)
        commands = {
            "smallest server of the mcp SDK": [sys.executable, str(smallest)],
            "lmbridge serve": [sys.executable, "-m", "lmbridge", "serve"],
        }
        eras = {era: figures(rows) for era, rows in opened(commands, environment).items()}
        beside = first_calls(commands, environment)
        beside["lmbridge serve, from SIGINT to its end"] = median(
            [gone_after_sigint(environment) for _ in range(TIMES)]
        )
        quick = {
            " ".join(["lmbridge", *arguments]): median([cpu_of_command(arguments, environment) for _ in range(TIMES)])
            for arguments in COMMANDS
        }
    ready, ended = zip(*(asyncio.run(engine_times()) for _ in range(TIMES)), strict=True)
    beside["embedded engine, to the first request with the demo model"] = median(ready)
    beside["embedded engine, to its end"] = median(ended)
    result = {
        "milliseconds": eras["2025-11-25"],
        "ratio": ratio(eras["2025-11-25"]),
        "ratio_2026": ratio(eras["2026-07-28"]),
        "commands_cpu": {name: round(1000 * each) for name, each in quick.items()},
        "beside": {act: round(1000 * each) for act, each in beside.items()},
    }
    print(json.dumps(result, indent=2))
    save("start", result)


if __name__ == "__main__":
    main()
