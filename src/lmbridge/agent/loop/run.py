"""The heart: `run` alternates the model's replies and its tools' results, and tells everything as facts.

It always ends, always with exactly one `RunEnded`, and always says why: an answer, a limit, an error, a cancel.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

import structlog

from lmbridge._version import __version__
from lmbridge.agent.calls.ledger import Told
from lmbridge.agent.loop.budget import UNKNOWN_CONTEXT, Budget
from lmbridge.agent.loop.rounds import Work
from lmbridge.agent.loop.state import Ending, RunState
from lmbridge.agent.loop.tool_offer import Mode, Offer, Showing, offer, shown_tokens, ways
from lmbridge.agent.loop.turns import Replies
from lmbridge.agent.task import claims
from lmbridge.agent.task.protocols import Model, Toolbox
from lmbridge.agent.task.run_plan import RunPlan
from lmbridge.agent.tools.builtin import BuiltinTools
from lmbridge.agent.tools.result_store import ResultStore
from lmbridge.errors import (
    LLMError,
    LmbridgeError,
    StreamInterruptedError,
    as_lmbridge_error,
    forget_frames,
    sole_error,
)
from lmbridge.events import Emit, Failure, RunEnded, RunStarted, TextKept, Warned
from lmbridge.messages import Message, ToolSpec
from lmbridge.report import Report, status_of

_log = structlog.get_logger(__name__)


MOST_ANSWER_CHARS = 200_000
"""Characters of an answer that are given; no caller's model reads more, and the journal keeps the reply."""


async def run(
    plan: RunPlan, model: Model, toolbox: Toolbox, emit: Emit, *, clock: Callable[[], float] = time.monotonic
) -> Report:
    """Carries a plan out.

    Args:
        plan: What is to be done, and how.
        model: The model the run is pinned to.
        toolbox: The servers' tools: validated, granted and redacted already; the loop adds its own and cuts results.
        emit: Told every fact. A `Told` that the model and the toolbox share makes the report whole.
        clock: Seconds, for the duration.

    Returns:
        The report; a run that failed has its error in it.

    Raises:
        asyncio.CancelledError: The run was cancelled; its end has been told.
    """
    told = Told.of(emit)
    began = clock()

    def end(ending: Ending, error: Failure | None = None) -> None:
        if not told.started:
            told(_started(plan, model, toolbox))
        for warning in claims.uncertain(told.results):
            told(Warned(warning))
        answer = ending.answer
        if len(answer) > MOST_ANSWER_CHARS:
            told(Warned(f"The answer has {len(answer):,} characters; only the first {MOST_ANSWER_CHARS:,} are given."))
            answer = answer[:MOST_ANSWER_CHARS]
        status = status_of(ending.stop_reason)
        if plan.caution and status == "done":
            told(Warned(plan.caution))
        if plan.advice and (status == "partial" or (status == "done" and told.report().warnings)):
            told(Warned(plan.advice))
        told(RunEnded(status, ending.stop_reason, answer, ending.output, error, clock() - began, ending.rests_on))

    try:
        end(await _judged(plan, await _within_deadline(plan, model, toolbox, told), told))
    except asyncio.CancelledError:
        end(Ending("cancelled", told.last_text))
        raise
    except Exception as error:  # the border of a run: whatever happens is told as its end
        failure = _failure(error)
        forget_frames(error)
        end(Ending(failure.code, _partial(error) or told.last_text), failure)
    return told.report()


def _started(plan: RunPlan, model: Model, toolbox: Toolbox, offered: Offer | None = None) -> RunStarted:
    """The run's first fact; without an offer where the run ended before one was made."""
    task = plan.assignment
    return RunStarted(
        run_id=plan.run_id,
        task=task.task,
        model=model.id,
        backend=plan.backend,
        provider=plan.provider,
        system_prompt=offered.system_prompt if offered else "",
        history=plan.history or (offered.example if offered else ()),
        tools=offered.specs if offered else (),
        searchable=toolbox.specs if offered and offered.discovers else (),
        servers=plan.servers,
        max_rounds=task.max_rounds,
        max_tokens=task.max_tokens,
        timeout_s=plan.timeout_s,
        context_length=model.context_length,
        access=plan.access,
        continues=task.continue_run,
        client=plan.client,
        version=__version__,
        output_schema=task.output_schema,
        accept=task.accept,
        scope=task.scope,
        profile=plan.profiled,
        chosen=plan.chosen,
    )


