"""Which whole files and folders a task orders to be deleted. Pure.

Only what a sentence orders of them directly counts: "delete line 3 of /a.txt", "remove Tom from /list.txt" and "never delete /a.txt" order no such
thing, and neither does a task that itself names another way ("move it to /trash", "copy it to /b.txt, then delete /a.txt").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from lmbridge.agent.reading.names import asks, denies, excepted, is_file_name, last_part, paths_in
from lmbridge.agent.task.deletions import words
from lmbridge.agent.task.orders import as_orders, ends_of, only_to_know, orders_change, orders_if, sentences_of

_QUOTED_WORDS = re.compile(
    r"`[^`\n]{0,800}`|\"[^\"\n]{0,800}\"|\u201c[^\u201d\n]{0,800}\u201d|\u201e[^\u201c\n]{0,800}\u201c|\u00ab[^\u00bb\n]{0,800}\u00bb"
)
_NAMED = re.compile(words.NAMED, re.IGNORECASE)
_HOSTS = re.compile(r"(?:https?:)?//|www\.", re.IGNORECASE)
_ITEM = re.compile(r"^\s{0,8}(?:[-*\u2022]|\d{1,2}[.)])\s")
_BUT = re.compile(r"\b(?:but|sondern|aber|mais|pero|ma|mas)\b|;", re.IGNORECASE)
_MARKS = "\"'`\u201c\u201d\u201e\u00ab\u00bb"
_NEXT_WORDS = 5
_STEM = 4
"""Letters by which a word is known in a name."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """What a task orders to be deleted.

    Attributes:
        places: The files and folders, as the task writes them.
        alone: Whether the task wants nothing else.
    """

    places: tuple[str, ...] = ()
    alone: bool = False

    def of(self, path: str) -> str:
        """The place that a path is, as the task writes it; empty where it is none of them. A name without folders is one in any folder."""
        plain = path.rstrip("/\\")
        return next((each for each in self.places if plain in {each.rstrip("/\\"), _in_any(each, plain)}), "")


NOTHING = Deletion()
"""Of a task that orders no file to be deleted."""


def _in_any(place: str, path: str) -> str | None:
    """The path itself where the place is a bare name and the path's last part."""
    return path if place == last_part(place) == last_part(path) else None


@dataclass(frozen=True, slots=True)
class _Found:
    """Places that a sentence orders to be deleted, and what of the sentence says so; or only says that they are to be."""

    places: tuple[str, ...]
    start: int
    end: int
    only_said: bool = False


def to_delete(task: str) -> Deletion:
    """The files and folders that a task orders to be deleted as a whole; none where that depends on anything, or the task names another way."""
    return _to_delete(ends_of(task))


@lru_cache(maxsize=64)
def _to_delete(task: str) -> Deletion:
    """The same of a text of bounded length: a run asks for that of its task again and again."""
    text = words.COURTEOUS_IF.sub(" ", _without_quoted_words(task))
    if words.INSTEAD.search(_NAMED.sub(" ", text)):
        return NOTHING
    order = as_orders(text)
    parts = sentences_of(order)
    found = [(number, each) for number, part in enumerate(parts) for each in _in_sentence(part, parts[:number])]
    found += _pointed_at(parts, text) if not found else []
    rest = _rest(parts, found)
    spared = {last_part(name) for name in excepted(task)}
    named = dict.fromkeys(place for _, each in found for place in each.places)
    places = tuple(place for place in named if last_part(place) not in spared and not _another_way(place, rest, text))
    alone = bool(places) and len(places) == len(named) and _is_all(rest, places, task)
    if not alone and any(
        each.only_said for _, each in found
    ):  # "/a.txt must be deleted by Tom. Note that in /todo.md."
        return NOTHING
    return Deletion(places, alone)


def _without_quoted_words(text: str) -> str:
    """A text without what it quotes, paths in quotation marks excepted."""

    def kept(quoted: re.Match[str]) -> str:
        inner = quoted[0][1:-1]
        return quoted[0] if _NAMED.fullmatch(inner) or re.match(r"(?:[A-Za-z]:|~|\.{1,2})?[/\\]", inner) else " "

    return _QUOTED_WORDS.sub(kept, text)


def _in_sentence(sentence: str, before: Sequence[str]) -> Iterator[_Found]:
    """What a sentence orders to be deleted with its names in it."""
    if words.CONDITION.search(sentence) or _is_item_of_a_text(sentence, before):
        return
    for form in (words.VERB_FIRST, words.THROWN, words.VERB_LAST, words.TO_BE):
        for match in form.finditer(sentence):
            if _is_order(match, sentence, german=form is words.VERB_LAST) and (found := _whole(match, sentence)):
                yield replace(found, only_said=form is words.TO_BE)


