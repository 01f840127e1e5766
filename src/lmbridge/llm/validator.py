"""Whether a model's name means one that is there, and what to say where it does not."""

from __future__ import annotations

import time
from collections.abc import Callable

from lmbridge.errors import ModelNotFoundError
from lmbridge.llm.client import LLMClient
from lmbridge.llm.models.catalogue import MOST_RESOLVED, Catalogue, Purpose
from lmbridge.llm.models.listing import ModelInfo
from lmbridge.llm.models.resolve import Target, choose
from lmbridge.settings import Settings, load


class ModelValidator:
    """Holds model names against what the backend has, before any work is begun.

    Args:
        source: A client, or a catalogue that is there already; a client from the settings when None.
        settings: All settings; the client's when None.
        url: Where a catalogue comes from, for errors.

    Attributes:
        on_verified: Told of each look: whether it found a usable model, and the seconds it took.
    """

    def __init__(
        self,
        source: LLMClient | Catalogue | None = None,
        *,
        settings: Settings | None = None,
        url: str | None = None,
    ) -> None:
        if not isinstance(source, Catalogue):
            client = source or LLMClient(settings=settings)
            settings, url = settings or client.settings, client.base_url
            source = Catalogue(client.models, seconds=settings.model_cache_seconds)
        self._settings = settings or load()
        self._url = url or self._settings.url
        self._catalogue = source
        self._resolved: dict[tuple[str | None, str], Target] = {}
        self._generation = -1
        self.on_verified: Callable[[bool, float], None] | None = None

    async def validate(self, model: str | None = None, purpose: Purpose = "agent") -> str:
        """The id to ask for.

        Args:
            model: A name in any of its forms; None and "default" mean the default model.
            purpose: What the model is wanted for.

        Raises:
            LLMValidationError: The name cannot be one.
            ModelNotFoundError: There is no such model, also after a fresh look; names the nearest.
            ModelNotUsableError: An embedding model is wanted for language, or the other way round.
        """
        return (await self.resolve(model, purpose)).id

    async def resolve(self, model: str | None = None, purpose: Purpose = "agent") -> Target:
        """What a name means; raises like `validate`."""
        begun = time.perf_counter()
        fine = False
        try:
            target = await self._resolved_target(model, purpose)
            fine = True
            return target
        finally:
            if self.on_verified is not None:
                self.on_verified(fine, time.perf_counter() - begun)

    async def _resolved_target(self, model: str | None, purpose: Purpose) -> Target:
        known = self._remembered(model, purpose) if self._catalogue.fresh else None
        if known is not None:
            return known
        looked_now = not self._catalogue.fresh
        models = await self._catalogue.current()
        try:
            target = self._choose(model, models, purpose)
        except ModelNotFoundError:
            if looked_now:
                raise
            target = self._choose(model, await self._catalogue.refreshed(), purpose)
        self._remember(model, purpose, target)
        return target

    def resolve_now(self, model: str, purpose: Purpose = "agent") -> Target:
        """What a name means by what is known already, without asking the backend; raises like `validate`."""
        return self._choose(model, self._catalogue.known, purpose)

    def _choose(self, model: str | None, models: tuple[ModelInfo, ...], purpose: Purpose) -> Target:
        settings = self._settings
        embedded = settings.backend == "embedded"
        return choose(model, models, default=settings.named_model, purpose=purpose, url=self._url, embedded=embedded)

    def _remembered(self, model: str | None, purpose: Purpose) -> Target | None:
        if self._generation != self._catalogue.generation:
            self._resolved.clear()
            self._generation = self._catalogue.generation
        return self._resolved.get((model, purpose))

    def _remember(self, model: str | None, purpose: Purpose, target: Target) -> None:
        if len(self._resolved) >= MOST_RESOLVED:
            self._resolved.pop(next(iter(self._resolved)))
        self._remembered(model, purpose)  # forgets what an older answer meant
        self._resolved[model, purpose] = target
