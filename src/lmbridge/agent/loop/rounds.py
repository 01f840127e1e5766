"""One run from its first reply to its end: ask, judge, act, check; until an answer stands or a limit is met."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from lmbridge.agent.loop import fumbles
from lmbridge.agent.loop.actions import AFTER_ACTS, AT_ONCE, Form, Wants, read_wants
from lmbridge.agent.loop.classify import Calls, FinalAnswer, Fumble, Verdict, judge, natural
from lmbridge.agent.loop.doubts import ASK_FIRST, ONLY_TO_KNOW, SAME_TEXT, THERE
from lmbridge.agent.loop.first_look import FIRST_LOOK, folders, lines_about, looked, room, shown
from lmbridge.agent.loop.fumbles import FORCED_AT, FORM, Fumbles, Kind, Repeats, limit_reached, nudge, signature
from lmbridge.agent.loop.ledger import Told
from lmbridge.agent.loop.look_ups import LOOK_UP, LookUps
from lmbridge.agent.loop.tool_calls import carry_out, numbered, reader, without_calls
from lmbridge.agent.loop.turns import Replies, Wanted
from lmbridge.agent.loop.worked_examples import EXAMPLES_ARE_ABOUT
from lmbridge.agent.loop.wrappers import ALREADY, FOLDER_FOR_FILE, Noted, wrapped
from lmbridge.agent.reading.edits import CONTENT
from lmbridge.agent.reading.excerpt import words_of
from lmbridge.agent.reading.names import asks, ends_asking, paths_in, places_in
from lmbridge.agent.reading.notes import failed, looks, reads_by_name
from lmbridge.agent.task import claims
from lmbridge.agent.task.acceptance import TRIES, Evidence, failures, json_answer
from lmbridge.agent.task.look_back import (
    Look,
    Open,
    SelfReport,
    abbreviated,
    echoes,
    foreign_words,
    look_back,
    lost_words,
    quoted_lines,
    remarks,
)
from lmbridge.agent.task.protocols import Model
from lmbridge.agent.task.quotes import sources, unsaid
from lmbridge.agent.task.run_plan import RunPlan
from lmbridge.agent.task.uncalled import half_done
from lmbridge.agent.tools.builtin import BuiltinTools
from lmbridge.agent.tools.calculate import CALCULATE
from lmbridge.agent.tools.read_result import fitted
from lmbridge.agent.tools.result_store import ResultStore
from lmbridge.events import LOOKED, REOPENED, UNWRITTEN, Nudged, ToolFinished, TurnDiscarded, TurnFinished, Warned
from lmbridge.llm.chat.normalize import LONG
from lmbridge.messages import FinishReason, JsonSchema, Message, ToolCall, ToolResult, Turn
from lmbridge.observe.journal.folder import is_of_map
from lmbridge.text import one_line, quoted

FAILED_IN_A_ROW = 5
"""Calls in a row that failed after which a small model gives its last word: it does not find the way any more."""
MOST_PUSHED = 4
"""Rounds after which an answer without a change is let through where a change was wanted."""
FEWEST_LEFT = 4
"""Rounds that must be left for a work to be begun anew."""
MOST_NAMED = 8
"""Tools that are named in one sentence."""
_CUT: Mapping[FinishReason, str] = {
    "length": "the reply reached the length limit",
    "repetition": "the reply repeated itself without end and was stopped",
}
"""Replies that were cut off, and how that is told."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended: a stop reason of the contract, what there is of an answer, and the lines that it rests on (`RunEnded`)."""

    stop_reason: str
    answer: str = ""
    output: Any = None
    rests_on: tuple[tuple[str, str], ...] = ()