async def _within_deadline(plan: RunPlan, model: Model, toolbox: Toolbox, told: Told) -> Ending:
    deadline = asyncio.timeout(plan.timeout_s)
    try:
        async with deadline:
            return await _worked(plan, model, toolbox, told)
    except TimeoutError:
        if deadline.expired():
            return Ending("deadline", told.last_text)
        raise


async def _judged(plan: RunPlan, ending: Ending, told: Told) -> Ending:
    """The ending, with a warning in front where an outside judge holds an answered task for not done."""
    if plan.judge is not None and ending.stop_reason == "answered":
        doubt = await plan.judge.doubt(plan.assignment.task, ending.answer, told.results)
        if doubt:
            told(Warned(doubt))
    return ending


async def _worked(plan: RunPlan, model: Model, toolbox: Toolbox, told: Told) -> Ending:
    offered = await _offered(plan, model, toolbox.specs)
    told(_started(plan, model, toolbox, offered))
    store = _store(plan.kept, told)
    replies = Replies(plan, model, told, offered, store)
    desk = BuiltinTools(toolbox, offered.specs, store=store, emit=told, room=replies.result_room)
    return await Work(RunState.of(plan, desk, store, told, replies), model).to_end()


def _store(kept: Mapping[str, str | None], told: Told) -> ResultStore:
    """The run's long results, those of an earlier run among them; told, so that the journal has them."""
    store = ResultStore(on_keep=lambda handle, text: told(TextKept(handle, text)))
    for handle, text in kept.items():
        if text is None:
            store.skip(handle)
        else:
            told(TextKept(store.keep(text, handle), text, carried=True))
    return store


async def _offered(plan: RunPlan, model: Model, specs: Sequence[ToolSpec]) -> Offer:
    """The tools as richly as they fit the loaded context, and the way in which they are called."""
    chosen, mode = plan.settings.tool_mode, plan.profile.mode
    forced = chosen == "action" or (chosen == "auto" and (mode == "forced" or model.native_tools is False))
    way: Mode = "action" if forced else "native"
    showing = await _fitting(plan, model, specs, way)
    return offer(
        showing,
        mode=way,
        profile=plan.profile,
        answer=plan.output_schema,
        begun=bool(plan.history),
        cut=bool(plan.kept),
    )


async def _fitting(plan: RunPlan, model: Model, specs: Sequence[ToolSpec], mode: Mode) -> Showing:
    if not specs:
        return Showing(())
    share = Budget(model.context_length or UNKNOWN_CONTEXT).schemas
    named = {spec.name: spec for spec in specs}
    likely = tuple(named[name] for name in plan.likely if name in named)
    for showing in ways(specs, plan.profile, likely, plan.assignment.task):
        if showing.discover or await _tokens(plan, model, showing, mode, share) <= share:
            return showing
    return Showing(())


async def _tokens(plan: RunPlan, model: Model, showing: Showing, mode: Mode, share: int) -> int:
    """Tokens of the tools: estimated, and counted by the backend's tokenizer where that decides."""
    estimate = shown_tokens(showing, mode)
    if mode == "action" or estimate <= share or estimate > 2 * share:
        return estimate
    probe = (Message("user", plan.assignment.task),)
    try:
        plain = await model.count_tokens(probe, ())
        full = await model.count_tokens(probe, showing.specs) if plain is not None else None
    except LLMError:
        return estimate
    return estimate if plain is None or full is None else full - plain


def _failure(error: Exception) -> Failure:
    mapped = as_lmbridge_error(error)
    if not isinstance(sole_error(error), LmbridgeError):
        _log.error("run failed", exc_info=error)
    return Failure(mapped.code, mapped.message, mapped.hint)


def _partial(error: Exception) -> str:
    leaf = sole_error(error)
    return leaf.partial if isinstance(leaf, StreamInterruptedError) else ""
