"""The guardian: a tiny process that outlives lmbridge by a moment and ends what lmbridge had started.

Run as `python -I -S guardian.py TOKEN PARENT [apart]`, so it imports only the standard library (15 ms to start, nothing waits
for it). It reads lines on standard input: `+ NUMBER GROUP` for a server that was started, `- NUMBER GROUP` for one that
has ended, and `farewell` where lmbridge closes its pool. When its input ends or its parent changes, lmbridge is gone, however it went, SIGKILL included. Then every
process group still listed is killed, and with it (found through `/proc`, or `ps`) every process that was started with our
mark in its environment, whatever session or group it moved to. Before that they get a moment: their input has ended with
lmbridge, and a container's client passes that on.

A process bears its mark only once it has become its program. Until then it holds a copy of our input's other end, which is
closed at that moment: so the search ends no sooner than our input, and no sooner than every process whose environment cannot
be read yet can be read.

`apart` is for a parent whose children are killed with it, as Ray does with those of its workers (SIGKILL, without a
word, at every orderly end): the guardian is then a child of nobody.

A parent-death signal (`PR_SET_PDEATHSIG`) would cover only direct children, only on Linux, and would make each start
a full `fork` of lmbridge instead of a `vfork`: 7 ms against 0.4 ms at 150 MB.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterable

VARIABLE = "LMBRIDGE_CHILD"
FAREWELL = b"farewell"
"""The last line of an lmbridge that has ended its servers itself: nothing of it is being started any more."""
_PARENT_CHECK_S = 0.5
if sys.platform == "win32":  # never run there, where a job object does all this; but type checkers read it
    _KILL, _IGNORED, _kill_group = signal.SIGTERM, (signal.SIGINT, signal.SIGTERM), os.kill
else:
    _KILL, _IGNORED, _kill_group = signal.SIGKILL, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP), os.killpg
_SWEEPS = 50
_SWEEP_PAUSE_S = 0.01
_OWN_ENDING_S = 0.4
_SEARCHED_S = 10.0
_QUIET_S = 0.2
_UNREADABLE_S = 1.0
_KERNEL_THREAD = 0x00200000


def mark(token: str, number: int) -> str:
    """The value of `LMBRIDGE_CHILD` for the server of this number."""
    return f"{token}.{number}."


def marked(value: str) -> list[int]:
    """Ids of the living processes whose environment holds `LMBRIDGE_CHILD` starting with `value`."""
    wanted = f"{VARIABLE}={value}".encode()
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208  # no pathlib: it costs 5 ms
    except OSError:
        names = []
    return _marked_in_proc(names, wanted) if names else marked_by_ps(wanted)


def marked_by_ps(wanted: bytes) -> list[int]:
    """The same where there is no `/proc`, as on macOS: `ps` shows the environments of one's own processes."""
    import subprocess  # costs 10 ms, which nobody pays who has /proc

    listing = subprocess.run(["/bin/ps", "axeww", "-o", "pid=,command="], capture_output=True, check=False)
    lines = [line.split(None, 1) for line in listing.stdout.splitlines() if b" " + wanted in line]
    return [int(words[0]) for words in lines if words and words[0].isdigit()]


def unborn() -> int:
    """How many processes of ours are just becoming their program: alive, and without any environment yet; 0 without /proc."""
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208  # as below
    except OSError:
        return 0
    return sum(1 for name in names if _is_unborn(name))


def _is_unborn(name: str) -> bool:
    try:
        with open(f"/proc/{name}/environ", "rb") as file:  # noqa: PTH123  # as below
            if file.read(1):
                return False
        with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123  # as below
            fields = file.read().rpartition(b")")[2].split()
    except OSError:  # gone, or another user's
        return False
    return fields[0] not in {b"Z", b"X"} and not int(fields[6]) & _KERNEL_THREAD


def _marked_in_proc(names: list[str], wanted: bytes) -> list[int]:
    found = []
    for name in names:
        try:
            with open(f"/proc/{name}/environ", "rb") as file:  # noqa: PTH123  # as above
                environment = file.read()
        except OSError:
            continue
        if environment.startswith(wanted) or b"\0" + wanted in environment:
            found.append(int(name))
    return found


