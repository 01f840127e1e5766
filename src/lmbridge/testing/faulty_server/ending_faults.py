"""Faults at the end: servers that do not go, or leave somebody behind."""

# ruff: noqa: D102  # each `about` says what is wrong; the steps themselves are described in `protocol.Server`

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from lmbridge.testing.faulty_server.modes import forever, mode
from lmbridge.testing.faulty_server.protocol import Message, Server, text_result


@mode("ignores_sigterm")
class IgnoresSigterm(Server):
    """Does not end when told."""

    about = "ignores SIGTERM and the end of its input"

    def serve(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        super().serve()
        forever()


@mode("leaves_grandchild")
class LeavesGrandchild(Server):
    """Starts a process and exits without it."""

    about = "leaves a child behind; with ARGUMENT `setsid` in a session of its own"

    def begin(self) -> None:
        sleeping = [sys.executable, "-S", "-E", "-c", "import time; time.sleep(600)"]
        self.child = subprocess.Popen(sleeping, start_new_session=self.argument == "setsid")

    def result(self, name: str, arguments: Any) -> Message:
        return text_result(str(self.child.pid))


@mode("slow_end")
class SlowEnd(Server):
    """Tidies up for a second when its input ends."""

    about = "writes the file ARGUMENT a second after its input has ended, then exits"

    def serve(self) -> None:
        super().serve()
        time.sleep(1)
        Path(self.argument).write_text("tidy")
