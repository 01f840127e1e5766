"""The whole of lmbridge put together: settings, a backend, the servers, the runs.

One `Bridge` serves every caller of a process (MCP clients, the command line, the Python API). It owns what outlives a
call: warm servers, the model catalogue, journals, metrics, and the runs themselves, so that a run may go on when the
call that began it has been answered.

The backend that the settings name: an endpoint that is there, or the embedded engine started for us.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import structlog

from lmbridge import platform
from lmbridge.agent.choosing import Choosing
from lmbridge.agent.delegation import Delegation, Endpoints
from lmbridge.agent.handle import RunHandle
from lmbridge.agent.heeding import Heeding
from lmbridge.agent.profiles import Profiles
from lmbridge.agent.replay import replay
from lmbridge.agent.task.assignment import Assignment
from lmbridge.collecting import set_aside
from lmbridge.errors import LmbridgeError, SettingsError
from lmbridge.events import Emit, Fact, TextKept
from lmbridge.llm.backend import Backend
from lmbridge.map.ids import new_map_id
from lmbridge.map.records import MapRecords
from lmbridge.mcp_host.config.configs import Configs
from lmbridge.mcp_host.servers.pool import ServerPool
from lmbridge.mcp_host.tools.gated import Approve
from lmbridge.mcp_host.tools.toolbox import Synced
from lmbridge.observe import logging
from lmbridge.observe.journal.controls import Controls
from lmbridge.observe.journal.journal import Journals, new_run_id
from lmbridge.observe.logging import settings_secrets
from lmbridge.observe.metrics import Metrics
from lmbridge.observe.tracing import Tracing
from lmbridge.qualify.examine import LIMIT_S, QUICK_LIMIT_S, Patience, Tell
from lmbridge.qualify.record import Qualified
from lmbridge.redaction import Redactor
from lmbridge.report import Report
from lmbridge.settings import Settings

if TYPE_CHECKING:
    from lmbridge.agent.mapping import MapHandle, MapRequest
    from lmbridge.engine.engine import Crash
    from lmbridge.map.report import MapProgress, MapReport


def several(settings: Settings) -> Backend:
    """The backends of the settings as one."""
    from lmbridge.fleet.backends import Backends  # an extra; nobody else pays its import

    return Backends(settings)


@asynccontextmanager
async def connected(settings: Settings, *, on_crash: Callable[[Crash], None] | None = None) -> AsyncIterator[Backend]:
    """The backend of the settings, closed (and its engine stopped) on leaving.

    Args:
        settings: Which backend, and where.
        on_crash: Told of each crash of the embedded engine.

    Raises:
        LLMError: The embedded engine could not be started; a missing LM Studio shows at the first request.
    """
    if settings.backend == "lmstudio":
        async with several(settings) if len(settings.backends) > 1 else Backend(settings) as backend:
            yield backend
        return
    from lmbridge.engine.embedded import started  # an extra; nobody else pays its import

    async with (
        started(settings, on_crash=on_crash) as engine,
        Backend(settings, base_url=engine.base_url, token=engine.token, slots_folder=engine.slots_folder) as backend,
    ):
        backend.keep_beginnings(engine.slots_mark, lambda: engine.lives)
        yield backend


_log = structlog.get_logger(__name__)

SECRETS_KNOWN_S = 1.0
"""How long the secrets of the configured servers are believed for a run that has none of these servers."""
RUNS_PER_TRIM = 100
"""Runs after which freed memory is given back to the system; it takes some milliseconds."""
FINISHED_KEPT = 20
"""Ended runs whose handles stay in memory; older ones are read from their journals."""


_MAY_BE_A_LINK = "models"
"""The folder of large files, which people keep on other disks; each is checked by its hash."""


def refuse_unsafe(state_dir: Path) -> None:
    """Refuses a state folder that somebody else owns; what cannot be made or mended is told where it is needed.

    Raises:
        SettingsError: Another user owns it or a folder in it is a link, so that others could read journals and tokens and plant what is trusted.
    """
    try:
        if state_dir.exists():
            platform.checked_folder(state_dir)
            platform.refuse_linked_folders(state_dir, but=_MAY_BE_A_LINK)
    except platform.UnsafePathError as error:
        raise SettingsError(
            f"The state folder {state_dir} cannot be used: {error.strerror}.",
            hint="Set LMBRIDGE_STATE_DIR to one of your own.",
        ) from error
    except OSError as error:
        _log.debug("state_folder_unchecked", error=str(error))


class Bridge:
    """Everything a process needs to delegate tasks; use as an async context manager, entered and left in one task.

    While it is open, Python's collector of cycles is kept from what the process held before (see `collecting`): else it stops
    every run for 50 ms and more now and then.

    Args:
        settings: The settings.
        configs: Where servers are found; from the settings when None.
        apart: Whether whoever ends this process kills its children with it, as Ray does: the guardian of the servers is
            then none of them.

    Attributes:
        backend: The LLM endpoint.
        pool: The MCP servers.
        configs: The merged mcp.json files.
        journals: The runs on disk.
        maps: What is kept of maps, beside their runs.
        metrics: Counters of this process.
        redactor: Takes secrets out of what is written down.
        profiles: How models work best, as measured.
        choosing: The model of tasks that name none, where `DEFAULT_MODEL` is `auto`.
        runs: Live and recently ended runs by id, oldest first.
        mapping: Maps at work by id.
    """

    def __init__(self, settings: Settings, *, configs: Configs | None = None, apart: bool = False) -> None:
        logging.keep_off_stdout()
        refuse_unsafe(settings.state_dir)
        self.settings = settings
        self._apart = apart
        self.configs = configs or Configs(settings)
        self.metrics = Metrics()
        self.redactor = Redactor(settings_secrets(settings))
        self.journals = Journals(
            settings.state_dir / "runs", days=settings.journal_days, mib=settings.journal_mib, redactor=self.redactor
        )
        self.profiles = Profiles(settings)
        self.maps = MapRecords(settings.state_dir / "maps", days=settings.journal_days)
        self.tracing = Tracing.to(settings.otlp_endpoint) if settings.otlp_endpoint else None
        self.runs: dict[str, RunHandle] = {}
        self._begun = 0
        self._ended: deque[str] = deque()  # ids of runs that are over, in the order of their ends
        self._heeding = Heeding(
            Controls(settings.state_dir / "control"),
            lambda: [handle for handle in self.runs.values() if not handle.ended],
        )
        self.mapping: dict[str, MapHandle] = {}
        self.started_at = time.time()
        self._stack = AsyncExitStack()

    @classmethod
    def open(cls, settings: Settings, *, configs: Configs | None = None) -> Self:
        """The bridge, to be entered with `async with`."""
        return cls(settings, configs=configs)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            if self.tracing:
                stack.push_async_callback(asyncio.to_thread, self.tracing.close)
            self.backend = await stack.enter_async_context(connected(self.settings, on_crash=self._engine_crashed))
            self.backend.count_into(self.metrics)
            self.choosing = Choosing(self.settings, self.backend, self.journals, self.profiles)
            self.pool = await stack.enter_async_context(ServerPool(self.configs, self.settings, apart=self._apart))
            stack.push_async_callback(self._end_runs)
            stack.enter_context(set_aside())
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def start(
        self,
        assignment: Assignment,
        *,
        sinks: Sequence[Emit] = (),
        approve: Approve | None = None,
        client: str | None = None,
        run_id: str | None = None,
        synced: Synced | None = None,
    ) -> RunHandle:
        """Begins a run that belongs to the bridge, and returns its handle at once.

        Args:
            assignment: What is to be done.
            sinks: Receive every fact from the first on.
            approve: Asked before a writing call where the access is `ask`; such calls are denied when None.
            client: Name of the calling client, for the journal.
            run_id: An id that was made for it; a fresh one when None.
            synced: Waited for before a writing call where the run has no journal here; returns once what its sinks were
                told is safe where they keep it.
        """
        secrets = self.configs.current(within=0.0 if assignment.servers != () else SECRETS_KNOWN_S).secrets
        self.redactor.add(secrets)
        logging.learn(secrets)
        run_id = run_id or new_run_id()
        delegation = Delegation(run_id, assignment, self._endpoints(), approve=approve, client=client, synced=synced)
        traced = (self.tracing.sink(),) if self.tracing else ()
        handle = RunHandle(
            run_id,
            assignment,
            delegation,
            sinks=(*sinks, *traced),
            on_early_end=self.metrics.never_began,
            on_end=lambda: self._ended.append(run_id),
        )
        self.runs[run_id] = handle
        self._forget_oldest()
        self._give_back_memory()
        self._heeding.begin()
        return handle

    def _endpoints(self) -> Endpoints:
        journals = self.journals if self.settings.journal else None
        return Endpoints(
            self.settings,
            self.backend,
            self.pool,
            self.configs,
            journals,
            self.metrics,
            self.profiles,
            self.choosing,
            facts_of=self._recorded,
        )

    def facts_of(self, run_id: str) -> Sequence[Fact]:
        """The facts of a run, live or journaled.

        Raises:
            InvalidArgumentsError: No run of this id is known.
        """
        handle = self.runs.get(run_id)
        if handle is not None:
            return handle.facts
        return [record.fact for record in self.journals.read(run_id)]

    async def delegate(
        self,
        assignment: Assignment,
        *,
        sinks: Sequence[Emit] = (),
        approve: Approve | None = None,
        client: str | None = None,
        run_id: str | None = None,
    ) -> Report:
        """Carries a task out and returns its report; whoever cancels this cancels the run.

        A call that is refused before a run begins comes back as a failed report too; nothing of lmbridge's own is raised.
        """
        handle = self.start(assignment, sinks=sinks, approve=approve, client=client, run_id=run_id)
        try:
            return await handle.wait()
        except asyncio.CancelledError:
            await handle.cancel()
            raise

    async def map(
        self,
        request: MapRequest,
        *,
        watch: Callable[[MapProgress], None] | None = None,
        approve: Approve | None = None,
        client: str | None = None,
    ) -> MapReport:
        """Carries one task out for each of many items; see `MapRequest`.

        Each item is a run of its own. Its result is on the disk before it counts; a map that was cut off, however that
        was, goes on with `resume` where it stopped.

        Args:
            request: The template as an assignment, the items, and the file of the results.
            watch: Told before the first item and after each.
            approve: Asked before a writing call where the access is `ask`.
            client: Name of the calling client.

        Raises:
            LmbridgeError: Something of it cannot be used; nothing was begun.
            JournalError: The results could not be written; what they hold is whole.
        """
        from lmbridge.agent.mapping import mapped, own_runs  # runs need none of it

        return await mapped(self, request, own_runs(self, approve=approve), watch=watch, client=client)

    def start_map(self, request: MapRequest, *, client: str | None = None) -> MapHandle:
        """Begins a map that belongs to the bridge, and returns its handle at once; it ends with the bridge at the latest.

        Args:
            request: The map, with the id that it gets or has.
            client: Name of the calling client.
        """
        from lmbridge.agent.mapping import MapHandle

        map_id = request.map_id or self.new_map_id()
        given = replace(request, map_id=map_id)
        handle = MapHandle(map_id, request.out, lambda watch: self.map(given, watch=watch, client=client))
        self.mapping = {known: each for known, each in self.mapping.items() if not each.ended} | {map_id: handle}
        return handle

    @staticmethod
    def new_map_id() -> str:
        """A fresh id for a map."""
        return new_map_id()

    async def replay(self, run_id: str, *, model: str | None = None, emit: Emit | None = None) -> Report:
        """Carries a run's task out again with its recorded tool results; no server starts and nothing is journaled.

        Raises:
            LmbridgeError: No such run, or the model cannot be used.
        """
        facts = self._recorded(run_id)
        return await replay(facts, run_id=run_id, backend=self.backend, settings=self.settings, model=model, emit=emit)

    async def qualify(
        self,
        model: str | None = None,
        *,
        quick: bool = False,
        limit: float | None = None,
        tell: Tell = lambda _: None,
    ) -> Qualified:
        """Finds out in about a minute what a model can do on this backend, and keeps it for later runs.

        Only harmless questions are asked: no server starts, and no tool exists that could act.

        Args:
            model: A name in any form; the default model when None.
            quick: Only what matters most.
            limit: Seconds for all of it; what was not reached by then is told as not found out.
            tell: Told of each verdict.

        Raises:
            ModelNotFoundError: There is no such model.
            LLMError: The backend cannot be reached, or the model cannot be loaded.
        """
        patience = Patience(limit or (QUICK_LIMIT_S if quick else LIMIT_S))
        target = await self.backend.validator.resolve(model)
        home = await self.backend.home_of(target, one=True)
        name = model if home is self.backend else target.model.id
        return await self.profiles.qualify(home, name, quick=quick, patience=patience, tell=tell)

    def _engine_crashed(self, crash: Crash) -> None:
        for handle in self.runs.values():
            handle.warn(crash.told, model=crash.alias)

    def _recorded(self, run_id: str) -> Sequence[Fact]:
        """The facts of a run, with the whole texts of its cut results."""
        facts = self.facts_of(run_id)
        return [*facts, *self._texts_of(run_id)] if run_id in self.runs else facts

    def _texts_of(self, run_id: str) -> list[Fact]:
        """The whole texts of cut results, which of an ended run only the journal has; none where it cannot be read."""
        try:
            return [fact for fact in self.journals.facts(run_id) if isinstance(fact, TextKept)]
        except LmbridgeError as error:
            _log.debug("no texts to replay", run=run_id, error=str(error))
            return []

    def _forget_oldest(self) -> None:
        while len(self._ended) > FINISHED_KEPT:
            self.runs.pop(self._ended.popleft(), None)

    def _give_back_memory(self) -> None:
        """Now and then: many runs leave their freed memory in small pieces, of which the C library returns none by itself."""
        self._begun += 1
        if self._begun % RUNS_PER_TRIM == 0:
            asyncio.get_running_loop().run_in_executor(None, platform.give_back_memory)

    async def _end_runs(self) -> None:
        await asyncio.gather(*(each.cancel() for each in self.mapping.values() if not each.ended))
        live = [handle for handle in self.runs.values() if not handle.ended]
        await asyncio.gather(*(handle.cancel() for handle in live))
        await self._heeding.aclose()
