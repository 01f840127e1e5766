"""A process that takes places at a backend: `FOLDER hold HOW_MANY OF` until stdin closes, or `FOLDER runs URL COUNT NAME`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from lmbridge.llm.http.shared_slots import SharedSlots

URL = "http://localhost:1234/v1"


async def hold(folder: Path, count: int, limit: int) -> None:
    slots = SharedSlots(folder, URL)
    _places = [await slots.take("", limit) for _ in range(count)]
    sys.stdout.write("held\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)


async def runs(folder: Path, url: str, count: int, name: str) -> None:
    from lmbridge import Assignment, Bridge
    from lmbridge.observe import logging
    from lmbridge.settings import load

    variables = {"LMSTUDIO_BASE_URL": url, "LMBRIDGE_STATE_DIR": str(folder), "LMBRIDGE_SLOTS": "2"}
    settings = load(variables | {"LMBRIDGE_LOG_LEVEL": "error"})
    logging.configure(settings)
    async with Bridge.open(settings) as bridge:

        async def one(number: int) -> None:
            report = await bridge.delegate(Assignment(f"{name} {number}", servers=(), max_tokens=12))
            assert report.rounds == 1, report

        await asyncio.gather(*(one(number) for number in range(count)))


if __name__ == "__main__":
    place, what, *given = sys.argv[1:]
    if what == "hold":
        asyncio.run(hold(Path(place), int(given[0]), int(given[1])))
    else:
        asyncio.run(runs(Path(place), given[0], int(given[1]), given[2]))
