"""Things of which lines tell something, a graph's or a list's, and the words of a task that mean the same as theirs. Pure.

`Paula Ferreira (helper): repairs lamps; has time on Saturdays` and `Rafael Larsen canta nos sopranos` are lines of a graph as `reading.graphs`
shows it, `- Paula Ferreira: repairs lamps, Saturdays` is one of a list.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import takewhile

from lmbridge.agent.reading.names import denies, holds_word

LONGEST = 40_000
"""Characters of a result that is read."""
LONGEST_LINE = 400
_MOST_THINGS = 400
_FEWEST_LISTED = 3
"""Lines of a list, from which on they are taken for one that tells of things."""
_LONGEST_PART = 12
"""Words of one thing that is told."""
_THING = re.compile(r"(?P<name>[^\n:()]{2,80}) \((?P<kind>[^\n()]{0,60})\)(?:: (?P<told>\S.*))?")
_LISTED = re.compile(
    r"\s*(?:(?:[-*\u2022]|\d{1,3}[.)])\s+)?(?P<name>[^\W\d_][^:;,|()\n\u2013\u2014]{1,60}?)(?::|\s[-\u2013\u2014])\s+(?P<told>\S.*)"
)
_WORD = re.compile(r"[^\W_]+")
_SHORT = 3
_ENDS = "s es e en n nen ern er em t et st te ten a o i as os is am an ar ir re r m nt ent no ing ed d y ies x ns"
_ENDINGS = frozenset(["", *_ENDS.split()])
"""How two forms of a word may end behind what they share: lamp and lamps, Lampe and Lampen, canta and cantam."""
_SMALL_WORDS = (
    "has have had hat haben est sont ist sind are was were tem tiene tienen hanno the los las les der die das dem den des nos nas dos aos del dal della nei and und with mit con com for from auf aus bei von "
    "vom zum zur ins chez dans pour para por sur aux ein eine une una uma his her its our"
)
SMALL = frozenset(_SMALL_WORDS.split())
"""Short words of which another text may have other ones where it means the same."""
_PORTUGUESE = re.compile(
    r"[\u00e3\u00f5]|\b(?:em|uma|quem|quais|voc\u00ea|pelo|pela|meu|minha|s\u00f3|os|nomes|nosso|nossa|tem|ao|aos)\b",
    re.IGNORECASE,
)
_IN_THE = re.compile(
    r"\bno(?=\s+(?!one\b|information|data\b|results?\b|such\b|person|people|members?\b|longer\b|match)\w)",
    re.IGNORECASE,
)
"""Portuguese for "in the", where others say no: "no s\u00e1bado"."""
_NOBODY = re.compile(
    r"\b(?:nobody|none|neither|nor|cannot|unknown|unclear|niemand\w*|weder|unbekannt|aucun\w*|ni|inconnu\w*|nadie|ning[u\u00fa]n\w*|tampoco|desconocid\w*|nessun\w*|ningu\u00e9m|nenhum\w*|nem)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing and what a line tells of it.

    Attributes:
        name: Its name.
        kind: Its kind; empty in lists.
        parts: What is told of it, each by itself.
        line: The line.
        links: What lines of their own tell of it.
    """

    name: str
    kind: str
    parts: tuple[str, ...]
    line: str
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Relation:
    """A line that begins with one thing's name.

    Attributes:
        start: The thing.
        rest: What stands behind it.
        line: The line.
        end: The thing with whose name the line ends; empty where it ends with none.
    """

    start: str
    rest: str
    line: str
    end: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """All that a text tells, line by line.

    Attributes:
        things: The things by their names.
        relations: The lines that link them.
        rest: The words of all other lines.
    """

    things: Mapping[str, Thing]
    relations: Sequence[Relation] = ()
    rest: Container[str] = ()

    def speaks_of(self, names: Iterable[str]) -> bool:
        """Whether any other line than its own and those that link it speaks of one of the things: it may tell more."""
        others = [(thing.name, thing.line) for thing in self.things.values()]
        return any(
            may_be_named(name, self.rest) or any(holds_word(line, name) for other, line in others if other != name)
            for name in names
        )


def read(text: str) -> Graph:
    """The things of a graph in lines, else of a list of such; none where the text is long or is neither.

    Args:
        text: A result.
    """
    if len(text) > LONGEST:
        return Graph({})
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    things = _things(lines) or _listed(lines)
    if not things or len(things) > _MOST_THINGS:
        return Graph({})
    known = {thing.line for thing in things.values()}
    relations = _relations([line for line in lines if line not in known], things)
    known |= {each.line for each in relations}
    links: dict[str, list[str]] = {}
    for each in relations:
        links.setdefault(each.start, []).append(each.rest)
    linked = {name: replace(thing, links=tuple(links.get(name, ()))) for name, thing in things.items()}
    return Graph(linked, relations, set(words_of(" ".join(line for line in lines if line not in known))))


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared: without capitals and accents."""
    return [folded(word) for word in _WORD.findall(text)]


@lru_cache(maxsize=4096)
def folded(word: str) -> str:
    """A word without capitals and accents."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(sign))


