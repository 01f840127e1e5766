"""lmbridge by its Python API, as a user's program would: `lmbridge_api.py REQUEST.json`; prints one JSON line."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any


async def main(request: dict[str, Any]) -> None:
    folder = Path(request["folder"])
    config, empty = folder / "mcp.json", folder / "config.toml"
    config.write_text(json.dumps({"mcpServers": request["servers"]}), encoding="utf-8")
    empty.touch()
    os.environ.update(LMSTUDIO_BASE_URL=request["base_url"], LM_API_TOKEN=request["key"], MCP_JSON_PATH=str(config))
    os.environ.setdefault("LMBRIDGE_CONFIG", str(empty))
    os.environ.setdefault("LMBRIDGE_STATE_DIR", str(folder / "state"))
    os.environ.setdefault("LMBRIDGE_LOG_LEVEL", "warning")

    from lmbridge import Assignment, Bridge, __version__
    from lmbridge.settings import load

    assignment = Assignment(
        request["task"],
        servers=tuple(request["servers"]),
        max_rounds=request["rounds"],
        timeout_s=request["seconds"],
        temperature=request["temperature"],
    )
    async with Bridge.open(load()) as bridge:
        report = await bridge.delegate(assignment, client="bench")
    told = {
        "answer": report.answer,
        "status": report.status,
        "stop_reason": report.stop_reason,
        "warnings": list(report.warnings),
        "calls": sum(each.calls for each in report.tools_used),
        "error": report.error.message if report.error else None,
        "run_id": report.run_id,
        "versions": {"lmbridge": __version__},
    }
    print(json.dumps(told, default=str), flush=True)


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
