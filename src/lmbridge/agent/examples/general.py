"""The worked examples that are the same for every run, so that backends can keep them warm: about a house, which no server knows."""

from __future__ import annotations

from lmbridge.agent.calls.first_look import AGAIN, LOOKED_UP
from lmbridge.agent.examples.form import ExampleForm, result
from lmbridge.messages import Message

EXAMPLES_ARE_ABOUT = "kitchen hall loft cellar attic barn thermometer"
"""Words of the worked examples, which no answer should hold that the task and its results do not."""


def worked_examples(*, thought: bool, looked: bool = False) -> tuple[Message, ...]:
    """The messages between system prompt and task.

    Args:
        thought: Whether replies begin with a thought.
        looked: Whether the first look is made for the model (`first_look`): models that see none in the examples make
            again what was made already.
    """
    form = ExampleForm(thought, looked)
    return (*_change(form), *_two_looks(form), *(_at_once(form) if looked else ()))


def _measures(form: ExampleForm, room: str, thought: str, **wants: str) -> Message:
    return form.reply(**wants, thought=thought, tool="thermometer", arguments={"room": room})


def _begins(form: ExampleForm, task: str, room: str, told: str, thought: str, wants: str) -> tuple[Message, ...]:
    """Task and first result: looked up by lmbridge, or called for."""
    if form.looked:
        known = "\n".join([LOOKED_UP, result("thermometer", told), f"{AGAIN} {task}"])
        return Message("user", task), Message("user", known)
    called = _measures(form, room, thought, wants=wants)
    return Message("user", task), called, Message("user", result("thermometer", told))


def _first(form: ExampleForm, wants: str) -> dict[str, str]:
    """What the reply behind the first result says beside its act: what is wanted, where it is the first reply."""
    return {"wants": wants} if form.looked else {}


def _change(form: ExampleForm) -> tuple[Message, ...]:
    task = "Example: Make the kitchen as warm as the hall, and the loft too."
    return (
        *_begins(form, task, "hall", "hall: 17 degrees", "How warm the hall is must be known first.", "change"),
        form.reply(
            **_first(form, "change"),
            thought="The hall has 17 degrees. The kitchen must get 17 too.",
            tool="heat",
            arguments={"room": "kitchen", "degrees": 17},
        ),
        Message("user", result("heat", "kitchen: 17 degrees")),
        form.reply(
            thought="The kitchen is done. The loft is still missing.",
            tool="heat",
            arguments={"room": "loft", "degrees": 17},
        ),
        Message("user", result("heat", "loft: 17 degrees")),
        form.reply(
            thought="Both are done, as asked.",
            outcome="changed",
            answer="The kitchen and the loft have 17 degrees.",
        ),
    )


def _two_looks(form: ExampleForm) -> tuple[Message, ...]:
    task, asked = (
        "Example: How warm are the cellar and the attic?",
        "The cellar and the attic are asked for. First the cellar.",
    )
    return (
        *_begins(form, task, "cellar", "cellar: 9 degrees, dry", asked, "answer"),
        _measures(form, "attic", "The cellar has 9 degrees. The attic is still missing.", **_first(form, "answer")),
        Message("user", result("thermometer", "attic: 21 degrees, dusty")),
        form.reply(
            thought="Both are known: 9 and 21 degrees. Nothing else was asked.",
            outcome="found",
            quotes=["cellar: 9 degrees, dry", "attic: 21 degrees, dusty"],
            answer="The cellar has 9 degrees, the attic 21.",
        ),
    )


def _at_once(form: ExampleForm) -> tuple[Message, ...]:
    found = form.reply(
        **_first(form, "answer"),
        thought="The barn is damp.",
        outcome="found",
        quotes=["barn: 4 degrees, damp"],
        answer="No, the barn is damp.",
    )
    return (*_begins(form, "Example: Is the barn dry?", "barn", "barn: 4 degrees, damp", "", "answer"), found)
