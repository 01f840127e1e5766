"""Bytes from a server's standard output, as lines; without I/O.

Linear in the bytes however they are cut, and bounded: of a line above the limit only its two ends are kept, from which
the id of the answer can still be read.
"""

from __future__ import annotations

from dataclasses import dataclass

_HEAD = 1024
_TAIL = 512


@dataclass(frozen=True, slots=True)
class Line:
    """One whole line, without its newline."""

    data: bytes

    @property
    def size(self) -> int:
        """Bytes of the line."""
        return len(self.data)


@dataclass(frozen=True, slots=True)
class Oversize:
    """A line that was too large to keep: its two ends and its size in bytes."""

    head: bytes
    tail: bytes
    size: int


Piece = Line | Oversize


class Framer:
    """Cuts a stream of bytes into lines of at most `limit` bytes each."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._chunks: list[bytes] = []
        self._size = 0
        self._head = b""
        self._tail = b""

    @property
    def pending(self) -> int:
        """Bytes of the line that has begun, dropped ones included."""
        return self._size

    @property
    def head(self) -> bytes:
        """The first bytes of the line that has begun."""
        return self._head or b"".join(self._chunks[:1])[:_HEAD]

    def feed(self, chunk: bytes) -> list[Piece]:
        """Takes the next bytes; returns the lines that they finish. Empty lines are left out."""
        pieces: list[Piece] = []
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            self._add(chunk[start:end])
            if self._size:
                pieces.append(self._finish())
            start = end + 1
        if start < len(chunk):
            self._add(chunk[start:] if start else chunk)
        return pieces

    def _add(self, part: bytes) -> None:
        self._size += len(part)
        if self._size <= self._limit:
            self._chunks.append(part)
            return
        if self._chunks or not self._head:
            kept = b"".join(self._chunks)
            self._head, self._tail, self._chunks = (kept + part[:_HEAD])[:_HEAD], kept[-_TAIL:], []
        self._tail = (self._tail + part[-_TAIL:])[-_TAIL:]

    def _finish(self) -> Piece:
        piece: Piece = Line(b"".join(self._chunks))
        if self._size > self._limit:
            piece = Oversize(self._head, self._tail, self._size)
        self._chunks, self._size, self._head, self._tail = [], 0, b"", b""
        return piece
