"""Environment variables that look like settings and are none: a misspelt one would be passed over without a word.

Nothing fails for them: another version may know them, and scripts have some of their own.
"""

from __future__ import annotations

import difflib
import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

PREFIX = "LMBRIDGE_"
OWN = frozenset(f"{PREFIX}{name}" for name in ("CONFIG", "DEPTH", "CHILD", "PYTHON", "CLIENTS_PYTHON", "RECORDINGS"))
"""Variables that are read and are no settings: of the settings file, of child processes, of scripts."""
_OTHERS = f"{PREFIX}TEST_"
_MEANT = {
    "MODEL": "DEFAULT_MODEL",
    "URL": "LMSTUDIO_BASE_URL",
    "TOKEN": "LM_API_TOKEN",
    "API_KEY": "LM_API_TOKEN",
    "MCP_JSON": "MCP_JSON_PATH",
    "MCP_CONFIG": "MCP_JSON_PATH",
    "TIMEOUT": f"{PREFIX}RUN_TIMEOUT",
    "CONTEXT": f"{PREFIX}CONTEXT_LENGTH",
    "TOOLS": f"{PREFIX}TOOL_GROUPS",
}
_OF_A_TASK = {"MAX_ROUNDS": "--max-rounds", "MAX_TOKENS": "--max-tokens"}
_ALIKE = 0.8
_NEARLY_THE_SAME = 0.85
_told: set[str] = set()


@dataclass(frozen=True, slots=True)
class Stranger:
    """A variable that is no setting.

    Attributes:
        name: The variable.
        said: What is told of it, as a sentence.
        meant: Whether it is plain what was meant; what is not may belong to another version.
    """

    name: str
    said: str
    meant: bool


def strangers(variables: Mapping[str, str], known: Mapping[str, str]) -> list[Stranger]:
    """The variables named like lmbridge's own that set nothing.

    Args:
        variables: The environment.
        known: The variable of every setting, by the setting's name.
    """
    right = set(known.values()) | OWN
    given = [name for name, text in variables.items() if text.strip() and name not in right]
    ours = [name for name in given if name.upper().startswith(PREFIX) and not name.upper().startswith(_OTHERS)]
    return [_judged(name, known) for name in sorted(ours)]


def lookalikes(variables: Mapping[str, str], known: Mapping[str, str]) -> Iterator[Stranger]:
    """Variables without lmbridge's prefix that are nearly those of a setting that is not set, `LM_STUDIO_HOST` say.

    They may be another program's: only who looks for a fault wants to hear of them.
    """
    unset = [variable for variable in known.values() if not variables.get(variable, "").strip()]
    for name in sorted(variables):
        if not name.upper().startswith("LM") or name in known.values() or name.upper().startswith(PREFIX):
            continue
        if near := difflib.get_close_matches(name.upper(), unset, n=1, cutoff=_NEARLY_THE_SAME):
            yield Stranger(name, f"{name} is not read; did you mean {near[0]}?", meant=True)


def _judged(name: str, known: Mapping[str, str]) -> Stranger:
    bare = name.upper().removeprefix(PREFIX)
    if option := _near(bare, _OF_A_TASK):
        parameter = option.removeprefix("--").replace("-", "_")
        return Stranger(name, f"{name} is no setting: each task says it, by {option} or {parameter}.", meant=True)
    spelled = {setting.upper(): variable for setting, variable in known.items()}
    spelled |= {variable.removeprefix(PREFIX): variable for variable in known.values()}
    if found := _MEANT.get(bare) or _near(bare, spelled):
        return Stranger(name, f"{name} is no setting; did you mean {found}?", meant=True)
    return Stranger(name, f"{name} is no setting of this version.", meant=False)


def _near(bare: str, spelled: Mapping[str, str]) -> str:
    """What the nearest of these words stands for; empty where none is near."""
    near = difflib.get_close_matches(bare, spelled, n=1, cutoff=_ALIKE)
    return spelled[near[0]] if near else ""


def untold(found: Collection[Stranger]) -> list[Stranger]:
    """Those of which it is plain what was meant, each once in a process."""
    fresh = [each for each in found if each.meant and each.name not in _told]
    _told.update(each.name for each in fresh)
    return fresh


def log(found: Collection[Stranger]) -> None:
    """Tells a program that uses lmbridge as a library, in its own log."""
    for each in untold(found):
        logging.getLogger("lmbridge.settings").warning(each.said)
