"""Several backends, named in the settings, as one: where each model is, which of them answer, and who gets a run."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from types import TracebackType
from typing import Self

import structlog

from lmbridge.errors import LLMConnectionError, LLMError, ModelNotFoundError
from lmbridge.events import Emit, Warned
from lmbridge.fleet.relay import BackendRelay
from lmbridge.fleet.routed import Members, OneBackend, RoutedBackend, merged
from lmbridge.fleet.router import Router, new_key
from lmbridge.fleet.speeds import Speeds
from lmbridge.llm.backend import Backend, Counts, Health
from lmbridge.llm.chat.responses_decoder import Download
from lmbridge.llm.http.circuit_breaker import Breaker
from lmbridge.llm.models import resolve
from lmbridge.llm.models.backend_kind import Abilities
from lmbridge.llm.models.catalogue import Catalogue, Purpose
from lmbridge.llm.models.listing import ModelInfo
from lmbridge.llm.models.loader import Loaded
from lmbridge.llm.models.resolve import Target
from lmbridge.llm.validator import ModelValidator
from lmbridge.settings import Settings

_log = structlog.get_logger(__name__)


def _untold(_fact: object) -> None:
    return None


class Backends(Backend):
    """The backends of the settings. Entered, it keeps connections; a router starts with the first model that several have.

    Args:
        settings: All settings, with two or more backends.

    Attributes:
        members: The backends by name, in the order of the settings.
        speeds: How fast each wrote lately.
    """

    def __init__(self, settings: Settings) -> None:
        self.speeds = Speeds(settings.state_dir / "fleet" / "speeds.json")
        self.members: dict[str, Backend] = {
            each.name: OneBackend(settings, each, self.speeds) for each in settings.named_backends
        }
        super().__init__(settings, client=next(iter(self.members.values())).client)
        self._down: dict[str, LLMError] = {}
        self._had: dict[str, str] = {}
        self._downloads: dict[str, Backend] = {}
        self.models = Catalogue(self._merged, seconds=settings.model_cache_seconds)
        self.validator = _ByBackend(self)
        self._stack = AsyncExitStack()
        self._starting = asyncio.Lock()
        self._router: Router | None = None
        self._key = new_key()
        self._routed: dict[tuple[str, tuple[str, ...]], RoutedBackend] = {}

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            stack.callback(self.speeds.save)
            for member in self.members.values():
                await stack.enter_async_context(member)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    # --- what they are

    @property
    def down(self) -> Mapping[str, LLMError]:
        """Those that did not answer when they were last asked, and why."""
        return self._down

    @property
    def url(self) -> str:
        """The addresses of all, with their names."""
        return ", ".join(f"{name} {member.url}" for name, member in self.members.items())

    @property
    def breaker(self) -> Breaker:
        """That of the member which may be asked soonest."""
        return min((each.client.breaker for each in self.members.values()), key=lambda each: each.tries_again_in)

    @property
    def router_pid(self) -> int | None:
        """Process id of the router, where it runs."""
        return self._router.pid if self._router else None

    def count_into(self, counts: Counts) -> None:
        """Counts loads, verifications and breakers of each."""
        for member in self.members.values():
            member.count_into(counts)

    async def abilities(self) -> Abilities:
        """Those of the first that answers."""
        return await (await self._first()).abilities()

    async def _first(self) -> Backend:
        await self.models.current()
        return next(member for name, member in self.members.items() if name not in self.down)

    async def catalogue(self) -> tuple[ModelInfo, ...]:
        """Every model of every backend that answers, with its backend's name and places."""
        await self.models.current()
        rows: list[ModelInfo] = []
        for name, member in self.members.items():
            if name not in self.down:
                abilities = await member.abilities()
                rows += [self._row(name, member, model, abilities) for model in member.models.known]
        return tuple(rows)

    def _row(self, name: str, member: Backend, model: ModelInfo, abilities: Abilities) -> ModelInfo:
        _, places = member.place_of(model.id, resolve.find(model.id, (model,)), abilities)
        return replace(model, backend=name, places=places, tokens_per_s=self.speeds.of(name, model.id))

    async def _merged(self) -> tuple[ModelInfo, ...]:
        """Asks all at the same time; those that do not answer are noted."""
        asked = await asyncio.gather(*(self._asked(name, member) for name, member in self.members.items()))
        self._down = {name: error for name, _, error in asked if error is not None}
        if len(self.down) == len(self.members):
            raise self._all_down()
        for name, models, _ in asked:
            self._had |= {model.id: name for model in models}
        return merged([model for _, models, _ in asked for model in models])

    async def _asked(self, name: str, member: Backend) -> tuple[str, tuple[ModelInfo, ...], LLMError | None]:
        try:
            return name, await member.models.refreshed(), None
        except LLMError as error:
            _log.warning("backend_silent", backend=name, url=member.url, error=error.message)
            return name, (), error

    def _all_down(self) -> LLMConnectionError:
        each = " ".join(f"{name}: {error.message}" for name, error in self.down.items())
        return LLMConnectionError(
            f"None of the {len(self.members)} backends answers. {each}",
            url=self.url,
            hint="Start one of them; LMBRIDGE_BACKENDS names them. `lmbridge doctor` looks at each.",
        )

    async def healths(self) -> dict[str, Health]:
        """The health of each, asked at the same time."""
        told = await asyncio.gather(*(member.health() for member in self.members.values()))
        return dict(zip(self.members, told, strict=True))

    async def health(self) -> Health:
        """Well where one of them answers; those that do not are among what is missing."""
        each = await self.healths()
        well = {name: health for name, health in each.items() if health.reachable}
        silent = {name: health for name, health in each.items() if not health.reachable}
        if not well:
            self._down = {
                name: LLMConnectionError(health.error or "silent", url=health.url) for name, health in each.items()
            }
            return Health.unreachable(self.url, self._all_down(), self.breaker.state)
        return Health(
            reachable=True,
            url=self.url,
            name=", ".join(f"{name}: {health.name}" for name, health in well.items()),
            latency_ms=min(health.latency_ms or 0.0 for health in well.values()),
            models=sum(health.models for health in well.values()),
            loaded=tuple(f"{model}@{name}" for name, health in well.items() for model in health.loaded),
            missing=tuple(f"{name} does not answer: {health.error}" for name, health in silent.items()),
        )

    def had(self, model: str) -> str:
        """Which backend was last seen with a model of this id; empty where none was."""
        return self._had.get(model, "")

    # --- who gets a run

    def member(self, name: str) -> Backend | None:
        """The backend of a name, in any case."""
        return next((each for known, each in self.members.items() if known.lower() == name.lower()), None)

    async def home_of(self, target: Target, *, emit: Emit = _untold, one: bool = False) -> Backend:
        """The named backend, the only one that has the model loaded, or the router before several.

        A model that none has in memory goes to the first that has it.

        Raises:
            SettingsError: Several have it, and there is no router.
            LLMError: The named one does not answer.
        """
        for name, error in self.down.items():
            emit(Warned(f"The backend {name} does not answer ({error.message}); the others serve."))
        if target.model.backend:
            return self.members[target.model.backend]
        holding = self._holding(target.model.id)
        if len(holding) == 1 or one or target.model.kind == "embedding":
            return next(iter(holding.values()))
        return await self._routing(target.model.id, holding)

    def _holding(self, model: str) -> dict[str, Backend]:
        """Who has a model in memory; the first who has it at all where nobody does."""
        having = {name: self._known(name, model) for name in self.members if name not in self.down}
        loaded = {name: self.members[name] for name, known in having.items() if known and known.loaded}
        on_disk = [name for name, known in having.items() if known]
        return loaded or {name: self.members[name] for name in on_disk[:1]}

    def _known(self, name: str, model: str) -> ModelInfo | None:
        return next((each for each in self.members[name].models.known if each.id == model), None)

    async def _routing(self, model: str, holding: Mapping[str, Backend]) -> RoutedBackend:
        async with self._starting:
            router = await self._routed_through()
            await router.start()
            key = (model, tuple(holding))
            if key not in self._routed:
                self._routed[key] = RoutedBackend(
                    self.settings, router, self._key, Members(model, holding), self.speeds
                )
                await self._stack.enter_async_context(self._routed[key])
        await self._routed[key].ready()
        return self._routed[key]

    async def _routed_through(self) -> Router:
        if self._router is None:
            relay = BackendRelay(
                self.members, lambda number: router.model_at(number), self._key, self._note_arrival, self._note_down
            )
            await self._stack.enter_async_context(relay)
            router = self._router = Router(self.settings, relay.base, self._key)
            self._stack.push_async_callback(router.close)
        return self._router

    def _note_arrival(self, model: str) -> None:
        for routed in self._routed.values():
            if routed.members.model == model:
                routed.turns.arrived()

    def _note_down(self, name: str, error: LLMError) -> None:
        """A backend did not answer a request: who begins now looks afresh."""
        _log.warning("backend_lost", backend=name, error=error.message)
        self.models.doubt()

    async def slots_of(self, model: str) -> int:
        """The places of all backends that a run of this model may get to."""
        homes, name = await self._homes(model)
        return sum(await asyncio.gather(*(home.slots_of(name) for home in homes)))

    async def free_slots(self, model: str) -> int:
        """Those of them that no other program holds now, as far as the backends tell."""
        homes, name = await self._homes(model)
        return sum(await asyncio.gather(*(home.free_slots(name) for home in homes)))

    async def _homes(self, model: str) -> tuple[list[Backend], str]:
        target = await self.validator.resolve(model, "chat")
        if target.model.backend:
            return [self.members[target.model.backend]], target.model.id
        return list(self._holding(target.model.id).values()), target.model.id

    # --- models, each at its own backend

    async def load(self, model: str, **options: object) -> Loaded:
        """Makes sure that a model is in memory: at the named backend, else at one that has it, else at the first."""
        home, name = await self._at(model)
        return await home.load(name, **options)  # type: ignore[arg-type]

    async def unload(self, model: str) -> Target:
        """Takes a model out of memory, at the named backend or at the first that has it there."""
        self.models.doubt()
        home, name = await self._at(model)
        return await home.unload(name)

    async def download(self, model: str, *, quantization: str | None = None) -> Download:
        """Starts a download at the named backend (`key@backend`), else at the first that answers."""
        name, _, backend = model.rpartition("@")
        named = self.member(backend) if name else None
        home = named or await self._first()
        download = await home.download(name if named else model, quantization=quantization)
        if download.job_id:
            self._downloads[download.job_id] = home
        return download

    async def download_status(self, job_id: str) -> Download:
        """How a download stands, by the backend where it was started."""
        return await self._downloads[job_id].download_status(job_id)

    async def _at(self, model: str) -> tuple[Backend, str]:
        target = await self.validator.resolve(model, "any")  # type: ignore[arg-type]
        home = await self.home_of(target, one=True)
        return home, target.model.id


