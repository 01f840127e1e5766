"""What the loop puts around a run's tools: a write that succeeded is not made twice, and results are made easy to read."""

from __future__ import annotations

import difflib
import fnmatch
import json
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lmbridge.agent.loop.fumbles import canonical
from lmbridge.agent.loop.ledger import Told
from lmbridge.agent.reading import notes
from lmbridge.agent.reading.names import last_part
from lmbridge.agent.task.protocols import Toolbox
from lmbridge.agent.tools.read_result import arguments_of
from lmbridge.events import ToolFinished
from lmbridge.messages import ToolCall, ToolResult, ToolSpec

LOOK_UP = "look"
"""How the ids of lmbridge's own look-ups begin."""
ALREADY = "This exact call was made already and it succeeded. Do what is still missing, or answer."
"""The result of a write that is not made again."""
SAME = "The same as before. Do what is still missing, or answer."
"""The note of a reading call that gave what it gave before."""
_PLACEHOLDER = re.compile(
    r"\[[A-Z][A-Za-z]*(?: [A-Za-z]+){0,4}\]|<[A-Z][A-Za-z_]*(?:[ _][A-Za-z]+){0,4}>|\{\{ ?\w[\w .]{0,40}\}\}|\bYOUR_[A-Z_]+"
)
"""Words in brackets that stand for a value; names of tags are in lower case, JSON lists hold quotation marks."""
_NEAREST = 5
_LISTED = 12
_LISTING, _READING = frozenset({"list", "ls", "dir"}), frozenset({"read", "cat", "view", "open"})
_PLACES = ("path", "dir", "directory", "folder", "uri")


def wrapped(tools: Toolbox, told: Told, *, noted: bool) -> Toolbox:
    """The tools as the loop calls them.

    Args:
        tools: What the model can call.
        told: The run's ledger.
        noted: Whether results get notes.
    """
    known = getattr(tools, "known", None) or {spec.name: spec for spec in tools.specs}
    once = Once(Questioned(tools, told, known), told, known)
    return Noted(once, told, known) if noted else once


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
            return ToolResult(
                call.id, ALREADY, "rejected", qualified=spec.qualified, server=spec.server, full_chars=len(ALREADY)
            )
        return await self._inner.call(call)

    def _done(self, call: ToolCall) -> bool:
        spec = self._known.get(call.name)
        if spec is None or spec.read_only or not spec.server:
            return False
        written = [fact for fact in self._told.results if fact.result.outcome == "ok" and not fact.result.read_only]
        if not written or written[-1].call.name != call.name:
            return False
        latest = written[-1]
        sent = {canonical(latest.call.arguments)}
        if latest.result.arguments is not None:
            sent.add(canonical(latest.result.arguments))
        return canonical(call.arguments) in sent


class Questioned:
    """Asks once about a placeholder in what is to be written (`[Customer Name]`) that nobody has named.

    Args:
        inner: The tools.
        told: The run's ledger, and all that the model was shown.
        known: The tools by name.
    """

    def __init__(self, inner: Toolbox, told: Told, known: Mapping[str, ToolSpec]) -> None:
        self._inner, self._told, self._known = inner, told, known
        self._asked = False
        self.specs = inner.specs

    async def call(self, call: ToolCall) -> ToolResult:
        """Carries a call out, the second time whatever it holds."""
        spec = self._known.get(call.name)
        if spec is None or spec.read_only or not spec.server or self._asked:
            return await self._inner.call(call)
        if not (found := self._placeholder(call)):
            return await self._inner.call(call)
        self._asked = True
        text = f"{found} looks like a placeholder. Put the real value there, from a result; or make the call again."
        return ToolResult(call.id, text, "rejected", qualified=spec.qualified, server=spec.server, full_chars=len(text))

    def _placeholder(self, call: ToolCall) -> str:
        shown = "\n".join(message.content for message in self._told.messages if message.role != "assistant")
        return next((found for found in _PLACEHOLDER.findall(call.arguments) if found not in shown), "")


@dataclass(frozen=True, slots=True)
class _Lister:
    """A tool that lists what is in a place, and the name of its one argument."""

    spec: ToolSpec
    argument: str


