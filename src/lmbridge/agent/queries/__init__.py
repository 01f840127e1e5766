"""What was read, as tables that can be asked in SQL: a second way to an answer, beside the model's own reading. Pure."""
