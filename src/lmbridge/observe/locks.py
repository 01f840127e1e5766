"""The lock of a journal: held while its run lives, so that anyone can see whether it still does."""

from __future__ import annotations

import os
import time
from pathlib import Path

import structlog

from lmbridge import platform

log = structlog.get_logger(__name__)

LOCK_OFFSET = 2**40
"""Where the lock lies on Windows, which locks bytes: nobody must be kept from reading the records."""


def is_live(path: Path) -> bool:
    """Whether some process holds the journal's lock. Asking takes a shared lock, so that those who ask do not see each other."""
    try:
        descriptor = os.open(path, os.O_RDWR if platform.WINDOWS else os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _try(descriptor, shared=True)
    finally:
        os.close(descriptor)


def _try(descriptor: int, *, shared: bool = False) -> bool:
    if platform.WINDOWS:
        os.lseek(descriptor, LOCK_OFFSET, os.SEEK_SET)
    return platform.try_lock(descriptor, shared=shared)


def hold(descriptor: int) -> None:
    """Takes the lock of a new journal; someone who lists the runs may hold it for a moment."""
    for _ in range(200):
        if _try(descriptor):
            return
        time.sleep(0.0005)
    log.warning("journal_not_locked")
