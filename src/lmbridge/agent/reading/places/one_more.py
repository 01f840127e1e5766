"""One thing that a task adds to a list, and that a text puts into lines which are there: with the one line more that would be right. Pure.

Asked for oat milk on the list, a small model made "coffee, oat milk" of coffee, "pasta, oat milk" of pasta, and so on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lmbridge.agent.reading.conditions.words import SMALL_WORDS, plain
from lmbridge.agent.reading.names import MOST_LISTED_IN, paths_in
from lmbridge.agent.reading.places.meant import means_all

_LONGEST_READ = 50_000
_SHORTEST = 3
_ITEM = re.compile(
    r"(?P<indent>\s*)(?P<bullet>(?:[-*+\u2022]|\d+[.)])\s+)?(?P<box>\[[ xX]\]\s+)?(?P<quote>[\"'`])?(?P<text>.*?)(?(quote)(?P=quote))(?P<comma>,?)\s*$"
)
_NUMBERED = re.compile(r"(\d+)([.)]\s+)")
_HEADING = re.compile(r"#{1,6}\s|.*:\s*$|[\[\]{}]")
_JOINS = r"(?:[,;/+&|\u2013-]|(?:and|und|et|y|e|ed|with|mit|avec|con|com)\b)"
_JOINED = re.compile(rf"\s*{_JOINS}\s*(?P<thing>.*\S)\s*|(?P<first>\S.*?)\s*{_JOINS}\s*$", re.IGNORECASE)
_OF_EACH = re.compile(
    r"\b(?:columns?|fields?|labels?|tags?|suffix\w*|prefix\w*|lines|rows|items|entries|names|spalten?|feld\w*|etikett\w*|zeilen|reihen|eintr\u00e4gen?|namen|colonnes?|champs?|\u00e9tiquettes?|lignes"
    r"|entr\u00e9es|noms|columnas?|campos?|etiquetas?|l\u00edneas|lineas|filas|entradas|nombres|colonn[ae]|camp[oi]|etichett[ae]|righe|voci|nomi|colunas?|linhas|nomes)\b",
    re.IGNORECASE,
)
"""Words of a task that adds something to what is there."""
_AT = re.compile(
    r"\b(?:behind|after|before|in front of|next to|append|hinter|nach|vor|an|derri\u00e8re|apr\u00e8s|devant|avant|detr\u00e1s|despu\u00e9s|delante|antes|dietro|dopo|davanti|prima|depois|atr\u00e1s|\u00e0 frente"
    r"|to (?:the|my|our|these|those)? ?\w+s)\b",
    re.IGNORECASE,
)
_SEPARATORS = (",", ";", "\t", "|", ": ", "=")


@dataclass(frozen=True, slots=True)
class OneMore:
    """A thing that was put into lines, and the line that would be right.

    Attributes:
        thing: The thing.
        lines: Into how many lines it was put, or behind how many.
        last: The number of the list's last line, counted from one; 0 where the line more is not known.
        before: That line, as it is to stand then: an array of JSON has a comma more.
        line: The line more.
    """

    thing: str
    lines: int
    last: int = 0
    before: str = ""
    line: str = ""


def of_each(task: str) -> bool:
    """Whether a task speaks of each of several things, or of something that each of them has."""
    return means_all(task) or bool(_OF_EACH.search(task[:MOST_LISTED_IN]))


def one_more(before: str, after: str, task: str) -> OneMore | None:
    """The one thing that a text adds to lines of a list; None where it does not, or where the task may want it so.

    Args:
        before: What the file holds.
        after: What it is to hold.
        task: What the caller asked for.
    """
    order = task[:MOST_LISTED_IN]
    if not before.strip() or max(len(before), len(after)) > _LONGEST_READ or of_each(order):
        return None
    lines, new = before.split("\n"), after.rstrip("\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    found = _in_lines(lines, new, order) or _between(lines, new)
    if found is None:
        return None
    thing, touched = found
    if (
        not re.search(r"[^\W\d_]", thing)
        or plain(thing) not in plain(order)
        or _names_them(lines, touched, order, thing)
    ):
        return None
    return _with_line(lines, touched, thing)


def _in_lines(lines: Sequence[str], new: Sequence[str], task: str) -> tuple[str, list[int]] | None:
    """What was put into lines, the same everywhere, and the numbers of these."""
    if len(lines) != len(new):
        return None
    touched = [
        number for number, (one, other) in enumerate(zip(lines, new, strict=True)) if one.rstrip() != other.rstrip()
    ]
    added = [_inserted(lines[number].rstrip(), new[number].rstrip()) for number in touched]
    if not added or None in added:
        return None
    joined = [_JOINED.fullmatch(each) for each in added if each]
    things = {plain(_bare(each)) for each in added if each}
    if len(things) != 1 or (len(touched) == 1 and not (joined[0] and _is_listed(lines, touched[0]))):
        return None
    if not all(joined) and _AT.search(task):
        return None
    return _bare(added[0] or ""), touched


def _inserted(one: str, other: str) -> str | None:
    """What a line has more than another one, in one piece."""
    same = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest = len(one) - same
    if len(other) <= len(one) or (rest and one[same:] != other[len(other) - rest :]):
        return None
    return other[same : len(other) - rest]


def _bare(added: str) -> str:
    """What was added, without the comma or the word that joins it."""
    found = _JOINED.fullmatch(added)
    return (found["thing"] or found["first"] if found else added).strip(" \t,;.\"'`")


def _between(lines: Sequence[str], new: Sequence[str]) -> tuple[str, list[int]] | None:
    """What stands in new lines of its own behind several lines, and the numbers of these."""
    at, extra, touched = 0, [], []
    for line in new:
        if at < len(lines) and line.strip() == lines[at].strip():
            at += 1
        else:
            extra.append(line)
            touched.append(max(at - 1, 0))
    things = {plain(_text(line)) for line in extra}
    if at < len(lines) or len(extra) < 2 or len(things) != 1:
        return None
    return _text(extra[0]), touched


def _text(line: str) -> str:
    found = _ITEM.match(line)
    return found["text"].strip() if found else line.strip()


def _is_listed(lines: Sequence[str], number: int) -> bool:
    """Whether a line is one of several with a bullet, and none of the others holds several things."""
    run = [_ITEM.match(lines[each]) for each in _run(lines, number)]
    return len(run) > 1 and all(item and item["bullet"] and "," not in item["text"] for item in run)


def _names_them(lines: Sequence[str], touched: Iterable[int], task: str, thing: str) -> bool:
    """Whether the task has a word of each of the lines: "put bio behind the eggs and the pasta"."""
    order = task
    for path in paths_in(task):
        order = order.replace(path, " ")
    said = _words(re.sub(re.escape(thing), " ", order, flags=re.IGNORECASE))
    return all(_words(_text(lines[number])) & said for number in touched)


def _words(text: str) -> set[str]:
    return {plain(word) for word in re.findall(r"[^\W\d_]+", text) if len(word) >= _SHORTEST} - SMALL_WORDS


def _with_line(lines: Sequence[str], touched: Sequence[int], thing: str) -> OneMore:
    """With the line more behind the last one of the list, where all lines are of one and it has the form of a line of that."""
    number = len(set(touched))
    run = _run(lines, touched[-1])
    if not set(touched) <= set(run) or not all(_fits(lines[each], thing) for each in run):
        return OneMore(thing, number)
    last, first = _ITEM.match(lines[run[-1]]), _ITEM.match(lines[run[0]])
    if not last or not first:
        return OneMore(thing, number)
    bullet = last["bullet"] or ""
    if counted := _NUMBERED.match(bullet):
        bullet = f"{int(counted[1]) + 1}{counted[2]}"
    quote, box = last["quote"] or "", "[ ] " if last["box"] else ""
    line = f"{last['indent']}{bullet}{box}{quote}{thing}{quote}{last['comma']}"
    comma = "," if first["comma"] and not last["comma"] and len(run) > 1 else ""
    return OneMore(thing, number, run[-1] + 1, f"{lines[run[-1]].rstrip()}{comma}", line)


def _run(lines: Sequence[str], number: int) -> list[int]:
    """The lines around one that are of the same list: of its indent and kind of bullet, without an empty line between."""
    own = _kind(lines[number])
    first = last = number
    while first > 0 and _kind(lines[first - 1]) == own:
        first -= 1
    while last + 1 < len(lines) and _kind(lines[last + 1]) == own:
        last += 1
    return list(range(first, last + 1))


def _kind(line: str) -> tuple[int, str, bool, str] | None:
    """What the lines of a list have in common; None for empty lines, headings and brackets."""
    item = _ITEM.match(line)
    if item is None or not item["text"].strip() or _HEADING.match(line.strip()):
        return None
    bullet = (item["bullet"] or "").strip()
    return len(item["indent"]), "1" if bullet[:1].isdigit() else bullet, bool(item["box"]), item["quote"] or ""


def _fits(line: str, thing: str) -> bool:
    """Whether a thing has as many parts as a line that commas, tabs or colons part."""
    text = _text(line)
    return all(text.count(sign) == thing.count(sign) for sign in _SEPARATORS)
