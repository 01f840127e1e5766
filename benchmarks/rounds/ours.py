"""lmbridge, whole: validation, journal, metrics, grants, redaction, loop detection, limits."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path

from support.clock import arguments, measured, tell

from lmbridge import Assignment, Bridge, Settings


async def main() -> None:
    base_url, echo, counts, repeats = arguments()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "mcp.json")
        config.write_text(json.dumps({"mcpServers": {"echo": {"command": echo[0], "args": echo[1:]}}}))
        settings = Settings(base_url=base_url, mcp_json_path=config, state_dir=Path(folder, "state"), slots=1000)
        async with Bridge.open(settings) as bridge:

            async def one_run() -> None:
                report = await bridge.delegate(Assignment("Echo twenty times.", servers=("echo",)))
                assert (report.status, report.rounds) == ("done", 20), report

            tell(await measured(one_run, counts, repeats))


asyncio.run(main())
