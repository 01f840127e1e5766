"""How long to wait for what. Prompts are read at a finite speed, models load slowly, and both are silent meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from lmbridge.settings import Settings

FIRST_BYTE_S = 30.0
PREFILL_TOKENS_PER_S = 20.0
FIRST_BYTE_MOST_S = 600.0
LOADING_S = 300.0
STALL_S = 60.0
STALL_WITH_TOOLS_S = 300.0
LOOK_S = 15.0
"""For questions that a healthy backend answers at once: models, health."""
LOAD_S = 900.0
"""For a blocking load; large models from slow disks take minutes."""

_BYTES_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to the first byte of an answer, and between two pieces of it."""

    first_byte: float
    stall: float


def for_reply(settings: Settings, *, prompt_tokens: float, tools: bool, may_load: bool) -> Patience:
    """The patience with one reply; what the settings name is flat.

    Args:
        settings: `first_byte_timeout` and `stall_timeout`.
        prompt_tokens: Estimate of the prompt's length: a cold prefill of 20 tokens a second is legitimate.
        tools: Whether tools were offered: some models send a whole call after a long silence.
        may_load: Whether the backend may have to load the model first.
    """
    computed = min(FIRST_BYTE_MOST_S, FIRST_BYTE_S + prompt_tokens / PREFILL_TOKENS_PER_S) + LOADING_S * may_load
    return Patience(
        first_byte=settings.first_byte_timeout or computed,
        stall=settings.stall_timeout or (STALL_WITH_TOOLS_S if tools else STALL_S),
    )


def flat(seconds: float) -> Patience:
    """The same patience throughout."""
    return Patience(seconds, seconds)


def estimated_tokens(text_bytes: int) -> float:
    """Tokens of so many bytes of request, roughly: enough to choose a timeout, not to fill a context."""
    return text_bytes / _BYTES_PER_TOKEN
