"""Where the old text of an edit stands in a file, and which of several places a task means."""
