"""What was said or written holds against what the results say: the wrong end of a column, a time not converted, a form not kept. Pure.

What can be worked out from a result is worked out here and not left to a small model; its answer goes back once with what stands
there, and is told to the caller where it is given again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lmbridge.agent.held.alike import mixed_up
from lmbridge.agent.held.another import told_of_another
from lmbridge.agent.held.claimed import off_claim
from lmbridge.agent.held.copies import unlike_its_file
from lmbridge.agent.held.diffs import denied_change
from lmbridge.agent.held.labelled import not_the_next, of_others
from lmbridge.agent.held.marked import PassedBy, passed_by
from lmbridge.agent.held.members import members_left_out
from lmbridge.agent.held.shares import not_its_share
from lmbridge.agent.held.sorting import out_of_order
from lmbridge.agent.held.statements import update_in
from lmbridge.agent.held.traits import lacks_trait
from lmbridge.agent.held.transfers import transfer_in
from lmbridge.agent.held.uncommitted import not_by_git
from lmbridge.agent.reading import clocks, sizes
from lmbridge.agent.reading.compared import misnamed, partly_said
from lmbridge.agent.reading.conditions.asked import condition_of
from lmbridge.agent.reading.conditions.cells import is_a_page
from lmbridge.agent.reading.conditions.chosen import Picked, picked
from lmbridge.agent.reading.conditions.held import both, off, text_off
from lmbridge.agent.reading.edits import TEXT_NAMES
from lmbridge.agent.reading.ends import end_asked, not_at_end
from lmbridge.agent.reading.forms import (
    Misfit,
    converted,
    in_one_line,
    lines_with,
    misfit,
    offered,
    parts_of_sum,
    repeated,
)
from lmbridge.agent.reading.names import (
    MOST_LISTED_IN,
    denies,
    is_file_name,
    last_part,
    leaves,
    paths_in,
    places_in,
    sentences,
    words_in,
)
from lmbridge.agent.reading.notes import failed
from lmbridge.agent.reading.rows import only_holder, rows_in, rows_of_files
from lmbridge.agent.reading.sides import left_out, parted
from lmbridge.agent.reading.spans import off_span
from lmbridge.agent.reading.tool_names import words_of_name
from lmbridge.agent.task.quotes import unsaid
from lmbridge.events import ToolFinished
from lmbridge.messages import ToolResult
from lmbridge.text import quoted

_ADDS = re.compile(
    r"\bset\s+[\"`\[]?(?P<column>\w+)[\"`\]]?\s*=\s*[\"`\[]?(?P=column)[\"`\]]?\s*(?P<sign>[+*/-])\s*(?P<number>\d+(?:\.\d+)?)(?![\w.])",
    re.IGNORECASE,
)
"""A statement in SQL that works a column's new value out of its old one."""
_ALL_OF_TABLE = re.compile(
    r"select\s+(?!(?:distinct|top)\b)[\w\s,.*\"`\[\]]+?\s+from\s+[\w.\"`\[\]]+(?:\s+order\s+by\s+[\w\s,.\"`]+?)?\s*;?",
    re.IGNORECASE,
)
"""A query for every row of one table."""
_OF_WHOLES = frozenset({"table", "table_name", "sortby", "sort_by", "name", "sheet", "collection"})
"""Arguments that name all of something, or an order."""
_LONGEST_LINE = 120
_SHORTEST = 4
"""Letters of a word that tells files apart."""


def whole_results(results: Sequence[ToolFinished]) -> list[str]:
    """The results that told something and were not cut, each text once, the latest first."""
    fits = (fact.result for fact in reversed(results) if fact.result.read_only or fact.result.server)
    return list(
        dict.fromkeys(
            result.content for result in fits if result.handle is None and not failed(result) and result.content.strip()
        )
    )


