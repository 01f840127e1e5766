"""What was said or written of rows, held against those that fulfil a condition: one named that does not, one left out, another count. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lmbridge.agent.reading.conditions.chosen import Picked, Row
from lmbridge.agent.reading.conditions.words import plain, unit
from lmbridge.agent.reading.forms import Misfit
from lmbridge.agent.reading.names import denies, holds_word, sentences, speaks_of_all
from lmbridge.text import quoted

MOST_SHOWN = 20
"""Rows that are told by name."""
_SHORT = 5
"""Letters up to which a name with a capital is one only as it is written."""
_LONG = 4
_SETS_APART = re.compile(
    r"\b(?:not|no|none|nor|never|too|but|exactly|nearly|almost|genau|knapp|exactement|exactamente|esattamente|exatamente|however|although|though|except\w*|exclud\w*|ignor\w*|skip\w*|omit\w*|left out|leave out|rest|others?|remaining|whereas|while|instead|unlike|fail\w*|outside"
    r"|expensive|wrong|exceeds?|nicht|kein\w*|zu|aber|jedoch|ausser|au\u00dfer|ubrige\w*|andere\w*|wahrend|hingegen|dagegen|teurer|pas|trop|mais|sauf|hors|autres?|tandis|alors que|no|demasiado"
    r"|pero|excepto|salvo|otr[oa]s?|mientras|non|troppo|ma|tranne|altr[ie]|mentre|invece|nao|demais|mas|exceto|outr[oa]s?|enquanto|false|falsch|faux|falso)\b|\b(?:note|hinweis|remarque|nota):|n't\b|[\u2717\u2718\u274c\u2715\u2716\u00d7~]"
)
"""Words and marks with which rows are named that are not meant."""
_MORE = re.compile(
    r"\b(?:over|above|more|higher|greater|larger|bigger|longer|later|after|uber|ueber|mehr|hoher|langer|gro\u00dfer|spater|nach|plus|dessus|superieur\w*|depass\w*|apres|mas|encima|superior\w*"
    r"|mayor\w*|despues|piu|sopra|oltre|supera\w*|superior\w*|dopo|mais|acima|maior\w*|depois|apos)\b|>"
)
_LESS = re.compile(
    r"\b(?:under|below|less|fewer|lower|smaller|shorter|cheaper|earlier|before|unter|weniger|kleiner|kurzer|billiger|fruher|vor|moins|dessous|inferieur\w*|avant|menos|debajo|inferior\w*|menor\w*"
    r"|antes|meno|sotto|inferior\w*|prima|abaixo)\b|<"
)
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_NONE = re.compile(
    r"\b(?:no|none|nothing|nobody|kein\w*|nichts|niemand|aucune?s?|rien|ne|ningun\w*|nada|nessun\w*|niente|nenhum\w*|zero|aren't|are not)\b(?! (?:idea|way))"
)
"""Words of an answer that there is none."""
_CUT = re.compile(r"\u2026|\.\.\.|\b(?:etc|usw|and (?:so on|more|others?))\b")
_NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "no none zero nothing nobody neither kein keine keiner keines null aucun aucune ninguno ninguna ningun nessuno nessuna nenhum nenhuma",
            "one single only ein eine einen eins einer un une uno una um uma",
            "two both zwei beide deux dos due dois duas", "three drei trois tres tre", "four vier quatre cuatro quattro quatro", "five f\u00fcnf funf cinq cinco cinque",
            "six sechs seis sei", "seven sieben sept siete sette sete", "eight acht huit ocho otto oito", "nine neun neuf nueve nove", "ten zehn dix diez dieci dez",
            "eleven elf onze once undici", "twelve zwolf douze doce dodici doze",
        )
    )
    for word in words.split()
}  # fmt: skip


def off(said: str, task: str, found: Picked) -> tuple[str, str] | None:
    """What speaks against an answer, for the model and for the caller; None where nothing does.

    Args:
        said: The answer.
        task: What the caller asked for.
        found: The rows, held against its condition.
    """
    if wrong := _wrong(said, found):
        return (
            f"{wrong.name} has {wrong.value}, which is not {found.said!r}. {_told(found)}",
            f"The answer names {quoted(wrong.name)}, whose {wrong.value} is not {quoted(found.said)}.",
        )
    if found.whole and found.asks == "all" and (lost := _left_out(said, found)):
        return (
            _told(found),
            f"The answer leaves out {quoted(lost.name)}, whose {lost.value} is {quoted(found.said)}.",
        )
    if found.whole and found.asks == "count" and _counts_otherwise(said, task, found):
        number = len(found.fitting)
        return (
            f"{_told(found)} They are {number}." if number else _told(found),
            f"The answer does not say {number}, which is how many are {quoted(found.said)}.",
        )
    return None


def text_off(text: str, task: str, found: Picked) -> Misfit | None:
    """What is wrong with a text that is to be written as the list of such rows, or their count; None where nothing is seen.

    Args:
        text: What is to be written.
        task: What the caller asked for.
        found: The rows, held against its condition; only where nothing else may choose among them.
    """
    against = off(text, task, found) if found.whole and found.asks != "some" else None
    if against is None:
        return None
    warning = against[1].replace("The answer", "What was written", 1)
    return Misfit("condition", against[0], _content(text, found), warning)


def _wrong(said: str, found: Picked) -> Row | None:
    """A row that is named as one that fulfils the condition, and does not."""
    known = {plain(row.name) for row in found.rows if row.fits is not False}
    wrong = [row for row in found.rows if row.fits is False and plain(row.name) not in known]
    bare = said if any("(" in row.name for row in found.rows) else _IN_BRACKETS.sub(" ", said)
    missing = list(found.fitting)
    if not missing and _NONE.search(plain(said)):
        return None
    for part in _plain_parts(bare, found):
        named = [row for row in wrong if _named(part, row, found)]
        if named and (missing or not found.fitting or not _is_remark(part, found)):
            enough = found.asks == "some" and any(_named(said, row, found) for row in found.fitting)
            return None if enough or _says_right(said, found) else named[0]
        missing = [row for row in missing if not _named(part, row, found)]
    return None


def _is_remark(part: str, found: Picked) -> bool:
    """Whether a part says something of other rows, where those that fulfil the condition were all named before it."""
    return found.said.lower() not in part.lower() and len(_further_words(part, found.rows)) > 1


def _further_words(part: str, rows: Iterable[Row]) -> set[str]:
    """The words of a part that are neither of names and values of rows nor units."""
    words = {plain(word) for word in re.findall(r"[^\W\d_]{2,}", part)}
    own = {plain(word) for row in rows for word in re.findall(r"[^\W\d_]{2,}", f"{row.name} {row.value}")}
    return {word for word in words - own if not unit(word)}


def _parts(text: str) -> list[str]:
    return [each for part in sentences(text) for each in re.split(r"(?<=;)\s", part)]


def _plain_parts(said: str, found: Picked) -> list[str]:
    """The sentences and lines of an answer that set nothing apart, by their own words or those of the heading above them."""
    parts: list[str] = []
    heading, under = "", 0
    for line in said.splitlines():
        if line.rstrip(" *").endswith(":") or line.startswith("#"):
            heading, under = line, 0
        elif not line.strip():
            heading = "" if under else heading  # an empty line ends a list, and not the heading above it
        elif not _sets_apart(heading, found):
            parts += [part for part in _parts(line) if not _sets_apart(part, found)]
        under += bool(line.strip()) and line != heading
    return parts


def _sets_apart(part: str, found: Picked) -> bool:
    words = plain(part).replace(plain(found.said), " ")
    for name in (plain(row.name) for row in found.rows if row.name):
        if name in words:
            words = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", words)
    away = {True: (_LESS,), False: (_MORE,), None: (_LESS, _MORE)}[found.up]
    return bool(_SETS_APART.search(words)) or any(pattern.search(words) for pattern in away)


def _named(part: str, row: Row, found: Picked) -> bool:
    """Whether a part names a row, and not one whose longer name holds this one's."""
    low = row.name.lower()
    if not low or low not in part.lower():
        return False
    for other in sorted((each.name for each in found.rows if len(each.name) > len(low)), key=len, reverse=True):
        if low in other.lower():
            part = re.sub(rf"(?<!\w){re.escape(other)}(?!\w)", " ", part, flags=re.IGNORECASE)
    if len(low) <= _SHORT and row.name != low:  # Will is nobody in "I will"
        return bool(re.search(rf"(?<!\w)(?:{re.escape(row.name)}|{re.escape(row.name.upper())})(?!\w)", part))
    return holds_word(part, row.name)


