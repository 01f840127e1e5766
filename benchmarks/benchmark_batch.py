"""What the size of the embedded engine's batches costs and saves: speed of reading, and the next reply after a request was left.

    python benchmarks/benchmark_batch.py FILE.gguf

One thread, a prompt of some 2,300 tokens, left after a second; the next request is five tokens long.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp
from support.measuring import save

from lmbridge.engine import engine as engines

SIZES = (2048, 512)
WORDS = 420


def prompt(count: int, seed: int) -> str:
    return " ".join(f"w{(number * 7919 + seed) % 10007}" for number in range(count))


async def ask(session: aiohttp.ClientSession, count: int, seed: int, *, within: float | None = None) -> Any:
    """The engine's own timings; None where the request was left after `within` seconds."""
    body = {"prompt": prompt(count, seed), "max_tokens": 1, "cache_prompt": False, "temperature": 0}
    body["stream"] = within is not None
    try:
        async with asyncio.timeout(within), session.post("completions", json=body) as answer:
            return (await answer.json())["timings"] if within is None else await answer.read()
    except TimeoutError:
        return None


async def measured(model: Path, size: int, folder: Path) -> dict[str, float]:
    child = folder / f"child_{size}.py"
    child.write_text(re.sub(r"(?m)^BATCH = \d+", f"BATCH = {size}", engines.CHILD.read_text()))
    usual, engines.CHILD = engines.CHILD, child
    try:
        async with engines.Engine.started(model, alias="m", context=8192, parallel=2, threads=1) as engine:
            headers = {"Authorization": f"Bearer {engine.token}"}
            async with aiohttp.ClientSession(engine.base_url + "/", headers=headers) as session:
                await ask(session, 5, 1)
                timings = await ask(session, WORDS, 2)
                await ask(session, WORDS, 3, within=1.0)
                begun = time.monotonic()
                await ask(session, 5, 4)
                waited = time.monotonic() - begun
        return {
            "prompt_tokens": timings["prompt_n"],
            "tokens_per_s": round(timings["prompt_per_second"], 1),
            "next_reply_s": round(waited, 2),
        }
    finally:
        engines.CHILD = usual


def main() -> None:
    if not sys.argv[1:]:
        print("batch: left out, it needs a model (python benchmarks/benchmark_batch.py FILE.gguf)")
        return
    model = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as made:
        rows = {str(size): asyncio.run(measured(model, size, Path(made))) for size in SIZES}
    print(rows)
    save("batch", {"model": model.name, "batches": rows})


if __name__ == "__main__":
    main()
