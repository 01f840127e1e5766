"""The calls of a run: what a task names is looked up for it, writes are questioned, calls carried out, and results told."""