def text_misfit(text: str, task: str, results: Sequence[ToolFinished], path: str = "") -> Misfit | None:
    """What in a text that is to be written does not fit what the results say; None where nothing is seen.

    Args:
        text: What is to be written.
        task: What the caller asked for.
        results: The calls made before.
        path: The file that it is to be written into, where it is one.
    """
    known = whole_results(results)
    return (
        (unlike_its_file(path, text, task, _read_files(results)) if path else None)
        or misfit(text, task, known)
        or (not_its_share(path, text, task, known) if path else None)
        or _time_misfit(text, task, known)
        or in_one_line(text, task, known)
        or repeated(text, task, known)
        or converted(text, task, known)
        or lines_with(text, task, known)
        or parts_of_sum(text, task, known)
        or _of_others(text, task, known)
        or _unsorted(text, task, results)
        or next(filter(None, (text_off(text, task, found) for found in _picked(task, results))), None)
    )


def _unsorted(text: str, task: str, results: Sequence[ToolFinished]) -> Misfit | None:
    """A list that the task wants in order, and that would be written in another; the right one, but where more is written than the list."""
    files = [read for path, read in _read_files(results) if last_part(path) in task]
    ordered = out_of_order(text, task, files)
    lines = ordered.splitlines() if "\n" in ordered else ordered.split(", ")
    whole = [line for line in text.splitlines() if line.strip()]
    content = "".join(f"{line}\n" for line in lines) if len(whole) == len(lines) else ""
    told = "What was written does not have the list in the order that was asked for."
    return Misfit("order", "That is not sorted.", content, told) if ordered else None


def _of_others(text: str, task: str, known: Sequence[str]) -> Misfit | None:
    """A list that has values of another line than the one whose label the task names."""
    for result in known:
        if found := of_others(text, task, result):
            line, wrong = found
            return Misfit(
                "other label",
                f"{wrong!r} stands behind another label than {line.label!r}.",
                "".join(f"{value}\n" for value in line.values),
                f"What was written has {quoted(wrong)}, which stands behind another label than {quoted(line.label)}.",
            )
    return None


def question(found: Misfit) -> str:
    """What a small model is asked about such a text; the content that would fit stands last, since it is what is taken up."""
    content = offered(found.content)
    return (
        f"{found.says}{content}"
        if content
        else f"{found.says} Write it so; if what you wrote is meant, make the same call again."
    )


def _time_misfit(text: str, task: str, known: Sequence[str]) -> Misfit | None:
    for result in known:
        if (times := clocks.unconverted(text, task, result)) and re.search(rf"(?<!\d){times[0].lstrip('0')}", text):
            given, made = times
            return Misfit(
                "time",
                f"{given} is the time that was to be converted; the result is {made}.",
                made.partition(" ")[0] if text.strip() == given else "",
                f"What was written has {given}, which was to be converted to {made}.",
            )
    return None


def adds_up(arguments: Mapping[str, Any], task: str) -> str:
    """What to ask of a statement that adds a number of the task to a column: "we now have 70" is no `stock + 70`.

    Nothing of one that takes away from one thing what the task says to go to another: there that number is the difference.
    """
    moved = transfer_in(task)
    for text in leaves(arguments):
        if moved and (update := update_in(text)) and any(map(moved.sign, update.chosen)):
            continue
        for found in _ADDS.finditer(text):
            column, number = found["column"], found["number"]
            if re.search(rf"(?<![\w.]){re.escape(number)}(?![\w.]*\d)", task):
                return (
                    f"This makes {column} out of what it is now and {number}. If the task says that it is to be {number}, write {column} = "
                    f"{number}; if it is to change by {number}, make the same call again."
                )
    return ""


