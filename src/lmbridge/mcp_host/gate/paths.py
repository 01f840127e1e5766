"""Paths in arguments against the folders that exist: what a name resolves to, whether it is there, whether it is named.

Looking (`look`) touches the disk: `lstat` and `realpath`, some microseconds each. Everything else only compares.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import unquote

from lmbridge.mcp_host.config.entry import ServerEntry
from lmbridge.mcp_host.gate.addresses import is_here
from lmbridge.mcp_host.gate.mentions import Mention, UserWords

_DRIVE = re.compile(r"^[A-Za-z]:/")
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Looked:
    """A path of an argument, looked up.

    Attributes:
        text: As the argument has it, with forward slashes.
        places: Where it may lie, absolute, in the order of the folders tried.
        real: The same places with links followed.
        exists: Whether something is there; None where nobody can know (another machine's path).
    """

    text: str
    places: tuple[str, ...]
    real: tuple[str, ...]
    exists: bool | None

    @property
    def shown(self) -> str:
        """The path as a question shows it: whole, so that nothing is taken for something else."""
        return self.places[0] if self.places else self.text

    @property
    def name(self) -> str:
        """The last part."""
        return self.text.rstrip("/").rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Roots:
    """The folders that a server works in, and whether they are folders of this machine."""

    folders: tuple[str, ...] = ()
    here: bool = True


def plain(path: str) -> str:
    """A path in the one form that is compared: NFC, forward slashes, no `.`, `..`, doubled slash or `file:`."""
    text = _spelled(path)
    normal = os.path.normpath(text).replace("\\", "/") if text else text
    return "/" + normal.lstrip("/") if normal.startswith("//") else normal


def _spelled(path: str) -> str:
    """The same with its steps as they are: a link before `..` leads elsewhere than the text says."""
    text = unicodedata.normalize("NFC", path.strip().replace("\\", "/").replace("\0", "\ufffd"))
    if text[:5].lower() == "file:":
        text = unquote(re.sub(r"(?i)^file:/{0,2}(?=/|[A-Za-z]:)", "", text))
    return os.path.expanduser(text) if text.startswith("~") else text  # noqa: PTH111  # which leaves other names as they are


def look(path: str, roots: Sequence[str], *, here: bool = True) -> Looked:
    """Looks a path of an argument up.

    Args:
        path: As the argument has it.
        roots: Folders against which a relative one is resolved: the server's allowed ones, its working folder.
        here: Whether the server sees this machine's files.
    """
    text, spelled = plain(path[:_LONGEST]), _spelled(path[:_LONGEST])
    absolute = text.startswith("/") or bool(_DRIVE.match(text))
    ways = [(text, spelled)] if absolute else [(plain(f"{root}/{text}"), f"{root}/{spelled}") for root in roots]
    if ".." not in spelled:
        ways = [(place, place) for place, _ in ways]
    there = [way for way in ways if any(map(os.path.lexists, dict.fromkeys(way)))] if here else []
    shown = there or ways
    places = tuple(dict.fromkeys(place for place, _ in shown))
    real = tuple(dict.fromkeys(os.path.realpath(place) for way in shown for place in dict.fromkeys(way)))
    return Looked(text, places, real if here else places, bool(there) if here else None)


def covers(mention: Mention, looked: Looked, roots: Sequence[str]) -> bool:
    """Whether a mention names a path, or a folder above it."""
    wanted = plain(mention.text) if not mention.is_pattern else mention.text
    if mention.is_pattern:
        return _fits(wanted, looked, roots)
    if wanted.startswith("/") or _DRIVE.match(wanted):
        return _under(wanted, looked)
    resolved = [plain(f"{root}/{wanted}") for root in roots]
    if any(os.path.lexists(place) for place in resolved):
        return any(_under(place, looked) for place in resolved)
    return _ends(wanted, looked)


def _under(folder: str, looked: Looked) -> bool:
    """Below a folder also where links lead: a link in a named folder names nothing outside of it."""
    if folder in looked.places:
        return True
    if not looked.real:
        return False
    if all(_is_below(place, folder) for place in looked.real):  # a path without links, so that the folder has none
        return True
    real = os.path.realpath(folder)
    return all(_is_below(place, real) for place in looked.real)


def is_below(looked: Looked, folders: Sequence[str]) -> bool:
    """Whether a path lies in one of these folders, links followed."""
    real = [os.path.realpath(folder) for folder in folders]
    return bool(looked.real) and all(any(_is_below(place, folder) for folder in real) for place in looked.real)


def _is_below(place: str, folder: str) -> bool:
    return place == folder or place.startswith(folder.rstrip("/") + "/")


def _ends(wanted: str, looked: Looked) -> bool:
    """A relative name that lies in no allowed folder itself: what ends on it, or lies in a folder of that name."""
    parts, ours = wanted.casefold().split("/"), looked.real or looked.places or (looked.text,)
    return any(_has_run(place.casefold().split("/"), parts) for place in ours)


def _has_run(steps: list[str], parts: list[str]) -> bool:
    """Whether these parts follow one another in a path; a lone file's name only at its end."""
    if len(parts) == 1 and "." in parts[0]:
        return steps[-1] == parts[0]
    return any(steps[at : at + len(parts)] == parts for at in range(len(steps) - len(parts) + 1))


def _fits(pattern: str, looked: Looked, roots: Sequence[str]) -> bool:
    head = re.split(r"[*?\[]", pattern, maxsplit=1)[0].rpartition("/")[0]
    if head and not covers(Mention(head), looked, roots):
        return False
    tail = pattern.rpartition("/")[2]
    return tail in {"*", "**"} or fnmatchcase(looked.name, tail)


def is_named(looked: Looked, said: UserWords, roots: Sequence[str]) -> bool:
    """Whether the user's words name this path, or a folder above it."""
    if any(covers(mention, looked, roots) for mention in said.paths):
        return True
    if _in_said_folder(looked, said):
        return True
    ending = looked.name.rpartition(".")[2].lower()
    return "." in looked.name and ending in said.endings and not said.folders and not _names_a_folder(said, roots)


def _in_said_folder(looked: Looked, said: UserWords) -> bool:
    if not said.folders:
        return False
    return any(
        step.casefold() in said.folders for place in looked.real or looked.places for step in place.split("/")[:-1]
    )


def _names_a_folder(said: UserWords, roots: Sequence[str]) -> bool:
    return any(
        Path(place).is_dir()
        for mention in said.paths
        if not mention.is_pattern
        for place in ([mention.text] if mention.text.startswith("/") else [f"{root}/{mention.text}" for root in roots])
    )


def is_hinted(looked: Looked, said: UserWords) -> bool:
    """Whether the words speak of this path without naming it: the notes, for `notes.md`."""
    stem = looked.name.rpartition(".")[0] or looked.name
    return said.has_words(stem)


def roots_of(entry: ServerEntry) -> Roots:
    """Where a server works, by its entry: folders among its arguments and variables, its working folder."""
    if entry.transport != "stdio":
        return Roots((), here=entry.url is not None and is_here(entry.url))
    found: dict[str, None] = {}
    for text in (*entry.args, *entry.env.values()):
        value = text.partition("=")[2] if text.startswith("-") and "=" in text else text
        if folder := _folder_of(value):
            found[plain(str(folder))] = None
    found[plain(entry.cwd or str(Path.cwd()))] = None
    return Roots(tuple(found))


def _folder_of(value: str) -> Path | None:
    """The folder that a value names, or that the file it names lies in; none where it is the root of everything."""
    if not value or len(value) > _LONGEST or "\0" in value or "/" not in value.replace("\\", "/"):
        return None
    path = Path(value).expanduser()
    folder = path if path.is_dir() else path.parent if path.is_file() else None
    return folder if folder is not None and folder.is_absolute() and len(folder.parts) > 1 else None
