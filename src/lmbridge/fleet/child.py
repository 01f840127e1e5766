"""What runs in the router's child process: smg (Shepherd Model Gateway), until stdin closes.

Started as a plain script, so that nothing of lmbridge is imported here. The first line of stdin is a JSON list of smg's own
arguments, the key among them: a command line can be read by others.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
from typing import Any


def end_with_stdin() -> None:
    """Ends the process when the parent closes stdin or dies. Nothing here needs saving, so it ends at once."""
    while os.read(0, 1024):
        pass
    os._exit(0)


def main() -> None:
    """Reads the arguments and runs the router in this process."""
    line = bytearray()
    while not line.endswith(b"\n"):  # unbuffered, so that the thread below sees the end of stdin
        piece = os.read(0, 4096)
        if not piece:
            os._exit(0)
        line += piece
    threading.Thread(target=end_with_stdin, daemon=True).start()
    launching: Any = importlib.import_module("smg.launch_router")
    try:
        launching.launch_router(launching.parse_router_args(json.loads(line)))
    except Exception as error:  # the parent tells the reason from stderr
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
