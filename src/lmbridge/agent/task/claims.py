"""Claims against the ledger: what an answer says was done, and what was really called.

The ledger is lmbridge's own; the model's words are only compared with it. A doubt is a warning in the report, never a
change of the answer, so false alarms cost trust: only plain statements in the first person or the passive count, and
only where no call at all can stand behind them. Measured on tests/data/receipts.

What a text claims to have done: plain statements of a finished act, with the files and names they are about.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lmbridge.agent.reading.names import paths_in
from lmbridge.agent.task.claim_forms import DENIED_ELSEWHERE, only_says_done, says_done, says_only_done
from lmbridge.events import ToolFinished
from lmbridge.mcp_host.gate.mentions import speaks_of_change, spoken
from lmbridge.mcp_host.tools.edited import differences
from lmbridge.mcp_host.tools.reported_failure import changed_nothing, reported_failure
from lmbridge.messages import ToolSpec
from lmbridge.text import quoted

_WRITES = (
    r"(?:created|written|wrote|saved|stored|updated|deleted|removed|renamed|moved(?! on)|copied|added(?! (?:up|them|the numbers|all numbers))|appended|inserted|edited"
    r"|modified|replaced|overwrote|overwritten|uploaded|sent|posted|committed|pushed|scheduled)"
)
_READS = r"(?:read|opened|checked|looked at|listed|found|fetched|retrieved|searched)"
_DONE = (
    r"\bI(?:'ve| have)? (?:just |now |also |successfully |already )*{verbs}\b"
    r"|\b(?:has|have) been (?:just |now |also |successfully |already )*{verbs}\b"
    r"|\bsuccessfully {verbs}\b"
)
_WRITE_CLAIM = re.compile(_DONE.format(verbs=_WRITES), re.IGNORECASE)
_READ_CLAIM = re.compile(_DONE.format(verbs=_READS), re.IGNORECASE)
_DENIED = re.compile(
    r"\b(?:not|never|no|unable|failed|fails|cannot|without|nothing|could|would|should|can|will|may|might|must|if|when"
    r"|unless|before|until|tried|unknown|whether|error)\b|n't\b|\?",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"\b(?:by|last|originally|previously|ago|yesterday|according|says|said|shows|states|reads|tells|mentions|found that|saw that|see that|noticed|since|in \d{4})\b",
    re.IGNORECASE,
)
"""A sentence about what others did, or what a text says of it."""
_HOW = re.compile(
    r"\W*(?:run|use|type|execute|press|click|enter|call|simply|just|you (?:can|may)|to \w+)\b", re.IGNORECASE
)
"""A sentence that tells how something is done."""
_TO_SEND = re.compile(
    r"(?i)\b(?:send|e-?mail|mail|post|publish|share|reply|submit|forward|message|notify|upload|tweet|schick\w*|sende\w*|envoie\w*|envoy\w*|envía\w*|enviar)\b"
)
"""Words of a task that wants somebody else to get something."""
_WANTED = re.compile(r"(?i)\b(?:to|as|on|off)\s+[\"'`“]?([^\W\d_]{3,})\b")
"""What a task wants something to become: set to shipped, marked as paid."""
_STATE = re.compile(
    r"(?i)\b(?:is|are|has|have|now|been|reads?|says?|shows?|stands? (?:at|on)|set to|to be)\s+(?:now\s+|already\s+|been\s+)?[\"'`“*]*([^\W\d_]{3,})[\"'`”*]*\s*(?:now\b\W*|[.!,;:)]|$)"
)
_LEFT = re.compile(
    r"(?i)\b(?:refused|denied|declined|rejected|left out|skipped|needs? (?:your |the user's )?(?:approval|permission)|not allowed|held back)\b"
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_NAME = re.compile(
    r"`([^`\n]{2,200})`|\"([^\"\n]{2,200})\"|(?<![\w/.])((?:[\w.~-]*/)*[\w-]+\.[a-zA-Z]\w{0,5})(?![\w/])"
)
_FENCED = re.compile(r"```.*?(?:```|$)", re.DOTALL)
_LONGEST_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that says something was done; `names`: files and quoted names in it, in lower case."""

    text: str
    names: tuple[str, ...]
    writing: bool


