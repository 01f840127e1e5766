"""The models of a backend: listed, found by name, loaded and unloaded."""