def answer_misfit(
    answer: str, task: str, results: Sequence[ToolFinished], files: Sequence[tuple[str, str]] = ()
) -> tuple[str, str] | None:
    """What speaks against an answer from the results, for the model and for the caller; None where nothing does.

    Args:
        answer: The answer, or what was written for it.
        task: What the caller asked for.
        results: The calls made.
        files: Further files that were read, with their paths.
    """
    read = [*files, *_read_files(results)]
    if found := not_at_end(answer, task, rows_of_files(read)):
        return _off(*found)
    if apart := lists_misfit(answer, task, results, files):
        return apart
    if other := _another_file(answer, task, read):
        return other
    if ordered := out_of_order(answer, task, [text for path, text in read if last_part(path) in task]):
        return (
            f"Sorted it is:\n{ordered}\nAnswer with that.",
            "The answer does not have the list in the order that was asked for.",
        )
    for fact in results:
        if lost := left_out(answer, fact.result.content):
            return (
                f"{parted(fact.result.content)[1].strip('()')}. Answer from these.",
                f"The answer says nothing of {quoted(lost)}, a line that the task asks for.",
            )
    end = end_asked(task)
    for result in whole_results(results):
        if end and (found := not_at_end(answer, task, rows_in(result) or sizes.rows(result))):
            return _off(*found)
        if lies := off_span(answer, task, result):
            return (
                f"{lies[0]} lies in {lies[1]!r}. Say what stands there.",
                f"The answer says nothing of {quoted(lies[1])}, in which {quoted(lies[0])} lies.",
            )
        if later := not_the_next(answer, task, result):
            line, after, right = later
            return (
                f"After {after} the next behind {line.label!r} is {right}. Say that.",
                f"The answer does not say {quoted(right)}, the next after {after} behind {quoted(line.label)}.",
            )
        if times := clocks.unconverted(answer, task, result):
            return (
                f"{times[0]} is converted to {times[1]}. Say that time.",
                f"The answer does not say {times[1]}, which a result gives for {times[0]}.",
            )
    return None


def lists_misfit(
    answer: str, task: str, results: Sequence[ToolFinished], files: Sequence[tuple[str, str]] = ()
) -> tuple[str, str] | None:
    """What speaks against an answer from what stands in one of the two files alone that a task names; None where nothing does.

    Args:
        answer: The answer, or what was written for it.
        task: What the caller asked for.
        results: The calls made.
        files: Further files that were read, with their paths.
    """
    read = dict([*files, *_read_files(results)])
    named = [each for each in read.items() if last_part(each[0]) in task]
    lists, lost = partly_said(answer, named)
    if lists:
        return (
            f"{lists} Say each.",
            f"The answer says nothing of {quoted(lost)}, which stands in one of the two files alone.",
        )
    lists, wrong = misnamed(answer, task, named)
    if lists:
        return (
            f"{quoted(wrong)} stands in both. {lists}" if wrong else f"{lists} Say each.",
            f"The answer names {quoted(wrong)}, which stands in both files."
            if wrong
            else f"The answer says nothing of what stands in one of the two files alone: {quoted(lists)}",
        )
    return None


def condition_misfit(
    answer: str, task: str, results: Sequence[ToolFinished], files: Sequence[tuple[str, str]] = ()
) -> tuple[str, str] | None:
    """What speaks against an answer that names rows, where the task says what is to be true of them: "below 120 francs"; else None.

    Args:
        answer: The answer, and not what was written for it.
        task: What the caller asked for.
        results: The calls made.
        files: Further files that were read, with their paths.
    """
    return next(filter(None, (off(answer, task, found) for found in _picked(task, results, files))), None)


def _picked(task: str, results: Sequence[ToolFinished], files: Sequence[tuple[str, str]] = ()) -> list[Picked]:
    """The rows that were read, held against the condition of the task; of the same text once."""
    condition = condition_of(task)
    if condition is None:
        return []
    read: dict[str, tuple[list[str], bool]] = {}
    for fact in results:
        result = fact.result
        if result.handle is None and (result.read_only or result.server) and not failed(result):
            told = [*leaves(result.arguments or {}), fact.call.name.rpartition("_")[2]]
            complete = _tells_all(result.arguments or {}, task) and not _may_be_cut(result)
            read.setdefault(parted(result.content)[0], (told, complete))
    for path, text in files:
        read.setdefault(text, ([path], _is_of_task(path, task)))
    found = (
        picked(condition, text, told, complete=complete and not is_a_page(text))
        for text, (told, complete) in read.items()
    )
    return both(filter(None, found))


