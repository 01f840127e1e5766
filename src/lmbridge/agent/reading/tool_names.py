"""What a tool does, as far as its name and the names of its arguments tell: for servers that say nothing else of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lmbridge.agent.reading.names import last_part
from lmbridge.messages import ToolSpec

_PATTERN_NAMES = frozenset({"pattern", "glob", "query", "name", "filter", "search"})
_PLACE_NAMES = frozenset({"path", "dir", "directory", "folder", "root", "cwd"})
READS, LISTS = frozenset({"read", "cat", "view", "open"}), frozenset({"list", "ls", "dir"})
"""Words in the names of tools that read a file, and that list a folder."""
OUTLINES = frozenset({"tables", "describe", "schema", "columns", "allowed"})
"""Words in the names of tools that tell what there is, and nothing of what it holds."""
_DESCRIBES = frozenset({"list", "describe", "show", "tables", "schema"})
_READ_WORDS = frozenset({
    "read", "get", "list", "describe", "show", "search", "find", "select", "count", "view", "query", "lookup", "fetch", "open", "status", "log",
    "diff",
})  # fmt: skip
_WRITE_WORDS = frozenset({
    "add", "append", "apply", "commit", "copy", "create", "delete", "drop", "edit", "execute", "exec", "insert", "make", "mkdir", "modify", "move",
    "post", "publish", "push", "put", "remember", "remove", "rename", "replace", "reset", "run", "save", "send", "set", "store", "submit", "update",
    "upload", "upsert", "write",
})  # fmt: skip
_SHORTEST = 3
"""Letters of a word that is looked for."""
_TAKES = frozenset({
    "clean", "clear", "del", "delete", "deletes", "destroy", "discard", "erase", "purge", "recycle", "remove", "rm", "rmdir", "rmtree", "trash", "unlink", "wipe",
})  # fmt: skip
_NO_FILES = frozenset({
    "branch", "branches", "cache", "cell", "cells", "column", "columns", "comment", "comments", "contact", "contacts", "email", "emails", "edge", "edges", "entities", "entity", "event", "events", "index", "issue", "issues",
    "label", "labels", "line", "lines", "mail", "member", "members", "message", "messages", "node", "nodes", "observation", "observations", "record", "records", "relation", "relations", "reminder", "reminders", "row", "rows",
    "table", "tables", "tag", "tags", "text", "user", "users", "variable", "variables", "worktree",
})  # fmt: skip
"""What tools take away that is neither a file nor a folder."""
_PATHS = frozenset({
    "path", "paths", "file", "files", "filename", "file_path", "filepath", "file_paths", "folder", "dir", "directory", "target_file", "relative_path",
})  # fmt: skip
_SHELLS = frozenset({"bash", "cmd", "command", "commands", "console", "exec", "powershell", "shell", "ssh", "terminal"})
_COMMANDS = frozenset(
    {"action", "argv", "cmd", "code", "command", "commands", "method", "operation", "script", "shell"}
)
"""Names of arguments that hold a command of any kind, where their schema lists none."""
_TAKES_FILES = re.compile(
    r"\b(?:delet|remov|eras|unlink|trash)(?:es?|ing|s)?\s{1,3}(?:(?:an?|the|one|or|more|any|multiple|single|specified|given|existing|empty|this|these|and|local|remote|all)[\s,]{1,3}){0,6}"
    r"(?:files?|folders?|director(?:y|ies)|paths?|documents?)\b",
    re.IGNORECASE,
)
"""What descriptions say of a tool that deletes files: "Create, move or delete files"."""
_LONGEST_TOLD = 4000
_CONTENTS = re.compile(r"\b(?:contents?|grep|inside|full.?text|lines? (?:that|matching))\b", re.IGNORECASE)
"""Words of a description that tell of a search in files, and not for their names."""


def name_words(spec: ToolSpec) -> set[str]:
    """The words of a tool's name, in lower case: `listTables`, `list_tables` and `list-tables` have the same."""
    return set(words_of_name(spec.tool or spec.name))


def words_of_name(name: str) -> list[str]:
    """The words of a name in their order, in lower case."""
    return [word.lower() for word in re.split(r"[_\-.]|(?<=[a-z])(?=[A-Z])", name) if word]


