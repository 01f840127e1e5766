"""The demo model: a small GGUF file that comes with the package. MODEL_CARD.md beside it says what it can do."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

NAME = "lmbridge-demo"


def model_path() -> Path:
    """Where the model's file lies."""
    return Path(str(files("lmbridge.engine.demo") / f"{NAME}.gguf"))
