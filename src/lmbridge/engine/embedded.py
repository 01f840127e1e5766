"""The engine that the settings ask for: the model of `LMBRIDGE_ENGINE_MODEL`, or the demo model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lmbridge.engine.catalog import Catalog
from lmbridge.engine.engine import Crash, Engine
from lmbridge.settings import Settings

DEFAULT_SLOTS = 4
SMALL_MODEL_BYTES = 64 * 2**20
"""A model below this size runs on one thread: there is nothing to share out, and llama.cpp's threads wait for each other
by spinning, which on a busy machine costs a hundred times what it gains (measured: 0.3 s a task against 60 s)."""


def models_folder(settings: Settings) -> Path:
    """Where fetched models are kept."""
    return settings.state_dir / "models"


def catalog(settings: Settings) -> Catalog:
    """The models that the engine can serve here."""
    return Catalog(models_folder(settings))


def threads_for(model: Path) -> int | None:
    """CPU threads for a model where the settings name no number; None leaves it to llama.cpp."""
    return 1 if model.stat().st_size < SMALL_MODEL_BYTES else None


def started(settings: Settings, *, model: str | None = None, on_crash: Callable[[Crash], None] | None = None) -> Engine:
    """The engine of the settings, to be entered with `async with`.

    Args:
        settings: Model, threads, context and slots.
        model: Another model than the settings': a known name or a GGUF file.
        on_crash: Told of each crash of the engine.

    Raises:
        ModelNotFoundError: The model is unknown or not on this machine.
    """
    found = catalog(settings).resolve(model or settings.engine_model)
    assert found.path
    return Engine.started(
        found.path,
        alias=found.name,
        threads=settings.engine_threads or threads_for(found.path),
        context=settings.engine_context,
        parallel=settings.slots or DEFAULT_SLOTS,
        on_crash=on_crash,
    )
