"""One run from its first reply to its end: ask, judge, act, check; until an answer stands or a limit is met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

from lmbridge.agent.calls.first_look import room
from lmbridge.agent.calls.look_ups import LookUps
from lmbridge.agent.calls.signature import signature
from lmbridge.agent.calls.turn_calls import carry_out, numbered, reader, without_calls
from lmbridge.agent.calls.wrappers import Noted, wrapped
from lmbridge.agent.loop.checks import Checks
from lmbridge.agent.loop.classify import Calls, FinalAnswer, Fumble, Verdict, judge, natural
from lmbridge.agent.loop.limits import FORCED_AT, Fumbles, Idle, Repeats
from lmbridge.agent.loop.nudges import FORM, LAST, Kind, begun_anew, nudge
from lmbridge.agent.loop.opening import give_skills, look_first
from lmbridge.agent.loop.review import Review
from lmbridge.agent.loop.state import Ending, RunState
from lmbridge.agent.loop.steering import Steering
from lmbridge.agent.loop.turns import Wanted
from lmbridge.agent.loop.worked_out import WorkedOut
from lmbridge.agent.reading.edits import CONTENT
from lmbridge.agent.reading.excerpt import words_of
from lmbridge.agent.task.protocols import Model
from lmbridge.agent.tools.read_result import fitted
from lmbridge.events import UNWRITTEN, Nudged, TurnDiscarded, TurnFinished, Warned
from lmbridge.long_texts import aside, others_turn
from lmbridge.messages import FinishReason, Message, ToolCall, ToolResult, Turn
from lmbridge.text import quoted

FAILED_IN_A_ROW = 5
"""Calls in a row that failed after which a small model gives its last word: it does not find the way any more."""
FEWEST_LEFT = 4
"""Rounds that must be left for a work to be begun anew."""
_UNSURE = "it took the task for one that wants a change, and the model was not sure of that"
_MOST_TOLD = 8
"""Calls that a model is told of which begins anew."""
_CUT: Mapping[FinishReason, str] = {
    "length": "the reply reached the length limit",
    "repetition": "the reply repeated itself without end and was stopped",
}
"""Replies that were cut off, and how that is told."""


class Work:
    """A run between two replies.

    Args:
        run: The run.
        model: The model.
    """

    def __init__(self, run: RunState, model: Model) -> None:
        self._run, self._model, self._plan, self._task = run, model, run.plan, run.plan.assignment
        self._told, self._replies, self._effects, self._spent = run.told, run.replies, run.effects, run.spent
        small = self._plan.profile.prompt_class == "small"
        self._tools = wrapped(run.desk, run.told, self._task.task, noted=small)
        self._reads = reader(run.desk.known)
        self._steering = Steering(run)
        self._checks, self._worked_out = Checks(run), WorkedOut(run, model)
        self._review = Review(run, self._steering, self._worked_out)
        self._fumbles, self._repeats = Fumbles(), Repeats()
        self._idle: Idle | None = None
        self._cuts = self._failed = self._looked_through = 0
        self._forced = self._plan.profile.mode == "action_first"
        self._last_word: str | None = None
        self._anew = False
        self._opening: Sequence[Message] = ()
        self._ids = {call.id for message in self._told.messages for call in message.tool_calls}

    async def to_end(self) -> Ending:
        """Goes on until the run ends of itself.

        Raises:
            LLMError: The backend failed for good.
        """
        await self._open()
        if most := self._plan.profile.idle_replies:
            self._idle = Idle(most, self._brought())
        while True:
            if stop := self._spent.limit:
                return self._stopped(stop)
            ending = await self._round()
            if ending is None and self._idle is not None and self._idle.add(self._brought()):
                ending = self._idled(self._idle.times)
            if ending is not None:
                return ending

    def _brought(self) -> set[str]:
        """The signatures of the calls since the last look at them that succeeded."""
        since, self._looked_through = self._told.results[self._looked_through :], len(self._told.results)
        return {signature(fact.call, fact.result) for fact in since if fact.result.outcome == "ok"}

    def _stopped(self, limit: str) -> Ending:
        reason = "not_accepted" if self._checks.refused else limit
        return Ending(self._last_word or reason, self._told.last_text)

    # --- before the first reply, and once more from there

    async def _open(self) -> None:
        give_skills(self._plan, self._told)
        look_ups = LookUps(self._run.desk, self._told)
        seen, swept = await look_first(
            self._plan,
            self._replies.offer,
            self._looked_at,
            look_ups,
            self._told,
            whole=self._run.desk.known,
            context=self._replies.budget.context,
        )
        self._review.swept = swept
        if swept and isinstance(self._tools, Noted):
            self._tools.has_swept(swept)
        self._steering.has_seen(signature(each.call, each.result) for each in seen)
        await self._worked_out.look()
        self._opening = self._told.messages

    async def _looked_at(self, calls: Sequence[ToolCall]) -> Sequence[ToolResult]:
        fit = partial(self._fit, most=room(len(calls)))
        return await carry_out(calls, self._tools, self._told, reads=self._reads, fit=fit)

    @cached_property
    def _focus(self) -> tuple[str, ...]:
        """The words of the task by which lines of a long result are chosen."""
        return words_of(self._task.task)

    def _begins_anew(self) -> bool:
        """Begins a small model's work once more, from what was known at first and what came of the calls since.

        What it said is gone: small models go on as they began, word for word. Nothing may have been changed.
        """
        own, offer = self._effects.own, self._replies.offer
        if self._anew or not offer.small or not offer.acting or self._effects.changed or not own:
            return False
        if self._spent.rounds_left < FEWEST_LEFT:
            return False
        self._anew = True
        self._failed = 0
        self._repeats = Repeats()
        self._fumbles.clear()
        self._steering.begin_anew()
        self._review.begin_anew()
        if isinstance(self._tools, Noted):
            self._tools.begin_anew()
        digest = Message("user", begun_anew(own[-_MOST_TOLD:]))
        self._replies.begin_anew(self._spent.rounds, (*self._opening, digest))
        return True

    # --- a reply, and what it is

    async def _round(self) -> Ending | None:
        form = self._steering.form(ending=self._last_word is not None)
        wanted = Wanted(self._checks.answer_only, self._forced, form)
        turn = await self._replies.next(self._spent.rounds + 1, most=self._spent.tokens_left, wanted=wanted)
        self._spent.tokens += turn.usage.completion_tokens
        if turn.finish_reason in _CUT:
            return self._cut(turn)
        if form.wants and not self._steering.hear_wants(turn.text, ordered=form.ordered):
            self._told(TurnDiscarded(self._spent.rounds + 1, "unsure", _UNSURE, turn.usage))
            return None
        if self._acting and (wanted_tool := self._steering.heard_a_wish(turn.text, form)):
            told = f"the model wanted a tool of another name; {wanted_tool} does that"
            self._told(TurnDiscarded(self._spent.rounds + 1, "wish", told, turn.usage))
            return None
        outcome = None
        if self._forced and not self._acting:
            turn, outcome = natural(turn)
        # in a thread where it is long, so that nobody else waits for it
        verdict = await aside(turn.chars, self._judged, turn, answer_only=wanted.answer is not None)
        match verdict:
            case Calls(turn=proper):
                return await self._act(proper)
            case FinalAnswer(text=text):
                self._counted(replace(without_calls(turn), text=text))
                await others_turn(turn.chars)
                return await self._answered(replace(verdict, outcome=verdict.outcome or outcome))
            case Fumble(kind=kind, told=told):
                spoken = without_calls(turn)
                self._counted(replace(spoken, text="") if told or kind == "broken_call" else spoken)
                return self._fumbled(kind, exactly=told)

    def _judged(self, turn: Turn, *, answer_only: bool) -> Verdict:
        """What the reply is."""
        if answer_only:
            return judge(turn, {}, acting=False)
        acting = self._acting
        if not acting and self._checks.fits(turn):
            return FinalAnswer(turn.text.strip())
        return judge(turn, self._run.desk.known, acting=acting, shown=self._told.shown)

    @property
    def _acting(self) -> bool:
        return self._replies.offer.acting

    def _counted(self, turn: Turn) -> None:
        self._spent.rounds += 1
        self._cuts = 0
        self._told(TurnFinished(self._spent.rounds, turn))

    # --- calls

    async def _act(self, turn: Turn) -> Ending | None:
        turn = numbered(turn, self._ids)
        self._ids.update([call.id for call in turn.calls])
        self._counted(turn)
        await others_turn(turn.chars)
        self._learn_native(turn)
        results = await carry_out(turn.calls, self._tools, self._told, reads=self._reads, fit=self._fit)
        self._steering.acted(turn.calls, results)
        await self._worked_out.look()
        if self._acting and (asked := _with_content(results)):
            self._steering.spell_out()
            self._told(Nudged(self._spent.rounds, UNWRITTEN, asked))
            return None
        outcomes = {result.outcome for result in results}
        if outcomes == {"rejected"} and not any(result.held_back for result in results):
            known = any(call.name in self._run.desk.known for call in turn.calls)
            return self._fumbled("invalid_call" if known else "unknown_tool", told=True)
        self._fumbles.clear()
        self._forced = False
        self._failed = self._failed + 1 if outcomes == {"error"} else 0
        if self._replies.offer.small and self._failed >= FAILED_IN_A_ROW:
            self._told(Warned(f"Stopped: {self._failed} calls in a row failed."))
            return self._ended("stuck")
        return self._repeated(turn.calls, results)

    def _learn_native(self, turn: Turn) -> None:
        native = turn.message.tool_calls and turn.dialect is None and not self._acting
        if native and self._model.native_tools is None:
            self._model.native_tools = True

    def _fit(self, result: ToolResult, parallel: int, most: int | None = None) -> ToolResult:
        """A result as the model is shown it; from the first that was cut on, `read_result` is offered.

        Args:
            result: As the tool gave it.
            parallel: Results of the same turn, which share the room.
            most: Characters of a result of the first look.
        """
        free, small = self._replies.result_room(parallel), self._replies.offer.small
        bounds = (free, self._plan.profile.limits.result_chars, most or free)
        shown = fitted(
            result,
            min(bounds) if small else free,
            self._run.store,
            vision=self._model.vision,
            focus=self._focus if small else None,
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
                self._steering.avoid(call.name for call in calls)
                self._nudge("loop", 1)
            case None:
                pass
        return None

    # --- replies that are of no use

    def _cut(self, turn: Turn) -> Ending | None:
        """A reply that was cut off never counts: it is asked for once more, shorter, then the run ends."""
        number = self._spent.rounds + 1
        if self._spent.tokens_left is not None and self._spent.tokens_left <= 0:
            self._told(TurnDiscarded(number, "max_tokens", usage=turn.usage))
            return Ending("max_tokens", turn.text.strip() or self._told.last_text)
        only_thought = not turn.calls and not turn.text.strip() and bool(turn.message.reasoning.strip())
        kind: Kind = "thinking" if only_thought else "cut"
        self._told(TurnDiscarded(number, kind, _CUT[turn.finish_reason], turn.usage))
        times = self._fumbles.add(kind)
        self._cuts += 1
        if self._fumbles.stuck:
            return self._stuck(kind)
        if kind == "cut" and self._cuts > 1:
            return Ending("truncated", turn.text.strip() or self._told.last_text)
        self._force(times)
        self._nudge(kind, times)
        return None

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

    def _nudge(self, kind: Kind, times: int, exactly: str = "") -> None:
        text = nudge(kind, times, self._replies.offer.names, exactly)
        forced = self._forced and not self._acting
        self._told(Nudged(self._spent.rounds, kind, f"{text}\n{FORM}" if forced else text))

    def _stuck(self, kind: Kind) -> Ending | None:
        self._told(Warned(f"Stopped: {self._fumbles.times} replies in a row were no use ({kind.replace('_', ' ')})."))
        return self._ended("stuck")

    def _idled(self, times: int) -> Ending | None:
        """The end of a run whose model brings nothing new too often to come right, as was seen of it: not begun anew either."""
        if self._last_word is not None:
            return None
        self._anew = True
        self._told(Warned(f"Stopped: {times} replies brought nothing new."))
        return self._ended("stuck")

    # --- the end

    def _ended(self, reason: str) -> Ending | None:
        """The end of a run that goes no further; where replies are forced, after one last reply that is the answer."""
        if self._last_word is None and self._begins_anew():
            return None
        may_answer = self._acting and self._effects.carried_out and self._spent.rounds_left > 0
        if self._last_word is None and may_answer:
            self._last_word = reason
            self._told(Nudged(self._spent.rounds, "last", LAST))
            return None
        return Ending(self._last_word or reason, self._told.last_text)

    async def _answered(self, answer: FinalAnswer) -> Ending | None:
        """An answer ends the run where it has the form asked for, passes every check and leaves nothing open."""
        output, fault = self._checks.output(answer.text)
        if fault is not None and self._checks.answer_only is None:
            self._checks.ask_for_output(fault)
            return None
        if faults := await self._checks.faults(answer.text, fault):
            return self._checks.refuse(answer.text, faults)
        return await self._looked_back(answer, output)

    async def _looked_back(self, answer: FinalAnswer, output: Any) -> Ending | None:
        """The end, unless something is open: then the answer goes back once with exactly what is missing."""
        held = await self._review.held(answer)
        if self._last_word is None and self._review.goes_back(held.open):
            self._review.send_back(held, output)
            return None
        hopeless = held.open.grave and answer.outcome != "impossible"
        if former := await self._review.former(held):
            held = former
        elif hopeless and self._last_word is None and self._begins_anew():
            return None
        return self._review.ending(held, output, self._last_word)


def _with_content(results: Sequence[ToolResult]) -> str:
    """What was asked about a write of which the right content is known; empty where anything else came of the calls."""
    asked = [result.content for result in results if result.outcome == "rejected" and CONTENT in result.content]
    return f"Not carried out yet. {asked[0]}" if len(asked) == len(results) == 1 else ""
