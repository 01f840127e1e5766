"""Real models doing real tasks over real MCP servers, judged by the state of the world: `python benchmarks/real_models --help`."""
