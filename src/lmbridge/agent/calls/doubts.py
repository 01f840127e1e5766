"""What is asked about a write that is hardly meant so, before it is made: each once, with what would be right beside it.

Small models write first and look afterwards: what they guess files to hold, one line in place of a whole file, a number
from nowhere. Made again, the same call is carried out, and told to the caller where something is lost by it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lmbridge.agent.calls.branch_doubts import BranchDoubts
from lmbridge.agent.calls.deletion_doubts import DeletionDoubts
from lmbridge.agent.calls.edit_doubts import EditDoubts
from lmbridge.agent.calls.first_look import FIRST_LOOK
from lmbridge.agent.calls.ledger import Told
from lmbridge.agent.calls.look_ups import LookUps
from lmbridge.agent.calls.move_doubts import MoveDoubts
from lmbridge.agent.calls.row_doubts import RowDoubts
from lmbridge.agent.calls.signature import canonical
from lmbridge.agent.calls.sweep import Swept
from lmbridge.agent.calls.table_look_ups import TableLookUps
from lmbridge.agent.calls.text_doubts import MOST_ASKED, ONLY_TO_KNOW, TextDoubts
from lmbridge.agent.calls.write import AskedOnce, WriteCall
from lmbridge.agent.held.statements import insert_in
from lmbridge.agent.reading import notes, tool_names
from lmbridge.agent.reading.edits import dropped
from lmbridge.agent.reading.names import (
    excepted,
    holds_word,
    is_file_name,
    kinds_in,
    last_part,
    leaves,
    nowhere,
    paths_in,
    places_in,
)
from lmbridge.agent.task.deletions.ordered import NOTHING, Deletion
from lmbridge.agent.task.named import named_parts
from lmbridge.agent.task.orders import (
    asks_to_know,
    ends_asking_to_know,
    ordered_behind,
    replaces,
    takes_away,
    wants_change,
)
from lmbridge.messages import ToolCall, ToolSpec
from lmbridge.text import quoted

ASK_FIRST = "Nothing was asked of"
"""What begins the words about a server that was not asked for anything."""
THERE = "is there already. Do what is to be done in it."
"""What ends the words about a folder that need not be made."""
FOLDERS = frozenset({"directory", "directories", "dir", "folder", "folders", "mkdir"})
"""Words in the names of tools that make folders."""
_MOVES = frozenset({"move", "rename", "copy", "mv", "cp"})
_WORDS = re.compile(r"\w{3,}")
_ROOTED = re.compile(r"(?:/|~|[A-Za-z]:[\\/])")
_LONGEST_PLACE = 400
_SEVERAL = 2
_NAMED = 5
_TABLE = re.compile(r"^\s*create\s+table\s+(?:if\s+not\s+exists\s+)?[\"'`\[]?(\w+)", re.IGNORECASE)
_LONG_NUMBER = re.compile(
    r"(?<![\w.-])\d{3,}(?:\.\d+)?(?![\w-])|(?<![\w.-])\d+\.\d{2,}(?![\w-])|(?<![\w-])\d{2,}(?:-\d{2,})+(?![\w-])"
)

_KIND_NAMED = 12
"""Files of a kind that are named to a model."""


MOST_ROWS = 100
"""Rows of a table up to which they are looked up before one is added."""


class Doubts:
    """What speaks against a write.

    Args:
        specs: The run's tools.
        told: The run's ledger.
        task: What the caller asked for.
        look: Looks around for it.
        gone: What the task orders to be deleted, where no tool of the run deletes files.
    """

    def __init__(
        self, specs: Sequence[ToolSpec], told: Told, task: str, look: LookUps, gone: Deletion = NOTHING
    ) -> None:
        self._specs, self._told, self._task, self._look = specs, told, task, look
        self._asked = AskedOnce(told)
        self._edits = EditDoubts(told, task, look, self._asked)
        self._texts = TextDoubts(told, task, look, self._asked)
        self._branches = BranchDoubts(specs, told, task, look, self._asked)
        self._tables = TableLookUps(specs, look, task)
        self._rows = RowDoubts(told, task, self._asked)
        self._deletions = DeletionDoubts(gone, self._asked)
        self._moves = MoveDoubts(told, task, self._asked)

    def begin_anew(self) -> None:
        """The model has forgotten what it was asked: its next call is no answer to that."""
        self._asked.begin_anew()
        self._texts.begin_anew()

    def meant(self, arguments: Mapping[str, Any]) -> bool:
        """Whether an edit was made at the one of several places that the task means."""
        return self._edits.meant(arguments)

    def has_swept(self, swept: Swept) -> None:
        """Texts are held against these lines as well."""
        self._texts.swept = swept

    async def about(self, call: ToolCall, spec: ToolSpec) -> str:
        """What to say in place of a write that is hardly meant so; empty where nothing speaks against it."""
        if spec.read_only:
            return ""
        write = WriteCall.of(call, spec)
        return (
            self._empty(write)
            or self._deletions.about(write)
            or await self._unseen(write)
            or self._only_asked(write)
            or self._there(write)
            or self._source(write)
            or self._elsewhere(write)
            or self._list_itself(write)
            or self._moves.about(write)
            or self._excepted(write)
            or self._not_alike(write)
            or self._other_kind(write)
            or await self._look.blank(spec, write.arguments, call)
            or await self._texts.about(write)
            or await self._edits.about(write)
            or await self._branches.about(write)
            or self._unasked(write)
            or await self._rows_seen(write)
            or self._rows.about(write)
            or await self._drops(write)
            or self._invented(write)
        )

    def _empty(self, write: WriteCall) -> str:
        """What to say of a change of nothing: a list of edits, rows or things in which there is none. Servers call that a success.

        A list of plain words may be emptied, and one that may be left out stands for all: these are asked about once.
        """
        given = {name: value for name, value in write.arguments.items() if value not in write.places}
        if write.reads or not given or any(value != [] for value in given.values()):
            return ""
        said = f"`{next(iter(given))}` is empty, so that nothing would be changed. Say in it what is to be changed."
        if not any(_may_be_empty(write.spec, name) for name in given):
            return said
        again = "" if self._asked.has("empty") else f"{said[:-1]}; if it is to be empty, make the same call again."
        return self._asked.ask("empty", again)

    async def _rows_seen(self, write: WriteCall) -> str:
        """Has the rows of a small table looked up before one is added to it; there is nothing to say of that."""
        for insert in filter(None, map(insert_in, leaves(write.arguments))):
            await self._tables.whole(write.spec, insert.table, MOST_ROWS)
        return ""

    async def _unseen(self, write: WriteCall) -> str:
        """What the files hold that the task names and nobody has read, once, before a text is written without them."""
        given = [value for value in write.arguments.values() if isinstance(value, str | list)]
        if write.reads or self._asked.has("unseen") or all(value in write.places for value in given):
            return ""
        return self._asked.ask("unseen", await self._look.unread(write.spec, self._task, write.call, write.arguments))

    def _only_asked(self, write: WriteCall) -> str:
        """What to say, once, of a change where the task asks something, and of anything that deletes.

        Small models take questions for orders to write, and deleted what they were to look up. A question before an order
        about a place that the task names and nothing stands at yet ("How many? Write it into /a.txt.") is none about that place,
        and one before a word of change ("Which is the cheapest? Remember it.") asks for no answer alone. What the task itself wants gone
        is not asked about: a 1.5B that was asked took it for gone.
        """
        if write.reads or self._asked.has("only asked"):
            return ""
        ordered = not ends_asking_to_know(self._task) and (ordered_behind(self._task) or self._lacking(write))
        asked = asks_to_know(self._task) and not ordered
        deletes = tool_names.deletes(write.spec) and not self._is_to_go(write)
        said = "The task asks a question." if asked else "This deletes." if deletes else ""
        whole = f"{said} {ONLY_TO_KNOW} If something is to be changed, make the same call again." if said else ""
        return self._asked.ask("only asked", whole)

    def _is_to_go(self, write: WriteCall) -> bool:
        """Whether the task wants something gone or replaced, and names what this deletes or what it deletes it of."""
        if not wants_change(self._task) or not (takes_away(self._task) or replaces(self._task)):
            return False
        return any(holds_word(self._task, word) for text in leaves(write.arguments) for word in _WORDS.findall(text))

    def _lacking(self, write: WriteCall) -> bool:
        """Whether a call is about a place that the task names and that was looked for in vain."""
        places = set(write.places) & set(paths_in(self._task))
        return any(
            notes.failed(fact.result) and places & set(places_in(fact.result.arguments or {}))
            for fact in self._told.results
        )

    def _elsewhere(self, write: WriteCall) -> str:
        """What to ask, once, of a file that is written under the name which the task says, and not at its place, where nothing is yet."""
        if not write.replaces or write.path in paths_in(self._task):
            return ""
        name = last_part(write.path)
        named = [path for path in paths_in(self._task) if last_part(path) == name and _ROOTED.match(path)]
        results = [fact.result for fact in self._told.results]
        lacking = [
            each
            for each in named
            if any(notes.failed(result) and each in places_in(result.arguments or {}) for result in results)
        ]
        if len(named) != 1 or not lacking:
            return ""
        return self._asked.once(
            "elsewhere",
            f"The task says {named[0]}, and this writes {write.path}. Write {named[0]}; if the other place is meant, make the same call again.",
            f"{write.spec.name} wrote {quoted(write.path)}, and the task says {quoted(named[0])}.",
        )

    def _source(self, write: WriteCall) -> str:
        """What to ask, once, of a change of a file that the task names while another one that it names is not there yet.

        Asked to fill a template in and write it to a new file, a small model filled in the template itself.
        """
        if write.reads or tool_names.name_words(write.spec) & _MOVES:
            return ""
        results, named = self._told.results, [path for path in paths_in(self._task) if is_file_name(last_part(path))]
        at = {
            path: [fact.result for fact in results if path in places_in(fact.result.arguments or {})] for path in named
        }
        lacking = [path for path in named if at[path] and all(notes.failed(result) for result in at[path])]
        there = [  # what was not there at first was made by the run itself
            path for path in write.places if at.get(path) and not any(notes.failed(result) for result in at[path])
        ]
        if not lacking or not there or set(lacking) & set(write.places):
            return ""
        return self._asked.once(
            "source",
            f"This would change {there[0]}, and {lacking[0]}, which the task names, is not there yet. If {there[0]} is only to be read, write "
            f"{lacking[0]} now; if it is to be changed as well, make the same call again.",
            f"{write.spec.name} changed {quoted(there[0])} before {quoted(lacking[0])} was there.",
        )

    def _list_itself(self, write: WriteCall) -> str:
        """What to ask, once, of a change of a file that only lists others: "dropped.txt lists them. Move these files …"."""
        given = [
            (place, fact.result) for fact in self._told.results for place in places_in(fact.result.arguments or {})
        ]
        worked = [(place, result.content) for place, result in given if result.read_only and not notes.failed(result)]
        listings = [
            fact.result.content
            for fact in self._told.results
            if tool_names.lists(fact.call.name) and not notes.failed(fact.result)
        ]
        lists = {} if write.reads else notes.lists_of_files(worked, listings)
        place = next((place for place in write.places if place in lists and not write.replaces), "")
        if not place:
            return ""
        names, own = lists[place], last_part(place)
        return self._asked.once(
            "list itself",
            f"{own} only lists {', '.join(names[:_NAMED])}. If these are meant, make the call for each of them, beginning with {names[0]}; if {own} "
            "itself is meant, make the same call again.",
            f"{write.spec.name} was about {quoted(own)}, which only lists other files.",
        )

    def _excepted(self, write: WriteCall) -> str:
        """What to ask, once, of a change of something that the task makes an exception of ("everything except shop.js")."""
        named = {} if write.reads else {last_part(name): name for name in excepted(self._task)}
        given = {last_part(text) for text in leaves(write.arguments) if len(text) <= _LONGEST_PLACE}
        found = next((named[name] for name in named if name in given), "")
        if not found:
            return ""
        return self._asked.once(
            "excepted",
            f"The task makes an exception of {found}, and this is about it. Make the call for the others, without {found}; if it is meant "
            "here all the same, make the same call again.",
            f"{write.spec.name} was called with {quoted(found)}, of which the task makes an exception.",
        )

    def _other_kind(self, write: WriteCall) -> str:
        """What to ask, once, of a change of a listed file that is not of the kind which the task names ("every PDF file")."""
        kinds = kinds_in(self._task) if not write.reads else ()
        if len(kinds) != 1:
            return ""
        listed = self._listed_first()
        name = last_part(write.places[0]) if write.places else ""
        if name not in listed or name in self._task or not is_file_name(name) or name.lower().endswith(kinds[0]):
            return ""
        there = [each for each in listed if each.lower().endswith(kinds[0])]
        those = (
            f"Those are {', '.join(there[:_KIND_NAMED])}."
            if there
            else "There is none of them, so nothing is to be done: say so."
        )
        return self._asked.once(
            "kind",
            f"The task speaks of {kinds[0]} files, and {name} is none. {those} If {name} is meant, make the same call again.",
            f"{write.spec.name} changed {quoted(name)}, which is no {kinds[0]} file.",
        )

    def _listed_first(self) -> list[str]:
        """The names in the folders that were listed before the first reply."""
        first = [fact for fact in self._told.results if fact.call.id.startswith(FIRST_LOOK)]
        shown = [fact for fact in first if tool_names.lists(fact.call.name) and not notes.failed(fact.result)]
        return [name for fact in shown for name in notes.listed_names(fact.result.content)]

    def _not_alike(self, write: WriteCall) -> str:
        """What to ask of a change of a file without the part by which the task names files ("instead of IMG_"), where several have it.

        Small models go on through the whole folder.
        """
        if write.reads:
            return ""
        names = self._listed_first()
        for part in named_parts(self._task):
            others = {name for name in names if part not in name and name not in self._task}
            name = next((last_part(place) for place in write.places if last_part(place) in others), "")
            if (
                not name
                or len({each for each in names if part in each}) < _SEVERAL
                or self._asked.times("alike") >= MOST_ASKED
            ):
                continue
            return self._asked.once(
                f"alike {name}",
                f"{name} has no {part!r}, of which the task speaks. Leave it; if all that have it are dealt with, answer. If it is meant, make "
                "the same call again.",
                f"{write.spec.name} changed {quoted(name)}, which has no {quoted(part)}.",
            )
        return ""

    def listed(self) -> set[str]:
        """The folders that were listed, without a slash at their end."""
        return {
            value.rstrip("/")
            for fact in self._told.results
            if fact.result.read_only and not notes.failed(fact.result) and tool_names.lists(fact.call.name)
            for value in places_in(fact.result.arguments or {})
        }

    def _there(self, write: WriteCall) -> str:
        """What to say of a folder or a table that is to be made and was listed already: servers call the one a success."""
        if table := self._made_table(write):
            return f"The table {table} {THERE}"
        if not tool_names.name_words(write.spec) & FOLDERS or not tool_names.writes_by_name(write.spec):
            return ""
        found = next((value for value in write.places if value.rstrip("/") in self.listed()), "")
        return f"The folder {found} {THERE}" if found else ""

    def _made_table(self, write: WriteCall) -> str:
        """The table that a call would make and that a listing of tables has; empty where it makes none of these."""
        named = {match[1].lower(): match[1] for text in leaves(write.arguments) for match in _TABLE.finditer(text)}
        listed = " ".join(
            fact.result.content.lower()
            for fact in self._told.results
            if "tables" in fact.call.name.lower() and not notes.failed(fact.result)
        )
        return next((named[name] for name in named if holds_word(listed, name)), "")

    def _unasked(self, write: WriteCall) -> str:
        """What to say, once, before a write where another server of the run has not been asked for anything yet.

        Who names two servers for a change wants something of the one in the other; tables that were only listed and
        described have told nothing of what they hold.
        """
        if write.reads or self._asked.has("unasked"):
            return ""
        asked = {fact.result.server for fact in self._told.results if notes.told_something(fact.call.name, fact.result)}
        for server in dict.fromkeys(each.server for each in self._specs if each.server):
            telling = [each for each in self._specs if each.server == server and tool_names.tells_more(each)]
            if server != write.spec.server and server not in asked and telling:
                return self._asked.ask(
                    "unasked",
                    f"{ASK_FIRST} {server} yet ({telling[0].name}). If what is to be written comes from there, ask it "
                    "first; if not, make the same call again.",
                )
        return ""

    async def _drops(self, write: WriteCall) -> str:
        """What to ask before an edit of which the old text is lost that the task does not speak of; another such edit is no answer to that."""
        if write.reads or not dropped(write.arguments, self._task):
            return ""
        text = await self._look.text(write.spec, next(iter(write.places), ""), write.call)
        last = next((line.strip() for line in reversed((text or "").splitlines()) if line.strip()), "")
        kind = f"drops {canonical(write.call.arguments)}"
        if self._asked.times("drops") >= MOST_ASKED and not self._asked.has(kind):
            return ""
        warning = f"{write.spec.name} removed a text that the task does not speak of."
        return self._asked.once(kind, dropped(write.arguments, self._task, last), warning)

    def _invented(self, write: WriteCall) -> str:
        """What to ask, once, before numbers are written that stand neither in the task nor in anything seen.

        Those of one or two digits are left alone: they are mostly counts.
        """
        if write.reads or self._asked.has("invented"):
            return ""
        results = [fact.result for fact in self._told.results]
        sources = [self._task, *self._told.looked, *(text for each in results for text in (each.content, each.note))]
        places = write.places
        texts = [leaf for leaf in leaves(write.arguments) if leaf not in places]
        found = nowhere([number for text in texts for number in _LONG_NUMBER.findall(text)], sources)
        if not found:
            return ""
        return self._asked.ask(
            "invented",
            f"{', '.join(found[:_NAMED])} stands neither in the task nor in a result. Look for the real value first; if it was "
            "worked out, make the same call again.",
        )


def _may_be_empty(spec: ToolSpec, name: str) -> bool:
    """Whether an empty list may be meant: one of words, or one that a call may leave out."""
    properties, required = spec.parameters.get("properties"), spec.parameters.get("required")
    schema = properties.get(name) if isinstance(properties, Mapping) else None
    items = schema.get("items") if isinstance(schema, Mapping) else None
    of_words = isinstance(items, Mapping) and items.get("type") in {"string", "integer", "number"}
    return of_words or (isinstance(required, list) and bool(required) and name not in required)
