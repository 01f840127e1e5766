"""`lmbridge serve --http`: many MCP clients over streamable HTTP on one bridge, both protocol eras."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

import structlog
import uvicorn
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.streamable_http import EventStore
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from lmbridge.errors import SettingsError, sole_error
from lmbridge.observe.logging import configure
from lmbridge.server.app import build_server
from lmbridge.server.lazy_bridge import LazyBridge
from lmbridge.server.page.app import Page
from lmbridge.server.page.door import is_page
from lmbridge.server.page.sessions import Sessions
from lmbridge.server.transport.auth import Door, Rules
from lmbridge.server.transport.health_routes import OpenedBridge, watching_routes
from lmbridge.server.transport.http_token import kept_token, token_file
from lmbridge.server.transport.shutdown import Leaving
from lmbridge.settings import Settings

_log = structlog.get_logger(__name__)

PATH = "/mcp"
DRAIN = 8
"""Seconds that running calls get to finish after SIGTERM; then they are cancelled."""
SETTLE = 0.3
"""Seconds for the last answers to be written."""
AFTER_DRAIN = 4.0
"""Seconds for what is left to close after that."""
MAX_BODY = 8 * 2**20
MAX_SESSIONS = 1000
RETRY_MS = 500
"""After so long a client resumes a stream that was closed on purpose."""

Address = tuple[str, int]


def serve_http(settings: Settings, host: str, port: int, *, metrics: Address | None = None) -> int:
    """Serves MCP at `http://host:port/mcp` until a signal comes.

    Args:
        settings: The settings; `http_token` is required off loopback, and made where it is missing on it.
        host: Address to listen on.
        port: Port; 0 takes a free one, which the log names.
        metrics: Address of a further listener for `/metrics` and `/healthz` alone.

    Returns:
        The exit code.

    Raises:
        SettingsError: The address cannot be listened on, lets others in without a token, or the token cannot be kept.
    """
    configure(settings)
    try:
        return asyncio.run(_serve(settings, (host, port), metrics))
    except BaseExceptionGroup as group:
        raise sole_error(group) from None


async def _serve(settings: Settings, address: Address, metrics: Address | None) -> int:
    set_by_hand = Rules.for_address(address[0], settings)
    rules = set_by_hand.with_token(lambda: kept_token(settings.state_dir))
    listener = listening(*address)
    url = url_of(listener, address[0])
    with Leaving.watching(grace=DRAIN + AFTER_DRAIN, hurry=AFTER_DRAIN) as leaving:
        async with LazyBridge(settings, at=url + PATH) as bridge, asyncio.TaskGroup() as tasks:
            server, calls = build_server(settings, bridge.get, at=url + PATH, local=False), CallsInWork()
            server.middleware.append(calls)
            page = Page(settings, Sessions(rules.token), opened=lambda: bridge.opened)
            app = mcp_app(server, lambda: bridge.opened, rules, page=page)
            faces: list[uvicorn.Server] = [QuietServer(config(app))]
            looking = tasks.create_task(page.run())
            tasks.create_task(faces[0].serve([listener]))
            where = {} if rules is set_by_hand else {"token_file": str(token_file(settings.state_dir))}
            _log.info("listening", url=url + PATH, page=url, **where)
            if metrics:
                faces.append(_metrics_server(settings, metrics, bridge, tasks))
            await leaving.signal()
            page.leave()
            looking.cancel()
            await _leave(faces, calls, hurried=leaving.hurried)
    return leaving.exit_code


class CallsInWork:
    """Counts the tool calls in work; a middleware of the MCP server."""

    def __init__(self) -> None:
        self._count = 0
        self._none = asyncio.Event()
        self._none.set()

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Passes a request on."""
        if ctx.method != "tools/call":
            return await call_next(ctx)
        self._count += 1
        self._none.clear()
        try:
            return await call_next(ctx)
        finally:
            self._count -= 1
            if not self._count:
                self._none.set()

    async def over(self, within: float) -> None:
        """Waits until none is in work, at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._none.wait()


async def _leave(faces: list[uvicorn.Server], calls: CallsInWork, *, hurried: bool) -> None:
    """Takes no new connections, lets calls finish, then ends what is left: streams that clients keep open for ever."""
    for face in faces:
        face.should_exit, face.force_exit = True, hurried
    if hurried:
        return
    await calls.over(DRAIN)
    await asyncio.sleep(SETTLE)
    for face in faces:
        for connection in list(face.server_state.connections):
            connection.transport.close()  # as if the client had gone, which ends its stream in order


def mcp_app(
    server: Server[Any],
    opened: OpenedBridge,
    rules: Rules,
    *,
    page: Page | None = None,
    events: EventStore | None = None,
) -> ASGIApp:
    """The ASGI application: the MCP endpoint, health and metrics, behind the door; the page behind its own.

    Args:
        server: The MCP server.
        opened: The bridge, where it is open.
        rules: Who may come in.
        page: The page for people, where there is to be one.
        events: Keeps events, so that clients of 2025-11-25 can resume a stream; none are kept when None.
    """
    app = server.streamable_http_app(
        streamable_http_path=PATH,
        event_store=events,
        retry_interval=RETRY_MS if events else None,
        max_request_body_size=MAX_BODY,
        max_sessions=MAX_SESSIONS,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),  # the door does that
        custom_starlette_routes=watching_routes(opened),
    )
    return Door(app, rules) if page is None else with_page(app, page, rules)


def with_page(app: ASGIApp | None, page: Page, rules: Rules) -> ASGIApp:
    """The page beside an application, or alone; Host and Origin are checked before either.

    Args:
        app: What answers all other addresses.
        page: The page.
        rules: Who may come in; their token opens the page as well.
    """
    shown = page.app(lambda headers: rules.token is not None and rules.knows_token(headers))

    async def either(scope: Scope, receive: Receive, send: Send) -> None:
        of_page = scope["type"] == "http" and (app is None or is_page(scope["path"]))
        await (shown if of_page or app is None else app)(scope, receive, send)

    return Door(either, replace(rules, own_door=is_page))


def metrics_app(opened: OpenedBridge, rules: Rules) -> ASGIApp:
    """The ASGI application of a listener for metrics alone."""
    return Door(Starlette(routes=watching_routes(opened)), rules)


async def serve_metrics(settings: Settings, address: Address, opened: OpenedBridge) -> None:
    """Serves `/metrics` and `/healthz` until cancelled.

    Raises:
        SettingsError: The address cannot be listened on, or lets others in without a token.
    """
    rules = Rules.for_address(address[0], settings)
    listener = listening(*address)
    _log.info("listening", url=url_of(listener, address[0]) + "/metrics")
    await QuietServer(config(metrics_app(opened, rules))).serve([listener])


def _metrics_server(
    settings: Settings, address: Address, bridge: LazyBridge, tasks: asyncio.TaskGroup
) -> uvicorn.Server:
    rules = Rules.for_address(address[0], settings)
    server = QuietServer(config(metrics_app(lambda: bridge.opened, rules)))
    listener = listening(*address)
    _log.info("listening", url=url_of(listener, address[0]) + "/metrics")
    tasks.create_task(server.serve([listener]))
    return server


def config(app: ASGIApp, *, lifespan: Literal["on", "off"] = "on") -> uvicorn.Config:
    """How every listener of lmbridge's is served."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN,
        ws="none",
        lifespan=lifespan,
    )


class QuietServer(uvicorn.Server):
    """uvicorn without its own signal handlers; ours decide when it ends."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Catches none."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends; in a hurry without its connections, for whose end a listener waits from Python 3.12 on."""
        if self.force_exit:
            for connection in list(self.server_state.connections):
                connection.transport.abort()
        await super().shutdown(sockets)


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        SettingsError: The address is taken, or is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"Cannot listen on {host}:{port}: {error.strerror or error}.", hint="Choose another HOST:PORT."
        ) from None
    listener.setblocking(False)
    return listener


def url_of(listener: socket.socket, host: str) -> str:
    """The address that a socket listens at, without a path."""
    return f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
