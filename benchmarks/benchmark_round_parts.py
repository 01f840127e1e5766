"""Where the CPU time of a round goes, part by part: ten runs of twenty rounds at once, under the profiler.

The profiler makes Python calls dearer than they are, so that the shares tell and the total does not; the milliseconds are
the shares of a round that was measured without it.
"""

from __future__ import annotations

import asyncio
import cProfile
import json
import pstats
import tempfile
import time
from pathlib import Path

from support.measuring import ECHO, backend, median, save

from lmbridge import Assignment, Bridge, Settings

ROUNDS, AT_ONCE, REPEATS = 20, 10, 5
Place = tuple[str, str]
PARTS: dict[str, tuple[tuple[Place, ...], tuple[Place, ...]]] = {
    "the request, its answer streamed and decoded": ((("llm/client.py", "turn"),), ()),
    "a place at the backend, among processes": ((("llm/http/slots.py", "_taken"),), ()),
    "the call sent to its server and answered": ((("servers/lease.py", "carry_out"),), ()),
    "the gate: judging the call, taking in its result": (
        (("tools/gated.py", "carry_out"), ("gate/memory.py", "__call__")),
        (("servers/lease.py", "carry_out"),),
    ),
    "journal": ((("journal/journal.py", "__call__"),), ()),
    "metrics": ((("observe/metrics.py", "__call__"),), ()),
    "the look back at the answer, once a run": ((("loop/rounds.py", "_answered"),), ()),
}
"""Which functions make up a part, with what they call, and which of these are a part of their own."""


async def runs(bridge: Bridge, count: int) -> None:
    async def one() -> None:
        report = await bridge.delegate(Assignment("Echo twenty times.", servers=("echo",)))
        assert report.rounds == ROUNDS, report

    await asyncio.gather(*(one() for _ in range(count)))


async def measured(url: str) -> tuple[float, cProfile.Profile]:
    """CPU milliseconds of a round without the profiler, and the profile of as many runs."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "mcp.json")
        config.write_text(json.dumps({"mcpServers": {"echo": {"command": ECHO[0], "args": ECHO[1:]}}}))
        settings = Settings(base_url=url, mcp_json_path=config, state_dir=Path(folder, "state"), slots=100)
        async with Bridge.open(settings) as bridge:
            await runs(bridge, 1)
            taken = []
            for _ in range(REPEATS):
                began = time.process_time()
                await runs(bridge, AT_ONCE)
                taken.append((time.process_time() - began) / (AT_ONCE * ROUNDS) * 1000)
            profile = cProfile.Profile(time.thread_time)
            profile.enable()
            await runs(bridge, AT_ONCE)
            profile.disable()
            return median(taken), profile


def shares(profile: cProfile.Profile) -> dict[str, float]:
    """The share of each part in the time of all."""
    stats = pstats.Stats(profile)
    whole = stats.total_tt  # type: ignore[attr-defined]

    def seconds(places: tuple[Place, ...]) -> float:
        found = [
            row[3]
            for (file, _, name), row in stats.stats.items()  # type: ignore[attr-defined]
            if any(file.endswith((f"lmbridge/{end}", f"/{end}")) for end, wanted in places if wanted == name)
        ]
        assert not places or found, places
        return sum(found)

    parts = {name: (seconds(own) - seconds(others)) / whole for name, (own, others) in PARTS.items()}
    return parts | {"all else: the loop, limits, facts, checks of arguments": 1 - sum(parts.values())}


def main() -> None:
    with backend(ROUNDS) as url:
        ms, profile = asyncio.run(measured(url))
    result = {
        "ms_a_round": round(ms, 3),
        "parts_ms": {name: round(share * ms, 3) for name, share in shares(profile).items()},
    }
    print(json.dumps(result, indent=2))
    save("round_parts", result)


if __name__ == "__main__":
    main()
