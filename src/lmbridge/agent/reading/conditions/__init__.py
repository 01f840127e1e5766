"""Conditions among rows: what a task asks of a number, a time or a date, which rows fulfil it, and whether what was said names these."""
