"""Which of several places of a text a task means, by the words that only one of them has. Pure, and by form alone.

What a task says is to stay as it is ("production must not change", "leave main alone") is not meant; of two places the other one is then.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lmbridge.agent.reading.conditions.words import SMALL_WORDS, STOP, plain
from lmbridge.agent.reading.names import DENIES, MOST_LISTED_IN, paths_in, speaks_of_all
from lmbridge.agent.reading.places.standing import Spot
from lmbridge.mcp_host.gate.mentions import speaks_of_change

_SHORTEST = 3
_BEGINNING = 4
"""Letters from which on a word is meant by one that begins with it: `test` by "Testserver"."""
_KEPT = (
    r"\b(?:stay(?:s|ing)?|remain\w*|untouched|unchanged|unaltered|as is|as (?:it|they) (?:is|are|was|were)|leave|keep|bleib\w*|lass|lassen|lasst|unver\u00e4ndert"
    r"|unber\u00fchrt|behalt\w*|rester?|restent|inchang\u00e9\w*|intact\w*|laisse[rz]?|gardez?|garder|conserve[rz]?|queda\w*|quede\w*|permanec\w+"
    r"|permanezc\w+|deja|dejar?|deje|dejad|conserva\w*|mantener|mant\u00e9n|riman\w+|resta(?:re)?|restano|invariat\w+|lascia(?:re|te)?|mantieni|mantenere"
    r"|fica[rm]?|fique\w*|inalterad\w+|deixar?|deixe|mantenha|manter)\b"
)
"""Words for what is to stay as it is."""
_BUT_NOT = (
    r"\b(?:instead of|in place of|rather than|other than|without|except(?: for)?|(?:an)?statt|ohne|au\u00dfer|au lieu d\w+|\u00e0 la place d\w+|plut\u00f4t qu\w+|sans|sauf|en (?:lugar|vez) de"
    r"|sin|excepto|salvo|invece d\w+|al posto d\w+|anzich\u00e9|senza|tranne|em vez d\w+|em lugar d\w+|sem|exceto)\b"
)
"""Words of which what follows alone is not meant."""
_NOT_MEANT = re.compile(rf"(?P<behind>{_BUT_NOT})|{_KEPT}|{DENIES}", re.IGNORECASE)
_AND_THE_REST = re.compile(
    r"\b(?:and|und|et|y|e|ed)\s+(?:\w+\s+){0,2}(?:the rest|rest|all else|everything else|the others?|anderen?|\u00fcbrigen?|le reste|les autres|resto|dem\u00e1s|otr[oa]s|altr[ioe]|outr[oa]s)\b",
    re.IGNORECASE,
)
"""What is coordinated with anything: "change this and the rest stays", "that and the rest stay"."""
_ORDERS = re.compile(r"\b(?:change[rz]?|modifie[rz]?|met(?:s|tez|tre)|passe[rz]?)\b", re.IGNORECASE)
"""Orders in French that are no words of change to the gate."""
_PIECES = re.compile(
    r"[.;:!?](?=\s|$)|\n|,"
    r"|\b(?:but|whereas|while|so that|aber|doch|w\u00e4hrend|sondern|damit|so dass|mais|tandis|pour que|pero|mientras|sino|para que|ma|mentre|per\u00f2|affinch\u00e9|mas|por\u00e9m|enquanto)\b"
    r"|\b(?:and|und|et|y|e)\s+(?=(?:leave|keep|do not|don['\u2019]t|not|never|lass\w*|nicht|laisse\w*|gardez?|ne|n['\u2019]\w+|pas|deja\w*|no|lascia\w*|non|deix\w+|n\u00e3o|without|ohne|sans|sin|senza|sem)\b)",
    re.IGNORECASE,
)
_LINE = re.compile(r"\b(?:line|zeile|ligne|l[ií]nea|riga|linha)\s+(\d{1,6})\b", re.IGNORECASE)
_ORDINALS = (
    (0, re.compile(r"\b(?:the|my) first\b|\berste[nrsm]?\b|\bpremi(?:er|\u00e8re)\b|\bprimer[ao]?\b|\bprim[ao]\b|\bprimeir[ao]\b", re.IGNORECASE)),
    (1, re.compile(r"\b(?:the|my) second\b|\bzweite[nrsm]?\b|\bdeuxi\u00e8me\b|\bseconde?\b|\bsegund[ao]\b|\bsecond[ao]\b", re.IGNORECASE)),
    (2, re.compile(r"\b(?:the|my) third\b|\bdritte[nrsm]?\b|\btroisi\u00e8me\b|\btercer[ao]?\b|\bterz[ao]\b|\bterceir[ao]\b", re.IGNORECASE)),
    (-1, re.compile(r"\b(?:the|my) last\b|\bletzte[nrsm]?\b|\bderni(?:er|\u00e8re)\b|\b\u00faltim[ao]\b|\bultim[ao]\b", re.IGNORECASE)),
)  # fmt: skip
_REST = re.compile(
    r"\b(?:all|every|alle[ns]?|tou(?:te?)?s?|tod[oa]s?|tutt[ieoa])\s+(?:(?:of|the|das|die|les?|l['\u2019]|los?|las?|il|gli)\s*){0,3}(?:rest\w*|others?|other|else|\u00fcbrige\w*|andere\w*"
    r"|autres?|dem\u00e1s|otr[oa]s|altr[ieoa])\b|\beverything else\b",
    re.IGNORECASE,
)
"""Words for all that is not meant: "all the rest stays as it is"."""


_TIMES = re.compile(
    r"\b(?:twice|(?:two|three|four|several|many|\d+) (?:times|places|spots|occurrences)|wherever|occurrences|(?:zwei|drei|vier|mehr)mals?|deux fois|(?:trois|plusieurs) fois|(?:dos|tres|varias) veces"
    r"|donde(?:quiera)? que|(?:due|tre|pi\u00f9) volte|(?:duas|tr\u00eas|v\u00e1rias) vezes|onde quer que|\w*orkommen)\b",
    re.IGNORECASE,
)
"""Words for a text that stands several times, all of which are meant."""


def means_all(task: str) -> bool:
    """Whether a task speaks of each of several things or places, what it calls the rest left out."""
    return speaks_of_all(_REST.sub(" ", task)) or bool(_TIMES.search(task[:MOST_LISTED_IN]))


def parts_of(task: str, things: set[str]) -> tuple[str, str]:
    """What a task speaks of, and what of that it says is to stay as it is.

    Args:
        task: What the caller asked for.
        things: Words that tell one thing from another: what is to stay stands behind the "not" or the "keep", or before it.
    """
    wanted, kept = [], []
    for piece in _PIECES.split(task[:MOST_LISTED_IN]):
        found = _NOT_MEANT.search(piece)
        if not found:
            wanted.append(piece)
            continue
        before, behind = piece[: found.start()], piece[found.end() :]
        if found["behind"] or _has(behind, things, begins=True) or speaks_of_change(before) or _ORDERS.search(before):
            wanted.append(before)
            kept.append(behind)
        elif not _AND_THE_REST.search(before):
            kept.append(before)
    return "\n".join(wanted), "\n".join(kept)


def meant_of(places: Sequence[Spot], task: str, told: Sequence[str]) -> int | None:
    """Which of the places a task means; None where it does not say.

    Args:
        places: In their order.
        task: What the caller asked for.
        told: The old and the new text, whose words tell no place from another.
    """
    if len(places) < 2:
        return 0 if places else None
    known = {word for text in told for word in _words(text)}
    order = _without_former(_without_paths(task[:MOST_LISTED_IN], places), known)
    remarked = all(place.remarks for place in places)
    heads = [(*place.heads, place.remarks) if remarked else place.heads for place in places]
    bodies = [(*each, place.body) for each, place in zip(heads, places, strict=True)]
    for texts, begins in ((heads, True), (bodies, False)):
        small = known if begins else known | STOP
        words = [{word for text in each for word in _words(text)} - small for each in texts]
        own = [each - {word for other in words if other is not each for word in other} for each in words]
        wanted, kept = parts_of(order, set().union(*own))
        named = [number for number, each in enumerate(own) if _has(wanted, each, begins=begins)]
        left = [number for number, each in enumerate(own) if _has(kept, each, begins=begins)]
        if named:
            return named[0] if len(named) == 1 else None
        if left and len(places) - len(left) == 1:
            return next(number for number in range(len(places)) if number not in left)
    return _by_number(places, task)


def _without_paths(task: str, places: Sequence[Spot]) -> str:
    """A task without the file's own place, whose words choose nothing in it; names of hosts may."""
    for path in paths_in(task):
        if "/" in path or not any(path in place.body for place in places):
            task = task.replace(path, " ")
    return task


