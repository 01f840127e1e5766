"""`lmbridge install` and `uninstall`: the entry in other programs' files, everything else kept."""
