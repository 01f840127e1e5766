"""Drive held-out tasks greedily through llama.cpp and judge each by the state of the world and the answer.

`--simulated` answers the calls from the generator's servers; without it the real MCP servers run on real files (real.py),
and with `--lmbridge` the whole of lmbridge drives them (lmbridge_driver.py).
"""

from __future__ import annotations

import argparse
import json
import random
import time
import urllib.error
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from checking import faults
from generate import Shelf
from names import Names
from tasks import Task
from tasks_multi import DOUBLE, FAMILIES, LONG, SINGLE
from world import Servers, ToolError

import schemas
from engine import Engine, Outcome, converse

Json = dict[str, Any]


def simulated(engine: Engine, task: Task, names: Names) -> tuple[Outcome, list[str]]:
    """Drive one task against the generator's servers."""
    servers, shelf = Servers(task.world.copy()), Shelf(names, task)

    def call(name: str, arguments: Json) -> str:
        try:
            return servers.call(name.rpartition("__")[2], arguments)
        except ToolError as error:
            return str(error)
        except (AttributeError, TypeError) as error:
            return f"Error: {error}"

    outcome = converse(engine, task.prompt, [schemas.tool(name) for name in shelf.shown], call)
    return outcome, faults(task, outcome, servers.world.files, servers.world.folders)


Drive = Callable[[Task, Names], tuple[Outcome, list[str]]]


def attempt(drive: Drive, task: Task, names: Names) -> tuple[Outcome, list[str]]:
    """Drive one task; a broken reply is a failure, not a crash."""
    try:
        return drive(task, names)
    except (urllib.error.URLError, TimeoutError, ValueError) as error:
        return Outcome(), [f"{type(error).__name__}: {error}"]


def measure(drive: Drive, families: Iterable[str], count: int, names: Names, *, show: int) -> dict[str, float]:
    """The share of tasks done, family by family."""
    shares: dict[str, float] = {}
    for family in families:
        done, started = 0, time.monotonic()
        shown = 0
        for _ in range(count):
            task = FAMILIES[family](names)
            outcome, wrong = attempt(drive, task, names)
            done += not wrong
            if wrong and shown < show:
                shown += 1
                print(f"    {task.prompt}\n      {wrong}\n      calls {outcome.calls}\n      answer {outcome.answer!r}")
        shares[family] = done / count
        print(
            f"{family:24} {done:4}/{count}  {shares[family]:.2f}  {(time.monotonic() - started) / count:.2f} s a task",
            flush=True,
        )
    return shares


def summary(shares: dict[str, float]) -> None:
    """Print the mean of the single, double and long families."""
    for title, group in (("single", SINGLE), ("double", DOUBLE), ("long", LONG)):
        found = [shares[name] for name in group if name in shares]
        if found:
            print(f"{title:24} mean {sum(found) / len(found):.3f}")


def main() -> None:
    """Evaluate a GGUF file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=99)
    parser.add_argument("--families", nargs="*", default=list(FAMILIES))
    parser.add_argument("--simulated", action="store_true")
    parser.add_argument(
        "--trained-names", action="store_true", help="words and wordings of the training instead of held-out ones"
    )
    parser.add_argument("--show", type=int, default=0, help="failures to show in each family")
    parser.add_argument("--servers", type=Path, help="JSON: the commands of the real servers (see README.md)")
    parser.add_argument(
        "--lmbridge", action="store_true", help="through the whole of lmbridge, which has to be installed"
    )
    options = parser.parse_args()
    names = Names(random.Random(options.seed), held_out=not options.trained_names)
    if options.lmbridge:
        from lmbridge_driver import Lmbridge

        with Lmbridge(options.model, json.loads(options.servers.read_text())) as driver:
            names.base = str(driver.scratch.base)
            summary(measure(lambda t, n: driver.drive(t), options.families, options.count, names, show=options.show))
        return
    with Engine(options.model) as engine:
        if options.simulated:
            summary(
                measure(lambda t, n: simulated(engine, t, n), options.families, options.count, names, show=options.show)
            )
            return
        from real import RealWorld

        with RealWorld(json.loads(options.servers.read_text())) as real:
            names.base = str(real.scratch.base)
            summary(
                measure(lambda t, n: real.drive(engine, t), options.families, options.count, names, show=options.show)
            )


if __name__ == "__main__":
    main()
