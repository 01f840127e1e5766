"""Imports all of lmbridge and forks a command for each relay that connects: `python warm_program.py SOCKET`; see `warm.py`.

Ends when its stdin does.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import random
import selectors
import signal
import socket
import sys
import threading
from typing import Any

import lmbridge
from lmbridge.cli.main import main

LEFT_OUT = ("lmbridge.testing", "lmbridge.engine.child", "lmbridge.__main__", "lmbridge.mcp_host.transport.guardian")


def import_all() -> None:
    """Loads every module that a command may load later."""
    for module in pkgutil.walk_packages(lmbridge.__path__, "lmbridge."):
        if not module.name.startswith(LEFT_OUT):
            importlib.import_module(module.name)
    assert threading.active_count() == 1, "a fork takes no other thread along"


def serve(address: str) -> None:
    """Forks for each connection until stdin ends."""
    with socket.socket(socket.AF_UNIX) as listening, selectors.DefaultSelector() as ready:
        listening.bind(address)
        listening.listen(16)
        ready.register(listening, selectors.EVENT_READ)
        ready.register(sys.stdin, selectors.EVENT_READ)
        sys.stdout.write("there\n")
        sys.stdout.flush()
        while all(key.fileobj is listening for key, _ in ready.select()):
            relay, _ = listening.accept()
            if not os.fork():
                listening.close()
                keep(relay)
            relay.close()


def keep(relay: socket.socket) -> None:
    """Forks the command, waits for it, and tells the relay how it ended; does not return."""
    _, given, _, _ = socket.recv_fds(relay, 1, 3)
    asked = json.loads(relay.makefile("rb").read())
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    command = os.fork()
    if not command:
        relay.close()
        carry_out(asked, given)
    relay.sendall(b"%d\n" % command)
    for number in given:
        os.close(number)
    _, status = os.waitpid(command, 0)
    relay.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def carry_out(asked: dict[str, Any], given: list[int]) -> None:
    """Becomes `lmbridge ARGUMENTS` on the relay's stdin, stdout and stderr; does not return."""
    for number, source in enumerate(given):
        os.dup2(source, number)
        os.close(source)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    random.seed()
    sys.argv = [os.path.join(os.path.dirname(sys.executable), "lmbridge"), *asked["arguments"]]  # noqa: PTH118, PTH120
    chosen = os.environ.get("PYTHONIOENCODING")
    encoding, errors = (chosen, "strict") if chosen else ("utf-8", "surrogateescape")  # as the interpreter has it
    sys.stdin = open(0, encoding=encoding, errors=errors, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding=encoding, errors=errors, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, encoding=encoding, errors="backslashreplace", closefd=False)  # noqa: SIM115
    code = 1
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    finally:
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # those who wait are reaped by the kernel
    import_all()
    serve(sys.argv[1])
