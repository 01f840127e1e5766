"""The layouts of mcp.json files: under which keys the servers stand, and which of them a folder sees."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lmbridge.mcp_host.config.client_limits import switched_off
from lmbridge.mcp_host.config.entry import ServerEntry
from lmbridge.mcp_host.config.jsonc import Doubled, twice
from lmbridge.mcp_host.config.parse_entry import ParseContext, PlaceOf, ReadEnvFile, read_entry, untrusted_entry
from lmbridge.mcp_host.config.program_forms import KEYS, ServersProblem, in_common_form, servers_of
from lmbridge.mcp_host.config.programs import Dialect, Place
from lmbridge.mcp_host.config.trust import mark_of
from lmbridge.mcp_host.config.variables import Variables

_KEYS = ("mcpServers", "servers")
_EXTRAS = frozenset({"$schema", "inputs"})
_OF_AN_ENTRY = frozenset({"command", "url", "serverUrl", "httpUrl"})


class DocumentProblem(ValueError):  # noqa: N818  # it becomes the file's problem, not an error at a border
    """The file as a whole is not a configuration."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Servers that stand together: within one a name may be there once; an earlier layer wins over a later one."""

    scope: str
    entries: Mapping[str, Any]
    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a file is read in: the process's variables and folders, the way to an `envFile`, where a text stands, what is trusted."""

    environment: Mapping[str, str]
    home: Path
    read_env_file: ReadEnvFile
    place_of: PlaceOf = lambda _: None
    trusts: Callable[[str], bool] = lambda _mark: True
    knew: Callable[[str, Path], bool] = lambda _name, _origin: False


def read_document(document: object, place: Place, around: Surroundings) -> tuple[ServerEntry, ...]:
    """The servers of a parsed file, those of the narrower scope first; duplicates carry a problem.

    Raises:
        DocumentProblem: It is not a configuration at all.
    """
    entries: list[ServerEntry] = []
    for layer in layers(document, place):
        variables = Variables(around.environment, place.workspace, around.home, layer.inputs)
        context = ParseContext(place, layer.scope, variables, around.read_env_file, around.place_of)
        entries += _refuse_duplicates(layer, [_read(n, raw, context, around) for n, raw in layer.entries.items()])
    return tuple(entries)


def _read(name: str, raw: object, context: ParseContext, around: Surroundings) -> ServerEntry:
    """One entry; of an opened folder's that the user has not let start, only that it is there."""
    if not context.place.opened or not isinstance(raw, Mapping):
        return read_entry(name, raw, context)
    mark = mark_of(name, raw, context.place.path, _env_file(raw, context))
    if around.trusts(mark):
        return read_entry(name, raw, context)
    return untrusted_entry(name, raw, context, mark, changed=around.knew(name, context.place.path))


def _env_file(raw: Mapping[str, Any], context: ParseContext) -> str | None:
    """The text of its `envFile`, since that decides what is started as well; None where there is none to be read."""
    named = raw.get("envFile")
    if not isinstance(named, str):
        return None
    folder = str(context.place.workspace)
    path = Path(re.sub(r"\$\{workspace(?:Folder|Root)\}", lambda _match: folder, named))
    try:
        return context.read_env_file(context.place.workspace / path)
    except (OSError, ValueError):
        return None


def layers(document: object, place: Place) -> Iterator[Layer]:
    """The groups of servers in a file, the one that wins first.

    Raises:
        DocumentProblem: It is not a configuration at all.
    """
    if document is None and place.path.suffix in {".yaml", ".yml"}:
        return  # an empty file, or nothing but comments
    if not isinstance(document, Mapping):
        raise DocumentProblem("the file must hold an object")
    if place.dialect == "switches":
        return
    if place.sole and (told := _told_dialect(document)):
        place = replace(place, dialect=told)
    if place.dialect == "claude-code":
        yield from _project_layer(document, place)
    if place.dialect in KEYS:
        yield from _of_program(document, place)
        return
    found = [_layer(document, key, place) for key in _KEYS if key in document]
    nested = document.get("mcp")
    if isinstance(nested, Mapping):
        found += [_layer(nested, key, place) for key in _KEYS if key in nested]
    if not found and place.dialect == "mcp":
        found = _bare(document, place)
    yield from _united(found)


def _told_dialect(document: Mapping[str, Any]) -> Dialect | None:
    """Whose form the one file that is read has by what stands in it, whatever its name; None where it has the common one."""
    if any(isinstance(document.get(key), Mapping) for key in _KEYS):
        return None
    for dialect in ("codex", "zed"):
        if KEYS[dialect] in document:
            return dialect
    if isinstance(document.get("mcpServers"), list):
        return "continue"
    nested = document.get("mcp")
    entries = nested.values() if isinstance(nested, Mapping) and not nested.keys() & set(_KEYS) else ()
    told = any(isinstance(each, Mapping) and each.get("type") in ("local", "remote") for each in entries)
    return "opencode" if told else None


