"""An answer, held against the run before it may be its end: it goes back with what is open, or ends with what is odd told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lmbridge.agent.calls.first_look import AGAIN, FIRST_LOOK
from lmbridge.agent.calls.look_ups import LOOK_UP
from lmbridge.agent.calls.signature import canonical
from lmbridge.agent.calls.sweep import SWEEP, Swept, passed_over, tells_all, told_of, writes_all
from lmbridge.agent.calls.table_look_ups import ROWS
from lmbridge.agent.calls.text_doubts import ONLY_TO_KNOW
from lmbridge.agent.examples.general import EXAMPLES_ARE_ABOUT
from lmbridge.agent.examples.scenes import BOATS_ARE_ABOUT
from lmbridge.agent.held.branches import committed_elsewhere
from lmbridge.agent.loop.classify import FinalAnswer
from lmbridge.agent.loop.nudges import open_points
from lmbridge.agent.loop.state import Ending, RunState
from lmbridge.agent.loop.steering import Steering
from lmbridge.agent.loop.worked_out import WorkedOut
from lmbridge.agent.reading.names import places_in, words_in
from lmbridge.agent.task.claims import doubts
from lmbridge.agent.task.confirmed import confirmed
from lmbridge.agent.task.deletions.answers import says_not_deleted
from lmbridge.agent.task.deletions.lacking import undeletable
from lmbridge.agent.task.evidence import Evidence, Open, arguments_of
from lmbridge.agent.task.look_back import look_back, remarks
from lmbridge.agent.task.orders import asks_for_change, asks_to_know
from lmbridge.agent.task.quotes import sources, unsaid
from lmbridge.agent.task.telling import abbreviated, echoes, foreign_words, lost_words
from lmbridge.agent.task.uncalled import between_cities, half_done, time_elsewhere
from lmbridge.agent.tools.calculate import CALCULATE
from lmbridge.events import REOPENED, Nudged, ToolFinished, Warned
from lmbridge.long_texts import aside
from lmbridge.report import without_codes
from lmbridge.text import quoted

_CHECK_CHANGES = "Check what it changed (`writes`)."
_CHECK_LINES = "Check the lines that it rests on."
_MOST_WRITERS = 8
"""Tools that can make a change and are named where none was made."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What came of holding an answer against the run.

    Attributes:
        answer: The answer.
        evidence: What it was held against.
        open: What is open.
        odd: What the caller should know of it where it stands.
        listing: The listing that it abbreviates.
        unconfirmed: What the caller of a small model should know where nothing else is told: that its word stands alone.
    """

    answer: FinalAnswer
    evidence: Evidence
    open: Open
    odd: Sequence[str] = ()
    listing: ToolFinished | None = None
    unconfirmed: str = ""


class Review:
    """Holds answers against what was asked and what was called.

    Args:
        run: The run.
        steering: What the next reply may be, where an answer goes back.
        worked_out: What was worked out for the model.

    Attributes:
        swept: The lines with a word that the task marks, where a folder was read for it.
    """

    swept: Swept | None = None

    def __init__(self, run: RunState, steering: Steering, worked_out: WorkedOut) -> None:
        self._run, self._steering, self._worked_out = run, steering, worked_out
        self._told, self._replies, self._effects = run.told, run.replies, run.effects
        self._task = run.plan.assignment.task
        self._gone = undeletable(self._task, run.desk.known.values())
        self.begin_anew()

    def begin_anew(self) -> None:
        """No answer was given yet."""
        self._sent_back = self._left = 0
        self._onward: set[str] = set()
        self._part = ""
        self._former: FinalAnswer | None = None

    async def held(self, answer: FinalAnswer) -> Reviewed:
        """What is open, odd and abbreviated; much to read is read in a thread, so that nobody else waits for it."""
        evidence, results = self._evidence(answer), tuple(self._told.results)
        texts = (answer.text, *evidence.seen, *(fact.result.content for fact in evidence.ledger))
        return await aside(sum(map(len, texts)), self._held, answer, evidence, results)

    def _held(self, answer: FinalAnswer, evidence: Evidence, results: Sequence[ToolFinished]) -> Reviewed:
        found = self._half_done(self._unchanged(look_back(evidence), evidence), evidence)
        found = self._passed_over(found, evidence).and_also(
            doubts(evidence.answer, results, self._run.desk.known, self._task)
        )
        if not self._replies.offer.small:
            return Reviewed(answer, evidence, found)
        odd = [*remarks(evidence), *committed_elsewhere(self._task, results)]
        told = bool(found.warnings or odd)
        return Reviewed(
            answer, evidence, found, odd, abbreviated(evidence), "" if told else self._unconfirmed(evidence, results)
        )

    def _unconfirmed(self, evidence: Evidence, results: Sequence[ToolFinished]) -> str:
        """That only the model speaks for its end; empty where the caller's own checks do, or something of the run does."""
        plan = self._run.plan
        if not plan.word_alone or not evidence.tools or plan.assignment.accept or plan.caution:
            return ""
        changes = [fact for fact in results if self._effects.may_change(fact.call, fact.result)]
        if self._worked_out.stands(evidence.answer, changes) or self._has_all_lines(evidence, changes):
            return ""
        if confirmed(evidence, changes) and not any(_was_doubted(each, results) for each in changes):
            return ""
        return f"{plan.word_alone} {_CHECK_CHANGES if changes else _CHECK_LINES}"

    def _unchanged(self, found: Open, evidence: Evidence) -> Open:
        """With the open point that a change was wanted and nothing was changed, unless more is open than that."""
        writers, wanted = sorted(self._replies.offer.writers), self._steering.wants == "change"
        if (evidence.outcome == "impossible" and self._effects.tried_in_vain) or says_not_deleted(evidence):
            return found
        if self._effects.changed or found.grave or not writers or not (self._steering.ordered or wanted):
            return found
        known = found.points and (found.act or wanted)
        if known or (self._effects.freed and asks_to_know(self._task)):
            return found
        named = ", ".join(writers[:_MOST_WRITERS])
        if wanted:
            return Open(
                (f"Nothing was changed yet. If the user wants that, do it now ({named}); if not, answer again.",),
                ("The model took the task for one that asks for a change, and no call changed anything.",),
            )
        return Open(
            (f"The task asks for a change, and nothing was changed yet. Do it now ({named}).",),
            ("The task asks for a change, and no call changed anything.",),
            act=not self._effects.freed,
        )

    def _unclear(self) -> list[str]:
        """That nothing was changed, where the task has a word for a change and the model was not sure what is wanted."""
        if not self._steering.torn or self._effects.changed or not asks_for_change(self._task):
            return []
        return ["Nothing was changed: the model was not sure whether the task wants a change or an answer."]

    def _half_done(self, found: Open, evidence: Evidence) -> Open:
        """With the half of a change, or the converted time, that was left out, unless more is open."""
        offer = self._replies.offer
        if not offer.small or evidence.outcome in {"impossible", None} or found.points or found.grave:
            return found
        if elsewhere := time_elsewhere(self._task, evidence.answer, offer.specs, evidence.ledger):
            return elsewhere
        if between := between_cities(self._task, evidence.answer, offer.specs, evidence.ledger):
            return between
        if evidence.outcome == "no_tool_needed":
            return found
        half = half_done(self._task, offer.specs, evidence.ledger) if evidence.outcome == "changed" else None
        return half or found

    def _has_all_lines(self, evidence: Evidence, changes: Sequence[ToolFinished]) -> bool:
        """Whether all lines with the word that the task marks were told, or written and nothing else was."""
        if self.swept is None:
            return False
        if not changes:
            return evidence.outcome == "found" and tells_all(evidence.answer, self.swept)
        return len(changes) == 1 and writes_all(arguments_of(changes[0]), self.swept)

    def _passed_over(self, found: Open, evidence: Evidence) -> Open:
        """With the lines that the task is about, where the answer says nothing of them, unless more is open."""
        if found.points or found.grave or evidence.outcome != "found" or not self.swept:
            return found
        if not passed_over(evidence.answer, self.swept):
            return found
        lines = "\n".join(self.swept.shown)
        return Open(
            (f"The answer says nothing of the lines with {self.swept.word}. They are:\n{lines}\nAnswer with them.",),
            (
                f"The answer says nothing of what was found, lines with {quoted(self.swept.word)}: {len(self.swept.hits)}.",
            ),
        )

    def _evidence(self, answer: FinalAnswer) -> Evidence:
        ledger = [fact for fact in self._told.results if not fact.call.id.startswith(LOOK_UP)]
        own = [fact for fact in self._told.results if fact.call.id.startswith(LOOK_UP)]
        unseen = (f"{LOOK_UP}{SWEEP}", f"{LOOK_UP}{ROWS}")  # of which the model was shown what came of them
        look_ups = [fact.result for fact in own if not fact.call.id.startswith(unseen)]
        found = [(look.arguments or {}, look.content) for look in look_ups if look.outcome == "ok"]
        files = [(place, text) for arguments, text in found for place in places_in(arguments)]
        offered = self._replies.offer.specs
        return Evidence(
            task=self._task,
            answer=answer.text,
            outcome=answer.outcome,
            ledger=ledger,
            seen=[
                *(look.content for look in look_ups),
                *(message.content for message in self._run.plan.history),
                *(fact.result.note for fact in ledger),
                *(
                    without_codes(text.rpartition(f"\n{AGAIN} ")[0]) for text in self._told.looked
                ),  # the task itself is no result
            ],
            looked_at=[str(value) for arguments, _ in found for value in arguments.values()],
            tools=bool(offered),
            calculator=CALCULATE.name if CALCULATE in offered else "",
            examples=f"{EXAMPLES_ARE_ABOUT} {self._of_boats()}",
            given=frozenset(fact.call.id for fact in ledger if fact.call.id.startswith(FIRST_LOOK)),
            quotes=_without_calls(answer.quotes, [fact.call.name for fact in ledger]),
            files=[*files, *(self.swept.by_file if self.swept else ())],
            own_words=self._told.own_words,
            worked_out=self._worked_out.found,
            gone=self._gone,
        )

    def _of_boats(self) -> str:
        """Words of the examples about boats that the model was shown."""
        shown = words_in("\n".join(message.content for message in self._told.alike))
        return " ".join(word for word in BOATS_ARE_ABOUT.split() if word.lower() in shown)

    def goes_back(self, found: Open) -> bool:
        """Whether an answer with these open points goes back: once, and what is no more than odd only to small models.

        More often only while it comes on: fewer things of a list are left, or what was opened points to another file.
        """
        if not found.points or self._run.spent.rounds_left <= 0:
            return False
        further = bool(self._onward and found.onward) and found.onward not in self._onward
        comes_on = 0 < found.left < self._left or further
        if self._sent_back and not comes_on:
            return False
        return found.grave or self._replies.offer.small

    def send_back(self, held: Reviewed, output: Any) -> None:
        """Tells the model exactly what is missing; the answer stays at hand where only another one is asked for.

        Args:
            held: The answer.
            output: The value in it, where one was asked for.
        """
        found, rounds = held.open, self._run.spent.rounds
        self._sent_back += 1
        self._left = found.left
        self._onward |= {found.onward} if found.onward else set()
        self._part = held.answer.text if found.act else ""
        keeps = held.answer.outcome == "found" and not found.act and output is None
        self._former = held.answer if keeps else None
        self._steering.reopened(found)
        self._told(Nudged(rounds, REOPENED if self._replies.offer.acting else "open", open_points(found.points)))

    async def former(self, held: Reviewed) -> Reviewed | None:
        """The answer that went back, where what came instead is an example's or lmbridge's own words; None anywhere else."""
        if self._former is None or not (echoes(held.evidence) or foreign_words(held.evidence)):
            return None
        return await self.held(self._former)

    def ending(self, held: Reviewed, output: Any, reason: str | None) -> Ending:
        """The end with an answer that stands: what is odd of it is told, what it leaves out stands behind it.

        Args:
            held: The answer.
            output: The value in it, where one was asked for.
            reason: Why the run goes no further; None: for the answer itself.
        """
        evidence, found = held.evidence, held.open
        told = [*found.warnings, *held.odd, *self._unclear()] or [held.unconfirmed]
        for warning in filter(None, told):
            self._told(Warned(warning))
        text = evidence.answer
        if held.listing:
            text = f"{text}\n\n{self._run.store.whole(held.listing.result.handle) or held.listing.result.content}"
        if self._part and lost_words(evidence, self._part):
            text = f"{self._part}\n{text}"
        if self.swept and evidence.outcome == "found" and 0 < told_of(text, self.swept) < len(self.swept.hits):
            text = "\n".join([text, "", f"{self.swept.heading}:", *self.swept.shown])
        if evidence.outcome == "found" and not evidence.changes and (rest := self._worked_out.rest(text)):
            text = f"{text}\n{rest}"
        lines = evidence.quoted_lines()
        text = "\n".join([text, *unsaid(text, lines, self._task)])
        wanted = self._steering.wants == "change" and not self._effects.changed
        vain = wanted and (evidence.outcome == "impossible" or says_not_deleted(evidence))
        reason = reason or ("unfounded" if found.grave or vain else "answered")
        return Ending(reason, text, output, sources(lines, self._told.results))


def _without_calls(quotes: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """The lines without those that are a call which was made, as the model would write it: such a line is none of a result."""
    return tuple(
        quote for quote in quotes if not any(re.match(rf"\W*{re.escape(name)}\s*[({{]", quote) for name in names)
    )


def _was_doubted(change: ToolFinished, results: Sequence[ToolFinished]) -> bool:
    """Whether a change was made as it stands after something had been said against it; that the task only asks, or that it deletes, is nothing against it."""
    made = canonical(change.call.arguments)
    refused = (fact for fact in results if fact.result.outcome == "rejected" and fact.call.name == change.call.name)
    return any(ONLY_TO_KNOW not in fact.result.content and canonical(fact.call.arguments) == made for fact in refused)
