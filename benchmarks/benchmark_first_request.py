"""From the caller's call to the first request at the model: with the servers not yet started, and warm."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from support.measuring import ECHO, backend, environment_python, median, run, save

from lmbridge import Assignment, Bridge, Settings

WARM = 20
COLD = 5


def first_request_at(url: str) -> float:
    with urllib.request.urlopen(url.removesuffix("/v1") + "/stamp ", timeout=10) as answer:
        return json.load(answer)["at"]


async def once(bridge: Bridge, url: str) -> float:
    """Milliseconds to the first request of a run."""
    await asyncio.to_thread(first_request_at, url)
    begun = time.time()
    await bridge.delegate(Assignment("Echo.", servers=("echo",)))
    return 1000 * (await asyncio.to_thread(first_request_at, url) - begun)


async def ours(url: str) -> dict[str, float]:
    cold, warm = [], []
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "mcp.json")
        config.write_text(json.dumps({"mcpServers": {"echo": {"command": ECHO[0], "args": ECHO[1:]}}}))
        settings = Settings(base_url=url, mcp_json_path=config, state_dir=Path(folder, "state"))
        for _ in range(COLD):
            async with Bridge.open(settings) as bridge:
                cold.append(await once(bridge, url))
                warm += [await once(bridge, url) for _ in range(WARM // COLD)]
    return {"cold": round(median(cold), 1), "warm": round(median(warm), 1)}


def main() -> None:
    with backend(2) as url:
        result = {"lmbridge": asyncio.run(ours(url))}
        if python := environment_python("pydantic-ai"):
            took = [_peer(python, url) for _ in range(COLD)]
            result["pydantic-ai, its server started for the run"] = {"cold": round(median(took), 1)}
    save("first_request", {"milliseconds": result})
    print(result)


def _peer(python: Path, url: str) -> float:
    first_request_at(url)
    begun = run(python, "first_request/with_pydantic_ai.py", url, ECHO)
    return 1000 * (first_request_at(url) - begun)


if __name__ == "__main__":
    sys.exit(main())
