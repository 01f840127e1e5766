"""Waiting for a run on behalf of a call: progress, questions, patience, and cancelling what nobody waits for."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import anyio

from lmbridge.errors import InvalidArgumentsError
from lmbridge.report import Report
from lmbridge.server.tools.approvals import APPROVAL, Question, Questions
from lmbridge.server.tools.client import Caller, InputRequired, accepted, form
from lmbridge.server.tools.progress import Ticker, told

if TYPE_CHECKING:
    from lmbridge.agent.handle import RunHandle

BEGIN_PATIENCE = 5.0
"""Seconds that a background call waits to see whether its run is refused."""
CANCEL_PATIENCE = 5.0
"""Seconds that a cancelled call waits for its run's last fact."""
UNHEARD_PATIENCE = 50.0
"""Seconds after which a call without a progress token is answered while its run goes on.

Continue and Cline send no token and give a call up after 60 s; Cline ends the whole server then, with every other run.
"""
_KEPT_STATES = 1000

T = TypeVar("T")


def patience_of(soft_limit: float | None, caller: Caller) -> float | None:
    """Seconds that a call may wait for its run; None: as long as that takes.

    Args:
        soft_limit: The setting; it holds for every call where it is given.
        caller: Who waits. One that cannot be told of progress has no reason to go on waiting, and most do not.
    """
    if soft_limit is not None:
        return soft_limit
    return None if caller.wants_progress else UNHEARD_PATIENCE


@dataclass(frozen=True, slots=True)
class Followed:
    """A run that a call waits for, with the ticker of its progress and its questions."""

    handle: RunHandle
    ticker: Ticker
    questions: Questions


class Rounds:
    """The runs that wait for a client to come back with an answer (2026-07-28), by an unguessable state."""

    def __init__(self) -> None:
        self._followed: OrderedDict[str, Followed] = OrderedDict()

    def keep(self, followed: Followed) -> str:
        """Remembers a run; the state that names it."""
        state = secrets.token_urlsafe(24)
        self._followed[state] = followed
        while len(self._followed) > _KEPT_STATES:
            self._followed.popitem(last=False)
        return state

    def resume(self, caller: Caller) -> Followed | None:
        """The run that this call goes on with, its question answered; None for a call's first round.

        Raises:
            InvalidArgumentsError: The state is not one of ours.
        """
        if caller.state is None:
            return None
        followed = self._followed.pop(caller.state, None)
        if followed is None:
            raise InvalidArgumentsError(
                "requestState names no run that waits for an answer.", hint="See list_runs for what became of it."
            )
        question = followed.questions.pending
        if question:
            question.settle(accepted(caller.responses.get(question.key)))
        return followed


async def follow(followed: Followed, caller: Caller, rounds: Rounds, patience: float | None) -> Report:
    """Waits for the end of a run, at most `patience` seconds, and returns its report.

    A call that is cancelled cancels its run. After `patience` the run goes on, and what it asks is answered with no.

    Raises:
        InputRequired: The user is to be asked first (2026-07-28); the run waits meanwhile.
    """
    handle = followed.handle
    try:
        async with told(followed.ticker, caller):
            question = await _waited(followed, caller, patience)
    except asyncio.CancelledError:
        await abandoned(handle)
        raise
    if question is not None:
        raise InputRequired({question.key: form(question.message, APPROVAL)}, rounds.keep(followed))
    if not handle.ended:
        followed.questions.close()
    return handle.report()


async def abandoned(handle: RunHandle) -> None:
    """Ends the run of a call that was cancelled, and gives it a moment for its last fact."""
    with anyio.move_on_after(CANCEL_PATIENCE, shield=True):
        await handle.cancel()


async def begun(followed: Followed) -> Report:
    """The report of a run that goes on by itself, as soon as it began, was refused, or takes its time to begin."""
    followed.questions.close()
    return await beginning(followed)


async def beginning(followed: Followed, patience: float = BEGIN_PATIENCE) -> Report:
    """The report of a run as soon as it began, was refused, or takes its time to begin; it may still ask."""
    await _first(followed.handle.wait(), followed.ticker.began.wait(), timeout=patience)
    return followed.handle.report()


async def _waited(followed: Followed, caller: Caller, patience: float | None) -> Question | None:
    """Waits for the end, or for a question that only a repeated call can answer."""
    questions = followed.questions
    asked = questions.next() if caller.modern else _asking(questions, caller)
    done = await _first(followed.handle.wait(), asked, timeout=patience)
    return None if followed.handle.ended else done


async def _asking(questions: Questions, caller: Caller) -> None:
    """Asks whatever the run wants to know, in the middle of the call (handshake era)."""
    while True:
        question = await questions.next()
        question.settle(await caller.ask(question.message, APPROVAL))


async def _first(main: Coroutine[Any, Any, Any], other: Coroutine[Any, Any, T], *, timeout: float | None) -> T | None:
    """Waits for either; what the other one returned, or None where it did not."""
    loop = asyncio.get_running_loop()
    tasks = (loop.create_task(main), loop.create_task(other))
    try:
        await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        return tasks[1].result() if tasks[1].done() else None
    finally:
        for task in tasks:
            task.cancel()
