"""The way of one call: settings, pinned model, leased servers, wrapped tools, sinks; then the loop.

Nothing is spent before everything is known to be there: an unknown model, a server that does not exist or a
conversation that cannot go on is refused before the run begins and before a journal exists.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from lmbridge.agent.loop import run as loop
from lmbridge.agent.loop.ledger import Told
from lmbridge.agent.resume import Continued, continued, refuse_other_tools
from lmbridge.agent.task.assignment import Assignment
from lmbridge.agent.task.protocols import Toolbox
from lmbridge.agent.task.run_plan import RunPlan
from lmbridge.agent.tools.tool_globs import unmatched
from lmbridge.errors import JournalError
from lmbridge.events import Emit, Fact, RunEnded, Warned
from lmbridge.llm.backend import Backend
from lmbridge.llm.pinned import PinnedModel, pin
from lmbridge.mcp_host.config.configs import Configs
from lmbridge.mcp_host.servers.lease import Lease
from lmbridge.mcp_host.servers.pool import ServerPool
from lmbridge.mcp_host.tools.toolbox import Approve, meant
from lmbridge.messages import ToolCall, ToolResult, ToolSpec
from lmbridge.observe.fan_out import Teller
from lmbridge.observe.journal.journal import Journal, Journals
from lmbridge.observe.metrics import Metrics
from lmbridge.settings import Access, Settings

_STRICTNESS: dict[Access, int] = {"read": 0, "ask": 1, "write": 2}


class NoTools:
    """The toolbox of a run without servers."""

    specs: tuple[ToolSpec, ...] = ()

    async def call(self, call: ToolCall) -> ToolResult:
        """Refuses: there are no tools."""
        return ToolResult(call.id, f"There is no tool {call.name!r}; this task has no tools.", "rejected")


NO_TOOLS = NoTools()


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What a run works with; shared by all runs of a bridge."""

    settings: Settings
    backend: Backend
    pool: ServerPool
    configs: Configs
    journals: Journals | None
    metrics: Metrics
    facts_of: Callable[[str], Sequence[Fact]]


def strictest(first: Access, second: Access | None) -> Access:
    """The stricter of two accesses; a caller can only narrow what the settings allow."""
    return first if second is None or _STRICTNESS[first] <= _STRICTNESS[second] else second


class Delegation:
    """One assignment on its way.

    Args:
        run_id: The id minted for the run.
        assignment: What is to be done.
        endpoints: What to do it with.
        approve: Asked before a writing call where the access is `ask`.
        client: Name of the calling client.

    Attributes:
        troubles: What kept the run from being journaled, in sentences.
    """

    def __init__(
        self,
        run_id: str,
        assignment: Assignment,
        endpoints: Endpoints,
        *,
        approve: Approve | None = None,
        client: str | None = None,
    ) -> None:
        self._run_id = run_id
        self._assignment = assignment
        self._with = endpoints
        self._approve = approve
        self._client = client
        self._model: PinnedModel | None = None
        self._told: Told | None = None
        self.troubles: list[str] = []

    def switch_model(self, model: str) -> None:
        """Lets another model answer from the next turn on."""
        if self._model is not None:
            self._model.switch(model)

    def warn(self, text: str, *, model: str) -> None:
        """Tells the run a warning about its model; nothing where another one answers, or where it is over."""
        if self._told and not self._told.ended and self._model and self._model.id == model:
            self._told(Warned(text))

    async def run(self, teller: Teller) -> None:
        """Carries the assignment out; every fact goes to `teller`.

        Raises:
            LmbridgeError: The call was refused before the run began.
        """
        self._told = told = Told(teller)
        earlier = self._earlier()
        names = self._server_names(earlier)
        task, endpoints = self._assignment, self._with
        self._model = await pin(endpoints.backend, earlier.model if earlier else task.model, emit=told)
        async with AsyncExitStack() as stack:
            lease = await self._leased(stack, names, told)
            if earlier and lease:
                refuse_other_tools(earlier, lease.toolbox.specs)
            self._held_to_tools(lease, told)
            journal = await self._journaled(stack, teller)
            teller.add(endpoints.metrics.sink(), fleeting=False)
            self._model.deadline = time.monotonic() + (task.timeout_s or endpoints.settings.run_timeout)
            await loop.run(self._plan(lease, earlier), self._model, self._toolbox(lease, told, journal), told)

    def _plan(self, lease: Lease | None, earlier: Continued | None) -> RunPlan:
        assert self._model is not None
        return RunPlan(
            self._run_id,
            self._assignment,
            self._with.settings,
            self._model.profile,
            servers=lease.states if lease else (),
            history=earlier.history if earlier else (),
            kept=earlier.kept if earlier else {},
            client=self._client,
            backend=self._with.backend.url,
        )

    def _earlier(self) -> Continued | None:
        run_id = self._assignment.continue_run
        if run_id is None:
            return None
        facts, journals = self._with.facts_of(run_id), self._with.journals
        ended = any(isinstance(fact, RunEnded) for fact in facts)
        died = not ended and journals is not None and journals.status(run_id) == "interrupted"
        return continued(self._assignment, facts, interrupted=died)

    def _server_names(self, earlier: Continued | None) -> Sequence[str]:
        """The servers to lease.

        Raises:
            UnknownServerError: One that was named is not configured.
        """
        if earlier:
            return earlier.servers
        configured = self._with.configs.current()
        if self._assignment.servers is None:
            if not configured.servers and configured.problem:
                raise configured.problem
            offered = [name for name, entry in configured.servers.items() if entry.offered]
            if not offered:
                self.troubles.append(
                    "No MCP server is configured, so the model had no tools. `lmbridge mcps` shows where."
                )
            return offered
        for name in self._assignment.servers:
            configured.get(name)
        return list(dict.fromkeys(self._assignment.servers))

    async def _leased(self, stack: AsyncExitStack, names: Sequence[str], emit: Emit) -> Lease | None:
        if not names:
            return None
        on_failure = self._assignment.on_mcp_failure
        return await stack.enter_async_context(self._with.pool.lease(names, on_failure=on_failure, emit=emit))

    def _held_to_tools(self, lease: Lease | None, emit: Emit) -> None:
        """Refuses a task whose `tools` name none; those of them that name none beside others are told."""
        if lease is None or not self._assignment.tools:
            return
        failed = [state.name for state in lease.states if state.status == "failed"]
        for warning in unmatched(self._assignment.tools, lease.toolbox.specs, failed=failed):
            emit(Warned(warning))

    async def _journaled(self, stack: AsyncExitStack, teller: Teller) -> Journal | None:
        """The run's journal, listening; None where runs are not journaled or none could be opened, which is told."""
        if self._with.journals is None:
            return None
        try:
            journal = self._with.journals.open(self._run_id, on_trouble=self.troubles.append)
        except JournalError as error:
            self.troubles.append(f"The run was not journaled. {error.message}")
            return None
        teller.add(journal, fleeting=False)
        return await stack.enter_async_context(journal)

    def _toolbox(self, lease: Lease | None, emit: Emit, journal: Journal | None) -> Toolbox:
        if lease is None:
            return NO_TOOLS
        only = self._assignment.tools
        toolbox = lease.toolbox.for_run(
            access=strictest(self._with.settings.access, self._assignment.access),
            approve=self._approve,
            only=only,
            emit=emit,
            synced=journal.synced if journal else None,
        )
        if only and not toolbox.specs and any(meant(spec, only) for spec in lease.toolbox.specs):
            emit(Warned("None of the tools that `tools` names may be called by this run, so the model had no tools."))
        return toolbox
