"""A conversation as a request's body, and a reply's bytes as a finished turn."""
