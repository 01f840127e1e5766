"""The calls of one turn: numbered apart, carried out side by side or in order, told in the order they were asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from lmbridge.agent.calls.ledger import Told
from lmbridge.agent.calls.signature import canonical
from lmbridge.agent.task.protocols import Toolbox
from lmbridge.events import ToolFinished
from lmbridge.long_texts import others_turn
from lmbridge.messages import ToolCall, ToolResult, ToolSpec, Turn

SIDE_BY_SIDE = 8
"""Reading calls of one turn that run at the same time."""

Fit = Callable[[ToolResult, int], ToolResult]
"""Makes a result fit for the model; the number is how many results of the same turn share the room."""


def numbered(turn: Turn, taken: Collection[str]) -> Turn:
    """The turn with ids that no earlier call has, and without calls that only say the same twice.

    Small models repeat a call within one reply, whatever `parallel_tool_calls` asked for; backends repeat ids.
    """
    if not turn.calls or (len(turn.calls) == 1 and turn.calls[0].id and turn.calls[0].id not in taken):
        return turn
    used, seen = set(taken), set()
    calls: list[ToolCall] = []
    for call in turn.calls:
        same = (call.name, canonical(call.arguments))
        if same not in seen:
            seen.add(same)
            calls.append(_with_free_id(call, used))
            used.add(calls[-1].id)
    message = replace(turn.message, tool_calls=tuple(calls)) if turn.message.tool_calls else turn.message
    return replace(turn, calls=tuple(calls), message=message)


def without_calls(turn: Turn) -> Turn:
    """The turn of a reply whose calls are not carried out: nothing may stand in the history that is never answered."""
    if not turn.calls and not turn.message.tool_calls:
        return turn
    return replace(turn, calls=(), message=replace(turn.message, tool_calls=()))


def _with_free_id(call: ToolCall, used: Collection[str]) -> ToolCall:
    """Nine letters and digits: what the strictest chat templates accept."""
    if call.id and call.id not in used:
        return call
    number = len(used) + 1
    while (fresh := f"c{number:08d}") in used:
        number += 1
    return replace(call, id=fresh)


async def carry_out(
    calls: Sequence[ToolCall], toolbox: Toolbox, told: Told, *, reads: Callable[[ToolCall], bool], fit: Fit
) -> list[ToolResult]:
    """Carries the calls of a turn out and tells each result in the order asked.

    Calls that all only read run side by side; as soon as one may write, all run in order. A call that was cut off in
    the middle (cancelled run, deadline) is told as well: `unknown`, where it may have written.
    """
    line = _Line(calls, toolbox, told, reads, fit)
    if len(calls) > 1 and all(reads(call) for call in calls):
        await line.side_by_side()
    else:
        for index in range(len(calls)):
            await line.one(index)
    return line.results


class _Line:
    """The calls of one turn on their way."""

    def __init__(
        self,
        calls: Sequence[ToolCall],
        toolbox: Toolbox,
        told: Told,
        reads: Callable[[ToolCall], bool],
        fit: Fit,
    ) -> None:
        self._calls, self._toolbox, self._told, self._reads, self._fit = calls, toolbox, told, reads, fit
        self._done: dict[int, ToolResult] = {}
        self.results: list[ToolResult] = []

    async def side_by_side(self) -> None:
        room = asyncio.Semaphore(SIDE_BY_SIDE)

        async def one(index: int) -> None:
            async with room:
                await self.one(index)

        try:
            async with asyncio.TaskGroup() as group:
                for index in range(len(self._calls)):
                    group.create_task(one(index))
        except asyncio.CancelledError:
            for index in sorted(self._done):  # those behind a call that was cut off before it began
                self._tell(index)
            raise

    async def one(self, index: int) -> None:
        call = self._calls[index]
        try:
            result = await self._toolbox.call(call)
        except asyncio.CancelledError:
            self._finished(index, cut_off(call, self._told, reads=self._reads(call)))
            raise
        own = result if result.call_id == call.id else replace(result, call_id=call.id)
        self._finished(index, self._fit(own, len(self._calls)))
        await others_turn(len(call.arguments) + len(result.content))

    def _finished(self, index: int, result: ToolResult) -> None:
        self._done[index] = result
        while (following := len(self.results)) in self._done:
            self._tell(following)

    def _tell(self, index: int) -> None:
        result = self._done.pop(index)
        self.results.append(result)
        self._told(ToolFinished(self._told.round, self._calls[index], result))


def cut_off(call: ToolCall, told: Told, *, reads: bool) -> ToolResult:
    """The result of a call that was interrupted from outside; one that had not been sent changed nothing."""
    if not told.was_sent(call.id):
        return ToolResult(call.id, "Not carried out: the run ended first.", "rejected", read_only=reads)
    arguments, qualified = told.arguments_sent(call.id), told.qualified(call.id)
    if reads:
        text = "Interrupted: the run ended first."
        return ToolResult(call.id, text, "error", arguments=arguments, qualified=qualified, read_only=True)
    text = "Interrupted: the run ended first. It is unknown whether this was carried out."
    return ToolResult(call.id, text, "unknown", arguments=arguments, qualified=qualified)


def reader(specs: Mapping[str, ToolSpec]) -> Callable[[ToolCall], bool]:
    """Whether a call only reads, judged by its tool; a call that goes through `call_tool` by the inner one."""

    def reads(call: ToolCall) -> bool:
        spec = specs.get(inner_name(call))
        return spec is not None and spec.read_only

    return reads


def inner_name(call: ToolCall) -> str:
    """The tool that a call is about: its own name, or the one that `call_tool` is to call."""
    if call.name != "call_tool":
        return call.name
    try:
        arguments = json.loads(call.arguments)
    except (ValueError, RecursionError):
        return call.name
    name = arguments.get("name") if isinstance(arguments, dict) else None
    return name if isinstance(name, str) else call.name
