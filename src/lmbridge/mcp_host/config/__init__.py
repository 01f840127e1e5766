"""Where servers are configured: the files of every program, their layouts, entries and variables."""
