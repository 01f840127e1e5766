"""Whether the embedded engine is installed, and how it and other extras are added to this very installation."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

_NEEDED = ("xllamacpp", "psutil")
_SHOWS = {"engine": "xllamacpp", "fleet": "smg", "ray": "ray", "otel": "opentelemetry.sdk"}
"""The module by which an extra shows that it is here."""


def missing() -> str | None:
    """The module of the engine that is not installed; None where all are."""
    return next((name for name in _NEEDED if importlib.util.find_spec(name) is None), None)


def how_to_add(extra: str = "engine", *, prefix: Path | None = None, checkout: str | None = None) -> str:
    """The command that adds an extra, by the tool that installed lmbridge: uv and pipx leave their notes in the environment's folder.

    Args:
        extra: `engine`, or `demo`, which also brings the server of the time.
        prefix: The environment's folder; this process's when None.
        checkout: The folder that lmbridge was installed from; what pip noted when None, "" for an index.
    """
    folder = Path(sys.prefix) if prefix is None else prefix
    source = _checkout() if checkout is None else checkout
    # uv and pipx make the environment anew with what is asked for, so what is here already is asked for again.
    here = [name for name, module in _SHOWS.items() if name != extra and _is_here(module)]
    kept = here if (folder / "uv-receipt.toml").is_file() or (folder / "pipx_metadata.json").is_file() else []
    wanted = f"'{source or 'lmbridge'}[{','.join([*kept, extra])}]'"
    if (folder / "uv-receipt.toml").is_file():
        return f"uv tool install {wanted}"
    if (folder / "pipx_metadata.json").is_file():
        return f"pipx install --force {wanted}"  # without --force pipx leaves what is there as it is
    if any(part.startswith("archive-v") for part in folder.parts):  # uvx's own cache
        return f"uvx --from {wanted} lmbridge"
    return f"pip install {wanted}"


def _is_here(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package above it
        return False


def _checkout() -> str:
    """The folder that lmbridge was installed from, "" where it came from an index (PEP 610)."""
    try:
        noted = importlib.metadata.distribution("lmbridge").read_text("direct_url.json")
        told = json.loads(noted) if noted else {}
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return ""
    url = urlsplit(str(told.get("url", "")))
    return unquote(url.path) if url.scheme == "file" and "dir_info" in told else ""
