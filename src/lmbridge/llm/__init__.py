"""A local model behind an HTTP endpoint: one client, one catalogue, one retry owner for each backend."""
