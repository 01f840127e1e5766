"""One run opened: what was asked, what it waits for, its answer with its receipts, and every round as it went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lmbridge.events import (
    ApprovalSought,
    Fact,
    Nudged,
    RunStarted,
    ToolFinished,
    ToolStarted,
    TurnDiscarded,
    TurnFinished,
)
from lmbridge.messages import ToolCall, Turn
from lmbridge.observe.progress import remark
from lmbridge.report import Report, Write
from lmbridge.server.page.html import Markup, joined, tag
from lmbridge.server.page.layout import badge, facts, run_link, section, table
from lmbridge.server.page.now import approval, latest, stop
from lmbridge.server.page.watching import RunAtWork
from lmbridge.server.page.words import as_json, clipped, count, plural, seconds, tokens, whole_seconds
from lmbridge.text import one_line

ROUNDS = 30
"""Rounds on one page."""
SHORT = 200
"""Characters of arguments that are shown without unfolding."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A run with all that the page shows of it.

    Attributes:
        run_id: The run.
        facts: What its journal holds; of one that was interrupted, with what can be said of its open calls.
        report: Its report.
        standing: How it stands while it is at work.
        form: What its forms hold; None: it is shown without forms.
        until: Only rounds up to this one; None: to the last.
        most: Rounds at once.
    """

    run_id: str
    facts: Sequence[Fact]
    report: Report
    standing: RunAtWork | None = None
    form: str | None = None
    until: int | None = None
    most: int = ROUNDS


def opened(run: Opened) -> Markup:
    """The whole view."""
    begun = next((fact for fact in run.facts if isinstance(fact, RunStarted)), None)
    return joined(
        _head(run, begun),
        _answer(run.report),
        _warnings(run.report),
        _receipts(run.report),
        _rounds(run),
        _made_of(begun),
    )


def _head(run: Opened, begun: RunStarted | None) -> Markup:
    report, standing = run.report, run.standing
    reason = report.stop_reason if report.stop_reason not in (report.status, "answered") else ""
    usage = report.usage
    task = clipped(begun.task if begun else "")
    return tag(
        "section",
        tag("h1", "Run ", tag("span", run.run_id, class_="id")),
        tag("p", badge(report.status), f" {one_line(reason)}" if reason else "", role="status"),
        *(approval(standing) if standing else ()),
        latest(standing.words) if standing else None,
        stop(run.run_id, run.form, asked=standing.asked_to_end) if standing and run.form else None,
        facts(
            ("model", one_line(report.model or "")),
            ("at", one_line(standing.at) if standing else None),
            ("silent for", whole_seconds(standing.silent_s) if standing else None),
            ("rounds", report.rounds),
            ("time", (whole_seconds if standing else seconds)(report.duration_s)),
            ("tokens", tokens(usage.prompt_tokens, usage.completion_tokens)),
            ("from the cache", count(usage.cached_tokens) if usage.cached_tokens else None),
            ("for", one_line(begun.client or "") if begun else None),
            ("continues", run_link(begun.continues) if begun and begun.continues else None),
            ("chosen", one_line(begun.chosen or "") if begun else None),
        ),
        tag("h2", "Task"),
        tag("pre", task, dir="auto"),
        id="head",
        aria_label="The run",
    )


def _answer(report: Report) -> Markup | None:
    parts: list[Any] = []
    if report.error:
        told = f"{report.error.code}: {report.error.message}"
        parts.append(tag("p", told, class_="problem"))
        parts.append(tag("p", report.error.hint) if report.error.hint else None)
    if report.answer:
        parts.append(tag("pre", clipped(report.answer), dir="auto"))
    if report.output is not None:
        parts += [tag("h3", "Output"), tag("pre", clipped(as_json(report.output)))]
    return section("Answer", *parts, name="answer") if parts else None


def _warnings(report: Report) -> Markup | None:
    if not report.warnings and not report.needs_grant:
        return None
    grants = tag("p", "To allow it the next time, put into scope: ", tag("code", ", ".join(report.needs_grant)))
    return section(
        "Warnings",
        tag("ul", *(tag("li", one_line(text)) for text in report.warnings)),
        grants if report.needs_grant else None,
        name="warnings",
    )


def _receipts(report: Report) -> Markup:
    writes = [_write(each) for each in report.writes]
    used = [(tag("span", one_line(each.tool), class_="tool"), each.calls, each.failed) for each in report.tools_used]
    servers = [(one_line(each.name), each.status, one_line(each.error or "")) for each in report.servers]
    source = report.provenance
    return section(
        "Receipts",
        table("Calls that may have changed something", ("Tool", "Arguments", "Outcome"), writes)
        if writes
        else tag("p", "Nothing was written."),
        table("Tools called", ("Tool", "Calls", "In vain"), used) if used else None,
        table("Servers", ("Server", "Status", "Trouble"), servers) if servers else None,
        tag("p", f"Words come from: {one_line(', '.join(source.sources))}", class_="quiet") if source else None,
        name="receipts",
    )


def _write(each: Write) -> tuple[Any, ...]:
    return tag("span", one_line(each.tool), class_="tool"), _arguments(dict(each.arguments)), badge(each.outcome)


def _arguments(value: Any) -> Markup:
    """Arguments: at a glance where they are short, else to be unfolded."""
    text = as_json(value)
    if len(line := one_line(text)) <= SHORT:
        return tag("code", line)
    return tag("details", tag("summary", f"{line[:SHORT]}…"), tag("pre", clipped(text)))


# --- the rounds


@dataclass(slots=True)
class _Round:
    """One round: the reply, its calls by id, and what happened beside them, in the order told."""

    number: int
    turn: Turn | None = None
    parts: list[Any] = field(default_factory=list)
    begun: dict[str, ToolStarted] = field(default_factory=dict)
    held: dict[str, ApprovalSought] = field(default_factory=dict)


def _rounds(run: Opened) -> Markup:
    every = rounds_of(run.facts)
    shown = [each for each in every if run.until is None or each.number <= run.until]
    page = shown[-run.most :]
    earlier = None
    if len(shown) > len(page):
        before = page[0].number - 1
        earlier = tag("p", tag("a", f"Rounds up to {before}", href=f"/runs/{run.run_id}?until={before}"))
    later = tag("p", tag("a", "The latest rounds", href=f"/runs/{run.run_id}")) if len(shown) < len(every) else None
    return (
        section("Rounds", later, *(_round(each) for each in reversed(page)), earlier, name="rounds")
        if every
        else section("Rounds", tag("p", "No round has begun."), name="rounds")
    )


def rounds_of(facts: Sequence[Fact]) -> list[_Round]:
    """The facts by rounds, oldest first; what came before the first one stands in round 0."""
    rounds: dict[int, _Round] = {}
    now = 0
    for fact in facts:
        if isinstance(fact, RunStarted):
            continue
        now = getattr(fact, "round", now)
        _take(rounds.setdefault(now, _Round(now)), fact)
    return [each for each in rounds.values() if each.turn or each.parts or each.begun or each.number]


def _take(into: _Round, fact: Fact) -> None:
    match fact:
        case TurnFinished(turn=turn):
            into.turn = turn
        case ApprovalSought(call=call):
            into.held[call.id] = fact
        case ToolStarted(call=call):
            into.begun[call.id] = fact
        case ToolFinished(call=call):
            into.begun.pop(call.id, None)
            into.parts.append(_call(fact, into.held.pop(call.id, None)))
        case _:
            if told := remark(fact):
                into.parts.append(_note(told, fact))


def _note(told: str, fact: Fact) -> Markup:
    """A remark; of a reminder what the model was told, of a dropped reply why."""
    more = fact.text if isinstance(fact, Nudged) else fact.detail if isinstance(fact, TurnDiscarded) else ""
    line = tag("p", one_line(told), class_="note")
    return tag("details", tag("summary", line), tag("pre", clipped(more)), class_="note") if more else line


def _round(each: _Round) -> Markup:
    turn = each.turn
    head = f"Round {each.number}" if each.number else "Before the first round"
    parts: list[Any] = [tag("h3", head)]
    if turn:
        told = f"{tokens(turn.usage.prompt_tokens, turn.usage.completion_tokens)} · {seconds(turn.duration_s)}"
        parts.append(tag("p", told, class_="quiet"))
        if turn.message.reasoning:
            thought = tag("pre", clipped(turn.message.reasoning), dir="auto")
            parts.append(tag("details", tag("summary", "Thinking"), thought))
        if turn.text:
            parts.append(tag("pre", clipped(turn.text), dir="auto", class_="said"))
    parts += each.parts
    parts += [_pending(fact) for fact in each.begun.values()]
    return tag("article", *parts, id=f"round-{each.number}", class_="round")


def _call(fact: ToolFinished, held: ApprovalSought | None) -> Markup:
    result = fact.result
    given: Any = dict(result.arguments) if result.arguments is not None else fact.call.arguments
    marks = [badge(result.outcome), f" {seconds(result.duration_ms / 1000)}"]
    if not result.read_only and result.outcome != "rejected":
        marks.append(tag("span", "may have changed something", class_="badge write"))
    if result.open_world:
        marks.append(tag("span", "from outside", class_="badge write"))
    size = f"Result, {plural(max(result.full_chars, len(result.content)), 'character')}"
    result_text = tag("pre", clipped(result.content), dir="auto", class_="result")
    return tag(
        "div",
        tag("p", tag("span", one_line(result.qualified or fact.call.name), class_="tool"), " ", *marks),
        tag("p", f"Approval was sought: {one_line(held.reason)}.", class_="note") if held else None,
        _arguments(given),
        tag("details", tag("summary", size), result_text, open=len(result.content) <= SHORT)
        if result.content
        else None,
        tag("p", one_line(result.note), class_="note") if result.note else None,
        class_="call",
        id=_key(fact.round, fact.call),
    )


def _pending(fact: ToolStarted) -> Markup:
    name = tag("span", one_line(fact.qualified), class_="tool")
    told = tag("p", name, " ", badge("running", "at work"))
    return tag("div", told, _arguments(dict(fact.arguments)), class_="call", id=_key(fact.round, fact.call))


def _key(number: int, call: ToolCall) -> str | None:
    """An id of an element for a call, whose own id a backend has made up."""
    return (
        f"call-{number}-{call.id}"
        if call.id.isascii() and call.id.replace("-", "").replace("_", "").isalnum()
        else None
    )


def _made_of(begun: RunStarted | None) -> Markup | None:
    """What the first request was made of."""
    if begun is None:
        return None
    profile: Mapping[str, Any] = begun.profile or {}
    tools = ", ".join(spec.qualified or spec.name for spec in begun.server_tools)
    return section(
        "Made of",
        facts(
            ("backend", one_line(begun.backend)),
            ("access", begun.access),
            ("scope", one_line(", ".join(begun.scope))),
            ("profile", one_line(str(profile.get("told", "")))),
            ("context", f"{count(begun.context_length)} tokens" if begun.context_length else None),
            ("tools", plural(len(begun.server_tools), "tool")),
        ),
        tag("details", tag("summary", "Tools offered"), tag("pre", clipped(tools))) if tools else None,
        tag("details", tag("summary", "System prompt"), tag("pre", clipped(begun.system_prompt))),
        name="made-of",
    )