def _tells_all(arguments: Mapping[str, Any], task: str) -> bool:
    """Whether a call asked for all that there is: of a place, of a table, by a query without conditions."""
    for name, value in arguments.items():
        text = value if isinstance(value, str) else ""
        whole = _ALL_OF_TABLE.fullmatch(text.strip()) or (name.lower() in _OF_WHOLES and re.fullmatch(r"\w+", text))
        if not whole and not ("\n" not in text and places_in({name: text}) and _is_of_task(text, task)):
            return False
    return True


def _may_be_cut(result: ToolResult) -> bool:
    """Whether a result that is of no file has as many rows as a server may give at most: tens of them."""
    rows = 0 if places_in(result.arguments or {}) else len(rows_in(result.content))
    return rows > 0 and rows % 10 == 0


def _is_of_task(path: str, task: str) -> bool:
    """Whether a place is one that the task names, or lies in one; any, where it names none."""
    named = [*paths_in(task[:MOST_LISTED_IN])]
    return not named or any(path.startswith(each) or last_part(path) == last_part(each) for each in named)


def found_misfit(
    answer: str, task: str, quotes: Sequence[str], results: Sequence[ToolFinished]
) -> tuple[str, str] | None:
    """What speaks against an answer that found something out, and would not speak against a text that was written.

    Args:
        answer: The answer.
        task: What the caller asked for.
        quotes: The lines that it rests on.
        results: The calls made.
    """
    known = whole_results(results)
    if by := passed_by(answer, task, quotes, (fact.result.content for fact in results if _is_read(fact))):
        return _passed_by(by)
    if beside := not_by_git(answer, task, known):
        others, changed = map(", ".join, beside)
        return (
            f"By git, only this is not committed: {changed}. Answer with that.",
            f"The answer names {quoted(others)}, which the status of git does not: {quoted(changed)}.",
        )
    for result in known:
        if other := told_of_another(answer, task, result):
            lacks = f"{other.value} is told of {other.other}, not of {other.asked}. If nothing tells it of {other.asked}, say that it is not told."
            return (
                f"Of {other.asked} it says {other.instead!r}. Answer with that." if other.instead else lacks,
                f"The answer gives {quoted(other.value)}, which a result tells of {other.other} and not of {other.asked}.",
            )
        if changed := denied_change(answer, result):
            lines = "; ".join(map(repr, changed))
            return (
                f"The diff says: {lines}. Answer from that.",
                f"The answer says nothing of what a diff says: {lines}.",
            )
        if claim := off_claim(answer, task, result):
            figure, line = claim
            return (
                f"Of the figures that the task names, {line!r} says otherwise than {figure}. Say that, and nothing of what was not asked.",
                f"The answer does not say plainly that {quoted(line)} says otherwise than the task's {figure}.",
            )
        others = [each for each in known if each != result]
        said = "\n".join([answer, *unsaid(answer, quotes, task)])  # what the answer is given with
        if against := members_left_out(said, task, result, others) or lacks_trait(said, task, result, others):
            return against
        if mixed := mixed_up(answer, task, quotes, result, others):
            told = "; ".join(f"{quoted(said)}: {', '.join(labels)}" for said, labels in mixed)
            return (
                f"There it says {told}. Name all that are meant, and no other.",
                f"The answer names some of those, and not all, of which a result says the same: {told}.",
            )
    return None


def _is_read(fact: ToolFinished) -> bool:
    return fact.result.read_only and not failed(fact.result)


