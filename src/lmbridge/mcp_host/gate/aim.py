"""A call and what it is aimed at, and the two questions about it: does it only read, does it reach outside? Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lmbridge.mcp_host.gate.mentions import split_humps
from lmbridge.mcp_host.gate.paths import Looked
from lmbridge.mcp_host.gate.targets import Targets
from lmbridge.messages import ToolSpec

_READING = frozenset({
    "get", "list", "read", "search", "find", "describe", "show", "view", "query", "fetch", "browse", "open",
    "visit", "crawl", "scrape", "download", "lookup", "look", "check", "status", "log", "diff", "count", "sum",
    "head", "tail", "cat", "stat", "info", "inspect", "explain", "preview", "validate", "test", "ping", "echo",
    "calculate", "compute", "convert", "compare", "analyze", "analyse", "summarize", "summarise", "retrieve",
    "load", "select", "scan", "grep", "glob", "tree", "exists", "is", "has", "who", "what", "current", "now",
    "think", "resolve", "parse", "peek", "recall",
})  # fmt: skip
"""First words of tools that read. They only soften: an unannotated tool of such a name is not taken for a destroyer."""
_PUT = frozenset({"destination", "dest", "dst", "output", "outfile", "out", "save", "into"})
"""Words in the names of arguments that say where something is put."""
_WRITTEN_BY_OTHERS = frozenset({
    "mail", "mails", "email", "emails", "inbox", "message", "messages", "issue", "issues", "ticket", "tickets", "comment", "comments", "chat", "chats",
    "thread", "threads", "post", "posts", "tweet", "tweets", "review", "reviews", "feed", "feeds", "rss", "web", "webpage", "discussion", "discussions",
    "notification", "notifications", "pull", "dm", "dms", "reply", "replies", "sms",
})  # fmt: skip
"""Words in the names of tools whose results strangers have written."""
_READING_PROGRAMS = frozenset({
    "cat", "ls", "head", "tail", "grep", "rg", "find", "wc", "pwd", "date", "echo", "file", "stat", "du", "df",
    "tree", "which", "git", "diff", "sort", "uniq", "cut", "nl", "env", "uname", "whoami",
})  # fmt: skip
READ_METHODS = frozenset({"get", "head", "options"})
_SHELL_SIGNS = re.compile(r"[;&|<>`\r\n]|\$[({]")
_GIT_READS = re.compile(
    r"^git\s+(?:status|log|diff|show|rev-parse|ls-files|blame|describe|shortlog|(?:branch|tag)(?:\s+(?:-[alrv]+|--(?:all|list|remotes|show-current)))*$"
    r"|remote(?:\s+(?:-v|show\b.*|get-url\b.*))?$)"
)
_WRITES_ANYWAY = {
    "find": re.compile(r"\s-(?:delete|exec|execdir|ok|okdir|fprint\w*|fls)\b"),
    "sort": re.compile(r"\s(?:-\w*o|--o\w*|--compress-program|-T)"),
    "tree": re.compile(r"\s(?:-o|--output)"),
    "git": re.compile(r"\s--(?:output|ext-diff|textconv|exec|upload-pack)"),
    "rg": re.compile(r"\s--(?:pre|hostname-bin)\b"),
    "date": re.compile(r"\s(?:-\w*s|--s\w*|\d)"),
    "file": re.compile(r"\s(?:-\w*C|--compile)"),
    "uniq": re.compile(r"\s[^-\s]\S*\s+[^-\s]"),
    "env": re.compile(r"\s"),
}
"""Of programs that read, the options and places with which they write, remove or start another one."""


@dataclass(frozen=True, slots=True)
class Aimed:
    """A valid call, with what it is aimed at.

    Attributes:
        spec: The tool.
        called: The name under which the model called it.
        arguments: Its arguments.
        targets: What stands in them.
        looked: Its paths, looked up.
        roots: The folders that its server works in.
    """

    spec: ToolSpec
    called: str
    arguments: Mapping[str, Any]
    targets: Targets
    looked: tuple[Looked, ...] = ()
    roots: tuple[str, ...] = ()


def reads(order: Aimed) -> bool:
    """Whether a call changes nothing, as far as its tool, its name or its statement tell."""
    spec, aimed = order.spec, order.targets
    if aimed.statement is not None and not spec.read_only:
        return aimed.statement.effect == "reads"
    if spec.read_only or _is_dry(order):
        return True
    if spec.destructive is not None:
        return False
    if aimed.addresses and (method := method_of(order)):
        return method in READ_METHODS
    if aimed.command:
        return _is_reading_command(order)
    return _first_word(spec) in _READING and not puts(order)


def puts(order: Aimed) -> bool:
    """Whether a call of a tool that reads by its name says where it puts what it gets: a download, a conversion into a file."""
    if _first_word(order.spec) not in _READING:
        return False
    paths = {path for path in order.targets.paths if re.search(r"[/\\]|\.\w+$", path)}
    if not paths:
        return False
    if _first_word(order.spec) == "download":
        return bool(order.targets.addresses)
    return any(
        isinstance(value, str) and value.strip() in paths and not _PUT.isdisjoint(words_in(str(key)))
        for key, value in order.arguments.items()
    )


def _first_word(spec: ToolSpec) -> str:
    """What a tool does, by its name: the first word that is not its server's name."""
    return _first_of(spec.tool or spec.name, spec.server)


@lru_cache(maxsize=2048)
def _first_of(tool: str, server: str) -> str:
    words, own = words_in(tool), words_in(server)
    return next((word for word in words if word not in own), words[0] if words else "")


def of_strangers(order: Aimed) -> bool:
    """Whether a call reads what people outside write, though nobody says that its tool reaches them."""
    words = words_in(order.spec.tool or order.spec.name)
    return order.spec.open_world is None and reads(order) and not _WRITTEN_BY_OTHERS.isdisjoint(words)


def method_of(order: Aimed) -> str:
    """The method of a request that a call makes, lower-cased; empty where none is told."""
    return next((str(value).lower() for key, value in order.arguments.items() if str(key).lower() == "method"), "")


def _is_dry(order: Aimed) -> bool:
    properties = order.spec.schema.get("properties")
    known = properties if isinstance(properties, Mapping) else {}
    return any(order.arguments.get(name) is True for name in ("dryRun", "dry_run") if name in known)


def _is_reading_command(order: Aimed) -> bool:
    texts = [text.strip() for text in order.targets.payload]
    line = " ".join(texts)
    if not line or _SHELL_SIGNS.search(line):
        return False
    program = line.split()[0]
    writes = _WRITES_ANYWAY.get(program)
    if program not in _READING_PROGRAMS or (writes and writes.search(line)):
        return False
    return program != "git" or bool(_GIT_READS.match(line))


@lru_cache(maxsize=2048)
def words_in(name: str) -> tuple[str, ...]:
    """The words of a tool's name, lower-cased."""
    return tuple(word.lower() for word in re.findall(r"[A-Za-z]+|\d+", split_humps(name)))


def is_open(order: Aimed) -> bool:
    """Whether a call reaches into the open world: by its tool's label, or since an address, or a remote by its name, stands in its arguments."""
    spec, aimed = order.spec, order.targets
    return spec.open_world is True or bool(aimed.addresses) or (spec.open_world is None and aimed.remote)
