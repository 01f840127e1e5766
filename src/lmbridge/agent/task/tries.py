"""Whether an answer rests on calls at all: on none, on failed ones alone, on one try, on an outline of what there is. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lmbridge.agent.reading.names import MOST_LISTED_IN, denies, holds_word, last_part, leaves, paths_in
from lmbridge.agent.reading.notes import NO_ROW_FITS, NOTHING_FITS, failed, told_something
from lmbridge.agent.reading.rows import items_in
from lmbridge.agent.reading.tool_names import words_of_name
from lmbridge.agent.task.evidence import MOST_NAMED, Evidence, arguments_of, tokens
from lmbridge.agent.task.figures import own_numbers
from lmbridge.agent.task.named import invented_names, lacking
from lmbridge.events import ToolFinished

_SHORT = 8
"""Words of an answer such as "No, there is no such file."."""
_NOT_KNOWN = re.compile(
    r"\b(?:unknown|unavailable|inaccessible|missing|does(?: not|n['\u2019]t) exist|(?:is|are|was|were|be|could|can) ?(?:not|n['\u2019]t) ?(?:be )?(?:found|known|there|available|read|reached|loaded|accessed|retrieved)"
    r"|cannot be \w+|no longer (?:there|available|exists)|unbekannt|nicht (?:bekannt|gefunden|vorhanden|verf\u00fcgbar|erreichbar)|inconnue?|introuvable|n['\u2019]existe pas"
    r"|desconocid[oa]|no (?:existe|se encuentra|est\u00e1)|sconosciut[oa]|non (?:esiste|trovat[oa]|disponibile)|desconhecid[oa]|n\u00e3o (?:existe|encontrad[oa]))\b",
    re.IGNORECASE,
)
"""Ways to say that something is not known or not there, in six languages."""


def unfounded(evidence: Evidence) -> tuple[str, str] | None:
    """What keeps a run from being done: told to the model, and told to the caller."""
    carried, succeeded = _asked(evidence, evidence.carried_out), _asked(evidence, evidence.succeeded)
    if evidence.outcome == "changed" and not evidence.changes:
        return (
            "No call has changed anything. If the task asks for a change, make that call; if not, the outcome is found.",
            "The answer says that something was changed, but no call did that.",
        )
    if carried and not succeeded:
        hint = next((fact.result.note for fact in reversed(carried) if fact.result.note), "")
        return (
            f"Every call so far has failed. Try another call. {hint}".strip(),
            "Every call failed; the answer rests on none.",
        )
    if not evidence.carried_out and evidence.outcome is not None and paths_in(evidence.task):
        return (
            "No tool has been called yet, so there is nothing to answer from. Call a tool first.",
            "No tool was called; the answer rests on none.",
        )
    return None


def _asked(evidence: Evidence, facts: Sequence[ToolFinished]) -> list[ToolFinished]:
    """The calls among these that asked a server: arithmetic rests on what it is given."""
    return [fact for fact in facts if not evidence.calculated(fact)]


def failed_honestly(evidence: Evidence) -> bool:
    """Whether every call failed and the answer says that it cannot be done, after more than one try or a look around."""
    if evidence.outcome != "impossible" or not evidence.carried_out or _asked(evidence, evidence.succeeded):
        return False
    return len(tried(evidence)) > 1


def says_what_lacks(evidence: Evidence) -> bool:
    """Whether all calls failed since what the task names is not there, and the answer says that or that it does not know, and makes nothing up."""
    lost = lacking(evidence)
    if evidence.outcome not in {"found", "impossible"} or not lost or _asked(evidence, evidence.succeeded):
        return False
    spoken_of = all(last_part(name).lower() in evidence.answer.lower() for name in lost)
    short = len(tokens(evidence.answer)) <= _SHORT
    beside = tokens(evidence.answer) & tokens("\n".join(evidence.seen)) - tokens(evidence.task)
    plain = (
        evidence.outcome == "impossible" or not beside
    )  # in whatever language: it tells nothing of what was shown instead
    says = (spoken_of and plain) or ((spoken_of or short) and denies(evidence.answer))
    return (
        (says or bool(_NOT_KNOWN.search(evidence.answer)))
        and not invented_names(evidence)
        and not own_numbers(evidence)
    )


def answers_past(evidence: Evidence) -> str:
    """What the task names and is not there, where nothing was read and the answer tells of it all the same; empty anywhere else.

    Of a folder that is not there a small model told the names that were shown of the one above it.
    """
    lost = lacking(evidence)
    told = evidence.outcome == "found" and lost and not _asked(evidence, evidence.succeeded)
    return ", ".join(lost[:MOST_NAMED]) if told and not says_what_lacks(evidence) else ""


def tried(evidence: Evidence) -> set[tuple[str, str]]:
    """The calls that were made, but for those made for the model that gave something: it has tried nothing with these."""
    return {
        (fact.call.name, arguments_of(fact))
        for fact in evidence.carried_out
        if not (fact.call.id in evidence.given and fact.result.outcome == "ok")
    }


def was_shown_all(evidence: Evidence) -> bool:
    """Whether a search without a hit of the model's own was answered with all that is there: there is no other way to try."""
    told = [fact.result.content for fact in evidence.carried_out]
    return any(content.startswith(NOTHING_FITS) or f"{NO_ROW_FITS} The first" in content for content in told)


def no_query(evidence: Evidence) -> str:
    """What to say where only an outline was looked at (tables listed and described): nothing has been asked for."""
    if evidence.worked_out:
        return ""
    known = [fact for fact in evidence.ledger if fact.result.server and not failed(fact.result)]
    if table := _table_left_out(evidence.task, known):
        return f"The task speaks of {table}, which is a table, and nothing was asked of it: make a query."
    outlined = known and not any(told_something(fact.call.name, fact.result) for fact in known)
    return (
        "Only an outline is known, such as what the tables are, and nothing was asked of it: make a query."
        if outlined
        else ""
    )


def _table_left_out(task: str, known: Sequence[ToolFinished]) -> str:
    """A table that was listed, that the task names, and that no statement was about; empty where there is none.

    Its columns were shown before the first reply, and a small model took the files of a folder for what they do not hold.
    """
    said = task[:MOST_LISTED_IN].lower()
    statements = [text.lower() for fact in known for text in leaves(fact.result.arguments or {}) if " " in text.strip()]
    for fact in known:
        listed = items_in(fact.result.content) if "tables" in words_of_name(fact.call.name) else None
        for name in _names_in(listed or ()):
            plain = holds_word(said, name) or (name.endswith("s") and holds_word(said, name[:-1]))
            if plain and not any(holds_word(each, name) for each in statements):
                return name
    return ""


def _names_in(items: Iterable[Any]) -> list[str]:
    """The names that a listing of tables has: its texts, or the one value of each of its objects."""
    values = [next(iter(item.values()), "") if isinstance(item, Mapping) and len(item) == 1 else item for item in items]
    return [value.lower() for value in values if isinstance(value, str) and value]
