"""The probes, in the order in which they are made: each a pure plan of what to ask, and a pure verdict over what came."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from lmbridge.qualify import backend_probes, schema_probes, style_probes, tool_probes
from lmbridge.qualify.asks import Came, Step
from lmbridge.qualify.known import Known
from lmbridge.qualify.tool_cases import LEVELS
from lmbridge.qualify.tool_probes import WayProbes
from lmbridge.qualify.wants_probe import WantsProbe

Steps = tuple[Step, ...]
Plan = Callable[[Known], Steps | Awaitable[Steps]]
Judge = Callable[[Known, Sequence[Sequence[Came]]], Known]
Skip = Callable[[Known], str | None]


def _never(_known: Known) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing to find out.

    Attributes:
        name: Name of its (first) check.
        plan: The requests: steps one after another, those of a step at the same time.
        judge: What is known after it.
        skip: Why it is not worth asking, given what is known; None: it is.
        quick: Whether it is part of `--quick`.
    """

    name: str
    plan: Plan
    judge: Judge
    skip: Skip = _never
    quick: bool = False


def all_probes(wants: WantsProbe | None = None) -> tuple[Probe, ...]:
    """Every probe. What matters most comes first, and what shares a prompt's beginning stands together.

    Args:
        wants: The one that asks as a run does; None: there is none.
    """
    backend, schemas, style = backend_probes, schema_probes, style_probes
    native, forced = tool_probes.of_way("native"), tool_probes.of_way("forced")
    few, more, *many = LEVELS
    return (
        Probe("answers", backend.plan_answers, backend.judge_answers, quick=True),
        Probe("reasoning", backend.plan_reasoning, backend.judge_reasoning, _unless_thinking),
        Probe("json_schema", schemas.plan_enforced, schemas.judge_enforced, quick=True),
        *_work(native, few),
        *_work(forced, few),
        _tools(forced, more),
        Probe("context_overflow", backend.plan_overflow, backend.judge_overflow, backend.too_long, quick=True),
        Probe("cancel", backend.plan_cancel, backend.judge_cancel, quick=True),
        _tools(native, more),
        Probe("native_two_calls", native.plan_two, native.judge_two, native.skip_two),
        *([Probe("wants", wants.plan, wants.judge, wants.skip)] if wants else []),
        *(_tools(native, level) for level in many),
        *(_tools(forced, level) for level in many),
        Probe("brief_tools", style.plan_said, style.judge_said, style.enough_said),
        Probe("without_example", style.plan_example, style.judge_example, style.all_steps_right),
        Probe("vendor_sampling", style.plan_vendor, style.judge_vendor, style.no_vendor),
        Probe("tool_choice_required", tool_probes.plan_required, tool_probes.judge_required, tool_probes.no_native),
        Probe("tool_choice_named", tool_probes.plan_named, tool_probes.judge_named, tool_probes.no_native),
        Probe("json_schema_keywords", schemas.plan_keywords, schemas.judge_keywords, schemas.not_enforced),
        Probe("own_context", backend.plan_own_context, backend.judge_own_context, backend.too_costly),
    )


def _work(way: WayProbes, level: int) -> tuple[Probe, ...]:
    """What both ways are tried with: the right tool of few, its arguments, a call after a result, the end."""
    return (
        _tools(way, level),
        Probe(f"{way.way}_after_result", way.plan_after, way.judge_after, way.hopeless, quick=True),
        Probe(f"{way.way}_end", way.plan_end, way.judge_end, way.hopeless, quick=True),
    )


def _tools(way: WayProbes, level: int) -> Probe:
    skip, quick = way.skip_tools(level), level <= tool_probes.QUICK_LEVEL
    return Probe(f"{way.way}_tools_{level}", way.plan_tools(level), way.judge_tools(level), skip, quick)


def _unless_thinking(known: Known) -> str | None:
    return None if known.thinks else "no thinking came"
