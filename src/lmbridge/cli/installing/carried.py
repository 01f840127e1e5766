"""Settings that are set in the shell of `lmbridge install`, and would not reach an lmbridge that a client starts.

Codex passes 18 variables of its environment to a server, fast-agent 14, and programs started from a desktop have none of the
shell's. The settings file reaches every lmbridge, so what stands there needs no carrying.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from lmbridge.settings import Settings, environment_name, load

_OF_A_SHELL = frozenset({"log_level", "log_format"})
"""Settings that are set for one shell's sake."""
_OF_THE_ADDRESS = frozenset({"host", "port", "base_url"})


def carried(settings: Settings | None = None) -> dict[str, str]:
    """The variables of this shell that make lmbridge another than a client would start, without secrets.

    Args:
        settings: This process's when None.

    Raises:
        SettingsError: A value cannot be used.
    """
    settings, usual = settings or load(), Settings()
    found = {}
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if not _from_shell(settings, name) or isinstance(value, SecretStr) or name in _OF_A_SHELL:
            continue
        same = settings.url == usual.url if name in _OF_THE_ADDRESS else value == getattr(usual, name)
        if same:
            continue
        found[environment_name(name)] = _text(value)
    return found


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value.absolute() if isinstance(value, Path) else value)


def secrets_set(settings: Settings | None = None) -> list[str]:
    """The variables of this shell that hold a secret, which no file gets unasked."""
    settings = settings or load()
    secret = (name for name in Settings.model_fields if isinstance(getattr(settings, name), SecretStr))
    return [environment_name(name) for name in secret if _from_shell(settings, name)]


def _from_shell(settings: Settings, name: str) -> bool:
    return settings.origins.get(name) == environment_name(name)
