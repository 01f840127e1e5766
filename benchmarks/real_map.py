"""A map over Markdown files with the real engine: one after another against all slots at once.

Extracts title, date and three keywords by schema from so many generated files, at temperature 0. Told: rate and CPU
seconds of either way, whether the outputs are the same, and how much of the shared beginning of the prompts the engine
found in its cache from the second item on, by the engine's own counts.

    python benchmarks/real_map.py --model FILE [--files 200] [--slots 4] [--threads 2]
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from support.measuring import save

from lmbridge import Assignment, Bridge, MapRequest, Settings
from lmbridge.engine.engine import Engine
from lmbridge.events import RunStarted
from lmbridge.map.items import opened

SUBJECTS = ("rivers", "bridges", "lamps", "bread", "clocks", "maps", "gardens", "letters", "trains", "winters")
PLACES = ("Aarhus", "Bergen", "Cork", "Delft", "Evora", "Graz", "Hamar", "Izola", "Jena", "Kotor")
TEMPLATE = (
    "Below is a Markdown note. Give its title (the first heading), its date (as YYYY-MM-DD) and three keywords "
    "(single words of the note that say what it is about) as JSON. Take every word from the note.\n\nNote:\n{text}"
)
SCHEMA = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "maxLength": 60},
        "date": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
        "keywords": {"type": "array", "items": {"type": "string", "maxLength": 20}, "minItems": 3, "maxItems": 3},
    },
    "required": ["title", "date", "keywords"],
    "additionalProperties": False,
}


def notes(folder: Path, count: int) -> None:
    """So many notes, the same on every machine."""
    chance = random.Random(20)
    for number in range(count):
        subject, place = chance.choice(SUBJECTS), chance.choice(PLACES)
        date = f"20{chance.randint(10, 26)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
        others = chance.sample(SUBJECTS, 2)
        (folder / f"note_{number:03d}.md").write_text(
            f"# The {subject} of {place}\n\nDate: {date}\n\nIn {place} the {subject} are old. People there speak of "
            f"{others[0]} and of {others[1]}, and every year somebody writes a book about the {subject}.\n"
        )


async def run(engine: Engine, folder: Path, out: Path, concurrency: int) -> dict[str, Any]:
    settings = Settings(state_dir=out.parent / f"state-{concurrency}", journal=True)
    assignment = Assignment(TEMPLATE, servers=(), output_schema=SCHEMA, temperature=0.0, max_tokens=120)
    assert engine.pid is not None
    process = psutil.Process(engine.pid)
    pointed = settings.model_copy(update={"base_url": engine.base_url, "api_token": secret(engine.token)})
    async with Bridge.open(pointed) as bridge:
        began, cpu = time.monotonic(), sum(process.cpu_times()[:2])
        own = time.process_time()
        request = MapRequest(assignment, opened(str(folder / "*.md")), out, concurrency=concurrency)
        report = await bridge.map(request)
        seconds = time.monotonic() - began
        lines = [json.loads(line) for line in out.read_text().splitlines()]
        shared = await shared_tokens(engine, [prompt_of(bridge, line["run_id"]) for line in lines[:2]])
    cached = [line["usage"]["cached_tokens"] for line in lines]
    return {
        "concurrency": concurrency,
        "done": report.done,
        "failed": report.failed,
        "seconds": round(seconds, 2),
        "items_per_s": round(report.items / seconds, 3),
        "engine_cpu_s": round(sum(process.cpu_times()[:2]) - cpu, 2),
        "own_cpu_ms_per_item": round((time.process_time() - own) / report.items * 1000, 2),
        "prompt_tokens": [
            min(line["usage"]["prompt_tokens"] for line in lines),
            max(line["usage"]["prompt_tokens"] for line in lines),
        ],
        "shared_tokens": shared,
        "share_cached_first_items": [round(min(count, shared) / shared, 3) for count in cached[:8]],
        "least_share_cached_from_second": round(min(min(count, shared) / shared for count in cached[1:]), 3),
        "outputs": {line["item"]: line["output"] for line in lines},
    }


def secret(token: str) -> Any:
    from pydantic import SecretStr

    return SecretStr(token)


async def shared_tokens(engine: Engine, prompts: list[list[dict[str, str]]]) -> int:
    """Tokens with which two items' prompts begin alike, by the engine's own template and tokenizer."""
    headers = {"Authorization": f"Bearer {engine.token}"}
    root, tokens = engine.base_url.removesuffix("/v1"), []
    async with aiohttp.ClientSession(headers=headers) as session:
        for messages in prompts:
            async with session.post(f"{root}/apply-template", json={"messages": messages}) as answer:
                prompt = (await answer.json())["prompt"]
            async with session.post(f"{root}/tokenize", json={"content": prompt, "parse_special": True}) as answer:
                tokens.append((await answer.json())["tokens"])
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(*tokens, strict=False)))


def prompt_of(bridge: Bridge, run_id: str) -> list[dict[str, str]]:
    """The first prompt of a run, from its journal."""
    begun = next(fact for fact in bridge.journals.facts(run_id) if isinstance(fact, RunStarted))
    return [{"role": "system", "content": begun.system_prompt}, {"role": "user", "content": begun.task}]


async def measure(given: argparse.Namespace, place: Path) -> dict[str, Any]:
    folder = place / "notes"
    folder.mkdir()
    notes(folder, given.files)
    engine = Engine.started(Path(given.model), threads=given.threads, parallel=given.slots, context=given.slots * 2048)
    async with engine:
        one = await run(engine, folder, place / "one.jsonl", 1)
        all_ = await run(engine, folder, place / "all.jsonl", given.slots)
    before, after = one.pop("outputs"), all_.pop("outputs")
    rows = {"files": given.files, "slots": given.slots, "threads": given.threads}
    rows["same_outputs"] = sum(before[item] == after[item] for item in before)
    rows["times_the_rate"] = round(one["seconds"] / all_["seconds"], 2)
    return rows | {"one_by_one": one, "all_slots": all_}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--slots", type=int, default=4)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = asyncio.run(measure(given, Path(folder)))
    print(json.dumps(rows, indent=2))
    save("map", rows)


if __name__ == "__main__":
    main()