def _says_right(said: str, found: Picked) -> bool:
    """Whether a sentence says which rows are meant, whatever is told of others beside it; a line of a list is none."""
    fitting = list(found.fitting)
    for part in _parts(said) if fitting else ():
        if [row for row in found.rows if _named(part, row, found)] != fitting:
            continue
        if len(fitting) > 1 or _further_words(part, fitting):
            return True
    return False


def _left_out(said: str, found: Picked) -> Row | None:
    """The first row that fulfils the condition and was not named, where others were or it was said that there is none."""
    if not found.fitting or len(found.fitting) > MOST_SHOWN or _CUT.search(said) or speaks_of_all(said):
        return None
    lost = [row for row in found.fitting if not _is_told(said, row)]
    some = len(lost) < len(found.fitting)
    return lost[0] if lost and (some or _NONE.search(plain(said))) else None


def _is_told(said: str, row: Row) -> bool:
    low, bare = plain(said), _squeezed(row.name)
    if len(bare) >= _LONG and bare in _squeezed(said):
        return True  # LX 318 is LX318
    return bool(row.name and holds_word(said, row.name)) or any(holds_word(low, plain(word)) for word in row.words)


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]", "", plain(text))


def _counts_otherwise(said: str, task: str, found: Picked) -> bool:
    """Whether an answer gives one number, and it is not that of the rows which fulfil the condition."""
    number = len(found.fitting)
    if not found.sure or _CUT.search(said):
        return False
    if alone := re.fullmatch(r"\W*(\d{1,9})\W*", said):
        return int(alone[1]) != number
    own = {word for row in found.rows for word in re.findall(r"\d+(?:[.,:]\d+)*", f"{row.name} {row.value}")}
    figures = set(re.findall(r"(?<![\w.,:/-])\d+(?:[.,:]\d+)*(?![\w/])", said))
    figures = {figure for figure in figures if figure == str(number) or not (figure in task or figure in own)}
    worded = {_NUMBERS[word] for word in re.findall(r"[^\W\d_]+", plain(said)) if word in _NUMBERS}
    if str(number) in figures or number in worded or (number == 0 and denies(said)):
        return False
    return len(figures) == 1 or (not figures and len(worded - {1}) == 1)


