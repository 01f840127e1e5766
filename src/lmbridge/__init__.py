"""Hand a task to a local model that works it off with MCP servers, and get back an answer with receipts.

    from lmbridge import DynamicAutonomousAgent

    answer = await DynamicAutonomousAgent().autonomous_with_mcp("filesystem", "List every TODO in /project")

Names are imported when they are first used, so that `import lmbridge` costs nothing.
"""

from __future__ import annotations

from importlib import import_module

from lmbridge._version import __version__

TYPE_CHECKING = False  # importing `typing` would cost as much as all of `lmbridge --help`'s own
if TYPE_CHECKING:
    from typing import Any

    from lmbridge.agent.api import AutonomousLLMClient, DynamicAutonomousAgent
    from lmbridge.agent.bridge import Bridge
    from lmbridge.agent.mapping import MapRequest
    from lmbridge.agent.task.assignment import Assignment
    from lmbridge.errors import (
        LLMConnectionError,
        LLMError,
        LLMRateLimitError,
        LLMResponseError,
        LLMTimeoutError,
        LLMValidationError,
        LmbridgeError,
        ModelNotFoundError,
    )
    from lmbridge.llm.client import LLMClient
    from lmbridge.llm.validator import ModelValidator
    from lmbridge.map.items import map_items
    from lmbridge.report import Report
    from lmbridge.settings import DEFAULT_MAX_ROUNDS, Settings

__all__ = [
    "DEFAULT_MAX_ROUNDS",
    "Assignment",
    "AutonomousLLMClient",
    "Bridge",
    "DynamicAutonomousAgent",
    "LLMClient",
    "LLMConnectionError",
    "LLMError",
    "LLMRateLimitError",
    "LLMResponseError",
    "LLMTimeoutError",
    "LLMValidationError",
    "LmbridgeError",
    "MapRequest",
    "ModelNotFoundError",
    "ModelValidator",
    "Report",
    "Settings",
    "__version__",
    "map_items",
]

_HOMES = {
    "DEFAULT_MAX_ROUNDS": "lmbridge.settings",
    "Assignment": "lmbridge.agent.task.assignment",
    "AutonomousLLMClient": "lmbridge.agent.api",
    "Bridge": "lmbridge.agent.bridge",
    "DynamicAutonomousAgent": "lmbridge.agent.api",
    "LLMClient": "lmbridge.llm.client",
    "ModelValidator": "lmbridge.llm.validator",
    "MapRequest": "lmbridge.agent.mapping",
    "Report": "lmbridge.report",
    "Settings": "lmbridge.settings",
    "map_items": "lmbridge.map.items",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'lmbridge' has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "lmbridge.errors")), name)


def __dir__() -> list[str]:
    return sorted(__all__)
