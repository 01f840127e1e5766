"""`lmbridge demo`: the main job on the embedded engine, with checks."""
