"""A model that several backends have in memory, as one backend: its chats go through the router, all else to each directly."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from lmbridge.events import Emit, Warned
from lmbridge.fleet.router import RUN_HEADER, WORKER_HEADER, Router
from lmbridge.fleet.speeds import Speeds
from lmbridge.llm.backend import Backend, Way
from lmbridge.llm.client import LLMClient
from lmbridge.llm.http.request import ReplyPatience
from lmbridge.llm.http.shared_slots import SharedSlots
from lmbridge.llm.http.slots import NO_NEED, Need, Slots
from lmbridge.llm.models import resolve
from lmbridge.llm.models.backend_kind import Abilities
from lmbridge.llm.models.catalogue import Catalogue
from lmbridge.llm.models.listing import Instance, ModelInfo
from lmbridge.llm.models.loader import Loaded, Loader
from lmbridge.llm.models.resolve import Target
from lmbridge.messages import Turn
from lmbridge.settings import Settings
from lmbridge.settings.backends import NamedBackend

ARRIVAL_S = 0.25
"""How long a request is waited for at the backends' doors before the next is sent all the same."""


class RoutedClient(LLMClient):
    """Asks the router, which may wait for a place: how long a backend may take is the relay's to say."""

    def _patience(self, data: bytes, *, tools: bool, may_load: bool) -> ReplyPatience:
        usual = super()._patience(data, tools=tools, may_load=may_load)
        return replace(usual, first_byte=max(usual.first_byte, self.settings.run_timeout))


class Members:
    """The backends that share one model, in the order of the settings, with what of them counts for a run."""

    def __init__(self, model: str, backends: Mapping[str, Backend]) -> None:
        self.model = model
        self.backends = dict(backends)
        self.counting: LLMClient | None = None

    async def models(self) -> tuple[ModelInfo, ...]:
        """The one model as all of them have it: with the smallest context, and what all of them can."""
        found = await asyncio.gather(*(self._found(backend) for backend in self.backends.values()))
        return merged([target.model for target in found if target is not None])

    async def _found(self, backend: Backend) -> Target | None:
        return resolve.find(self.model, await backend.catalogue())

    async def abilities(self) -> Abilities:
        """What can be relied on, whichever answers."""
        told = await asyncio.gather(*(each.abilities() for each in self.backends.values()))
        able = [each for each, what in zip(self.backends.values(), told, strict=True) if what.counts_tokens]
        self.counting = able[0].client if able else None
        lengths = [each.context_length for each in told if each.context_length]
        seeing = [each.vision for each in told if each.vision is not None]
        first = (
            told[0]
            if len({each.kind for each in told}) == 1
            else Abilities("other", " and ".join(each.name for each in told))
        )
        return replace(
            first,
            context_length=min(lengths, default=None),
            vision=all(seeing) if seeing else None,
            manages_models=all(each.manages_models for each in told),
            counts_tokens=any(each.counts_tokens for each in told),
        )

    async def places(self) -> dict[str, int]:
        """How many requests each works on at once."""
        counts = await asyncio.gather(*(each.slots_of(self.model) for each in self.backends.values()))
        return dict(zip(self.backends, counts, strict=True))


def merged(models: Sequence[ModelInfo]) -> tuple[ModelInfo, ...]:
    """Models of several backends, each once: loaded where any has it loaded, with the smallest context of those."""
    groups: dict[str, list[ModelInfo]] = {}
    for model in models:
        groups.setdefault(model.id, []).append(model)
    return tuple(_one(group) for group in groups.values())


def _one(group: Sequence[ModelInfo]) -> ModelInfo:
    loaded = [model for model in group if model.loaded] or list(group)
    first = loaded[0]
    if len(loaded) == 1:
        return replace(first, backend=None)
    least = min((model.context_length for model in loaded if model.context_length), default=None)
    usable = [tool for model in loaded if (tool := model.tool_use) is not None]
    return replace(
        first,
        backend=None,
        instances=(Instance(first.id, least),) if first.loaded else (),
        vision=all(model.vision for model in loaded),
        tool_use=all(usable) if usable else None,
    )


class _EachLoads(Loader):
    """Loads the model wherever a member has dropped it."""

    def __init__(self, endpoint: LLMClient, catalogue: Catalogue, slots: Slots, members: Members) -> None:
        super().__init__(endpoint, catalogue, slots, None)
        self._members = members

    async def ensure(self, target: Target, abilities: Abilities, **options: Any) -> Loaded:
        """As `Loader.ensure`, at every backend that loads models and has it no more."""
        if target.instance is not None:
            return Loaded(target)
        for backend in self._members.backends.values():
            found = resolve.find(target.model.id, await backend.models.looked())
            if found is not None and found.instance is None:
                await backend.loader.ensure(found, await backend.abilities(), **options)
        models = await self._catalogue.looked()
        return Loaded(resolve.find(target.model.id, models) or target)


