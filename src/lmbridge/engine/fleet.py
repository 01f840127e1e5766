"""Several models behind one address: each in an engine of its own, started when it is first asked for.

llama.cpp's own router is not in the wheel, and one child for each model keeps a crash of one from the others. Requests
are passed on by the `model` in their body and streamed back as they come; a caller that goes away is gone there too, so
that its slot is free at once.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Collection, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson
from aiohttp import web

from lmbridge.engine.engine import Engine
from lmbridge.errors import LmbridgeError

PASSED_ON = (
    "/v1/chat/completions",
    "/v1/chat/completions/input_tokens",
    "/v1/completions",
    "/v1/embeddings",
    "/v1/responses",
    "/v1/systemone",
    "/tokenize",
    "/detokenize",
    "/apply-template",
)
MOST_BYTES = 64 * 2**20


class Fleet:
    """Engines by name, as one OpenAI-compatible endpoint; an async context manager like a single engine.

    Args:
        engines: Makes the engine of each name; it is not started before it is needed.
        about: What `/props` tells: `total_slots` and the context, alike for all.
        deciding: Names of those that answer typed questions alone.
    """

    def __init__(
        self,
        engines: Mapping[str, Callable[[], Engine]],
        about: Mapping[str, Any] | None = None,
        deciding: Collection[str] = (),
    ) -> None:
        self._makers = dict(engines)
        self._deciding = frozenset(deciding)
        self._about = dict(about or {})
        self._running: dict[str, Engine] = {}
        self._starting: dict[str, asyncio.Task[Engine]] = {}
        self._stack = AsyncExitStack()
        self._address = ""
        self.slots_folder: Path | None = None  # which of them would be asked?
        self.slots_mark, self.lives = "", 0
        self.token = secrets.token_urlsafe(32)

    @property
    def base_url(self) -> str:
        """URL of the endpoint, ending in `/v1`."""
        return f"{self._address}/v1"

    @property
    def alias(self) -> str:
        """The first model's name."""
        return next(iter(self._makers))

    @property
    def running(self) -> Mapping[str, Engine]:
        """The engines that have been started, by name."""
        return dict(self._running)

    async def engine(self, name: str) -> Engine:
        """The engine of a name, started if need be; once, however many ask for it.

        Raises:
            KeyError: No engine has this name.
            LmbridgeError: It could not be started.
        """
        task = self._starting.get(name)
        if task is None or (task.done() and not _succeeded(task)):
            task = self._starting[name] = asyncio.create_task(self._start(self._makers[name]()), name=f"start {name}")
        engine = await asyncio.shield(task)  # whoever gives up waiting does not take it from the others
        await engine.ready()
        return engine

    async def _start(self, engine: Engine) -> Engine:
        await engine.__aenter__()
        self._running[engine.alias] = engine
        return engine

    async def _end_engines(self) -> None:
        for task in self._starting.values():
            task.cancel()
        await asyncio.gather(*self._starting.values(), return_exceptions=True)
        await asyncio.gather(*(engine.__aexit__(None, None, None) for engine in self._running.values()))

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._end_engines)
            timeout = aiohttp.ClientTimeout(total=None)
            connector = aiohttp.TCPConnector(limit=0, force_close=True)  # llama.cpp keeps none after a stream
            self._session = await stack.enter_async_context(
                aiohttp.ClientSession(timeout=timeout, connector=connector, auto_decompress=False)
            )
            runner = web.AppRunner(self._app(), handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self._address = f"http://127.0.0.1:{runner.addresses[0][1]}"
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/props", self._props)
        app.router.add_get("/health", _health)
        for path in PASSED_ON:
            app.router.add_post(path, self._pass_on)
        return app

    def _allowed(self, request: web.Request) -> bool:
        given = request.headers.get("Authorization", "")
        return secrets.compare_digest(given.encode(), f"Bearer {self.token}".encode())

    async def _models(self, request: web.Request) -> web.Response:
        if not self._allowed(request):
            return _refusal(401, "Invalid API key")
        rows = [
            {"id": name, "object": "model", "owned_by": "lmbridge"}
            | ({"architecture": {"output_modalities": ["decisions"]}} if name in self._deciding else {})
            for name in self._makers
        ]
        return web.json_response({"object": "list", "data": rows})

    async def _props(self, request: web.Request) -> web.Response:
        if not self._allowed(request):
            return _refusal(401, "Invalid API key")
        return web.json_response(self._about)

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        if not self._allowed(request):
            return _refusal(401, "Invalid API key")
        body = await request.read()
        readable, named = _asked_for(body)
        if not readable:
            return _refusal(400, "The body is not a JSON object")
        name = named or self.alias
        try:
            engine = await self.engine(name)
        except KeyError:
            return _refusal(404, f"model {name!r} not found; there are: {', '.join(self._makers)}")
        except LmbridgeError as error:
            return _refusal(503, error.message)
        url = engine.base_url.removesuffix("/v1") + request.path
        headers = {"Authorization": f"Bearer {engine.token}", "Content-Type": "application/json"}
        try:
            async with self._session.post(url, data=body, headers=headers) as answer:
                return await _streamed(request, answer)
        except aiohttp.ClientError as error:
            if request.transport:
                request.transport.close()  # as the engine itself would have broken off
            return _refusal(502, f"the engine of {name} broke off: {error}")


async def _streamed(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    """The engine's answer, piece by piece as it comes."""
    response = web.StreamResponse(status=answer.status, headers={"Server": "lmbridge"})
    response.content_type = answer.content_type
    await response.prepare(request)
    async for piece in answer.content.iter_any():
        await response.write(piece)
    await response.write_eof()
    return response


async def _health(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


def _succeeded(task: asyncio.Task[Engine]) -> bool:
    return not task.cancelled() and task.exception() is None


def _asked_for(body: bytes) -> tuple[bool, str | None]:
    """Whether a request's body is a JSON object, and the model that it names."""
    try:
        asked = orjson.loads(body)
    except ValueError:
        return False, None
    if not isinstance(asked, dict):
        return False, None
    name = asked.get("model")
    return True, name if isinstance(name, str) else None


def _refusal(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"message": message, "type": "invalid_request_error"}}, status=status)
