"""MCP servers that do everything wrong that a server can do, one fault at a time, over stdio and over HTTP.

    python -m lmbridge.testing.faulty_server MODE[:ARGUMENT]      # stdio
    python -m lmbridge.testing.faulty_server --list

Only the standard library is used, so that a server starts in 50 ms and nothing mends what it breaks.
"""

from __future__ import annotations
