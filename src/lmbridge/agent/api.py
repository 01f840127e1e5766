"""The Python API: hand a task to a local model and its MCP servers, get back the answer or the whole report.

The three methods and their parameters are those of the three MCP tools of the same names.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Literal, Self

from pydantic import SecretStr

from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment, token_limit
from lmbridge.errors import error_of
from lmbridge.llm.client import LLMClient
from lmbridge.mcp_host.config.configs import Configs
from lmbridge.report import Report
from lmbridge.settings import DEFAULT_MAX_ROUNDS, Settings, load

Tokens = int | Literal["auto"]


class DynamicAutonomousAgent:
    """Delegates tasks. Works at once; as an async context manager it keeps servers warm between calls.

    Args:
        llm_client: The endpoint to use; from the settings when None.
        mcp_discovery: Where servers are found; the usual mcp.json files when None.
        settings: All settings; read from file and environment when None.

    Example:
        async with DynamicAutonomousAgent() as agent:
            answer = await agent.autonomous_with_mcp("filesystem", "List every TODO in /project")
    """

    def __init__(
        self,
        llm_client: LLMClient | None = None,
        mcp_discovery: Configs | None = None,
        *,
        settings: Settings | None = None,
    ) -> None:
        self._settings = _pointed_at(settings or load(), llm_client)
        self._configs = mcp_discovery
        self._bridge: Bridge | None = None

    async def __aenter__(self) -> Self:
        self._bridge = await Bridge.open(self._settings, configs=self._configs).__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        bridge, self._bridge = self._bridge, None
        if bridge is not None:
            await bridge.__aexit__(kind, error, trace)

    async def autonomous_with_mcp(
        self,
        mcp_name: str,
        task: str,
        max_rounds: int = DEFAULT_MAX_ROUNDS,
        max_tokens: Tokens = "auto",
        model: str | None = None,
        **options: Any,
    ) -> str:
        """The answer to `task`, worked off with the tools of one server.

        Args:
            mcp_name: The server's name in mcp.json.
            task: What the model is to do.
            max_rounds: Most replies of the model.
            max_tokens: Most completion tokens of the run, or `"auto"`.
            model: Model id; the default model when None.
            options: Further fields of `Assignment`: `timeout_s`, `access`, `output_schema`, `accept`, …

        Raises:
            ModelNotFoundError: No such model; `available_models` lists what there is.
            LmbridgeError: Of the kind that fits, where the run was refused or failed.
        """
        return _answer(await self.report_with_mcp(mcp_name, task, max_rounds, max_tokens, model, **options))

    async def autonomous_with_multiple_mcps(
        self,
        mcp_names: Sequence[str],
        task: str,
        max_rounds: int = DEFAULT_MAX_ROUNDS,
        max_tokens: Tokens = "auto",
        model: str | None = None,
        **options: Any,
    ) -> str:
        """The same with several servers; one that fails to start is left out unless `on_mcp_failure="fail"`."""
        return _answer(await self.report_with_multiple_mcps(mcp_names, task, max_rounds, max_tokens, model, **options))

    async def autonomous_discover_and_execute(
        self,
        task: str,
        max_rounds: int = DEFAULT_MAX_ROUNDS,
        max_tokens: Tokens = "auto",
        model: str | None = None,
        **options: Any,
    ) -> str:
        """The same with every enabled server of mcp.json."""
        return _answer(await self.report_discover_and_execute(task, max_rounds, max_tokens, model, **options))

    async def report_with_mcp(
        self,
        mcp_name: str,
        task: str,
        max_rounds: int = DEFAULT_MAX_ROUNDS,
        max_tokens: Tokens = "auto",
        model: str | None = None,
        **options: Any,
    ) -> Report:
        """The whole report of `autonomous_with_mcp`; never raises for a run that failed."""
        return await self._delegate((mcp_name,), task, max_rounds, max_tokens, model, options)

    async def report_with_multiple_mcps(
        self,
        mcp_names: Sequence[str],
        task: str,
        max_rounds: int = DEFAULT_MAX_ROUNDS,
        max_tokens: Tokens = "auto",
        model: str | None = None,
        **options: Any,
    ) -> Report:
        """The whole report of `autonomous_with_multiple_mcps`."""
        return await self._delegate(tuple(mcp_names), task, max_rounds, max_tokens, model, options)

    async def report_discover_and_execute(
        self,
        task: str,
        max_rounds: int = DEFAULT_MAX_ROUNDS,
        max_tokens: Tokens = "auto",
        model: str | None = None,
        **options: Any,
    ) -> Report:
        """The whole report of `autonomous_discover_and_execute`."""
        return await self._delegate(None, task, max_rounds, max_tokens, model, options)

    async def _delegate(
        self,
        servers: tuple[str, ...] | None,
        task: str,
        max_rounds: int,
        max_tokens: Tokens,
        model: str | None,
        options: Mapping[str, Any],
    ) -> Report:
        assignment = Assignment(
            task=task,
            servers=servers,
            model=model,
            max_rounds=max_rounds,
            max_tokens=token_limit(max_tokens),
            **options,
        )
        async with self._bridged() as bridge:
            return await bridge.delegate(assignment, client="python")

    @asynccontextmanager
    async def _bridged(self) -> AsyncIterator[Bridge]:
        """The open bridge, or one for a single call."""
        if self._bridge is not None:
            yield self._bridge
            return
        async with Bridge.open(self._settings, configs=self._configs) as bridge:
            yield bridge


class AutonomousLLMClient(LLMClient):
    """An `LLMClient` that also carries out tasks with MCP servers, against the same endpoint."""

    async def autonomous_with_mcp(self, mcp_name: str, task: str, *args: Any, **options: Any) -> str:
        """See `DynamicAutonomousAgent.autonomous_with_mcp`."""
        return await DynamicAutonomousAgent(self).autonomous_with_mcp(mcp_name, task, *args, **options)

    async def autonomous_with_multiple_mcps(
        self, mcp_names: Sequence[str], task: str, *args: Any, **options: Any
    ) -> str:
        """See `DynamicAutonomousAgent.autonomous_with_multiple_mcps`."""
        return await DynamicAutonomousAgent(self).autonomous_with_multiple_mcps(mcp_names, task, *args, **options)

    async def autonomous_discover_and_execute(self, task: str, *args: Any, **options: Any) -> str:
        """See `DynamicAutonomousAgent.autonomous_discover_and_execute`."""
        return await DynamicAutonomousAgent(self).autonomous_discover_and_execute(task, *args, **options)


def _pointed_at(settings: Settings, client: LLMClient | None) -> Settings:
    if client is None:
        return settings
    token = SecretStr(client.token) if client.token else None
    return settings.model_copy(update={"base_url": client.base_url, "api_token": token, "backend": "lmstudio"})


def _answer(report: Report) -> str:
    if report.cause is not None:
        raise report.cause
    if report.error is not None:
        raise error_of(report.error.code, report.error.message, report.error.hint)
    return report.answer
