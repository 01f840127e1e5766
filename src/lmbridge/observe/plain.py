"""Text of others made safe to show: no terminal escapes, no control characters, nothing that hides or turns text around."""

from __future__ import annotations

import re

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROL = bytes([*range(9), 11, 12, *range(14, 32), 127])
# Halves of surrogate pairs, more control characters, direction overrides and the invisible tag characters, by which
# text can be hidden from people and shown to models. Joiners of real scripts stay.
_HIDDEN = re.compile("[\x80-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]")


def cleaned(text: str) -> str:
    """The text without terminal escapes, control characters and characters that hide text; otherwise untouched.

    Eight megabytes of ASCII take some ten milliseconds, since results are cleaned on the event loop.
    """
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    plain = text.encode("utf-8", "surrogatepass").translate(None, _CONTROL)
    if b"\r" in plain:
        plain = plain.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    shown = plain.decode("utf-8", "surrogatepass")
    return shown if shown.isascii() else _HIDDEN.sub("", shown)


def one_line(text: str) -> str:
    """The same in one line, so that a name or a warning cannot pass itself off as a line of lmbridge's own."""
    return " ".join(cleaned(text).split())