def _without_former(task: str, known: set[str]) -> str:
    """A task without "instead of 8000" where that is what is to be replaced: what follows it is no exception."""
    former = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
    return re.sub(rf"{_BUT_NOT}\s+(?:\w{{1,4}}\s+)?(?:{former})\b", " ", task, flags=re.IGNORECASE) if former else task


def _by_number(places: Sequence[Spot], task: str) -> int | None:
    """The place that a task counts out: "line 9", "the second port"."""
    for line in _LINE.findall(task[:MOST_LISTED_IN]):
        if found := [number for number, place in enumerate(places) if place.line == int(line)]:
            return found[0]
    counted = [number for number, word in _ORDINALS if word.search(task[:MOST_LISTED_IN])]
    if len(counted) != 1 or counted[0] >= len(places):
        return None
    return counted[0] % len(places)


def _has(text: str, own: set[str], *, begins: bool) -> bool:
    """Whether a text has one of the words; a longer one that begins with it, or a shorter one that it begins with, says it too."""
    said = _words(text)
    if said & own:
        return True
    longer = {word for word in own if len(word) >= _BEGINNING} if begins else ()
    return any(
        word.startswith(other) or (len(other) >= _BEGINNING and other.startswith(word))
        for other in longer
        for word in said
        if len(word) >= _BEGINNING
    )


def _words(text: str) -> set[str]:
    """The words of a text that can tell one thing from another, in lower case and without accents."""
    found = re.findall(r"[^\W\d_]+|\d+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text))
    plainly = {plain(word) for word in found if word.isdigit() or len(word) >= _SHORTEST}
    return plainly - SMALL_WORDS