def kill_groups(groups: Iterable[int]) -> None:
    """Kills process groups; one that is gone is fine."""
    for group in groups:
        try:
            _kill_group(group, _KILL)
        except (ProcessLookupError, PermissionError):
            continue


def kill_marked(value: str) -> None:
    """Kills every process with this mark, and again until none is left: a process may start another meanwhile."""
    for _ in range(_SWEEPS):
        if not sweep(value):
            return
        time.sleep(_SWEEP_PAUSE_S)


def sweep(value: str) -> bool:
    """Kills every process that bears this mark now; whether there was any."""
    left = marked(value)
    for pid in left:
        try:
            os.kill(pid, _KILL)
        except (ProcessLookupError, PermissionError):
            continue
    return bool(left)


def search(value: str, ended: Callable[[], bool]) -> None:
    """Kills what bears this mark until nothing new can come.

    Args:
        value: The beginning of the mark.
        ended: Whether our input has ended, so that every process that lmbridge has forked is its program by now.
    """
    begun = last = time.monotonic()
    while time.monotonic() - begun < _SEARCHED_S:
        found, now = sweep(value), time.monotonic()
        if found or not ended() or (unborn() and now - begun < _UNREADABLE_S):
            last = now
        if now - last >= _QUIET_S:
            return
        time.sleep(_SWEEP_PAUSE_S)


class Ward:
    """What the guardian knows: the groups of the servers that run, by number."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._groups: dict[int, int] = {}
        self._farewell = False

    def take(self, line: bytes) -> None:
        """Takes one line from lmbridge; what cannot be read is left out."""
        words = line.split()
        self._farewell = self._farewell or words == [FAREWELL]
        if len(words) != 3 or not words[1].isdigit() or not words[2].isdigit():
            return
        number, group = int(words[1]), int(words[2])
        if words[0] == b"+":
            self._groups[number] = group
        elif self._groups.pop(number, None) is not None:
            kill_groups([group])
            kill_marked(mark(self._token, number))

    def end(self, ended: Callable[[], bool]) -> None:
        """Kills everything that is left, once it has had a moment to end by itself."""
        if self._farewell:
            kill_groups(self._groups.values())
            kill_marked(f"{self._token}.")
            return
        until = time.monotonic() + _OWN_ENDING_S
        while time.monotonic() < until and any(map(_is_there, self._groups.values())):
            time.sleep(_SWEEP_PAUSE_S)
        kill_groups(self._groups.values())
        search(f"{self._token}.", ended)


def _is_there(group: int) -> bool:
    try:
        _kill_group(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Input:
    """What lmbridge writes, line by line, and whether that has ended."""

    def __init__(self) -> None:
        self._rest = b""
        self.ended = False

    def lines(self, wait: float) -> list[bytes]:
        """The lines that have come, waited for at most so many seconds."""
        if self.ended or not select.select([0], [], [], wait)[0]:
            return []
        data = os.read(0, 65536)
        self.ended = not data
        *lines, self._rest = (self._rest + data).split(b"\n")
        return lines

    def has_ended(self) -> bool:
        """Whether it has ended, looked at now; lines that still come are no matter any more."""
        self.lines(0)
        return self.ended


def _parent_lives(parent: int, *, apart: bool) -> bool:
    if not apart:
        return os.getppid() == parent
    try:
        os.kill(parent, 0)
    except ProcessLookupError:
        return False
    return True


def main() -> None:
    """Watches standard input and the parent; returns when everything is ended."""
    token, parent, apart = sys.argv[1], int(sys.argv[2]), sys.argv[3:] == ["apart"]
    if apart and sys.platform != "win32" and os.fork():  # Windows has no fork, and no cluster of ours
        os._exit(0)
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    ward, told = Ward(token), Input()
    while _parent_lives(parent, apart=apart) and not told.ended:
        for line in told.lines(_PARENT_CHECK_S):
            ward.take(line)
    ward.end(told.has_ended)


if __name__ == "__main__":
    main()
