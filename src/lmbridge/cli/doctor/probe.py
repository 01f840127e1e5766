"""Asks a live backend what it really does, in at most a minute, and keeps its answers as a recording.

For `lmbridge doctor --record FILE`: whoever has a backend that we know only from documents can correct us with it.
Every question is small, and one that fails or takes too long says so and hides no other.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lmbridge.errors import LLMError
from lmbridge.llm.chat.decoder import TurnDecoder, parse_body
from lmbridge.llm.http.json import loads
from lmbridge.messages import Turn
from lmbridge.recordings import Exchange, Recording, recorded

if TYPE_CHECKING:
    from lmbridge.llm.backend import Backend
    from lmbridge.llm.http.transport import HttpResponse

LIMIT_S = 60.0
_CHAT = "/chat/completions"
_MOST_OVERFLOW_TOKENS = 40_000
_TOOL = {
    "type": "function",
    "function": {
        "name": "get_time",
        "description": "Tells the time in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
_ASKING_TOOL = [{"role": "user", "content": "What time is it in Paris? Use the tool get_time."}]
_SCHEMA = {
    "type": "object",
    "properties": {"n": {"type": "integer", "minimum": 0, "maximum": 9}},
    "required": ["n"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of one question: yes, no, or None where it could not be found out; and in what way."""

    question: str
    able: bool | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Probed:
    """Everything that was found out about a backend.

    Attributes:
        backend: What it is.
        url: Where.
        model: The model that was asked.
        answers: One for each question, in order.
        recording: The raw exchanges, without secrets.
        seconds: How long it took.
    """

    backend: str
    url: str
    model: str | None
    answers: tuple[Answered, ...]
    recording: Recording = field(repr=False)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The answers as a plain object."""
        found = {each.question: {"able": each.able, "detail": each.detail} for each in self.answers}
        return {"backend": self.backend, "url": self.url, "model": self.model, "seconds": self.seconds, "found": found}

    def as_text(self) -> str:
        """The answers as lines."""
        marks = {True: "yes", False: "no", None: "?"}
        lines = [f"{self.backend} at {self.url}, model {self.model or '(none)'}, {self.seconds:.1f} s"]
        lines += [
            f"{marks[each.able]:>4}  {each.question}" + (f": {' '.join(each.detail.split())}" if each.detail else "")
            for each in self.answers
        ]
        return "\n".join(lines)


async def probe(backend: Backend, *, limit: float = LIMIT_S) -> Probed:
    """Asks everything.

    Args:
        backend: The backend; its default model is asked.
        limit: Seconds for all of it; what was not reached by then is told as not found out.

    Raises:
        LLMConnectionError: Nobody answers.
    """
    begun = time.monotonic()
    abilities = await backend.abilities()
    probing = _Probing(backend, deadline=begun + limit)
    answers = [await probing.ask(question, work) for question, work in probing.questions()]
    recording = Recording(tuple(probing.exchanges), abilities.name, datetime.now(UTC).date().isoformat())
    seconds = round(time.monotonic() - begun, 1)
    return Probed(abilities.name, backend.url, probing.model, tuple(answers), recording, seconds)


class _Probing:
    def __init__(self, backend: Backend, *, deadline: float) -> None:
        self._backend = backend
        self._client = backend.client
        self._deadline = deadline
        self._context: int | None = None
        self.model: str | None = None
        self.exchanges: list[Exchange] = []

    def questions(self) -> list[tuple[str, Callable[[], Awaitable[Answered | None]]]]:
        """What is asked, in this order."""
        return [
            ("lists its models", self._models),
            ("answers in a stream", lambda: self._answers(stream=True)),
            ("answers in one piece", lambda: self._answers(stream=False)),
            ("calls tools in a stream", lambda: self._calls(stream=True)),
            ("calls tools in one piece", lambda: self._calls(stream=False)),
            ("can be forced to call a tool", lambda: self._calls(stream=True, tool_choice="required")),
            ("takes a named tool_choice", self._named_choice),
            ("keeps to a JSON Schema", self._schema),
            ("thinks in a field of its own", self._reasoning),
            ("refuses an unknown model", self._unknown_model),
            ("tells a prompt that is too long", self._overflow),
            ("is free again after a cancel", self._cancel),
            ("continues a response by its id", self._responses),
        ]

    async def ask(self, question: str, work: Callable[[], Awaitable[Answered | None]]) -> Answered:
        """One question; whatever goes wrong is its answer."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            return Answered(question, None, "not reached within the time")
        try:
            async with asyncio.timeout(min(left, LIMIT_S / 3)):
                found = await work()
        except TimeoutError:
            return Answered(question, None, "no answer in time")
        except LLMError as error:
            return Answered(question, False, error.message)
        return Answered(question, None, "not asked") if found is None else replace(found, question=question)

    # --- the questions

    async def _models(self) -> Answered:
        for path in ("/lmstudio-greeting", "/api/v1/models", "/props"):
            await self._recorded("GET", path, None, root=True, note="what it is")
        await self._recorded("GET", "/models", None, note="its models")
        models = await self._backend.models.refreshed()
        target = await self._backend.validator.resolve(None)
        self.model, self._context = target.id, target.context_length
        loaded = sum(model.loaded for model in models)
        return Answered("", True, f"{len(models)} models, {loaded} loaded")

    async def _answers(self, *, stream: bool) -> Answered:
        messages = [{"role": "user", "content": "Say hello in one word."}]
        turn = await self._turn({"messages": messages, "max_tokens": 64}, stream=stream, note="a short answer")
        usage = turn.usage
        return Answered(
            "", bool(turn.text or turn.message.reasoning), f"{usage.completion_tokens} tokens, {turn.finish_reason}"
        )

    async def _calls(self, *, stream: bool, tool_choice: str | None = None) -> Answered:
        body: dict[str, Any] = {"messages": _ASKING_TOOL, "tools": [_TOOL], "max_tokens": 256}
        if tool_choice is not None:
            body["tool_choice"] = tool_choice
        turn = await self._turn(body, stream=stream, note=f"a tool call, {tool_choice or 'auto'}")
        if not turn.calls:
            return Answered("", False, f"no call came ({turn.finish_reason}): {turn.text[:80]!r}")
        call = turn.calls[0]
        return Answered(
            "", call.name == "get_time", f"{call.name}({call.arguments[:80]}), id {call.id}, {turn.finish_reason}"
        )

    async def _named_choice(self) -> Answered:
        choice = {"type": "function", "function": {"name": "get_time"}}
        body = {"messages": _ASKING_TOOL, "tools": [_TOOL], "tool_choice": choice, "max_tokens": 128}
        turn = await self._turn(body, stream=True, note="a tool call, named")
        return Answered("", bool(turn.calls), "called" if turn.calls else "taken for auto: no call came")

    async def _schema(self) -> Answered:
        described = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": _SCHEMA}}
        messages = [{"role": "user", "content": "Name a digit."}]
        turn = await self._turn(
            {"messages": messages, "response_format": described, "max_tokens": 128}, stream=True, note="a schema"
        )
        try:
            kept = isinstance(json.loads(turn.text)["n"], int)
        except (ValueError, KeyError, TypeError):
            kept = False
        return Answered("", kept, turn.text[:80])

    async def _reasoning(self) -> Answered:
        messages = [{"role": "user", "content": "Think briefly: is 17 prime?"}]
        turn = await self._turn({"messages": messages, "max_tokens": 256}, stream=True, note="thinking")
        field_name = turn.message.reasoning_field
        inline = "<think" in turn.text
        detail = str(field_name) if field_name else "inside the content" if inline else "no thinking came"
        return Answered("", True if field_name else False if inline else None, detail)

    async def _unknown_model(self) -> Answered:
        body = {"model": "lmbridge/no-such-model", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 4}
        answer = await self._recorded("POST", _CHAT, body, note="an unknown model")
        told = loads(answer.data)
        refused = answer.status >= 400 or (isinstance(told, dict) and bool(told.get("error")))
        by = told.get("model") if isinstance(told, dict) else None
        return Answered("", refused, f"status {answer.status}" + ("" if refused else f", answered by {by}"))

    async def _overflow(self) -> Answered | None:
        context = self._context
        if context is None or context > _MOST_OVERFLOW_TOKENS:
            return None
        body = {"messages": [{"role": "user", "content": "a b " * context}], "max_tokens": 4}
        answer = await self._recorded("POST", _CHAT, body, note="a prompt that is too long", keep_request=False)
        return Answered(
            "", answer.status >= 400, f"status {answer.status}: {answer.data[:120].decode('utf-8', 'replace')}"
        )

    async def _cancel(self) -> Answered:
        """Leaves a long answer after its first piece; a short one must then come promptly."""
        long = {"messages": [{"role": "user", "content": "Count from one to a thousand."}], "max_tokens": 2000}
        filled = self._filled(long, stream=True)
        async with self._opened("POST", _CHAT, filled) as answer:
            await answer.piece()
        begun = time.monotonic()
        await self._turn(
            {"messages": [{"role": "user", "content": "Say hi."}], "max_tokens": 8}, stream=True, note="after a cancel"
        )
        waited = time.monotonic() - begun
        return Answered("", waited < 5, f"the next short answer took {waited:.2f} s")

    async def _responses(self) -> Answered:
        first = {"model": self.model, "input": "Say hello.", "max_output_tokens": 32}
        told = loads((await self._recorded("POST", "/responses", first, note="a response")).data)
        identity = told.get("id") if isinstance(told, dict) else None
        if not isinstance(identity, str):
            return Answered("", False, "no id came")
        second = {"model": self.model, "input": "Again.", "previous_response_id": identity, "max_output_tokens": 32}
        answer = await self._recorded("POST", "/responses", second, note="its continuation")
        return Answered("", answer.status == 200, f"status {answer.status}")

    # --- requests

    async def _turn(self, body: dict[str, Any], *, stream: bool, note: str) -> Turn:
        answer = await self._recorded("POST", _CHAT, self._filled(body, stream=stream), note=note)
        exchange = replace(self._client.exchange("POST", _CHAT), status=answer.status)
        if not stream or answer.status >= 300:
            return parse_body(exchange, answer.data)
        decoder = TurnDecoder(exchange)
        decoder.feed(answer.data)
        return decoder.finish()

    def _filled(self, body: dict[str, Any], *, stream: bool) -> dict[str, Any]:
        streamed = {"stream": True, "stream_options": {"include_usage": True}} if stream else {"stream": False}
        return {"model": self.model, "temperature": 0, **body, **streamed}

    @asynccontextmanager
    async def _opened(
        self, method: str, path: str, body: dict[str, Any] | None, *, root: bool = False
    ) -> AsyncGenerator[HttpResponse, None]:
        async with self._client.opened(method, path, body, root=root, within=LIMIT_S / 3) as answer:
            yield answer

    async def _recorded(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None,
        *,
        note: str,
        root: bool = False,
        keep_request: bool = True,
    ) -> _Raw:
        pieces: list[bytes] = []
        async with self._opened(method, path, body, root=root) as answer:
            while piece := await answer.piece():
                pieces.append(piece)
        status = answer.exchange.status or 0
        request = body if body and keep_request else {}
        secrets = (self._client.token,) if self._client.token else ()
        kept = recorded(method, answer.path, request, status, answer.headers, pieces, note=note, secrets=secrets)
        if keep_request or body is None:
            self.exchanges.append(kept)
        return _Raw(status, b"".join(pieces))


@dataclass(frozen=True, slots=True)
class _Raw:
    status: int
    data: bytes
