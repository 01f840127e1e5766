"""What the loop looks up of itself where a small model goes wrong for not having looked: a folder's names, a file's text.

It is done with the tools of the run's own servers that only read, so that whatever holds for the model's calls holds for
these; each is told as a call of the run, which it is.
"""

from __future__ import annotations

import difflib
import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lmbridge.agent.calls.ledger import Told
from lmbridge.agent.reading import notes, tool_names
from lmbridge.agent.reading.edits import CONTENT, TEXT_NAMES, everywhere, pairs, renamed
from lmbridge.agent.reading.listings import folders_in
from lmbridge.agent.reading.names import is_file_name, last_part, leaves, paths_in, places_in
from lmbridge.agent.task.protocols import Toolbox
from lmbridge.events import ToolFinished
from lmbridge.messages import ToolCall, ToolSpec

LOOK_UP = "look"
"""How the ids of lmbridge's own look-ups begin."""
MOST_READ = 20
"""Files of a folder that are looked into at most."""
MOST_LISTED = 20
"""Folders that are listed for a word which is sought, the folder itself among them."""
MOST_LOOK_UPS = 60
"""Look-ups of a run at most."""
SIMILAR = 0.5
"""Share of a file from which on a new text is a change of it and no replacement."""
_LONGEST_COMPARED = 4000
_NEAREST = 5
_LISTED = 12
_MOST_HITS = 5
_LONGEST_HIT = 120
_LONGEST_SHOWN = 3000
_LONGEST_ADDED = 800
_SHORTEST_OLD = 3
_FEW, _SHORT = 5, 1500
"""Files of a folder that are shown whole, and their characters together."""
_OLD = re.compile(r"old(?![a-z])|oldtext|search_?(?:text|string)?$", re.IGNORECASE)
_PLACES = ("path", "dir", "directory", "folder", "uri", "file", "filename", "file_path")


@dataclass(frozen=True, slots=True)
class _Looker:
    """A tool that needs a place and nothing else, and the name of that argument."""

    spec: ToolSpec
    argument: str


