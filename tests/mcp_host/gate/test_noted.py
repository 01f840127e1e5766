"""A change that nothing in the task asks for is told where it was made or may have been, and not where its server refused it."""

from __future__ import annotations

import asyncio
import json

import pytest

from lmbridge.events import Fact, Fleeting, Warned
from lmbridge.mcp_host.gate.memory import Memory
from lmbridge.mcp_host.gate.mentions import UserWords
from lmbridge.mcp_host.tools.gated import Gated, GateRules
from lmbridge.mcp_host.tools.toolbox import Order
from lmbridge.messages import Outcome, ToolCall, ToolResult, ToolSpec

ADD = ToolSpec("add_observations", server="memory", tool="add_observations", open_world=False, destructive=False)
FACT = {"observations": [{"entityName": "Rafael", "contents": ["must not eat strawberries"]}]}


class Server:
    """Answers every order with the same outcome; cancels itself where that is None."""

    def __init__(self, outcome: Outcome | None) -> None:
        self._outcome = outcome

    async def carry_out(self, order: Order) -> ToolResult:
        if self._outcome is None:
            raise asyncio.CancelledError
        return ToolResult(order.call.id, "…", self._outcome)


async def told(outcome: Outcome | None, task: str) -> list[str]:
    said: list[str] = []

    def emit(fact: Fact | Fleeting) -> None:
        if isinstance(fact, Warned):
            said.append(fact.text)

    memory = Memory()
    memory.tainted = True
    gated = Gated(Server(outcome), GateRules(said=UserWords((task,)), memory=memory), None, emit)
    order = Order(ToolCall("1", ADD.name, json.dumps(FACT)), ADD, FACT)
    try:
        await gated.carry_out(order)
    except asyncio.CancelledError:
        said.append("cancelled")
    return said


ASKS = "What may Rafael not eat?"


@pytest.mark.parametrize("outcome", ["ok", "unknown"])
async def test_what_was_or_may_have_been_changed_is_told(outcome: Outcome) -> None:
    (warning,) = await told(outcome, ASKS)
    assert warning.endswith("though the task speaks of no change.")


async def test_what_its_server_refused_is_not() -> None:
    assert await told("error", ASKS) == []


async def test_what_was_cut_off_is_told_before_the_end() -> None:
    warning, last = await told(None, ASKS)
    assert warning.endswith("though the task speaks of no change.")
    assert last == "cancelled"


@pytest.mark.parametrize(
    "task",
    [
        "Swap Rafael and Tilda in the plan.",
        "Vertausche Rafael und Tilda.",
        "Échange Rafael et Tilda.",
        "Insere a linha depois da segunda.",
        "Exchange the two.",
    ],
)
async def test_swapping_and_inserting_are_changes(task: str) -> None:
    assert await told("ok", task) == []
