"""What `lmbridge engine serve`, `list` and `pull` do; the command line only parses and prints."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass

from lmbridge import platform
from lmbridge.engine.catalog import HUB, ListedModel
from lmbridge.engine.download import Pulled, PullProgress
from lmbridge.engine.download import pull as fetch
from lmbridge.engine.embedded import catalog, engine_of, models_folder
from lmbridge.errors import ModelLoadError, SettingsError
from lmbridge.settings import Settings

DEFAULT_PORT = 1235
"""One above LM Studio's, so that both can run."""
_LOOK_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Serving:
    """Where a served model can be asked, and with which key."""

    model: str
    base_url: str
    key: str


async def serve(
    settings: Settings,
    *,
    model: str | None = None,
    port: int = DEFAULT_PORT,
    parallel: int | None = None,
    embedding: bool = False,
    key: str | None = None,
    tell: Callable[[Serving], None] = lambda _: None,
) -> None:
    """Serves a model as an OpenAI-compatible endpoint on 127.0.0.1 until cancelled.

    Args:
        settings: Model, threads, context.
        model: A known name or a GGUF file; the settings' model when None.
        port: Port; 0: any free one.
        parallel: Requests at once.
        embedding: Whether it also makes embeddings.
        key: API key that it asks for; a random one when None.
        tell: Told once, as soon as it can be asked.

    Raises:
        ModelNotFoundError: The model is unknown or not on this machine.
        SettingsError: The port is taken.
        ModelLoadError: It cannot be served, or crashed twice.
    """
    found = catalog(settings).resolve(model or settings.engine_model)
    _refuse_taken(port)
    async with engine_of(settings, found, parallel=parallel, embedding=embedding, port=port, key=key) as engine:
        tell(Serving(found.name, engine.base_url, engine.token))
        while True:
            await engine.ready()
            await asyncio.sleep(_LOOK_EVERY_S)


def _refuse_taken(port: int) -> None:
    """Before a model is loaded that could then not be reached."""
    with socket.socket() as trial:
        if not platform.WINDOWS:  # as servers bind; there it would let two share a port
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError as error:
            raise SettingsError(
                f"127.0.0.1:{port} cannot be served: {error.strerror}.", hint="Name another --port; 0 takes a free one."
            ) from None


def listing(settings: Settings) -> list[ListedModel]:
    """The models that the engine knows, and which of them are on this machine."""
    return catalog(settings).listing()


async def pull(
    settings: Settings,
    name: str,
    *,
    hub: str = HUB,
    token: str | None = None,
    tell: Callable[[PullProgress], None] = lambda _: None,
) -> Pulled:
    """Fetches a known model into the models folder.

    Raises:
        ModelNotFoundError: Not a known name, or the hub no longer has it.
        LLMConnectionError: The hub cannot be reached.
        ModelLoadError: No space, refused, or damaged on the way.
    """
    known = catalog(settings)
    line = next((line for line in known.listing() if line.name == name.strip().lower()), None)
    if line and line.known is None:
        raise ModelLoadError(f"{line.name} is here already.", hint="`lmbridge engine list` shows what can be fetched.")
    return await fetch(known.known(name), models_folder(settings), hub=hub, token=token, tell=tell)
