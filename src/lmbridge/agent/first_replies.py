"""How runs ask their first reply, for the probe that asks as they do (`qualify.wants_probe`)."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable, Sequence
from typing import get_args

from lmbridge.agent.loop.actions import Wants
from lmbridge.agent.loop.run import run
from lmbridge.agent.reading.sureness import share_of
from lmbridge.agent.task.assignment import Assignment
from lmbridge.agent.task.run_plan import RunPlan
from lmbridge.errors import LLMError
from lmbridge.messages import Delta, JsonSchema, Likelihood, Message, ReplyOptions, ToolCall, ToolResult, ToolSpec, Turn
from lmbridge.profile import Profile
from lmbridge.qualify.wants_cases import NOTES
from lmbridge.settings import Settings

_RUN = "qualify"
_CONTEXT = 32_768
"""Tokens in which so short a conversation fits whatever the model was loaded with."""


class FirstOfRuns:
    """Runs that end where their model would have spoken first. The notes that they look at are in memory, and nothing writes.

    Args:
        settings: The settings of the runs.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def asked(self, task: str, profile: Profile) -> tuple[Sequence[Message], JsonSchema | None]:
        """The conversation before the first reply of such a run, and the schema of that reply."""
        model = _Listening()
        await run(RunPlan(_RUN, Assignment(task), self._settings, profile), model, _Notes(), lambda _: None)
        return model.conversation, model.schema

    def share(self, likelihoods: Sequence[Likelihood]) -> float | None:
        """The share of `change` in what a reply, or its beginning, says that is wanted; None where that is not told."""
        return share_of(likelihoods, "wants", "change", get_args(Wants))


class _Listening:
    """A model that keeps what it is asked and says nothing."""

    id = _RUN
    context_length = _CONTEXT
    vision = False
    native_tools: bool | None = None

    def __init__(self) -> None:
        self.conversation: tuple[Message, ...] = ()
        self.schema: JsonSchema | None = None

    async def reply(
        self,
        conversation: Sequence[Message],
        tools: Sequence[ToolSpec],
        options: ReplyOptions,
        *,
        on_delta: Callable[[Delta], None],
    ) -> Turn:
        self.conversation, self.schema = tuple(conversation), options.schema
        raise LLMError("Enough was heard.")

    async def count_tokens(self, conversation: Sequence[Message], tools: Sequence[ToolSpec]) -> int | None:
        return None


def _tool(name: str, description: str, /, *arguments: str, reads: bool) -> ToolSpec:
    properties = {each: {"type": "string"} for each in arguments}
    schema = {"type": "object", "properties": properties, "required": list(arguments), "additionalProperties": False}
    return ToolSpec(name, description, schema, schema, "notes", name, read_only=reads)


_TOOLS = (
    _tool("edit_file", "Replaces a text in a file by another one.", "path", "old_text", "new_text", reads=False),
    _tool("list_directory", "Lists the files and folders in a folder.", "path", reads=True),
    _tool("read_file", "Reads a text file.", "path", reads=True),
    _tool("write_file", "Writes a text file, in place of one that is there.", "path", "content", reads=False),
)


class _Notes:
    """The tools of a folder of notes, of which only those that read are ever called."""

    specs = _TOOLS

    async def call(self, call: ToolCall) -> ToolResult:
        path = str(json.loads(call.arguments).get("path"))
        text = NOTES.get(path) if call.name == "read_file" else _listing(path)
        spec = next(each for each in _TOOLS if each.name == call.name)
        outcome = "error" if text is None or not spec.read_only else "ok"
        return ToolResult(
            call.id,
            text or "No such file or folder.",
            outcome,
            arguments={"path": path},
            qualified=spec.qualified,
            server=spec.server,
            read_only=spec.read_only,
            full_chars=len(text or ""),
        )


def _listing(folder: str) -> str | None:
    names = [posixpath.basename(path) for path in NOTES if posixpath.dirname(path) == folder.rstrip("/")]
    return "\n".join(f"[FILE] {name}" for name in names) or None
