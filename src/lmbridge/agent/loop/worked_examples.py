"""Worked examples of forced replies: look, act on what was found, end; and look, look on, end.

They are messages, not text of the system prompt: there, replies came in many lines and ended before all was done. And they
are about nothing that a server does: small models go on as the examples do, word for word, and with files in them, or with
"save it", every look was followed by a write that nobody had asked for. Without any, the 1.5B completed 8 of 17 tasks
instead of 12.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lmbridge.agent.calls.first_look import AGAIN, LOOKED_UP
from lmbridge.messages import Message
from lmbridge.report import fenced

EXAMPLES_ARE_ABOUT = "kitchen hall loft cellar attic barn thermometer"
"""Words of the worked examples, which no answer should hold that the task and its results do not."""


def worked_examples(*, thought: bool, looked: bool = False) -> tuple[Message, ...]:
    """The messages between system prompt and task.

    Args:
        thought: Whether replies begin with a thought.
        looked: Whether the first look is made for the model (`first_look`): models that see none in the examples make
            again what was made already.
    """
    form = _Form(thought, looked)
    return (*_change(form), *_two_looks(form), *(_at_once(form) if looked else ()))


@dataclass(frozen=True, slots=True)
class _Form:
    thought: bool
    looked: bool

    def reply(self, **fields: Any) -> Message:
        shown: Mapping[str, Any] = {name: value for name, value in fields.items() if self.thought or name != "thought"}
        return Message("assistant", json.dumps(shown, ensure_ascii=False))

    def measures(self, room: str, thought: str, **wants: str) -> Message:
        return self.reply(**wants, thought=thought, tool="thermometer", arguments={"room": room})

    def begins(self, task: str, room: str, result: str, thought: str, wants: str) -> tuple[Message, ...]:
        """Task and first result: looked up by lmbridge, or called for."""
        if self.looked:
            known = "\n".join([LOOKED_UP, _result("thermometer", result), f"{AGAIN} {task}"])
            return Message("user", task), Message("user", known)
        called = self.measures(room, thought, wants=wants)
        return Message("user", task), called, Message("user", _result("thermometer", result))

    def first(self, wants: str) -> dict[str, str]:
        """What the reply behind the first result says beside its act: what is wanted, where it is the first reply."""
        return {"wants": wants} if self.looked else {}


def _result(tool: str, text: str) -> str:
    return fenced(f"Result of {tool}", text, text)


def _change(form: _Form) -> tuple[Message, ...]:
    task = "Example: Make the kitchen as warm as the hall, and the loft too."
    return (
        *form.begins(task, "hall", "hall: 17 degrees", "How warm the hall is must be known first.", "change"),
        form.reply(
            **form.first("change"),
            thought="The hall has 17 degrees. The kitchen must get 17 too.",
            tool="heat",
            arguments={"room": "kitchen", "degrees": 17},
        ),
        Message("user", _result("heat", "kitchen: 17 degrees")),
        form.reply(
            thought="The kitchen is done. The loft is still missing.",
            tool="heat",
            arguments={"room": "loft", "degrees": 17},
        ),
        Message("user", _result("heat", "loft: 17 degrees")),
        form.reply(
            thought="Both are done, as asked.",
            outcome="changed",
            answer="The kitchen and the loft have 17 degrees.",
        ),
    )


def _two_looks(form: _Form) -> tuple[Message, ...]:
    task, asked = (
        "Example: How warm are the cellar and the attic?",
        "The cellar and the attic are asked for. First the cellar.",
    )
    return (
        *form.begins(task, "cellar", "cellar: 9 degrees, dry", asked, "answer"),
        form.measures("attic", "The cellar has 9 degrees. The attic is still missing.", **form.first("answer")),
        Message("user", _result("thermometer", "attic: 21 degrees, dusty")),
        form.reply(
            thought="Both are known: 9 and 21 degrees. Nothing else was asked.",
            outcome="found",
            quotes=["cellar: 9 degrees, dry", "attic: 21 degrees, dusty"],
            answer="The cellar has 9 degrees, the attic 21.",
        ),
    )


def _at_once(form: _Form) -> tuple[Message, ...]:
    found = form.reply(
        **form.first("answer"),
        thought="The barn is damp.",
        outcome="found",
        quotes=["barn: 4 degrees, damp"],
        answer="No, the barn is damp.",
    )
    return (*form.begins("Example: Is the barn dry?", "barn", "barn: 4 degrees, damp", "", "answer"), found)
