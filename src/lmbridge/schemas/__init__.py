"""JSON Schema without MCP: validation, repair and explanation of arguments, and lowering for grammars."""
