"""The tools that a server lists, page by page, as they came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """The tools of a server as it listed them.

    Attributes:
        tools: Each tool's raw definition.
        problems: What was wrong with the list itself, one sentence each.
        ttl_s: Seconds for which a server of the modern era says the list holds.
    """

    tools: tuple[Raw, ...] = ()
    problems: tuple[str, ...] = ()
    ttl_s: float = 0.0
