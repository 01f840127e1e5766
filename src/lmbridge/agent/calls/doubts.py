"""What is asked about a write that is hardly meant so, before it is made: each once, with what would be right beside it.

Small models write first and look afterwards: what they guess files to hold, one line in place of a whole file, a number
from nowhere. Made again, the same call is carried out, and told to the caller where something is lost by it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from lmbridge.agent.calls.ledger import Told
from lmbridge.agent.calls.look_ups import LookUps, written
from lmbridge.agent.calls.signature import canonical
from lmbridge.agent.reading import notes, tool_names
from lmbridge.agent.reading.edits import (
    CONTENT,
    LONGEST_OFFERED,
    breaks_off,
    dropped,
    is_told,
    left_out,
    restored,
    several_places,
    twice,
    whole_of,
)
from lmbridge.agent.reading.names import (
    asks,
    ends_asking,
    enumerated,
    holds_word,
    last_part,
    leaves,
    nowhere,
    paths_in,
    places_in,
)
from lmbridge.agent.task.claims import ordered_behind, orders_change
from lmbridge.agent.task.misfits import adds_up, question, text_misfit
from lmbridge.agent.tools.read_result import arguments_of
from lmbridge.events import Warned
from lmbridge.messages import ToolCall, ToolSpec
from lmbridge.text import quoted

_NAMED = 5
_LONGEST_SHOWN = 200
LONGEST_LINE = 80
"""Characters that are shown of a line."""
_TABLE = re.compile(r"^\s*create\s+table\s+(?:if\s+not\s+exists\s+)?[\"'`\[]?(\w+)", re.IGNORECASE)
_LONG_NUMBER = re.compile(
    r"(?<![\w.-])\d{3,}(?:\.\d+)?(?![\w-])|(?<![\w.-])\d+\.\d{2,}(?![\w-])|(?<![\w-])\d{2,}(?:-\d{2,})+(?![\w-])"
)
ONLY_TO_KNOW = "If the user only wants to know something, answer it, from the results."
"""What frees a small model from the change that it took a task for."""
ASK_FIRST = "Nothing was asked of"
"""What begins the words about a server that was not asked for anything."""
THERE = "is there already. Do what is to be done in it."
"""What ends the words about a folder that need not be made."""
SAME_TEXT = "holds exactly this already"
"""What begins the words about a text that would change nothing."""
MOST_ASKED = 3
"""Calls of a run that are asked about since a file would be lost; after that they are made and told."""
FOLDERS = frozenset({"directory", "directories", "dir", "folder", "folders", "mkdir"})
"""Words in the names of tools that make folders."""


class Doubts:
    """What speaks against a write.

    Args:
        specs: The run's tools.
        told: The run's ledger.
        task: What the caller asked for.
        look: Looks around for it.
    """

    def __init__(self, specs: Sequence[ToolSpec], told: Told, task: str, look: LookUps) -> None:
        self._specs, self._told, self._task, self._look = specs, told, task, look
        self._showed = self._questioned = self._dropped = self._sent_on = self._inquired = False
        self._repeated = False
        self._asked_of: set[str] = set()
        self._misfitted: set[str] = set()
        self._warned: set[str] = set()

    async def about(self, call: ToolCall, spec: ToolSpec) -> str:
        """What to say in place of a write that is hardly meant so; empty where nothing speaks against it."""
        return (
            await self._unseen(call, spec)
            or self._asked(call, spec)
            or self._there(call, spec)
            or await self._blank(call, spec)
            or await self._in_vain(call, spec)
            or await self._whole(call, spec)
            or await self._leaves_out(call, spec)
            or self._misfits(call, spec)
            or self._adds(call, spec)
            or self._several_places(call, spec)
            or self._example(call, spec)
            or self._broken_off(call, spec)
            or self._own_words(call, spec)
            or self._other_case(call, spec)
            or self._all_of_it(call, spec)
            or self._unasked(call, spec)
            or self._drops(call, spec)
            or self._invented(call, spec)
        )

    async def _unseen(self, call: ToolCall, spec: ToolSpec) -> str:
        """What the files hold that the task names and nobody has read, once, before a text is written without them."""
        arguments = arguments_of(call) or {}
        writes = any(value not in places_in(arguments) for value in arguments.values() if isinstance(value, str | list))
        if tool_names.reads(spec) or self._showed or not writes:
            return ""
        said = await self._look.unread(spec, self._task, call, arguments)
        self._showed = bool(said)
        return said

    def _asked(self, call: ToolCall, spec: ToolSpec) -> str:
        """What to say, once, of a change where the task asks something, and of anything that deletes.

        Small models take questions for orders to write, and deleted what they were to look up. A question before an order
        about a place that the task names and nothing stands at yet ("How many? Write it into /a.txt.") is none about that place,
        and one before a word of change ("Which is the cheapest? Remember it.") asks for no answer alone.
        """
        if self._inquired or tool_names.reads(spec):
            return ""
        ordered = not ends_asking(self._task) and (ordered_behind(self._task) or self._lacking(call))
        asked = asks(self._task) and not ordered
        said = "The task asks a question." if asked else "This deletes." if tool_names.deletes(spec) else ""
        self._inquired = bool(said)
        return f"{said} {ONLY_TO_KNOW} If something is to be changed, make the same call again." if said else ""

    def _lacking(self, call: ToolCall) -> bool:
        """Whether a call is about a place that the task names and that was looked for in vain."""
        places = set(places_in(arguments_of(call) or {})) & set(paths_in(self._task))
        return any(
            notes.failed(fact.result) and places & set(places_in(fact.result.arguments or {}))
            for fact in self._told.results
        )

    def listed(self) -> set[str]:
        """The folders that were listed, without a slash at their end."""
        return {
            value.rstrip("/")
            for fact in self._told.results
            if fact.result.read_only and not notes.failed(fact.result) and tool_names.lists(fact.call.name)
            for value in places_in(fact.result.arguments or {})
        }

    def _there(self, call: ToolCall, spec: ToolSpec) -> str:
        """What to say of a folder or a table that is to be made and was listed already: servers call the one a success."""
        if not spec.read_only and (table := self._made_table(call)):
            return f"The table {table} {THERE}"
        if spec.read_only or not tool_names.name_words(spec) & FOLDERS or not tool_names.writes_by_name(spec):
            return ""
        found = next((value for value in places_in(arguments_of(call) or {}) if value.rstrip("/") in self.listed()), "")
        return f"The folder {found} {THERE}" if found else ""

    def _made_table(self, call: ToolCall) -> str:
        """The table that a call would make and that a listing of tables has; empty where it makes none of these."""
        named = {
            match[1].lower(): match[1] for text in leaves(arguments_of(call) or {}) for match in _TABLE.finditer(text)
        }
        listed = " ".join(
            fact.result.content.lower()
            for fact in self._told.results
            if "tables" in fact.call.name.lower() and not notes.failed(fact.result)
        )
        return next((named[name] for name in named if holds_word(listed, name)), "")

    async def _blank(self, call: ToolCall, spec: ToolSpec) -> str:
        return "" if spec.read_only else await self._look.blank(spec, arguments_of(call) or {}, call)

    async def _in_vain(self, call: ToolCall, spec: ToolSpec) -> str:
        """What to say of a text that is what its file holds already: the change that was wanted is not in it, or none was."""
        path, text = written(arguments_of(call) or {})
        if spec.read_only or not path or not text or "append" in tool_names.name_words(spec):
            return ""
        before = await self._look.replaced(spec, path, call)
        if not before or before.split() != text.split():
            return ""
        if before.strip() != text.strip():
            return self._once(
                "blanks",
                f"This would change nothing in {path} but blanks and ends of lines; every word is as it was. Write it with what the task asks "
                "for; if only the blanks are meant, make the same call again.",
                f"{spec.name} changed nothing in {quoted(path)} but blanks and ends of lines.",
            )
        again, self._repeated = self._repeated, True
        said = f"{path} {SAME_TEXT}, so nothing would be changed."
        if not orders_change(self._task):
            return f"{said} {ONLY_TO_KNOW}"
        return (
            ""
            if again
            else f"{said} Write it with what the task asks for. To write it as it is, make the same call again."
        )

    async def _whole(self, call: ToolCall, spec: ToolSpec) -> str:
        """What to ask, once, before a file is replaced by a text that holds nothing of it: `write_file` taken for append."""
        if spec.read_only:
            return ""
        lost = await self._look.loses(spec, arguments_of(call) or {}, call)
        if not lost:
            return ""
        if (same := canonical(call.arguments)) in self._warned or len(self._warned) >= MOST_ASKED:
            self._told(Warned(f"{spec.name} replaced {quoted(lost.partition(' (')[0])}."))
            return ""
        self._warned.add(same)
        path, text = written(arguments_of(call) or {})
        held, added = await self._look.holds(spec, path, call), await self._look.added(spec, path, text or "", call)
        said = (
            f"This would replace {lost}. If only an answer is wanted, it may stand there. To replace all of it, make the same call again. "
            "To add to the file or to change a part of it, write its old lines with the new ones."
        )
        return f"{said}\n{held}\n{added}".strip()  # what stands last is taken up

    async def _leaves_out(self, call: ToolCall, spec: ToolSpec) -> str:
        """What to ask, once, of a file that is written anew without a few of its lines: a table without its header, say."""
        path, text = written(arguments_of(call) or {})
        if spec.read_only or not path or text is None or "append" in tool_names.name_words(spec):
            return ""
        before = await self._look.replaced(spec, path, call)
        gone = left_out(before, text, self._task) if before else []
        if not gone:
            return ""
        named = ", ".join(repr(line[:LONGEST_LINE]) for line in gone[:_NAMED])
        with_it = restored(before or "", text, gone)
        more = f" With that, {CONTENT}{with_it}" if with_it else ""
        return self._once(
            "left out",
            f"This leaves out {named}, which the file holds and the task does not speak of. To leave it out, make the same call again. "
            f"Else write it with that.{more}",
            f"{spec.name} wrote {quoted(path)} without {quoted(gone[0])}, which it held.",
        )

    def _once(self, kind: str, question: str, warning: str) -> str:
        """The question, the first time that something of its kind is found; where it is found again, the caller is told."""
        if kind not in self._asked_of:
            self._asked_of.add(kind)
            return question
        self._told(Warned(warning))
        return ""

    def _broken_off(self, call: ToolCall, spec: ToolSpec) -> str:
        """What to ask, once, of a text that begins as JSON and ends in the middle of it."""
        path, text = written(arguments_of(call) or {})
        if spec.read_only or not text or not breaks_off(text):
            return ""
        return self._once(
            "broken off",
            "This text ends in the middle of a bracket. Write it whole, and only what the task asks for; to write it so, make the same call again.",
            f"What was written into {quoted(path)} ends in the middle of a bracket.",
        )

    def _own_words(self, call: ToolCall, spec: ToolSpec) -> str:
        """What to ask, once, of a text that is the task's own words about what is to be written, a path among them."""
        path, text = written(arguments_of(call) or {})
        if spec.read_only or not text or not is_told(text, self._task):
            return ""
        return self._once(
            "own words",
            "These are the task's own words about what is to be written. Write what they speak of, with its values from the results; if the words "
            "themselves are meant, make the same call again.",
            f"What was written into {quoted(path)} are the task's own words.",
        )

    def _other_case(self, call: ToolCall, spec: ToolSpec) -> str:
        """What to ask, once, of a place that is called as one of the things that the task lists, but for large and small letters."""
        listed = {} if spec.read_only else {item.lower(): item for items in enumerated(self._task) for item in items}
        for place in places_in(arguments_of(call) or {}) if listed else ():
            name = last_part(place)
            stem, ending = (name[: -len(suffix)], suffix) if (suffix := PurePosixPath(name).suffix) else (name, "")
            meant = listed.get(stem.lower(), stem)
            shown = any(name in fact.result.content for fact in self._told.results)
            if meant != stem and not shown and name not in self._task:
                right = f"{place[: len(place) - len(name)]}{meant}{ending}"
                return self._once(
                    "other case",
                    f"The task writes {meant}, and this would be {name}. If small letters are meant, make the same call again; else it is {right}",
                    f"{spec.name} wrote {quoted(name)}, and the task writes {quoted(meant)}.",
                )
        return ""

    def _example(self, call: ToolCall, spec: ToolSpec) -> str:
        """What to ask, once, of a text that holds an example of the task beside the real thing."""
        _, text = written(arguments_of(call) or {})
        found = "" if spec.read_only else twice(text or "", self._task)
        if not found:
            return ""
        rest = json.dumps(
            "".join(line for line in (text or "").splitlines(True) if line.strip() != found), ensure_ascii=False
        )
        without = f" Without it, the content is {rest}." if len(rest) <= LONGEST_OFFERED else ""
        return self._once(
            "example",
            f"{found!r} stands in the task, perhaps as an example of the form, and the text says something else of the same. Write only "
            f"what is true.{without} If both are meant, make the same call again.",
            f"What was written holds {quoted(found)}, which the task has perhaps as an example.",
        )

    def _all_of_it(self, call: ToolCall, spec: ToolSpec) -> str:
        """What to ask, once, of a text that is all of a result, where the task has a word of one of its lines."""
        _, text = written(arguments_of(call) or {})
        results = [
            fact.result
            for fact in self._told.results
            if fact.result.read_only or notes.told_something(fact.call.name, fact.result)
        ]
        found = next(
            (found for result in results if text and (found := whole_of(text, result.content, self._task))), None
        )
        if spec.read_only or found is None:
            return ""
        word, line = found
        return self._once(
            "all of it",
            f"This is all of a result, and the task speaks of {word!r}, which stands in one of its lines. If all of it is meant, make the same "
            f"call again; if that line is, {CONTENT}{json.dumps(line[:_LONGEST_SHOWN], ensure_ascii=False)}",
            f"{spec.name} wrote all of a result, though the task speaks of {quoted(word)}.",
        )

    def _misfits(self, call: ToolCall, spec: ToolSpec) -> str:
        """What to ask, once of each kind, of a text that does not fit what the results say; what stays is told at the end."""
        _, text = written(arguments_of(call) or {})
        found = text_misfit(text, self._task, self._told.results) if text and not spec.read_only else None
        if found is None or found.kind in self._misfitted:
            return ""
        self._misfitted.add(found.kind)
        return question(found)

    def _several_places(self, call: ToolCall, spec: ToolSpec) -> str:
        """What to ask, once, of edits that put the same new line into several places."""
        found = "" if spec.read_only else several_places(arguments_of(call) or {}, self._task)
        if not found:
            return ""
        return self._once(
            "several places",
            f"This puts {found!r} into several places. If all are meant, make the same call again; if it is to stand in one place, make the "
            "call with that one edit alone.",
            f"{spec.name} put {quoted(found)} into several places.",
        )

    def _adds(self, call: ToolCall, spec: ToolSpec) -> str:
        """What to ask, once, of a statement that adds a number of the task to what is there."""
        said = "" if spec.read_only or "adds" in self._misfitted else adds_up(arguments_of(call) or {}, self._task)
        self._misfitted |= {"adds"} if said else set()
        return said

    def begin_anew(self) -> None:
        """The model has forgotten what it was asked: its next call is no answer to that."""
        self._warned.clear()
        self._showed = self._questioned = self._dropped = self._sent_on = self._inquired = False
        self._repeated = False
        self._asked_of.clear()
        self._misfitted.clear()

    def _unasked(self, call: ToolCall, spec: ToolSpec) -> str:
        """What to say, once, before a write where another server of the run has not been asked for anything yet.

        Who names two servers for a change wants something of the one in the other; tables that were only listed and
        described have told nothing of what they hold.
        """
        if self._sent_on or tool_names.reads(spec):
            return ""
        asked = {fact.result.server for fact in self._told.results if notes.told_something(fact.call.name, fact.result)}
        for server in dict.fromkeys(each.server for each in self._specs if each.server):
            telling = [each for each in self._specs if each.server == server and tool_names.tells_more(each)]
            if server != spec.server and server not in asked and telling:
                self._sent_on = True
                return (
                    f"{ASK_FIRST} {server} yet ({telling[0].name}). If what is to be written comes from there, ask it "
                    "first; if not, make the same call again."
                )
        return ""

    def _drops(self, call: ToolCall, spec: ToolSpec) -> str:
        """What to ask, once, before an edit of which the old text is lost that the task does not speak of."""
        if tool_names.reads(spec) or self._dropped:
            return ""
        said = dropped(arguments_of(call) or {}, self._task)
        self._dropped = bool(said)
        return said

    def _invented(self, call: ToolCall, spec: ToolSpec) -> str:
        """What to ask, once, before numbers are written that stand neither in the task nor in anything seen.

        Those of one or two digits are left alone: they are mostly counts.
        """
        if spec.read_only or self._questioned or tool_names.reads_by_name(spec):
            return ""
        sources = [
            self._task,
            *(text for fact in self._told.results for text in (fact.result.content, fact.result.note)),
        ]
        arguments = arguments_of(call) or {}
        texts = [leaf for leaf in leaves(arguments) if leaf not in places_in(arguments)]
        found = nowhere([number for text in texts for number in _LONG_NUMBER.findall(text)], sources)
        self._questioned = bool(found)
        if not found:
            return ""
        return (
            f"{', '.join(found[:_NAMED])} stands neither in the task nor in a result. Look for the real value first; if it was "
            "worked out, make the same call again."
        )
