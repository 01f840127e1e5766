"""What is asked about an edit before it is made: that its old text stands elsewhere first or several times, that it adds one thing to many lines, or lines twice."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lmbridge.agent.calls.ledger import Told
from lmbridge.agent.calls.look_ups import LookUps
from lmbridge.agent.calls.write import AskedOnce, WriteCall
from lmbridge.agent.reading import tool_names
from lmbridge.agent.reading.edits import (
    CONTENT,
    LONGEST_OFFERED,
    at_the_end,
    before_the_last,
    edited,
    one_pair,
    pairs,
    several_places,
    with_pairs,
    within_another,
)
from lmbridge.agent.reading.names import places_in
from lmbridge.agent.reading.places.doubled import doubled
from lmbridge.agent.reading.places.meant import means_all, meant_of
from lmbridge.agent.reading.places.one_more import OneMore, of_each, one_more
from lmbridge.agent.reading.places.standing import Spot, places_of
from lmbridge.text import quoted

_MOST_ASKED = 3
"""Edits of a run that are asked about since their old text stands several times."""
_MOST_SHOWN = 4
_LONGEST_TOLD = 80


class EditDoubts:
    """What speaks against an edit.

    Args:
        told: The run's ledger.
        task: What the caller asked for.
        look: Looks at what is there.
        asked: What was asked already.
    """

    def __init__(self, told: Told, task: str, look: LookUps, asked: AskedOnce) -> None:
        self._told, self._task, self._look, self._asked = told, task, look, asked
        self._meant: set[str] = set()

    async def about(self, write: WriteCall) -> str:
        """What to say in place of the edit; empty where nothing speaks against it."""
        if (said := await self._one_more(write)) is not None:
            return said
        return (
            self._several_places(write)
            or await self._doubled(write)
            or await self._before_the_last(write)
            or await self._within_another(write)
            or await self._stands_several_times(write)
        )

    def meant(self, arguments: Mapping[str, Any]) -> bool:
        """Whether an edit was made where the task means it: that its old text stands elsewhere as well is right then."""
        return any(old in self._meant for old, _ in pairs(arguments))

    async def _one_more(self, write: WriteCall) -> str | None:
        """What to ask, once, of a text that puts the one thing which the task adds into lines that are there; None where it does not."""
        edits = any(pairs(write.arguments))
        if write.reads or not (edits or write.replaces) or of_each(self._task):
            return None
        path = next(iter(write.places), write.path)
        before = self._known(path)
        if (edits and not before) or _adds(write, before, self._task):  # what was shown may not be as it stands there
            before = (await self._look.text(write.spec, path, write.call) if path else "") or before
        found = _adds(write, before, self._task)
        if found is None:
            return None
        many = f"{found.lines} lines" if found.lines > 1 else "a line"
        right = self._with_one_more(write, before, path, found)
        instead = (
            f"; to add it in one line of its own, {CONTENT}{right}" if right else "; else add it in one line of its own"
        )
        return self._asked.once(
            "one more",
            f"This puts {found.thing!r} into {many} about something else, and the task adds it once. If that is meant, make the same call again"
            f"{instead}",
            f"{write.spec.name} put {quoted(found.thing)} into {many} that were there.",
        )

    def _known(self, path: str) -> str:
        """The text of a file as it was last read whole; empty where it was not, or something was written since."""
        for fact in reversed(self._told.results):
            reads = not fact.result.read_only or tool_names.READS & set(tool_names.words_of_name(fact.call.name))
            if reads and path in places_in(fact.result.arguments or {}):
                whole = fact.result.read_only and fact.result.outcome == "ok" and fact.result.handle is None
                return fact.result.content if whole else ""
        return ""

    def _with_one_more(self, write: WriteCall, before: str, path: str, found: OneMore) -> str:
        """The content of the call with the one line more, as JSON has it; empty where that is not known or long."""
        if not found.last:
            return ""
        lines = before.split("\n")
        both = f"{found.before}\n{found.line}"
        if not any(pairs(write.arguments)):
            whole = json.dumps("\n".join([*lines[: found.last - 1], both, *lines[found.last :]]), ensure_ascii=False)
            return whole if len(whole) <= LONGEST_OFFERED else ""
        spots, _ = places_of(before, lines[found.last - 1].rstrip("\r"), both, path)
        spot = next((each for each in spots if each.line == found.last and each.old), None)
        return json.dumps(one_pair(write.arguments, spot.old, spot.new), ensure_ascii=False) if spot else ""

    def _several_places(self, write: WriteCall) -> str:
        """What to ask, once, of edits that put the same new line into several places."""
        found = several_places(write.arguments, self._task)
        if not found:
            return ""
        return self._asked.once(
            "several places",
            f"This puts {found!r} into several places. If all are meant, make the same call again; if it is to stand in one place, make the "
            "call with that one edit alone.",
            f"{write.spec.name} put {quoted(found)} into several places.",
        )

    async def _doubled(self, write: WriteCall) -> str:
        """What to ask, once, of an edit that writes the lines behind its old text a second time."""
        made = [*pairs(write.arguments)] if not write.reads else []
        path = next(iter(write.places), "") if any(new.count("\n") > old.count("\n") + 1 for old, new in made) else ""
        text = (await self._look.text(write.spec, path, write.call) if path else "") or ""
        found = {number: each for number, (old, new) in enumerate(made) if (each := doubled(text, old, new))}
        if not found:
            return ""
        line = next(iter(found.values()))[0][0][:_LONGEST_TOLD]
        right = with_pairs(write.arguments, {number: (old, new) for number, (_, old, new) in found.items()})
        content = json.dumps(right, ensure_ascii=False)
        instead = f"; to add only what is new, {CONTENT}{content}" if len(content) <= LONGEST_OFFERED else ""
        return self._asked.once(
            "doubled",
            f"{line!r} stands there already, behind the old text, and would stand there twice. If that is meant, make the same call again{instead}",
            f"{write.spec.name} wrote {quoted(line)} a second time.",
        )

    async def _before_the_last(self, write: WriteCall) -> str:
        """What to ask, once, of a line that is put in front of the last one, where the task wants it at the end."""
        edits = any(pairs(write.arguments))
        if write.reads or not (edits or write.replaces) or not at_the_end(self._task):
            return ""
        path = next(iter(write.places), write.path)
        before = (await self._look.text(write.spec, path, write.call) if path else "") or ""
        after = edited(before, write.arguments) if edits else write.text or ""
        added = before_the_last(before, after, self._task) if before and after else ""
        if not added:
            return ""
        content = _at_the_end(write, before.rstrip(), added)
        instead = f"to put it at the end, {CONTENT}{content}" if content else "else put it behind the last line"
        return self._asked.once(
            "before the last",
            f"This puts {added[:_LONGEST_TOLD]!r} in front of the last line. If that is meant, make the same call again; {instead}",
            f"{write.spec.name} put {quoted(added[:_LONGEST_TOLD])} in front of the last line.",
        )

    async def _within_another(self, write: WriteCall) -> str:
        """What to ask, once, of an edit of a line that stands first within another line: tools change the first place that they find.

        Asked to take the line `pane` out of a list, a small model made `grattato` of `pane grattato`.
        """
        if write.reads or means_all(self._task) or not any(pairs(write.arguments)):
            return ""
        text = await self._look.text(write.spec, next(iter(write.places), ""), write.call)
        found = within_another(text, write.arguments) if text else None
        if found is None:
            return ""
        other, line, old, new = (json.dumps(each[:LONGEST_OFFERED], ensure_ascii=False) for each in found)
        return self._asked.once(
            "within another",
            f"This would change the line {other}, in which {line} stands first. If that is meant, make the same call again; to change the line {line} "
            f"alone, the old text is {old} and the new text is {new}",
            f"{write.spec.name} changed the line {quoted(found[0])}, though {quoted(found[1])} is a line of its own.",
        )

    async def _stands_several_times(self, write: WriteCall) -> str:
        """What to ask, once, of an edit whose old text stands several times, where the task does not mean the first or all of them.

        Asked for another port of the test server, a small model changed the first `port: 8000`, which was production's.
        """
        if write.reads or any(value is True for value in write.arguments.values()) or means_all(self._task):
            return ""
        path = next(iter(write.places), "")
        text = await self._look.text(write.spec, path, write.call) if any(pairs(write.arguments)) else None
        if text and within_another(text, write.arguments):
            return ""
        for number, (old, new) in enumerate(pairs(write.arguments)):
            places, is_first = places_of(text or "", old, new, path) if old != new else ([], True)
            if len(places) > 1 or (places and not is_first):
                meant = meant_of(places, self._task, (old, new))
                if meant == 0 and is_first:
                    self._meant.add(old)
                elif self._is_open(old, places, meant):
                    return self._which(write, number, old, places, meant)
            text = (text or "").replace(old, new, 1)
        return ""

    def _is_open(self, old: str, places: Sequence[Spot], meant: int | None) -> bool:
        """Whether it is to be asked which place is meant: not where the task says the old text itself and chooses none, "Replace Meyer by Meier".

        All of them are meant then, most likely, and where it still stands is told behind the edit.
        """
        return (meant is not None or old.strip() not in self._task) and all(place.old for place in places)

    def _which(self, write: WriteCall, number: int, old: str, places: Sequence[Spot], meant: int | None) -> str:
        """The question which of the places is meant, with the one that the task speaks of last, or all of them."""
        kind = f"stands several times {old}"
        if self._asked.times("stands several times") >= _MOST_ASKED and not self._asked.has(kind):
            return ""
        shown = json.dumps(old[:_LONGEST_TOLD], ensure_ascii=False)
        lines = ", ".join(str(place.line) for place in places[:_MOST_SHOWN])
        several = len(places) > 1
        said = (
            f"{shown} stands in {len(places)} places (lines {lines})" if several else f"{shown} stands elsewhere first"
        )
        same = f"{said}, and this would change the first. If that is meant, make the same call again"
        offers = [self._offer(write, number, place) for place in places]
        if meant is not None and len(offers[meant]) <= LONGEST_OFFERED:
            where = (
                f"The task speaks of the one in line {places[meant].line}"
                if several
                else f"It is line {places[meant].line}"
            )
            question = f"{same}. {where}: to change that one, {CONTENT}{offers[meant]}"
        else:
            each = "\n".join(
                f"line {place.line}: {offer}" for place, offer in zip(places[:_MOST_SHOWN], offers, strict=False)
            )
            question = f"{same}. To change another one, take the old text that stands there alone; to change all, make an edit for each:\n{each}"
        warning = f"{write.spec.name} changed {quoted(old[:_LONGEST_TOLD])} where it stands first, and it stands in other places too."
        return self._asked.once(kind, question, warning)

    def _offer(self, write: WriteCall, number: int, place: Spot) -> str:
        return json.dumps(with_pairs(write.arguments, {number: (place.old, place.new)}), ensure_ascii=False)


def _at_the_end(write: WriteCall, before: str, added: str) -> str:
    """The content of a write with a line behind the last one, as JSON has it; empty where it is long, or the last line stands elsewhere too."""
    last = before.splitlines()[-1]
    if any(pairs(write.arguments)):
        return (
            json.dumps(one_pair(write.arguments, last, f"{last}\n{added}"), ensure_ascii=False)
            if before.count(last) == 1
            else ""
        )
    whole = json.dumps(f"{before}\n{added}\n", ensure_ascii=False)
    return whole if len(whole) <= LONGEST_OFFERED else ""


def _adds(write: WriteCall, before: str, task: str) -> OneMore | None:
    """The one thing that a write puts into lines of a text that are there."""
    edits = any(pairs(write.arguments))
    return one_more(before, edited(before, write.arguments) if edits else write.text or "", task)
