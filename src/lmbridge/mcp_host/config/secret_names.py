"""Which configured values are secrets: told by the names of their variables, headers, options and query fields."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import parse_qsl, unquote, urlsplit

SHORTEST_SECRET = 8
"""Characters below which a value is not replaced: it would take ordinary words with it."""

_LONG_LINE = 16
"""Characters from which a line of a longer secret is one by itself."""

_SECRET_WORD = re.compile(
    "tokens?|keys?|apikey|secrets?|password|passwd|pass|passphrase|pwd|credentials?|auth|authorization|bearer|cookie|"
    "pat|private|signature|sig|dsn"
)
_SECRET_PART = re.compile("token|secret|password|apikey|passphrase|credential")
_HARMLESS_NAMES = frozenset({"PWD", "OLDPWD", "SSH_AUTH_SOCK", "XAUTHORITY"})
_HARMLESS_HEADER = re.compile(
    "accept|accept-encoding|accept-language|cache-control|connection|content-type|host|origin|referer|user-agent|"
    "mcp-protocol-version"
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LINE_BREAK = re.compile(r"\s*(?:\n|\r|\\r|\\n)\s*")  # as it is, and as keys stand in a variable: `-----\nMIIE…`
_HEADER_LINE = re.compile(r"^\s*(?:--?[\w-]+[= ])?([A-Za-z][\w-]{1,60}):\s*(\S.*)$")
_USER_OPTIONS = frozenset({"-u", "--user", "--userpwd", "--proxy-user", "--basic-auth", "--login"})
"""Options that take `NAME:PASSWORD`."""
_MOST_JSON = 2**16
_SCHEME = re.compile(r"(?i)^(?:bearer|basic|token|apikey|digest)\s+(\S.*)$")


def names_a_secret(name: str) -> bool:
    """Whether a variable's or option's name says that its value is a secret: `GITHUB_TOKEN`, `apiKey`, `--password`."""
    if name in _HARMLESS_NAMES:
        return False
    words = (word.lower() for word in _WORD.findall(name))
    return bool(_SECRET_PART.search(name.lower())) or any(_SECRET_WORD.fullmatch(word) for word in words)


def of_variables(variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Label and value of each variable that is a secret."""
    for name, value in variables.items():
        if names_a_secret(name) and _long_enough(value):
            yield name, value


