"""A sweep: all lines with a word that a task marks, or one of a few, in all files below a folder that it names.

"Read the files in /project and list every TODO" takes a call for each file, and a conversation that holds them all; small models list
the names of the files, and call that the answer. Reading is no matter of judgement: it is done for them, with the tools of the run's own
servers that only read, each a call of the run like any other. What the lines come to is left to the model.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lmbridge.agent.calls.look_ups import LookUps
from lmbridge.agent.held.marked import marks_in
from lmbridge.agent.reading.names import kinds_in, last_part, paths_in
from lmbridge.messages import ToolCall, ToolSpec
from lmbridge.text import one_line

MOST_FILES = 200
"""Files that are read; none where there are more."""
MOST_FOLDERS = 60
MOST_READ_CHARS = 2_000_000
"""Characters of all files together, after which no further one is read."""
MOST_LINES = 60
MOST_SHOWN_CHARS = 5_000
_LONGEST_LINE = 160
MOST_WORDS = 3
_HEADINGS = 2
"""Further lines that a text may have beside those that were looked for."""
_DEFINITION = re.compile(
    r"\b(?:defin(?!itely|itiv)\w*|declar\w*|implement(?:ed|ation)|définie?s?|déclarée?s?|deklarier\w*|dichiarat\w*|implementad\w*)\b",
    re.IGNORECASE,
)
_USES = re.compile(
    r"\b(?:us(?:es?|ed|ages?|ing)|call(?:s|ed|ers?)|refer\w*|import\w*|occur\w*|every(?:where)?|all|verwend\w*|benutz\w*|aufruf\w*|aufgerufen|überall|utilis\w*|appel\w*|partout|us[ao]\w*|utiliz\w*|llam\w*|chiam\w*|ovunque|cham\w*)\b",
    re.IGNORECASE,
)
"""Words of a task that wants to know as well where a name is used."""
_BEFORE_NAME = (
    r"(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|pub(?:\([^)]*\))?|inline|virtual|override|extern|unsafe|suspend|data|open)\s+)*"
    r"(?:def|class|function\*?|func(?:\s*\([^)]*\))?|fn|fun|sub|proc|const|let|var|val|type|interface|struct|enum|trait|protocol|module|namespace|macro_rules!|#\s*define|create\s+(?:or\s+replace\s+)?(?:function|table|view|procedure))\s+"
)
"""What stands before a name where it is defined, in the common languages."""
SWEEP = "sweep"
"""How the ids of its calls go on behind `look_ups.LOOK_UP`."""
_OWN = ToolCall(SWEEP, "", "{}")
_NOT_TEXT = frozenset(
    [
        "png",
        "jpg",
        "jpeg",
        "gif",
        "bmp",
        "webp",
        "ico",
        "tif",
        "tiff",
        "heic",
        "mp3",
        "mp4",
        "m4a",
        "wav",
        "ogg",
        "flac",
        "avi",
        "mkv",
        "mov",
        "webm",
        "pdf",
        "zip",
        "gz",
        "tgz",
        "bz2",
        "xz",
        "7z",
        "rar",
        "tar",
        "jar",
        "exe",
        "dll",
        "so",
        "dylib",
        "o",
        "a",
        "class",
        "pyc",
        "woff",
        "woff2",
        "ttf",
        "otf",
        "eot",
        "db",
        "sqlite",
        "sqlite3",
        "gguf",
        "bin",
        "dat",
        "iso",
        "img",
        "docx",
        "xlsx",
        "pptx",
        "odt",
        "ods",
    ]
)
_NOT_OURS = frozenset({"node_modules", "__pycache__", "venv", "dist", "build", "target", "vendor"})
"""Folders of what others made, which nobody means; hidden ones are passed over as well."""
_FOLDER = re.compile(r"^[ \t]*\[DIR\][ \t]*(\S[^\n]*?)(?:[ \t]{2,}\S+(?: [KMGT]?B)?)?[ \t]*$", re.MULTILINE)
_FILE = re.compile(r"^[ \t]*\[FILE\][ \t]*(\S[^\n]*?)(?:[ \t]{2,}\S+(?: [KMGT]?B)?)?[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Hit:
    """A line that holds a word that was looked for: its file, its number from 1, its text, and the first such word."""

    path: str
    number: int
    text: str
    word: str


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found.

    Attributes:
        words: What was looked for, as the task writes it.
        folder: Below which.
        files: Files that were read.
        hits: The lines, in the order of their files.
        whole: Whether every file was read.
        defining: Whether the one line is the one that defines the word, since the task asks for that.
    """

    words: tuple[str, ...]
    folder: str
    files: int
    hits: tuple[Hit, ...]
    whole: bool
    defining: bool = False

    @property
    def word(self) -> str:
        """The words, in a sentence."""
        return " or ".join(self.words)

    @property
    def shown(self) -> tuple[str, ...]:
        """The lines as a model is shown them, as many as there is room for."""
        lines, room = [], MOST_SHOWN_CHARS
        for hit in self.hits[:MOST_LINES]:
            place = posixpath.relpath(hit.path, self.folder)
            line = f"{place}, line {hit.number}: {one_line(hit.text)[:_LONGEST_LINE]}"
            room -= len(line) + 1
            if room < 0:
                break
            lines.append(line)
        return tuple(lines)

    @property
    def by_file(self) -> tuple[tuple[str, str], ...]:
        """The lines of each file that has any, behind its path."""
        held: dict[str, list[str]] = {}
        for hit in self.hits:
            held.setdefault(hit.path, []).append(hit.text)
        return tuple((path, "\n".join(lines)) for path, lines in held.items())

    @property
    def heading(self) -> str:
        """What the lines are, and of how many files."""
        files = f"{self.files} files" if self.files != 1 else "one file"
        of = f"the {files} below {self.folder}" if self.whole else f"the first {files} read below {self.folder}"
        if not self.hits:
            return f"No line of {of} has {self.word}"
        if self.defining:
            return f"The only line that defines {self.word} in {of}"
        shown, count = len(self.shown), len(self.hits)
        lines = f"The first {shown} of {count} lines" if shown < count else f"All {count} lines"
        return f"{lines if count > 1 else 'The only line'} with {self.word} in {of}"


