"""Summarises the text files of a folder with a local model and the server `filesystem` of your mcp.json.

    python examples/summarise_folder.py /project/notes

The run may only read. The summary goes to stdout, what was read to stderr.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from lmbridge import DynamicAutonomousAgent

TASK = """\
Summarise the text files in {folder}: list the folder, then read each file. For each file write one line: its name, a colon,
and one sentence. Name the files that you could not read."""


async def main(folder: Path) -> int:
    async with DynamicAutonomousAgent() as agent:
        report = await agent.report_with_mcp("filesystem", TASK.format(folder=folder), access="read")
    print(report.answer)
    for use in report.tools_used:
        print(f"{use.tool}: {use.calls} calls, {use.failed} failed", file=sys.stderr)
    for warning in report.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    return 0 if report.status == "done" else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(asyncio.run(main(Path(sys.argv[1]).resolve())))
