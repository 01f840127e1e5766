"""Values of configured secrets, replaced wherever text leaves a server."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, quote_plus


class SecretFilter:
    """Replaces each secret's value, also as it stands in JSON or in a URL, by `‹secret:LABEL›`.

    Args:
        secrets: Values by label.
    """

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._labels: dict[str, str] = {}
        for label, value in secrets.items():
            for form in (value, json.dumps(value)[1:-1], quote(value, safe=""), quote_plus(value)):
                self._labels.setdefault(form, label)
        longest_first = sorted(self._labels, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def text(self, text: str) -> str:
        """The text without secrets."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda match: f"‹secret:{self._labels[match[0]]}›", text)

    def value(self, value: Any) -> Any:
        """A JSON value without secrets in its texts and keys."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(item) for key, item in value.items()}
        return [self.value(item) for item in value] if isinstance(value, list | tuple) else value
