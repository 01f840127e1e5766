"""Questions of a run to the user behind the client: may this call be made? Denied unless somebody says yes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from lmbridge.messages import ToolSpec

PATIENCE = 300.0
"""Seconds that a question waits for its answer."""
_ARGUMENT_CHARS = 600

APPROVAL: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "allow": {
            "type": "string",
            "title": "Allow",
            "enum": ["once", "all"],
            "enumNames": ["This call", "This and all further writing calls of this run"],
            "default": "once",
        }
    },
}
"""Accepting the form allows the call; declining and cancelling do not."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One open question: its text, and the future of its answer (None: not answered with yes or no)."""

    key: str
    message: str
    answer: asyncio.Future[Mapping[str, Any] | None]

    def settle(self, content: Mapping[str, Any] | None) -> None:
        """Answers it; the first answer counts."""
        if not self.answer.done():
            self.answer.set_result(content)


class Questions:
    """The questions of one run, asked one after another.

    Args:
        can_ask: Whether anybody can be asked; else every answer is no.
        patience: Seconds that a question waits.
    """

    def __init__(self, *, can_ask: bool, patience: float = PATIENCE) -> None:
        self._open = can_ask
        self._patience = patience
        self._all_allowed = False
        self._one_at_a_time = asyncio.Lock()
        self._asked = 0
        self._queue: asyncio.Queue[Question] = asyncio.Queue()
        self.pending: Question | None = None

    async def next(self) -> Question:
        """The next question that still wants an answer; each is given out once."""
        while (question := await self._queue.get()).answer.done():
            pass
        return question

    async def approve(self, tool: ToolSpec, arguments: Mapping[str, Any]) -> bool:
        """Whether a writing call may be made."""
        async with self._one_at_a_time:
            if self._all_allowed or not self._open:
                return self._all_allowed
            content = await self._ask(_wording(tool, arguments))
            allowed = None if content is None else content.get("allow", "once")
            self._all_allowed = allowed == "all"
            return allowed in ("once", "all")

    def close(self) -> None:
        """Nobody can be asked any more; what is open is answered with no."""
        self._open = False
        if self.pending:
            self.pending.settle(None)

    async def _ask(self, message: str) -> Mapping[str, Any] | None:
        self._asked += 1
        answer = asyncio.get_running_loop().create_future()
        self.pending = Question(f"approve_{self._asked}", message, answer)
        self._queue.put_nowait(self.pending)
        try:
            async with asyncio.timeout(self._patience):
                return await answer
        except TimeoutError:
            return None
        finally:
            self.pending = None


def _wording(tool: ToolSpec, arguments: Mapping[str, Any]) -> str:
    text = orjson.dumps(arguments, default=str).decode()
    shown = text if len(text) <= _ARGUMENT_CHARS else text[: _ARGUMENT_CHARS - 1] + "…"
    return f"May the local model call {tool.qualified}, which may change something, with {shown}?"
