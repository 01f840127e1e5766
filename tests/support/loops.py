"""Runs of the loop on scripted models, with everything they told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from lmbridge.agent.calls.ledger import Told
from lmbridge.agent.loop import run
from lmbridge.agent.task.assignment import Assignment
from lmbridge.agent.task.protocols import Model, Toolbox
from lmbridge.agent.task.run_plan import RunPlan
from lmbridge.events import Delta, Emit, Fact, Fleeting, Nudged, Progressed, RunEnded, ToolStarted
from lmbridge.messages import Message, ToolCall, ToolResult, ToolSpec
from lmbridge.profile import Profile
from lmbridge.report import Report, conversation
from lmbridge.settings import Settings

F = TypeVar("F")


@dataclass
class Ran:
    """A run that is over."""

    facts: list[Fact]
    report: Report

    def all(self, kind: type[F]) -> list[F]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    @property
    def nudges(self) -> list[str]:
        return [fact.kind for fact in self.all(Nudged)]

    @property
    def messages(self) -> list[Message]:
        return conversation(self.facts)

    @property
    def end(self) -> RunEnded:
        (end,) = self.all(RunEnded)
        assert self.facts[-1] is end
        return end


class Kept:
    """An `emit` that keeps the facts."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []

    def __call__(self, fact: Fact | Fleeting) -> None:
        if not isinstance(fact, Delta | Progressed):
            self.facts.append(fact)


class Announcing:
    """A toolbox that tells each call before it is made, as the servers' own does."""

    def __init__(self, inner: Toolbox, emit: Emit) -> None:
        self._inner, self._emit = inner, emit
        self._by_name = {spec.name: spec for spec in inner.specs}

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        return self._inner.specs

    async def call(self, call: ToolCall) -> ToolResult:
        if spec := self._by_name.get(call.name):
            self._emit(ToolStarted(0, call, spec.qualified, {}, spec.read_only))
        return await self._inner.call(call)


async def until(condition: Callable[[], bool], within: float = 60.0) -> None:
    """Waits until something holds that only the event loop's own steps bring about."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110  # the scripted model and tools have no event for this
            await asyncio.sleep(0)


async def ran(
    model: Model,
    toolbox: Toolbox,
    *,
    settings: Settings | None = None,
    history: Iterable[Message] = (),
    kept: Kept | None = None,
    profile: Profile | None = None,
    word_alone: str | None = None,
    statements: bool = False,
    **assigned: Any,
) -> Ran:
    """Runs an assignment to its end (a cancel goes through); `kept` sees the facts of a run that does not return.

    Statements over what was read are asked for only with `statements`: scripted models and tools have a reply for each request.
    """
    kept = kept or Kept()
    told = Told(kept)
    values: dict[str, Any] = {"task": "Do it.", **assigned}
    plan = RunPlan(
        "r-1",
        Assignment(**values),
        settings or Settings(),
        replace(profile or Profile(), statements=statements),
        word_alone=word_alone,
        history=tuple(history),
    )
    report = await run.run(plan, model, Announcing(toolbox, told), told)
    return Ran(kept.facts, report)
