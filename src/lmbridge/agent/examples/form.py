"""How a worked example is told: the task, what was looked up for it, and replies in the form that is asked of the model. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lmbridge.agent.calls.first_look import AGAIN, LOOKED_UP
from lmbridge.messages import Message
from lmbridge.report import fenced


@dataclass(frozen=True, slots=True)
class Step:
    """A call of an example, with the thought in front of it and what it gave.

    Attributes:
        thought: What is still missing.
        call: `tool` and `arguments`.
        result: The tool's text.
    """

    thought: str
    call: Mapping[str, Any]
    result: str


@dataclass(frozen=True, slots=True)
class ExampleForm:
    """What replies look like.

    Attributes:
        thought: They begin with a thought.
        looked: The first look is made for the model, so that an example begins with one.
    """

    thought: bool
    looked: bool

    def reply(self, **fields: Any) -> Message:
        """A reply with these fields, the thought only where replies have one."""
        shown: Mapping[str, Any] = {name: value for name, value in fields.items() if self.thought or name != "thought"}
        return Message("assistant", json.dumps(shown, ensure_ascii=False))

    def scene(
        self, task: str, looks: Sequence[str], steps: Sequence[Step], *, wants: str = "change", **end: Any
    ) -> tuple[Message, ...]:
        """An example whole: what is there, the calls, and the end with these fields.

        Args:
            task: What is asked for.
            looks: The parts of the first look, see `result`; none where nothing was looked up.
            steps: The calls, in their order.
            wants: What is wanted: `change` or `answer`.
            end: The fields of the last reply.
        """
        asked = f"Example: {task}"
        messages = [Message("user", asked)]
        if looks:
            messages.append(Message("user", "\n".join([LOOKED_UP, *looks, f"{AGAIN} {asked}"])))
        first: dict[str, str] = {"wants": wants}
        for step in steps:
            messages.append(self.reply(**first, thought=step.thought, **step.call))
            messages.append(Message("user", result(str(step.call["tool"]), step.result)))
            first = {}
        return (*messages, self.reply(**first, **end))


def result(said: str, text: str) -> str:
    """What a call gave, in a fence as in a run; `said` is the tool, with the place that it was called for."""
    return fenced(f"Result of {said}", text, text)
