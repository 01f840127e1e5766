"""Tools of servers: listed, named, held within their rights, and their results as text."""
