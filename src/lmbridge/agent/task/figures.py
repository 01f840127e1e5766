"""Numbers, dates and amounts that an answer or a written text has and nothing else says; and those of the task that were lost. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from lmbridge.agent.held.transfers import transfer_in
from lmbridge.agent.reading.names import leaves, nowhere, numbers_in, places_in
from lmbridge.agent.task.evidence import MOST_NAMED, Evidence, arguments_of

_MOST_SUMMED = 60
"""Numbers of a result that are added up."""
_TOGETHER = re.compile(
    r"(?i)\b(?:together|totals?|sums?|altogether|in all|combined|zusammen|insgesamt|summen?|gesamt\w*|au total|en tout|ensemble|somme|total|suma|juntos|en total|somma|totale|in tutto|soma|ao todo)\b"
)
"""Words for what numbers come to."""
_TOLD = re.compile(
    r"(?i)\b(?:tell (?:me|us)|let (?:me|us) know|answer with|report back|sag\w* (?:mir|uns)|nenn\w* (?:mir|uns)|dis(?:-| )moi|dites(?:-| )moi|dime|dinos|dimmi|dicci|diga(?:-me)?|me diz)\b|[?\u061f\uff1f]"
)
"""What wants something told beside what is written."""
_FIGURE = re.compile(r"\d+(?:[.:-]\d+)+|\d{2,}")


def own_numbers(evidence: Evidence) -> list[str]:
    """Numbers of the answer that stand nowhere else: the model worked them out, or made them up."""
    return _not_summed(nowhere(numbers_in(evidence.answer), [evidence.sources()]), evidence)


def written_numbers(evidence: Evidence) -> list[str]:
    """Numbers in what was written that stand neither in the task nor in an earlier result."""
    found: list[str] = []
    before = [evidence.task, *evidence.seen]
    for fact in evidence.ledger:
        if not fact.result.read_only and fact.result.outcome == "ok":
            found += nowhere(numbers_in(arguments_of(fact)), before)
        made_up = evidence.calculated(fact) and nowhere(numbers_in(arguments_of(fact)), before)  # "100" is 100
        if fact.result.outcome != "rejected" and not made_up:  # a refusal only repeats what was to be written
            before += [fact.result.content, fact.result.note]
    return _not_summed(list(dict.fromkeys(found)), evidence)


def _not_summed(numbers: Sequence[str], evidence: Evidence) -> list[str]:
    """Those numbers that are not what the numbers of a result, or one of each of several results, come to together.

    Nor one of them with what the task moves from one thing to another added or taken away.
    """
    contents = dict.fromkeys(fact.result.content for fact in evidence.succeeded)
    told = [numbers_in(content) for content in contents] if numbers else []
    read = [each for each in told if 0 < len(each) <= _MOST_SUMMED]
    single = [each[0] for each in read if len(each) == 1]
    sums = {sum(map(Decimal, each)) for each in (*read, single) if len(each) > 1}
    moved = transfer_in(evidence.task) if numbers else None
    if moved:
        by = Decimal(moved.amount)
        sums |= {Decimal(number) + each for found in read for number in found for each in (by, -by)}
    return [number for number in numbers if Decimal(number) not in sums]


def to_work_out(evidence: Evidence) -> str:
    """What to say of a number of the model's own making where there are at least two to make it of."""
    own = own_numbers(evidence) if evidence.calculator else []
    if not own or any(map(evidence.calculated, evidence.ledger)):
        return ""
    given = {number for fact in evidence.ledger for number in numbers_in(fact.result.content)}
    return (
        f"{', '.join(own[:MOST_NAMED])} stands in no result. Work it out with {evidence.calculator}."
        if len(given) > 1
        else ""
    )


def sum_not_written(evidence: Evidence) -> tuple[str, list[str]] | None:
    """A number of the answer that stands nowhere and is what the numbers of the last text that was written come to; with these numbers.

    Only where the task speaks of what they come to, and not where it wants that told, or says itself what to write.
    """
    changes = evidence.changes if evidence.outcome == "changed" else []
    if not changes or not _TOGETHER.search(evidence.task) or _TOLD.search(evidence.task):
        return None
    places = set(places_in(changes[-1].result.arguments or {}))
    texts = [text for text in leaves(changes[-1].result.arguments or {}) if text not in places]
    written = [number for text in texts for line in text.splitlines() for number in numbers_in(line)]
    if not 1 < len(written) <= _MOST_SUMMED or not nowhere(written, [evidence.task]):
        return None
    total = sum(map(Decimal, written))
    own = nowhere(numbers_in(evidence.answer), [evidence.sources(), *texts])
    said = next((number for number in own if Decimal(number) == total), None)
    return (said, written) if said else None


def given_up(evidence: Evidence) -> list[str]:
    """Numbers, dates and the like of the task that a call had which was not carried out, and that nothing since has.

    A small model that is asked about its write makes another one, of which the asked-for part may be missing.
    """
    if evidence.outcome != "changed":
        return []
    refused, known = set[str](), _figures("\n".join(evidence.seen))
    for fact in evidence.ledger:
        if fact.result.outcome == "rejected":
            refused |= _figures(arguments_of(fact))
        elif fact.result.outcome == "ok":
            known |= _figures(f"{arguments_of(fact)}\n{fact.result.content}")
    return sorted(_figures(evidence.task) & refused - known)


def _figures(text: str) -> set[str]:
    """Numbers of two digits and more, amounts, dates and times, without the zeros that end an amount."""
    found = _FIGURE.findall(text)
    return {figure.rstrip("0").rstrip(".") if re.fullmatch(r"\d+\.\d+", figure) else figure for figure in found}
