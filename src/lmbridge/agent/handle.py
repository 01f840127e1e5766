"""A run while it lives: its report so far, waiting for it, cancelling it, switching its model, listening to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import cast

import structlog

from lmbridge.agent.delegation import Delegation
from lmbridge.agent.task.assignment import Assignment
from lmbridge.collecting import in_larger_portions
from lmbridge.errors import InvalidArgumentsError, as_lmbridge_error, forget_frames
from lmbridge.events import FACTS, Emit, Fact, RunStarted, TextKept, TurnStarted
from lmbridge.observe import logging
from lmbridge.observe.fan_out import Teller
from lmbridge.report import Report

_log = structlog.get_logger(__name__)

_HELD = frozenset(FACTS.values()) - {TextKept}
"""Whole texts of cut results are the run's own while it lives and the journal's afterwards; handles outlive their runs."""


_CANCELLED = Report(status="cancelled", stop_reason="cancelled")


class RunHandle:
    """One run, owned by the bridge that started it.

    Handles outlive their runs: what a run worked with (its model, its texts, what the gate remembers, its sinks) is let go at
    its end, and nothing then refers back to the handle, so that all of it is freed at once and no collector has to come.

    Args:
        run_id: Its id.
        assignment: What it is to do.
        delegation: How it does it.
        sinks: Told every fact.
        on_early_end: Given the report of a run that ended before it began, of which no sink is told.
        on_end: Called once it is over, however that was.

    Attributes:
        run_id: The run's id.
        assignment: What it is to do.
        facts: Everything told so far, in order.
        started_at: Unix time of its start.
    """

    def __init__(
        self,
        run_id: str,
        assignment: Assignment,
        delegation: Delegation,
        *,
        sinks: Sequence[Emit] = (),
        on_early_end: Callable[[Report], None] | None = None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self.run_id = run_id
        self.assignment = assignment
        self.facts: list[Fact] = []
        self.started_at = time.time()
        self._clock = time.monotonic()
        self._delegation: Delegation | None = delegation
        self._ended_with = Report()
        self._early: Report | None = None  # of a call that ended before its run began
        self._teller = teller = Teller()
        teller.add(cast("Emit", self.facts.append), kinds=_HELD)  # no fleeting value is of these kinds
        teller.add(logging.follow, kinds=(TurnStarted,))
        for sink in sinks:
            teller.add(sink)
        self._on_early_end = on_early_end
        self._on_end = on_end
        self._task = asyncio.get_running_loop().create_task(self._run(delegation), name=run_id)
        self._task.add_done_callback(self._over)

    @property
    def ended(self) -> bool:
        """Whether the run is over."""
        return self._task.done()

    @property
    def began(self) -> bool:
        """Whether the run got past its preparation (a refused one never does)."""
        return bool(self.facts) and isinstance(self.facts[0], RunStarted)

    def report(self) -> Report:
        """The report, of a running run as far as it is."""
        if self._early and not self.began:
            return self._early
        report = self._ended_with if self._delegation is None else self._delegation.report()
        if report.run_id is None:
            report = Report(run_id=self.run_id)
        if report.status != "running":
            return report
        return report.running_for(time.monotonic() - self._clock)

    async def wait(self, timeout: float | None = None) -> Report:
        """Waits for the end, at most `timeout` seconds, and returns the report; the run itself goes on regardless."""
        await asyncio.wait([self._task], timeout=timeout)
        return self.report()

    async def cancel(self) -> Report:
        """Ends the run: the LLM connection is closed, tool calls are cancelled, the journal gets its last fact."""
        self.end()
        return await self.wait()

    def end(self) -> None:
        """Like `cancel`, without waiting for it."""
        self._task.cancel()

    def switch_model(self, model: str) -> None:
        """Lets another model answer from the next turn on; a request in flight is cancelled and its reply dropped.

        Raises:
            InvalidArgumentsError: The run has not reached its first turn, or is over.
        """
        if self.ended or self._delegation is None or not self.began:
            raise InvalidArgumentsError(f"Run {self.run_id} has no turn in work.", hint="Switch while it runs.")
        self._delegation.switch_model(model)

    def warn(self, text: str, *, model: str) -> None:
        """Tells a run that works with `model` something that its caller should know; it goes into its report."""
        if self._delegation is not None:
            self._delegation.warn(text, model=model)

    def subscribe(self, sink: Emit) -> None:
        """Lets a sink receive every fact from now on."""
        self._teller.add(sink)

    async def _run(self, delegation: Delegation) -> None:
        """The task of the run; it ends quietly, since what happened is in the facts or in the early report."""
        try:
            with logging.bound(run=self.run_id), in_larger_portions():
                await delegation.run(self._teller)
        except asyncio.CancelledError as error:
            forget_frames(error)  # a task group on its way may still hold it
            self._early = _CANCELLED
        except BaseException as error:  # the border: told in the report, with the traceback in the log
            self._early = self._refused(error)

    def _refused(self, error: BaseException) -> Report:
        """The report of a run that an error ended; the error loses its way, which would lead back to this handle."""
        problem = as_lmbridge_error(error)
        if problem.code == "internal_error":
            _log.exception("run_crashed", run=self.run_id)
        forget_frames(error)
        return Report.refused(problem)

    def _over(self, task: asyncio.Task[None]) -> None:
        """Keeps the report and the facts, and lets go of all else that the run worked with: handles outlive their runs."""
        if self._delegation is not None:
            self._ended_with, self._delegation = self._delegation.report(), None
        if task.cancelled():  # before its first step, which would have ended it quietly
            self._early = _CANCELLED
        if self._early and not self.began and self._on_early_end:
            self._on_early_end(self._early)
        self._on_end()
        self._teller.close()
