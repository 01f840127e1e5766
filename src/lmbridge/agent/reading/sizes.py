"""Listings of files with their sizes: the files as rows, and which is the largest. Pure.

`[FILE] clip_406.mp4    12.30 KB` is a line of the reference file server's `list_directory_with_sizes`. A 1.5B that was shown names
alone called the one with the highest number in it the largest file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_UNITS = ("B", "KB", "MB", "GB", "TB")
_SIZED = re.compile(r"^\s*\[FILE\]\s+(?P<name>\S.*?)\s{2,}(?P<size>\d+(?:\.\d+)?) (?P<unit>[KMGT]?B)\s*$", re.MULTILINE)
_ASKED = re.compile(
    r"\b(?:sizes?|bytes?|[kmg]i?b|how (?:big|large)|(?:larg|bigg|small)(?:er|est)|takes? (?:up )?(?:the )?(?:most|least) (?:space|room)|gr\u00f6\u00dfen?|gr\u00f6\u00dfte\w*"
    r"|gro\u00df|kleinste\w*|speicherplatz|tailles?|volumineu\w+|(?:plus|moins) (?:gros|grand|petit)\w*|tama\u00f1os?|m\u00e1s (?:grande|pequ\u00f1?\w+|pesado)|pes(?:o|a|an)|dimension[ei]"
    r"|tamanhos?|octets?)\b",
    re.IGNORECASE,
)


def asked(task: str) -> bool:
    """Whether a task has a word of sizes."""
    return bool(_ASKED.search(task))


def rows(text: str) -> Sequence[Mapping[str, str]]:
    """The files of such a listing, each with its name and its size in bytes as far as its unit tells; none for any other text."""
    return [
        {"name": found["name"], "size": f"{float(found['size']) * 1024 ** _UNITS.index(found['unit']):.0f}"}
        for found in _SIZED.finditer(text)
    ]


def ends(text: str) -> str:
    """The largest and the smallest file of such a listing; empty for any other text, and for a single file."""
    known = {found["name"]: f"{found['size']} {found['unit']}" for found in _SIZED.finditer(text)}
    ordered = sorted(rows(text), key=lambda row: int(row["size"]))
    if len(ordered) < 2:
        return ""
    least, most = ordered[0]["name"], ordered[-1]["name"]
    return f"largest: {most} ({known[most]}), smallest: {least} ({known[least]})"


def bare(name: str) -> str:
    """A name of such a listing without its size."""
    return re.sub(r"\s{2,}\d+(?:\.\d+)? [KMGT]?B\s*$", "", name).rstrip()
