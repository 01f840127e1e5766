"""The same task again with the recorded tool results: to compare models and to debug, with no side effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lmbridge.agent.calls.ledger import Told
from lmbridge.agent.loop import run
from lmbridge.agent.profiles import Profiles
from lmbridge.agent.task.acceptance import WITHOUT_THE_WORLD
from lmbridge.agent.task.assignment import Assignment
from lmbridge.agent.task.run_plan import RunPlan
from lmbridge.errors import InvalidArgumentsError
from lmbridge.events import Emit, Fact, RunStarted, TextKept, Warned, silent
from lmbridge.llm.backend import Backend
from lmbridge.llm.pinning import pin
from lmbridge.observe.journal.replay import RecordedToolbox
from lmbridge.report import Report
from lmbridge.settings import DEFAULT_MAX_ROUNDS, Settings


async def replay(
    facts: Sequence[Fact],
    *,
    run_id: str,
    backend: Backend,
    settings: Settings,
    model: str | None = None,
    emit: Emit | None = None,
) -> Report:
    """Carries a recorded run's task out again; its tools answer what they answered then.

    Args:
        facts: Of the recorded run.
        run_id: Its id, for the report.
        backend: Where the model is.
        settings: The settings.
        model: Another model; the recorded one when None.
        emit: Told the facts of the replay; nothing is journaled.

    Raises:
        InvalidArgumentsError: The run never began.
        LLMError: The model cannot be used.
    """
    started = next((fact for fact in facts if isinstance(fact, RunStarted)), None)
    if started is None:
        raise InvalidArgumentsError(f"Run {run_id} never began; there is nothing to replay.")
    told = Told(emit or silent)
    pinned = await pin(backend, model or started.model, emit=told)
    assignment = Assignment(
        started.task,
        servers=(),
        model=pinned.id,
        max_rounds=started.max_rounds or DEFAULT_MAX_ROUNDS,
        max_tokens=started.max_tokens,
        timeout_s=started.timeout_s,
        output_schema=started.output_schema,
        accept=_harmless(started, told),
    )
    chosen = Profiles(settings).of(pinned.target, pinned.abilities)
    plan = RunPlan(
        run_id,
        assignment,
        settings,
        chosen.profile,
        chosen.as_json(),
        servers=started.servers,
        history=started.history,
        kept={fact.handle: fact.text for fact in facts if isinstance(fact, TextKept) and fact.carried},
        client="replay",
        backend=backend.url,
        provider=pinned.abilities.name,
    )
    return await run.run(plan, pinned, RecordedToolbox(facts), told)


def _harmless(started: RunStarted, told: Told) -> tuple[Mapping[str, Any], ...]:
    """The checks of the recorded run that look at nothing but the answer and the results; the others are told of."""
    checks = tuple(check for check in started.accept if check.keys() <= WITHOUT_THE_WORLD)
    if left := len(started.accept) - len(checks):
        told(
            Warned(
                f"{left} accept checks of files or commands were left out: a replay writes nothing and runs nothing."
            )
        )
    return checks
