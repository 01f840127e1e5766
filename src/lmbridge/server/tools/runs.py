"""The tools for long work: what ran, how it stands, what it did, and stopping it."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from pydantic import Field

from lmbridge.errors import InvalidArgumentsError
from lmbridge.map.ids import is_map_id
from lmbridge.observe.journal.transcript import transcript
from lmbridge.report import Report
from lmbridge.server.tools.agent import REPORT
from lmbridge.server.tools.arguments import shown
from lmbridge.server.tools.call import Answer, Call, of_report, report_failure, structured
from lmbridge.server.tools.declare import Name, Tool, Unsaid
from lmbridge.server.tools.find_run import Found, found, ledger, listed_ids, summaries
from lmbridge.server.tools.follow_run import patience_of
from lmbridge.server.tools.map import cancelled_map, found_map
from lmbridge.server.tools.progress import Ticker, told
from lmbridge.server.tools.receipt_line import first_line
from lmbridge.server.tools.records import Records

CALLS_PAGE = 20
TRANSCRIPT_PAGE = 16_000
LONGEST_WAIT = 3600
POLL = 0.5
"""Seconds between two looks at a run of another process."""


async def list_runs(call: Call, *, limit: Annotated[int, Field(ge=1, le=200)] = 20) -> Answer:
    """Runs, newest first, earlier sessions included: id, status, task, model, rounds, how far interrupted ones came."""
    records = call.desk.records
    ids = listed_ids(records)
    body: dict[str, Any] = {"runs": [run.as_json() for run in summaries(records, ids[:limit])]}
    return structured(body | ({"omitted": len(ids) - limit} if len(ids) > limit else {}))


async def get_run(
    call: Call,
    *,
    run_id: Name,
    wait: Annotated[float, Field(ge=0, le=LONGEST_WAIT, description="seconds")] = 0,
    detail: Literal["report", "calls", "transcript"] = "report",
    cursor: Annotated[Name | None, Unsaid] = None,
) -> Answer:
    """A run's report; with wait, as soon as it ends. detail pages through its calls with results, or its transcript."""
    if cursor is not None and detail == "report":
        raise InvalidArgumentsError(
            f"cursor = {shown(cursor)} needs detail 'calls' or 'transcript', the two that come in pages.",
            hint="Give the detail that next_cursor came with, or leave cursor out.",
        )
    if is_map_id(run_id):
        return await found_map(call.desk.records, run_id, wait)
    at = _offset(cursor)
    run = found(call.desk.records, run_id)
    if wait and run.report.status == "running":
        ticker = Ticker()
        async with told(ticker, call.caller):
            patience = patience_of(call.desk.settings.soft_limit, call.caller)
            run = await _ended(call.desk.records, run, ticker, wait if patience is None else min(wait, patience))
    if detail == "calls":
        return _calls(run, at)
    if detail == "transcript":
        return _transcript(run, at)
    return Answer(run.report.as_json(), of_report(run.report).text)


async def cancel_run(call: Call, *, run_id: Name) -> Answer:
    """Stop a run: generation and tool calls end at once. Returns the report so far."""
    if is_map_id(run_id):
        return await cancelled_map(call.desk.records, run_id)
    run = found(call.desk.records, run_id)
    if run.handle is None and run.report.status == "running":
        raise InvalidArgumentsError(
            f"Run {run_id} belongs to another lmbridge process.", hint="Cancel it from the client that began it."
        )
    report = await run.handle.cancel() if run.handle and not run.handle.ended else run.report
    return Answer(report.as_json(), of_report(report).text)


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 12):
        raise InvalidArgumentsError(f"cursor = {cursor[:40]!r} cannot be used: give a next_cursor of the same run.")
    return int(cursor)


async def _ended(records: Records, run: Found, ticker: Ticker, seconds: float) -> Found:
    if run.handle is not None:
        for fact in run.handle.facts:
            ticker.fold.add(fact, ticker.elapsed)
        run.handle.subscribe(ticker)
        await run.handle.wait(seconds)
        return found(records, run.run_id)
    try:
        async with asyncio.timeout(seconds):
            while run.report.status == "running":
                await asyncio.sleep(POLL)
                run = found(records, run.run_id)
    except TimeoutError:
        pass
    return run


def _calls(run: Found, at: int) -> Answer:
    calls = ledger(run.facts)
    page = calls[at : at + CALLS_PAGE]
    further = str(at + CALLS_PAGE) if at + CALLS_PAGE < len(calls) else None
    return structured({**_head(run.report), "calls": page, "total": len(calls), "next_cursor": further})


def _transcript(run: Found, at: int) -> Answer:
    text = transcript(run.facts, interrupted=run.report.status == "interrupted")
    page = text[at : at + TRANSCRIPT_PAGE]
    further = str(at + TRANSCRIPT_PAGE) if at + TRANSCRIPT_PAGE < len(text) else None
    return structured({**_head(run.report), "transcript": page, "next_cursor": further}, first_line(run.report) + page)


def _head(report: Report) -> dict[str, Any]:
    return {"answer": report.answer, "status": report.status, "run_id": report.run_id}


TOOLS = (
    Tool(list_runs, "runs", "List runs", {"type": "object", "properties": {"runs": {"type": "array"}}}, read_only=True),
    Tool(get_run, "runs", "Read a run", REPORT, read_only=True, refusal=report_failure),
    Tool(cancel_run, "runs", "Cancel a run", REPORT, destructive=True, idempotent=True, refusal=report_failure),
)
