"""One tool call: who calls, and what it is answered with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lmbridge.server.caller import Caller
from lmbridge.server.following import Rounds
from lmbridge.settings import Settings

if TYPE_CHECKING:  # the bridge brings the engine, the HTTP client and more; `serve` answers first and opens it later
    from lmbridge.agent.bridge import Bridge

OpensBridge = Callable[[], Awaitable["Bridge"]]


@dataclass(frozen=True, slots=True)
class Desk:
    """What all calls of a server share.

    Attributes:
        settings: The settings.
        open_bridge: Gives the bridge, opened at the first use.
        rounds: Runs that wait for a client's answer.
        chosen: The model that a client's user chose where several fitted, by client name.
    """

    settings: Settings
    open_bridge: OpensBridge
    rounds: Rounds = field(default_factory=Rounds)
    chosen: dict[str | None, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A call of one tool by one client."""

    caller: Caller
    desk: Desk

    async def bridge(self) -> Bridge:
        """The bridge behind the server."""
        return await self.desk.open_bridge()
