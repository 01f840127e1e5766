"""What the loop puts around a run's tools: a write that succeeded is not made twice, and results are made easy to read."""

from __future__ import annotations

import fnmatch
import json
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lmbridge.agent.calls.beside_read import BesideRead
from lmbridge.agent.calls.doubts import FOLDERS, Doubts
from lmbridge.agent.calls.ledger import Told
from lmbridge.agent.calls.look_ups import LOOK_UP, LookUps
from lmbridge.agent.calls.readdressed import readdressed
from lmbridge.agent.calls.signature import canonical
from lmbridge.agent.calls.sweep import Swept
from lmbridge.agent.calls.table_look_ups import TableLookUps, finds_nothing
from lmbridge.agent.held.blocks import told_of
from lmbridge.agent.held.marked import told_behind
from lmbridge.agent.reading import notes, tool_names
from lmbridge.agent.reading.edits import pairs, still_to_make
from lmbridge.agent.reading.graphs import as_lines
from lmbridge.agent.reading.names import is_file_name, last_part, leaves, paths_in, places_in
from lmbridge.agent.reading.sides import taken_out
from lmbridge.agent.reading.zones import meant_zones, named_zones
from lmbridge.agent.task.deletions.lacking import undeletable
from lmbridge.agent.task.orders import asks_for_change
from lmbridge.agent.task.protocols import Toolbox
from lmbridge.agent.tools.read_result import arguments_of
from lmbridge.events import ToolFinished
from lmbridge.mcp_host.tools.edited import differences
from lmbridge.mcp_host.tools.reported_failure import reported_failure
from lmbridge.mcp_host.tools.untold import NOT_TOLD, untold
from lmbridge.messages import Outcome, ToolCall, ToolResult, ToolSpec

ALREADY = "This exact call was made already and it succeeded. Do what is still missing, or answer."
"""The result of a write that is not made again."""
FOLDER_FOR_FILE = "This would make a folder named"
"""What begins the words about a folder that would take the place of a file."""
_SPEAKS_OF_FOLDERS = re.compile(
    r"\b(?:folders?|subfolders?|sub-folders?|director(?:y|ies)|dirs?|ordner\w*|verzeichnis\w*|dossiers?|r\u00e9pertoires?|carpetas?|directorios?|cartell[ae])\b",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"\[[A-Z][A-Za-z]*(?: [A-Za-z]+){0,4}\]|<[A-Z][A-Za-z_]*(?:[ _][A-Za-z]+){0,4}>|\{\{ ?\w[\w .]{0,40}\}\}|Y(?<=\bY)OUR_[A-Z_]+"
)
"""Words in brackets that stand for a value; names of tags are in lower case, JSON lists hold quotation marks.

Each form begins with a letter or a sign, by which `re` passes over long texts eight times as fast as it looks for a boundary.
"""
_WORST_FIRST: tuple[Outcome, ...] = ("unknown", "error", "rejected", "ok")
_NAMED = 5
_SEVERAL = 2
_ANYBODYS = frozenset({"boat", "person", "sailor", "belongs to"})
"""What the examples have in common with what anybody may write: kinds of things."""
_SHORTEST_LINE = 4
"""Characters of a line of an example that no call has by chance."""
_LONGEST_ROWS = 1500
"""Characters of the rows that are shown behind a query without any; nothing fitting may be the right answer."""
MOST_EACH = 20
"""Calls at most that one call with a wildcard stands for."""


def wrapped(tools: Toolbox, told: Told, task: str, *, noted: bool) -> Toolbox:
    """The tools as the loop calls them.

    Args:
        tools: What the model can call.
        told: The run's ledger.
        task: What the caller asked for.
        noted: Whether results get notes.
    """
    known = getattr(tools, "known", None) or {spec.name: spec for spec in tools.specs}
    once = Once(Questioned(Compared(BesideRead(tools, told, known)), told, known, task), told, known)
    return Noted(once, told, known, task) if noted else once


