"""The fake LM Studio itself: a real HTTP server on loopback that behaves like the one it is named after."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from lmbridge.recordings import Recording

from .engine import Generation, Instance
from .faults import Fault
from .gates import Gate
from .models import FakeModel
from .refusals import UNLOADED_SENTENCE
from .routes.dispatch import Dispatch
from .scripting.script import Line
from .scripting.turns import Condition, Decider
from .seen import SeenRequest
from .state import Options, State
from .store import as_models

DEFAULT_MODEL = "qwen/qwen3-4b-2507"
CRASH_SENTENCE = "The model has crashed without additional information. (Exit code: 6)"
_TEXT_ENDPOINTS = ("/chat/completions", "/completions", "/responses", "/api/v1/chat")


class FakeLMStudio:
    """A fake LM Studio.

        async with FakeLMStudio(models=["qwen/qwen3-4b-2507"]) as fake:
            fake.script(call("list_directory", path="/x"), say("Two files."))
            ...  # talk to fake.base_url
            assert fake.chats[0].tool_names == ["list_directory"]

    Args:
        models: Downloaded models, as `FakeModel`s or names (a name: loaded, with 8192 tokens of context).
        remote: Models that can be downloaded.
        port: The port, 0 for a free one.
        options: Everything else, by the names of `Options`.
    """

    def __init__(
        self,
        models: Iterable[FakeModel | str] = (DEFAULT_MODEL,),
        *,
        remote: Iterable[FakeModel | str] = (),
        port: int = 0,
        **options: Any,
    ) -> None:
        self._state = State(Options(**options), as_models(models), as_models(remote))
        self._port = port
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None

    # --- its life

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Begin to listen."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", Dispatch(self._state).answer)
        app.on_response_prepare.append(self._dress)
        self._runner = web.AppRunner(
            app,
            handler_cancellation=True,
            keepalive_timeout=self._state.options.keep_alive,
            access_log=None,
            shutdown_timeout=0.1,
        )
        await self._runner.setup()
        await self._listen()

    async def stop(self) -> None:
        """Stop listening and drop every connection; requests under way are cancelled."""
        await self._state.engine.close()
        if self._runner is not None:
            self._drop_connections()
            await self._runner.cleanup()
            self._runner = None

    async def go_offline(self) -> None:
        """Refuse connections until `go_online`, and drop those that exist."""
        if self._site is not None:
            await self._site.stop()
            self._site = None
        self._drop_connections()

    async def go_online(self) -> None:
        """Listen again, on the same port."""
        await self._listen()

    async def _listen(self) -> None:
        assert self._runner is not None
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await self._site.start()
        self._port = self._runner.addresses[0][1]

    def _drop_connections(self) -> None:
        server = self._runner.server if self._runner else None
        for connection in list(server.connections) if isinstance(server, web.Server) else []:
            connection.force_close()

    async def _dress(self, request: web.Request, response: web.StreamResponse) -> None:
        response.headers.popall("Server", None)
        if not self._state.options.plain:
            response.headers["X-Powered-By"] = "Express"
        if response.keep_alive:
            response.headers["Connection"] = "keep-alive"
            response.headers["Keep-Alive"] = f"timeout={self._state.options.keep_alive:g}"

    # --- where it is

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def base_url(self) -> str:
        """The base URL of the OpenAI-compatible API, ending in /v1."""
        return f"{self.url}/v1"

    @property
    def port(self) -> int:
        """The port."""
        return self._port

    # --- what it will do

    def script(self, *lines: Line, when: Condition | None = None) -> None:
        """Play these turns for the next requests, one each.

        A line is a turn, a fault, or a callable that is asked for every request that reaches it and returns a turn, a
        fault, or None to pass. With `when`, the lines are for those requests only: conversations that run side by side
        can each have their own.
        """
        self._state.script.add(lines, when)

    def decide(self, decider: Decider | None) -> None:
        """Let decision models hold of a state what this says: see `Decider`; None: they are undecided."""
        self._state.decider = decider

    def clear_script(self) -> None:
        """Forget the turns that were not played."""
        self._state.script.clear()

    def meet(self, endpoint: str, *faults: Fault) -> None:
        """Let the next requests to an endpoint (`/v1/models`, `POST /api/v1/models/load`) meet these faults, one each."""
        self._state.put_faults(endpoint, faults)

    def replay(self, recording: Recording | str | Path) -> None:
        """Answer the requests of a recording as they were answered; everything else as usual."""
        self._state.replay.add(recording if isinstance(recording, Recording) else Recording.load(recording))

    def hold_loads(self) -> Gate:
        """Let every load wait at the gate that is returned."""
        self._state.store.load_gate = Gate()
        return self._state.store.load_gate

    # --- its models

    @property
    def loaded(self) -> list[Instance]:
        """The instances in memory."""
        return list(self._state.store.loaded())

    @property
    def loads(self) -> list[str]:
        """The keys of the models whose loading was begun, in order."""
        return self._state.store.loads

    async def load(self, key: str, *, identifier: str | None = None, **config: Any) -> Instance:
        """Load a downloaded model by hand (`context_length`, `parallel`, `ttl_s`), so that no JIT load evicts it."""
        model = self._state.store.model(key)
        if model is None:
            raise LookupError(f"no downloaded model is called {key!r}")
        return await self._state.store.load(model, identifier=identifier, **config)

    def unload(self, identifier: str) -> None:
        """Take an instance out of memory as an eviction does: what it generates dies."""
        self._drop(identifier, UNLOADED_SENTENCE)

    def fail_running(self, identifier: str, message: str = "Channel Error") -> None:
        """Let everything that an instance generates now die, as when its cache is full; it stays loaded."""
        for generation in list(self._instance(identifier).generations):
            generation.kill(message)

    def crash(self, identifier: str) -> None:
        """Let the engine of an instance crash."""
        self._drop(identifier, CRASH_SENTENCE)

    def _drop(self, identifier: str, reason: str) -> None:
        self._state.store.drop(self._instance(identifier), reason)

    def _instance(self, identifier: str) -> Instance:
        instance = self._state.store.instance(identifier)
        if instance is None:
            raise LookupError(f"no instance is called {identifier!r}")
        return instance

    # --- what it saw

    @property
    def requests(self) -> list[SeenRequest]:
        """All requests, oldest first."""
        return self._state.requests

    @property
    def chats(self) -> list[SeenRequest]:
        """The requests for text (chat, completions, responses), oldest first."""
        return [each for each in self.requests if each.method == "POST" and each.path.endswith(_TEXT_ENDPOINTS)]

    @property
    def active(self) -> list[Generation]:
        """The generations under way: queued, reading their prompt, or generating."""
        return list(self._state.engine.active)

    @property
    def in_flight(self) -> int:
        """How many requests are being answered now."""
        return self._state.in_flight

    @property
    def most_in_flight(self) -> int:
        """How many requests were being answered at once, at most."""
        return self._state.most_in_flight

    def most_generations(self, identifier: str) -> int:
        """How many generations an instance had at once at most, queued ones included."""
        return self._state.engine.most_at_once.get(identifier, 0)

    @property
    def unplayed(self) -> int:
        """How many turns of the script no request has taken yet."""
        return self._state.script.unplayed

    async def until(self, condition: Callable[[], object], within: float = 60) -> None:
        """Wait until the condition holds (raises TimeoutError); it is looked at after everything that happens here."""
        await self._state.watch.until(condition, within)
