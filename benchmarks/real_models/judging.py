"""Judges, put together from small ones. Each is pure: it sees two states of a world and an answer, and says what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from real_models.world import Check, Ending, Row

ADMITS = re.compile(
    r"\b(?:no such|not found|no (?:\w+ ){0,3}(?:named|called|found|exists?|matching|entry|record|information|data)|not (?:\w+ ){0,2}exist|"
    r"doesn['’]t (?:\w+ )?exist|do(?:es)?(?: not|n['’]t) (?:have|contain|include|list|appear|find|hold|mention)|is(?: not|n['’]t) (?:there|in|among|available|listed|present|part)|"
    r"(?:could|can|was|were|am|is)(?: not|n['’]t| unable)|cannot|unable|missing|ENOENT|there (?:is|are|was|were) no|nothing (?:is )?(?:found|known|there)|"
    r"nobody|no one|none|failed|without success|nowhere|no longer|not (?:\w+ )?(?:available|listed|present|in the|there|stored|recorded|able|possible))\b",
    re.IGNORECASE,
)
"""Words with which an answer says that something is not there or was not done."""


def all_of(*checks: Check) -> Check:
    """Everything that any of the checks finds."""
    return lambda ending: [fault for check in checks for fault in check(ending)]


def any_of(*checks: Check) -> Check:
    """Nothing where one check is content; else what the first finds."""

    def check(ending: Ending) -> list[str]:
        found = [each(ending) for each in checks]
        return [] if not all(found) else found[0]

    return check


def contains(text: str, value: str) -> bool:
    """Whether `value` stands in `text` as a word of its own, in any case; numbers also with separators of thousands."""
    plain = re.sub(r"(?<=\d)[,'’ \u00a0\u202f](?=\d{3}\b)", "", text)
    return any(_word(value).search(each) for each in (text, plain))


def _word(value: str) -> re.Pattern[str]:
    numeric = value[:1].isdigit()
    before = r"(?<![\w.,-])" if numeric else r"(?<!\w)"
    after = r"(?!\w|[.,:]\d)" if value[-1:].isdigit() else r"(?!\w)"
    inner = r"\s+".join(map(re.escape, value.split()))
    zeros = r"(?:\.0+)?" if re.fullmatch(r"\d+", value) else ""
    zeros = "0?" if re.fullmatch(r"\d+\.\d", value) else zeros
    return re.compile(before + inner + zeros + after, re.IGNORECASE)


def says(*values: str) -> Check:
    """The answer contains each value."""
    return lambda ending: [f"the answer lacks {value!r}" for value in values if not contains(ending.answer, value)]


def says_one_of(*values: str) -> Check:
    """The answer contains at least one of the values (ways to write the same)."""
    return lambda ending: (
        [] if any(contains(ending.answer, value) for value in values) else [f"the answer lacks {values[0]!r}"]
    )


def never_says(*values: str) -> Check:
    """The answer contains none of the values."""
    return lambda ending: [f"the answer says {value!r}" for value in values if contains(ending.answer, value)]


def picks(wanted: str, others: Iterable[str], claim: str) -> Check:
    """The answer chooses `wanted` among the candidates.

    It is the one named nearest to the words of the claim (a pattern: "largest") in each sentence that has them, or, where no such sentence names any,
    the first one named at all.
    """
    names = [wanted, *others]

    def check(ending: Ending) -> list[str]:
        sentences = re.split(r"\n|(?<=[.!?;])\s", ending.answer)
        claims = ((each, hit) for each in sentences for hit in re.finditer(claim, each, re.IGNORECASE))
        nearest = {_nearest(names, each, hit.start(), hit.end()) for each, hit in claims} - {None}
        chosen = nearest or {_nearest(names, ending.answer, 0, 0)}
        return [] if chosen == {wanted} else [f"the answer does not choose {wanted!r}"]

    return check


def _nearest(names: Iterable[str], text: str, start: int, end: int) -> str | None:
    """Which of the names stands nearest to a place in the text; None where none is named."""
    found = ((hit, name) for name in names for hit in _word(name).finditer(text))
    return min(((max(hit.start() - end, start - hit.end()), name) for hit, name in found), default=(0, None))[1]


def says_duration(hours: int, minutes: int) -> Check:
    """The answer names the length of time, as 7 h 30 min, 7:30, 7.5 hours (halves) or 450 minutes."""
    hour = r"\s*(?:h|hrs?|hours?)\b"
    ways = [rf"{hours * 60 + minutes}\s*min", rf"0?{hours}(?::|\s?h\s?){minutes:02}(?:\b|m)"]
    if minutes:
        ways.append(rf"{hours}{hour}[\s,]*(?:and\s*)?{minutes:02}\b")
    else:
        ways += [rf"{hours}{hour}(?!\s*(?:and\s*)?[1-9])", rf"{hours}[.,]00?{hour}"]
    if minutes == 30:
        ways += [rf"{hours}[.,]50?{hour}", rf"{hours}\s?(?:½|1/2)", rf"{hours} and a half"]
    pattern = re.compile(r"(?<![\d.,:])(?:" + "|".join(ways) + ")", re.IGNORECASE)
    return lambda ending: [] if pattern.search(ending.answer) else [f"the answer lacks {hours} h {minutes:02} min"]


def says_amount(cents: int) -> Check:
    """The answer names this sum of money, as 1234.50, 1,234.5, 1'234.50, 1 234,50 or 1.234,50."""
    whole, rest = divmod(cents, 100)
    grouped = "[.,'’ \u00a0\u202f]?".join(f"{whole:,}".split(","))
    tenths, hundredths = divmod(rest, 10)
    ends = rf"[.,]{tenths}{hundredths or '0?'}" if rest else r"(?:[.,](?:00?|[-–]))?"
    pattern = re.compile(rf"(?<!\d)(?<!\d[.,'’]){grouped}{ends}(?!\d|[.,]\d)")
    return lambda ending: [] if pattern.search(ending.answer) else [f"the answer lacks {cents / 100:.2f}"]


