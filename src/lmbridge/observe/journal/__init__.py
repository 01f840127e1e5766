"""The journal of runs: written as they happen, read, summarised, recovered, replayed and told."""
