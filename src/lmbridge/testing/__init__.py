"""What tests share and users may use: a faithful fake LM Studio, scripted models and tools, a small file server.

    from lmbridge.testing import FakeLMStudio, call, fault, gate, say, think

The names below are loaded when they are first used, so that the small programs in here start quickly.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lmbridge.recordings import Exchange, Recording

    from .fake_lmstudio import (
        FakeLMStudio,
        FakeModel,
        Gate,
        Options,
        SeenRequest,
        Turn,
        call,
        call_text,
        calls,
        fault,
        gate,
        nothing,
        raw,
        say,
        think,
    )

__all__ = [
    "Exchange",
    "FakeLMStudio",
    "FakeModel",
    "Gate",
    "Options",
    "Recording",
    "SeenRequest",
    "Turn",
    "call",
    "call_text",
    "calls",
    "fault",
    "gate",
    "nothing",
    "raw",
    "say",
    "think",
]

_ELSEWHERE = {"Exchange": "lmbridge.recordings", "Recording": "lmbridge.recordings"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ELSEWHERE.get(name, ".fake_lmstudio"), __name__), name)
