"""What differs between operating systems, and nothing else: process groups, parent death, signals, locks, folders.

Linux can tie children to their parent with `PR_SET_PDEATHSIG` (prctl(2)); macOS has no such signal and Windows uses job
objects. MCP servers, whose grandchildren must go as well, are watched by a process instead (`mcp_host/transport/guardian.py`).
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import platformdirs

if TYPE_CHECKING:
    from asyncio.subprocess import Process

WINDOWS = sys.platform == "win32"
MACOS = sys.platform == "darwin"
LINUX = sys.platform.startswith("linux")
_KILL = signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL

_PR_SET_PDEATHSIG = 1


def state_dir() -> Path:
    """The platform's folder for journals, pins and caches of lmbridge."""
    return Path(platformdirs.user_state_dir("lmbridge", appauthor=False))


def config_dir() -> Path:
    """The platform's folder for the settings file."""
    return Path(platformdirs.user_config_dir("lmbridge", appauthor=False))


def give_back_memory() -> bool:
    """Gives memory that was freed back to the system where the C library would keep it: glibc, by malloc_trim(3).

    Takes some milliseconds, in which other threads may go on.

    Returns:
        Whether any was given back.
    """
    if not LINUX:
        return False
    import ctypes  # who never serves long pays no import

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
    return bool(trim and trim(0))


def new_group() -> dict[str, Any]:
    """Keyword arguments for `subprocess`/`asyncio` that start a child in a process group of its own.

    On Linux the child is also killed when the thread that started it ends, which covers SIGKILL of lmbridge.
    """
    if WINDOWS:
        return {"creationflags": 0x200 | 0x08000000}  # CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW
    arguments: dict[str, Any] = {"start_new_session": True}
    if LINUX:
        arguments["preexec_fn"] = _die_with_parent()
    return arguments


def _die_with_parent() -> Callable[[], None]:
    import ctypes  # here and below: quick commands import this module for its folders alone

    parent, kill = os.getpid(), _KILL
    libc = ctypes.CDLL(None, use_errno=True)

    def set_signal() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, kill)
        if os.getppid() != parent:  # the parent died between fork and prctl
            os._exit(1)

    return set_signal


async def end_child(process: Process, grace_s: float) -> None:
    """Ends a child that leaves when its stdin is closed; by force, with all its group, where it does not in time.

    Args:
        process: Started with a pipe for stdin, in a group of its own.
        grace_s: Seconds that it gets.
    """
    import asyncio  # quick commands that never have a child do without

    assert process.stdin
    process.stdin.close()
    try:
        async with asyncio.timeout(grace_s):
            await process.wait()
    except TimeoutError:
        end_group(process.pid, force=True)
        await process.wait()


def end_group(pid: int, *, force: bool) -> None:
    """Signals the process group of `pid`: to end (SIGTERM), or by force (SIGKILL). A group that is gone is fine."""
    if sys.platform == "win32":
        import subprocess

        flags = ["/F"] if force else []
        subprocess.run(["taskkill", "/T", *flags, "/PID", str(pid)], capture_output=True, check=False)
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL if force else signal.SIGTERM)


class KillOnCloseJob:
    """On Windows: a job object; the kernel ends the processes in it when we end, however we end."""

    def __init__(self) -> None:
        import win32job  # pyrefly: ignore[missing-import]  # pywin32, which the mcp SDK brings along on Windows

        self._jobs = win32job
        self._job = win32job.CreateJobObject(None, "")
        kind = win32job.JobObjectExtendedLimitInformation
        limits = win32job.QueryInformationJobObject(self._job, kind)
        limits["BasicLimitInformation"]["LimitFlags"] |= win32job.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
        win32job.SetInformationJobObject(self._job, kind, limits)

    def add(self, pid: int) -> None:
        """Puts a process, and every process that it will start, into the job."""
        import win32api  # pyrefly: ignore[missing-import]  # as above
        import win32con  # pyrefly: ignore[missing-import]  # as above

        handle = win32api.OpenProcess(win32con.PROCESS_SET_QUOTA | win32con.PROCESS_TERMINATE, False, pid)
        self._jobs.AssignProcessToJobObject(self._job, handle)

    def close(self) -> None:
        """Ends what is left in the job."""
        self._jobs.TerminateJobObject(self._job, 1)


def shell_command(command: str, arguments: list[str]) -> list[str]:
    """The argv that starts `command`; on Windows, scripts such as npx are started through `cmd /c`."""
    if WINDOWS and Path(command).suffix.lower() not in {".exe", ".com"} and command.lower() != "cmd":
        return ["cmd", "/c", command, *arguments]
    return [command, *arguments]


