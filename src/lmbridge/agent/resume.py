"""Going on with an earlier run: what its conversation was, and whether it can go on with what there is now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lmbridge.agent.task.assignment import Assignment
from lmbridge.errors import InvalidArgumentsError
from lmbridge.events import Emit, Exemplified, Fact, RunEnded, RunStarted, TextKept, ToolFinished, Warned
from lmbridge.messages import Message, ToolSpec
from lmbridge.observe.journal.recovery import settled
from lmbridge.report import conversation, report
from lmbridge.settings import ACCESS_ORDER, Access, strictest


@dataclass(frozen=True, slots=True)
class Continued:
    """An earlier run that goes on.

    Attributes:
        run_id: Its id.
        model: The model that answered last.
        servers: The servers whose tools it had.
        tools: Those tools, as `server__tool`.
        history: Its messages after the system prompt.
        kept: The whole texts of its cut results, by handle; None where the journal did not keep it.
        facts: Its facts: what it read counts as read.
        tasks: Its task, and those of the runs before it, the oldest first.
        scope: What its caller granted.
        access: The most it might do.
    """

    run_id: str
    model: str
    servers: tuple[str, ...]
    tools: frozenset[str]
    history: tuple[Message, ...]
    kept: Mapping[str, str | None]
    facts: tuple[Fact, ...] = ()
    tasks: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    access: Access = "write"

    def going_on(self, assignment: Assignment, emit: Emit) -> Assignment:
        """The new assignment, with what was granted before and no more rights than before; less of them is told."""
        access = strictest(assignment.access, self.access)
        if assignment.access is not None and access != assignment.access:
            emit(
                Warned(f"This run goes on with access `{access}`, as the run before it had; begin a new run for more.")
            )
        return replace(assignment, access=access, scope=tuple(dict.fromkeys((*self.scope, *assignment.scope))))


def continued(
    assignment: Assignment, facts: Sequence[Fact], *, interrupted: bool = False, before: Sequence[str] = ()
) -> Continued:
    """The run that an assignment goes on with.

    Args:
        assignment: The new task; servers and model that it names must be those of the earlier run.
        facts: The facts of the earlier run.
        interrupted: Its process died; calls that were under way are told to the model as such.
        before: The tasks of the runs that the earlier run went on with.

    Raises:
        InvalidArgumentsError: It still runs, never began, or had another model or other servers.
    """
    run_id = assignment.continue_run or ""
    started = next((fact for fact in facts if isinstance(fact, RunStarted)), None)
    if started is None:
        raise _cannot(run_id, "it never began")
    if interrupted:
        facts = settled(facts)
    elif not any(isinstance(fact, RunEnded) for fact in facts):
        raise _cannot(run_id, "it has not ended", hint="Wait for it with get_run, or cancel it with cancel_run.")
    earlier = Continued(
        run_id=run_id,
        model=report(facts).model or started.model,
        servers=tuple(server.name for server in started.servers if server.status != "failed"),
        tools=frozenset(spec.qualified for spec in started.server_tools),
        history=tuple(_whole(_own(facts)))[1 if started.system_prompt else 0 :],
        kept=_kept(facts),
        facts=tuple(facts),
        tasks=(*before, started.task),
        scope=started.scope,
        access=_known_access(started.access),
    )
    _refuse_others(earlier, assignment)
    return earlier


def _known_access(level: str) -> Access:
    return next((each for each in ACCESS_ORDER if each == level), "read")


def _kept(facts: Sequence[Fact]) -> dict[str, str | None]:
    """Every handle that the conversation names, so that none is given to another text, with its own where it was kept."""
    named = [fact.result.handle for fact in facts if isinstance(fact, ToolFinished) and fact.result.handle]
    texts = {fact.handle: fact.text for fact in facts if isinstance(fact, TextKept)}
    return {**dict.fromkeys(named), **texts}


def _refuse_others(earlier: Continued, assignment: Assignment) -> None:
    if assignment.model not in (None, "default", earlier.model):
        raise _cannot(earlier.run_id, f"it was answered by {earlier.model}, not by {assignment.model}")
    if assignment.servers is not None and set(assignment.servers) != set(earlier.servers):
        had = ", ".join(earlier.servers) or "no servers"
        raise _cannot(earlier.run_id, f"it had {had}, not {', '.join(assignment.servers) or 'no servers'}")


def refuse_other_tools(earlier: Continued, specs: Sequence[ToolSpec]) -> None:
    """Refuses to go on where the servers offer other tools than then: the model would remember what is not there.

    Raises:
        InvalidArgumentsError: Tools have gone; new ones do no harm.
    """
    gone = sorted(earlier.tools - {spec.qualified for spec in specs})
    if gone:
        raise _cannot(earlier.run_id, f"tools have gone since: {', '.join(gone[:5])}")


def _own(facts: Sequence[Fact]) -> list[Message]:
    """The conversation without the worked examples like its task: to the next one they would be something that was done."""
    alike = [message for fact in facts if isinstance(fact, Exemplified) for message in fact.messages]
    return [message for message in conversation(facts) if message not in alike]


def _whole(messages: Sequence[Message]) -> list[Message]:
    """The messages without a last reply whose calls were never answered (the run was cut there)."""
    kept = list(messages)
    while kept and kept[-1].role == "assistant" and kept[-1].tool_calls:
        kept.pop()
    return kept


def _cannot(run_id: str, why: str, hint: str = "Begin a new run instead.") -> InvalidArgumentsError:
    return InvalidArgumentsError(f"Run {run_id} cannot be continued: {why}.", hint=hint)
