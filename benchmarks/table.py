"""Writes the bars and tables of docs/PERFORMANCE.md, docs/SCALING.md, docs/CLIENTS.md and of the README anew from benchmarks/results/*.json.

`--check` only says whether they differ.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import figures
from bars import chart

HERE = Path(__file__).parent
DOCUMENTS = tuple(HERE.parent / "docs" / name for name in ("PERFORMANCE.md", "SCALING.md", "CLIENTS.md"))
BEGIN, END = "<!-- benchmark {} begin -->", "<!-- benchmark {} end -->"

Result = dict[str, Any]


def table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    lines = [list(map(str, head))]
    lines += [list(map(str, row)) for row in rows]
    body = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([body[0], "|" + "---|" * len(lines[0]), *body[1:]])


def rounds(result: Result) -> str:
    costs = result["milliseconds_per_round"]
    groups = [
        (f"CPU, milliseconds a round: {what}", [(name, mine[n]["cpu"]) for name, mine in costs.items() if n in mine])
        for n, what in (("1", "1 run"), ("10", "10 at once"), ("100", "100 at once"))
    ]
    wall = [
        f"{name} {' / '.join(str(mine[n]['wall']) for n in ('1', '10', '100') if n in mine)}"
        for name, mine in costs.items()
    ]
    ratios = result["ratios"]
    lines = [f"CPU against the hand-written loop: {_named(ratios['lmbridge_to_hand_written'], 'at once')}."]
    if ratios["lmbridge_to_best_framework"]:
        lines.append(f"Against the best framework, 10 at once: {ratios['lmbridge_to_best_framework']}.")
    lines.append(
        f"A round of 100 runs against one of a single run: lmbridge {ratios['lmbridge_100_to_1']}, "
        f"the hand-written loop {ratios['hand_written_100_to_1']}."
    )
    lines.append(f"By the clock on the wall, milliseconds, in the same order: {'; '.join(wall)}.")
    return chart(*groups) + "\n\n" + " ".join(lines)


def _named(values: dict[str, Any], what: str) -> str:
    return ", ".join(f"{value} with {name} {what}" for name, value in values.items())


def first_request(result: Result) -> str:
    measured = result["milliseconds"]
    kinds = (("servers not started", "cold"), ("servers warm", "warm"))
    return chart(
        *(
            (
                f"call to first LLM request, milliseconds: {what}",
                [(name, mine.get(key)) for name, mine in measured.items()],
            )
            for what, key in kinds
        )
    )


def start(result: Result) -> str:
    measured = result["milliseconds"]
    to_tools = "start to the answers of `initialize` and `tools/list`, milliseconds"
    drawn = chart(
        *(
            (f"{to_tools}: {what}", [(name, mine[what.lower()]) for name, mine in measured.items()])
            for what in ("wall", "CPU")
        ),
        ("a command from start to end, milliseconds: CPU", list(result["commands_cpu"].items())),
        ("milliseconds: wall", list(result["beside"].items())),
    )
    ratio, new = result["ratio"], result["ratio_2026"]
    told = f"lmbridge takes {ratio['wall']} of the SDK's time and {ratio['cpu']} of its CPU"
    return f"{drawn}\n\n{told}; without a handshake (2026-07-28) {new['wall']} and {new['cpu']}."


def config(result: Result) -> str:
    return chart(("microseconds", list(result["microseconds"].items())))


def sizes(result: Result) -> str:
    large = [
        (f"{heading}", [(f"{name}, {size} MB", row[key]) for name, size, row in _large(result)])
        for heading, key in (
            ("wall, s", "wall_s"),
            ("CPU, s", "cpu_s"),
            ("longest block of the loop, s", "loop_blocked_s"),
        )
    ]
    got = "; ".join(f"{name}, {size} MB: {row['got']}" for name, size, row in _large(result))
    catalogues = result["catalogues"]
    headings = {
        "bytes_of_all_schemas": "bytes of all schemas",
        "bytes_of_the_largest_request": "bytes of the largest request",
        "cpu_ms_per_run": "CPU of a run of one turn, ms",
        "cpu_ms_of_the_first_search": "CPU of a process's first search, ms",
        "cpu_ms_of_a_later_search": "CPU of a later search, ms",
    }
    many = [
        (heading, [(f"{count} tools", row[key]) for count, row in catalogues.items()])
        for key, heading in headings.items()
    ]
    return f"{chart(*large)}\n\nWhat arrived: {got}.\n\n{chart(*many)}"


def _large(result: Result) -> list[tuple[str, str, Result]]:
    measured = result["results_in_megabytes"]
    return [(name, size, row) for name, mine in measured.items() for size, row in mine.items()]


def recall(result: Result) -> str:
    kinds = (("first", "found first"), ("whole", "found, with its arguments"), ("named", "found, at least its name"))
    groups, at_once = [], []
    for count, row in result["figure"].items():
        drawn: list[tuple[str, Any]] = []
        for what, told in kinds:
            drawn += [
                (told, round(100 * row["find_tools"][what])),
                ("  shared words", round(100 * row["shared_words"][what])),
            ]
        groups.append((f"{count} tools, % of the tasks", drawn))
        shown = "with its arguments" if row["whole_in_first_request"] else "by its name"
        share = row["whole_in_first_request"] or row["named_in_first_request"]
        at_once.append(f"of {count}, {f'{100 * share:.0f} % {shown}' if share else 'none'}")
    return chart(*groups, largest=100) + f"\n\nIn the first request already: {'; '.join(at_once)}."


def prefix(result: Result) -> str:
    rows = [
        (f"round {row['round']}: {row['cached']} of {row['prompt']}", round(100 * row["share"], 1))
        for row in result["rounds"]
    ]
    return chart(("prompt tokens found in the cache, %", rows), largest=100)


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


def http_runs(result: Result) -> str:
    headings = {
        "wrong": "wrong or lost",
        "rounds_a_second": "rounds a second",
        "cpu_ms_a_round": "CPU ms a round",
        "mib": "MiB of the server",
    }
    rows = [(f"{number}. {row['runs']} at once", row) for number, row in enumerate(result["after"], 1)]
    return chart(*((heading, [(name, row[key]) for name, row in rows]) for key, heading in headings.items()))


def memory(result: Result) -> str:
    headings = {
        "mib": "MiB",
        "blocks": "blocks of memory in use",
        "objects": "objects that can refer to others, made since the bridge opened",
        "descriptors": "descriptors",
        "processes": "child processes",
    }
    after = result["after"]
    return chart(
        *((heading, [(f"after {row['runs']} runs", row[key]) for row in after]) for key, heading in headings.items())
    )


def streaming(result: Result) -> str:
    drawn = chart(("100 streams of 50 tokens/s: CPU, % of a core", list(result["cpu_percent_of_a_core"].items())))
    return f"{drawn}\n\nThe ratio is {result['ratio']}."


def long_reply(result: Result) -> str:
    groups = [
        (
            f"{kind}, ms",
            [
                ("5 MB, read in the loop", mine["in the loop"]["busy_ms"]),
                ("5 MB", mine["5 MB"]["busy_ms"]),
                ("5 MB, with the threads", mine["5 MB"]["held_ms"]),
                ("1 MB", mine["1 MB"]["busy_ms"]),
                ("1 MB, with the threads", mine["1 MB"]["held_ms"]),
            ],
        )
        for kind, mine in result["longest_stretch"].items()
    ]
    largest = max(value for _, rows in groups for _, value in rows)
    return chart(*groups, largest=largest)


def batch(result: Result) -> str:
    headings = {"tokens_per_s": "prompt read, tokens/s", "next_reply_s": "next short reply after a cancel, s"}
    batches = result["batches"]
    return chart(
        *(
            (told, [(f"{size} tokens a batch", mine[key]) for size, mine in batches.items()])
            for key, told in headings.items()
        )
    )


def multi_model(result: Result) -> str:
    runs = result["cpu_milliseconds_per_run_with_the_fake_in_the_same_process"]
    return chart(
        ("validate a model, median µs", list(result["validation_microseconds"].items())),
        ("switch in mid-generation to the new model's answer, median ms", [("switch", result["switch_milliseconds"])]),
        (
            "a run of one turn, thirty at once: CPU with the fake's, ms",
            [(f"on {what}", value) for what, value in runs.items()],
        ),
    )


def servers(result: Result) -> str:
    crowds = result["servers"]
    groups = [
        (act, [(f"{count} server{'s' * (count != '1')}", mine[act]) for count, mine in crowds.items()])
        for act in next(iter(crowds.values()))
    ]
    beside = ", ".join(f"{act}: {value}" for act, value in result["beside_two_that_flood"].items())
    return f"{chart(*groups)}\n\nWhile two others flood: {beside}."


def parts(result: Result) -> str:
    return chart(
        *(
            (
                f"{name}, CPU in µs: {mine['ratio']} times its floor",
                [("lmbridge", mine["us"]), ("its floor", mine["floor_us"])],
            )
            for name, mine in _measured(result).items()
        )
    )


def gate(result: Result) -> str:
    rows = [(name, value) for name, value in result["cpu_us"].items()]
    rows.append(("taking in a result of 4,000 characters", result["per_result_us"]))
    return chart(
        (f"a call judged after {result['results_read']} results of {result['chars_each']} characters: CPU, µs", rows)
    )


def round_parts(result: Result) -> str:
    return chart(
        (f"a round of lmbridge, {result['ms_a_round']} ms of CPU: milliseconds", [*result["parts_ms"].items()])
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
    if loop := result.get("loop"):
        told += (
            f" `lmbridge run` in a loop, a process and an engine for each file, took {loop['s_an_item']} s a file "
            f"(the first {loop['items']} files): a map with all slots has {loop['times_the_rate']} times that rate."
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


def clients(result: Result) -> str:
    head = ["client", "its model sees", "waits for a call", "progress", "cancel (Ctrl-C)", "tools at its first turn"]
    head += ["protocol", "the tool's name there", "measured"]
    return table(head, [_client(name, row) for name, row in result["clients"].items()])


def _client(name: str, row: Result) -> list[str]:
    sees = {(True, True): "text and structured content", (True, False): "the text alone"}
    cancel = _cancel(row["interrupted"])
    if row["cancels_finished_calls"]:
        cancel += "; told of finished calls too"
    return [
        f"{TITLES[name]} {row['version']}",
        sees.get((row["text"], row["structured"]), "the structured content alone"),
        _patience(row),
        "asked for" if row["progress_token"] else "not asked for",
        cancel,
        "yes" if row["first_turn"] else "behind its own search for tools",
        row["protocol"],
        f"`{row['tool']}`",
        row["date"],
    ]


def _cancel(interrupted: Result | None) -> str:
    if interrupted is None:
        return "not measured"
    freed = interrupted["backend_free_s"]
    return "nothing came within 20 s" if freed is None else f"backend free after {freed} s ({interrupted['by']})"


def _patience(row: Result) -> str:
    """How long a call was waited for, without and where that makes a difference with progress."""
    if row["unheard"] is None:
        return "not measured"
    silent, heard = row["unheard"]["gave_up_s"], row.get("heard", {})
    if silent is None:
        return f"over {row['unheard']['waited_s']} s"
    if not heard:
        return f"**{silent} s**"
    with_progress = heard["gave_up_s"]
    told = f"over {heard['waited_s']} s" if with_progress is None else f"{with_progress} s"
    return f"**{silent} s**, with progress {told}"


TITLES = {
    "claude-code": "Claude Code",
    "codex": "Codex",
    "gemini": "Gemini CLI",
    "qwen": "Qwen Code",
    "opencode": "opencode",
    "copilot": "Copilot CLI",
    "cline": "Cline",
    "continue": "Continue (`cn`)",
    "fast-agent": "fast-agent",
}


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
    "http_runs": http_runs,
    "streaming": streaming,
    "long_reply": long_reply,
    "batch": batch,
    "multi_model": multi_model,
    "servers": servers,
    "parts": parts,
    "gate": gate,
    "round_parts": round_parts,
    "scale": scale,
    "cluster": cluster,
    "real/map": real_map,
    "real/slots": real_slots,
    "real/clients": clients,
}


def filled(text: str) -> str:
    """The document with every table that has a result."""
    for name, make in TABLES.items():
        file = HERE / "results" / f"{name}.json"
        begin, end = BEGIN.format(name), END.format(name)
        if not file.exists() or begin not in text:
            continue
        result = json.loads(file.read_text(encoding="utf-8"))
        note = _machine(result.get("machine"))
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = f"{before}{begin}\n\n{make(result)}\n\n{note}\n\n{end}{after}"
    return text


def _machine(about: Result | None) -> str:
    if about is None:
        return "*Linux.*"
    return f"*Python {about['python']}, {about['system']}, {about['cores']} cores.*"


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
