"""A program `lmbridge` that is forked from a process with everything imported: the real command, without a start's second.

For commands that run to their end. What a start itself does (what is imported, what the interpreter takes from its
environment, who is whose child) is tested with the installed program.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_SERVING = Path(__file__).with_name("warm_program.py")
_RELAY = """\
#!{python} -SE
import json, os, signal, socket, sys

with socket.socket(socket.AF_UNIX) as warm:
    warm.connect({address!r})
    socket.send_fds(warm, [b"."], [0, 1, 2])
    asked = {{"arguments": sys.argv[1:], "folder": os.getcwd(), "environment": dict(os.environ)}}
    warm.sendall(json.dumps(asked).encode())
    warm.shutdown(socket.SHUT_WR)
    told = warm.makefile()
    process = int(told.readline())
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: os.kill(process, number))
    sys.exit(int(told.readline()))
"""


@functools.cache
def program() -> Path:
    """The program; what it is forked from starts with the first call and ends with this process."""
    folder = Path(tempfile.mkdtemp(prefix="warm"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    address = str(folder / "socket")
    serving = subprocess.Popen(
        [sys.executable, str(_SERVING), address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder
    )
    atexit.register(serving.communicate)  # closes its stdin, which ends it
    assert serving.stdout is not None
    assert serving.stdout.readline() == b"there\n"
    made = folder / "lmbridge"
    made.write_text(_RELAY.format(python=sys.executable, address=address), encoding="utf-8")
    made.chmod(0o755)
    return made
