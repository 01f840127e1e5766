"""The command line: `python benchmarks/real_models run|list|summary|report …`."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

import real_models.tasks  # noqa: F401  (fills the registry)
from real_models.registry import TASKS, Task
from real_models.report import report
from real_models.running import ARMS, CONTEXT, Limits, Plan, free_cores, read_rows, run_all
from real_models.summary import summary

DEFAULT_ROWS = Path(".cache/real_models/rows.jsonl")
PARTS = {
    "tune": ("tune",),
    "held-out": ("held-out",),
    "unseen": ("unseen",),
    "fresh": ("fresh",),
    "later": ("later",),
    "workday": ("workday",),
    "everyday": ("everyday",),
    "errands": ("errands",),
    "chores": ("chores",),
    "neighbours": ("neighbours",),
    "both": ("tune", "held-out"),
    "all": ("tune", "held-out", "unseen", "fresh", "later", "workday", "everyday", "errands", "chores", "neighbours"),
}
"""What `--half` names: one part of the bench, the two halves of the same kinds, or everything."""


def chosen(arguments: argparse.Namespace) -> list[Task]:
    """The tasks asked for, those with the same servers together, so that the engine's cache serves every arm alike."""
    tasks = list(TASKS.values())
    tasks = [task for task in tasks if task.half in PARTS[arguments.half]]
    if arguments.tasks:
        unknown = set(arguments.tasks.split(",")) - set(TASKS)
        if unknown:
            sys.exit(f"unknown tasks: {', '.join(sorted(unknown))}; `list` shows them")
        tasks = [TASKS[name] for name in arguments.tasks.split(",")]
    if arguments.kinds:
        tasks = [task for task in tasks if task.kind in arguments.kinds.split(",")]
    return sorted(tasks, key=lambda task: task.servers)


def parser() -> argparse.ArgumentParser:
    main = argparse.ArgumentParser(prog="python benchmarks/real_models", description=__doc__)
    commands = main.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run tasks with one arm and one model; rows that are there are not run again")
    listed = commands.add_parser("list", help="show the tasks")
    for each in (run, listed):
        each.add_argument("--half", choices=PARTS, default="tune")
        each.add_argument("--tasks", help="names with commas, of any part")
        each.add_argument("--kinds", help="kinds with commas")
    run.add_argument("--arm", choices=ARMS, default="lmbridge")
    run.add_argument("--label", default="", help="sets rows apart from those of the same arm with other settings")
    run.add_argument("--model", type=Path, required=True, metavar="FILE")
    run.add_argument("--seeds", default="1", help="numbers with commas")
    run.add_argument("--rows", type=Path, default=DEFAULT_ROWS, metavar="FILE")
    run.add_argument("--rounds", type=int, default=12)
    run.add_argument("--limit-s", type=float, default=300.0)
    run.add_argument("--temperature", default="0", help="a number, or `default` to leave it to the arm")
    run.add_argument("--threads", type=int, help="of the engine; the cores that are free now when left out")
    run.add_argument("--context", type=int, default=CONTEXT, help="of the engine, in tokens")
    run.add_argument("--profile", help="LMBRIDGE_PROFILE of the lmbridge arm")
    run.add_argument("--python", default=sys.executable, help="interpreter of the lmbridge that is measured")
    run.add_argument("--again", action="store_true", help="also what has a row; the newer row counts")
    run.add_argument("--no-transcripts", action="store_true")
    summed = commands.add_parser("summary", help="sum up rows")
    summed.add_argument("rows", type=Path, nargs="*", default=[DEFAULT_ROWS])
    summed.add_argument("--half", choices=PARTS, default="all")
    summed.add_argument("--failures", action="store_true", help="also each task that was not completed")
    reported = commands.add_parser("report", help="write the tables of docs/REAL_MODELS.md from the committed rows")
    reported.add_argument("--check", action="store_true", help="only say whether they differ")
    return main


def run(arguments: argparse.Namespace) -> int:
    settings = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("LMBRIDGE_") and not name.startswith("LMBRIDGE_TEST_")  # where this machine has its servers
    }
    if arguments.profile:
        settings["LMBRIDGE_PROFILE"] = arguments.profile
    temperature = None if arguments.temperature == "default" else float(arguments.temperature)
    plan = Plan(
        arguments.arm,
        arguments.model.resolve(),
        arguments.rows,
        label=arguments.label,
        limits=Limits(arguments.rounds, arguments.limit_s, temperature=temperature),
        threads=arguments.threads or free_cores(),
        context=arguments.context,
        python=arguments.python,
        settings=settings,
        transcripts=None if arguments.no_transcripts else arguments.rows.parent / "transcripts",
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that arms and servers are ended as well
    seeds = [int(each) for each in arguments.seeds.split(",")]
    rows = asyncio.run(run_all(plan, chosen(arguments), seeds, again=arguments.again))
    print(summary(rows))
    return 0


def main(given: list[str] | None = None) -> int:
    arguments = parser().parse_args(given)
    if arguments.command == "run":
        return run(arguments)
    if arguments.command == "report":
        return report(check=arguments.check)
    if arguments.command == "list":
        for task in chosen(arguments):
            print(f"{task.name:24} {task.half:9} {task.kind:18} {task.calls} {', '.join(task.servers)}")
        return 0
    newest = {(r["arm"], r["sha256"], r["task"], r["seed"]): r for file in arguments.rows for r in read_rows(file)}
    rows = [row for row in newest.values() if row["half"] in PARTS[arguments.half]]
    print(summary(rows, failures=arguments.failures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
