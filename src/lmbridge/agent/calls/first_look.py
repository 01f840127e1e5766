"""What a small model is shown before its first reply: what its task names, and what its servers hold.

Small models spend their first rounds on finding out what is there, and many never get further: they make a table up, ask
a graph for a word that it does not hold, or write before they have read. So the files, folders, addresses and repositories
that a task names, a database's tables and a graph are looked at before they are asked anything, with the tools of the run's
own servers that only read. Which calls that takes is decided here, by form alone; the loop makes them like any others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from lmbridge.agent.calls.latest import latest_asked
from lmbridge.agent.calls.look_ups import LookUps
from lmbridge.agent.calls.sweep import Swept
from lmbridge.agent.held import sorting
from lmbridge.agent.reading import compared, notes, sizes, tool_names
from lmbridge.agent.reading.excerpt import words_of
from lmbridge.agent.reading.listings import folders_in
from lmbridge.agent.reading.names import is_file_name, last_part, paths_in
from lmbridge.messages import ToolCall, ToolResult, ToolSpec
from lmbridge.report import fenced

FIRST_LOOK = "first"
"""How the ids of these calls begin."""
LOOKED_UP = "What is there, looked up before you begin:"
AGAIN = "The task again:"
"""Its first and its last line."""
LONGEST_ORDER = 1000
"""Characters of a task up to which the places that it names are looked at: a longer one holds a text of somebody's."""
MOST_CALLS = 6
"""Calls of each of the two steps at most."""
MOST_CHARS = 5000
"""Characters that are shown of all results together; what a 1.5B reads on one core in a minute."""
_STATUS = re.compile(r"(?<!\d)([45]\d\d)(?!\d)")
FEWEST_CHARS = 600
"""Characters that are shown of each result at least."""
_FETCHES = frozenset({"fetch", "get", "read", "open", "download", "scrape"})
_OVERVIEW = frozenset({"list", "tables", "graph", "schema"})
_INFO = frozenset({"info", "stat", "metadata"})
_LOG = "log"
_HISTORY = frozenset({"status", _LOG})
_COUNTS = frozenset({"max_count", "limit", "count", "n", "max_entries", "maxCount"})
_PLAIN = frozenset(
    {"read", "cat", "list", "ls", "dir", "describe", "fetch", "status", "log", "tables", "schema", "graph"}
)
_ROOTS = frozenset({"allowed", "roots"})
_FILES = frozenset({"path", "uri", "file", "filename", "file_path", "filepath"})
_FOLDERS = frozenset({"path", "dir", "directory", "folder", "uri"})
_ADDRESSES = frozenset({"url", "uri"})
_REPOSITORIES = frozenset({"repo_path", "repo", "repository"})
MOST_BELOW = 8
"""Folders below a listed one that are looked into; where the next level has more than that leaves, none of it is."""
MOST_NAMED = 8
_ANYWHERE = re.compile(r"^(?:~|\.{1,2}|[A-Za-z]:)?[/\\]")


CarryOut = Callable[[Sequence[ToolCall]], Awaitable[Sequence[ToolResult]]]
_OWN = ToolCall("first", "", "{}")
"""What files are looked into for."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A call of the first look and what came of it."""

    call: ToolCall
    result: ToolResult


async def looked(
    task: str,
    specs: Sequence[ToolSpec],
    carry_out: CarryOut,
    *,
    addresses: bool = True,
    whole: Mapping[str, ToolSpec] = MappingProxyType({}),
) -> list[Seen]:
    """The calls made, in their two steps: what is named and held, and what follows from that.

    Args:
        task: What the caller asked for.
        specs: The tools that the model is offered.
        carry_out: Makes calls and tells their results.
        addresses: Whether addresses are looked at; not where the words of the task may be a stranger's, as an item's of a map.
        whole: The same tools by name with all their arguments, of which a small model is shown fewer.
    """
    first = first_calls(task, specs, addresses=addresses, whole=whole)
    seen = list(map(Seen, first, await carry_out(first)))
    further = next_calls(task, seen, specs)
    return [*seen, *map(Seen, further, await carry_out(further))]


async def lines_about(
    task: str, words: Sequence[str], found: Iterable[tuple[str, list[str]]], look: LookUps
) -> list[str]:
    """Lines that hold words of a task, in the files of folders; the words of its paths tell nothing."""
    named = words_of(" ".join(paths_in(task)))
    telling = [word for word in words if word not in named and not word.isdigit()]
    return [line for folder, names in found for line in await look.lines(folder, names, telling, _OWN)]


