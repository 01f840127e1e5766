#!/usr/bin/env bash
# mcp-server-fetch 2026.10.24 (PyPI, with readabilipy 0.3.0) beside mcp 2.3.0: the first HTML page that is fetched installs npm packages.
#
# What one guesses: a Python server needs what pip installed with it, and fetching a page of one line changes nothing but a cache.
# What happens: where node and npm are on the PATH, the first page makes the server run `npm install` (some forty packages
# that pip neither listed nor pinned) *inside site-packages*, within that one tool call, three times as long as the next one;
# later pages install nothing. Where node is missing, another parser is used, so the same page may read differently.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check mcp-server-fetch==2026.10.24 readabilipy==0.3.0 mcp==2.3.0
command -v npm >/dev/null || { echo "node with npm is needed for this finding" >&2; exit 2; }
"$work/venv/bin/python" - "$work" <<'PY'
import asyncio
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import readabilipy
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

work = Path(sys.argv[1])
INSTALLED = Path(readabilipy.__file__).parent / "javascript" / "node_modules"


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"<html><head><title>T</title></head><body><article><p>One line of text.</p></article></body></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return None


async def main(url: str) -> None:
    server = StdioServerParameters(
        command=str(work / "venv/bin/python"),
        args=["-m", "mcp_server_fetch", "--ignore-robots-txt", "--allow-private-ips"],
        env={name: os.environ[name] for name in os.environ if not name.startswith("MCP_")},
    )
    assert not INSTALLED.exists()
    with (work / "log").open("w") as log:
        async with stdio_client(server, errlog=log) as pipes, ClientSession(*pipes) as client:
            await client.initialize()
            for which in ("first", "second"):
                begun = time.monotonic()
                await client.call_tool("fetch", {"url": url})
                packages = len(list(INSTALLED.iterdir())) if INSTALLED.exists() else 0
                print(f"{which} page: {time.monotonic() - begun:.1f} s, npm packages in site-packages: {packages}")
    assert INSTALLED.exists(), "the first page installs nothing any more"


web = ThreadingHTTPServer(("127.0.0.1", 0), Page)
threading.Thread(target=web.serve_forever, daemon=True).start()
asyncio.run(main(f"http://127.0.0.1:{web.server_port}/"))
PY
# Seen on 2026-11-28:
# first page: 15.9 s, npm packages in site-packages: 35
# second page: 5.7 s, npm packages in site-packages: 35
