"""Log lines to a stream that somebody else may have stopped reading: they are dropped then, and the work goes on.

An MCP client gets a server's stderr as a pipe; one that never reads it would stop the server in the middle of a log call
as soon as the pipe's 64 KiB are full.
"""

from __future__ import annotations

import logging
import os
import select
import stat
from typing import TextIO

from lmbridge import platform

PIECE = 4096
"""Bytes that a pipe which polls as writable takes without waiting (PIPE_BUF; 512 at least by POSIX)."""
PATIENCE_MS = 20
"""How long a reader is waited for, once; as long as it does not read, nobody waits for it again."""


class PipeHandler(logging.Handler):
    """Writes lines to a descriptor that is a pipe, as far as its reader takes them.

    Args:
        descriptor: The pipe's end.

    Attributes:
        dropped: Lines that were not (wholly) taken since the last one that was.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLOUT)
        self.dropped = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one record, or counts it as dropped."""
        try:
            text = self.format(record)
        except Exception:
            self.handleError(record)
            return
        if self.dropped:
            text = f"({self.dropped} lines were dropped: nobody read them)\n{text}"
        if self._written(text.encode(errors="replace") + b"\n"):
            self.dropped = 0
        else:
            self.dropped += 1

    def _written(self, data: bytes) -> bool:
        for start in range(0, len(data), PIECE):
            if not self._poll.poll(0 if self.dropped else PATIENCE_MS):
                return False
            try:
                os.write(self._descriptor, data[start : start + PIECE])
            except OSError:
                return False  # the reader is gone
        return True


def handler(stream: TextIO) -> logging.Handler:
    """A handler for a stream: a patient one where it is a pipe, the usual one elsewhere."""
    try:
        descriptor = stream.fileno()
        is_pipe = stat.S_ISFIFO(os.fstat(descriptor).st_mode) or stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    except (OSError, ValueError):
        is_pipe, descriptor = False, -1
    if is_pipe and not platform.WINDOWS:
        return PipeHandler(descriptor)
    return logging.StreamHandler(stream)
