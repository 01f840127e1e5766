"""The ways to a server: a process on pipes, streamable HTTP, SSE; and how their ends are told."""
