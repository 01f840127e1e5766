"""What a call aims at: the paths, addresses, recipients, tables and names in its arguments. Pure.

Which argument is what is told by its name, by its schema and by its value. An argument that is content (the text of a
file, of a message) aims at nothing, whatever stands in it; one that is a command aims at all that it names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from lmbridge.identical import Identical
from lmbridge.mcp_host.gate import addresses, statements
from lmbridge.mcp_host.gate.addresses import Destination
from lmbridge.mcp_host.gate.mentions import split_humps
from lmbridge.mcp_host.gate.paths import plain
from lmbridge.mcp_host.gate.statements import Statement
from lmbridge.messages import JsonSchema, ToolSpec

_WORDS = re.compile(r"[a-z]+|\d+")
ADDRESS = frozenset({
    "url", "urls", "uri", "uris", "link", "links", "href", "host", "hosts", "hostname", "domain", "domains",
    "server", "endpoint", "webhook", "callback", "email", "emails", "mail", "to", "cc", "bcc", "recipient",
    "recipients", "address", "addresses", "ip", "website", "site", "proxy", "remote", "origin", "feed", "phone",
    "number",
})  # fmt: skip
"""Names of arguments that hold an address of the network or of a person."""
_URLISH = frozenset({
    "url", "urls", "uri", "uris", "href", "host", "hosts", "hostname", "domain", "domains", "endpoint", "webhook",
    "callback", "email", "emails", "mail", "ip", "website",
})  # fmt: skip
"""Of these, the ones that hold nothing else."""
RECIPIENT = frozenset({
    "to", "cc", "bcc", "recipient", "recipients", "channel", "channels", "room", "chat", "user", "users", "member",
    "phone", "account", "iban", "webhook", "topic", "queue", "bucket",
})  # fmt: skip
PATH = frozenset({
    "path", "paths", "file", "files", "filename", "filenames", "filepath", "source", "sources", "destination",
    "src", "dst", "dest", "directory", "directories", "dir", "folder", "folders", "root", "cwd", "output", "input",
    "location", "target", "from",
})  # fmt: skip
_AIMING = ADDRESS | PATH
_ENDS = frozenset({"from"})
"""A name that accounts, dates and tables have as well as files: what stands there is a file only where it looks like one."""
_IDS = frozenset({"id", "ids", "uuid", "guid", "slug", "sha", "project", "repo", "repository", "zone"})
"""Names of arguments that say which one of a server's things is meant: `corp/lamps` and `1Bud9x` there are no files."""
_WAYS = frozenset({"path", "paths", "directory", "dir", "folder"})
_WRITTEN_OUT = _WAYS | {"filepath", "filename", "destination", "dest", "dst", "directories", "folders", "dirs"}
"""Names of arguments that hold paths and nothing else, also where line breaks stand in them."""
_NAME = frozenset(["name", "filename", "file", "basename", "title"])
CONTENT = frozenset({
    "content", "contents", "text", "body", "data", "message", "messages", "description", "value", "values", "note",
    "notes", "observation", "observations", "comment", "prompt", "html", "markdown", "newtext", "oldtext",
    "summary", "payload", "reason", "old", "new", "string",
})  # fmt: skip
_SQL = frozenset({"sql", "statement", "statements"})
"""Names of arguments that hold nothing else than SQL."""
COMMAND = frozenset(
    [
        "command",
        "commands",
        "cmd",
        "script",
        "code",
        "shell",
        "cli",
        "argv",
        "bash",
        "powershell",
        "expression",
        "program",
    ]
)
_ADDRESS_FORMATS = frozenset(
    ["uri", "url", "iri", "uri-reference", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6"]
)
_PATH_SHAPE = re.compile(r"^(?:[A-Za-z]:[\\/]|[\\/]{1,2}[\w.~-]|~[\\/]|\.{1,2}[\\/]|file:)")
_FILE_SHAPE = re.compile(r"^(?:[\w.-]+[\\/])+[\w .()-]*$|^\.?[\w-][\w .()-]{0,120}\.[A-Za-z]\w{0,7}$")
_HAS_SCHEME = re.compile(r"(?i)^\s*(?!file:)[a-z][a-z0-9+.-]{1,20}:[/\\]{2}")
_SHELL_TOKEN = re.compile(r"[^\s\"'`<>|;&()$={},\[\]]+")
UPLOADED = re.compile(
    r"(?:=@|(?<!\S)(?:-d|--data[\w-]*|--json)[= ]?@|(?<!\S)(?:-T|--upload-file|--post-file|--body-file)[= ]?|\s<\s*)([^\s\"'`;|&<>()=,@]+)"
)
"""Files that commands upload: `-d @FILE`, `-F a=@FILE`, `-T FILE`, `< FILE`."""
_HEADERS = frozenset({"header", "headers"})
_LINES = frozenset({"subject", "title", "name", "to", "from", "cc", "reply", "filename", "sender"})
"""Arguments that are one line of a message."""
_NEXT_HEADER = re.compile(r"(?i)(?:[\r\n]|\\[rn])+\s*(?:to|b?cc|reply-to|from|resent-\w+|x-[\w-]+)\s*:")
_TIME = re.compile(r"^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d\S*)?$|^\d{1,2}:\d\d(?::\d\d)?$|^\d{1,2}[./]\d{1,2}[./]\d{2,4}$")
_LONGEST_NAME = 120
_LONGEST_PATH, _LONGEST_READ = 4096, 2**20
_OPENINGS = frozenset({"[", "{"})
_REMOTES = frozenset({"remote", "upstream", "remote_name", "remotename"})
"""Arguments that say by a name where something goes: what is pushed to `origin` leaves this machine."""
_SHORT_KEY = 4
_MANY_KEYS = 6
_MOST = 2_000
MOST_PATHS = 500
"""Values and paths of one call that are looked at; a call with more is asked about as a whole."""


class Leaf(NamedTuple):  # made for every value of every call, a third as fast as a frozen dataclass is
    """A value within the arguments: the words of the names above it, innermost last, and its text."""

    names: tuple[frozenset[str], ...]
    text: str
    number: bool = False
    listed: bool = False

    @property
    def own(self) -> frozenset[str]:
        """The words of its own argument's name."""
        return self.names[-1] if self.names else frozenset()

    def is_one_of(self, words: frozenset[str]) -> bool:
        """Whether its own name, or one above it, is of this kind."""
        return bool(self.names) and not words.isdisjoint(self.names[-1])


@dataclass(frozen=True, slots=True)
class Targets:
    """What the arguments of a call aim at.

    Attributes:
        paths: Files and folders, as they are written.
        addresses: Hosts and mail addresses.
        recipients: Other receivers: channels, rooms, accounts.
        statement: What SQL among them does.
        command: Whether it is a command line or code.
        names: Short values: ids, names of entities, keys.
        listed: Those of them that stand in lists, of which each is meant.
        payload: Every text that goes out, in order.
        keys: The names in objects among the arguments.
        tables: What stands in arguments that name a table.
        remote: Whether an argument says by a name where something goes.
        more: Whether there is more in the arguments than was looked at.
    """

    paths: tuple[str, ...] = ()
    addresses: tuple[Destination, ...] = ()
    recipients: tuple[str, ...] = ()
    statement: Statement | None = None
    command: bool = False
    names: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    payload: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    more: bool = False
    tables: tuple[str, ...] = ()
    remote: bool = False

    @property
    def going(self) -> tuple[str, ...]:
        """All that goes out."""
        return (*self.payload, *self.keys)


def targets(spec: ToolSpec, arguments: Mapping[str, Any]) -> Targets:
    """What a call of this tool with these arguments aims at."""
    given = list(leaves_of(arguments))
    leaves = _opened(given)
    hint = _address_arguments(Identical(spec.schema))
    found_paths: dict[str, None] = {}
    found_addresses: dict[Destination, None] = {}
    recipients: dict[str, None] = {}
    names: dict[str, None] = {}
    sql: list[str] = []
    command = False
    to_a_file = any(leaf.is_one_of(PATH) and _paths(leaf) for leaf in leaves[:_MOST])
    for leaf in leaves[:_MOST]:
        if leaf.is_one_of(COMMAND) and not leaf.number:
            command = True
            found_addresses |= dict.fromkeys(addresses.in_text(leaf.text))
            found_paths |= dict.fromkeys(_paths_in_command(leaf.text))
        elif to_a_file and leaf.is_one_of(CONTENT) and not leaf.is_one_of(_AIMING):
            continue
        elif smuggled := _in_headers(leaf) or _in_formula(leaf):
            found_addresses |= dict.fromkeys(smuggled)
        elif statements.is_sql(leaf.text) or (leaf.own & _SQL and leaf.text.strip() and not leaf.number):
            sql.append(leaf.text)
        elif leaf.is_one_of(CONTENT) and not leaf.is_one_of(_AIMING):
            continue
        elif seen := _addresses(leaf, hint):
            found_addresses |= dict.fromkeys(seen)
        elif seen_paths := _paths(leaf):
            found_paths |= dict.fromkeys(seen_paths)
        elif leaf.is_one_of(RECIPIENT) and not is_time(leaf.text) and 0 < len(leaf.text) <= _LONGEST_NAME:
            recipients[leaf.text.strip()] = None
        elif 0 < len(leaf.text.strip()) <= _LONGEST_NAME:
            names[leaf.text.strip()] = None
    found_paths |= dict.fromkeys(_joined(leaves))
    statement = statements.read(";".join(sql)) if sql else None
    if statement:
        found_paths |= dict.fromkeys(statement.put)
        found_addresses |= {
            address: None for url in statement.reached for address in addresses.of_value(url, surely=True)
        }
    return Targets(
        tuple(found_paths),
        tuple(found_addresses),
        tuple(recipients),
        statement,
        command,
        tuple(names),
        tuple(leaf.text.strip() for leaf in leaves if leaf.listed and leaf.text.strip() in names),
        tuple(leaf.text for leaf in given),
        tuple(_keys(arguments)),
        len(leaves) > _MOST or len(found_paths) > MOST_PATHS,
        tuple(leaf.text for leaf in given if leaf.text and "table" in leaf.own),
        any(value and str(key).lower() in _REMOTES for key, value in arguments.items()),
    )


def _keys(arguments: Mapping[str, Any]) -> Iterator[str]:
    """The names in the objects among the arguments, which nobody but the caller chose: one by one, and of many together."""
    stack: list[Any] = list(arguments.values())
    while stack:
        current = stack.pop()
        if isinstance(current, str):
            continue
        if isinstance(current, Mapping):
            names = [str(name) for name in current]
            yield from (name for name in names if len(name) > _SHORT_KEY)
            if len(names) >= _MANY_KEYS:
                yield "".join(names)
            stack += current.values()
        elif isinstance(current, list | tuple):
            stack += current


def leaves_of(value: Any, names: tuple[frozenset[str], ...] = ()) -> Iterator[Leaf]:
    """Every text and number within arguments."""
    stack: list[tuple[Any, tuple[frozenset[str], ...], bool]] = [(value, names, False)]
    while stack:
        current, above, listed = stack.pop()
        if isinstance(current, str):
            yield Leaf(above, current, listed=listed)
        elif isinstance(current, (dict, Mapping)):
            stack += [(item, (*above, words_of(str(key))), False) for key, item in reversed(list(current.items()))]
        elif isinstance(current, list | tuple):
            stack += [(item, above, True) for item in reversed(current)]
        elif isinstance(current, int | float) and not isinstance(current, bool):
            yield Leaf(above, str(current), number=True, listed=listed)


@lru_cache(maxsize=2048)
def words_of(name: str) -> frozenset[str]:
    """The words of an argument's name: `filePath`, `file_path` and `file-path` are alike."""
    return frozenset(_WORDS.findall(split_humps(name).lower())) | {re.sub(r"[^a-z]", "", name.lower())}


@lru_cache(maxsize=4096)
def _address_arguments(schema: Identical[JsonSchema]) -> frozenset[str]:
    """The same for a tool, whose schema is the same one at each call."""
    properties = schema.value.get("properties")
    return address_arguments_of(properties) if isinstance(properties, Mapping) else frozenset()


def address_arguments_of(properties: JsonSchema) -> frozenset[str]:
    """The arguments whose schema says that they hold an address (`format`: uri, email, hostname, …)."""
    found = set()
    for name, about in properties.items():
        if isinstance(about, Mapping):
            inner = about.get("items")
            formats = {str(about.get("format")), str(inner.get("format")) if isinstance(inner, Mapping) else ""}
            if formats & _ADDRESS_FORMATS:
                found.add("".join(sorted(words_of(str(name)))))
    return frozenset(found)


def _addresses(leaf: Leaf, by_format: frozenset[str]) -> tuple[Destination, ...]:
    surely = leaf.is_one_of(_URLISH) or "".join(sorted(leaf.own)) in by_format
    expected = surely or leaf.is_one_of(ADDRESS)
    if (leaf.number and not surely) or leaf.text.startswith("file:"):
        return ()
    if (
        not expected
        and (leaf.is_one_of(PATH) or not re.search(r"@|^[\\/]{2}\w", leaf.text))
        and not _HAS_SCHEME.match(leaf.text)
    ):
        return ()
    found = addresses.of_value(leaf.text, surely=surely)
    return found or (addresses.in_text(leaf.text) if expected else ())


def _in_headers(leaf: Leaf) -> tuple[Destination, ...]:
    """Mail addresses that get a message without standing where its receivers do: in headers of its own, in a line that breaks out of its subject."""
    if leaf.number or "@" not in leaf.text:
        return ()
    if any(names & _HEADERS for names in leaf.names) or (leaf.own & _LINES and _NEXT_HEADER.search(leaf.text)):
        return tuple(address for address in addresses.in_text(leaf.text) if address.user)
    return ()


def _in_formula(leaf: Leaf) -> tuple[Destination, ...]:
    """Addresses that a sheet's formula goes to whenever somebody opens it."""
    return addresses.in_text(leaf.text) if leaf.text.lstrip()[:1] == "=" and "://" in leaf.text else ()


def _opened(given: Sequence[Leaf]) -> list[Leaf]:
    """The values, and in place of a list or object that is given as text its own."""
    leaves: list[Leaf] = []
    for leaf in given:
        leaves += _unfolded(leaf) if leaf.text.lstrip()[:1] in _OPENINGS else (leaf,)
    return leaves


def _unfolded(leaf: Leaf) -> Iterator[Leaf]:
    """A list or object of files that is given as text, as its values; what only begins like one, or names no files, as it is."""
    text = leaf.text.strip()
    if leaf.is_one_of(PATH) and len(text) <= _LONGEST_READ:
        with suppress(ValueError, RecursionError):
            value = json.loads(text)
            yield from (inner._replace(listed=True) for inner in leaves_of(value, leaf.names))
            return
    yield leaf


def _paths(leaf: Leaf) -> tuple[str, ...]:
    """The files that a value names: itself; of one in several lines, or longer than paths are, what a server would make of it."""
    text = leaf.text.strip()
    if "\n" not in text and len(text) <= _LONGEST_PATH:
        return (text,) if _is_path(leaf, text) else ()
    if leaf.number or not leaf.is_one_of(_WRITTEN_OUT) or len(text) > _LONGEST_READ:
        return ()
    whole = plain(text)  # `x` with a line break, then `/../a`, is `a`
    lines = [line.strip() for line in text.split("\n")]
    return tuple(path for path in (whole, *lines) if len(path) <= _LONGEST_PATH and _is_path(leaf, path))


def _is_path(leaf: Leaf, text: str) -> bool:
    if leaf.number or not text:
        return False
    if _PATH_SHAPE.match(text):
        return True
    if leaf.is_one_of(_IDS) and not leaf.is_one_of(_WAYS):
        return False
    if leaf.own <= _ENDS:
        return bool(_FILE_SHAPE.match(text))
    if leaf.is_one_of(PATH):
        return not _HAS_SCHEME.match(text)
    return bool(_FILE_SHAPE.match(text))


def is_time(text: str) -> bool:
    """Whether a value is a day or a time of day, as nobody is called who gets something."""
    return bool(_TIME.match(text.strip()))


def _joined(leaves: Sequence[Leaf]) -> Iterator[str]:
    """A folder and a name given apart: `directory` with `filename`."""
    folders = [leaf.text for leaf in leaves if leaf.is_one_of(PATH) and not leaf.is_one_of(_NAME) and leaf.text]
    names = [leaf.text for leaf in leaves if leaf.is_one_of(_NAME) and 0 < len(leaf.text) <= _LONGEST_NAME]
    for folder in folders[:4]:
        for name in names[:4]:
            if name != folder and not name.startswith(("/", "\\", "~")):
                yield f"{folder.rstrip('/')}/{name}"


def _paths_in_command(text: str) -> Iterator[str]:
    yield from UPLOADED.findall(text)
    for token in _SHELL_TOKEN.findall(text):
        if "://" not in token and (_PATH_SHAPE.match(token) or _FILE_SHAPE.match(token)):
            yield token
