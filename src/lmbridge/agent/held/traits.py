"""A thing that lacks one of the traits which a task names, where another thing has them all. Pure, by form alone.

"The next repair evening is on a Saturday, and I need one person who repairs lamps": a 1.5B named one who repairs lamps and has time on Mondays.
Traits are of a kind where several things are told the same first words and other last ones: "has time on Mondays", "has time on Saturdays".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace

from lmbridge.agent.held.told_things import (
    LONGEST,
    SMALL,
    Graph,
    Thing,
    Words,
    folded,
    is_portuguese,
    may_be_named,
    named_in,
    read,
    same,
    says_not,
    told_elsewhere,
    words_of,
)
from lmbridge.agent.reading.ends import end_asked
from lmbridge.agent.reading.names import MOST_LISTED_IN, asks, holds_word
from lmbridge.text import quoted

_WORD = re.compile(r"[^\W_]+")
_FEWEST = 3
"""Things of which something is told, from which on their traits are compared."""
_SHORT, _PLAIN = 3, 4
"""Letters of a word that may be part of a trait, and of one that is enough to name it."""
_LEAST_SHARED = 2
"""Words that the values of a kind should share in front."""
_MOST_SHOWN = 4
_NEAR = 30
"""Characters beside a value in which a word lets choose between it and another."""
_WHO = re.compile(
    r"\b(?:who(?:m|se)?|which|what|where|any(?:body|one)|some(?:body|one)|person|people|one|wer|wem|wen|wessen|welche[nmrs]?|wo|jemand\w*|leute|eine[nr]?|qui|quel(?:le)?s?|o\u00f9|quelqu['\u2019]un|personnes?"
    r"|qui[e\u00e9]n(?:es)?|cu[a\u00e1]l(?:es)?|qu\u00e9|d\u00f3nde|alguien|personas?|alguna?|chi|qual[ei]?|dove|qualcun\w*|person[ae]|quem|quais|onde|algu\u00e9m|pessoas?|uma?)\b",
    re.IGNORECASE,
)
"""Words of six languages with which somebody or something is asked for."""
_BOUND = re.compile(
    r"[,.;:!?()\n]|\b(?:who|whom|which|wer|wem|wen|welche[nmrs]?|qui|qui[e\u00e9]n(?:es)?|chi|quem)\b", re.IGNORECASE
)
_AWAY = re.compile(
    r"\b(?:except|but|instead|rather|others?|another|else|different|than|apart|besides?|before|after|until|till|since|last|past|unless|impossible|cancel\w*|au\u00dfer|statt\w*|ander\w*|sonst|vor|nach|bis|seit|letzte\w*|vergangen\w*|unm\u00f6glich"
    r"|sauf|hormis|plut\u00f4t|autres?|avant|apr\u00e8s|jusqu\w*|depuis|derni\w+|pass\u00e9e?|excepto|salvo|menos|otr[oa]s?|antes|despu\u00e9s|hasta|desde|pasad[oa]|tranne|eccetto|invece|altr[oaei]|prima|dopo|fino|scors[oa]|exceto|outr[oa]s?"
    r"|depois|at\u00e9|passad[oa]|d\u00e8s|ab|far|near\w*|clos\w+|weit|nah\w*|loin|pr\u00e8s|lejos|cerca|lontan\w+|vicin\w+|longe|perto|entro|away|geschlossen|ferm\u00e9e?s?|cerrad[oa]s?|chius[oaie]|fechad[oa]s?)\b|(?<!\w)d['\u2019]ici\b|(?<!\w)by(?=\s+(?:next\s+|this\s+)?\S+\s*\Z)",
    re.IGNORECASE,
)
"""What makes of a value that a task names another one than the one that is wanted."""
_WANTS_NONE = re.compile(
    r"\b(?:need(?:s|ed)? not|needn['\u2019]t|(?:do|does)(?:n['\u2019]t| not) (?:need|have to|matter)|regardless|muss nicht|m\u00fcssen nicht|brauch\w* nicht|egal|pas besoin|peu importe|no hace falta|no (?:me )?importa|no tiene que"
    r"|non (?:importa|serve|deve)|n\u00e3o (?:precisa|importa|tem de)|(?:does|do|did|is|are|has|can|will) the|celui|celle|derjenige|diejenige|quello|quella|aquele|aquela|aquel|aquella)\b",
    re.IGNORECASE,
)
"""What a task says where a trait makes no difference, or where it asks what is true of one that has it."""
_OR = "or|oder|ou|either|entweder|bzw"
_FIRST_PERSON = frozenset(["i", "we", "ich", "wir", "je", "j", "nous", "yo", "io", "eu", "noi", "nosotros"])
_ALONE = frozenset(["i", "ich", "je", "j", "yo", "io", "eu"])
_OF_ITS_VERB, _OF_WHAT_IS_SAID = 2, 3
"""Words before a verb, and before a value, in which "I" says that somebody speaks of himself: "I live in Bern"."""


@dataclass(frozen=True, slots=True)
class _Trait:
    """A value that a task names.

    Attributes:
        core: The words by which it is told from others of its kind.
        frame: The words that all of its kind have.
        column: The place among the parts of each thing; -1 for what shares its first words.
        kind: The kind of the things, of a column.
        start: The first words that its kind shares.
    """

    core: tuple[str, ...]
    frame: tuple[str, ...]
    start: tuple[str, ...] = ()
    column: int = -1
    kind: str = ""

    def parts(self, thing: Thing) -> list[str]:
        """What is told of a thing of this kind."""
        if self.column >= 0:
            return list(thing.parts[self.column : self.column + 1]) if thing.kind == self.kind else []
        told = (*thing.parts, *thing.links)
        return [part for part in told if tuple(words_of(part)[: len(self.start)]) == self.start]

    def is_of(self, thing: Thing) -> bool:
        """Whether the thing has the value, among those of its kind; of columns whatever the order."""
        return any(_holds(part, self.core) for part in (thing.parts if self.column >= 0 else self.parts(thing)))


def lacks_trait(said: str, task: str, text: str, others: Sequence[str] = ()) -> tuple[str, str] | None:
    """What speaks against an answer that names a thing without a trait of the task, for the model and for the caller; else None.

    Nothing is said where the answer denies anything or names one that has them all, where the task names one of the things, two values of
    a kind, one that is not meant ("not on Saturdays", "by Saturday", "Saturday or Sunday") or an end ("nearest"), and where another result tells of the thing, too.

    Args:
        said: The answer.
        task: What was asked.
        text: A result: a graph in lines, or a list.
        others: The other results.
    """
    if len(task) > MOST_LISTED_IN or len(said) > LONGEST or end_asked(task):
        return None
    if not (asks(task) or _WHO.search(task)) or says_not(said, task):
        return None
    told = read(text)
    things = told.things
    named = named_in(said, things) if len(things) >= _FEWEST else []
    traits = _asked(task, told) if named else []
    full = [thing for thing in things.values() if traits and all(trait.is_of(thing) for trait in traits)]
    lacking = {name: part for name in named if full and (part := _instead(things[name], traits, told))}
    if not lacking or _named_too(said, named, [thing.name for thing in full]):
        return None
    alike = {things[name].kind for name in lacking}
    if any(things[name].kind in alike for name in [*named_in(task, things), *(set(named) - set(lacking))]):
        return None
    if len(lacking) > 1 and any(_tells(said, part, traits) for part in lacking.values()):  # a comparison
        return None
    if told.speaks_of(lacking) or told_elsewhere(lacking, text, others):
        return None
    return _note(*next(iter(lacking.items())), full, task, traits)


def _named_too(said: str, named: Sequence[str], full: Sequence[str]) -> bool:
    """Whether an answer may mean one that has all traits, by whatever word of its name; those of a whole name mean that one."""
    whole = {word for name in named if holds_word(said, name) for word in words_of(name)}
    spoken = set(words_of(said)) - whole
    return any(name in named or may_be_named(name, spoken) for name in full)


def _note(name: str, part: str, full: Sequence[Thing], task: str, traits: Sequence[_Trait]) -> tuple[str, str]:
    words = Words(task)
    places = sorted({words.found[at][1] for each in _once(traits) for word in each.core for at in words.places(word)})
    wanted = ", ".join(dict.fromkeys(quoted(_WORD.findall(task[place:])[0]) for place in places))
    cores = [trait.core for trait in traits]
    shown = [[t.line, *(f"{t.name} {each}" for each in t.links if any(_holds(each, c) for c in cores))] for t in full]
    lines = "; ".join(repr(line) for lines in shown[:_MOST_SHOWN] for line in lines)
    these, those = ("These have", "these") if len(full) > 1 else ("This has", "this")
    return (
        f"Of {name} it says {part!r}, and the task says {wanted}. {these} all that the task says: {lines}. Answer from {those}.",
        f"The answer names {quoted(name)}, of which a result tells {quoted(part)}; {quoted(full[0].line)} has all that the task says.",
    )


def _asked(task: str, told: Graph) -> list[_Trait]:
    """The traits that a task names; none where it is not plain that they are those wanted."""
    words = Words(task)
    named: list[_Trait] = []
    for slot, values in [*_by_first_words(told), *_by_columns(told)]:
        cores, common = _cores(values, whole=slot.column >= 0)
        cores = [core for core in dict.fromkeys(cores) if words.has(core)]
        named += [replace(slot, core=core, frame=(*slot.frame, *common)) for core in cores]
    found = _one_of_each(_of_one_kind(named), words)
    if len({(trait.start, trait.column, trait.kind) for trait in found}) < len(found):  # two values of a kind
        return []
    frames = {word for trait in found for word in trait.frame}
    places = [place for trait in _once(found) for word in trait.core for place in words.places(word)]
    if not _are_meant(found, task, words) or any(_is_away(task, words.found[place], frames) for place in places):
        return []
    return found


def _of_one_kind(named: Iterable[_Trait]) -> list[_Trait]:
    """The traits, of a value behind first words that begin with each other (`has`, `has time`, `has time on`) that behind two words, or what is next to them."""
    found: list[_Trait] = []
    for trait in sorted(named, key=lambda each: (len(each.start) < _LEAST_SHARED, len(each.start))):
        if not any(
            each.start == trait.start[: len(each.start)] or trait.start == each.start[: len(trait.start)]
            for each in found
            if each.column == trait.column < 0 and set(each.core) & set(trait.core)
        ):
            found.append(trait)
    return found


def _one_of_each(named: Sequence[_Trait], words: Words) -> list[_Trait]:
    """The traits, of a word that several kinds have ("lives in Bern", "works in Bern") that of which the task has the verb; none where that is not plain."""
    first = [trait for trait in named if trait.column < 0]
    found: list[_Trait] = []
    for core in dict.fromkeys(trait.core for trait in first):
        of_core = [trait for trait in first if trait.core == core]
        if len(of_core) > 1:
            of_core = [trait for trait in of_core if _has_frame(trait, words)]
        if len(of_core) != 1:
            return []
        found += of_core
    return [*found, *(trait for trait in named if trait.column >= 0)]


def _are_meant(traits: Sequence[_Trait], task: str, words: Words) -> bool:
    """Whether a task wants something with these traits: it says what they are about, and asks for it; one alone has to stand in the question.

    What another sentence says in the same words ("My aunt speaks French.") is said of somebody else.
    """
    plain = [trait for trait in traits if trait.column >= 0 or _has_frame(trait, words)]
    if not plain or _WANTS_NONE.search(task) or any(_of_oneself(trait, task, words) for trait in traits):
        return False
    once = _once(traits)
    for trait in once:
        sentence = _sentence(task, words.found[words.places(trait.core[0])[0]][1])
        said_of_another = len(once) == 1 or trait.column >= 0 or _has_frame(trait, Words(sentence))
        if said_of_another and not _WHO.search(sentence):
            return False
    return True


def _sentence(task: str, place: int) -> str:
    """The sentence in which a place lies."""
    bounds = [match.end() for match in re.finditer(r"[.!?;\n]\s", task)]
    begin = max((bound for bound in bounds if bound <= place), default=0)
    return task[begin : min((bound for bound in bounds if bound > place), default=len(task))]


def _once(traits: Sequence[_Trait]) -> list[_Trait]:
    """The traits without those that say of a place what is said already by first words."""
    first = [set(trait.core) for trait in traits if trait.column < 0]
    return [trait for trait in traits if trait.column < 0 or not any(core <= set(trait.core) for core in first)]


def _has_frame(trait: _Trait, words: Words) -> bool:
    return any(len(word) >= _PLAIN and words.places(word) for word in trait.frame)


def _of_oneself(trait: _Trait, task: str, words: Words) -> bool:
    """Whether who asks says it of himself: "I live in Bern", "vivo en Berna", "ich spreche Deutsch"."""
    spoken = [word for word, _ in words.found]
    verbs = [word for word in trait.frame if len(word) >= _SHORT]
    if any(word[-1] in "aei" and word[:-1] + "o" in spoken for word in verbs):
        return True
    if any(_FIRST_PERSON & set(spoken[max(0, at - _OF_ITS_VERB) : at]) for verb in verbs for at in words.places(verb)):
        return True
    places = [place for word in trait.core for place in words.places(word)]
    stated = [place for place in places if not _WHO.search(_sentence(task, words.found[place][1]))]
    return any(_ALONE & set(spoken[max(0, place - _OF_WHAT_IS_SAID) : place]) for place in stated)


def _is_away(task: str, found: tuple[str, int], frames: Container[str]) -> bool:
    """Whether the part of a sentence in which a word stands denies it, turns away from it, or lets choose; words of its own kind do not."""
    word, start = found
    end = start + len(word)
    begin = max((match.end() for match in _BOUND.finditer(task, 0, start)), default=0)
    following = _BOUND.search(task, end)
    clause = task[begin : following.start() if following else len(task)]
    away = [*_AWAY.finditer(clause), *_AWAY.finditer(task[begin:end])]
    either = _OR if is_portuguese(task) else f"{_OR}|o"
    choices = re.finditer(rf"(?<!\w)(?:{either})(?!\w)", task, re.IGNORECASE)
    return (
        says_not(clause, task)
        or any(folded(match[0]) not in frames for match in away)
        or any(start - _NEAR < match.start() < end + _NEAR for match in choices)
    )


def _instead(thing: Thing, traits: Sequence[_Trait], told: Graph) -> str:
    """What is told of a thing in place of a trait of the task; empty where it has them all, or may have."""
    about = [*thing.parts, *(each.line for each in told.relations if thing.name in {each.start, each.end})]
    about += [told.things[each.end].line for each in told.relations if each.start == thing.name and each.end]
    for trait in traits:
        parts = trait.parts(thing)
        if parts and not trait.is_of(thing) and not any(_holds(part, trait.core) for part in about):
            return parts[0]
    return ""


def _tells(said: str, part: str, traits: Sequence[_Trait]) -> bool:
    """Whether an answer tells what a thing has in place of a trait."""
    words = Words(said)
    frames = {word for trait in traits for word in trait.frame}
    own = [word for word in words_of(part) if len(word) >= _SHORT and word not in frames]
    return bool(own) and words.has(own)


def _holds(text: str, core: Iterable[str]) -> bool:
    own = words_of(text)
    return all(any(same(word, each) for each in own) for word in core)


_Slots = list[tuple[_Trait, list[tuple[str, ...]]]]


def _by_first_words(told: Graph) -> _Slots:
    """What things are told behind the same first words, each as long as it is shared, with the values."""
    parts = [tuple(words_of(part)) for thing in told.things.values() for part in (*thing.parts, *thing.links)]
    behind: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for words in set(parts):
        for length in range(1, len(words)):
            behind.setdefault(words[:length], set()).add(words[length:])
    starts = dict.fromkeys(
        next((words[:n] for n in range(len(words) - 1, 0, -1) if len(behind[words[:n]]) > 1), ()) for words in parts
    )
    return [(_Trait((), start, start), sorted(behind[start])) for start in starts if start]


def _by_columns(told: Graph) -> _Slots:
    """What stands at the same place of each thing of a kind, where of all of these the same number is told."""
    kinds: dict[str, list[Thing]] = {}
    for thing in told.things.values():
        kinds.setdefault(thing.kind, []).append(thing)
    found: _Slots = []
    for kind, things in kinds.items():
        lengths = {len(thing.parts) for thing in things}
        for column in range(next(iter(lengths)) if len(things) >= _FEWEST and len(lengths) == 1 else 0):
            values = list(dict.fromkeys(tuple(words_of(thing.parts[column])) for thing in things))
            found.append((_Trait((), (), (), column, kind), values))
    return found


def _cores(values: Sequence[tuple[str, ...]], *, whole: bool) -> tuple[list[tuple[str, ...]], list[str]]:
    """The words by which each value is told from the others of its kind, and those that all have; of one with figures none, since these may bound anything.

    Args:
        values: What stands behind the same words, or at the same place.
        whole: Whether all words of a value are to be named: at one place may stand what is of no kind.
    """
    often = Counter(word for value in values for word in set(value))
    common = [word for word, times in often.items() if times == len(values) > 1]
    cores = []
    for value in values if len(values) > 1 else ():
        long = [word for word in value if len(word) >= _SHORT and word not in SMALL and (whole or word not in common)]
        own = [word for word in long if often[word] == 1]
        if not any(sign.isdigit() for word in value for sign in word):
            cores.append(tuple(long if whole else own or long))
    return [core for core in cores if any(len(word) >= _PLAIN for word in core)], common
