"""lmbridge's own tools for the model: finding tools, reading results on."""
