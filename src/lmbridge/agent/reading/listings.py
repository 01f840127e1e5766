"""The folders that a listing of a folder names, beside its files. Pure."""

from __future__ import annotations

import re

_FOLDER_LINE = re.compile(r"^[ \t]*\[DIR\][ \t]*(\S[^\n]*?)(?:[ \t]{2,}\S+(?: [KMGT]?B)?)?[ \t]*$", re.MULTILINE)


def folders_in(listing: str) -> list[str]:
    """The names that a listing marks as folders (`[DIR] name`), without the sizes behind them."""
    return [name.strip() for name in _FOLDER_LINE.findall(listing)]