class Once:
    """Refuses a write that has succeeded with the same arguments, unless something else was written since.

    Args:
        inner: The tools.
        told: The run's ledger.
        known: The tools by name.
    """

    def __init__(self, inner: Toolbox, told: Told, known: Mapping[str, ToolSpec]) -> None:
        self._inner, self._told, self._known = inner, told, known
        self.specs = inner.specs

    async def call(self, call: ToolCall) -> ToolResult:
        """Carries a call out, unless that has been done."""
        if self._done(call):
            spec = self._known[call.name]
            return rejected(call, spec, ALREADY)
        return await self._inner.call(call)

    def _done(self, call: ToolCall) -> bool:
        spec = self._known.get(call.name)
        if spec is None or self._reads(spec):
            return False
        written = [fact for fact in self._told.results if fact.result.outcome == "ok" and self._wrote(fact)]
        if not written or written[-1].call.name != call.name:
            return False
        latest = written[-1]
        told = latest.result.content
        if reported_failure(told) or notes.changed_nothing(told) or notes.STILL in latest.result.note:
            return False  # an edit changes one place, and the same one the next
        sent = {canonical(latest.call.arguments)}
        if latest.result.arguments is not None:
            sent.add(canonical(latest.result.arguments))
        return canonical(call.arguments) in sent

    @staticmethod
    def _reads(spec: ToolSpec) -> bool:
        return spec.read_only or not spec.server or tool_names.reads_by_name(spec)

    def _wrote(self, fact: ToolFinished) -> bool:
        """Whether a call may have changed something; look-ups by a server that flags none of its tools have not."""
        spec = self._known.get(fact.call.name)
        return not fact.result.read_only and not (spec and self._reads(spec))


class Compared:
    """Tells the model where the diff that an edit returns shows another text than it gave, and where a write's answer says nothing.

    Args:
        inner: The tools.
    """

    def __init__(self, inner: Toolbox) -> None:
        self._inner = inner
        self.specs = inner.specs

    async def call(self, call: ToolCall) -> ToolResult:
        """Carries a call out."""
        result = await self._inner.call(call)
        if result.outcome != "ok" or result.read_only or not result.arguments:
            return result
        if untold(result.arguments, result.content):
            return replace(result, note=NOT_TOLD)
        found = differences(result.arguments, result.content)
        return replace(result, note=f"{' '.join(found)} Read the file before you go on.") if found else result


class Questioned:
    """Asks once about a write that can hardly be meant.

    That is a placeholder in what is to be written (`[Customer Name]`) that nobody has named, what stands in a worked example alone, and a folder that would be
    made where the task names a file, under the file's name or what stands before its ending.

    Args:
        inner: The tools.
        told: The run's ledger, and all that the model was shown.
        known: The tools by name.
        task: What the caller asked for.
    """

    def __init__(self, inner: Toolbox, told: Told, known: Mapping[str, ToolSpec], task: str) -> None:
        self._inner, self._told, self._known, self._task = inner, told, known, task
        self._asked = False
        self.specs = inner.specs

    async def call(self, call: ToolCall) -> ToolResult:
        """Carries a call out, the second time whatever it holds, but for a folder in place of a file of a task that speaks of no folder."""
        spec = self._known.get(call.name)
        if spec is None or spec.read_only or not spec.server:
            return await self._inner.call(call)
        folder = self._folder_for_file(call, spec)
        never = bool(folder) and not _SPEAKS_OF_FOLDERS.search(self._task)
        if self._asked and not never:
            return await self._inner.call(call)
        if not (text := self._placeholder(call) or self._of_example(call) or folder):
            return await self._inner.call(call)
        self._asked = True
        return rejected(call, spec, text)

    def _placeholder(self, call: ToolCall) -> str:
        shown = "\n".join(message.content for message in self._told.messages if message.role != "assistant")
        found = next((found for found in _PLACEHOLDER.findall(call.arguments) if found not in shown), "")
        return (
            f"{found} looks like a placeholder. Put the real value there, from a result; or make the call again."
            if found
            else ""
        )

    def _of_example(self, call: ToolCall) -> str:
        """What to say of a call with a line or a value of a worked example that neither the task nor anything read has."""
        known = "\n".join([self._task, *self._told.shown, *self._told.looked])
        examples = [json.loads(each.content) for each in self._told.alike if each.role == "assistant"]
        theirs = {line for each in examples for line in _lines(each.get("arguments") or {})} - _ANYBODYS
        own = next((line for line in _lines(arguments_of(call) or {}) if line in theirs and line not in known), "")
        return (
            f"{own!r} stands only in the example. Take names and texts from the task and from the results."
            if own
            else ""
        )

    def _folder_for_file(self, call: ToolCall, spec: ToolSpec) -> str:
        if not tool_names.name_words(spec) & FOLDERS:
            return ""
        files = [name for path in paths_in(self._task) if is_file_name(name := last_part(path))]
        for value in places_in(arguments_of(call) or {}):
            name = last_part(value)
            spoken_of = re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", self._task)
            if name in files or (not spoken_of and name in {file.rpartition(".")[0] for file in files}):
                file = name if name in files else next(file for file in files if file.startswith(f"{name}."))
                return f"{FOLDER_FOR_FILE} {name}; the task speaks of a file, {file}. Write the file itself."
            if beside := next((each for each in self._listed() if each.rpartition(".")[0] == name), ""):
                return f"{FOLDER_FOR_FILE} {name} beside the file {beside}. Do what is to be done with that file."
        return ""

    def _listed(self) -> list[str]:
        listings = [fact.result for fact in self._told.results if tool_names.lists(fact.call.name)]
        return [name for result in listings for name in notes.listed_names(result.content) if is_file_name(name)]


