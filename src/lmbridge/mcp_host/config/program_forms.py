"""Programs that keep their servers in a form of their own: their files as text, and their entries in the common form.

The common form is that of `mcpServers` (see `parse_entry`). What a program says otherwise is put into those words: a
command as one list (opencode), variables by their names alone (Codex), a list of named servers (Continue), an entry within
`transport` (Cline). Keys that are not known here stay, so that limits which another module understands are not lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any

from lmbridge.mcp_host.config.jsonc import Doubled, JsonFault, parse, twice
from lmbridge.mcp_host.config.programs import Dialect

Raw = Mapping[str, Any]

LARGEST_YAML = 1 << 20
"""Characters above which a YAML file is not read: real ones have a few thousand, and reading is slow."""
KEYS: Mapping[Dialect, str] = {
    "codex": "mcp_servers",
    "opencode": "mcp",
    "continue": "mcpServers",
    "zed": "context_servers",
}
"""Where the servers stand in files that have no `mcpServers` object."""

_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class ServersProblem(Exception):  # noqa: N818  # it becomes the file's problem, not an error at a border
    """What stands where servers should is nothing that can hold them."""


def parse_text(text: str, path: PurePath, *, machine_written: bool = False) -> Any:
    """The value of a file: TOML or YAML by its name, else JSON with comments.

    Raises:
        JsonFault: It cannot be read; with the place.
    """
    if path.suffix == ".toml":
        return _toml(text)
    if path.suffix in {".yaml", ".yml"}:
        return _yaml(text)
    return parse(text, machine_written=machine_written)


def _toml(text: str) -> Any:
    import tomllib  # few have such a file, and quick commands import this module

    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        reason = _TOML_PLACE.sub("", str(error))
        line, column = (int(place[1]), int(place[2])) if place and place[1] else (text.count("\n") + 1, 1)
        raise JsonFault(reason[:1].lower() + reason[1:], line, column) from None


def _yaml(text: str) -> Any:
    if len(text) > LARGEST_YAML:
        raise JsonFault("it is larger than a configuration is", 1, 1)
    import yaml  # as above

    try:
        return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # both are safe loaders
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "it is not YAML"
        raise JsonFault(reason, mark.line + 1 if mark else 1, mark.column + 1 if mark else 1) from None


def servers_of(document: Raw, dialect: Dialect) -> Raw | None:
    """The servers of a file in its program's own form, each in the common form; None where it names none.

    Raises:
        ServersProblem: What stands where servers should is nothing that can hold them.
    """
    key = KEYS[dialect]
    listed = document.get(key)
    if listed is None:
        return None
    if isinstance(listed, list) and dialect == "continue":
        listed = _by_name(listed)
    if not isinstance(listed, Mapping):
        raise ServersProblem(f"`{key}` must hold the servers by name")
    servers = in_common_form(listed, dialect)
    return _with_switches(servers, document) if dialect == "opencode" else servers


def in_common_form(listed: Raw, dialect: Dialect) -> Raw:
    """Entries of a program in the common form; what is no object stays, to be refused by its name."""
    change = _CHANGES.get(dialect)
    if change is None:
        return listed
    changed = Doubled({name: change(raw) if isinstance(raw, Mapping) else raw for name, raw in listed.items()})
    changed.keys_twice = twice(listed)
    return changed


def _by_name(listed: list[Any]) -> Raw:
    """A list of entries that bear their names; an entry without one gets its place in the list."""
    named = Doubled()
    doubled: set[str] = set()
    for number, raw in enumerate(listed, start=1):
        given = raw.get("name") if isinstance(raw, Mapping) else None
        name = given if isinstance(given, str) and given.strip() else f"#{number}"
        doubled |= {name} & named.keys()
        named[name] = raw
    named.keys_twice = frozenset(doubled)
    return named


def _codex(raw: Raw) -> Raw:
    said_otherwise = {"http_headers", "env_http_headers", "bearer_token_env_var", "env_vars"}
    entry = {name: value for name, value in raw.items() if name not in said_otherwise}
    headers = dict(_table(raw, "http_headers"))
    headers |= {name: f"${{{variable}}}" for name, variable in _table(raw, "env_http_headers").items()}
    if isinstance(raw.get("bearer_token_env_var"), str):
        headers["Authorization"] = f"Bearer ${{{raw['bearer_token_env_var']}}}"
    if headers:
        entry["headers"] = dict(_table(raw, "headers")) | headers
    passed = raw.get("env_vars")
    if isinstance(passed, list):
        names = [name for name in passed if isinstance(name, str)]
        entry["env"] = {name: f"${{{name}:-}}" for name in names} | dict(_table(raw, "env"))
    return entry


def _opencode(raw: Raw) -> Raw:
    entry = {name: _opencode_variables(value) for name, value in raw.items()}
    command = entry.get("command")
    if isinstance(command, list) and command:
        entry["command"], entry["args"] = command[0], command[1:]
    if "environment" in entry:
        entry["env"] = entry.pop("environment")
    if entry.get("oauth") is False:
        del entry["oauth"]
    if "timeout" in entry:  # of listing the tools, not of a call
        entry["timeout, of listing tools,"] = entry.pop("timeout")
    return entry


def _with_switches(servers: Raw, document: Raw) -> Raw:
    """The servers with what opencode's `tools` and `permission` switch off of them, by globs over `server_tool`."""
    changed = Doubled(servers)
    changed.keys_twice = twice(servers)
    for name, raw in servers.items():
        if isinstance(raw, Mapping):
            changed[name] = {**raw, **_switches_of(name, document)}
    return changed