def claims_in(text: str, *, reading: bool = False, asked: bool = False) -> list[Claim]:
    """The claims in an answer: of writing, and where asked of reading as well. Code blocks claim nothing.

    Args:
        text: The answer.
        reading: Whether claims of having read count too.
        asked: Whether a change was asked for, so that the shortest words mean one.
    """
    found = []
    for sentence in _SENTENCE.split(_FENCED.sub(" ", text.replace("\u2019", "'"))[:20_000]):
        plainly = bool(_WRITE_CLAIM.search(sentence))
        writing = plainly or (asked and says_done(sentence))
        if not writing and not (reading and _READ_CLAIM.search(sentence)):
            continue
        if not plainly and _HOW.match(sentence):
            continue
        words = _NAME.sub(" ", sentence)
        if _DENIED.search(words) or (writing and _REPORTED.search(words)):
            continue
        if writing and not plainly and DENIED_ELSEWHERE.search(words):
            continue
        shown = " ".join(sentence.split()).strip(" -*>")[:_LONGEST_SHOWN]
        found.append(Claim(shown, names_in(sentence), writing))
    return found


def names_in(text: str) -> tuple[str, ...]:
    """Names that a text gives in code marks or quotation marks, and words that look like a file's path."""
    found = (next(part for part in match if part) for match in _NAME.findall(text))
    return tuple(dict.fromkeys(name.strip().rstrip(".").lower() for name in found))


_DEFINES: Final = re.compile(r"\b(?:create|drop|alter|truncate|grant|revoke|pragma|vacuum)\b", re.IGNORECASE)
"""Statements that are carried out without a row being changed."""


_SENTENCES: Final = re.compile(r"(?<=[.!;])\s+|\n+")
_QUOTED_TEXT: Final = re.compile(r"`[^`]*`|\"[^\"]*\"|\u201c[^\u201d]*\u201d|\u201e[^\u201c]*\u201c")
_COURTESY: Final = re.compile(
    r"(?i)^\W*(?:(?:please|now|then|and|first|finally|also|next|bitte|dann|jetzt|und|puis|ensuite|et|luego|y|por favor|s'il te plaît)\b[\s,:]*)+"
)
_FOR_ANSWERS: Final = re.compile(
    r"(?:re)?writ|mak|creat|put|draft|prepar|generat|translat|convert|sort|build|format|fill|export|extend|keep|open|organi|schreib|erstell|\u00e9cri|cr\u00e9|crea|escrib|scriv"
)
"""Beginnings of words that order a text as often as a change."""


def ordered_behind(task: str) -> bool:
    """Whether a task speaks of a change behind its last question, as "Which is the cheapest? Remember it." does."""
    return speaks_of_change(spoken(re.split(r"[?\u061f\uff1f]", task)[-1]))


def orders_change(task: str) -> bool:
    """Whether a sentence of a task begins with the order to change something, as "Save in /a.txt how many there are." does.

    "Write a poem" orders none: of the words that are used for answers, too, only those beside a place count.
    """
    for sentence in _SENTENCES.split(_QUOTED_TEXT.sub(" ", task)):
        words = spoken(_COURTESY.sub("", sentence))
        if speaks_of_change(" ".join(words.split()[:1])):
            first = words.split()[0].lower()
            if not _FOR_ANSWERS.match(first) or paths_in(sentence):
                return True
    return False


def doubts(answer: str, ledger: Sequence[ToolFinished], tools: Mapping[str, ToolSpec], task: str = "") -> list[str]:
    """Warnings about an answer.

    Args:
        answer: The final answer.
        ledger: Every call of the run with its result.
        tools: The tools that could be called, by the name the model sees.
        task: What was asked for; where it asks for a change, short words such as "Saved." claim one.
    """
    writes = _writes(ledger)
    said = spoken(task)
    asked = speaks_of_change(said) or bool(_TO_SEND.search(said))
    could_write = any(not spec.read_only and spec.server for spec in tools.values())
    tried = _only_tried(ledger)
    claimed = _claimed_writes(claims_in(answer, asked=asked or tried), writes, could_write)
    if not claimed and tried and says_only_done(answer):
        claimed = ["The answer says no more than that it is done, and no call was carried out."]
    if not claimed and asked and could_write and not writes and _leaves_it_at_done(answer, ledger, task):
        claimed = [
            "The task asks for a change, the answer says no more than that it is done, and no call changed anything."
        ]
    if not claimed and asked and not any(map(_vouched, writes)):
        claimed = _wished_for(answer, said, ledger) or _refused(answer, ledger)
    return [*claimed, *_failed_as_success(answer, ledger)]


