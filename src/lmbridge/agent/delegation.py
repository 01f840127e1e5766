"""The way of one call: settings, pinned model, leased servers, wrapped tools, sinks; then the loop.

Nothing is spent before everything is known to be there: an unknown model, a server that does not exist or a
conversation that cannot go on is refused before the run begins and before a journal exists.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from lmbridge.agent.calls.ledger import Told
from lmbridge.agent.choosing import Choosing
from lmbridge.agent.judge import judge_for
from lmbridge.agent.loop import run as loop
from lmbridge.agent.profiles import Profiles
from lmbridge.agent.resume import Continued, continued, refuse_other_tools
from lmbridge.agent.task.acceptance import FileOf, paths_of
from lmbridge.agent.task.assignment import Assignment
from lmbridge.agent.task.protocols import Toolbox
from lmbridge.agent.task.run_plan import RunPlan
from lmbridge.agent.task.skills import GivenSkill, given_skills
from lmbridge.agent.tools.tool_globs import unmatched
from lmbridge.engine.demo import NAME as DEMO_MODEL
from lmbridge.engine.demo.scope import KNOWS, outside
from lmbridge.errors import InvalidArgumentsError, JournalError, LmbridgeError
from lmbridge.events import Emit, Fact, RunEnded, RunStarted, ToolFinished, Warned
from lmbridge.llm.backend import Backend
from lmbridge.llm.models.resolve import Target
from lmbridge.llm.pinned import PinnedModel
from lmbridge.llm.pinning import pin
from lmbridge.mcp_host.config.configs import Configs
from lmbridge.mcp_host.gate.memory import Memory
from lmbridge.mcp_host.gate.mentions import UserWords
from lmbridge.mcp_host.gate.paths import is_below, is_named, look, plain, roots_of
from lmbridge.mcp_host.gate.protected import own_files
from lmbridge.mcp_host.servers.lease import Lease
from lmbridge.mcp_host.servers.pool import ServerPool
from lmbridge.mcp_host.servers.rights import Rights, toolbox_for
from lmbridge.mcp_host.tools.gated import Approve
from lmbridge.mcp_host.tools.toolbox import Synced, meant
from lmbridge.messages import ToolCall, ToolResult, ToolSpec
from lmbridge.observe.fan_out import Teller
from lmbridge.observe.journal.journal import Journal, Journals
from lmbridge.observe.metrics import COUNTED, Metrics
from lmbridge.profile import caution, word_alone
from lmbridge.qualify.prefer import Preferred
from lmbridge.qualify.verdict import FEWEST_SHOWN
from lmbridge.report import Report
from lmbridge.settings import Settings, strictest

_LONGEST_CHAIN = 50


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
    profiles: Profiles
    choosing: Choosing
    facts_of: Callable[[str], Sequence[Fact]]


class Delegation:
    """One assignment on its way.

    Args:
        run_id: The id minted for the run.
        assignment: What is to be done.
        endpoints: What to do it with.
        approve: Asked before a writing call where the access is `ask`.
        client: Name of the calling client.
        synced: Waited for before a writing call where the run is not journaled here.

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
        synced: Synced | None = None,
    ) -> None:
        self._run_id = run_id
        self._assignment = assignment
        self._with = endpoints
        self._approve = approve
        self._client = client
        self._synced = synced
        self._model: PinnedModel | None = None
        self._told: Told | None = None
        self.troubles: list[str] = []

    def report(self) -> Report:
        """The report of what was told so far, with what kept the run from being journaled."""
        return (self._told.report() if self._told else Report()).warned(*self.troubles)

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
        deadline = time.monotonic() + (task.timeout_s or endpoints.settings.run_timeout)
        chosen = None if earlier else await endpoints.choosing.preferred(task)
        wanted = earlier.model if earlier else chosen.model if chosen else task.model
        self._model = await pin(endpoints.backend, wanted, emit=told, deadline=deadline, run_id=self._run_id)
        endpoints.profiles.refuse_base_model(self._model.target)
        async with AsyncExitStack() as stack:
            lease = await self._leased(stack, names, told)
            if earlier and lease:
                refuse_other_tools(earlier, lease.toolbox.specs)
            if earlier:
                self._assignment = task = earlier.going_on(task, told)
            self._held_to_tools(lease, told)
            file_of = self._refuse_checks_elsewhere(lease, earlier)
            journal = await self._journaled(stack, teller)
            teller.add(endpoints.metrics.sink(told.report), kinds=COUNTED)
            memory = Memory.of(earlier.facts if earlier else ())
            teller.add(memory, kinds=(RunStarted, ToolFinished))
            self._model.deadline = time.monotonic() + (task.timeout_s or endpoints.settings.run_timeout)
            toolbox = self._toolbox(lease, self._rights(memory, earlier, told, journal)) if lease else NO_TOOLS
            plan = await self._under_judge(self._plan(self._model, lease, earlier, chosen), toolbox.specs, told)
            plan = replace(plan, file_of=file_of, skills=() if earlier else await self._skills(lease, told))
            report = await loop.run(plan, self._model, toolbox, told)
            if plan.advice in report.warnings:
                endpoints.profiles.advised(self._model.target, self._model.abilities)

    def _plan(
        self, model: PinnedModel, lease: Lease | None, earlier: Continued | None, preferred: Preferred | None
    ) -> RunPlan:
        profiles, target, abilities = self._with.profiles, model.target, model.abilities
        chosen = profiles.of(target, abilities)
        has_tools = lease is not None and bool(lease.toolbox.specs)
        return RunPlan(
            self._run_id,
            self._assignment,
            self._with.settings,
            chosen.profile,
            chosen.as_json(),
            profiles.advice(target, abilities, chosen) if has_tools else None,
            self._caution(target) if has_tools else None,
            word_alone(chosen.profile) if has_tools else None,
            servers=lease.states if lease else (),
            history=earlier.history if earlier else (),
            kept=earlier.kept if earlier else {},
            client=self._client,
            backend=model.backend.url,
            provider=abilities.name,
            chosen=preferred.why if preferred else None,
        )

    def _caution(self, target: Target) -> str | None:
        """What the caller is to know of the model: that it is small, or that it was never trained for this task."""
        if (
            self._with.settings.backend == "embedded"
            and target.model.id == DEMO_MODEL
            and outside(self._assignment.task)
        ):
            return f"{DEMO_MODEL} was not trained for this task, and its answer may be nonsense: {KNOWS}."
        return caution(target.model.id, target.model.params)

    async def _under_judge(self, plan: RunPlan, specs: Sequence[ToolSpec], told: Told) -> RunPlan:
        """The plan with the outside judge that the settings ask for, and the tools that it holds for the likeliest."""
        judge, why_not = await judge_for(self._with.settings, self._with.backend)
        if why_not:
            told(Warned(why_not))
        if judge is None:
            return plan
        many = len(specs) > (plan.profile.most_tools or FEWEST_SHOWN)
        likely = await judge.likely(plan.assignment.task, specs) if many else ()
        return replace(plan, judge=judge, likely=likely)

    async def _skills(self, lease: Lease | None, emit: Emit) -> tuple[GivenSkill, ...]:
        """What the run's servers want models to know, where the settings let any of it through."""
        tokens = self._with.settings.skill_tokens
        if not tokens or lease is None:
            return ()
        tools = lease.toolbox
        return await given_skills(
            await tools.skills(), tools.skill, task=self._assignment.task, tokens=tokens, emit=emit
        )

    def _earlier(self) -> Continued | None:
        run_id = self._assignment.continue_run
        if run_id is None:
            return None
        facts, journals = self._with.facts_of(run_id), self._with.journals
        ended = any(isinstance(fact, RunEnded) for fact in facts)
        died = not ended and journals is not None and journals.status(run_id) == "interrupted"
        return continued(self._assignment, facts, interrupted=died, before=self._tasks_before(facts))

    def _tasks_before(self, facts: Sequence[Fact]) -> list[str]:
        """The tasks of the runs that an earlier run went on with, as far as they are still known."""
        tasks: list[str] = []
        started = next((fact for fact in facts if isinstance(fact, RunStarted)), None)
        while started is not None and started.continues and len(tasks) < _LONGEST_CHAIN:
            try:
                facts = self._with.facts_of(started.continues)
            except LmbridgeError:
                break
            started = next((fact for fact in facts if isinstance(fact, RunStarted)), None)
            tasks.insert(0, started.task if started else "")
        return tasks

    def _server_names(self, earlier: Continued | None) -> Sequence[str]:
        """The servers to lease.

        Raises:
            UnknownServerError: One that was named is not configured.
        """
        if earlier:
            return earlier.servers
        if self._assignment.servers == ():
            return ()
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

    def _refuse_checks_elsewhere(self, lease: Lease | None, earlier: Continued | None) -> FileOf:
        """Refuses `accept` checks on files outside of the run's scope: they would tell a caller what it may not see.

        Returns:
            Where such a file lies, for another look when it is checked: links may have been made since.

        Raises:
            InvalidArgumentsError: A file lies in no folder of the run's servers and is named by neither task nor scope.
        """
        entries = lease.toolbox.entries.values() if lease else ()
        roots = tuple(dict.fromkeys((*(r for e in entries for r in roots_of(e).folders), plain(str(Path.cwd())))))
        said = self._words(earlier)

        def file_of(path: str) -> Path | None:
            looked = look(path, roots)
            within = is_below(looked, roots) or is_named(looked, said, roots)
            return Path(os.path.realpath(plain(path))) if within else None

        if outside := next((path for path in paths_of(self._assignment.accept) if file_of(path) is None), None):
            raise InvalidArgumentsError(
                f"accept looks at {outside}, which is outside of this run's scope.",
                hint="Name the file in `scope` or in the task; nothing was started.",
            )
        return file_of

    def _words(self, earlier: Continued | None) -> UserWords:
        """The user's words: the tasks of this conversation, what the call grants, and the servers that it names."""
        task = self._assignment
        chosen = None if task.servers is None else frozenset(task.servers)
        scope = (*(earlier.scope if earlier else ()), *task.scope)
        return UserWords((*(earlier.tasks if earlier else ()), task.task), scope, chosen)

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

    def _rights(self, memory: Memory, earlier: Continued | None, emit: Emit, journal: Journal | None) -> Rights:
        """What this run may do: the settings', narrowed by the call; the user's words are the tasks and the scope."""
        task, settings = self._assignment, self._with.settings
        return Rights(
            access=strictest(settings.access, task.access),
            only=task.tools,
            guard=settings.guard,
            said=self._words(earlier),
            memory=memory,
            protected=own_files(settings, self._with.configs.places),
            approve=self._approve,
            emit=emit,
            synced=journal.synced if journal else self._synced,
        )

    def _toolbox(self, lease: Lease, rights: Rights) -> Toolbox:
        toolbox = toolbox_for(lease.toolbox, rights)
        only = rights.only
        if only and not toolbox.specs and any(meant(spec, only) for spec in lease.toolbox.specs):
            rights.emit(
                Warned("None of the tools that `tools` names may be called by this run, so the model had no tools.")
            )
        return toolbox
