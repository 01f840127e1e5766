"""The toolbox as the run's model has it: the servers' tools, and lmbridge's own beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from lmbridge.agent.task.protocols import Toolbox
from lmbridge.agent.tools import find_tools
from lmbridge.agent.tools.calculate import CALCULATE, calculate
from lmbridge.agent.tools.read_result import READ_RESULT, read_on, rejected
from lmbridge.agent.tools.result_store import ResultStore
from lmbridge.agent.tools.search import ToolIndex
from lmbridge.events import Emit, ToolStarted
from lmbridge.messages import ToolCall, ToolResult, ToolSpec


class BuiltinTools:
    """A toolbox with `read_result`, and where there are too many tools `find_tools` and `call_tool`, on top of another.

    Args:
        toolbox: The servers' tools.
        specs: What the model sees.
        store: The run's cut results.
        emit: Told of own calls that start.
        room: Characters that a result may have now.
    """

    def __init__(
        self,
        toolbox: Toolbox,
        specs: tuple[ToolSpec, ...],
        *,
        store: ResultStore,
        emit: Emit,
        room: Callable[[], int],
    ) -> None:
        self.specs = specs
        self._toolbox, self._store, self._emit, self._room = toolbox, store, emit, room
        self._index: ToolIndex | None = None  # made by the first search: most runs of many tools need one or none
        self._inner = {spec.name for spec in toolbox.specs}
        self._own = {
            name: handler for name, (spec, handler) in BUILT_IN.items() if spec in specs or name == READ_RESULT.name
        }
        self._searchable = find_tools.FIND in self._own
        self.known = {spec.name: spec for spec in (*specs, READ_RESULT, *toolbox.specs)} if specs else {}

    async def call(self, call: ToolCall) -> ToolResult:
        """Carries one call out; a server's tool can be called by its name even where it was found by search."""
        if call.name not in self._inner:
            if handler := self._own.get(call.name):
                return self._told(call, handler(self, call))
            if self._searchable and call.name == find_tools.CALL:
                return await self._call_inner(call)
        return await self._toolbox.call(call)

    def read_on(self, call: ToolCall) -> ToolResult:
        """The next piece of a cut result."""
        return read_on(call, self._store, self._room())

    def found(self, call: ToolCall) -> ToolResult:
        """The servers' tools that fit a search."""
        self._index = self._index or ToolIndex(self._toolbox.specs)
        return find_tools.find(call, self._index, self._room())

    async def _call_inner(self, call: ToolCall) -> ToolResult:
        inner = find_tools.inner_call(call)
        if inner is None:
            return rejected(call, 'call_tool needs {"name": "a tool\'s name", "arguments": {…}}.')
        if inner.name in {find_tools.CALL, find_tools.FIND, READ_RESULT.name} and inner.name not in self._inner:
            return await self.call(inner) if inner.name != find_tools.CALL else rejected(call, "Call the tool itself.")
        return replace(await self._toolbox.call(inner), call_id=call.id)

    def _told(self, call: ToolCall, result: ToolResult) -> ToolResult:
        """Own tools only read and answer at once, so they are told as started when they have answered."""
        if result.arguments is not None:
            self._emit(ToolStarted(0, call, call.name, result.arguments, read_only=True))
        return result


BUILT_IN: Mapping[str, tuple[ToolSpec, Callable[[BuiltinTools, ToolCall], ToolResult]]] = {
    READ_RESULT.name: (READ_RESULT, BuiltinTools.read_on),
    CALCULATE.name: (CALCULATE, lambda _, call: calculate(call)),
    find_tools.FIND: (find_tools.TOOLS[0], BuiltinTools.found),
}
"""lmbridge's own tools that answer at once. `read_result` can always be called, the others where they are offered."""
