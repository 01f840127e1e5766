"""Our end of the guardian: tells it which server processes run, so that none of them outlives us."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from lmbridge import platform
from lmbridge.mcp_host.transport import guardian

_KEPT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")
_POLL_S = 0.005


class Guard:
    """Numbers and watches the processes of one pool. The guardian process starts with the first of them.

    On Windows there is no guardian: a job object of the kernel ends the processes with us (`platform.KillOnCloseJob`).

    Args:
        apart: Whether the guardian is to be no child of this process, because its children are killed with it.
    """

    def __init__(self, *, apart: bool = False) -> None:
        self._apart = apart
        self._ended: int | None = None  # the reading end of a pipe that a guardian apart holds open
        self.token = secrets.token_hex(8)
        self._running: dict[int, int] = {}
        self._next = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: int | None = None
        self._closed = False
        self._job = platform.KillOnCloseJob() if platform.WINDOWS else None
        # In a frozen application the executable is that application, which must not be started again.
        self._able = self._job is None and bool(sys.executable) and not getattr(sys, "frozen", False)

    def number(self) -> int:
        """A number for the next process."""
        self._next += 1
        return self._next

    def environment(self, number: int) -> dict[str, str]:
        """The variable that marks a process and its children as ours."""
        return {guardian.VARIABLE: guardian.mark(self.token, number)}

    def ready(self) -> None:
        """Has the guardian run before a process is started: from here on the mark alone suffices on Linux."""
        if self._able and self._pipe is None:
            self._start()

    def started(self, number: int, pid: int) -> None:
        """A process of this number runs; it leads a group of its own."""
        self._running[number] = pid
        if self._job is not None:
            self._job.add(pid)
        self._tell(f"+ {number} {pid}\n")

    def ended(self, number: int) -> None:
        """The process has ended: what is left of its group and of its children is killed."""
        pid = self._running.pop(number, None)
        if pid is not None:
            self._tell(f"- {number} {pid}\n")

    def kill_all(self) -> None:
        """Kills the group of every process that still runs, at once and without waiting."""
        for pid in self._running.values():
            platform.end_group(pid, force=True)

    async def close(self, *, wait: float) -> None:
        """Lets the guardian end what is left, and waits for it at most `wait` seconds."""
        self._closed = True
        if self._pipe is not None:
            with contextlib.suppress(OSError):
                os.write(self._pipe, guardian.FAREWELL + b"\n")
            os.close(self._pipe)
            self._pipe = None
        until = time.monotonic() + wait
        while self._runs() and time.monotonic() < until:  # noqa: ASYNC110  # a plain child process has no event
            await asyncio.sleep(_POLL_S)
        if self._ended is not None:
            os.close(self._ended)
            self._ended = None
        if self._job is not None:
            self._job.close()

    def _runs(self) -> bool:
        if self._process is not None and self._process.poll() is None:
            return True
        return self._ended is not None and not select.select([self._ended], [], [], 0)[0]

    def _tell(self, line: str) -> None:
        if not self._able or self._closed:
            return
        try:
            self.ready()
            os.write(self._open_pipe(), line.encode())
        except BlockingIOError:
            return  # 64 KiB of lines unread: the guardian is stopped, and will catch up when it goes on
        except BrokenPipeError:
            self._restart()

    def _open_pipe(self) -> int:
        if self._pipe is None:
            raise BrokenPipeError
        return self._pipe

    def _start(self) -> None:
        reading, self._pipe = os.pipe()
        if sys.platform != "win32":  # there a job object does all this
            os.set_blocking(self._pipe, False)
        command = [sys.executable, "-I", "-S", str(Path(guardian.__file__)), self.token, str(os.getpid())]
        told = self._end_pipe() if self._apart else subprocess.DEVNULL
        arguments: dict[str, Any] = {"stdin": reading, "stdout": told, "stderr": subprocess.DEVNULL}
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        try:
            self._process = subprocess.Popen(
                [*command, "apart"] if self._apart else command,
                env=environment,
                cwd="/",
                start_new_session=True,
                **arguments,
            )
        finally:
            os.close(reading)
            if self._apart:
                os.close(told)

    def _end_pipe(self) -> int:
        """The writing end of a pipe that ends with a guardian whom nobody can wait for as for a child."""
        if self._ended is not None:
            os.close(self._ended)
        self._ended, writing = os.pipe()
        return writing

    def _restart(self) -> None:
        """Somebody killed the guardian: another takes over what runs."""
        if self._pipe is not None:
            os.close(self._pipe)
        self._start()
        for number, pid in self._running.items():
            os.write(self._open_pipe(), f"+ {number} {pid}\n".encode())
