"""Writes docs/API_REFERENCE.md from the live program, or says with --check whether it is up to date.

Nothing in the reference is typed by hand but the sentences of this file: tools and their parameters come from the
server's own tools/list, commands from click, settings from `Settings`, facts, metrics, report fields and errors from
their classes.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from lmbridge import errors, events, report, settings

TARGET = Path(__file__).parent.parent / "docs" / "API_REFERENCE.md"


def table(head: list[str], rows: list[list[str]]) -> Iterator[str]:
    """A Markdown table."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |"
    yield ""


def tools() -> Iterator[str]:
    """The MCP tools, from the server's own declarations."""
    from lmbridge.server.tools.declare import input_schema
    from lmbridge.server.tools.registry import ALL, GROUPS

    yield "## MCP tools\n"
    yield (
        "Names, parameters and defaults are public and stay. Every failure is `isError` with `code: message — hint`. "
        "`scope` is taken but not listed, so that it costs callers nothing: a report asks for it (`needs_grant`).\n"
    )
    for tool in ALL:
        yield f"### `{tool.name}`\n"
        off = "" if tool.group in GROUPS else f" (Off unless `LMBRIDGE_TOOL_GROUPS` names its group, `{tool.group}`.)"
        yield f"{tool.description}{off}\n"
        delegates = tool.group == "map" or tool.name.startswith("autonomous_")
        whole = input_schema(tool.run, whole=True)
        rows = [parameter_row(name, schema, whole, delegates=delegates) for name, schema in properties(whole)]
        if rows:
            yield from table(["parameter", "type", "default", "meaning"], rows)
        else:
            yield "No parameters.\n"


