"""One endpoint with all that belongs to it: client, catalogue, breaker, slots, loading. Nothing is global.

Whether a backend is there, how fast it answers, and what to do if not. Spends no completion.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Hashable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self

import structlog

from lmbridge.errors import LLMError, LLMResponseError
from lmbridge.events import Emit
from lmbridge.llm.beginning import SharedBeginning
from lmbridge.llm.chat.responses_decoder import Download
from lmbridge.llm.client import LLMClient
from lmbridge.llm.http.circuit_breaker import Breaker
from lmbridge.llm.http.request import Route
from lmbridge.llm.http.shared_slots import SharedSlots
from lmbridge.llm.http.slots import Slots
from lmbridge.llm.kept_beginnings import KeptBeginnings
from lmbridge.llm.models import resolve
from lmbridge.llm.models.at_work import at_work
from lmbridge.llm.models.backend_kind import Abilities, identified
from lmbridge.llm.models.catalogue import Catalogue
from lmbridge.llm.models.listing import ModelInfo
from lmbridge.llm.models.lms_cli import Lms
from lmbridge.llm.models.loader import Loaded, Loader
from lmbridge.llm.models.resolve import Target
from lmbridge.llm.models.single_flight import SingleFlight
from lmbridge.llm.validator import ModelValidator
from lmbridge.messages import Turn
from lmbridge.settings import Settings


@dataclass(frozen=True, slots=True)
class Health:
    """A backend at one moment.

    Attributes:
        reachable: Whether it answered.
        url: Its base URL.
        name: What it is, where it answered.
        version: Where it says so.
        latency_ms: Milliseconds of one small request.
        models: Models that it lists.
        loaded: Ids of those in memory.
        breaker: State of the circuit breaker.
        missing: What this backend cannot do, in plain sentences.
        error: What went wrong.
        hint: What to do about it.
        code: The error's code.
    """

    reachable: bool
    url: str
    name: str | None = None
    version: str | None = None
    latency_ms: float | None = None
    models: int = 0
    loaded: tuple[str, ...] = ()
    breaker: str = "closed"
    missing: tuple[str, ...] = ()
    error: str | None = None
    hint: str | None = None
    code: str | None = None

    @classmethod
    def unreachable(cls, url: str, error: LLMError, breaker: str) -> Health:
        """The health of a backend that did not answer, or not as one does."""
        return cls(False, url, breaker=breaker, error=error.message, hint=error.hint, code=error.code)


class Stopwatch:
    """Milliseconds since it was made."""

    def __init__(self) -> None:
        self._begun = time.perf_counter()

    @property
    def ms(self) -> float:
        """The time that has passed."""
        return round((time.perf_counter() - self._begun) * 1000, 2)


_log = structlog.get_logger(__name__)


def _untold(_fact: object) -> None:
    return None


class Counts(Protocol):
    """What counts loads and verifications; `observe.metrics.Metrics` does."""

    def loaded(self, model: str, outcome: Literal["ok", "failed"], seconds: float) -> None:
        """A load outside of runs."""
        ...

    def verified(self, outcome: Literal["ok", "failed"], seconds: float) -> None:
        """A look whether a model can be used."""
        ...

    def watch_breaker(self, backend: str, state: Callable[[], str]) -> None:
        """A circuit breaker whose state is asked for when it is needed."""
        ...


class Way(Route, Protocol):
    """A run's way through a router, from its first reply to its last."""

    def answered(self, turn: Turn, at_round: int) -> None:
        """Told of each whole reply."""
        ...


