"""`lmbridge serve`: the MCP server."""

from __future__ import annotations

import click

from lmbridge.cli.common import with_settings
from lmbridge.server.transport.first_answers import Begun
from lmbridge.settings import Settings


class Address(click.ParamType):
    """`HOST:PORT`, `:PORT` or `PORT`; the host is loopback when left out."""

    name = "HOST:PORT"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """The value as host and port."""
        if isinstance(value, tuple):
            return value
        host, _, port = str(value).rpartition(":")
        if not port.isdigit() or not 0 <= int(port) <= 65535:
            self.fail(f"{value!r} is not HOST:PORT, with a port from 0 to 65535.", param, ctx)
        return host.strip("[]") or "127.0.0.1", int(port)


@click.command()
@click.option("--http", type=Address(), help="Serve streamable HTTP at /mcp instead of stdio.")
@click.option("--metrics", type=Address(), help="Serve /metrics there.")
@with_settings
@click.pass_obj
def serve(
    begun: Begun | None, settings: Settings, http: tuple[str, int] | None, metrics: tuple[str, int] | None
) -> None:
    """Serve MCP to a client: over stdio, or over HTTP with --http.

    --http asks clients for a bearer token: LMBRIDGE_HTTP_TOKEN, or on loopback one that is made at the first start
    (`lmbridge doctor` says where it is).
    """
    from lmbridge.server.transport.shutdown import leave_now  # here: other commands need no server

    if http is not None:
        from lmbridge.server.transport.http import serve_http

        leave_now(serve_http(settings, *http, metrics=metrics))
    from lmbridge.server.transport.stdio import serve_stdio

    leave_now(serve_stdio(settings, metrics=metrics, begun=begun))
