"""The engine that the settings ask for: the model of `LMBRIDGE_ENGINE_MODEL`, or the demo model."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from lmbridge.engine.catalog import Catalog, ListedModel
from lmbridge.engine.context import Context, fitting, free_memory
from lmbridge.engine.engine import SMALL_MODEL_BYTES, Crash, Engine
from lmbridge.engine.fleet import Fleet
from lmbridge.engine.gguf import only_decides
from lmbridge.settings import Settings

DEFAULT_SLOTS = 4


def models_folder(settings: Settings) -> Path:
    """Where fetched models are kept."""
    return settings.state_dir / "models"


def catalog(settings: Settings) -> Catalog:
    """The models that the engine can serve here."""
    return Catalog(models_folder(settings))


def started(
    settings: Settings, *, model: str | None = None, on_crash: Callable[[Crash], None] | None = None
) -> Engine | Fleet:
    """The engine of the settings, or a fleet of them where several models are named; enter it with `async with`.

    Args:
        settings: Model (several, set apart by commas), threads, context and slots.
        model: Other models than the settings': known names or GGUF files.
        on_crash: Told of each crash of an engine.

    Raises:
        ModelNotFoundError: A model is unknown or not on this machine.
    """
    models = named(settings, model)
    makers = {each.name: partial(engine_of, settings, each, engines=len(models), on_crash=on_crash) for each in models}
    if len(makers) == 1:
        return next(iter(makers.values()))()
    least = min(context_of(settings, each, engines=len(models)).of_a_slot(slots(settings)) for each in models)
    about = {"total_slots": slots(settings), "default_generation_settings": {"n_ctx": least}}
    deciding = [each.name for each in models if each.path is not None and only_decides(each.path)]
    return Fleet(makers, about, deciding)


def named(settings: Settings, model: str | None = None) -> list[ListedModel]:
    """The models that the settings name (or `model` in their place), the demo model where none is; nothing starts.

    Raises:
        ModelNotFoundError: A model is unknown or not on this machine.
    """
    known, asked = catalog(settings), model or settings.engine_model
    names = [name.strip() for name in (asked or "").split(",") if name.strip()] or [None]
    return [known.resolve(name) for name in names]


def slots(settings: Settings) -> int:
    """Requests that an engine works on at once."""
    return settings.slots or DEFAULT_SLOTS


def context_of(settings: Settings, found: ListedModel, *, parallel: int | None = None, engines: int = 1) -> Context:
    """The context of a model's engine: that of the settings, shared by its slots, or what fits, a part for each slot.

    Args:
        settings: Context and slots.
        found: The model; its file is here.
        parallel: Other slots than the settings'.
        engines: Engines that share the memory.
    """
    if settings.engine_context is not None:
        return Context(settings.engine_context)
    assert found.path
    return fitting(found.path, parallel or slots(settings), free_memory(), engines)


def engine_of(
    settings: Settings, found: ListedModel, *, parallel: int | None = None, engines: int = 1, **options: Any
) -> Engine:
    """The engine of one model as the settings want it.

    Args:
        settings: Threads, context and slots.
        found: The model; its file is here.
        parallel: Other slots than the settings'.
        engines: Engines that share the memory.
        options: Further ones of `Engine.started`.
    """
    assert found.path
    context = context_of(settings, found, parallel=parallel, engines=engines)
    return Engine.started(
        found.path,
        alias=found.name,
        threads=settings.engine_threads or _threads_for(found.path),
        context=context.tokens,
        shared=context.shared,
        slots_folder=settings.state_dir / "engine",
        repeatable=settings.engine_repeatable,
        parallel=parallel or slots(settings),
        **options,
    )


def _threads_for(model: Path) -> int | None:
    """CPU threads for a model where the settings name no number; None leaves it to llama.cpp."""
    return 1 if model.stat().st_size < SMALL_MODEL_BYTES else None
