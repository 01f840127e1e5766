"""lmbridge joins local models and MCP servers."""
