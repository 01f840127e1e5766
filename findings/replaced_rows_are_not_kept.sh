#!/usr/bin/env bash
# mcp-server-sqlite 2025.4.25 (PyPI) beside mcp 1.30.0: write_query with REPLACE INTO, or with a comment before the INSERT, is a success that keeps nothing.
#
# What one guesses: write_query carries out any statement that writes and commits it, or refuses what it does not take, as
# read_query refuses all but SELECT.
# What happens: it commits only what begins with one of six words (INSERT, UPDATE, DELETE, CREATE, DROP, ALTER) and takes all else for a query.
# `REPLACE INTO …` and an INSERT with a comment before it, both of which models like to write, are carried out, answered `[]` without
# an error, and taken back when the connection closes. `WITH … INSERT` has the same answer and *is* kept: Python's sqlite3
# begins no transaction for it. So `[]` says neither that a row was written nor that none was.
# Seen: INSERT: [{'affected_rows': 1}], kept · REPLACE: [], lost · a comment before INSERT: [], lost · WITH: [], kept
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
STATEMENTS = {
    "INSERT": "INSERT INTO tea VALUES (1, 'Assam')",
    "REPLACE": "REPLACE INTO tea VALUES (2, 'Keemun')",
    "a comment before INSERT": "-- the new one\nINSERT INTO tea VALUES (3, 'Oolong')",
    "WITH": "WITH new AS (SELECT 4 AS id) INSERT INTO tea SELECT id, 'Sencha' FROM new",
}
EXPECTED = {
    "INSERT": ("[{'affected_rows': 1}]", "kept"),
    "REPLACE": ("[]", "lost"),
    "a comment before INSERT": ("[]", "lost"),
    "WITH": ("[]", "kept"),
}


async def main() -> None:
    server = StdioServerParameters(command=str(work / "venv/bin/mcp-server-sqlite"), args=["--db-path", str(work / "a.db")])
    seen: dict[str, tuple[str, str]] = {}
    with (work / "log").open("w") as log:
        async with stdio_client(server, errlog=log) as pipes, ClientSession(*pipes) as client:
            await client.initialize()
            await client.call_tool("create_table", {"query": "CREATE TABLE tea (id INTEGER PRIMARY KEY, name TEXT)"})
            for number, (name, statement) in enumerate(STATEMENTS.items(), 1):
                written = await client.call_tool("write_query", {"query": statement})
                assert written.isError is False, "such a statement is refused now"
                rows = await client.call_tool("read_query", {"query": f"SELECT id FROM tea WHERE id = {number}"})
                seen[name] = (written.content[0].text, "kept" if str(number) in rows.content[0].text else "lost")
    print(" · ".join(f"{name}: {said}, {came}" for name, (said, came) in seen.items()))
    assert seen == EXPECTED, "it keeps others now"


asyncio.run(main())
PY
