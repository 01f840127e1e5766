"""Takes secrets out of what is written down: values known to be secret, and what looks like a credential."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

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


def mark(label: str) -> str:
    """What stands in a secret's place."""
    return f"‹secret:{label}›"


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
                self._cores.add(_core(value))
                for form in _forms(value):
                    self._labels.setdefault(form, label)
        if len(self._labels) > before:
            longest_first = sorted(self._labels, key=len, reverse=True)
            self._known = re.compile("|".join(map(re.escape, longest_first)))

    def text(self, text: str) -> str:
        """The text without secrets."""
        if self._known and any(core in text for core in self._cores):
            text = self._known.sub(lambda found: mark(self._labels[found[0]]), text)
        if not _HINT.search(text):
            return text
        return _LOOKS_SECRET.sub(lambda found: (found["head"] or "") + mark("token"), text)

    def line(self, line: bytes) -> bytes:
        """A line of UTF-8 JSON without secrets; still JSON, since the marks hold nothing that needs escaping."""
        if _HINT_IN_BYTES.search(line) or any(core.encode() in line for core in self._cores):
            return self.text(line.decode()).encode()
        return line

    def value(self, value: Any) -> Any:
        """A JSON-like value without secrets in any string or key; other values unchanged."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.value(key): self.value(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        return value


def _core(value: str) -> str:
    """The longest part that is the same in every spelling; looked for first, since it is hardly ever there."""
    return max(re.findall(r"[A-Za-z0-9]+", value), key=len, default="")


def _forms(value: str) -> set[str]:
    """How a value may be spelled where it turns up: plain, in a URL, in a `repr`, in JSON, in JSON within JSON."""
    forms = {value, quote(value, safe=""), repr(value)[1:-1]}
    for _ in range(2):
        forms |= {json.dumps(form, ensure_ascii=ascii_only)[1:-1] for form in forms for ascii_only in (True, False)}
    return forms
