"""Four processes with 20 runs each at one real engine of 2 slots: never more than 2 at work, and nobody is starved.

Each process begins all its runs at once, as an editor's `lmbridge serve` would with many calls. Told, by the engine's own
`/slots`: the most at work at one time; by the processes: each run's time from its beginning to its end, the longest against
the median; and the seconds from a `kill -9` of a process that held both slots until another's request was at work.

    python benchmarks/real_slots.py --model FILE [--threads 1]
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp
from support.measuring import RESULTS, save

from lmbridge import Assignment, Bridge
from lmbridge.engine.engine import Engine
from lmbridge.settings import load

SLOTS, PROCESSES, RUNS = 2, 4, 20


async def work(url: str, token: str, state: str, name: str, count: int, tokens: int) -> None:
    """So many runs at once in this process; each one's beginning and end on a line."""
    variables = {
        "LMSTUDIO_BASE_URL": url,
        "LM_API_TOKEN": token,
        "LMBRIDGE_STATE_DIR": state,
        "LMBRIDGE_SLOTS": str(SLOTS),
    }
    async with Bridge.open(load({**variables, "LMBRIDGE_CONFIG": "", "LMBRIDGE_LOG_LEVEL": "error"})) as bridge:
        await bridge.backend.catalogue()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)

        async def one(number: int) -> None:
            begun = time.monotonic()
            task = f"Count from {number} on, for {name}."
            report = await bridge.delegate(Assignment(task, servers=(), max_tokens=tokens, temperature=0.0))
            assert report.error is None, report
            sys.stdout.write(json.dumps([begun, time.monotonic()]) + "\n")
            sys.stdout.flush()

        await asyncio.gather(*(one(number) for number in range(count)))


async def started(engine: Engine, state: Path, name: str, count: int, tokens: int) -> asyncio.subprocess.Process:
    """A process that is ready and waits for a line."""
    arguments = (engine.base_url, engine.token, str(state), name, str(count), str(tokens))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--work", *arguments, stdin=pipe, stdout=pipe, limit=2**20
    )
    assert process.stdout is not None
    assert (await process.stdout.readline()).strip() == b"ready"
    return process


def begin(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.write(b"\n")


async def at_work(session: aiohttp.ClientSession, engine: Engine) -> int:
    """How many slots the engine works on now."""
    async with session.get(f"{engine.base_url.removesuffix('/v1')}/slots") as answer:
        return sum(bool(slot["is_processing"]) for slot in await answer.json())


async def crowd(engine: Engine, session: aiohttp.ClientSession, state: Path) -> dict[str, Any]:
    peak, looks = 0, 0

    async def look() -> None:
        nonlocal peak, looks
        while True:
            peak, looks = max(peak, await at_work(session, engine)), looks + 1
            await asyncio.sleep(0.01)

    processes = await asyncio.gather(*(started(engine, state, name, RUNS, 16) for name in "abcd"[:PROCESSES]))
    looking = asyncio.create_task(look())
    for process in processes:
        begin(process)
    told = [(await process.communicate())[0].decode().splitlines() for process in processes]
    print("the crowd is through", flush=True)
    looking.cancel()
    took = [ended - begun for lines in told for begun, ended in map(json.loads, lines)]
    assert len(took) == PROCESSES * RUNS, told
    median, longest = statistics.median(took), max(took)
    each = [statistics.median(ended - begun for begun, ended in map(json.loads, lines)) for lines in told]
    return {
        "most_at_work": peak,
        "looked": looks,
        "median_s": round(median, 2),
        "longest_s": round(longest, 2),
        "longest_to_median": round(longest / median, 2),
        "median_of_each_process_s": [round(one, 2) for one in each],
    }


async def killed(engine: Engine, session: aiohttp.ClientSession, state: Path) -> float:
    """Seconds from the kill of a process that held both slots, with many more requests in line, to another's answer."""
    holder, waiter = await asyncio.gather(started(engine, state, "h", 200, 200), started(engine, state, "w", 1, 4))
    begin(holder)
    while await at_work(session, engine) < SLOTS:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    begin(waiter)
    mine = f"-{waiter.pid}-"
    assert waiter.stdout is not None
    line = asyncio.create_task(waiter.stdout.readline())
    while not line.done() and not any(  # noqa: ASYNC110
        mine in each.name for each in (state / "slots").rglob("waiting/*")
    ):
        await asyncio.sleep(0.002)
    at = time.monotonic()
    holder.send_signal(signal.SIGKILL)
    told = json.loads(await line)
    await asyncio.gather(holder.communicate(), waiter.communicate())
    return round(told[1] - at, 2)


async def measure(given: argparse.Namespace, place: Path) -> dict[str, Any]:
    engine = Engine.started(given.model, threads=given.threads, parallel=SLOTS, context=SLOTS * 2048)
    async with engine, aiohttp.ClientSession(headers={"Authorization": f"Bearer {engine.token}"}) as session:
        rows = await crowd(engine, session, place / "state")
        rows["answer_after_kill_s"] = [await killed(engine, session, place / "state") for _ in range(2)]
    model = {"name": given.model.name, "sha256": hashlib.sha256(given.model.read_bytes()).hexdigest()}
    return {"model": model, "threads": given.threads, "slots": SLOTS, "processes": PROCESSES, "runs_each": RUNS, **rows}


def main() -> None:
    if sys.argv[1:2] == ["--work"]:
        url, token, state, name, count, tokens = sys.argv[2:]
        asyncio.run(work(url, token, state, name, int(count), int(tokens)))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, type=Path)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    os.environ["LMBRIDGE_CONFIG"] = ""
    with tempfile.TemporaryDirectory() as folder:
        rows = asyncio.run(measure(given, Path(folder)))
    print(json.dumps(rows, indent=2))
    (RESULTS / "real").mkdir(exist_ok=True)
    save("real/slots", rows)


if __name__ == "__main__":
    main()
