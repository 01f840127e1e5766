"""The mcp.json files of all programs: found, read, merged, their variables expanded."""
