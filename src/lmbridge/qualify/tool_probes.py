"""Probes of tool work, in both ways: the right tool of few and of many, its arguments, a call after a result, the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from lmbridge.messages import Message, ToolCall
from lmbridge.profile import GREEDY, Sampling
from lmbridge.qualify import tool_cases
from lmbridge.qualify.asks import Came, ProbeRequest, Step, first
from lmbridge.qualify.forms import (
    NATIVE_RULES,
    PLAIN,
    Style,
    forced_rules,
    forced_schema,
    read_forced,
)
from lmbridge.qualify.known import Known, Mark, Way
from lmbridge.qualify.tool_cases import LEVELS, Case

Results = Sequence[Sequence[Came]]
_CHOICES = (Message("system", NATIVE_RULES), Message("user", "Good morning!"))
_NAMED = "create_event"
QUICK_LEVEL = 8
"""Tools up to which both ways are tried; longer lists are shown only in the way that does better."""


@dataclass(frozen=True, slots=True)
class WayProbes:
    """The probes of one way of calling tools."""

    way: Way

    # --- what is asked and read

    def ask(
        self, known: Known, case: Case, level: int, *, style: Style = PLAIN, sampling: Sampling = GREEDY, calls: int = 1
    ) -> ProbeRequest:
        """The request of a case with the tools of a level; its reply is over once so many calls were printed."""
        tools = tool_cases.shown(level, fully=style.fully)
        most = known.tokens(case.most_tokens)
        if self.way == "native":
            conversation = case.native(NATIVE_RULES, example=style.example)
            return ProbeRequest(conversation, tools, most, sampling=sampling, seed=1, enough=calls)
        conversation = case.forced(forced_rules(tools), example=style.example)
        schema = forced_schema(tools, may_answer=bool(case.before))
        return ProbeRequest(conversation, (), most, schema=schema, sampling=sampling, seed=1)

    def calls(self, came: Came) -> tuple[ToolCall, ...]:
        """The calls that a reply asks for."""
        if self.way == "native":
            return came.calls
        call, _ = read_forced(came.text)
        return (call,) if call else ()

    def answer(self, came: Came) -> str:
        """What a reply says to the user, where it calls nothing."""
        if self.calls(came) or came.turn is None:
            return ""
        return came.text if self.way == "native" else read_forced(came.text)[1] or ""

    def hopeless(self, known: Known) -> str | None:
        """Why no more need be asked in this way."""
        right, of = known.right(self.way)
        return f"no right call came in {of} tries" if of and not right else None

    # --- the right tool

    def plan_tools(self, level: int) -> Callable[[Known], tuple[Step, ...]]:
        """One request for each case of a level."""
        return lambda known: tuple((self.ask(known, case, level),) for case in tool_cases.RIGHT_TOOL[level])

    def skip_tools(self, level: int) -> Callable[[Known], str | None]:
        """A longer list is not worth asking for where a shorter one was too long already, or the context too small."""

        def skip(known: Known) -> str | None:
            ask = self.ask(known, tool_cases.RIGHT_TOOL[level][0], level)
            if known.context and ask.size + ask.max_tokens > known.context:
                return f"{level} tools do not fit the context of {known.context} tokens"
            if level == LEVELS[0]:
                return None
            if self.loses(known, level):
                return f"{known.better()} calls do better"
            before = LEVELS[LEVELS.index(level) - 1]
            right, of = known.right(self.way, f"tools_{before}")
            enough = right == of if level > QUICK_LEVEL else right > 0
            return (
                None if enough and of else f"{right} of {of} right with {before}" if of else f"{before} were not asked"
            )

        return skip

    def loses(self, known: Known, level: int) -> bool:
        """Whether the other way does better, whatever a list of this length would bring."""
        if level > QUICK_LEVEL or self.way == "forced":
            return known.better() != self.way and level > QUICK_LEVEL
        return known.better(native_more=len(tool_cases.RIGHT_TOOL[level])) != self.way

    def skip_two(self, known: Known) -> str | None:
        """Several calls at once matter only where calls are native."""
        return self.hopeless(known) or ("forced calls do better" if known.better() == "forced" else None)

    def judge_tools(self, level: int) -> Callable[[Known, Results], Known]:
        """How many cases of a level were right; with the fewest tools, also in which form the calls came."""

        def judge(known: Known, results: Results) -> Known:
            cases, came = tool_cases.RIGHT_TOOL[level], [step[0] for step in results]
            heard = [(case, each) for case, each in zip(cases, came, strict=True) if not each.unheard]
            rights = [self.is_right(case, each) for case, each in heard]
            known = known.marked(*(Mark(self.way, f"tools_{level}", right) for right in rights))
            if level >= QUICK_LEVEL and came[0].first_s and came[1].first_s:
                known = replace(known, reread=(came[0].first_s, came[1].first_s))
            if level == LEVELS[0]:
                known = self._form(known, [each for _, each in heard])
            right = None if len(heard) < len(cases) and all(rights) else all(rights)
            known = known.found(f"{self.way}_tools_{level}", right, self._told(heard, rights, came))
            return self._arguments(known, came[1]) if level == LEVELS[0] else known

        return judge

    def _told(self, heard: Sequence[tuple[Case, Came]], rights: Sequence[bool], came: Sequence[Came]) -> str:
        wrong = [
            f"{case.tool}: {_said(self, each)}" for (case, each), right in zip(heard, rights, strict=True) if not right
        ]
        unheard = [each.why for each in came if each.unheard]
        return "; ".join([f"{sum(rights)} of {len(rights)} right", *wrong, *unheard])

    def _marked(self, known: Known, about: str, right: bool, told: str, came: Came) -> Known:
        """With the verdict of one case; one that nobody answered in time says nothing of the model."""
        name = f"{self.way}_{about}"
        if came.unheard:
            return known.found(name, None, came.why)
        return known.marked(Mark(self.way, about, right)).found(name, right, told if right else _said(self, came))

    def is_right(self, case: Case, came: Came) -> bool:
        """Whether a reply calls what is right."""
        return any(tool_cases.is_right(case, call) for call in self.calls(came))

    def _form(self, known: Known, came: Sequence[Came]) -> Known:
        """Whether calls come in the form asked for."""
        if self.way == "forced" or not came:
            return known
        turns = [each.turn for each in came if each.turn and each.turn.calls]
        dialect = next((turn.dialect for turn in turns if turn.dialect), None)
        if not turns:
            return known.found("native_calls", False, _no_call(came), parsed=False)
        if dialect:
            told = f"printed as text ({dialect}); lmbridge reads them, the backend did not"
            return known.found("native_calls", False, told, parsed=False, dialect=dialect)
        return known.found("native_calls", True, "by the backend's own parser", parsed=True)

    def _arguments(self, known: Known, came: Came) -> Known:
        right = self.is_right(tool_cases.ARGUMENTS, came)
        return self._marked(known, "arguments", right, "enum, whole numbers and an object within", came)

    # --- after a result

    def plan_after(self, known: Known) -> tuple[Step, ...]:
        """A call that rests on what an earlier one brought."""
        return ((self.ask(known, tool_cases.AFTER_RESULT, LEVELS[0]),),)

    def judge_after(self, known: Known, results: Results) -> Known:
        """Whether it came, with the result in it."""
        came = first(results)
        right = self.is_right(tool_cases.AFTER_RESULT, came)
        return self._marked(known, "after_result", right, "the next call follows the result", came)

    def plan_end(self, known: Known) -> tuple[Step, ...]:
        """A task that is done."""
        return ((self.ask(known, tool_cases.END, LEVELS[0]),),)

    def judge_end(self, known: Known, results: Results) -> Known:
        """Whether it ends, by saying what came."""
        came = first(results)
        return self._marked(known, "end", self.ends(came), "answers from the result", came)

    def ends(self, came: Came) -> bool:
        """Whether a reply is the answer, and says what came."""
        said = self.answer(came).lower()
        return "snow" in said or "-3" in said

    # --- several calls

    def plan_two(self, known: Known) -> tuple[Step, ...]:
        """Two things that can be asked for at once."""
        case = Case(tool_cases.TWO_CALLS, "get_weather", most_tokens=96)
        return ((self.ask(known, case, LEVELS[0], calls=2),),)

    def judge_two(self, known: Known, results: Results) -> Known:
        """Whether both calls came in one reply."""
        came = first(results)
        cities = {str(tool_cases.arguments_of(call).get("city")).strip().lower() for call in self.calls(came)}
        both = {"oslo", "lima"} <= {city.partition(",")[0] for city in cities}
        if came.unheard:
            return known.found("native_two_calls", None, came.why)
        return known.found("native_two_calls", both, "two calls in one reply" if both else _said(self, came))


def of_way(way: Way) -> WayProbes:
    """The probes of one way."""
    return WayProbes(way)


def _said(way: WayProbes, came: Came) -> str:
    """What came instead, in a few words."""
    if came.turn is None:
        return came.why or "nothing came"
    if calls := way.calls(came):
        return "called " + ", ".join(f"{call.name}({call.arguments})" for call in calls)[:160]
    words = " ".join(came.text.split())
    cut = f", cut at {came.turn.usage.completion_tokens} tokens" if came.turn.finish_reason == "length" else ""
    return f"said {words[:100]!r}{cut}" if words else f"an empty reply ({came.turn.finish_reason})"


def _no_call(came: Sequence[Came]) -> str:
    return next((each.why for each in came if each.why), _said(of_way("native"), came[0]))


# --- tool_choice


def no_native(known: Known) -> str | None:
    """Where no call came freely and no tools are taken, none can be required."""
    found = known.check("native_calls")
    return (
        "the backend takes no tools for this model"
        if found and found.ok is False and ": " in found.detail[:40]
        else None
    )


def plan_required(known: Known) -> tuple[Step, ...]:
    """A greeting, to which only a call may be the reply."""
    return ((ProbeRequest(_CHOICES, tool_cases.shown(2), known.tokens(48), tool_choice="required"),),)


def judge_required(known: Known, results: Results) -> Known:
    """Whether a call came, and by the backend's doing."""
    came = first(results)
    if came.unheard:
        return known.found("tool_choice_required", None, came.why)
    forced = bool(came.calls) and came.turn is not None and came.turn.dialect is None
    return known.found("tool_choice_required", forced, "a call came" if forced else _said(of_way("native"), came))


def plan_named(known: Known) -> tuple[Step, ...]:
    """The weather, with the calendar's tool as the only one allowed."""
    choice = {"type": "function", "function": {"name": _NAMED}}
    asked = Case("What is the weather in Oslo?", _NAMED).native(NATIVE_RULES)
    return ((ProbeRequest(asked, tool_cases.shown(2), known.tokens(32), tool_choice=choice),),)


def judge_named(known: Known, results: Results) -> Known:
    """Whether the named tool was called."""
    came = first(results)
    named = bool(came.calls) and came.calls[0].name == _NAMED
    if named:
        return known.found("tool_choice_named", True, "the named tool was called")
    if came.unheard:
        return known.found("tool_choice_named", None, came.why)
    taken = "taken for auto: " if came.turn else ""
    return known.found("tool_choice_named", False, taken + _said(of_way("native"), came))
