"""Where the old text of an edit stands in a file, which of several places a task means, and the one line more of a list."""
