"""Whether a reply only announces what the model is about to do.

An answer must never be taken for narration: the run would lose it. So only a reply that *ends* on an announcement
counts, and none that reports something done, asks the user, offers or concludes. Measured on tests/data/narration.
"""

from __future__ import annotations

import re

_LONGEST = 1200
"""Characters above which a reply without a call is taken for an answer."""

_ACT = (
    r"(?:use|call|run|invoke|execute|read|write|list|check|look|search|find|open|create|fetch|get|retrieve|query|start|begin"
    r"|examine|inspect|try|proceed|move|delete|count|gather|explore|review|see|first|verify|identify|locate|scan|load"
    r"|access|continue|update|add|append|save|store|make|ask|do (?:that|this|so)|go ahead|take a look|attempt|now)"
)
_ANNOUNCEMENT = re.compile(
    rf"^(?:(?:okay|ok|sure|alright|certainly|of course|great|good|now|next|then|first(?:ly)?|so|also|and|but|to do (?:this|that|so)"
    rf"|to (?:answer|complete|start|begin|solve)[^.,:]{{0,60}})[,.!: ]+)*"
    rf"(?:i(?:'ll| will|'m going to| am going to| need to| should| must| have to|'m about to| am about to| shall)(?: now| first| then| next| also| need to| try to| start by| begin by)*"
    rf"|let(?: me|'s| us)(?: now| first| then| next| also| start by| begin by)*"
    rf"|(?:my |the )?(?:next|first) step(?: is| will be)?(?: to)?)"
    rf"\s+{_ACT}(?:ing)?\b",
    re.IGNORECASE,
)
_PROGRESSIVE = re.compile(
    r"^(?:now |okay, |ok, )?(?:calling|reading|listing|checking|searching|opening|fetching|querying|running|using|executing|invoking|retrieving|looking)\b"
    r"[^.!?]*(?:\.\.\.|…|:)$",
    re.IGNORECASE,
)
_WAITING = re.compile(
    r"^(?:please wait|one moment|just a moment|hold on|stand by|give me a moment|working on it)\b", re.IGNORECASE
)
_NOT_NARRATION = re.compile(
    r"\b(?:let me know|i(?:'ll| will) (?:be (?:happy|glad|able)|need (?:you|your|more)|wait for)|i will not|i won't|if you"
    r"|would you like|do you want|shall i|should i|feel free|could you|can you|please (?:provide|tell|confirm|specify)"
    r"|cannot|can't|could not|couldn't|unable|not able|not possible|don't have|do not have)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?:…])\s+|\n+")


def is_narration(text: str) -> bool:
    """Whether the reply ends with the announcement of an act instead of the act, and answers nothing."""
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return False
    plain = text.replace("\u2019", "'")
    last = _last_sentence(plain)
    if _NOT_NARRATION.search(last) or "?" in last:
        return False
    return bool(_ANNOUNCEMENT.match(last) or _PROGRESSIVE.match(last) or _WAITING.match(last))


def _last_sentence(text: str) -> str:
    parts = [part.strip(" *_>#-\t") for part in _SENTENCE_END.split(text) if part.strip(" *_>#-`\t")]
    return parts[-1] if parts else ""
