"""Names held against the calls: those of the task that no call used, those of the answer that stand nowhere. Pure, and by form alone."""

from __future__ import annotations

import itertools
import posixpath
import re

from lmbridge.agent.held.statements import update_in
from lmbridge.agent.held.transfers import one_end, transfer_in
from lmbridge.agent.reading.names import bounded, enumerated, is_file_name, kinds_in, last_part, paths_in, quoted_in
from lmbridge.agent.reading.notes import failed, listed_names, lists_of_files
from lmbridge.agent.reading.tool_names import lists
from lmbridge.agent.task.evidence import Evidence, arguments_of, in_one, leaves_of
from lmbridge.agent.task.orders import ordered_places

_STANDS_FOR = re.compile(r"(?:NAME|FILE|FILENAME|DATE|TITLE|ID|N|X+)\.[A-Za-z0-9]+$")
"""Names that stand for others: a file NAME.txt for each guest."""

_PART = re.compile(r"(?<![\w/.])(?=\w*[A-Z_\d])(?=\w*[A-Za-z])\w*_\w*(?![\w/])")
"""A word with an underline, such as names of files begin with."""
_IN_TOOLS = re.compile(r"\.(?:db|sqlite3?|db3|duckdb|mdb|accdb|xlsx?|ods|ics|mbox)$", re.IGNORECASE)
"""Files that are changed by statements and tools of their own, which name no path."""
_LOCATED = re.compile(r"([\w.-]+\.\w{1,5})(?::\d+\b|::\w)")
"""Places in sources, as logs name them (`test_users.py:50`, `test_users.py::test_login`): they tell where something is and point to nothing."""


def untouched_names(evidence: Evidence) -> list[str]:
    """Paths, files and addresses of the task that no call was given; named in a listing or a written text is not used.

    Where something is said to be changed, that lmbridge looked for a file and found none is no use of it.
    """
    changed = evidence.outcome == "changed"
    names = [name for name in paths_in(evidence.task) if not _STANDS_FOR.match(last_part(name))]
    if not names:
        return []
    calls = [
        fact for fact in evidence.ledger if not (changed and fact.call.id in evidence.given and failed(fact.result))
    ]
    given = [leaf for fact in calls for leaf in leaves_of(fact) if "\n" not in leaf]
    used = in_one([*given, *evidence.looked_at])
    return [name for name in names if (part := last_part(name).lower()) and part not in used]


def left_out(evidence: Evidence) -> tuple[list[str], list[str]] | None:
    """Of things that the task lists, or of a kind that it names: those that a call of the model's own was about, and those that none was."""
    own = [fact for fact in evidence.ledger if fact.call.id not in evidence.given and not failed(fact.result)]
    said = in_one([arguments_of(fact) for fact in own])
    for group in (
        *enumerated(evidence.task),
        *_of_kinds(evidence, said),
        *_alike(evidence),
        *_pairs(evidence),
        *_of_lists(evidence),
    ):
        done = [item for item in group if bounded(item).search(said)]
        missing = [item for item in group if item not in done]
        if done and missing:
            return done, missing
    return None


def _pairs(evidence: Evidence) -> list[tuple[str, ...]]:
    """Two files that the task names side by side ("rename a.txt and b.txt"), where a change was about one of them."""
    if evidence.outcome != "changed":
        return []
    named = [path for path in paths_in(evidence.task) if is_file_name(last_part(path))]
    joined = [
        (one, other)
        for one, other in itertools.permutations(dict.fromkeys(named), 2)
        if re.search(
            rf"{re.escape(one)}[\"'`]?\s+(?:and|und|et|y|e|&)\s+[\"'`]?{re.escape(other)}(?![\w/])", evidence.task
        )
    ]
    changed = {place for fact in evidence.changes for place in leaves_of(fact)}
    return [pair for pair in joined if changed & set(pair)]


def _of_lists(evidence: Evidence) -> list[tuple[str, ...]]:
    """The files that a file named by the task lists, where something was changed."""
    if evidence.outcome != "changed":
        return []
    named = {last_part(path) for path in paths_in(evidence.task)}
    worked = [fact for fact in evidence.ledger if fact.call.id in evidence.given and not failed(fact.result)]
    read = [(place, fact.result.content) for fact in worked for place in leaves_of(fact) if last_part(place) in named]
    return list(lists_of_files(read, [fact.result.content for fact in worked if lists(fact.call.name)]).values())


def other_end(evidence: Evidence) -> tuple[str, str, str] | None:
    """Of what the task says to go from one thing to another: how much, the thing whose number was changed, and the one whose was not."""
    moved = transfer_in(evidence.task) if evidence.outcome == "changed" else None
    updates = [each for fact in evidence.changes for text in leaves_of(fact) if (each := update_in(text))]
    found = one_end(moved, updates) if moved else None
    return (moved.amount, *found) if moved and found else None