def _layer(parent: Mapping[str, Any], key: str, place: Place) -> Layer:
    if key in twice(parent):
        raise DocumentProblem(f"`{key}` is there twice in the file")
    entries = parent[key]
    if entries is None:
        entries = {}
    if not isinstance(entries, Mapping):
        raise DocumentProblem(f"`{key}` must be an object with the servers' names as keys")
    scope = f"{place.program} (user)" if place.dialect == "claude-code" else place.program
    return Layer(scope, in_common_form(entries, place.dialect), _inputs(parent.get("inputs")))


def _of_program(document: Mapping[str, Any], place: Place) -> Iterator[Layer]:
    """The servers of a program that keeps them under a key and in a form of its own."""
    if KEYS[place.dialect] in twice(document):
        raise DocumentProblem(f"`{KEYS[place.dialect]}` is there twice in the file")
    try:
        servers = servers_of(document, place.dialect)
    except ServersProblem as problem:
        raise DocumentProblem(str(problem)) from None
    if servers is not None:
        yield Layer(place.program, servers)


def _united(found: list[Layer]) -> list[Layer]:
    """One layer of all that stand in a file side by side, so that a name in two of them is seen as a duplicate."""
    if len(found) < 2:
        return found
    entries = Doubled()
    seen_twice: set[str] = set()
    inputs: dict[str, Mapping[str, Any]] = {}
    for layer in found:
        seen_twice |= twice(layer.entries) | (entries.keys() & layer.entries.keys())
        entries |= layer.entries
        inputs |= layer.inputs
    entries.keys_twice = frozenset(seen_twice)
    return [Layer(found[0].scope, entries, inputs)]


def _project_layer(document: Mapping[str, Any], place: Place) -> Iterator[Layer]:
    """Claude Code's local scope: the servers of the nearest folder, from the workspace upwards, that has any."""
    projects = document.get("projects")
    if not isinstance(projects, Mapping):
        return
    for folder in (place.workspace, *place.workspace.parents):
        project = projects.get(str(folder), projects.get(folder.as_posix()))
        servers = project.get("mcpServers") if isinstance(project, Mapping) else None
        if isinstance(servers, Mapping) and servers:
            yield Layer(f"{place.program} (local)", servers)
            return


def denied_tools_in(document: object, place: Place) -> tuple[str, ...]:
    """The tools that Claude Code's settings deny to everybody, as its rules name them: `mcp__server__tool`, `mcp__server`."""
    permissions = document.get("permissions") if isinstance(document, Mapping) and place.dialect == "switches" else None
    rules = permissions.get("deny") if isinstance(permissions, Mapping) else None
    named = [rule for rule in rules if isinstance(rule, str)] if isinstance(rules, list) else []
    return tuple(rule for rule in named if rule.startswith("mcp__"))


def switched_off_in(document: object, place: Place) -> dict[str, str]:
    """The servers that a file switches off by name, for this folder or everywhere, and the key that says so."""
    if not isinstance(document, Mapping):
        return {}
    found = switched_off(document)
    projects = document.get("projects")
    if place.dialect != "claude-code" or not isinstance(projects, Mapping):
        return found
    for folder in (place.workspace, *place.workspace.parents):
        project = projects.get(str(folder), projects.get(folder.as_posix()))
        if isinstance(project, Mapping):
            return found | switched_off(project)
    return found


def _bare(document: Mapping[str, Any], place: Place) -> list[Layer]:
    """A map of entries without a key above it, as in snippets and deep links."""
    if any(isinstance(value, Mapping) and _OF_AN_ENTRY & value.keys() for value in document.values()):
        return [Layer(place.program, _without_extras(document), _inputs(document.get("inputs")))]
    if document.keys() - _EXTRAS:
        raise DocumentProblem("it has no `mcpServers` (or, for VS Code, `servers`)")
    return []


def _without_extras(document: Mapping[str, Any]) -> Mapping[str, Any]:
    entries = Doubled({name: raw for name, raw in document.items() if name not in _EXTRAS})
    entries.keys_twice = twice(document)
    return entries


def _inputs(listed: object) -> dict[str, Mapping[str, Any]]:
    if not isinstance(listed, list):
        return {}
    return {item["id"]: item for item in listed if isinstance(item, Mapping) and isinstance(item.get("id"), str)}


def sanitised(name: str) -> str:
    """The form in which two names of one file must differ."""
    return re.sub(r"[^a-z0-9_-]+", "_", name.strip().lower())


def _refuse_duplicates(layer: Layer, entries: list[ServerEntry]) -> list[ServerEntry]:
    """Refuses every bearer of a name that is there more than once: nobody can tell which one is meant."""
    doubled = twice(layer.entries)
    bearers: dict[str, list[str]] = {}
    for entry in entries:
        bearers.setdefault(sanitised(entry.name), []).append(entry.name)
    judged = []
    for entry in entries:
        others = [name for name in bearers[sanitised(entry.name)] if name != entry.name]
        if entry.name in doubled:
            judged.append(replace(entry, problem=f"the name {entry.name!r} is there twice in this file"))
        elif others:
            judged.append(replace(entry, problem=f"its name is too like {others[0]!r} in this file; rename one"))
        else:
            judged.append(entry)
    return judged
