"""What the gate costs a call: looking at what it is aimed at, deciding, and remembering what came back; no model is asked.

Measured are the CPU microseconds of one call in a run that has read twenty results of four thousand characters, and in one that has read two
hundred and fifty pages beside: a read, a write of a named file, a write that asks, a fetch with four fields and one with forty, a statement of SQL,
a mail of three thousand characters, one of prose, one that carries what was read, and one of twenty thousand characters. No two calls have the
same text, so that nothing is remembered from one to the next. What was read is prose too: pages of Python's own manual. A result costs its share
when it comes (`per_result_us`).
"""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any

from support.measuring import median, save

from lmbridge.events import RunStarted, ToolFinished
from lmbridge.mcp_host.gate.aim import Aimed
from lmbridge.mcp_host.gate.judge import judge
from lmbridge.mcp_host.gate.memory import Memory
from lmbridge.mcp_host.gate.mentions import UserWords
from lmbridge.mcp_host.gate.paths import look
from lmbridge.mcp_host.gate.targets import targets
from lmbridge.mcp_host.gate.verdicts import Run
from lmbridge.messages import ToolCall, ToolResult, ToolSpec

TASK = "Read report.txt and the notes, fetch https://news.example/today, and write a summary to summary.md."
RESULTS, CHARS, ROUNDS, TIMES = 20, 4_000, 40, 12
MUCH, PAGES = 200, 50
README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
MANUAL = "\n".join(topics.values())
READ = ToolSpec("read_text_file", server="files", tool="read_text_file", read_only=True, open_world=False)
WRITE = ToolSpec("write_file", server="files", tool="write_file", destructive=True, open_world=False)
FETCH = ToolSpec("fetch", server="web", tool="fetch", open_world=True)
SQL = ToolSpec("write_query", server="shop", tool="write_query")
MAIL = ToolSpec("send_mail", server="mail", tool="send_mail", open_world=True, destructive=False)
CALLS: dict[str, tuple[ToolSpec, Mapping[str, Any]]] = {
    "read": (READ, {"path": "report.txt"}),
    "write_named": (WRITE, {"path": "summary.md", "content": "A summary. " * 200}),
    "write_that_asks": (WRITE, {"path": "config.json", "content": "{}"}),
    "fetch": (FETCH, {"url": "https://news.example/today?" + "&".join(f"field{n}=value{n * 7919}" for n in range(4))}),
    "fetch_many_fields": (
        FETCH,
        {
            "url": "https://news.example/today?"
            + "&".join(f"filter[{n}]=topic-{n * 31 % 97}%20of%20day" for n in range(40))
        },
    ),
    "sql": (SQL, {"query": "UPDATE orders SET status = 'shipped' WHERE id IN (SELECT id FROM parcels)"}),
    "mail": (MAIL, {"to": "ana@news.example", "subject": "Summary", "text": "Nothing of what was read. " * 120}),
    "mail_of_prose": (MAIL, {"to": "ana@news.example", "subject": "Notes", "text": README[:3000]}),
    "mail_that_carries": (
        MAIL,
        {"to": "ana@news.example", "subject": "All", "text": f"{'Good day to you. ' * 150}{MANUAL[9000:9060]}"},
    ),
    "mail_of_20000": (MAIL, {"to": "ana@news.example", "subject": "Long", "text": (README * 3)[:20000]}),
}


def judged(run: Run, spec: ToolSpec, arguments: Mapping[str, Any], roots: tuple[str, ...]) -> None:
    """What the gate does with one call."""
    seen = targets(spec, arguments)
    looked = tuple(look(path, roots) for path in seen.paths)
    judge(Aimed(spec, spec.name, arguments, seen, looked, roots), run)


def memory(results: int = RESULTS, pages: int = 0) -> Memory:
    """A run that has read so many private results, and so many pages."""
    remembered = Memory()
    remembered(RunStarted("r", TASK, "m", tools=(READ, WRITE, FETCH, SQL, MAIL)))
    for number in range(results + pages):
        text = MANUAL[number * CHARS % len(MANUAL) :][:CHARS]
        result = ToolResult(
            str(number),
            text,
            qualified="files__read_text_file",
            server="files",
            read_only=True,
            open_world=number >= results,
            arguments={"path": f"{number}.txt"},
        )
        remembered(ToolFinished(1, ToolCall(str(number), "read_text_file", "{}"), result))
    return remembered


def cpu_us(act: Callable[[], None]) -> float:
    """Median CPU microseconds of an act, in the quietest of some rounds."""
    return min(median([_once(act) for _ in range(TIMES)]) for _ in range(ROUNDS))


def _once(act: Callable[[], None]) -> float:
    begun = time.process_time_ns()
    act()
    return (time.process_time_ns() - begun) / 1000


def costs(run: Run, roots: tuple[str, ...]) -> dict[str, float]:
    """Of each kind of call, its CPU microseconds in this run."""
    found = {}
    for name, call in CALLS.items():
        fresh = _fresh(*call)
        found[name] = round(cpu_us(lambda fresh=fresh: judged(run, *next(fresh), roots)), 1)
    return found


def _fresh(spec: ToolSpec, arguments: Mapping[str, Any]) -> Iterator[tuple[ToolSpec, Mapping[str, Any]]]:
    """A call again and again, each time with another text."""
    text = next((name for name in ("text", "url", "content", "query") if name in arguments), "")
    for number in itertools.count():
        yield spec, {**arguments, text: f"{arguments[text]}&n={number}"} if text else arguments


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("report.txt", "config.json", "notes.md"):
            (Path(folder) / name).write_text("x")
        begun = time.process_time_ns()
        read = memory()
        first = (time.process_time_ns() - begun) / 1000
        run = Run(UserWords((TASK,), (), frozenset({"files", "web", "shop", "mail"})), read)
        roots = (folder,)
        figures = costs(run, roots)
        much = Run(run.said, memory(MUCH, PAGES))
        after_much = costs(much, roots)
    save(
        "gate",
        {
            "cpu_us": figures,
            "cpu_us_after_much": after_much,
            "much": {"results": MUCH, "pages": PAGES},
            "per_result_us": round(first / RESULTS, 1),
            "results_read": RESULTS,
            "chars_each": CHARS,
        },
    )
    print({"after much": after_much})
    print({**figures, "per result": round(first / RESULTS, 1)})


if __name__ == "__main__":
    main()
