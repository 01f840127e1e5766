"""Writes the tables of docs/REAL_MODELS.md anew from benchmarks/results/real_models/*.jsonl."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from real_models.running import key, read_rows
from real_models.summary import HEAD, Figures, Rows, cells, grouped

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "REAL_MODELS.md"
RESULTS = ROOT / "benchmarks" / "results" / "real_models"
BEGIN, END = "<!-- real models {} begin -->", "<!-- real models {} end -->"
FEW_TASKS = 10
"""An arm with fewer tasks of a half than this is shown only beside the others on the same tasks."""


def committed(folder: Path = RESULTS) -> Rows:
    """All rows of the results, a later one in place of an earlier one of the same task."""
    rows = {key(row): row for file in sorted(folder.glob("*.jsonl")) for row in read_rows(file)}
    return list(rows.values())


def table(head: Iterable[str], lines: Iterable[Iterable[Any]]) -> str:
    """A Markdown table."""
    listed = [[*head], *([*map(str, line)] for line in lines)]
    text = ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in listed]
    return "\n".join([text[0], "|" + "---|" * len(listed[0]), *text[1:]])


def models(rows: Rows) -> str:
    """The files that were measured."""
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["model"]].append(row)
    lines = [
        [f"`{name}.gguf`", f"`{mine[0]['sha256']}`", len(mine), _span(row["day"] for row in mine)]
        for name, mine in sorted(found.items())
    ]
    return table(["file", "SHA-256", "runs", "days"], lines)


def _span(days: Iterable[str]) -> str:
    found = sorted(days)
    return found[0] if found[0] == found[-1] else f"{found[0]} to {found[-1]}"


def arms(rows: Rows) -> str:
    """What ran: versions and settings of each arm."""
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["arm"]].append(row)
    lines = [
        [
            arm,
            ", ".join(sorted({f"{name} {version}" for row in mine for name, version in row["versions"].items()})),
            ", ".join(sorted({f"{name}={value}" for row in mine for name, value in row["settings"].items()})) or "–",
            ", ".join(
                sorted({"the backend's" if t is None else f"{t:g}" for row in mine for t in row["temperatures"]})
            ),
        ]
        for arm, mine in sorted(found.items())
    ]
    return table(["arm", "versions", "settings", "temperatures asked for"], lines)


def half(which: str) -> Callable[[Rows], str]:
    """The table of a half: every arm that did most of it."""

    def made(rows: Rows) -> str:
        groups = grouped(row for row in rows if row["half"] == which)
        lines = [
            [_short(model), arm, *cells(Figures.of(mine))]
            for (model, _, arm), mine in groups.items()
            if len(mine) >= FEW_TASKS
        ]
        return table(["model", "arm", *HEAD], lines) if lines else NONE

    return made


def side_by_side(rows: Rows) -> str:
    """Every other arm beside lmbridge, on the tasks of the held-out half that both of them did."""
    lines: list[list[Any]] = []
    groups = grouped(row for row in rows if row["half"] == "held-out")
    for (model, which, arm), theirs in groups.items():
        ours = {(row["task"], row["seed"]): row for row in groups.get((model, which, "lmbridge"), ())}
        common = [row for row in theirs if (row["task"], row["seed"]) in ours]
        if arm == "lmbridge" or not common:
            continue
        there, here = Figures.of(common), Figures.of([ours[row["task"], row["seed"]] for row in common])
        lines.append([_short(model), arm, there.tasks, *_pairs(there, here)])
    return table(["model", "arm", "tasks", *(f"{what}: other / lmbridge" for what in PAIRED)], lines) if lines else NONE


PAIRED = ("completed", "done, wrong, silent", "engine CPU s", "evaluated", "made")
NONE = "*Not measured yet.*"


def _pairs(there: Figures, here: Figures) -> list[str]:
    return [
        f"{there.completed} / {here.completed}",
        f"{there.silent} / {here.silent}",
        *(f"{getattr(there, what):.0f} / {getattr(here, what):.0f}" for what in ("cpu_s", "evaluated", "made")),
    ]


def kinds(which: str) -> Callable[[Rows], str]:
    """The table of how many of a half's tasks lmbridge completed, by kind."""
    return lambda rows: _kinds([row for row in rows if row["arm"] == "lmbridge" and row["half"] == which])


def _kinds(mine: Rows) -> str:
    names = sorted({row["model"] for row in mine})
    lines = []
    for kind in sorted({row["kind"] for row in mine}):
        cell = []
        for model in names:
            those = [row for row in mine if row["kind"] == kind and row["model"] == model]
            cell.append(f"{sum(row['completed'] for row in those)} of {len(those)}" if those else "–")
        lines.append([kind, *cell])
    return table(["kind", *map(_short, names)], lines) if lines else NONE


def ways_of_failing(rows: Rows) -> str:
    """How runs that were not completed ended, by arm."""
    groups = grouped(rows)
    lines = []
    for (model, which, arm), mine in groups.items():
        missed = [row for row in mine if not row["completed"]]
        ends: dict[str, int] = defaultdict(int)
        for row in missed:
            said = "warned" if row["warned"] else "silent"
            ends[f"{row['status'] or 'answer'} / {row['stop_reason']} ({said})"] += 1
        told = ", ".join(f"{end}: {count}" for end, count in sorted(ends.items(), key=lambda each: -each[1]))
        lines.append([_short(model), which, arm, f"{len(missed)} of {len(mine)}", told or "–"])
    return table(["model", "half", "arm", "not completed", "how they ended"], lines)


def _short(model: str) -> str:
    return model.replace("-instruct-q4_k_m", "")


TABLES: dict[str, Callable[[Rows], str]] = {
    "models": models,
    "arms": arms,
    "held-out": half("held-out"),
    "tune": half("tune"),
    "unseen": half("unseen"),
    "fresh": half("fresh"),
    "later": half("later"),
    "workday": half("workday"),
    "everyday": half("everyday"),
    "errands": half("errands"),
    "chores": half("chores"),
    "neighbours": half("neighbours"),
    "side by side": side_by_side,
    "kinds": kinds("held-out"),
    "unseen kinds": kinds("unseen"),
    "fresh kinds": kinds("fresh"),
    "later kinds": kinds("later"),
    "workday kinds": kinds("workday"),
    "everyday kinds": kinds("everyday"),
    "errands kinds": kinds("errands"),
    "chores kinds": kinds("chores"),
    "neighbours kinds": kinds("neighbours"),
    "failing": ways_of_failing,
}


def filled(text: str, rows: Rows) -> str:
    """The document with every table that it has a place for."""
    for name, make in TABLES.items():
        begin, end = BEGIN.format(name), END.format(name)
        if begin not in text:
            continue
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = f"{before}{begin}\n\n{make(rows)}\n\n{end}{after}"
    return text


def report(*, check: bool) -> int:
    """Writes the page, or (`check`) only says whether it is what the rows say; the exit code."""
    now = DOCUMENT.read_text(encoding="utf-8")
    wanted = filled(now, committed())
    if check:
        print("up to date" if wanted == now else "docs/REAL_MODELS.md is not what the rows say")
        return int(wanted != now)
    DOCUMENT.write_text(wanted, encoding="utf-8")
    return 0
