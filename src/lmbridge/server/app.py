"""The MCP server itself: tools, resources, prompts and completions put on the SDK's low-level `Server`.

The low-level server is used because every byte of the tool list is paid for by the calling agent, and because errors,
progress and questions must look the same in both protocol eras; the SDK's decorators decide these for us otherwise.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import mcp_types as types
import structlog
from mcp.server.caching import CacheHint
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError

from lmbridge._version import __version__
from lmbridge.errors import LmbridgeError
from lmbridge.server.completions import Completions
from lmbridge.server.page.mcp_app import HTML, RunsApp, shows_apps, with_app
from lmbridge.server.prompts import Prompts
from lmbridge.server.resources import Resources
from lmbridge.server.skills import serve_skills
from lmbridge.server.task_methods import Tasks
from lmbridge.server.task_state import TaskMade
from lmbridge.server.tools.arguments import Arguments, nearest
from lmbridge.server.tools.call import Answer, Call, Desk, OpensBridge, as_result
from lmbridge.server.tools.client import Caller, InputRequired
from lmbridge.server.tools.declare import Tool
from lmbridge.server.tools.registry import INSTRUCTIONS, described, tools_of
from lmbridge.settings import Settings

_log = structlog.get_logger(__name__)

Context = ServerRequestContext[Any, Any]

_STABLE = CacheHint(ttl_ms=3_600_000, scope="public")
_OWN = CacheHint(ttl_ms=0, scope="private")


def build_server(
    settings: Settings,
    open_bridge: OpensBridge,
    *,
    more: Sequence[Tool] = (),
    at: str | None = None,
    local: bool = True,
) -> Server[Any]:
    """The server for one bridge; the bridge is opened when a call first needs it.

    Args:
        settings: The settings; `tool_groups` says which tools are offered.
        open_bridge: Gives the bridge.
        more: Further tools to offer beside lmbridge's own.
        at: The address under which this process serves MCP, so that it is never taken for a server to use.
        local: Whether clients run on this machine as this user.
    """
    desk = Desk.for_settings(settings, open_bridge, at=at, local=local)
    toolset = Toolset((*tools_of(settings.tool_groups), *more), desk)
    resources = Resources(desk)
    prompts = Prompts()
    server: Server[Any] = Server(
        "lmbridge",
        version=__version__,
        title="lmbridge",
        description="Hands tasks to local models that work them off with your MCP servers.",
        instructions=INSTRUCTIONS,
        cache_hints={"tools/list": _STABLE, "prompts/list": _STABLE, "resources/list": _OWN},
        on_list_tools=toolset.listed,
        get_tool_input_schema=toolset.schema,
        on_list_resources=resources.listed,
        on_list_resource_templates=resources.templates,
        on_read_resource=resources.read,
        on_list_prompts=prompts.listed,
        on_get_prompt=prompts.rendered,
        on_completion=Completions(desk).completed,
    )
    server.add_request_handler("tools/call", types.CallToolRequestParams, toolset.called)  # it may give a task too
    Tasks(desk, toolset.shown).serve(server)
    serve_skills(server)
    server.middleware.append(guarded)
    return server


async def guarded(ctx: Context, call_next: CallNext) -> HandlerResult:
    """Keeps the words of unexpected exceptions from the client, whichever request they came of.

    Raises:
        MCPError: What the client is told instead.
    """
    try:
        return await call_next(ctx)
    except (MCPError, ValidationError):
        raise
    except LmbridgeError as error:
        code = types.INVALID_PARAMS if error.code == "invalid_arguments" else types.INTERNAL_ERROR
        raise MCPError(code, error.as_line()) from None
    except Exception as error:
        _log.exception("request_crashed", method=ctx.method)
        message = f"{ctx.method} failed with {type(error).__name__}, a fault in lmbridge; its log has the traceback"
        raise MCPError(types.INTERNAL_ERROR, message) from None


class Toolset:
    """The tools of a server: listed, and called with everything that can go wrong turned into an answer."""

    def __init__(self, tools: Sequence[Tool], desk: Desk) -> None:
        self._tools = {tool.name: (tool, Arguments(tool)) for tool in tools}
        self._list = types.ListToolsResult(tools=[described(tool) for tool in tools])
        self._with_app = types.ListToolsResult(
            tools=[with_app(tool) for tool in self._list.tools], ttl_ms=_STABLE.ttl_ms, cache_scope="private"
        )
        self._desk = desk
        self._app = RunsApp(desk.settings)

    async def listed(self, ctx: Context, _params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        """All tools, always in the same order; clients that show apps are told which of them have one."""
        return self._with_app if shows_apps(ctx.session.client_capabilities) else self._list

    def schema(self, name: str) -> dict[str, Any] | None:
        """The input schema of a tool."""
        return self._tools[name][0].schema if name in self._tools else None

    async def called(
        self, ctx: Context, params: types.CallToolRequestParams
    ) -> types.CallToolResult | types.InputRequiredResult | dict[str, Any]:
        """Calls a tool; a dict is what a task is made known with.

        Raises:
            MCPError: There is no such tool, which the protocol wants told as an error of its own.
        """
        if params.name not in self._tools:
            near = nearest(params.name, self._tools)
            raise MCPError(types.INVALID_PARAMS, f"Unknown tool: {params.name[:100]}" + (f" ({near})" if near else ""))
        tool, arguments = self._tools[params.name]
        caller = Caller(ctx, params.input_responses or {}, params.request_state)
        try:
            answer = await tool.run(Call(caller, self._desk), **arguments.checked(params.arguments))
        except InputRequired as question:
            return question.result
        except TaskMade as made:
            return made.result
        except LmbridgeError as error:
            answer = refused(tool, error)
        except (Exception, SystemExit) as error:  # the border to the client: nothing foreign may cross it
            _log.exception("tool_crashed", tool=tool.name)
            answer = refused(tool, crash(tool, error))
        return await self.shown(ctx, tool.name, answer)

    async def shown(self, ctx: Context, tool: str, answer: Answer) -> types.CallToolResult:
        """A tool's answer as its result; for a client that shows apps, with what the app shows of it."""
        told = as_result(answer)
        if shows_apps(ctx.session.client_capabilities):
            fragment = await asyncio.to_thread(self._app.fragment, tool, answer.structured)
            told.meta = {HTML: fragment} if fragment is not None else None
        return told


def refused(tool: Tool, error: LmbridgeError) -> Answer:
    """The answer of a tool that could not do its work."""
    return Answer(tool.refusal(error), error.as_line(), failed=True)


def crash(tool: Tool, error: BaseException) -> LmbridgeError:
    """A fault of lmbridge itself, without the words of the exception."""
    return LmbridgeError(
        f"{tool.name} failed with {type(error).__name__}, a fault in lmbridge.",
        hint="The log on stderr holds the traceback; please report it.",
    )
