"""What the next forced reply may be: narrowed by what the task wants and by what came of the calls before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import get_args

from lmbridge.agent.calls.doubts import ASK_FIRST, THERE
from lmbridge.agent.calls.signature import canonical, signature
from lmbridge.agent.calls.text_doubts import ONLY_ANSWERED, ONLY_TO_KNOW, SAME_TEXT
from lmbridge.agent.calls.wrappers import ALREADY, FOLDER_FOR_FILE
from lmbridge.agent.loop.actions import AFTER_ACTS, AT_ONCE, Form, Wants, read_action, read_wants
from lmbridge.agent.loop.state import RunState
from lmbridge.agent.reading.edits import CONTENT
from lmbridge.agent.reading.names import paths_in
from lmbridge.agent.reading.sureness import share_of, wished
from lmbridge.agent.reading.tool_names import reads
from lmbridge.agent.task.deletions.lacking import undeletable
from lmbridge.agent.task.evidence import Open, SelfReport
from lmbridge.agent.task.orders import asks_to_know, ends_asking_to_know, orders_change, orders_if
from lmbridge.agent.tools.calculate import CALCULATE
from lmbridge.agent.tools.search import ToolIndex
from lmbridge.messages import ToolCall, ToolResult

GIVEN_UP_AT = 3
"""Failures of the very same call after which its tool is left out."""
SHORTEST_WISH = 4
"""Letters of the name of a tool that a model would have liked; `no` begins "no tool"."""
_FOUND: tuple[SelfReport, ...] = ("found",)
_FOUND_OR_NOT: tuple[SelfReport, ...] = ("found", "impossible")
_NOT: tuple[SelfReport, ...] = ("impossible",)
MOST_PUSHED = 4
"""Rounds after which an answer without a change is let through where a change was wanted."""


class Steering:
    """Narrows what a small model's next reply may be; each narrowing by a call holds for one reply.

    Args:
        run: The run.

    Attributes:
        wants: What the model says that the user wants; None where it has not said so.
        torn: Whether it said that a change is wanted and was not sure of that.
    """

    def __init__(self, run: RunState) -> None:
        self._task, self._profile = run.plan.assignment.task, run.plan.profile
        self._replies, self._effects, self._spent = run.replies, run.effects, run.spent
        self._gone = undeletable(self._task, run.desk.known.values())
        self.wants: Wants | None = None
        self.torn = False
        self._wishes: set[str] = set()
        self.begin_anew()

    def begin_anew(self) -> None:
        """The model has forgotten what it did: it may do all of it again."""
        self._must_act, self._only = False, ""
        self._spelled_out = self._again = self._in_trouble = False
        self._without: frozenset[str] = frozenset()
        self._given: set[str] = set()
        self._same = 0
        self._failures = Counter[tuple[str, str]]()
        self._given_up: frozenset[str] = frozenset()

    def form(self, *, ending: bool) -> Form:
        """What the next reply may be, where it is forced: an act first; at the last, the answer.

        Args:
            ending: Whether the run goes no further than this reply.
        """
        offer, without = self._replies.offer, self._without
        self._without = frozenset()
        lacks = self._lacks_tool
        if self.wants == "answer" or (lacks and not self._spent.rounds):
            without |= offer.writers
        without |= self._given_up
        after = _NOT if lacks else _FOUND if self._again else self._outcomes()
        self._again, quotes = False, offer.quotes and self._effects.quotable
        if ending or (self._effects.carried_out and self._spent.rounds_left <= 1):
            return _form(after, frozenset(offer.names), quotes=quotes, thinks=self._thinks)
        if self._only:
            without = frozenset(name for name in offer.names if name != self._only)
        wants = self.wants is None and not self._spent.rounds and bool(offer.example)
        ordered = wants and (lacks or (self.ordered and bool(offer.writers - without)))
        at_once = _NOT if lacks else () if ordered else after if self._effects.carried_out else self._at_once
        outcomes = () if self._must_act else at_once
        told, self._spelled_out = self._spelled_out and not wants, False
        thinks = self._thinks and not told
        return _form(outcomes, without, wants=wants, ordered=ordered, quotes=quotes, thinks=thinks)

    @property
    def _thinks(self) -> bool:
        """Whether the next reply may begin with a thought: always, only after one that something was said against, or never."""
        thinks = self._profile.thinks
        return thinks == "always" or (thinks == "in_trouble" and self._in_trouble)

    @property
    def _lacks_tool(self) -> bool:
        """Whether the task wants nothing but a file deleted, and no tool of the run does that: then what is in its place is no change either."""
        return self._gone.alone and self._replies.offer.small and not self._effects.changed

    @cached_property
    def ordered(self) -> bool:
        """Whether the task orders a change and asks nothing."""
        return self._replies.offer.small and orders_change(self._task) and not asks_to_know(self._task)

    @cached_property
    def _at_once(self) -> tuple[SelfReport, ...]:
        """What an answer may say of itself before any call: nothing where the task names what was not looked at yet."""
        return () if not self._replies.offer.specs or paths_in(self._task) else AT_ONCE

    def _outcomes(self) -> tuple[SelfReport, ...]:
        """What an answer may say of itself: "changed" after a change; where one is wanted, nothing else before two tries."""
        if self._effects.changed:
            return AFTER_ACTS
        pushed = self.wants == "change" and self._replies.offer.small and not self._effects.freed
        if not pushed or self._spent.rounds >= MOST_PUSHED:
            return _FOUND if self._first_and_well else _FOUND_OR_NOT
        return _NOT if self._effects.tried_in_vain else ()

    @property
    def _first_and_well(self) -> bool:
        """Whether a small model has everything that was looked up before its first reply: then nothing is impossible yet.

        Said at once, it stood before an answer that was right, and cost a round each time.
        """
        small = self._replies.offer.small
        return small and not self._spent.rounds and self._effects.all_well and self._effects.quotable

    def hear_wants(self, reply: str, *, ordered: bool) -> bool:
        """Takes what the first reply says that the user wants, and tells whether the reply counts.

        A task that ends on a question is never held to a change. Where the likelihoods of the reply are known, they decide, by
        what the model's profile says of it: a small model says `change` of questions that it is torn about, and a smaller one
        `answer` of orders. A reply that would change something all the same does not count, nor one that only looks at what was seen:
        it could be no answer.

        Args:
            reply: The reply.
            ordered: Whether it could say nothing else.
        """
        said = read_wants(reply)
        share = None if ordered else share_of(self._replies.likelihoods, "wants", "change", get_args(Wants))
        wants = said if share is None or said is None else "change" if share >= self._profile.change_from else "answer"
        if said == "change" and (orders_change(self._task) or orders_if(self._task)):
            wants = said  # the task's own words say so, whatever it asks beside
        self.torn = (said, wants) == ("change", "answer")
        self.wants = None if wants == "change" and ends_asking_to_know(self._task) else wants
        call = read_action(reply, "").call if self.torn else None
        return call is None or not (call.name in self._replies.offer.writers or self._effects.has_made(call))

    def heard_a_wish(self, reply: str, form: Form) -> str:
        """The tool that does what a model wanted to call by a name that no tool has; empty where it wanted none.

        The next reply can only call that one. Each wish is heard once.

        Args:
            reply: The reply.
            form: What it could be.
        """
        call = read_action(reply, "").call
        if call is None:
            return ""
        allowed = [spec for spec in self._replies.offer.specs if spec.name not in form.without]
        wish = wished(self._replies.likelihoods, "tool", [spec.name for spec in allowed])
        if len(wish) < SHORTEST_WISH or wish in self._wishes:
            return ""
        self._wishes.add(wish)
        best = next(iter(ToolIndex(allowed).search(wish.rpartition("__")[2], 1)), None)  # behind its server's name
        if best is None or best.name == call.name:
            return ""
        if reads(best) and any(reads(spec) for spec in allowed if spec.name == call.name):
            return ""  # "open" was wished for, and what was called reads as well
        self._must_act, self._only = True, best.name
        return best.name

    def has_seen(self, signatures: Iterable[str]) -> None:
        """Takes what the model was shown without asking for it."""
        self._given.update(signatures)

    def avoid(self, names: Iterable[str]) -> None:
        """The next reply does better without these tools."""
        self._without |= frozenset(names)

    def acted(self, calls: Sequence[ToolCall], results: Sequence[ToolResult]) -> None:
        """Takes what came of the calls of a reply."""
        self._must_act, self._only = False, ""
        self._in_trouble = any(result.outcome != "ok" for result in results)
        self._take_up(calls, results)
        self._bring_on(calls, results)
        self._give_up(calls, results)
        if "rejected" in [result.outcome for result in results]:
            self.avoid(_out_of_place(calls, results, self._replies.offer.names))

    def _take_up(self, calls: Sequence[ToolCall], results: Sequence[ToolResult]) -> None:
        """After the one call of a reply that was asked about with the content that would fit: its tool once more, and no answer.

        A small model gave that content for its answer, and wrote nothing.
        """
        told = results[0].content if len(results) == 1 and results[0].outcome == "rejected" else ""
        if (
            self._replies.offer.small
            and CONTENT in told
            and not any(free in told for free in (ONLY_TO_KNOW, ONLY_ANSWERED))
        ):
            self._must_act, self._only = True, calls[0].name

    def spell_out(self) -> None:
        """The call to make was just told word for word."""
        self._spelled_out = True

    def reopened(self, found: Open) -> None:
        """An answer goes back with these open points."""
        self._in_trouble = True
        self._must_act, self._only, self._spelled_out, self._again = (
            found.act,
            found.only,
            found.spelled_out,
            found.again,
        )
        tried = self._effects.succeeded
        lookers = {each.name for each in self._replies.offer.specs if each.server and reads(each)}
        if found.other and lookers - tried:
            self.avoid(tried | {CALCULATE.name})  # which looks nothing up

    def _bring_on(self, calls: Sequence[ToolCall], results: Sequence[ToolResult]) -> None:
        """After a call that gave what it gave before, or a write made again: another tool; the second time the answer.

        Where a change is wanted and none was made yet, the other tool is one that changes something: small models read the
        same file in every way there is before they write into it.
        """
        offer = self._replies.offer
        if not offer.small or not self._gave_the_same(calls, results):
            self._same = 0
            return
        self._same += 1
        again = frozenset(call.name for call in calls)
        undone = self.wants == "change" and not self._effects.changed and not self._effects.freed
        if undone and offer.writers and not self._lacks_tool:
            self._without = again if again & offer.writers else frozenset(offer.names) - offer.writers
            return
        self._without = again if self._same == 1 else frozenset(offer.names)

    def _give_up(self, calls: Sequence[ToolCall], results: Sequence[ToolResult]) -> None:
        """Leaves a tool out for good whose very same call failed three times, as long as another one can change something.

        Small models come back to such a call after each look around.
        """
        for call, result in zip(calls, results, strict=True):
            if result.outcome == "error":
                self._failures[call.name, canonical(call.arguments)] += 1
        if not self._failures:
            return
        often = {name for (name, _), times in self._failures.items() if times >= GIVEN_UP_AT}
        if self._replies.offer.small and self._replies.offer.writers - often:
            self._given_up = frozenset(often)

    def _gave_the_same(self, calls: Sequence[ToolCall], results: Sequence[ToolResult]) -> bool:
        """Whether a call of this turn gave what the same call gave before, nothing having been written between."""
        made = list(zip(calls, results, strict=True))
        if any(self._effects.may_change(call, result) for call, result in made):
            self._given.clear()
        signatures = {signature(call, replace(result, note="")) for call, result in made}
        same = bool(signatures & self._given) or any(result.content == ALREADY for result in results)
        self._given |= signatures
        return same


@lru_cache(maxsize=64)
def _form(
    outcomes: tuple[SelfReport, ...],
    without: frozenset[str],
    *,
    wants: bool = False,
    ordered: bool = False,
    quotes: bool = False,
    thinks: bool,
) -> Form:
    """One form for all replies that may be the same: most of a run are, and a form takes microseconds to make."""
    return Form(outcomes=outcomes, without=without, wants=wants, ordered=ordered, quotes=quotes, thinks=thinks)


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
