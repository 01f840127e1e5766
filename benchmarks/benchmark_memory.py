"""Whether anything grows: memory, file descriptors and processes after 1, 100 and 1000 runs of one Bridge."""

from __future__ import annotations

import asyncio
import gc
import json
import tempfile
from pathlib import Path

import psutil
from support.measuring import ECHO, backend, save

from lmbridge import Assignment, Bridge, Settings

MARKS = (1, 100, 300, 1000)
AT_ONCE = 10


async def measure(url: str, folder: Path) -> list[dict[str, float]]:
    config = folder / "mcp.json"
    config.write_text(json.dumps({"mcpServers": {"echo": {"command": ECHO[0], "args": ECHO[1:]}}}))
    settings = Settings(base_url=url, mcp_json_path=config, state_dir=folder / "state", slots=100)
    me, rows, done = psutil.Process(), [], 0
    async with Bridge.open(settings) as bridge:
        for mark in MARKS:
            while done < mark:
                batch = min(AT_ONCE, mark - done)
                work = Assignment("Echo.", servers=("echo",))
                await asyncio.gather(*(bridge.delegate(work) for _ in range(batch)))
                done += batch
            gc.collect()
            memory = round(me.memory_info().rss / 2**20, 1)
            counts = {"descriptors": me.num_fds(), "processes": len(me.children()), "objects": len(gc.get_objects())}
            rows.append({"runs": done, "mib": memory, **counts})
            print(rows[-1], flush=True)
    return rows


def main() -> None:
    with backend(3) as url, tempfile.TemporaryDirectory() as folder:
        rows = asyncio.run(measure(url, Path(folder)))
    growth = rows[-1]["mib"] - rows[1]["mib"]
    save("memory", {"after": rows, "kib_per_run_beyond_100": round(1024 * growth / (MARKS[-1] - MARKS[1]), 2)})


if __name__ == "__main__":
    main()
