"""The tools that change files."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from .confined import Allowed
from .diffs import fenced_diff
from .edits import edited, with_unix_lines
from .failures import FileToolError, failed
from .reading import read_text


def write_file(allowed: Allowed, path: str, content: str) -> str:
    """Create a file, or replace one."""
    real = allowed.real(path)
    data = _encoded(content)
    try:
        # Exclusive creation: nothing that appeared since the path was looked at is written through.
        with Path(real).open("xb") as file:
            file.write(data)
    except FileExistsError:
        _replace(real, data)
    except OSError as error:
        raise failed(error, "open", real) from error
    return f"Successfully wrote to {path}"


def edit_file(allowed: Allowed, path: str, edits: Sequence[Mapping[str, str]], *, dry_run: bool = False) -> str:
    """Edit a text file and return the diff; a dry run only returns it."""
    real = allowed.real(path)
    before = with_unix_lines(read_text(real))
    after = edited(before, edits)
    if not dry_run:
        _replace(real, _encoded(after))
    return fenced_diff(before, after, real)


def create_directory(allowed: Allowed, path: str) -> str:
    """Create a directory and those above it that are missing."""
    real = allowed.real(path)
    try:
        Path(real).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise failed(error, "mkdir", real) from error
    return f"Successfully created directory {path}"


def move_file(allowed: Allowed, source: str, destination: str) -> str:
    """Move or rename a file or directory; nothing is overwritten."""
    real_source, real_destination = allowed.real(source), allowed.real(destination)
    if os.path.lexists(real_destination):
        raise FileToolError(f"Destination already exists: {real_destination}")
    try:
        Path(real_source).rename(real_destination)
    except OSError as error:
        raise failed(error, "rename", real_source, real_destination) from error
    return f"Successfully moved {source} to {destination}"


def _replace(real: str, data: bytes) -> None:
    """Put new content in a file's place in one step, so that nobody sees half of it and no link is followed."""
    place, passing = Path(real), Path(f"{real}.{secrets.token_hex(16)}.tmp")
    try:
        mode = place.stat().st_mode & 0o777
        with passing.open("xb") as file:
            file.write(data)
        passing.replace(place)
    except OSError as error:
        with suppress(OSError):
            passing.unlink()
        raise failed(error, "rename", str(passing), real) from error
    with suppress(OSError):
        place.chmod(mode)


def _encoded(text: str) -> bytes:
    """Return a text as UTF-8; half a surrogate pair, which JSON can hold, becomes U+FFFD."""
    return text.encode("utf-16-le", errors="surrogatepass").decode("utf-16-le", errors="replace").encode()