async def sweep(task: str, listed: Iterable[tuple[str, ToolSpec]], look: LookUps) -> Swept | None:
    """Reads all files below the first folder that the task names, for the words that it marks.

    Args:
        task: What the caller asked for.
        listed: Folders that were listed, each with the tool that listed it.
        look: Makes the calls.

    Returns:
        None where the task marks no word or many, names no folder, or where there is too much to read.
    """
    marks = marks_in(task)
    named = {path.rstrip("/") for path in paths_in(task)}
    place = next(((path.rstrip("/"), spec) for path, spec in listed if path.rstrip("/") in named), None)
    if not 0 < len(marks) <= MOST_WORDS or place is None:
        return None
    folder, spec = place
    files = await _files(folder, spec, look, kinds_in(task))
    swept = await _read(marks, folder, files, spec, look) if files else None
    return _defined(swept, task) if swept else None


async def _files(folder: str, spec: ToolSpec, look: LookUps, kinds: Sequence[str]) -> list[str]:
    """The paths of the text files below a folder; none where they, or the folders, are too many."""
    found: list[str] = []
    folders = [folder]
    for here in folders:  # grows as it goes
        look.allow(1)
        text = await look.listing(spec, here, _OWN) or ""
        found += [f"{here}/{name}" for name in _FILE.findall(text) if _is_meant(name, kinds)]
        folders += [f"{here}/{name}" for name in _FOLDER.findall(text) if name[0] != "." and name not in _NOT_OURS]
        if len(found) > MOST_FILES or len(folders) > MOST_FOLDERS:
            return []
    return sorted(found)


def _is_meant(name: str, kinds: Sequence[str]) -> bool:
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    return (
        ending not in _NOT_TEXT
        and not name.startswith(".")
        and (not kinds or ending in {k.lstrip(".").lower() for k in kinds})
    )


