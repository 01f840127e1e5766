"""Every error that lmbridge raises: what happened, where, and what to do about it.

The class says who can act (settings: the user; LLM: the backend; server: an MCP server), `code` is the stable name
that reports, exit codes and documents use, `hint` is the next step, and `retryable` says whether the same request may
succeed if it is sent again. Each class also inherits the built-in that fits, so `except TimeoutError` works.
"""

from __future__ import annotations

from collections.abc import Sequence


class LmbridgeError(Exception):
    """Base of all errors of lmbridge.

    Args:
        message: What went wrong and where, one sentence.
        hint: What the reader can do about it.
        retryable: Overrides the class's judgement whether a repeat may succeed.
    """

    code: str = "internal_error"
    retryable: bool = False

    def __init__(self, message: str, *, hint: str | None = None, retryable: bool | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if retryable is not None:
            self.retryable = retryable

    def __str__(self) -> str:
        return self.message

    def as_line(self) -> str:
        """`code: message — hint`, the form that clients see."""
        return f"{self.code}: {self.message}" + (f" — {self.hint}" if self.hint else "")


class InvalidArgumentsError(LmbridgeError, ValueError):
    """A tool, a command or a function was called with arguments that cannot be used."""

    code = "invalid_arguments"


class SettingsError(LmbridgeError, ValueError):
    """A setting has a value that cannot be used; the message names the setting and where it came from."""

    code = "settings_invalid"


class McpConfigError(SettingsError):
    """An mcp.json cannot be read.

    Args:
        message: What is wrong.
        file: Path of the file.
        line: 1-based line of the fault, where known.
        column: 1-based column of the fault, where known.
        hint: What to do.
    """

    code = "mcp_config_invalid"

    def __init__(
        self, message: str, *, file: str, line: int | None = None, column: int | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.file = file
        self.line = line
        self.column = column


class UnknownServerError(SettingsError, LookupError):
    """No server of this name is configured.

    Args:
        message: What was asked for.
        nearest: Names that are close to it.
        hint: What to do.
    """

    code = "unknown_server"

    def __init__(self, message: str, *, nearest: Sequence[str] = (), hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.nearest = tuple(nearest)


class LLMError(LmbridgeError):
    """A request to the language model's endpoint failed.

    `max_retries` limits the repeats that make sense for this fault, where the policy would allow more.

    Args:
        message: What went wrong; names method and URL with host and port.
        method: HTTP method of the request.
        url: URL of the request, without credentials.
        status: HTTP status, where an answer came.
        body: The upstream body, cut and with secrets removed.
        retry_after: Seconds that the backend asks to wait.
        hint: What to do.
        retryable: Overrides the class's judgement.
    """

    code = "llm_error"
    max_retries: int | None = None

    def __init__(
        self,
        message: str,
        *,
        method: str | None = None,
        url: str | None = None,
        status: int | None = None,
        body: str | None = None,
        retry_after: float | None = None,
        hint: str | None = None,
        retryable: bool | None = None,
    ) -> None:
        super().__init__(message, hint=hint, retryable=retryable)
        self.method = method
        self.url = url
        self.status = status
        self.body = body
        self.retry_after = retry_after


class LLMConnectionError(LLMError, ConnectionError):
    """The endpoint could not be reached, or the connection broke before an answer began."""

    code = "llm_unreachable"
    retryable = True


class LLMTimeoutError(LLMError, TimeoutError):
    """The endpoint did not answer, or stopped answering, within the time allowed."""

    code = "llm_timeout"
    retryable = True


class LLMRateLimitError(LLMError):
    """The endpoint refuses for now (429); `retry_after` holds the wait it asks for."""

    code = "llm_rate_limited"
    retryable = True


class LLMResponseError(LLMError):
    """The endpoint answered with an error status or an error body."""

    code = "llm_error"


class LLMProtocolError(LLMResponseError):
    """The endpoint answered something that is not the protocol: HTML, broken JSON, no choices."""

    code = "llm_protocol_error"
    retryable = True


class UnparsedOutputError(LLMResponseError):
    """The backend's own parser could not read what the model wrote; another sample or a forced form may succeed.

    llama.cpp answers 500 "The model produced output that does not match the expected … format"; the server is well.
    """

    retryable = True


class GrammarError(LLMResponseError):
    """The backend could not compile a tool's or an answer's JSON Schema into a grammar."""


class StreamInterruptedError(LLMResponseError, ConnectionError):
    """A streamed answer ended before it was whole; `partial` holds the text that had come."""

    code = "stream_interrupted"
    retryable = True
    partial: str = ""


class ContextOverflowError(LLMResponseError, ValueError):
    """The prompt does not fit the context with which the model is loaded."""

    code = "context_overflow"


class SharedContextError(LLMResponseError):
    """The context that all requests of a backend share is full: together they need more than it holds, each alone may fit.

    llama.cpp answers 500 "Context size has been exceeded." to every one of them.
    """

    code = "context_overflow"
    retryable = True


class CircuitOpenError(LLMError, ConnectionError):
    """The backend failed so often that requests are held back for a while; nothing was sent."""

    code = "circuit_open"


class ModelLoadError(LLMError):
    """The backend could not load the model."""

    code = "model_load_failed"


class ModelEvictedError(LLMResponseError):
    """The backend unloaded the model in the middle of the work; loading it again and repeating the turn is right."""

    code = "model_load_failed"
    retryable = True


class ModelChangedError(LLMError):
    """Another model of the catalogue answered than the one the run is pinned to."""

    code = "model_changed"


class LLMValidationError(LLMError, ValueError):
    """A request is refused before it is sent: a malformed model name, URL or parameter."""

    code = "invalid_arguments"


class ModelNotFoundError(LLMValidationError, LookupError):
    """The backend has no model of this name.

    Args:
        message: What was asked for.
        available_models: Ids that could be used instead, nearest first.
        hint: What to do.
        url: Where the list came from.
    """

    code = "model_not_found"

    def __init__(
        self, message: str, *, available_models: Sequence[str] = (), hint: str | None = None, url: str | None = None
    ) -> None:
        super().__init__(message, hint=hint, url=url)
        self.available_models = list(available_models)


class ModelNotUsableError(LLMValidationError):
    """The model exists but cannot do this: an embedding model asked to chat, say."""

    code = "model_not_usable"


class McpServerError(LmbridgeError):
    """An MCP server failed.

    Args:
        message: What went wrong.
        server: The server's name in mcp.json.
        hint: What to do.
        retryable: Overrides the class's judgement.

    Attributes:
        servers: Name, status and error of each server of the run that this kept from beginning.
    """

    code = "server_lost"
    servers: tuple[tuple[str, str, str | None], ...] = ()

    def __init__(self, message: str, *, server: str, hint: str | None = None, retryable: bool | None = None) -> None:
        super().__init__(message, hint=hint, retryable=retryable)
        self.server = server


class ServerStartError(McpServerError):
    """A server did not start; `stderr` holds the end of what it wrote."""

    code = "server_start_failed"
    stderr: str = ""


class ServerLostError(McpServerError, ConnectionError):
    """A server died or stopped answering; `sent` says whether the call may have been carried out."""

    code = "server_lost"
    sent: bool = True


class ServerAuthError(McpServerError, PermissionError):
    """A server refuses without (other) credentials."""

    code = "server_auth_required"


class JournalError(LmbridgeError, OSError):
    """A run's journal cannot be written or read."""

    code = "internal_error"


class UnknownRunError(JournalError, LookupError):
    """No run of this id is kept."""

    code = "invalid_arguments"


class ClusterUnreachableError(LmbridgeError, ConnectionError):
    """There is no Ray cluster at the address that was given, or none of its nodes can work.

    Its code is that of a backend that cannot be reached: callers know what to do about it, and codes are part of the contract.
    """

    code = "llm_unreachable"
    retryable = True


class NodeLostError(LmbridgeError, ConnectionError):
    """An item was given up: several nodes of the cluster were lost while they were at work on it."""

    code = "server_lost"


_USAGE = {
    "settings_invalid",
    "invalid_arguments",
    "mcp_config_invalid",
    "unknown_server",
    "model_not_found",
    "model_not_usable",
}


def exit_code(code: str | None) -> int:
    """The command line's exit code for an error code (None: no error)."""
    if code is None:
        return 0
    if code in _USAGE:
        return 2
    if code in {"llm_unreachable", "circuit_open"}:
        return 3
    if code.startswith("server_"):
        return 4
    return 130 if code == "cancelled" else 1


def sole_error(error: BaseException) -> BaseException:
    """The one leaf of a (nested) exception group with a single leaf; else the error itself.

    Task groups wrap what leaves them; at the borders of lmbridge a reader wants the fault, not the packaging.
    """
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def forget_frames(error: BaseException) -> None:
    """Drops the tracebacks of an error that is kept, and of every error behind it; its words and its class stay.

    A traceback holds the frames that the error passed through, with all that they name; since Python 3.12 the frame of an
    ended coroutine refers to its caller as well, so that one kept error holds a whole run, up to its handle.
    """
    behind, seen = [error], set[int]()
    while behind:
        each = behind.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        each.__traceback__ = None
        members = each.exceptions if isinstance(each, BaseExceptionGroup) else ()
        behind += [other for other in (each.__cause__, each.__context__, *members) if other is not None]


def as_lmbridge_error(error: BaseException) -> LmbridgeError:
    """Any exception as one of ours, at the outermost border; what is foreign there is a fault of lmbridge."""
    leaf = sole_error(error)
    if isinstance(leaf, LmbridgeError):
        return leaf
    return LmbridgeError(
        f"{type(leaf).__name__}: {leaf}" if str(leaf) else type(leaf).__name__,
        hint="This is a fault in lmbridge; the log on stderr holds the traceback.",
    )


def error_of(code: str, message: str, hint: str | None = None) -> LmbridgeError:
    """An error of the class that goes with a code, for a failure that is known only from a report."""
    classes: dict[str, type[LLMError] | type[LmbridgeError]] = {
        cls.code: cls
        for cls in (LLMTimeoutError, LLMConnectionError, LLMRateLimitError, LLMProtocolError, StreamInterruptedError,
                    ContextOverflowError, CircuitOpenError, ModelLoadError, ModelChangedError, ModelNotFoundError,
                    ModelNotUsableError, LLMError, InvalidArgumentsError, SettingsError, UnknownServerError)
    }  # fmt: skip
    if code.startswith("server_"):
        lost = {"server_start_failed": ServerStartError, "server_auth_required": ServerAuthError}.get(
            code, ServerLostError
        )
        return lost(message, server="", hint=hint)
    return classes.get(code, LmbridgeError)(message, hint=hint)
