"""Values of configured secrets, replaced wherever text leaves a server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

_ALIKE = re.compile(r"[A-Za-z0-9]+")


class SecretFilter:
    """Replaces each secret's value, also as it stands in JSON or in a URL, by `‹secret:LABEL›`.

    Args:
        secrets: Values by label, or pairs of both where labels may come more than once.
    """

    def __init__(self, secrets: Mapping[str, str] | Iterable[tuple[str, str]]) -> None:
        forms: dict[str, tuple[str, str]] = {}
        for label, value in secrets.items() if isinstance(secrets, Mapping) else secrets:
            for form in _forms(value):
                forms.setdefault(form, (f"‹secret:{label}›", _core(value)))
        self._forms = sorted(forms.items(), key=lambda form: len(form[0]), reverse=True)
        self._cores = frozenset(core for _, core in forms.values())

    def text(self, text: str) -> str:
        """The text without secrets; the longest are replaced first, so that none is cut by a shorter one within it."""
        cores = {core for core in self._cores if core in text}
        if cores:
            for form, (mark, core) in self._forms:
                if core in cores:
                    text = text.replace(form, mark)
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


def _core(value: str) -> str:
    """The longest part that every form of a value has; looked for first, since it is hardly ever there."""
    return max(_ALIKE.findall(value), key=len, default="")


def _forms(value: str) -> set[str]:
    """How a value may be spelled: plain, in a URL, in a `repr`, in JSON with and without ASCII escapes, in JSON in JSON."""
    in_url = {quote(value, safe="", errors="replace"), quote_plus(value, errors="replace")}
    forms = {value, repr(value)[1:-1], *in_url}
    for _ in range(2):
        forms |= {json.dumps(form, ensure_ascii=escaped)[1:-1] for form in forms for escaped in (True, False)}
    return forms
