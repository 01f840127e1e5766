"""Steps of a change that the task names with the very word of a tool, and that no call has taken. Pure, and by names alone.

Small models make the first of two changes and tell of both: a branch that was made is "checked out", two people are "related".
What only one kind of tool is named for (`create_relations`, `git_checkout`) and the task speaks of is a step of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lmbridge.agent.held.conversions import to_convert
from lmbridge.agent.reading import notes, tool_names
from lmbridge.agent.reading.clocks import times_in
from lmbridge.agent.reading.graphs import loose_ends
from lmbridge.agent.reading.names import MOST_LISTED_IN, denies, leaves, nowhere
from lmbridge.agent.reading.zones import cities_in
from lmbridge.agent.task.evidence import Open
from lmbridge.events import ToolFinished
from lmbridge.messages import ToolSpec
from lmbridge.text import quoted

_MOST_NAMED = 3
_LONGEST_LINE = 120
_BETWEEN = 2
"""Zones of a task that asks for what lies between them."""
_TIME = re.compile(r"(?<![\d:])(?:[01]?\d|2[0-3])[:.h][0-5]\d(?![\d:])")
_THINGS = frozenset({"entity", "entities", "node", "nodes"})
"""What the tools are named for that make what relations are between."""
_ANY_CHANGE = frozenset(
    {
        "add",
        "change",
        "create",
        "do",
        "edit",
        "get",
        "insert",
        "make",
        "new",
        "put",
        "run",
        "save",
        "set",
        "store",
        "update",
        "write",
    }
)
"""Words for changes of any kind: a task that has one means no one tool by it."""
_ENDS = frozenset(
    {"abort", "cancel", "close", "disconnect", "end", "exit", "kill", "quit", "shutdown", "stop", "terminate"}
)
"""Words of tools that end what goes on: a task that has one may mean something else by it ("close the dialog")."""
_SAID_FOR = {
    "relation": (
        "connect", "relate", "relat", "associate", "associat", "interlink", "link them", "link both", "linked together",
        "linked to each other", "verbinde", "verknüpfe", "relie", "conecta",
    ),
}  # fmt: skip
"""What people say for a tool's own word: who wants people and a project connected has no word of `create_relations`."""
_CLAUSE = re.compile(r"[.,;:!?\n](?:\s|$)|\b(?:but|and then|aber|mais|pero|ma)\b")
_PARTICLE = re.compile(r"(?P<verb>[a-z]{3,})(?P<particle>out|in|up|off|back|down|over)")


def uncalled(task: str, specs: Sequence[ToolSpec], results: Sequence[ToolFinished]) -> list[ToolSpec]:
    """The tools whose own word the task has, and which no call of the run was made of.

    Looked for only on servers that were changed already, so that "the last commit's message" is no wish for a commit; never
    tools that delete, and none that the task says not to use.

    Args:
        task: What the caller asked for.
        specs: The tools on offer.
        results: The calls made.
    """
    order = task[:MOST_LISTED_IN].lower()
    worked = [fact for fact in results if not notes.failed(fact.result)]
    changed = {fact.result.server for fact in worked if not fact.result.read_only and fact.result.server}
    tried = {fact.call.name for fact in results if fact.result.outcome != "rejected"}
    found = []
    for server in changed:
        tools = [spec for spec in specs if spec.server == server]
        known = {word for spec in tools if tool_names.reads(spec) or spec.name in tried for word in _stems(spec)}
        known |= {
            _stem(name.lower())
            for fact in worked
            if fact.result.server == server
            for name in _filled(fact.result.arguments)
        }
        found += [
            spec
            for spec in tools
            if not tool_names.reads(spec)
            and spec.name not in tried
            and not tool_names.deletes(spec)
            and _meant(spec, tools, known, order)
        ]
    return found


