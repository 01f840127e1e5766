"""LM Studio's optional `lms` command, for the little that its REST API cannot do: who is busy, and a time to live.

Always optional. A look never wakes LM Studio: `lms ps` starts the daemon where none runs, so it is only asked where
the HTTP server has answered and `lms server status`, which starts nothing, names the same port.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import structlog

from lmbridge import platform
from lmbridge.errors import LLMValidationError, ModelLoadError, ModelNotFoundError
from lmbridge.llm.http.request import LOAD_S

LOOK_S = 10.0
_BUSY = {"processingprompt", "generating", "computingembedding"}
_SHOWN_CHARS = 300
_CMD = '&|<>^"%!'
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Working:
    """A model in memory as `lms ps` sees it.

    Attributes:
        id: The instance's identifier.
        model: Its key.
        busy: Whether it reads a prompt, generates or embeds. Idle means loaded and not busy, nothing else.
        queued: Requests in work and waiting.
        parallel: Requests at once.
        ttl_s: Idle seconds after which it is unloaded; None: never.
    """

    id: str
    model: str = ""
    busy: bool = False
    queued: int = 0
    parallel: int | None = None
    ttl_s: float | None = None


@dataclass(frozen=True, slots=True)
class _Ended:
    code: int
    out: bytes
    said: str


class Lms:
    """The command.

    Args:
        path: Absolute path of the program.
        environment: What the program sees; the process's own when None.
    """

    def __init__(self, path: Path, environment: Mapping[str, str] | None = None) -> None:
        self.path = path
        self._environment = environment

    @classmethod
    def found(cls, home: Path | None = None) -> Lms | None:
        """The command, from PATH or from LM Studio's own folders; None where it is not installed."""
        own = home or Path.home()
        path = platform.program("lms", own / ".lmstudio" / "bin", own / ".cache" / "lm-studio" / "bin")
        return cls(path) if path else None

    async def serves(self, port: int) -> bool:
        """Whether the LM Studio that it talks to serves this port. Starts nothing."""
        ended = await self._run(["server", "status", "--json"], LOOK_S)
        told = _json(ended.out)
        return isinstance(told, dict) and told.get("running") is True and told.get("port") == port

    async def ps(self) -> tuple[Working, ...] | None:
        """The models in memory and what they do; None where that could not be found out."""
        ended = await self._run(["ps", "--json"], LOOK_S)
        told = _json(ended.out)
        if ended.code != 0 or not isinstance(told, list):
            return None
        return tuple(_working(row) for row in told if isinstance(row, dict) and row.get("identifier"))

    async def load(
        self, model: str, *, ttl: int | None = None, context_length: int | None = None, parallel: int | None = None
    ) -> None:
        """Loads a model.

        Raises:
            ModelLoadError: It could not be loaded; carries what the command said.
            LLMValidationError: The name cannot be given to a command.
        """
        flags = {"--ttl": ttl, "--context-length": context_length, "--parallel": parallel}
        given = [word for flag, value in flags.items() if value is not None for word in (flag, str(value))]
        ended = await self._run(["load", safe_name(model), "--yes", *given], LOAD_S)
        if ended.code != 0:
            raise ModelLoadError(
                f"`lms load {model}` failed ({ended.code}): {ended.said or 'no reason given'}",
                body=ended.said,
                hint="Free memory by unloading other models, or load it with a shorter context.",
            )

    async def unload(self, identifier: str) -> None:
        """Takes an instance out of memory. The command exits with 0 where there is none; its words tell.

        Raises:
            ModelNotFoundError: Nothing of that name is loaded.
        """
        ended = await self._run(["unload", safe_name(identifier)], LOOK_S * 6)
        if ended.code != 0 or "not found" in ended.said.lower():
            raise ModelNotFoundError(f"`lms unload {identifier}` failed: {ended.said or 'no reason given'}")

    async def _run(self, arguments: Sequence[str], within: float) -> _Ended:
        """Runs the command in a process group of its own; one that does not end in time is ended by force."""
        argv = platform.shell_command(str(self.path), list(arguments))
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=None if self._environment is None else dict(self._environment),
                **platform.new_group(),
            )
        except OSError as error:
            return _Ended(127, b"", f"{self.path} cannot be started: {error.strerror or error}")
        return await _ended(process, within)


async def _ended(process: asyncio.subprocess.Process, within: float) -> _Ended:
    try:
        async with asyncio.timeout(within):
            out, err = await process.communicate()
    except TimeoutError:
        return _Ended(124, b"", f"it did not end within {within:g} s")
    finally:
        if process.returncode is None:
            platform.end_group(process.pid, force=True)
            await asyncio.shield(process.wait())
    _log.debug("lms", code=process.returncode)
    return _Ended(process.returncode or 0, out, _words(err or out))


def safe_name(name: str, *, windows: bool = platform.WINDOWS) -> str:
    """A model's name as an argument. Names such as `qwen3@q4_k_m` and `model:2` are legal; what looks like a flag is none.

    On Windows a command that is a script runs through `cmd`, which reads some characters as its own whatever the quotes.

    Raises:
        LLMValidationError: The name is empty, or the command would take it for something else.
    """
    read_by_cmd = windows and any(char in _CMD for char in name)
    if not name or name.startswith("-") or read_by_cmd or any(ord(char) < 32 for char in name):
        raise LLMValidationError(
            f"{name!r} cannot be given to the lms command: it would take the name for something else.",
            hint="`lmbridge models` lists the names.",
        )
    return name


def _working(row: Mapping[str, Any]) -> Working:
    ttl = row.get("ttlMs")
    queued, parallel = row.get("queued"), row.get("parallel")
    return Working(
        id=str(row["identifier"]),
        model=str(row.get("modelKey") or ""),
        busy=str(row.get("status") or "").lower() in _BUSY,
        queued=queued if isinstance(queued, int) else 0,
        parallel=parallel if isinstance(parallel, int) else None,
        ttl_s=ttl / 1000 if isinstance(ttl, (int, float)) else None,
    )


def _json(out: bytes) -> Any:
    try:
        return orjson.loads(out)
    except ValueError:
        return None


def _words(text: bytes) -> str:
    """The last lines of what a command said, without colours."""
    shown = _ANSI.sub("", text.decode("utf-8", "replace")).strip()
    return shown[-_SHOWN_CHARS:]