class _ByBackend(ModelValidator):
    """Names of models, with `@backend` behind those that shall not be anybody's."""

    def __init__(self, backends: Backends) -> None:
        super().__init__(backends.models, settings=backends.settings, url=backends.url)
        self._backends = backends

    def _choose(self, model: str | None, models: tuple[ModelInfo, ...], purpose: Purpose) -> Target:
        """At the backend that the name ends in, where it does; else by what all of them have together."""
        wanted = self._settings.default_model if model in (None, "", "default") and purpose != "embedding" else model
        name, mark, backend = (wanted or "").rpartition("@")
        if not mark or resolve.find(wanted or "", models) is not None:
            return self._anywhere(model, models, purpose)
        member = self._backends.member(backend)
        if member is None:
            raise self._no_backend(name, backend, models) or self._missing(model, models, purpose)
        assert member.name
        if member.name in self._backends.down:
            raise self._backends.down[member.name]
        target = resolve.choose(name, member.models.known, default=None, purpose=purpose, url=member.url)
        return replace(target, model=replace(target.model, backend=member.name))

    def _anywhere(self, model: str | None, models: tuple[ModelInfo, ...], purpose: Purpose) -> Target:
        try:
            return super()._choose(model, models, purpose)
        except ModelNotFoundError as error:
            raise self._silent_has(model, error) from None

    def _missing(self, model: str | None, models: tuple[ModelInfo, ...], purpose: Purpose) -> ModelNotFoundError:
        return resolve.not_found(model or "default", models, self._url)

    def _no_backend(self, name: str, backend: str, models: Sequence[ModelInfo]) -> ModelNotFoundError | None:
        """The error for a model that is there at a backend that is not; None where the model is none either."""
        found = resolve.find(name, models)
        if found is None:
            return None
        names = list(self._backends.members)
        near = difflib.get_close_matches(backend, names, n=1, cutoff=0.4)
        meant = f" Did you mean {found.model.id}@{near[0]}?" if near else ""
        return ModelNotFoundError(
            f"There is no backend {backend!r} for {found.model.id}.{meant} Backends: {', '.join(names)}.",
            available_models=[f"{found.model.id}@{each}" for each in names],
            hint="Name one of them behind the @, or leave it out.",
        )

    def _silent_has(self, model: str | None, error: ModelNotFoundError) -> ModelNotFoundError:
        """Adds who of those that may have the model, or had it, is silent."""
        silent = self._backends.down
        if not silent:
            return error
        had = self._backends.had(model or "")
        if had in silent:
            return ModelNotFoundError(
                f"{model} is at the backend {had}, which does not answer: {silent[had].message}",
                available_models=error.available_models,
                hint=f"Start {had} again, or name an available model.",
                url=self._backends.members[had].url,
            )
        told = "; ".join(f"{name} ({each.message})" for name, each in silent.items())
        return ModelNotFoundError(
            f"{error.message} Not asked, since they do not answer: {told}",
            available_models=error.available_models,
            hint="The model may be at a backend that is down: start it, or name an available model.",
            url=error.url,
        )
