"""Results as the model gets them: cut where they are long, without pictures it cannot see; and the tool to read on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lmbridge.agent.reading.excerpt import excerpt
from lmbridge.agent.reading.sides import parted
from lmbridge.agent.tools.result_store import ResultStore, clip
from lmbridge.messages import ToolCall, ToolResult, ToolSpec

READ_RESULT = ToolSpec(
    name="read_result",
    description="Reads on in a tool result that was cut. Give offset to read from there, or pattern to search.",
    parameters={
        "type": "object",
        "properties": {
            "handle": {"type": "string", "description": "as the cut result names it"},
            "offset": {"type": "integer", "minimum": 0},
            "pattern": {"type": "string", "description": "words to look for"},
        },
        "required": ["handle"],
    },
    read_only=True,
    idempotent=True,
)


def fitted(
    result: ToolResult, limit: int, store: ResultStore, *, vision: bool, focus: Sequence[str] | None = None
) -> ToolResult:
    """The result with at most `limit` characters; a longer text is kept whole under a handle (its own, if it has one).

    Args:
        result: As the tool gave it.
        limit: Characters that the model is shown.
        store: Where long texts are kept.
        vision: Whether the model can see pictures.
        focus: Words of the task: lines with them are shown between beginning and end. None: only beginning and end.
    """
    if result.images and not vision:
        note = f"[{len(result.images)} picture(s) left out: this model cannot see]"
        result = replace(result, images=(), content=f"{result.content}\n{note}".strip())
    if len(result.content) <= limit:
        full = result.full_chars or len(result.content)
        same = result.handle is None and result.full_chars == full
        return result if same else replace(result, handle=None, full_chars=full)
    whole, behind = parted(result.content)
    handle = store.keep(whole, result.handle)
    full = max(result.full_chars, len(whole))
    shown = excerpt(whole, limit, focus, handle) if focus is not None else None
    content = "\n".join(filter(None, (shown or clip(whole, limit, handle), behind)))
    return replace(result, content=content, handle=handle, full_chars=full)


def read_on(call: ToolCall, store: ResultStore, limit: int) -> ToolResult:
    """Carries a `read_result` call out; a piece is never longer than a result may be.

    Args:
        call: The call.
        store: The kept texts.
        limit: Characters that the model is shown.
    """
    arguments = arguments_of(call)
    if arguments is None or not isinstance(handle := arguments.get("handle"), str):
        return rejected(call, 'read_result needs {"handle": "r1"} and either "offset" or "pattern".')
    offset, pattern = _number(arguments.get("offset")), arguments.get("pattern")
    if offset is None:
        return rejected(call, "read_result: offset must be a whole number, 0 or more.")
    wanted = pattern if isinstance(pattern, str) and pattern.strip() else None
    try:
        text = store.read(handle, offset=offset, pattern=wanted, limit=max(80, limit - 200))
    except LookupError as error:
        return rejected(call, str(error.args[0]))
    return own(call, text, arguments)


def arguments_of(call: ToolCall) -> dict[str, Any] | None:
    """The arguments of a call to one of lmbridge's own tools; None where they are no JSON object."""
    try:
        value = json.loads(call.arguments or "{}", strict=False)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def own(call: ToolCall, text: str, arguments: Mapping[str, Any]) -> ToolResult:
    """A result of one of lmbridge's own tools, which only read."""
    return ToolResult(call.id, text, arguments=arguments, qualified=call.name, read_only=True, full_chars=len(text))


def rejected(call: ToolCall, why: str) -> ToolResult:
    """The result of a call that was not carried out."""
    return ToolResult(call.id, why, "rejected", qualified=call.name, read_only=True, full_chars=len(why))


def _number(value: object) -> int | None:
    if value is None:
        return 0
    if isinstance(value, str) and value.strip().isdigit():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
