r"""Recordings: what a real backend answered, without secrets, kept so that the fake can answer the same.

The file is JSON:

    {"lmbridge_recording": 1, "backend": "lmstudio 0.4.25", "recorded_at": "2026-11-21",
     "exchanges": [{"method": "POST", "path": "/v1/chat/completions", "request": {"stream": true},
                    "status": 200, "headers": {"Content-Type": "text/event-stream"},
                    "body": null, "chunks": ["data: {…}\n\n", "data: [DONE]\n\n"], "note": "a streamed call"}]}

`request` is the part of the request's JSON body that must be there for the exchange to be played (`{}` fits every
request); nested objects are compared the same way, everything else for equality. An answer is either `body` (JSON, or
text where the content type is another) or `chunks`, the pieces of a stream as they came.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from lmbridge.redaction import without_tokens

VERSION = 1

_USERS_FOLDER = re.compile(r"(/Users/|/home/|[A-Za-z]:\\\\?Users\\\\?)[^/\\\s\"']+")
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "x-api-key", "cookie", "set-cookie"})


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer; see the module for the fields."""

    method: str
    path: str
    request: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    chunks: tuple[str, ...] | None = None
    note: str = ""

    def fits(self, method: str, path: str, body: Mapping[str, Any]) -> bool:
        """Whether a request is the one that was recorded."""
        return (method, path) == (self.method, self.path) and holds(self.request, body)


@dataclass(frozen=True, slots=True)
class Recording:
    """The exchanges of one session with one backend."""

    exchanges: tuple[Exchange, ...]
    backend: str = ""
    recorded_at: str = ""

    def scrubbed(self, secrets: Sequence[str] = ()) -> Recording:
        """Return the recording without credentials, users' folder names, and the given secrets."""
        clean = _Scrubber(tuple(each for each in secrets if each))
        return replace(self, exchanges=tuple(clean.exchange(each) for each in self.exchanges))

    def save(self, path: str | Path) -> None:
        """Write the file."""
        whole = {"lmbridge_recording": VERSION, **asdict(self)}
        Path(path).write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Recording:
        """Read a file that `save` wrote.

        Raises:
            ValueError: the file is no recording, or one of a version unknown here; the message names it.
        """
        try:
            return cls.from_json(json.loads(Path(path).read_text(encoding="utf-8")))
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(f"{path} is not a recording that can be replayed: {error}") from error

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Recording:
        """Return the recording of a parsed file (raises ValueError, TypeError or KeyError)."""
        if data.get("lmbridge_recording") != VERSION:
            raise ValueError(f"lmbridge_recording is {data.get('lmbridge_recording')!r}, expected {VERSION}")
        exchanges = tuple(_exchange(each) for each in data["exchanges"])
        return cls(exchanges, data.get("backend", ""), data.get("recorded_at", ""))


def _exchange(data: Mapping[str, Any]) -> Exchange:
    given = dict(data)
    chunks = given.pop("chunks", None)
    return Exchange(**given, chunks=None if chunks is None else tuple(chunks))


def holds(part: Any, whole: Any) -> bool:
    """Whether everything in `part` is in `whole` too; objects are compared key by key, the rest for equality."""
    if isinstance(part, Mapping) and isinstance(whole, Mapping):
        return all(key in whole and holds(value, whole[key]) for key, value in part.items())
    return part == whole


@dataclass(frozen=True, slots=True)
class _Scrubber:
    secrets: tuple[str, ...]

    def exchange(self, exchange: Exchange) -> Exchange:
        headers = {k: v for k, v in exchange.headers.items() if k.lower() not in _SECRET_HEADERS}
        chunks = None if exchange.chunks is None else tuple(self.text(chunk) for chunk in exchange.chunks)
        return replace(
            exchange,
            request=self.value(exchange.request),
            headers=self.value(headers),
            body=self.value(exchange.body),
            chunks=chunks,
            note=self.text(exchange.note),
        )

    def value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.value(each) for key, each in value.items()}
        return [self.value(each) for each in value] if isinstance(value, (list, tuple)) else value

    def text(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "<secret>")
        text = without_tokens(text, "<token>")
        return _USERS_FOLDER.sub(r"\1<user>", text)


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
) -> Exchange:
    """An exchange as it is kept: of the headers only the content type, of texts nothing secret."""
    clean = _Scrubber(tuple(each for each in secrets if each))
    kind = headers.get("Content-Type", "application/json")
    body: Any = None
    chunks: tuple[str, ...] | None = None
    if kind.startswith("text/event-stream"):
        chunks = tuple(clean.text(event) for event in _events(b"".join(pieces)))
    else:
        text = b"".join(pieces).decode("utf-8", "replace")
        try:
            body = clean.value(json.loads(text))
        except ValueError:
            body = clean.text(text)
    return Exchange(method, path, clean.value(request), status, {"Content-Type": kind}, body, chunks, note)


def _events(stream: bytes) -> list[str]:
    """The stream's events, each with the empty line that ends it: so that no secret is cut in two."""
    text = stream.decode("utf-8", "replace")
    return [piece for piece in re.split(r"(?<=\n\n)", text) if piece]
