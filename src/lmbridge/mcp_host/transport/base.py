"""What every connection to a server has, whatever it is made of."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any

from mcp.client.session import ReadStream, WriteStream
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher
from mcp.shared.message import SessionMessage

from lmbridge.mcp_host.transport.errors import RefusedError
from lmbridge.mcp_host.transport.process import AT_ONCE, EndPatience
from lmbridge.mcp_host.transport.requester import Requester

Streams = tuple[ReadStream[SessionMessage | Exception], WriteStream[SessionMessage]]


class Link(ABC):
    """A connection to one server, entered and left by one task; entering gives the SDK's pair of streams.

    Attributes:
        over: Set when the server has gone by itself, or when it is to be left.
        stopped: Whether it is we who left.
        patience: How long a process is given to end.
        obituary: Why the server has gone, as the end of a sentence that begins with its name; known after leaving.
        refusal: What the last request met that got no proper answer, where the transport knows.
        on_notification: Told the method of each notification as it comes.
    """

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.stopped = False
        self.patience = EndPatience()
        self.obituary = ""
        self.refusal: RefusedError | None = None
        self.on_notification: Callable[[str], None] = lambda _: None

    def stop(self, patience: EndPatience) -> None:
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

    @abstractmethod
    def requester(self, dispatcher: JSONRPCDispatcher[Any]) -> AbstractAsyncContextManager[Requester]:
        """The way of our own requests, once entered; who waits for an answer when it is left is told that the server is gone.

        Args:
            dispatcher: The SDK's, over the connection's streams.
        """

    @property
    def stderr(self) -> str:
        """The end of what the server wrote to standard error, where it has one."""
        return ""

    @property
    def pid(self) -> int | None:
        """The id of the server's process, where it is ours."""
        return None
