"""A small MCP file server: `python -m lmbridge.testing.files DIR...`.

It has the tools of `@modelcontextprotocol/server-filesystem`, with its names, schemas, results and errors, for machines
without Node and for tests that must not install anything. It is confined to its directories: no `..` and no link leads
out of them, and what it writes takes a file's place in one step.
"""

from __future__ import annotations
