"""Words of strangers, made safe to show to a model or a terminal: no control, no hidden, no shouting characters."""

from __future__ import annotations

import re

LONGEST_DESCRIPTION = 2_000
"""Characters of a tool's description; what real servers need ends well below."""

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])|\x9b[0-?]*[ -/]*[@-~]")
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_MARKER = re.compile(
    r"<\s*(/?)\s*((?:very[\s_-]*)?important|system|instructions?|secret|critical|urgent|attention|override|admin|priority|"
    r"assistant|user|tool_call|tool_response|think)\b[^<>\n]{0,100}>",
    re.IGNORECASE,
)
_TEMPLATE_TOKEN = re.compile(r"<\|([^|<>\n]{1,40})\|>|\[(/?)(INST|TOOL_CALLS|AVAILABLE_TOOLS)\]|<<(/?)SYS>>|</?s>")
_BLANKS_AT_END = re.compile(r"[ \t]+(?=\n)")
_EMPTY_LINES = re.compile(r"\n{3,}")


def clean(text: str, *, longest: int = LONGEST_DESCRIPTION) -> str:
    """The text without escape sequences, control, zero-width and direction characters, its markers neutralised, cut.

    Markers such as `<IMPORTANT>`, by which poisoned descriptions give orders to models, and the tokens of chat
    templates stay readable in round brackets but lose their form.
    """
    plain = _ANSI.sub("", text)
    plain = _HIDDEN.sub("", plain)
    plain = _MARKER.sub(lambda match: f"({match[1]}{match[2].lower()})", plain)
    plain = _TEMPLATE_TOKEN.sub(lambda match: f"({re.sub(r'[^A-Za-z_]', '', match[0])})", plain)
    plain = _EMPTY_LINES.sub("\n\n", _BLANKS_AT_END.sub("", plain)).strip()
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"


def hides_something(text: str) -> bool:
    """Whether cleaning takes away more than blanks: a reason to warn about the server."""
    return bool(_ANSI.search(text) or _HIDDEN.search(text) or _MARKER.search(text) or _TEMPLATE_TOKEN.search(text))
