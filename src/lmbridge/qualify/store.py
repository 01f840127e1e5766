"""Profiles on disk: one JSON file for each model, file and build, in the state folder."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
import structlog

from lmbridge import platform
from lmbridge.profile import Profile
from lmbridge.qualify.families import plain_id
from lmbridge.qualify.record import Key, Qualified, key_in
from lmbridge.qualify.verdict import way_of

_log = structlog.get_logger(__name__)
_ADVISED = "advised.json"
_SLUG_CHARS = 60


@dataclass(frozen=True, slots=True)
class Kept:
    """A profile that was kept.

    Attributes:
        key: What it is true of.
        measured_at: When.
        profile: What it says.
        able: Cases of tool work that were right in its way of calling.
    """

    key: Key
    measured_at: str
    profile: Profile
    able: int = 0


class ProfileStore:
    """The profiles of a state folder. Files that cannot be read are passed over, and told in the log.

    Args:
        folder: Where they are; made when the first one is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, outcome: Qualified) -> Path:
        """Writes a profile, whole or not at all; an older one of the same key is replaced.

        Raises:
            OSError: It cannot be written.
        """
        path = self._folder / _file_name(outcome.key)
        self._write(path, orjson.dumps(outcome.as_json(), option=orjson.OPT_INDENT_2) + b"\n")
        return path

    def stamp(self, key: Key) -> tuple[object, ...]:
        """What is another whenever the profile of this key may be another, or one of the same model came or went."""
        folder = _changed(self._folder)
        return (folder, _changed(self._folder / _file_name(key))) if folder else ()

    def find(self, key: Key) -> Kept | None:
        """The profile of this very key."""
        kept = self._read(self._folder / _file_name(key))
        return kept if kept and kept.key == key else None

    def stale(self, key: Key) -> Kept | None:
        """The newest profile of the same model under another key: of another file, size or build."""
        others = [kept for path in self._of_model(key.model) if (kept := self._read(path)) and kept.key != key]
        return max(
            (kept for kept in others if kept.key.model == key.model), key=lambda kept: kept.measured_at, default=None
        )

    def was_advised(self, key: Key) -> bool:
        """Whether it has been said of a model that it would be worth measuring."""
        return _name(key) in self._advised()

    def advised(self, key: Key) -> None:
        """Remembers that it has been said, as far as that can be written."""
        if self.was_advised(key):
            return
        try:
            self._write(self._folder / _ADVISED, orjson.dumps([*self._advised(), _name(key)]))
        except OSError as error:
            _log.debug("not remembered what was advised", error=str(error))

    def _advised(self) -> list[str]:
        try:
            names = orjson.loads(platform.private_read(self._folder / _ADVISED))
        except (OSError, ValueError):
            return []
        return names if isinstance(names, list) else []

    def _of_model(self, model: str) -> Iterator[Path]:
        return self._folder.glob(f"{_slug(model)}-*.json") if self._folder.is_dir() else iter(())

    def _read(self, path: Path) -> Kept | None:
        try:
            record = orjson.loads(platform.private_read(path))
            return kept_in(record)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, AttributeError) as error:
            _log.warning("profile_unreadable", file=str(path), error=str(error))
            return None

    def _write(self, path: Path, data: bytes) -> None:
        platform.private_folder(path.parent)
        descriptor, fresh = tempfile.mkstemp(dir=path.parent, prefix=".profile-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            Path(fresh).replace(path)
        except BaseException:
            Path(fresh).unlink(missing_ok=True)
            raise


def kept_in(record: Mapping[str, Any]) -> Kept:
    """The profile in a record as `lmbridge qualify --json` prints it.

    Raises:
        ValueError: It is no such record.
    """
    told = record.get("profile") or {}
    profile = Profile.from_json(told)
    return Kept(key_in(record), str(record.get("measured_at") or ""), profile, _able(record, profile))


def _able(record: Mapping[str, Any], profile: Profile) -> int:
    way = way_of(profile.mode)
    checks = [check for check in record.get("checks") or () if isinstance(check, Mapping)]
    return sum(check.get("ok") is True and str(check.get("name")).startswith(f"{way}_") for check in checks)


def _changed(path: Path) -> tuple[int, int, int] | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size


def _name(key: Key) -> str:
    return f"{key.backend} {key.model}"


@lru_cache(64)  # asked for by every run
def _file_name(key: Key) -> str:
    digest = hashlib.sha256(orjson.dumps(asdict(key), option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]
    return f"{_slug(key.model)}-{digest}.json"


def _slug(model: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", plain_id(model)).strip("-.")[:_SLUG_CHARS] or "model"
