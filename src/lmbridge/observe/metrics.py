"""Prometheus metrics: runs are counted from their facts; the backend counts what no run tells of.

What delegating a task saved: tokens that the local model worked through against tokens that the caller received.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import orjson
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from lmbridge.errors import ServerAuthError, ServerStartError
from lmbridge.events import (
    FACTS,
    FLEETING,
    LOOKED,
    Compacted,
    Emit,
    Fact,
    Fleeting,
    ModelLoaded,
    ModelSwitched,
    Nudged,
    RequestRetried,
    RunEnded,
    RunStarted,
    ServerFailed,
    ServerRestarted,
    ToolFinished,
    ToolStarted,
    TurnDiscarded,
    TurnFinished,
    TurnStarted,
)
from lmbridge.messages import Turn
from lmbridge.report import Report, ReportFold

CHARS_PER_TOKEN = 4
"""For what the caller receives; its own tokenizer is not known here."""


@dataclass(frozen=True, slots=True)
class Savings:
    """Tokens of one run, or of several added up.

    Attributes:
        worked: Read and written by the local model over all rounds, as the backend counts (a cached prompt too).
        conversation: What all of it comes to where every message counts once: what a caller that did the task
            itself would have had in its own context.
        received: The report that the caller got, estimated at four characters a token.
        runs: How many runs these are.
    """

    worked: int = 0
    conversation: int = 0
    received: int = 0
    runs: int = 0

    @property
    def kept(self) -> int:
        """Tokens kept away from the caller's context."""
        return max(0, self.conversation - self.received)

    def __add__(self, other: Savings) -> Savings:
        return Savings(
            self.worked + other.worked,
            self.conversation + other.conversation,
            self.received + other.received,
            self.runs + other.runs,
        )

    def as_json(self) -> dict[str, int]:
        """As `runs stats --json` shows it."""
        return {
            "runs": self.runs,
            "worked_tokens": self.worked,
            "conversation_tokens": self.conversation,
            "received_tokens": self.received,
            "kept_tokens": self.kept,
        }


@dataclass(slots=True)
class SavingsFold:
    """Gathers the savings of one run from its facts."""

    _worked: int = 0
    _before: int = 0
    _peak: int = field(default=0)

    def add(self, fact: Fact) -> None:
        """Takes one fact."""
        match fact:
            case TurnFinished(turn=turn):
                length = turn.usage.prompt_tokens + turn.usage.completion_tokens
                self._worked += length
                self._peak = max(self._peak, length)
            case Compacted():
                self._before, self._peak = self._before + self._peak, 0
            case _:
                pass

    def savings(self, report: Report) -> Savings:
        """What was saved where the caller got this report."""
        received = len(orjson.dumps(report.as_json(), default=str)) // CHARS_PER_TOKEN
        return Savings(self._worked, self._before + self._peak, received, 1)


def savings(facts: Iterable[Fact], report: Report) -> Savings:
    """What a run saved."""
    fold = SavingsFold()
    for fact in facts:
        fold.add(fact)
    return fold.savings(report)


CONTENT_TYPE = CONTENT_TYPE_LATEST
BREAKER_STATES = {"closed": 0, "half_open": 1, "open": 2}
_SECONDS = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
_TOOL_SECONDS = (0.005, 0.02, 0.1, 0.5, 1, 5, 15, 60)
_ROUNDS = (1, 2, 3, 5, 8, 13, 21, 50, 100, 500)

Done = Literal["ok", "failed"]
M = TypeVar("M", Counter, Histogram)


