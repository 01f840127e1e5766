"""The guardian: a tiny process that outlives lmbridge by a moment and ends what lmbridge had started.

Run as `python -I -S guardian.py TOKEN PARENT`, so it imports only the standard library (15 ms to start, nothing waits
for it). It reads lines on standard input: `+ NUMBER GROUP` for a server that was started, `- NUMBER GROUP` for one that
has ended. When its input ends or its parent changes, lmbridge is gone, however it went, SIGKILL included. Then every
process group still listed is killed, and with it (found through `/proc`, or `ps`) every process that was started with our
mark in its environment, whatever session or group it moved to.

A parent-death signal (`PR_SET_PDEATHSIG`) would cover only direct children, only on Linux, and would make each start
a full `fork` of lmbridge instead of a `vfork`: 7 ms against 0.4 ms at 150 MB.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Iterable

VARIABLE = "LMBRIDGE_CHILD"
_PARENT_CHECK_S = 2.0
if sys.platform == "win32":  # never run there, where a job object does all this; but type checkers read it
    _KILL, _IGNORED, _kill_group = signal.SIGTERM, (signal.SIGINT, signal.SIGTERM), os.kill
else:
    _KILL, _IGNORED, _kill_group = signal.SIGKILL, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP), os.killpg
_SWEEPS = 50
_SWEEP_PAUSE_S = 0.01


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
        left = marked(value)
        if not left:
            return
        for pid in left:
            try:
                os.kill(pid, _KILL)
            except (ProcessLookupError, PermissionError):
                continue
        time.sleep(_SWEEP_PAUSE_S)


class Ward:
    """What the guardian knows: the groups of the servers that run, by number."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._groups: dict[int, int] = {}

    def take(self, line: bytes) -> None:
        """Takes one line from lmbridge; what cannot be read is left out."""
        words = line.split()
        if len(words) != 3 or not words[1].isdigit() or not words[2].isdigit():
            return
        number, group = int(words[1]), int(words[2])
        if words[0] == b"+":
            self._groups[number] = group
        elif self._groups.pop(number, None) is not None:
            kill_groups([group])
            kill_marked(mark(self._token, number))

    def end(self) -> None:
        """Kills everything that is left."""
        kill_groups(self._groups.values())
        kill_marked(f"{self._token}.")


def main() -> None:
    """Watches standard input and the parent; returns when everything is ended."""
    token, parent = sys.argv[1], int(sys.argv[2])
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    ward = Ward(token)
    rest = b""
    while os.getppid() == parent:
        if not select.select([0], [], [], _PARENT_CHECK_S)[0]:
            continue
        data = os.read(0, 65536)
        if not data:
            break
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            ward.take(line)
    ward.end()


if __name__ == "__main__":
    main()
