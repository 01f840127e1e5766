"""What goes on now: runs at work with what they wait for, models and slots, what was saved, how well each model did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lmbridge.map.records import MapSummary
from lmbridge.observe.by_model import ModelRecord
from lmbridge.observe.metrics import Savings
from lmbridge.server.page.backends import BackendLine, ModelLine
from lmbridge.server.page.html import Markup, joined, tag
from lmbridge.server.page.layout import badge, run_link, section, table
from lmbridge.server.page.watching import RunAtWork
from lmbridge.server.page.words import count, plural, tokens, whole_seconds
from lmbridge.server.tools.views import bare_url
from lmbridge.text import one_line

TASK_CHARS = 160
WORDS_CHARS = 160
MOST_TOLD = 1000
"""Rounds from which on a limit says nothing to whoever looks."""
SILENT_S = 30.0
"""Seconds of silence after which they are pointed out."""


def running(standing: Sequence[RunAtWork], maps: Sequence[MapSummary], form: str) -> Markup:
    """The runs at work."""
    told = plural(len(standing), "run") + " at work" if standing else "No run is at work."
    waiting = [each for each in standing if each.waits_for]
    if waiting:
        told += f", {len(waiting)} of them waiting for approval"
    return section(
        "At work",
        tag("p", told, role="status", id="at-work"),
        *(_map(each) for each in maps),
        *(run_card(each, form) for each in standing),
        name="running",
    )


def run_card(run: RunAtWork, form: str) -> Markup:
    """One run at work."""
    task = one_line(run.task)
    cut = f"{task[: TASK_CHARS - 1]}…" if len(task) > TASK_CHARS else task
    return tag(
        "article",
        tag("h3", run_link(run.run_id, cut or run.run_id)),
        *(approval(run)),
        _standing(run),
        latest(run.words) if not run.waits_for else None,
        stop(run.run_id, form, asked=run.asked_to_end),
        id=f"now-{run.run_id}",
        class_="run",
    )


def latest(words: str) -> Markup | None:
    """The last of the words that a model is writing."""
    line = one_line(words)
    if not line:
        return None
    return tag("p", f"… {line[-WORDS_CHARS:]}" if len(line) > WORDS_CHARS else line, class_="words", dir="auto")


def _standing(run: RunAtWork) -> Markup:
    usage = run.report.usage
    rounds = f"{run.round} of {count(run.most_rounds)}" if 0 < run.most_rounds < MOST_TOLD else str(run.round)
    silent = tag(
        "span", f"silent for {whole_seconds(run.silent_s)}", class_="late" if run.silent_s > SILENT_S else None
    )
    pairs: list[tuple[str, Any]] = [
        ("model", run.report.model or "–"),
        ("at", one_line(run.at)),
        ("round", rounds),
        ("time", joined(whole_seconds(run.report.duration_s), ", ", silent)),
        ("tokens", tokens(usage.prompt_tokens, usage.completion_tokens)),
    ]
    if run.client:
        pairs.append(("for", run.client))
    return tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in pairs), class_="facts")


def approval(run: RunAtWork) -> list[Markup]:
    """What a run waits for, and why; it is answered where the question was asked."""
    return [
        tag(
            "div",
            tag("strong", "Waits for approval: "),
            tag("span", each.qualified, class_="tool"),
            tag("p", f"Why: {one_line(each.reason)}."),
            tag("p", "Target: ", tag("span", one_line(each.target), class_="tool")) if each.target else None,
            tag("p", "Answer it in the program that asked for the run.", class_="quiet"),
            class_="approval",
        )
        for each in run.waits_for
    ]


def stop(run_id: str, form: str, *, asked: bool) -> Markup:
    """The button that ends a run."""
    if asked:
        return tag("p", "Was asked to end …", class_="quiet")
    return tag(
        "form",
        tag("input", type="hidden", name="form", value=form),
        tag("button", "Stop", type="submit", class_="stop", aria_label=f"Stop run {run_id}"),
        method="post",
        action=f"/runs/{run_id}/cancel",
    )


def _map(found: MapSummary) -> Markup:
    return tag(
        "article",
        tag("h3", run_link(found.run_id, one_line(found.task) or found.run_id)),
        tag("p", badge("running"), " map, ", found.standing),
        tag("progress", value=found.done + found.failed, max=max(1, found.items), aria_label="Items worked off"),
        id=f"now-{found.run_id}",
        class_="run",
    )


def backends(lines: Sequence[BackendLine] | None, trouble: str | None, speeds: Mapping[str, float]) -> Markup:
    """Models and slots of each backend."""
    body: list[Any] = [tag("p", one_line(trouble), class_="problem")] if trouble else []
    if lines is None and not trouble:
        body.append(tag("p", "The backend is being asked …"))
    body += [_backend(line, speeds) for line in lines or ()]
    return section("Models and slots", *body, name="backends")


def _backend(line: BackendLine, speeds: Mapping[str, float]) -> Markup:
    title = " · ".join(filter(None, (line.name, line.program, bare_url(line.url))))
    if line.problem:
        told = one_line(f"Does not answer: {line.problem}" + (f" {line.hint}" if line.hint else ""))
        return tag("div", tag("h3", one_line(title)), tag("p", told, class_="problem"), class_="backend")
    rows = [_model(model, speeds) for model in line.loaded]
    head = ("Model", "Slots", "Speed", "Context")
    further = tag("p", f"{plural(line.further, 'model')} more, not in memory", class_="quiet") if line.further else None
    shown = table("Models in memory", head, rows) if rows else tag("p", "No model is in memory.")
    return tag("div", tag("h3", one_line(title)), shown, further, class_="backend")


def _model(model: ModelLine, speeds: Mapping[str, float]) -> tuple[Any, ...]:
    speed = model.tokens_per_s or speeds.get(model.model)
    slots = joined(
        tag("meter", value=model.held, max=max(1, model.slots), aria_label="Slots in use"),
        f" {model.held} of {model.slots} in use",
    )
    return (
        tag("span", one_line(model.model), class_="tool"),
        slots,
        f"{count(speed)} tokens/s" if speed else "not seen yet",
        f"{count(model.context)} tokens" if model.context else "not told",
    )


def saved(total: Savings, left: int) -> Markup:
    """What delegating kept away from callers."""
    lines: list[Any] = [
        tag(
            "p",
            tag("strong", f"{count(total.kept)} tokens", class_="big"),
            f" kept away from callers by {plural(total.runs, 'finished run')}",
        ),
        tag(
            "p",
            f"{count(total.worked)} worked through by local models; {count(total.conversation)} would have been in the"
            f" callers' context, {count(total.received)} of reports were.",
            class_="quiet",
        ),
    ]
    if left:
        lines.append(tag("p", f"{plural(left, 'run')} more are being counted …", class_="quiet"))
    return section("Saved", *lines, name="saved")


def by_model(records: Sequence[ModelRecord]) -> Markup:
    """How well each model did, by kind of task."""
    rows = [_record(each.as_json()) for each in records]
    head = ("Model", "Kind", "Done", "Rounds", "Seconds", "Fumbles")
    body = (
        table("Finished runs: done without a warning, means of rounds and seconds", head, rows)
        if rows
        else tag("p", "No finished run is kept.")
    )
    return section("Completion by model", body, name="by-model")


def _record(each: Mapping[str, Any]) -> tuple[Any, ...]:
    share = each["done"] / each["runs"]
    done = joined(
        tag("meter", value=each["done"], max=each["runs"], aria_label="Share done"),
        f" {each['done']} of {each['runs']} ({share:.0%})",
    )
    fumbles = ", ".join(f"{number} {kind}" for kind, number in each["fumbles"].items()) or "none"
    return (
        tag("span", one_line(each["model"]), class_="tool"),
        each["kind"],
        done,
        each["rounds"],
        each["seconds"],
        fumbles,
    )
