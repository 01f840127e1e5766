"""Calls that go on as tasks for clients that declare the extension: made, asked about, ended, and found again by anybody."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal

import mcp_types as types
import pytest
from mcp import Client
from mcp.client.extension import ClaimContext, ClientExtension, ResultClaim
from mcp.shared.exceptions import MCPError

from conformance.task_fixtures import configured
from conformance.task_server import NOTE
from lmbridge.testing import FakeLMStudio, Gate, call, calls, fault, say
from server.conftest import Bench, Wire
from server.test_stdio import DISCOVER, ENVELOPE

TASKS = "io.modelcontextprotocol/tasks"
DECLARED = {**ENVELOPE, "io.modelcontextprotocol/clientCapabilities": {"extensions": {TASKS: {}}, "elicitation": {}}}
TASK: dict[str, Any] = {"mcp_name": "files", "task": "Do it."}
THINK = "autonomous_discover_and_execute", {"task": "Think."}
YES = {"action": "accept", "content": {"allow": "once"}}
ENDED = ("completed", "failed", "cancelled")


class MadeTask(types.Result):
    result_type: Literal["task"] = "task"
    task_id: str
    status: str
    created_at: str
    last_updated_at: str
    ttl_ms: int | None
    poll_interval_ms: int


class TaskClient(ClientExtension):
    """The extension on the side of the SDK's client: a task is polled until it has ended."""

    identifier = TASKS

    def __init__(self) -> None:
        self.made: list[MadeTask] = []

    def claims(self) -> Sequence[ResultClaim[Any]]:
        return (ResultClaim(result_type="task", model=MadeTask, resolve=self._resolved),)

    async def _resolved(self, made: MadeTask, ctx: ClaimContext) -> types.CallToolResult:
        self.made.append(made)
        while (task := await asked(ctx.session, "tasks/get", taskId=made.task_id))["status"] not in ENDED:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        return types.CallToolResult.model_validate(task["result"])


class Params(types.RequestParams, extra="allow"):
    """Whatever a method takes."""


class Anything(types.Result, extra="allow"):
    """Whatever it answers."""


async def asked(session: Any, method: str, **params: Any) -> dict[str, Any]:
    request = types.Request[Params, str](method=method, params=Params.model_validate(params))
    return (await session.send_request(request, Anything)).model_dump(by_alias=True, mode="json")


