"""Our server factory with the official suite's `test_*` tools, resources and prompts put on it, over our own HTTP face.

Run as a program: `python fixture_server.py PORT STATE_FOLDER [warm]`. Everything below only adds to what `build_server` made: each handler
passes on whatever is not a fixture, so that the scenarios meet our listing, our errors, our door and our transport.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
import warnings
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import mcp_types as types
import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.streamable_http import EventCallback, EventMessage, EventStore
from mcp.server.subscriptions import (
    InMemorySubscriptionBus,
    ListenHandler,
    PromptsListChanged,
    ToolsListChanged,
)
from mcp.shared.exceptions import MCPDeprecationWarning, MCPError

from conformance import task_fixtures
from lmbridge.server.app import build_server
from lmbridge.server.lazy_bridge import LazyBridge
from lmbridge.server.transport.auth import Rules
from lmbridge.server.transport.http import listening, mcp_app
from lmbridge.settings import Settings
from lmbridge.testing import FakeLMStudio

warnings.simplefilter("ignore", MCPDeprecationWarning)  # the suite tests what newer revisions have deprecated

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg=="
SOUND = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA="
BUS = InMemorySubscriptionBus()
STATES: set[str] = set()

Ran = types.CallToolResult | types.InputRequiredResult
Run = Callable[[Any, types.CallToolRequestParams], Awaitable[Ran]]


def text(value: str) -> types.TextContent:
    return types.TextContent(type="text", text=value)


def content(*blocks: Any, failed: bool = False) -> types.CallToolResult:
    return types.CallToolResult(content=list(blocks), is_error=failed)


def resource(uri: str, value: str, kind: str = "text/plain") -> types.EmbeddedResource:
    return types.EmbeddedResource(
        type="resource", resource=types.TextResourceContents(uri=uri, mime_type=kind, text=value)
    )


IMAGE = types.ImageContent(type="image", data=PIXEL, mime_type="image/png")
AUDIO = types.AudioContent(type="audio", data=SOUND, mime_type="audio/wav")
FIXED: dict[str, types.CallToolResult] = {
    "test_simple_text": content(text("A simple text.")),
    "test_image_content": content(IMAGE),
    "test_audio_content": content(AUDIO),
    "test_embedded_resource": content(resource("test://embedded-resource", "An embedded resource.")),
    "test_multiple_content_types": content(text("Several:"), IMAGE, resource("test://mixed", "{}", "application/json")),
    "test_error_handling": content(text("This tool fails on purpose."), failed=True),
    "json_schema_2020_12_tool": content(text("ok")),
    "test_headers": content(text("ok")),
}
SCHEMAS: dict[str, dict[str, Any]] = {
    "json_schema_2020_12_tool": {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
            }
        },
        "properties": {
            "name": {"type": "string"},
            "address": {"$ref": "#/$defs/address"},
            "contactMethod": {"type": "string", "enum": ["phone", "email"]},
            "phone": {"type": "string"},
            "email": {"type": "string"},
        },
        "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
        "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
        "then": {"required": ["phone"]},
        "else": {"required": ["email"]},
        "additionalProperties": False,
    },
    "test_headers": {
        "type": "object",
        "properties": {
            "region": {"type": "string", "x-mcp-header": "Region"},
            "query": {"type": "string"},
        },
        "required": ["region"],
    },
    "test_sampling": {"type": "object", "properties": {"prompt": {"type": "string"}}, "required": ["prompt"]},
    "test_elicitation": {"type": "object", "properties": {"message": {"type": "string"}}, "required": ["message"]},
}


# --- asking in the middle of a call (handshake era)


async def logging(ctx: Any, _params: Any) -> Ran:
    for words in ("started", "works", "is done"):
        await ctx.session.send_log_message("info", f"The tool {words}", related_request_id=ctx.request_id)
        await asyncio.sleep(0.05)
    return content(text("Logged."))


async def progress(ctx: Any, _params: Any) -> Ran:
    for step in (0, 50, 100):
        await ctx.session.report_progress(step, 100, f"Step {step}")
        await asyncio.sleep(0.05)
    return content(text("Done."))


async def sampling(ctx: Any, params: types.CallToolRequestParams) -> Ran:
    asked = types.SamplingMessage(role="user", content=text((params.arguments or {})["prompt"]))
    answer = await ctx.session.create_message([asked], max_tokens=100, related_request_id=ctx.request_id)
    return content(text(f"LLM response: {answer.content.text}"))


async def elicited(ctx: Any, message: str, properties: dict[str, Any], required: list[str]) -> Ran:
    schema = {"type": "object", "properties": properties, "required": required}
    answer = await ctx.session.elicit_form(message, schema, related_request_id=ctx.request_id)
    return content(text(f"action={answer.action}, content={answer.content}"))


async def elicitation(ctx: Any, params: types.CallToolRequestParams) -> Ran:
    return await elicited(ctx, (params.arguments or {})["message"], {"response": {"type": "string"}}, ["response"])


async def elicitation_defaults(ctx: Any, _params: Any) -> Ran:
    properties = {
        "name": {"type": "string", "default": "John Doe"},
        "age": {"type": "integer", "default": 30},
        "score": {"type": "number", "default": 95.5},
        "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
        "verified": {"type": "boolean", "default": True},
    }
    return await elicited(ctx, "Tell me.", properties, [])


async def elicitation_enums(ctx: Any, _params: Any) -> Ran:
    titled = [{"const": "value1", "title": "First"}, {"const": "value2", "title": "Second"}]
    options = ["option1", "option2", "option3"]
    properties = {
        "untitledSingle": {"type": "string", "enum": options},
        "titledSingle": {"type": "string", "oneOf": titled},
        "legacyEnum": {"type": "string", "enum": ["opt1", "opt2"], "enumNames": ["First", "Second"]},
        "untitledMulti": {"type": "array", "items": {"type": "string", "enum": options}},
        "titledMulti": {"type": "array", "items": {"anyOf": titled}},
    }
    return await elicited(ctx, "Choose.", properties, [])


async def reconnection(ctx: Any, _params: Any) -> Ran:
    if ctx.close_sse_stream:
        await ctx.close_sse_stream()
    await asyncio.sleep(0.2)
    return content(text("Reconnected."))


# --- asking first (2026-07-28)


def asks(message: str, field: str, kind: str = "string") -> types.ElicitRequest:
    schema = {"type": "object", "properties": {field: {"type": kind}}, "required": [field]}
    return types.ElicitRequest(params=types.ElicitRequestFormParams(message=message, requested_schema=schema))


def samples(prompt: str) -> types.CreateMessageRequest:
    asked = types.SamplingMessage(role="user", content=text(prompt))
    return types.CreateMessageRequest(params=types.CreateMessageRequestParams(messages=[asked], max_tokens=100))


ASKED: dict[str, list[dict[str, Any]]] = {
    "test_input_required_result_elicitation": [{"user_name": asks("What is your name?", "name")}],
    "test_input_required_result_sampling": [{"capital_question": samples("What is the capital of France?")}],
    "test_input_required_result_list_roots": [{"client_roots": types.ListRootsRequest()}],
    "test_input_required_result_request_state": [{"confirm": asks("Please confirm", "ok", "boolean")}],
    "test_input_required_result_tampered_state": [{"confirm": asks("Please confirm", "ok", "boolean")}],
    "test_input_required_result_multiple_inputs": [
        {
            "user_name": asks("What is your name?", "name"),
            "greeting": samples("Generate a greeting"),
            "client_roots": types.ListRootsRequest(),
        }
    ],
    "test_input_required_result_multi_round": [
        {"step1": asks("Step 1: What is your name?", "name")},
        {"step2": asks("Step 2: What is your favorite color?", "color")},
    ],
    "test_streaming_elicitation": [{"user_name": asks("What is your name?", "name")}],
}
WITHOUT_STATE = {"elicitation", "sampling", "list_roots"}


async def asking(ctx: Any, params: types.CallToolRequestParams) -> Ran:
    """Asks what the tool's rounds want, one after another, each with a state that nobody can guess."""
    if params.request_state is not None and params.request_state not in STATES:
        raise MCPError(types.INVALID_PARAMS, "Invalid or expired requestState")
    rounds = ASKED[params.name]
    answers = params.input_responses or {}
    if params.name.endswith("multi_round"):
        number = 1 if "step1" in answers else 2 if "step2" in answers else 0
    else:
        number = 1 if set(rounds[0]) <= set(answers) else 0
    if number == len(rounds):
        return content(text(f"state-ok, and thank you for {', '.join(sorted(answers))}."))
    stateless = params.name.removeprefix("test_input_required_result_") in WITHOUT_STATE
    return types.InputRequiredResult(input_requests=rounds[number], request_state=None if stateless else new_state())