class Noted:
    """Adds to results what their shape does not say; looks around where something is not there.

    Args:
        inner: The tools.
        told: Told of look-ups, as of every call.
        known: The tools by name.
    """

    def __init__(self, inner: Toolbox, told: Told, known: Mapping[str, ToolSpec]) -> None:
        self._inner, self._told, self._known = inner, told, known
        self._looked: dict[str, str] = {}
        self.specs = inner.specs

    async def call(self, call: ToolCall) -> ToolResult:
        """Carries a call out."""
        spec = self._known.get(call.name)
        if spec is not None and spec.server and (said := await self._one_at_a_time(call, spec)):
            return ToolResult(
                call.id, said, "rejected", qualified=spec.qualified, server=spec.server, full_chars=len(said)
            )
        result = await self._inner.call(call)
        if spec is None or not spec.server:
            return result
        if self._is_repeat(result):
            return replace(result, note=SAME)
        beside = [each for each in self.specs if each.server == spec.server and each is not spec]
        note = notes.about(result, spec, beside)
        if result.outcome == "ok":
            result = replace(result, content=notes.compact(result.content))
        if not note and result.outcome == "error" and notes.missing(result.content):
            note = await self._nearest(call, spec, result)
        if not note and result.outcome == "error" and not spec.read_only:
            note = self._unread(spec, result)
        return replace(result, note=note) if note else result

    def _unread(self, spec: ToolSpec, result: ToolResult) -> str:
        """That what was to be changed has not been looked at yet, where a tool can do that."""
        seen = {
            value
            for fact in self._told.results
            for value in _paths(fact.result.arguments or {})
            if fact.result.read_only
        }
        unseen = [value for value in _paths(result.arguments or {}) if value not in seen]
        readers = [
            each for each in self.specs if each.server == spec.server and _names_only(each, _READING) and each.read_only
        ]
        if not unseen or not readers:
            return ""
        return f"{unseen[0]} has not been read yet: read it first, with {min(readers, key=lambda each: len(each.name)).name}."

    def _is_repeat(self, result: ToolResult) -> bool:
        """Whether a reading call gave what it gave before, with nothing written between."""
        if not result.read_only or result.arguments is None:
            return False
        for fact in reversed(self._told.results):
            if not fact.result.read_only and fact.result.outcome != "rejected":
                return False
            same = fact.result.qualified == result.qualified and fact.result.arguments == result.arguments
            if same and fact.result.content == result.content:
                return True
        return False

    async def _one_at_a_time(self, call: ToolCall, spec: ToolSpec) -> str:
        """What to say instead of carrying out a call with a wildcard: the names that fit, and the call for the first."""
        arguments = arguments_of(call) or {}
        lister = self._lister(spec)
        for name, value in notes.wildcards(arguments).items() if lister else ():
            assert lister
            folder, pattern = posixpath.split(value)
            names = notes.listed_names(await self._listed(lister, folder, call))
            fitting = fnmatch.filter(names, pattern)
            if not fitting or pattern in names:
                continue
            first = {
                key: f"{folder}/{fitting[0]}" if key == name else _in_folder(given, fitting[0])
                for key, given in arguments.items()
            }
            return (
                f"Wildcards are not understood: make a call for each. {len(fitting)} fit {pattern}: "
                f"{', '.join(fitting[:_LISTED])}. The first: {json.dumps(first, ensure_ascii=False)}"
            )
        return ""

    async def _nearest(self, call: ToolCall, spec: ToolSpec, result: ToolResult) -> str:
        """The names that are there, nearest first, for a path that is not."""
        for value in _paths(result.arguments or {}):
            lister = self._lister(spec)
            folder = posixpath.dirname(value.rstrip("/"))
            if lister is None or not folder:
                continue
            names = notes.listed_names(await self._listed(lister, folder, call))
            if names:
                return f"In {folder} there are: {_shown(last_part(value), names)}."
        return ""

    async def _listed(self, lister: _Lister, folder: str, call: ToolCall) -> str:
        """What is in a folder, asked for once a run; told as a call of the run, which it is."""
        if folder not in self._looked:
            number = len(self._looked) + 1
            asked = ToolCall(f"{LOOK_UP}{call.id}{number}", lister.spec.name, json.dumps({lister.argument: folder}))
            found = await self._inner.call(asked)
            self._told(ToolFinished(self._told.round, asked, found))
            self._looked[folder] = found.content if found.outcome == "ok" else ""
        return self._looked[folder]

    def _lister(self, spec: ToolSpec) -> _Lister | None:
        """The simplest tool of the same server that only reads and lists a place."""
        found = [lister for each in self.specs if each.server == spec.server and (lister := _as_lister(each))]
        return min(found, key=lambda lister: len(lister.spec.name), default=None)


def _as_lister(spec: ToolSpec) -> _Lister | None:
    if not (spec.read_only and _names_only(spec, _LISTING)):
        return None
    return _Lister(spec, str(spec.parameters["required"][0]))


def _names_only(spec: ToolSpec, verbs: frozenset[str]) -> bool:
    """Whether a tool of one of these verbs needs a place and nothing else."""
    required = spec.parameters.get("required") or ()
    words = re.split(r"[_\-.]|(?<=[a-z])(?=[A-Z])", (spec.tool or spec.name))
    return bool(verbs & {word.lower() for word in words}) and len(required) == 1 and required[0] in _PLACES


def _in_folder(value: object, name: str) -> object:
    """A folder among the arguments with the file's name behind it; anything else as it is."""
    is_folder = isinstance(value, str) and "/" in value and "." not in last_part(value) and "\n" not in value
    return f"{str(value).rstrip('/')}/{name}" if is_folder else value


def _paths(arguments: Mapping[str, object]) -> list[str]:
    return [value for value in arguments.values() if isinstance(value, str) and "/" in value and "\n" not in value]


def _shown(wanted: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(wanted, names, n=_NEAREST, cutoff=0.4)
    ordered = list(dict.fromkeys([*near, *names]))
    more = f" and {len(ordered) - _LISTED} more" if len(ordered) > _LISTED else ""
    return ", ".join(ordered[:_LISTED]) + more
