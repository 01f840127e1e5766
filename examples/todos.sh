#!/usr/bin/env bash
# Lists the TODOs of a folder as JSON, with nothing but the shell: examples/todos.sh /project/notes
# Uses the server `filesystem` of your mcp.json. Progress goes to stderr, the JSON to stdout.
set -euo pipefail

schema=$(mktemp)
trap 'rm -f "$schema"' EXIT
cat >"$schema" <<'JSON'
{
  "type": "array",
  "items": {
    "type": "object",
    "properties": {"file": {"type": "string"}, "todo": {"type": "string"}},
    "required": ["file", "todo"]
  }
}
JSON

lmbridge run "Read every file in ${1:?a folder} and list each line that begins with TODO, with the name of its file." \
    --mcp filesystem --access read --schema "$schema"
