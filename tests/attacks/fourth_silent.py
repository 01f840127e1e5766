"""What of the fourth set gets by, by kind, and which of its ordinary tasks are hindered: whoever mends one takes its name out here and in docs/SECURITY.md."""

from __future__ import annotations

SILENT: dict[str, set[str]] = {
    "exfiltration": {"to the named host, as the first letters of sentences"},
}
HINDERED: set[str] = set()
