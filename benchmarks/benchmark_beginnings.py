"""What a run's first token costs where an earlier run began alike: in the same engine's life, after others, and in a later one.

    python benchmarks/benchmark_beginnings.py FILE.gguf

A system message and fourteen tools as small models get them, another task each time, one thread. The CPU is the engine's, from
the request to its first token, what is read and written in files included.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import psutil
from benchmark_prefix import TOOLS
from support.measuring import save

from lmbridge import Settings
from lmbridge.engine.engine import Engine
from lmbridge.llm.backend import Backend
from lmbridge.llm.pinning import pin
from lmbridge.messages import Message, ReplyOptions

RULES = "Look before you answer: tell only what a result says, with its exact names and numbers. " * 12
OTHERS = "You translate whatever the user says into plain words, a sentence for each thought, and nothing else. " * 16
ONE = ReplyOptions(max_tokens=1, temperature=0.0)


async def first_token(engine: Engine, backend: Backend, task: str, rules: str = RULES) -> dict[str, float]:
    """Seconds, the engine's CPU seconds, and the tokens of one first request."""
    assert engine.pid is not None
    process, pinned = psutil.Process(engine.pid), await pin(backend, None)
    begun, cpu = time.perf_counter(), process.cpu_times()
    messages = [Message("system", rules), Message("user", task)]
    turn = await pinned.reply(messages, TOOLS, ONE, on_delta=lambda _: None)
    after = process.cpu_times()
    return {
        "wall_s": round(time.perf_counter() - begun, 2),
        "cpu_s": round(after.user + after.system - cpu.user - cpu.system, 2),
        "prompt": turn.usage.prompt_tokens,
        "cached": turn.usage.cached_tokens,
    }


async def life(model: Path, folder: Path, *tasks: tuple[str, str]) -> list[dict[str, float]]:
    """One engine from its start to its end."""
    engine = Engine.started(model, threads=1, context=16_384, parallel=4, shared=False, slots_folder=folder)
    async with (
        engine,
        Backend(Settings(), base_url=engine.base_url, token=engine.token, slots_folder=engine.slots_folder) as backend,
    ):
        backend.keep_beginnings(engine.slots_mark, lambda: engine.lives)
        return [await first_token(engine, backend, task, rules) for task, rules in tasks]


async def measure(model: Path) -> dict[str, dict[str, float]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "engine")
        first, second, _, again = await life(
            model,
            folder,
            ("Count the photos.", RULES),
            ("Which file is the oldest?", RULES),
            ("Good morning.", OTHERS),
            ("Move the letters.", RULES),
        )
        [later] = await life(model, folder, ("Write down the price.", RULES))
        size = sum(path.stat().st_size for path in folder.iterdir())
    rows = {
        "the first run": first,
        "the next run": second,
        "a run after another conversation": again,
        "a run of a later engine": later,
    }
    return {"rows": rows, "MB": round(size / 1e6, 1), "model": model.stem}


def main() -> None:
    if not sys.argv[1:]:
        print("beginnings: left out, it needs a model (python benchmarks/benchmark_beginnings.py FILE.gguf)")
        return
    result = asyncio.run(measure(Path(sys.argv[1])))
    for name, row in result["rows"].items():
        print(name, row)
    save("beginnings", result)


if __name__ == "__main__":
    main()
