"""From one raw entry of an mcp.json to a `ServerEntry`; what is wrong with it becomes its problem and nobody else's."""

from __future__ import annotations

import contextlib
import difflib
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lmbridge.mcp_host.config import backslashes, client_limits, secret_names
from lmbridge.mcp_host.config.client_limits import UnreadableLimitError
from lmbridge.mcp_host.config.entry import Grant, ServerEntry, Transport
from lmbridge.mcp_host.config.jsonc import twice
from lmbridge.mcp_host.config.programs import Place
from lmbridge.mcp_host.config.spellings import MisspeltSwitchError, is_off, spelled
from lmbridge.mcp_host.config.trust import Untrusted, written
from lmbridge.mcp_host.config.variables import UnsetVariableError, Variables, parse_dotenv

Raw = Mapping[str, Any]
ReadEnvFile = Callable[[Path], str]
PlaceOf = Callable[[str], tuple[int, int] | None]
"""Line and column at which a value stands in its file."""
LONGEST_NAME = 200

_TRANSPORTS: Mapping[str, Transport] = {
    "stdio": "stdio",
    "local": "stdio",
    "http": "http",
    "https": "http",
    "streamablehttp": "http",
    "remote": "http",
    "sse": "sse",
}
_GRANT_KEYS = ("access", "allow", "deny", "timeout", "pin", "annotations", "scope")
_HINTS = ("readOnlyHint", "destructiveHint", "openWorldHint")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_NEVER_IN_VALUES = re.compile(r"[\x00\ud800-\udfff]")


class EntryProblem(ValueError):  # noqa: N818  # it becomes a text in a list, not an error at a border
    """Why an entry cannot be used."""


@dataclass(frozen=True, slots=True)
class ParseContext:
    """What the entries of one file are read with.

    Attributes:
        place: The file.
        scope: Its kind, in words.
        variables: Fills in the file's variables (copied for each entry, so that secrets stay apart).
        read_env_file: Gives the text of an `envFile`, and remembers that the file matters.
        place_of: Where a text stands in the file.
    """

    place: Place
    scope: str
    variables: Variables
    read_env_file: ReadEnvFile
    place_of: PlaceOf = lambda _: None


def read_entry(name: str, raw: object, context: ParseContext) -> ServerEntry:
    """The entry with its variables filled in, or with the problem that keeps it from being used."""
    entry = ServerEntry(name=name, origin=context.place.path, scope=context.scope)
    if not isinstance(raw, Mapping):
        return replace(entry, transport=None, problem=f"the entry must be an object, not {_kind(raw)}")
    variables = replace(context.variables, secrets={})
    reading = _Reading(spelled(raw), variables, context)
    fields: dict[str, Any] = {"transport": reading.told_transport()}
    problems: list[str] = []
    for part in (_checked_name(name), reading.disabled, reading.grant, reading.limits, reading.launch):
        try:
            fields |= part()
        except (EntryProblem, UnsetVariableError, UnreadableLimitError, MisspeltSwitchError) as problem:
            problems.append(str(problem))
    entry = replace(entry, **fields, problem="; ".join(problems) or None)
    return replace(entry, secrets=_secrets(entry, reading), written=written(name, raw))


def untrusted_entry(name: str, raw: Raw, context: ParseContext, mark: str, *, changed: bool = False) -> ServerEntry:
    """An entry of an opened folder that the user has not let start: listed, and nothing in it expanded or read."""
    reading = _Reading(spelled(raw), context.variables, context)
    command = reading.raw.get("command")
    why = "has changed since it was trusted" if changed else "is not trusted yet"
    return ServerEntry(
        name=name,
        origin=context.place.path,
        scope=context.scope,
        transport=reading.told_transport(),
        command=command if isinstance(command, str) else None,
        disabled=_looks_off(reading.raw),
        problem=f"it stands in the opened folder and {why}; see it and let it start with: lmbridge mcps trust {name}",
        untrusted=Untrusted(name, context.place.path, raw, mark, changed),
    )


