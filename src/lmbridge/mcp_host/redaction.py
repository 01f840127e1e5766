"""Values of configured secrets, replaced wherever text leaves a server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, quote_plus


class SecretFilter:
    """Replaces each secret's value, also as it stands in JSON or in a URL, by `‹secret:LABEL›`.

    Args:
        secrets: Values by label.
    """

    def __init__(self, secrets: Mapping[str, str]) -> None:
        forms: dict[str, str] = {}
        for label, value in secrets.items():
            for form in (value, json.dumps(value)[1:-1], quote(value, safe=""), quote_plus(value)):
                forms.setdefault(form, f"‹secret:{label}›")
        self._forms = sorted(forms.items(), key=lambda form: len(form[0]), reverse=True)

    def text(self, text: str) -> str:
        """The text without secrets; the longest are replaced first, so that none is cut by a shorter one within it."""
        for form, label in self._forms:
            text = text.replace(form, label)
        return text

    def value(self, value: Any) -> Any:
        """A JSON value without secrets in its texts and keys."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(item) for key, item in value.items()}
        return [self.value(item) for item in value] if isinstance(value, list | tuple) else value
