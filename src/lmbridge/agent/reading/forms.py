"""The form that a task gives for what is to be written, held against what was written: `account=balance`, `lat,lon`, `state=count`. Pure.

Small models write the form's own words beside the values, or one line for each of them. What stands in a result for these words is
known, and so is the line that was meant.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lmbridge.agent.reading.edits import CONTENT, LONGEST_OFFERED
from lmbridge.agent.reading.names import MOST_LISTED_IN, bounded, nowhere, numbers_in, paths_in
from lmbridge.agent.reading.rows import objects_in, rows_in

_NAME = r"[A-Za-z_]\w*"
_FORM = re.compile(
    rf"(?<![\w.@{{<-])({_NAME})(?:(?P<sign>[=;|/,>-]| ?= ?|: ?){_NAME}(?:(?P=sign){_NAME})*)(?![\w({{<])"
)
_COUNT = re.compile(r"^\s*[-*\u2022]?\s*(?P<key>.+?)(?P<sign>\s*[=:;,|\t]\s*|\s+)(?P<count>\d+)\s*$")
LONGEST = 8_000
"""Characters of a text that is held against forms."""
LONGEST_LINE = 200
_LINES = re.compile(
    r"\b(?:(?:per|an?|each|every|own|separate) lines?|lines? (?:each|per|by|for each)|(?:one|name|row|item) (?:per|a|on each) line|(?:je|pro|eigene\w?|jede\w?) zeile|zeilenweise|"
    r"par ligne|por l\u00ednea|por linha|per riga|per regel|per rad)\b",
    re.IGNORECASE,
)
"""Words of several languages that want things in lines of their own."""
_NO_HEADER = frozenset({"=", ":"})
"""Signs of forms that are no header of a table: a line `city,count` may be wanted."""
_CONVERTS = re.compile(
    r"\b(?:convert|export|transform|konvertier|umwandel|wandle|convierte|convertir|convertis|converti)\w*|\b(?:to|as|into|als|en|in|au format)\s+(?:a\s+)?(?:json|csv|tsv|yaml|xml)\b",
    re.IGNORECASE,
)
_LINES_WITH = re.compile(
    r"\b(?:lines?|zeilen?|lignes?|l\u00edneas?|righe|linhas?)\b(?:\s+(?:that|which|die|qui|que|che))?\s+(?:(?:start|begin|commen|empie|comien|inizi)\w*\s+(?:with|by|par|con|por)|with|containing|mit|avec|con)\s+"
    r"(?P<word>[\"'`\u201c\u201e]?[A-Z#@][\w#@-]+)",
)
"""Lines that are chosen by a word in capitals or a mark: `lines starting with TODO`."""
_NUMBERS = re.compile(r"[\d.,;+\s-]{3,200}")
_COMMA = re.compile(r"\d,\d")
"""What may be a decimal comma, or stand between two numbers."""
_SUM = re.compile(r"\b(?:sum|total|summe|gesamtzahl|gesamtsumme|somme|suma|somma|totale|soma)\b", re.IGNORECASE)
_EACH = re.compile(
    r"\b(?:each|every|both|all (?:the )?numbers|per|list|too|as well|lines?|jede\w*|beide\w*|je|liste|zeilen?|chaque|chacun\w*|les deux|lignes?|cada|ambos|ambas|l\u00edneas?|ogni|ciascun\w*|entramb\w+|righe|linhas?)\b",
    re.IGNORECASE,
)
"""What wants more written than one number."""
_MOST_PARTS = 10
_MOST_SHOWN = 5
_MOST_VALUES = 12
_FEWEST_ROWS = 3
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Misfit:
    """What is wrong with a text.

    Attributes:
        kind: A word for it.
        says: What the text has and what stands for it, as a sentence for a model.
        content: The text that would fit, where it is known.
        warning: The same for the caller.
    """

    kind: str
    says: str
    content: str
    warning: str


def forms_in(task: str) -> list[tuple[str, str, list[str]]]:
    """Forms that a text gives: each as it stands there, with its sign and its words; paths left out."""
    order = task[:MOST_LISTED_IN]
    for name in sorted(paths_in(order), key=len, reverse=True):
        order = order.replace(name, " ")
    found = []
    for match in _FORM.finditer(order):
        sign = match["sign"]
        found.append((match.group(), sign, [part.strip() for part in match.group().split(sign)]))
    return found


def misfit(text: str, task: str, results: Sequence[str]) -> Misfit | None:
    """What in a text that is to be written does not fit the form that the task gives for it; None where nothing is seen.

    Args:
        text: What is to be written.
        task: What the caller asked for.
        results: What was read before, each whole.
    """
    if len(text) > LONGEST:
        return None
    for form, sign, words in forms_in(task):
        for result in results:
            found = _unfilled(text, form, sign, words, result, task) or _with_its_name(text, form, sign, words, result)
            if found:
                return found
    for result in results:
        if found := _counted_otherwise(text, task, result):
            return found
    return None


def _unfilled(text: str, form: str, sign: str, words: Sequence[str], result: str, task: str) -> Misfit | None:
    """A text of which no line is the form with the values that a result has for its words."""
    objects = objects_in(result)
    filled = _filled(_chosen(objects, task), sign, words)
    others = {line: name for line, name in _filled(objects, sign, words).items() if line not in filled}
    bare = _tight(text, sign)
    bare_form = _tight(form, sign)
    itself = sign.strip() in _NO_HEADER and bare_form in bare.replace(" ", "\n").splitlines()
    fits = any(_tight(line, sign) in bare for line in filled) and not itself
    if not filled or (fits and not any(_tight(line, sign) in bare for line in others)):
        return None
    values = [value for line in (*filled, *others) for value in line.split(sign)]
    about = text.strip() in result or any(value in text for value in values) or any(_has(word, text) for word in words)
    if not about:
        return None
    shown = [f"{name}: {line}" if name and len(filled) > 1 else line for line, name in filled.items()]
    only = next(iter(filled)) if len(filled) == 1 else ""
    return Misfit(
        "form",
        f"Values are meant, not the words {form}" + ("." if only else f": {'; '.join(shown[:_MOST_SHOWN])}."),
        only,
        f"What was written does not have the form {form} with the values that a result has for it.",
    )


def _filled(objects: Sequence[tuple[str, dict[str, str]]], sign: str, words: Sequence[str]) -> dict[str, str]:
    """The form with the values of each object that has all of its words, and the object's name."""
    named = [(name, {key.lower(): value for key, value in fields.items()}) for name, fields in objects]
    return {
        sign.join(fields[word.lower()] for word in words): name
        for name, fields in named
        if all(word.lower() in fields for word in words)
    }


