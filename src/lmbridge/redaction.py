"""Takes secrets out of what is written down: values known to be secret, and what looks like a credential.

Values of configured secrets, replaced wherever text leaves a server.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from urllib.parse import quote, quote_plus

SHORTEST = 8
"""Characters of the shortest value that is looked for; shorter ones would blank out ordinary words."""

_LOOKS_SECRET = re.compile(
    r"(?P<head>\bBearer\s+)[A-Za-z0-9._~+/=-]{8,}"
    r"|\bsk-lm-[A-Za-z0-9:_-]{6,}"
    r"|\b(?:ghp|gho|ghs|github_pat|xox[abp]|hf|sk-ant|sk-proj)[_-][A-Za-z0-9_-]{16,}"
)

_HINT = re.compile(r"Bearer|sk-(?:lm-|ant|proj)|github_pat|xox[abp]|hf[_-]|gh[pos][_-]")
_HINT_IN_BYTES = re.compile(_HINT.pattern.encode())
"""In everything that looks secret; finding none is many times faster than the expression above, whose word boundaries
keep `re` from searching by first letters. `gh` alone is in "right" and "through", so that nearly every text would have it.
"""

_ALIKE = re.compile(r"[A-Za-z0-9]+")
_NO_WORD = re.compile(r"[^\w.:-]")


def mark(label: str) -> str:
    """What stands in a secret's place: nothing in it needs escaping, whatever the label holds."""
    return f"‹secret:{_NO_WORD.sub('_', label)}›"


class Redactor:
    """Replaces secrets by `‹secret:LABEL›` in text and in JSON-like values.

    Args:
        secrets: Label → value; values of fewer than 8 characters are not looked for.
    """

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        self._labels: dict[str, str] = {}
        self._cores: set[str] = set()
        self._known: re.Pattern[str] | None = None
        self.add(secrets or {})

    def add(self, secrets: Mapping[str, str]) -> None:
        """Knows these as well from now on."""
        before = len(self._labels)
        for label, value in secrets.items():
            if len(value) >= SHORTEST:
                self._cores.add(core(value))
                for form in spellings(value):
                    self._labels.setdefault(form, label)
        if len(self._labels) > before:
            longest_first = sorted(self._labels, key=len, reverse=True)
            self._known = re.compile("|".join(map(re.escape, longest_first)))

    def text(self, text: str) -> str:
        """The text without secrets."""
        if self._known and any(each in text for each in self._cores):
            text = self._known.sub(lambda found: mark(self._labels[found[0]]), text)
        if not _HINT.search(text):
            return text
        return _LOOKS_SECRET.sub(lambda found: (found["head"] or "") + mark("token"), text)

    def suspects(self, line: bytes) -> bool:
        """Whether a line of UTF-8 may hold a secret; a quick look, so that nearly all lines cost no more."""
        return bool(_HINT_IN_BYTES.search(line)) or any(each.encode() in line for each in self._cores)

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
    """The longest part that every spelling of a value has; looked for first, since it is hardly ever there."""
    return max(_ALIKE.findall(value), key=len, default="")


def spellings(value: str) -> set[str]:
    """How a value may be spelled: plain, in a URL, in a `repr`, in JSON with and without ASCII escapes, in JSON in JSON."""
    in_url = {quote(value, safe="", errors="replace"), quote_plus(value, errors="replace")}
    found = {value, repr(value)[1:-1], *in_url}
    for _ in range(2):
        found |= {json.dumps(each, ensure_ascii=escaped)[1:-1] for each in found for escaped in (True, False)}
    return found


class SecretFilter:
    """Replaces each secret's value, also as it stands in JSON or in a URL, by `‹secret:LABEL›`.

    Args:
        secrets: Labels and values; a label may come more than once.
    """

    def __init__(self, secrets: Iterable[tuple[str, str]]) -> None:
        forms: dict[str, tuple[str, str]] = {}
        for label, value in secrets:
            for form in spellings(value):
                forms.setdefault(form, (mark(label), core(value)))
        self._forms = sorted(forms.items(), key=lambda form: len(form[0]), reverse=True)
        self._cores = frozenset(core for _, core in forms.values())

    def text(self, text: str) -> str:
        """The text without secrets; the longest are replaced first, so that none is cut by a shorter one within it."""
        there = {each for each in self._cores if each in text}
        if there:
            for form, (marked, part) in self._forms:
                if part in there:
                    text = text.replace(form, marked)
        return text

    def value(self, value: Any) -> Any:
        """A JSON value without secrets in its texts and keys."""
        if not self._forms:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(item) for key, item in value.items()}
        return [self.value(item) for item in value] if isinstance(value, list | tuple) else value
