"""Whether a reply only announces what the model is about to do. Pure.

An answer must never be taken for narration: the run would lose it. So only a reply that *ends* on an announcement
counts, and none that reports something done, asks the user, offers or concludes. Measured on tests/data/narration.
"""

from __future__ import annotations

import re

from lmbridge.agent.reading.names import sentences

_LONGEST = 1200
"""Characters above which a reply without a call is taken for an answer."""

_ACT = (
    r"(?:access|add|adjust|analyse|analyze|append|ask|attempt|begin|browse|build|calculate|call|carry|change|check|"
    r"collect|compare|complete|compute|confirm|connect|consult|continue|copy|correct|count|create|delete|determine|"
    r"dig|download|edit|examine|execute|explore|extract|fetch|figure|find|finish|first|fix|follow|gather|generate|"
    r"get|handle|identify|insert|inspect|investigate|invoke|list|load|locate|look|make|modify|move|navigate|open|"
    r"parse|perform|prepare|proceed|query|re-read|re-run|read|remove|rename|repeat|replace|rerun|reread|retrieve|"
    r"retry|review|rewrite|run|save|scan|search|see|send|set|start|store|study|take|test|try|update|use|verify|"
    r"view|visit|work|write|go (?:ahead|through|to|on)|have a look|do (?:that|this|so))(?:ing)?\b"
)
_FILLERS = r"(?:okay|ok|sure|alright|certainly|of course|great|good|now|next|then|first(?:ly)?|so|also|and|but)"
_PURPOSE = r"(?:to (?:do|answer|complete|start|begin|solve|find|see)\b[^.,:]{0,60}[,: ]\s*)?"
_ADVERBS = r"(?: (?:now|first|then|next|also|need to|try to|start by|begin by|just|quickly))*"
_INTENT = (
    r"(?:i(?:'ll| will|'m going to| am going to| need to| should| must| have to|'m about to| am about to| shall)|let(?: me|'s| us)"
    r"|(?:my |the )?(?:next|first) step(?: is| will be)?(?: to)?)"
)
_ANNOUNCEMENT = re.compile(rf"^(?:{_FILLERS}[,.!: ]+)*{_PURPOSE}{_INTENT}{_ADVERBS}\s+{_ACT}", re.IGNORECASE)
_PROGRESSIVE = re.compile(
    r"^(?:now |okay, |ok, )?(?:calling|reading|listing|checking|searching|opening|fetching|querying|running|using|executing|invoking|retrieving|looking)\b"
    r".*(?:\.\.\.|…|:)$",
    re.IGNORECASE,
)
_WAITING = re.compile(
    r"^(?:please wait|one moment|just a moment|hold on|stand by|give me a moment|working on it)\b", re.IGNORECASE
)
_NOT_NARRATION = re.compile(
    r"\b(?:let me know|i(?:'ll| will) (?:be (?:happy|glad|able)|need (?:you|your|more)|wait for)|i will not|i won't|if you"
    r"|would you like|do you want|shall i|should i|feel free|could you|can you|please (?:provide|tell|confirm|specify)"
    r"|nothing|no (?:more|further|longer)|cannot|can't|could not|couldn't|unable|not able|not possible|don't have|do not have)\b",
    re.IGNORECASE,
)
_SAYS_IT = re.compile(r":\s+\S")
"""A colon with words behind it: the sentence goes on to say what it announced."""


def is_narration(text: str) -> bool:
    """Whether the reply ends with the announcement of an act instead of the act, and answers nothing."""
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return False
    plain = text.replace("\u2019", "'")
    last = _last_sentence(plain)
    if _NOT_NARRATION.search(last) or _SAYS_IT.search(last) or "?" in last:
        return False
    return bool(_ANNOUNCEMENT.match(last) or _PROGRESSIVE.match(last) or _WAITING.match(last))


def _last_sentence(text: str) -> str:
    parts = [part.strip(" *_>#-\t") for part in sentences(text) if part.strip(" *_>#-`\t")]
    return parts[-1] if parts else ""
