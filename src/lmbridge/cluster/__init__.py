"""A map's items on the nodes of a Ray cluster: one bridge with its own MCP servers on each node."""
