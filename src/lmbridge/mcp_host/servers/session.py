"""One MCP session over an open connection: greeting in both eras, a lenient list of tools, calls; the SDK drives it.

Lists and calls are sent raw through the SDK's dispatcher, because its typed methods refuse a whole list for one bad tool
and a whole result for one unknown content kind, after the tool has run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self

import mcp_types as types
from mcp.client.session import ClientSession
from mcp.shared.exceptions import MCPError
from mcp.shared.inbound import (
    MCP_METHOD_HEADER,
    MCP_NAME_HEADER,
    MCP_PROTOCOL_VERSION_HEADER,
    encode_header_value,
    find_invalid_x_mcp_header,
    mcp_param_headers,
    x_mcp_header_map,
)
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher
from mcp_types import (
    CLIENT_CAPABILITIES_META_KEY,
    CLIENT_INFO_META_KEY,
    METHOD_NOT_FOUND,
    PROTOCOL_VERSION_META_KEY,
    UNSUPPORTED_PROTOCOL_VERSION,
)

from lmbridge._version import __version__
from lmbridge.mcp_host.tools.listing import Listing, Raw
from lmbridge.mcp_host.transport.base import Link, Streams
from lmbridge.mcp_host.transport.requester import NO_HEADERS, OnProgress, Requester
from lmbridge.text import quoted

Era = Literal["modern", "legacy"]

_US = types.Implementation(name="lmbridge", version=__version__)
_OURSELVES = _US.model_dump(by_alias=True, mode="json", exclude_none=True)
_DISCOVER_S = 3.0
_PAGES = 100
_TOOLS = 5000


@dataclass(slots=True)
class _Pages:
    """Gathers the pages of a list; tells when to stop."""

    tools: list[Raw] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    cursors: set[str] = field(default_factory=set)
    ttl_s: float = 0.0

    def add(self, page: Raw) -> str | None:
        """Takes a page; the cursor of the next one, or None."""
        tools = page.get("tools")
        if not isinstance(tools, list):
            self.problems.append("a page of its tool list holds no list")
            return None
        self.tools += [tool for tool in tools if isinstance(tool, dict)]
        if len(self.tools) < len(tools):
            self.problems.append("some entries of its tool list are not objects")
        ttl = page.get("ttlMs")
        self.ttl_s = ttl / 1000 if isinstance(ttl, int | float) and ttl > 0 else 0.0
        return self._next(page.get("nextCursor"))

    def _next(self, cursor: Any) -> str | None:
        if not isinstance(cursor, str) or not cursor:
            return None
        if cursor in self.cursors or len(self.cursors) >= _PAGES or len(self.tools) > _TOOLS:
            self.problems.append(f"its tool list does not end; the first {len(self.tools)} tools were taken")
            return None
        self.cursors.add(cursor)
        return cursor

    def listing(self) -> Listing:
        """What was gathered."""
        return Listing(tuple(self.tools[:_TOOLS]), tuple(self.problems), self.ttl_s)


class Session:
    """A session with one server. Entered and left by the task that owns the connection; calls may come from others.

    Args:
        link: The connection.
        streams: What entering it gave.
    """

    def __init__(self, link: Link, streams: Streams) -> None:
        link.on_notification = self._noticed
        dispatcher: JSONRPCDispatcher[Any] = JSONRPCDispatcher(*streams)
        self._session = ClientSession(dispatcher=dispatcher, client_info=_US)
        self._opening = link.requester(dispatcher)
        self._requester: Requester | None = None
        self._stack = AsyncExitStack()
        self._headers: dict[str, Mapping[tuple[str, ...], str]] = {}
        self.tools_changed = False
        self.era: Era = "legacy"

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._session)
            self._requester = await stack.enter_async_context(self._opening)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    def _noticed(self, method: str) -> None:
        self.tools_changed = self.tools_changed or method == "notifications/tools/list_changed"

    async def greet(self, era: Era | None) -> Era:
        """Agrees on a protocol version; `era` is what is known from an earlier session with this server.

        Raises:
            MCPError: The server refused, or the connection broke.
            RuntimeError: No protocol version in common.
        """
        if era == "legacy" or not await self._discovered():
            await self._initialize()
        self.era = "modern" if self._session.discover_result is not None else "legacy"
        return self.era

    async def _discovered(self) -> bool:
        """Whether the server answers `server/discover`, as modern ones do, in good time."""
        try:
            async with asyncio.timeout(_DISCOVER_S):
                await self._session.discover()
        except TimeoutError:
            return False
        except (ValueError, RuntimeError):
            return False  # an answer that is no discovery
        except MCPError:
            return (
                False  # refused, maybe with the code that also means a closed connection (TypeScript servers do that)
            )
        return True

    async def _initialize(self) -> None:
        try:
            await self._session.initialize()
        except MCPError as error:
            if error.code != UNSUPPORTED_PROTOCOL_VERSION:
                raise
            await self._session.discover()  # a modern server that was only slow to say so

    @property
    def server_name(self) -> str:
        """What the server calls itself."""
        info = self._session.server_info
        return info.name if info else ""

    @property
    def version(self) -> str:
        """The agreed protocol version."""
        return self._session.protocol_version or ""

    @property
    def extensions(self) -> Mapping[str, Any]:
        """The extensions that the server declares, by name, with what it says of each; those of the modern era."""
        found = self._session.discover_result
        return (found.capabilities.extensions if found else None) or {}

    @property
    def instructions(self) -> str:
        """What the server wants models to be told, raw."""
        return self._session.instructions or ""

    async def tools(self) -> Listing:
        """All pages of the tool list, as they are.

        Raises:
            MCPError: The server refused, or the connection broke.
        """
        self.tools_changed = False
        pages = _Pages()
        cursor: str | None = None
        while True:
            try:
                page = await self._send("tools/list", {"cursor": cursor} if cursor else {})
            except MCPError as error:
                if error.code != METHOD_NOT_FOUND:
                    raise
                return Listing(problems=("it offers no tools",))
            cursor = pages.add(page)
            if cursor is None:
                break
        if self.era == "modern":
            pages.tools = [tool for tool in pages.tools if self._sendable(tool, pages.problems)]
        return pages.listing()

    def _sendable(self, tool: Raw, problems: list[str]) -> bool:
        """Notes which arguments are also sent as HTTP headers (`x-mcp-header`); tools that ask for impossible ones go.

        The specification of 2026-07-28 has clients leave such tools out.
        """
        schema, name = tool.get("inputSchema"), str(tool.get("name"))
        if not isinstance(schema, dict):
            return True
        if (reason := find_invalid_x_mcp_header(schema)) is not None:
            problems.append(
                f"its tool {quoted(name)} asks for an impossible header ({quoted(str(reason))}) and is left out"
            )
            return False
        self._headers[name] = x_mcp_header_map(schema)
        return True

    async def call(self, tool: str, arguments: Raw, *, on_progress: OnProgress | None = None) -> Raw:
        """Calls a tool; gives its raw result.

        Raises:
            MCPError: The server refused, or the connection broke.
        """
        known = self._headers.get(tool)
        headers = mcp_param_headers(known, arguments) if known else NO_HEADERS
        params = {"name": tool, "arguments": dict(arguments)}
        return await self._send("tools/call", params, name=tool, headers=headers, on_progress=on_progress)

    async def ask(self, method: str, params: Raw, *, name: str | None = None) -> Raw:
        """The raw result of any request; `name` is what it is about. Raises like `call`."""
        return await self._send(method, dict(params), name=name)

    async def _send(
        self,
        method: str,
        params: dict[str, Any],
        *,
        name: str | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
        on_progress: OnProgress | None = None,
    ) -> Raw:
        if self.era == "modern":
            params = {**params, "_meta": self._meta()}
        assert self._requester is not None, "the session is entered"
        return await self._requester.request(
            method, params, headers=self._sent_along(method, name, headers), on_progress=on_progress
        )

    def _sent_along(self, method: str, name: str | None, headers: Mapping[str, str]) -> Mapping[str, str]:
        """The headers of a request, for connections that have some."""
        version = {MCP_PROTOCOL_VERSION_HEADER: self.version}
        if self.era == "legacy":
            return version
        named = {} if name is None else {MCP_NAME_HEADER: encode_header_value(name)}
        return {**version, MCP_METHOD_HEADER: method, **headers, **named}

    def _meta(self) -> dict[str, Any]:
        """The envelope that every request of the modern era carries."""
        return {
            PROTOCOL_VERSION_META_KEY: self.version,
            CLIENT_INFO_META_KEY: _OURSELVES,
            CLIENT_CAPABILITIES_META_KEY: {},
        }
