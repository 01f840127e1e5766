"""Qualifies one model on one backend: loads it, makes the probes, keeps the outcome."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lmbridge.qualify.examine import Patience, Tell, examine
from lmbridge.qualify.record import Key, Qualified, key_of
from lmbridge.qualify.store import ProfileStore
from lmbridge.qualify.wants_probe import FirstReplies

if TYPE_CHECKING:
    from lmbridge.llm.backend import Backend
    from lmbridge.llm.models.backend_kind import Abilities
    from lmbridge.llm.models.resolve import Target

KeyOf = Callable[["Target", "Abilities"], Key]


async def qualify(
    backend: Backend,
    model: str | None = None,
    *,
    store: ProfileStore | None = None,
    quick: bool = False,
    patience: Patience | None = None,
    tell: Tell = lambda _: None,
    key: KeyOf = key_of,
    first_replies: FirstReplies | None = None,
) -> Qualified:
    """Finds out what a model can do here, and keeps it where it may be used.

    Args:
        backend: Where it lives.
        model: A name in any form; the default model when None.
        store: Where the outcome is kept; nowhere when None.
        quick: Only what matters most.
        patience: Time limits.
        tell: Told of each verdict.
        key: What the outcome is kept under.
        first_replies: How runs ask their first reply; None: whether questions are told from orders is not looked at.

    Raises:
        ModelNotFoundError: There is no such model.
        ModelNotUsableError: It cannot chat.
        LLMError: The backend cannot be reached, or the model cannot be loaded.
    """
    target = await backend.validator.resolve(model, "agent")
    abilities = await backend.abilities()
    loaded = await backend.loader.ensure(target, abilities)
    target = loaded.target
    cold_s = loaded.duration_s if loaded.loaded_now else None
    found = await examine(
        backend,
        target,
        abilities,
        quick=quick,
        patience=patience,
        cold_s=cold_s,
        tell=tell,
        first_replies=first_replies,
    )
    outcome = Qualified.of(
        found.known,
        key(target, abilities),
        seconds=found.seconds,
        measured_at=datetime.now(UTC).isoformat(timespec="seconds"),
        quick=quick,
        ended=found.ended,
    )
    if store is not None and outcome.usable:
        store.keep(outcome)
    return outcome
