"""Claims against the ledger: what an answer says was done, and what was really called.

The ledger is lmbridge's own; the model's words are only compared with it. A doubt is a warning in the report, never a
change of the answer, so false alarms cost trust: only plain statements in the first person or the passive count, and
only where no call at all can stand behind them. Measured on tests/data/receipts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from lmbridge.agent.task.claim_forms import (
    Claim,
    begins_done,
    claims_in,
    denied,
    is_so_now,
    names_in,
    numbers_in,
    only_says_done,
    says_left_out,
    says_only_done,
    shown,
    spoken_sentences,
    state_told,
    tells_how,
)
from lmbridge.agent.task.evidence import unseen
from lmbridge.agent.task.orders import asks_for_change, orders_change, wanted_states
from lmbridge.events import ToolFinished
from lmbridge.mcp_host.tools.edited import differences
from lmbridge.mcp_host.tools.reported_failure import changed_nothing, reported_failure
from lmbridge.messages import ToolSpec
from lmbridge.text import quoted

_DEFINES = re.compile(r"\b(?:create|drop|alter|truncate|grant|revoke|pragma|vacuum)\b", re.IGNORECASE)
"""Statements that are carried out without a row being changed."""


def doubts(answer: str, ledger: Sequence[ToolFinished], tools: Mapping[str, ToolSpec], task: str = "") -> list[str]:
    """Warnings about an answer.

    Args:
        answer: The final answer.
        ledger: Every call of the run with its result.
        tools: The tools that could be called, by the name the model sees.
        task: What was asked for; where it asks for a change, short words such as "Saved." claim one.
    """
    writes = _writes(ledger)
    asked = asks_for_change(task)
    could_write = any(not spec.read_only and spec.server for spec in tools.values())
    tried = _only_tried(ledger)
    claimed = _claimed_writes(claims_in(answer, asked=asked or tried), ledger, could_write)
    if not claimed and tried and says_only_done(answer):
        claimed = ["The answer says no more than that it is done, and no call was carried out."]
    if not claimed and asked and could_write and not writes and _leaves_it_at_done(answer, ledger, task):
        claimed = [
            "The task asks for a change, the answer says no more than that it is done, and no call changed anything."
        ]
    if not claimed and asked and not any(_vouched(fact, ledger) for fact in writes):
        claimed = _wished_for(answer, task, ledger) or _so_now(answer, task, ledger) or _refused(answer, ledger)
    return [*claimed, *_failed_as_success(answer, ledger)]


def _only_tried(ledger: Sequence[ToolFinished]) -> bool:
    """Whether calls were made of which none was carried out, one that may change something among them: a tool that is not there, or switched off."""
    refused = [fact for fact in ledger if fact.result.outcome == "rejected"]
    return len(refused) == len(ledger) and any(not fact.result.read_only for fact in refused)


def _leaves_it_at_done(answer: str, ledger: Sequence[ToolFinished], task: str) -> bool:
    if "?" in task or tells_how(answer) or denied(answer) or not names_in(task):
        return False
    carried = [fact for fact in ledger if fact.result.outcome != "rejected"]
    return only_says_done(answer, task, [fact.result.content for fact in carried])


def _wished_for(answer: str, task: str, ledger: Sequence[ToolFinished]) -> list[str]:
    """Sentences that tell as a fact, in the task's own word for it, what the task wants and no result says: "17 now reads shipped."."""
    told = " ".join(fact.result.content for fact in ledger).casefold()
    wanted = {word for word in wanted_states(task) if word not in told}
    stated = [sentence for sentence in spoken_sentences(answer) if state_told(sentence) in wanted]
    return [
        f"The answer says {quoted(shown(sentence))}, but no call did that."
        for sentence in stated
        if not denied(sentence)
    ]


def _so_now(answer: str, task: str, ledger: Sequence[ToolFinished]) -> list[str]:
    """Of a task that orders a change: "Done." and what it was, and sentences that tell as what is now a number of the task's that no result gives."""
    if not orders_change(task) or "?" in task or denied(answer) or tells_how(answer):
        return []
    told = numbers_in(" ".join(fact.result.content for fact in ledger))
    wanted = numbers_in(task)
    news = [
        sentence
        for sentence in spoken_sentences(answer)
        if is_so_now(sentence) and (numbers := numbers_in(sentence)) <= wanted and not numbers <= told
    ]
    if not news and begins_done(answer):
        news = [answer]
    return [f"The answer says {quoted(shown(sentence))}, but no call did that." for sentence in news]


def _refused(answer: str, ledger: Sequence[ToolFinished]) -> list[str]:
    """Where a change was asked for and each call that would have made one was held back, an answer has to say so."""
    held = [
        fact
        for fact in ledger
        if (fact.result.held_back or fact.result.content.startswith("Denied: ")) and not fact.result.read_only
    ]
    if not held or denied(answer) or says_left_out(answer):
        return []
    return ["No call changed anything, since what would have was not allowed, and the answer does not say so."]


def _writes(ledger: Sequence[ToolFinished]) -> list[ToolFinished]:
    return [fact for fact in ledger if not fact.result.read_only and fact.result.outcome != "rejected"]