def _looks_off(raw: Raw) -> bool:
    try:
        return is_off(raw)
    except MisspeltSwitchError:
        return False  # told once the entry is trusted


def _checked_name(name: str) -> Callable[[], dict[str, Any]]:
    def check() -> dict[str, Any]:
        if backslashes.MARK in name:
            raise EntryProblem(backslashes.advice(str(backslashes.misread(name, is_path=False)), None))
        if not name.strip() or len(name) > LONGEST_NAME or _UNPRINTABLE.search(name):
            raise EntryProblem(f"the name must have 1 to {LONGEST_NAME} printable characters")
        return {}

    return check


@dataclass(slots=True)
class _Reading:
    """One entry while it is read; each method gives fields of `ServerEntry` or raises what speaks against it."""

    raw: Raw
    variables: Variables
    context: ParseContext

    def disabled(self) -> dict[str, Any]:
        return {"disabled": is_off(self.raw)}

    def grant(self) -> dict[str, Any]:
        return {"grant": read_grant(self.raw["lmbridge"])} if "lmbridge" in self.raw else {}

    def limits(self) -> dict[str, Any]:
        """What other programs' keys limit, and what of the entry is not heeded."""
        timeout, remark = client_limits.call_timeout(self.raw)
        remarks = [*([remark] if remark else []), *client_limits.unsupported(self.raw)]
        return {"limits": client_limits.tool_limits(self.raw), "timeout": timeout, "remarks": tuple(remarks)}

    def launch(self) -> dict[str, Any]:
        doubled = twice(self.raw)
        if doubled:
            raise EntryProblem(f"`{min(doubled)}` is there twice in it")
        transport = self._transport()
        fields = self._local() if transport == "stdio" else self._remote()
        return {"transport": transport, **fields}

    def told_transport(self) -> Transport | None:
        """How the server is meant to be spoken to, whatever else is wrong; None where the entry does not tell."""
        try:
            return self._transport()
        except EntryProblem:
            return None

    def _transport(self) -> Transport:
        named = self.raw.get("type", self.raw.get("transport"))
        if named is None:
            if "command" in self.raw:
                return "stdio"
            if self._address() is None:
                raise EntryProblem("it has neither `command` nor `url`")
            return "http"
        transport = _TRANSPORTS.get(re.sub(r"[^a-z]", "", named.lower())) if isinstance(named, str) else None
        if transport is None:
            raise EntryProblem(f"its type {named!r} is not supported; stdio, http and sse are")
        return transport

    def _address(self) -> object:
        return self.raw.get("url", self.raw.get("serverUrl", self.raw.get("httpUrl")))

    def _local(self) -> dict[str, Any]:
        command = self.raw.get("command")
        if not isinstance(command, str) or not command.strip():
            raise EntryProblem("`command` must be a program's name" if command is not None else "it has no `command`")
        return {
            "env": self._environment(),
            "command": self._path(self._meant(command.strip(), "command", is_path=True)),
            "args": tuple(self._texts("args")),
            "cwd": self._folder(),
        }

    def _environment(self) -> dict[str, str]:
        """The variables of the server; the rest of its entry may name them, as mcp-remote's documentation has it."""
        ours = self.variables.environment
        from_file = self._env_file()
        self.variables.environment = {**from_file, **ours}
        named = self._own_variables()
        self.variables.environment = {**ours, **from_file, **named}
        return {**from_file, **named}

    def _own_variables(self) -> dict[str, str]:
        """`env`, each value filled from our environment first and then from the others of the table."""
        told = self._told("env")
        ours = dict(self.variables.environment)
        filled: dict[str, str] = {}
        while told:
            self.variables.environment = {**filled, **ours}
            ready = {name: text for name, text in told.items() if not self._waits(text, told, ours)}
            for name, text in (ready or told).items():
                filled[name] = self._fill(text)
            told = {name: text for name, text in told.items() if name not in filled}
        return {name: filled[name] for name in self._told("env")}

    def _waits(self, text: str, told: Mapping[str, str], ours: Mapping[str, str]) -> bool:
        """Whether a value names another variable of the table that is not filled in yet."""
        return any(name not in ours and (f"${{{name}" in text or f"${{env:{name}" in text) for name in told)

    def _env_file(self) -> dict[str, str]:
        named = self.raw.get("envFile")
        if named is None:
            return {}
        if not isinstance(named, str):
            raise EntryProblem("`envFile` must be a path")
        path = self.variables.workspace / self._path(self._meant(named, "envFile", is_path=True))
        try:
            return parse_dotenv(self.context.read_env_file(path))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise EntryProblem(f"its envFile {path} cannot be read: {reason}") from None

    def _folder(self) -> str | None:
        folder = self.raw.get("cwd")
        if folder is None:  # a project's `./server.py` is meant from where its file lies, wherever lmbridge was started
            return str(self.variables.workspace) if self.context.place.opened else None
        if not isinstance(folder, str):
            raise EntryProblem("`cwd` must be a path")
        return str(self.variables.workspace / self._path(self._meant(folder, "cwd", is_path=True)))

    def _remote(self) -> dict[str, Any]:
        address = self._address()
        if not isinstance(address, str) or not address.strip():
            raise EntryProblem("it has no `url`")
        with contextlib.suppress(EntryProblem, UnsetVariableError):  # no process gets them
            self._environment()
        url = self._fill(address.strip())
        headers = self._table("headers")
        if any("\n" in value or "\r" in value for value in headers.values()):
            raise EntryProblem("a header's value holds a line break")
        untyped = self.raw.get("type", self.raw.get("transport")) is None
        return {"url": _checked_url(url), "headers": headers, "sse_fallback": untyped, "oauth": self._oauth()}

    def _oauth(self) -> dict[str, str]:
        """The client's registration (Cursor, LM Studio: `auth`; VS Code, Claude Code: `oauth`) under one spelling."""
        given = self.raw.get("oauth", self.raw.get("auth"))
        if not isinstance(given, Mapping):
            return {}
        table = {}
        for name, value in given.items():
            text = " ".join(value) if isinstance(value, list) and all(isinstance(v, str) for v in value) else value
            if isinstance(text, str):
                table[re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()] = self._fill(text)
        return table

    def _texts(self, key: str) -> Iterator[str]:
        listed = self.raw.get(key, ())
        if not isinstance(listed, list | tuple):
            raise EntryProblem(f"`{key}` must be a list of texts, not {_kind(listed)}")
        for item in listed:
            yield self._fill(self._meant(_text(item, key), key))

    def _table(self, key: str) -> dict[str, str]:
        return {name: self._fill(text) for name, text in self._told(key).items()}

    def _told(self, key: str) -> dict[str, str]:
        """A table of texts, its variables not yet filled in."""
        given = self.raw.get(key) or {}
        if not isinstance(given, Mapping):
            raise EntryProblem(f"`{key}` must be an object of texts, not {_kind(given)}")
        if any(not name or "=" in name or _UNPRINTABLE.search(name) for name in given):
            raise EntryProblem(f"`{key}` holds a name that cannot be used")
        return {
            name: self._meant(_text(value, key), f"{key}.{name}") for name, value in given.items() if value is not None
        }

    def _meant(self, text: str, key: str, *, is_path: bool = False) -> str:
        """The text, unless JSON has made something else of a Windows path in it."""
        escape = backslashes.misread(text, is_path=is_path)
        if escape is not None:
            raise EntryProblem(f"`{key}`: {backslashes.advice(escape, self.context.place_of(text))}")
        return text

    def _fill(self, text: str) -> str:
        filled = self.variables.fill(text)
        if _NEVER_IN_VALUES.search(filled):
            raise EntryProblem("a value holds a character that cannot be passed on (NUL or half of a pair)")
        return filled

    def _path(self, text: str) -> str:
        filled = self._fill(text)
        return str(self.variables.home) + filled[1:] if filled.startswith(("~/", "~\\")) else filled


