"""What lmbridge adds behind a result, in one line: what the result shows and does not say. Pure, and by form alone.

Small models count lines wrongly, take a search of names for a search of contents, and give up at an error that says what
would help. What is told here is read from the result's shape, the tool's schema and the error names of operating systems.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lmbridge.agent.reading import clocks, sizes
from lmbridge.agent.reading.names import last_part
from lmbridge.agent.reading.rows import LONGEST_PARSED, items_in
from lmbridge.agent.reading.tables import read_table, summed_up
from lmbridge.agent.reading.tool_names import OUTLINES, describes, everything, name_words, searches_names, words_of_name
from lmbridge.mcp_host.tools.reported_failure import reported_failure
from lmbridge.messages import ToolResult, ToolSpec

FEWEST = 3
"""Lines or items from which on they are counted."""
LONGEST_LINE = 200
_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@")
_TAG = re.compile(r"^\s*(\[[A-Za-z_ ]{1,12}\])\s*\S")
_ENDING = re.compile(r"\.([A-Za-z][A-Za-z0-9]{0,5})$")
_NO_FILE = re.compile(r"\bENOENT\b|no such file|not found|does not exist|doesn't exist|404", re.IGNORECASE)
_IS_FOLDER = re.compile(r"\bEISDIR\b|is a directory", re.IGNORECASE)
_IS_FILE = re.compile(r"\bENOTDIR\b|not a directory", re.IGNORECASE)
_NO_BRANCH = re.compile(
    r"\b(?:ref|pathspec|branch|revision) '[^'\n]{1,200}' (?:did not (?:resolve|match)|does not exist|not found)|\binvalid reference: ",
    re.IGNORECASE,
)
"""How git, and GitPython under its reference server, say that a branch is not there."""
_MAKES = frozenset({"create", "new", "make", "add"})
_EXISTS = re.compile(r"\bEEXIST\b|already exists", re.IGNORECASE)
_UNKNOWN_NAME = re.compile(
    r"no such (?:column|table)|unknown (?:column|table)|has no column|relation .{1,80} does not exist|column .{1,80} does not exist",
    re.IGNORECASE,
)
_TABLE = re.compile(
    r"\b(?:from|join|into|update|table(?:\s+if\s+(?:not\s+)?exists)?)\s+[\"`\[]?(?:[A-Za-z_]\w*\.)?([A-Za-z_]\w*)",
    re.IGNORECASE,
)
_MOST_SHOWN = 4
NOTHING = "Nothing was found."
NOTHING_FITS = "Nothing fits"
"""What begins the result of a search without a hit that shows all there is."""
"""How the note begins of a search that gave nothing beside a tool that shows everything."""
NO_ROW_FITS = "No row fits."
"""What begins the words behind a query that found nothing: what its table holds, or which other one has what it looked for."""
STILL = "still stands in"
"""What the note says of an edit whose old text is there in other places too."""
SAME = "The same as before. Do what is still missing, or answer."
"""The note of a reading call that gave what it gave before."""
ONLY_NAMES = "This looked at names only, not into files. To look into files, list the folder and read them."
"""The note of a search of names that found none."""


def about(result: ToolResult, spec: ToolSpec | None, beside: Sequence[ToolSpec] = ()) -> str:
    """The note about a result; empty where there is nothing to say.

    Args:
        result: The result, whole.
        spec: The tool that was called; None for one of lmbridge's own.
        beside: The other tools of its server.
    """
    if spec is None or result.outcome == "rejected":
        return ""
    if failed(result):
        return " ".join(_about_error(result, beside))
    return (
        _looked_at_names(result.content, spec)
        or _found_nothing(result.content, spec, beside)
        or _uncommitted(result.content)
        or (f"{moments}." if (moments := clocks.told(result.content)) else "")
        or counted(result.content)
    )


_STATUS_OF = {
    "Changes to be committed:": "staged",
    "Changes not staged for commit:": "changed and not committed",
    "Untracked files:": "new and not tracked",
}
_STATUS_LINE = re.compile(r"^\t(?:[a-z][a-z ]*: +)?(?P<name>[\w./-]{1,80})$")
_MOST_CHANGED = 8


def by_git(text: str) -> dict[str, list[str]]:
    """The files that a status of git names, by what it says of them; none where it is no status, or names of files are not plain."""
    state, found = "", dict[str, list[str]]()
    for line in text.splitlines() if any(heading in text for heading in _STATUS_OF) else ():
        state = _STATUS_OF.get(line.strip(), state)
        if state and line.startswith("\t"):
            named = _STATUS_LINE.match(line)
            found.setdefault(state, []).append(named["name"] if named else "")
    return {} if any(len(names) > _MOST_CHANGED or "" in names for names in found.values()) else found


def _uncommitted(text: str) -> str:
    """Which files a status of git names.

    "no changes added to commit" below a changed file was read as that there is no change.
    """
    said = "; ".join(f"{state}: {', '.join(names)}" for state, names in by_git(text).items())
    return f"By git, {said}." if said else ""


NOTHING_CAME = "Nothing came of"
"""What begins the words about a change that its server took and did not make."""
_NONE_CHANGED = re.compile(
    r"\b(?:affected[_ ]?rows|rows?[_ ]?(?:affected|changed|updated|deleted|inserted)|row_?count|changes)\b[\"']?\s*[:=]\s*0\b|\b0 rows? (?:affected|changed|updated|deleted|inserted)\b"
    r"|\A\W*(?:UPDATE|DELETE|INSERT 0) 0\W*\Z",
    re.IGNORECASE,
)


def changed_nothing(text: str) -> bool:
    """Whether a result says itself that a change came to nothing: no rows, or what is there already."""
    return text.startswith(NOTHING_CAME) or bool(_NONE_CHANGED.search(text))


def failed(result: ToolResult) -> bool:
    """Whether a call failed, by its flag or, where its server sets none, by its words."""
    return result.outcome != "ok" or bool(reported_failure(result.content))


def names_unknown(text: str) -> bool:
    """Whether an error says that a table or a column is not there."""
    return bool(_UNKNOWN_NAME.search(text))


def tables_in(text: str) -> list[str]:
    """The tables that a statement in SQL names."""
    return list(dict.fromkeys(_TABLE.findall(text)))


def column_names(text: str) -> list[str]:
    """The columns that a description of a table in JSON or Python's form names; none where it has another form."""
    rows = items_in(text) or []
    names = [row.get("name", row.get("column_name")) for row in rows if isinstance(row, Mapping)]
    return [str(name) for name in names if name] if len(names) == len(rows) else []


