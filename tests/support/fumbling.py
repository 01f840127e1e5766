"""A weak model: it knows how to do its task, but its replies go wrong in the ways that small local models' do.

The task is to list a folder, read the file in it, write its word to another file, and say the word.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from lmbridge.llm.chat.normalize import proper
from lmbridge.messages import Delta, Message, ReplyOptions, ToolCall, ToolResult, ToolSpec, Turn, Usage
from lmbridge.testing.scripted import ScriptedToolbox, fails, tool

TASK = "List the folder, read the file in it, write its word to out.md, and tell me the word."
WORD = "heliotrope"
PATH: dict[str, Any] = {
    "type": "object",
    "properties": {"path": {"type": "string"}},
    "required": ["path"],
    "additionalProperties": False,
}
WRITTEN: dict[str, Any] = {
    "type": "object",
    "properties": {"path": {"type": "string"}, "content": {"type": "string"}},
    "required": ["path", "content"],
    "additionalProperties": False,
}


class World:
    """A folder with one file, and what was written."""

    def __init__(self) -> None:
        self.files = {"note.txt": WORD}

    def toolbox(self) -> ScriptedToolbox:
        return ScriptedToolbox(
            tool("list_directory", lambda _: "note.txt", read_only=True),
            tool("read_file", self._read, read_only=True, schema=PATH),
            tool("write_file", self._write, schema=WRITTEN),
        )

    def _read(self, arguments: Any) -> Any:
        return self.files.get(arguments["path"]) or fails(f"no such file: {arguments['path']}")

    def _write(self, arguments: Any) -> Any:
        self.files[arguments["path"]] = arguments["content"]
        return f"wrote {arguments['path']}"

    @property
    def done(self) -> bool:
        return self.files.get("out.md") == WORD


Call = tuple[str, dict[str, str]]
STEPS: tuple[Call, ...] = (
    ("list_directory", {}),
    ("read_file", {"path": "note.txt"}),
    ("write_file", {"path": "out.md", "content": WORD}),
)
SIGNS = ("note.txt", WORD, "wrote out.md")
"""What stands in the results of the steps."""


def _json(call: Call, arguments: str = "arguments") -> str:
    return json.dumps({"name": call[0], arguments: call[1]})


def _xml(call: Call) -> str:
    inside = "".join(f"<parameter={key}>\n{value}\n</parameter>\n" for key, value in call[1].items())
    return f"<tool_call>\n<function={call[0]}>\n{inside}</function>\n</tool_call>"


def _python(call: Call) -> str:
    return f"{call[0]}({', '.join(f'{key}={value!r}' for key, value in call[1].items())})"


DIALECTS: dict[str, Callable[[Call], str]] = {
    "hermes": lambda call: f"I will do it.\n<tool_call>\n{_json(call)}\n</tool_call>",
    "qwen_xml": _xml,
    "mistral": lambda call: f"[TOOL_CALLS]{call[0]}[ARGS]{json.dumps(call[1])}",
    "llama": lambda call: f"<|python_tag|>{_json(call, 'parameters')}",
    "lmstudio": lambda call: f"[TOOL_REQUEST]{_json(call)}[END_TOOL_REQUEST]",
    "harmony": lambda call: (
        f"<|channel|>commentary to=functions.{call[0]} <|constrain|>json<|message|>{json.dumps(call[1])}<|call|>"
    ),
    "lfm": lambda call: f"<|tool_call_start|>[{_python(call)}]<|tool_call_end|>",
    "gemma": lambda call: f"```tool_code\nprint({_python(call)})\n```",
    "fenced": lambda call: f"```json\n{_json(call)}\n```",
    "bare": _json,
    "in thinking": lambda call: f"<think>\nNow the call.\n<tool_call>\n{_json(call)}\n</tool_call>",
}

KINDS = (
    "printed call",
    "narration",
    "empty",
    "thinking",
    "endless thinking",
    "cut",
    "wrong tool",
    "wrong field",
    "broken JSON",
    "repetition",
    "broken dialect",
)


class FumblingModel:
    """A weak model.

    Args:
        kinds: The ways in which it fumbles.
        seed: Of its dice.
        chance: How often a reply goes wrong.
        heeds: How often it does the right thing after it was told of a fumble.
        finishing: Whether replies are made proper, as a pinned model's are.
    """

    id = "weak"
    context_length = 16_384
    vision = False

    def __init__(
        self, kinds: Sequence[str], seed: int, *, chance: float = 0.5, heeds: float = 0.8, finishing: bool = True
    ) -> None:
        self.native_tools: bool | None = None
        self._kinds, self._dice = kinds, random.Random(seed)
        self._chance, self._heeds, self._finishing = chance, heeds, finishing

    async def reply(
        self,
        conversation: Sequence[Message],
        tools: Sequence[ToolSpec],
        options: ReplyOptions,
        *,
        on_delta: Callable[[Delta], None],
    ) -> Turn:
        """The next reply."""
        step = self._step(conversation)
        if options.schema is not None:
            action = {"tool": STEPS[step][0], "arguments": STEPS[step][1]} if step < 3 else {"answer": WORD}
            return _text(json.dumps(action))
        told = self._was_told(conversation)
        wrong = self._dice.random() < (1 - self._heeds if told else self._chance)
        turn = self._fumble(self._dice.choice(self._kinds), step) if wrong else _good(step)
        return proper(turn, tools, conversation) if self._finishing else turn

    async def count_tokens(self, conversation: Sequence[Message], tools: Sequence[ToolSpec]) -> int | None:
        """Does not count."""
        return None

    @staticmethod
    def _step(conversation: Sequence[Message]) -> int:
        """How many steps' results are in the conversation."""
        shown = [
            message.content
            for message in conversation
            if message.role == "tool" or message.content.startswith("[Result of")
        ]
        step = 0
        while step < 3 and any(SIGNS[step] in content for content in shown):
            step += 1
        return step

    @staticmethod
    def _was_told(conversation: Sequence[Message]) -> bool:
        """Whether the last message tells of a fumble, by lmbridge or by an error of a tool."""
        last = conversation[-1]
        return last.role != "assistant" and last.content != TASK and not any(sign in last.content for sign in SIGNS)

    def _fumble(self, kind: str, step: int) -> Turn:
        call = STEPS[min(step, 2)]
        match kind:
            case "printed call":
                return _text(self._dice.choice(list(DIALECTS.values()))(call)) if step < 3 else _good(step)
            case "narration":
                return _text("I will now go on with the next step.") if step < 3 else _good(step)
            case "empty":
                return _text("")
            case "thinking":
                return _thought("Let me think about it.", "stop")
            case "endless thinking":
                return _thought("Hmm. Or maybe not. " * 20, "length")
            case "cut":
                return replace(_cut(step), finish_reason="length")
            case "wrong tool":
                return _call(call[0].replace("_", "").upper(), json.dumps(call[1])) if step < 3 else _good(step)
            case "wrong field":
                return _call("read_file", json.dumps({"file_name": "note.txt"}))
            case "broken JSON":
                return _call(call[0], '{"path": "note.txt') if step < 3 else _good(step)
            case "repetition":
                return _call("list_directory", "{}")
            case _:
                return _text(f'<tool_call>\n{{"name": "{call[0]}", "arguments": {{"path"')