def admits(text: str) -> bool:
    """Whether an answer says that something is missing or was not done."""
    return bool(ADMITS.search(text))


def says_missing(ending: Ending) -> list[str]:
    """The answer says that the thing is not there."""
    return [] if admits(ending.answer) else ["the answer does not say that it is not there"]


REFUSES = re.compile(
    r"(?:cannot|can['’]t|unable to|not able to|do(?: not|n['’]t) have (?:the )?)\s*(?:\w+ ){0,2}(?:access|assist|help|ability)",
    re.IGNORECASE,
)
"""An answer that says only that nobody could look."""

NONE_OF_THEM = (
    r"(?:know|remember|recall|find|found|have|see|exist|speak|list|contain|present|anyone|anybody|in (?:the|my)|there)"
)


def says_none(what: str, verbs: str = NONE_OF_THEM) -> Check:
    """The answer says that there is none of them, in any usual way, and not only that nobody could look.

    Args:
        what: Pattern of the things' names.
        verbs: Pattern of what is denied of them: "is not listed".
    """
    ways = re.compile(
        rf"^\W*no\b|\b(?:no one|nobody|none|nothing|no such|non-?existent|0 rows|zero rows|0 (?:{what})|unable to find|cannot find|missing|absent)\b|"
        rf"\b(?:no|any|without a) (?:[\w-]+ ){{0,3}}(?:{what})|(?:n['’]t|\bnot) (?:\w+ ){{0,2}}{verbs}\b",
        re.IGNORECASE,
    )

    def check(ending: Ending) -> list[str]:
        told = ways.search(ending.answer) and not REFUSES.search(ending.answer)
        return [] if told else ["the answer does not say that there is none"]

    return check


