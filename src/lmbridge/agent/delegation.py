"""The way of one call: settings, pinned model, leased servers, wrapped tools, sinks; then the loop.

Nothing is spent before everything is known to be there: an unknown model, a server that does not exist or a
conversation that cannot go on is refused before the run begins and before a journal exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from lmbridge.agent.assignment import Assignment
from lmbridge.agent.continuing import Continued, continued
from lmbridge.llm.backend import Backend
from lmbridge.llm.pinned import PinnedModel
from lmbridge.mcp_host.configs import Configs
from lmbridge.mcp_host.pool import ServerPool
from lmbridge.mcp_host.toolbox import Approve
from lmbridge.observe.journal import Journals
from lmbridge.observe.metrics import Metrics
from lmbridge.observe.sinks import Teller

from lmbridge.agent import loop
from lmbridge.events import Delta, Emit, Fact, Fleeting, Progressed, RunStarted
from lmbridge.settings import Access, Settings

_STRICTNESS: dict[Access, int] = {"read": 0, "ask": 1, "write": 2}


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What a run works with; shared by all runs of a bridge."""

    settings: Settings
    backend: Backend
    pool: ServerPool
    configs: Configs
    journals: Journals | None
    metrics: Metrics


class Prelude:
    """Holds facts back until `RunStarted` has been told, so that it is the first of every run.

    Pinning a model or starting a server may have something to tell (a fallback, a load) before the run has begun.
    """

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._held: list[Fact] | None = []

    def __call__(self, fact: Fact | Fleeting) -> None:
        """Tells a fact now, or after `RunStarted`."""
        if isinstance(fact, Delta | Progressed) or self._held is None:
            self._emit(fact)
        elif isinstance(fact, RunStarted):
            held, self._held = self._held, None
            for each in (fact, *held):
                self._emit(each)
        else:
            self._held.append(fact)


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

    def switch_model(self, model: str) -> None:
        """Lets another model answer from the next turn on."""
        if self._model is not None:
            self._model.switch(model)

    async def run(self, teller: Teller) -> None:
        """Carries the assignment out; every fact goes to `teller`.

        Raises:
            LmbridgeError: The call was refused before the run began.
        """
        emit = Prelude(teller)
        earlier = self._earlier()
        names = self._server_names(earlier)
        async with AsyncExitStack() as stack:
            self._model, lease = await self._prepare(stack, names, emit, earlier)
            journal = stack.enter_context(self._journaled(teller)) if self._with.journals else None
            teller.add(self._with.metrics.sink(self._assignment))
            toolbox = lease.toolbox.for_run(
                access=strictest(self._with.settings.access, self._assignment.access),
                approve=self._approve,
                only=self._assignment.tools,
                emit=emit,
                synced=journal.synced if journal else None,
            )
            await loop.run(
                self._assignment,
                run_id=self._run_id,
                model=self._model,
                toolbox=toolbox,
                emit=emit,
                servers=lease.states,
                history=earlier.history if earlier else (),
                settings=self._with.settings,
                client=self._client,
            )

    def _earlier(self) -> Continued | None:
        if self._assignment.continue_run is None:
            return None
        return continued(self._assignment, self._with.journals)

    def _server_names(self, earlier: Continued | None) -> Sequence[str]:
        if earlier and self._assignment.servers is None:
            return earlier.servers
        configured = self._with.configs.current()
        if self._assignment.servers is None:
            return [name for name, entry in configured.servers.items() if entry.offered]
        for name in self._assignment.servers:
            configured.get(name)
        return list(dict.fromkeys(self._assignment.servers))
