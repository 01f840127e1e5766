"""The methods of the Tasks extension: `tasks/get`, `tasks/update`, `tasks/cancel`, and the status of tasks on a listen stream.

All of them are for clients that declare the extension in the request; others are told what they would have to declare.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.subscriptions import SUBSCRIPTION_ID_META_KEY, InMemorySubscriptionBus, ListenHandler
from mcp.shared.exceptions import MCPError
from mcp.shared.inbound import MCP_NAME_HEADER, decode_header_value
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from lmbridge.errors import InvalidArgumentsError
from lmbridge.observe.journal.controls import Controls
from lmbridge.server.task_state import detailed
from lmbridge.server.tools.approvals import Question
from lmbridge.server.tools.call import Answer, Desk, of_report
from lmbridge.server.tools.client import TASKS, accepted, declares
from lmbridge.server.tools.find_run import Found, found

Context = ServerRequestContext[Any, Any]
Shown = Callable[[Context, str, Answer], Awaitable[types.CallToolResult]]

STREAMS = 100
"""Listen streams about tasks that are open at a time."""
WATCHED = 100
"""Tasks that one of them is about at most."""
LOOK = 0.5
"""Seconds between two looks at a task that somebody listens to."""


class TaskParams(types.RequestParams):
    """The parameters of `tasks/get` and `tasks/cancel`."""

    task_id: str


class UpdateParams(TaskParams):
    """The parameters of `tasks/update`."""

    input_responses: dict[str, Any]


class Tasks:
    """Serves the extension.

    Args:
        desk: What all calls share.
        shown: Makes the result that a tool would have had of an answer.
    """

    def __init__(self, desk: Desk, shown: Shown) -> None:
        self._desk = desk
        self._shown = shown
        self._streams = 0
        self._listen = ListenHandler(InMemorySubscriptionBus())

    def serve(self, server: Server[Any]) -> None:
        """Puts the methods on a server."""
        server.add_request_handler("tasks/get", TaskParams, self.get)
        server.add_request_handler("tasks/update", UpdateParams, self.update)
        server.add_request_handler("tasks/cancel", TaskParams, self.cancel)
        server.add_request_handler("subscriptions/listen", types.SubscriptionsListenRequestParams, self.listen)
        server.extensions[TASKS] = {}

    async def get(self, ctx: Context, params: TaskParams) -> dict[str, Any]:
        """A task as it stands, with its result once it is completed.

        Raises:
            MCPError: The client does not declare the extension, or there is no such task.
        """
        return await self._told(ctx, self._found(ctx, params.task_id))

    async def update(self, ctx: Context, params: UpdateParams) -> dict[str, Any]:
        """Answers what a task asks; answers to anything else are passed over. Raises like `get`."""
        run = self._found(ctx, params.task_id)
        followed = self._desk.tasks.get(run.run_id)
        asked = followed.questions.outstanding if followed else {}
        answers = [
            (question, _answer(params.input_responses[key]))
            for key, question in asked.items()
            if key in params.input_responses
        ]
        for question, answer in answers:
            _settle(question, answer)
        await asyncio.sleep(0)  # the run goes on before it is looked at again
        return {}

    async def cancel(self, ctx: Context, params: TaskParams) -> dict[str, Any]:
        """Asks for the end of a task, in whichever process it is; one that has ended stays as it is. Raises like `get`."""
        run = self._found(ctx, params.task_id)
        if run.handle is not None:
            run.handle.end()
        elif run.report.status == "running":
            controls = Controls(self._desk.settings.state_dir / "control")
            await asyncio.to_thread(controls.cancel, run.run_id)
        return {}

    async def listen(
        self, ctx: Context, params: types.SubscriptionsListenRequestParams
    ) -> types.SubscriptionsListenResult:
        """A listen stream; one that names tasks is told of each whenever it stands differently.

        Raises:
            MCPError: It names tasks, and the client does not declare the extension; or there are too many streams.
        """
        wanted = (params.notifications.model_extra or {}).get("taskIds")
        if not wanted:
            return await self._listen(ctx, params)
        _declared(ctx)
        if not isinstance(wanted, list) or not all(isinstance(each, str) for each in wanted):
            raise MCPError(types.INVALID_PARAMS, "notifications.taskIds is a list of task ids")
        if self._streams >= STREAMS:
            raise MCPError(types.INTERNAL_ERROR, "Too many streams listen to tasks; poll with tasks/get instead")
        self._streams += 1
        try:
            return await self._told_on(ctx, params, list(dict.fromkeys(wanted)))
        finally:
            self._streams -= 1

    async def _told_on(
        self, ctx: Context, params: types.SubscriptionsListenRequestParams, wanted: list[str]
    ) -> types.SubscriptionsListenResult:
        """Acknowledges the tasks that there are, tells of them until all have ended, and then ends the stream."""
        known = [each for each in wanted if self._is_known(each)][:WATCHED]
        meta = {SUBSCRIPTION_ID_META_KEY: ctx.request_id}
        agreed = params.notifications.model_copy(update={"taskIds": known})
        acknowledged = types.SubscriptionsAcknowledgedNotificationParams(notifications=agreed, _meta=meta)
        await self._send(ctx, types.SubscriptionsAcknowledgedNotification(params=acknowledged))
        seen: dict[str, Any] = {}
        while known:
            for task_id in list(known):
                task = await self._told(ctx, found(self._desk.records, task_id))
                if seen.get(task_id) != (seen_now := _sight(task)):
                    seen[task_id] = seen_now
                    await self._send(ctx, TaskChanged(params={**task, "_meta": meta}))
                if task["status"] in ("completed", "failed", "cancelled"):
                    known.remove(task_id)
            if known:
                await asyncio.sleep(LOOK)
        return types.SubscriptionsListenResult(_meta=meta)

    async def _send(self, ctx: Context, notification: Any) -> None:
        await ctx.session.send_notification(notification, related_request_id=ctx.request_id)

    async def _told(self, ctx: Context, run: Found) -> dict[str, Any]:
        body = detailed(run, self._desk.tasks, self._desk.records, self._desk.settings)
        if body["status"] == "completed":
            told = await self._shown(ctx, "get_run", of_report(run.report))
            body["result"] = told.model_dump(by_alias=True, mode="json", exclude_none=True)
        return body

    def _found(self, ctx: Context, task_id: str) -> Found:
        _declared(ctx)
        _routed(ctx, task_id)
        try:
            return found(self._desk.records, task_id)
        except InvalidArgumentsError:
            raise MCPError(types.INVALID_PARAMS, f"There is no task {task_id[:80]!r}, or it has expired") from None

    def _is_known(self, task_id: str) -> bool:
        try:
            return bool(found(self._desk.records, task_id))
        except InvalidArgumentsError:
            return False


class TaskChanged(types.Notification[dict[str, Any], str]):
    """`notifications/tasks`: how a task stands now, as `tasks/get` would tell it."""

    method: str = "notifications/tasks"
    params: dict[str, Any]


def _sight(task: Mapping[str, Any]) -> tuple[Any, ...]:
    """What of a task must differ for its listeners to be told again; the words do so every second."""
    return task["status"], tuple(task.get("inputRequests", ())), task["lastUpdatedAt"]


def _declared(ctx: Context) -> None:
    if ctx.protocol_version not in MODERN_PROTOCOL_VERSIONS:
        raise MCPError(types.METHOD_NOT_FOUND, "Method not found", ctx.method)
    if not declares(ctx, TASKS):
        needed = {"requiredCapabilities": {"extensions": {TASKS: {}}}}
        raise MCPError(types.MISSING_REQUIRED_CLIENT_CAPABILITY, f"The client must declare {TASKS}", needed)


def _routed(ctx: Context, task_id: str) -> None:
    """Over HTTP, whoever passed a request on by its `Mcp-Name` must have passed on this one."""
    headers = getattr(ctx.request, "headers", {})
    name = headers.get(MCP_NAME_HEADER)
    if name is not None and decode_header_value(name) != task_id:
        raise MCPError(types.HEADER_MISMATCH, f"The header {MCP_NAME_HEADER} does not match the body's 'taskId'")


def _answer(response: Any) -> types.ElicitResult:
    try:
        return types.ElicitResult.model_validate(response, by_name=False)
    except ValidationError:
        raise MCPError(
            types.INVALID_PARAMS, "An answer in inputResponses is not the result of an elicitation"
        ) from None


def _settle(question: Question, answer: types.ElicitResult) -> None:
    question.settle(accepted(answer))
