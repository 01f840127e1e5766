"""What the gate can decide, and what it knows of a run. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from lmbridge.mcp_host.gate.memory import Memory
from lmbridge.mcp_host.gate.mentions import UserWords


@dataclass(frozen=True, slots=True)
class Free:
    """The call is made."""


@dataclass(frozen=True, slots=True)
class Note:
    """The call is made, and the caller is told why that is worth a word."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ask:
    """The call is made only where somebody approves of it.

    Attributes:
        reason: Why, in a sentence without strangers' words.
        target: What it is aimed at.
        grant: What to put into `scope` so that a repeated call needs no approval.
        kin: What "all further ones" would mean: the folder or host of the target.
    """

    reason: str
    target: str = ""
    grant: tuple[str, ...] = ()
    kin: str = ""


UNASKED = "though the task speaks of no change"
"""How the notes of changes end that nothing in the task asks for."""
Verdict = Free | Note | Ask
FREE = Free()


@dataclass(frozen=True, slots=True)
class Run:
    """What the gate knows of a run.

    Attributes:
        said: The user's words.
        memory: What the run has read and done.
        protected: Files and folders that always need approval, beside the well-known ones.
    """

    said: UserWords
    memory: Memory = field(default_factory=Memory)
    protected: tuple[str, ...] = ()


def strongest(*verdicts: Verdict) -> Verdict:
    """The first verdict that asks, else the first that notes; free where there is none."""
    noted: Verdict = FREE
    for each in verdicts:
        if isinstance(each, Ask):
            return each
        if noted is FREE and isinstance(each, Note):
            noted = each
    return noted
