"""What starts servers: a task for each life, and turns, so that fifty at once do not starve each other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import Context, copy_context
from dataclasses import dataclass, field

from lmbridge.mcp_host.entries import ServerEntry
from lmbridge.mcp_host.links import Link
from lmbridge.mcp_host.owner import Owner

AT_ONCE = 8
_TURN_S = 2.0


@dataclass(frozen=True, slots=True)
class Starting:
    """What a kept server needs from its pool.

    Attributes:
        tasks: The group in which owner tasks live.
        link: Makes a connection, not yet opened.
        timeout: Seconds for one start.
        context: The context in which owner tasks run: the pool's.
        turns: How many servers start at the same time.
    """

    tasks: asyncio.TaskGroup
    link: Callable[[ServerEntry], Link]
    timeout: float
    context: Context = field(default_factory=copy_context)
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def live(self, owner: Owner, on_end: Callable[[Owner], None]) -> None:
        """Begins a life; it outlives the run that wants it, and so does not inherit that run's context (log, trace)."""
        name = f"mcp server {owner.entry.name}"
        task = self.tasks.create_task(owner.live(), name=name, context=self.context.copy())
        task.add_done_callback(lambda _: on_end(owner))

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """A turn to start; a server that takes long gives its turn up to others, and goes on starting."""
        await self.turns.acquire()
        held = True

        def give_up() -> None:
            nonlocal held
            if held:
                held = False
                self.turns.release()

        timer = asyncio.get_running_loop().call_later(_TURN_S, give_up)
        try:
            yield
        finally:
            timer.cancel()
            give_up()
