"""How much context an engine gets where nobody said so: enough for a run with real servers, within the memory that is free.

The tools of three ordinary servers take 2,000 to 4,000 tokens, and results and replies as much again: 8,192 tokens for all
slots together were too few for two runs at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lmbridge import installed
from lmbridge.engine.gguf import GgufHead, read_head
from lmbridge.errors import SettingsError

FOR_EACH_SLOT = 16_384
"""Tokens for each slot, where model and memory allow."""
FEWEST = 4_096
"""Tokens below which a slot does not fall for want of memory: the engine then says itself what is wrong."""
SHARE = 0.5
"""Share of the memory that is free, the model's weights taken off, that the contexts of an engine may take."""


@dataclass(frozen=True, slots=True)
class Context:
    """An engine's context.

    Attributes:
        tokens: For all slots together.
        shared: Any slot may take all of it; else each has an equal part of its own.
    """

    tokens: int
    shared: bool = True

    def of_a_slot(self, slots: int) -> int:
        """Tokens that one run can use."""
        return self.tokens if self.shared else self.tokens // slots


def fitting(model: Path, slots: int, free: int, engines: int = 1) -> Context:
    """The context of each slot's own that fits a model and the memory that is free.

    Args:
        model: The GGUF file.
        slots: Requests at once.
        free: Bytes of memory that are free.
        engines: Engines that share it.

    Raises:
        ModelLoadError: The file is none.
    """
    head = read_head(model)
    most = min(FOR_EACH_SLOT, head.context_length or FOR_EACH_SLOT)
    room = max(0.0, free / engines - head.size) * SHARE
    each = most
    while each > FEWEST and each * slots * bytes_for_token(head) > room:
        each //= 2
    return Context(each * slots, shared=False)


def bytes_for_token(head: GgufHead) -> int:
    """Bytes that keys and values of one token take in 16 bits; 0 where the file does not say enough.

    Layers that look back over a window only, or have no attention at all, take less: it is an upper bound.
    """
    return 2 * head.cache_width


def free_memory() -> int:
    """Bytes of memory that a program can take without others being swapped out.

    Raises:
        SettingsError: The engine extra is not installed.
    """
    try:
        import psutil  # comes with the engine extra
    except ModuleNotFoundError as error:
        raise SettingsError(
            "The embedded engine is not installed (no module psutil).", hint=installed.how_to_add()
        ) from error
    return int(psutil.virtual_memory().available)