class LookUps:
    """Looks around with a server's own reading tools; each place once, until something is written.

    Args:
        inner: The tools.
        told: Told of every look-up.
    """

    def __init__(self, inner: Toolbox, told: Told) -> None:
        self._inner, self._told = inner, told
        self._seen: dict[tuple[str, str], str | None] = {}
        self._asked, self._most = 0, MOST_LOOK_UPS

    def allow(self, more: int) -> None:
        """Lets so many look-ups be made beyond the usual ones."""
        self._most += more

    def forget(self) -> None:
        """Something was written: what was seen may not be there any more."""
        self._seen.clear()

    async def names(self, spec: ToolSpec, folder: str, call: ToolCall) -> list[str]:
        """The names in a folder; none where that cannot be seen."""
        text = await self._look(self._looker(spec, tool_names.LISTS), folder, call)
        return notes.listed_names(text or "")

    async def listing(self, spec: ToolSpec, folder: str, call: ToolCall) -> str | None:
        """What a folder's listing says; None where it cannot be seen."""
        return await self._look(self._looker(spec, tool_names.LISTS), folder, call)

    async def text(self, spec: ToolSpec | None, path: str, call: ToolCall) -> str | None:
        """The text of a file; None where it is not there or cannot be read."""
        return await self._look(self._looker(spec, tool_names.READS), path, call)

    def reader(self, spec: ToolSpec) -> str:
        """The name of the tool that reads one file of the same server; empty where there is none."""
        found = self._looker(spec, tool_names.READS)
        return found.spec.name if found else ""

    async def nearest(self, spec: ToolSpec, paths: Sequence[str], call: ToolCall) -> str:
        """The names that are there, nearest first, for a path that is not."""
        for value in paths:
            folder = posixpath.dirname(value.rstrip("/"))
            if folder and (names := await self.names(spec, folder, call)):
                return f"In {folder} there are: {_shown(last_part(value), names)}."
        return ""

    async def inside(self, spec: ToolSpec, arguments: Mapping[str, Any], call: ToolCall) -> str:
        """Where a word stands in a name below the folder or inside files, after a search that only looked at names and found none.

        Servers take a pattern without a wildcard for the whole name of a file in the folder itself.
        """
        word, folder = tool_names.sought(arguments)
        if not word or not folder or not self.reader(spec):
            return ""
        paths, whole = await self._below(spec, folder.rstrip("/") or folder, call)
        if named := [path for path in paths if word.lower() in last_part(path).lower()]:
            return "\n".join(["Found in names:", *named[:_MOST_HITS]])
        files = [path for path in paths if is_file_name(last_part(path))]
        hits, read = [], 0
        for path in files[:MOST_READ]:
            text = await self.text(spec, path, call)
            read += text is not None
            if text and (line := _line_with(word, text)):
                hits.append(f"{path}, {line}")
        if hits:
            return "\n".join(["Found inside files:", *hits[:_MOST_HITS], "(in no file's name)"])
        whole = whole and read == len(files) > 0
        return f"Found nowhere: neither in a name nor inside one of the {read} files of {folder}." if whole else ""

    async def _below(self, spec: ToolSpec, folder: str, call: ToolCall) -> tuple[list[str], bool]:
        """The paths of what is in a folder and in those inside it, and whether all of them could be listed."""
        paths: list[str] = []
        left, whole = [folder], True
        for number in range(MOST_LISTED):
            if number >= len(left):
                return paths, whole
            text = await self.listing(spec, left[number], call)
            whole = whole and text is not None
            inner = folders_in(text or "")
            left += [f"{left[number]}/{name}" for name in inner]
            paths += [f"{left[number]}/{name}" for name in notes.listed_names(text or "") if name != "(empty)"]
        return paths, len(left) <= MOST_LISTED and whole

    async def lines(self, folder: str, names: Sequence[str], words: Sequence[str], call: ToolCall) -> list[str]:
        """Lines in a folder's files that hold a word which few of them hold, the longest words first; before them all of few short files.

        Args:
            folder: Where the files are.
            names: The files; none is read where there are more than `MOST_READ`.
            words: In lower case.
            call: What it is looked up for.
        """
        texts: dict[str, str] = {}
        for name in names if len(names) <= MOST_READ else ():
            if text := await self.text(None, f"{folder.rstrip('/')}/{name}", call):
                texts[name] = text
        short = len(texts) <= _FEW and sum(map(len, texts.values())) <= _SHORT
        whole = [f"{folder.rstrip('/')}/{name} holds:\n{text.strip()}" for name, text in texts.items()] if short else []
        hits: dict[str, None] = {}
        for word in sorted(words, key=len, reverse=True):
            holding = [(name, line) for name, text in texts.items() if (line := _line_with(word, text))]
            if len(holding) * 3 <= max(3, len(texts)):
                hits.update(dict.fromkeys(f"{folder.rstrip('/')}/{name}, {line}" for name, line in holding))
        return [*whole, *list(hits)[:_MOST_HITS]]

    async def replaced(self, spec: ToolSpec, path: str, call: ToolCall) -> str:
        """The text of a file that is there; empty where none is."""
        there = last_part(path) in await self.names(spec, posixpath.dirname(path) or ".", call)
        return (await self.text(spec, path, call) or "") if there else ""

    async def loses(self, spec: ToolSpec, arguments: Mapping[str, Any], call: ToolCall) -> str:
        """What would be lost of a file that a call replaces whole by something else; empty where nothing is."""
        path, text = written(arguments)
        if not path or text is None or "append" in tool_names.name_words(spec):
            return ""
        before = await self.replaced(spec, path, call)
        lines = [line.strip() for line in before.splitlines() if line.strip()]
        if not lines or _keeps(lines, before, text):
            return ""
        return f"all of {path}, {len(lines)} line{'s' if len(lines) > 1 else ''} ({_ends(lines)})"

    async def added(self, spec: ToolSpec, path: str, text: str, call: ToolCall) -> str:
        """The whole content that a file would have with the new lines behind its old ones, where both are short."""
        before = await self.text(spec, path, call) or ""
        old = before.splitlines()
        new = [line for line in text.splitlines() if line.strip() and line not in old]
        whole = json.dumps("\n".join([*old, *new, ""]), ensure_ascii=False)
        return f"To add it at the end, {CONTENT}{whole}" if new and len(whole) <= _LONGEST_ADDED else ""

    async def everything(self, tool: str, call: ToolCall) -> str:
        """What a tool shows that needs no argument, where that is short."""
        self._asked += 1
        asked = ToolCall(f"{LOOK_UP}{call.id}{self._asked}", tool, "{}")
        found = await self._inner.call(asked)
        self._told(ToolFinished(self._told.round, asked, found))
        text = notes.compact(found.content).strip() if found.outcome == "ok" else ""
        return f"All that is there ({tool}):\n{text}" if 0 < len(text) <= _LONGEST_SHOWN else ""

    async def holds(self, spec: ToolSpec, path: str, call: ToolCall) -> str:
        """What a file holds, where that is short; empty where it is long, is not there, or cannot be read."""
        text = (await self.text(spec, path, call) or "").strip()
        return f"{path} holds:\n{text}" if 0 < len(text) <= _LONGEST_SHOWN else ""

    async def still(self, spec: ToolSpec, arguments: Mapping[str, Any], call: ToolCall, task: str) -> str:
        """Where the old text of an edit that was made still stands: tools replace the first place that they find.

        Of an edit of a whole line, too, the word counts that the task wants to be another one everywhere.
        """
        texts = [(old.strip(), new) for old, new in pairs(arguments) if len(old.strip()) >= _SHORTEST_OLD]
        texts += renamed(arguments, task) if everywhere(task) else []
        path = next(iter(places_in(arguments)), "")
        if not texts or not path:
            return ""
        self.forget()
        text = await self.text(spec, path, call) or ""
        for old, new in texts:
            if old not in new and "\n" not in old:
                lines = [str(number) for number, line in enumerate(text.splitlines(), 1) if old in line]
                if lines:
                    where = (
                        f"line {', '.join(lines[:_MOST_HITS])}"
                        if len(lines) == 1
                        else f"lines {', '.join(lines[:_MOST_HITS])}"
                    )
                    return f"{json.dumps(old, ensure_ascii=False)} {notes.STILL} {where}: change it there too if that is asked for."
        return ""

    async def blank(self, spec: ToolSpec, arguments: Mapping[str, Any], call: ToolCall) -> str:
        """What to say of an edit whose text to be replaced is blank: it would be made at the first end of a line."""
        found = next(_blank_old(arguments), None)
        if found is None:
            return ""
        path = next(iter(places_in(arguments)), "")
        held = await self.holds(spec, path, call) if path else ""
        last = f" To add a line at the end, {found} is the last line, {held.splitlines()[-1]!r}." if held else ""
        return f"{found} is blank, which fits in many places: name a whole line of the text.{last}\n{held}".strip()

    async def unread(self, spec: ToolSpec, task: str, call: ToolCall, arguments: Mapping[str, Any]) -> str:
        """The texts of files that a task names and no call has read, before something is written without them.

        Small models write first, with what they guess such files to hold.
        """
        reader = self._looker(spec, tool_names.READS) or self._looker(None, tool_names.READS)
        told = leaves([arguments, *(fact.result.arguments for fact in self._told.results)])
        given = {last_part(leaf) for leaf in told if " " not in leaf or leaf.startswith(("/", "~", "."))}
        paths = [path for path in paths_in(task) if is_file_name(last_part(path)) and last_part(path) not in given]
        near = posixpath.dirname(next(iter(places_in(arguments)), ""))
        texts = {}
        for path in paths[:_MOST_HITS] if reader else ():
            whole = path if "/" in path or not near else f"{near}/{path}"
            if text := await self._look(reader, whole, call):
                texts[whole] = text.strip()
        if not texts or sum(map(len, texts.values())) > _LONGEST_SHOWN:
            named = ", ".join(texts)
            return (
                f"{named} is to be read first, with {reader.spec.name}: the task names it." if texts and reader else ""
            )
        shown = "\n".join(f"{path} holds:\n{text}" for path, text in texts.items())
        return (
            f"Not carried out yet, since the task names what no call has read.\n{shown}\nNow make the call with that."
        )

    async def ask(self, spec: ToolSpec, argument: str, value: str, call: ToolCall) -> str | None:
        """What a tool says that reads by one argument, or by none; None where it fails, or too much was looked up."""
        return await self._look(_Looker(spec, argument), value, call)

    async def _look(self, looker: _Looker | None, place: str, call: ToolCall) -> str | None:
        if looker is None:
            return None
        key = (looker.spec.name, place)
        if key not in self._seen and self._asked < self._most:
            self._asked += 1
            asked = ToolCall(f"{LOOK_UP}{call.id}{self._asked}", looker.spec.name, json.dumps({looker.argument: place}))
            found = await self._inner.call(asked)
            self._told(ToolFinished(self._told.round, asked, found))
            self._seen[key] = found.content if found.outcome == "ok" else None
        return self._seen.get(key)

    def _looker(self, spec: ToolSpec | None, verbs: frozenset[str]) -> _Looker | None:
        """The simplest tool of the same server, or of any, that only reads and does one of these."""
        beside = [each for each in self._inner.specs if spec is None or each.server == spec.server]
        found = [looker for each in beside if (looker := _as_looker(each, verbs))]
        return min(found, key=lambda looker: len(looker.spec.name), default=None)


