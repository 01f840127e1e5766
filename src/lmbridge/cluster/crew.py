"""The nodes of a cluster as the map's process sees them: who is there, who has a free place, who is resting or lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Literal

import structlog

from lmbridge._version import __version__
from lmbridge.cluster.node import Node
from lmbridge.cluster.values import Greeting, NodeNeeds
from lmbridge.errors import ClusterUnreachableError, LLMConnectionError
from lmbridge.events import Failure

_log = structlog.get_logger(__name__)

READY_S = 120.0
"""How long a node may take until it says what it has: a process is started there, a model perhaps loaded."""
LOOK_S = 2.0
"""How often is looked whether nodes came or went, and whether one that rests is well again."""
PATIENCE_S = 30.0
"""How long items wait while no node is well; Ray starts a lost actor again in some seconds."""
CLOSE_S = 20.0


@dataclass(eq=False, slots=True)
class CrewNode:
    """One node.

    Attributes:
        node_id: Ray's id of it.
        name: Its address.
        actor: The handle of the actor there.
        slots: Items that it works on at once.
        busy: Items that it is at work on.
        state: `up`; `resting`: its process or its backend is gone for now; `gone` for good.
        why: Why it is not up.
        lost: Whether its process was lost, and the next one has not answered yet: there is nothing to close then.
        greeting: The question whether it is well again, while it is asked.
    """

    node_id: str
    name: str
    actor: Any
    slots: int = 0
    busy: int = 0
    state: Literal["up", "resting", "gone"] = "resting"
    why: str = ""
    lost: bool = False
    greeting: asyncio.Task[None] | None = None

    @property
    def has_place(self) -> bool:
        """Whether it takes another item."""
        return self.state == "up" and self.busy < self.slots


class Crew:
    """The nodes that carry out the items of one map; use as an async context manager.

    Args:
        ray: The module `ray`, connected.
        wanted: What each node must be ready for.
    """

    def __init__(self, ray: Any, wanted: NodeNeeds) -> None:
        self._ray = ray
        self._wanted = wanted
        self._members: dict[str, CrewNode] = {}
        self._models: dict[str, str] = {}
        self._counted: set[str] = set()  # nodes whose slots whoever asked knows of
        self._changed = asyncio.Condition()
        self._looking: asyncio.Task[None] | None = None
        self._unwell_since: float | None = None
        self.on_more: Callable[[int], None] = lambda _: None
        self.warnings: list[str] = []

    async def __aenter__(self) -> Crew:
        for node in self._nodes():
            self._hire(node)
        greetings = await asyncio.gather(*(self._greeted(member) for member in self._members.values()))
        self.warnings += dict.fromkeys(text for each in greetings for text in each.warnings)
        left_out = [f"{member.name} ({member.why})" for member in self._members.values() if member.state != "up"]
        if not self.up:
            await self._dismiss()
            told = "; ".join(left_out) or "it has none with CPUs"
            raise ClusterUnreachableError(
                f"No node of the cluster can work: {told}.", hint="`lmbridge doctor` on a node shows what it lacks."
            )
        self.warnings += [f"A node of the cluster is left out: {each}." for each in left_out]
        self._counted = {member.node_id for member in self.up}
        self._looking = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *_: object) -> None:
        greetings = (member.greeting for member in self._members.values())
        asking = [task for task in (self._looking, *greetings) if task is not None]
        for task in asking:
            task.cancel()
        if asking:
            await asyncio.wait(asking)
        await self._dismiss()

    @property
    def up(self) -> list[CrewNode]:
        """The nodes that work."""
        return [member for member in self._members.values() if member.state == "up"]

    @property
    def slots(self) -> int:
        """Items that all of them work on at once."""
        return sum(member.slots for member in self.up)

    @property
    def models(self) -> str:
        """The models that answer, joined by commas."""
        return ", ".join(dict.fromkeys(self._models[member.node_id] for member in self.up))

    # --- who is there

    def _nodes(self) -> list[dict[str, Any]]:
        """The living nodes that take work: those of 0 CPUs are kept free of it by whoever started them so."""
        return [node for node in self._ray.nodes() if node["Alive"] and node["Resources"].get("CPU", 0) > 0]

    def _hire(self, node: dict[str, Any]) -> CrewNode:
        """An actor on a node. Ray starts it there again where it was lost, and repeats no call: that is decided here."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        actor = (
            self._ray.remote(Node)
            .options(
                num_cpus=0,  # it waits for a model nearly all the time
                max_restarts=-1,
                max_task_retries=0,
                max_concurrency=1000,
                scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False),
            )
            .remote()
        )
        member = CrewNode(node["NodeID"], node["NodeManagerAddress"], actor)
        self._members[member.node_id] = member
        return member

    async def _greeted(self, member: CrewNode) -> Greeting:
        """What a node says; it is up from then on where it can work."""
        try:
            async with asyncio.timeout(READY_S):
                greeting: Greeting = await member.actor.greet.remote(self._wanted)
            member.lost = False
        except Exception as error:
            greeting = Greeting(problem=Failure("llm_unreachable", _first_line(error) or "it does not answer"))
        if member.state == "gone":  # it has left the cluster since it was asked
            return greeting
        if greeting.problem is None:
            self._models[member.node_id] = greeting.model
            member.slots = greeting.slots
            await self._set(member, "up")
        else:
            await self._set(member, member.state, greeting.problem.message.rstrip("."))
        return greeting

    async def _look(self) -> None:
        """Sees nodes come and go, and has those asked that rest; whatever is wrong with one look, the next one comes."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self._see({node["NodeID"]: node for node in await asyncio.to_thread(self._nodes)})
            except Exception as error:
                _log.warning("cluster_not_seen", error=_first_line(error))

    async def _see(self, living: Mapping[str, dict[str, Any]]) -> None:
        for node_id, member in self._members.items():
            if node_id not in living and member.state != "gone":
                await self._set(member, "gone", "the node has left the cluster")
        for node_id in living.keys() - self._members.keys():
            self._hire(living[node_id])
        for member in self._members.values():
            if member.state == "resting" and (member.greeting is None or member.greeting.done()):
                member.greeting = asyncio.create_task(self._greet_again(member))  # apart: one may hang for minutes

    async def _greet_again(self, member: CrewNode) -> None:
        await self._greeted(member)
        if member.state == "up" and member.node_id not in self._counted:
            self._counted.add(member.node_id)
            _log.info("node_joined", node=member.name, slots=member.slots)
            self.on_more(member.slots)

    async def lose(self, member: CrewNode, why: str) -> None:
        """Gives a node no more items until Ray has started its process again, and that says that it is well."""
        if member.state == "up":
            member.lost = True
        await self.rest(member, why)

    async def rest(self, member: CrewNode, why: str) -> None:
        """Gives a node no more items until it says that it is well."""
        if member.state == "up":
            _log.warning("node_rests", node=member.name, why=why)
            await self._set(member, "resting", why)

    async def _set(self, member: CrewNode, state: Literal["up", "resting", "gone"], why: str = "") -> None:
        async with self._changed:
            member.state, member.why = state, why
            well = bool(self.up)
            self._unwell_since = None if well else self._unwell_since or time.monotonic()
            self._changed.notify_all()

    # --- places

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[CrewNode, None]:
        """A free place on the node that has most of its own free; waited for.

        Raises:
            LLMConnectionError: No node has been well for a while.
        """
        member = await self._taken()
        try:
            yield member
        finally:
            async with self._changed:
                member.busy -= 1
                self._changed.notify_all()

    async def _taken(self) -> CrewNode:
        async with self._changed:
            while True:
                free = [member for member in self._members.values() if member.has_place]
                if free:
                    chosen = max(free, key=lambda member: (member.slots - member.busy) / member.slots)
                    chosen.busy += 1
                    return chosen
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_S):
                        await self._changed.wait()
                if gone := self.gone():
                    raise LLMConnectionError(gone.message, hint=gone.hint)

    def gone(self) -> Failure | None:
        """Why no item can be sent any more; None while some node is well, or may be again soon."""
        lost = all(member.state == "gone" for member in self._members.values())
        since = self._unwell_since
        if since is None or (not lost and time.monotonic() - since < PATIENCE_S):
            return None
        whys = "; ".join(f"{member.name}: {member.why}" for member in self._members.values())
        return Failure("llm_unreachable", f"No node of the cluster is well ({whys}).", "--resume goes on later.")

    async def alive(self) -> Failure | None:
        """Waits until some node is well; why none is."""
        async with self._changed:
            while not self.up and not self.gone():
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_S):
                        await self._changed.wait()
        return self.gone()

    async def _dismiss(self) -> None:
        """Ends the actors. Their servers are closed before, since Ray kills what an actor's process has started."""
        there = [member for member in self._members.values() if member.state != "gone"]
        closing = [asyncio.create_task(_closed(member)) for member in there if not member.lost]
        if closing:
            await asyncio.wait(closing)
        for member in there:
            self._ray.kill(member.actor)


async def _closed(member: CrewNode) -> None:
    with suppress(Exception):  # a process that is gone has nothing to close
        async with asyncio.timeout(CLOSE_S):
            await member.actor.close.remote()


def wanted(model: str | None, servers: tuple[str, ...] | None) -> NodeNeeds:
    """What nodes must be ready for, for items with this model and these servers."""
    return NodeNeeds(__version__, model, servers or ())


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    missing = next((line for line in lines if "ModuleNotFoundError" in line), None)
    return f"lmbridge is not installed there: {missing}" if missing else (lines[0][:300] if lines else "")