def program(name: str, *folders: Path) -> Path | None:
    """The absolute path of an installed program: from the absolute folders of PATH, else from `folders`; None without."""
    import shutil

    listed = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    places = [str(folder) for folder in (*listed, *folders) if folder.is_absolute()]
    found = shutil.which(name, path=os.pathsep.join(places)) if places else None
    return Path(found) if found else None


def private_open(path: Path, flags: int) -> int:
    """Opens a file that only its owner may read (mode 0600 where the system has modes), never through a link."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)


class UnsafePathError(OSError):
    """A file or folder of lmbridge's own belongs to somebody else, can be written by others, or is a link."""


def checked_folder(path: Path) -> Path:
    """The folder, made if it is missing, once it is sure that nobody else owns it or may write to it.

    A mode that is too open is narrowed. Root, who may read anything anyway, takes folders of others as they are.

    Raises:
        UnsafePathError: It belongs to somebody else, or others can write to it and that cannot be mended.
    """
    private_folder(path)
    if WINDOWS:
        return path
    found, own = path.stat(), _own_id()
    if own == 0 and found.st_uid != 0:
        return path
    if found.st_uid != own:
        raise UnsafePathError(errno.EPERM, "it belongs to another user", str(path))
    if found.st_mode & 0o077:
        path.chmod(stat.S_IMODE(found.st_mode) & 0o700)
    return path


def refuse_linked_folders(path: Path, *, but: str = "") -> None:
    """Refuses links to folders within a folder of lmbridge's own: what lies there may be anybody's.

    Args:
        path: The folder.
        but: The name of a folder in it that may be a link.

    Raises:
        UnsafePathError: One of the others is a link.
    """
    with os.scandir(path) as found:
        links = [entry.name for entry in found if entry.name != but and entry.is_symlink() and entry.is_dir()]
    if links:
        raise UnsafePathError(errno.EPERM, f"{links[0]!r} in it is a link", str(path))


def _own_id() -> int:
    return 0 if sys.platform == "win32" else os.geteuid()


def private_read(path: Path, most: int = 16 * 2**20, *, secret: bool = False) -> bytes:
    """The content of a regular file of lmbridge's own, opened without following a link.

    Args:
        path: The file.
        most: Bytes above which it is too large.
        secret: It must be readable by its owner alone, and have no other name.

    Raises:
        OSError: It cannot be opened, is a link or no regular file, belongs to somebody else, or is too large.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > most:
            raise UnsafePathError(errno.EPERM, "it is no regular file, or too large", str(path))
        foreign = not WINDOWS and _own_id() not in (0, found.st_uid)
        if foreign or (not WINDOWS and found.st_mode & 0o022):
            raise UnsafePathError(errno.EPERM, "it belongs to another user, or others may write to it", str(path))
        if secret and not WINDOWS and (found.st_mode & 0o077 or found.st_nlink > 1):
            raise UnsafePathError(errno.EPERM, "others may read it, or it has another name too", str(path))
        return file.read()


def private_write(path: Path, text: str) -> None:
    """Replaces a file of lmbridge's own as a whole; only its owner may read it, and no link in its place is followed.

    Raises:
        OSError: It cannot be written.
    """
    import tempfile

    checked_folder(path.parent)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def private_folder(path: Path) -> Path:
    """Makes a folder that only its owner may enter, and as such every parent that is missing; returns it."""
    if not path.parent.exists():
        private_folder(path.parent)  # `parents=True` would make them with the ordinary mode
    path.mkdir(exist_ok=True, mode=0o700)
    return path


def forget_typed(terminal: TextIO) -> None:
    """Drops what was typed at a terminal and not yet read, so that it answers no question that comes later."""
    if sys.platform == "win32":
        import msvcrt

        while msvcrt.kbhit():
            msvcrt.getwch()
    else:
        import termios

        with contextlib.suppress(termios.error, OSError, ValueError):
            termios.tcflush(terminal, termios.TCIFLUSH)


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Takes the lock of an open file without waiting; False where another process holds it.

    Args:
        descriptor: The file.
        shared: Others may hold a shared one too; on Windows there is only the exclusive one.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def unlock(descriptor: int) -> None:
    """Gives the lock of an open file back; the file stays open.

    Raises:
        OSError: It cannot be given back; closing the file does.
    """
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_UN)