def _chosen(objects: Sequence[tuple[str, dict[str, str]]], task: str) -> Sequence[tuple[str, dict[str, str]]]:
    """The objects that the task names, by their name or one of their values; all where it names none."""
    named = [each for each in objects if each[0] and _has(each[0], task)]
    return named or [each for each in objects if any(_has(value, task) for value in each[1].values())] or objects


def _with_its_name(text: str, form: str, sign: str, words: Sequence[str], result: str) -> Misfit | None:
    """A text whose lines begin with the form's own first word, where that stands for values: `state=open=4` for `open=4`."""
    rows = rows_in(result)
    key = next((name for name in rows[0] if str(name).lower() == words[0].lower()), None) if rows else None
    if key is None or len(words) < 2 or all(word.lower() in {str(name).lower() for name in rows[0]} for word in words):
        return None
    values = {str(row.get(key)).lower() for row in rows}
    prefix = re.compile(rf"^\s*{re.escape(words[0])}\s*{re.escape(sign.strip())}\s*", re.IGNORECASE)
    lines = text.splitlines()
    bad = [line for line in lines if (begun := prefix.match(line)) and _begins_with(line[begun.end() :], values)]
    no_header = sign.strip() in _NO_HEADER
    kept = [line for line in lines if not no_header or _tight(line.strip(), sign).lower() != _tight(form, sign).lower()]
    if not bad and len(kept) == len(lines):
        return None
    whole = "\n".join(prefix.sub("", line) if line in bad else line for line in kept)
    return Misfit(
        "form",
        f"{words[0]} stands for a value, such as {min(values)!r}.",
        whole,
        f"What was written has {words[0]!r} itself where the form {form} has a value of it.",
    )