def _passed_by(by: PassedBy) -> tuple[str, str]:
    elsewhere = f"{by.taken!r} stands in another line. " if by.taken else ""
    lines = "; ".join(map(repr, by.lines))
    warning = (
        f"The answer takes {quoted(by.taken)} from another line than {quoted(by.lines[0])}, which has {quoted(by.words)}."
        if by.taken
        else f"The answer says nothing of {quoted(by.lines[0])}, a line with {quoted(by.words)}."
    )
    return (
        f"{elsewhere}Lines with {by.words}: {lines}. Answer from {'these' if len(by.lines) > 1 else 'this'}.",
        warning,
    )


def _another_file(answer: str, task: str, read: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """An answer that names one file of a folder, where a word of the task stands in another of them alone."""
    order = task[:MOST_LISTED_IN]
    words = sorted(word for word in words_in(order) if len(word) >= _SHORTEST)
    holder, word = ("", "") if denies(order) else only_holder(words, read)
    names = {path.rpartition("/")[2] for path, _ in read}
    right = holder.rpartition("/")[2]
    about = [*(part for part in sentences(answer) if holder and word in part.lower()), answer]
    said = next((named for part in about if (named := [name for name in names if _names(name, part)])), [])
    if not holder or len(said) != 1 or said[0] == right:
        return None
    return (
        f"{word!r} stands in {right} alone{_line_with(word, dict(read)[holder])}. Answer from that.",
        f"The answer names {quoted(said[0])}, and {quoted(word)} stands in {quoted(right)} alone.",
    )


def _line_with(word: str, text: str) -> str:
    """The first line that has a word, to stand last in what a model is told; empty where it is long."""
    line = next((line.strip() for line in text.splitlines() if word in line.lower()), "")
    return f", where it says {line!r}" if 0 < len(line) <= _LONGEST_LINE else ""


def _names(name: str, answer: str) -> bool:
    """Whether an answer has a file's name, or what stands before its ending."""
    return bool(
        re.search(
            rf"(?<![\w.]){re.escape(name.rpartition('.')[0])}(?:{re.escape('.' + name.rpartition('.')[2])})?(?!\w)",
            answer,
            re.IGNORECASE,
        )
    )


def _off(name: str, told: str) -> tuple[str, str]:
    """What is right alone is told: who reads "It is not the saw" answers that it is not the saw (Qwen2.5-Coder 1.5B, four of four)."""
    return (
        f"{told[:1].upper()}{told[1:]}. Answer with that.",
        f"The answer names {quoted(name)}, but of what the results hold {quoted(told)}.",
    )


def _read_files(results: Sequence[ToolFinished]) -> list[tuple[str, str]]:
    """What was read of single files: by a call with a place and nothing else."""
    fits = [fact.result for fact in results if fact.result.read_only and fact.result.handle is None]
    named = [(result, places_in(result.arguments or {})) for result in fits if not failed(result)]
    return [
        (places[0], result.content)
        for result, places in named
        if len(places) == len(result.arguments or {}) == 1 and is_file_name(places[0].rpartition("/")[2])
    ]


def written_misfits(task: str, results: Sequence[ToolFinished]) -> list[str]:
    """What the caller should know of the texts that were written, of each file the last one.

    Args:
        task: What the caller asked for.
        results: The calls made.
    """
    last: dict[str, tuple[int, str]] = {}  # by the file
    for number, fact in enumerate(results):
        arguments = fact.result.arguments or {}
        text = next(
            (value for name, value in arguments.items() if name.lower() in TEXT_NAMES and isinstance(value, str)), ""
        )
        if text and not fact.result.read_only and not failed(fact.result):
            last[next(iter(paths_in("\n".join(leaves({k: v for k, v in arguments.items() if v != text})))), "")] = (
                number,
                text,
            )
    found = [
        text_misfit(text, task, results[:number], "" if "append" in words_of_name(results[number].call.name) else path)
        for path, (number, text) in last.items()
    ]
    return list(dict.fromkeys(each.warning for each in found if each))
