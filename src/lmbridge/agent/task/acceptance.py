"""What lmbridge itself checks before it calls a run done: the form of the answer, and the caller's `accept` checks."""

from __future__ import annotations

import asyncio
import json
import os
import re
import stat
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import validators

from lmbridge import platform
from lmbridge.agent.task.assignment import Check
from lmbridge.messages import JsonSchema
from lmbridge.text import quoted

TRIES = 3
"""Answers that may be refused before the run ends as not accepted."""
COMMAND_SECONDS = 120.0
_KILLED_SECONDS = 2.0
SHOWN_OUTPUT = 800
"""Bytes of a command's output, from its end, that are told."""
WITHOUT_THE_WORLD = frozenset({"json_schema", "quote"})
"""Checks that look at the answer and the results alone."""
LARGEST_FILE = 16 * 2**20
_ELSEWHERE = "The file {} leads out of this run's scope now, and was not looked at."
"""A link that was put in a file's place while the run went on."""
_OPTION = ("-", "+", "@", "/") if platform.WINDOWS else ("-", "+", "@")
_QUOTES = re.compile(r'"([^"\n]{12,600})"|“([^”\n]{12,600})”|«([^»\n]{12,600})»')
_BLOCK_QUOTE = re.compile(r"^> ?(.{12,})$", re.MULTILINE)
_FENCE = re.compile(r"```[a-zA-Z]*\s*\n(.*?)```", re.DOTALL)


FileOf = Callable[[str], Path | None]
"""Where a file that a check names lies now; None where that is outside of what the run may look at."""


def as_written(path: str) -> Path:
    """The file that a path names, wherever it lies."""
    return Path(path).expanduser()


@dataclass(frozen=True, slots=True)
class Submission:
    """What checks look at: the answer, what tools returned, which commands may be run, and where a file lies (None: elsewhere)."""

    answer: str
    results: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    file_of: FileOf = as_written


def paths_of(checks: Sequence[Check]) -> list[str]:
    """The files that checks look at."""
    found = []
    for check in checks:
        kind, value = next(iter(check.items()))
        if kind in {"file_exists", "file_contains"}:
            found.append(value if isinstance(value, str) else str(value["path"]))
    return found


async def failures(checks: Sequence[Check], submission: Submission) -> list[str]:
    """Runs the checks in order; one sentence for each that failed, fit to be told to the model."""
    found = []
    for check in checks:
        kind, value = next(iter(check.items()))
        if sentence := await _CHECKS[kind](value, submission):
            found.append(sentence)
    return found


async def _json_schema(schema: Any, submission: Submission) -> str | None:
    value, fault = json_answer(submission.answer, schema)
    del value
    return f"The answer is not the JSON asked for: {fault}" if fault else None


async def _file_exists(path: str, submission: Submission) -> str | None:
    file = await asyncio.to_thread(submission.file_of, path)
    if file is None:
        return _ELSEWHERE.format(path)
    there = await asyncio.to_thread(file.is_file)
    return None if there else f"The file {path} does not exist."


async def _file_contains(value: Mapping[str, str], submission: Submission) -> str | None:
    path, text = value["path"], value["text"]
    file = await asyncio.to_thread(submission.file_of, path)
    if file is None:
        return _ELSEWHERE.format(path)
    try:
        content = await asyncio.to_thread(_content, file)
    except (OSError, ValueError) as error:
        return f"The file {path} cannot be read: {error}"
    return None if text in content else f"The file {path} does not contain {text!r}."


def _content(path: Path) -> str:
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))  # a pipe is not waited for
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("it is no regular file")
        if found.st_size > LARGEST_FILE:
            raise ValueError(f"it is larger than {LARGEST_FILE} bytes")
        return file.read(LARGEST_FILE).decode("utf-8", "replace")


async def _quote(value: object, submission: Submission) -> str | None:
    del value
    return await asyncio.to_thread(_unfounded, submission)


