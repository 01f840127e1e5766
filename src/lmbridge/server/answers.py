"""What a tool answers: structured content first, plain text beside it; failures in one form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from lmbridge.errors import LmbridgeError
from lmbridge.report import Report


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a tool call: the structured content, the text for clients without it, and whether it failed."""

    structured: Mapping[str, Any]
    text: str
    failed: bool = False


def structured(body: Mapping[str, Any], text: str | None = None) -> Answer:
    """An answer whose text is its JSON where nothing better is said."""
    return Answer(body, text if text is not None else orjson.dumps(body, default=str).decode())


def of_report(report: Report) -> Answer:
    """A run's report as a tool's answer."""
    if report.status == "running":
        return Answer(report.as_json(), f"The run goes on as {report.run_id}; read it with get_run.")
    return Answer(report.as_json(), report.as_text(), failed=report.status == "failed")


def plain_failure(error: LmbridgeError) -> dict[str, Any]:
    """The structured content of a failed tool that has no report."""
    return {"error": {"code": error.code, "message": error.message, "hint": error.hint}}


def report_failure(error: LmbridgeError) -> dict[str, Any]:
    """The structured content of a run that was refused."""
    return Report.refused(error).as_json()