async def below(seen: Sequence[Seen], specs: Sequence[ToolSpec], look: LookUps) -> list[str]:
    """What few folders below a listed one hold, a line each: which is empty, and where a file is, stands in no listing of names alone.

    Of the folders inside those, as many levels are looked into as are few together.
    """
    lines = []
    for each in seen:
        spec = _spec(each, specs)
        level = _paths_of(_place(each), each.result.content) if spec and _listed(each) else []
        left = MOST_BELOW
        while level and len(level) <= left:
            left, inner = left - len(level), []
            for folder in level:
                assert spec
                listing = await look.listing(spec, folder, _OWN)
                if listing is not None:
                    lines.append(_line_of(folder, listing))
                    inner += _paths_of(folder, listing)
            level = inner
    return lines


def _paths_of(folder: str, listing: str) -> list[str]:
    """The folders that a listing names, with their paths."""
    return [f"{folder.rstrip('/')}/{name}" for name in folders_in(listing)]


def _line_of(folder: str, listing: str) -> str:
    names = [name for name in notes.listed_names(listing) if name != "(empty)"]
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{folder}: {', '.join(names[:MOST_NAMED]) or 'nothing'}{more}"


def first_calls(
    task: str,
    specs: Sequence[ToolSpec],
    *,
    addresses: bool = True,
    whole: Mapping[str, ToolSpec] = MappingProxyType({}),
) -> tuple[ToolCall, ...]:
    """The calls that show what a task names and what the servers hold.

    Args:
        task: What the caller asked for.
        specs: The tools of the servers.
        addresses: Whether addresses are looked at.
        whole: The same tools by name with all their arguments.
    """
    specs = [spec for spec in specs if _only_reads(spec, specs)]
    places = _of_places(task, specs, addresses=addresses) if len(task) <= LONGEST_ORDER else ()
    calls = _numbered([*places, *_of_servers(specs)], 0)
    latest = latest_asked(task)
    return calls if latest is None else tuple(_counted(call, latest, whole.get(call.name)) for call in calls)


def next_calls(task: str, seen: Sequence[Seen], specs: Sequence[ToolSpec]) -> tuple[ToolCall, ...]:
    """The calls that follow from the first: tables that were listed, files that a task names and a folder holds."""
    specs = [spec for spec in specs if _only_reads(spec, specs)]
    asked = [*_of_tables(seen, specs), *_of_folders(task, seen, specs)]
    return _numbered(asked, len(seen))


def folders(seen: Sequence[Seen], specs: Sequence[ToolSpec]) -> Iterable[tuple[str, list[str]]]:
    """The folders that were listed, each with the names of its files."""
    for each in seen:
        spec = _spec(each, specs)
        if spec and _words(spec) & tool_names.LISTS and each.result.arguments and not notes.failed(each.result):
            names = notes.listed_names(each.result.content)
            yield str(next(iter(each.result.arguments.values()))), [name for name in names if is_file_name(name)]


def listing_tools(seen: Sequence[Seen], specs: Sequence[ToolSpec]) -> Iterable[tuple[str, ToolSpec]]:
    """The folders that were listed, each with the tool that listed it."""
    for each in seen:
        if (spec := _spec(each, specs)) and _words(spec) & tool_names.LISTS and not notes.failed(each.result):
            yield _place(each), spec


def shown(
    task: str,
    seen: Sequence[Seen],
    lines: Sequence[str],
    run_id: str,
    inner: Sequence[str] = (),
    swept: Swept | None = None,
    remark: str = "",
) -> str:
    """What the model is told of it, in fences; empty where nothing was found out.

    Args:
        task: What the caller asked for.
        seen: The calls.
        lines: Lines of files that hold words of the task.
        run_id: For the codes of the fences.
        inner: What the folders inside a listed one hold.
        swept: The lines with a word that the task marks, of all files below a folder.
        remark: What else is to be known before the first reply.
    """
    parts = [part for number, each in enumerate(seen) if (part := _part(each, f"{run_id}/first {number}"))]
    if lines:
        parts.append(fenced("Inside these files", "\n".join(lines), f"{run_id}/first lines"))
    if inner:
        parts.append(fenced("Inside these folders", "\n".join(inner), f"{run_id}/first inner"))
    if swept:
        parts.append(fenced(swept.heading, "\n".join(swept.shown) or "(none)", f"{run_id}/first swept"))
    files = _named_files(task, seen)
    if differ := compared.told(files):
        parts.append(fenced("Compared", differ, f"{run_id}/first compared"))
    if ordered := sorting.list_in_order(task) or (len(files) == 1 and sorting.lines_in_order(task, files[0][1])):
        parts.append(fenced("Sorted, as the task asks", ordered, f"{run_id}/first order"))
    if not parts and not remark:
        return ""
    parts += [*_absent(task, seen), *filter(None, [remark])]
    return "\n".join([LOOKED_UP, *parts, f"{AGAIN} {task}"])


