"""One world for all cases: its servers are started once, and each case begins with everything as it was."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import anyio.from_thread
import pytest

from attacks.market import Market
from attacks.runner import opened_market
from attacks.world import World, settings_for
from lmbridge.agent.bridge import Bridge
from lmbridge.testing import FakeLMStudio

Ran = Callable[..., Any]


@asynccontextmanager
async def opened(root: Path) -> AsyncIterator[World]:
    async with (
        FakeLMStudio(models=["qwen/qwen3-4b-2507"]) as fake,
        Bridge.open(settings_for(root, fake.base_url)) as bridge,
    ):
        yield World(root, fake, bridge)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Ran]]:
    """The world, and a way to run something in its event loop."""
    root = tmp_path_factory.mktemp("world")
    with (
        anyio.from_thread.start_blocking_portal() as portal,
        portal.wrap_async_context_manager(opened(root)) as world,
    ):
        yield world, portal.call


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Market, Ran]]:
    """The world of many servers, and a way to run something in its event loop."""
    root = tmp_path_factory.mktemp("market")
    with (
        anyio.from_thread.start_blocking_portal() as portal,
        portal.wrap_async_context_manager(opened_market(root)) as world,
    ):
        yield world, portal.call


@pytest.fixture
def pages() -> Iterator[str]:
    """The address of a small site on loopback."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"Lamps shine. See lamp.txt.\n"
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return None

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_port}"
        site.shutdown()
