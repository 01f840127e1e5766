"""One task for many items: what the items are, what is done with each, and one line of JSON for every one that ended."""
