"""Worked examples for small models: the same for every run, and some that are like the task, with the run's own tools."""
