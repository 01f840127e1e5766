"""The chat template in Python, with the parts that the model has to learn marked.

The same text comes out of chat_template.jinja in llama.cpp; parity.py and the tests compare them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

NOTHING = ("", "No matches found", "[]", "(no content)", '{"content":""}', '{"content": ""}')  # results without a line


@dataclass(frozen=True)
class Said:
    """One message: role "user", "tool" or "assistant"; an assistant's may end in a call."""

    role: str
    text: str = ""
    tool: str = ""
    arguments: dict[str, str] | None = None


def tools_block(names: list[str]) -> str:
    """The tools' names, each group before its prefix."""
    if not names:
        return ""
    block, previous = "<|tools|>", None
    for full in names:
        prefix, _, name = full.partition("__") if "__" in full else ("", "", full)
        if previous is not None and prefix != previous:
            block += f" @{previous}\n"
        block += f"|{name}"
        previous = prefix
    return f"{block} @{previous}"


def result_block(text: str) -> str:
    """A tool result in numbered lines."""
    if text.startswith("[{'name': '") and text.endswith("'}]"):
        text = text[11:-3].replace("'}, {'name': '", "\n")
    elif text.startswith("[{'") and text.endswith("}]"):
        text = text[2:-2].replace("}, {", "\n")
    if text.startswith("Successfully "):
        return "<|tool|>done"
    text = text.removesuffix("\n")
    if text in NOTHING:
        return "<|tool|>0 lines"
    lines = text.split("\n")
    return f"<|tool|>{len(lines)} lines" + "".join(f"\n{index:02d}: {line}" for index, line in enumerate(lines, 1))


def call_text(tool: str, arguments: dict[str, str]) -> str:
    """A call in the form that llama.cpp reads."""
    packed = json.dumps(arguments, ensure_ascii=False)
    return f'<tool_call>\n{{"name": "{tool}", "arguments": {packed}}}\n</tool_call>'


def parts(tools: list[str], messages: list[Said]) -> Iterator[tuple[str, bool]]:
    """The pieces of the rendered conversation, each with whether it is the model's to say."""
    yield tools_block(tools), False
    for said in messages:
        if said.role == "user":
            yield f"<|user|>{said.text}", False
        elif said.role == "tool":
            yield result_block(said.text), False
        else:
            text = said.text + (call_text(said.tool, said.arguments) if said.arguments is not None else "")
            yield "<|assistant|>", False
            yield f"{text}<|end|>", True


def render(tools: list[str], messages: list[Said], *, ask: bool = False) -> str:
    """The whole conversation as text."""
    return "".join(text for text, _ in parts(tools, messages)) + ("<|assistant|>" if ask else "")
