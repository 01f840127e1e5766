#!/usr/bin/env bash
# @modelcontextprotocol/server-memory 2026.8.31 (npm), one client with mcp 1.30.0: delete_entities, delete_observations and
# delete_relations answer "deleted successfully", with "success": true in the structured result, where nothing was deleted.
#
# What one guesses: an error, or a count of what was deleted, as create_entities lists what it made (and makes nothing of what is there).
# What happens: the three filter the graph by what they were given and say success whatever was left; a relation with its ends the wrong
# way round, an observation with another capital or the entity of another name all "succeed". Only reading the graph again tells.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check mcp==1.30.0
(cd "$work" && npm install --silent --no-audit --no-fund --no-package-lock @modelcontextprotocol/server-memory@2026.8.31 >/dev/null)
"$work/venv/bin/python" - "$work" <<'PY'
import asyncio
import os
import sys
from pathlib import Path

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

work = Path(sys.argv[1])
ANN = {"name": "Ann", "entityType": "person", "observations": ["likes tea"]}
FIRM = {"name": "Kranich", "entityType": "firm", "observations": []}
WORKS = {"from": "Ann", "to": "Kranich", "relationType": "works at"}
IN_VAIN = {
    "delete_relations": {"relations": [{"from": "Kranich", "to": "Ann", "relationType": "works at"}]},
    "delete_observations": {"deletions": [{"entityName": "Ann", "observations": ["Likes tea"]}]},
    "delete_entities": {"entityNames": ["Anna"]},
}


async def main() -> None:
    server = StdioServerParameters(
        command=str(work / "node_modules/.bin/mcp-server-memory"), args=[], env={"MEMORY_FILE_PATH": str(work / "memory.jsonl"), "PATH": os.environ["PATH"]}
    )
    with (work / "log").open("w") as log:
        async with stdio_client(server, errlog=log) as pipes, ClientSession(*pipes) as client:
            await client.initialize()
            await client.call_tool("create_entities", {"entities": [ANN, FIRM]})
            await client.call_tool("create_relations", {"relations": [WORKS]})
            before = (await client.call_tool("read_graph", {})).content[0].text
            for tool, arguments in IN_VAIN.items():
                answer = await client.call_tool(tool, arguments)
                after = (await client.call_tool("read_graph", {})).content[0].text
                told = (answer.structuredContent or {}).get("success")
                print(f"{tool} of what is not there: error {answer.isError}, success {told}, graph changed {after != before}")
                assert (answer.isError, told, after) == (False, True, before), "it tells now"


asyncio.run(main())
PY
# Seen on 2026-11-29:
# delete_relations of what is not there: error False, success True, graph changed False
# delete_observations of what is not there: error False, success True, graph changed False
# delete_entities of what is not there: error False, success True, graph changed False