async def _read(
    words: tuple[str, ...], folder: str, files: Sequence[str], spec: ToolSpec, look: LookUps
) -> Swept | None:
    """The lines of these files that hold one of the words."""
    hits: list[Hit] = []
    read = chars = 0
    look.allow(len(files))
    for path in files:
        if chars > MOST_READ_CHARS:
            break
        text = await look.text(spec, path, _OWN)
        if text is not None:
            read += 1
            chars += len(text)
            hits += _hits(path, text, words)
    return Swept(words, folder, read, tuple(hits), read == len(files)) if read else None


def _defined(swept: Swept, task: str) -> Swept:
    """The one line that defines a word, where a task asks for its definition: its uses are many, and small models take the first."""
    order = task
    for name in (*paths_in(task), *swept.words):
        order = order.replace(name, " ")
    if not _DEFINITION.search(order) or _USES.search(order) or len(swept.words) > 1:
        return swept
    name = re.escape(swept.words[0].rstrip("()"))
    defines = re.compile(rf"^\s*{_BEFORE_NAME}{name}(?![\w-])|^\s*(?:{name})\s*(?::=|=(?!=))")
    hits = tuple(hit for hit in swept.hits if defines.search(hit.text))
    return replace(swept, hits=hits, defining=True) if len(hits) == 1 else swept


def _hits(path: str, text: str, words: Sequence[str]) -> Iterable[Hit]:
    for number, line in enumerate(text.splitlines(), 1):
        held = next((word for word in words if _holds(line, word)), "")
        if held:
            yield Hit(path, number, line, held)


def _holds(line: str, word: str) -> bool:
    """Whether a line holds the word: one with capitals as it is written, any other in capitals or not."""
    return word in line if word != word.lower() else word in line.lower()


def told_of(answer: str, swept: Swept) -> int:
    """How many of the lines an answer tells, without their marks or by their place."""
    said = " ".join(answer.split()).lower()
    return sum(_bare(hit.text, hit.word) in said or f"{last_part(hit.path)}:{hit.number}" in said for hit in swept.hits)


def tells_all(answer: str, swept: Swept) -> bool:
    """Whether an answer tells every line, or how many there are and no single one, where every file was read."""
    told, names = told_of(answer, swept), {last_part(hit.path) for hit in swept.hits}
    counted = re.findall(r"\d+", answer) == [str(len(swept.hits))] and not any(name in answer for name in names)
    return swept.whole and bool(swept.hits) and (told == len(swept.hits) or (counted and not told))


def unlike(text: str, swept: Swept) -> tuple[str, str] | None:
    """What a text that is to hold the lines has wrong, and the content that would be right; None where it has all and little else, or none.

    The content names the files where the text does.
    """
    told, count = told_of(text, swept), len(swept.hits)
    lines = [line for line in text.splitlines() if line.strip()]
    if not told or (told == count and len(lines) <= count + _HEADINGS):
        return None
    placed = any(last_part(hit.path) in text for hit in swept.hits)
    wanted = [
        f"{posixpath.relpath(hit.path, swept.folder)}: {hit.text.strip()}" if placed else hit.text.strip()
        for hit in swept.hits
    ]
    wrong = (
        f"has {told} of the {count} lines with {swept.word}" if told < count else f"has many lines without {swept.word}"
    )
    return wrong, "".join(f"{line}\n" for line in wanted)


def writes_all(text: str, swept: Swept) -> bool:
    """Whether a text has every line and little else, where every file was read."""
    return swept.whole and bool(told_of(text, swept)) and unlike(text, swept) is None


def passed_over(answer: str, swept: Swept) -> bool:
    """Whether an answer says nothing of the lines: none of them, no file of theirs, and not how many there are."""
    if not swept.hits or told_of(answer, swept):
        return False
    names = {last_part(hit.path) for hit in swept.hits}
    counts = {str(len(swept.hits)), str(len(names))}
    return not any(name in answer for name in names) and not counts & set(re.findall(r"\d+", answer))


def _bare(line: str, word: str) -> str:
    """A line without what stands around and before its word, so that one told without its marks counts."""
    behind = line.partition(word)[2] if word in line else line
    return " ".join(behind.strip(" \t:#*/-<>!").split()).lower() or " ".join(line.split()).lower()