def described(text: str) -> str:
    """The columns with their types, of such a description, on one line; empty where the text is none."""
    items = items_in(text)
    if not items:
        return ""
    names = column_names(text)
    rows = [row for row in items if isinstance(row, Mapping)]
    kinds = [str(row.get("type", row.get("data_type")) or "") for row in rows]
    if not names or not any(kinds):
        return ""
    return "columns: " + ", ".join(f"{name} {kind}".strip() for name, kind in zip(names, kinds, strict=True))


_NUMBERED = re.compile(r"(?P<before>.*?\D|)(?P<number>\d{1,9})(?P<behind>\D*)")
FEWEST_NUMBERED = 3
"""Names that differ in a number alone, from which on they are told by it."""


def counted(text: str) -> str:
    """How many lines or items a list has, and of which kinds; what a diff changed; empty for anything else."""
    if len(text) > LONGEST_PARSED:
        return ""
    items = items_in(text)
    if items is not None:
        return _of_items(items)
    if rows := read_table(text):
        said = summed_up(rows)
        return f"{len(rows)} rows below the header{'; ' if said else ''}{'; '.join(said)}."
    lines = [line for line in text.splitlines() if line.strip()]
    if any(_HUNK.match(line) for line in lines):
        return _of_diff(text)
    if files := sizes.rows(text):
        said = _told(len(files), "files", Counter(), _endings([file["name"] for file in files]))
        return f"{said.removesuffix('.')}; {ends}." if (ends := sizes.ends(text)) else said
    if len(lines) < FEWEST or max(map(len, lines)) > LONGEST_LINE:
        return ""
    tags = Counter(match[1] for line in lines if (match := _TAG.match(line)))
    endings = _endings(lines)
    if sum(tags.values()) < len(lines) and sum(endings.values()) * 2 < len(lines):
        return ""
    said, number = _told(len(lines), "lines", tags, endings), numbered(listed_names(text))
    return f"{said.removesuffix('.')}; {number}." if number else said