def _switches_of(server: str, document: Raw) -> dict[str, list[str]]:
    """What is off of one server, in the common form; of several globs the later one counts."""
    prefix = re.sub(r"[^\w-]", "_", server) + "_"
    off: list[str] = []
    back: list[str] = []
    for glob, says in [*_table(document, "tools").items(), *_table(document, "permission").items()]:
        whole = glob.endswith("*") and prefix.startswith(glob[:-1])
        if not whole and not glob.startswith(prefix):
            continue
        tool = "*" if whole else glob[len(prefix) :]
        off, back = ([each for each in names if each != tool and not whole] for names in (off, back))
        (off if says is False or says == "deny" else back).append(tool)
    if "*" in off and back:
        return {"enabledTools": back, "disabledTools": [each for each in off if each != "*"]}
    return {"disabledTools": off} if off else {}


def _opencode_variables(value: Any) -> Any:
    """`{env:NAME}` in the common spelling; an unset one is empty there."""
    if isinstance(value, str):
        return re.sub(r"\{env:([^{}]+)\}", r"${\1:-}", value)
    if isinstance(value, list):
        return [_opencode_variables(item) for item in value]
    return {key: _opencode_variables(item) for key, item in value.items()} if isinstance(value, dict) else value


def _cline(raw: Raw) -> Raw:
    transport = raw.get("transport")
    flat = {name: value for name, value in raw.items() if name != "transport"}
    return flat | dict(transport) if isinstance(transport, Mapping) else _typed(raw, "transportType")


def _continue(raw: Raw) -> Raw:
    entry = {name: _continue_secrets(value) for name, value in raw.items() if name != "name"}
    options = entry.pop("requestOptions", None)
    if isinstance(options, Mapping) and isinstance(options.get("headers"), Mapping):
        entry["headers"] = options["headers"]
    return entry


def _continue_secrets(value: Any) -> Any:
    """`${{ secrets.NAME }}` is the variable of that name."""
    if isinstance(value, str):
        return re.sub(r"\$\{\{\s*secrets\.([\w-]+)\s*\}\}", r"${\1}", value)
    if isinstance(value, list):
        return [_continue_secrets(item) for item in value]
    return {key: _continue_secrets(item) for key, item in value.items()} if isinstance(value, dict) else value


def _zed(raw: Raw) -> Raw:
    entry = {name: value for name, value in raw.items() if name not in {"source", "settings"}}
    command = entry.get("command")
    if isinstance(command, Mapping):  # the older form
        entry |= {"command": command.get("path"), "args": command.get("args") or [], "env": command.get("env") or {}}
    return entry


def _typed(raw: Raw, key: str) -> Raw:
    return raw if "type" in raw or key not in raw else {**raw, "type": raw[key]}


def _table(raw: Raw, key: str) -> Raw:
    value = raw.get(key)
    return value if isinstance(value, Mapping) else {}


_CHANGES: Mapping[Dialect, Callable[[Raw], Raw]] = {
    "codex": _codex,
    "opencode": _opencode,
    "cline": _cline,
    "continue": _continue,
    "zed": _zed,
}
