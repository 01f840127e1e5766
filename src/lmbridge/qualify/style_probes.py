"""Probes of how a model is best spoken to, each only where something was wrong: more said of tools, an example, the makers' sampling."""

from __future__ import annotations

from collections.abc import Sequence

from lmbridge.profile import GREEDY
from lmbridge.qualify import tool_cases
from lmbridge.qualify.asks import Came, Step
from lmbridge.qualify.forms import Style
from lmbridge.qualify.known import Known
from lmbridge.qualify.tool_cases import AFTER_RESULT, END, LEVELS, RIGHT_TOOL, Case
from lmbridge.qualify.tool_probes import QUICK_LEVEL, WayProbes, of_way

Results = Sequence[Sequence[Came]]
_FULLY, _EXAMPLE = Style(fully=True), Style(example=True)


def _probe(known: Known) -> WayProbes:
    return of_way(known.better())


def _seen(known: Known, name: str, results: Results) -> Known | None:
    """The verdict where a request was not answered in time; None where all were."""
    unheard = next((step[0] for step in results if step[0].unheard), None)
    return known.found(name, None, unheard.why) if unheard else None


# --- of each tool: a sentence, or everything


def enough_said(known: Known) -> str | None:
    """Why more need not be said of each tool."""
    probe = _probe(known)
    right, of = known.right(probe.way, f"tools_{QUICK_LEVEL}")
    if not of:
        return f"no list of {QUICK_LEVEL} tools was shown"
    return "right with a sentence about each" if right == of else None


def plan_said(known: Known) -> tuple[Step, ...]:
    """The cases of eight tools once more, with everything that can be said of them."""
    probe = _probe(known)
    return tuple((probe.ask(known, case, QUICK_LEVEL, style=_FULLY),) for case in RIGHT_TOOL[QUICK_LEVEL])


def judge_said(known: Known, results: Results) -> Known:
    """Whether a sentence about each is as good."""
    if unheard := _seen(known, "brief_tools", results):
        return unheard
    probe = _probe(known)
    fully = sum(probe.is_right(case, step[0]) for case, step in zip(RIGHT_TOOL[QUICK_LEVEL], results, strict=True))
    brief, of = known.right(probe.way, f"tools_{QUICK_LEVEL}")
    return known.found(
        "brief_tools", brief >= fully, f"{brief} of {of} right with a sentence about each, {fully} with all"
    )


# --- a worked example


def _steps(known: Known) -> list[Case]:
    """The cases of several steps that went wrong."""
    way = known.better()
    asked = (("after_result", AFTER_RESULT), ("end", END))
    return [case for about, case in asked if known.right(way, about) == (0, 1)]


def all_steps_right(known: Known) -> str | None:
    """Why nothing need be put in front."""
    way = known.better()
    if not known.right(way, "tools_2")[0]:
        return "no right tool of 2"
    return None if _steps(known) else "its steps are right as they are"


def plan_example(known: Known) -> tuple[Step, ...]:
    """The steps that went wrong, behind a worked example."""
    probe = _probe(known)
    return tuple((probe.ask(known, case, LEVELS[0], style=_EXAMPLE),) for case in _steps(known))


def judge_example(known: Known, results: Results) -> Known:
    """Whether it goes as well without a worked example."""
    if unheard := _seen(known, "without_example", results):
        return unheard
    probe, cases = _probe(known), _steps(known)
    rights = [
        probe.ends(step[0]) if case is END else probe.is_right(case, step[0])
        for case, step in zip(cases, results, strict=True)
    ]
    told = f"{sum(rights)} of {len(rights)} steps that went wrong are right behind a worked example"
    return known.found("without_example", not any(rights), told)


# --- sampling


def no_vendor(known: Known) -> str | None:
    """Why there is nothing to compare."""
    if known.vendor is None:
        return "no advice of the model's makers is known"
    if not known.vendor.temperature:
        return "its makers advise greedy decoding"
    right, of = known.right(known.better(), f"tools_{QUICK_LEVEL}")
    if not right:
        return f"no right tool of {QUICK_LEVEL} to compare with"
    return "right greedily, and it does not think" if right == of and not known.thinks else None


def plan_vendor(known: Known) -> tuple[Step, ...]:
    """The cases of eight tools once more, drawn as the model's makers advise."""
    probe, sampling = _probe(known), known.vendor or GREEDY
    return tuple((probe.ask(known, case, QUICK_LEVEL, sampling=sampling),) for case in RIGHT_TOOL[QUICK_LEVEL])


def judge_vendor(known: Known, results: Results) -> Known:
    """Whether it does as well as greedy decoding did."""
    if unheard := _seen(known, "vendor_sampling", results):
        return unheard
    probe = _probe(known)
    cases = tool_cases.RIGHT_TOOL[QUICK_LEVEL]
    drawn = sum(probe.is_right(case, step[0]) for case, step in zip(cases, results, strict=True))
    greedy, of = known.right(probe.way, f"tools_{QUICK_LEVEL}")
    told = f"{drawn} of {of} right, greedy {greedy} of {of}"
    return known.found("vendor_sampling", drawn >= greedy, told, drawn_better=drawn > greedy)
