"""What is seen of a run: sinks and folds of its facts. Nothing here decides anything about the run itself."""
