"""Orders to delete a whole file or folder, and what is due where no tool of the run does that."""
