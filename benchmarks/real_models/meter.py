"""A proxy between an arm and the engine: the same for every arm, it counts requests and tokens and keeps the last conversation."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson
from aiohttp import web

HOP = {"host", "content-length", "transfer-encoding", "connection", "content-encoding"}


@dataclass
class Counted:
    """What was counted since the last `take`.

    Attributes:
        requests: Replies that were asked for.
        cached: Prompt tokens that the engine had in its cache.
        temperatures: Those asked for; None where a request left it to the engine.
        exchanges: Each request's body and the reply's text as it came.
    """

    requests: int = 0
    cached: int = 0
    temperatures: set[float | None] = field(default_factory=set)
    exchanges: list[tuple[Any, str]] = field(default_factory=list)


class Meter:
    """The proxy as an async context manager; `base_url` is what arms are given."""

    def __init__(self, upstream: str, token: str) -> None:
        self._upstream = upstream.removesuffix("/v1")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._counted = Counted()
        self.base_url = ""

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=64 * 2**20)
        application.router.add_route("*", "/{path:.*}", self._pass_on)
        self._session = aiohttp.ClientSession(
            headers=self._headers,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),
            connector=aiohttp.TCPConnector(force_close=True),  # the engine ends kept connections when it likes
        )
        self._runner = web.AppRunner(application, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()
        await self._runner.cleanup()

    def take(self) -> Counted:
        """What was counted; counting begins anew."""
        counted, self._counted = self._counted, Counted()
        return counted

    async def metrics(self) -> tuple[int, int]:
        """Prompt tokens evaluated and tokens made since the engine started, by its own count."""
        async with self._session.get(self._upstream + "/metrics") as answer:
            lines = (await answer.text()).splitlines()
        values = dict(line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
        names = ("llamacpp:prompt_tokens_total", "llamacpp:tokens_predicted_total")
        evaluated, made = (int(float(values.get(name, 0))) for name in names)
        return evaluated, made

    async def idle(self) -> bool:
        """Whether the engine works on nothing."""
        async with self._session.get(self._upstream + "/slots") as answer:
            return not any(slot["is_processing"] for slot in orjson.loads(await answer.read()))

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {
            name: value for name, value in request.headers.items() if name.lower() not in {*HOP, "authorization"}
        }
        url = self._upstream + request.rel_url.path_qs
        asked = request.path.endswith(("/completions", "/responses", "/completion")) and request.method == "POST"
        async with self._session.request(request.method, url, data=body, headers=headers) as answer:
            passed = {name: value for name, value in answer.headers.items() if name.lower() not in HOP}
            response = web.StreamResponse(status=answer.status, headers=passed)
            await response.prepare(request)
            kept = bytearray()
            try:
                async for piece in answer.content.iter_any():
                    kept += piece
                    await response.write(piece)
                await response.write_eof()
            finally:
                if asked:
                    self._count(body, bytes(kept))
        return response

    def _count(self, body: bytes, reply: bytes) -> None:
        asked = orjson.loads(body)
        text, cached = read_reply(reply)
        self._counted.requests += 1
        self._counted.cached += cached
        self._counted.temperatures.add(asked.get("temperature"))
        self._counted.exchanges.append((asked, text))


def read_reply(reply: bytes) -> tuple[str, int]:
    """The text of a reply (calls as JSON lines), streamed or whole, and the cached prompt tokens that it names."""
    pieces, calls, cached = [], {}, 0
    for line in reply.splitlines():
        try:
            chunk = orjson.loads(line.removeprefix(b"data:").strip())
        except ValueError:
            continue
        if not isinstance(chunk, dict):
            continue
        details = (chunk.get("usage") or {}).get("prompt_tokens_details") or {}
        cached = max(cached, (chunk.get("timings") or {}).get("cache_n", 0), details.get("cached_tokens") or 0)
        for choice in chunk.get("choices") or ():
            said = choice.get("delta") or choice.get("message") or {}
            pieces.append(said.get("content") or choice.get("text") or "")
            for number, call in enumerate(said.get("tool_calls") or ()):
                parts = calls.setdefault(call.get("index", number), [])
                function = call.get("function") or {}
                parts += [function.get("name") or "", function.get("arguments") or ""]
    return "\n".join(
        filter(
            None,
            ["".join(pieces), *("call: " + " ".join(filter(None, c[:1])) + "".join(c[1:]) for c in calls.values())],
        )
    ), cached
