"""The bearer token of `serve --http` where the user has set none: made at the first start, kept in the state folder."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from lmbridge import platform
from lmbridge.errors import SettingsError

_FILE = "http-token"
_BYTES = 32
SHORTEST = 16
"""Characters of a token that is taken for one."""


def token_file(state_dir: Path) -> Path:
    """Where the token lies, or will lie."""
    return state_dir / _FILE


def kept_token(state_dir: Path) -> str:
    """The token of the state folder; made (256 random bits, mode 0600) where there is none yet.

    Raises:
        SettingsError: It can be neither read nor made, or others may read or write it.
    """
    file = token_file(state_dir)
    try:
        if not os.path.lexists(file):
            _make(file)
        _finish(file)
        token = platform.private_read(file, secret=True).decode("ascii", "replace").strip()
    except OSError as error:
        raise SettingsError(
            f"The token of `serve --http` in {file} cannot be used: {error.strerror or error}.",
            hint="Delete that file, so that a fresh one is made, or set LMBRIDGE_HTTP_TOKEN.",
        ) from error
    if len(token) < SHORTEST or not token.isascii() or not token.isprintable():
        raise SettingsError(
            f"{file} holds no token of at least {SHORTEST} characters.", hint="Delete it, so that a fresh one is made."
        )
    return token


def _finish(file: Path) -> None:
    """Takes away the name under which the token was written, where whoever made it has not come to that."""
    for other in file.parent.glob(f".{file.name}-*"):
        with suppress(OSError):
            if os.path.samestat(other.lstat(), file.lstat()):
                other.unlink(missing_ok=True)


def _make(file: Path) -> None:
    """Writes a fresh token under its name at once, whole; of several that start together the first one's counts."""
    platform.checked_folder(file.parent)
    fresh = file.with_name(f".{file.name}-{secrets.token_hex(8)}")
    descriptor = platform.private_open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as written:
            written.write(secrets.token_urlsafe(_BYTES) + "\n")
        os.link(fresh, file)
    except FileExistsError:
        pass
    finally:
        fresh.unlink(missing_ok=True)
