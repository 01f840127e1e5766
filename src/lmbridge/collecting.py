"""What Python's collector of cycles need not look through again and again, since it was there before the work began.

A full collection goes through every object of the process, all of lmbridge, pydantic and the MCP SDK, and of a program that
lmbridge is embedded in: over 100,000. That takes 50 ms and more, in which no other thread runs either, and finds nothing. It
comes at any moment, most of all while something long is read.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_holders = 0


@contextmanager
def set_aside() -> Iterator[None]:
    """Keeps the collector from what is there now until the block ends; what is made in it is looked at as ever.

    Blocks may lie within or across each other: the first one sets aside, and the last one to end gives all back. A program that
    has set its own objects aside (`gc.freeze`) is left alone, since they could not be told from ours.
    """
    global _holders
    with _lock:
        holds = _holders > 0 or gc.get_freeze_count() == 0
        if holds and _holders == 0:
            gc.freeze()
        _holders += holds
    try:
        yield
    finally:
        with _lock:
            _holders -= holds
            if holds and _holders == 0:
                gc.unfreeze()