def _told(found: Picked) -> str:
    """The rows that fulfil the condition, to stand last in what a model is told."""
    rows = found.fitting
    if not rows:
        none = f"None of those that were read is {found.said!r}"
        return f"{none}: say so." if found.whole and found.sure else f"{none}."
    if len(rows) > MOST_SHOWN:
        return f"{len(rows)} are."
    listed = "; ".join(f"{row.name} ({row.value})" if row.name else row.value for row in rows)
    only = "Only these are" if len(rows) > 1 else "Only this one is"
    return f"{only} {found.said!r}: {listed}." + ("" if found.whole else " Choose among these.")


def _content(text: str, found: Picked) -> str:
    """The text that would fit, where its lines are names alone, or lines with one row each; empty where it has another form."""
    if found.asks == "count":
        return str(len(found.fitting)) if re.fullmatch(r"\s*\d+\s*", text) else ""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or not found.fitting:
        return ""
    names = {plain(row.name): row.name for row in found.rows}
    marks = {line[: len(line) - len(line.lstrip(" -*\u2022"))] for line in lines}
    bare = [plain(line.strip(" -*\u2022")) for line in lines]
    if len(marks) == 1 and all(line in names for line in bare):
        return "".join(f"{mark}{row.name}\n" for mark in marks for row in found.fitting)
    return ""


def rows_alike(found: Sequence[Picked]) -> list[Picked]:
    """What was picked of several results, without that of one whose rows all stand in another's."""
    named = [{(plain(row.name), row.value) for row in each.rows} for each in found]
    return [
        each
        for number, each in enumerate(found)
        if not any(
            named[number] < other or (named[number] == other and number > place)
            for place, other in enumerate(named)
            if place != number
        )
    ]


def both(found: Iterable[Picked]) -> list[Picked]:
    """What is left to hold an answer against: of several results with rows only that a row of one fulfils nothing in any."""
    picks = rows_alike(list(found))
    if len(picks) < 2:
        return picks
    fine = {plain(row.name) for each in picks for row in each.rows if row.fits is not False}
    return [
        replace(
            each,
            rows=tuple(row for row in each.rows if row.fits is not False or plain(row.name) not in fine),
            whole=False,
        )
        for each in picks
    ]
