"""Chat templates that are strict about roles: some know no system message, some want user and assistant in turn.

A run's conversation stays what it is; only what is sent to such a backend is put into the form it takes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lmbridge.errors import LLMResponseError
from lmbridge.messages import Message

_IN_TURN = re.compile(r"roles must alternate|must alternate between user|alternate user/assistant", re.IGNORECASE)
_NO_SYSTEM = re.compile(r"system (?:role|message|prompt)s? (?:is |are )?not supported|system role not", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Roles:
    """What a backend's template asks of roles.

    Attributes:
        in_turn: No two user messages may follow one another.
        no_system: There is no system message.
    """

    in_turn: bool = False
    no_system: bool = False

    def stricter(self, error: LLMResponseError) -> Roles | None:
        """What an error says beyond this; None where it is about something else."""
        said = f"{error.body or ''} {error}"
        learnt = replace(
            self,
            in_turn=self.in_turn or bool(_IN_TURN.search(said)),
            no_system=self.no_system or bool(_NO_SYSTEM.search(said)),
        )
        return None if learnt == self else learnt

    def fit(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """The conversation in the form that the template takes; the same where it asks for nothing."""
        if not self.in_turn and not self.no_system:
            return tuple(messages)
        shown = list(messages)
        if self.no_system and shown and shown[0].role == "system":
            shown[0] = replace(shown[0], role="user")
        return tuple(_joined(shown))


def _joined(messages: Sequence[Message]) -> list[Message]:
    joined: list[Message] = []
    for message in messages:
        if joined and message.role == joined[-1].role == "user":
            before = joined[-1]
            text = f"{before.content}\n\n{message.content}"
            joined[-1] = replace(before, content=text, images=before.images + message.images)
        else:
            joined.append(message)
    return joined