def _only_tried(ledger: Sequence[ToolFinished]) -> bool:
    """Whether calls were made of which none was carried out, one that may change something among them: a tool that is not there, or switched off."""
    refused = [fact for fact in ledger if fact.result.outcome == "rejected"]
    return len(refused) == len(ledger) and any(not fact.result.read_only for fact in refused)


def _leaves_it_at_done(answer: str, ledger: Sequence[ToolFinished], task: str) -> bool:
    if (
        "?" in task
        or _HOW.match(answer)
        or _DENIED.search(answer)
        or DENIED_ELSEWHERE.search(answer)
        or not names_in(task)
    ):
        return False
    carried = [fact for fact in ledger if fact.result.outcome != "rejected"]
    return only_says_done(answer, task, [fact.result.content for fact in carried])


def _wished_for(answer: str, said: str, ledger: Sequence[ToolFinished]) -> list[str]:
    """Sentences that tell as a fact, in the task's own word for it, what the task wants and no result says: "17 now reads shipped."."""
    told = " ".join(fact.result.content for fact in ledger).casefold()
    wanted = {word.casefold() for word in _WANTED.findall(said)}
    found = []
    for sentence in _SENTENCE.split(_FENCED.sub(" ", answer)[:20_000]):
        state = _STATE.search(sentence)
        word = state[1].casefold() if state else ""
        if word in wanted and word not in told and not (_DENIED.search(sentence) or DENIED_ELSEWHERE.search(sentence)):
            shown = " ".join(sentence.split()).strip(" -*>")[:_LONGEST_SHOWN]
            found.append(f"The answer says {quoted(shown)}, but no call did that.")
    return found


def _refused(answer: str, ledger: Sequence[ToolFinished]) -> list[str]:
    """Where a change was asked for and each call that would have made one was held back, an answer has to say so."""
    held = [
        fact
        for fact in ledger
        if (fact.result.held_back or fact.result.content.startswith("Denied: ")) and not fact.result.read_only
    ]
    if not held or _DENIED.search(answer) or DENIED_ELSEWHERE.search(answer) or _LEFT.search(answer):
        return []
    return ["No call changed anything, since what would have was not allowed, and the answer does not say so."]


def _writes(ledger: Sequence[ToolFinished]) -> list[ToolFinished]:
    return [fact for fact in ledger if not fact.result.read_only and fact.result.outcome != "rejected"]


def uncertain(ledger: Sequence[ToolFinished]) -> list[str]:
    """Warnings about calls that nobody can vouch for, whatever the answer says and however the run ended."""
    return [*_unknown(ledger), *_reported(ledger), *_edited(ledger), *_all_failed(ledger)]


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


def _edited(ledger: Sequence[ToolFinished]) -> list[str]:
    """Edits whose own diffs show another text than they gave."""
    written = [fact for fact in _writes(ledger) if fact.result.outcome == "ok" and fact.result.arguments]
    told = [(fact, each) for fact in written for each in differences(fact.result.arguments or {}, fact.result.content)]
    return list(dict.fromkeys(f"{_name(fact)}: {each}" for fact, each in told))


def _vouched(fact: ToolFinished) -> bool:
    """Whether a write's own result stands behind it: it neither reads like a failure nor says that nothing changed."""
    result = fact.result
    if result.outcome != "ok" or reported_failure(result.content):
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


def _claimed_writes(claims: Sequence[Claim], writes: Sequence[ToolFinished], could_write: bool) -> list[str]:
    """A claim needs a successful write; where it names a file, one that has that name in its arguments."""
    succeeded = [fact for fact in writes if _vouched(fact)]
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