def _filled(value: Any) -> Iterator[str]:
    """The names of a call's arguments that hold something, at any depth: who makes a thing with its `observations` has added them."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if inner not in (None, "", [], {}):
                yield str(name)
                yield from _filled(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _filled(inner)


def half_done(task: str, specs: Sequence[ToolSpec], results: Sequence[ToolFinished]) -> Open | None:
    """What is open of a change: steps that the task names and no call took, else what relations are to and nothing made.

    Args:
        task: What the caller asked for.
        specs: The tools on offer.
        results: The calls made.
    """
    if steps := uncalled(task, specs, results):
        return _step_open([spec.name for spec in steps])
    return _to_nothing(specs, results)


def time_elsewhere(task: str, answer: str, specs: Sequence[ToolSpec], results: Sequence[ToolFinished]) -> Open | None:
    """What is open where a result gives a time at one city, the task asks for it at another, and that time was not converted.

    Args:
        task: What the caller asked for.
        answer: The answer.
        specs: The tools on offer.
        results: The calls made.
    """
    tools = [spec for spec in specs if _converts(spec)]
    names = {spec.name for spec in tools}
    worked = [fact for fact in results if not notes.failed(fact.result)]
    read = [fact.result.content for fact in worked if fact.call.name not in names]
    found = to_convert(task, read) if tools else None
    made = [fact for fact in worked if fact.call.name in names]
    if found is None:
        return _anywhere(task, tools[0].name, read) if tools and not made else None
    if any(found.is_of(fact.result.arguments or {}) for fact in made) or found.told_in(answer):
        return None
    arguments = found.arguments(tools[0].parameters)
    call = f"{tools[0].name} {json.dumps(arguments, ensure_ascii=False)}" if arguments else ""
    return _to_call(found.line, found.source[0], found.target[0], tools[0].name, call)


def _anywhere(task: str, tool: str, read: Sequence[str]) -> Open | None:
    """The first line with a time at one city, where the task names another one alone."""
    wanted = cities_in(task)
    if len(set(wanted.values())) != 1:
        return None
    for line in (line for text in read for line in text.splitlines() if _TIME.search(line)):
        others = {city: zone for city, zone in cities_in(line).items() if zone not in wanted.values()}
        if len(set(others.values())) == 1:
            return _to_call(line.strip(), next(iter(others)), next(iter(wanted)), tool)
    return None


def _to_call(line: str, there: str, here: str, tool: str, call: str = "") -> Open:
    spelled = f" The call: {call}" if call else ""
    return Open(
        (f"{line[:_LONGEST_LINE]!r} is the time in {there}. Convert it to {here} with {tool}.{spelled}",),
        (f"A result gives a time in {quoted(there)}, the task is about {quoted(here)}, and no call converted it.",),
        act=True,
        only=tool,
        spelled_out=bool(call),
    )


def between_cities(task: str, answer: str, specs: Sequence[ToolSpec], results: Sequence[ToolFinished]) -> Open | None:
    """What is open where a task names two cities of different zones, an answer has numbers from nowhere, and nothing was converted.

    Small models tell the hours between two cities from memory, and wrongly.

    Args:
        task: What the caller asked for.
        answer: The answer.
        specs: The tools on offer.
        results: The calls made.
    """
    names = [spec.name for spec in specs if _converts(spec)]
    zones = {zone: city for city, zone in cities_in(task[:MOST_LISTED_IN]).items()}
    told = [fact.result.content for fact in results if not notes.failed(fact.result)]
    own = nowhere(re.findall(r"\d+", answer), [*told, task])
    if not names or len(zones) != _BETWEEN or not own or any(fact.call.name in names for fact in results):
        return None
    one, other = zones.values()
    return Open(
        (f"{own[0]} stands in no result. {names[0]} knows the times in {one} and {other}: call it.",),
        (f"The task names {quoted(one)} and {quoted(other)}, and no call asked for the times there.",),
        act=True,
        only=names[0],
    )


def conversion_made(task: str, results: Sequence[ToolFinished]) -> str:
    """What the latest conversion of a task's own time between places that it names gave, in words; empty where none was made.

    Args:
        task: What the caller asked for.
        results: The calls made.
    """
    zones = set(cities_in(task[:MOST_LISTED_IN]).values())
    made = (
        fact.result.note
        for fact in reversed(results)
        if {"convert", "time"} <= set(tool_names.words_of_name(fact.call.name)) and not notes.failed(fact.result)
    )
    asked = times_in(task[:MOST_LISTED_IN])
    between = (note for note in made if sum(zone in note for zone in zones) >= _BETWEEN)
    return next((note for note in between if asked & times_in(note.partition(";")[0])), "")


def _converts(spec: ToolSpec) -> bool:
    return {"convert", "time"} <= tool_names.name_words(spec)


def _to_nothing(specs: Sequence[ToolSpec], results: Sequence[ToolFinished]) -> Open | None:
    """Relations to things that nothing has made: memory servers take them, and nobody finds them."""
    worked = [fact for fact in results if not notes.failed(fact.result)]
    for fact in worked:
        known = [
            text
            for each in worked
            if each is not fact and each.result.server == fact.result.server
            for text in (each.result.content, *leaves(each.result.arguments or {}))
        ]
        ends = [] if fact.result.read_only else loose_ends(fact.result.arguments or {}, known)
        makers = [spec.name for spec in specs if spec.server == fact.result.server and _makes_things(spec)]
        if ends and makers and known:
            named = ", ".join(map(repr, ends[:_MOST_NAMED]))
            return Open(
                (f"A relation is to {named}, and nothing of that name was made. Make it with {makers[0]}.",),
                (f"A relation is to {quoted(named)}, and nothing of that name was made.",),
                act=True,
                only=makers[0],
                left=1,
            )
    return None


def _makes_things(spec: ToolSpec) -> bool:
    return not tool_names.reads(spec) and not tool_names.deletes(spec) and bool(tool_names.name_words(spec) & _THINGS)


def _step_open(tools: Sequence[str]) -> Open:
    named = ", ".join(tools[:_MOST_NAMED])
    return Open(
        (f"The task speaks of what only {named} does, and that was not called. Call it now.",),
        (f"The task speaks of what {named} does, and no call of it was made.",),
        act=True,
        only=tools[0] if len(tools) == 1 else "",
        left=len(tools) + 1,
    )


def _meant(spec: ToolSpec, tools: Sequence[ToolSpec], known: set[str], order: str) -> bool:
    """Whether the order has a word that is a tool's own."""
    own = [word for word in _own_words(spec) if len(tools) == 1 or not all(word in _own_words(tool) for tool in tools)]
    verbs = (
        re.findall(r"[a-z]+", spec.description.lower())[:1] if len(own) == 1 else []
    )  # git_checkout: "Switches branches"
    said = _SAID_FOR.get(_stem(own[-1]), ()) if own else ()
    words = [word for word in (*own[-1:], *verbs, *said) if _stem(word) not in known | _ANY_CHANGE | _ENDS]
    return any(not _denied(order, found) for word in words for found in _spoken(word).finditer(order))


