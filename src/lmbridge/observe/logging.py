"""Structured logs: on stderr and nowhere else, for people or as JSON lines, and never with a secret in them.

Log lines to a stream that somebody else may have stopped reading: they are dropped then, and the work goes on.

An MCP client gets a server's stderr as a pipe; one that never reads it would stop the server in the middle of a log call
as soon as the pipe's 64 KiB are full.
"""

from __future__ import annotations

import logging
import os
import select
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TextIO

import structlog
from structlog.types import EventDict, Processor

from lmbridge import platform
from lmbridge.events import Fact, Fleeting, TurnStarted
from lmbridge.redaction import Redactor
from lmbridge.settings import Settings
from lmbridge.text import cleaned

PIECE = 4096
"""Bytes that a pipe which polls as writable takes without waiting (PIPE_BUF; 512 at least by POSIX)."""
PATIENCE_MS = 20
"""How long a reader is waited for, once; as long as it does not read, nobody waits for it again."""


class PipeHandler(logging.Handler):
    """Writes lines to a descriptor that is a pipe, as far as its reader takes them.

    Args:
        descriptor: The pipe's end.

    Attributes:
        dropped: Lines that were not (wholly) taken since the last one that was.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        if sys.platform == "win32":
            self._poll: Any = None  # no such handler is made there; type checkers read it all the same
        else:
            self._poll = select.poll()
            self._poll.register(descriptor, select.POLLOUT)
        self.dropped = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one record, or counts it as dropped."""
        try:
            text = self.format(record)
        except Exception:
            self.handleError(record)
            return
        if self.dropped:
            text = f"({self.dropped} lines were dropped: nobody read them)\n{text}"
        if self._written(text.encode(errors="replace") + b"\n"):
            self.dropped = 0
        else:
            self.dropped += 1

    def _written(self, data: bytes) -> bool:
        for start in range(0, len(data), PIECE):
            if not self._poll.poll(0 if self.dropped else PATIENCE_MS):
                return False
            try:
                os.write(self._descriptor, data[start : start + PIECE])
            except OSError:
                return False  # the reader is gone
        return True


def stderr_handler(stream: TextIO) -> logging.Handler:
    """A handler for a stream: a patient one where it is a pipe, the usual one elsewhere."""
    try:
        descriptor = stream.fileno()
        is_pipe = stat.S_ISFIFO(os.fstat(descriptor).st_mode) or stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    except (OSError, ValueError):
        is_pipe, descriptor = False, -1
    if is_pipe and not platform.WINDOWS:
        return PipeHandler(descriptor)
    return logging.StreamHandler(stream)


QUIET = ("mcp", "httpx", "httpx2", "httpcore2", "asyncio", "anyio", "uvicorn", "aiohttp")
"""Libraries whose chatter is of interest only at debug level."""

SILENT = ("client", "mcp.client", "mcp.shared")
"""What the SDK logs about other people's servers, with tracebacks: the same faults are told by us, in a sentence."""


def configure(
    settings: Settings, secrets: Mapping[str, str] | None = None, *, stream: TextIO | None = None
) -> Redactor:
    """Sets up logging for the process: structlog's and the standard library's, warnings too.

    Args:
        settings: Level, form, and the tokens that must not be shown.
        secrets: More that must not be shown, by label.
        stream: Where to; stderr when None. Never stdout, which belongs to the protocol and to answers.

    Returns:
        The redactor in use; give it the secrets that become known later.
    """
    redactor = Redactor({**settings_secrets(settings), **(secrets or {})})
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,  # first, so that secrets in tracebacks are found too
        structlog.processors.UnicodeDecoder(),
        _Redaction(redactor),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(_level(settings)),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,  # a later `configure` counts for loggers that exist already
    )
    handler = stderr_handler(stream)
    handler.setFormatter(_formatter(settings, shared, colors=stream.isatty()))
    _take_over(handler, _level(settings))
    return redactor


def learn(secrets: Mapping[str, str]) -> None:
    """Takes these out of the logs too, from now on; mcp.json may name new ones at any time."""
    for processor in structlog.get_config()["processors"]:
        if isinstance(processor, _Redaction):
            processor.redactor.add(secrets)


def keep_off_stdout() -> None:
    """Sends warnings to stderr where nobody configured structlog, which would print everything on stdout.

    Tracebacks are plain: structlog's own show local variables, among which secrets may be.
    """
    if not structlog.is_configured():
        structlog.configure(
            processors=[
                structlog.contextvars.merge_contextvars,
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso"),
                structlog.processors.format_exc_info,
                structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
            ],
            logger_factory=structlog.PrintLoggerFactory(sys.stderr),
            wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        )


def _level(settings: Settings) -> int:
    return logging.getLevelNamesMapping()[settings.log_level.upper()]


def _formatter(settings: Settings, shared: list[Processor], *, colors: bool) -> logging.Formatter:
    rendering: list[Processor] = [_plain, structlog.dev.ConsoleRenderer(colors=colors, pad_event_to=24)]
    if settings.log_format == "json":
        rendering = [structlog.processors.JSONRenderer(ensure_ascii=False)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
    )


def _plain(logger: Any, method: str, event: EventDict) -> EventDict:
    """The event without what steers a terminal: what libraries and exceptions quote of others is shown as it is."""
    return {key: cleaned(value) if isinstance(value, str) else value for key, value in event.items()}


def _take_over(handler: logging.Handler, level: int) -> None:
    """Everything that logs ends at `handler`; nothing else keeps a way to a stream of its own."""
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(True)
    for name in QUIET:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(level if level <= logging.DEBUG else max(level, logging.WARNING))
    for name in SILENT:
        logging.getLogger(name).setLevel(level if level <= logging.DEBUG else logging.CRITICAL)


class _Redaction:
    """A processor that takes secrets out of every value of an event."""

    def __init__(self, redactor: Redactor) -> None:
        self.redactor = redactor

    def __call__(self, logger: Any, method: str, event: EventDict) -> EventDict:
        """The event without secrets; what is neither text nor a collection is shown as its `repr` would be."""
        return {key: value if key.startswith("_") else self._clean(value) for key, value in event.items()}

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str | Mapping | list | tuple):
            return self.redactor.value(value)
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.redactor.text(value if isinstance(value, str) else repr(value))


def settings_secrets(settings: Settings) -> dict[str, str]:
    """The secrets among the settings, by the variable that sets them."""
    held = {"LM_API_TOKEN": settings.api_token, "LMBRIDGE_HTTP_TOKEN": settings.http_token}
    keys = {f"LMBRIDGE_BACKEND_KEYS:{each.name}": each.token for each in settings.named_backends if each.token}
    return {label: secret.get_secret_value().strip() for label, secret in held.items() if secret} | keys


def follow(fact: Fact | Fleeting) -> None:
    """A sink that adds the round to the log lines of the run's task; a run's facts are told in that task."""
    if isinstance(fact, TurnStarted):
        structlog.contextvars.bind_contextvars(round=fact.round)


@contextmanager
def bound(**values: Any) -> Iterator[None]:
    """Adds values (`run`, `round`, `server`) to every log line of this task and of those it starts."""
    with structlog.contextvars.bound_contextvars(**values):
        yield
