"""lmbridge as MCP clients meet it: typed tools, progress, questions, transports; no logic of its own."""