def _absent(task: str, seen: Sequence[Seen]) -> list[str]:
    """The files that the task names without a path and that the one folder which was listed whole holds with another ending alone.

    A small model took `palette.csv` for the `palette.json` that it was to make of it. Of other names nothing is said: `IMG_something.jpg` is
    none of a file.
    """
    listed = [(place, names) for each in seen if (place := _place(each)) and (names := _listed(each))]
    if len(listed) != 1:
        return []
    ((folder, names),) = listed
    named = paths_in(task)
    elsewhere = {last_part(path) for path in named if "/" in path or "\\" in path}
    bare = [name for name in named if is_file_name(name) and name == last_part(name)]
    stems = {name.rpartition(".")[0] for name in names}
    lacking = [name for name in bare if name not in {*names, *elsewhere} and name.rpartition(".")[0] in stems]
    return [f"There is no {name} in {folder} yet." for name in lacking]


def _place(seen: Seen) -> str:
    """The one argument of a call."""
    return str(next(iter((seen.result.arguments or {}).values()), ""))


def _listed(seen: Seen) -> list[str]:
    """The names in a folder that was listed whole; none where it is no folder's listing."""
    lists = bool(tool_names.LISTS & set(tool_names.words_of_name(seen.call.name)))
    if not lists or not _ANYWHERE.match(_place(seen)) or notes.failed(seen.result) or seen.result.handle:
        return []
    return notes.listed_names(seen.result.content)


def _named_files(task: str, seen: Sequence[Seen]) -> list[tuple[str, str]]:
    """The files that the task names and that were read whole, with their texts."""
    named = {last_part(path) for path in paths_in(task) if is_file_name(last_part(path))}
    return [
        (place, each.result.content)
        for each in seen
        for place in [_place(each)]
        if last_part(place) in named and each.result.outcome == "ok" and each.result.handle is None
    ]


