"""Models and slots, as far as the backends tell: asked beside the page, which never waits for one that is down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from lmbridge.errors import LmbridgeError
from lmbridge.llm.models import resolve

if TYPE_CHECKING:
    from lmbridge.agent.bridge import Bridge
    from lmbridge.llm.backend import Backend
    from lmbridge.llm.models.listing import ModelInfo
    from lmbridge.settings import Settings

_log = structlog.get_logger(__name__)

EVERY_S = 5.0
"""Seconds after which what is known of the backends is asked for again, while somebody looks."""
PATIENCE_S = 10.0
"""Seconds that a backend may take to tell."""


@dataclass(frozen=True, slots=True)
class ModelLine:
    """A model in memory.

    Attributes:
        model: Its id.
        context: Tokens with which it is loaded, where known.
        slots: Requests that are worked on at once.
        held: Those that lmbridge's runs hold now, in all its processes.
        tokens_per_s: How fast it wrote lately, where the backend was seen to.
    """

    model: str
    context: int | None
    slots: int
    held: int
    tokens_per_s: float | None


@dataclass(frozen=True, slots=True)
class BackendLine:
    """One backend.

    Attributes:
        name: Its name in the settings; empty where it is the only one.
        url: Its address, without credentials.
        program: What answers there.
        problem: Why it does not answer.
        hint: What to do about that.
        loaded: Its models in memory.
        further: How many more it has.
    """

    name: str
    url: str
    program: str = ""
    problem: str | None = None
    hint: str | None = None
    loaded: tuple[ModelLine, ...] = ()
    further: int = 0


async def looked_at(backend: Backend) -> tuple[BackendLine, ...]:
    """Each backend with its models and places; asks all at the same time."""
    members: Mapping[str, Backend] = getattr(backend, "members", {}) or {"": backend}
    speeds = getattr(backend, "speeds", None)

    def speed(name: str, model: str) -> float | None:
        return speeds.of(name, model) if speeds is not None else None

    return tuple(await asyncio.gather(*(_line(name, each, speed) for name, each in members.items())))


async def _line(name: str, backend: Backend, speed: Callable[[str, str], float | None]) -> BackendLine:
    health = await backend.health()
    if not health.reachable:
        return BackendLine(name, health.url, problem=health.error, hint=health.hint)
    try:
        models = await backend.models.current()
        loaded = [await _model(name, backend, each, speed) for each in models if each.loaded]
    except LmbridgeError as error:
        return BackendLine(name, health.url, health.name or "", problem=error.message, hint=error.hint)
    program = " ".join(filter(None, (health.name, health.version)))
    return BackendLine(name, health.url, program, loaded=tuple(loaded), further=len(models) - len(loaded))


async def _model(name: str, backend: Backend, model: ModelInfo, speed: Callable[[str, str], float | None]) -> ModelLine:
    queue, limit = backend.place_of(model.id, resolve.find(model.id, (model,)), await backend.abilities())
    held = min(limit, backend.slots.held_by_all(queue, limit))
    return ModelLine(model.id, model.context_length, limit, held, speed(name, model.id))


class BackendsSeen:
    """What was last seen of the backends.

    Args:
        settings: Where they are.
        opened: The bridge of this process, where it is open: it knows the embedded engine, which nobody else does.
    """

    def __init__(self, settings: Settings, opened: Callable[[], Bridge | None] = lambda: None) -> None:
        self._settings, self._opened = settings, opened
        self.lines: tuple[BackendLine, ...] | None = None
        self.trouble: str | None = None
        self._asked_at = 0.0
        self._own: Backend | None = None

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Keeps connections of its own as long as they may be wanted."""
        async with AsyncExitStack() as stack:
            if self._settings.backend != "embedded":
                from lmbridge.agent.bridge import connected  # with everything around it; not before somebody looks

                self._own = await stack.enter_async_context(connected(self._settings))
            yield

    async def refresh(self) -> None:
        """Asks again, where the last time is long enough ago. Never raises for a backend that fails."""
        if time.monotonic() - self._asked_at < EVERY_S and self.lines is not None:
            return
        bridge = self._opened()
        backend = bridge.backend if bridge else self._own
        if backend is None:
            self.trouble = (
                "The embedded engine is started by the process that works with it; it is seen from there alone."
            )
            return
        try:
            async with asyncio.timeout(PATIENCE_S):
                self.lines, self.trouble = await looked_at(backend), None
        except TimeoutError:
            self.trouble = f"The backend did not tell its models within {PATIENCE_S:.0f} s."
        except LmbridgeError as error:
            self.trouble = error.as_line()
        except Exception:  # whoever looks on must not harm what runs beside it
            _log.exception("backends_not_seen")
            self.trouble = "The backends could not be looked at; the log has the reason."
        self._asked_at = time.monotonic()