def new_state() -> str:
    state = secrets.token_urlsafe(24)
    STATES.add(state)
    return state


async def capabilities(ctx: Any, _params: Any) -> Ran:
    """Asks only what the client says it can be asked."""
    able = ctx.session.client_capabilities
    wanted: dict[str, Any] = {}
    if able and able.elicitation is not None:
        wanted["user_name"] = asks("What is your name?", "name")
    if able and able.sampling is not None:
        wanted["greeting"] = samples("Generate a greeting")
    return types.InputRequiredResult(input_requests=wanted) if wanted else content(text("Nobody can be asked."))


async def missing_capability(ctx: Any, _params: Any) -> Ran:
    able = ctx.session.client_capabilities
    if not able or able.sampling is None:
        needed = {"requiredCapabilities": {"sampling": {}}}
        raise MCPError(types.MISSING_REQUIRED_CLIENT_CAPABILITY, "The client must declare sampling", needed)
    return content(text("ok"))


async def tool_change(_ctx: Any, _params: Any) -> Ran:
    await BUS.publish(ToolsListChanged())
    return content(text("Told."))


async def prompt_change(_ctx: Any, _params: Any) -> Ran:
    await BUS.publish(PromptsListChanged())
    return content(text("Told."))


RUNS: dict[str, Run] = {
    "test_tool_with_logging": logging,
    "test_logging_tool": logging,
    "test_tool_with_progress": progress,
    "test_sampling": sampling,
    "test_elicitation": elicitation,
    "test_elicitation_sep1034_defaults": elicitation_defaults,
    "test_elicitation_sep1330_enums": elicitation_enums,
    "test_reconnection": reconnection,
    "test_input_required_result_capabilities": capabilities,
    "test_missing_capability": missing_capability,
    "test_trigger_tool_change": tool_change,
    "test_trigger_prompt_change": prompt_change,
    **dict.fromkeys(ASKED, asking),
}