class Backend:
    """A backend as runs use it.

    Works as an async context manager, which keeps connections.

    Args:
        settings: All settings.
        base_url: Another endpoint than the settings name.
        token: Its token.
        lms: The `lms` command; looked for when None.
        name: Which of several it is.
        client: What asks it, where that is no client of its endpoint alone.
        slots_folder: Where it writes what its slots hold, if it is llama.cpp and told so.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        base_url: str | None = None,
        token: str | None = None,
        lms: Lms | None = None,
        name: str | None = None,
        client: LLMClient | None = None,
        slots_folder: Path | None = None,
    ) -> None:
        self.settings = settings
        self._slots_folder = slots_folder
        self._kept: KeptBeginnings | None = None
        self.name = name
        self.client = client or LLMClient(base_url, token=token, settings=settings)
        self.slots = Slots(settings.slots, shared=self._shared_slots())
        self.models = Catalogue(self.client.models, look=self.client.listed, seconds=settings.model_cache_seconds)
        self.validator = ModelValidator(self.models, settings=settings, url=self.client.base_url)
        self.loader = Loader(self.client, self.models, self.slots, lms or Lms.found())
        self._abilities: Abilities | None = None
        self._flight = SingleFlight()
        self._native_tools: dict[str, bool] = {}
        self._shared_contexts: set[str] = set()
        self.breaker.watch(self._doubt)

    def _shared_slots(self) -> SharedSlots | None:
        """What other processes are held off with; the embedded engine is this process's own."""
        if self.settings.backend == "embedded":
            return None
        return SharedSlots(self.settings.state_dir / "slots", self.client.base_url)

    @property
    def breaker(self) -> Breaker:
        """The circuit breaker of this endpoint."""
        return self.client.breaker

    @property
    def url(self) -> str:
        """The endpoint's base URL."""
        return self.client.base_url

    async def __aenter__(self) -> Self:
        await self.client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.close()
        self.slots.close()

    def _doubt(self, state: str) -> None:
        """After a failure, whoever answers next may be another program."""
        if state == "open":
            self._abilities = None
            self.models.doubt()

    def count_into(self, counts: Counts) -> None:
        """Counts loads and verifications, and shows the breaker's state, from now on."""

        def loaded(model: str, succeeded: bool, seconds: float) -> None:
            counts.loaded(model, "ok" if succeeded else "failed", seconds)

        def verified(succeeded: bool, seconds: float) -> None:
            counts.verified("ok" if succeeded else "failed", seconds)

        self.loader.on_loaded, self.validator.on_verified = loaded, verified
        counts.watch_breaker(self.url, lambda: self.breaker.state)

    def keep_beginnings(self, mark: str, life: Callable[[], Hashable]) -> None:
        """Keeps instructions and tools of runs on disk as the model has read them, where the backend can do that.

        Args:
            mark: Says which model, build and context they are of; empty: none is worth keeping.
            life: Another value after each restart of the engine.
        """
        if mark and self._slots_folder is not None and (most := self.settings.engine_prefix_mb):
            self._kept = KeptBeginnings(self.client, self._slots_folder, mark, most_bytes=most * 2**20, life=life)
            self.client.before_chat = self._kept

    async def share_beginning(self, model: str) -> None:
        """Has what the next chats begin with read once for all slots, where the backend can do that.

        Args:
            model: The id of their model.
        """
        if self._slots_folder is not None and (count := await self.slots_of(model)) > 1:
            shared, kept = SharedBeginning(self.client, self._slots_folder, count), self._kept

            async def both(body: bytes) -> None:
                if kept is not None and not shared.begun:  # it reads further than what is kept
                    await kept(body)
                await shared(body)

            self.client.before_chat = both

    # --- where there are several

    @property
    def down(self) -> Mapping[str, LLMError]:
        """Of several backends those that did not answer when they were last asked, and why."""
        return {}

    async def healths(self) -> Mapping[str, Health]:
        """The health of each of several backends, by its name; empty for one that is alone."""
        return {}

    async def home_of(self, target: Target, *, emit: Emit = _untold, one: bool = False) -> Backend:
        """Which backend answers for a model: this one, where there is no other.

        Args:
            target: What `validator` resolved its name to.
            emit: Told of backends that do not answer.
            one: Whether it must be a single one, without a router: for what a backend remembers, or only it can do.
        """
        return self

    def route(self, key: str | None, emit: Emit) -> Way | None:
        """How requests of the run `key` are kept together; None where no router stands between."""
        return None

    @property
    def counting(self) -> LLMClient:
        """What counts tokens."""
        return self.client

    # --- what it is

    async def abilities(self) -> Abilities:
        """What kind of backend it is and what it can do; asked once.

        Raises:
            LLMConnectionError: Nobody answers.
        """
        if self._abilities is None:
            self._abilities = await self._flight.run("abilities", self._identify)
        return self._abilities

    async def _identify(self) -> Abilities:
        abilities = await identified(self.client)
        _log.info("backend_identified", url=self.url, backend=abilities.name, version=abilities.version)
        return abilities

    async def catalogue(self) -> tuple[ModelInfo, ...]:
        """The models, believed for `model_cache_seconds`."""
        return await self.models.current()

    async def health(self) -> Health:
        """Whether it answers, what it is, how fast, and what to do if not. Never raises for a backend that fails."""
        watch = Stopwatch()
        try:
            abilities = await identified(self.client)
            latency = watch.ms
            models = await self.client.listed(guarded=False)
        except LLMError as error:
            return Health.unreachable(self.url, error, self.breaker.state)
        return Health(
            reachable=True,
            url=self.url,
            name=abilities.name,
            version=abilities.version,
            latency_ms=latency,
            models=len(models),
            loaded=tuple(instance.id for model in models for instance in model.instances),
            breaker=self.breaker.state,
            missing=abilities.missing,
        )

    # --- a place for a request

    @asynccontextmanager
    async def slot(self, model: str) -> AsyncGenerator[None, None]:
        """A place for one request to a model, waited for in order."""
        async with self.slots.hold(*await self._place(model)):
            yield

    async def slots_of(self, model: str) -> int:
        """How many requests to a model are worked on at once.

        Raises:
            LLMError: The backend cannot be asked.
        """
        _, limit = await self._place(model)
        return limit

    async def free_slots(self, model: str) -> int:
        """Those of `slots_of` that no other program holds now, as far as the backend tells; never fewer than one.

        Asks llama.cpp once and briefly: for what begins or looks, not for runs.

        Raises:
            LLMError: The backend cannot be asked.
        """
        queue, limit = await self._place(model)
        if (await self.abilities()).kind != "llama.cpp":
            return limit
        before = self.slots.held_by_all(queue, limit)
        busy = await at_work(self.client)
        ours = max(before, self.slots.held_by_all(queue, limit))
        return limit if busy is None else max(1, limit - max(0, busy - ours))

    async def _place(self, model: str) -> tuple[str, int]:
        abilities = await self.abilities()
        target = resolve.find(model, await self.catalogue())
        return self.place_of(target.id if target else model, target, abilities)

    def place_of(self, model: str, target: Target | None, abilities: Abilities) -> tuple[str, int]:
        """The queue of a model and how many of it work at once. LM Studio counts per model, others over all."""
        parallel = target.instance.parallel if target and target.instance else None
        limit = self.settings.slots or parallel or abilities.usual_slots
        return (model if abilities.traits.queues_by_model else "", limit)

    def shares_context(self, model: str) -> bool:
        """Whether the requests at a model share one context, as those of the embedded engine do and others were seen to."""
        return self._embedded or model in self._shared_contexts

    def remember_shared_context(self, model: str) -> None:
        """Keeps what a run met for all that follow: from now on only what fits together is sent together."""
        self._shared_contexts.add(model)

    # --- models

    async def load(
        self, model: str, *, context_length: int | None = None, ttl: int | None = None, emit: Emit = _untold
    ) -> Loaded:
        """Makes sure that a model is in memory; embedding models too. One that is there already needs no ability.

        Raises:
            LLMError: It is unknown or cannot be loaded, or the backend does not load models.
        """
        target, abilities = await self._found(model), await self.abilities()
        if target.instance is None:
            self._refuse_unmanaged(abilities)
        return await self.loader.ensure(target, abilities, emit=emit, context_length=context_length, ttl=ttl)

    async def unload(self, model: str) -> Target:
        """Takes a model out of memory, unless it is at work.

        Raises:
            ModelNotUsableError: It is at work.
            LLMError: It is unknown or not loaded, or the backend does not unload models.
        """
        self.models.doubt()
        target = await self._found(model)
        self._refuse_unmanaged(await self.abilities())
        await self.loader.unload(target)
        return target

    async def download(self, model: str, *, quantization: str | None = None) -> Download:
        """Starts a download.

        Raises:
            LLMError: The backend does not download models, or does not know this one.
        """
        self._refuse_unmanaged(await self.abilities())
        self.models.doubt()
        return await self.client.download_model(model, quantization=quantization)

    async def download_status(self, job_id: str) -> Download:
        """How a download that was started here stands."""
        return await self.client.download_status(job_id)

    async def _found(self, model: str) -> Target:
        models = await self.models.current()
        target = resolve.find(resolve.checked_name(model), models) or resolve.find(model, await self.models.refreshed())
        if target is None:
            raise resolve.not_found(model, self.models.known, self.url, embedded=self._embedded)
        return target

    @property
    def _embedded(self) -> bool:
        return self.settings.backend == "embedded"

    def _refuse_unmanaged(self, abilities: Abilities) -> None:
        if abilities.manages_models:
            return
        named = "The embedded engine" if self._embedded else f"{abilities.name} at {self.url}"
        elsewhere = "Start it with the model that you want; loading over the network is an ability of LM Studio."
        raise LLMResponseError(
            f"{named} does not load, unload or download models on request.",
            url=self.url,
            hint=resolve.ENGINE_MODELS if self._embedded else elsewhere,
        )

    # --- what was found out about models

    def native_tools(self, model: str) -> bool | None:
        """Whether a model calls tools through the backend's own parser; None until that is known."""
        return self._native_tools.get(model)

    def remember_native_tools(self, model: str, able: bool | None) -> None:
        """Keeps what a run found out for those that follow."""
        if able is None:
            self._native_tools.pop(model, None)
        else:
            self._native_tools[model] = able