def _denied(order: str, found: re.Match[str]) -> bool:
    """Whether an order says of a word that it is not to be: before it in its clause, or right behind it."""
    before = _CLAUSE.split(order[: found.start()])[-1]
    return denies(before) or denies(" ".join(order[found.end() :].split()[:1]))


def _spoken(word: str) -> re.Pattern[str]:
    """A word as an order may have it: `relations` as "relation", `commit` as "committed", `checkout` as "check it out"."""
    stem = re.escape(_stem(word))
    forms = rf"{stem}(?:e?s|{stem[-1:]}?(?:ed|ing))?"
    if parts := _PARTICLE.fullmatch(word):
        forms += rf"|{parts['verb']}(?:s|ed|ing)?(?: [\w./-]+){{0,3}} {parts['particle']}"
    return re.compile(rf"(?<![\w./-])(?:{forms})(?![\w/-])")


def _own_words(spec: ToolSpec) -> list[str]:
    return tool_names.words_of_name(spec.tool or spec.name)


def _stems(spec: ToolSpec) -> set[str]:
    return {_stem(word) for word in _own_words(spec)}


def _stem(word: str) -> str:
    """A word without the ending of a plural or of a third person: `relations`, `switches`."""
    if re.search(r"(?:ch|sh|ss|x)es$", word):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
