"""Messages in a stream of bytes: lines, as the protocol says, and `Content-Length` frames, as some clients try next.

Cline repeats an `initialize` that was not answered within three seconds with the framing of the Language Server Protocol
(`Content-Length: N`, a blank line, N bytes), and then reads answers in that form alone. Both forms are told apart message
by message, since no JSON begins like a header.
"""

from __future__ import annotations

import re

MAX_MESSAGE = 64 * 2**20
"""Longest message taken from a client, in bytes; a longer one is refused and skipped."""

_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*(\d{1,18})", re.IGNORECASE)


class TooLong:
    """Stands for a message above the limit, which was skipped."""


class Framing:
    """Takes bytes as they come and gives the messages in them; blank lines are left out.

    Args:
        limit: Longest message, in bytes.

    Attributes:
        headers: Whether the last message came in a `Content-Length` frame, so that answers go back in that form.
    """

    def __init__(self, limit: int = MAX_MESSAGE) -> None:
        self.headers = False
        self._limit = limit
        self._held: list[bytes] = []
        self._size = 0
        self._announced: int | None = None
        self._missing: int | None = None

    @property
    def holds(self) -> int:
        """Bytes of a message that has not come to its end yet."""
        return self._size

    def feed(self, chunk: bytes) -> list[bytes | TooLong]:
        """The messages that these bytes complete."""
        messages: list[bytes | TooLong] = []
        at = 0
        while at < len(chunk):
            if self._missing is not None:
                at = self._body(chunk, at, messages)
                continue
            end = chunk.find(b"\n", at)
            if end < 0:
                self._hold(chunk[at:])
                break
            self._hold(chunk[at:end])
            self._line(messages)
            at = end + 1
        return messages

    def finish(self) -> list[bytes | TooLong]:
        """What a stream that ended without the end of its last line still holds."""
        messages: list[bytes | TooLong] = []
        if self._missing is None:
            self._line(messages)
        return messages

    def _hold(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size <= self._limit:
            self._held.append(piece)
        else:
            self._held = []

    def _taken(self) -> bytes | TooLong:
        message: bytes | TooLong = TooLong() if self._size > self._limit else b"".join(self._held).strip()
        self._held, self._size = [], 0
        return message

    def _line(self, messages: list[bytes | TooLong]) -> None:
        line = self._taken()
        if isinstance(line, bytes) and (header := _LENGTH.fullmatch(line)):
            self._announced = int(header[1])
        elif self._announced is not None and not line:
            self._missing, self._announced = self._announced, None
            self.headers = True
        elif self._announced is None and line:
            self.headers = False
            messages.append(line)

    def _body(self, chunk: bytes, at: int, messages: list[bytes | TooLong]) -> int:
        """Takes bytes of a frame; where the next message begins, or the end of the chunk."""
        assert self._missing is not None
        piece = chunk[at : at + self._missing]
        self._hold(piece)
        self._missing -= len(piece)
        if not self._missing:
            self._missing = None
            if message := self._taken():
                messages.append(message)
        return at + len(piece)


def framed(message: bytes, *, headers: bool) -> bytes:
    """A message as it is sent: a line, or with its length in front."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(message), message) if headers else message + b"\n"