def _begins_with(line: str, values: set[str]) -> bool:
    return any(line.lower().startswith(value) and not line[len(value) : len(value) + 1].isalnum() for value in values)


def _counted_otherwise(text: str, task: str, result: str) -> Misfit | None:
    """A text of lines that count the values of a column, of which some are right and others are not, missing or there twice."""
    lines = [line for line in text.splitlines() if line.strip()]
    read = [match for line in lines if len(line) <= LONGEST_LINE and (match := _COUNT.match(line))]
    if not lines or len(read) != len(lines):
        return None
    for counts in _counts(result):
        keys = {key.lower(): key for key in counts}
        said = [(keys.get(match["key"].strip().lower()), int(match["count"])) for match in read]
        if any(key is None for key, _ in said) or not any(counts[key] == number for key, number in said if key):
            continue
        wrong = [f"{key} {number}" for key, number in said if key and counts[key] != number]
        named = {key for key in counts if _has(key, task)}
        missing = [key for key in counts if key not in {key for key, _ in said} and (not named or key in named)]
        wanted = [key for key in counts if key in missing or any(key == each for each, _ in said)]
        if not wrong and not missing and len(said) == len(wanted):
            return None
        right = ", ".join(f"{key} {counts[key]}" for key in wanted)
        return Misfit(
            "counts",
            f"Counted in the result: {right}.",
            "\n".join(f"{key}{read[0]['sign']}{counts[key]}" for key in wanted),
            f"What was written counts otherwise than the result: {right}.",
        )
    return None


def _counts(result: str) -> list[Counter[str]]:
    """How often each value of a column stands there, for each column that says the same of several rows."""
    rows = rows_in(result)
    names: Sequence[str] = list(rows[0]) if len(rows) >= _FEWEST_ROWS else ()
    found = [
        Counter(str(row.get(name)) for row in rows if not isinstance(row.get(name), list | Mapping)) for name in names
    ]
    return [each for each in found if 1 < len(each) <= _MOST_VALUES and len(each) * 3 <= len(rows) * 2]


