"""`python recorder.py LOG [--quiet] COMMAND...`: stands between a client and its server and writes down what each says, with
the time. `--quiet` keeps what the server tells of its progress from the client. Needs nothing but Python's own library."""

import contextlib
import json
import subprocess
import sys
import threading
import time
from typing import IO, Any


def _noted(log: IO[str], who: str, line: bytes) -> Any:
    try:
        said = json.loads(line)
    except ValueError:
        said = line.decode(errors="replace").rstrip()
    log.write(json.dumps({"at": time.time(), "from": who, "said": said}) + "\n")
    log.flush()
    return said


def _handed_on(source: IO[bytes], target: IO[bytes], who: str, log: IO[str], quiet: bool) -> None:
    for line in iter(source.readline, b""):
        said = _noted(log, who, line)
        if quiet and isinstance(said, dict) and said.get("method") == "notifications/progress":
            continue
        try:
            target.write(line)
            target.flush()
        except OSError:
            break
    _noted(log, who, b'"(closed)"')
    with contextlib.suppress(OSError):  # what was left to say has nobody to hear it
        target.close()


def main(arguments: list[str]) -> int:
    """Runs the server until it ends."""
    path, *rest = arguments
    quiet = rest[0] == "--quiet"
    with open(path, "a", encoding="utf-8") as log:  # noqa: PTH123  # no more imports than needed: some clients wait for 3 s
        server = subprocess.Popen(rest[quiet:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert server.stdin
        assert server.stdout
        coming = (sys.stdin.buffer, server.stdin, "client", log, False)
        threading.Thread(target=_handed_on, args=coming, daemon=True).start()
        _handed_on(server.stdout, sys.stdout.buffer, "server", log, quiet)
        return server.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
