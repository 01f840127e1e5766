"""Text of others made safe to show: no terminal escapes, no control characters, nothing that hides or turns text around.

Words of strangers, made safe to show to a model or a terminal: no control, no hidden, no shouting characters.
"""

from __future__ import annotations

import re

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROL = bytes([*range(9), 11, 12, *range(14, 32), 127])
# Halves of surrogate pairs, more control characters, direction overrides and the invisible tag characters, by which
# text can be hidden from people and shown to models. Joiners of real scripts stay.
_HIDDEN = re.compile("[\x80-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]")

_LATIN = re.compile("[A-Za-z]")
_LOOKS_LATIN = re.compile(
    "[\u0370-\u03ff\u0400-\u04ff\u0500-\u052f\u0530-\u058f\u13a0-\u13ff\u2010-\u2015\u2024\u2044\u2215\u2100-\u214f\ua4d0-\ua4ff\uff00-\uffef]"
)


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


def visible(text: str) -> str:
    """The same without characters that nobody sees either: what is shown to people holds nothing that they cannot see."""
    shown = cleaned(text)
    return shown if shown.isascii() else _HIDES.sub("", shown)


def looks_alike(text: str) -> bool:
    """Whether a name mixes letters of several scripts, or uses letters of another than Latin that look like Latin ones."""
    return not text.isascii() and bool(_LATIN.search(text)) and bool(_LOOKS_LATIN.search(text))


QUOTED = 80
"""Characters of strangers' words that a warning or a progress line shows."""


def quoted(text: str, longest: int = QUOTED) -> str:
    """Strangers' words within lmbridge's own: in one line, in quotation marks that they cannot close, cut."""
    line = _unquoted(text)
    return f"“{line if len(line) <= longest else line[: longest - 1] + '…'}”"


def both_ends(text: str, longest: int = QUOTED) -> str:
    """The same, cut in the middle: of a path the last part tells, of an error often the first and the last words."""
    line, head = _unquoted(text), longest * 2 // 5
    return f"“{line if len(line) <= longest else f'{line[:head]}…{line[head + 1 - longest :]}'}”"


def short_quotes(text: str) -> str:
    """A sentence of lmbridge's own in one line, in which what it quotes of strangers is cut."""
    return _QUOTATION.sub(lambda match: both_ends(match[1]), one_line(text))


def cut(line: str, longest: int) -> str:
    """A line of lmbridge's own, cut so that a quotation of strangers in it still ends as one."""
    if len(line) <= longest:
        return line
    head = line[: longest - 1]
    return f"{head[:-1]}…”" if head.count("“") > head.count("”") else f"{head}…"


_QUOTATION = re.compile("“([^“”]*)”")


def _unquoted(text: str) -> str:
    return _UNSEEN.sub("", _HIDES.sub("", one_line(text))).replace("“", "'").replace("”", "'").replace('"', "'")


LONGEST_DESCRIPTION = 2_000
"""Characters of a tool's description; what real servers need ends well below."""

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])|\x9b[0-?]*[ -/]*[@-~]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_MARKER = re.compile(
    r"<\s*(/?)\s*((?:very[\s_-]*)?important|system|instructions?|secret|critical|urgent|attention|override|admin|priority|"
    r"assistant|user|tool_call|tool_response|think)\b[^<>\n]{0,100}>",
    re.IGNORECASE,
)
_TEMPLATE_TOKEN = re.compile(r"<\|([^|<>\n]{1,40})\|>|\[(/?)(INST|TOOL_CALLS|AVAILABLE_TOOLS)\]|<<(/?)SYS>>|</?s>")
_ROLE_MARKER = re.compile(
    r"<(?=\s*/?\s*(?:(?:very[\s_-]*)?important|system|instructions?|assistant|tool_call|tool_response|think)\b[^<>\n]{0,100}>)",
    re.IGNORECASE,
)
_TOKEN_START = re.compile(
    r"<(?=[|｜][^|｜<>\n]{1,60}[|｜]>|\|[a-z_]{1,40}>|[a-z_]{1,40}\|>|/?s>|<\/?SYS>|(?:start|end)_of_\w{1,20}>|(?:bos|eos|pad|unk|mask|cls|sep|sop|eop)>"
    r"|(?:unused|extra_id_|SPECIAL_|reserved_)\d{1,5}>|fim_\w{1,20}>|/?(?:\w{1,40}:)?tool_(?:call|response)s?>)"
    r"|\[(?=/?(?:INST|TOOL_CALLS|AVAILABLE_TOOLS|TOOL_RESULTS|TOOL_CONTENT|SYSTEM_PROMPT|ARGS|CALL_ID|THINK|[gs]?MASK|CLS|SEP)\]|e~\[)"
    r"|\](?=~!?[a-z]\[|~[a-z]\]|<\])"
)
_HIDES = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028\u2029\u2060-\u206f\u3164\uffa0\ufff0-\ufffb\U000e0080-\U000e0fff]"
)
_UNSEEN = re.compile("[\u2800\ufe00-\ufe0f]")
"""Signs that show nothing, which text may hold for good reasons and a question or a warning may not."""
DISARMED = "¦"
"""Put behind the first sign of a token or marker in a result, so that it is none any more; taken out again on the way back."""
_BLANKS_AT_END = re.compile(r"[ \t]+(?=\n)")
_EMPTY_LINES = re.compile(r"\n{3,}")


def clean(text: str, *, longest: int = LONGEST_DESCRIPTION) -> str:
    """The text without escape sequences, control, zero-width and direction characters, its markers neutralised, cut.

    Markers such as `<IMPORTANT>`, by which poisoned descriptions give orders to models, and the tokens of chat
    templates stay readable in round brackets but lose their form.
    """
    plain = _ANSI.sub("", text)
    plain = _INVISIBLE.sub("", plain)
    plain = _MARKER.sub(lambda match: f"({match[1]}{match[2].lower()})", plain)
    plain = _TEMPLATE_TOKEN.sub(lambda match: f"({re.sub(r'[^A-Za-z_]', '', match[0])})", plain)
    plain = _TOKEN_START.sub(lambda match: match[0] + DISARMED, plain)
    plain = _EMPTY_LINES.sub("\n\n", _BLANKS_AT_END.sub("", plain)).strip()
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"


def hides_something(text: str) -> bool:
    """Whether cleaning takes away more than blanks: a reason to warn about the server."""
    marks = (_ANSI, _INVISIBLE, _MARKER, _TEMPLATE_TOKEN, _TOKEN_START)
    return any(mark.search(text) for mark in marks)


def disarmed(text: str) -> str:
    """A result without hidden characters, in which no template token or instruction marker has its form any more.

    An engine takes `<|im_start|>` in content as a control token; `<¦|im_start|>` is plain text to it, and a reader, man or
    model, still sees what stood there. `rearmed` undoes it.
    """
    if not text.isascii():
        text = _HIDES.sub("", text)
    if "<" in text or "[" in text or "]" in text:
        text = _TOKEN_START.sub(lambda match: match[0] + DISARMED, text)
        text = _ROLE_MARKER.sub("<" + DISARMED, text)
    return text


def rearmed(text: str) -> str:
    """A text with tokens and markers in the form that they had before `disarmed`."""
    for sign in "<[]" if DISARMED in text else "":
        text = text.replace(f"{sign}{DISARMED}", sign)
    return text
