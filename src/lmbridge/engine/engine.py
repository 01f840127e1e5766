"""One embedded engine: a child process with llama.cpp's server, started, watched, restarted once, and surely ended.

What an engine is told, what of it is refused beforehand, and how its failures are put into words.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import structlog

from lmbridge import installed, platform
from lmbridge.engine.gguf import read_head
from lmbridge.errors import ModelLoadError, SettingsError


@dataclass(frozen=True, slots=True)
class Spec:
    """What the child is told. `context` tokens are for `parallel` slots, `shared` or in equal parts; port 0: any free one.

    `slots_folder`: where it writes what a slot holds when it is asked to; `repeatable`: a reply depends less on what
    else is at work.
    """

    model: str
    alias: str
    context: int = 8192
    parallel: int = 4
    threads: int | None = None
    embedding: bool = False
    cache_mib: int = 256
    shared: bool = True
    slots_folder: str = ""
    repeatable: bool = False
    port: int = 0
    key: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)


def check(spec: Spec) -> None:
    """Refuses what cannot work before a process is started."""
    if (module := installed.missing()) is not None:
        raise SettingsError(f"The embedded engine is not installed (no module {module}).", hint=installed.how_to_add())
    head = read_head(Path(spec.model))
    most = (head.context_length or 0) * spec.parallel
    if most and spec.context > most:
        raise ModelLoadError(
            f"A context of {spec.context} tokens is more than {spec.alias} can use: "
            f"{head.context_length} tokens in each of {spec.parallel} slots.",
            hint=f"Set LMBRIDGE_ENGINE_CONTEXT to at most {most}.",
        )


def not_loaded(spec: Spec, why: str) -> ModelLoadError:
    """The error for an engine that does not serve, with the reason in it."""
    return ModelLoadError(
        f"The embedded engine could not serve {spec.model}: {why}.",
        hint="Another file, a smaller LMBRIDGE_ENGINE_CONTEXT, or fewer slots may help.",
    )


def reason(tail: deque[str], status: int | None) -> str:
    """The first error line of llama.cpp (the later ones only repeat it), without its time stamp."""
    for line in tail:
        stamp, _, rest = line.partition(" E ")
        if rest and stamp.replace(".", "").strip().isdigit():
            return rest.strip()
    last = next((line for line in reversed(tail) if line.strip()), "")
    return f"{ending(status)}: {last.strip()}" if last else ending(status)


def ending(status: int | None) -> str:
    """An exit status in words."""
    if status is None:
        return "no exit status"
    return f"ended by signal {-status}" if status < 0 else f"exit status {status}"


log = structlog.get_logger(__name__)

SMALL_MODEL_BYTES = 64 * 2**20
"""A model below this size runs on one thread: there is nothing to share out, and llama.cpp's threads wait for each other
by spinning, which on a busy machine costs a hundred times what it gains (measured: 0.3 s a task against 60 s). Nor is what it
has read worth keeping."""
CHILD = Path(__file__).with_name("child.py")
TAIL_LINES = 60
STOP_GRACE_S = 0.3
RESTART_WINDOW_S = 60.0
"""A crash within this time after a restart is not answered with another one."""


@dataclass(frozen=True, slots=True)
class Crash:
    """An engine ended that nobody had stopped: its exit status, and the end of what it wrote."""

    alias: str
    status: int | None
    tail: str
    restarted: bool

    @property
    def told(self) -> str:
        """The crash as a sentence for whoever was being served."""
        more = "is started again" if self.restarted else "had crashed shortly before: it stays down"
        return f"The embedded engine of {self.alias} crashed ({ending(self.status)}) and {more}."


class Engine:
    """An engine as an async context manager; entering starts it, leaving ends it and everything it started.

    Made with `Engine.started(…)`. While it is entered a crash is logged, told to `on_crash`, and answered with one restart
    at the same address; a second crash within a minute leaves it down, and `ready()` says why.
    """

    def __init__(
        self, spec: Spec, *, start_timeout: float = 120.0, on_crash: Callable[[Crash], None] | None = None
    ) -> None:
        self._spec = spec
        self._start_timeout = start_timeout
        self._on_crash = on_crash
        self._process: Process | None = None
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._tasks: set[asyncio.Task[None]] = set()
        self._up = asyncio.Event()
        self._failure: ModelLoadError | None = None
        self._address = ""
        self.crashes: list[Crash] = []

    @classmethod
    def started(
        cls,
        model: Path,
        *,
        alias: str | None = None,
        threads: int | None = None,
        context: int = 8192,
        parallel: int = 4,
        embedding: bool = False,
        port: int = 0,
        key: str | None = None,
        shared: bool = True,
        slots_folder: Path | None = None,
        repeatable: bool = False,
        start_timeout: float = 120.0,
        on_crash: Callable[[Crash], None] | None = None,
    ) -> Self:
        """An engine to enter with `async with`.

        Args:
            model: The GGUF file.
            alias: Name under which it answers; the file's stem when None.
            threads: CPU threads; llama.cpp's own choice when None.
            context: Tokens of context for all slots.
            shared: Any slot may take all of it; else each gets an equal part.
            parallel: Requests that are worked on at once.
            slots_folder: Where it may write what one slot has read, so that others need not read it; only where each has
                a part of the context.
            repeatable: Whether a reply is to depend less on what else is at work; costs speed, most with models in Q4_K.
            embedding: Whether it also makes embeddings (mean pooling).
            port: Port on 127.0.0.1; 0: any free one.
            key: API key it asks for; a random one when None.
            start_timeout: Seconds that loading may take.
            on_crash: Told of each crash.
        """
        spec = Spec(str(model), alias or model.stem, context, parallel, threads, embedding, port=port, shared=shared)
        spec = replace(
            spec, repeatable=repeatable, slots_folder=str(slots_folder) if slots_folder and not shared else ""
        )
        return cls(replace(spec, key=key) if key else spec, start_timeout=start_timeout, on_crash=on_crash)

    @property
    def base_url(self) -> str:
        """URL of the OpenAI-compatible endpoint, ending in `/v1`."""
        return f"{self._address}/v1"

    @property
    def token(self) -> str:
        """The API key that requests must carry as Bearer."""
        return self._spec.key

    @property
    def slots_folder(self) -> Path | None:
        """Where it writes what a slot holds when it is asked to."""
        return Path(self._spec.slots_folder) if self._spec.slots_folder else None

    @property
    def slots_mark(self) -> str:
        """What a file of a slot fits: this model's file, this build of llama.cpp, this context. Empty where the model is read in no time."""
        about = Path(self._spec.model).stat()
        if about.st_size < SMALL_MODEL_BYTES:
            return ""
        room = self._spec.context // self._spec.parallel
        return f"{self._spec.model}:{about.st_size}:{about.st_mtime_ns}:{version('xllamacpp')}:{room}"

    @property
    def lives(self) -> int:
        """How often it has ended unasked: after each its slots are empty."""
        return len(self.crashes)

    @property
    def alias(self) -> str:
        """The model's id at the endpoint."""
        return self._spec.alias

    @property
    def pid(self) -> int | None:
        """Process id of the running child."""
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def stderr_tail(self) -> str:
        """The last lines that the engine wrote."""
        return "\n".join(self._tail)

    async def ready(self) -> None:
        """Waits until the engine can be asked (at once, but for a restart in progress).

        Raises:
            ModelLoadError: It crashed and could not be restarted.
        """
        await self._up.wait()
        if self._failure:
            raise self._failure

    async def __aenter__(self) -> Self:
        check(self._spec)
        await self._start()
        self._spawn(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._end()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A task that ends, at the latest, when the engine is left."""
        task = asyncio.create_task(work, name=f"engine {self.alias}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _start(self) -> None:
        began = time.monotonic()
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", str(CHILD), stdin=PIPE, stdout=PIPE, stderr=PIPE, **platform.new_group()
        )
        try:
            async with asyncio.timeout(self._start_timeout):
                self._tell(process)
                self._address = await self._listening(process)
        except BaseException as error:
            await self._end()
            if isinstance(error, TimeoutError):
                raise not_loaded(self._spec, f"nothing after {self._start_timeout:g} s") from None
            raise
        port = int(self._address.rsplit(":", 1)[1])
        self._spec = replace(self._spec, port=port)
        self._up.set()
        log.info("engine_started", model=self.alias, url=self.base_url, seconds=round(time.monotonic() - began, 3))

    def _tell(self, process: Process) -> None:
        assert process.stdin
        process.stdin.write(json.dumps(asdict(self._spec)).encode() + b"\n")

    async def _listening(self, process: Process) -> str:
        """The address; what the child says on stderr is gathered from here on."""
        assert process.stdout
        drain = self._spawn(self._drain(process))
        line = await process.stdout.readline()
        if not line:
            await drain
            status = await process.wait()
            raise not_loaded(self._spec, reason(self._tail, status))
        return json.loads(line)["listening"]

    async def _drain(self, process: Process) -> None:
        assert process.stderr
        rest = b""
        while piece := await process.stderr.read(65_536):
            *lines, rest = (rest + piece)[-65_536:].split(b"\n")
            self._tail.extend(line.decode(errors="replace") for line in lines)
        self._tail.append(rest.decode(errors="replace"))

    async def _watch(self) -> None:
        """Waits for the child's unasked end, again and again until it comes too soon."""
        restarted_at = -RESTART_WINDOW_S
        while self._process:
            status = await self._process.wait()
            self._up.clear()
            again = time.monotonic() - restarted_at >= RESTART_WINDOW_S
            self._crashed(status, restarted=again)
            if not again:
                self._give_up(f"it crashed twice within {RESTART_WINDOW_S:g} s ({ending(status)})")
                return
            restarted_at = time.monotonic()
            if not await self._restarted():
                return

    async def _restarted(self) -> bool:
        try:
            await self._start()
        except (ModelLoadError, OSError) as error:
            self._give_up(f"it crashed and could not be restarted: {error}")
            return False
        return True

    def _crashed(self, status: int | None, *, restarted: bool) -> None:
        crash = Crash(self.alias, status, self.stderr_tail, restarted)
        self.crashes.append(crash)
        log.warning(
            "engine_crashed",
            model=self.alias,
            ending=ending(status),
            restarting=restarted,
            stderr=list(self._tail)[-5:],
        )
        if self._on_crash:
            self._on_crash(crash)

    def _give_up(self, why: str) -> None:
        self._failure = not_loaded(self._spec, why)
        self._up.set()
        log.error("engine_down", model=self.alias, why=why)

    async def _end(self) -> None:
        """Ends the child: its stdin closed, then by force."""
        process, self._process = self._process, None
        if process is not None:
            await platform.end_child(process, STOP_GRACE_S)
