"""What an answer is held against, what it says of itself, and what that leaves open: values, read by form alone."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lmbridge.agent.reading.names import last_part, leaves, nowhere, numbers_in
from lmbridge.agent.reading.notes import changed_nothing, described, failed
from lmbridge.agent.task.deletions.ordered import NOTHING, Deletion
from lmbridge.agent.task.quotes import standing
from lmbridge.events import ToolFinished
from lmbridge.mcp_host.tools.untold import shows, untold

SelfReport = Literal["found", "changed", "impossible", "no_tool_needed"]
"""What an answer says of itself, as one of these words and not in a sentence that would have to be understood."""
MOST_NAMED = 5
"""Things that are named in one sentence."""
_LONGEST_LABELLED = 8_000
_TOKEN = re.compile(r"[^\W_]+(?:[.,:@-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Open:
    """What is open at an end.

    Attributes:
        points: Sentences for the model: what is missing, exactly.
        warnings: The same for the caller, where the model leaves it open.
        grave: The run must not be called done with this open.
        act: What is missing is a call, not another answer.
        only: The one tool that this call can be.
        other: It can be any tool but those that were called.
        spelled_out: The points end with the very call to make.
        again: Lines that the answer rests on do stand: the next one is to say what they say, and gives nothing up.
        onward: The file to which what was read points; an answer goes back for each new one.
        left: How many things of a list of the task no call dealt with; an answer goes back as long as they grow fewer.
    """

    points: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    grave: bool = False
    act: bool = False
    only: str = ""
    other: bool = False
    spelled_out: bool = False
    again: bool = False
    onward: str = ""
    left: int = 0

    def and_also(self, doubts: Sequence[str]) -> Open:
        """With claims that no call backs, which are grave."""
        if not doubts:
            return self
        warnings = tuple(dict.fromkeys([*self.warnings, *doubts]))
        return replace(self, points=(*self.points, *doubts), warnings=warnings, grave=True)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an answer is held against.

    Attributes:
        task: What the caller asked for.
        answer: The answer.
        outcome: What the answer says of itself, where its form asks for that.
        ledger: The calls made, lmbridge's own look-ups left out.
        seen: Further texts that the model was shown: of an earlier run, and of look-ups.
        looked_at: Files that lmbridge looked into for the model.
        tools: Whether there were tools to call.
        calculator: Name of lmbridge's own tool that does arithmetic, where it was offered.
        examples: Words that the prompt's examples are about.
        given: Ids of calls that lmbridge made before the first reply.
        quotes: Lines of results that the answer says it rests on.
        files: The texts of files that lmbridge looked into for the model, behind their paths.
        own_words: What lmbridge itself said to the model.
        worked_out: Whether the model was shown what a statement over all that was read gives.
        gone: What the task orders to be deleted, where no tool of the run deletes files.
    """

    task: str
    answer: str
    outcome: SelfReport | None
    ledger: Sequence[ToolFinished]
    seen: Sequence[str] = ()
    looked_at: Sequence[str] = ()
    tools: bool = True
    calculator: str = ""
    examples: str = ""
    given: frozenset[str] = frozenset()
    quotes: tuple[str, ...] = ()
    files: Sequence[tuple[str, str]] = ()
    own_words: Sequence[str] = ()
    worked_out: bool = False
    gone: Deletion = NOTHING

    @property
    def carried_out(self) -> list[ToolFinished]:
        """The calls that were carried out, whatever came of them."""
        return [fact for fact in self.ledger if fact.result.outcome != "rejected"]

    @property
    def succeeded(self) -> list[ToolFinished]:
        """The calls that succeeded, by their flag."""
        return [fact for fact in self.ledger if fact.result.outcome == "ok"]

    @property
    def changes(self) -> list[ToolFinished]:
        """The calls that changed something: their tools may write, and neither flag nor words say that they failed or changed nothing."""
        worked = [fact for fact in self.ledger if not fact.result.read_only and not failed(fact.result)]
        told = [fact for fact in worked if not changed_nothing(fact.result.content)]
        return [fact for fact in told if not unseen(fact, self.ledger)]

    def calculated(self, fact: ToolFinished) -> bool:
        """Whether a call was one of lmbridge's own tool that does arithmetic."""
        return fact.call.name == self.calculator and not fact.result.server

    def shown(self) -> list[str]:
        """The results, and what was shown in their place."""
        contents = [fact.result.content for fact in self.ledger]
        places = [(place, fact.result.content) for fact in self.ledger for place in leaves_of(fact) if "/" in place]
        columns = [
            f"{arguments_of(fact, apart=' ')} {told}"
            for fact in self.ledger
            if (told := described(fact.result.content))
        ]
        return [*self.seen, *contents, *columns, *_labelled([*places, *self.files])]

    def quoted_lines(self) -> list[str]:
        """The lines that the answer says it rests on, as far as they stand in a result."""
        return standing(self.quotes, self.shown()) if self.quotes else []

    def sources(self) -> str:
        """All that an answer can be from, in lower case: task, calls, results; what was worked out, where its numbers are known."""
        calls = [fact for fact in self.ledger if not self.calculated(fact)]
        told = [part for fact in calls for part in (arguments_of(fact), fact.result.content)]
        known = in_one([self.task, *told, *self.seen])
        for fact in self.ledger:
            if self.calculated(fact) and not nowhere(numbers_in(arguments_of(fact)), [known]):
                known = f"{known}\n{fact.result.content}"
        return known