SENTENCES = re.compile(r"\n|(?<=[.!?;])\s")
DENIES = re.compile(r"\b(?:no|not|none|neither|nor|never|without|nobody)\b|n['’]t\b", re.IGNORECASE)


def names_those(wanted: Iterable[str], others: Iterable[str], claim: str) -> Check:
    """The answer says of exactly these people what the claim (a pattern: "has a car") is about.

    People are known by their full or first names. The others may be named in sentences that deny, and, where sentences with the claim name somebody,
    also in sentences without it ("Nora has a car. Hugo goes by train.").
    """
    those, rest = [*wanted], [*others]

    def check(ending: Ending) -> list[str]:
        sentences = SENTENCES.split(ending.answer)
        about = [each for each in sentences if re.search(claim, each, re.IGNORECASE)]
        claimed = [each for each in about if any(_named(name, each) for name in (*those, *rest))] or sentences
        faults = [f"the answer lacks {name!r}" for name in those if not any(_granted(name, each) for each in sentences)]
        wrong = (name for name in rest if any(_named(name, each) and not DENIES.search(each) for each in claimed))
        return faults + [f"the answer names {name!r}" for name in wrong]

    return check


def _named(name: str, text: str) -> bool:
    return contains(text, name.split()[0])


def _granted(name: str, sentence: str) -> bool:
    """Whether a sentence names somebody, begins with no "none of" and has no "is not" or the like behind the name."""
    denied = rf"\b{re.escape(name.split()[0])}\b[^.,;:\n]{{0,40}}?(?:\b(?:not|never|no)\b|n['’]t\b)"
    none = r"^\W*(?:none|neither|nobody)\b"
    return _named(name, sentence) and not re.search(f"{denied}|{none}", sentence, re.IGNORECASE)


def untouched(*but: str) -> Check:
    """Every file is as it was and none is new, but for these paths (a folder names everything below it)."""

    def check(ending: Ending) -> list[str]:
        before, after = ending.before.files, ending.after.files
        changed = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
        return [f"{path} was touched" for path in changed if not _covered(path, but)]

    return check


def _covered(path: str, but: Iterable[str]) -> bool:
    """Whether a changed path is one of those, in a folder of those, or a folder on the way to one."""
    return any(
        path == each or (each.endswith("/") and path.startswith(each)) or (path.endswith("/") and each.startswith(path))
        for each in but
    )


def tidy(text: str) -> str:
    """Text without differences that nobody sees: ends of lines, blanks at their ends, empty lines at the end."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n")).strip("\n")


def file_is(path: str, *texts: str) -> Check:
    """The file holds one of these texts, but for blanks at the ends of lines and of the file."""

    def check(ending: Ending) -> list[str]:
        if path not in ending.after.files:
            return [f"{path} is not there"]
        given = tidy(ending.after.files[path])
        return [] if given in map(tidy, texts) else [f"{path} holds {given[:80]!r}"]

    return check


def file_matches(path: str, fits: Callable[[str], bool], what: str) -> Check:
    """The file's text fits; `what` says how, for the fault."""

    def check(ending: Ending) -> list[str]:
        if path not in ending.after.files:
            return [f"{path} is not there"]
        text = ending.after.files[path]
        return [] if fits(text) else [f"{path} is not {what}: {tidy(text)[:80]!r}"]

    return check


def file_lines(path: str, lines: Iterable[str]) -> Check:
    """The file holds exactly these lines, in any order, blank ones aside."""
    wanted = sorted(lines)

    def fits(text: str) -> bool:
        return sorted(line.strip() for line in text.splitlines() if line.strip()) == wanted

    return file_matches(path, fits, "the lines that it should be")


def gone(*paths: str) -> Check:
    """These files are no longer there."""
    return lambda ending: [f"{path} is still there" for path in paths if path in ending.after.files]


def folder_there(path: str) -> Check:
    """The folder exists."""
    return lambda ending: [] if path.rstrip("/") + "/" in ending.after.files else [f"the folder {path} is not there"]


