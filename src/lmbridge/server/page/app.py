"""The page as an ASGI application: its views, the one stream of news, the button that stops a run, its files."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from importlib import resources
from typing import TYPE_CHECKING

import structlog
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from lmbridge.errors import InvalidArgumentsError, LmbridgeError, UnknownRunError
from lmbridge.server.page.door import PageDoor
from lmbridge.server.page.history import Filters
from lmbridge.server.page.html import Markup, tag
from lmbridge.server.page.layout import document
from lmbridge.server.page.sessions import PageSession, Sessions
from lmbridge.server.page.views import Views
from lmbridge.settings import Settings

if TYPE_CHECKING:
    from lmbridge.agent.bridge import Bridge

_log = structlog.get_logger(__name__)

EVERY_S = 1.0
"""How often a stream looks for news."""
ALIVE_S = 15.0
"""Seconds after which a stream without news shows that it is still there."""
MOST_STREAMS = 50
FILES = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "htmx.js": "text/javascript",
    "htmx.LICENSE": "text/plain",
    "icon.svg": "image/svg+xml",
}


class Page:
    """One page over one state folder.

    Args:
        settings: The settings.
        sessions: Who may look.
        opened: The bridge of this process, where there is one and it is open.
    """

    def __init__(
        self, settings: Settings, sessions: Sessions, *, opened: Callable[[], Bridge | None] = lambda: None
    ) -> None:
        self.sessions = sessions
        self._views = Views(settings, opened=opened)
        self._streams = 0
        self._seen, self._leaving = asyncio.Event(), asyncio.Event()
        self._asked_at = time.monotonic()

    def app(self, bearer: Callable[[Headers], bool] = lambda _: False) -> ASGIApp:
        """The application, behind its door.

        Args:
            bearer: Whether a request shows the server's bearer token.
        """
        get = {"methods": ["GET"]}
        routes = [
            Route("/", self._now, **get),
            Route("/runs", self._history, **get),
            Route("/runs/{run_id}", self._run, **get),
            Route("/runs/{run_id}/cancel", self._cancel, methods=["POST"]),
            Route("/page/events", self._events, **get),
            Route("/page/{name}", _file, **get),
        ]
        return PageDoor(Starlette(routes=routes, exception_handlers={Exception: _crashed}), self.sessions, bearer)

    def leave(self) -> None:
        """Ends the streams, which would otherwise go on for ever."""
        self._leaving.set()

    @property
    def idle_s(self) -> float:
        """Seconds since anybody looked; none while a stream is open."""
        return 0.0 if self._streams else time.monotonic() - self._asked_at

    async def run(self) -> None:
        """Looks at the backends as long as somebody looks at the page, until cancelled."""
        await self._seen.wait()
        try:
            async with self._views.backends.connected():
                while True:
                    if self.idle_s <= EVERY_S * 5:
                        await self._views.backends.refresh()
                    await asyncio.sleep(EVERY_S)
        except Exception:  # whoever looks on must not harm what is served beside the page
            _log.exception("backends_not_seen")

    def _noticed(self) -> None:
        self._asked_at = time.monotonic()
        self._seen.set()

    # --- views

    async def _now(self, request: Request) -> Response:
        self._noticed()
        body = await asyncio.to_thread(self._views.now, _form(request))
        return HTMLResponse(document("Now", "/", body, live="/page/events"))

    async def _history(self, request: Request) -> Response:
        self._noticed()
        body = await asyncio.to_thread(self._views.history, Filters.of(request.query_params))
        return HTMLResponse(document("History", "/runs", body))

    async def _run(self, request: Request) -> Response:
        self._noticed()
        run_id, until = request.path_params["run_id"], _number(request.query_params.get("until"))
        try:
            body = await asyncio.to_thread(self._views.run, run_id, _form(request), until)
        except LmbridgeError as error:
            return _told(error)
        return HTMLResponse(document(run_id, "", body, live=None if until else f"/page/events?run={run_id}"))

    async def _cancel(self, request: Request) -> Response:
        run_id = request.path_params["run_id"]
        try:
            if await asyncio.to_thread(self._views.at_work, run_id):
                await asyncio.to_thread(self._views.controls.cancel, run_id)
        except LmbridgeError as error:
            return _told(error)
        except OSError as error:
            return PlainTextResponse(f"The run could not be asked to end: {error.strerror}.", 500)
        _log.info("run_asked_to_end", run=run_id)
        return RedirectResponse(f"/runs/{run_id}", 303)

    # --- news

    async def _events(self, request: Request) -> Response:
        run_id = request.query_params.get("run")
        if self._streams >= MOST_STREAMS:
            return PlainTextResponse("Too many streams are open.", 503)
        try:
            render = self._render(run_id, _form(request))
            await asyncio.to_thread(render)
        except LmbridgeError as error:
            return _told(error)
        return StreamingResponse(self._news(render), media_type="text/event-stream")

    def _render(self, run_id: str | None, form: str) -> Callable[[], Markup]:
        if run_id is None:
            return lambda: self._views.now(form)
        return lambda: self._views.run(run_id, form)

    async def _news(self, render: Callable[[], Markup]) -> AsyncIterator[bytes]:
        """The view, whenever it has changed, until the browser goes or the server leaves."""
        self._streams += 1
        try:
            last, told_at = "", time.monotonic()
            while not self._leaving.is_set():
                shown = await asyncio.to_thread(render)
                if shown != last:
                    last, told_at = shown, time.monotonic()
                    yield _event(shown)
                elif time.monotonic() - told_at > ALIVE_S:
                    told_at = time.monotonic()
                    yield b": still here\n\n"
                await self._pause()
        except LmbridgeError:
            return  # the run was removed meanwhile
        finally:
            self._streams -= 1
            self._noticed()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(EVERY_S):
                await self._leaving.wait()
        except TimeoutError:
            pass


def _event(shown: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in shown.split("\n"))
    return f"{lines}\n".encode("utf-8", "replace")


def _form(request: Request) -> str:
    session: PageSession | None = request.scope.get("session")
    return session.form if session else ""


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else None


def _told(error: LmbridgeError) -> Response:
    """An error as a page: what is wrong, and what to do."""
    unknown = isinstance(error, UnknownRunError | InvalidArgumentsError)
    body = [tag("h1", "Not found" if unknown else "This cannot be shown"), tag("p", error.message)]
    body += [tag("p", error.hint)] if error.hint else []
    return HTMLResponse(document("Not found", "", *body), 404 if unknown else 500)


async def _crashed(_request: Request, error: Exception) -> Response:
    """A fault of lmbridge itself, without its words; the log has them."""
    _log.error("page_crashed", error=type(error).__name__, exc_info=error)
    return HTMLResponse(
        document("Fault", "", tag("h1", "A fault in lmbridge"), tag("p", "Its log has the reason.")), 500
    )


async def _file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in FILES:
        return PlainTextResponse("Not found", 404)
    held = resources.files("lmbridge.server.page") / "static" / name
    return Response(held.read_bytes(), media_type=FILES[name])
