"""What the model writes back reaches the server byte for byte, though the model read it without tokens and hidden signs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lmbridge.mcp_host.tools.toolbox import Executor, Order, ordered
from lmbridge.messages import ToolResult
from lmbridge.text import DISARMED, cleaned, disarmed, rearmed

_MOST_LINES = 20_000


class Verbatim:
    """Puts back into arguments what was taken out of results: tokens and markers anywhere, hidden signs by the line.

    Args:
        inner: Carries orders out.
    """

    def __init__(self, inner: Executor) -> None:
        self._inner = inner
        self._lines: dict[str, str | None] = {}
        self._disarmed = False
        self._native = False

    async def carry_out(self, order: Order) -> ToolResult:
        """Carries an order out."""
        if self._lines or self._disarmed:
            restored = self._value(order.arguments)
            if restored != order.arguments:
                order = ordered(order.call, order.spec, restored)
        result = await self._inner.carry_out(order)
        if result.exact is None:
            self._native = self._native or DISARMED in result.content
            return result
        self._learn(result.exact)
        return replace(result, exact=None)

    def _learn(self, exact: str) -> None:
        self._native = self._native or any(f"{sign}{DISARMED}" in exact for sign in "<[]")
        for line in exact.replace("\r\n", "\n").split("\n"):
            shown = disarmed(cleaned(line))
            if shown == line:
                continue
            self._disarmed = self._disarmed or DISARMED in shown
            if rearmed(shown) != line and shown.strip() and len(self._lines) < _MOST_LINES:
                known = self._lines.setdefault(shown, line)
                self._lines[shown] = line if known == line else None  # two lines look the same: neither is put back

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return {key: self._value(item) for key, item in value.items()}
        return [self._value(item) for item in value] if isinstance(value, list | tuple) else value

    def _text(self, text: str) -> str:
        if self._lines:
            text = "\n".join(self._lines.get(line) or line for line in text.split("\n"))
        return text if self._native or not self._disarmed else rearmed(text)
