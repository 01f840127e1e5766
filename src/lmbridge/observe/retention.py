"""Removes old journals: by age, then by total size, oldest first; a live run's never."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import structlog

from lmbridge.observe.run_ids import day_of, is_run_id

log = structlog.get_logger(__name__)

SUFFIX = ".jsonl"


def tidy(
    folder: Path,
    *,
    days: float,
    most_bytes: int,
    is_live: Callable[[Path], bool],
    now: float | None = None,
) -> int:
    """Removes journals older than `days`, then the oldest until at most `most_bytes` are left.

    Args:
        folder: Holds a folder for each day; what is no journal there is left alone.
        days: Age in days.
        most_bytes: Of all that stays.
        is_live: Whether a journal's run still lives.
        now: Unix time; the clock's when None.

    Returns:
        How many were removed.
    """
    oldest = (time.time() if now is None else now) - days * 86_400
    files = sorted(_sizes(folder), key=lambda each: each[0])
    total = sum(size for _, size, _ in files)
    removed = 0
    for changed, size, path in files:
        if (changed >= oldest and total <= most_bytes) or is_live(path):
            continue
        if _remove(path):
            total -= size
            removed += 1
    if removed:
        log.info("journals_removed", count=removed, left_bytes=total)
    return removed


def journals(folder: Path) -> list[Path]:
    """The files that are journals: named by a run's id, regular, in the folder of that id's day and no link to another."""
    found = (
        path for path in folder.glob(f"*/*{SUFFIX}") if is_run_id(path.stem) and path.parent.name == day_of(path.stem)
    )
    return [path for path in found if not path.parent.is_symlink() and path.is_file() and not path.is_symlink()]


def _sizes(folder: Path) -> list[tuple[float, int, Path]]:
    found = []
    for path in journals(folder):
        try:
            state = path.stat()
        except OSError:
            continue  # another process removed it
        found.append((state.st_mtime, state.st_size, path))
    return found


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    try:
        path.parent.rmdir()
    except OSError:
        return True  # the day's folder still holds others
    return True