def _is_item_of_a_text(sentence: str, before: Sequence[str]) -> bool:
    """Whether a sentence is an item of a list that goes into a file: "Add to /todo.md:" and a line "- delete /old.txt"."""
    heading = next((each for each in reversed(before) if each.strip() and not _ITEM.match(each)), "")
    return bool(_ITEM.match(sentence)) and heading.rstrip().endswith(":") and bool(paths_in(heading))


def _is_order(match: re.Match[str], sentence: str, *, german: bool) -> bool:
    """Whether what was found is ordered: nothing before it denies it, tells how, or says that it goes into a text."""
    before = sentence[: match.start("filler")]
    if _denied(before) or words.TELLS_HOW.search(sentence[: match.end()]):
        return False
    inside = words.IN_FILE.match(sentence) or words.OF_FILE.match(sentence)
    if inside and inside.end() <= match.start("places") and is_file_name(last_part(_bare(inside["place"]))):
        return False
    if words.IN_A_MESSAGE.search(sentence[: match.start()]):
        return False
    if re.search(r":\s", sentence[: match.start()]) or (asks(sentence[match.end() :]) and match.start()):
        return False
    fillers = match["filler"].split()
    if german and fillers and not words.DETERMINER.fullmatch(fillers[0]) and not words.KIND.fullmatch(fillers[0]):
        return fillers[0].lower() in {"bitte", "noch", "mal", "ich", "wir"}
    return True


def _denied(before: str) -> bool:
    """Whether what stands before an order denies it: "Do not, whatever happens, delete …"."""
    since = _BUT.split(before)[-1]
    return bool(words.DENIED_FIRST.match(since)) or denies(re.split(r"[,:(]", since)[-1])


def _whole(match: re.Match[str], sentence: str) -> _Found | None:
    """What a match orders, where its places are meant as a whole; None where a part of them is, or what names them."""
    fillers, rest = match["filler"].split(), sentence[match.end("places") :]
    between = (match.groupdict().get("between") or "").split()
    if not _fills(fillers) or any(map(words.PART.fullmatch, between)) or words.NOT_THE_WHOLE.match(rest):
        return None
    if sentence[: match.start("places")].endswith("(") and not any(map(words.KIND.fullmatch, fillers)):
        return None  # "the milk (/list.txt)"
    if _is_in_it(fillers, match["places"]):
        return None
    behind = sentence[match.end() :]
    if not _lies_there(behind) or _names_an_earlier_file(match, sentence):
        return None
    named, end = list(_NAMED.finditer(match["places"])), match.end()
    if rest.lstrip().startswith(":") and len(named) > 1:  # "delete /a.txt, and /b.txt: add milk"
        end = match.start("places") + named.pop().start()
    places = dict.fromkeys(_bare(each[0]) for each in named)
    told = tuple(place for place in places if len(place) > 1 and not _HOSTS.match(place))
    return _Found(told, match.start(), end) if told else None


def _is_in_it(fillers: Sequence[str], places: str) -> bool:
    """Whether what stands before a name may be something in that file: "remove oat milk /shopping.txt", and not "the old flyer /flyers/2023.txt"."""
    fillers = [each for each in fillers if not each.startswith("-")]  # "rm -f"
    plain = [each for each in fillers if not words.DETERMINER.fullmatch(each)]
    if not plain or any(map(words.KIND.fullmatch, fillers)):
        return False
    if any(each.lower()[:_STEM] in places.lower() for each in plain if len(each) >= _STEM):
        return False
    named = last_part(_bare(places))
    return is_file_name(named) and (len(plain) == len(fillers) or bool(words.LISTS.search(named)))


def _fills(fillers: Sequence[str]) -> bool:
    """Whether the words between a verb and a name leave it the name that the verb is about."""
    if any(map(words.NO_FILLER.fullmatch, fillers)) or denies(" ".join(fillers)):
        return False
    kinds = [*map(words.KIND.fullmatch, fillers), None]
    parts = [each for number, each in enumerate(fillers) if words.PART.fullmatch(each) and not kinds[number + 1]]
    return not parts and not any(_goes_with(number, fillers) for number in range(len(fillers)))


