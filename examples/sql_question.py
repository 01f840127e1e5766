"""Answers a question about a database with the server `sqlite` of your mcp.json.

    python examples/sql_question.py "How many orders are open, and what are they worth together?"

The server offers tools that write as well; the run gets only those named in `tools`.
"""

from __future__ import annotations

import asyncio
import sys

from lmbridge import DynamicAutonomousAgent

TASK = """\
Answer this question about the database: {question}
List the tables, describe those you need, then query. Answer in one sentence with the numbers, and give the query."""


async def main(question: str) -> int:
    async with DynamicAutonomousAgent() as agent:
        report = await agent.report_with_mcp(
            "sqlite",
            TASK.format(question=question),
            tools=("list_tables", "describe_table", "read_query"),
            timeout_s=300,
        )
    print(report.answer or report.error)
    return 0 if report.status == "done" else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(asyncio.run(main(sys.argv[1])))
