"""The versions, told once: of lmbridge, and of the journals that it writes."""

__version__ = "0.1.0"
JOURNAL_VERSION = 1
