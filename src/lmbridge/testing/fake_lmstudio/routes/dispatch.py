"""From an HTTP request to its handler: log, token, faults and recordings first, errors in LM Studio's form last."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from lmbridge.testing.fake_lmstudio.checks import check_types
from lmbridge.testing.fake_lmstudio.delivery import Delivery, json_answer
from lmbridge.testing.fake_lmstudio.refusals import Refusal, native, token_missing, unknown_endpoint
from lmbridge.testing.fake_lmstudio.replay import play
from lmbridge.testing.fake_lmstudio.seen import SeenRequest
from lmbridge.testing.fake_lmstudio.state import State

from .control import PREFIX, ControlRoutes
from .native import NativeRoutes
from .openai import OpenAIRoutes

Handler = Callable[[web.Request, SeenRequest], Awaitable[web.StreamResponse]]

_V0_MODEL = "/api/v0/models/"
_DOWNLOAD_STATUS = "/api/v1/models/download/status/"


class Dispatch:
    """Answers every request that reaches the fake."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._native = NativeRoutes(state)
        self._handlers: dict[tuple[str, str], Handler] = {**OpenAIRoutes(state).table(), **self._native.table()}
        self._control = ControlRoutes(state).table()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        if request.path.startswith(PREFIX):
            return await self._back_door(request)
        raw = await request.read()
        body = _parsed(raw)
        seen = self._state.arrived(request.method, request.path, request.headers, body or {}, raw)
        response: web.StreamResponse | None = None
        try:
            response = await self._answer(request, seen, broken=body is None)
            return response
        except (asyncio.CancelledError, ConnectionError):
            self._state.left(seen)
            raise
        finally:
            self._state.over(seen, response.status if response else None)

    async def _answer(self, request: web.Request, seen: SeenRequest, *, broken: bool) -> web.StreamResponse:
        fault = self._state.fault_for(seen.method, seen.path)
        if fault is not None:
            early = await Delivery(request, fault).instead()
            if early is not None:
                return early
        recorded = self._state.replay.take(seen.method, seen.path, seen.body)
        if recorded is not None:
            return await play(recorded, request)
        is_native = seen.path.startswith("/api/")
        try:
            self._check_token(seen, is_native=is_native)
            if broken:
                raise _invalid_json(is_native=is_native)
            return await self._handle(request, seen)
        except Refusal as refusal:
            return json_answer(refusal.body, refusal.status, pretty=not is_native)

    async def _handle(self, request: web.Request, seen: SeenRequest) -> web.StreamResponse:
        handler = self._handlers.get((seen.method, seen.path))
        if handler is not None:
            check_types(seen.body)
            return await handler(request, seen)
        options = self._state.options
        if seen.method == "GET" and seen.path == "/lmstudio-greeting" and not options.plain:
            return json_answer({"lmstudio": True})
        if seen.method == "GET" and seen.path.startswith(_V0_MODEL) and options.has_v0:
            return await self._native.v0_one_model(seen.path.removeprefix(_V0_MODEL))
        if seen.method == "GET" and seen.path.startswith(_DOWNLOAD_STATUS) and options.has_v1:
            return await self._native.download_status(seen.path.removeprefix(_DOWNLOAD_STATUS))
        if options.plain:
            return json_answer({"detail": "Not Found"}, 404)
        return json_answer(unknown_endpoint(seen.method, seen.path))

    def _check_token(self, seen: SeenRequest, *, is_native: bool) -> None:
        wanted = self._state.options.api_token
        if wanted is not None and seen.path != "/lmstudio-greeting" and seen.token != wanted:
            raise token_missing(is_native=is_native)

    async def _back_door(self, request: web.Request) -> web.StreamResponse:
        handler = self._control.get((request.method, request.path))
        if handler is None:
            return json_answer(unknown_endpoint(request.method, request.path), 404)
        try:
            return json_answer(await handler(_parsed(await request.read()) or {}))
        except Refusal as refusal:
            return json_answer(refusal.body, refusal.status)


def _parsed(raw: bytes) -> dict[str, Any] | None:
    """Return the JSON object of a body, {} of an empty one, None of anything else."""
    if not raw:
        return {}
    try:
        parsed = json.loads(raw)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


def _invalid_json(*, is_native: bool) -> Refusal:
    message = "Invalid body: failed to parse JSON value. Please check the value to ensure it is valid JSON"
    return native(400, message, code="invalid_json") if is_native else Refusal(400, message)
