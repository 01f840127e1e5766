"""The pretended LM Studio's models: what is on disk, what is in memory, who answers for which name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from .engine import Instance
from .gates import Gate
from .models import DEFAULT_CONTEXT, DEFAULT_PARALLEL, JIT_TTL_S, FakeModel
from .refusals import UNLOADED_SENTENCE, invalid_model, load_failed, native, no_models_loaded, with_object


class ModelStore:
    """Models on disk and instances in memory.

    Args:
        models: What is downloaded; those with `loaded` are in memory from the start.
        jit: Whether a request for a model that is not loaded loads it.
        auto_evict: Whether a JIT load unloads the model that an earlier request loaded, busy or not.
        load_seconds: How long a load takes.
        clock: Seconds, for times to live.
        changed: Called after every change.
    """

    def __init__(
        self,
        models: Iterable[FakeModel],
        *,
        jit: bool,
        auto_evict: bool,
        load_seconds: float,
        clock: Callable[[], float],
        changed: Callable[[], None],
    ) -> None:
        self.models = list(models)
        self.instances: list[Instance] = []
        self.jit = jit
        self.auto_evict = auto_evict
        self.load_seconds = load_seconds
        self.load_gate: Gate | None = None
        self.loads: list[str] = []
        self.loading: list[str] = []
        self._clock = clock
        self._changed = changed
        self._jit_locks: dict[str, asyncio.Lock] = {}
        for model in self.models:
            if model.loaded:
                self._place(model, model.identifier, context_length=model.context_length, parallel=model.parallel)

    def loaded(self) -> list[Instance]:
        """The instances in memory, after dropping those whose time to live is over."""
        for instance in [each for each in self.instances if each.is_expired(self._clock())]:
            self.drop(instance, UNLOADED_SENTENCE)
        return self.instances

    def instance(self, identifier: str) -> Instance | None:
        """The instance of this identifier."""
        return next((each for each in self.loaded() if each.identifier == identifier), None)

    def model(self, name: str) -> FakeModel | None:
        """The downloaded model of this key or variant."""
        return next((each for each in self.models if each.is_called(name)), None)

    def look_up(
        self, name: str, *, embedding: bool = False, is_native: bool = False, strict: bool = False
    ) -> Instance | FakeModel:
        """Return who answers for a name: an instance, or a model that must be loaded first.

        In LM Studio's order: the instance of that identifier; an instance of that model; the model, if requests may load
        models; whoever is loaded, if that is exactly one. `strict` servers leave out the last.

        Raises:
            Refusal: nobody does.
        """
        fitting = [each for each in self.loaded() if each.model.is_embedding == embedding]
        for instance in fitting:
            if name and (instance.identifier == name or instance.model.is_called(name)):
                return next((each for each in fitting if each.identifier == name), instance)
        model = self.model(name)
        if model is not None and model.is_embedding == embedding and self.jit:
            return model
        if strict:
            raise with_object(404, f"The model `{name}` does not exist.", param="model", code="model_not_found")
        if (model is None or model.is_embedding == embedding) and len(fitting) == 1:
            return fitting[0]
        if not fitting and (not self.jit or not name):
            raise no_models_loaded()
        raise invalid_model(name, self._examples(embedding=embedding), is_native=is_native)

    async def at_hand(self, found: Instance | FakeModel, ttl_s: float | None = None) -> Instance:
        """Return the instance, loading the model first where it is none yet.

        Raises:
            Refusal: it could not be loaded.
        """
        if isinstance(found, Instance):
            return found
        async with self._jit_locks.setdefault(found.key, asyncio.Lock()):
            for instance in self.loaded():
                if instance.model is found:
                    return instance
            if found.load_error:
                raise load_failed(found.key, found.load_error)
            if self.auto_evict:
                self._evict_jit()
            await self._take_time(found)
            ttl = JIT_TTL_S if ttl_s is None else ttl_s
            return self._place(found, None, context_length=self._jit_context(found), ttl_s=ttl, jit=True)

    async def load(self, model: FakeModel, *, identifier: str | None = None, **config: Any) -> Instance:
        """Load a model on request; a second time makes a second instance.

        Raises:
            Refusal: the load failed.
        """
        if model.load_error:
            raise native(500, "Failed to load model.", "model_load_failed", code="model_load_failed")
        await self._take_time(model)
        return self._place(model, identifier, **config)

    def drop(self, instance: Instance, reason: str) -> None:
        """Take an instance out of memory; what it was generating dies with `reason`."""
        if instance in self.instances:
            self.instances.remove(instance)
        for generation in list(instance.generations):
            generation.kill(reason)
        self._changed()

    def _evict_jit(self) -> None:
        for instance in [each for each in self.instances if each.jit]:
            self.drop(instance, UNLOADED_SENTENCE)

    async def _take_time(self, model: FakeModel) -> None:
        self.loads.append(model.key)
        self.loading.append(model.key)
        self._changed()
        try:
            if self.load_gate is not None:
                await self.load_gate.wait()
            await asyncio.sleep(self.load_seconds)
        finally:
            self.loading.remove(model.key)

    def _place(
        self,
        model: FakeModel,
        identifier: str | None,
        *,
        context_length: int | None = None,
        parallel: int | None = None,
        ttl_s: float | None = None,
        jit: bool = False,
    ) -> Instance:
        name = self._free_name(identifier or model.key)
        context = context_length or self._jit_context(model)
        instance = Instance(model, name, context, parallel or DEFAULT_PARALLEL, ttl_s, jit)
        self.instances.append(instance)
        self._changed()
        return instance

    def _jit_context(self, model: FakeModel) -> int:
        return model.context_length or DEFAULT_CONTEXT

    def _free_name(self, wanted: str) -> str:
        taken = {each.identifier for each in self.instances}
        number, name = 1, wanted
        while name in taken:
            number += 1
            name = f"{wanted}:{number}"
        return name

    def _examples(self, *, embedding: bool) -> list[str]:
        return [each.key for each in self.models if each.is_embedding == embedding] or ["none"]


def as_models(models: Iterable[FakeModel | str]) -> list[FakeModel]:
    """Return the models, with plain names made into models that are loaded."""
    return [FakeModel(each) if isinstance(each, str) else each for each in models]
