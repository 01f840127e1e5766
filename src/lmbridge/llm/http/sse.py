"""Server-sent events from bytes, however they are cut (WHATWG HTML, section 9.2), without I/O.

More forgiving than the standard where backends are: a byte order mark, fields before which somebody put blanks, and a
last event that no empty line closes are accepted.
"""

from __future__ import annotations

MAX_EVENT_BYTES = 32 * 2**20
"""Bytes of one event, above which nobody believes that it is one."""

MAX_STRAY_BYTES = 64 * 2**10
"""Bytes kept of what is no event."""

_BOM = b"\xef\xbb\xbf"
_DATA = b"data: "


class EventTooLargeError(ValueError):
    """A single event grew beyond `MAX_EVENT_BYTES`."""


Event = tuple[bytes, bytes]
"""One event: its name (empty where none was given) and its data, lines joined by newlines. No class of its own: to make one
takes as long as to read what is in it."""


class EventReader:
    """Takes pieces of a stream and hands out whole events.

    Attributes:
        stray: The lines that are no fields of an event, up to `MAX_STRAY_BYTES`: what a proxy or a dying server wrote
            instead, perhaps behind the first events.
    """

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._held = 0
        self._name = b""
        self._data: list[bytes] = []
        self._started = False
        self.stray = b""

    def feed(self, piece: bytes) -> list[Event]:
        """Takes the next bytes; returns the events that they completed.

        Raises:
            EventTooLargeError: A line or an event is larger than any real one.
        """
        if len(piece) + self._held > MAX_EVENT_BYTES:
            raise EventTooLargeError(f"an event of more than {MAX_EVENT_BYTES} bytes")
        if not (self._pieces or self._data or self._name) and (plain := _plain(piece)):
            self._started = True
            return plain
        self._held += len(piece)
        self._pieces.append(piece)
        if b"\n" not in piece and b"\r" not in piece and not self._ends_with_return():
            return []
        return self._take_lines(self._joined())

    def close(self) -> list[Event]:
        """The stream ended: returns what stood in an unfinished last line or event."""
        events = self._take_lines(self._joined() + b"\n\n")
        self._pieces = []
        return events

    def _ends_with_return(self) -> bool:
        return len(self._pieces) > 1 and self._pieces[-2].endswith(b"\r")

    def _joined(self) -> bytes:
        text = b"".join(self._pieces) if len(self._pieces) != 1 else self._pieces[0]
        if not self._started and len(text) >= len(_BOM):
            text = text.removeprefix(_BOM)
            self._started = True
        return text

    def _take_lines(self, text: bytes) -> list[Event]:
        """Splits off whole lines. A carriage return at the very end waits: a newline may follow it."""
        lines = text.splitlines()
        rest = b""
        if lines and not text.endswith(b"\n"):
            rest = lines.pop() + (b"\r" if text.endswith(b"\r") else b"")
        self._pieces = [rest] if rest else []
        self._started = self._started or bool(lines)
        events: list[Event] = []
        for line in lines:
            if line.startswith(_DATA):  # nearly every line that says something
                self._data.append(line[len(_DATA) :])
            elif line:
                self._note(line)
            elif self._data:
                events.append((self._name, b"\n".join(self._data)))
                self._name, self._data = b"", []
            else:
                self._name = b""
        self._held = len(rest) + sum(map(len, self._data))
        return events

    def _note(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        match field.strip():
            case b"data":
                self._data.append(value)
            case b"event":
                self._name = value
            case b"error":  # llama.cpp until late 2025 tells errors so
                self._name = b"error"
                self._data.append(value)
            case b"" | b"id" | b"retry":
                pass
            case _ if len(self.stray) + len(line) < MAX_STRAY_BYTES:
                self.stray = b"\n".join([self.stray, line]) if self.stray else line
            case _:
                self.stray = self.stray or line[:MAX_STRAY_BYTES]


def _plain(piece: bytes) -> list[Event]:
    """The events of a piece that is nothing but whole events of one line of data each, as nearly all are; else none.

    Takes a third of what it takes to look at each line.
    """
    if not (piece.startswith(_DATA) and piece.endswith(b"\n\n")) or b"\r" in piece:
        return []
    told = piece[len(_DATA) : -2].split(b"\n\n" + _DATA)
    return [(b"", data) for data in told] if piece.count(b"\n") == 2 * len(told) else []
