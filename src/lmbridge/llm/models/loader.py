"""Loading and unloading, each model once however many ask, and never against a model that is at work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import structlog

from lmbridge.errors import LLMError, ModelNotFoundError, ModelNotUsableError
from lmbridge.events import Emit, ModelLoaded, Progressed, Warned
from lmbridge.llm.http.endpoint import Endpoint
from lmbridge.llm.http.slots import Slots
from lmbridge.llm.models import lmstudio_api, resolve
from lmbridge.llm.models.backend_kind import Abilities
from lmbridge.llm.models.catalogue import Catalogue
from lmbridge.llm.models.listing import is_missing
from lmbridge.llm.models.lms_cli import Lms, Working
from lmbridge.llm.models.resolve import Target
from lmbridge.llm.models.single_flight import SingleFlight

Reason = Literal["asked", "evicted", "missing"]
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
QUIET_S = 10.0
"""How long a request that was closed may go on in the backend before the next is sent all the same."""
POLL_S = 0.5
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of making sure that a model is loaded.

    Attributes:
        target: The model, with the instance that is now in memory.
        loaded_now: Whether that took a load.
        duration_s: Seconds of the load.
        warning: What could not be done as asked.
    """

    target: Target
    loaded_now: bool = False
    duration_s: float = 0.0
    warning: str | None = None


def _untold(_fact: object) -> None:
    return None