def properties(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The parameters of a tool in their order."""
    return list((schema.get("properties") or {}).items())


def parameter_row(name: str, schema: dict[str, Any], whole: dict[str, Any], *, delegates: bool) -> list[str]:
    """One parameter as a table row."""
    required = name in whole.get("required", ())
    default = "required" if required else f"`{schema.get('default')!r}`"
    from lmbridge.agent.task.assignment import Assignment  # its docstring says what the tools leave out to stay small

    table_of = {**attributes(Assignment), **SERVERS} if delegates else PARAMETERS
    meaning = str(schema.get("description", "")) or table_of[ALIASES.get(name, name)]
    return [f"`{name}`", type_of(schema), default, meaning]


PARAMETERS = {
    "limit": "Most runs listed, from 1 to 200.",
    "run_id": "As reports and `list_runs` show it.",
    "wait": "Answer only when the download is over.",
    "detail": "The report; the calls with their results; or the transcript.",
    "cursor": "`next_cursor` of the page before.",
    "prompt": "What is asked, or the text to be continued.",
    "system_prompt": "Instructions that come before it.",
    "temperature": "Sampling temperature, 0 to 2.",
    "max_tokens": "Most tokens of the answer, thinking included.",
    "response_format": "A JSON Schema, or OpenAI's `json_schema` form; the validated value is in `output`.",
    "model": "Id of the model; None or `default`: the default model.",
    "stop_sequences": "Texts at which the completion ends.",
    "text": "One text, or a list of them.",
    "input_text": "The next message of the conversation.",
    "previous_response_id": "`response_id` of the answer that is continued; None begins a conversation.",
    "stream": "Send the text as progress while it comes; the whole is returned all the same.",
    "model_name": "Id of the model, in any of its forms.",
    "keep_loaded": "False: unload it after some idle time (`LMBRIDGE_MODEL_TTL`, else five minutes).",
    "model_key": "Id of the model, or what LM Studio's catalogue calls it.",
    "auto_fallback": "Take the default model where the name means nothing.",
    "task_type": "`embedding` looks among the embedding models, anything else among the others.",
}
"""What the tools beside the delegating ones leave out to stay small."""

SERVERS = {"mcp_names": "Names of servers in mcp.json; a map without any has no tools."}
"""What differs from an `Assignment`, where no servers mean something else."""
ALIASES = {"timeout": "timeout_s"}


@functools.cache
def attributes(cls: type) -> dict[str, str]:
    """What a class's docstring says of its attributes."""
    section = (inspect.getdoc(cls) or "").partition("Attributes:\n")[2].partition("\n\n")[0]
    entries = re.findall(r"^    (\w+): (.+(?:\n        .+)*)", section, re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in entries}


def type_of(schema: dict[str, Any]) -> str:
    """A schema's type in words."""
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return " or ".join(kinds)
    if kinds is None:
        return " or ".join(type_of(option) for option in schema.get("anyOf", ())) or "any"
    return str(kinds)


CHECKS = {
    "json_schema": ("a JSON Schema", "The answer is, or holds, JSON that fits it."),
    "file_exists": ("a path", "There is such a file on lmbridge's machine."),
    "file_contains": ('`{"path": …, "text": …}`', "The file holds this text."),
    "quote": ("`true`", "What the answer quotes stands word for word in a tool's result."),
    "command": ("program and arguments", "It exits with 0; only what `LMBRIDGE_ACCEPT_COMMANDS` lists is run."),
}


def accept_checks() -> Iterator[str]:
    """The kinds of `accept` checks."""
    from lmbridge.agent.task.assignment import _CHECKS

    assert set(CHECKS) == set(_CHECKS), "an accept check is not documented"
    yield "### The checks of `accept`\n"
    yield 'A list of objects with one key each, e.g. `[{"file_exists": "/project/out.md"}]`. The run is `done` only when all pass.\n'
    yield from table(["key", "value", "passes when"], [[f"`{key}`", *told] for key, told in CHECKS.items()])


def prompts_and_resources() -> Iterator[str]:
    """What the server offers beside tools."""
    from lmbridge.server import prompts, resources, skills
    from lmbridge.server.page import mcp_app
    from lmbridge.server.tools.client import TASKS

    yield "## MCP prompts\n"
    rows = [
        [f"`{each.name}`", ", ".join(f"`{blank.name}`" for blank in each.blanks), each.description]
        for each in prompts.PROMPTS
    ]
    yield from table(["prompt", "arguments", "meaning"], rows)
    yield "## MCP resources\n"
    rows = [
        [f"`{resources.MODELS}`", "What `list_models` tells."],
        [f"`{resources.MCPS}`", "What `list_available_mcps` tells."],
        [f"`{resources.RUNS}{{id}}`", "The transcript of a run, as Markdown."],
        *([f"`{each.uri}`", f"The skill `{each.frontmatter['name']}`, as Markdown."] for each in skills.skills()),
    ]
    yield from table(["address", "content"], rows)
    yield "## MCP extensions\n"
    yield "In the protocol's version 2026-07-28; apps in all versions. Tasks and apps are for clients that declare them ([Clients](CLIENTS.md)).\n"
    methods = "`tasks/get`, `tasks/update`, `tasks/cancel`, `taskIds` of `subscriptions/listen`"
    rows = [
        [f"`{TASKS}`", methods, "The three autonomous tools are answered with a task, whose id is the run's."],
        [f"`{skills.SKILLS}`", "`skills/list`, `skills/get`", "The skill above, with its digest."],
        [f"`{mcp_app.EXTENSION}`", "", f"The runs as an app: `{mcp_app.URI}`."],
    ]
    yield from table(["extension", "methods", "what it gives"], rows)


def python_names() -> Iterator[str]:
    """What `import lmbridge` gives."""
    import lmbridge

    yield "## Python\n"
    named = [(name, getattr(lmbridge, name)) for name in lmbridge.__all__ if not name.startswith("_")]
    rows = [
        [f"`{name}`", first_line(thing) if inspect.isclass(thing) or inspect.isfunction(thing) else f"`{thing!r}`"]
        for name, thing in named
    ]
    yield from table(["name", "meaning"], rows)
    yield "Methods and parameters stand in the docstrings: `python -m pydoc lmbridge.agent.api`.\n"


def findings() -> Iterator[str]:
    """What `lmbridge doctor` can find."""
    from lmbridge.cli.doctor.finding import FINDINGS

    yield "## Findings of `lmbridge doctor`\n"
    yield "Each is explained in [TROUBLESHOOTING](TROUBLESHOOTING.md#findings-of-lmbridge-doctor).\n"
    yield from table(["finding", "meaning"], [[f"`{code}`", text] for code, text in FINDINGS.items()])


def report_fields() -> Iterator[str]:
    """The report's fields."""
    yield "## The report\n"
    yield "Structured content of the autonomous tools, `lmbridge run --json`, `get_run`. The answer comes first.\n"
    body = report.Report().as_json()
    extra = ("needs_grant", "provenance", "model_chosen")
    hints = {field.name: str(field.type) for field in dataclasses.fields(report.Report)}
    yield from table(
        ["field", "type", "when empty", "meaning"],
        [
            *([f"`{k}`", f"`{hints[k]}`", f"`{v!r}`", attributes(report.Report)[k]] for k, v in body.items()),
            *([f"`{k}`", f"`{hints[k]}`", "left out", attributes(report.Report)[k]] for k in extra),
        ],
    )


def error_codes() -> Iterator[str]:
    """Every error code with its class, exit code and meaning."""
    yield "## Error codes\n"
    yield "Each is explained, with its cure, in [TROUBLESHOOTING](TROUBLESHOOTING.md).\n"
    classes = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, errors.LmbridgeError)]
    rows = [
        [f"`{c.code}`", f"`{c.__name__}`", str(errors.exit_code(c.code)), "yes" if c.retryable else "no", first_line(c)]
        for c in sorted(classes, key=lambda c: (c.code, c.__name__))
    ]
    yield from table(["code", "class", "exit code", "retryable", "meaning"], rows)


