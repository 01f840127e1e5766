"""Failures in the words that Node uses, since clients and models know those."""

from __future__ import annotations

import errno
import os

_WORDS = {
    errno.ENOENT: "no such file or directory",
    errno.EISDIR: "illegal operation on a directory",
    errno.ENOTDIR: "not a directory",
    errno.EEXIST: "file already exists",
    errno.EACCES: "permission denied",
    errno.EPERM: "operation not permitted",
    errno.ELOOP: "too many symbolic links encountered",
    errno.ENAMETOOLONG: "name too long",
    errno.ENOSPC: "no space left on device",
    errno.ENOTEMPTY: "directory not empty",
    errno.EXDEV: "cross-device link not permitted",
    errno.EINVAL: "invalid argument",
}


class FileToolError(Exception):
    """A call that failed; the text is what the client is told."""


def failed(error: OSError, act: str, path: str | None = None, destination: str | None = None) -> FileToolError:
    """Return an operating system's failure as `CODE: words, act 'path' -> 'destination'`."""
    number = error.errno or errno.EIO
    code = errno.errorcode.get(number, "UNKNOWN")
    words = _WORDS.get(number, os.strerror(number).lower())
    places = "".join([f" '{path}'" if path else "", f" -> '{destination}'" if destination else ""])
    return FileToolError(f"{code}: {words}, {act}{places}")
