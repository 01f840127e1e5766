"""Extracts the fields of an invoice to JSON, validated against a schema, with the server `filesystem` of your mcp.json.

    python examples/extract_json.py /project/invoice.txt

`output_schema` has lmbridge check the answer, and ask again where it does not fit.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from lmbridge import DynamicAutonomousAgent

INVOICE = {
    "type": "object",
    "properties": {
        "number": {"type": "string"},
        "date": {"type": "string", "format": "date"},
        "total": {"type": "number", "exclusiveMinimum": 0},
        "lines": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {"text": {"type": "string"}, "price": {"type": "number"}},
                "required": ["text", "price"],
            },
        },
    },
    "required": ["number", "date", "total", "lines"],
}


async def main(file: Path) -> int:
    task = f"Read the invoice {file} and give its number, date, total and lines. Take every value from the text."
    async with DynamicAutonomousAgent() as agent:
        report = await agent.report_with_mcp("filesystem", task, access="read", output_schema=INVOICE)
    if report.status != "done":
        print(f"{report.status}: {report.stop_reason} {'; '.join(report.warnings)}", file=sys.stderr)
        return 1
    print(json.dumps(report.output, indent=2, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(asyncio.run(main(Path(sys.argv[1]).resolve())))
