"""`lmbridge runs open`: the page alone, on loopback, for as long as somebody looks at it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import structlog

from lmbridge.observe.logging import configure
from lmbridge.server.page.app import Page
from lmbridge.server.page.sessions import Sessions
from lmbridge.server.transport.auth import Rules
from lmbridge.server.transport.http import QuietServer, config, listening, url_of, with_page
from lmbridge.server.transport.shutdown import Leaving
from lmbridge.settings import Settings

_log = structlog.get_logger(__name__)

HOST = "127.0.0.1"
LEAVING_S = 2.0
"""Seconds in which the process is gone after a signal."""
LOOKS_EVERY_S = 0.5


def serve_page(settings: Settings, port: int, *, path: str, idle_s: float, shown: Callable[[str, str], None]) -> int:
    """Serves the page until nobody has looked at it for a while, or a signal comes.

    Args:
        settings: The settings.
        port: On loopback; 0 takes a free one.
        path: Where the links lead.
        idle_s: Seconds without a look after which it ends.
        shown: Given two links once it is there, each good once: for a browser that is started, and for a person.

    Returns:
        The exit code.

    Raises:
        SettingsError: The port is taken.
    """
    configure(settings)
    return asyncio.run(_serve(settings, port, path, idle_s, shown))


async def _serve(settings: Settings, port: int, path: str, idle_s: float, shown: Callable[[str, str], None]) -> int:
    sessions = Sessions()
    page = Page(settings, sessions)
    listener = listening(HOST, port)
    url = url_of(listener, HOST)
    server = QuietServer(config(with_page(None, page, Rules(None, ("127.0.0.1", "localhost"))), lifespan="off"))
    with Leaving.watching(grace=LEAVING_S, hurry=LEAVING_S) as leaving:
        tasks = [asyncio.ensure_future(each) for each in (server.serve([listener]), page.run())]
        links = [f"{url}{path}?token={sessions.link()}" for _ in range(2)]
        await asyncio.to_thread(shown, *links)
        with contextlib.suppress(TimeoutError):
            await _until_unseen(page, leaving, idle_s)
        page.leave()
        server.should_exit = server.force_exit = True
        tasks[1].cancel()
        await asyncio.wait(tasks)
    return leaving.exit_code


async def _until_unseen(page: Page, leaving: Leaving, idle_s: float) -> None:
    signalled = asyncio.ensure_future(leaving.signal())
    while not signalled.done() and page.idle_s < idle_s:
        await asyncio.wait([signalled], timeout=LOOKS_EVERY_S)
    signalled.cancel()
