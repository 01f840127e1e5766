"""What other processes ask of running runs: to end, and to be shown as they are written. Small files, no daemon, no port.

A file `ID.cancel` asks for the end of a run; `ID.watch`, touched again and again, says that somebody looks on, and then the
run's process puts the latest words of its model into `ID.now`. A run's process looks here only while it has runs at work.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from lmbridge import platform
from lmbridge.observe.journal.folder import day_of

POLL_S = 0.5
"""How often either side looks."""
FRESH_S = 5.0
"""Seconds after which nobody looks on any more who has not said so again."""
MOST_CHARS = 400
"""Of the latest words."""


class Controls:
    """The files of a state folder's runs.

    Args:
        folder: Where they are; made when something is asked.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def asked(self) -> frozenset[str]:
        """The names of all files here; looked at once for all runs of a process."""
        try:
            return frozenset(path.name for path in self.folder.iterdir())
        except OSError:
            return frozenset()

    def cancel(self, run_id: str) -> None:
        """Asks for the end of a run.

        Raises:
            InvalidArgumentsError: It is no run id.
            OSError: The file cannot be written.
        """
        platform.private_write(self._path(run_id, "cancel"), "")

    def watch(self, run_id: str) -> None:
        """Says that somebody looks on, for the next seconds. Raises like `cancel`."""
        platform.private_write(self._path(run_id, "watch"), "")

    def is_watched(self, run_id: str) -> bool:
        """Whether somebody looks on."""
        try:
            touched = self._path(run_id, "watch").lstat().st_mtime
        except OSError:
            return False
        return abs(time.time() - touched) < FRESH_S

    def show(self, run_id: str, text: str) -> None:
        """Puts the latest words of a run's model here; a disk that does not take them costs nothing but the view."""
        with contextlib.suppress(OSError):
            platform.private_write(self._path(run_id, "now"), text[-MOST_CHARS:])

    def shown(self, run_id: str) -> str:
        """The latest words; empty where there are none."""
        try:
            return platform.private_read(self._path(run_id, "now"), 8 * MOST_CHARS).decode("utf-8", "replace")
        except OSError:
            return ""

    def said(self, run_id: str) -> tuple[str, float | None]:
        """The latest words, and the Unix time at which they came; no time where there are none."""
        try:
            at = self._path(run_id, "now").lstat().st_mtime
        except OSError:
            return "", None
        return self.shown(run_id), at

    def clear(self, run_id: str) -> None:
        """Removes the files of a run that is over."""
        for kind in ("cancel", "watch", "now"):
            with contextlib.suppress(OSError):
                self._path(run_id, kind).unlink(missing_ok=True)

    def _path(self, run_id: str, kind: str) -> Path:
        day_of(run_id)  # nothing but a run id becomes part of a path
        return self.folder / f"{run_id}.{kind}"
