"""Writes the tables of docs/PERFORMANCE.md, docs/SCALING.md and of the README anew from benchmarks/results/*.json.

`--check` only says whether they differ.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import figures

HERE = Path(__file__).parent
DOCUMENTS = tuple(HERE.parent / "docs" / name for name in ("PERFORMANCE.md", "SCALING.md"))
BEGIN, END = "<!-- benchmark {} begin -->", "<!-- benchmark {} end -->"

Result = dict[str, Any]


def table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    lines = [list(map(str, head))]
    lines += [list(map(str, row)) for row in rows]
    body = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([body[0], "|" + "---|" * len(lines[0]), *body[1:]])


def rounds(result: Result) -> str:
    costs = result["milliseconds_per_round"]
    rows = [
        [name, *(f"{mine[n]['cpu']} / {mine[n]['wall']}" if n in mine else "–" for n in ("1", "10", "100"))]
        for name, mine in costs.items()
    ]
    text = table(["CPU / wall, milliseconds a round", "1 run", "10 at once", "100 at once"], rows)
    ratios = result["ratios"]
    lines = [f"CPU against the hand-written loop: {_named(ratios['lmbridge_to_hand_written'], 'at once')}."]
    if ratios["lmbridge_to_best_framework"]:
        lines.append(f"Against the best framework, 10 at once: {ratios['lmbridge_to_best_framework']}.")
    lines.append(
        f"A round of 100 runs against one of a single run: lmbridge {ratios['lmbridge_100_to_1']}, "
        f"the hand-written loop {ratios['hand_written_100_to_1']}."
    )
    return text + "\n\n" + " ".join(lines)


def _named(values: dict[str, Any], what: str) -> str:
    return ", ".join(f"{value} with {name} {what}" for name, value in values.items())


def first_request(result: Result) -> str:
    rows = [[name, mine.get("cold", "–"), mine.get("warm", "–")] for name, mine in result["milliseconds"].items()]
    return table(["call to first LLM request, milliseconds", "servers not started", "servers warm"], rows)


def start(result: Result) -> str:
    rows = [[name, mine["wall"], mine["cpu"]] for name, mine in result["milliseconds"].items()]
    rows.append(["ratio", result["ratio"]["wall"], result["ratio"]["cpu"]])
    rows.append(["ratio without a handshake (2026-07-28)", result["ratio_2026"]["wall"], result["ratio_2026"]["cpu"]])
    rows += [[name, "–", cpu] for name, cpu in result["commands_cpu"].items()]
    beside = table(["milliseconds", "wall"], result["beside"].items())
    return (
        table(["start to the answers of `initialize` and `tools/list`, milliseconds", "wall", "CPU"], rows)
        + "\n\n"
        + beside
    )


def config(result: Result) -> str:
    return table(["act", "microseconds"], result["microseconds"].items())


def sizes(result: Result) -> str:
    rows = [
        [name, f"{size} MB", row["wall_s"], row["cpu_s"], row["loop_blocked_s"], row["got"]]
        for name, mine in result["results_in_megabytes"].items()
        for size, row in mine.items()
    ]
    large = table(["", "result", "wall, s", "CPU, s", "longest block of the loop, s", "outcome"], rows)
    many = [
        [
            count,
            row["bytes_of_all_schemas"],
            row["bytes_of_the_largest_request"],
            row["cpu_ms_per_run"],
            f"{row['cpu_ms_of_the_first_search']} / {row['cpu_ms_of_a_later_search']}",
        ]
        for count, row in result["catalogues"].items()
    ]
    head = ["tools", "bytes of all schemas", "bytes of the largest request"]
    head += ["CPU of a run of one turn, ms", "CPU of a search, the process's first / in later runs, ms"]
    return large + "\n\n" + table(head, many)


def recall(result: Result) -> str:
    def percent(value: float) -> str:
        return f"{100 * value:.0f} %"

    rows = []
    for count, row in result["figure"].items():
        ours, plain = row["find_tools"], row["shared_words"]
        seen = "with its arguments" if row["whole_in_first_request"] else "its name"
        at_once = row["whole_in_first_request"] or row["named_in_first_request"]
        shares = [f"{percent(ours[what])} / {percent(plain[what])}" for what in ("first", "whole", "named")]
        rows.append([count, f"{seen}: {percent(at_once)}" if at_once else "no", *shares])
    head = ["tools", "in the first request", "first found", "found, with its arguments", "found, at least its name"]
    return table(head, rows)


def prefix(result: Result) -> str:
    rows = [[row["round"], row["prompt"], row["cached"], f"{row['share']:.1%}"] for row in result["rounds"]]
    return table(["round", "prompt tokens", "found in the cache", "share"], rows)


def beginnings(result: Result) -> str:
    first = result["rows"]["the first run"]
    rows = [
        [name, row["prompt"], row["cached"], row["cpu_s"], round(row["cpu_s"] / first["cpu_s"], 3)]
        for name, row in result["rows"].items()
    ]
    head = [
        f"{result['model']}, {result['MB']} MB kept",
        "prompt tokens",
        "found in the cache",
        "CPU s to the first token",
        "ratio",
    ]
    return table(head, rows)


def memory(result: Result) -> str:
    columns = ("runs", "mib", "blocks", "objects", "descriptors", "processes")
    head = [
        "runs",
        "MiB",
        "blocks of memory in use",
        "objects that can refer to others",
        "descriptors",
        "child processes",
    ]
    return table(head, [[row[column] for column in columns] for row in result["after"]])


def streaming(result: Result) -> str:
    rows = [[name, value] for name, value in result["cpu_percent_of_a_core"].items()]
    return table(["100 streams of 50 tokens/s", "CPU, % of a core"], [*rows, ["ratio", result["ratio"]]])


def long_reply(result: Result) -> str:
    rows = [
        [kind, mine["in the loop"]["busy_ms"], mine["lmbridge"]["busy_ms"], mine["lmbridge"]["held_ms"]]
        for kind, mine in result["longest_stretch"].items()
    ]
    head = ["5 MB of", "all in the loop, ms", "lmbridge, ms", "lmbridge with its threads, ms"]
    return table(head, rows)


def batch(result: Result) -> str:
    rows = [[f"{size} tokens", mine["tokens_per_s"], mine["next_reply_s"]] for size, mine in result["batches"].items()]
    return table(["batch", "prompt read, tokens/s", "next short reply after a cancel, s"], rows)


def multi_model(result: Result) -> str:
    rows = [[f"validate a model: {what}, µs", value] for what, value in result["validation_microseconds"].items()]
    rows.append(["switch in mid-generation to the new model's answer, ms", result["switch_milliseconds"]])
    runs = result["cpu_milliseconds_per_run_with_the_fake_in_the_same_process"]
    rows += [
        [f"a run of one turn, thirty at once on {what}: CPU with the fake's, ms", value] for what, value in runs.items()
    ]
    return table(["act", "median"], rows)


def servers(result: Result) -> str:
    crowds = result["servers"]
    rows = [[act, *(mine[act] for mine in crowds.values())] for act in next(iter(crowds.values()))]
    counts = [f"{count} server{'s' if count != '1' else ''}" for count in crowds]
    beside = [[act, value] for act, value in result["beside_two_that_flood"].items()]
    return table(["", *counts], rows) + "\n\n" + table(["while two others flood", ""], beside)


def parts(result: Result) -> str:
    rows = [[name, mine["us"], mine["floor_us"], mine["ratio"]] for name, mine in _measured(result).items()]
    return table(["part", "CPU, µs", "its floor, µs", "ratio"], rows)


def gate(result: Result) -> str:
    rows = [[name, value] for name, value in result["cpu_us"].items()]
    rows.append(["taking in a result of 4,000 characters", result["per_result_us"]])
    return table(
        [f"a call judged after {result['results_read']} results of {result['chars_each']} characters", "CPU, µs"], rows
    )


def scale(result: Result) -> str:
    rows = [
        [mark["items"], mark["cpu_ms_per_item"], mark["mib_more"], mark["items_per_s"]]
        for row in result["items"].values()
        for mark in row["on_the_way"]
        if mark["items"] in {1_000, 10_000, 30_000, 50_000, 100_000}
    ]
    head = ["items so far", "CPU an item, ms", "memory more than before, MiB", "items a second"]
    last = [
        [
            count,
            row["results_mib"],
            row["results_read_s"],
            row["list_of_runs_s"],
            row["resume_looks_s"],
            row["journals_mib"],
        ]
        for count, row in result["items"].items()
    ]
    left = [
        "items",
        "results, MiB",
        "results read, s",
        "list of runs, s",
        "what `--resume` looks at, s",
        "journals, MiB",
    ]
    about = (
        f"{result['backends']} backends of {result['slots_each']} slots, stood for by one fake that answers at once."
    )
    return table(head, rows) + "\n\n" + table(left, last) + "\n\n" + about


def cluster(result: Result) -> str:
    rows = [
        [name, result[key]["items_per_s"], result[key]["seconds"], result[key]["ready_s"]]
        for name, key in (("one node", "one_node"), ("two nodes", "two_nodes"))
    ]
    head = [f"{result['items']} items", "items a second", "seconds", "until the nodes were ready, s"]
    return table(head, rows) + f"\n\n{result['times_the_rate']} times the rate."


def real_map(result: Result) -> str:
    one, many = result["one_by_one"], result["all_slots"]
    rows = [
        [name, one[key], many[key]]
        for name, key in (
            ("seconds", "seconds"),
            ("items a second", "items_per_s"),
            ("CPU of the engine, s", "engine_cpu_s"),
            ("CPU of lmbridge an item, ms", "own_cpu_ms_per_item"),
            ("failed", "failed"),
            ("items from the second on with under 95 % of the shared beginning cached", "under_95_percent_cached"),
        )
    ]
    rows += [[f"right {what}", one["right"][what], many["right"][what]] for what in ("titles", "dates")]
    head = [f"{result['files']} files", "one after another", f"{result['slots']} at once"]
    told = (
        f"{result['times_the_rate']} times the rate; {len(result['different'])} of {result['files']} outputs differ. "
        f"`{result['model']['name']}` (SHA-256 `{result['model']['sha256']}`), xllamacpp {result['xllamacpp']}, "
        f"{result['threads']} thread{'s' * (result['threads'] > 1)}, temperature 0, "
        f"{'told to repeat itself' if result.get('repeatable') else 'as it comes'}; "
        f"{one['shared_tokens']} tokens of about {one['prompt_tokens'][1]} are the same "
        f"for all files. In pieces of {result['piece']} files, the two ways in turn, each on a fresh engine."
    )
    return table(head, rows) + "\n\n" + told


def real_slots(result: Result) -> str:
    rows = [
        ["most at work at one time", result["most_at_work"]],
        ["a run from its beginning to its end, median, s", result["median_s"]],
        ["longest, s", result["longest_s"]],
        ["longest to median", result["longest_to_median"]],
        ["median of each process, s", " / ".join(map(str, result["median_of_each_process_s"]))],
        ["a killed process held all: next answer after, s", " / ".join(map(str, result["answer_after_kill_s"]))],
    ]
    head = [f"{result['processes']} processes with {result['runs_each']} runs each, {result['slots']} slots", ""]
    return table(head, rows)


def _measured(result: Result) -> Result:
    return {name: value for name, value in result.items() if isinstance(value, dict) and name != "machine"}


TABLES: dict[str, Callable[[Result], str]] = {
    "rounds": rounds,
    "first_request": first_request,
    "start": start,
    "config": config,
    "sizes": sizes,
    "recall": recall,
    "prefix": prefix,
    "beginnings": beginnings,
    "memory": memory,
    "streaming": streaming,
    "long_reply": long_reply,
    "batch": batch,
    "multi_model": multi_model,
    "servers": servers,
    "parts": parts,
    "gate": gate,
    "scale": scale,
    "cluster": cluster,
    "real/map": real_map,
    "real/slots": real_slots,
}


def filled(text: str) -> str:
    """The document with every table that has a result."""
    for name, make in TABLES.items():
        file = HERE / "results" / f"{name}.json"
        begin, end = BEGIN.format(name), END.format(name)
        if not file.exists() or begin not in text:
            continue
        result = json.loads(file.read_text(encoding="utf-8"))
        about = result["machine"]
        note = f"*Python {about['python']}, {about['system']}, {about['cores']} cores.*"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = f"{before}{begin}\n\n{make(result)}\n\n{note}\n\n{end}{after}"
    return text


def main(arguments: list[str]) -> int:
    stale = False
    for document in DOCUMENTS:
        now = document.read_text(encoding="utf-8")
        wanted = filled(now)
        stale = stale or wanted != now
        if "--check" not in arguments:
            document.write_text(wanted, encoding="utf-8")
        elif wanted != now:
            print(f"docs/{document.name} is not what the results say")
    if "--check" in arguments:
        print("looked at the tables")
        return int(stale) | figures.main(arguments)
    return figures.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
