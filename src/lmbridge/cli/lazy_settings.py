"""Settings for commands that only look: the few values they need are found without pydantic, all others when asked for.

Loading the settings takes two thirds of the time of `runs list`. What is plainly right is taken as it stands; whatever
needs judging (a settings file, a number, a choice, a name that is not known here) loads the settings as ever, which
refuses what cannot be used.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lmbridge.settings import Settings

TEXTS = ("DEFAULT_MODEL", "FALLBACK_MODEL", "LM_API_TOKEN", "LMBRIDGE_HTTP_TOKEN", "LMBRIDGE_ENGINE_MODEL")
"""Variables that hold a text, of which looking needs none."""
PATHS = {"LMBRIDGE_STATE_DIR": "state_dir", "MCP_JSON_PATH": "mcp_json_path"}
"""Variables that hold a path, with the setting's name."""
_NUMBER = r"[1-9][0-9]{0,2}"
PLAINLY_RIGHT: Mapping[str, str] = {
    "LMSTUDIO_BASE_URL": r"https?://(?:[a-z][a-z0-9-]{0,60}(?:\.[a-z][a-z0-9-]{0,60}){0,4}|127\.0\.0\.1)(?::[1-9][0-9]{0,3})?(?:/v1)?/?",
    "LMSTUDIO_HOST": r"[a-z][a-z0-9-]{0,60}(?:\.[a-z][a-z0-9-]{0,60}){0,4}|127\.0\.0\.1",
    "LMSTUDIO_PORT": r"[1-9][0-9]{0,3}",
    "LMBRIDGE_BACKEND": "lmstudio|embedded",
    "LMBRIDGE_ACCESS": "read|ask|write",
    "LMBRIDGE_GUARD": "on|note|off",
    "LMBRIDGE_TOOL_MODE": "auto|native|action",
    "LMBRIDGE_PROFILE": "auto|off",
    "LMBRIDGE_LOG_LEVEL": "debug|info|warning|error",
    "LMBRIDGE_LOG_FORMAT": "console|json",
    "LMBRIDGE_SLOTS": _NUMBER,
    "LMBRIDGE_ENGINE_THREADS": _NUMBER,
    "LMBRIDGE_START_TIMEOUT": _NUMBER,
    "LMBRIDGE_TOOL_TIMEOUT": _NUMBER,
    "LMBRIDGE_RUN_TIMEOUT": _NUMBER,
}
"""Variables that looking does not need, and what they may hold without being judged: less than what is right."""
OTHERS = ("OTEL_EXPORTER_OTLP_ENDPOINT",)
"""Further variables without lmbridge's prefix that must be judged."""
DEFAULTS: Mapping[str, Any] = {"mcp_json_path": None, "journal_days": 30.0, "journal_mib": 500.0}


def look(environment: Mapping[str, str] | None = None, flags: Mapping[str, Any] | None = None) -> Settings:
    """The settings as `settings.load` gives them, loaded only where more is asked for than what looking needs.

    Raises:
        SettingsError: A value cannot be used.
    """
    variables = os.environ if environment is None else environment
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    plain = _plain(variables, given)
    if plain is None:
        from lmbridge.settings import load

        return load(variables, flags)
    return cast("Settings", LazySettings(plain, variables, given))


class LazySettings:
    """Stands for `Settings`: what is not among the plain values is loaded at the first use."""

    def __init__(self, plain: Mapping[str, Any], variables: Mapping[str, str], flags: Mapping[str, Any]) -> None:
        self.__dict__.update(plain)
        self._variables = variables
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        """A setting that looking does not need; or a method of the settings."""
        if name.startswith("__"):
            raise AttributeError(name)
        from lmbridge.settings import load

        if "_loaded" not in self.__dict__:
            self._loaded = load(self._variables, self._flags)
        return getattr(self._loaded, name)


def _plain(variables: Mapping[str, str], flags: Mapping[str, Any]) -> dict[str, Any] | None:
    """The values that looking needs; None where something must be judged."""
    if set(flags) - {"mcp_json_path"}:
        return None
    given = {name for name, text in variables.items() if text.strip() and _ours(name)}
    plain = {
        name for name in given if (form := PLAINLY_RIGHT.get(name)) and re.fullmatch(form, variables[name].strip())
    }
    if given - {*TEXTS, *PATHS, *plain}:
        return None
    from lmbridge import platform

    if (platform.config_dir() / "config.toml").exists():
        return None
    values = dict(DEFAULTS)
    values |= {setting: Path(variables[name].strip()) for name, setting in PATHS.items() if name in given}
    values |= {name: Path(value) for name, value in flags.items()}
    return values if "state_dir" in values else values | {"state_dir": platform.state_dir()}


def _ours(name: str) -> bool:
    return name.startswith("LMBRIDGE_") or name in {*TEXTS, *PATHS, *PLAINLY_RIGHT, *OTHERS}
