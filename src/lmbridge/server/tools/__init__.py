"""The tools of the server: declared, checked, run, and their answers worded for every kind of client."""
