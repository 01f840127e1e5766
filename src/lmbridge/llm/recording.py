"""What a real backend answered, written down without secrets, in the form that the fake LM Studio replays.

The form is that of `lmbridge.testing.recording`, which reads it; a test holds the two together.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

VERSION = 1
_PATTERNS = (
    (re.compile(r"sk-[A-Za-z0-9_\-:]{8,}"), "<token>"),
    (re.compile(r"(?i)\bbearer\s+[A-Za-z0-9._:~+/=-]{8,}"), "Bearer <token>"),
    (re.compile(r"(/Users/|/home/|[A-Za-z]:\\\\?Users\\\\?)[^/\\\s\"']+"), r"\1<user>"),
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request and its answer.

    Attributes:
        method: HTTP method.
        path: Path of the URL.
        request: The part of the request's body that must be there for the answer to be played.
        status: HTTP status.
        headers: Headers worth keeping.
        body: The answer's JSON, or text; None where it was streamed.
        chunks: The pieces of a stream.
        note: What was asked.
    """

    method: str
    path: str
    request: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    chunks: tuple[str, ...] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Recording:
    """All exchanges with one backend."""

    exchanges: tuple[Recorded, ...] = ()
    backend: str = ""
    recorded_at: str = ""

    def write(self, path: str | Path) -> None:
        """Writes the file."""
        whole = {"lmbridge_recording": VERSION, **asdict(self)}
        Path(path).write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def recorded(
    method: str,
    path: str,
    request: Mapping[str, Any],
    status: int,
    headers: Mapping[str, str],
    pieces: list[bytes],
    *,
    note: str,
    secrets: tuple[str, ...],
) -> Recorded:
    """An exchange as it is kept: of the headers only the content type, of texts nothing secret."""
    kind = headers.get("Content-Type", "application/json")
    body: Any = None
    chunks: tuple[str, ...] | None = None
    if kind.startswith("text/event-stream"):
        chunks = tuple(_clean(event, secrets) for event in _events(b"".join(pieces)))
    else:
        text = b"".join(pieces).decode("utf-8", "replace")
        try:
            body = _clean(json.loads(text), secrets)
        except ValueError:
            body = _clean(text, secrets)
    return Recorded(method, path, _clean(dict(request), secrets), status, {"Content-Type": kind}, body, chunks, note)


def _events(stream: bytes) -> list[str]:
    """The stream's events, each with the empty line that ends it: so that no secret is cut in two."""
    text = stream.decode("utf-8", "replace")
    return [piece for piece in re.split(r"(?<=\n\n)", text) if piece]


def _clean(value: Any, secrets: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, "<secret>")
        for pattern, instead in _PATTERNS:
            value = pattern.sub(instead, value)
        return value
    if isinstance(value, Mapping):
        return {key: _clean(each, secrets) for key, each in value.items()}
    return [_clean(each, secrets) for each in value] if isinstance(value, (list, tuple)) else value
