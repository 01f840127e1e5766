"""OpenTelemetry spans of runs, by the GenAI and MCP semantic conventions, from the facts.

`invoke_agent` holds a `chat` for each request and an `execute_tool` for each call; retries, reminders and warnings are
events on them. No message, argument or result is recorded: the conventions make content an opt-in, and lmbridge has the
journal for it. Needs the `otel` extra; nothing of it is imported where that is missing.
"""

from __future__ import annotations

import importlib.util
import re
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import structlog

from lmbridge import installed
from lmbridge.events import (
    FLEETING,
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
    ToolFinished,
    ToolStarted,
    TurnDiscarded,
    TurnFinished,
    TurnStarted,
    Warned,
)
from lmbridge.messages import Usage

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer, TracerProvider

log = structlog.get_logger(__name__)

NAME = "lmbridge"


def available() -> bool:
    """Whether the `otel` extra is installed; OpenTelemetry's API alone, which always is, makes no spans."""
    return all(importlib.util.find_spec(f"opentelemetry.{part}") is not None for part in ("sdk", "exporter"))


class Tracing:
    """Makes sinks that turn runs into spans.

    Args:
        provider: Where spans go; the process's global provider when None.
    """

    def __init__(self, provider: TracerProvider | None = None) -> None:
        from opentelemetry import trace

        self._tracer: Tracer = trace.get_tracer(NAME, tracer_provider=provider)
        self._provider: Any = provider

    @classmethod
    def to(cls, endpoint: str) -> Self | None:
        """Tracing to an OTLP endpoint over HTTP, such as `http://localhost:4318`; None where the extra is missing."""
        if not available():
            log.warning("traces_off", endpoint=endpoint, hint=installed.how_to_add("otel"))
            return None
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        resource = Resource.create({"service.name": NAME})
        provider = TracerProvider(resource=resource, shutdown_on_exit=False)  # it would wait for a dead endpoint
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=5)
        provider.add_span_processor(BatchSpanProcessor(exporter))
        return cls(provider)

    def sink(self) -> Emit:
        """A sink for one run's facts."""
        return _RunSpans(self._tracer)

    def close(self, within: float = 1.0) -> None:
        """Sends what is left, for at most `within` seconds; an endpoint that does not answer keeps nobody waiting."""
        if self._provider is None:
            return
        sending = threading.Thread(target=self._provider.shutdown, name="traces", daemon=True)
        sending.start()
        sending.join(within)


