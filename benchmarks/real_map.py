"""A map over Markdown files with the real engine: one after another against all slots at once.

Extracts title, date and three keywords by schema from so many generated files, at temperature 0. Told: rate and CPU
seconds of either way, which outputs differ, how many titles and dates are right, and how much of the shared beginning of
the prompts the engine found in its cache from the second item on, by the engine's own counts.

Both ways are a map with the embedded engine as users get it, with a part of the context for each of its slots: once with
one item at a time, once with as many as it has slots. The first is what `lmbridge run` one after another costs, and less,
since servers and model are looked at once; how much less, a third way shows for the first files of each piece, `lmbridge
run` in a loop, each with its own process and engine.

It is done in pieces, in which both ways take turns, each on an engine of its own, so that a machine that is busier for a
while is so for both and no way finds the other's prompts in the cache. What is measured is kept in a folder: called
again, it goes on. With `--as-it-comes` the engine is not told to repeat itself (`LMBRIDGE_ENGINE_REPEATABLE`).

    python benchmarks/real_map.py --model FILE --work FOLDER [--files 200] [--piece 100] [--limit SECONDS]
        [--slots 4] [--threads 2] [--loop 10] [--as-it-comes]
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import importlib.metadata
import itertools
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from support.measuring import RESULTS, save

from lmbridge import Assignment, Bridge, MapRequest, Settings
from lmbridge.engine.engine import CHILD
from lmbridge.events import RunStarted
from lmbridge.llm.client import LLMClient
from lmbridge.map.items import Item, Items

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


def notes(folder: Path, count: int) -> dict[str, tuple[str, str]]:
    """So many notes, the same on every machine; what is right for each: title and date."""
    chance, right = random.Random(20), {}
    for number in range(count):
        subject, place = chance.choice(SUBJECTS), chance.choice(PLACES)
        date = f"20{chance.randint(10, 26)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
        others = chance.sample(SUBJECTS, 2)
        path = folder / f"note_{number:03d}.md"
        path.write_text(
            f"# The {subject} of {place}\n\nDate: {date}\n\nIn {place} the {subject} are old. People there speak of "
            f"{others[0]} and of {others[1]}, and every year somebody writes a book about the {subject}.\n"
        )
        right[path.name] = (f"The {subject} of {place}", date)
    return right


def piece(folder: Path, number: int, size: int) -> Items:
    """The items of one piece: the next so many files."""
    paths = sorted(map(str, folder.glob("*.md")))[number * size : (number + 1) * size]
    return Items(f"piece {number}", lambda: (Item(path, path, file=True) for path in paths))


async def way(given: argparse.Namespace, number: int, concurrency: int) -> dict[str, Any]:
    """One piece in one way, on an engine of its own."""
    items = piece(given.work / "notes", number, given.piece)
    out = given.work / f"piece-{number}-{concurrency}.jsonl"
    out.unlink(missing_ok=True)  # of a call that was cut off
    settings = Settings(
        backend="embedded",
        engine_model=str(given.model),
        engine_threads=given.threads,
        engine_repeatable=not given.as_it_comes,
        slots=given.slots,
        state_dir=out.with_suffix(".state"),
    )
    async with Bridge.open(settings) as bridge:
        return await run(bridge, items, out, concurrency)


def loop(given: argparse.Namespace, number: int) -> dict[str, Any]:
    """The first files of a piece by `lmbridge run`, one after another, as a script would: a process and an engine each."""
    schema = given.work / "schema.json"
    schema.write_text(json.dumps(SCHEMA))
    environment = {
        **os.environ,
        "LMBRIDGE_BACKEND": "embedded",
        "LMBRIDGE_ENGINE_MODEL": str(given.model),
        "LMBRIDGE_ENGINE_THREADS": str(given.threads),
        "LMBRIDGE_ENGINE_REPEATABLE": str(not given.as_it_comes),
        "LMBRIDGE_SLOTS": str(given.slots),
        "LMBRIDGE_STATE_DIR": str(given.work / f"loop-{number}.state"),
    }
    command = [
        sys.executable,
        "-m",
        "lmbridge",
        "run",
        "--quiet",
        "--json",
        "--schema",
        str(schema),
        "--max-tokens",
        "120",
    ]
    outputs, began = {}, time.monotonic()
    for item in itertools.islice(piece(given.work / "notes", number, given.piece), given.loop):
        path = Path(item.value)
        task = TEMPLATE.replace("{text}", path.read_text())
        done = subprocess.run([*command, task], env=environment, check=True, capture_output=True)
        outputs[path.name] = json.loads(done.stdout)["output"]
    return {"items": len(outputs), "seconds": time.monotonic() - began, "outputs": outputs}


async def run(bridge: Bridge, items: Items, out: Path, concurrency: int) -> dict[str, Any]:
    assignment = Assignment(TEMPLATE, servers=(), output_schema=SCHEMA, temperature=0.0, max_tokens=120)
    (process,) = (each for each in psutil.Process().children() if str(CHILD) in each.cmdline())
    began, cpu = time.monotonic(), sum(process.cpu_times()[:2])
    own = time.process_time()
    request = MapRequest(assignment, items, out, concurrency=concurrency)
    report = await bridge.map(request)
    seconds = time.monotonic() - began
    engine_cpu, own_cpu = sum(process.cpu_times()[:2]) - cpu, time.process_time() - own
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    shared = await shared_tokens(bridge.backend.client, [prompt_of(bridge, line["run_id"]) for line in lines[:2]])
    prompts = [line["usage"]["prompt_tokens"] for line in lines]
    return {
        "items": report.items,
        "failed": report.failed,
        "seconds": seconds,
        "engine_cpu_s": engine_cpu,
        "own_cpu_s": own_cpu,
        "prompt_tokens": [min(prompts), max(prompts)],
        "completion_tokens": sum(line["usage"]["completion_tokens"] for line in lines),
        "shared_tokens": shared,
        "cached_tokens": [line["usage"]["cached_tokens"] for line in lines],
        "outputs": {Path(line["item"]).name: line["output"] for line in lines},
    }


async def shared_tokens(engine: LLMClient, prompts: list[list[dict[str, str]]]) -> int:
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


def told(pieces: list[dict[str, Any]]) -> dict[str, Any]:
    """What all pieces of one way come to."""
    items, seconds = sum(each["items"] for each in pieces), sum(each["seconds"] for each in pieces)
    shares = [
        [min(1.0, count / each["shared_tokens"]) for count in each["cached_tokens"][1:]] for each in pieces
    ]  # fmt: skip
    return {
        "failed": sum(each["failed"] for each in pieces),
        "seconds": round(seconds, 1),
        "items_per_s": round(items / seconds, 3),
        "engine_cpu_s": round(sum(each["engine_cpu_s"] for each in pieces), 1),
        "own_cpu_ms_per_item": round(sum(each["own_cpu_s"] for each in pieces) / items * 1000, 1),
        "prompt_tokens": [
            min(each["prompt_tokens"][0] for each in pieces),
            max(each["prompt_tokens"][1] for each in pieces),
        ],
        "shared_tokens": pieces[0]["shared_tokens"],
        "completion_tokens": sum(each["completion_tokens"] for each in pieces),
        "least_share_cached_from_second": round(min(map(min, shares)), 3),
        "under_95_percent_cached": sum(share < 0.95 for each in shares for share in each),
    }


def compared(
    given: argparse.Namespace, done: list[dict[str, Any]], right: dict[str, tuple[str, str]]
) -> dict[str, Any]:
    """Both ways side by side."""
    ways = {name: [each[name] for each in done] for name in ("one_by_one", "all_slots")}
    outputs = {
        name: {item: out for each in pieces for item, out in each["outputs"].items()} for name, pieces in ways.items()
    }
    one, many = outputs["one_by_one"], outputs["all_slots"]
    rows = {"files": len(one), "piece": given.piece, "slots": given.slots, "threads": given.threads}
    rows["repeatable"] = not given.as_it_comes
    rows["different"] = {item: [one[item], many[item]] for item in one if one[item] != many[item]}
    for name, found in outputs.items():
        hits = [(out or {}) for out in found.values()]
        truth = [right[item] for item in found]
        ways_right = {
            "titles": sum(out.get("title") == title for out, (title, _) in zip(hits, truth, strict=True)),
            "dates": sum(out.get("date") == date for out, (_, date) in zip(hits, truth, strict=True)),
        }
        rows[name] = told(ways[name]) | {"right": ways_right}
    rows["times_the_rate"] = round(rows["one_by_one"]["seconds"] / rows["all_slots"]["seconds"], 2)
    return rows | looped(done, rows["all_slots"]["items_per_s"])


def looped(done: list[dict[str, Any]], rate: float) -> dict[str, Any]:
    """What the loop took, and how many times its rate a map with all slots has."""
    loops = [each["loop"] for each in done if each.get("loop")]
    items = sum(each["items"] for each in loops)
    if not items:
        return {}
    each_s = sum(each["seconds"] for each in loops) / items
    return {"loop": {"items": items, "s_an_item": round(each_s, 2), "times_the_rate": round(rate * each_s, 2)}}


async def measure(given: argparse.Namespace, until: float) -> dict[str, Any]:
    """What is measured so far; where the time is over before all is, another call goes on."""
    (given.work / "notes").mkdir(parents=True, exist_ok=True)
    right = notes(given.work / "notes", given.files)
    kept, done = given.work / "pieces.json", []
    if kept.exists():
        done = json.loads(kept.read_text())
    for number in range(len(done), -(-given.files // given.piece)):
        if time.monotonic() > until and done:
            break
        order = (1, given.slots) if number % 2 == 0 else (given.slots, 1)
        found = {concurrency: await way(given, number, concurrency) for concurrency in order}
        done.append({"one_by_one": found[1], "all_slots": found[given.slots]})
        kept.write_text(json.dumps(done))
        print(f"piece {number}: {found[1]['seconds']:.1f} s, {found[given.slots]['seconds']:.1f} s", flush=True)
    for number, each in enumerate(done):
        if given.loop and "loop" not in each:
            each["loop"] = loop(given, number)
            kept.write_text(json.dumps(done))
            print(f"piece {number}: {each['loop']['items']} runs in {each['loop']['seconds']:.1f} s", flush=True)
    model = {"name": given.model.name, "sha256": hashlib.sha256(given.model.read_bytes()).hexdigest()}
    engine = importlib.metadata.version("xllamacpp")
    return {"model": model, "xllamacpp": engine} | compared(given, done, right)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, type=Path)
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--piece", type=int, default=100)
    parser.add_argument("--limit", type=float, default=3600.0)
    parser.add_argument("--slots", type=int, default=4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--loop", type=int, default=10)
    parser.add_argument("--as-it-comes", action="store_true")
    given = parser.parse_args()
    rows = asyncio.run(measure(given, time.monotonic() + given.limit))
    print(json.dumps(rows, indent=2))
    (RESULTS / "real").mkdir(exist_ok=True)
    save("real/map", rows)


if __name__ == "__main__":
    main()
