"""What was read, held against an answer, a text or a statement: what they say otherwise, leave out or mix up. Pure."""