def numbered(names: Sequence[str]) -> str:
    """Which of names that differ in a number alone has the highest one, where their order by letters says otherwise: v9 stands behind v11."""
    found = [(match, name) for name in names if (match := _NUMBERED.fullmatch(name))]
    alike = Counter((match["before"], match["behind"]) for match, _ in found)
    for parts, times in alike.most_common(1):
        own = [(int(match["number"]), name) for match, name in found if (match["before"], match["behind"]) == parts]
        highest = max(own)[1]
        if times >= FEWEST_NUMBERED and highest != max(name for _, name in own):
            return f"the highest number has {highest}"
    return ""


def compact(text: str) -> str:
    """JSON that was printed for people, on as few lines as it needs: half the tokens, the same values."""
    body = text.strip()
    if len(body) > LONGEST_PARSED or "\n" not in body or body[:1] not in {"{", "["}:
        return text
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return text
    items = value if isinstance(value, list) and len(value) > 1 else None
    shown = (
        [json.dumps(item, ensure_ascii=False) for item in items] if items else [json.dumps(value, ensure_ascii=False)]
    )
    short = "[" + ",\n".join(shown) + "]" if items else shown[0]
    return short if len(short) < len(body) else text


def _of_items(items: Sequence[Any]) -> str:
    if not items:
        return "Nothing matched: the list is empty."
    rows = [item for item in items if isinstance(item, Mapping)]
    texts = [item for item in items if isinstance(item, str)]
    for field in rows[0] if rows and not texts else ():
        if _endings(values := [row[field] for row in rows if isinstance(row.get(field), str)]):
            texts = values
    said = summed_up(rows) if len(rows) == len(items) else []
    counts = _told(len(items), "item" if len(items) == 1 else "items", Counter(), _endings(texts))
    return f"{counts.removesuffix('.')}; {'; '.join(said)}." if said else counts


def _endings(names: Sequence[str]) -> Counter[str]:
    return Counter(f".{match[1].lower()} file" for name in names if (match := _ENDING.search(name.rstrip())))


def _told(number: int, unit: str, kinds: Counter[str], endings: Counter[str]) -> str:
    """Counts by kind, the total last: small models take the first number for the count of what was asked for."""
    parts = [f"{count} {ending}{'s' if count > 1 else ''}" for ending, count in endings.most_common(_MOST_SHOWN)]
    parts += [f"{count} {kind}" for kind, count in kinds.most_common(_MOST_SHOWN)]
    return f"Counted: {', '.join(parts)}; {number} {unit} in all." if parts else f"{number} {unit}."


def _of_diff(text: str) -> str:
    """Where a diff added and removed lines: small models take the first line for the last."""
    added, removed, total, place = [], 0, 0, 0
    for line in text.splitlines():
        if hunk := _HUNK.match(line):
            place = int(hunk[1])
        elif place and line.startswith("-"):
            removed += 1
        elif place and line[:1] in {"+", " "}:
            added += [place] if line.startswith("+") else []
            total, place = place, place + 1
    if not added:
        return f"{removed} lines removed." if removed else ""
    where = ", ".join(map(str, added[:_MOST_SHOWN]))
    return f"Lines added: {len(added)} (as line {where} of at least {total}); removed: {removed}."


def _looked_at_names(text: str, spec: ToolSpec) -> str:
    """A search of names whose result is one line without any path: nothing of that name is there."""
    if not searches_names(spec):
        return ""
    if len(text.strip().splitlines()) > 1 or "/" in text or "\\" in text:
        return ""
    return ONLY_NAMES


