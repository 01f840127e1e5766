"""What a text claims to have done: plain statements of a finished act, with the files and names they are about."""

from __future__ import annotations

import re
from dataclasses import dataclass

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


def claims_in(text: str, *, reading: bool = False) -> list[Claim]:
    """The claims in an answer: of writing, and where asked of reading as well. Code blocks claim nothing."""
    found = []
    for sentence in _SENTENCE.split(_FENCED.sub(" ", text.replace("\u2019", "'"))[:20_000]):
        writing = bool(_WRITE_CLAIM.search(sentence))
        if not writing and not (reading and _READ_CLAIM.search(sentence)):
            continue
        words = _NAME.sub(" ", sentence)
        if _DENIED.search(words) or (writing and _REPORTED.search(words)):
            continue
        shown = " ".join(sentence.split()).strip(" -*>")[:_LONGEST_SHOWN]
        found.append(Claim(shown, names_in(sentence), writing))
    return found


def names_in(text: str) -> tuple[str, ...]:
    """Names that a text gives in code marks or quotation marks, and words that look like a file's path."""
    found = (next(part for part in match if part) for match in _NAME.findall(text))
    return tuple(dict.fromkeys(name.strip().rstrip(".").lower() for name in found))
