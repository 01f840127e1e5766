"""The longest time for which the event loop stood still while a run read a long reply: `ours.py KIND CHARACTERS threads|loop`."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from lmbridge import Assignment, Bridge
from lmbridge.observe import logging
from lmbridge.settings import load

LINE = "word 1234 a.txt said: I have written it.\n"


class Heartbeat:
    """Beats every 2 ms; what is more than that between two beats, somebody held the loop for.

    `busy` is the CPU that the loop's own thread took in the longest stretch, `held` that of all threads: what it waited for
    itself and the interpreter's lock, whatever else the machine was doing. `worst` is the same by the clock.
    """

    def __init__(self) -> None:
        self.worst = self.busy = self.held = 0.0

    async def beat(self) -> None:
        while True:
            wall, own, both = time.perf_counter(), time.thread_time(), time.process_time()
            await asyncio.sleep(0.002)
            self.worst = max(self.worst, time.perf_counter() - wall - 0.002)
            self.busy = max(self.busy, time.thread_time() - own)
            self.held = max(self.held, time.process_time() - both)


async def _here(work: Any, *arguments: Any, **named: Any) -> Any:
    """Instead of a thread: as everything was read before long texts had one."""
    return work(*arguments, **named)


async def main(kind: str, how: str, folder: Path, url: str) -> None:
    files = {"command": sys.executable, "args": ["-m", "lmbridge.testing.files", str(folder)]}
    (folder / "mcp.json").write_text(json.dumps({"mcpServers": {"files": files}}))
    variables = {"LMSTUDIO_BASE_URL": url, "LMBRIDGE_STATE_DIR": str(folder / "state"), "LMBRIDGE_LOG_LEVEL": "error"}
    settings = load({**variables, "MCP_JSON_PATH": str(folder / "mcp.json"), "LMBRIDGE_TOOL_MODE": "native"})
    logging.configure(settings)
    heart = Heartbeat()
    async with Bridge.open(settings) as bridge:
        await bridge.delegate(Assignment("Say hello.", servers=("files",)))  # what is imported and started once
        beating = asyncio.create_task(heart.beat())
        if how == "loop":
            asyncio.to_thread = _here  # type: ignore[assignment]
        report = await bridge.delegate(Assignment(f"Read big.txt and tell; {kind}.", servers=("files",)))
        beating.cancel()
        assert report.status == "done", report.stop_reason  # else it read nothing
    told = {"status": report.status, "reason": report.stop_reason, "rounds": report.rounds}
    print(json.dumps({"worst_ms": 1e3 * heart.worst, "held_ms": 1e3 * heart.held, "busy_ms": 1e3 * heart.busy, **told}))


def begin(kind: str, characters: str, how: str) -> None:
    """Writes the file of 1 MiB that the model reads, starts the endpoint, and measures."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        big = folder / "big.txt"
        big.write_text(LINE * (2**20 // len(LINE)))
        serving = [sys.executable, str(Path(__file__).with_name("serve.py")), kind, characters, str(big)]
        with subprocess.Popen(serving, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin
            assert process.stdout
            asyncio.run(main(kind, how, folder, f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"))
            process.stdin.close()


if __name__ == "__main__":
    begin(*sys.argv[1:])
