"""Metrics are counted from facts, under the names that dashboards know."""

from __future__ import annotations

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from lmbridge.events import Fact, ModelSwitched
from lmbridge.observe.metrics import Metrics, Savings, SavingsFold, savings
from lmbridge.report import Report, report
from support.runs import PIECE, asks, every_fact

EIGHT = (
    "lms_model_load_attempts_total",
    "lms_model_load_duration_seconds",
    "lms_model_verification_attempts_total",
    "lms_model_verification_duration_seconds",
    "lms_active_models",
    "lms_circuit_breaker_state",
    "lms_autonomous_task_duration_seconds",
    "lms_autonomous_task_rounds",
)


def tell(metrics: Metrics, facts: list[Fact]) -> None:
    sink = metrics.sink()
    for fact in facts:
        sink(PIECE)
        sink(fact)


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


@pytest.mark.parametrize("name", EIGHT)
def test_each_of_the_eight_names_is_counted_by_what_happens(name: str) -> None:
    metrics = Metrics()
    before = metrics.exposition().decode()
    metrics.watch_breaker("http://localhost:1234/v1", lambda: "open")
    metrics.verified("ok", 0.01)
    tell(metrics, every_fact()[:-1])
    live = metrics.exposition().decode()
    tell(metrics, every_fact()[-1:])
    tell(metrics, every_fact())
    after = metrics.exposition().decode()
    assert f"# TYPE {name.removesuffix('_total')}" in before
    pattern = re.compile(rf"^{name}(_count)?({{[^}}]*}})? [1-9]", re.MULTILINE)
    assert not pattern.search(before)
    assert pattern.search(live + after)


def test_the_exposition_is_what_prometheus_reads() -> None:
    metrics = Metrics()
    tell(metrics, every_fact())
    families = {family.name for family in text_string_to_metric_families(metrics.exposition().decode())}
    assert {"lms_active_models", "lmbridge_tokens", "lmbridge_tool_calls", "lmbridge_runs"} <= families


def test_tokens_calls_retries_and_runs_are_counted() -> None:
    metrics = Metrics()
    tell(metrics, every_fact())
    assert value(metrics, "lmbridge_tokens_total", model="tiny", kind="prompt") == 100
    assert value(metrics, "lmbridge_tokens_total", model="large", kind="cached") == 60
    assert value(metrics, "lmbridge_tokens_total", model="large", kind="reasoning") == 5
    assert value(metrics, "lmbridge_tool_calls_total", server="files", outcome="ok") == 2
    assert value(metrics, "lmbridge_tool_calls_total", server="lmbridge", outcome="rejected") == 1
    assert value(metrics, "lmbridge_retries_total", code="llm_timeout") == 1
    assert value(metrics, "lmbridge_discarded_turns_total", reason="stalled") == 1
    assert value(metrics, "lmbridge_nudges_total", kind="narration") == 1
    assert value(metrics, "lmbridge_server_events_total", server="files", event="restarted") == 1
    assert value(metrics, "lmbridge_runs_total", status="done", stop_reason="answered") == 1
    assert value(metrics, "lms_autonomous_task_rounds_sum", status="done") == 2


def test_active_models_and_runs_follow_starts_switches_and_ends() -> None:
    metrics = Metrics()
    first, second = metrics.sink(), metrics.sink()
    first(every_fact()[0])
    second(every_fact()[0])
    assert (value(metrics, "lmbridge_active_runs"), value(metrics, "lms_active_models")) == (2, 1)
    first(next(fact for fact in every_fact() if isinstance(fact, ModelSwitched)))
    assert value(metrics, "lms_active_models") == 2
    first(every_fact()[-1])
    second(every_fact()[-1])
    assert (value(metrics, "lmbridge_active_runs"), value(metrics, "lms_active_models")) == (0, 0)


def test_loads_of_runs_and_others_are_counted_by_their_outcome() -> None:
    metrics = Metrics()
    metrics.loaded("tiny", "failed", 0.5)
    tell(metrics, every_fact())
    assert value(metrics, "lms_model_load_attempts_total", model="tiny", outcome="failed") == 1
    assert value(metrics, "lms_model_load_attempts_total", model="tiny", outcome="ok") == 1
    assert value(metrics, "lms_model_load_duration_seconds_sum", model="tiny") == 2.0


def test_the_breaker_is_asked_at_each_look() -> None:
    metrics, state = Metrics(), ["closed"]
    metrics.watch_breaker("b", lambda: state[0])
    seen = []
    for state[0] in ("closed", "half_open", "open"):
        seen.append(value(metrics, "lms_circuit_breaker_state", backend="b"))
    assert seen == [0, 1, 2]


def test_two_bridges_in_one_process_do_not_share_counters() -> None:
    one, other = Metrics(), Metrics()
    tell(one, every_fact())
    assert value(other, "lmbridge_runs_total", status="done", stop_reason="answered") is None


def test_what_was_saved_counts_each_message_once_and_the_report_as_received() -> None:
    facts: list[Fact] = [asks(1), asks(2), asks(3)]  # three prompts of 100 and replies of 20 tokens
    saved = savings(facts, Report(answer="x" * 200))
    assert saved.worked == 360
    assert saved.conversation == 120
    assert 60 < saved.received < 200
    assert saved.kept == max(0, 120 - saved.received)


def test_savings_add_up_over_runs() -> None:
    one = savings(every_fact(), report(every_fact()))
    total = one + one + Savings()
    assert (total.runs, total.worked) == (2, 2 * one.worked)
    assert total.as_json()["kept_tokens"] == total.kept


def test_a_compacted_conversation_counts_what_was_read_before_it_too() -> None:
    fold = SavingsFold()
    for fact in every_fact():
        fold.add(fact)
    assert fold.savings(Report()).conversation == 240
