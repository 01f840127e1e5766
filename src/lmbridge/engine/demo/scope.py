"""What the demo model was trained for, read from a task's words: a task outside is better refused than answered with nonsense."""

from __future__ import annotations

import re

KNOWS = (
    "it lists, counts, finds, reads (a whole file, a line, a key's value), writes and moves files, makes folders, counts the rows of tables, "
    "and tells the time in a zone; each in plain English, with full paths"
)
"""Its kinds of tasks, in words that go on after a colon."""

WORDS = frozenset(
    [
        "a",
        "according",
        "add",
        "after",
        "ahead",
        "all",
        "aloud",
        "am",
        "among",
        "an",
        "and",
        "answer",
        "any",
        "anything",
        "anywhere",
        "are",
        "as",
        "at",
        "back",
        "be",
        "become",
        "becomes",
        "belongs",
        "below",
        "big",
        "biggest",
        "both",
        "brief",
        "briefly",
        "bring",
        "by",
        "called",
        "can",
        "cat",
        "change",
        "check",
        "clock",
        "compare",
        "confirm",
        "consist",
        "contain",
        "containing",
        "contains",
        "content",
        "contents",
        "convert",
        "copy",
        "could",
        "count",
        "create",
        "creating",
        "css",
        "csv",
        "current",
        "currently",
        "database",
        "did",
        "dir",
        "directory",
        "display",
        "do",
        "does",
        "don't",
        "done",
        "down",
        "eighth",
        "else",
        "empty",
        "ending",
        "entries",
        "enumerate",
        "every",
        "everything",
        "exact",
        "exist",
        "exists",
        "extension",
        "extract",
        "fetch",
        "fifth",
        "file",
        "files",
        "fill",
        "find",
        "first",
        "folder",
        "folders",
        "following",
        "for",
        "found",
        "fourth",
        "from",
        "full",
        "get",
        "give",
        "given",
        "go",
        "has",
        "have",
        "hello",
        "help",
        "hi",
        "highest",
        "hold",
        "holds",
        "how",
        "html",
        "i",
        "i'd",
        "if",
        "in",
        "ing",
        "ini",
        "inside",
        "into",
        "is",
        "it",
        "items",
        "its",
        "javascript",
        "js",
        "json",
        "jump",
        "just",
        "keep",
        "key",
        "kind",
        "kindly",
        "know",
        "large",
        "largest",
        "last",
        "late",
        "let",
        "lie",
        "lies",
        "like",
        "line",
        "list",
        "listing",
        "local",
        "locate",
        "log",
        "long",
        "longest",
        "look",
        "looking",
        "ls",
        "made",
        "make",
        "making",
        "many",
        "markdown",
        "md",
        "me",
        "message",
        "mkdir",
        "moment",
        "most",
        "move",
        "moved",
        "mv",
        "name",
        "named",
        "names",
        "need",
        "new",
        "next",
        "ninth",
        "no",
        "not",
        "note",
        "now",
        "number",
        "of",
        "okay",
        "on",
        "one",
        "only",
        "open",
        "out",
        "path",
        "paths",
        "pdf",
        "please",
        "png",
        "prepare",
        "print",
        "put",
        "py",
        "python",
        "quick",
        "quote",
        "read",
        "records",
        "rename",
        "repeat",
        "report",
        "result",
        "right",
        "row",
        "rows",
        "s",
        "save",
        "say",
        "saying",
        "says",
        "search",
        "second",
        "see",
        "seek",
        "send",
        "sentence",
        "set",
        "setting",
        "seventh",
        "shall",
        "short",
        "should",
        "show",
        "sixth",
        "so",
        "somebody",
        "somewhere",
        "sql",
        "stands",
        "store",
        "string",
        "subfolders",
        "sure",
        "table",
        "tables",
        "take",
        "task",
        "tell",
        "tenth",
        "text",
        "thank",
        "thanks",
        "that",
        "the",
        "their",
        "then",
        "there",
        "they",
        "things",
        "third",
        "this",
        "through",
        "time",
        "to",
        "together",
        "toml",
        "tools",
        "transfer",
        "translate",
        "two",
        "txt",
        "type",
        "under",
        "up",
        "use",
        "using",
        "value",
        "values",
        "want",
        "we",
        "what",
        "what's",
        "when",
        "where",
        "which",
        "whole",
        "whose",
        "with",
        "words",
        "would",
        "write",
        "written",
        "xml",
        "yaml",
        "yet",
        "you",
        "your",
        "zone",
    ]
)
"""Every word of the wordings that it was trained on (`training/wordings.py`; a test holds them against it)."""

