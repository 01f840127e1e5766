"""Every tool with arguments of the right kind that make no sense: an answer or a clear error, soon, and never a fault."""

import asyncio
from typing import Any

import pytest
from mcp import Client

from lmbridge.server.tools.declare import Tool
from lmbridge.server.tools.registry import ALL
from lmbridge.testing import FakeLMStudio, say
from server.conftest import Bench
from server.test_arguments import GROUPS, kind

TEXTS = (
    "x" * 100_000,
    "../../etc/passwd",
    "\x00\x07\x1b[2J",
    "名前 ✨ \u202e",
    "{}",
    "-rf",
    "%s%n",
    "default",
    " ",
    "\n",
)
NUMBERS = (1, 2**31, 10**18)
OBJECTS: tuple[dict[str, Any], ...] = ({}, {"type": "object"}, {"$ref": "#/no"}, {"": None}, {"a": {"b": [1, None]}})
ANYTHING = (*TEXTS, *NUMBERS, *OBJECTS, None)


def values(schema: dict[str, Any], number: int) -> Any:
    """A value that the schema allows, a different one for each number."""
    if "enum" in schema:
        return schema["enum"][number % len(schema["enum"])]
    if not schema:
        return ANYTHING[number * 2 % len(ANYTHING)]
    wanted = kind(schema)[0]
    if wanted == "array":
        return [values(schema.get("items", {"type": "string"}), number)]
    kinds: dict[str, tuple[Any, ...]] = {"string": TEXTS, "object": OBJECTS, "boolean": (True, False)}
    several = kinds.get(wanted, NUMBERS)
    value = several[number % len(several)]
    return min(value, schema["maximum"]) if "maximum" in schema else value


def nonsense(tool: Tool, number: int) -> dict[str, Any]:
    """Arguments for a tool; every other time only the required ones."""
    names = tool.schema["properties"] if number % 2 else tool.schema.get("required", [])
    return {name: values(tool.schema["properties"][name], number) for name in names}


async def never_faulty(client: Client, tool: Tool, number: int) -> None:
    arguments = nonsense(tool, number)
    if "wait" in arguments:
        arguments["wait"] = 0.01
    async with asyncio.timeout(100):
        result = await client.call_tool(tool.name, arguments)
    text = result.content[0].text  # type: ignore[union-attr]  # always text
    assert result.structured_content is not None
    assert "Traceback" not in text
    assert not text.startswith("internal_error"), (tool.name, str(arguments)[:500], text)
    if result.is_error:
        code, _, rest = text.partition(": ")
        assert code.replace("_", "").isalpha(), text
        assert len(rest) < 5000, "a value is repeated at length"


@pytest.mark.parametrize("number", range(10))
async def test_nonsense_gets_an_answer_or_a_clear_error(number: int, bench: Bench):
    bench.environment |= {"LMBRIDGE_RUN_TIMEOUT": "5", "LMBRIDGE_TOOL_GROUPS": ",".join(GROUPS)}
    bench.configure({})
    async with FakeLMStudio() as fake:
        fake.script(*[say("ok")] * 200)
        bench.environment["LMSTUDIO_BASE_URL"] = fake.base_url
        async with bench.local("legacy") as client:
            for tool in ALL:
                await never_faulty(client, tool, number)
