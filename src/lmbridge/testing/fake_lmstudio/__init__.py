"""A fake LM Studio: a real HTTP server that copies the protocol and the quirks of LM Studio 0.4, driven by a script.

See `FakeLMStudio` for its life, `turns` for what a pretended model can do, `faults` for what can go wrong, `Options` for
how it behaves, and docs/TESTING.md for how to test a program with it.
"""

from __future__ import annotations

from . import faults as fault
from .engine import Instance
from .gates import Gate, gate
from .models import FakeModel
from .scripting.turns import Call, Turn, call, call_text, calls, nothing, raw, say, think
from .seen import SeenRequest, history_problems
from .server import DEFAULT_MODEL, FakeLMStudio
from .state import Options

__all__ = [
    "DEFAULT_MODEL",
    "Call",
    "FakeLMStudio",
    "FakeModel",
    "Gate",
    "Instance",
    "Options",
    "SeenRequest",
    "Turn",
    "call",
    "call_text",
    "calls",
    "fault",
    "gate",
    "history_problems",
    "nothing",
    "raw",
    "say",
    "think",
]
