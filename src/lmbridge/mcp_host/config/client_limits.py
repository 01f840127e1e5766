"""What other programs' entries limit, each under a key of its own: a server's tools, the time of a call, the server itself.

Whoever switched a tool off for one program in a file that lmbridge reads meant it. Keys that only save a question
(`alwaysAllow`, `autoApprove`, `trust`) are no limits. Sources: the documentation of Windsurf and Roo (`disabledTools`), Gemini
CLI and Qwen Code (`includeTools`, `excludeTools`, `mcp.excluded`), Copilot CLI (`tools`), Codex and Crush (`enabled_tools`,
`disabled_tools`), deepagents (`allowedTools`), Goose (`available_tools`), Claude Code (`disabledMcpServers`,
`disabledMcpjsonServers`, `timeout`, `headersHelper`), Cline (`timeout` in seconds).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from lmbridge.mcp_host.config.entry import ToolLimits
from lmbridge.mcp_host.config.spellings import plain

_ALLOW: Final = frozenset(
    {"enabledtools", "includetools", "includedtools", "allowedtools", "allowtools", "tools", "availabletools"}
    | {"toolallowlist", "toolwhitelist", "toolsallowlist"}
)
_DENY: Final = frozenset(
    {"disabledtools", "excludetools", "excludedtools", "deniedtools", "denytools", "blockedtools", "disallowedtools"}
    | {"tooldenylist", "toolblacklist", "toolblocklist", "toolsdenylist", "hiddentools"}
)
_AROUND: Final = frozenset({"toolconfiguration", "toolfilter", "toolsfilter", "toolfilters"})
_ALLOWED: Final = frozenset({"include", "included", "allow", "allowed", "enabled", "only"})
_DENIED: Final = frozenset({"exclude", "excluded", "deny", "denied", "disabled", "block", "blocked"})
"""Keys of an object that holds lists of tools: `{"exclude": ["write"]}`."""
_SWITCHED_OFF: Final = frozenset(
    {"disabledmcpservers", "disabledmcpjsonservers", "excludemcpservers", "disabledservers"}
)
_HEEDED: Final = frozenset(
    {"type", "transport", "command", "args", "env", "envfile", "cwd", "url", "serverurl", "httpurl", "headers"}
    | {"disabled", "enabled", "lmbridge", "oauth", "auth"}
)
_SAYS_NOTHING: Final = frozenset(
    {"name", "title", "description", "displayname", "id", "version", "icon", "icons", "logo", "note", "notes", "schema"}
    | {"comment", "comments", "author", "homepage", "repository", "license", "tags", "category", "gallery", "source"}
    | {
        "alwaysallow",
        "autoapprove",
        "autoapproved",
        "trust",
        "trusted",
        "alwaysapprove",
        "installed",
        "metadata",
        "meta",
    }
    | {
        "createdat",
        "updatedat",
        "provider",
        "registry",
        "builtin",
        "isactive",
        "active",
        "isenabled",
        "isdisabled",
        "enable",
        "disable",
        "required",
        "scope",
    }
)
_SECONDS: Final = frozenset(
    {
        "timeoutseconds",
        "timeoutsecs",
        "timeoutsec",
        "timeouts",
        "tooltimeoutsec",
        "tooltimeoutseconds",
        "requesttimeoutsec",
        "readtimeoutseconds",  # fast-agent
    }
)
_MILLISECONDS: Final = frozenset(
    {"timeoutms", "timeoutmillis", "tooltimeoutms", "requesttimeoutms", "timeoutmilliseconds"}
)
_EITHER: Final = frozenset({"timeout", "tooltimeout", "requesttimeout", "calltimeout", "mcptooltimeout"})
_LONGEST_S: Final = 86_400.0
_ADVICE: Final[Mapping[str, str]] = {
    "headershelper": "lmbridge does not run it; put the headers into `headers`, with ${VARIABLES} for what is secret",
    "sandbox": "lmbridge starts the program without one",
    "sandboxenabled": "lmbridge starts the program without one",
    "inputs": "inputs stand at the top of a file, beside `servers`",
}


class UnreadableLimitError(ValueError):
    """A limit that is not understood: it must not become no limit."""


def tool_limits(raw: Mapping[str, Any]) -> ToolLimits:
    """Which of a server's tools an entry leaves, by every program's key for it.

    Raises:
        UnreadableLimitError: One of the keys holds no list of names.
    """
    allow: list[tuple[str, ...]] = []
    deny: list[str] = []
    keys = []
    for key, value in _flat(raw).items():
        kind = plain(key)
        if value is None or kind not in _ALLOW | _DENY:
            continue
        named, switched_off = _names(key, value)
        if kind in _DENY:
            deny += named
        elif isinstance(value, Mapping):
            deny += switched_off
        elif "*" not in named:
            allow.append(named)
        keys.append(key)
    return ToolLimits(tuple(allow), tuple(deny), tuple(keys))


def _flat(raw: Mapping[str, Any]) -> dict[str, Any]:
    """An entry's keys with those of an object of limits in the place of the object's own."""
    flat: dict[str, Any] = {}
    for key, value in raw.items():
        if not _holds_lists(key, value):
            flat[key] = value
            continue
        for name, listed in value.items():
            own = plain(name)
            as_key = "allowedTools" if own in _ALLOWED else "disabledTools" if own in _DENIED else name
            if not isinstance(listed, bool):
                flat[as_key + "_" * len(flat)] = listed  # each a key of its own, read as the same
    return flat


def _holds_lists(key: str, value: object) -> bool:
    """Whether this is an object with lists of tools in it."""
    around = isinstance(value, Mapping) and plain(key) in {*_AROUND, "tools"}
    return around and any(isinstance(listed, list) for listed in cast("Mapping[str, Any]", value).values())


def call_timeout(raw: Mapping[str, Any]) -> tuple[float | None, str | None]:
    """Seconds that an entry gives one call, and a remark where that was a guess or is not heeded.

    Most programs mean milliseconds by `timeout`, Cline and Roo seconds: numbers below 1,000 are read as seconds, and so are the
    half hours and hours that only those offer.
    """
    for key, value in raw.items():
        kind = plain(key)
        if kind not in _SECONDS | _MILLISECONDS | _EITHER:
            continue
        number = _number(value)
        if number is None or not 0 < number < math.inf:
            return None, f"its `{key}` {value!r} is no time and is not heeded"
        if kind in _SECONDS or (kind in _EITHER and _is_in_seconds(number)):
            return min(number, _LONGEST_S), f"its `{key}` is read as {number:g} s for one call"
        seconds = min(number / 1000, _LONGEST_S)
        return seconds, f"its `{key}` is read as {seconds:g} s for one call"
    return None, None


def unsupported(raw: Mapping[str, Any]) -> Iterator[str]:
    """A remark on each key of an entry that lmbridge does not heed."""
    known = _HEEDED | _SAYS_NOTHING | _ALLOW | _DENY | _SECONDS | _MILLISECONDS | _EITHER
    for key, value in raw.items():
        if plain(key) in known or not plain(key) or _holds_lists(key, value):
            continue
        advice = _ADVICE.get(plain(key))
        yield f"its `{key}` is not supported: {advice}" if advice else f"its `{key[:60]}` is not heeded by lmbridge"


def switched_off(document: Mapping[str, Any]) -> dict[str, str]:
    """The servers that a document, or one project in it, switches off by name, and the key that says so."""
    found: dict[str, str] = {}
    nested = document.get("mcp")
    for key, value in document.items():
        if plain(key) in _SWITCHED_OFF:
            found |= dict.fromkeys(_server_names(value), key)
        elif key == "deniedMcpServers":
            found |= dict.fromkeys(_denied_names(value), key)
    if isinstance(nested, Mapping) and isinstance(nested.get("excluded"), list):
        found |= dict.fromkeys(_server_names(nested["excluded"]), "mcp.excluded")
    return found


def _server_names(value: object) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []


def _denied_names(value: object) -> list[str]:
    items = value if isinstance(value, list) else []
    return [str(item["serverName"]) for item in items if isinstance(item, Mapping) and "serverName" in item]


def _names(key: str, value: object) -> tuple[tuple[str, ...], list[str]]:
    """The names in a limit; and of an object of switches, those that are off."""
    if isinstance(value, str):
        return tuple(part for part in re.split(r"[,\s]+", value) if part), []
    if isinstance(value, list):
        named = [item.get("name") if isinstance(item, Mapping) else item for item in value]
        names = tuple(name.strip() for name in named if isinstance(name, str))
        if len(names) == len(value):
            return names, []
    if isinstance(value, Mapping):
        off = [name for name, switch in value.items() if _is_off(switch)]
        return tuple(name for name in value if name not in off), off
    raise UnreadableLimitError(f"`{key}` must be a list of tool names")


def _is_off(switch: object) -> bool:
    if isinstance(switch, Mapping):
        return switch.get("enabled") is False or switch.get("disabled") is True
    return switch is False


def _number(value: object) -> float | None:
    if isinstance(value, str) and re.fullmatch(r"\s*\d{1,12}(?:\.\d{1,6})?\s*", value):
        return float(value)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _is_in_seconds(number: float) -> bool:
    return number < 1000 or (number <= 7200 and number % 600 == 0 and number % 1000 != 0)


def described(limits: ToolLimits, left_out: Sequence[str]) -> str:
    """What a limit leaves out, in a sentence's end."""
    keys = ", ".join(f"`{key}`" for key in limits.keys)
    shown = ", ".join(left_out[:10]) + (f" and {len(left_out) - 10} more" if len(left_out) > 10 else "")
    return f"{keys} leaves out {shown}"
