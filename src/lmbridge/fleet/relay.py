"""What stands between the router and each backend: a door on loopback that gives a request its backend's key and place.

smg passes its own key on instead of the worker's, takes no backend without an open `/health`, and counts only its own
requests. So its workers are URLs of this relay, which checks the key, answers `/health`, holds the place that all lmbridge
processes share, and passes bytes on as they are. It chooses nothing: which backend gets a request is the router's.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

import structlog
from aiohttp import web

from lmbridge.errors import LLMError, LLMTimeoutError
from lmbridge.llm.backend import Backend
from lmbridge.llm.http.transport import HttpResponse

MOST_BYTES = 128 * 2**20
_log = structlog.get_logger(__name__)


class BackendRelay:
    """The door to every backend; an async context manager.

    Args:
        members: The backends by name.
        model_at: The model that a number in a URL means.
        key: What requests must bring.
        arrived: Told the model of each request that comes.
        down: Told of a backend that does not answer, and why.
    """

    def __init__(
        self,
        members: Mapping[str, Backend],
        model_at: Callable[[int], str],
        key: str,
        arrived: Callable[[str], None],
        down: Callable[[str, LLMError], None],
    ) -> None:
        self._members = members
        self._model_at = model_at
        self._key = key
        self._tell_arrival = arrived
        self._tell_down = down
        self._silent: set[str] = set()
        self._stack = AsyncExitStack()
        self.base = ""

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            app = web.Application(client_max_size=MOST_BYTES)
            app.router.add_get("/{backend}/{model}/{place}/health", self._health)
            app.router.add_post("/{backend}/{model}/{place}/v1/{path:.+}", self._pass_on)
            runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def _health(self, request: web.Request) -> web.Response:
        """Well, until a request was not answered; from then on the backend is looked at. Needs no key and says no more."""
        name = request.match_info["backend"]
        member = self._members.get(name)
        if member is None:
            return _refusal(404, "no such backend")
        if name in self._silent:
            if not (await member.health()).reachable:
                return _refusal(503, "the backend does not answer")
            self._silent.discard(name)
            _log.info("backend_is_back", backend=name, url=member.url)
        return web.json_response({"status": "ok"})

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        given = request.headers.get("Authorization", "")
        if not secrets.compare_digest(given.encode(), f"Bearer {self._key}".encode()):
            return _refusal(401, "Invalid API key")
        found = request.match_info
        member = self._members.get(found["backend"])
        if member is None:
            return _refusal(404, "no such backend")
        model = self._model_at(int(found["model"]))
        self._tell_arrival(model)
        body = await request.read()
        async with member.slot(model):
            return await self._answered(request, member, found["backend"], body)

    async def _answered(self, request: web.Request, member: Backend, name: str, body: bytes) -> web.StreamResponse:
        begun = False
        try:
            async with member.client.passed_on(f"/{request.match_info['path']}", body) as answer:
                response = await _headed(request, answer)
                begun = True
                while piece := await answer.piece():
                    await response.write(piece)
                await response.write_eof()
                return response
        except LLMError as error:
            if not isinstance(error, LLMTimeoutError):
                self._silent.add(name)
                self._tell_down(name, error)
            if begun and request.transport:
                request.transport.abort()  # as the backend itself broke off
            return _refusal(504 if isinstance(error, LLMTimeoutError) else 503, error.message)


async def _headed(request: web.Request, answer: HttpResponse) -> web.StreamResponse:
    """The answer's status and kind, once its first byte is about to come."""
    response = web.StreamResponse(status=answer.exchange.status or 502)
    response.headers["Content-Type"] = answer.headers.get("Content-Type", "application/json")
    if "Retry-After" in answer.headers:
        response.headers["Retry-After"] = answer.headers["Retry-After"]
    await response.prepare(request)
    return response


def _refusal(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"message": message, "type": "server_error"}}, status=status)