class OneByOne(Slots):
    """Places for the router's requests, which are sent one after another.

    Two that it gets in the same moment both find the same worker idle, and would share it while another has no work.
    """

    def __init__(self) -> None:
        super().__init__()
        self._last: asyncio.Event | None = None
        self._sent: deque[asyncio.Event] = deque()

    @asynccontextmanager
    async def hold(self, model: str, limit: int, need: Need = NO_NEED) -> AsyncGenerator[None, None]:
        """A place, once the request before has reached a backend's door, or has had its time to."""
        async with super().hold(model, limit, need):
            before, self._last = self._last, asyncio.Event()
            self._sent.append(self._last)
            if before is not None:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(ARRIVAL_S):
                        await before.wait()
            yield

    def arrived(self) -> None:
        """A request has reached a door: the next may be sent."""
        if self._sent:
            self._sent.popleft().set()


class RoutedBackend(Backend):
    """The members as one backend, for `PinnedModel`.

    Args:
        settings: All settings.
        router: Through which chats go.
        key: What it asks for.
        members: The backends.
        speeds: Learns how fast each is.
    """

    def __init__(self, settings: Settings, router: Router, key: str, members: Members, speeds: Speeds) -> None:
        client = RoutedClient(router.base_url, token=key, settings=settings)
        super().__init__(settings, client=client, name="+".join(members.backends))
        self._router = router
        self._speeds = speeds
        self.members = members
        self.turns = OneByOne()
        self.slots = self.turns  # each backend's own places are held where the request reaches it
        self.models = Catalogue(members.models, seconds=settings.model_cache_seconds)
        self.validator = type(self.validator)(self.models, settings=settings, url=self.url)
        self.loader = _EachLoads(self.client, self.models, self.slots, members)
        self.places: Mapping[str, int] = {}

    def _shared_slots(self) -> SharedSlots | None:
        return None

    @property
    def url(self) -> str:
        """The URLs of the members."""
        return ", ".join(each.url for each in self.members.backends.values())

    @property
    def counting(self) -> LLMClient:
        """The first member that counts: the same model counts alike everywhere."""
        return self.members.counting or super().counting

    async def ready(self) -> None:
        """Makes sure that the router runs and knows the members.

        Raises:
            SettingsError: It is not installed.
            LLMError: It, or a member, cannot be used.
        """
        self.places = await self.members.places()
        await self._router.serve(self.members.model, self.places)

    async def abilities(self) -> Abilities:
        """What can be relied on, whichever answers."""
        return await self.members.abilities()

    def place_of(self, model: str, target: Target | None, abilities: Abilities) -> tuple[str, int]:
        """One queue for all members, with the places of all."""
        return model, max(1, sum(self.places.values()))

    def route(self, key: str | None, emit: Emit) -> Way | None:
        """A way on which a run stays at one backend."""
        return WayThroughRouter(self._router, key or secrets.token_hex(8), emit, self._speeds, self.members.model)


class WayThroughRouter:
    """A run's way: which backend answered, told when another goes on.

    Args:
        router: Which knows the backends by its workers.
        key: The run's id.
        emit: How the run tells.
        speeds: Learns from each reply.
        model: The model.
    """

    def __init__(self, router: Router, key: str, emit: Emit, speeds: Speeds, model: str) -> None:
        self.headers: tuple[tuple[str, str], ...] = ((RUN_HEADER, key),)
        self._speeds = speeds
        self._model = model
        self._router = router
        self._emit = emit
        self._last: str | None = None
        self._now: str | None = None

    def heard(self, headers: Mapping[str, str]) -> None:
        """Notes who answers; who had begun a first reply that broke off counts as the one before."""
        self._last = self._last or self._now
        self._now = self._router.backend_of(headers.get(WORKER_HEADER, ""))

    def answered(self, turn: Turn, at_round: int) -> None:
        """Tells of a change, with what it cost: a prefix that another backend had read is read again."""
        before, self._last = self._last, self._now or self._last
        if self._last is not None:
            self._speeds.note(self._last, self._model, turn)
        if before is not None and self._last != before:
            usage = turn.usage
            anew = max(0, usage.prompt_tokens - usage.cached_tokens)
            cost = f"it read {anew:,} of {usage.prompt_tokens:,} tokens of the prompt anew"
            self._emit(
                Warned(f"Backend {before} no longer answered: {self._last} went on in round {at_round}; {cost}.")
            )


class OneBackend(Backend):
    """One of several backends, whose runs need no router.

    Args:
        settings: All settings.
        named: Its name, address and key.
        speeds: Learns how fast it is.
    """

    def __init__(self, settings: Settings, named: NamedBackend, speeds: Speeds) -> None:
        super().__init__(settings, base_url=named.url, token=named.token, name=named.name)
        self._named = named
        self._speeds = speeds

    def route(self, key: str | None, emit: Emit) -> Way | None:
        """The straight way, on which only the speed is seen."""
        return StraightWay(self._named.name, self._speeds)


class StraightWay:
    """The way to one backend.

    Args:
        name: Which.
        speeds: Learns from each reply.
    """

    headers: tuple[tuple[str, str], ...] = ()

    def __init__(self, name: str, speeds: Speeds) -> None:
        self._name = name
        self._speeds = speeds

    def heard(self, headers: Mapping[str, str]) -> None:
        """Nothing is told by an answer's headers."""

    def answered(self, turn: Turn, at_round: int) -> None:
        """Learns its speed."""
        if turn.model:
            self._speeds.note(self._name, turn.model, turn)