def first_line(thing: Any) -> str:
    """The first sentence of a docstring."""
    return (inspect.getdoc(thing) or "").partition("\n\n")[0].replace("\n", " ")


def commands() -> Iterator[str]:
    """The command line, from click."""
    from lmbridge.cli.commands import COMMANDS
    from lmbridge.cli.group import cli

    yield "## Commands\n"
    context = click.Context(cli, info_name="lmbridge")
    for name in COMMANDS:
        command = cli.get_command(context, name)
        if command is not None:
            yield from command_section(command, name, context)


def command_section(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    """A command, and the commands below it."""
    context = click.Context(command, info_name=name, parent=parent)
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            inner = command.get_command(context, below)
            if inner is not None:
                yield from command_section(inner, below, context)
        if not command.invoke_without_command:
            return
    yield f"### `{context.command_path} {' '.join(command.collect_usage_pieces(context))}`\n"
    yield f"{inspect.cleandoc(command.help or '')}\n"
    records = [record for p in command.get_params(context) if (record := p.get_help_record(context))]
    yield from table(["option", "meaning"], [[f"`{option}`", text] for option, text in records])


def variables() -> Iterator[str]:
    """The settings with their variables and defaults."""
    yield "## Settings\n"
    yield "Flags beat the environment, which beats the settings file (`LMBRIDGE_CONFIG`). Times are seconds.\n"
    rows = []
    for name, info in settings.Settings.model_fields.items():
        if name == "origins":
            continue
        default = "the platform's state folder" if name == "state_dir" else f"`{info.default!r}`"
        rows.append([f"`{settings.environment_name(name)}`", f"`{name}`", default, info.description or ""])
    yield from table(["variable", "in the settings file", "default", "meaning"], rows)
    yield (
        "`LMBRIDGE_CONFIG` names the settings file; else `config.toml` in the platform's config folder. A wrong key in it is "
        "refused; a misspelt `LMBRIDGE_…` variable is told on stderr and by `doctor`, with what was meant, and fails nothing.\n"
    )


def facts() -> Iterator[str]:
    """The facts that a journal holds."""
    yield "## Facts\n"
    yield f"Journal version {events.JOURNAL_VERSION}: one JSON object a line: `v`, `n`, `at` (Unix time), `fact`, `is`.\n"
    rows = [
        [f"`{name}`", ", ".join(f"`{f}`" for f in fields_of(cls)), first_line(cls)]
        for name, cls in events.FACTS.items()
    ]
    yield from table(["fact", "fields", "meaning"], rows)


def fields_of(cls: type) -> list[str]:
    """The field names of a dataclass."""
    return [field.name for field in dataclasses.fields(cls)]


def metrics() -> Iterator[str]:
    """The metrics, from a registry."""
    from lmbridge.observe.metrics import Metrics

    yield "## Metrics\n"
    rows = [
        [f"`{family.name}{'_total' if family.type == 'counter' else ''}`", family.type, family.documentation]
        for family in Metrics().registry.collect()
    ]
    yield from table(["metric", "type", "meaning"], rows)


def reference() -> str:
    """The whole page."""
    parts = [
        tools(),
        accept_checks(),
        prompts_and_resources(),
        report_fields(),
        error_codes(),
        commands(),
        findings(),
        variables(),
        python_names(),
        facts(),
        metrics(),
    ]
    lines = ["# API reference\n", "Generated from the live program by `scripts/reference.py`; do not edit.\n"]
    return "\n".join([*lines, *(line for part in parts for line in part)]).rstrip() + "\n"


def main() -> int:
    """Writes the page, or checks it."""
    page = reference()
    if "--check" in sys.argv:
        current = TARGET.read_text(encoding="utf-8") if TARGET.exists() else ""
        if current != page:
            print("docs/API_REFERENCE.md is out of date; run .venv/bin/python scripts/reference.py", file=sys.stderr)
            return 1
        return 0
    TARGET.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
