"""The outcome of qualifying a model: what it is kept under, what was found, and its JSON form."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

from lmbridge.llm.models.backend_kind import Abilities
from lmbridge.llm.models.resolve import Target
from lmbridge.profile import Profile
from lmbridge.qualify import families, verdict
from lmbridge.qualify.known import Check, Known, Speed
from lmbridge.qualify.verdict import Weakness

VERSION = 1
"""Of the JSON form; a file of another version is not read."""
_SAMPLE_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Key:
    """What a profile is true of. Where one of these changes, it is stale.

    Attributes:
        model: The id by which the backend knows the model.
        backend: What the backend is.
        build: Its version, where it says so.
        size_bytes: Size of the model, where the backend tells it.
        quantization: Name of the quantisation, where the backend tells it.
        file: Mark of the model's file, where it is at hand: see `file_mark`.
    """

    model: str
    backend: str = ""
    build: str | None = None
    size_bytes: int | None = None
    quantization: str | None = None
    file: str | None = None

    def differences(self, now: Key) -> tuple[str, ...]:
        """What changed since, in words."""
        words = {
            "backend": "backend",
            "build": "build",
            "size_bytes": "size",
            "quantization": "quantisation",
            "file": "file",
        }
        pairs = ((word, getattr(self, name), getattr(now, name)) for name, word in words.items())
        return tuple(
            f"its {word} changed"
            if word == "file"
            else f"its {word} was {old or 'not told'} and is {new or 'not told'}"
            for word, old, new in pairs
            if old != new
        )


def key_of(target: Target, abilities: Abilities, *, file: Path | None = None, build: str | None = None) -> Key:
    """The key of a model as its backend tells of it.

    Args:
        target: The model.
        abilities: The backend's.
        file: The model's file, where it is at hand.
        build: The backend's version, where it is known otherwise.
    """
    model = target.model
    mark = file_mark(file) if file else None
    return Key(model.id, abilities.name, build or abilities.version, model.size_bytes, model.quantization, mark)


def file_mark(path: Path) -> str | None:
    """A hash of a file's size, its first and its last MiB: cheap for files of many GB, and another model's differs.

    Returns:
        None where it cannot be read.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_SAMPLE_BYTES)
            file.seek(max(0, size - _SAMPLE_BYTES))
            digest = hashlib.sha256(f"{size}:".encode() + head + file.read(_SAMPLE_BYTES))
    except OSError:
        return None
    return digest.hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Qualified:
    """What was found out about a model.

    Attributes:
        key: What it is true of.
        profile: How runs are laid out by it.
        most_tools: The longest list of tools from which it still chose well; 0: none.
        checks: Every verdict.
        weaknesses: Those that matter, with what to do.
        speed: As measured, on this machine at that time.
        context_length: Tokens with which it was loaded.
        slots: Requests at once.
        advised_by: The page that the sampling of answers comes from.
        measured_at: When, as ISO 8601 in UTC.
        seconds: How long it took.
        read: Tokens of prompts that the model read for it.
        written: Tokens that it wrote.
        quick: Only what matters most was asked.
        ended: Why it ended early; None where it did not.
    """

    key: Key
    profile: Profile
    most_tools: int
    checks: tuple[Check, ...]
    weaknesses: tuple[Weakness, ...]
    speed: Speed
    context_length: int | None
    slots: int
    advised_by: str | None
    measured_at: str
    seconds: float
    read: int = 0
    written: int = 0
    quick: bool = False
    ended: str | None = None

    @classmethod
    def of(cls, known: Known, key: Key, *, seconds: float, measured_at: str, quick: bool, ended: str | None) -> Self:
        """The outcome of what is known."""
        profile, found = verdict.profile_of(known, key.model), families.advice(key.model)
        return cls(
            key,
            profile,
            verdict.most_tools(known, verdict.way_of(profile.mode)),
            known.checks,
            verdict.weaknesses(known, profile.mode),
            known.speed,
            known.context,
            known.slots,
            found.source if found else None,
            measured_at,
            seconds,
            known.read,
            known.written,
            quick,
            ended,
        )

    @property
    def usable(self) -> bool:
        """Whether it may be kept and used: the model answered, and some tool work was right."""
        names = {check.name: check.ok for check in self.checks}
        return names.get("answers") is not None and any(
            check.ok is not None for check in self.checks if check.name.startswith(("native_tools", "forced_tools"))
        )

    @property
    def backend(self) -> str:
        """What the backend is, with its version."""
        return f"{self.key.backend} {self.key.build}" if self.key.build else self.key.backend

    def as_json(self) -> dict[str, Any]:
        """As `lmbridge qualify --json` prints it and as it is kept."""
        sampling = {
            "acts": _given(self.profile.acts),
            "answers": _given(self.profile.answers),
            "source": self.advised_by,
        }
        plain = ("context_length", "slots", "measured_at", "quick", "ended", "read", "written")
        return {
            "version": VERSION,
            "model": self.key.model,
            "backend": self.backend,
            "mode": self.profile.mode,
            "most_tools": self.most_tools,
            "sampling": sampling,
            "checks": [check.as_json() for check in self.checks],
            "seconds": self.seconds,
            "weaknesses": [asdict(each) for each in self.weaknesses],
            "speed": self.speed.as_json(),
            **{name: getattr(self, name) for name in plain},
            "key": asdict(self.key),
            "profile": asdict(self.profile),
        }


def _given(sampling: Any) -> dict[str, Any]:
    return {name: value for name, value in asdict(sampling).items() if value is not None}


def key_in(record: Mapping[str, Any]) -> Key:
    """The key in a kept record.

    Raises:
        ValueError: There is none of this version.
    """
    told = record.get("key")
    if record.get("version") != VERSION or not isinstance(told, Mapping) or not isinstance(told.get("model"), str):
        raise ValueError(f"not a profile of version {VERSION}")
    known = {field.name for field in fields(Key)}
    return Key(**{name: value for name, value in told.items() if name in known})