def unseen(fact: ToolFinished, ledger: Sequence[ToolFinished]) -> bool:
    """Whether a statement that writes rows was answered by an empty list, and no result since has what it was to write.

    Args:
        fact: The call.
        ledger: All calls, in order.
    """
    arguments, result = fact.result.arguments or {}, fact.result
    if result.read_only or result.outcome != "ok" or not untold(arguments, result.content):
        return False
    since = [each.result for each in ledger[_place(fact, ledger) + 1 :] if each.result.server == result.server]
    looked = [each.content for each in since if each.outcome == "ok" and not untold(each.arguments or {}, each.content)]
    return not any(shows(arguments, text) for text in (result.content.partition("\n")[2], *looked))


def _place(fact: ToolFinished, ledger: Sequence[ToolFinished]) -> int:
    return next((number for number, each in enumerate(ledger) if each is fact), len(ledger))


def _labelled(places: Sequence[tuple[str, str]]) -> list[str]:
    """Texts whose lines stand behind their place and number: who quotes `hut.txt, line 2: closed`, or a listed name with its folder, has read it."""
    known = [(place, text) for place, text in places if len(text) <= _LONGEST_LABELLED]
    short = [(last_part(place), text) for place, text in known]
    whole = ["\n".join(f"{place} {line}" for line in text.splitlines()) for place, text in known]
    return whole + [
        labelled
        for name, text in short
        for stem in [posixpath.splitext(name)[0]]
        for labelled in (
            "\n".join(f"{name} {stem} holds line {number}: {line}" for number, line in enumerate(text.splitlines(), 1)),
            f"{name} holds: {text}\n{stem}: {text}",
        )
    ]


def arguments_of(fact: ToolFinished, apart: str = "\n") -> str:
    """The values that a call was given, each on a line of its own."""
    arguments: object = fact.result.arguments
    if arguments is None:
        try:
            arguments = json.loads(fact.call.arguments)
        except (ValueError, RecursionError):
            return fact.call.arguments
    return apart.join(leaves(arguments)) if isinstance(arguments, (dict, Mapping)) else str(arguments)


def leaves_of(fact: ToolFinished) -> list[str]:
    """The values that a call was given, one by one."""
    return arguments_of(fact, apart="\0").split("\0")


def in_one(texts: Sequence[str]) -> str:
    """Several texts as one, in lower case."""
    return "\n".join(texts).lower()


def tokens(text: str) -> set[str]:
    """Words, numbers, dates and addresses of a text, in lower case."""
    return set(_TOKEN.findall(text.lower()))