def reads_by_name(spec: ToolSpec) -> bool:
    """Whether a tool that is not said to only read has the name of one (`read_query`), for servers that say nothing."""
    words = name_words(spec)
    return bool(words & _READ_WORDS) and not words & _WRITE_WORDS


def reads(spec: ToolSpec) -> bool:
    """Whether a tool only reads, by what its server says or by its name."""
    return spec.read_only or reads_by_name(spec)


def writes_by_name(spec: ToolSpec) -> bool:
    """Whether a tool has the name of one that writes (`create_table`)."""
    return bool(name_words(spec) & _WRITE_WORDS)


def describes(spec: ToolSpec) -> bool:
    """Whether a tool shows which names there are: of tables, columns or files."""
    return bool(name_words(spec) & _DESCRIBES)


def deletes(spec: ToolSpec) -> bool:
    """Whether a tool has the name of one that takes away."""
    return bool(name_words(spec) & {"delete", "remove", "drop", "clear", "purge", "reset", "truncate", "erase"})


def may_delete_files(spec: ToolSpec) -> bool:
    """Whether a tool may delete a file or a folder, as far as anything that is said of it tells: by a command of any kind as well.

    What is said of tools is read generously here: who asks wants to know whether there is surely none.
    """
    words, properties = name_words(spec), spec.parameters.get("properties")
    given = {str(name).lower(): value for name, value in properties.items()} if isinstance(properties, Mapping) else {}
    if words & _SHELLS or _TAKES_FILES.search(spec.description[:_LONGEST_TOLD]):
        return True
    if words & _TAKES and (set(given) & _PATHS or not words & _NO_FILES):
        return True
    return any(_is_any_command(name, value) for name, value in given.items())


def _is_any_command(name: str, schema: Any) -> bool:
    """Whether an argument may be a command that deletes: one of its schema's choices does, or it is to be any command."""
    choices = schema.get("enum") if isinstance(schema, Mapping) else None
    if isinstance(choices, Sequence) and not isinstance(choices, str):
        return any(not _TAKES.isdisjoint(words_of_name(str(choice))) for choice in choices)
    return name in _COMMANDS


def lists(tool: str) -> bool:
    """Whether a tool lists what is in a folder, by its name."""
    return not LISTS.isdisjoint(words_of_name(tool))


def tells_more(spec: ToolSpec) -> bool:
    """Whether a tool reads what a server holds, and not only what its tables are."""
    return reads(spec) and not name_words(spec) & OUTLINES


def searches_names(spec: ToolSpec) -> bool:
    """Whether a tool looks for names by a pattern in a place, as far as its schema and its first words tell."""
    properties = spec.parameters.get("properties")
    names = {str(name).lower() for name in properties} if isinstance(properties, Mapping) else set()
    return bool(names & _PATTERN_NAMES and names & _PLACE_NAMES) and not _CONTENTS.search(spec.description)


def is_sought(name: str) -> bool:
    """Whether an argument of this name holds what is looked for, or where."""
    return name.lower() in _PATTERN_NAMES | _PLACE_NAMES


def sought(arguments: Mapping[str, Any]) -> tuple[str, str]:
    """The word and the folder of a search of names; no word where it is a pattern such as `*.csv`."""
    texts = {name.lower(): value for name, value in arguments.items() if isinstance(value, str)}
    word = next((value for name, value in texts.items() if name in _PATTERN_NAMES), "").strip("*").strip()
    folder = next((value for name, value in texts.items() if name in _PLACE_NAMES), "")
    return ("" if len(word) < _SHORTEST or re.search(r"[*?\[{/\\]|^\.", word) else word), folder


def everything(specs: Sequence[ToolSpec]) -> str:
    """The tool that shows all that a server holds without being asked for anything; empty where there is none.

    One that only tells what its tables are shows nothing of what they hold.
    """
    plain = [each for each in specs if each.read_only and each.server and not each.parameters.get("properties")]
    names = [each.name for each in plain if not name_words(each) & OUTLINES]
    return min(names, key=len, default="")


def wildcards(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Arguments that are paths with wildcards in their last part: tools that move or read one thing know none."""
    given = {
        name: value
        for name, value in arguments.items()
        if isinstance(value, str) and name.lower() not in _PATTERN_NAMES
    }
    return {
        name: value
        for name, value in given.items()
        if "/" in value and "\n" not in value and re.search(r"[*?]", last_part(value))
    }
