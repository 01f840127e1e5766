"""The gate between strangers' words and acts: what a call aims at, what the task names, and what follows from both."""