class Work:
    """The state of a run between two replies.

    Args:
        plan: What it was given.
        model: The model.
        desk: Its tools.
        store: Its long results.
        told: Its facts.
        replies: Its replies.
    """

    def __init__(
        self, plan: RunPlan, model: Model, desk: BuiltinTools, store: ResultStore, told: Told, replies: Replies
    ) -> None:
        self._plan, self._model, self._desk, self._store = plan, model, desk, store
        self._told, self._replies = told, replies
        self._task = plan.assignment
        self._tools = wrapped(desk, told, self._task.task, noted=plan.profile.prompt_class == "small")
        self._reads = reader(desk.known)
        self._fumbles = Fumbles()
        self._repeats = Repeats()
        self._rounds = 0
        self._spent = 0
        self._refused = 0
        self._cuts = 0
        self._sent_back = self._left = 0
        self._failed = self._same = 0
        self._given: set[str] = set()
        self._looked_at, self._written = 0, False
        self._answer_only: JsonSchema | None = None
        self._forced = plan.profile.mode == "action_first"
        self._must_act = self._spelled_out = False
        self._only = ""
        self._last_word: str | None = None
        self._without: frozenset[str] = frozenset()
        self._wants: Wants | None = None
        self._part = ""
        self._former: FinalAnswer | None = None
        self._anew = False
        self._opening: Sequence[Message] = ()
        self._ids = {call.id for message in told.messages for call in message.tool_calls}

    async def to_end(self) -> Ending:
        """Goes on until the run ends of itself.

        Raises:
            LLMError: The backend failed for good.
        """
        self._give_skills()
        await self._look_first()
        self._opening = self._told.messages
        while True:
            if stop := limit_reached(self._rounds, self._task.max_rounds, self._spent, self._task.max_tokens):
                return self._stopped(stop)
            ending = await self._round()
            if ending is not None:
                return ending

    def _give_skills(self) -> None:
        """Gives the model what its servers say of their tools, in a fence, as something that it has read."""
        for number, skill in enumerate(self._plan.skills, 1):
            self._told(skill.fact(f"{FIRST_LOOK}-skill-{number}"))
            self._told(Nudged(0, LOOKED, skill.message(self._task.task, self._plan.run_id)))

    async def _look_first(self) -> None:
        """Shows a small model what its task names and its servers hold, before its first reply."""
        offer, task = self._replies.offer, self._task.task
        if not self._plan.profile.looks_first or offer.discovers or self._plan.history:
            return

        async def carried(calls: Sequence[ToolCall]) -> Sequence[ToolResult]:
            fit = partial(self._fit, most=room(len(calls)))
            return await carry_out(calls, self._tools, self._told, reads=self._reads, fit=fit)

        quiet = [spec for spec in offer.specs if spec.read_only or self._plan.access != "ask"]  # ask nobody for it
        seen = await looked(task, quiet, carried, addresses=not is_of_map(self._plan.run_id))
        self._given |= {signature(each.call, each.result) for each in seen}
        lines = await lines_about(task, self._focus, folders(seen, offer.specs), LookUps(self._desk, self._told))
        if text := shown(task, seen, lines, self._plan.run_id):
            self._told(Nudged(0, LOOKED, text))

    def _begins_anew(self) -> bool:
        """Begins a small model's work once more, from what was known at first and what came of the calls since.

        What it said is gone: small models go on as they began, word for word. Nothing may have been changed.
        """
        own = [fact for fact in self._told.results if not fact.call.id.startswith((LOOK_UP, FIRST_LOOK))]
        left = self._task.max_rounds - self._rounds
        if self._anew or not self._small or not self._acting or self._has_written or not own or left < FEWEST_LEFT:
            return False
        self._anew = True
        self._sent_back = self._failed = self._same = 0
        self._must_act, self._only, self._without, self._part = False, "", frozenset(), ""
        self._former = None
        self._repeats, self._given = Repeats(), set()
        self._fumbles.clear()
        if isinstance(self._tools, Noted):
            self._tools.begin_anew()
        digest = Message("user", fumbles.begun_anew(own[-MOST_NAMED:]))
        self._replies.begin_anew(self._rounds, (*self._opening, digest))
        return True

    def _stopped(self, reason: str) -> Ending:
        if self._refused:
            reason = "not_accepted"
        return Ending(self._last_word or reason, self._told.last_text)

    async def _round(self) -> Ending | None:
        left = None if self._task.max_tokens is None else self._task.max_tokens - self._spent
        wanted = Wanted(self._answer_only, self._forced, self._form())
        turn = await self._replies.next(self._rounds + 1, most=left, wanted=wanted)
        self._spent += turn.usage.completion_tokens
        if turn.finish_reason in _CUT:
            return self._cut(turn)
        if wanted.form.wants:
            wants = read_wants(turn.text)
            self._wants = None if wants == "change" and ends_asking(self._task.task) else wants
        outcome = None
        if self._forced and not self._acting:
            turn, outcome = natural(turn)
        verdict = await self._verdict(turn, answer_only=wanted.answer is not None)
        match verdict:
            case Calls(turn=proper):
                return await self._act(proper)
            case FinalAnswer(text=text):
                self._counted(replace(without_calls(turn), text=text))
                return await self._answered(replace(verdict, outcome=verdict.outcome or outcome))
            case Fumble(kind=kind, told=told):
                spoken = without_calls(turn)
                self._counted(replace(spoken, text="") if told or kind == "broken_call" else spoken)
                return self._fumbled(kind, exactly=told)

    def _form(self) -> Form:
        """What the next reply may be, where it is forced: an act first; at the last, the answer."""
        without, self._without = self._without, frozenset()
        if self._wants == "answer":
            without |= self._replies.offer.writers
        after = self._outcomes()
        if self._last_word is not None or (self._called and self._rounds + 1 >= self._task.max_rounds):
            return Form(outcomes=after, without=frozenset(self._replies.offer.names), quotes=self._quotable)
        if self._only:
            without = frozenset(name for name in self._replies.offer.names if name != self._only)
        wants = self._wants is None and not self._rounds and bool(self._replies.offer.example)
        ordered = wants and self._ordered and bool(self._replies.offer.writers - without)
        outcomes = () if self._must_act or ordered else after if self._called else self._at_once
        spelled_out, self._spelled_out = self._spelled_out, False
        return Form(
            outcomes=outcomes,
            without=without,
            wants=wants,
            ordered=ordered,
            quotes=self._quotable,
            spelled_out=spelled_out and not wants,
        )

    @cached_property
    def _ordered(self) -> bool:
        """Whether the task orders a change and asks nothing."""
        return self._small and claims.orders_change(self._task.task) and not asks(self._task.task)

    @cached_property
    def _at_once(self) -> tuple[SelfReport, ...]:
        """What an answer may say of itself before any call: nothing where the task names what was not looked at yet."""
        return () if not self._replies.offer.specs or paths_in(self._task.task) else AT_ONCE

    @cached_property
    def _focus(self) -> tuple[str, ...]:
        """The words of the task by which lines of a long result are chosen."""
        return words_of(self._task.task)

    def _outcomes(self) -> tuple[SelfReport, ...]:
        """What an answer may say of itself: "changed" after a change; where one is wanted, nothing else before two tries."""
        if self._has_written:
            return AFTER_ACTS
        if self._wants != "change" or not self._small or self._freed or self._rounds >= MOST_PUSHED:
            return tuple(said for said in AFTER_ACTS if said != "changed")
        return ("impossible",) if self._tried_in_vain else ()

    @property
    def _freed(self) -> bool:
        """Whether the model was told that it need not change anything, in place of a change that it was about to make."""
        refused = [fact.result.content for fact in self._told.results if fact.result.outcome == "rejected"]
        return any(ONLY_TO_KNOW in told for told in refused)

    @property
    def _quotable(self) -> bool:
        """Whether an answer has lines to rest on, and the examples show how it names them."""
        told = any(fact.result.outcome == "ok" and fact.result.content.strip() for fact in self._told.results)
        return told and self._replies.offer.quotes

    @property
    def _tried_in_vain(self) -> bool:
        """Whether at least two calls of the model's own have failed."""
        own = [fact for fact in self._told.results if not fact.call.id.startswith((LOOK_UP, FIRST_LOOK))]
        return sum(fact.result.outcome == "error" for fact in own) > 1

    @property
    def _has_written(self) -> bool:
        """Whether any call may have changed something; each is looked at once."""
        new, self._looked_at = self._told.results[self._looked_at :], len(self._told.results)
        self._written = self._written or any(self._wrote(fact.call, fact.result) for fact in new)
        return self._written

    def _wrote(self, call: ToolCall, result: ToolResult) -> bool:
        """Whether a call may have changed something, as far as flags, its tool's name and its result's words tell."""
        spec = self._desk.known.get(call.name)
        reads = result.read_only or (spec is not None and reads_by_name(spec))
        return not reads and not failed(result)

    @property
    def _called(self) -> bool:
        """Whether any call has been carried out, in this run or in the one that it goes on with."""
        carried = any(
            fact.result.outcome != "rejected" and not fact.call.id.startswith(LOOK_UP) for fact in self._told.results
        )
        return carried or bool(self._plan.history)

    async def _verdict(self, turn: Turn, *, answer_only: bool) -> Verdict:
        """What the reply is; a long one is judged in a thread, so that nobody else waits for it."""
        if len(turn.text) < LONG:
            return self._judged(turn, answer_only=answer_only)
        return await asyncio.to_thread(self._judged, turn, answer_only=answer_only)

    def _fits_output(self, turn: Turn) -> bool:
        """Whether the reply is the JSON that the task asks for: then it is the answer, whatever its shape."""
        schema = self._task.output_schema
        return (
            schema is not None
            and bool(turn.text.strip())
            and not turn.calls
            and json_answer(turn.text, schema)[1] is None
        )

    def _judged(self, turn: Turn, *, answer_only: bool) -> Verdict:
        if answer_only:
            return judge(turn, {}, acting=False)
        if not self._acting and self._fits_output(turn):
            return FinalAnswer(turn.text.strip())
        return judge(turn, self._desk.known, acting=self._acting, shown=self._told.shown)

    @property
    def _acting(self) -> bool:
        return self._replies.offer.acting

    def _counted(self, turn: Turn) -> None:
        self._rounds += 1
        self._cuts = 0
        self._told(TurnFinished(self._rounds, turn))

    def _cut(self, turn: Turn) -> Ending | None:
        """A reply that was cut off never counts: it is asked for once more, shorter, then the run ends."""
        if self._task.max_tokens is not None and self._spent >= self._task.max_tokens:
            self._told(TurnDiscarded(self._rounds + 1, "max_tokens", usage=turn.usage))
            return Ending("max_tokens", turn.text.strip() or self._told.last_text)
        only_thought = not turn.calls and not turn.text.strip() and bool(turn.message.reasoning.strip())
        kind: Kind = "thinking" if only_thought else "cut"
        self._told(TurnDiscarded(self._rounds + 1, kind, _CUT[turn.finish_reason], turn.usage))
        times = self._fumbles.add(kind)
        self._cuts += 1
        if self._fumbles.stuck:
            return self._stuck(kind)
        if kind == "cut" and self._cuts > 1:
            return Ending("truncated", turn.text.strip() or self._told.last_text)
        self._force(times)
        self._nudge(kind, times)
        return None

    async def _act(self, turn: Turn) -> Ending | None:
        turn = numbered(turn, self._ids)
        self._ids.update(call.id for call in turn.calls)
        self._counted(turn)
        self._learn_native(turn)
        results = await carry_out(turn.calls, self._tools, self._told, reads=self._reads, fit=self._fit)
        self._must_act, self._only = False, ""
        self._bring_on(turn.calls, results)
        self._without |= _out_of_place(turn.calls, results, self._replies.offer.names)
        if self._acting and (asked := _with_content(results)):
            self._spelled_out = True
            self._told(Nudged(self._rounds, UNWRITTEN, asked))
            return None
        if all(result.outcome == "rejected" and not result.held_back for result in results):
            kind: Kind = "invalid_call" if any(call.name in self._desk.known for call in turn.calls) else "unknown_tool"
            return self._fumbled(kind, told=True)
        self._fumbles.clear()
        self._forced = False
        self._failed = self._failed + 1 if all(result.outcome == "error" for result in results) else 0
        if self._small and self._failed >= FAILED_IN_A_ROW:
            self._told(Warned(f"Stopped: {self._failed} calls in a row failed."))
            return self._ended("stuck")
        return self._repeated(turn.calls, results)

    def _bring_on(self, calls: Sequence[ToolCall], results: Sequence[ToolResult]) -> None:
        """After a call that gave what it gave before, or a write made again: another tool; the second time the answer.

        Where a change is wanted and none was made yet, the other tool is one that changes something: small models read the
        same file in every way there is before they write into it.
        """
        if not self._small or not self._gave_the_same(calls, results):
            self._same = 0
            return
        self._same += 1
        offer, again = self._replies.offer, frozenset(call.name for call in calls)
        if self._wants == "change" and offer.writers and not self._has_written and not self._freed:
            self._without = again if again & offer.writers else frozenset(offer.names) - offer.writers
            return
        self._without = again if self._same == 1 else frozenset(offer.names)

    def _gave_the_same(self, calls: Sequence[ToolCall], results: Sequence[ToolResult]) -> bool:
        """Whether a call of this turn gave what the same call gave before, nothing having been written between."""
        if any(self._wrote(call, result) for call, result in zip(calls, results, strict=True)):
            self._given.clear()
        signatures = {signature(call, replace(result, note="")) for call, result in zip(calls, results, strict=True)}
        same = bool(signatures & self._given) or any(result.content == ALREADY for result in results)
        self._given |= signatures
        return same

    def _learn_native(self, turn: Turn) -> None:
        native = turn.message.tool_calls and turn.dialect is None and not self._acting
        if native and self._model.native_tools is None:
            self._model.native_tools = True

    def _fit(self, result: ToolResult, parallel: int, most: int | None = None) -> ToolResult:
        free = self._replies.result_room(parallel)
        bounds = (free, self._plan.profile.limits.result_chars, most or free)
        shown = fitted(
            result,
            min(bounds) if self._small else free,
            self._store,
            vision=self._model.vision,
            focus=self._focus if self._small else None,
        )
        if shown.handle is not None:
            self._replies.offer = self._replies.offer.reading_on()
        return shown

    def _repeated(self, calls: Sequence[ToolCall], results: Sequence[ToolResult]) -> Ending | None:
        signatures = [signature(call, result) for call, result in zip(calls, results, strict=True)]
        match self._repeats.add(signatures):
            case "stop":
                self._told(
                    Warned(f"Stopped: the same calls came back with the same results ({quoted(calls[-1].name)}).")
                )
                return self._ended("loop")
            case "nudge":
                self._without |= {call.name for call in calls}
                self._nudge("loop", 1)
            case None:
                pass
        return None

    def _ended(self, reason: str) -> Ending | None:
        """The end of a run that goes no further; where replies are forced, after one last reply that is the answer."""
        if self._last_word is None and self._begins_anew():
            return None
        if self._acting and self._last_word is None and self._called and self._rounds < self._task.max_rounds:
            self._last_word = reason
            self._told(Nudged(self._rounds, "last", fumbles.LAST))
            return None
        return Ending(self._last_word or reason, self._told.last_text)

    def _fumbled(self, kind: Kind, *, told: bool = False, exactly: str = "") -> Ending | None:
        """Nudges, plainer each time; `told`: the model has the error already, as the result of its call."""
        times = self._fumbles.add(kind)
        if self._fumbles.stuck:
            return self._stuck(kind)
        self._force(times)
        if not told or times > 1:
            self._nudge(kind, times, exactly)
        return None

    def _force(self, times: int) -> None:
        """Before a model is given up, its replies are forced into a form that cannot go wrong, until one succeeds."""
        self._forced = self._forced or (times >= FORCED_AT and self._replies.may_force)

    def _stuck(self, kind: Kind) -> Ending | None:
        self._told(Warned(f"Stopped: {self._fumbles.times} replies in a row were no use ({kind.replace('_', ' ')})."))
        return self._ended("stuck")

    def _nudge(self, kind: Kind, times: int, exactly: str = "") -> None:
        text = nudge(kind, times, self._replies.offer.names, exactly)
        forced = self._forced and not self._acting
        self._told(Nudged(self._rounds, kind, f"{text}\n{FORM}" if forced else text))

    async def _answered(self, answer: FinalAnswer) -> Ending | None:
        """An answer ends the run where it has the form asked for and passes every check."""
        text, output, fault = answer.text, None, None
        if self._task.output_schema is not None:
            output, fault = json_answer(text, self._task.output_schema)
        if fault is not None and self._answer_only is None:
            return self._ask_for_output(fault)
        faults = [f"The answer is not the JSON asked for: {fault}"] if fault else await self._unmet(text)
        if not fault:
            self._answer_only = None
        if faults:
            return self._refuse(text, faults)
        return await self._looked_back(answer, output)

    async def _looked_back(self, answer: FinalAnswer, output: Any) -> Ending | None:
        """The end, unless something is open: then the answer goes back once with exactly what is missing."""
        text, outcome = answer.text, answer.outcome
        evidence = self._evidence(answer)
        found, said, listing = await self._held_against(evidence)
        if self._goes_back(found):
            self._sent_back += 1
            self._left = found.left
            self._part = text if found.act else ""
            self._former = answer if outcome == "found" and not found.act and output is None else None
            self._must_act, self._only, self._spelled_out = found.act, found.only, found.spelled_out
            tried = {fact.call.name for fact in self._told.results if not failed(fact.result)}
            lookers = {each.name for each in self._replies.offer.specs if each.server and looks(each)}
            if found.other and lookers - tried:
                self._without |= tried | {CALCULATE.name}  # which looks nothing up
            self._told(Nudged(self._rounds, REOPENED if self._acting else "open", fumbles.open_points(found.points)))
            return None
        if self._former is not None and (echoes(evidence) or foreign_words(evidence)):
            answer = self._former  # better than words that are none of the model's own
            text, outcome, evidence = answer.text, answer.outcome, self._evidence(answer)
            found, said, listing = await self._held_against(evidence)
        elif found.grave and outcome != "impossible" and self._last_word is None and self._begins_anew():
            return None
        for warning in (*found.warnings, *said):
            self._told(Warned(warning))
        if listing:
            text = f"{text}\n\n{self._store.whole(listing.result.handle) or listing.result.content}"
        if self._part and lost_words(evidence, self._part):
            text = f"{self._part}\n{text}"
        lines = quoted_lines(evidence)
        text = "\n".join([text, *unsaid(text, lines, self._task.task)])
        vain = outcome == "impossible" and self._wants == "change" and not self._has_written
        reason = "unfounded" if found.grave or vain else "answered"
        return Ending(self._last_word or reason, text, output, sources(lines, self._told.results))

    def _unchanged(self, found: Open, outcome: SelfReport | None) -> Open:
        """With the open point that a change was wanted and nothing was changed, unless more is open than that."""
        writers = sorted(self._replies.offer.writers)
        if outcome == "impossible" and self._tried_in_vain:
            return found
        if self._has_written or found.grave or not writers or not (self._ordered or self._wants == "change"):
            return found
        known = found.points and (found.act or self._wants == "change")
        if known or (self._freed and asks(self._task.task)):
            return found
        named = ", ".join(writers[:MOST_NAMED])
        if self._wants == "change":
            return Open(
                (f"Nothing was changed yet. If the user wants that, do it now ({named}); if not, answer again.",),
                ("The model took the task for one that asks for a change, and no call changed anything.",),
            )
        return Open(
            (f"The task asks for a change, and nothing was changed yet. Do it now ({named}).",),
            ("The task asks for a change, and no call changed anything.",),
            act=not self._freed,
        )

    def _half_done(self, found: Open, evidence: Look) -> Open:
        """With the half of a change that was left out, unless more is open."""
        if not self._small or evidence.outcome != "changed" or found.points or found.grave:
            return found
        return half_done(self._task.task, self._replies.offer.specs, evidence.ledger) or found

    async def _held_against(self, evidence: Look) -> tuple[Open, Sequence[str], ToolFinished | None]:
        """What is open, odd and abbreviated; much to read is read in a thread, so that nobody else waits for it."""
        results, known = tuple(self._told.results), self._desk.known

        def held() -> tuple[Open, Sequence[str], ToolFinished | None]:
            found = self._half_done(self._unchanged(look_back(evidence), evidence.outcome), evidence).and_also(
                claims.doubts(evidence.answer, results, known, self._task.task)
            )
            if not self._small:
                return found, (), None
            return found, remarks(evidence), abbreviated(evidence)

        texts = (evidence.answer, *evidence.seen, *(fact.result.content for fact in evidence.ledger))
        return held() if sum(map(len, texts)) < LONG else await asyncio.to_thread(held)

    def _goes_back(self, found: Open) -> bool:
        """Whether an answer with these open points goes back: once, and what is no more than odd only to small models."""
        if not found.points or self._last_word or self._rounds >= self._task.max_rounds:
            return False
        if self._sent_back and not 0 < found.left < self._left:
            return False
        return found.grave or self._small

    @property
    def _small(self) -> bool:
        return self._plan.profile.prompt_class == "small" and bool(self._replies.offer.specs)

    def _evidence(self, answer: FinalAnswer) -> Look:
        ledger = [fact for fact in self._told.results if not fact.call.id.startswith(LOOK_UP)]
        look_ups = [fact.result for fact in self._told.results if fact.call.id.startswith(LOOK_UP)]
        files = [str(each) for look in look_ups if look.outcome == "ok" for each in (look.arguments or {}).values()]
        seen = [
            *(look.content for look in look_ups),
            *(message.content for message in self._plan.history),
            *(fact.result.note for fact in ledger),
        ]
        offered = self._replies.offer.specs
        calculator = CALCULATE.name if CALCULATE in offered else ""
        given = frozenset(fact.call.id for fact in ledger if fact.call.id.startswith(FIRST_LOOK))
        return Look(
            self._task.task,
            answer.text,
            answer.outcome,
            ledger,
            seen,
            files,
            bool(offered),
            calculator,
            EXAMPLES_ARE_ABOUT,
            given,
            answer.quotes,
            [
                (place, look.content)
                for look in look_ups
                if look.outcome == "ok"
                for place in places_in(look.arguments or {})
            ],
            self._told.own_words,
        )

    async def _unmet(self, text: str) -> list[str]:
        if not self._task.accept:
            return []
        succeeded = [fact.result for fact in self._told.results if fact.result.outcome == "ok"]
        results = tuple(self._store.whole(result.handle) or result.content for result in succeeded)
        return await failures(self._task.accept, Evidence(text, results, self._plan.settings.accept_commands))

    def _ask_for_output(self, fault: str) -> None:
        """One more turn that only puts the answer into its form; the backend's grammar enforces it where it can."""
        self._answer_only = self._task.output_schema
        shown = claims.compact_json(self._task.output_schema)
        text = f"Now give the answer as JSON and nothing else. It must fit this JSON Schema: {shown}"
        self._told(Nudged(self._rounds, "output", text if not fault else f"{text}\nNow it does not: {fault}"))

    def _refuse(self, text: str, faults: Sequence[str]) -> Ending | None:
        self._refused += 1
        if self._refused >= TRIES:
            for fault in faults:
                self._told(Warned(f"Not accepted: {_in_a_warning(fault)}"))
            return Ending("not_accepted", text)
        listed = "\n".join(f"- {fault}" for fault in faults)
        self._told(
            Nudged(self._rounds, "not_accepted", f"This is not accepted yet:\n{listed}\nMend it, then answer again.")
        )
        return None


