"""The tools that hand a task to the local model, and those that show what it can be given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from lmbridge.mcp_host.config.trust import trust_question
from lmbridge.server import roots
from lmbridge.server.task_state import TASK_PATIENCE, task_or_end
from lmbridge.server.tools.approvals import Questions
from lmbridge.server.tools.call import Answer, Call, of_report, report_failure, structured
from lmbridge.server.tools.choose_model import chosen_model
from lmbridge.server.tools.declare import Filled, Hidden, Name, Tool, Unsaid
from lmbridge.server.tools.follow_run import Followed, begun, follow, patience_of
from lmbridge.server.tools.progress import Ticker
from lmbridge.server.tools.views import health_body, servers_body
from lmbridge.settings import DEFAULT_MAX_ROUNDS, Access

Rounds = Annotated[int, Field(ge=1)]
Tokens = Annotated[int, Field(ge=1)] | Literal["auto"]
Seconds = Annotated[float, Field(gt=0)]
OnFailure = Literal["continue", "fail"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the three delegating tools share."""

    max_rounds: Rounds = DEFAULT_MAX_ROUNDS
    max_tokens: Tokens = "auto"
    model: Name | None = None
    background: Annotated[bool, Field(description="answer at once with run_id; then get_run")] = False
    timeout: Annotated[Seconds | None, Unsaid] = None
    access: Annotated[Access | None, Unsaid] = None
    output_schema: Annotated[dict[str, Any] | None, Unsaid] = None
    accept: Annotated[list[dict[str, Any]] | None, Unsaid] = None
    continue_run: Annotated[Name | None, Unsaid] = None
    tools: Annotated[list[str] | None, Unsaid] = None
    scope: Annotated[list[str] | None, Hidden] = None


REPORT: dict[str, Any] = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "status": {"type": "string"}},
}


async def autonomous_with_mcp(
    call: Call,
    *,
    mcp_name: Annotated[Name, Field(description="see list_available_mcps")],
    task: Annotated[Filled, Field(description="self-contained: goal, paths, form of the answer")],
    bounds: Bounds,
) -> Answer:
    """A local model works a task off with one MCP server's tools.

    Delegate reading, searching, extracting, summarising, routine edits: it costs you only task and answer. Returns
    answer, status, calls and writes made.
    """
    return await _delegate(call, task, (mcp_name,), bounds)


async def autonomous_with_multiple_mcps(
    call: Call,
    *,
    mcp_names: Annotated[list[Name], Field(min_length=1)],
    task: Filled,
    on_mcp_failure: OnFailure = "continue",
    bounds: Bounds,
) -> Answer:
    """autonomous_with_mcp with the tools of several servers, e.g. to read files and store findings in memory."""
    return await _delegate(call, task, tuple(mcp_names), bounds, on_mcp_failure)


async def autonomous_discover_and_execute(
    call: Call, *, task: Filled, on_mcp_failure: OnFailure = "continue", bounds: Bounds
) -> Answer:
    """autonomous_with_mcp with every enabled server; name servers where you can: fewer tools work better."""
    return await _delegate(call, task, None, bounds, on_mcp_failure)


async def list_available_mcps(call: Call) -> Answer:
    """MCP servers that a task can use: name, transport, usable or why not, where configured."""
    await roots.opened(call)
    return structured(servers_body(call.desk.records.configs.current(), call.desk.settings.state_dir))


async def health_check(call: Call) -> Answer:
    """Is the local backend up? Version, models, latency, and what to do if not."""
    bridge = await call.bridge()
    return structured(health_body(await bridge.backend.health()))


async def _delegate(
    call: Call, task: str, servers: tuple[str, ...] | None, bounds: Bounds, on_mcp_failure: OnFailure = "continue"
) -> Answer:
    followed = call.desk.rounds.resume(call.caller)
    if followed is None:
        followed = await _started(call, task, servers, bounds, on_mcp_failure)
    if bounds.background:
        return of_report(await begun(followed))
    if call.may_be_task:
        return of_report(await task_or_end(followed, call.desk.tasks, call.desk.settings))
    patience = patience_of(call.desk.settings.soft_limit, call.caller)
    return of_report(await follow(followed, call.caller, call.desk.rounds, patience))


async def _started(
    call: Call, task: str, servers: tuple[str, ...] | None, bounds: Bounds, on_mcp_failure: OnFailure
) -> Followed:
    from lmbridge.agent.task.assignment import Assignment, token_limit  # with the bridge, not before the first answer

    bridge = await call.bridge()
    await roots.opened(call)
    await trusted(call, servers or ())
    assignment = Assignment(
        task,
        servers=servers,
        model=await chosen_model(call, bounds.model),
        max_rounds=bounds.max_rounds,
        max_tokens=token_limit(bounds.max_tokens),
        timeout_s=bounds.timeout,
        access=bounds.access,
        on_mcp_failure=on_mcp_failure,
        output_schema=bounds.output_schema,
        accept=tuple(bounds.accept or ()),
        continue_run=bounds.continue_run,
        tools=tuple(bounds.tools) if bounds.tools else None,
        scope=tuple(bounds.scope or ()),
    )
    questions = _questions(call, background=bounds.background)
    ticker = Ticker()
    handle = bridge.start(assignment, sinks=(ticker,), approve=questions.approve, client=call.caller.name)
    return Followed(handle, ticker, questions)


def _questions(call: Call, *, background: bool) -> Questions:
    """Who is asked of a run's calls: nobody in the background, and of a task's for as long as people may take."""
    able = call.caller.can_be_asked
    if background:
        return Questions(can_ask=False)
    return (
        Questions(can_ask=able, patience=TASK_PATIENCE, at_once=True) if call.may_be_task else Questions(can_ask=able)
    )


async def trusted(call: Call, servers: tuple[str, ...]) -> None:
    """Asks about servers of the opened folder that the task names; who is not let start is refused by the run itself."""
    configs = (await call.bridge()).configs
    for entry in configs.current().waiting():
        if entry.name in servers and call.caller.can_be_asked:
            key = f"trust_{entry.mark[:16]}"
            content = await call.caller.ask_first(key, "\n".join(trust_question(entry)), TRUST)
            if (content or {}).get("start") is True:
                configs.trust.add(entry)


TRUST: dict[str, Any] = {
    "type": "object",
    "properties": {"start": {"type": "boolean", "title": "Let it start", "default": False}},
    "required": ["start"],
}
"""Only a yes that was ticked lets a server start."""


def _delegating(run: Any, title: str) -> Tool:
    return Tool(run, "agent", title, REPORT, destructive=True, refusal=report_failure)


TOOLS = (
    _delegating(autonomous_with_mcp, "Delegate to a local model"),
    _delegating(autonomous_with_multiple_mcps, "Delegate with several servers"),
    _delegating(autonomous_discover_and_execute, "Delegate with all servers"),
    Tool(
        list_available_mcps,
        "agent",
        "List MCP servers",
        {"type": "object", "properties": {"servers": {"type": "array"}}},
        read_only=True,
    ),
    Tool(
        health_check,
        "agent",
        "Check the backend",
        {"type": "object", "properties": {"reachable": {"type": "boolean"}}},
        read_only=True,
    ),
)