def _found_nothing(text: str, spec: ToolSpec, beside: Sequence[ToolSpec]) -> str:
    """Behind a search that gave nothing: the tool of its server that shows everything without being asked for a word."""
    if not _is_empty(text) or not spec.parameters.get("properties"):
        return ""
    shows_all = everything(beside)
    return f"{NOTHING} {shows_all} shows all that is there." if shows_all else ""


def _is_empty(text: str) -> bool:
    """Whether a result in JSON holds nothing: empty itself, or an object of nothing but empty lists."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if isinstance(value, Mapping):
        return all(isinstance(each, list | Mapping) and not each for each in value.values())
    return value == []


def _about_error(result: ToolResult, beside: Sequence[ToolSpec]) -> list[str]:
    text = result.content
    if _IS_FOLDER.search(text):
        return ["That is a directory: list it, then use the files in it."]
    if _IS_FILE.search(text):
        return ["That is a file: read it."]
    if _EXISTS.search(text):
        path = _meant(result)
        return [
            f"The destination exists. Meant was perhaps {path}."
            if path
            else "That is there already: read it or use it."
        ]
    if _NO_BRANCH.search(text) and (making := _branch_made(result, beside)):
        return [making]
    if _UNKNOWN_NAME.search(text):
        looking = [
            f"{spec.name}({', '.join(spec.parameters.get('required') or ())})" for spec in beside if describes(spec)
        ]
        if looking:
            return [f"Look at the names that are there first: {', '.join(looking[:_MOST_SHOWN])}."]
    return []


def _branch_made(result: ToolResult, beside: Sequence[ToolSpec]) -> str:
    """That a branch has to be made before anybody goes onto it, with the call of the tool beside that makes one; empty where there is none.

    A 0.5B that was to make a branch and check it out checked it out three times, and said that it is not there.
    """
    given = result.arguments or {}
    name = next((value for key, value in given.items() if "branch" in key.lower() and isinstance(value, str)), "")
    making = next((spec for spec in beside if "branch" in name_words(spec) and name_words(spec) & _MAKES), None)
    needed = making.parameters.get("required") or () if making else ()
    arguments = {key: name if "branch" in key.lower() else given.get(key) for key in map(str, needed)}
    if making is None or not name or None in arguments.values() or name not in arguments.values():
        return ""
    call = json.dumps(arguments, ensure_ascii=False)
    return f"There is no branch {name}. If a new one is wanted, it has to be made first. The call: {making.name} {call}"


def meant(result: ToolResult) -> str:
    """The path that was meant, where a server says that the folder into which something was to go exists."""
    return _meant(result) if _EXISTS.search(result.content) else ""


def _meant(result: ToolResult) -> str:
    """The path that was meant, where one thing was to go into a folder that is there."""
    paths = [value for value in (result.arguments or {}).values() if isinstance(value, str) and "/" in value]
    return f"{paths[1].rstrip('/')}/{last_part(paths[0])}" if len(paths) == 2 and "\n" not in paths[0] else ""


def told_something(tool: str, result: ToolResult) -> bool:
    """Whether a call has told what a server holds, and not only what its tables are."""
    return bool(result.server) and not failed(result) and OUTLINES.isdisjoint(words_of_name(tool))


def missing(text: str) -> bool:
    """Whether an error says that something is not there."""
    return bool(_NO_FILE.search(text))


def lists_of_files(results: Iterable[tuple[str, str]], listings: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The files that hold nothing but names of files which a listing has, line by line, each with these names.

    Args:
        results: Paths of files, and what they hold.
        listings: Listings of folders.
    """
    there = {name for listing in listings for name in listed_names(listing)}
    held = {path: tuple(line.strip() for line in text.splitlines() if line.strip()) for path, text in results}
    return {path: names for path, names in held.items() if len(names) > 1 and there.issuperset(names)}


def listed_names(text: str) -> list[str]:
    """The names that a listing holds: its lines without their tags, the last part of paths."""
    names = []
    for line in text.splitlines():
        bare = re.sub(r"^\s*(?:\[[A-Za-z_ ]{1,12}\]|[-*•])\s*", "", line).strip()
        if 0 < len(bare) <= LONGEST_LINE:
            names.append(last_part(sizes.bare(bare)))
    return names
