"""The calls of an example in the words of a run's own tools: their names, and how they name their arguments. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lmbridge.agent.reading.tool_names import name_words
from lmbridge.messages import ToolSpec

Call = Mapping[str, Any]
"""`tool` and `arguments`, as a reply has them."""
PATH = frozenset({"path", "file_path", "filepath", "file", "filename", "uri", "target_file", "relative_path"})
TEXT = frozenset({"content", "contents", "text", "data", "file_text", "body"})
_OLD = frozenset({"oldtext", "old_text", "old_string", "old_str", "search", "find"})
_NEW = frozenset({"newtext", "new_text", "new_string", "new_str", "replace", "replacement"})
_QUERY = frozenset({"query", "sql", "statement"})
_FROM = frozenset({"source", "src", "from", "source_path", "old_path", "from_path"})
_TO = frozenset({"destination", "dest", "dst", "to", "destination_path", "new_path", "target", "to_path"})
_REPOSITORY = frozenset({"repo_path", "repo", "repository", "path", "cwd", "working_dir"})
_BRANCH = frozenset({"branch_name", "branch", "name"})


class NotOfferedError(LookupError):
    """No tool of the run does what the example shows."""


@dataclass(frozen=True, slots=True)
class Does:
    """What a tool does.

    Attributes:
        words: Each a set of words of which its name has one.
        arguments: Each a set of names, in lower case, of which one of its arguments has one.
    """

    words: tuple[frozenset[str], ...]
    arguments: tuple[frozenset[str], ...]


def _does(words: str, *arguments: frozenset[str]) -> Does:
    return Does(tuple(frozenset(each.split("|")) for each in words.split()), arguments)


WRITES = _does("write|create|save|put file|note|text", PATH, TEXT)
MOVES = _does("move|rename|mv", _FROM, _TO)
MAKES_FOLDER = _does("create|make|mkdir|new directory|folder|dir|mkdir", PATH | {"directory", "folder", "dir"})
RUNS_SQL = _does("write|execute|run|exec|update query|sql|statement", _QUERY)
MAKES_TABLE = _does("create|write|execute|run|exec|query table|query|sql|statement", _QUERY)
STAGES = _does("add|stage", _REPOSITORY, frozenset({"files", "paths"}))
COMMITS = _does("commit", _REPOSITORY, frozenset({"message", "msg"}))
MAKES_BRANCH = _does("create|new branch", _REPOSITORY, _BRANCH)
SWITCHES = _does("checkout|switch", _REPOSITORY, _BRANCH)
FORGETS_OBSERVATIONS = _does("delete|remove observations", frozenset({"deletions"}))
FORGETS_ENTITIES = _does("delete|remove entities", frozenset({"entitynames", "names"}))
ADDS_OBSERVATIONS = _does("add observations", frozenset({"observations"}))
MAKES_ENTITIES = _does("create|add entities", frozenset({"entities"}))
MAKES_RELATIONS = _does("create|add relations", frozenset({"relations"}))
SHOWS = _does("show", _REPOSITORY, frozenset({"revision", "commit", "ref", "rev", "hash", "sha"}))
CONVERTS = _does(
    "convert", frozenset({"source_timezone", "from_timezone", "source_tz"}), frozenset({"time"}),
    frozenset({"target_timezone", "to_timezone", "target_tz"}),
)  # fmt: skip
READS = _does("read|open|view|cat|get", PATH)
_EDITS = frozenset({"edit", "replace", "patch", "update"})


class Offered:
    """The tools that a run's model is offered.

    Args:
        specs: The tools, as they are shown.
    """

    def __init__(self, specs: Sequence[ToolSpec]) -> None:
        self._specs = [spec for spec in specs if spec.server]

    def name(self, does: Does, otherwise: str) -> str:
        """The name of the tool that does something, or this one."""
        found = self._found(does)
        return found[0].name if found else otherwise

    def call(self, does: Does, *values: Any) -> Call:
        """A call of the tool that does something, its values under the names that it has for them.

        Raises:
            NotOfferedError: There is none.
        """
        found = self._found(does)
        if found is None:
            raise NotOfferedError(does)
        spec, names = found
        return {"tool": spec.name, "arguments": dict(zip(names, values, strict=True))}

    def edit(self, path: str, edits: Mapping[str, str]) -> Call:
        """A call that puts new text in the place of old.

        Raises:
            NotOfferedError: No tool does that, or only one text at a time where there are several.
        """
        for spec in self._specs:
            properties = _properties(spec)
            where = _named(properties, PATH)
            if where is None or not name_words(spec) & _EDITS:
                continue
            if inner := _in_list(properties):
                name, old, new = inner
                changes = [{old: before, new: after} for before, after in edits.items()]
                return {"tool": spec.name, "arguments": {where: path, name: changes}}
            old, new = _named(properties, _OLD), _named(properties, _NEW)
            if old and new and len(edits) == 1:
                ((before, after),) = edits.items()
                return {"tool": spec.name, "arguments": {where: path, old: before, new: after}}
        raise NotOfferedError("edit")

    def _found(self, does: Does) -> tuple[ToolSpec, list[str]] | None:
        """The tool of the shortest name, and the names of its arguments; none that asks for others as well."""
        fitting = []
        for spec in self._specs:
            properties = _properties(spec)
            names = [_named(properties, each) for each in does.arguments]
            required = spec.parameters.get("required")
            needed = {str(each) for each in required} if isinstance(required, list | tuple) else set()
            if all(words & name_words(spec) for words in does.words) and None not in names and needed <= set(names):
                fitting.append((spec, [name for name in names if name]))
        return min(fitting, key=lambda found: len(found[0].name), default=None)


def _properties(spec: ToolSpec) -> Mapping[str, Any]:
    properties = spec.parameters.get("properties")
    return properties if isinstance(properties, Mapping) else {}


def _named(properties: Mapping[str, Any], names: frozenset[str]) -> str | None:
    return next((name for name in properties if name.lower() in names), None)


def _in_list(properties: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """The list of edits among the arguments, and how each names its old and its new text."""
    for name, schema in properties.items():
        items = schema.get("items") if isinstance(schema, Mapping) else None
        inner = items.get("properties") if isinstance(items, Mapping) else None
        if isinstance(inner, Mapping):
            old, new = _named(inner, _OLD), _named(inner, _NEW)
            if old and new:
                return name, old, new
    return None
