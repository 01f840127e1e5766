"""Whether anything grows: memory, file descriptors and processes after 1 to 3000 runs of one Bridge.

Resident memory may still creep where nothing is kept, by the allocator's fragments; `blocks` are those that Python really
has in use, strings and numbers included, and say whether anything was kept; `objects` are those that its collector of cycles
looks through, which are the ones made since the bridge opened.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import tempfile
from pathlib import Path

import psutil
from support.measuring import ECHO, backend, save

from lmbridge import Assignment, Bridge, Settings

MARKS = (1, 100, 300, 1000, 3000)
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
            kept = {"objects": len(gc.get_objects()), "blocks": sys.getallocatedblocks()}
            counts = {"descriptors": me.num_fds(), "processes": len(me.children())}
            rows.append({"runs": done, "mib": memory, **kept, **counts})
            print(rows[-1], flush=True)
    return rows


def main() -> None:
    with backend(3) as url, tempfile.TemporaryDirectory() as folder:
        rows = asyncio.run(measure(url, Path(folder)))
    settled, last = (next(row for row in rows if row["runs"] == mark) for mark in (300, MARKS[-1]))
    kib = 1024 * (last["mib"] - settled["mib"]) / (last["runs"] - settled["runs"])
    save("memory", {"after": rows, "kib_per_run_beyond_300": round(kib, 2)})


if __name__ == "__main__":
    main()
