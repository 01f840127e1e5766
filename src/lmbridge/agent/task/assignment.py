"""What a run is asked to do, checked before anything is started."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from jsonschema import validators
from jsonschema.exceptions import SchemaError

from lmbridge.errors import InvalidArgumentsError
from lmbridge.settings import DEFAULT_MAX_ROUNDS, Access

LONGEST_SCOPE = 4096
"""Characters of one entry of `scope`: the longest path there is."""
OnMcpFailure = Literal["continue", "fail"]
Check = Mapping[str, Any]
"""One `accept` check: an object with a single key that names its kind."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """A task and its bounds. Refused at once where a value makes no sense.

    Attributes:
        task: What the model is to do, in words.
        servers: Names in mcp.json; None: every enabled server; (): no tools at all.
        model: Id of the model; None: the default model.
        max_rounds: Most replies of the model that count.
        max_tokens: Most completion tokens of the whole run; None: what the loaded context leaves.
        timeout_s: Deadline in seconds; None: the setting `run_timeout`.
        access: The most the run may do; None: the setting `access`. It can only narrow that setting.
        on_mcp_failure: What a server that does not start means for the run.
        output_schema: JSON Schema of the answer; the validated value is the report's `output`.
        accept: Checks that lmbridge runs before it calls the work done.
        continue_run: Id of the run whose conversation goes on.
        temperature: Sampling temperature; None: the backend's own.
        tools: Globs of the tools offered (`server__tool` or the tool's own name); None: all.
        scope: What calls may be aimed at beside what the task names: paths, folders, globs, hosts, `server__tool`,
            `private:HOST`; a refused call's `needs_grant` says what to put here.

    Raises:
        InvalidArgumentsError: A value cannot be used; the message names it.
    """

    task: str
    servers: tuple[str, ...] | None = None
    model: str | None = None
    max_rounds: int = DEFAULT_MAX_ROUNDS
    max_tokens: int | None = None
    timeout_s: float | None = None
    access: Access | None = None
    on_mcp_failure: OnMcpFailure = "continue"
    output_schema: Mapping[str, Any] | None = None
    accept: tuple[Check, ...] = ()
    continue_run: str | None = None
    temperature: float | None = None
    tools: tuple[str, ...] | None = None
    scope: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for refuse in (_bad_words, _bad_numbers, _bad_choices, _bad_schema, _bad_checks):
            if sentence := refuse(self):
                raise InvalidArgumentsError(sentence, hint="Mend the argument and call again; nothing was started.")


def token_limit(value: int | str | None) -> int | None:
    """The `max_tokens` argument of the public tools: a positive number, or `"auto"` for what the context leaves.

    Raises:
        InvalidArgumentsError: It is neither.
    """
    if value is None or (isinstance(value, str) and value.strip().lower() == "auto"):
        return None
    try:
        limit = int(value)
    except ValueError:
        limit = 0
    if limit < 1 or isinstance(value, bool):
        raise InvalidArgumentsError(
            f"max_tokens must be a positive whole number or 'auto', not {value!r}.",
            hint="Leave it out for what the loaded context leaves.",
        )
    return limit


def _bad_words(given: Assignment) -> str | None:
    if not isinstance(given.task, str) or not given.task.strip():
        return "task is empty; say in words what the model is to do."
    for name in given.servers or ():
        if not isinstance(name, str) or not name.strip():
            return f"mcp_names holds {name!r}; each must be the name of a server in mcp.json."
    for field, value in (("model", given.model), ("continue_run", given.continue_run)):
        if value is not None and (not isinstance(value, str) or not value.strip()):
            return f"{field} is blank; name one, or leave it out."
    for glob in given.tools or ():
        if not isinstance(glob, str) or not glob.strip():
            return f"tools holds {glob!r}; each must be a tool's name or a glob such as 'files__read_*'."
    for entry in given.scope:
        if not isinstance(entry, str) or not entry.strip() or len(entry) > LONGEST_SCOPE:
            return f"scope holds {str(entry)[:80]!r}; each must be a path, a folder, a host or a tool, as `needs_grant` gives it."
    return None


def _bad_numbers(given: Assignment) -> str | None:
    if not _whole(given.max_rounds) or given.max_rounds < 1:
        return f"max_rounds must be a whole number of at least 1, not {given.max_rounds!r}."
    if given.max_tokens is not None and (not _whole(given.max_tokens) or given.max_tokens < 1):
        return f"max_tokens must be a positive whole number or 'auto', not {given.max_tokens!r}."
    if given.timeout_s is not None and not (_number(given.timeout_s) and 0 < given.timeout_s < float("inf")):
        return f"timeout must be a finite number of seconds above 0, not {given.timeout_s!r}."
    if given.temperature is not None and not (_number(given.temperature) and 0 <= given.temperature <= 2):
        return f"temperature must lie between 0 and 2, not {given.temperature!r}."
    return None


def _bad_choices(given: Assignment) -> str | None:
    if given.access not in (None, "read", "ask", "write"):
        return f"access must be 'read', 'ask' or 'write', not {given.access!r}."
    if given.on_mcp_failure not in ("continue", "fail"):
        return f"on_mcp_failure must be 'continue' or 'fail', not {given.on_mcp_failure!r}."
    return None


def _bad_schema(given: Assignment) -> str | None:
    return None if given.output_schema is None else _schema_fault("output_schema", given.output_schema)


def _bad_checks(given: Assignment) -> str | None:
    for number, check in enumerate(given.accept, 1):
        where = f"accept check {number}"
        if not isinstance(check, Mapping) or len(check) != 1:
            return f"{where} must be an object with one key of {', '.join(_CHECKS)}."
        kind, value = next(iter(check.items()))
        if kind not in _CHECKS:
            return f"{where} is of the unknown kind {kind!r}; known are {', '.join(_CHECKS)}."
        if sentence := _CHECKS[kind](where, value):
            return sentence
    return None


def _schema_fault(where: str, schema: object) -> str | None:
    if not isinstance(schema, Mapping):
        return f"{where} must be a JSON Schema object."
    plain = dict(schema)
    try:
        validators.validator_for(plain, default=validators.Draft202012Validator).check_schema(plain)
    except SchemaError as error:
        return f"{where} is not a valid JSON Schema: {error.message} (at {error.json_path})."
    return None


def _bad_json_schema(where: str, value: object) -> str | None:
    return _schema_fault(f"{where} json_schema", value)


def _bad_file_exists(where: str, value: object) -> str | None:
    return None if _filled(value) else f"{where}: file_exists needs the path of a file."


def _bad_file_contains(where: str, value: object) -> str | None:
    if isinstance(value, Mapping) and set(value) == {"path", "text"} and all(_filled(part) for part in value.values()):
        return None
    return f"{where}: file_contains needs an object with the texts `path` and `text`."


def _bad_quote(where: str, value: object) -> str | None:
    return None if value is True else f"{where}: quote can only be true."


def _bad_command(where: str, value: object) -> str | None:
    if isinstance(value, (list, tuple)) and value and all(_filled(part) for part in value):
        return None
    return f"{where}: command needs a list of texts: the program and its arguments."


_CHECKS: dict[str, Callable[[str, object], str | None]] = {
    "json_schema": _bad_json_schema,
    "file_exists": _bad_file_exists,
    "file_contains": _bad_file_contains,
    "quote": _bad_quote,
    "command": _bad_command,
}


def _filled(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