def of_headers(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Label and value of each header; of `Bearer …` the credential alone, so that it is found wherever it turns up."""
    for name, value in headers.items():
        if _HARMLESS_HEADER.fullmatch(name.lower()):
            continue
        credential = _SCHEME.match(value.strip())
        secret = credential[1] if credential and _long_enough(credential[1]) else value
        if _long_enough(secret):
            yield name, secret


def of_arguments(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Label and value of `--api-key VALUE`, `--token=VALUE` and `API_KEY=VALUE` among a command's arguments."""
    for argument, after in zip(arguments, [*arguments[1:], ""], strict=False):
        name, equals, value = argument.partition("=")
        if not equals and argument.startswith("-"):
            value = "" if after.startswith("-") else after
        if " " not in name and "/" not in name and names_a_secret(name) and _long_enough(value):
            yield name.lstrip("-"), value
        yield from _of_header_line(argument)
        if argument in _USER_OPTIONS or name in _USER_OPTIONS:
            password = (value if equals else after).partition(":")[2]
            if _long_enough(password):
                yield "password", password


def _of_header_line(text: str) -> Iterator[tuple[str, str]]:
    """Label and value of a header that is written out: `Authorization: Bearer …`, as proxies take it on their command line."""
    line = _HEADER_LINE.match(text)
    if line and (names_a_secret(line[1]) or _SCHEME.match(line[2].strip())):
        yield from of_headers({line[1]: line[2]})


def _of_json(label: str, value: str) -> Iterator[tuple[str, str]]:
    """Label and value of secrets by their names within a value that is JSON."""
    try:
        stack = [json.loads(value)] if value.lstrip()[:1] in {"{", "["} and len(value) <= _MOST_JSON else []
    except (ValueError, RecursionError):
        return
    while stack:
        current = stack.pop()
        if isinstance(current, Mapping):
            for name, item in current.items():
                if isinstance(item, str) and names_a_secret(name) and _long_enough(item):
                    yield f"{label} {name}", item
            stack += current.values()
        elif isinstance(current, list):
            stack += current
        elif isinstance(current, str):
            for found in _URL.findall(current):
                yield from of_url(found)


def of_url(url: str) -> Iterator[tuple[str, str]]:
    """Label and value of the credentials that stand in a URL itself."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    if parts.password and _long_enough(parts.password):
        yield "url password", parts.password
    for name, value in parse_qsl(parts.query):
        if names_a_secret(name) and _long_enough(value):
            yield name, value


def as_found(label: str, value: str) -> Iterator[tuple[str, str]]:
    """A secret as it may turn up: without the blanks around it, and its long lines, since keys are quoted by the line."""
    whole = value.strip()
    if not _long_enough(whole):
        return
    yield label, whole
    lines = _LINE_BREAK.split(whole)
    for number, line in enumerate(lines if len(lines) > 1 else (), start=1):
        if len(line) >= _LONG_LINE and not line.startswith("-----"):
            yield f"{label} line {number}", line


_URL = re.compile(r"[A-Za-z][\w+.-]*://[^\s\"'<>]+")
_CONNECTION = re.compile(
    r"(?i)(?:^|[;\s])(password|pwd|passwd|accountkey|sharedaccesskey|sharedaccesssignature|secret|api[_ -]?key|access[_ -]?token)\s*=\s*"
    r"(?:\"([^\"]+)\"|'([^']+)'|([^;\s]+))"
)


_LOGIN = re.compile(
    r"(?i)(?:^|[\s;,])(?:login|user(?:name)?|account|machine|host)\s*[:=]?\s+\S+(?:\s+\S+){0,4}?\s+(password|passwd|pwd|pass|secret|token)\s*[:=]?\s+(\S+)"
)
"""Words as `.netrc` and people have them: `login ben password …`."""


def within(label: str, value: str) -> Iterator[tuple[str, str]]:
    """Label and value of credentials inside a value that is no secret by its name: URLs and connection strings.

    `postgres://user:PASSWORD@host/db`, `https://TOKEN@host/`, `Server=…;Password=…`, `host=… password=…`; of the
    addresses of hooks the steps that let one in.
    """
    yield from _of_json(label, value)
    yield from _of_header_line(value)
    for url in _URL.findall(value):
        try:
            parts = urlsplit(url)
        except ValueError:
            continue
        for secret in (parts.password, parts.username if parts.password is None else None):
            if secret and _long_enough(secret) and (secret == parts.password or len(secret) >= _LONG_LINE):
                yield f"{label} password", secret
                if unquote(secret) != secret:
                    yield f"{label} password", unquote(secret)
        yield from ((name, found) for name, found in of_url(url) if name != "url password")
        if "hook" in f"{label} {url}".lower():
            yield from ((f"{label} path", part) for part in parts.path.split("/") if _is_drawn(part))
    for name, secret in _LOGIN.findall(value):
        if _long_enough(secret):
            yield f"{label} {name}", secret
    for name, *quoted in _CONNECTION.findall(value):
        secret = next(part for part in quoted if part)
        if _long_enough(secret):
            yield f"{label} {name}", secret


def _is_drawn(part: str) -> bool:
    """Whether a step of a hook's path is what lets one in: long, of letters and digits, as Slack's, Discord's and Teams' are."""
    return len(part) >= _LONG_LINE and bool(re.search(r"\d", part)) and bool(re.search(r"[A-Za-z]", part))


def _long_enough(value: str) -> bool:
    return len(value.strip()) >= SHORTEST_SECRET