def unchanged_place(evidence: Evidence) -> tuple[str, str] | None:
    """A place at which the task orders a change, where others were made and none was there; with the order's words."""
    if evidence.outcome != "changed" or not evidence.changes:
        return None
    made = "\n".join(leaf for fact in evidence.changes for leaf in leaves_of(fact))
    looked_at = {last_part(leaf) for fact in evidence.ledger for leaf in leaves_of(fact) if "\n" not in leaf}
    for place, order in ordered_places(evidence.task):
        if _IN_TOOLS.search(place) or last_part(place) not in looked_at:
            continue  # what is changed by statements is named by none of them
        if not re.search(rf"(?<![\w.-]){re.escape(last_part(place))}(?![\w-]|\.\w)", made, re.IGNORECASE):
            return place, order
    return None


def named_parts(task: str) -> list[str]:
    """The parts of names that a task names as such ("instead of IMG_")."""
    order = task
    for path in paths_in(order):
        order = order.replace(path, " ")
    return [part for part in _PART.findall(order) if not is_file_name(part)]


def _alike(evidence: Evidence) -> list[tuple[str, ...]]:
    """Listed files with a part that the task names as such ("instead of IMG_"), where it names none of them whole."""
    if evidence.outcome != "changed":
        return []
    parts = named_parts(evidence.task)
    listings = [
        fact.result.content for fact in evidence.ledger if fact.call.id in evidence.given and not failed(fact.result)
    ]
    groups = [
        tuple(name for name in dict.fromkeys(listed_names(listing)) if part in name)
        for part in parts
        for listing in listings
    ]
    return [group for group in groups if len(group) > 1 and not any(name in evidence.task for name in group)]


def _of_kinds(evidence: Evidence, said: str) -> list[tuple[str, ...]]:
    """The files of each kind that is to be changed, as they were listed; none where the task names one of them, or a call all."""
    kinds = (
        [kind for kind in kinds_in(evidence.task) if f"*{kind}" not in said] if evidence.outcome == "changed" else []
    )
    listings = [
        fact.result.content for fact in evidence.ledger if fact.call.id in evidence.given and not failed(fact.result)
    ]
    groups = [
        tuple(name for name in dict.fromkeys(listed_names(listing)) if name.lower().endswith(kind))
        for kind in kinds
        for listing in listings
    ]
    return [group for group in groups if not any(name in evidence.task for name in group)]


def unwritten_words(evidence: Evidence) -> list[str]:
    """Quoted words of the task that no call's arguments and no result hold."""
    arguments = [arguments_of(fact) for fact in evidence.ledger]
    sources = in_one([*arguments, *(fact.result.content for fact in evidence.ledger)])
    return [words for words in quoted_in(evidence.task) if words.lower() not in sources]


def invented_names(evidence: Evidence) -> list[str]:
    """Paths and files of the answer that stand neither in the task nor in a call or its result."""
    names = paths_in(evidence.answer)
    sources = evidence.sources() if names else ""
    return [name for name in names if last_part(name).lower() not in sources]


def lacking(evidence: Evidence) -> list[str]:
    """Paths, files and addresses of the task that were looked for in vain, and that no call has found or made since."""
    named = {last_part(name).lower(): name for name in paths_in(evidence.task)}
    if not named:
        return []
    for fact in evidence.ledger:
        parts = {last_part(leaf).lower() for leaf in leaves_of(fact) if "\n" not in leaf}
        if fact.result.outcome == "ok":
            named = {part: name for part, name in named.items() if part not in parts}
    vain = [fact for fact in evidence.ledger if fact.result.outcome == "error" and fact.result.read_only]
    tried = {last_part(leaf).lower() for fact in vain for leaf in leaves_of(fact)}
    return [name for part, name in named.items() if part in tried]


def unopened_names(evidence: Evidence, said: str = "", *, listed: bool = True) -> list[str]:
    """Files of the answer that a file which was read points to, and that no call has been given or has listed; from that file's folder on.

    Args:
        evidence: What the answer is held against.
        said: Where else names of files are looked for than in the answer.
        listed: Whether a name that a folder lists needs no opening.
    """
    names = paths_in(f"{evidence.answer}\n{said}")
    if not names:
        return []
    pointing = [
        (fact.result.content.lower(), posixpath.dirname(leaf))
        for fact in evidence.succeeded
        for leaf in leaves_of(fact)
        if is_file_name(last_part(leaf))
    ]
    folders = [fact for fact in evidence.succeeded if listed and lists(fact.call.name)]
    known = [name for fact in folders for name in listed_names(fact.result.content)]
    given = in_one([evidence.task, *known, *(leaf for fact in evidence.ledger for leaf in leaves_of(fact))])
    located = {name.lower() for text, _ in pointing for name in _LOCATED.findall(text)}
    new = [(name, last_part(name).lower()) for name in names if last_part(name).lower() not in located]
    return [
        posixpath.join(folder, name)
        for name, part in new
        if is_file_name(part) and part not in given
        for folder in [next((folder for content, folder in pointing if part in content), None)]
        if folder is not None
    ]
