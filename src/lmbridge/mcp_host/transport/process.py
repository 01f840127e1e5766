"""A server's process: started in a group of its own, read without tasks, ended in bounded time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from lmbridge import platform
from lmbridge.mcp_host.transport.guard import Guard

_STDERR_KEPT = 4096
_STDERR_BURST = 2**20
_STDERR_PAUSE_S = 0.02
_EXIT_GRACE_S = 0.2


@dataclass(frozen=True, slots=True)
class EndPatience:
    """Seconds that a process is given to end: after its input is closed, after SIGTERM, and after SIGKILL."""

    closed: float = 0.35
    told: float = 0.2
    killed: float = 0.3


AT_ONCE = EndPatience(0.0, 0.0, 0.2)
PASSING_ON = EndPatience()
"""For a server that hangs, or whose start was given up: `docker run` and its like are only clients, which must be left the
time to pass the end of their input on, or the container goes on running."""
UNHURRIED = EndPatience(2.0, 1.0, 0.5)
"""For a server that is closed because nobody uses it: nobody waits for it either."""


class _Pipes(asyncio.SubprocessProtocol):
    """Hands on what a process writes; keeps the end of its standard error."""

    def __init__(self, on_output: Callable[[bytes], None], on_end: Callable[[], None]) -> None:
        self._on_output = on_output
        self._on_end = on_end
        self._stderr = b""
        self._burst = 0
        self.stderr_bytes = 0
        self.transport: asyncio.SubprocessTransport | None = None
        self.exited = asyncio.Event()
        self.output_ended = False
        self.input_closed = False
        self.stderr_ended = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.SubprocessTransport", transport)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 1:
            self._on_output(data)
            return
        self.stderr_bytes += len(data)
        self._stderr = (self._stderr + data[-_STDERR_KEPT:])[-_STDERR_KEPT:]
        self._burst += len(data)
        if self._burst > _STDERR_BURST:
            self._slow_down()

    def _slow_down(self) -> None:
        """A flood on standard error is read at a pace that costs nothing; the writer waits."""
        pipe = self._pipe(2)
        if pipe is not None:
            pipe.pause_reading()
            asyncio.get_running_loop().call_later(_STDERR_PAUSE_S, self._go_on, pipe)

    def _go_on(self, pipe: asyncio.ReadTransport) -> None:
        self._burst = max(0, self._burst - _STDERR_BURST // 4)
        if not pipe.is_closing():
            pipe.resume_reading()

    def _pipe(self, fd: int) -> Any:
        return self.transport.get_pipe_transport(fd) if self.transport else None

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        if fd == 1:
            self.output_ended = True
            self._on_end()
        elif fd == 2:
            self.stderr_ended.set()
        else:
            self.input_closed = True
            asyncio.get_running_loop().call_later(_EXIT_GRACE_S, self._on_end)

    def process_exited(self) -> None:
        self.exited.set()
        # A child of its own may hold the output open for ever; what the process itself wrote is read by then.
        asyncio.get_running_loop().call_later(_EXIT_GRACE_S, self._on_end)

    @property
    def stderr(self) -> str:
        return self._stderr.decode("utf-8", "replace").strip()


class ServerProcess:
    """A running process. `await ServerProcess.started(...)` makes one; `end()` ends it and everything it started."""

    def __init__(self, pipes: _Pipes, guard: Guard, number: int) -> None:
        self._pipes = pipes
        self._guard = guard
        self._number = number
        self._transport = cast("asyncio.SubprocessTransport", pipes.transport)
        self._hurried = asyncio.Event()
        self.pid = self._transport.get_pid()

    @classmethod
    async def started(
        cls,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: str | None,
        guard: Guard,
        on_output: Callable[[bytes], None],
        on_end: Callable[[], None],
    ) -> ServerProcess:
        """Starts a process.

        Raises:
            OSError: The program or the folder is not there, or may not be used.
            ValueError: A NUL byte in the command or the environment.
        """
        number = guard.number()
        guard.ready()
        marked = {**environment, **guard.environment(number)}
        group: dict[str, Any] = {"start_new_session": True}  # no preexec_fn: see guardian.py for what it would cost
        if platform.WINDOWS:
            group = platform.new_group()
        loop = asyncio.get_running_loop()
        pipes = _Pipes(on_output, on_end)
        await loop.subprocess_exec(lambda: pipes, *command, env=marked, cwd=folder, **group)
        process = cls(pipes, guard, number)
        guard.started(number, process.pid)
        return process

    @property
    def returncode(self) -> int | None:
        """Exit status; negative: the signal that ended it; None while it runs."""
        return self._transport.get_returncode()

    @property
    def ending(self) -> str:
        """What became of it, as the end of a sentence that begins with its name."""
        status = self.returncode
        if status is None:
            return (
                "closed its input" if self._pipes.input_closed and not self._pipes.output_ended else "closed its output"
            )
        return f"was ended by signal {-status}" if status < 0 else f"exited with status {status}"

    @property
    def stderr(self) -> str:
        """The last 4 KB of what it wrote to standard error."""
        return self._pipes.stderr

    @property
    def stderr_bytes(self) -> int:
        """Bytes that it wrote to standard error in all."""
        return self._pipes.stderr_bytes

    def write(self, data: bytes) -> bool:
        """Hands bytes to its standard input without waiting; False where that is closed."""
        pipe = self._transport.get_pipe_transport(0)
        if pipe is None or pipe.is_closing():
            return False
        cast("asyncio.WriteTransport", pipe).write(data)
        return True

    @property
    def unread(self) -> int:
        """Bytes written that it has not read yet, beside what the system's pipe holds."""
        pipe = self._transport.get_pipe_transport(0)
        return cast("asyncio.WriteTransport", pipe).get_write_buffer_size() if pipe else 0

    def hold(self, *, reading: bool) -> None:
        """Stops or goes on reading its standard output; to be told so twice does nothing."""
        pipe = cast("asyncio.ReadTransport | None", self._transport.get_pipe_transport(1))
        if pipe is None or pipe.is_closing():
            return
        if reading:
            pipe.resume_reading()
        else:
            pipe.pause_reading()

    async def last_words(self, seconds: float) -> None:
        """Waits briefly for the exit status and the rest of standard error of a process that is ending."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._pipes.exited.wait()
                await self._pipes.stderr_ended.wait()

    async def end(self, patience: EndPatience) -> None:
        """Closes its input, then tells it to end, then kills it; its group and its escaped children too."""
        try:
            await self._end_gently(patience)
        finally:
            self._end_by_force()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience.killed):
                await self._pipes.exited.wait()
        self._transport.close()

    def hurry(self) -> None:
        """Has an `end()` under way kill the process now."""
        self._hurried.set()

    async def _end_gently(self, patience: EndPatience) -> None:
        self.hold(reading=True)  # a server that is stuck in writing could not see that its input is closed
        self._close_input()
        if patience.closed and await self._exits_within(patience.closed):
            return
        if patience.told:
            platform.end_group(self.pid, force=False)
            await self._exits_within(patience.told)

    def _end_by_force(self) -> None:
        platform.end_group(self.pid, force=True)
        self._guard.ended(self._number)

    def _close_input(self) -> None:
        pipe = cast("asyncio.WriteTransport | None", self._transport.get_pipe_transport(0))
        if pipe is None:
            return
        if pipe.get_write_buffer_size():
            pipe.abort()
        else:
            pipe.close()

    async def _exits_within(self, seconds: float) -> bool:
        """Whether the process exits in this time; the wait is over at once when there is no more time."""
        waits = [asyncio.ensure_future(event.wait()) for event in (self._pipes.exited, self._hurried)]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return self._pipes.exited.is_set()