# --- resources and prompts

TEXTS = {"test://static-text": "A static text.", "test://watched-resource": "Watched."}


def read(uri: str) -> types.ReadResourceResult | None:
    if uri in TEXTS:
        found: Any = types.TextResourceContents(uri=uri, mime_type="text/plain", text=TEXTS[uri])
    elif uri == "test://static-binary":
        found = types.BlobResourceContents(uri=uri, mime_type="image/png", blob=PIXEL)
    elif uri.startswith("test://template/") and uri.endswith("/data"):
        name = uri.removeprefix("test://template/").removesuffix("/data")
        found = types.TextResourceContents(uri=uri, mime_type="application/json", text=f'{{"id": "{name}"}}')
    else:
        return None
    return types.ReadResourceResult(contents=[found])


def prompt(params: types.GetPromptRequestParams) -> types.GetPromptResult | types.InputRequiredResult | None:
    given = params.arguments or {}
    blocks: dict[str, list[Any]] = {
        "test_simple_prompt": [text("A simple prompt.")],
        "test_prompt_with_arguments": [text(f"arg1={given.get('arg1')}, arg2={given.get('arg2')}")],
        "test_prompt_with_embedded_resource": [resource(given.get("resourceUri", "test://x"), "Embedded.")],
        "test_prompt_with_image": [IMAGE, text("Look at it.")],
        "test_input_required_result_prompt": [text("With your context.")],
    }
    if params.name not in blocks:
        return None
    if params.name.startswith("test_input_required") and "user_context" not in (params.input_responses or {}):
        asked = asks("What context should the prompt use?", "context")
        return types.InputRequiredResult(input_requests={"user_context": asked})
    messages = [types.PromptMessage(role="user", content=block) for block in blocks[params.name]]
    return types.GetPromptResult(messages=messages)


def argument(name: str) -> types.PromptArgument:
    return types.PromptArgument(name=name, required=True)


PROMPTS = [
    types.Prompt(name=name, description=name, arguments=[argument(each) for each in arguments])
    for name, arguments in {
        "test_simple_prompt": (),
        "test_prompt_with_arguments": ("arg1", "arg2"),
        "test_prompt_with_embedded_resource": ("resourceUri",),
        "test_prompt_with_image": (),
        "test_input_required_result_prompt": (),
    }.items()
]


# --- putting it on our server


