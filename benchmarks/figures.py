"""Writes the README's table of measured figures from benchmarks/results/*.json; `--check` only says whether it differs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
README = HERE.parent / "README.md"
BEGIN, END = "<!-- figures begin: written by benchmarks/figures.py -->", "<!-- figures end -->"

Row = tuple[str, str, str]


def measured(name: str) -> dict[str, Any]:
    """A benchmark's result; empty where it was not run."""
    file = HERE / "results" / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def rows() -> Iterator[Row]:
    """What is told, each figure beside what it is compared with."""
    yield from _round(measured("rounds"))
    if result := measured("first_request").get("milliseconds"):
        others = "; ".join(f"{name}: {mine['cold']} ms" for name, mine in result.items() if name != "lmbridge")
        yield "A second call, to its first LLM request", f"{result['lmbridge']['warm']} ms", others
    if result := measured("start").get("milliseconds"):
        (other, theirs), (_, ours) = result.items()
        yield "CPU to start, to the first answer", f"{ours['cpu']} ms", f"{other}: {theirs['cpu']} ms"
    if result := measured("streaming").get("cpu_percent_of_a_core"):
        yield (
            "100 streams of 50 tokens a second, of a core",
            f"{result['lmbridge']} %",
            f"hand-written: {result['hand-written']} %",
        )
    if result := measured("prefix").get("rounds"):
        share = min(row["share"] for row in result[1:])
        yield "Prompt found in llama.cpp's cache from round 2 on", f"{share:.0%} and more", ""
    if result := measured("sizes").get("results_in_megabytes"):
        yield (
            "A tool result of 50 MB, until it is dealt with",
            f"{result['lmbridge']['50']['wall_s']} s",
            f"mcp SDK alone: {result['mcp SDK']['50']['wall_s']} s",
        )
    if result := measured("memory").get("after"):
        after = {row["runs"]: row["mib"] for row in result}
        yield "Memory after 1000 runs", f"{after[1000]} MiB", f"after 100: {after[100]} MiB"
    if result := measured("config").get("microseconds"):
        yield "Looking at 5 unchanged servers' files", f"{result['look at 5 unchanged servers']} µs", ""


def _round(result: dict[str, Any]) -> Iterator[Row]:
    costs = {name: mine["10"]["cpu"] for name, mine in result.get("milliseconds_per_round", {}).items() if "10" in mine}
    if "lmbridge" in costs:
        others = "; ".join(f"{name}: {cost} ms" for name, cost in costs.items() if name != "lmbridge")
        yield "CPU of a round, 10 runs at once", f"{costs['lmbridge']} ms", others


def filled(text: str) -> str:
    """The README with its table."""
    before, _, rest = text.partition(BEGIN)
    about = measured("start")["machine"]
    lines = ["| | lmbridge | beside it |", "| --- | --- | --- |"]
    lines += [f"| {what} | {ours} | {beside} |" for what, ours, beside in rows()]
    note = f"*Python {about['python']}, {about['system']}, {about['cores']} cores.*"
    return "\n".join([before + BEGIN, "", *lines, "", note, "", END]) + rest.partition(END)[2]


def main(arguments: list[str]) -> int:
    """Writes the table, or checks it."""
    now = README.read_text(encoding="utf-8")
    wanted = filled(now)
    if "--check" in arguments:
        print("up to date" if wanted == now else "README.md is not what the results say; run benchmarks/figures.py")
        return int(wanted != now)
    README.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
