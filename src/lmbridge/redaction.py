"""Takes secrets out of what is written down: values known to be secret, and what looks like a credential.

Values of configured secrets, replaced wherever text leaves a server.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from urllib.parse import quote, quote_plus

SHORTEST = 8
"""Characters of the shortest value that is looked for; shorter ones would blank out ordinary words."""

_LOOKS_SECRET = re.compile(
    r"(?P<head>\b(?i:bearer)\s+)[A-Za-z0-9._~+/=:-]{8,}"
    r"|\bsk-lm-[A-Za-z0-9:_-]{6,}"
    r"|\bsk-(?=[A-Za-z0-9_-]*\d)[A-Za-z0-9_-]{8,}(?::[A-Za-z0-9]+)?"
    r"|\b(?:gh[pousr]|github_pat|glpat|xox[abeprs]|npm|pypi)[_-][A-Za-z0-9_-]{16,}|\bhf_[A-Za-z0-9]{8,}|\bhf-[A-Za-z0-9_-]{16,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[A-Za-z0-9_-]{30,}"
)
"""Credentials by the forms that their makers document; one list for logs, journals, errors and recordings."""

_HINT = re.compile(
    r"[Bb]earer|BEARER|\bsk-|github_pat|glpat|xox[abeprs]|hf[_-]|gh[pousr][_-]|npm_|pypi-|AKIA|ASIA|AIza"
)
_HINT_IN_BYTES = re.compile(_HINT.pattern.encode())
"""In everything that looks secret; finding none is many times faster than the expression above, whose word boundaries
keep `re` from searching by first letters. `gh` alone is in "right" and "through", so that nearly every text would have it.
"""

_OF_GITHUB = re.compile(r"gh[pousr][_-]")


def _hints_in(line: bytes) -> bool:
    """Whether the hint is found. Its words are looked for first, behind a sign that hardly any line has: every fact passes here.

    As text, since `in` takes a third longer in bytes; one sign alone is found ten times as fast as a word.
    """
    text = line.decode("latin-1")  # as many signs as bytes, whatever they are: the words are ASCII
    may = (
        ("-" in text and ("sk-" in text or "hf-" in text or "pypi-" in text))
        or ("A" in text and ("AKIA" in text or "ASIA" in text or "AIza" in text))
        or ("E" in text and "BEARER" in text)
        or ("earer" in text and ("bearer" in text or "Bearer" in text))
        or "xox" in text
        or "glpat" in text
        or "npm_" in text
        or "hf_" in text
        or "github_pat" in text
        or ("gh" in text and _OF_GITHUB.search(text))
    )
    return bool(may and _HINT_IN_BYTES.search(line))


_MIXED = re.compile(r"\d.*[A-Za-z]|[A-Za-z].*\d", re.DOTALL)
_LONG = 12
"""Characters from which a secret is looked for in either case, though no digit tells it from a word."""
_LEAST_BROKEN, _LONGEST_BROKEN = 12, 2**16
"""Characters of a secret from which on, and of a text up to which, it is looked for with blanks and line breaks in it."""
_ESCAPED = re.compile(
    r"(?:%(?:25)?|\\+x|\\+u00|=)([0-9a-fA-F]{2})|&#[xX]0*([0-9a-fA-F]{2});|&#0*(\d{2,3});|\\+([01][0-7]{2})|(=\r?\n)"
)
"""Escapes of characters of one byte, as URLs, JSON, programs, pages and mails have them; secrets have hardly any others."""
_BETWEEN = str.maketrans("", "", " \t\r\n\f\v-_.:,;|/+\"'`\\")
_ANY_BETWEEN = r"[\s\-_.:,;|/+\"'`\\]*"
"""What may break a secret: blanks, lines, dashes and what programs write between the pieces of a text."""
_SHORTEST_PART = 6
"""Characters of the shortest half that is looked for encoded."""
_ALIKE = re.compile(r"[A-Za-z0-9]+")
_NO_WORD = re.compile(r"[^\w.:-]")


def mark(label: str) -> str:
    """What stands in a secret's place: nothing in it needs escaping, whatever the label holds."""
    return f"‹secret:{_NO_WORD.sub('_', label)}›"


@dataclass(frozen=True, slots=True)
class _Secret:
    """One secret as it may turn up: what is looked for first, and the expression that finds every form of it."""

    label: str
    value: str
    cores: tuple[str, ...]
    forms: re.Pattern[str]

    @property
    def escaped(self) -> re.Pattern[str]:
        """What finds it with any of its characters escaped as URLs, JSON, programs or pages do."""
        return re.compile(r"(?:=\r?\n)?".join(map(_escapes, self.value)), re.IGNORECASE)

    @property
    def broken(self) -> re.Pattern[str]:
        """What finds it with blanks, line breaks and the like between its characters."""
        return re.compile(_ANY_BETWEEN.join(map(re.escape, self.together)), re.IGNORECASE)

    @property
    def together(self) -> str:
        """The value without what may break it."""
        return self.value.translate(_BETWEEN)