class Metrics:
    """The metrics of one process, in a registry of their own.

    Args:
        registry: Where they are registered; a new one when None.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._active: Tally[str] = Tally()
        self._children: dict[tuple[Counter | Histogram, tuple[str, ...]], Any] = {}
        self._name_established()
        self._name_own()

    def _name_established(self) -> None:
        """The eight whose names dashboards already know."""
        into = self.registry
        self.loads = Counter(
            "lms_model_load_attempts_total",
            "Loads of models asked of the backend.",
            ["model", "outcome"],
            registry=into,
        )
        self.load_seconds = Histogram(
            "lms_model_load_duration_seconds", "How long loads took.", ["model"], buckets=_SECONDS, registry=into
        )
        self.verifications = Counter(
            "lms_model_verification_attempts_total",
            "Looks whether a model exists and can be used.",
            ["outcome"],
            registry=into,
        )
        self.verification_seconds = Histogram(
            "lms_model_verification_duration_seconds",
            "How long those took.",
            buckets=(0.0001, 0.001, 0.01, 0.1, 1, 5),
            registry=into,
        )
        self.active_models = Gauge("lms_active_models", "Models that runs are working with now.", registry=into)
        self.breaker = Gauge("lms_circuit_breaker_state", "0 closed, 1 half open, 2 open.", ["backend"], registry=into)
        self.task_seconds = Histogram(
            "lms_autonomous_task_duration_seconds", "How long runs took.", ["status"], buckets=_SECONDS, registry=into
        )
        self.task_rounds = Histogram(
            "lms_autonomous_task_rounds", "How many rounds runs took.", ["status"], buckets=_ROUNDS, registry=into
        )

    def _name_own(self) -> None:
        into = self.registry
        self.tokens = Counter(
            "lmbridge_tokens_total",
            "Tokens by kind: prompt (cached among them), cached, completion (reasoning among them), reasoning.",
            ["model", "kind"],
            registry=into,
        )
        self.kept = Counter(
            "lmbridge_tokens_kept_total",
            "Tokens of conversations that their callers did not have to read.",
            registry=into,
        )
        self.calls = Counter("lmbridge_tool_calls_total", "Tool calls.", ["server", "outcome"], registry=into)
        self.call_seconds = Histogram(
            "lmbridge_tool_call_duration_seconds",
            "How long they took.",
            ["server"],
            buckets=_TOOL_SECONDS,
            registry=into,
        )
        self.first_token_seconds = Histogram(
            "lmbridge_first_token_seconds", "From request to first piece.", ["model"], buckets=_SECONDS, registry=into
        )
        self.retries = Counter("lmbridge_retries_total", "Requests sent again.", ["code"], registry=into)
        self.discarded = Counter("lmbridge_discarded_turns_total", "Replies dropped.", ["reason"], registry=into)
        self.nudges = Counter("lmbridge_nudges_total", "Reminders given to models.", ["kind"], registry=into)
        self.server_events = Counter(
            "lmbridge_server_events_total",
            "Servers that did not start for a run, that were lost in one, and that were started again.",
            ["server", "event"],
            registry=into,
        )
        self.runs = Counter(
            "lmbridge_runs_total",
            "Runs that ended, and those refused or cancelled before they began.",
            ["status", "stop_reason"],
            registry=into,
        )
        self.active_runs = Gauge("lmbridge_active_runs", "Runs in work.", registry=into)

    def of(self, metric: M, *labels: str) -> M:
        """A metric's child by its labels, looked up once: at every look prometheus checks, converts and locks."""
        child = self._children.get((metric, labels))
        if child is None:
            child = self._children[metric, labels] = metric.labels(*labels)
        return child

    def sink(self, report: Callable[[], Report] | None = None) -> Emit:
        """A sink for one run's facts.

        Args:
            report: The report of what was told so far, where somebody gathers it already.
        """
        return _RunCounter(self, report)

    def never_began(self, report: Report) -> None:
        """Counts a run that was refused or cancelled before its first fact, of which no sink is told."""
        self.runs.labels(report.status, report.stop_reason).inc()
        if isinstance(report.cause, ServerStartError | ServerAuthError) and report.cause.server:
            self.server_events.labels(report.cause.server, "not_started").inc()

    def loaded(self, model: str, outcome: Done, seconds: float) -> None:
        """Counts a load that no fact tells of: asked for outside of runs, or failed."""
        self.loads.labels(model, outcome).inc()
        self.load_seconds.labels(model).observe(seconds)

    def verified(self, outcome: Done, seconds: float) -> None:
        """Counts a look whether a model can be used."""
        self.of(self.verifications, outcome).inc()
        self.verification_seconds.observe(seconds)

    def watch_breaker(self, backend: str, state: Callable[[], str]) -> None:
        """Shows a circuit breaker's state (`closed`, `half_open`, `open`), asked for at each look at the metrics."""
        self.breaker.labels(backend).set_function(lambda: BREAKER_STATES.get(state().replace("-", "_"), 2))

    def works_with(self, model: str | None, *, instead_of: str | None = None) -> None:
        """Notes that a run goes on with `model` (None: with none any more)."""
        if instead_of:
            self._active[instead_of] -= 1
            if self._active[instead_of] <= 0:
                del self._active[instead_of]
        if model:
            self._active[model] += 1
        self.active_models.set(len(self._active))

    def exposition(self) -> bytes:
        """What `/metrics` answers, in Prometheus's text form (`CONTENT_TYPE`)."""
        return generate_latest(self.registry)


