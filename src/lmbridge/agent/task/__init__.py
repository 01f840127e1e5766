"""What a run is given: the task with its bounds, the plan made of it, and what its model and its tools must be able to do."""