def _escapes(sign: str) -> str:
    code = ord(sign)
    in_url = "".join(f"%(?:25)?{byte:02x}" for byte in sign.encode("utf-8", "replace"))
    return rf"(?:{re.escape(sign)}|{in_url}|\\+u{code:04x}|\\+x{code:02x}|={code:02x}|\\+{code:03o}|&#0*{code};|&#x0*{code:x};)"


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(_meant, text)


def _meant(found: re.Match[str]) -> str:
    in_hex, decimal, octal = found[1] or found[2], found[3], found[4]
    if found[5]:
        return ""
    return chr(int(in_hex, 16) if in_hex else int(decimal) if decimal else int(octal, 8))


@cache
def _secret(label: str, value: str) -> _Secret:
    half = len(value) // 2
    mixed = [each for each in (value[:half], value[half:]) if len(each) >= _SHORTEST_PART and _MIXED.search(each)]
    parts = [form for each in mixed for form in _in_one_word(each.encode("utf-8", "replace"))]
    forms = sorted((*spellings(value), *encodings(value), *halves(value), *parts), key=len, reverse=True)
    blind = re.IGNORECASE if len(value) >= _LONG or _MIXED.search(value) else re.NOFLAG
    whole = [each for each in encodings(value) if not any(part in each for part in parts)]
    cores = dict.fromkeys(each.lower() for each in (core(value), *map(core, halves(value)), *parts, *whole))
    return _Secret(mark(label), value, tuple(cores), re.compile("|".join(map(re.escape, dict.fromkeys(forms))), blind))


class Secrets:
    """Known secrets, and the one way in which they are replaced: the longest first, so that none is cut by a shorter one."""

    def __init__(self) -> None:
        self._known: dict[str, _Secret] = {}
        self._cores: tuple[tuple[str, _Secret], ...] = ()
        self._in_bytes: tuple[bytes, ...] = ()

    def __len__(self) -> int:
        return len(self._known)

    def add(self, secrets: Iterable[tuple[str, str]]) -> None:
        """Knows these as well from now on; of one value the first label counts."""
        before = len(self._known)
        for label, value in secrets:
            if value and value not in self._known:
                self._known[value] = _secret(label, value)
        if len(self._known) > before:
            longest_first = sorted(self._known.values(), key=lambda secret: len(secret.value), reverse=True)
            self._cores = tuple((each, secret) for secret in longest_first for each in secret.cores)
            self._in_bytes = tuple(each.encode("utf-8", "surrogatepass") for each, _ in self._cores)

    def text(self, text: str) -> str:
        """The text without secrets."""
        if not self._cores:
            return text
        lowered = text.lower()
        for secret in dict.fromkeys(secret for each, secret in self._cores if each in lowered):
            text = secret.forms.sub(secret.label, text)
        return self._without_broken(self._without_escaped(text)) if len(text) <= _LONGEST_BROKEN else text

    def _without_escaped(self, text: str) -> str:
        """The text without secrets some of whose characters are escaped."""
        if not any(sign in text for sign in ("%", "\\", "&#", "=")) or (plain := _unescaped(text)) == text:
            return text
        lowered = plain.lower()
        for secret in self._known.values():
            if secret.value.lower() in lowered:
                text = secret.escaped.sub(secret.label, text)
        return text

    def _without_broken(self, text: str) -> str:
        """The text without long secrets that are broken by blanks, dashes and the like, or into lines."""
        together = text.translate(_BETWEEN).lower()
        for secret in self._known.values():
            if len(secret.together) >= _LEAST_BROKEN and secret.together.lower() in together:
                text = secret.broken.sub(secret.label, text)
        return text

    def stands_in(self, line: bytes) -> bool:
        """Whether a line of UTF-8 may hold one."""
        if not self._in_bytes:
            return False
        lowered = line.lower()
        return any(each in lowered for each in self._in_bytes)