def same(one: str, other: str) -> bool:
    """Whether two folded words are forms of one: Saturday and Saturdays, canta and cantam."""
    if one == other:
        return True
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    ends = {one[shared:], other[shared:]}
    return ends == {"", "s"} if shared == _SHORT else shared > _SHORT and ends <= _ENDINGS


class Words:
    """The words of a text, to be asked for each of others whether it has a form of it.

    Args:
        text: The text.
    """

    def __init__(self, text: str) -> None:
        self.found = [(folded(match[0]), match.start()) for match in _WORD.finditer(text)]
        self._by_start: dict[str, list[int]] = {}
        for number, (word, _) in enumerate(self.found):
            self._by_start.setdefault(word[:_SHORT], []).append(number)

    def places(self, word: str) -> list[int]:
        """The numbers of the words that are forms of a folded one."""
        return [number for number in self._by_start.get(word[:_SHORT], ()) if same(self.found[number][0], word)]

    def has(self, words: Iterable[str]) -> bool:
        """Whether it has a form of each folded word."""
        return all(map(self.places, words))


def named_in(text: str, things: Mapping[str, Thing]) -> list[str]:
    """The things that a text names, by their whole names or by one word in capitals that no other of them has."""
    held = Words(text)
    often = Counter(word for name in things for word in set(_WORD.findall(name)))
    spoken = set(_WORD.findall(text))
    found = []
    for name in things:
        whole = held.has(words_of(name)) and holds_word(text, name)
        own = (word for word in _WORD.findall(name) if often[word] == 1 and len(word) >= _SHORT and word[0].isupper())
        if whole or any(word in spoken for word in own):
            found.append(name)
    return found


def may_be_named(name: str, spoken: Container[str]) -> bool:
    """Whether a text may mean a thing: whether it has any word of its name.

    Args:
        name: The thing's name.
        spoken: The words of the text, folded.
    """
    words = words_of(name)
    own = [word for word in words if len(word) >= _SHORT or any(map(str.isdigit, word))]
    return any(word in spoken for word in own or words)


def says_not(text: str, task: str = "") -> bool:
    """Whether a text denies anything, or speaks of nobody; the "no" of "no s\u00e1bado" in Portuguese denies nothing.

    Args:
        text: The text.
        task: A text by whose language its own is told, where it is short.
    """
    plain = _IN_THE.sub(" ", text) if _PORTUGUESE.search(f"{text} {task}") else text
    return denies(plain) or bool(_NOBODY.search(plain))


def is_portuguese(text: str) -> bool:
    """Whether a text is in Portuguese, as far as a few small words tell."""
    return bool(_PORTUGUESE.search(text))


def told_elsewhere(names: Iterable[str], text: str, others: Iterable[str]) -> bool:
    """Whether another result says anything more of one of the things than the text does.

    Args:
        names: The things.
        text: The text that tells of them.
        others: The other results.
    """
    known = {line.strip() for line in text.splitlines()}
    rest = "\n".join(line for other in others for line in other[:LONGEST].splitlines() if line.strip() not in known)
    spoken = set(words_of(rest))
    return any(may_be_named(name, spoken) for name in names)


def _things(lines: Sequence[str]) -> dict[str, Thing]:
    """The things of a graph."""
    things: dict[str, Thing] = {}
    for line in lines:
        if len(line) <= LONGEST_LINE and (found := _THING.fullmatch(line)):
            things.setdefault(found["name"], _thing(found["name"], found["kind"], found["told"] or "", ";", line))
    return things


def _listed(lines: Sequence[str]) -> dict[str, Thing]:
    """The things of a list; none where a line of its form stands for one name twice, as lines of a log do."""
    short = (line for line in lines if len(line) <= LONGEST_LINE)
    found = [(match, line) for line in short if (match := _LISTED.fullmatch(line.replace("**", "")))]
    names = {match["name"].strip() for match, _ in found}
    if len(found) < _FEWEST_LISTED or len(names) < len(found):
        return {}
    things = (
        _thing(match["name"].strip(), "", match["told"], ";" if ";" in match["told"] else ",", line)
        for match, line in found
    )
    return {thing.name: thing for thing in things}


def _thing(name: str, kind: str, told: str, sign: str, line: str) -> Thing:
    parts = [part.strip() for part in told.split(sign)]
    return Thing(name, kind, tuple(part for part in parts if 0 < len(part.split()) <= _LONGEST_PART), line.strip())


def _relations(lines: Sequence[str], things: Mapping[str, Thing]) -> list[Relation]:
    """The lines that begin with a thing's name, each with the thing that it ends with."""
    starts: dict[str, list[str]] = {}
    ends: dict[str, list[str]] = {}
    for name in sorted(things, key=len, reverse=True):
        starts.setdefault(name.split()[0], []).append(name)
        ends.setdefault(name.split()[-1], []).append(name)
    found = []
    for line in (each for each in lines if len(each) <= LONGEST_LINE):
        words = line.split()
        start = next((name for name in starts.get(words[0], ()) if line.startswith(f"{name} ")), "")
        rest = line[len(start) + 1 :]
        if not start or not 1 < len(rest.split()) <= _LONGEST_PART:
            continue
        end = next((name for name in ends.get(words[-1], ()) if rest.endswith(f" {name}")), "")
        found.append(Relation(start, rest, line, end))
    return found