class Loader:
    """Loads, unloads and looks who is busy, at one backend.

    Args:
        endpoint: The endpoint.
        catalogue: Its models.
        slots: Our own requests in flight.
        lms: The command, where it is installed.

    Attributes:
        on_loaded: Told of each load that no run tells of: the model, whether it succeeded, and the seconds it took.
    """

    def __init__(self, endpoint: Endpoint, catalogue: Catalogue, slots: Slots, lms: Lms | None) -> None:
        self._endpoint = endpoint
        self._catalogue = catalogue
        self._slots = slots
        self._lms = lms
        self._lms_serves: bool | None = None
        self._flight = SingleFlight()
        self.on_loaded: Callable[[str, bool, float], None] | None = None

    def is_there(self, target: Target, abilities: Abilities) -> bool:
        """Whether a request needs no load before it: the model is in memory, or the backend sees to that itself."""
        return target.instance is not None or not abilities.manages_models

    async def ensure(
        self,
        target: Target,
        abilities: Abilities,
        *,
        reason: Reason = "asked",
        emit: Emit = _untold,
        context_length: int | None = None,
        ttl: int | None = None,
    ) -> Loaded:
        """Makes sure that a model is in memory. Who asks for the same model meanwhile waits for the same load.

        Args:
            target: The model; one that is loaded already stays as it is.
            abilities: The backend's.
            reason: Why, for the fact that is told.
            emit: Told of a load.
            context_length: Tokens to load it with; the settings', else the backend's choice, when None.
            ttl: Idle seconds after which it is unloaded; the settings' when None.

        Raises:
            ModelLoadError: The backend could not load it.
            ModelNotFoundError: It is gone.
        """
        if self.is_there(target, abilities):
            return Loaded(target, warning=_other_context(target, context_length))
        emit(Progressed("loading", target.model.id))
        context = context_length or self._endpoint.settings.context_length
        wanted = ttl or self._endpoint.settings.model_ttl
        begun = time.monotonic()
        try:
            loaded = await self._flight.run(target.model.id, lambda: self._load(target, context, wanted))
        except LLMError as error:
            if reason != "asked" and is_missing(error):
                return Loaded(target)  # LM Studio 0.3: the request itself makes it load
            self._count(target, False, time.monotonic() - begun)
            raise
        if reason == "asked" and loaded.loaded_now:
            self._count(target, True, loaded.duration_s)
        if loaded.loaded_now:
            emit(ModelLoaded(loaded.target.model.id, reason, round(loaded.duration_s, 3)))
        if loaded.warning:
            emit(Warned(loaded.warning))
        return loaded

    def _count(self, target: Target, succeeded: bool, seconds: float) -> None:
        if self.on_loaded is not None:
            self.on_loaded(target.model.id, succeeded, seconds)

    async def _load(self, target: Target, context_length: int | None, ttl: int | None) -> Loaded:
        """Looks once more, since a list is believed for a while; then loads."""
        now = await self._found(target)
        if now.instance is not None:
            return Loaded(now)
        begun = time.monotonic()
        warning = await self._load_by_best_way(now, context_length, ttl)
        duration = time.monotonic() - begun
        _log.info("model_loaded", model=now.model.id, seconds=round(duration, 3))
        return Loaded(await self._found(now), True, duration, warning)

    async def _found(self, target: Target) -> Target:
        models = await self._catalogue.looked()
        found = resolve.find(target.model.id, models)
        if found is None:
            raise resolve.not_found(target.model.id, models, self._endpoint.base_url)
        return found

    async def _load_by_best_way(self, target: Target, context_length: int | None, ttl: int | None) -> str | None:
        """By `lms` where a time to live is wanted, since REST has none; by REST otherwise. Returns a warning."""
        lms = await self._local_lms()
        if ttl is not None and lms is not None:
            await lms.load(target.model.id, ttl=ttl, context_length=context_length)
            return None
        try:
            await lmstudio_api.load(self._endpoint, target.id, context_length=context_length, within=None)
        except LLMError as error:
            if lms is None or not is_missing(error):
                raise
            await lms.load(target.model.id, ttl=ttl, context_length=context_length)
        if ttl is None:
            return None
        return f"{target.model.id} was loaded without its time to live of {ttl} s: that needs the lms command on this machine."

    async def unload(self, target: Target) -> None:
        """Takes a model out of memory.

        Raises:
            ModelNotUsableError: It is at work, by our own requests or by what `lms ps` says.
            ModelNotFoundError: It is not loaded.
        """
        if target.instance is None:
            raise ModelNotFoundError(
                f"{target.model.id} is not loaded.", available_models=[], hint="`lmbridge models` shows what is loaded."
            )
        await self._refuse_busy(target)
        try:
            await lmstudio_api.unload(self._endpoint, target.instance.id)
        except LLMError as error:
            lms = await self._local_lms()
            if lms is None or not is_missing(error):
                raise
            await lms.unload(target.instance.id)
        finally:
            self._catalogue.doubt()

    async def _refuse_busy(self, target: Target) -> None:
        ours = self._slots.in_flight(target.id)
        working = None if ours else await self.working(target.id)
        if ours or (working is not None and working.busy):
            by = f"{ours} request(s) of ours" if ours else "somebody's request"
            raise ModelNotUsableError(
                f"{target.id} is at work on {by} and is not unloaded.", hint="Wait, or cancel the run that uses it."
            )

    async def working(self, instance_id: str) -> Working | None:
        """What `lms ps` says of an instance; None where nobody can say."""
        lms = await self._local_lms()
        listed = await lms.ps() if lms is not None else None
        return next((each for each in listed or () if each.id == instance_id), None)

    async def until_quiet(self, target: Target, *, within: float = QUIET_S) -> None:
        """Waits, for a bounded time, while the backend still works on a request that we have closed.

        Only `lms ps` can tell: it counts what is in work and waiting, our other requests included.
        """
        until = time.monotonic() + within
        while (working := await self.working(target.id)) is not None:
            others = self._slots.in_flight(target.id)
            if not working.busy or working.queued <= others or time.monotonic() >= until:
                return
            await asyncio.sleep(POLL_S)

    async def _local_lms(self) -> Lms | None:
        """The command, if it speaks for the very LM Studio that we talk to."""
        if self._lms is None:
            return None
        if self._lms_serves is None:
            parts = urlsplit(self._endpoint.base_url)
            local = parts.hostname in _LOOPBACK
            self._lms_serves = local and await self._lms.serves(parts.port or (443 if parts.scheme == "https" else 80))
        return self._lms if self._lms_serves else None


def _other_context(target: Target, wanted: int | None) -> str | None:
    """A loaded model is never reloaded by us; so what was asked for and is not so is told."""
    if wanted is None or target.context_length in {None, wanted}:
        return None
    return (
        f"{target.id} is loaded with {target.context_length} tokens already; unload it first to load it with {wanted}."
    )
