"""Which profile a run gets: the one measured for this very model and backend, a built-in one, a file, or a cautious guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import orjson

from lmbridge.errors import SettingsError
from lmbridge.llm.models.listing import ModelInfo
from lmbridge.profile import Profile, guess
from lmbridge.qualify import families
from lmbridge.qualify.record import Key
from lmbridge.qualify.store import ProfileStore, kept_in

Origin = Literal["measured", "file", "built-in", "guess", "off"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A run's profile and where it comes from.

    Attributes:
        profile: How the run is laid out.
        origin: Where it comes from.
        told: The same in a sentence, for people.
        stale: What changed since the model was measured; () where it was not, or nothing did.
    """

    profile: Profile
    origin: Origin
    told: str
    stale: tuple[str, ...] = ()

    @property
    def worth_measuring(self) -> bool:
        """Whether a minute of `lmbridge qualify` would tell more than is known."""
        return self.origin == "guess" or bool(self.stale)

    def as_json(self) -> dict[str, Any]:
        """As a run's first fact holds it."""
        return {"origin": self.origin, "told": self.told, **_fields(self.profile)}


@lru_cache(64)  # many runs have the same few
def _fields(profile: Profile) -> Mapping[str, Any]:
    return asdict(profile)


def chosen(setting: str, key: Key, model: ModelInfo, store: ProfileStore) -> Chosen:
    """The profile for a run.

    Args:
        setting: `LMBRIDGE_PROFILE`: `auto`, `off` or a file.
        key: The model and its backend as they are now.
        model: What the backend tells of the model.
        store: Profiles that were kept.

    Raises:
        SettingsError: The file cannot be used.
    """
    guessed = guess(model.id, params=model.params, tool_use=model.tool_use)
    if setting == "off":
        return Chosen(guessed, "off", f"off: {_laid_out(guessed)}, by size and family")
    if setting != "auto":
        profile = read_profile(Path(setting))
        return Chosen(profile, "file", f"{setting}: {_laid_out(profile)}")
    if kept := store.find(key):
        return Chosen(kept.profile, "measured", f"measured {kept.measured_at[:10]}: {_laid_out(kept.profile)}")
    old = store.stale(key)
    stale = old.key.differences(key) if old else ()
    if built_in := families.measured(model.id):
        told = f"built in ({built_in.family}, {built_in.date}): {_laid_out(built_in.profile)}"
        return Chosen(built_in.profile, "built-in", told, stale)
    cautious = families.advised(guessed, model.id)
    told = f"not measured: {_laid_out(cautious)}, by size and family"
    return Chosen(cautious, "guess", told, stale)


def _laid_out(profile: Profile) -> str:
    ways = {
        "native": "its own tool calls",
        "forced": "calls forced as JSON",
        "action_first": "forced calls until the first one succeeded",
    }
    most = f", at most {profile.most_tools} tools at once" if profile.most_tools else ""
    return ways[profile.mode] + most


def read_profile(path: Path) -> Profile:
    """The profile in a file: a record as `lmbridge qualify --json` prints it, or the fields of a profile alone.

    Raises:
        SettingsError: There is no such file, or it holds no profile; the message says what is wrong.
    """
    try:
        profile = _profile_in(orjson.loads(path.expanduser().read_bytes()))
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error
    except ValueError as error:
        raise _unusable(path, str(error)) from error
    return replace(profile, source="file")


def _profile_in(told: object) -> Profile:
    fields = told if isinstance(told, Mapping) else {"": told}  # which no profile has
    return kept_in(fields).profile if "profile" in fields else Profile.from_json(fields)


def _unusable(path: Path, why: str) -> SettingsError:
    return SettingsError(
        f"LMBRIDGE_PROFILE={path} cannot be used: {why}.",
        hint="Name a file that `lmbridge qualify --json` wrote, `auto` for what was measured here, or `off`.",
    )


def advice(model: str, chosen_one: Chosen) -> str:
    """The sentence that recommends to measure a model."""
    why = (
        f"the profile of {model} no longer fits ({'; '.join(chosen_one.stale)})"
        if chosen_one.stale
        else f"no profile of {model} was measured"
    )
    return f"{why[0].upper()}{why[1:]}: a minute of `lmbridge qualify {model}` would show how it works best."
