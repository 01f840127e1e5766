"""The gate's one decision, from values alone: may this call be made freely, with a note, or only with approval?

Before the first result a run knows nothing but the user's words, and everything is free but what always needs approval.
From then on strangers' words may speak through the model, and what counts is what a call is aimed at: whether the
user's side names it, whether it is there, whether private text leaves with it. Lists of words only ever soften.
"""

from __future__ import annotations

from lmbridge.mcp_host.gate import paths
from lmbridge.mcp_host.gate.aim import Aimed, is_open, reads
from lmbridge.mcp_host.gate.paths import Looked
from lmbridge.mcp_host.gate.protected import is_protected
from lmbridge.mcp_host.gate.rules.changing import changing
from lmbridge.mcp_host.gate.rules.outward import outward
from lmbridge.mcp_host.gate.rules.quoted import quoted
from lmbridge.mcp_host.gate.rules.which_one import is_another_server
from lmbridge.mcp_host.gate.verdicts import FREE, Ask, Note, Run, Verdict, strongest


def judge(order: Aimed, run: Run) -> Verdict:
    """Whether a call may be made.

    Args:
        order: The call.
        run: What is known of its run.
    """
    guarded = strongest(_protected(order, run), _beyond_sight(order, run))
    if isinstance(guarded, Ask) or not run.memory.tainted or run.said.grants_tool(order.spec.qualified):
        return guarded
    return strongest(quoted(order, run), outward(order, run), changing(order, run), _elsewhere(order, run))


def _elsewhere(order: Aimed, run: Run) -> Verdict:
    """A call that does something through one server, where the task names another one that has the same tool."""
    if reads(order) or not is_another_server(order, run):
        return FREE
    return Note(f"{order.spec.qualified} was called, and the task names another server with such a tool")


def _protected(order: Aimed, run: Run) -> Verdict:
    """Files that start programs: approved each time, whoever names them; exactly named in `scope` is approved."""
    if reads(order):
        return FREE
    for looked in order.looked:
        if is_protected(looked, run.protected) and not _granted_exactly(looked, order, run):
            reason = "what stands there decides which programs are started"
            return Ask(reason, looked.shown, (looked.shown,), looked.shown)
    return FREE


def _beyond_sight(order: Aimed, run: Run) -> Verdict:
    """A call with so many values that what it is aimed at was not looked at to the end."""
    harmless = reads(order) and not is_open(order)
    if not order.targets.more or harmless or run.said.grants_tool(order.spec.qualified):
        return FREE
    qualified = order.spec.qualified
    return Ask("it holds more values than can be looked at", qualified, (qualified,), qualified)


def _granted_exactly(looked: Looked, order: Aimed, run: Run) -> bool:
    places = {*looked.places, *looked.real, looked.text}
    granted = {paths.plain(mention.text) for mention in run.said.granted_paths}
    within = {paths.plain(f"{root}/{text}") for root in order.roots for text in granted}
    return bool(places & (granted | within))
