"""A backend that cannot compile a tool's schema: the culprit is found and shown more simply; all others stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lmbridge.agent.loop.tool_offer import Offer
from lmbridge.agent.task.protocols import Model
from lmbridge.errors import GrammarError, UnparsedOutputError
from lmbridge.messages import Delta, Message, ReplyOptions, ToolSpec
from lmbridge.schemas.validate import make_compile

_PROBE = (Message("user", "Hi."),)


async def compiling(offer: Offer, model: Model) -> tuple[Offer, tuple[str, ...]] | None:
    """The offer with as little simplified as the backend needs, and the names of the tools that changed.

    Args:
        offer: Whose tools, sent as they are, do not compile.
        model: Asked for one token with some of the tools, to learn which of them do.

    Returns:
        None where no tool at all compiles in any form.

    Raises:
        LLMError: The backend failed in another way.
    """

    async def compiles(tools: Sequence[ToolSpec]) -> bool:
        try:
            await model.reply(_PROBE, tools, ReplyOptions(max_tokens=1), on_delta=_unheard)
        except GrammarError:
            return False
        except UnparsedOutputError:
            return True
        return True

    shown, changed = await make_compile(offer.sent, compiles)
    return (replace(offer, specs=shown), changed) if shown else None


def _unheard(_delta: Delta) -> None:
    """Nobody listens to a probe."""
