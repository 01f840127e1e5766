"""Other people's MCP servers: where they are configured, how they are spoken to, and what their tools may do."""
