"""Reads notes and keeps what they say in a knowledge graph: the servers `filesystem` and `memory` of your mcp.json.

    python examples/knowledge_graph.py /project/notes

Prints what was written to the graph, from lmbridge's ledger and not from the model's word.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from lmbridge import DynamicAutonomousAgent

TASK = """\
Read every file in {folder}. For each person and each project that they name create an entity in memory, with what the notes say
of it as observations; then create the relations between them. Finish with one sentence on what you stored."""
READING = ["filesystem__list_directory", "filesystem__read_text_file"]
STORING = ["memory__create_entities", "memory__create_relations", "memory__add_observations"]


async def main(folder: Path) -> int:
    async with DynamicAutonomousAgent() as agent:
        report = await agent.report_with_multiple_mcps(
            ["filesystem", "memory"],
            TASK.format(folder=folder),
            on_mcp_failure="fail",  # without the memory there is nothing to be done
            tools=(*READING, *STORING),
        )
    for write in report.writes:
        print(f"{write.tool} {write.outcome}: {dict(write.arguments)}")
    print(report.answer or report.error)
    return 0 if report.status == "done" else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(asyncio.run(main(Path(sys.argv[1]).resolve())))
