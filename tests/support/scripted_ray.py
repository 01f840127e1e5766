"""A stand-in for Ray whose nodes come and go as a test says; the actors are lmbridge's own, in this process.

A cluster takes half a minute to start, and on a busy machine does not start at all: a raylet gives up on a dashboard agent that
takes more than 15 s. What Ray does is told by its documentation (actor fault tolerance): calls that are under way when an
actor's process ends raise an `ActorDiedError`, and later ones wait until Ray has started it again, or knows that its node is gone.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from types import ModuleType
from typing import Any

import pytest

from lmbridge.cluster import node as node_module
from lmbridge.cluster import ray_cluster
from lmbridge.cluster.node import Node
from lmbridge.settings import Settings

_HERE: ContextVar[Settings] = ContextVar("settings of the node that is at work")


class RayError(Exception):
    """What Ray raises where a process or a node was lost."""


class RayTaskError(RayError):
    """What Ray raises where the actor's own code did."""


class _Affinity:
    def __init__(self, node_id: str, *, soft: bool) -> None:
        assert not soft
        self.node_id = node_id


class ScriptedRay:
    """The module `ray`, as far as lmbridge asks it.

    Args:
        settings: Those of each node, by its name.
    """

    def __init__(self, settings: Mapping[str, Settings]) -> None:
        self._settings = settings
        self._living: list[str] = []
        self._actors: list[_Actor] = []
        self.looks_fail = 0

    def join(self, name: str) -> None:
        """A node joins the cluster."""
        self._living.append(name)

    def crash(self, name: str) -> None:
        """All processes of a node end; the cluster has not noticed yet."""
        for actor in self._actors:
            if actor.name == name:
                actor.crash()

    def nodes(self) -> list[dict[str, Any]]:
        if self.looks_fail:
            self.looks_fail -= 1
            raise RayError("the head does not answer in time")
        return [
            {"NodeID": name, "NodeManagerAddress": name, "Alive": True, "Resources": {"CPU": 1}}
            for name in self._living
        ]

    def remote(self, kind: type[Node]) -> _Maker:
        return _Maker(self, kind)

    def started(self, kind: type[Node], name: str) -> _Actor:
        self._actors.append(_Actor(kind(), name, self._settings[name]))
        return self._actors[-1]

    def kill(self, actor: _Actor) -> None:
        actor.crash()

    def shutdown(self) -> None:
        """Nothing of it stays."""

    async def ended(self) -> None:
        """Waits until nothing is at work any more."""
        for actor in self._actors:
            await actor.node.close()


class _Maker:
    def __init__(self, ray: ScriptedRay, kind: type[Node]) -> None:
        self._ray, self._kind = ray, kind
        self._node_id = ""

    def options(self, *, scheduling_strategy: _Affinity, **_: object) -> _Maker:
        self._node_id = scheduling_strategy.node_id
        return self

    def remote(self) -> _Actor:
        return self._ray.started(self._kind, self._node_id)


class _Actor:
    def __init__(self, node: Node, name: str, settings: Settings) -> None:
        self.node, self.name = node, name
        self._settings = settings
        self._crashed = asyncio.Event()
        self._ending: asyncio.Task[None] | None = None
        self.greet, self.follow, self.cancel, self.close = (
            _Method(self, each) for each in ("greet", "follow", "cancel", "close")
        )

    def crash(self) -> None:
        self._crashed.set()
        self._ending = self._ending or asyncio.create_task(self.node.close())

    async def call(self, name: str, arguments: tuple[Any, ...]) -> Any:
        if self._crashed.is_set():
            await asyncio.Event().wait()  # until Ray knows that the node is gone, which here it never does
        _HERE.set(self._settings)
        work, lost = (
            asyncio.ensure_future(each) for each in (getattr(self.node, name)(*arguments), self._crashed.wait())
        )
        try:
            await asyncio.wait({work, lost}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            lost.cancel()
        if work.done():
            return work.result()
        work.cancel()
        raise RayError("the actor died")


class _Method:
    def __init__(self, actor: _Actor, name: str) -> None:
        self._actor, self._name = actor, name

    def remote(self, *arguments: Any) -> asyncio.Task[Any]:
        return asyncio.create_task(self._actor.call(self._name, arguments))


def put_in_place(ray: ScriptedRay, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets lmbridge find this instead of Ray."""
    for name, held in (
        ("ray", {}),
        ("ray.exceptions", {"RayError": RayError, "RayTaskError": RayTaskError}),
        ("ray.util", {}),
        ("ray.util.scheduling_strategies", {"NodeAffinitySchedulingStrategy": _Affinity}),
    ):
        module = ModuleType(name)
        module.__dict__.update(held)
        monkeypatch.setitem(sys.modules, name, module)

    async def connected(_address: str) -> ScriptedRay:
        return ray

    monkeypatch.setattr(ray_cluster, "connect", connected)
    monkeypatch.setattr(node_module, "load", _HERE.get)
    monkeypatch.setattr(node_module.logging, "configure", lambda _settings: None)
