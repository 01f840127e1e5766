"""Canaries: secrets of every origin are sent through a whole run, and must turn up nowhere that anything is written."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment
from lmbridge.observe.logging import configure
from lmbridge.observe.tracing import Tracing
from lmbridge.settings import Settings
from lmbridge.testing import FakeLMStudio, call, fault, say
from support.servers import write_config

API_TOKEN = "sk-lm-canary00:api-canary-0123456789"
ENVIRONMENT = 'env-canary-ünïcode-"quoted"'
ARGUMENT = "ghp_argumentcanary0123456789abcdef"
CANARIES = ("canary00", "api-canary", "env-canary", "nïcode", "argumentcanary")


@pytest.fixture
async def fake() -> AsyncIterator[FakeLMStudio]:
    async with FakeLMStudio(api_token=API_TOKEN) as running:
        yield running


async def test_no_secret_is_written_anywhere(fake: FakeLMStudio, tmp_path: Path) -> None:
    arguments = ["-m", "lmbridge.testing.faulty_server", "ok"]
    entry = {"command": sys.executable, "args": arguments, "env": {"LEAKY_TOKEN": ENVIRONMENT}}
    broken = {"command": "/none", "args": ["--token", ARGUMENT], "env": {"OTHER_SECRET": ENVIRONMENT}}
    settings = Settings(
        base_url=fake.base_url,
        api_token=API_TOKEN,  # pyrefly: ignore[bad-argument-type]  # pydantic makes it a secret
        mcp_json_path=write_config(tmp_path, {"leaky": entry, "broken": broken}),
        state_dir=tmp_path / "state",
        log_level="debug",
        log_format="json",
    )
    logs, spans = io.StringIO(), InMemorySpanExporter()
    handlers = list(logging.getLogger().handlers)
    configure(settings, stream=logs)
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    fake.script(
        fault.status(500, {"error": f"upstream said Bearer {API_TOKEN}"}),
        call("environment", text="LEAKY_TOKEN"),
        call("echo", text="and again"),
        say(f"The token is {ENVIRONMENT} or {ARGUMENT}."),
    )
    try:
        async with asyncio.timeout(60), Bridge.open(settings) as bridge:
            report = await bridge.delegate(
                Assignment("Tell me the secret.", servers=("leaky", "broken")), sinks=[Tracing(provider).sink()]
            )
            structlog.get_logger("test").error("a stray line", value=ENVIRONMENT)
            metrics = bridge.metrics.exposition().decode()
            assert report.status == "done", (report, logs.getvalue()[-9000:])
            transcript = bridge.journals.path(bridge.journals.ids()[0]).read_text(encoding="utf-8")
    finally:
        logging.getLogger().handlers[:] = handlers
        structlog.reset_defaults()
    assert report.status == "done", report
    assert len(fake.chats) == 4
    traced = json.dumps([json.loads(span.to_json()) for span in spans.get_finished_spans()], ensure_ascii=False)
    shown = json.dumps(report.as_json() | {"answer": ""}, ensure_ascii=False, default=str)
    sent = json.dumps([seen.body for seen in fake.chats], ensure_ascii=False)
    places = {"journal": transcript, "logs": logs.getvalue(), "metrics": metrics, "traces": traced, "report": shown}
    assert "stray line" in places["logs"]
    assert f'"run": "{report.run_id}"' in places["logs"]
    assert "‹secret:" in sent, "the model is shown a mark in the secret's place"
    for place, text in {**places, "prompts": sent}.items():
        assert text, place
        for canary in CANARIES:
            assert canary not in text, f"{canary} in {place}"
