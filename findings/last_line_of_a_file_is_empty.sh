#!/usr/bin/env bash
# @modelcontextprotocol/server-filesystem 2026.8.31 (npm): read_text_file with `tail`, on a file whose last line ends in a
# newline, as nearly every text file does. The tool describes the argument as "the last N lines of the file".
#
# What one guesses: `tail: 3` gives what `tail -n 3` gives, three lines, and `tail: 1` the last one.
# What happens: the empty rest behind the final newline counts as a line. `tail: 3` gives two lines, and `tail: 1` a
# successful, empty result, which a model takes for an empty file. `head` counts right.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check mcp==1.30.0
(cd "$work" && npm install --silent --no-audit --no-fund --no-package-lock @modelcontextprotocol/server-filesystem@2026.8.31 >/dev/null)
mkdir "$work/files"
"$work/venv/bin/python" - "$work" <<'PY'
import asyncio
import subprocess
import sys
from pathlib import Path

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

work = Path(sys.argv[1])
FILE = work / "files" / "backup.log"


async def main() -> None:
    FILE.write_text("one\ntwo\nthree\nfour\n")
    server = StdioServerParameters(command=str(work / "node_modules/.bin/mcp-server-filesystem"), args=[str(work / "files")])
    with (work / "log").open("w") as log:
        async with stdio_client(server, errlog=log) as pipes, ClientSession(*pipes) as client:
            await client.initialize()

            async def read(**how: int) -> str:
                result = await client.call_tool("read_text_file", {"path": str(FILE), **how})
                assert not result.isError, "that is refused now"
                return result.content[0].text

            seen = {name: await read(**how) for name, how in (("head 3", {"head": 3}), ("tail 3", {"tail": 3}), ("tail 1", {"tail": 1}))}
    for name, text in seen.items():
        print(f"{name}: {text!r}")
    guessed = subprocess.run(["tail", "-n", "3", str(FILE)], capture_output=True, text=True, check=True).stdout
    print(f"tail -n 3: {guessed!r}")
    assert seen == {"head 3": "one\ntwo\nthree", "tail 3": "three\nfour\n", "tail 1": ""}, "it counts otherwise now"


asyncio.run(main())
PY
# Seen on 2026-11-29:
# head 3: 'one\ntwo\nthree'
# tail 3: 'three\nfour\n'
# tail 1: ''
# tail -n 3: 'two\nthree\nfour\n'
