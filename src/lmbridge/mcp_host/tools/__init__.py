"""The tools of servers: listed, named, pinned, permitted, called, their results rendered."""
