"""What an engine is told, what of it is refused beforehand, and how its failures are put into words."""

from __future__ import annotations

import importlib.util
import secrets
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from lmbridge.engine.gguf import read_head
from lmbridge.errors import ModelLoadError, SettingsError


@dataclass(frozen=True, slots=True)
class Spec:
    """What the child is told. `context` tokens are shared by `parallel` slots; port 0: any free one."""

    model: str
    alias: str
    context: int = 8192
    parallel: int = 4
    threads: int | None = None
    embedding: bool = False
    cache_mib: int = 256
    port: int = 0
    key: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)


def check(spec: Spec) -> None:
    """Refuses what cannot work before a process is started."""
    if importlib.util.find_spec("xllamacpp") is None:
        raise SettingsError(
            "The embedded engine is not installed (no module xllamacpp).", hint="pip install 'lmbridge[engine]'"
        )
    head = read_head(Path(spec.model))
    most = (head.context_length or 0) * spec.parallel
    if most and spec.context > most:
        raise ModelLoadError(
            f"A context of {spec.context} tokens is more than {spec.alias} can use: "
            f"{head.context_length} tokens in each of {spec.parallel} slots.",
            hint=f"Set LMBRIDGE_ENGINE_CONTEXT to at most {most}.",
        )


def not_loaded(spec: Spec, why: str) -> ModelLoadError:
    """The error for an engine that does not serve, with the reason in it."""
    return ModelLoadError(
        f"The embedded engine could not serve {spec.model}: {why}.",
        hint="Another file, a smaller LMBRIDGE_ENGINE_CONTEXT, or fewer slots may help.",
    )


def reason(tail: deque[str], status: int | None) -> str:
    """The first error line of llama.cpp (the later ones only repeat it), without its time stamp."""
    for line in tail:
        stamp, _, rest = line.partition(" E ")
        if rest and stamp.replace(".", "").strip().isdigit():
            return rest.strip()
    last = next((line for line in reversed(tail) if line.strip()), "")
    return f"{ending(status)}: {last.strip()}" if last else ending(status)


def ending(status: int | None) -> str:
    """An exit status in words."""
    if status is None:
        return "no exit status"
    return f"ended by signal {-status}" if status < 0 else f"exit status {status}"
