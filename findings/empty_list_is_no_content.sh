#!/usr/bin/env bash
# mcp 2.3.0 (PyPI), a tool that returns a Python list: each item becomes a content block of its own, so an empty list is a result without content.
#
# What one guesses: the list comes as one text of JSON, `["a", "b"]`, and an empty one as `[]`, as an empty dict comes as `{}`.
# What happens: two blocks, "a" and "b"; a list of one text is the same content as the plain text; an empty list has no block at
# all, exactly as `None` has none. Which of these it was stands in the structured content alone, and with
# structured_output=False nowhere. A host that gives the model the content shows it nothing where "no hits" was meant, and who
# joins blocks with line breaks makes three hits of ["a\nb", "c"].
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check mcp==2.3.0
"$work/venv/bin/python" - <<'PY'
import asyncio
from typing import Any

from mcp import Client
from mcp.server.mcpserver import MCPServer

server = MCPServer("search")
HITS: dict[str, Any] = {"two": ["a", "b"], "one": ["a"], "none": [], "lines": ["a\nb", "c"]}


@server.tool()
def search(query: str) -> list[str]:
    """Finds names."""
    return HITS[query]


@server.tool(structured_output=False)
def search_plain(query: str) -> list[str]:
    """Finds names, content only."""
    return HITS[query]


@server.tool()
def count(query: str) -> dict[str, int]:
    """Counts names."""
    return {name: 1 for name in HITS[query]}


@server.tool()
def first(query: str) -> str | None:
    """The first name."""
    return next(iter(HITS[query]), None)


async def main() -> None:
    async with Client(server) as client:
        for tool, query, texts, structured in (
            ("search", "two", ["a", "b"], {"result": ["a", "b"]}),
            ("search", "one", ["a"], {"result": ["a"]}),
            ("first", "one", ["a"], {"result": "a"}),
            ("search", "none", [], {"result": []}),
            ("first", "none", [], {"result": None}),
            ("search_plain", "none", [], None),
            ("count", "none", ["{}"], {}),
            ("search", "lines", ["a\nb", "c"], {"result": ["a\nb", "c"]}),
        ):
            result = await client.call_tool(tool, {"query": query})
            told = [block.text for block in result.content]
            print(f"{tool}({query!r}): content {told}, structured {result.structured_content}")
            assert (told, result.structured_content) == (texts, structured), "lists are told in another way now"


asyncio.run(main())
PY
# Seen on 2026-11-30:
# search('two'): content ['a', 'b'], structured {'result': ['a', 'b']}
# search('one'): content ['a'], structured {'result': ['a']}
# first('one'): content ['a'], structured {'result': 'a'}
# search('none'): content [], structured {'result': []}
# first('none'): content [], structured {'result': None}
# search_plain('none'): content [], structured None
# count('none'): content ['{}'], structured {}
# search('lines'): content ['a\nb', 'c'], structured {'result': ['a\nb', 'c']}
