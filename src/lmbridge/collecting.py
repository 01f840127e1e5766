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

COLLECTED_AT = 10_000
"""New objects, beyond those that went, at which they are looked through: those of about ten runs at work."""

_lock = threading.Lock()
_holders = 0
_at_work = 0
_usual: tuple[int, int, int] = (0, 0, 0)


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


@contextmanager
def in_larger_portions() -> Iterator[None]:
    """Has the collector look at new objects in larger portions until the block ends, which may lie within or across others.

    Where runs come and go, nearly all that is new is gone again by itself before so much has come together; looked through
    every 700 objects, it costs a tenth of the CPU time of a round (measured). A collector that is off stays off.
    """
    global _at_work, _usual
    with _lock:
        _at_work += 1
        if _at_work == 1:
            _usual = young, *older = gc.get_threshold()
            gc.set_threshold(max(young, COLLECTED_AT) if young else 0, *older)
    try:
        yield
    finally:
        with _lock:
            _at_work -= 1
            if _at_work == 0:
                gc.set_threshold(*_usual)
