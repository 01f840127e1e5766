#!/usr/bin/env bash
# @modelcontextprotocol/server-filesystem 2026.8.31 (npm): edit_file with an oldText that differs from the file in
# its indentation only.
#
# What one guesses: such a text either does not match (an error), or matches and the new text comes in at the file's
# indentation, each line as deep as it was written relative to the first.
# What happens: it matches, answers with success and a diff, and flattens what it writes: the new lines lose their depth
# relative to each other, so that Python that was right, edited by Python that was right, no longer compiles.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check mcp==1.30.0
(cd "$work" && npm install --silent --no-audit --no-fund --no-package-lock @modelcontextprotocol/server-filesystem@2026.8.31 >/dev/null)
mkdir "$work/files"
"$work/venv/bin/python" - "$work" <<'PY'
import asyncio
import sys
from pathlib import Path

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

work = Path(sys.argv[1])
FILE = work / "files" / "a.py"
BEFORE = "class Box:\n    def get(self):\n        if self.full:\n            return 1\n        return 0\n"
OLD = "if self.full:\n    return 1\nreturn 0"
NEW = "if self.full:\n    if self.open:\n        return 2\n    return 1\nreturn 0"


async def main() -> None:
    FILE.write_text(BEFORE)
    server = StdioServerParameters(command=str(work / "node_modules/.bin/mcp-server-filesystem"), args=[str(work / "files")])
    with (work / "log").open("w") as log:
        async with stdio_client(server, errlog=log) as pipes, ClientSession(*pipes) as client:
            await client.initialize()
            result = await client.call_tool("edit_file", {"path": str(FILE), "edits": [{"oldText": OLD, "newText": NEW}]})
    print("isError:", result.isError)
    print(FILE.read_text())
    assert result.isError is False, "such an edit is refused now"
    try:
        compile(FILE.read_text(), "a.py", "exec")
    except SyntaxError as error:
        print("broken:", error)
    else:
        raise SystemExit("the edited file compiles now")


asyncio.run(main())
PY
# Seen on 2026-11-28:
# isError: False
# class Box:
#     def get(self):
#         if self.full:
#         if self.open:
#         return 2
#     return 1
# return 0
#
# broken: expected an indented block after 'if' statement on line 3 (a.py, line 4)
