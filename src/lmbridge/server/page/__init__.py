"""The page that a person looks at: runs at work, the history, one run opened, models and slots, what was saved."""