class _RunSpans:
    """The spans of one run."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._run: Span | None = None
        self._chat: Span | None = None
        self._calls: dict[str, Span] = {}
        self._common: dict[str, Any] = {}
        self._model = ""
        self._usage = Usage()

    def __call__(self, fact: Fact | Fleeting) -> None:
        """Takes one fact."""
        if isinstance(fact, FLEETING):
            return
        match fact:
            case RunStarted():
                self._begin(fact)
            case TurnStarted() | TurnFinished() | TurnDiscarded():
                self._turn(fact)
            case ToolStarted():
                self._calls[fact.call.id] = self._called(fact)
            case ToolFinished():
                self._returned(fact)
            case RunEnded():
                self._end(fact)
            case _:
                self._note(fact)

    def _span(self, name: str, kind: str, parent: Span | None, attributes: Mapping[str, Any]) -> Span:
        from opentelemetry import trace

        context = trace.set_span_in_context(parent) if parent else None
        known = {key: value for key, value in attributes.items() if value is not None}
        return self._tracer.start_span(name, context, kind=trace.SpanKind[kind], attributes=known)

    def _begin(self, fact: RunStarted) -> None:
        where = urlsplit(fact.backend)
        self._model = fact.model
        self._common = {
            "gen_ai.provider.name": provider_name(fact.provider),
            "gen_ai.conversation.id": fact.run_id,
            "server.address": where.hostname,
            "server.port": where.port,
        }
        about = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": NAME,
            "gen_ai.agent.version": fact.version or None,
            "gen_ai.request.model": fact.model,
        }
        self._run = self._span(f"invoke_agent {NAME}", "INTERNAL", None, self._common | about)

    def _turn(self, fact: TurnStarted | TurnFinished | TurnDiscarded) -> None:
        if isinstance(fact, TurnStarted):
            self._close_chat()
            about = {
                "gen_ai.operation.name": "chat",
                "gen_ai.request.model": self._model,
                "gen_ai.request.max_tokens": fact.max_tokens,
                "lmbridge.round": fact.round,
            }
            self._chat = self._span(f"chat {self._model}", "CLIENT", self._run, self._common | about)
        elif isinstance(fact, TurnFinished):
            self._answered(fact)
        elif self._chat:
            self._chat.add_event("lmbridge.turn_discarded", {"reason": fact.reason})

    def _answered(self, fact: TurnFinished) -> None:
        turn, chat = fact.turn, self._chat
        self._usage += turn.usage
        if chat is None:
            return
        chat.set_attributes(_tokens(turn.usage))
        chat.set_attribute("gen_ai.response.model", turn.model or self._model)
        chat.set_attribute("gen_ai.response.finish_reasons", [turn.finish_reason])
        chat.set_attribute("gen_ai.response.time_to_first_chunk", turn.first_token_s)
        self._close_chat()

    def _close_chat(self) -> None:
        if self._chat:
            self._chat.end()
            self._chat = None

    def _called(self, fact: ToolStarted) -> Span:
        tool = fact.qualified.partition("__")[2] or fact.qualified
        about = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": tool,
            "gen_ai.tool.call.id": fact.call.id,
            "gen_ai.tool.type": "extension",
            "gen_ai.conversation.id": self._common.get("gen_ai.conversation.id"),
            "mcp.method.name": "tools/call",
            "lmbridge.server": fact.qualified.partition("__")[0] if "__" in fact.qualified else None,
            "lmbridge.read_only": fact.read_only,
        }
        return self._span(f"execute_tool {tool}", "CLIENT", self._run, about)

    def _returned(self, fact: ToolFinished) -> None:
        span = self._calls.pop(fact.call.id, None)
        if span is None:
            if self._run:
                self._run.add_event("lmbridge.call_rejected", {"gen_ai.tool.name": fact.call.name})
            return
        span.set_attribute("lmbridge.outcome", fact.result.outcome)
        if fact.result.outcome != "ok":
            _fail(span, fact.result.server_error or "tool_error")
        span.end()

    def _note(self, fact: Fact) -> None:
        event = _event(fact)
        span = self._chat or self._run
        if event and span:
            span.add_event(*event)
        if isinstance(fact, ModelSwitched):
            self._model = fact.new

    def _end(self, fact: RunEnded) -> None:
        for span in (self._chat, *self._calls.values()):
            if span:
                _fail(span, fact.stop_reason)
                span.end()
        self._chat, self._calls = None, {}
        if self._run:
            self._run.set_attributes(_tokens(self._usage))
            self._run.set_attribute("lmbridge.status", fact.status)
            self._run.set_attribute("lmbridge.stop_reason", fact.stop_reason)
            if fact.status in {"failed", "cancelled"}:
                _fail(self._run, fact.error.code if fact.error else fact.stop_reason)
            self._run.end()
            self._run = None


def provider_name(told: str) -> str:
    """The provider as the conventions write names (`lm_studio`, `llama_cpp`); one that says nothing of itself is `openai_compatible`.

    Args:
        told: What the backend is called: `LM Studio`, `llama.cpp`, …; empty in journals that do not say.
    """
    known = re.sub(r"[^a-z0-9]+", "_", told.lower()).strip("_")
    return "openai_compatible" if not known or "openai" in known else known


def _tokens(usage: Usage) -> dict[str, int]:
    return {
        "gen_ai.usage.input_tokens": usage.prompt_tokens,
        "gen_ai.usage.output_tokens": usage.completion_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens,
    }


def _fail(span: Span, kind: str) -> None:
    from opentelemetry.trace import Status, StatusCode

    span.set_attribute("error.type", kind)
    span.set_status(Status(StatusCode.ERROR))


def _event(fact: Fact) -> tuple[str, dict[str, Any]] | None:
    match fact:
        case RequestRetried(attempt=attempt, code=code, wait_s=wait):
            return "lmbridge.request_retried", {"error.type": code, "attempt": attempt, "wait_s": wait}
        case ModelLoaded(model=model, reason=reason, duration_s=seconds):
            return "lmbridge.model_loaded", {"gen_ai.request.model": model, "reason": reason, "duration_s": seconds}
        case ModelSwitched(old=old, new=new):
            return "lmbridge.model_switched", {"old": old, "new": new}
        case Nudged(kind=kind):
            return "lmbridge.nudged", {"kind": kind}
        case ServerFailed(name=name, code=code):
            return "lmbridge.server_failed", {"server": name, "error.type": code}
        case Warned():
            return "lmbridge.warned", {}
        case _:
            return None