_BEFORE_A_NAME = frozenset(
    [
        "a",
        "and",
        "are",
        "below",
        "called",
        "copy",
        "dir",
        "directory",
        "extract",
        "file",
        "find",
        "folder",
        "for",
        "from",
        "get",
        "give",
        "hold",
        "in",
        "is",
        "its",
        "key",
        "look",
        "make",
        "me",
        "named",
        "need",
        "no",
        "of",
        "read",
        "report",
        "say",
        "setting",
        "store",
        "table",
        "tell",
        "then",
        "to",
        "under",
        "up",
        "value",
        "values",
        "want",
        "what",
        "what's",
    ]
) - {"a"}
_WRITING = frozenset(
    [
        "containing",
        "contain",
        "fill",
        "note",
        "put",
        "save",
        "say",
        "says",
        "saying",
        "set",
        "store",
        "text",
        "with",
        "write",
    ]
)
_TABLES = frozenset(["database", "records", "row", "rows", "table", "tables"])
_MOST = frozenset(["biggest", "highest", "largest", "longest", "most"])
_FOLDERS = frozenset(["dir", "directory", "file", "files", "folder", "folders"])
_REMARKS = re.compile(r"(?i)do not explain|no explanation, please|don't change anything else|i need it for a report")
_COMPOSED = re.compile(
    r"(?i)\b(?:write|create|make|draft|compose|put|save)\b(?: (?:me|us|a|an|the|some|short|small|new|python|shell))*"
    r" (?:article|code|email|essay|function|haiku|letter|mail|page|plan|poem|program|reply|report|review|script|song|story|summary|test|tests|translation)\b"
)
_COUNTED = re.compile(
    r"(?i)\b(?:count|how many|number of)(?: the| all)* (?:words|lines|characters|letters)\b|\badd up\b|\bcompare\b(?!.*\brows?\b)"
)
"""What somebody would have to think up, or to reckon; the demo model only copies."""
_CLOCK = frozenset(["clock", "late", "time"])
_HOUR = re.compile(r"\b\d\d?:\d\d\b")
_QUOTED = re.compile(r"\"[^\"]*\"|`[^`]*`|“[^”]*”|(?<!\w)'[^']*'(?!\w)")
_ADDRESS = re.compile(r"@|://")
_PATH = re.compile(r"[/\\~]|\w\.\w|^\.\w|^\*\.")
_NAME = re.compile(r"[-/\\~._*\d:]|[A-Z].*[A-Z]")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_A_PATH, _A_NAME = "/", ""
"""What stands for a path, and for another name or quotation, among a task's words."""


def outside(task: str) -> bool:
    """Whether the demo model was certainly not trained for this task.

    Inside is what speaks of a file, a folder, a table or a clock in words of its training. Names are free: what stands in quotation
    marks, has a sign or a digit in it, or is a single word where a name may stand; and so is a text that is to be written.
    """
    if _ADDRESS.search(task) or _COMPOSED.search(task) or _COUNTED.search(task):
        return True
    words = _words(task)
    known = {word for word in words if word in WORDS}
    strange = [at for at, word in enumerate(words) if word not in WORDS and word not in (_A_PATH, _A_NAME)]
    if strange and _A_PATH in words and _written(words, strange[0]):
        return False
    if known & _TABLES:
        return len(strange) > 2 or not all(_may_be_a_name(words, at) for at in strange)
    if known & _CLOCK or _HOUR.search(task):
        return any(words[at].capitalize() not in task for at in strange)  # Hong Kong
    if known & _MOST or not (_A_PATH in words or known & _FOLDERS):
        return True
    return len(strange) > 1 + words.count(_A_PATH) or not all(_may_be_a_name(words, at) for at in strange)


def _words(task: str) -> list[str]:
    """The task's words in lower case, with signs for paths and other names."""
    found: list[str] = []
    for token in _QUOTED.sub(_bare, _REMARKS.sub(" ", task)).split():
        bare = token.lstrip("\"'`“”‘’([").rstrip("\"'`“”‘’.,;:!?)]")
        if _PATH.search(bare) and bare.lower() not in WORDS:
            found.append(_A_PATH)
        elif _NAME.search(bare) and bare.lower() not in WORDS:
            found.append(_A_NAME)
        else:
            found.extend(word.lower() for word in _WORD.findall(bare))
    return found


def _bare(quotation: re.Match[str]) -> str:
    """A quotation as one word: a path stays one."""
    return " ./x " if _PATH.search(quotation.group()[1:-1]) else " 0 "


def _written(words: list[str], first: int) -> bool:
    """Whether the first strange word stands behind one that says what is to be written: a text may have any words."""
    return any(word in _WRITING for word in words[:first])


def _may_be_a_name(words: list[str], at: int) -> bool:
    if at == 0:
        return False
    before = words[at - 1]
    if before == "the":  # what is the port in …
        return at > 1 and words[at - 2] in {"is", "what's"}
    return before in _BEFORE_A_NAME or before in (_A_PATH, _A_NAME)