def furnished(server: Server[Any], settings: Settings) -> Server[Any]:
    """The server, its handlers extended by the fixtures."""

    def extend(method: str, params_type: Any, extended: Callable[[Any, Any, Any], Awaitable[Any]]) -> None:
        entry = server.get_request_handler(method)
        assert entry is not None, method

        async def handler(ctx: Any, params: Any) -> Any:
            return await extended(entry.handler, ctx, params)

        server.add_request_handler(method, params_type, handler)

    async def list_tools(ours: Any, ctx: Any, params: Any) -> Any:
        names = [*FIXED, *RUNS, *task_fixtures.NAMES]
        fixtures = [
            types.Tool(name=name, description=name, input_schema=SCHEMAS.get(name, {"type": "object"}))
            for name in names
        ]
        return types.ListToolsResult(tools=[*(await ours(ctx, params)).tools, *fixtures])

    async def call_tool(ours: Any, ctx: Any, params: types.CallToolRequestParams) -> Any:
        if params.name in task_fixtures.NAMES:
            return await task_fixtures.called(ours, settings, ctx, params)
        run = RUNS.get(params.name, ours)
        return FIXED.get(params.name) or await run(ctx, params)

    async def list_resources(ours: Any, ctx: Any, params: Any) -> Any:
        fixtures = [types.Resource(uri=uri, name=uri) for uri in (*TEXTS, "test://static-binary")]
        return types.ListResourcesResult(resources=[*(await ours(ctx, params)).resources, *fixtures])

    async def read_resource(ours: Any, ctx: Any, params: types.ReadResourceRequestParams) -> Any:
        return read(params.uri) or await ours(ctx, params)

    async def list_templates(ours: Any, ctx: Any, params: Any) -> Any:
        fixture = types.ResourceTemplate(uri_template="test://template/{id}/data", name="template")
        listed = (await ours(ctx, params)).resource_templates
        return types.ListResourceTemplatesResult(resource_templates=[*listed, fixture])

    async def list_prompts(ours: Any, ctx: Any, params: Any) -> Any:
        return types.ListPromptsResult(prompts=[*(await ours(ctx, params)).prompts, *PROMPTS])

    async def get_prompt(ours: Any, ctx: Any, params: types.GetPromptRequestParams) -> Any:
        return prompt(params) or await ours(ctx, params)

    async def noted(_ctx: Any, _params: Any) -> types.EmptyResult:
        return types.EmptyResult()

    ours_by_name = server.get_tool_input_schema
    server.get_tool_input_schema = lambda name: SCHEMAS.get(name) or (ours_by_name(name) if ours_by_name else None)
    extend("tools/list", types.PaginatedRequestParams, list_tools)
    extend("tools/call", types.CallToolRequestParams, call_tool)
    extend("resources/list", types.PaginatedRequestParams, list_resources)
    extend("resources/read", types.ReadResourceRequestParams, read_resource)
    extend("resources/templates/list", types.PaginatedRequestParams, list_templates)
    extend("prompts/list", types.PaginatedRequestParams, list_prompts)
    extend("prompts/get", types.GetPromptRequestParams, get_prompt)
    server.add_request_handler("resources/subscribe", types.SubscribeRequestParams, noted)
    server.add_request_handler("resources/unsubscribe", types.UnsubscribeRequestParams, noted)
    server.add_request_handler("logging/setLevel", types.SetLevelRequestParams, noted)
    server.add_request_handler("subscriptions/listen", types.SubscriptionsListenRequestParams, ListenHandler(BUS))
    return server


class Events(EventStore):
    """Keeps every event, so that streams can be resumed."""

    def __init__(self) -> None:
        self._kept: list[tuple[str, Any]] = []

    async def store_event(self, stream_id: str, message: Any) -> str:
        self._kept.append((stream_id, message))
        return str(len(self._kept))

    async def replay_events_after(self, last_event_id: str, send_callback: EventCallback) -> str | None:
        last = int(last_event_id)
        stream = self._kept[last - 1][0] if 0 < last <= len(self._kept) else None
        for number, (stream_id, message) in enumerate(self._kept[last:], last + 1):
            if stream_id == stream and message is not None:
                await send_callback(EventMessage(message, str(number)))
        return stream


async def main(port: int, state: str, *, warm: bool) -> None:
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(FakeLMStudio())
        fake.script(task_fixtures.model)
        settings = Settings(
            base_url=fake.base_url, state_dir=Path(state), mcp_json_path=task_fixtures.configured(Path(state))
        )
        bridge = await stack.enter_async_context(LazyBridge(settings))
        if warm:
            await task_fixtures.warmed(await bridge.get())
        server = furnished(build_server(settings, bridge.get), settings)
        app = mcp_app(server, lambda: bridge.opened, Rules.for_address("127.0.0.1", settings), events=Events())
        config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1)
        await uvicorn.Server(config).serve([listening("127.0.0.1", port)])


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], warm=sys.argv[3:] == ["warm"]))
