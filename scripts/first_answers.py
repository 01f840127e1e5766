"""Writes src/lmbridge/server/transport/first_answers.json from the live server, or says with --check whether it is up to date.

`lmbridge serve` answers what clients ask first from that file, before it loads anything else. Run this again whenever a
tool's parameters or description, a prompt, the instructions, the version or the SDK change.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS

from lmbridge.server.transport.first_answers import LISTS

TARGET = Path(__file__).parent.parent / "src" / "lmbridge" / "server" / "transport" / "first_answers.json"
LIVE = """
from lmbridge.server.transport.stdio import serve_stdio
from lmbridge.settings import Settings
raise SystemExit(serve_stdio(Settings(state_dir={folder!r})))
"""
CLIENT = {"name": "first-answers", "version": "1"}


def live(*requests: dict[str, Any]) -> dict[Any, Any]:
    """The results of the live server, without first answers, by request id."""
    with tempfile.TemporaryDirectory() as folder:
        lines = "".join(json.dumps({"jsonrpc": "2.0", **request}) + "\n" for request in requests)
        command = [sys.executable, "-c", LIVE.format(folder=folder)]
        environment = {**os.environ, "HOME": folder, "LMBRIDGE_LOG_LEVEL": "error"}
        ended = subprocess.run(command, input=lines.encode(), stdout=subprocess.PIPE, env=environment, check=True)
    return {answer["id"]: answer["result"] for answer in map(json.loads, ended.stdout.splitlines())}


def answers() -> dict[str, Any]:
    """The content of the file."""
    versions = sorted(HANDSHAKE_PROTOCOL_VERSIONS)
    hello = {"protocolVersion": versions[-1], "capabilities": {}, "clientInfo": CLIENT}
    old = live(
        {"id": 0, "method": "initialize", "params": hello}, *({"id": method, "method": method} for method in LISTS)
    )
    envelope = {"protocolVersion": MODERN_PROTOCOL_VERSIONS[-1], "clientInfo": CLIENT, "clientCapabilities": {}}
    params = {"_meta": {f"io.modelcontextprotocol/{key}": value for key, value in envelope.items()}}
    methods = ("server/discover", *LISTS)
    new = live(*({"id": method, "method": method, "params": params} for method in methods))
    lists = {method: old[method] for method in LISTS}
    return {
        "versions": {"handshake": versions, "modern": list(MODERN_PROTOCOL_VERSIONS)},
        "initialize": {key: value for key, value in old[0].items() if key != "protocolVersion"},
        "modern": {
            method: {key: value for key, value in new[method].items() if key not in lists.get(method, {})}
            for method in methods
        },
        "lists": lists,
    }


def written(found: dict[str, Any]) -> str:
    """The file's text: one tool, prompt or resource a line, so that changes side by side can be merged."""
    lists = found["lists"]
    rows = []
    for method, result in lists.items():
        ((key, items),) = result.items()
        lines = ",\n".join(f"   {json.dumps(item, ensure_ascii=False)}" for item in items)
        rows.append(f'  "{method}": {{"{key}": [\n{lines}\n  ]}}')
    head = json.dumps({key: value for key, value in found.items() if key != "lists"}, indent=1, ensure_ascii=False)
    return head[:-2] + ',\n "lists": {\n' + ",\n".join(rows) + "\n }\n}\n"


def main() -> int:
    """Writes or checks the file."""
    text = written(answers())
    if "--check" not in sys.argv:
        TARGET.write_text(text, encoding="utf-8")
        return 0
    if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
        print(f"{TARGET.name} is not what the live server answers; run scripts/first_answers.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
