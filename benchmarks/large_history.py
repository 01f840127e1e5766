"""The page over a history of ten thousand runs: how long its views take the first time, and every time after.

    python benchmarks/large_history.py [--runs 10000]

Journals are written to a scratch folder; the page is served over loopback in this process and asked by a client of its own.
The first view finds no index, the second process finds the one that the first has left.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from lmbridge.events import Record, encode
from lmbridge.settings import load
from support.pages_of_runs import Served, done, failed, run_id, served

ASKED = ("/runs", "/runs?q=number+77", "/runs?status=failed", "/runs?model=m/3", "/")
REPEATS = 20


def write(folder: Path, runs: int) -> None:
    for number in range(runs):
        key = run_id(number)
        facts = failed(key) if number % 10 == 0 else done(key, f"Task number {number}.", model=f"m/{number % 7}")
        file = folder / key[2:10] / f"{key}.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        now = time.time()
        file.write_bytes(b"".join(encode(Record(n, now, fact)) for n, fact in enumerate(facts)))
        file.chmod(0o600)


async def took(page: Served, path: str) -> float:
    async with page.inside() as session:
        begun = time.perf_counter()
        async with session.get(path) as answer:
            assert answer.status == 200
            await answer.read()
        return (time.perf_counter() - begun) * 1000


async def measured(state: Path) -> None:
    settings = load({"LMBRIDGE_STATE_DIR": str(state), "LMSTUDIO_BASE_URL": "http://127.0.0.1:9/v1"}, file=None)
    async with served(settings) as page:
        begun = time.perf_counter()
        async with asyncio.timeout(600):
            async with page.inside() as session:
                while True:
                    async with session.get("/") as answer:
                        text = await answer.text()
                    if "are being counted" not in text and "still being read" not in text:
                        break
        print(f"everything read and counted after {time.perf_counter() - begun:.1f} s")
    for path in ASKED:
        async with served(settings) as page:
            first = await took(page, path)
            times = [await took(page, path) for _ in range(REPEATS)]
        print(
            f"{path:22} first {first:6.0f} ms · median {statistics.median(times):6.0f} ms · longest {max(times):6.0f} ms"
        )


async def fresh(state: Path) -> None:
    settings = load({"LMBRIDGE_STATE_DIR": str(state), "LMSTUDIO_BASE_URL": "http://127.0.0.1:9/v1"}, file=None)
    for path in ("/runs", "/runs?status=failed"):
        for each in (state / "page").glob("*"):
            each.unlink()
        async with served(settings) as page:
            print(f"{path:22} without an index {await took(page, path):6.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        write(state / "runs", runs)
        print(f"{runs} runs")
        asyncio.run(fresh(state))
        asyncio.run(measured(state))


if __name__ == "__main__":
    main()
