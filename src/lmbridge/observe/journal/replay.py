"""A run again without side effects: its tools answer what they answered then, and two reports are set side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import orjson

from lmbridge.events import Fact, RunStarted, TextKept, ToolFinished
from lmbridge.messages import ToolCall, ToolResult, ToolSpec
from lmbridge.report import Report

NOT_RECORDED = "This call was not made in the recorded run, so there is no result for it. Nothing was carried out: this is a replay."


@dataclass(slots=True)
class _Recorded:
    """A result, and whether it was given out; one value, though it may be found by several keys."""

    result: ToolResult
    used: bool = False


class RecordedToolbox:
    """A toolbox that answers from a journal and carries nothing out.

    A call is matched by its tool and arguments. The same call made again gets the next recorded result, and the last one
    once more where the recording has no further; a call that was never made is answered as such, outcome `rejected`.
    A result that was cut comes back whole, as the server gave it, where the journal kept it; the run cuts it anew.

    Args:
        facts: Of the recorded run.

    Attributes:
        unmatched: Calls that the recorded run did not make.
    """

    def __init__(self, facts: Iterable[Fact]) -> None:
        self.unmatched: list[ToolCall] = []
        self._specs: tuple[ToolSpec, ...] = ()
        self._recorded: dict[tuple[str, bytes], list[_Recorded]] = defaultdict(list)
        recorded = tuple(facts)
        whole = {fact.handle: fact.text for fact in recorded if isinstance(fact, TextKept)}
        for fact in recorded:
            match fact:
                case RunStarted():
                    self._specs = fact.server_tools
                case ToolFinished(call=call, result=result):
                    given = _Recorded(replace(result, content=whole.get(result.handle or "", result.content)))
                    for key in self._keys_of(call, result):
                        self._recorded[key].append(given)
                case _:
                    pass

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """The servers' tools of the recorded run, as they were sent; the loop adds its own again."""
        return self._specs

    async def call(self, call: ToolCall) -> ToolResult:
        """The recorded result of this call."""
        if found := self._recorded.get(_key(call)):
            recorded = next((each for each in found if not each.used), found[-1])
            recorded.used = True
            return replace(recorded.result, call_id=call.id)
        self.unmatched.append(call)
        spec = next((spec for spec in self._specs if spec.name == call.name), None)
        return ToolResult(
            call.id,
            NOT_RECORDED,
            "rejected",
            qualified=spec.qualified if spec else call.name,
            server=spec.server if spec else "",
            read_only=bool(spec and spec.read_only),
        )

    def _keys_of(self, call: ToolCall, result: ToolResult) -> set[tuple[str, bytes]]:
        """What a recorded call is found by: as written, and as really sent (mended, or through `call_tool`)."""
        written = _key(call)
        if result.arguments is None:
            return {written}
        sent = _canonical(result.arguments)
        inner = {(spec.name, sent) for spec in self._specs if spec.qualified == result.qualified}
        return {written, (call.name, sent), *inner}


def _key(call: ToolCall) -> tuple[str, bytes]:
    return call.name, _canonical_text(call.arguments)


def _canonical(arguments: Any) -> bytes:
    return orjson.dumps(arguments, default=dict, option=orjson.OPT_SORT_KEYS)


def _canonical_text(arguments: str) -> bytes:
    try:
        return _canonical(orjson.loads(arguments or "{}"))
    except ValueError:
        return arguments.encode()


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of a comparison."""

    what: str
    before: str
    after: str

    @property
    def same(self) -> bool:
        """Whether nothing changed."""
        return self.before == self.after


def compare(before: Report, after: Report) -> tuple[Difference, ...]:
    """Two reports of the same task, line by line: how it ended, what it cost, what was called, what was answered."""
    shown = (_shown(before), _shown(after))
    return tuple(Difference(what, shown[0][what], shown[1][what]) for what in shown[0])


def _shown(report: Report) -> dict[str, str]:
    tools = ", ".join(
        f"{use.tool} ×{use.calls}" + (f" ({use.failed} failed)" if use.failed else "") for use in report.tools_used
    )
    return {
        "model": report.model or "",
        "status": f"{report.status}: {report.stop_reason}",
        "rounds": str(report.rounds),
        "seconds": f"{report.duration_s:.1f}",
        "prompt tokens": str(report.usage.prompt_tokens),
        "completion tokens": str(report.usage.completion_tokens),
        "tools": tools,
        "answer": report.answer,
    }
