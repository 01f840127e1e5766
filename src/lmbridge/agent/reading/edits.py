"""What an edit would drop: the old text of which nothing is kept, where nobody asked for that. Pure, and by form alone.

A small model that is to add a line gives the last line as the text to be replaced and the new one alone as its place.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import count, takewhile
from typing import Any

from lmbridge.agent.reading.names import MOST_LISTED_IN, paths_in, quoted_in, speaks_of_all
from lmbridge.agent.reading.tables import read_table

_OLD = re.compile(r"old(?:_?(?:text|string|str|content|value))?$", re.IGNORECASE)
_NEW = re.compile(r"(?:new(?:_?(?:text|string|str|content|value))?|replacement|replace_?with)$", re.IGNORECASE)
_WORDS = re.compile(r"\w+|\W")
_SEVERAL_TIMES = re.compile(
    r"\b(?:twice|(?:two|three|four|five|several|many) times|zwei ?mal|drei ?mal|vier ?mal|mehrmals|(?:deux|trois|quatre|plusieurs) fois|(?:dos|tres|cuatro|varias) veces|(?:due|tre|quattro|più) volte|(?:duas|três|quatro|várias) vezes)\b",
    re.IGNORECASE,
)
"""Ways to say of a text that it stands in several places, all of which are meant."""
_THE_REST = re.compile(
    r"\b(?:all|everything|every other|each other|alles?|tous?|toutes?|tod[oa]s?|tutt[oaie]|cada)\s+(?:(?:of\s+)?(?:the\s+)?(?:rest|else|others?|\w+\s+else)|andere[nmrs]?|übrige[nmrs]?|sonst\w*|le\s+reste|les\s+autres|lo\s+demás"
    r"|l[oa]s\s+demás|el\s+resto|o\s+resto|il\s+resto|gli\s+altri|le\s+altre|os\s+outros|as\s+outras)\b",
    re.IGNORECASE,
)
"""What stays as it is: "all the rest"."""
_SHORTEST = 3
"""Letters of a word that tells a text from another."""
_LONGEST = 300
LONGEST_OFFERED = 2_000
"""Characters of a whole text that a small model is given to write."""
TEXT_NAMES = frozenset({"content", "contents", "text", "file_text", "data", "body"})
"""Names of arguments that hold what is to be written."""
CONTENT = "make the call with this content: "
"""What stands before a content that would fit, at the end of a question about a write."""
_LONGEST_COMPARED = 8_000
_AT_THE_END = re.compile(
    r"\b(?:(?:at|to|on) the (?:very )?(?:end|bottom)|last line|append|am ende|ans ende|hinten|unten|\u00e0 la fin|en bas|al final|in fondo|alla fine)\b",
    re.IGNORECASE,
)
_IN_FRONT = re.compile(
    r"\b(?:before|above|second to last|penultimate|vor|vorletzte\w*|\u00fcber|oberhalb|avant|au-dessus|antes|encima|pen\u00faltim\w*|prima|sopra|acima)\b",
    re.IGNORECASE,
)
_SIGNS = re.compile(r"^\s*(?:[-*+\u2022](?:\s*\[.\])?|\d+[.)]|\|)|[,;\t|]")
_FEWEST_LINES = 3
_FEWEST_TOLD = 5
"""Words of a task that are no content by chance."""
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_ALIKE = 0.6
"""How much alike two lines are of which one may stand for the other (`difflib`)."""
_KEYED = re.compile(r"(?=[^=:;\t]*[^\W\d_])([^=:;\t]{1,60})[=:;\t](?!//)\s*\S")
"""A name and what is said of it; times of day and addresses are none."""


def dropped(arguments: Mapping[str, Any], task: str, last: str = "") -> str:
    """What to ask before such an edit; empty where each keeps a word of its old text, or the task has one of them.

    Args:
        arguments: Of the call: pairs of an old and a new text, at any depth.
        task: What the caller asked for.
        last: The last line of the file; behind it belongs what the task wants at the end.
    """
    for old, new in pairs(arguments):
        told = _words(old)
        if not told or told & (_words(new) | _words(task)) or not new.strip():
            continue
        meant = next((words for words in quoted_in(task) if words in new), new.strip())
        at_end = last and last != old.strip() and _AT_THE_END.search(task)
        before = last if at_end else old.rstrip()
        both = json.dumps(f"{before}\n{meant}", ensure_ascii=False)
        place = f"at the end, the old text is {json.dumps(last, ensure_ascii=False)} and" if at_end else "behind it,"
        return (
            f"This would remove {json.dumps(old[:_LONGEST], ensure_ascii=False)}, which the task does not speak of. To remove it, make the same "
            f"call again. To add a line {place} the new text is {both[:_LONGEST]}."
        )
    return ""


def at_the_end(task: str) -> bool:
    """Whether a task wants a line at the end of something, and not in front of anything."""
    order = task[:MOST_LISTED_IN]
    return bool(_AT_THE_END.search(order)) and not _IN_FRONT.search(order)


def before_the_last(before: str, after: str, task: str) -> str:
    """The line that a change puts right in front of the last one, where the task wants it at the end; empty anywhere else.

    Args:
        before: The file's text.
        after: The same as it would be.
        task: What the caller asked for.
    """
    old, new = ([line for line in text.splitlines() if line.strip()] for text in (before, after))
    if len(old) < 2 or len(new) != len(old) + 1 or not at_the_end(task):
        return ""
    added, last = new[-2], new[-1]
    alike = _SIGNS.findall(added) == _SIGNS.findall(last)
    return added if alike and [*new[:-2], last] == old and added != last else ""


def left_out(before: str, text: str, task: str) -> list[str]:
    """Lines of a file that a new text leaves out, though it keeps most and adds others: those without a like of their own in it.

    Args:
        before: What the file holds.
        text: What it is to hold.
        task: What the caller asked for; a line of which it has a word may be meant to go.
    """
    lines = [line.strip() for line in text.splitlines()]
    gone = [line for line in map(str.strip, before.splitlines()) if line and line not in lines]
    if not gone or len(before) > _LONGEST_COMPARED or len(text) > _LONGEST_COMPARED:
        return []
    known = {line.strip() for line in before.splitlines()}
    fresh = [line for line in lines if line not in known]
    if not fresh or len(gone) * 2 > len(known):
        return []
    return [
        line
        for line in gone
        if not difflib.get_close_matches(line, fresh, n=1, cutoff=_ALIKE) and not _words(line) & _words(task)
    ]


def restored(before: str, text: str, gone: Sequence[str]) -> str:
    """A new text with the lines that it left out, each behind the line that it stood behind; as JSON has it. Empty where it is long."""
    lines, kept = [line.rstrip() for line in text.strip("\n").splitlines()], before.splitlines()
    at = 0
    for line in kept:
        if line.strip() in gone:
            lines.insert(at, line)
            at += 1
        elif line.rstrip() in lines:
            at = lines.index(line.rstrip()) + 1
    whole = json.dumps("\n".join([*lines, ""]), ensure_ascii=False)
    return whole if len(whole) <= LONGEST_OFFERED else ""


def twice(text: str, task: str) -> str:
    """A line of a text that stands in the task, where another line says something else of the same; empty where none does.

    "Write it like waiting=9" is an example of the form, not a line to be written.
    """
    keyed = [(match[1].strip().lower(), line.strip()) for line in text.splitlines() if (match := _KEYED.match(line))]
    for key, line in keyed:
        if line in task and any(other == key and said != line for other, said in keyed):
            return line
    return ""


def whole_of(text: str, shown: str, task: str) -> tuple[str, str] | None:
    """A word of the task that stands in one line alone of a text which is all that was shown, and that line; None where it is not.

    Who is to write Sunday's weather into a file writes the page with Saturday's.
    """
    lines = [line for line in map(str.strip, text.splitlines()) if line]
    known = {line.strip() for line in shown.splitlines()}
    if len(lines) < _FEWEST_LINES or not all(line in known for line in lines) or len(lines) * 2 < len(known - {""}):
        return None
    of_a_head = _words(lines[0]) if read_table("\n".join(lines)) else set()  # names of columns are of no one line
    holding = {word: [line for line in lines if word in _words(line)] for word in sorted(_words(task) - of_a_head)}
    return next(((word, found[0]) for word, found in holding.items() if len(found) == 1 and not word.isdigit()), None)


def breaks_off(text: str) -> bool:
    """Whether a text begins as JSON does and ends within its brackets; what is in quotation marks is left out."""
    bare = _STRING.sub("", text.strip())
    opened, closed = (sum(bare.count(sign) for sign in signs) for signs in ("{[", "}]"))
    return bare[:1] in {"{", "["} and opened > closed


def is_told(text: str, task: str) -> bool:
    """Whether a text is words of the task that name one of its places, outside of quotation marks: about a content, and not it."""
    words, whole = " ".join(text.split()), " ".join(task.split())
    if len(words.split()) < _FEWEST_TOLD or words not in whole or any(words in said for said in quoted_in(task)):
        return False
    return any(name in words for name in paths_in(task))


def within_another(text: str, arguments: Mapping[str, Any]) -> tuple[str, str, str, str] | None:
    """An edit whose old text is a line of a file and stands before that within another line: that one would be changed.

    Args:
        text: What the file holds.
        arguments: Of the call; none with a flag that is set, such as one for all places.

    Returns:
        The line that would be changed, the one that is the old text, and an old and a new text that fit that one alone; None where nothing is amiss.
    """
    lines = text.splitlines()
    if any(value is True for value in arguments.values()):
        return None
    for old, new in pairs(arguments):
        at, bare = text.find(old), old.strip()
        whole = [number for number, line in enumerate(lines) if line.strip() == bare]
        if at < 0 or not bare or len(whole) != 1 or "\n" in bare:
            continue
        first = text.count("\n", 0, at + len(old) - len(old.lstrip()))
        if first < whole[0] and lines[first].strip().rstrip(",;") != bare.rstrip(",;"):
            before = lines[whole[0] - 1]
            behind = f"\n{new.strip()}" if new.strip() else ""
            return lines[first].strip(), bare, f"{before}\n{lines[whole[0]]}", f"{before}{behind}"
    return None


def several_places(arguments: Mapping[str, Any], task: str) -> str:
    """A line that edits of one call add at several places, and that the task has once; empty where there is none.

    A small model that is to add a line at the end puts it behind every line.
    """
    lines = [line.strip() for old, new in pairs(arguments) for line in new.splitlines() if line.strip() not in old]
    return next((line for line in lines if line and lines.count(line) > 1 and task.count(line) == 1), "")


def pairs(value: Any) -> Iterator[tuple[str, str]]:
    """The old and new texts among the arguments of a call, at any depth."""
    if names := _pair_in(value):
        yield value[names[0]], value[names[1]]
    for each in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from pairs(each)


def words_changed(old: str, new: str) -> tuple[str, str]:
    """What an edit changes of its text, without the words in front and behind that stay: `Meyer` to `Meier` of "Dear Ms Meyer,"."""
    one, other = _WORDS.findall(old), _WORDS.findall(new)
    front = _alike_in_front(one, other)
    behind = _alike_in_front(one[front:][::-1], other[front:][::-1])
    return "".join(one[front : len(one) - behind]), "".join(other[front : len(other) - behind])


def renamed(value: Any, task: str) -> list[tuple[str, str]]:
    """What a call's edits change word for word where a task names both: `Meyer` and `Meier` of "Dear Ms Meyer," and "Replace Meyer by Meier"."""
    words = (words_changed(old, new) for old, new in pairs(value))
    return [
        (old, new)
        for old, new in words
        if min(len(old), len(new)) >= _SHORTEST and _names(task, old) and _names(task, new)
    ]