async def until(client: Client, task_id: str, *statuses: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while (task := await asked(client.session, "tasks/get", taskId=task_id))["status"] not in statuses:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return task


async def begun(client: Client, **arguments: Any) -> str:
    """The id of a task for a delegation; without a server where no arguments say more."""
    tool, given = ("autonomous_with_mcp", {**TASK, **arguments}) if arguments else THINK
    called = await client.session.call_tool(tool, given, allow_claimed=True)
    assert isinstance(called, MadeTask), called
    return called.task_id


@pytest.fixture
def bare(bench: Bench) -> Bench:
    """A place without servers, whose runs only think."""
    bench.configure({})
    return bench


async def refused(request: Awaitable[Any]) -> types.ErrorData:
    with pytest.raises(MCPError) as raised:
        await request
    return raised.value.error


def tasking(bench: Bench, place: Callable[..., Any] | None = None) -> Any:
    async def nobody(_context: Any, _params: Any) -> types.ElicitResult:
        raise AssertionError("a task's questions are answered with tasks/update")

    options: dict[str, Any] = {"extensions": [TaskClient()], "elicitation_callback": nobody}
    return (place or bench.local)("2026-07-28", **options)


def written(bench: Bench, name: str) -> Any:
    return call("write_file", path=str(bench.files / name), content="written")


SAME = ("answer", "status", "stop_reason", "rounds", "tools_used", "model", "writes")


@pytest.mark.parametrize("place", ["local", "client"])
async def test_a_task_brings_the_result_that_the_call_would_have_had(place: str, bench: Bench, fake: FakeLMStudio):
    turns = call("read_text_file", path=str(bench.files / "a.txt")), written(bench, "b.txt"), say("Alpha.")
    fake.script(*turns, *turns)
    async with bench.local("2026-07-28") as plain:
        alone = await plain.call_tool("autonomous_with_mcp", TASK)
    (bench.files / "b.txt").unlink()
    extension = TaskClient()
    async with getattr(bench, place)("2026-07-28", extensions=[extension]) as client:
        result = await client.call_tool("autonomous_with_mcp", TASK)
        told = result.structured_content
        assert told is not None
        assert (await client.call_tool("get_run", {"run_id": told["run_id"]})).content == result.content
    assert alone.structured_content is not None
    assert {key: told[key] for key in SAME} == {key: alone.structured_content[key] for key in SAME}
    (made,) = extension.made
    assert (made.task_id, made.status) == (told["run_id"], "working")
    assert made.created_at == made.last_updated_at
    assert made.ttl_ms == 30 * 86_400_000


async def test_a_failed_run_completes_its_task_with_an_error_for_its_result(bare: Bench, fake: FakeLMStudio):
    fake.script(fault.refuse("No."))
    async with tasking(bare) as client:
        task = await until(client, await begun(client), *ENDED)
    assert (task["status"], task["result"]["isError"]) == ("completed", True)
    assert task["result"]["structuredContent"]["status"] == "failed"
    assert "error" not in task


async def test_who_does_not_declare_it_sees_nothing_of_it(bare: Bench, fake: FakeLMStudio):
    fake.script(say("One."), say("Two."))
    async with bare.local("2026-07-28") as client:
        result = await client.call_tool(*THINK)
        run_id = (result.structured_content or {})["run_id"]
        for method in ("tasks/get", "tasks/update", "tasks/cancel"):
            error = await refused(asked(client.session, method, taskId=run_id, inputResponses={}))
            assert error.code == types.MISSING_REQUIRED_CLIENT_CAPABILITY
            assert error.data == {"requiredCapabilities": {"extensions": {TASKS: {}}}}
    async with bare.local("legacy", extensions=[TaskClient()]) as client:
        result = await client.call_tool(*THINK)
        assert (result.structured_content or {})["answer"] == "Two."
        error = await refused(asked(client.session, "tasks/get", taskId=run_id))
        assert error.code == types.METHOD_NOT_FOUND


async def test_what_a_run_asks_is_answered_by_an_update(bench: Bench, fake: FakeLMStudio):
    fake.script(written(bench, "new.txt"), say("Written."))
    async with tasking(bench) as client:
        task_id = await begun(client, access="ask")
        task = await until(client, task_id, "input_required", *ENDED)
        ((key, question),) = task["inputRequests"].items()
        assert question["method"] == "elicitation/create"
        assert "new.txt" in question["params"]["message"]
        malformed = await refused(asked(client.session, "tasks/update", taskId=task_id, inputResponses={key: 7}))
        assert malformed.code == types.INVALID_PARAMS
        ack = await asked(client.session, "tasks/update", taskId=task_id, inputResponses={"other": YES})
        assert ack["resultType"] == "complete"
        assert (await until(client, task_id, "input_required", *ENDED))["inputRequests"] == task["inputRequests"]
        await asked(client.session, "tasks/update", taskId=task_id, inputResponses={key: YES})
        ended = await until(client, task_id, *ENDED)
        await asked(client.session, "tasks/update", taskId=task_id, inputResponses={key: YES})
    assert (bench.files / "new.txt").read_text() == "written"
    assert ended["result"]["structuredContent"]["answer"] == "Written."
    assert "inputRequests" not in ended


async def test_any_other_answer_than_yes_is_no(bench: Bench, fake: FakeLMStudio):
    answers = [{"action": "decline"}, {"action": "cancel"}, {"action": "accept", "content": {"allow": "no"}}]
    async with tasking(bench) as client:
        for answer in answers:
            fake.script(written(bench, "new.txt"), say("I may not."))
            task_id = await begun(client, access="ask")
            ((key, _),) = (await until(client, task_id, "input_required", *ENDED))["inputRequests"].items()
            await asked(client.session, "tasks/update", taskId=task_id, inputResponses={key: answer})
            await until(client, task_id, *ENDED)
    assert not (bench.files / "new.txt").exists()


async def test_questions_of_calls_side_by_side_are_open_at_once(bench: Bench, fake: FakeLMStudio):
    bench.environment["MCP_JSON_PATH"] = str(configured(bench.folder))
    visits = (call("visit", address=f"https://{host}.example/?q={NOTE}") for host in ("one", "two"))
    fake.script(call("look"), calls(*visits), say("Seen."))
    async with tasking(bench) as client:
        task_id = await begun(client, mcp_name="fixture")
        async with asyncio.timeout(60):
            while len((await until(client, task_id, "input_required", *ENDED)).get("inputRequests", ())) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        first, second = (await until(client, task_id, "input_required"))["inputRequests"]
        await asked(client.session, "tasks/update", taskId=task_id, inputResponses={second: YES})
        assert list((await until(client, task_id, "input_required", *ENDED))["inputRequests"]) == [first]
        await asked(client.session, "tasks/update", taskId=task_id, inputResponses={first: YES})
        ended = await until(client, task_id, *ENDED)
    assert ended["result"]["structuredContent"]["answer"] == "Seen."


async def test_a_task_is_cancelled_once_and_stays_so(bare: Bench, fake: FakeLMStudio):
    held = Gate()
    fake.script(say("Late.").paced(held), say("Done."))
    async with tasking(bare) as client:
        task_id = await begun(client)
        await held.reached()
        for _ in range(2):
            assert (await asked(client.session, "tasks/cancel", taskId=task_id))["resultType"] == "complete"
            task = await until(client, task_id, *ENDED)
            assert task["status"] == "cancelled"
            assert "result" not in task
        done = await begun(client)
        await until(client, done, "completed")
        await asked(client.session, "tasks/cancel", taskId=done)
        assert (await until(client, done, *ENDED))["status"] == "completed"


async def test_another_process_reads_and_cancels_it(bare: Bench, fake: FakeLMStudio):
    fake.script(say("Late.").paced(Gate()))
    async with tasking(bare, bare.client) as client, tasking(bare) as other:
        task_id = await begun(client)
        assert (await until(other, task_id, "working", *ENDED))["status"] == "working"
        await asked(other.session, "tasks/cancel", taskId=task_id)
        assert (await until(client, task_id, *ENDED))["status"] == "cancelled"
        assert (await until(other, task_id, *ENDED))["status"] == "cancelled"


async def started(wire: Wire, request_id: int, **arguments: Any) -> dict[str, Any]:
    tool, given = ("autonomous_with_mcp", {**TASK, **arguments}) if arguments else THINK
    params = {"name": tool, "arguments": given, "_meta": DECLARED}
    await wire.send({"jsonrpc": "2.0", "id": request_id, "method": "tools/call", "params": params})
    return (await wire.answer(request_id))["result"]


async def test_it_is_found_again_after_the_server_was_killed(bare: Bench, fake: FakeLMStudio):
    fake.script(say("Alpha."), say("Late.").paced(Gate()))
    async with bare.wire() as wire:
        await wire.send(DISCOVER)
        assert TASKS in (await wire.answer("d"))["result"]["capabilities"]["extensions"]
        whole, cut = await started(wire, 1), None
        async with tasking(bare) as client:
            before = await until(client, whole["taskId"], *ENDED)
        cut = await started(wire, 2)
        wire.signal(signal.SIGKILL)
        await wire.gone(within=60)
    async with tasking(bare) as client:
        after = await until(client, whole["taskId"], *ENDED)
        lost = await until(client, cut["taskId"], *ENDED)
    assert after == before
    assert after["createdAt"] == whole["createdAt"]
    assert lost["status"] == "failed"
    assert lost["error"]["code"] == types.INTERNAL_ERROR
    assert lost["error"]["data"]["run"]["status"] == "interrupted"
    assert "result" not in lost


STRANGE: list[Any] = [
    "",
    "r-20261128-000000-abcdef",
    "../../etc/passwd",
    "r-1\0",
    "x" * 100_000,
    "m-20261128-000000-abcdef",
]


@pytest.mark.parametrize("method", ["tasks/get", "tasks/update", "tasks/cancel"])
async def test_ids_of_no_task_are_refused(method: str, bare: Bench, fake: FakeLMStudio):
    async with tasking(bare) as client:
        for task_id in [*STRANGE, 7, None, ["x"]]:
            error = await refused(asked(client.session, method, taskId=task_id, inputResponses={}))
            assert error.code == types.INVALID_PARAMS
            assert len(error.message) < 300


async def test_an_expired_task_is_none(bare: Bench, fake: FakeLMStudio):
    fake.script(say("Done."))
    async with tasking(bare) as client:
        task_id = await begun(client)
        await until(client, task_id, *ENDED)
    (journal,) = (bare.folder / "state" / "runs").rglob("*.jsonl")
    journal.unlink()
    async with tasking(bare) as client:
        error = await refused(asked(client.session, "tasks/get", taskId=task_id))
    assert (error.code, "expired" in error.message) == (types.INVALID_PARAMS, True)


async def test_every_run_can_be_read_as_a_task(bare: Bench, fake: FakeLMStudio):
    fake.script(say("One."), say("Two."))
    async with bare.local("legacy") as client:
        result = await client.call_tool(*THINK)
    async with tasking(bare) as client:
        plain = await until(client, (result.structured_content or {})["run_id"], *ENDED)
        background = await client.call_tool(THINK[0], {**THINK[1], "background": True})
        run_id = (background.structured_content or {})["run_id"]
        assert (await until(client, run_id, *ENDED))["result"]["structuredContent"]["answer"] == "Two."
        report = await client.call_tool("get_run", {"run_id": run_id})
    assert plain["result"]["structuredContent"]["answer"] == "One."
    assert (report.structured_content or {})["answer"] == "Two."


async def test_a_run_that_is_refused_is_answered_at_once(bench: Bench, fake: FakeLMStudio):
    extension = TaskClient()
    async with bench.local("2026-07-28", extensions=[extension]) as client:
        result = await client.call_tool("autonomous_with_mcp", {**TASK, "mcp_name": "nowhere"})
    assert result.is_error
    assert extension.made == []


async def test_without_a_journal_nothing_would_make_a_task_last(bare: Bench, fake: FakeLMStudio):
    bare.environment["LMBRIDGE_JOURNAL"] = "false"
    fake.script(say("One."))
    extension = TaskClient()
    async with bare.local("2026-07-28", extensions=[extension]) as client:
        result = await client.call_tool(*THINK)
    assert (result.structured_content or {})["answer"] == "One."
    assert extension.made == []


async def test_listeners_are_told_of_each_change_and_of_the_end(bench: Bench, fake: FakeLMStudio):
    fake.script(written(bench, "new.txt"), say("Written."))
    async with bench.wire() as wire:
        task_id = (await started(wire, 1, access="ask"))["taskId"]
        wanted = {"taskIds": [task_id, "r-20261128-000000-abcdef"]}
        listen = {"jsonrpc": "2.0", "id": 2, "method": "subscriptions/listen"}
        await wire.send(listen | {"params": {"notifications": wanted, "_meta": DECLARED}})
        first = await wire.receive()
        assert first["method"] == "notifications/subscriptions/acknowledged"
        assert first["params"]["notifications"]["taskIds"] == [task_id]
        seen = []
        while "method" in (message := await wire.receive()):
            if message["method"] != "notifications/tasks":
                continue
            seen.append(message["params"])
            if seen[-1]["status"] == "input_required":
                answers = dict.fromkeys(seen[-1]["inputRequests"], YES)
                params = {"taskId": task_id, "inputResponses": answers, "_meta": DECLARED}
                await wire.send({"jsonrpc": "2.0", "id": 3, "method": "tasks/update", "params": params})
                assert (await wire.answer(3))["result"]["resultType"] == "complete"
    assert message["id"] == 2
    assert "input_required" in [each["status"] for each in seen]
    assert seen[-1]["status"] == "completed"
    assert seen[-1]["result"]["structuredContent"]["answer"] == "Written."
    assert {each["taskId"] for each in seen} == {task_id}


async def test_listening_to_tasks_wants_the_extension_declared(bench: Bench, fake: FakeLMStudio):
    async with bench.wire() as wire:
        for number, (wanted, meta, code) in enumerate(
            [(["x"], ENVELOPE, types.MISSING_REQUIRED_CLIENT_CAPABILITY), ("x", DECLARED, types.INVALID_PARAMS)]
        ):
            params = {"notifications": {"taskIds": wanted}, "_meta": meta}
            await wire.send({"jsonrpc": "2.0", "id": number, "method": "subscriptions/listen", "params": params})
            assert (await wire.answer(number))["error"]["code"] == code
