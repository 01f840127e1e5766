"""Spans by the GenAI and MCP conventions, seen by a collector in the process."""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
import time
from collections.abc import Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from lmbridge.events import Fact, RunEnded, RunStarted
from lmbridge.observe.tracing import Tracing, available, provider_name
from support.runs import PIECE, every_fact, failed_run

Traced = Callable[[list[Fact]], list[ReadableSpan]]


@pytest.fixture
def traced() -> Traced:
    """Tells facts to a run's tracing and gives the finished spans."""

    def tell(facts: list[Fact]) -> list[ReadableSpan]:
        collector = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(collector))
        sink = Tracing(provider).sink()
        for fact in facts:
            sink(PIECE)
            sink(fact)
        return list(collector.get_finished_spans())

    return tell


def named(spans: list[ReadableSpan], name: str) -> ReadableSpan:
    return next(span for span in spans if span.name == name)


def test_a_run_is_an_agent_s_span_that_holds_chats_and_tool_executions(traced: Traced) -> None:
    spans = traced(every_fact())
    run = named(spans, "invoke_agent lmbridge")
    assert run.parent is None
    assert sorted(span.name for span in spans if span is not run) == [
        "chat large",
        "chat tiny",
        "execute_tool read_file",
        "execute_tool write_file",
    ]
    assert run.context
    assert {span.parent.span_id for span in spans if span.parent} == {run.context.span_id}
    assert sum(span.parent is None for span in spans) == 1


def test_the_attributes_are_those_of_the_conventions(traced: Traced) -> None:
    spans = traced(every_fact())
    run, chat = dict(named(spans, "invoke_agent lmbridge").attributes or {}), named(spans, "chat tiny")
    assert run["gen_ai.operation.name"] == "invoke_agent"
    assert run["gen_ai.agent.name"] == "lmbridge"
    assert run["gen_ai.conversation.id"] == "r-20261121-081502-4f3a9c"
    assert run["gen_ai.usage.input_tokens"] == 200
    assert chat.kind is SpanKind.CLIENT
    assert dict(chat.attributes or {}) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "llama_cpp",
        "gen_ai.conversation.id": "r-20261121-081502-4f3a9c",
        "gen_ai.request.model": "tiny",
        "gen_ai.request.max_tokens": 512,
        "gen_ai.response.model": "tiny",
        "gen_ai.response.finish_reasons": ("tool_calls",),
        "gen_ai.response.time_to_first_chunk": 0.2,
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 20,
        "gen_ai.usage.cache_read.input_tokens": 60,
        "gen_ai.usage.reasoning.output_tokens": 5,
        "server.address": "localhost",
        "server.port": 1234,
        "lmbridge.round": 1,
    }
    tool = dict(named(spans, "execute_tool write_file").attributes or {})
    assert (tool["mcp.method.name"], tool["gen_ai.tool.name"]) == ("tools/call", "write_file")
    assert (tool["gen_ai.operation.name"], tool["lmbridge.server"]) == ("execute_tool", "files")


def test_retries_reminders_and_rejected_calls_are_events(traced: Traced) -> None:
    spans = traced(every_fact())
    on_chat = {event.name for event in named(spans, "chat tiny").events}
    on_run = {event.name for event in named(spans, "invoke_agent lmbridge").events}
    assert on_chat == {"lmbridge.request_retried", "lmbridge.turn_discarded"}
    assert {"lmbridge.nudged", "lmbridge.model_switched", "lmbridge.call_rejected", "lmbridge.warned"} <= on_run


def test_a_failed_run_is_an_error_with_its_code(traced: Traced) -> None:
    (run,) = traced(failed_run())
    assert run.status.status_code is StatusCode.ERROR
    assert (run.attributes or {})["error.type"] == "model_load_failed"


def test_a_run_that_is_cut_off_leaves_no_open_span(traced: Traced) -> None:
    started = every_fact()[:9]
    spans = traced([*started, RunEnded("cancelled", "cancelled")])
    assert len(spans) == 4
    assert {span.name for span in spans if span.status.status_code is StatusCode.ERROR} == {
        "invoke_agent lmbridge",
        "execute_tool read_file",
        "execute_tool write_file",
    }


def test_no_text_of_the_run_is_in_a_span(traced: Traced) -> None:
    facts = every_fact()
    told = json.dumps([json.loads(span.to_json()) for span in traced(facts)])
    assert isinstance(facts[0], RunStarted)
    for text in (facts[0].task, "alpha", "a.txt", "ready", "Mind the gap", "Call a tool."):
        assert json.dumps(text)[1:-1] not in told


def test_an_endpoint_that_does_not_answer_keeps_nobody_waiting() -> None:
    tracing = Tracing.to("http://127.0.0.1:9")
    assert tracing
    sink = tracing.sink()
    for fact in every_fact():
        sink(fact)
    begun = time.monotonic()
    tracing.close(within=0.1)
    assert time.monotonic() - begun < 5.0, "its own time limit is ten seconds"


async def test_spans_arrive_at_an_otlp_endpoint() -> None:
    received: asyncio.Queue[bytes] = asyncio.Queue()

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        await received.put(gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body)
        return web.Response()

    app = web.Application()
    app.router.add_post("/v1/traces", take)
    async with TestServer(app) as server:
        tracing = Tracing.to(str(server.make_url("/")))
        assert tracing
        sink = tracing.sink()
        for fact in every_fact():
            sink(fact)
        await asyncio.to_thread(tracing.close, 10.0)
        async with asyncio.timeout(60):
            body = await received.get()
    assert b"invoke_agent lmbridge" in body
    assert b"execute_tool read_file" in body


def test_without_the_extra_there_are_no_traces_and_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    assert available()
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk", None)  # to the import system: not installed
    assert not available()
    assert Tracing.to("http://localhost:4318") is None


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ("LM Studio", "lm_studio"),
        ("llama.cpp", "llama_cpp"),
        ("vLLM", "vllm"),
        ("Ollama", "ollama"),
        ("an OpenAI-compatible server", "openai_compatible"),
        ("", "openai_compatible"),
    ],
)
def test_the_provider_is_the_one_that_answers(told: str, named: str) -> None:
    assert provider_name(told) == named
