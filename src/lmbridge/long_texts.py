"""Long texts, worked at so that nobody else waits for it: in a thread, in pieces, with the others' turn in between.

A thread alone does not do: a search through a megabyte is one step, and while it takes place nothing else of Python's runs in
any thread. So whatever takes tens of milliseconds a megabyte is done in pieces as well.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

_MOMENT_S = 0.0005
"""By a timer: after `sleep(0)` the loop goes on here before those that a socket or a timer wakes, which takes it two turns."""
P = ParamSpec("P")
R = TypeVar("R")

LONG = 32_000
"""Characters of a text from which on working at it takes long enough to be felt by others."""
PIECE = 2**14
"""Characters of a piece: a slow search goes through them in a few milliseconds."""


async def aside(chars: int, work: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
    """What `work` returns; done in a thread where it has many characters to go through.

    Args:
        chars: How many these are.
        work: Touches nothing that others change meanwhile.
        arguments: For `work`.
        named: For `work`.
    """
    if chars < LONG:
        return work(*arguments, **named)
    return await asyncio.to_thread(work, *arguments, **named)


async def others_turn(chars: int) -> None:
    """Lets all others that wait for the event loop have their turn, after a step with so many characters; at once for few."""
    if chars >= LONG:
        await asyncio.sleep(_MOMENT_S)


def pieces(text: str, between: re.Pattern[str]) -> Iterator[str]:
    """A text in pieces of about `PIECE` characters, which put together are the text.

    Args:
        text: The text.
        between: What no match that is looked for has in it or looks at beside it in another way than at an end of the text;
            each piece but the first begins with it.
    """
    start = 0
    while len(text) - start > PIECE and (cut := between.search(text, start + PIECE)):
        yield text[start : cut.start()]
        start = cut.start()
    yield text[start:]
