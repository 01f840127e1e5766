"""What the small parts of every call cost, each beside what it cannot be cheaper than: CPU microseconds, and the ratio.

Arguments judged by a tool's schema beside `json.loads` of the same text; a fact told to a journal beside one appended line; a
flood of bytes framed beside one scan for its line end; two thousand tools named and compared beside `json.dumps` of them.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.measuring import median, save

from lmbridge.events import Warned
from lmbridge.mcp_host.config.entry import ServerEntry
from lmbridge.mcp_host.tools.catalogue import Listed, offer, read
from lmbridge.mcp_host.tools.listing import Listing
from lmbridge.mcp_host.tools.pins import Pins
from lmbridge.mcp_host.transport.jsonrpc_lines import Framer
from lmbridge.observe.journal.journal import Journals
from lmbridge.redaction import SecretFilter
from lmbridge.schemas.validate import checker

RUN_ID = "r-20261128-120000-4f3a9c"

ARGUMENTS = {"path": "src/a.py", "count": 5, "tags": ["x"], "edits": [{"old": "a", "new": "b"}], "dry": True}
SCHEMA = {
    "type": "object",
    "properties": {
        "path": {"type": "string"},
        "count": {"type": "integer", "minimum": 1},
        "tags": {"type": "array", "items": {"type": "string"}},
        "edits": {"type": "array", "items": {"type": "object", "properties": {"old": {"type": "string"}, "new": {"type": "string"}}}},
        "dry": {"type": "boolean"},
    },
    "required": ["path"],
}  # fmt: skip


def cpu_us(act: Callable[[], object], times: int) -> float:
    """CPU microseconds of one call; the median of five rounds."""
    taken = []
    for _ in range(5):
        begun = time.process_time()
        for _ in range(times):
            act()
        taken.append((time.process_time() - begun) / times)
    return 1e6 * median(taken)


def arguments() -> tuple[float, float]:
    text = json.dumps(ARGUMENTS)
    judge = checker(SCHEMA)
    return cpu_us(lambda: judge.validate(text), 2000), cpu_us(lambda: json.loads(text), 2000)


def facts() -> tuple[float, float]:
    told = [Warned(f"warning {number}: " + "word " * 50) for number in range(20)]
    with tempfile.TemporaryDirectory() as folder, Journals(Path(folder)).open(RUN_ID) as journal:
        ours = cpu_us(lambda: [journal(fact) for fact in told], 50) / len(told)
    with tempfile.TemporaryFile("ab", buffering=0) as file:
        line = b"x" * 300 + b"\n"
        return ours, cpu_us(lambda: file.write(line), 2000)


def flood() -> tuple[float, float]:
    chunk = b"x" * 65536

    def framed() -> None:
        framer = Framer(8 * 2**20)
        for _ in range(800):
            framer.feed(chunk)
        framer.feed(b"\n")

    return cpu_us(framed, 1), cpu_us(lambda: [chunk.find(b"\n") for _ in range(800)], 1)


def tools() -> tuple[float, float]:
    listed: list[dict[str, Any]] = [
        {"name": f"tool_number_{n}", "description": "word " * 100, "inputSchema": {"type": "object"}} for n in range(40)
    ]

    def offered() -> None:
        with tempfile.TemporaryDirectory() as folder:
            servers = [
                Listed(
                    ServerEntry(f"server{n}", Path(folder)),
                    read(f"server{n}", Listing(tuple(listed)), SecretFilter([])),
                )
                for n in range(50)
            ]
            assert len(offer(servers, Pins(Path(folder))).specs) == 2000

    return cpu_us(offered, 1), cpu_us(lambda: json.dumps([listed] * 50), 1)


def main() -> None:
    parts = {
        "arguments judged": arguments,
        "a fact journaled": facts,
        "50 MB framed": flood,
        "2,000 tools offered": tools,
    }
    results = {}
    for name, measured in parts.items():
        ours, floor = measured()
        results[name] = {"us": round(ours, 1), "floor_us": round(floor, 1), "ratio": round(ours / floor, 1)}
        print(f"{name}: {ours:.1f} us, floor {floor:.1f} us, {ours / floor:.1f} times")
    save("parts", results)


if __name__ == "__main__":
    main()
