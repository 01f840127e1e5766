"""What a backend works on at this moment, for all its clients together: llama.cpp's `GET /slots`.

Asked rarely and briefly, and never in the path of a run: llama.cpp answers between two batches of a prompt, so that a busy one
is slow to tell, and looks for closed connections only when nothing else wakes it, so that frequent questions keep it from
noticing them (docs/REAL_MODELS.md).
"""

from __future__ import annotations

from lmbridge.errors import LLMError
from lmbridge.llm.http.endpoint import Endpoint

WITHIN_S = 0.5
"""Longer than one batch of 512 tokens takes on a machine that is of use; after that it is not known."""


async def at_work(endpoint: Endpoint) -> int | None:
    """Requests that are worked on, whoever sent them; None where the backend does not tell, or not in time."""
    try:
        told = await endpoint.ask("GET", "/slots", root=True, within=WITHIN_S, guarded=False)
    except LLMError:
        return None
    if not isinstance(told, list) or not all(isinstance(slot, dict) and "is_processing" in slot for slot in told):
        return None
    return sum(slot["is_processing"] is True for slot in told)
