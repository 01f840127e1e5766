"""Prompts for the common delegations: a person picks one in the client, and the calling agent delegates well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError

Context = ServerRequestContext[Any, Any]


@dataclass(frozen=True, slots=True)
class Blank:
    """One argument of a prompt."""

    name: str
    description: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt: `text` holds its arguments in braces."""

    name: str
    title: str
    description: str
    blanks: tuple[Blank, ...]
    text: str

    def fill(self, given: Mapping[str, str]) -> str:
        """The text with its arguments.

        Raises:
            MCPError: A required argument is missing or blank, or one is unknown.
        """
        known = {blank.name for blank in self.blanks}
        if unknown := sorted(set(given) - known):
            raise _invalid(f"{self.name} has no argument {unknown[0][:60]!r}; it takes: {', '.join(sorted(known))}")
        values = {blank.name: given.get(blank.name, "").strip() or blank.default for blank in self.blanks}
        if missing := [name for name, value in values.items() if value is None]:
            raise _invalid(f"{self.name} needs the argument {missing[0]!r}")
        return self.text.format_map(values)


SERVER = Blank("server", "MCP server to work with", "filesystem")
MODEL = Blank("model", "Local model; see list_models", "the default model")

PROMPTS = (
    Prompt(
        "summarise_files",
        "Summarise files with a local model",
        "Have a local model read files and summarise them.",
        (Blank("path", "File or folder"), Blank("focus", "What matters", "what a newcomer must know"), SERVER, MODEL),
        "Call lmbridge's autonomous_with_mcp with mcp_name {server!r}, model: {model}, access 'read' and this task:\n"
        "Read the text files at {path} (in a folder: list it first, then read each file). Summarise with a view to: "
        "{focus}. For each file: its path and two sentences; at the end five sentences on the whole. Say which files "
        "could not be read.\n"
        "Then give me the answer, and say so if the status is not done.",
    ),
    Prompt(
        "find_in_code",
        "Find something in a code base with a local model",
        "Have a local model search a code base and answer with paths and lines.",
        (Blank("question", "What is to be found"), Blank("path", "Root folder"), SERVER, MODEL),
        "Call lmbridge's autonomous_with_mcp with mcp_name {server!r}, model: {model}, access 'read' and this task:\n"
        "In the code base at {path}, find: {question}. Search file names and contents, read what looks right, and "
        "answer with a list of path, line and the line itself, quoted exactly, and one sentence on each.\n"
        "Check two of the quoted lines yourself before you rely on the answer.",
    ),
    Prompt(
        "extract_to_json",
        "Extract data to JSON with a local model",
        "Have a local model extract fields from documents, validated against a schema.",
        (Blank("path", "File or folder"), Blank("fields", "Fields wanted, with their meaning"), SERVER, MODEL),
        "Write a JSON Schema for these fields: {fields}. Then call lmbridge's autonomous_with_mcp with mcp_name "
        "{server!r}, model: {model}, access 'read', that schema as output_schema, and this task:\n"
        "Read {path} and extract the fields of the schema. Take values literally from the text; use null where the "
        "text does not say.\n"
        "Give me the `output` of the result; if status is not done, say what is missing.",
    ),
    Prompt(
        "review_with_two_models",
        "Review a change with two local models",
        "Have two local models review the same change independently, then compare.",
        (
            Blank("change", "What to review: a diff file, a commit, paths"),
            Blank("model_1", "First model; see list_models"),
            Blank("model_2", "Second model"),
            Blank("server", "MCP server to work with", "git"),
        ),
        "Call lmbridge's autonomous_with_mcp twice at the same time, with mcp_name {server!r} and access 'read', once "
        "with model {model_1!r} and once with model {model_2!r}, both with this task:\n"
        "Review {change}. Report only faults that would matter: for each the path, the line quoted exactly, what goes "
        "wrong and when. Say 'no faults found' if there are none.\n"
        "Then compare: faults that both found come first; check those that only one found against the code yourself.",
    ),
)


class Prompts:
    """Serves the prompts."""

    def __init__(self, prompts: tuple[Prompt, ...] = PROMPTS) -> None:
        self._prompts = {prompt.name: prompt for prompt in prompts}

    async def listed(self, _ctx: Context, _params: types.PaginatedRequestParams | None) -> types.ListPromptsResult:
        """All prompts."""
        return types.ListPromptsResult(prompts=[_described(prompt) for prompt in self._prompts.values()])

    async def rendered(self, _ctx: Context, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        """One prompt with its arguments.

        Raises:
            MCPError: There is no such prompt, or an argument is missing.
        """
        prompt = self._prompts.get(params.name)
        if prompt is None:
            raise _invalid(f"Unknown prompt {params.name[:60]!r}; there are: {', '.join(self._prompts)}")
        content = types.TextContent(type="text", text=prompt.fill(params.arguments or {}))
        return types.GetPromptResult(
            description=prompt.description, messages=[types.PromptMessage(role="user", content=content)]
        )


def _described(prompt: Prompt) -> types.Prompt:
    blanks = [
        types.PromptArgument(name=blank.name, description=blank.description, required=blank.default is None)
        for blank in prompt.blanks
    ]
    return types.Prompt(name=prompt.name, title=prompt.title, description=prompt.description, arguments=blanks)


def _invalid(message: str) -> MCPError:
    return MCPError(types.INVALID_PARAMS, message)
