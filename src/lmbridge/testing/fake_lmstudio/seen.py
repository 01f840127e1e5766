"""What the fake remembers of every request, for tests to look at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .prompt import text_of


@dataclass(slots=True, eq=False)
class SeenRequest:
    """One request as it arrived, and what became of it.

    `headers` is as sent, tokens included, with names in lower case. `body` is the parsed JSON object ({} where there was
    none). `status` is what was answered, None while under way. `at` is in seconds of the event loop's clock.
    """

    number: int
    method: str
    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    raw: bytes
    at: float
    in_flight: int = 0
    status: int | None = None
    model: str | None = None
    prompt: str = ""
    _disconnected: asyncio.Event = field(default_factory=asyncio.Event)
    _finished: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The chat messages, [] for other endpoints."""
        messages = self.body.get("messages")
        return messages if isinstance(messages, list) else []

    @property
    def tools(self) -> list[dict[str, Any]]:
        """The offered tools."""
        return self.body.get("tools") or []

    @property
    def tool_names(self) -> list[str]:
        """The names of the offered tools."""
        return [tool.get("function", tool).get("name", "") for tool in self.tools]

    @property
    def last_user(self) -> str:
        """The text of the last user message, or of the prompt or input of endpoints without messages."""
        for message in reversed(self.messages):
            if message.get("role") == "user":
                return text_of(message.get("content"))
        return text_of(self.body.get("prompt") or self.body.get("input"))

    @property
    def text(self) -> str:
        """Everything the messages say, one after another: for conditions such as `"run 7" in request.text`."""
        return "\n".join(text_of(message.get("content")) for message in self.messages) or self.last_user

    @property
    def tool_results(self) -> list[str]:
        """The texts of the tool messages, oldest first."""
        return [text_of(message.get("content")) for message in self.messages if message.get("role") == "tool"]

    @property
    def streamed(self) -> bool:
        """Whether a stream was asked for."""
        return bool(self.body.get("stream"))

    @property
    def token(self) -> str | None:
        """The bearer token, if one was sent."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme.lower() == "bearer" else None

    @property
    def client_left(self) -> bool:
        """Whether the client closed the connection before the answer was whole."""
        return self._disconnected.is_set()

    @property
    def is_finished(self) -> bool:
        """Whether nothing more is done for this request."""
        return self._finished.is_set()

    async def disconnected(self, within: float = 60) -> None:
        """Wait until the client has left (raises TimeoutError)."""
        async with asyncio.timeout(within):
            await self._disconnected.wait()

    async def finished(self, within: float = 60) -> None:
        """Wait until the request is over, answered or not (raises TimeoutError)."""
        async with asyncio.timeout(within):
            await self._finished.wait()

    def mark_left(self) -> None:
        """Tell those who wait that the client has gone."""
        self._disconnected.set()

    def mark_finished(self, status: int | None) -> None:
        """Tell those who wait that the request is over."""
        self.status = self.status or status
        self._finished.set()

    def history_problems(self) -> list[str]:
        """What is wrong with the messages as a tool conversation: unanswered calls, results without a call, and the like."""
        return history_problems(self.messages)


def history_problems(messages: list[dict[str, Any]]) -> list[str]:
    """Check that every tool call is answered once, right after it, and that every result belongs to a call."""
    problems: list[str] = []
    open_calls: list[str] = []
    for index, message in enumerate(messages):
        if message.get("role") == "tool":
            call_id = message.get("tool_call_id")
            if call_id in open_calls:
                open_calls.remove(call_id)
            else:
                problems.append(f"message {index}: result for the unknown call {call_id!r}")
            continue
        problems += [f"message {index}: call {call_id!r} was not answered" for call_id in open_calls]
        open_calls = [call["id"] for call in message.get("tool_calls") or []]
    return problems + [f"at the end: call {call_id!r} was not answered" for call_id in open_calls]


class Watch:
    """Wakes those who wait for a condition whenever something happened."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def happened(self) -> None:
        """Something changed: look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, condition: Callable[[], object], within: float = 60) -> None:
        """Wait until the condition holds; it is looked at after every change.

        Raises:
            TimeoutError: it did not hold within `within` seconds.
        """
        async with asyncio.timeout(within):
            while not condition():
                await self._changed.wait()
