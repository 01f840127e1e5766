"""What every connection to a server has, whatever it is made of."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager, nullcontext
from types import TracebackType

from mcp.client.session import ReadStream, WriteStream
from mcp.shared.message import SessionMessage

from lmbridge.mcp_host.transport.errors import RefusedError
from lmbridge.mcp_host.transport.process import AT_ONCE, Patience
from lmbridge.mcp_host.transport.requests import Line

Streams = tuple[ReadStream[SessionMessage | Exception], WriteStream[SessionMessage]]


class Link(ABC):
    """A connection to one server, entered and left by one task; entering gives the SDK's pair of streams.

    Attributes:
        over: Set when the server has gone by itself, or when it is to be left.
        stopped: Whether it is we who left.
        patience: How long a process is given to end.
        obituary: Why the server has gone, as the end of a sentence that begins with its name; known after leaving.
        refusal: What the last request met that got no proper answer, where the transport knows.
        line: The short way for our own requests, once entered, where there is one; else they go through the SDK's streams.
    """

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.stopped = False
        self.patience = Patience()
        self.obituary = ""
        self.refusal: RefusedError | None = None
        self.line: Line | None = None

    def stop(self, patience: Patience) -> None:
        """Has the owner leave the connection; when it is being left already, with no patience from now on.

        One that we are leaving with no more patience than this goes on: a container's client may be passing the end on.
        """
        if self.over.is_set():
            if self.stopped and patience == self.patience:
                return
            self.patience = AT_ONCE
            self.hurry()
            return
        self.stopped, self.patience = True, patience
        self.over.set()

    def hurry(self) -> None:  # noqa: B027  # connections without a process end at once anyway
        """Shortens an end that is under way."""

    @abstractmethod
    async def __aenter__(self) -> Streams:
        """Connects.

        Raises:
            OSError: The program, the folder or the address is not there.
            ValueError: The command or the environment holds a NUL byte.
        """

    @abstractmethod
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        """Ends the connection in bounded time."""

    def exchange(self) -> AbstractAsyncContextManager[None]:
        """Around one call: turns what the transport alone has seen of it (a status, a broken connection) into errors."""
        return nullcontext()

    @property
    def stderr(self) -> str:
        """The end of what the server wrote to standard error, where it has one."""
        return ""

    @property
    def pid(self) -> int | None:
        """The id of the server's process, where it is ours."""
        return None