def _with_content(results: Sequence[ToolResult]) -> str:
    """What was asked about a write of which the right content is known; empty where anything else came of the calls."""
    asked = [result.content for result in results if result.outcome == "rejected" and CONTENT in result.content]
    return f"Not carried out yet. {asked[0]}" if len(asked) == len(results) == 1 else ""


def _out_of_place(calls: Sequence[ToolCall], results: Sequence[ToolResult], names: Sequence[str]) -> set[str]:
    """The tools that the next reply does better without, after calls that were refused.

    A query was put where arithmetic belongs, and then called incorrect; a folder that was there already was made next to it;
    who was to ask the database first wrote with another tool.
    """
    refused = {result.call_id: result.content for result in results if result.outcome == "rejected"}
    found: set[str] = set()
    for call in calls:
        told = refused.get(call.id, "")
        if told and (
            call.name == CALCULATE.name
            or told.endswith(THERE)
            or told.startswith(FOLDER_FOR_FILE)
            or (SAME_TEXT in told and ONLY_TO_KNOW in told)
        ):
            found.add(call.name)
        if told.startswith(ASK_FIRST):
            found |= {name for name in names if name not in told and name != call.name}
    return found


def _in_a_warning(fault: str) -> str:
    """A fault in one line; what stands behind a colon may be a model's or a program's words."""
    said, colon, detail = fault.partition(": ")
    return f"{one_line(said)}: {quoted(detail)}" if colon else one_line(fault)
