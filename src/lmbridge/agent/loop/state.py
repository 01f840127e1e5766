"""What the steps of a run share, and how a run ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lmbridge.agent.calls.effects import Effects
from lmbridge.agent.calls.ledger import Told
from lmbridge.agent.loop.limits import Spent
from lmbridge.agent.loop.turns import Replies
from lmbridge.agent.task.run_plan import RunPlan
from lmbridge.agent.tools.builtin import BuiltinTools
from lmbridge.agent.tools.result_store import ResultStore


@dataclass(frozen=True, slots=True)
class RunState:
    """The parts of a run, which its steps share.

    Attributes:
        plan: What it was given.
        desk: Its tools.
        store: Its long results.
        told: Its facts.
        replies: Its replies.
        effects: What its calls have come to.
        spent: Its rounds and tokens so far.
    """

    plan: RunPlan
    desk: BuiltinTools
    store: ResultStore
    told: Told
    replies: Replies
    effects: Effects
    spent: Spent

    @classmethod
    def of(cls, plan: RunPlan, desk: BuiltinTools, store: ResultStore, told: Told, replies: Replies) -> RunState:
        """A run that has done nothing yet."""
        effects = Effects(told, desk.known, goes_on=bool(plan.history))
        spent = Spent(plan.assignment.max_rounds, plan.assignment.max_tokens)
        return cls(plan, desk, store, told, replies, effects, spent)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended: a stop reason of the contract, what there is of an answer, and the lines that it rests on (`RunEnded`)."""

    stop_reason: str
    answer: str = ""
    output: Any = None
    rests_on: tuple[tuple[str, str], ...] = ()
