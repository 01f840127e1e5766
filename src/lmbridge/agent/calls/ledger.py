"""Everything a run tells passes here on its way out: stamped with its round, and folded as it goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

import structlog

from lmbridge.events import (
    FLEETING,
    LOOKED,
    Emit,
    Exemplified,
    Fact,
    Fleeting,
    ModelSwitched,
    Nudged,
    RequestRetried,
    RunEnded,
    RunStarted,
    ToolFinished,
    ToolStarted,
    TurnFinished,
    TurnStarted,
)
from lmbridge.messages import Message
from lmbridge.report import Conversation, Report, ReportFold

_log = structlog.get_logger(__name__)


class Told:
    """An `Emit` that passes facts on and remembers what they add up to.

    Give the same `Told` to the model, the toolbox and the loop: then facts that know no round of their own (a retry, a
    started tool call) get the current one, and the folds hold all of a run. `RunStarted` is the first fact of every run:
    what pinning a model or starting a server has to tell before it (a fallback, a load) is held back until then. Nothing
    is told after the terminal fact.

    Args:
        emit: Where the facts go.
    """

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self.shared = True
        self._conversation = Conversation()
        self._messages: tuple[Message, ...] | None = None
        self._report = ReportFold()
        self.round = 0
        self.started = False
        self.ended = False
        self.results: list[ToolFinished] = []
        self.shown: list[str] = []
        self.nudged: list[str] = []
        self.looked: list[str] = []
        self.alike: tuple[Message, ...] = ()
        self.alike_alone = False
        self.last_text = ""
        self._sent: dict[str, ToolStarted] = {}
        self._held: list[Fact] = []

    @classmethod
    def of(cls, emit: Emit) -> Self:
        """The given `emit`, if it is one of these; else one around it, which does not see what others tell."""
        if isinstance(emit, cls):
            return emit
        own = cls(emit)
        own.shared = False
        return own

    def __call__(self, fact: Fact | Fleeting) -> None:
        """Tells one fact, or passes a fleeting piece on."""
        if isinstance(fact, FLEETING):
            if not self.ended:
                self._emit(fact)
            return
        if self.ended:
            _log.warning("fact after the end of a run", fact=type(fact).__name__)
            return
        fact = self._stamped(fact)
        self._remember(fact)
        if not isinstance(fact, TurnStarted):  # between the count of a prompt and its request
            self._conversation.add(fact)
            self._messages = None
        if not self.started:
            self._held.append(fact)
            return
        self._report.add(fact)
        self._emit(fact)
        while self._held:
            held = self._held.pop(0)
            self._report.add(held)
            self._emit(held)

    def _stamped(self, fact: Fact) -> Fact:
        if isinstance(fact, ToolStarted) and fact.round == 0:  # as `replace` would, which takes five times as long
            return ToolStarted(self.round, fact.call, fact.qualified, fact.arguments, fact.read_only)
        if isinstance(fact, (RequestRetried, ModelSwitched)) and fact.round == 0:
            return replace(fact, round=self.round)
        return fact

    def _remember(self, fact: Fact) -> None:
        match fact:  # those of each round first
            case TurnStarted(round=number):
                self.round = number
            case TurnFinished(turn=turn):
                self.last_text = turn.text.strip() or self.last_text
            case ToolStarted(call=call):
                self._sent[call.id] = fact
            case ToolFinished():
                self.results.append(fact)
                self.shown.append(fact.result.content)
            case RunStarted():
                self.started = True
            case Nudged(kind=kind, text=text):
                (self.looked if kind == LOOKED else self.nudged).append(text)
            case Exemplified(messages=messages, alone=alone):
                self.alike, self.alike_alone = messages, alone
            case RunEnded():
                self.ended = True
            case _:
                pass

    @property
    def own_words(self) -> list[str]:
        """What lmbridge itself said to the model: its messages, its refusals, its notes beside results."""
        refusals = [fact.result.content for fact in self.results if fact.result.outcome == "rejected"]
        return [*self.nudged, *refusals, *(fact.result.note for fact in self.results if fact.result.note)]

    def was_sent(self, call_id: str) -> bool:
        """Whether this call may have reached its tool: it was told, or nobody tells it here."""
        return call_id in self._sent or not self.shared

    def arguments_sent(self, call_id: str) -> Mapping[str, Any]:
        """The validated arguments of a call that was told to have started."""
        return self._sent[call_id].arguments if call_id in self._sent else {}

    def qualified(self, call_id: str) -> str:
        """`server__tool` of a call that was told to have started; empty otherwise."""
        return self._sent[call_id].qualified if call_id in self._sent else ""

    @property
    def messages(self) -> tuple[Message, ...]:
        """The conversation as it stands; the very same value until a fact adds to it."""
        if self._messages is None:
            self._messages = tuple(self._conversation.messages)
        return self._messages

    def report(self) -> Report:
        """The report of what was told so far."""
        return self._report.report()