def _good(step: int) -> Turn:
    return _text(f"The word is {WORD}.") if step >= 3 else _call(STEPS[step][0], json.dumps(STEPS[step][1]))


def _cut(step: int) -> Turn:
    """What backends make of a reply that reached the length limit: half an answer, or a call with half its text."""
    if step >= 3:
        return _text(f"The word is {WORD[:4]}")
    return _call(STEPS[step][0], json.dumps({key: value[:4] for key, value in STEPS[step][1].items()}))


def _call(name: str, arguments: str) -> Turn:
    calls = (ToolCall("1", name, arguments),)
    return Turn(Message("assistant", tool_calls=calls), "", "tool_calls", calls, Usage(50, 10), "weak")


def _text(text: str) -> Turn:
    return Turn(Message("assistant", text), text, "stop", (), Usage(50, 10), "weak")


def _thought(text: str, reason: Any) -> Turn:
    message = Message("assistant", "", reasoning=text, reasoning_field="reasoning_content")
    return Turn(message, "", reason, (), Usage(50, 10), "weak")


async def switched_off(model: FumblingModel, toolbox: ScriptedToolbox, rounds: int = 30) -> str | None:
    """The loop that everybody writes first: carry out native calls, take the first text for the answer."""
    messages = [Message("system", "You have tools."), Message("user", TASK)]
    for _ in range(rounds):
        turn = await model.reply(messages, toolbox.specs, ReplyOptions(), on_delta=lambda _: None)
        messages.append(turn.message)
        if not turn.calls:
            return turn.text
        for call in turn.calls:
            result: ToolResult = await toolbox.call(call)
            messages.append(Message("tool", result.content, tool_call_id=call.id))
    return None
