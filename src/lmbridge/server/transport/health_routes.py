"""`/metrics` and `/healthz`: beside the MCP endpoint, or on a small listener of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lmbridge._version import __version__

if TYPE_CHECKING:
    from lmbridge.agent.bridge import Bridge

OpenedBridge = Callable[[], "Bridge | None"]
"""The bridge, where a call has opened it already; looking must not start an engine."""


def watching_routes(opened: OpenedBridge) -> list[Route]:
    """The two routes."""

    async def healthz(_request: Request) -> Response:
        bridge = opened()
        live = sum(not run.ended for run in bridge.runs.values()) if bridge else 0
        return JSONResponse({"status": "ok", "version": __version__, "runs": live})

    async def metrics(_request: Request) -> Response:
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        from lmbridge.observe.metrics import Metrics

        bridge = opened()
        body = generate_latest((bridge.metrics if bridge else Metrics()).registry)  # at nought before the first call
        return Response(body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [Route("/healthz", healthz, methods=["GET"]), Route("/metrics", metrics, methods=["GET"])]
