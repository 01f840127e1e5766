#!/usr/bin/env bash
# mcp-server-sqlite 2025.4.25 (PyPI) beside mcp 1.30.0: a statement that the database refuses is a *successful* tool result.
#
# What one guesses: a failed statement comes back with isError true, as the protocol has it, so a host can count failures.
# What happens: isError is false for a missing table, a broken constraint and a syntax error alike; only the text says
# "Database error: …". A missing argument is a success too. Whoever trusts the flag believes that the row was written.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check mcp-server-sqlite==2025.4.25 mcp==1.30.0
"$work/venv/bin/python" - "$work" <<'PY'
import asyncio
import sys
from pathlib import Path

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

work = Path(sys.argv[1])
CALLS = [
    ("write_query", {"query": "INSERT INTO missing VALUES (1)"}),
    ("read_query", {"query": "SELECT wrong_column FROM person"}),
    ("write_query", {"query": "INSERT INTO person VALUES (1, 'Ann'), (1, 'Bob')"}),
    ("write_query", {"query": "INSERT INTO person VALUE 1"}),
]


async def main() -> None:
    server = StdioServerParameters(command=str(work / "venv/bin/mcp-server-sqlite"), args=["--db-path", str(work / "a.db")])
    with (work / "log").open("w") as log:
        async with stdio_client(server, errlog=log) as pipes, ClientSession(*pipes) as client:
            await client.initialize()
            made = await client.call_tool("create_table", {"query": "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT)"})
            assert not made.isError, made
            for tool, arguments in CALLS:
                result = await client.call_tool(tool, arguments)
                text = result.content[0].text
                print(f"isError={result.isError}  {text}")
                assert result.isError is False, "the server flags its failures now"
                assert text.startswith("Database error:"), text
            left = await client.call_tool("read_query", {"query": "SELECT count(*) AS rows FROM person"})
            print("rows written:", left.content[0].text)
            assert "0" in left.content[0].text


asyncio.run(main())
PY
# Seen on 2026-11-28:
# isError=False  Database error: no such table: missing
# isError=False  Database error: no such column: wrong_column
# isError=False  Database error: UNIQUE constraint failed: person.id
# isError=False  Database error: near "VALUE": syntax error
# rows written: [{'rows': 0}]
