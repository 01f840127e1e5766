"""Faults at the start: of the process, of the handshake."""

# ruff: noqa: D102  # each `about` says what is wrong; the steps themselves are described in `protocol.Server`

from __future__ import annotations

import sys
import time

from lmbridge.testing.faulty_server.modes import forever, mode
from lmbridge.testing.faulty_server.protocol import Message, Server


@mode("modern")
class Modern(Server):
    """Speaks the stateless protocol of 2026-07-28."""

    about = "speaks the modern protocol"
    modern = True


@mode("exits_at_start")
class ExitsAtStart(Server):
    """Complains and exits."""

    about = "writes to standard error and exits with status 3"

    def begin(self) -> None:
        sys.stderr.write(f"Error: the variable {self.argument or 'EXAMPLE_TOKEN'} is not set\n")
        sys.exit(3)


@mode("hangs_at_start")
class HangsAtStart(Server):
    """Never reads."""

    about = "never reads and never answers"

    def begin(self) -> None:
        forever()


@mode("hangs_in_initialize")
class HangsInInitialize(Server):
    """Never finishes the handshake."""

    about = "does not answer `initialize`"

    def initialize(self, message: Message) -> None:
        pass


@mode("hangs_in_list")
class HangsInList(Server):
    """Never lists its tools."""

    about = "does not answer `tools/list`"

    def list_tools(self, message: Message) -> None:
        pass


@mode("silent_on_discover")
class SilentOnDiscover(Server):
    """Ignores what it does not know, as old servers do."""

    about = "ignores `server/discover`, answers `initialize`"

    def discover(self, message: Message) -> None:
        pass


@mode("dies_on_discover")
class DiesOnDiscover(Server):
    """Crashes at an unknown method."""

    about = "exits at `server/discover`, is well without it"

    def discover(self, message: Message) -> None:
        sys.exit(1)


@mode("slow_start")
class SlowStart(Server):
    """Takes its time."""

    about = "starts after ARGUMENT seconds"

    def begin(self) -> None:
        time.sleep(float(self.argument or 1))


@mode("slow_modern")
class SlowModern(SlowStart):
    """Takes its time, and is of the modern era."""

    about = "starts after ARGUMENT seconds, then speaks the modern protocol alone"
    modern = True

    def initialize(self, message: Message) -> None:
        data = {"supported": ["2026-07-28"], "requested": "2025-11-25"}
        error = {"code": -32022, "message": "Unsupported protocol version", "data": data}
        self.send({"jsonrpc": "2.0", "id": message["id"], "error": error})


@mode("bad_handshake")
class BadHandshake(Server):
    """Answers the handshake with something else."""

    about = "answers `initialize` with an empty object"

    def initialize(self, message: Message) -> None:
        self.answer(message, {})


@mode("future_version")
class FutureVersion(Server):
    """Wants a protocol version that nobody knows."""

    about = "answers `initialize` with an unknown protocol version"

    def initialize(self, message: Message) -> None:
        info = {"name": "faulty", "version": "1"}
        self.answer(message, {"protocolVersion": "2099-01-01", "capabilities": {}, "serverInfo": info})


@mode("is_lmbridge")
class IsLmbridge(Server):
    """Is lmbridge in disguise."""

    about = "calls itself lmbridge"
    name = "lmbridge"
