"""Values of configured secrets, replaced wherever text leaves a server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lmbridge.observe.redaction import core, mark, spellings


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
