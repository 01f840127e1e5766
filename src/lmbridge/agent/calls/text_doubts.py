"""What is asked about a text before it is written: what it would lose, holds twice, or has of the task or of a result; and its place."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

from lmbridge.agent.calls.ledger import Told
from lmbridge.agent.calls.look_ups import LookUps
from lmbridge.agent.calls.signature import canonical
from lmbridge.agent.calls.sweep import Swept, unlike
from lmbridge.agent.calls.write import AskedOnce, WriteCall
from lmbridge.agent.held.copies import copied
from lmbridge.agent.held.shares import SHARE
from lmbridge.agent.reading import notes
from lmbridge.agent.reading.edits import (
    CONTENT,
    LONGEST_OFFERED,
    TEXT_NAMES,
    breaks_off,
    is_told,
    left_out,
    pairs,
    restored,
    twice,
    whole_of,
)
from lmbridge.agent.reading.file_formats import unlike_its_name
from lmbridge.agent.reading.forms import offered
from lmbridge.agent.reading.names import enumerated, last_part, places_in
from lmbridge.agent.task.misfits import adds_up, question, text_misfit
from lmbridge.agent.task.orders import orders_change
from lmbridge.events import Warned
from lmbridge.report import without_marks
from lmbridge.text import quoted

ONLY_TO_KNOW = "If the user only wants to know something, answer it, from the results."
"""What frees a small model from the change that it took a task for."""
ONLY_ANSWERED = "If only an answer is wanted, it may stand there."
"""What frees it where a file may be the wrong place for what it has found."""
SAME_TEXT = "holds exactly this already"
"""What begins the words about a text that would change nothing."""
MOST_ASKED = 3
"""Calls of a run that are asked about since a file would be lost; after that they are made and told."""
LONGEST_LINE = 80
"""Characters that are shown of a line."""
_LONGEST_SHOWN = 200
_NAMED = 5


class TextDoubts:
    """What speaks against a text.

    Args:
        told: The run's ledger.
        task: What the caller asked for.
        look: Looks at what is there.
        asked: What was asked already.

    Attributes:
        swept: The lines with a word that the task marks, where a folder was read for it.
    """

    swept: Swept | None = None

    def __init__(self, told: Told, task: str, look: LookUps, asked: AskedOnce) -> None:
        self._told, self._task, self._look, self._asked = told, task, look, asked
        self._warned: set[str] = set()

    def begin_anew(self) -> None:
        """The model has forgotten what it was asked: its next call is no answer to that."""
        self._warned.clear()

    async def about(self, write: WriteCall) -> str:
        """What to say in place of the write; empty where nothing speaks against its text."""
        return (
            await self._in_vain(write)
            or self._marks(write)
            or self._other_format(write)
            or await self._whole(write)
            or await self._leaves_out(write)
            or self._not_all_lines(write)
            or self._misfits(write)
            or self._adds(write)
            or self._example(write)
            or self._broken_off(write)
            or self._own_words(write)
            or self._other_case(write)
            or ("" if self._copies(write) else self._all_of_it(write))
        )

    async def _in_vain(self, write: WriteCall) -> str:
        """What to say of a text that is what its file holds already: the change that was wanted is not in it, or none was."""
        path, text = write.path, write.text
        if not write.replaces or not text:
            return ""
        before = await self._look.replaced(write.spec, path, write.call)
        if not before or before.split() != text.split():
            return ""
        if before.strip() != text.strip():
            return self._asked.once(
                "blanks",
                f"This would change nothing in {path} but blanks and ends of lines; every word is as it was. Write it with what the task asks "
                "for; if only the blanks are meant, make the same call again.",
                f"{write.spec.name} changed nothing in {quoted(path)} but blanks and ends of lines.",
            )
        again = self._asked.has("in vain")
        said = self._asked.ask("in vain", f"{path} {SAME_TEXT}, so nothing would be changed.")
        if not orders_change(self._task):
            return f"{said} {ONLY_TO_KNOW}"
        mend = "Write it with what the task asks for. To write it as it is, make the same call again."
        return "" if again else f"{said} {mend}"

    def _marks(self, write: WriteCall) -> str:
        """What to ask, once, of a text with the lines in it that lmbridge puts around results."""
        text = write.text or ""
        bare = without_marks(text)
        if bare == text:
            return ""
        return self._asked.once(
            "marks",
            f"The lines in brackets with a code are lmbridge's marks around a result, and no part of it.{offered(bare.rstrip()) or ' Write the text without them.'}",
            f"What was written into {quoted(write.path)} has lmbridge's own marks in it.",
        )

    def _other_format(self, write: WriteCall) -> str:
        """What to ask, once, of a text that is not what its file's name says (`.json`), with the right content where that is known."""
        found = unlike_its_name(write.path, write.text or "") if write.replaces else None
        if found is None:
            return ""
        wrong, content = found
        name = last_part(write.path)
        said = offered(content) or f" If it is meant for {name}, make the same call again."
        return self._asked.once(
            "format",
            f"The content {wrong}, and the file is {name}.{said}",
            f"{write.spec.name} wrote into {quoted(name)} what {wrong}.",
        )

    async def _whole(self, write: WriteCall) -> str:
        """What to ask, once, before a file is replaced by a text that holds nothing of it: `write_file` taken for append."""
        spec, call = write.spec, write.call
        lost = await self._look.loses(spec, write.arguments, call)
        if not lost or await self._is_own(write):
            return ""
        if (same := canonical(call.arguments)) in self._warned or len(self._warned) >= MOST_ASKED:
            self._told(Warned(f"{spec.name} replaced {quoted(lost.partition(' (')[0])}."))
            return ""
        self._warned.add(same)
        held = await self._look.holds(spec, write.path, call)
        added = await self._look.added(spec, write.path, write.text or "", call)
        said = (
            f"This would replace {lost}. {ONLY_ANSWERED} To replace all of it, make the same call again. "
            "To add to the file or to change a part of it, write its old lines with the new ones."
        )
        return f"{said}\n{held}\n{added}".strip()  # what stands last is taken up

    async def _is_own(self, write: WriteCall) -> bool:
        """Whether a file holds what the run itself wrote into it: who writes another text then mends its own."""
        changes = [
            fact.result for fact in self._told.results if fact.result.outcome == "ok" and not fact.result.read_only
        ]
        made = next(
            (each.arguments or {} for each in reversed(changes) if write.path in places_in(each.arguments or {})), {}
        )
        texts = [str(value) for name, value in made.items() if name in TEXT_NAMES]
        if len(texts) != 1 or any(pairs(made)):
            return False
        return texts[0].strip() == (await self._look.replaced(write.spec, write.path, write.call)).strip()

    async def _leaves_out(self, write: WriteCall) -> str:
        """What to ask, once, of a file that is written anew without a few of its lines: a table without its header, say."""
        if not write.replaces or write.text is None:
            return ""
        before = await self._look.replaced(write.spec, write.path, write.call)
        gone = left_out(before, write.text, self._task) if before else []
        if not gone:
            return ""
        named = ", ".join(repr(line[:LONGEST_LINE]) for line in gone[:_NAMED])
        with_it = restored(before, write.text, gone)
        more = f" With that, {CONTENT}{with_it}" if with_it else ""
        return self._asked.once(
            "left out",
            f"This leaves out {named}, which the file holds and the task does not speak of. To leave it out, make the same call again. "
            f"Else write it with that.{more}",
            f"{write.spec.name} wrote {quoted(write.path)} without {quoted(gone[0])}, which it held.",
        )

    def _misfits(self, write: WriteCall) -> str:
        """What to ask, once of each kind, of a text that does not fit what the results say; what stays is told at the end."""
        path = write.path if write.replaces else ""  # what is appended is a part
        found = text_misfit(write.text, self._task, self._told.results, path) if write.text else None
        kind = f"misfit: {found.kind} {write.path if found.kind == SHARE else ''}" if found else ""
        return "" if found is None or self._asked.has(kind) else self._asked.ask(kind, question(found))

    def _not_all_lines(self, write: WriteCall) -> str:
        """What to ask, once, of a text that has some of the lines with the word that the task marks, or many others."""
        found = unlike(write.text, self.swept) if write.text and self.swept else None
        if found is None:
            return ""
        wrong, content = found
        return self._asked.once(
            "not all lines",
            f"It {wrong}.{offered(content) or ' Write each of them, and nothing else.'}",
            f"What {write.spec.name} wrote {wrong}.",
        )

    def _adds(self, write: WriteCall) -> str:
        """What to ask, once, of a statement that adds a number of the task to what is there."""
        return "" if self._asked.has("adds") else self._asked.ask("adds", adds_up(write.arguments, self._task))

    def _example(self, write: WriteCall) -> str:
        """What to ask, once, of a text that holds an example of the task beside the real thing."""
        text = write.text or ""
        found = twice(text, self._task)
        if not found:
            return ""
        rest = json.dumps("".join(line for line in text.splitlines(True) if line.strip() != found), ensure_ascii=False)
        without = f" Without it, the content is {rest}." if len(rest) <= LONGEST_OFFERED else ""
        return self._asked.once(
            "example",
            f"{found!r} stands in the task, perhaps as an example of the form, and the text says something else of the same. Write only "
            f"what is true.{without} If both are meant, make the same call again.",
            f"What was written holds {quoted(found)}, which the task has perhaps as an example.",
        )

    def _broken_off(self, write: WriteCall) -> str:
        """What to ask, once, of a text that begins as JSON and ends in the middle of it."""
        if not write.text or not breaks_off(write.text):
            return ""
        return self._asked.once(
            "broken off",
            "This text ends in the middle of a bracket. Write it whole, and only what the task asks for; to write it so, make the same call again.",
            f"What was written into {quoted(write.path)} ends in the middle of a bracket.",
        )

    def _own_words(self, write: WriteCall) -> str:
        """What to ask, once, of a text that is the task's own words about what is to be written, a path among them."""
        if not write.text or not is_told(write.text, self._task):
            return ""
        return self._asked.once(
            "own words",
            "These are the task's own words about what is to be written. Write what they speak of, with its values from the results; if the words "
            "themselves are meant, make the same call again.",
            f"What was written into {quoted(write.path)} are the task's own words.",
        )

    def _other_case(self, write: WriteCall) -> str:
        """What to ask, once, of a place that is called as one of the things that the task lists, but for large and small letters."""
        listed = {item.lower(): item for items in enumerated(self._task) for item in items}
        for place in write.places if listed else ():
            name = last_part(place)
            stem, ending = (name[: -len(suffix)], suffix) if (suffix := PurePosixPath(name).suffix) else (name, "")
            meant = listed.get(stem.lower(), stem)
            shown = any(name in fact.result.content for fact in self._told.results)
            if meant != stem and not shown and name not in self._task:
                right = f"{place[: len(place) - len(name)]}{meant}{ending}"
                return self._asked.once(
                    "other case",
                    f"The task writes {meant}, and this would be {name}. If small letters are meant, make the same call again; else it is {right}",
                    f"{write.spec.name} wrote {quoted(name)}, and the task writes {quoted(meant)}.",
                )
        return ""

    def _copies(self, write: WriteCall) -> bool:
        """Whether the task wants this file as a copy: then all of another one is what it is to hold."""
        return bool(copied(last_part(write.path), self._task))

    def _all_of_it(self, write: WriteCall) -> str:
        """What to ask, once, of a text that is all of a result, where the task has a word of one of its lines."""
        text = write.text or ""
        results = [
            fact.result
            for fact in self._told.results
            if fact.result.read_only or notes.told_something(fact.call.name, fact.result)
        ]
        found = next((found for each in results if text and (found := whole_of(text, each.content, self._task))), None)
        if found is None:
            return ""
        word, line = found
        return self._asked.once(
            "all of it",
            f"This is all of a result, and the task speaks of {word!r}, which stands in one of its lines. If all of it is meant, make the same "
            f"call again; if that line is, {CONTENT}{json.dumps(line[:_LONGEST_SHOWN], ensure_ascii=False)}",
            f"{write.spec.name} wrote all of a result, though the task speaks of {quoted(word)}.",
        )
