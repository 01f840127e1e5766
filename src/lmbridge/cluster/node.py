"""What works on a node of the cluster: an actor with one bridge, the node's own settings, backend and MCP servers."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from lmbridge._version import __version__
from lmbridge.agent.bridge import Bridge
from lmbridge.agent.handle import RunHandle
from lmbridge.agent.mapping import too_long_for
from lmbridge.agent.task.assignment import Assignment
from lmbridge.cluster.relay import Relay
from lmbridge.cluster.values import Batch, Greeting, NodeNeeds
from lmbridge.errors import LLMConnectionError, LmbridgeError, SettingsError, as_lmbridge_error
from lmbridge.events import Fact, Failure, Fleeting, Warned
from lmbridge.llm.pinned import PinnedModel
from lmbridge.llm.pinning import pin
from lmbridge.observe import logging
from lmbridge.report import Report
from lmbridge.settings import load


class Node:
    """One node; Ray makes it an actor, starts it, and starts it again where its process was lost."""

    def __init__(self) -> None:
        self._bridge: Bridge | None = None
        self._model: PinnedModel | None = None
        self._serving: asyncio.Task[None] | None = None
        self._leave = asyncio.Event()
        self._opening = asyncio.Lock()
        self._runs: dict[str, tuple[Relay, asyncio.Task[None]]] = {}

    async def greet(self, wanted: NodeNeeds) -> Greeting:
        """Gets ready, or says why it cannot be; asked again, it looks again."""
        try:
            return await self._ready(wanted)
        except Exception as error:  # told as a value: not every exception survives the way
            problem = as_lmbridge_error(error)
            return Greeting(problem=Failure(problem.code, problem.message, problem.hint))

    async def _ready(self, wanted: NodeNeeds) -> Greeting:
        if wanted.version != __version__:
            raise SettingsError(
                f"lmbridge is {__version__} there and {wanted.version} here.", hint="Install one version everywhere."
            )
        async with self._opening:
            bridge = self._bridge or await self._opened()
        for name in wanted.servers:
            bridge.configs.current().get(name)
        health = await bridge.backend.health()
        if not health.reachable:
            raise LLMConnectionError(health.error or "The backend does not answer.", hint=health.hint)
        warned: list[str] = []

        def told(fact: Fact | Fleeting) -> None:
            if isinstance(fact, Warned):
                warned.append(fact.text)

        self._model = model = await pin(bridge.backend, wanted.model, emit=told)
        return Greeting(model.id, await bridge.backend.slots_of(model.id), tuple(warned))

    async def _opened(self) -> Bridge:
        """The bridge, which a task of its own enters and leaves."""
        opened: asyncio.Future[Bridge] = asyncio.get_running_loop().create_future()
        self._serving = asyncio.create_task(self._serve(opened))
        self._bridge = await opened
        return self._bridge

    async def _serve(self, opened: asyncio.Future[Bridge]) -> None:
        try:
            settings = load().model_copy(update={"journal": False})  # the map's process has the journal
            logging.configure(settings)
            async with Bridge(settings, apart=True) as bridge:
                opened.set_result(bridge)
                await self._leave.wait()
        except BaseException as error:
            if opened.done():
                raise
            opened.set_exception(error if isinstance(error, Exception) else LmbridgeError("It was ended."))

    async def follow(self, run_id: str, given: Assignment, client: str, safe: int) -> Batch:
        """The facts of a run beyond those that are safe with the asker, and its report once it is over.

        Args:
            run_id: Its id; a run that is not known begins.
            given: What it is to do.
            client: Who asked for it.
            safe: How many facts the asker has on his disk.
        """
        relay, _ = self._runs.get(run_id) or self._begun(run_id, given, client)
        batch = await relay.beyond(safe)
        if batch.report is not None:
            self._runs.pop(run_id, None)
        return batch

    def _begun(self, run_id: str, given: Assignment, client: str) -> tuple[Relay, asyncio.Task[None]]:
        bridge, model = self._bridge, self._model
        assert bridge is not None and model is not None, "it was greeted before"  # noqa: PT018
        relay = Relay(bridge.redactor)
        if too_long := too_long_for(model, given.task):
            relay.over(Report.refused(too_long))
            work = asyncio.create_task(asyncio.sleep(0))
        else:
            chosen = replace(given, model=model.id)
            handle = bridge.start(chosen, sinks=(relay,), client=client, run_id=run_id, synced=relay.synced)
            work = asyncio.create_task(_followed(handle, relay))
        self._runs[run_id] = relay, work
        return relay, work

    async def cancel(self, run_id: str, safe: int) -> Batch:
        """Ends a run, and returns what the asker does not have of it."""
        if run_id not in self._runs:
            return Batch()
        relay, work = self._runs.pop(run_id)
        work.cancel()
        await asyncio.wait([work])
        return relay.rest(safe)

    async def close(self) -> None:
        """Ends what is at work, the servers and the engine; Ray kills what a process still has when it ends it."""
        self._leave.set()
        if self._serving is not None:
            await asyncio.wait([self._serving])


async def _followed(handle: RunHandle, relay: Relay) -> None:
    try:
        relay.over(await handle.wait())
    except asyncio.CancelledError:
        relay.over(await handle.cancel())
