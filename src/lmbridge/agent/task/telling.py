"""Whether an answer tells what the results say: nothing of it, some for all, less than before, or others' words. Pure, and by form alone."""

from __future__ import annotations

import re

from lmbridge.agent.reading.names import IN_NO_NAME, alternatives, holds_word, words_in
from lmbridge.agent.reading.notes import listed_names
from lmbridge.agent.task.evidence import Evidence, in_one, tokens
from lmbridge.agent.task.quotes import MOST_QUOTES
from lmbridge.events import ToolFinished
from lmbridge.long_texts import pieces

_SHORT = 3
"""Words of an answer such as "None of them", which needs none of a result's."""
_ELLIPSIS = re.compile(r"\.\.\.|…")
_SENTENCE_ENDS = re.compile(r"(?<=[.!?])[\s)]+|\n")
_WORD = re.compile(r"[^\W_]+")
_ORDERS = re.compile(
    r"(?:do|read|make|quote|answer|call|try|deal|say|write|put|open|look|use|go|mend|work|give|to replace|to add|to leave|if) "
)
"""How lmbridge's sentences to a model begin that tell it what to do."""


def says_nothing(evidence: Evidence) -> bool:
    """Whether an answer that calls itself found has no word or number of any result that the task does not have already."""
    results = [fact.result for fact in evidence.succeeded if fact.result.content.strip()]
    if evidence.outcome != "found" or not results or len(tokens(evidence.answer)) <= _SHORT:
        return False
    told = in_one([*evidence.seen, *(f"{result.content}\n{result.note}" for result in results)])
    own = tokens(evidence.answer) - tokens(evidence.task)
    figures = {token for token in own if any(map(str.isdigit, token))}  # 16:30 is told by 2026-11-28T16:30:00
    return not own & tokens(told) and not any(figure in told for figure in figures) and not _chooses(evidence, told)


def _chooses(evidence: Evidence, told: str) -> bool:
    """Whether an answer names one of the things between which the task lets choose, and a result knows it: "Tilda is the oldest."."""
    for items in alternatives(evidence.task):
        named = [item for item in items if holds_word(evidence.answer, item)]
        if 0 < len(named) < len(items) and any(holds_word(told, item) for item in named):
            return True
    return False


def abbreviated(evidence: Evidence) -> ToolFinished | None:
    """The listing of which the answer names some and stands for the rest with dots, or ended where it had to; None where none is."""
    if not _ELLIPSIS.search(evidence.answer) and len(evidence.quotes) < MOST_QUOTES:
        return None
    said = evidence.answer.lower()
    for fact in reversed(evidence.succeeded):
        names = [name.lower() for name in listed_names(fact.result.content)]
        named = sum(name in said for name in names)
        if 2 <= named < len(names):
            return fact
    return None


def lost_words(evidence: Evidence, part: str) -> set[str]:
    """What an earlier part of the answer took from results, and neither the answer nor the task says.

    Small models whose answer went back for a missing call then tell what that call gave, and nothing else.
    """
    said = tokens(evidence.answer) | tokens(evidence.task)
    found = set().union(*(tokens(fact.result.content) for fact in evidence.succeeded))
    return {token for token in (tokens(part) & found) - said if any(map(str.isdigit, token))}


def echoes(evidence: Evidence) -> bool:
    """Whether every sentence of the answer is one of lmbridge's own to the model, an order among them."""
    ours = {_plain(part) for text in evidence.own_words for part in _SENTENCE_ENDS.split(text)}
    parts: list[str] = []
    for said in filter(None, map(_plain, _SENTENCE_ENDS.split(evidence.answer))):
        if said not in ours:  # at the first, since an answer may be very long
            return False
        parts.append(said)
    if not any(map(_ORDERS.match, parts)):
        return False
    known = _plain("\n".join(fact.result.content for fact in evidence.succeeded))
    return not all(part in known for part in parts)


def _plain(text: str) -> str:
    return " ".join(word for piece in pieces(text.lower(), IN_NO_NAME) for word in _WORD.findall(piece))


def foreign_words(evidence: Evidence) -> list[str]:
    """Words of the answer that the prompt's examples are about, and neither the task nor a result."""
    own = words_in(evidence.examples) & words_in(evidence.answer)
    return sorted(own - words_in(evidence.sources())) if own else []