def room(calls: int) -> int:
    """Characters that each of so many results may have."""
    return max(FEWEST_CHARS, MOST_CHARS // max(calls, 1))


Look = tuple[ToolSpec, str]
"""A tool, and the one argument that it needs; empty where it needs none."""


def _of_places(task: str, specs: Sequence[ToolSpec], *, addresses: bool) -> Iterable[Look]:
    for path in paths_in(task):
        if path.startswith(("http://", "https://")):
            yield from _with(_fitting(specs, _FETCHES, _ADDRESSES) if addresses else None, path)
        elif is_file_name(last_part(path)):
            if sizes.asked(task):
                yield from _with(_fitting(specs, _INFO, _FILES), path)
            yield from _with(_fitting(specs, tool_names.READS, _FILES), path)
        elif _ANYWHERE.match(path):
            yield from _with(_fitting(specs, tool_names.LISTS, _FOLDERS), path)
            for word in sorted(_HISTORY, reverse=True):
                yield from _with(_fitting(specs, {word}, _REPOSITORIES), path)


def _of_servers(specs: Sequence[ToolSpec]) -> Iterable[Look]:
    """One tool of each server that shows an overview and needs nothing."""
    for server in dict.fromkeys(spec.server for spec in specs if spec.server):
        own = [spec for spec in specs if spec.server == server and not spec.parameters.get("properties")]
        found = [spec for spec in own if _words(spec) & _OVERVIEW and not _words(spec) & _ROOTS]
        if found:
            yield min(found, key=lambda spec: len(spec.name)), ""


def _of_tables(seen: Sequence[Seen], specs: Sequence[ToolSpec]) -> Iterable[Look]:
    for each in seen:
        spec = _spec(each, specs)
        if spec is None or "tables" not in _words(spec) or notes.failed(each.result):
            continue
        describing = next(
            (one for one in specs if one.server == spec.server and _needs(one, {"table_name", "table"})),
            None,
        )
        names = notes.column_names(each.result.content) or re.findall(r"[A-Za-z_]\w*", each.result.content)
        if describing:
            yield from ((describing, name) for name in dict.fromkeys(names) if name.lower() not in {"name", "text"})


def _of_folders(task: str, seen: Sequence[Seen], specs: Sequence[ToolSpec]) -> Iterable[Look]:
    if len(task) > LONGEST_ORDER:
        return
    reading = _fitting(specs, tool_names.READS, _FILES)
    bare = [name for name in paths_in(task) if is_file_name(name) and not _ANYWHERE.match(name)]
    for folder, listed in folders(seen, specs):
        for name in bare:
            if name in listed:
                yield from _with(reading, f"{folder.rstrip('/')}/{name}")


def _part(seen: Seen, about: str) -> str:
    """One result; what failed is told only of a place that the task names in full."""
    given = json.loads(seen.call.arguments)
    said = f"{seen.call.name} {', '.join(map(str, given.values()))}".strip()
    if notes.failed(seen.result):
        place = str(next(iter(given.values()), ""))
        if place.startswith(("http://", "https://")):
            status = _STATUS.search(seen.result.content)  # a server's words stand in a fence or nowhere
            return f"Nothing could be read at {place}{f' (status {status[1]})' if status else ''}."
        if not notes.missing(seen.result.content) or not _ANYWHERE.match(place):
            return ""
        return f"There is no {place}. {seen.result.note}".strip()
    columns = notes.described(seen.result.content)
    content = columns or seen.result.content.strip() or "(nothing)"
    note = f"\n({seen.result.note})" if seen.result.note and not columns else ""
    return f"{fenced(f'Result of {said}', content, about)}{note}"


def _counted(call: ToolCall, latest: int, spec: ToolSpec | None) -> ToolCall:
    """The call, of a history for no more than the latest that are asked for, where its tool has an argument for that."""
    properties = (spec.parameters.get("properties") or {}) if spec is not None and _LOG in _words(spec) else {}
    whole = (
        name for name, schema in properties.items() if isinstance(schema, Mapping) and schema.get("type") == "integer"
    )
    count = next((name for name in whole if name in _COUNTS), "")
    return replace(call, arguments=json.dumps({**json.loads(call.arguments), count: latest})) if count else call


def _numbered(asked: Iterable[Look], before: int) -> tuple[ToolCall, ...]:
    calls: list[ToolCall] = []
    once = {(spec.name, value): (spec, value) for spec, value in asked}
    for number, (spec, value) in enumerate(list(once.values())[:MOST_CALLS], before + 1):
        required = spec.parameters.get("required") or ()
        arguments = {str(required[0]): value} if required else {}
        calls.append(ToolCall(f"{FIRST_LOOK}{number:04d}", spec.name, json.dumps(arguments, ensure_ascii=False)))
    return tuple(calls)


def _with(spec: ToolSpec | None, value: str) -> Iterable[Look]:
    return () if spec is None else ((spec, value),)


def _fitting(specs: Sequence[ToolSpec], verbs: Iterable[str], names: frozenset[str]) -> ToolSpec | None:
    """The simplest tool that only reads, does one of these, and needs one argument of such a name."""
    found = [spec for spec in specs if _words(spec) & set(verbs) and _needs(spec, names)]
    return min(found, key=lambda spec: len(spec.name), default=None)


def _only_reads(spec: ToolSpec, beside: Sequence[ToolSpec]) -> bool:
    """Whether a tool may be called for nobody's asking: by its flag, or where its server sets none, by a name that is plain.

    `open_file` may show a window, and `get_next` take something away; both are left to the model.
    """
    if not spec.server or spec.read_only:
        return bool(spec.server)
    flags = any(each.read_only for each in beside if each.server == spec.server)
    return not flags and tool_names.reads_by_name(spec) and bool(_words(spec) & _PLAIN)


def _needs(spec: ToolSpec, names: Iterable[str]) -> bool:
    required = spec.parameters.get("required") or ()
    return len(required) == 1 and str(required[0]).lower() in set(names)


def _words(spec: ToolSpec) -> set[str]:
    return tool_names.name_words(spec)


def _spec(seen: Seen, specs: Sequence[ToolSpec]) -> ToolSpec | None:
    return next((spec for spec in specs if spec.name == seen.call.name), None)