def read_grant(raw: object) -> Grant:
    """The `lmbridge` object of an entry.

    Raises:
        EntryProblem: Anything in it is not understood: a mistyped limit must not become no limit.
    """
    if not isinstance(raw, Mapping):
        raise EntryProblem(f"`lmbridge` must be an object, not {_kind(raw)}")
    for key in raw:
        if key not in _GRANT_KEYS:
            near = difflib.get_close_matches(key, _GRANT_KEYS, n=1)
            raise EntryProblem(f"`lmbridge.{key}` is not known" + (f"; did you mean `{near[0]}`?" if near else ""))
    access, timeout, pin = raw.get("access"), raw.get("timeout"), raw.get("pin")
    if access not in {None, "read", "write"} if isinstance(access, str | None) else True:
        raise EntryProblem('`lmbridge.access` must be "read" or "write"')
    if timeout is not None and not _positive(timeout):
        raise EntryProblem("`lmbridge.timeout` must be a number of seconds above 0")
    if not isinstance(pin, bool | None):
        raise EntryProblem("`lmbridge.pin` must be true or false")
    seconds = None if timeout is None else float(timeout)
    globs = _globs(raw, "allow"), _globs(raw, "deny")
    return Grant(access, *globs, seconds, pin, tuple(_annotations(raw)), _globs(raw, "scope"))