def _unfounded(submission: Submission) -> str | None:
    quotes = quotations(submission.answer)
    if not quotes:
        return 'The answer quotes nothing; quote the passage in "quotation marks", word for word.'
    sources = [_flat(text) for text in submission.results]
    for quote in quotes:
        if not any(_flat(quote) in source for source in sources):
            return f"The quotation {quoted(quote)} does not stand in any tool result; quote word for word."
    return None


def quotations(text: str) -> list[str]:
    """What a text quotes: passages in quotation marks of a dozen characters and more, and quoted blocks."""
    marked = [next(part for part in match if part) for match in _QUOTES.findall(text)]
    return marked + [line.strip() for line in _BLOCK_QUOTE.findall(text)]


def _flat(text: str) -> str:
    return " ".join(text.split()).lower()


async def _command(arguments: Sequence[str], submission: Submission) -> str | None:
    shown = " ".join(arguments)
    if not allowed(arguments, submission.commands):
        return f"The check `{shown}` was not run: it is not among the settings' accept_commands."
    try:
        code, output = await _run(arguments)
    except OSError as error:
        return f"The check `{shown}` could not be started: {error}"
    except TimeoutError:
        return f"The check `{shown}` did not end within {COMMAND_SECONDS:.0f} seconds."
    return None if code == 0 else f"The check `{shown}` failed with exit code {code}: {output}"


def allowed(arguments: Sequence[str], commands: Sequence[str]) -> bool:
    """Whether the settings list this command: the whole command line, or the program alone, which then takes no options.

    An option can make a harmless program run another one or write a file (`--config`, `-o`), so it has to be listed itself.
    """
    if " ".join(arguments) in commands:
        return True
    return arguments[0] in commands and not any(argument.startswith(_OPTION) for argument in arguments[1:])


async def _run(arguments: Sequence[str]) -> tuple[int, str]:
    """Exit code and the end of the output; nothing of the command outlives this, whatever it started."""
    process, command = await asyncio.get_running_loop().subprocess_exec(
        _Heard, *arguments, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, **platform.new_group()
    )
    try:
        async with asyncio.timeout(COMMAND_SECONDS):
            await command.silent.wait()
            await command.ended.wait()
    finally:
        platform.end_group(process.get_pid(), force=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(_KILLED_SECONDS):
                await command.ended.wait()
        process.close()  # the pipe too, which a grandchild that left the group may still hold
    code = process.get_returncode()
    assert code is not None
    return code, command.tail.decode("utf-8", "replace").strip()


class _Heard(asyncio.SubprocessProtocol):
    """What is heard of a command: the end of its output, that there is no more of it, and that it has ended."""

    def __init__(self) -> None:
        self.tail = b""
        self.silent = asyncio.Event()
        self.ended = asyncio.Event()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self.tail = (self.tail + data)[-SHOWN_OUTPUT:]

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        self.silent.set()

    def process_exited(self) -> None:
        self.ended.set()


_CHECKS: dict[str, Callable[[Any, Submission], Awaitable[str | None]]] = {
    "json_schema": _json_schema,
    "file_exists": _file_exists,
    "file_contains": _file_contains,
    "quote": _quote,
    "command": _command,
}


def json_answer(text: str, schema: JsonSchema) -> tuple[Any, str | None]:
    """The JSON value in an answer, whole, in a fence or among words, and what keeps it from fitting the schema."""
    fault = "it holds no JSON value."
    for candidate in _candidates(text):
        try:
            value = json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
        sentence = _misfit(value, schema)
        if sentence is None:
            return value, None
        fault = sentence
    return None, fault


def _candidates(text: str) -> list[str]:
    found = [text.strip(), *(block.strip() for block in _FENCE.findall(text))]
    for opening, closing in (("{", "}"), ("[", "]")):
        start, end = text.find(opening), text.rfind(closing)
        if 0 <= start < end:
            found.append(text[start : end + 1])
    return found


def _misfit(value: Any, schema: JsonSchema) -> str | None:
    plain = dict(schema)
    kind = validators.validator_for(plain, default=validators.Draft202012Validator)
    error = next(iter(sorted(kind(plain).iter_errors(value), key=lambda each: len(each.absolute_path))), None)
    return None if error is None else f"{error.message[:300]} (at {error.json_path})."
