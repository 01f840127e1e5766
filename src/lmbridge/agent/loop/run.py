"""The heart: `run` alternates the model's replies and its tools' results, and tells everything as facts.

It always ends, always with exactly one `RunEnded`, and always says why: an answer, a limit, an error, a cancel.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import structlog

from lmbridge._version import __version__
from lmbridge.agent.loop.context import START_CHARS_PER_TOKEN, Budget, tools_chars
from lmbridge.agent.loop.ledger import Told
from lmbridge.agent.loop.rounds import Ending, Means, Work
from lmbridge.agent.loop.tool_offer import MOST_TOOLS, Mode, Offer, offer, too_many
from lmbridge.agent.loop.turns import Replies
from lmbridge.agent.task import claims
from lmbridge.agent.task.assignment import Assignment
from lmbridge.agent.task.protocols import Model, Toolbox
from lmbridge.agent.tools.builtin import Desk
from lmbridge.agent.tools.result_store import ResultStore
from lmbridge.errors import LLMError, LmbridgeError, StreamInterruptedError, as_lmbridge_error, sole_error
from lmbridge.events import Emit, Failure, RunEnded, RunStarted, ServerState, TextKept, Warned
from lmbridge.messages import Message
from lmbridge.report import Report, status_of
from lmbridge.settings import Access, Settings

_STRICTEST_FIRST: tuple[Access, ...] = ("read", "ask", "write")
_log = structlog.get_logger(__name__)


async def run(
    assignment: Assignment,
    *,
    run_id: str,
    model: Model,
    toolbox: Toolbox,
    emit: Emit,
    servers: Sequence[ServerState] = (),
    history: Sequence[Message] = (),
    kept: Mapping[str, str | None] = MappingProxyType({}),
    settings: Settings,
    clock: Callable[[], float] = time.monotonic,
    client: str | None = None,
    backend: str = "",
) -> Report:
    """Carries an assignment out.

    Args:
        assignment: What is to be done.
        run_id: The run's id.
        model: The model the run is pinned to.
        toolbox: The servers' tools: validated, granted and redacted already; the loop adds its own and cuts results.
        emit: Told every fact. A `Told` that the model and the toolbox share makes the report whole.
        servers: How each server stood.
        history: Messages of the conversation that goes on, between the system prompt and the task.
        kept: Whole texts of cut results in that history, by handle; None where there is none any more.
        settings: The settings.
        clock: Seconds, for the duration.
        client: Name of the calling client.
        backend: Base URL of the backend, without credentials.

    Returns:
        The report; a run that failed has its error in it.

    Raises:
        asyncio.CancelledError: The run was cancelled; its end has been told.
    """
    told = Told.of(emit)
    opening = Opening(
        run_id, assignment, model, toolbox, tuple(servers), tuple(history), kept, settings, client, backend
    )
    began = clock()

    def end(ending: Ending, error: Failure | None = None) -> None:
        if not told.started:
            told(opening.fact())
        for warning in claims.unknown(told.results):
            told(Warned(warning))
        status = status_of(ending.stop_reason)
        told(RunEnded(status, ending.stop_reason, ending.answer, ending.output, error, clock() - began))

    try:
        end(await _within_deadline(opening, told))
    except asyncio.CancelledError:
        end(Ending("cancelled", told.last_text))
        raise
    except Exception as error:  # the border of a run: whatever happens is told as its end
        failure = _failure(error)
        end(Ending(failure.code, _partial(error) or told.last_text), failure)
    return told.report()


@dataclass(frozen=True, slots=True)
class Opening:
    """What a run was given."""

    run_id: str
    assignment: Assignment
    model: Model
    toolbox: Toolbox
    servers: tuple[ServerState, ...]
    history: tuple[Message, ...]
    kept: Mapping[str, str | None]
    settings: Settings
    client: str | None
    backend: str

    @property
    def timeout_s(self) -> float:
        """Seconds that the run may take."""
        return self.assignment.timeout_s or self.settings.run_timeout

    @property
    def access(self) -> Access:
        """The stricter of what is asked for and what the settings allow."""
        asked = self.assignment.access or self.settings.access
        return min(asked, self.settings.access, key=_STRICTEST_FIRST.index)

    def fact(self, offered: Offer | None = None) -> RunStarted:
        """The run's first fact; without an offer where the run ended before one was made."""
        return RunStarted(
            run_id=self.run_id,
            task=self.assignment.task,
            model=self.model.id,
            backend=self.backend,
            system_prompt=offered.system_prompt if offered else "",
            history=self.history,
            tools=offered.specs if offered else (),
            searchable=self.toolbox.specs if offered and offered.discovers else (),
            servers=self.servers,
            max_rounds=self.assignment.max_rounds,
            max_tokens=self.assignment.max_tokens,
            timeout_s=self.timeout_s,
            context_length=self.model.context_length,
            access=self.access,
            continues=self.assignment.continue_run,
            client=self.client,
            version=__version__,
            output_schema=self.assignment.output_schema,
            accept=self.assignment.accept,
        )


async def _within_deadline(opening: Opening, told: Told) -> Ending:
    deadline = asyncio.timeout(opening.timeout_s)
    try:
        async with deadline:
            return await _worked(opening, told)
    except TimeoutError:
        if deadline.expired():
            return Ending("deadline", told.last_text)
        raise


async def _worked(opening: Opening, told: Told) -> Ending:
    offered = await _offered(opening)
    told(opening.fact(offered))
    store = _store(opening.kept, told)
    assignment, settings = opening.assignment, opening.settings
    replies = Replies(
        opening.model,
        told,
        offered,
        store=store,
        task=assignment.task,
        most_chars=settings.max_result_chars,
        may_act=settings.tool_mode == "auto",
        temperature=assignment.temperature,
        answer=assignment.output_schema,
    )
    desk = Desk(opening.toolbox, offered.specs, store=store, emit=told, room=replies.result_room)
    return await Work(Means(assignment, opening.model, desk, store, settings, told, replies)).to_end()


def _store(kept: Mapping[str, str | None], told: Told) -> ResultStore:
    """The run's long results, those of an earlier run among them; told, so that the journal has them."""
    store = ResultStore(on_keep=lambda handle, text: told(TextKept(handle, text)))
    for handle, text in kept.items():
        if text is None:
            store.skip(handle)
        else:
            told(TextKept(store.keep(text, handle), text, carried=True))
    return store


async def _offered(opening: Opening) -> Offer:
    specs, model = opening.toolbox.specs, opening.model
    acting = opening.settings.tool_mode == "action" or (
        opening.settings.tool_mode == "auto" and model.native_tools is False
    )
    share = Budget(model.context_length).schemas
    tokens = await _schema_tokens(opening, share)
    discover = too_many(len(specs), tokens, share)
    mode: Mode = "action" if acting else "native"
    return offer(specs, mode=mode, discover=discover, answer=opening.assignment.output_schema)


async def _schema_tokens(opening: Opening, share: int | None) -> int:
    """Tokens of the tools: estimated, and counted by the backend's tokenizer where the estimate would not fit."""
    specs, model = opening.toolbox.specs, opening.model
    if len(specs) > MOST_TOOLS:
        return 0  # too many whatever they say; hundreds are not written out to be measured
    estimate = round(tools_chars(specs) / START_CHARS_PER_TOKEN)
    if share is None or estimate <= share:
        return estimate
    probe = (Message("user", opening.assignment.task),)
    try:
        plain = await model.count_tokens(probe, ())
        full = await model.count_tokens(probe, specs) if plain is not None else None
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
