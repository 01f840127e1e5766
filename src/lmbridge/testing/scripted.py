"""A model and a toolbox without any process or socket, for tests of what stands between them.

    model = ScriptedModel(call("read", path="a.txt"), say("It says alpha."))
    tools = ScriptedToolbox(tool("read", "alpha", read_only=True))

The model speaks the vocabulary of the fake LM Studio (`say`, `call`, `calls`, `think`, `raw`, with `.after(gate)`); both
keep what was asked of them.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jsonschema

from lmbridge.messages import (
    Delta,
    FinishReason,
    JsonSchema,
    Message,
    Outcome,
    ReplyOptions,
    ToolCall,
    ToolResult,
    ToolSpec,
    Turn,
    Usage,
)
from lmbridge.testing.fake_lmstudio.gates import Gate
from lmbridge.testing.fake_lmstudio.prompt import count_tokens
from lmbridge.testing.fake_lmstudio.replies import pieces_of
from lmbridge.testing.fake_lmstudio.scripting.turns import Turn as Said


@dataclass(frozen=True, slots=True)
class Asked:
    """What a scripted model was asked once."""

    conversation: tuple[Message, ...]
    tools: tuple[ToolSpec, ...]
    options: ReplyOptions

    @property
    def last(self) -> Message:
        """The last message."""
        return self.conversation[-1]


Reply = Said | Turn | Exception | Callable[[Asked], "Said | Turn | Exception"]


class ScriptedModel:
    """A model that gives these replies, one each time it is asked.

    A reply is a turn of the fake's vocabulary, a finished `messages.Turn`, an exception that is raised, or a callable that
    is told what was asked and returns one of these. Asked once more than it has replies, it fails the test.

    Args:
        replies: What it says.
        id: Its id.
        context_length: Tokens with which it is loaded, None: not known.
        vision: Whether it takes pictures.
        native_tools: Whether it calls tools through the backend's parser.
        counts: Whether `count_tokens` answers (four characters a token).
        then: Given for ever when the replies are used up.
        statements: What it writes where it is asked, apart from the conversation, for a statement over tables; then it writes none.

    Attributes:
        asked: What it was asked for, in the conversation.
        asked_apart: What it was asked for apart from it.
    """

    def __init__(
        self,
        *replies: Reply,
        id: str = "scripted",
        context_length: int | None = 32_768,
        vision: bool = False,
        native_tools: bool | None = None,
        counts: bool = False,
        then: Reply | None = None,
        statements: Sequence[str] = (),
    ) -> None:
        self.id = id
        self.asked_apart: list[Asked] = []
        self._statements = list(statements)
        self.context_length = context_length
        self.vision = vision
        self.native_tools = native_tools
        self.asked: list[Asked] = []
        self.replying = 0
        self._counts = counts
        self._replies = list(replies)
        self._then = then
        self._numbers = itertools.count(100_000_001)

    @property
    def unsaid(self) -> int:
        """How many replies nobody has asked for."""
        return len(self._replies)

    async def reply(
        self,
        conversation: Sequence[Message],
        tools: Sequence[ToolSpec],
        options: ReplyOptions,
        *,
        on_delta: Callable[[Delta], None],
    ) -> Turn:
        """Return the next reply, or raise it."""
        asked = Asked(tuple(conversation), tuple(tools), options)
        if options.schema and options.schema.get("title") == "Statement":
            self.asked_apart.append(asked)
            text = json.dumps({"query": self._statements.pop(0)} if self._statements else {})
            return Turn(Message("assistant", text), text, "stop", usage=Usage(40, 10))
        self.asked.append(asked)
        self.replying += 1
        try:
            return await self._said(self._next(asked), asked, on_delta)
        finally:
            self.replying -= 1

    async def count_tokens(self, conversation: Sequence[Message], tools: Sequence[ToolSpec]) -> int | None:
        """Return a quarter of the characters where the model counts, else None."""
        return _prompt_tokens(conversation, tools) if self._counts else None

    def _next(self, asked: Asked) -> Said | Turn | Exception:
        if not self._replies and self._then is None:
            raise AssertionError(f"the model has no reply for question {len(self.asked)}: {asked.last!r}")
        reply = self._replies.pop(0) if self._replies else self._then
        if isinstance(reply, (Said, Turn, Exception)):
            return reply
        assert reply is not None
        return reply(asked)

    async def _said(self, reply: Said | Turn | Exception, asked: Asked, on_delta: Callable[[Delta], None]) -> Turn:
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, Turn):
            return reply
        if reply.silence is not None:
            await reply.silence.wait()
        for delta in _deltas(reply):
            if reply.pace is not None:
                await reply.pace.wait()
            on_delta(delta)
        return self._finished(reply, asked)

    def _finished(self, said: Said, asked: Asked) -> Turn:
        calls = tuple(ToolCall(each.id or str(next(self._numbers)), each.name, each.arguments) for each in said.calls)
        message = Message(
            "assistant",
            said.content,
            tool_calls=calls,
            reasoning=said.reasoning,
            reasoning_field="reasoning_content" if said.reasoning else None,
        )
        made = [said.content, said.reasoning, *(call.name + call.arguments for call in calls)]
        usage = Usage(
            prompt_tokens=_prompt_tokens(asked.conversation, asked.tools),
            completion_tokens=sum(count_tokens(text) for text in made),
            reasoning_tokens=count_tokens(said.reasoning),
        )
        return Turn(
            message=message,
            text=said.content,
            finish_reason=_reason(said),
            calls=calls,
            usage=replace(usage, **dict(said.usage or {})),
            model=said.model or self.id,
        )


def _reason(said: Said) -> FinishReason:
    match said.finish_reason:
        case "length" | "content_filter" | "stop" | "tool_calls" | "repetition":
            return said.finish_reason
        case _:
            return "tool_calls" if said.calls else "stop"


def _deltas(said: Said) -> list[Delta]:
    texts = [Delta("text", piece) for piece in said.pieces or pieces_of(said.content)]
    calls = [Delta("tool", each.name) for each in said.calls]
    return [*([Delta("reasoning", said.reasoning)] if said.reasoning else []), *texts, *calls]


def _prompt_tokens(conversation: Sequence[Message], tools: Sequence[ToolSpec]) -> int:
    texts = [message.content + "".join(call.arguments for call in message.tool_calls) for message in conversation]
    return count_tokens("".join([*texts, *(json.dumps(dict(tool.parameters)) for tool in tools)]))


@dataclass(frozen=True, slots=True)
class Answered:
    """What a scripted tool answers: a text and its outcome."""

    text: str
    outcome: Outcome = "ok"


Answer = str | Answered | Callable[[Mapping[str, Any]], "str | Answered"]


def fails(text: str) -> Answered:
    """Answer with an error of the tool."""
    return Answered(text, "error")


def lost(text: str) -> Answered:
    """Leave open whether the call was carried out, as a server does that dies in the middle."""
    return Answered(text, "unknown")


@dataclass(frozen=True, slots=True)
class ScriptedTool:
    """A tool and what it answers, one answer for each call; the last one for ever."""

    spec: ToolSpec
    answers: tuple[Answer, ...]
    door: Gate | None = None


def tool(
    name: str,
    *answers: Answer,
    read_only: bool = False,
    idempotent: bool = False,
    server: str = "files",
    description: str = "",
    schema: JsonSchema | None = None,
    door: Gate | None = None,
) -> ScriptedTool:
    """Return a tool for a `ScriptedToolbox`.

    Args:
        name: The name that the model sees.
        answers: Texts, `fails(…)`, `lost(…)`, or callables that get the arguments; none: "ok".
        read_only: Whether it is known to change nothing.
        idempotent: Whether a repeat is known to do no more.
        server: The server's name.
        description: What the model is told.
        schema: JSON Schema of the arguments; calls that do not fit are rejected.
        door: A gate at which every call waits.
    """
    shape = schema or {"type": "object"}
    spec = ToolSpec(name, description, shape, shape, server, name, read_only, idempotent)
    return ScriptedTool(spec, answers or ("ok",), door)


class ScriptedToolbox:
    """Tools that answer what was written down for them.

    `calls` holds the calls that were carried out, `arguments` their parsed arguments, `most_at_once` how many ran side by
    side at most.
    """

    def __init__(self, *tools: ScriptedTool) -> None:
        self._tools = {each.spec.name: each for each in tools}
        self._answered: dict[str, int] = {}
        self.calls: list[ToolCall] = []
        self.rejected: list[ToolCall] = []
        self.arguments: list[Mapping[str, Any]] = []
        self.running = 0
        self.most_at_once = 0

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """The tools, by name."""
        return tuple(self._tools[name].spec for name in sorted(self._tools))

    async def call(self, call: ToolCall) -> ToolResult:
        """Carry one call out; what names no tool or does not fit its schema is rejected."""
        chosen = self._tools.get(call.name)
        if chosen is None:
            return self._reject(call, f"There is no tool {call.name!r}.")
        try:
            arguments = json.loads(call.arguments or "{}")
            jsonschema.validate(arguments, dict(chosen.spec.schema))
        except (ValueError, jsonschema.ValidationError) as error:
            return self._reject(call, f"The arguments cannot be used: {getattr(error, 'message', error)}")
        return await self._carried_out(call, chosen, arguments)

    async def _carried_out(self, call: ToolCall, chosen: ScriptedTool, arguments: Mapping[str, Any]) -> ToolResult:
        self.calls.append(call)
        self.arguments.append(arguments)
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            if chosen.door is not None:
                await chosen.door.wait()
            answer = self._answer(chosen, arguments)
        finally:
            self.running -= 1
        return ToolResult(
            call.id,
            answer.text,
            answer.outcome,
            arguments=arguments,
            qualified=chosen.spec.qualified,
            server=chosen.spec.server,
            read_only=chosen.spec.read_only,
            full_chars=len(answer.text),
        )

    def _answer(self, chosen: ScriptedTool, arguments: Mapping[str, Any]) -> Answered:
        count = self._answered.get(chosen.spec.name, 0)
        self._answered[chosen.spec.name] = count + 1
        answer = chosen.answers[min(count, len(chosen.answers) - 1)]
        if not isinstance(answer, (str, Answered)):
            answer = answer(arguments)
        return Answered(answer) if isinstance(answer, str) else answer

    def _reject(self, call: ToolCall, why: str) -> ToolResult:
        self.rejected.append(call)
        return ToolResult(call.id, why, "rejected", full_chars=len(why))
