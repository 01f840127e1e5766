"""The tools that clients see: declared, their arguments read, their answers shaped."""
