"""The two descriptors of a stdio connection, taken from the process so that nothing else can write to them.

Loaded before anything else of the server: it must import next to nothing (no `dataclasses`: they cost 10 ms).
"""

from __future__ import annotations

import os
import sys


class Pipes:
    """Descriptors of the two directions, ours alone."""

    __slots__ = ("read", "write")

    def __init__(self, read: int, write: int) -> None:
        self.read = read
        self.write = write


def claim_pipes() -> Pipes:
    """Takes stdin and stdout for the protocol alone.

    Afterwards descriptor 0 is empty and descriptor 1 is stderr, for Python, for C libraries and for children alike, so
    that no stray print can reach the client.
    """
    pipes = Pipes(os.dup(0), os.dup(1))
    sys.stdout.flush()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return pipes