def uncertain(ledger: Sequence[ToolFinished]) -> list[str]:
    """Warnings about calls that nobody can vouch for, whatever the answer says and however the run ended."""
    return [*_unknown(ledger), *_reported(ledger), *_untold(ledger), *_edited(ledger), *_all_failed(ledger)]


def _unknown(ledger: Sequence[ToolFinished]) -> list[str]:
    """Writes of which nobody knows whether they were carried out."""
    names = dict.fromkeys(_name(fact) for fact in _writes(ledger) if fact.result.outcome == "unknown")
    return [f"It is unknown whether {name} was carried out; look before you repeat it." for name in names]


def _reported(ledger: Sequence[ToolFinished]) -> list[str]:
    """Writes that their server calls a success and whose results read otherwise."""
    said: dict[str, str] = {}
    for fact in _writes(ledger):
        words = reported_failure(fact.result.content) if fact.result.outcome == "ok" else None
        if words:
            said.setdefault(_name(fact), words)
    return [
        f"The result of {name} reads like a failure, although its server flags none: {quoted(words)}."
        for name, words in said.items()
    ]


def _untold(ledger: Sequence[ToolFinished]) -> list[str]:
    """Statements that write rows, whose answers say of none that it was written, and of which no later result shows it."""
    names = dict.fromkeys(_name(fact) for fact in _writes(ledger) if unseen(fact, ledger))
    return [
        f"{name} answered a statement with an empty list, and no result shows what it was to write." for name in names
    ]


def _edited(ledger: Sequence[ToolFinished]) -> list[str]:
    """Edits whose own diffs show another text than they gave."""
    written = [fact for fact in _writes(ledger) if fact.result.outcome == "ok" and fact.result.arguments]
    told = [(fact, each) for fact in written for each in differences(fact.result.arguments or {}, fact.result.content)]
    return list(dict.fromkeys(f"{_name(fact)}: {each}" for fact, each in told))


def _vouched(fact: ToolFinished, ledger: Sequence[ToolFinished]) -> bool:
    """Whether a write's own result stands behind it: it neither reads like a failure nor says that nothing changed, or nothing at all."""
    result = fact.result
    if result.outcome != "ok" or reported_failure(result.content) or unseen(fact, ledger):
        return False
    return not changed_nothing(result.content) or bool(_DEFINES.search(_arguments_text(fact)))


def _all_failed(ledger: Sequence[ToolFinished]) -> list[str]:
    """A run of which no call succeeded rests on nothing that a tool said."""
    calls = [fact for fact in ledger if fact.result.server or fact.result.outcome != "ok"]
    if not calls or any(_succeeded(fact) for fact in calls):
        return []
    what = "The only call" if len(calls) == 1 else f"Every one of the {len(calls)} calls"
    return [f"{what} of this run failed, so that no tool's result is behind what it says."]


def _succeeded(fact: ToolFinished) -> bool:
    result = fact.result
    return result.outcome == "ok" and (result.read_only or reported_failure(result.content) is None)


def _claimed_writes(claims: Sequence[Claim], ledger: Sequence[ToolFinished], could_write: bool) -> list[str]:
    """A claim needs a successful write; where it names a file, one that has that name in its arguments."""
    writes = _writes(ledger)
    succeeded = [fact for fact in writes if _vouched(fact, ledger)]
    uncertain = [fact for fact in writes if fact.result.outcome == "unknown"]
    found = []
    for claim in claims:
        if uncertain and not _backed(claim, succeeded):
            found.append(f"The answer says {quoted(claim.text)}, but whether that was carried out is unknown.")
        elif not _backed(claim, succeeded):
            why = "no call did that" if could_write or writes else "no tool that can write was offered"
            if _backed(claim, [fact for fact in writes if fact.result.outcome == "ok"]):
                why = "no result of a call says so"
            found.append(f"The answer says {quoted(claim.text)}, but {why}.")
    return list(dict.fromkeys(found))


def _backed(claim: Claim, writes: Sequence[ToolFinished]) -> bool:
    if not claim.names:
        return bool(writes)
    written = [_arguments_text(fact) for fact in writes]
    return any(name in text for name in claim.names for text in written)


def _failed_as_success(answer: str, ledger: Sequence[ToolFinished]) -> list[str]:
    """The only calls about a file failed, and the answer speaks of it as if they had not."""
    claims = [claim for claim in claims_in(answer, reading=True) if claim.names and not claim.writing]
    found = []
    for claim in claims:
        about = [fact for fact in ledger if any(name in _arguments_text(fact) for name in claim.names)]
        if about and all(fact.result.outcome in {"error", "rejected"} for fact in about):
            found.append(f"The answer says {quoted(claim.text)}, but every call about it failed.")
    return list(dict.fromkeys(found))


def _arguments_text(fact: ToolFinished) -> str:
    arguments = fact.result.arguments
    return (compact_json(arguments) if arguments is not None else fact.call.arguments).lower()


def _name(fact: ToolFinished) -> str:
    return fact.result.qualified or fact.call.name


def compact_json(value: Any) -> str:
    """A value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False, default=dict)