def repeated(text: str, task: str, results: Sequence[str]) -> Misfit | None:
    """A text that has a line more often than all that was read, where a list was to be put together; None where it has none.

    Args:
        text: What is to be written.
        task: What the caller asked for.
        results: What was read before; the same text read twice counts once.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    known = Counter(line.strip() for result in dict.fromkeys(results) for line in result.splitlines() if line.strip())
    more = [line for line, times in Counter(lines).items() if times > known[line] + task.count(line) > 0]
    more = [line for line in more if len(re.findall(r"\w", line)) >= _SHORTEST and known[line]]
    if not more or len(lines) < _FEWEST_ROWS:
        return None
    once = "\n".join([*dict.fromkeys(line.rstrip() for line in text.strip("\n").splitlines()), ""])
    return Misfit(
        "twice",
        f"{more[0]!r} stands in this more often than in what was read.",
        once if not any(known[line] > 1 for line in lines) else "",
        f"What was written has {more[0]!r} more often than what was read.",
    )


def in_one_line(text: str, task: str, results: Sequence[str]) -> Misfit | None:
    """A text that has the names of several rows in one line, where the task speaks of lines; None for any other."""
    parts = [part.strip() for part in re.split(r"[,;]", text.strip())]
    if "\n" in text.strip() or len(parts) < 2 or not _LINES.search(task[:MOST_LISTED_IN]):
        return None
    for result in results:
        rows = rows_in(result)
        for name in rows[0] if rows else ():
            if {str(row.get(name)) for row in rows}.issuperset(parts):
                return Misfit(
                    "one line",
                    "The task speaks of lines, and these stand in one.",
                    "\n".join([*parts, ""]),
                    "What was written has in one line what the task may want in lines of their own.",
                )
    return None


def parts_of_sum(text: str, task: str, results: Sequence[str]) -> Misfit | None:
    """A text of nothing but numbers that were read, where the task wants their sum written; None for any other."""
    order = task[:MOST_LISTED_IN]
    parts = numbers_in(text) if _NUMBERS.fullmatch(text) and not _COMMA.search(text) else []
    if not 1 < len(parts) <= _MOST_PARTS or _EACH.search(order) or not _SUM.search(_without_paths(order)):
        return None
    total = sum(map(Decimal, parts))
    if any(Decimal(part) == total for part in parts) or nowhere(parts, results) or not nowhere(parts, [order]):
        return None
    return Misfit(
        "sum",
        f"{', '.join(parts)} come to {total} together.",
        f"{total}\n",
        f"What was written holds {', '.join(parts)}, where the task may want their sum, {total}.",
    )


def _without_paths(order: str) -> str:
    """The order without the names of its files: `total.txt` wants no total."""
    for path in sorted(paths_in(order), key=len, reverse=True):
        order = order.replace(path, " ")
    return order


def lines_with(text: str, task: str, results: Sequence[str]) -> Misfit | None:
    """A text with lines that lack the word by which the task chooses lines, beside some that have it; None for any other.

    Args:
        text: What is to be written.
        task: What the caller asked for.
        results: What was read before, each whole.
    """
    found = _LINES_WITH.search(task[:MOST_LISTED_IN])
    word = found["word"].strip("\"'`\u201c\u201d\u201e") if found else ""
    lines = [line for line in text.splitlines() if line.strip()]
    fits = [line for line in lines if word in line]
    known = [line.strip() for result in results for line in result.splitlines() if word and word in line]
    if not word or not fits or len(fits) == len(lines) or not all(line.strip() in known for line in fits):
        return None
    other = next(line.strip() for line in lines if word not in line)
    return Misfit(
        "lines",
        f"The task speaks of lines with {word}; {other[:LONGEST_LINE]!r} is none.",
        "".join(f"{line}\n" for line in fits),
        f"What was written has lines without {word!r}, by which the task chooses lines.",
    )


def converted(text: str, task: str, results: Sequence[str]) -> Misfit | None:
    """A text of rows in another format than the one that was read, of which a column does not say what it says there; None for any other.

    Args:
        text: What is to be written.
        task: What the caller asked for; only where it speaks of converting.
        results: What was read before, each whole.
    """
    made = rows_in(text) if len(text) <= LONGEST and _CONVERTS.search(task[:MOST_LISTED_IN]) else []
    for result in results if len(made) > 1 else ():
        source = rows_in(result)
        names = {str(name).lower(): name for name in source[0]} if len(source) == len(made) else {}
        columns = {name: names[str(name).lower()] for name in made[0] if str(name).lower() in names}
        if not names or len(columns) < len(made[0]) or any(row.keys() != made[0].keys() for row in made):
            continue
        off = [name for name, own in columns.items() if _values(made, name) != _values(source, own)]
        if off and len(off) < len(columns):
            rows = [{name: row[own] for name, own in columns.items()} for row in source]
            known = text.lstrip().startswith("[")
            return Misfit(
                "rows",
                f"The column {off[0]} does not say what was read.",
                json.dumps(rows, ensure_ascii=False) if known else "",
                f"What was written has other values for {off[0]!r} than what was read.",
            )
    return None


def _values(rows: Sequence[Mapping[str, object]], name: object) -> Counter[str]:
    return Counter(str(row.get(str(name))) for row in rows)


def offered(content: str) -> str:
    """A sentence with the content that would fit, where it is known and short."""
    whole = json.dumps(content, ensure_ascii=False)
    return f" To write it so, {CONTENT}{whole}" if content and len(whole) <= LONGEST_OFFERED else ""


def _tight(text: str, sign: str) -> str:
    bare = sign.strip()
    return re.sub(rf"\s*{re.escape(bare)}\s*", bare, text)


def _has(word: str, text: str) -> bool:
    return bool(word) and bool(bounded(word).search(text))
