"""The tools of a lease, and the wrappers that make them fit for a run; each wrapper is one policy.

`servers.rights.toolbox_for` puts them together. A call goes inwards through them: refused where the run may not make it (`Denied`),
validated, which makes an `Order` of it (`Checked`), judged and shown to a person where that is needed (`gated.Gated`), told
(`Announced`), carried out (`ServerTools`); and its result comes back without secrets (`Redacted`).
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from lmbridge.events import Emit, ToolStarted
from lmbridge.long_texts import others_turn
from lmbridge.mcp_host.tools import permissions
from lmbridge.messages import ToolCall, ToolResult, ToolSpec
from lmbridge.redaction import SecretFilter
from lmbridge.schemas import validate
from lmbridge.text import disarmed

Synced = Callable[[], Awaitable[None]]
"""Waits until what was told is on disk."""

_PLAIN = json.JSONEncoder(ensure_ascii=False)


class Toolbox(Protocol):
    """Tools under the names that the model sees."""

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """The tools, sorted by name."""
        ...

    async def call(self, call: ToolCall) -> ToolResult:
        """Carries a call out; raises nothing but cancellation."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """A call that is proper: its tool is known and its arguments are valid.

    Attributes:
        call: The call, its arguments in canonical form.
        spec: The tool.
        arguments: The arguments.
    """

    call: ToolCall
    spec: ToolSpec
    arguments: Mapping[str, Any]


class Executor(Protocol):
    """Carries orders out."""

    async def carry_out(self, order: Order) -> ToolResult:
        """Carries an order out; raises nothing but cancellation."""
        ...


def meant(spec: ToolSpec, globs: Sequence[str] | None) -> bool:
    """Whether a run that gets the tools of these globs gets this one; None means all.

    The globs are matched with the name shown, the tool's own name and `server__tool`.
    """
    if globs is None:
        return True
    return permissions.matches(spec.tool or spec.name, spec.qualified, globs) or permissions.matches(
        spec.name, "", globs
    )


class Denied:
    """Says why a tool may not be called that the run's rights keep away.

    Args:
        inner: The tools that may be called.
        denied: The tools that may not, and why, by name.
    """

    def __init__(self, inner: Toolbox, denied: Mapping[str, tuple[ToolSpec, str]]) -> None:
        self._inner = inner
        self._denied = denied
        self.specs = inner.specs

    async def call(self, call: ToolCall) -> ToolResult:
        """Carries a call out, unless it is denied."""
        if call.name not in self._denied:
            return await self._inner.call(call)
        spec, why = self._denied[call.name]
        return rejected(call, spec, f"Denied: {why}.")


class Checked:
    """Only known tools with valid arguments are called; anything else is answered with what would be right.

    Args:
        inner: Carries out what is proper.
        specs: The tools that are known.
    """

    def __init__(self, inner: Executor, specs: Sequence[ToolSpec]) -> None:
        self._inner = inner
        self._by_name = {spec.name: spec for spec in specs}
        self.specs = tuple(specs)

    async def call(self, call: ToolCall) -> ToolResult:
        """Carries a call out, if it is a proper one."""
        spec = self._by_name.get(call.name)
        if spec is None:
            return ToolResult(call.id, disarmed(self._unknown(call.name)), "rejected")
        checked = validate.validate(call.arguments, spec.schema, tool=spec.name)
        if isinstance(checked, validate.Refused):
            return rejected(call, spec, checked.message)
        await others_turn(len(call.arguments))
        return await self._inner.carry_out(ordered(call, spec, checked.arguments))

    def _unknown(self, name: str) -> str:
        near = difflib.get_close_matches(name, self._by_name, n=3, cutoff=0.5)
        own = [spec.name for spec in self.specs if spec.tool == name or name.endswith(spec.tool or spec.name)]
        named = list(dict.fromkeys([*own, *near]))[:3] or list(self._by_name)[:10]
        if not named:
            return f"There is no tool {name!r}, nor any other."
        return f"There is no tool {name!r}. {'Did you mean' if own or near else 'There are'}: {', '.join(named)}?"


def ordered(call: ToolCall, spec: ToolSpec, arguments: Mapping[str, Any]) -> Order:
    """The order for a call; half surrogate pairs, which no encoding knows, become question marks."""
    text = _PLAIN.encode(arguments)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode()
        arguments = json.loads(text)
    return Order(ToolCall(call.id, call.name, text), spec, arguments)


class Announced:
    """Tells each call before it is made; one that may write is on disk before it is sent.

    Args:
        inner: The tools.
        emit: Told `ToolStarted`.
        synced: Waits until that is on disk.
    """

    def __init__(self, inner: Executor, emit: Emit, synced: Synced | None) -> None:
        self._inner, self._emit, self._synced = inner, emit, synced

    async def carry_out(self, order: Order) -> ToolResult:
        """Carries an order out."""
        spec = order.spec
        await others_turn(len(order.call.arguments))  # before it is told: nothing may come between that and the call
        self._emit(ToolStarted(0, order.call, spec.qualified, order.arguments, spec.read_only))
        if self._synced is not None and not spec.read_only:
            await self._synced()
        return await self._inner.carry_out(order)


class Redacted:
    """Results without the values of configured secrets.

    Args:
        inner: The tools.
        secrets: Replaces them.
    """

    def __init__(self, inner: Toolbox, secrets: SecretFilter) -> None:
        self._inner, self._secrets = inner, secrets
        self.specs = inner.specs

    async def call(self, call: ToolCall) -> ToolResult:
        """Carries a call out."""
        result = await self._inner.call(call)
        content = self._secrets.text(result.content)
        return result if content == result.content else replace(result, content=content)


def rejected(call: ToolCall, spec: ToolSpec, why: str) -> ToolResult:
    """The result of a call that was never sent; what it repeats of a server's words holds no token of a chat template."""
    why = disarmed(why)
    return ToolResult(
        call.id,
        why,
        "rejected",
        qualified=spec.qualified,
        server=spec.server,
        read_only=spec.read_only,
        full_chars=len(why),
    )