def everywhere(task: str) -> bool:
    """Whether a task says of what it wants changed that it stands in several places, or that all of them are meant."""
    order = _THE_REST.sub(" ", task[:MOST_LISTED_IN])
    return speaks_of_all(order) or bool(_SEVERAL_TIMES.search(order))


def _names(task: str, word: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", task))


def _alike_in_front(one: Sequence[str], other: Sequence[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def edited(text: str, value: Any) -> str:
    """A text after the edits of a call, each made at the first place that fits; empty where one fits nowhere."""
    for old, new in pairs(value):
        if not old or old not in text:
            return ""
        text = text.replace(old, new, 1)
    return text


def with_pairs(value: Any, instead: Mapping[int, tuple[str, str]], left: Iterator[int] | None = None) -> Any:
    """The arguments of a call that are edits, with others in place of some: in the call's own form, and nothing else of it.

    Args:
        value: The arguments.
        instead: Old and new texts behind the numbers of those for which they stand, counted as `pairs` gives them.
        left: Counts on within a list.
    """
    left = count() if left is None else left
    if names := _pair_in(value):
        number = next(left)
        old, new = instead.get(number, (value[names[0]], value[names[1]]))
        return {names[0]: old, names[1]: new}
    if isinstance(value, list):
        return [with_pairs(each, instead, left) for each in value if any(pairs(each))]
    return {name: with_pairs(each, instead, left) for name, each in value.items() if any(pairs(each))}


def still_to_make(value: Any, text: str, earlier: Container[tuple[str, str]]) -> Any | None:
    """The arguments of a call without the edits that change nothing or were made before; None where there is none, or one fits nowhere.

    Small models list an edit for every line, those that stay and those that they made before among them, and servers refuse all for one.

    Args:
        value: The arguments.
        text: The file as it is now.
        earlier: The edits that the run has made: of any other one whose old text is not there nobody knows what was meant.
    """
    made = [old == new or ((old, new) in earlier and old not in text and new in text) for old, new in pairs(value)]
    open_ = [old for done, (old, _) in zip(made, pairs(value), strict=True) if not done]
    if len(made) == 1 or not any(made) or not open_ or not all(old and old in text for old in open_):
        return None
    return _only(value, iter(made))


def _only(value: Any, made: Iterator[bool]) -> Any:
    """The arguments without the edits of which the next of these says that they are made."""
    if isinstance(value, list) and all(map(_pair_in, value)):
        return [each for each in value if not next(made)]
    if isinstance(value, Mapping):
        return {name: _only(each, made) if any(pairs(each)) else each for name, each in value.items()}
    return value


def one_pair(value: Any, old: str, new: str) -> Any:
    """The arguments of a call that are edits, with one alone, in the call's own form."""
    if names := _pair_in(value):
        return {names[0]: old, names[1]: new}
    if isinstance(value, list):
        return [one_pair(next(each for each in value if any(pairs(each))), old, new)]
    return {name: one_pair(each, old, new) for name, each in value.items() if any(pairs(each))}


def _pair_in(value: Any) -> tuple[str, str] | None:
    """The names of an old and a new text that an object has itself."""
    texts = [name for name in value if isinstance(value[name], str)] if isinstance(value, Mapping) else []
    old = next((name for name in texts if _OLD.match(str(name))), None)
    new = next((name for name in texts if _NEW.match(str(name))), None)
    return (old, new) if old is not None and new is not None else None


def _words(text: str) -> set[str]:
    return {word.lower() for word in re.findall(r"\w+", text) if len(word) >= _SHORTEST and word.lower() not in _COMMON}


_COMMON = frozenset({"the", "and", "for", "der", "die", "das", "und"})
"""Words that stand in any text."""
