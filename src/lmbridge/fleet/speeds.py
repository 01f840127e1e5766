"""How fast each backend wrote last, kept for those who choose one: seen in replies, never asked for."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path

from lmbridge import platform
from lmbridge.messages import Turn

LEAST_TOKENS = 8
"""A reply of fewer tokens says nothing of speed."""
_NEWEST = 0.3
"""Weight of the newest reply."""


class Speeds:
    """Tokens a second of each backend and model.

    Args:
        file: Where they are kept between processes.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, float] = _read(file)
        self._changed = False

    def of(self, backend: str, model: str) -> float | None:
        """Tokens a second, once the first had come; None where nothing was seen."""
        return self._known.get(f"{model}@{backend}")

    def note(self, backend: str, model: str, turn: Turn) -> None:
        """Learns from a reply."""
        writing = turn.duration_s - turn.first_token_s
        if turn.usage.completion_tokens < LEAST_TOKENS or writing <= 0:
            return
        seen = (turn.usage.completion_tokens - 1) / writing
        before = self.of(backend, model)
        self._known[f"{model}@{backend}"] = round(seen if before is None else before + _NEWEST * (seen - before), 1)
        self._changed = True

    def save(self) -> None:
        """Keeps what was learnt; a folder that cannot be written is no failure of a run."""
        if self._changed:
            with contextlib.suppress(OSError):
                platform.private_folder(self._file.parent)
                self._file.write_text(json.dumps(self._known), encoding="utf-8")


def _read(file: Path) -> dict[str, float]:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(told, Mapping):
        return {}
    return {name: float(each) for name, each in told.items() if isinstance(each, (int, float))}