def table(name: str, rows: Iterable[Row]) -> Check:
    """The table holds exactly these rows; None in a row stands for anything."""
    wanted = list(rows)

    def check(ending: Ending) -> list[str]:
        left = list(ending.after.tables.get(name, ()))
        for row in wanted:
            hit = next((each for each in left if _fits(row, each)), None)
            if hit is None:
                return [f"the table {name} lacks {row}"]
            left.remove(hit)
        return [f"the table {name} has {left[0]} too much"] if left else []

    return check


def _fits(wanted: Row, given: Row) -> bool:
    return len(wanted) == len(given) and all(w is None or w == g for w, g in zip(wanted, given, strict=True))


def tables_untouched(*but: str) -> Check:
    """Every table is as it was, but for these."""

    def check(ending: Ending) -> list[str]:
        before, after = ending.before.tables, ending.after.tables
        changed = sorted(name for name in {*before, *after} - {*but} if before.get(name) != after.get(name))
        return [f"the table {name} was changed" for name in changed]

    return check


def entity(name: str, *observed: str) -> Check:
    """The graph has this node (in any case), and each text stands in one of its observations."""

    def check(ending: Ending) -> list[str]:
        found = [each for key, each in ending.after.entities.items() if key.casefold() == name.casefold()]
        if not found:
            return [f"the graph lacks {name}"]
        text = " ".join(found[0].observations).casefold()
        return [f"nothing about {what!r} is kept with {name}" for what in observed if what.casefold() not in text]

    return check


def related(source: str, target: str, *, either_way: bool = False) -> Check:
    """The graph has an edge from `source` to `target`, of any kind."""

    def check(ending: Ending) -> list[str]:
        pairs = {(a.casefold(), b.casefold()) for a, _, b in ending.after.relations}
        wanted = (source.casefold(), target.casefold())
        if wanted in pairs or (either_way and wanted[::-1] in pairs):
            return []
        return [f"the graph does not relate {source} to {target}"]

    return check


def graph_keeps(ending: Ending) -> list[str]:
    """Nothing of the graph was lost."""
    lost = [name for name in ending.before.entities if name not in ending.after.entities]
    lost += [" ".join(edge) for edge in ending.before.relations - ending.after.relations]
    return [f"the graph lost {each}" for each in lost]


def graph_untouched(ending: Ending) -> list[str]:
    """The graph is as it was."""
    same = (ending.before.entities, ending.before.relations) == (ending.after.entities, ending.after.relations)
    return [] if same else ["the graph was changed"]


def no_new_commit(ending: Ending) -> list[str]:
    """The repository's history and branches are as they were."""
    before, after = ending.before, ending.after
    return [] if (before.log, before.branches) == (after.log, after.branches) else ["the repository was changed"]


def repository_untouched(ending: Ending) -> list[str]:
    """Branches, history and what is not yet committed are as they were."""
    parts = ("branch", "heads", "log", "status", "committed")
    changed = [part for part in parts if getattr(ending.before, part) != getattr(ending.after, part)]
    return [f"the repository's {part} was changed" for part in changed]


def says_time(hour: int, minute: int) -> Check:
    """The answer names the time of day, as 08:30, 8:30 or (from noon on) 8:30 PM."""
    ways = [rf"0?{hour}:{minute:02}(?![\d])" + (r"(?!\s*p\.?m)" if hour < 12 else r"(?!\s*a\.?m)")]
    if hour % 12 != hour or hour == 0:
        ways.append(rf"0?{hour % 12 or 12}:{minute:02}(?::\d\d)?\s*{'p' if hour >= 12 else 'a'}\.?m")
    pattern = re.compile(r"(?<!\d)(?:" + "|".join(ways) + ")", re.IGNORECASE)
    return lambda ending: [] if pattern.search(ending.answer) else [f"the answer lacks {hour:02}:{minute:02}"]
