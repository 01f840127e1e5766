"""All tools of the server by group, and what the server says of itself."""

from __future__ import annotations

from collections.abc import Sequence

import mcp_types as types

from lmbridge.server.tools import agent, llm, map, models, qualify, runs
from lmbridge.server.tools.declare import Tool

ALL: tuple[Tool, ...] = (*agent.TOOLS, *runs.TOOLS, *llm.TOOLS, *models.TOOLS, *qualify.TOOLS, *map.TOOLS)
GROUPS: tuple[str, ...] = ("agent", "models", "llm", "runs")
"""Those that are offered unless the settings name others; `map` is not among them."""

INSTRUCTIONS = """\
lmbridge hands a task to a model on the user's own machine, which works it off with the user's MCP servers and returns \
an answer with receipts. It is free and private but slower and weaker than you: delegate bounded work with much to read \
(summarise or search files, extract data, routine edits, first drafts), keep judgement for yourself, and check `writes`.

Give self-contained tasks: the model sees nothing of your conversation. Name goal, paths and the form of the answer.

Result: `answer`; `status` done, partial (see stop_reason), failed (see error) or running; `tools_used`, `writes` (calls \
that may have changed something), `servers`, `warnings`, `usage`.

Optional parameters of the autonomous tools:
- access: read forbids tools that may change something; ask has the user approve each such call.
- output_schema: JSON Schema of the answer; the validated value comes back as `output`.
- accept: checks before the work counts as done, e.g. [{"file_exists": "out.md"}], [{"quote": true}].
- tools: globs of the tools offered, e.g. ["read_*"]; fewer is better.
- continue_run: a run_id whose conversation goes on.
- timeout: seconds for the whole run. max_rounds, max_tokens: further bounds.
- background: answer at once with a run_id; then get_run(run_id, wait=60), cancel_run(run_id).

Several calls at once run side by side, also on different models (list_models). If something fails, health_check says \
what to do."""


def described(tool: Tool) -> types.Tool:
    """A tool as `tools/list` shows it."""
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.schema,
        output_schema=dict(tool.output),
        annotations=types.ToolAnnotations.model_validate(tool.annotations()),
    )


def declared_tools(groups: Sequence[str] = GROUPS) -> list[types.Tool]:
    """The tools of these groups as clients are shown them."""
    return [described(tool) for tool in tools_of(groups)]


def tools_of(groups: Sequence[str]) -> tuple[Tool, ...]:
    """The tools of these groups, in their fixed order."""
    return tuple(tool for tool in ALL if tool.group in groups)