def _annotations(raw: Raw) -> Iterator[tuple[str, str, bool]]:
    """The user's own labels: `{"send_*": {"openWorldHint": true}}`; later globs win over earlier ones."""
    given = raw.get("annotations", {})
    if not isinstance(given, Mapping) or not all(isinstance(hints, Mapping) for hints in given.values()):
        raise EntryProblem("`lmbridge.annotations` must be an object: tool names or globs with their hints")
    for glob, hints in given.items():
        for hint, value in hints.items():
            if hint not in _HINTS or not isinstance(value, bool):
                raise EntryProblem(f"`lmbridge.annotations` may hold {', '.join(_HINTS)}, each true or false")
            yield glob, hint, value


def _globs(raw: Raw, key: str) -> tuple[str, ...]:
    listed = raw.get(key, [])
    if not isinstance(listed, list) or not all(isinstance(glob, str) and glob for glob in listed):
        raise EntryProblem(f"`lmbridge.{key}` must be a list of tool names or globs")
    if key == "allow" and key in raw and not listed:
        raise EntryProblem("`lmbridge.allow` is empty, which would allow nothing; leave it out to allow all")
    return tuple(listed)


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0


def _text(value: object, key: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise EntryProblem(f"`{key}` may hold texts only, not {_kind(value)}")


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or any(character.isspace() for character in url):
        raise EntryProblem("its `url` must be a whole http or https address")
    return url


def _secrets(entry: ServerEntry, reading: _Reading) -> dict[str, str]:
    """Everything that must not be shown, by label; where several have one, they are numbered."""
    named = _named_secrets(entry, reading)
    labelled: dict[str, str] = {}
    for label, found in (
        (label, found) for name, value in named for label, found in secret_names.as_found(name, value)
    ):
        numbered = (f"{label} {number}" for number in range(2, len(labelled) + 3))
        free = next(each for each in (label, *numbered) if labelled.get(each, found) == found)
        labelled[free] = found
    return labelled


def _named_secrets(entry: ServerEntry, reading: _Reading) -> Iterator[tuple[str, str]]:
    yield from secret_names.of_url(entry.url or "")
    for name, value in (*(("argument", argument) for argument in entry.args), *entry.env.items()):
        yield from secret_names.within(name, value)
    yield from secret_names.of_arguments(entry.args)
    yield from reading.variables.secrets.items()
    yield from secret_names.of_variables({f"oauth {name}": value for name, value in entry.oauth.items()})
    yield from secret_names.of_headers(entry.headers)
    yield from secret_names.of_variables(entry.env)


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "a text"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return "a number"