class Redactor:
    """Replaces secrets by `‹secret:LABEL›` in text and in JSON-like values, and whatever looks like a credential.

    Args:
        secrets: Label → value; values of fewer than 8 characters are not looked for.
    """

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        self._secrets = Secrets()
        self.add(secrets or {})

    def add(self, secrets: Mapping[str, str]) -> None:
        """Knows these as well from now on."""
        self._secrets.add((label, value) for label, value in secrets.items() if len(value) >= SHORTEST)

    def text(self, text: str) -> str:
        """The text without secrets."""
        return without_tokens(self._secrets.text(text))

    def suspects(self, line: bytes) -> bool:
        """Whether a line of UTF-8 may hold a secret; a quick look, so that nearly all lines cost no more."""
        return _hints_in(line) or self._secrets.stands_in(line)

    def fact(self, value: Any) -> Any:
        """A fact, or another frozen dataclass, without secrets in what it tells.

        Names of fields and literals (`assistant`, `done`) are the form and not the content: a secret that is such a word
        must not cost a journal that can be read.
        """
        return replace(
            value, **{name: self.value(getattr(value, name)) for name in _told(type(value)) if getattr(value, name)}
        )

    def value(self, value: Any) -> Any:
        """A JSON-like value, or dataclasses within one, without secrets in any string, key or number; all else unchanged."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            shown = self.text(str(value))
            return value if shown == str(value) else shown
        if is_dataclass(value):
            return self.fact(value)
        if isinstance(value, Mapping):
            return {self.value(key): self.value(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        return value


@cache
def _told(kind: type[Any]) -> tuple[str, ...]:
    """The fields of a dataclass that hold content: no numbers, no switches, no literals."""
    kinds = get_type_hints(kind)
    return tuple(each.name for each in fields(kind) if not _fixed(kinds[each.name]))


def _fixed(hint: Any) -> bool:
    if get_origin(hint) in {Union, UnionType}:
        return all(_fixed(part) for part in get_args(hint))
    return get_origin(hint) is Literal or hint in {int, float, bool, NoneType}


def core(value: str) -> str:
    """The longest part that every spelling of a value has; looked for first, since it is hardly ever there.

    Empty, and so in every text, where a value has no ASCII letter or digit: such a secret is always looked for whole.
    """
    return max(_ALIKE.findall(value), key=len, default="")


def spellings(value: str) -> set[str]:
    """How a value may be spelled: plain, in a URL, in a `repr`, in JSON with and without ASCII escapes, in JSON in JSON."""
    in_url = {quote(value, safe="", errors="replace"), quote_plus(value, errors="replace")}
    found = {value, repr(value)[1:-1], *in_url}
    for _ in range(2):
        found |= {json.dumps(each, ensure_ascii=escaped)[1:-1] for each in found for escaped in (True, False)}
    return found


def encodings(value: str) -> tuple[str, ...]:
    """How a value may stand encoded: in base64 wherever it begins within its three bytes, in base32, in hex, in percent escapes."""
    data = value.encode("utf-8", "replace")
    found = dict.fromkeys((*_in_one_word(data), *_in_base32(data), *_in_one_word(value.encode("utf-16-le", "replace"))))
    found["".join(f"%{byte:02x}" for byte in data)] = None
    found["".join(f"%25{byte:02x}" for byte in data)] = None
    found |= dict.fromkeys(data.hex(sign) for sign in ": -,")
    found["".join(f"\\u{ord(sign):04x}" for sign in value if ord(sign) < 0x10000)] = None
    found["".join(f"\\x{byte:02x}" for byte in data)] = None
    return tuple(found)


def _in_one_word(data: bytes) -> Iterator[str]:
    """Base64 and hex."""
    for skipped, first in enumerate((0, 2, 3)):
        whole = base64.b64encode(b"\0" * skipped + data).decode()
        inner = whole[first : (skipped + len(data)) * 8 // 6]
        if len(inner) >= SHORTEST:
            yield inner
            yield inner.replace("+", "-").replace("/", "_")
    yield data.hex()


def _in_base32(data: bytes) -> Iterator[str]:
    """Wherever it begins within base32's five bytes, without the signs that neighbours share."""
    for skipped in range(5):
        whole = base64.b32encode(b"\0" * skipped + data).decode()
        inner = whole[-(-skipped * 8 // 5) : (skipped + len(data)) * 8 // 5]
        if len(inner) >= SHORTEST:
            yield inner


def halves(value: str) -> tuple[str, ...]:
    """The halves of a long secret that look like one themselves: letters and digits mixed, nothing that is a word."""
    half = len(value) // 2
    return tuple(part for part in (value[:half], value[half:]) if len(part) >= SHORTEST and _MIXED.search(part))


def without_tokens(text: str, instead: str | None = None) -> str:
    """The text without what looks like a credential of a well-known form.

    Args:
        text: The text.
        instead: What takes its place; `‹secret:token›` when None.
    """
    if not _HINT.search(text):
        return text
    return _LOOKS_SECRET.sub(lambda found: (found["head"] or "") + (instead or mark("token")), text)


class SecretFilter:
    """Replaces each secret's value, also encoded, in another case and by halves, by `‹secret:LABEL›`.

    Args:
        secrets: Labels and values; a label may come more than once.
    """

    def __init__(self, secrets: Iterable[tuple[str, str]]) -> None:
        self._secrets = Secrets()
        self._secrets.add(secrets)

    def text(self, text: str) -> str:
        """The text without secrets."""
        return self._secrets.text(text)

    def value(self, value: Any) -> Any:
        """A JSON value without secrets in its texts and keys."""
        if not len(self._secrets):
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(item) for key, item in value.items()}
        return [self.value(item) for item in value] if isinstance(value, list | tuple) else value
