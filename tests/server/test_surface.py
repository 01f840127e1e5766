"""What a client is shown: exact names, parameters and defaults, and no more bytes than the calling agent should pay."""

import json
from typing import Any

import pytest
from mcp import Client, types

from lmbridge.server.app import build_server
from lmbridge.server.tools.registry import GROUPS, INSTRUCTIONS, declared_tools
from lmbridge.settings import Settings

REQUIRED: Any = object()
TASK = {"task": REQUIRED, "max_rounds": 10_000, "max_tokens": "auto", "model": None}
PUBLIC: dict[str, dict[str, Any]] = {
    "autonomous_with_mcp": {"mcp_name": REQUIRED, **TASK},
    "autonomous_with_multiple_mcps": {"mcp_names": REQUIRED, **TASK, "on_mcp_failure": "continue"},
    "autonomous_discover_and_execute": TASK,
    "list_available_mcps": {},
    "health_check": {},
    "list_models": {},
    "get_current_model": {},
    "chat_completion": {
        "prompt": REQUIRED,
        "system_prompt": "",
        "temperature": 0.7,
        "max_tokens": 1024,
        "response_format": None,
        "model": None,
    },
    "text_completion": {
        "prompt": REQUIRED,
        "temperature": 0.7,
        "max_tokens": 1024,
        "stop_sequences": None,
        "model": None,
    },
    "generate_embeddings": {"text": REQUIRED, "model": "default"},
    "create_response": {"input_text": REQUIRED, "previous_response_id": None, "stream": False, "model": None},
    "lms_list_loaded_models": {},
    "lms_list_downloaded_models": {},
    "lms_load_model": {"model_name": REQUIRED, "keep_loaded": True},
    "lms_unload_model": {"model_name": REQUIRED},
    "lms_ensure_model_loaded": {"model_name": REQUIRED},
    "lms_download_model": {"model_key": REQUIRED, "wait": False},
    "lms_resolve_model": {"model_key": REQUIRED, "auto_fallback": False, "task_type": None},
    "lms_server_status": {},
    "list_runs": {},
    "get_run": {"run_id": REQUIRED},
    "cancel_run": {"run_id": REQUIRED},
}
EXTRAS = {"background", "timeout", "access", "output_schema", "accept", "continue_run", "tools", "on_mcp_failure"}
EXTRAS |= {"wait", "detail", "cursor", "limit"}


async def never() -> Any:
    raise AssertionError("the bridge was opened")


async def listed(**values: Any) -> list[types.Tool]:
    async with Client(build_server(Settings(**values), never)) as client:
        return (await client.list_tools()).tools


async def test_the_tools_and_their_parameters_are_the_public_ones():
    tools = {tool.name: tool.input_schema for tool in await listed()}
    assert set(tools) == set(PUBLIC)
    for name, wanted in PUBLIC.items():
        given = tools[name]["properties"]
        assert set(given) - set(wanted) <= EXTRAS, name
        assert {key for key, value in wanted.items() if value is REQUIRED} == set(tools[name].get("required", [])), name
        for parameter, default in wanted.items():
            if default is not REQUIRED:
                assert given[parameter].get("default") == default, f"{name}.{parameter}"


async def test_the_whole_default_surface_weighs_at_most_12_kb():
    async with Client(build_server(Settings(), never)) as client:
        result = await client.list_tools()
    body = result.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert len(json.dumps({"tools": body["tools"]}).encode()) <= 12_000


async def test_every_tool_has_a_title_a_description_hints_and_an_output_schema():
    for tool in await listed():
        assert tool.title, tool.name
        assert 10 < len(tool.description or "") <= 300, tool.name
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is not None, tool.name
        assert tool.output_schema is not None
        assert tool.output_schema["type"] == "object"


async def test_only_what_may_change_something_is_said_to():
    hints = {tool.name: tool.annotations for tool in await listed()}
    reading = {name for name, hint in hints.items() if hint and hint.read_only_hint}
    assert reading == {
        "list_available_mcps",
        "health_check",
        "list_models",
        "get_current_model",
        "list_runs",
        "get_run",
        "chat_completion",
        "text_completion",
        "generate_embeddings",
        "lms_list_loaded_models",
        "lms_list_downloaded_models",
        "lms_resolve_model",
        "lms_server_status",
    }


async def test_the_list_is_the_same_every_time():
    assert await listed() == await listed()


@pytest.mark.parametrize("group", GROUPS)
async def test_a_group_can_be_switched_off(group: str):
    left = tuple(each for each in GROUPS if each != group)
    names = {tool.name for tool in await listed(tool_groups=left)}
    gone = {tool.name for tool in declared_tools([group])}
    assert gone
    assert names == set(PUBLIC) - gone


async def test_the_instructions_are_short_and_name_the_further_parameters():
    async with Client(build_server(Settings(), never)) as client:
        assert client.instructions == INSTRUCTIONS
    assert len(INSTRUCTIONS) < 2000
    for parameter in ("background", "access", "output_schema", "accept", "continue_run", "timeout", "tools"):
        assert parameter in INSTRUCTIONS


async def test_listing_opens_no_bridge_and_an_unknown_tool_is_told_with_the_nearest():
    async with Client(build_server(Settings(), never)) as client:
        await client.list_tools()
        with pytest.raises(Exception, match="did you mean list_models"):
            await client.call_tool("list_model", {})
