"""What a run's model is given before its first reply: its servers' skills, and a first look at what the task names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lmbridge.agent.calls.first_look import (
    FIRST_LOOK,
    CarryOut,
    Seen,
    below,
    folders,
    lines_about,
    listing_tools,
    looked,
    shown,
)
from lmbridge.agent.calls.ledger import Told
from lmbridge.agent.calls.look_ups import LookUps
from lmbridge.agent.calls.sweep import Swept, sweep
from lmbridge.agent.examples.choosing import alike
from lmbridge.agent.examples.form import ExampleForm
from lmbridge.agent.loop.budget import UNKNOWN_CONTEXT
from lmbridge.agent.loop.tool_offer import Offer
from lmbridge.agent.reading.excerpt import words_of
from lmbridge.agent.task.deletions.lacking import missing, told_first, undeletable
from lmbridge.agent.task.deletions.ordered import NOTHING, Deletion
from lmbridge.agent.task.run_plan import RunPlan
from lmbridge.events import LOOKED, Exemplified, Nudged
from lmbridge.llm.chat.prompt_size import START_CHARS_PER_TOKEN
from lmbridge.messages import ToolSpec
from lmbridge.observe.journal.folder import is_of_map


def give_skills(plan: RunPlan, told: Told) -> None:
    """Gives the model what its servers say of their tools, in a fence, as something that it has read."""
    for number, skill in enumerate(plan.skills, 1):
        told(skill.fact(f"{FIRST_LOOK}-skill-{number}"))
        told(Nudged(0, LOOKED, skill.message(plan.assignment.task, plan.run_id)))


async def look_first(
    plan: RunPlan,
    offer: Offer,
    carry_out: CarryOut,
    look_ups: LookUps,
    told: Told,
    *,
    whole: Mapping[str, ToolSpec],
    context: int | None = None,
) -> tuple[list[Seen], Swept | None]:
    """Shows a small model what its task names and its servers hold.

    Args:
        plan: What the run was given.
        offer: How tools are offered.
        carry_out: Makes calls and tells their results.
        look_ups: Looks into files that were listed.
        told: Where what the model is shown is told.
        whole: The tools by name, with all their arguments.
        context: Tokens of the loaded context; None where nobody knows.

    Returns:
        The calls that were made, none for a larger model, and where a conversation goes on or the tools are found by search; and
        the lines with a word that the task marks, where a folder was read for it.
    """
    if not plan.profile.looks_first or offer.discovers or plan.history:
        return [], None
    task = plan.assignment.task
    quiet = [spec for spec in offer.specs if spec.read_only or plan.access != "ask"]  # ask nobody for it
    seen = await looked(task, quiet, carry_out, addresses=not is_of_map(plan.run_id), whole=whole)
    swept = await sweep(task, listing_tools(seen, offer.specs), look_ups)
    lines = (
        [] if swept and swept.hits else await lines_about(task, words_of(task), folders(seen, offer.specs), look_ups)
    )
    inner = [] if swept else await below(seen, offer.specs, look_ups)
    gone = undeletable(task, whole.values())
    gone = NOTHING if missing(gone, [each.result for each in seen]) else gone
    _give_examples(plan, offer, seen, told, context or UNKNOWN_CONTEXT, gone)
    if text := shown(task, seen, lines, plan.run_id, inner, swept, told_first(gone)):
        told(Nudged(0, LOOKED, text))
    return seen, swept


def _give_examples(plan: RunPlan, offer: Offer, seen: Sequence[Seen], told: Told, context: int, gone: Deletion) -> None:
    """Shows a model that has worked examples some that are like its task, as many as a tenth of its context holds."""
    if not offer.example:
        return
    form = ExampleForm(plan.profile.thinks_at_once, looked=True)
    alone = not plan.profile.shared_examples
    most = int(context * START_CHARS_PER_TOKEN / 10)
    found = alike(plan.assignment.task, seen, offer.specs, form, most_chars=most, alone=alone, gone=gone)
    if found:
        told(Exemplified(found, alone=alone))
