"""The tools that read one file."""

from __future__ import annotations

import base64
import math
import stat
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .confined import Allowed
from .edits import with_unix_lines
from .failures import FileToolError, failed

_MEDIA = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".bmp": "image/bmp",
    ".svg": "image/svg+xml",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".ogg": "audio/ogg",
    ".flac": "audio/flac",
}


def read_text_file(allowed: Allowed, path: str, head: float | None = None, tail: float | None = None) -> str:
    """Return a file's text, or its first or last lines."""
    real = allowed.real(path)
    if head and tail:
        raise FileToolError("Cannot specify both head and tail parameters simultaneously")
    text = read_text(real)
    if tail:
        return _last_lines(text, tail)
    return _first_lines(text, head) if head else text


def read_multiple_files(allowed: Allowed, paths: list[str]) -> str:
    """Return several files' texts, and for those that cannot be read why."""
    return "\n---\n".join(_named(allowed, path) for path in paths)


def read_media_file(allowed: Allowed, path: str) -> dict[str, Any]:
    """Return a file as an image, an audio clip or an embedded resource."""
    real = allowed.real(path)
    data = base64.b64encode(_bytes(real)).decode()
    kind = _MEDIA.get(Path(real).suffix.lower(), "application/octet-stream")
    if kind.startswith(("image/", "audio/")):
        return {"type": kind.partition("/")[0], "data": data, "mimeType": kind}
    return {"type": "resource", "resource": {"uri": Path(real).as_uri(), "mimeType": kind, "blob": data}}


def get_file_info(allowed: Allowed, path: str) -> str:
    """Return size, times, kind and permissions.

    Linux does not tell Python when a file was created: there, the earlier of its last change and its last modification.
    """
    real = allowed.real(path)
    try:
        found = Path(real).stat()
    except OSError as error:
        raise failed(error, "stat", real) from error
    born = getattr(found, "st_birthtime", min(found.st_ctime, found.st_mtime))
    facts = {
        "size": found.st_size,
        "created": _date(born),
        "modified": _date(found.st_mtime),
        "accessed": _date(found.st_atime),
        "isDirectory": str(stat.S_ISDIR(found.st_mode)).lower(),
        "isFile": str(stat.S_ISREG(found.st_mode)).lower(),
        "permissions": f"{found.st_mode:o}"[-3:],
    }
    return "\n".join(f"{name}: {value}" for name, value in facts.items())


def read_text(real: str) -> str:
    """Return the text of a file whose path was let through; what is no UTF-8 becomes U+FFFD."""
    return _bytes(real).decode("utf-8", errors="replace")


def _bytes(real: str) -> bytes:
    try:
        return Path(real).read_bytes()
    except IsADirectoryError as error:
        raise failed(error, "read") from error
    except OSError as error:
        raise failed(error, "open", real) from error


def _named(allowed: Allowed, path: str) -> str:
    try:
        return f"{path}:\n{read_text(allowed.real(path))}\n"
    except FileToolError as error:
        return f"{path}: Error - {error}"


def _last_lines(text: str, count: float) -> str:
    if not text or count < 0:
        return ""
    return "\n".join(with_unix_lines(text).split("\n")[-int(count) :])


def _first_lines(text: str, count: float) -> str:
    if count < 0:
        return ""
    lines = text.split("\n")
    whole = lines if lines[-1] else lines[:-1]
    return "\n".join(whole[: math.ceil(count)])


def _date(seconds: float) -> str:
    """Return a time as JavaScript prints it."""
    local = datetime.fromtimestamp(seconds, tz=UTC).astimezone()
    zone = "Coordinated Universal Time" if time.tzname[0] == "UTC" else local.tzname()
    return f"{local:%a %b %d %Y %H:%M:%S GMT%z} ({zone})"