def _goes_with(number: int, fillers: Sequence[str]) -> bool:
    """Whether a word between verb and name says that the name is only where something else is: "Tom from the list"."""
    before, behind = fillers[:number], fillers[number + 1 :]
    if not words.PREPOSITION.fullmatch(fillers[number]) or (behind and behind[0].isdigit()):  # "the flyer of 2023"
        return False
    return all(map(_says_file, behind)) or not all(map(_says_file, before))


def _says_file(word: str) -> bool:
    return bool(words.KIND.fullmatch(word) or words.DETERMINER.fullmatch(word))


def _lies_there(behind: str) -> bool:
    """Whether what a sentence goes on with says no more than where a file lies: "from /flyers" does, "from the list" does not."""
    if found := words.FROM.match(behind):
        where = " ".join(found["where"].split()[:_NEXT_WORDS])
        place = _NAMED.search(where)
        return not is_file_name(last_part(_bare(place[0]))) if place else bool(words.WHERE_FILES_ARE.search(where))
    if found := words.IN.match(behind):
        where = " ".join(found["where"].split()[:_NEXT_WORDS])
        place = _NAMED.search(where)
        return not (place and is_file_name(last_part(_bare(place[0])))) and not words.WHERE_THEY_ARE_NAMED.search(where)
    return True


def _names_an_earlier_file(match: re.Match[str], sentence: str) -> bool:
    """Whether a bare name may stand in the file that its sentence named before: "Open /index.md and remove old.txt"."""
    named = [_bare(each[0]) for each in _NAMED.finditer(sentence, 0, match.start("places"))]
    bare = all(re.search(r"[/\\]", each) is None for each in _NAMED.findall(match["places"]))
    return bare and any(is_file_name(last_part(each)) for each in named)


def _pointed_at(parts: Sequence[str], text: str) -> list[tuple[int, _Found]]:
    """The one file of a task to which an order points back: "/a.txt is out of date. Delete it." or "Read /a.txt, then delete the file."."""
    named = list(dict.fromkeys(_bare(each) for each in _NAMED.findall(text)))
    if len(named) != 1 or _HOSTS.match(named[0]):
        return []
    is_so = any(
        words.IS_SO.search(part) and not any(map(words.PART.fullmatch, _NAMED.sub(" ", part).split()))
        for part in sentences_of(text)
    )
    for number, part in enumerate(parts):
        about = words.OF_FILE.match(part)
        ahead = about.end() if about else 0
        match = words.POINTED.search(part[ahead:])
        if match is None or words.CONDITION.search(part):
            continue
        plainly = is_so or about is not None or bool(words.KIND.search(match["pointed"] or ""))
        told = not _denied(part[ahead:][: match.start() + 1]) and not words.TELLS_HOW.search(
            part[ahead:][: match.end()]
        )
        if plainly and told and _lies_there(part[ahead:][match.end() :]):
            return [(number, _Found((named[0],), 0 if about else match.start(), ahead + match.end()))]
    return []


def _bare(named: str) -> str:
    """A name without marks around it and the stop behind it."""
    return named.strip(_MARKS).rstrip(".")


def _rest(parts: Sequence[str], found: Sequence[tuple[int, _Found]]) -> str:
    """The sentences without what was found in them."""
    left = []
    for number, part in enumerate(parts):
        for each in sorted((one for at, one in found if at == number), key=lambda one: -one.start):
            part = f"{part[: each.start]} {part[each.end :]}"
        left.append(part.strip(" ,;"))
    return " ".join(left)


def _another_way(place: str, rest: str, text: str) -> bool:
    """Whether something else is to happen with a place as well, by which it may be gone or be there anew."""
    spoken = _NAMED.sub(" ", text)
    several = len(set(map(_bare, _NAMED.findall(text)))) > 1
    if words.ANEW.search(spoken) or (several and words.COPIES.search(spoken)):
        return True
    return last_part(place) in rest and orders_change(rest)


def _is_all(rest: str, places: Sequence[str], task: str) -> bool:
    """Whether the rest of a task orders and asks nothing, and names nothing but what is to stay."""
    known = {last_part(name) for name in (*excepted(task), *places)}
    others = [name for name in paths_in(rest) if last_part(name) not in known and is_file_name(last_part(name))]
    clauses = re.split(r"[,;]|\b(?:and|then|und|dann|et|puis|y|luego|e|poi)\b", rest)
    wants = any(orders_change(each) or only_to_know(each) for each in (rest, *clauses) if each.strip())
    return not others and not wants and not orders_if(rest)
