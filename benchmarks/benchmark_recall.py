"""Whether a model gets to see the tool it needs: catalogues of 10, 100 and 500 tools, tasks in everyday words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from support.catalogue import Purpose, Task, catalogue, drawn, tasks
from support.measuring import save

from lmbridge.agent.loop.budget import Budget
from lmbridge.agent.loop.tool_offer import offer, shown_tokens, ways
from lmbridge.agent.tools.find_tools import FOUND_AT_ONCE, NAMED_BESIDE, find
from lmbridge.agent.tools.search import ToolIndex
from lmbridge.messages import ToolCall, ToolSpec
from lmbridge.profile import NATIVE

SIZES = (10, 100, 500)
DRAWS = 3
CONTEXT = 8192
RESULT_CHARS = Budget(CONTEXT).result_chars(16_000)
"""What a search may show in a small context, which is the hardest."""

_WHOLE = re.compile(r"^- ([\w-]+)\(", re.MULTILINE)
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Found:
    """The names of the tools that a search shows with their arguments, best first, and of those that it only names."""

    whole: Sequence[str]
    named: Sequence[str] = ()


Search = Callable[[Sequence[ToolSpec], str], Found]


def searched(specs: Sequence[ToolSpec], words: str) -> Found:
    """What a `find_tools` result shows."""
    call = ToolCall("1", "find_tools", json.dumps({"query": words}))
    text = find(call, ToolIndex(specs), RESULT_CHARS).content
    _, _, others = text.partition("see its arguments): ")
    return Found(_WHOLE.findall(text), others.split(", ") if others else ())


def shared_words(specs: Sequence[ToolSpec], words: str) -> Found:
    """The baseline: as many tools, by how many of the query's words stand in their names and descriptions."""
    asked = set(_WORD.findall(words.lower()))
    shared = {spec.name: len(asked & set(_WORD.findall(f"{spec.name} {spec.description}".lower()))) for spec in specs}
    best = sorted((name for name in shared if shared[name]), key=lambda name: -shared[name])
    return Found(best[:FOUND_AT_ONCE], best[FOUND_AT_ONCE : FOUND_AT_ONCE + NAMED_BESIDE])


def in_first_request(specs: Sequence[ToolSpec], fitting: frozenset[str]) -> tuple[bool, bool]:
    """Whether the first request shows a fitting tool with its arguments, and whether it names one."""
    share = Budget(CONTEXT).schemas
    showing = next(way for way in ways(specs, NATIVE) if way.discover or shown_tokens(way, "native") <= share)
    offered = offer(showing, mode="native", profile=NATIVE)
    whole = any(spec.tool in fitting for spec in offered.specs)
    named = set(re.findall(r"[\w-]+", offered.system_prompt))
    return whole, whole or any(spec.name in named for spec in specs if spec.tool in fitting)


def share(hits: Sequence[bool]) -> float:
    return round(sum(hits) / len(hits), 3)


def measured(specs: Sequence[ToolSpec], asked: Sequence[Task], size: int, search: Search) -> dict[str, float]:
    """Shares of the tasks whose tool comes first, is shown with its arguments, and is at least named."""
    first, whole, named = [], [], []
    for task in asked:
        for seed in range(DRAWS):
            tools = drawn(specs, task, size, seed)
            fitting = {spec.name for spec in tools if spec.tool in task.fitting}
            found = search(tools, task.words)
            first.append(not fitting.isdisjoint(found.whole[:1]))
            whole.append(not fitting.isdisjoint(found.whole))
            named.append(whole[-1] or not fitting.isdisjoint(found.named))
    return {"first": share(first), "whole": share(whole), "named": share(named)}


def rows(purpose: Purpose) -> dict[str, dict]:
    specs, asked, table = catalogue(), tasks(purpose), {}
    for size in SIZES:
        at_once = [in_first_request(drawn(specs, task, size, 0), task.fitting) for task in asked]
        found = measured(specs, asked, size, searched)
        table[str(size)] = {
            "whole_in_first_request": share([whole for whole, _ in at_once]),
            "named_in_first_request": share([named for _, named in at_once]),
            "find_tools": found,
            "shared_words": measured(specs, asked, size, shared_words),
        }
        print(purpose, size, table[str(size)], flush=True)
    return table


def main() -> None:
    counted = {purpose: len(tasks(purpose)) for purpose in ("figure", "tuning")}
    save(
        "recall", {"catalogue": len(catalogue()), "tasks": counted, "figure": rows("figure"), "tuning": rows("tuning")}
    )


if __name__ == "__main__":
    main()
