#!/usr/bin/env bash
# @modelcontextprotocol/server-memory 2026.8.31 (npm), one process, one client with mcp 1.30.0: of twenty writes sent without
# waiting for each answer, every one is answered with success and some are not there afterwards.
#
# What one guesses: one process serialises writes to its own file (JavaScript has one thread), so what was answered is kept.
# What happens: each call reads the whole file, adds to it and writes it back, with awaits between; calls that overlap
# overwrite each other. No error, no flag: each answer lists the entity as created.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check mcp==1.30.0
(cd "$work" && npm install --silent --no-audit --no-fund --no-package-lock @modelcontextprotocol/server-memory@2026.8.31 >/dev/null)
"$work/venv/bin/python" - "$work" <<'PY'
import asyncio
import json
import os
import sys
from pathlib import Path

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

work = Path(sys.argv[1])


def entity(number: int) -> dict[str, object]:
    return {"entities": [{"name": f"person {number}", "entityType": "person", "observations": ["likes tea"]}]}


async def kept(name: str, together: bool) -> int:
    """How many of twenty created entities are there in the end."""
    server = StdioServerParameters(
        command=str(work / "node_modules/.bin/mcp-server-memory"), args=[], env={"MEMORY_FILE_PATH": str(work / f"{name}.jsonl"), "PATH": os.environ["PATH"]}
    )
    with (work / "log").open("a") as log:
        async with stdio_client(server, errlog=log) as pipes, ClientSession(*pipes) as client:
            await client.initialize()
            calls = [client.call_tool("create_entities", entity(number)) for number in range(20)]
            answers = await asyncio.gather(*calls) if together else [await call for call in calls]
            assert all(not answer.isError for answer in answers)
            graph = await client.call_tool("read_graph", {})
            return len(json.loads(graph.content[0].text)["entities"])


async def main() -> None:
    one_by_one, together = await kept("a", together=False), await kept("b", together=True)
    print(f"20 calls answered with success each: {one_by_one} entities kept one after another, {together} kept together")
    assert one_by_one == 20
    assert together < 20, "the server keeps parallel writes now"


asyncio.run(main())
PY
# Seen on 2026-11-28 (the second number differs from run to run):
# 20 calls answered with success each: 20 entities kept one after another, 1 kept together
