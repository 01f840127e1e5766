"""A file that a task wants copied as it stands, and a text for its copy that is another one. Pure.

Small models that are to copy a file and to change it afterwards write the change into the copy: the backup that was asked for is lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from lmbridge.agent.reading.forms import Misfit
from lmbridge.agent.reading.names import MOST_LISTED_IN, denies, last_part, paths_in, sentences
from lmbridge.text import quoted

COPY = "copy"
"""The kind of this misfit."""
_COPY_WORDS = r"\b(?:cop(?:y|ies)|duplicat\w*|back(?: ?up)?|backed up|backups?|kopier\w*|(?:sicherungs)?kopie|copi(?:e[rz]?|a|ar|are|ez)|c\u00f3pia|copie[sz]?|dupli(?:que|ca)\w*|kopieer|kopi\u00eb\w*)"
_COPIED = re.compile(_COPY_WORDS, re.IGNORECASE)
_COPIES = re.compile(
    rf"{_COPY_WORDS}(?:\s+(?:of|the|this|my|file|a|an|von|der|die|das|den|meiner?|datei|de|du|d'|le|la|les|fichier|el|del|archivo|fichero|il|lo|di|o|do|da|ficheiro|arquivo|van|het|bestand)\b){{0,4}}\s*[\"'`\u201c\u201e\u00ab]?$",
    re.IGNORECASE,
)
"""A word for copying with the file right behind it: "copy the names in /a.txt" copies another thing."""
_CHANGED = re.compile(
    r"\b(?:with(?!out)|but|where|chang\w*|replac\w*|only|instead|sorted|translat\w*|first|last|mit|aber|statt\w*|nur|änder\w*|avec|mais|seulement|con|pero|sólo|solo|ma|com|mas|só|met|maar|alleen)\b",
    re.IGNORECASE,
)
"""Words of a copy that is not to be like its file."""
_NEXT = re.compile(
    r"[;]|[,\s]\s*(?:and|then|und|dann|danach|anschlie\u00dfend|puis|et|ensuite|luego|despu\u00e9s|y|poi|e|depois)\s",
    re.IGNORECASE,
)
"""What another order comes behind."""
_KEEPS = frozenset({".bak", ".backup", ".old", ".orig", ".save", ".copy", ".prev"})
"""Endings of files that are kept as they were."""
_PAIR = 2


def unlike_its_file(path: str, text: str, task: str, files: Sequence[tuple[str, str]]) -> Misfit | None:
    """A text that is to be written as the copy of a file, and is not what that file holds; None where nothing is seen.

    Args:
        path: Where it is to be written.
        text: The text.
        task: What the caller asked for.
        files: Files that were read whole, with their texts.
    """
    known = {last_part(place): content for place, content in files}
    name = last_part(path)
    file = copied(name, task)
    if file not in known or known[file].split() == text.split():
        return None
    return Misfit(
        COPY,
        f"The task wants {name} as a copy of {file}, and this is not what {file} holds.",
        known[file],
        f"What was written into {quoted(name)} is not what {quoted(file)} held, of which the task wants a copy.",
    )


def copied(copy: str, task: str) -> str:
    """The name of the file of which the task wants one of this name to be a copy as it stands; empty where it says no such thing.

    A place that the task speaks of once more is to be changed afterwards, perhaps, and so is one with another ending.
    """
    order = task[:MOST_LISTED_IN]
    if _COPIED.search(order) is None or [last_part(place) for place in _places(order)].count(copy) != 1:
        return ""
    clauses = (clause for sentence in sentences(order) for clause in _NEXT.split(sentence))
    return next((file for clause in clauses if (file := _file_of(copy, clause))), "")


def _file_of(copy: str, clause: str) -> str:
    """The file of which a clause wants a copy of this name."""
    places, bare = paths_in(clause), _bare(clause)
    names = [last_part(place) for place in places]
    if copy not in names or len(names) != _PAIR or _CHANGED.search(bare) or denies(bare):
        return ""
    file = places[1 - names.index(copy)]
    ordered = _COPIES.search(clause.partition(file)[0])
    return last_part(file) if ordered and _alike(last_part(file), copy) else ""


def _places(task: str) -> list[str]:
    """The places that a task names, each as often as it does."""
    return [place for sentence in sentences(task) for place in paths_in(sentence)]


def _bare(clause: str) -> str:
    """A clause without the places in it, of which a name may be any word."""
    for place in sorted(paths_in(clause), key=len, reverse=True):
        clause = clause.replace(place, " ")
    return clause


def _alike(file: str, copy: str) -> bool:
    """Whether a copy has its file's ending, that of one that is kept, or its file's whole name and an ending behind it."""
    return PurePosixPath(copy).suffix.lower() in {*_KEEPS, PurePosixPath(file).suffix.lower()} or copy.startswith(file)
