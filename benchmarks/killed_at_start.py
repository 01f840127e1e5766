"""Kills lmbridge by SIGKILL at the moment at which its servers fork, and counts what is left three seconds later.

    python benchmarks/killed_at_start.py [TRIES]

Each try starts `lmbridge mcps --check` with four servers and kills it as soon as it has children (besides the guardian), after
a delay that wanders over the first milliseconds. Prints the tries in which a process with lmbridge's mark was left, and fails
where there is one.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from lmbridge.mcp_host.transport import guardian

SERVERS = 4
GONE_WITHIN_S = 3.0


def main(tries: int) -> int:
    """Tries so often; 1 where anything was ever left."""
    left = 0
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-E", "-m", "lmbridge.testing.faulty_server", "hangs_at_start"]
        server = {"command": command[0], "args": command[1:]}
        config = Path(folder, "mcp.json")
        config.write_text(json.dumps({"mcpServers": {f"s{number}": server for number in range(SERVERS)}}))
        for number in range(tries):
            survivors = attempt(folder, config, random.uniform(0, 0.02))  # no secret
            if survivors:
                left += 1
                print(f"try {number}: left {survivors}", flush=True)
            if number % 20 == 19:
                print(f"{number + 1} tries, {left} of them left a process behind", flush=True)
    print(f"{left} of {tries} tries left a process behind", flush=True)
    return 1 if left else 0


def attempt(folder: str, config: Path, delay: float) -> list[int]:
    """Starts, kills, waits; the processes that are left, which are killed."""
    environment = {**os.environ, "MCP_JSON_PATH": str(config), "LMBRIDGE_STATE_DIR": folder, "HOME": folder}
    command = [sys.executable, "-m", "lmbridge", "mcps", "--check"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet) as process:
        me = psutil.Process(process.pid)
        while process.poll() is None and len(me.children()) < 2:
            time.sleep(0.001)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
    time.sleep(GONE_WITHIN_S)
    left = [pid for pid in guardian.marked("") if _is_of_this_try(pid, folder)]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    return left


def _is_of_this_try(pid: int, home: str) -> bool:
    """Whether a process was started from here: other lmbridges of this machine mark theirs too."""
    try:
        return psutil.Process(pid).environ().get("HOME") == home
    except psutil.Error:
        return False


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
