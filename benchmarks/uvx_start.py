"""How long `uvx lmbridge serve` takes to its first answer: cold, with an empty cache, and warm; beside an installed one.

    python benchmarks/uvx_start.py [--source WHAT] [--cold N] [--warm N]

`--source` is what `uvx --from` takes: `lmbridge`, a wheel, or this checkout, which is the default. A client's clock runs from the start of
the process to the answer of `initialize`; so does this one. It needs `uv` on the PATH and, for the cold starts, a package index.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HELLO = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "uvx_start", "version": "1"}}}  # fmt: skip


def seconds_to_answer(command: Sequence[str]) -> float:
    """Seconds from the start of a server to its answer of `initialize`."""
    with tempfile.TemporaryDirectory() as state:
        environment = {**os.environ, "LMBRIDGE_STATE_DIR": state, "LMBRIDGE_LOG_LEVEL": "error"}
        began = time.perf_counter()
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as server:
            assert server.stdin
            assert server.stdout
            server.stdin.write(json.dumps(HELLO).encode() + b"\n")
            server.stdin.flush()
            line = server.stdout.readline()
            took = time.perf_counter() - began
            server.stdin.close()
            server.wait(60)
    if b'"serverInfo"' not in line:
        sys.exit(f"no answer from {' '.join(command)}: {line!r}")
    return took


def started_by_uvx(source: str, cache: str, *options: str) -> float:
    """Seconds to the first answer with this cache."""
    uvx = [
        "uvx",
        "--quiet",
        *options,
        "--python",
        sys.executable,
        "--cache-dir",
        cache,
        "--from",
        source,
        "lmbridge",
        "serve",
    ]
    return seconds_to_answer(uvx)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", help="what `uvx --from` takes; a wheel of this checkout where left out")
    parser.add_argument("--cold", type=int, default=3, help="starts with an empty cache (3)")
    parser.add_argument("--warm", type=int, default=9, help="starts with a full one (9)")
    given = parser.parse_args()
    if shutil.which("uvx") is None:
        sys.exit("uvx is not on the PATH")
    with tempfile.TemporaryDirectory() as place:
        source = given.source or _wheel(Path(place))
        cold = [started_by_uvx(source, f"{place}/cache-{n}") for n in range(given.cold)]
        warm = [started_by_uvx(source, f"{place}/cache-0") for _ in range(given.warm)]
        offline = [started_by_uvx(source, f"{place}/cache-0", "--offline") for _ in range(given.warm)]
    here = [seconds_to_answer([sys.executable, "-m", "lmbridge", "serve"]) for _ in range(given.warm)]
    for name, times in {
        "uvx, empty cache": cold,
        "uvx, full cache": warm,
        "uvx --offline, full cache": offline,
        "installed": here,
    }.items():
        print(f"| {name} | {statistics.median(times):.2f} | {min(times):.2f} | {max(times):.2f} | {len(times)} |")
    print(
        f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}."
    )


def _wheel(place: Path) -> str:
    subprocess.run(["uv", "build", "--quiet", "--wheel", "--out-dir", place, ROOT], check=True)
    return str(next(place.glob("*.whl")))


if __name__ == "__main__":
    main()