def _as_looker(spec: ToolSpec, verbs: frozenset[str]) -> _Looker | None:
    required: Sequence[str] = spec.parameters.get("required") or []
    fits = spec.read_only and verbs & tool_names.name_words(spec) and len(required) == 1 and required[0] in _PLACES
    return _Looker(spec, str(required[0])) if fits else None


def written(arguments: Mapping[str, Any]) -> tuple[str, str | None]:
    """The file and its whole new text, of a call that is given these and nothing else."""
    texts = {name: value for name, value in arguments.items() if isinstance(value, str)}
    if len(texts) != len(arguments) or len(texts) != 2:
        return "", None
    path = next((value for name, value in texts.items() if name.lower() in _PLACES), "")
    return path, next((value for name, value in texts.items() if name.lower() in TEXT_NAMES), None)


def _keeps(lines: Sequence[str], before: str, text: str) -> bool:
    """Whether a new text holds at least half of a file's lines, or is much like it."""
    kept = sum(line in text for line in lines)
    if kept * 2 >= len(lines):
        return True
    if len(before) > _LONGEST_COMPARED or len(text) > _LONGEST_COMPARED:
        return False
    return difflib.SequenceMatcher(None, before, text, autojunk=False).ratio() >= SIMILAR


def _ends(lines: Sequence[str]) -> str:
    return repr(lines[0][:_LONGEST_HIT]) if len(lines) == 1 else f"{lines[0][:60]!r} to {lines[-1][:60]!r}"


def _blank_old(value: Any) -> Iterator[str]:
    """The names of arguments that hold the text to be replaced (`oldText`, `old_string`) and have nothing in it."""
    if isinstance(value, Mapping):
        yield from (
            name for name, each in value.items() if _OLD.match(name) and isinstance(each, str) and each.isspace()
        )
    for each in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _blank_old(each)


def _line_with(word: str, text: str) -> str:
    for number, line in enumerate(text.splitlines(), 1):
        if word.lower() in line.lower():
            return f"line {number}: {line.strip()[:_LONGEST_HIT]}"
    return ""


def _shown(wanted: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(wanted, names, n=_NEAREST, cutoff=0.4)
    ordered = list(dict.fromkeys([*near, *names]))
    more = f" and {len(ordered) - _LISTED} more" if len(ordered) > _LISTED else ""
    return ", ".join(ordered[:_LISTED]) + more
