"""The work: one loop that makes a local model do a task with tools, and says honestly how it ended."""
