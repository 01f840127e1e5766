"""Answers from a recording of a real backend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from lmbridge.recordings import Exchange, Recording

_OURS = frozenset({"content-length", "transfer-encoding", "connection", "keep-alive", "date", "content-encoding"})


@dataclass(slots=True)
class Replay:
    """The recorded exchanges. Each is played once, in order; the last that fits is played again for later requests."""

    _waiting: list[Exchange] = field(default_factory=list)
    _played: list[Exchange] = field(default_factory=list)

    def add(self, recording: Recording) -> None:
        """Play this recording too."""
        self._waiting.extend(recording.exchanges)

    def take(self, method: str, path: str, body: Mapping[str, Any]) -> Exchange | None:
        """Return the exchange that answers a request, or None."""
        for exchange in self._waiting:
            if exchange.fits(method, path, body):
                self._waiting.remove(exchange)
                self._played.append(exchange)
                return exchange
        return next((each for each in reversed(self._played) if each.fits(method, path, body)), None)


async def play(exchange: Exchange, request: web.Request) -> web.StreamResponse:
    """Send a recorded answer."""
    headers = {name: value for name, value in exchange.headers.items() if name.lower() not in _OURS}
    if exchange.chunks is None:
        return _whole(exchange, headers)
    response = web.StreamResponse(status=exchange.status, headers={"Content-Type": "text/event-stream", **headers})
    await response.prepare(request)
    for chunk in exchange.chunks:
        await response.write(chunk.encode())
    return response


def _whole(exchange: Exchange, headers: Mapping[str, str]) -> web.Response:
    if isinstance(exchange.body, str):
        return web.Response(body=exchange.body.encode(), status=exchange.status, headers=headers)
    answer = web.json_response(exchange.body, status=exchange.status)
    answer.headers.update(headers)
    return answer
