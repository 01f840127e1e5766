"""A raw MCP server on stdio: `big` answers with so many megabytes, and beside it stand so many other tools."""

from __future__ import annotations

import json
import sys

OTHERS = int(sys.argv[1]) if len(sys.argv) > 1 else 0
AREAS = ["invoice", "customer", "ticket", "branch", "commit", "page", "table", "sensor", "calendar", "message"]
VERBS = ["list", "create", "read", "update", "delete", "search", "export", "archive", "share", "rename"]


def tools() -> list[dict]:
    schema = {
        "type": "object",
        "properties": {
            "id": {"type": "string", "description": "Which one, by its identifier."},
            "fields": {"type": "array", "items": {"type": "string"}, "description": "What to return or change."},
            "limit": {"type": "integer", "minimum": 1, "maximum": 100},
        },
        "required": ["id"],
    }
    big = {"type": "object", "properties": {"megabytes": {"type": "integer"}}, "required": ["megabytes"]}
    text = {"type": "object", "properties": {"text": {"type": "string"}}}
    named = [{"name": "big", "description": "Much text.", "inputSchema": big}]
    named += [{"name": "echo", "description": "Says the text again.", "inputSchema": text}]
    for number in range(OTHERS):
        verb, area = VERBS[number % 10], AREAS[number // 10 % 10]
        about = f"{verb.capitalize()} one or several {area} records of workspace {number // 100}, with the fields asked for."
        named.append({"name": f"{verb}_{area}_{number // 100}", "description": about, "inputSchema": schema})
    return named


def main() -> None:
    for line in sys.stdin:
        message = json.loads(line)
        method, number = message.get("method"), message.get("id")
        if number is None:
            continue
        result: dict = {}
        if method == "initialize":
            info = {"name": "sized", "version": "1"}
            result = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": info}
        elif method == "tools/list":
            result = {"tools": tools()}
        elif method == "tools/call":
            given = message["params"]["arguments"]
            text = "x" * (given.get("megabytes", 0) * 1_000_000) or given.get("text", "")
            result = {"content": [{"type": "text", "text": text}]}
        elif method != "ping":
            answer = {"jsonrpc": "2.0", "id": number, "error": {"code": -32601, "message": "Method not found"}}
            print(json.dumps(answer), flush=True)
            continue
        print(json.dumps({"jsonrpc": "2.0", "id": number, "result": result}), flush=True)


main()