def _lines(arguments: Mapping[str, Any]) -> list[str]:
    """The lines of all texts in the arguments of a call, those that tell something."""
    found = (line.strip() for text in leaves(arguments) for line in text.splitlines())
    return [line for line in found if len(line) >= _SHORTEST_LINE]


_DELETES = frozenset({"delete", "remove", "erase", "forget", "unlink", "drop"})
"""Words in the names of tools that take something away."""


class Noted:
    """Adds to results what their shape does not say; looks around where something is not there.

    Args:
        inner: The tools.
        told: Told of look-ups, as of every call.
        known: The tools by name.
        task: What the caller asked for.
    """

    def __init__(self, inner: Toolbox, told: Told, known: Mapping[str, ToolSpec], task: str) -> None:
        self._inner, self._told, self._known, self._task = inner, told, known, task
        self._look = LookUps(inner, told)
        self._tables = TableLookUps(inner.specs, self._look, task)
        self._doubts = Doubts(inner.specs, told, task, self._look, undeletable(task, known.values()))
        self.specs = inner.specs

    def begin_anew(self) -> None:
        """The model has forgotten what it was asked: its next call is no answer to that."""
        self._doubts.begin_anew()

    def has_swept(self, swept: Swept) -> None:
        """What is written is held against these lines as well."""
        self._doubts.has_swept(swept)

    async def call(self, call: ToolCall) -> ToolResult:
        """Carries a call out."""
        spec = self._known.get(call.name)
        if asking := readdressed(call, spec, self.specs):
            result = await self.call(asking)
            if not notes.failed(result):
                return replace(result, note=f"{asking.name} was asked, which is for queries. {result.note}".strip())
        if spec is None or not spec.server:
            return await self._inner.call(call)
        call = _with_zones(call, self._task, [fact.result.content for fact in self._told.results])
        if (each := await self._for_each(call, spec)) is not None:
            return each
        if said := await self._doubts.about(call, spec):
            return rejected(call, spec, said)
        result = await self._carried_out(call, spec)
        if not result.read_only:
            self._look.forget()
            result = await self._tables.behind(spec, result, call)
        if self._is_repeat(result):
            return replace(result, note=notes.SAME)
        if result.outcome == "ok":
            result = self._read(result)
        result, note = await self._beside(call, spec, result)
        return replace(result, note=f"{note} {result.note}".strip()) if note else result

    async def _carried_out(self, call: ToolCall, spec: ToolSpec) -> ToolResult:
        """What came of a call; of one that deletes, held against all that its server shows before and after it.

        The reference memory server says that what is not there was deleted: a 1.5B named a relation the wrong way round, and was done.
        """
        beside = [each for each in self.specs if each.server == spec.server and each.name != spec.name]
        shows = tool_names.everything(beside) if tool_names.name_words(spec) & _DELETES else ""
        before = await self._look.everything(shows, call) if shows else ""
        result = await self._without_made(call, spec, await self._into_folder(call, await self._inner.call(call)))
        if not before or result.outcome != "ok" or await self._look.everything(shows, call) != before:
            return result
        told = f"{notes.NOTHING_CAME} this call: what it names is not there in this way, and all is as it was. {before}"
        return replace(result, content=told)

    def _read(self, result: ToolResult) -> ToolResult:
        """The result as it is easiest to read, with the lines behind it that the task asks for of a file that it names."""
        content = as_lines(result.content, self._task) or notes.compact(result.content)
        named = {last_part(path) for path in paths_in(self._task)}
        places = places_in(result.arguments or {})
        reads = result.read_only and any(last_part(place) in named for place in places)
        # what is told behind a file that is to be changed would be copied into it
        plain = asks_for_change(self._task) and any(is_file_name(last_part(place)) for place in places)
        chosen = taken_out(content, self._task) if reads else ""
        if reads and not chosen and not asks_for_change(self._task):
            chosen = told_behind(content, self._task)
        if result.read_only and not chosen and not plain:
            chosen = told_of(content, self._task)
        return replace(result, content=f"{content.rstrip()}\n{chosen}" if chosen else content)

    async def _into_folder(self, call: ToolCall, result: ToolResult) -> ToolResult:
        """What came of a call whose destination is a folder: made once more, for the file's name in it.

        `mv a.txt folder` is what people write and small models insist on; servers that take it for the name of the file
        refuse, and have done nothing.
        """
        meant = notes.meant(result) if result.outcome == "error" else ""
        folder = meant.rpartition("/")[0]
        if not meant or folder not in self._doubts.listed():
            return result
        arguments = {
            key: meant if str(value).rstrip("/") == folder else value for key, value in (result.arguments or {}).items()
        }
        made = await self._inner.call(replace(call, arguments=json.dumps(arguments, ensure_ascii=False)))
        return replace(made, note=f"{folder} is a folder, so {meant} was named.") if made.outcome == "ok" else result

    async def _without_made(self, call: ToolCall, spec: ToolSpec, result: ToolResult) -> ToolResult:
        """What came of several edits of which one fits nowhere: made once more without those that stand there already."""
        arguments = result.arguments or {}
        if result.outcome != "error" or sum(1 for _ in pairs(arguments)) < _SEVERAL:
            return result
        self._look.forget()  # a part of them may have been made
        text = await self._look.text(spec, next(iter(places_in(arguments)), ""), call)
        changes = [
            fact.result for fact in self._told.results if fact.result.outcome == "ok" and not fact.result.read_only
        ]
        earlier = {pair for each in changes for pair in pairs(each.arguments or {})}
        left = still_to_make(arguments, text, earlier) if text else None
        if left is None:
            return result
        made = await self._inner.call(replace(call, arguments=json.dumps(left, ensure_ascii=False)))
        return replace(made, note="What stands there already was left out.") if made.outcome == "ok" else result

    async def _beside(self, call: ToolCall, spec: ToolSpec, result: ToolResult) -> tuple[ToolResult, str]:
        """The result with what was looked up for it, and the note behind it; a file's words only ever stand in a result."""
        note = await self._note(call, spec, result)
        if note == notes.ONLY_NAMES and (found := await self._look.inside(spec, result.arguments or {}, call)):
            return replace(result, content=found), ""
        beside = [each for each in self.specs if each.server == spec.server and each.name != spec.name]
        if note.startswith(notes.NOTHING) and (
            shown := await self._look.everything(tool_names.everything(beside), call)
        ):
            given = json.dumps(result.arguments, ensure_ascii=False)
            if tool_names.writes_by_name(spec):
                # names of tools beside what is there would make a quotation of the very call that is right: they stand in the note
                others = [each.name for each in beside if not each.read_only and tool_names.writes_by_name(each)]
                ways = f"What is there is changed with other tools: {', '.join(others[:_NAMED])}." if others else ""
                return replace(
                    result, content=f"{notes.NOTHING_CAME} this call: it may be there already. {shown}"
                ), ways
            return replace(result, content=f"{notes.NOTHING_FITS} {given}. {shown}"), ""
        if shown := await self._of_tables(call, spec, result):
            return replace(result, content=f"{result.content.strip()}\n{shown}"), ""
        if note or result.outcome != "error" or spec.read_only:
            return result, note
        unseen = self._unread(places_in(result.arguments or {}))
        if unseen and (held := await self._look.holds(spec, unseen, call)):
            return replace(result, content=f"{result.content.strip()}\n{held}"), ""
        reader = self._look.reader(spec)
        return result, f"{unseen} has not been read yet: read it first, with {reader}." if unseen and reader else ""

    async def _of_tables(self, call: ToolCall, spec: ToolSpec, result: ToolResult) -> str:
        """What tables hold or have, behind a statement that changed nothing, found nothing, or named what is not there."""
        arguments = result.arguments or {}
        if notes.changed_nothing(result.content):
            shown = await self._tables.rows(spec, arguments, call)
            return f"No row was changed, since none fits. {shown}" if shown else ""
        if notes.failed(result):
            return await self._tables.tables(spec, arguments, call) if notes.names_unknown(result.content) else ""
        if not finds_nothing(spec, result.content):
            return ""
        shown = await self._tables.elsewhere(spec, arguments, call) or await self._tables.rows(spec, arguments, call)
        return f"{notes.NO_ROW_FITS} {shown}" if 0 < len(shown) <= _LONGEST_ROWS else ""

    async def _note(self, call: ToolCall, spec: ToolSpec, result: ToolResult) -> str:
        given = result.arguments or {}
        if result.outcome == "ok" and (still := await self._look.still(spec, given, call, self._task)):
            return "" if self._doubts.meant(given) else still
        beside = [each for each in self.specs if each.server == spec.server and each.name != spec.name]
        note = notes.about(result, spec, beside)
        if not note and result.outcome == "error" and notes.missing(result.content):
            return await self._look.nearest(spec, places_in(result.arguments or {}), call)
        return note

    def _unread(self, paths: Sequence[str]) -> str:
        """What was to be changed and has not been looked at yet."""
        read = [fact.result.arguments or {} for fact in self._told.results if fact.result.read_only]
        seen = {value for arguments in read for value in places_in(arguments)}
        return next((value for value in paths if value not in seen), "")

    def _is_repeat(self, result: ToolResult) -> bool:
        """Whether a reading call gave what it gave before, with nothing written between."""
        if not result.read_only or result.arguments is None:
            return False
        for fact in reversed(self._told.results):
            if not fact.result.read_only and fact.result.outcome != "rejected":
                return False
            if fact.call.id.startswith(LOOK_UP):
                continue
            same = fact.result.qualified == result.qualified and fact.result.arguments == result.arguments
            if same and fact.result.content == result.content:
                return True
        return False

    async def _for_each(self, call: ToolCall, spec: ToolSpec) -> ToolResult | None:
        """The calls that a wildcard stands for, each made and told, where a tool takes one path; None for any other call.

        Small models write `/in/*.log` whatever a tool says, and give up at the error: the names are looked up for them.
        """
        arguments = arguments_of(call) or {}
        for name, value in tool_names.wildcards(arguments).items():
            folder, pattern = posixpath.split(value)
            names = await self._look.names(spec, folder, call)
            fitting = fnmatch.filter(names, pattern)
            if not fitting or pattern in names:
                continue
            if len(fitting) > MOST_EACH:
                return rejected(
                    call, spec, f"{len(fitting)} names fit {pattern}: too many at once. Make a call for each."
                )
            made = [
                {
                    key: f"{folder}/{fits}" if key == name else _in_folder(given, fits)
                    for key, given in arguments.items()
                }
                for fits in fitting
            ]
            return await self._made(call, made, fitting)
        return None

    async def _made(self, call: ToolCall, made: Sequence[Mapping[str, Any]], names: Sequence[str]) -> ToolResult:
        """The results of several calls in one: that of the last, with what came of each."""
        results: list[ToolResult] = []
        for number, arguments in enumerate(made, 1):
            own = replace(call, id=f"{call.id}-{number}", arguments=json.dumps(arguments, ensure_ascii=False))
            results.append(await self._inner.call(own))
            if number < len(made):
                self._told(ToolFinished(self._told.round, own, results[-1]))
        self._look.forget()
        said = "\n".join(f"{name}: {result.content.strip()}" for name, result in zip(names, results, strict=True))
        outcomes = {result.outcome for result in results}
        worst = next(outcome for outcome in _WORST_FIRST if outcome in outcomes)
        note = f"{len(made)} calls were made, one for each name that fits."
        return replace(results[-1], call_id=call.id, content=said, outcome=worst, note=note, full_chars=len(said))


def _with_zones(call: ToolCall, task: str, read: Sequence[str]) -> ToolCall:
    """The call with the names of time zones where it has those of their cities, or one that is not of the task's two cities."""
    arguments = arguments_of(call) or {}
    zones = named_zones(arguments)
    zones |= meant_zones({**arguments, **zones}, task, read)
    return replace(call, arguments=json.dumps({**arguments, **zones}, ensure_ascii=False)) if zones else call


def rejected(call: ToolCall, spec: ToolSpec, said: str) -> ToolResult:
    """The result of a call that was not made."""
    return ToolResult(call.id, said, "rejected", qualified=spec.qualified, server=spec.server, full_chars=len(said))


def _in_folder(value: object, name: str) -> object:
    """A folder among the arguments with the file's name behind it; anything else as it is."""
    is_folder = isinstance(value, str) and "/" in value and "." not in last_part(value) and "\n" not in value
    return f"{str(value).rstrip('/')}/{name}" if is_folder else value
