"""`lmbridge doctor`: what is set, found and wrong, and a live backend's answers recorded."""
