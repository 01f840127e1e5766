"""What the worked examples about boats have in common. Pure."""

from __future__ import annotations

from collections.abc import Callable

from lmbridge.agent.examples.form import ExampleForm, result
from lmbridge.agent.examples.offered import READS, Offered
from lmbridge.messages import Message

BOATS_ARE_ABOUT = "pier Swan Gull Heron Teal oars"
"""Words of these examples, which no answer should hold that the task and its results do not."""
Scene = Callable[[ExampleForm, Offered], tuple[Message, ...]]
"""Makes an example; raises `NotOfferedError` where the run has no tools for it."""


def file_read(tools: Offered, path: str, text: str) -> str:
    """What a file held, as a part of the first look."""
    return result(f"{tools.name(READS, 'the file')} {path}", text)