_UNCOUNTED = (*FLEETING, TurnStarted, ToolStarted)
COUNTED = frozenset(FACTS.values()) - frozenset(_UNCOUNTED)
"""The kinds of facts that a run's sink wants to hear."""
_TOKENS = ("prompt", "cached", "completion", "reasoning")


class _RunCounter:
    """Counts one run's facts."""

    def __init__(self, metrics: Metrics, report: Callable[[], Report] | None = None) -> None:
        self._metrics = metrics
        self._model: str | None = None
        fold = ReportFold()
        self._fold, self._report = (None, report) if report else (fold, fold.report)
        self._savings = SavingsFold()
        self._counted: str | None = None
        self._tokens: tuple[Counter, ...] = ()

    def __call__(self, fact: Fact | Fleeting) -> None:
        """Counts one fact."""
        if isinstance(fact, _UNCOUNTED):
            return
        match fact:
            case TurnFinished(turn=turn):
                self._turned(turn)
            case ToolFinished():
                self._called(fact)
            case RunStarted():
                self._started(fact)
            case ModelSwitched(new=new):
                self._go_on_with(new)
            case _:
                self._noted(fact)
        if self._fold is not None:
            self._fold.add(fact)
        self._savings.add(fact)
        if isinstance(fact, RunEnded) and self._model:
            self._ended(fact)

    def _started(self, fact: RunStarted) -> None:
        self._metrics.active_runs.inc()
        self._go_on_with(fact.model)
        for server in fact.servers:
            if server.status == "failed":
                self._metrics.server_events.labels(server.name, "not_started").inc()

    def _go_on_with(self, model: str | None) -> None:
        self._metrics.works_with(model, instead_of=self._model)
        self._model = model

    def _turned(self, turn: Turn) -> None:
        model = self._model or turn.model
        usage, metrics = turn.usage, self._metrics
        if model != self._counted:  # looked up once for each model of the run
            self._counted = model
            self._tokens = tuple(metrics.of(metrics.tokens, model, kind) for kind in _TOKENS)
        counts = (usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens, usage.reasoning_tokens)
        for child, count in zip(self._tokens, counts, strict=True):
            if count:
                child.inc(count)
        metrics.of(metrics.first_token_seconds, model).observe(turn.first_token_s)

    def _called(self, fact: ToolFinished) -> None:
        server, metrics = fact.result.server or "lmbridge", self._metrics
        metrics.of(metrics.calls, server, fact.result.outcome).inc()
        if fact.result.outcome != "rejected":
            metrics.of(metrics.call_seconds, server).observe(fact.result.duration_ms / 1000)

    def _noted(self, fact: Fact) -> None:
        match fact:
            case ModelLoaded(model=model, duration_s=seconds):
                self._metrics.loaded(model, "ok", seconds)
            case RequestRetried(code=code):
                self._metrics.retries.labels(code).inc()
            case TurnDiscarded(reason=reason):
                self._metrics.discarded.labels(reason).inc()
            case Nudged(kind=kind) if kind != LOOKED:
                self._metrics.nudges.labels(kind).inc()
            case ServerFailed(name=name):
                self._metrics.server_events.labels(name, "failed").inc()
            case ServerRestarted(name=name):
                self._metrics.server_events.labels(name, "restarted").inc()
            case _:
                pass

    def _ended(self, fact: RunEnded) -> None:
        report, metrics = self._report(), self._metrics
        metrics.active_runs.dec()
        self._go_on_with(None)
        metrics.of(metrics.runs, fact.status, fact.stop_reason).inc()
        metrics.of(metrics.task_seconds, fact.status).observe(fact.duration_s)
        metrics.of(metrics.task_rounds, fact.status).observe(report.rounds)
        metrics.kept.inc(self._savings.savings(report).kept)
