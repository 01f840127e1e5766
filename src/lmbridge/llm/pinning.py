"""Binding a run to one model: its name resolved once, or the fallback's, and the model loaded before anything is asked of it."""

from __future__ import annotations

from dataclasses import dataclass

from lmbridge.errors import CircuitOpenError, LLMError, ModelNotFoundError
from lmbridge.events import Emit, Warned, silent
from lmbridge.llm.backend import Backend
from lmbridge.llm.http.retry import Tally, decide
from lmbridge.llm.models import resolve
from lmbridge.llm.models.backend_kind import Abilities
from lmbridge.llm.models.catalogue import Purpose
from lmbridge.llm.models.resolve import Target
from lmbridge.llm.pinned import PinnedModel


@dataclass(frozen=True, slots=True)
class _Pin:
    """What `pin` was asked for."""

    model: str | None
    emit: Emit
    purpose: Purpose
    run_id: str | None
    one: bool


async def pin(
    backend: Backend,
    model: str | None,
    *,
    emit: Emit = silent,
    purpose: Purpose = "agent",
    deadline: float | None = None,
    run_id: str | None = None,
    one: bool = False,
) -> PinnedModel:
    """Binds a run to one model, loaded and ready.

    Args:
        backend: Where the model lives.
        model: A name in any form; None and "default" mean the default model.
        emit: How the run tells.
        purpose: What it is for: embedding models do not work as agents.
        deadline: Monotonic seconds until which an open circuit breaker is waited for; None: it refuses at once.
        run_id: The run, by which a router before several backends keeps its requests together.
        one: Whether a single backend must answer: for what a backend remembers from one request to the next.

    Raises:
        LLMValidationError: The name cannot be one.
        ModelNotFoundError: There is no such model, and no fallback either.
        ModelNotUsableError: It cannot do what it is wanted for.
        ModelLoadError: It could not be loaded.
        LLMConnectionError: The backend cannot be reached.
    """
    asked = _Pin(model, emit, purpose, run_id, one)
    if deadline is None:
        return await _pinned(backend, asked)
    retrier = backend.client.retrier
    tally = Tally()
    while True:
        try:
            return await _pinned(backend, asked)
        except CircuitOpenError as error:
            tally.add(error)
            remaining = deadline - retrier.clock()
            wait = decide(retrier.policy, tally, error, remaining=remaining, wait_out_breaker=True)
            if wait is None:
                raise
        await retrier.sleep(wait)


async def _pinned(backend: Backend, asked: _Pin) -> PinnedModel:
    target = await _resolved(backend, asked.model, asked.emit, asked.purpose)
    asked_at = target.model.backend
    home = await backend.home_of(target, emit=asked.emit, one=asked.one)
    if home is not backend:
        target = resolve.find(target.model.id, await home.catalogue()) or target

    async def ready() -> tuple[Abilities, Target]:
        abilities = await home.abilities()
        loaded = await home.loader.ensure(target, abilities, reason="missing", emit=asked.emit)
        return abilities, loaded.target

    abilities, loaded = await home.client.retried(ready)
    return PinnedModel(home, loaded, abilities, asked.emit, run_id=asked.run_id, asked_at=asked_at)


async def _resolved(backend: Backend, model: str | None, emit: Emit, purpose: Purpose) -> Target:
    try:
        return await backend.validator.resolve(model, purpose)
    except ModelNotFoundError as missing:
        fallback = backend.settings.fallback_model
        if not fallback or purpose == "embedding":
            raise
        try:
            target = await backend.validator.resolve(fallback, purpose)
        except LLMError:
            raise missing from None
    asked = model if model not in (None, "default") else backend.settings.default_model or "default"
    emit(Warned(f"Model {asked!r} is not available; the fallback model {target.id!r} is used instead."))
    return target
