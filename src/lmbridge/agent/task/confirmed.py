"""What speaks for the end of a run beside the model's own word. Pure, and by form alone.

A small model ends as surely with a wrong line as with the right one, so its word alone is worth little (docs/REAL_MODELS.md). What
counts here: a rule that holds answers or texts against the results would have spoken against any other of them; all that was said
stands in the one place that has the task's own words; all that was changed is what the task itself says. Where the task makes
exceptions or conditions, only a rule is enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lmbridge.agent.reading.edits import TEXT_NAMES, pairs
from lmbridge.agent.reading.ends import end_asked
from lmbridge.agent.reading.names import (
    denies,
    excepted,
    last_part,
    leaves,
    paths_in,
    places_in,
    speaks_of_all,
    without_denied,
)
from lmbridge.agent.reading.rows import rows_in
from lmbridge.agent.task.evidence import Evidence, arguments_of, leaves_of, tokens
from lmbridge.agent.task.misfits import answer_misfit, text_misfit
from lmbridge.agent.task.named import unopened_names
from lmbridge.agent.task.orders import takes_away
from lmbridge.events import ToolFinished

_CONDITION = re.compile(r"\b(?:if|unless|in case|wenn|falls|si|sinon|se|caso|senão)\b", re.IGNORECASE)
"""Words of six languages that make what is to be done depend on something."""
_COUNT = re.compile(
    r"\b(?:how many|only|otherwise|rather|wie ?viele|nur|sonst|combien|seulement|cu[aá]nt[oa]s|quant[ie]|solo|soltanto|quantos|quantas|apenas)\b",
    re.IGNORECASE,
)
"""Words that ask for a count or leave something out, so that what was asked for stands in no one place."""
_LAYOUT = re.compile(
    r"\b(?:bullets?|bulleted|headings?|headlines?|titled?|numbered|tables?|columns?|sorted|alphabetical\w*|upper ?case|lower ?case|capital\w*|indented|bold|checkbox\w*|aufz\u00e4hlung\w*|stichpunkt\w*"
    r"|\u00fcberschrift\w*|titel|nummeriert\w*|tabelle|spalten?|alphabetisch\w*|sortiert\w*|puces?|titres?|num\u00e9rot\w*|tableau|colonnes?|tri\u00e9\w*|vi\u00f1etas?|t\u00edtulos?|numerad\w*|tabla|columnas?"
    r"|ordenad\w*|puntat\w*|titolo|numerat\w*|tabella|colonn[ae]|ordinat\w*|marcador\w*|tabela|colunas?)\b",
    re.IGNORECASE,
)
"""Words of the form of a text, which its words alone do not show."""
_STATEMENT = re.compile(r"^\s*(?:insert|update|delete|replace|create|alter|drop|with)\s", re.IGNORECASE)
_NAME = re.compile(r"(?<=[\w,;:] )[^\W\d_]\w{2,}")
"""A word that does not begin a sentence; a name where it has a capital."""
_WHOLE = re.compile(r"[^\W\d_][\w-]*")
_OTHERS = 12
"""Other records against which a rule is tried."""
_SHORTEST = 3
"""Letters of a word that tells records apart."""
_FEW = 4
"""Records below which a word that one of them lacks tells them apart."""
_LONGEST_LINE = 300
"""Characters of a line that is one record; a longer one holds many."""


def confirmed(evidence: Evidence, changes: Sequence[ToolFinished]) -> bool:
    """Whether anything but the model speaks for its end.

    Args:
        evidence: The answer and the run behind it, of which nothing is open.
        changes: The calls that may have changed something.
    """
    records = _records(evidence, changes)
    if changes:
        asked = evidence.outcome != "found" and all(_is_asked_for(fact, evidence, records) for fact in changes)
        return asked and not _names_left(evidence.task, changes, records)
    if evidence.outcome not in {"found", None} or unopened_names(evidence, listed=False):
        return False
    return _ruled(evidence, records) or _looked_up(tokens(evidence.answer), evidence.task, records)


def _ruled(evidence: Evidence, records: Sequence[str]) -> bool:
    """Whether a rule that has nothing against the answer would have spoken against each other record that could stand in it."""
    own = _own(tokens(evidence.answer), evidence.task)
    shared = {record: len(own & tokens(record)) for record in records}
    most = max(shared.values(), default=0)
    given = [record for record in records if most and shared[record] == most]
    figures = any(map(_has_figure, given))
    others = [record for record in records if shared[record] < most and _has_figure(record) == figures]
    tried = [other.partition("\t")[2] for other in others[:_OTHERS]]
    refused = [answer_misfit(each, evidence.task, evidence.ledger, evidence.files) for each in tried]
    return bool(refused) and all(refused)


def _has_figure(record: str) -> bool:
    return any(map(str.isdigit, record))


def _looked_up(said: set[str], task: str, texts: Sequence[str]) -> bool:
    """Whether what was said and the task does not say stands in the records that have the task's words, and in each of these."""
    if denies(task) or _CONDITION.search(task) or _COUNT.search(task) or end_asked(task):
        return False
    records = [tokens(text) for text in texts]
    anchors = _anchors(task, records)
    hits = [record for record in records if record >= anchors] if anchors else []
    own, told = _own(said, task) & set().union(*records), set().union(*hits)
    worked_out = {word for word in said - tokens(task) - told if any(map(str.isdigit, word))}
    return bool(own and hits) and own <= told and not worked_out and all(record & own for record in hits)


def _anchors(task: str, records: Sequence[set[str]]) -> set[str]:
    """Words of the task that few records have; places left out."""
    plain = task
    for path in paths_in(task):
        plain = plain.replace(path, " ")
    most = len(records) // 2 if len(records) >= _FEW else len(records) - 1
    counts = {word: sum(word in record for record in records) for word in tokens(plain) if _tells(word)}
    return {word for word, count in counts.items() if 0 < count <= most}


def _own(words: set[str], task: str) -> set[str]:
    return {word for word in words - tokens(task) if _tells(word)}


def _tells(word: str) -> bool:
    return len(word) >= _SHORTEST or any(map(str.isdigit, word))


def _records(evidence: Evidence, changes: Sequence[ToolFinished]) -> list[str]:
    """What was read, a row or a line each, behind the name of its file and a tab; headings that only name a place are none."""
    texts = list(evidence.files)
    for fact in evidence.succeeded:
        if fact not in changes and not evidence.calculated(fact):
            places = places_in(fact.result.arguments or {})
            texts.append((places[0] if len(places) == 1 else "", fact.result.content))
    named = paths_in(evidence.task)
    read = dict.fromkeys(record for place, text in texts for record in _of_text(place, text))
    return [record for record in read if not any(path in record for path in named)]


def _of_text(place: str, text: str) -> Iterable[str]:
    rows = rows_in(text)
    lines = ["; ".join(f"{name} {value}" for name, value in row.items()) for row in rows] or text.splitlines()
    return [f"{last_part(place)}\t{line}" for line in lines if line.strip() and len(line) <= _LONGEST_LINE]


def _is_asked_for(fact: ToolFinished, evidence: Evidence, records: Sequence[str]) -> bool:
    """Whether all that a change put in and took out is what the task says, or what it asks to look up or to work out."""
    task, arguments = evidence.task, fact.result.arguments or {}
    if any(_STATEMENT.match(leaf) for leaf in leaves(arguments)):
        return False
    texts = [value for name, value in arguments.items() if name in TEXT_NAMES and isinstance(value, str)]
    if any(_is_worked_out(text, evidence, records) for text in texts):
        return True
    if _CONDITION.search(task) or speaks_of_all(task):
        return False
    given = " ".join(leaves(arguments))
    if any(last_part(name) in given for name in excepted(task)):
        return False
    meant = tokens(without_denied(task))
    if texts and _loses_lines("\n".join(texts), fact, evidence):
        return False
    edits = list(pairs(arguments))
    if edits:
        if not takes_away(task) and any(tokens(old) > tokens(new) for old, new in edits):
            return False  # a line that is to be ticked is not to go
        return all(_names(old, new, meant, _whole_names(without_denied(task))) for old, new in edits)
    put = tokens("\n".join(leaves(arguments))) - _held(fact, evidence)
    if texts and put <= meant and (_LAYOUT.search(task) or _is_from_elsewhere(arguments, task, evidence)):
        return (
            False  # the words alone do not tell whether each point has its bullet; "ingredients only" is no ingredient
        )
    return put <= meant or (bool(texts) and _looked_up(put, task, records))


def _loses_lines(text: str, fact: ToolFinished, evidence: Evidence) -> bool:
    """Whether a file that is written anew has fewer of the lines which it held when it was last read than it has new ones in their place."""
    own = set(leaves_of(fact))
    before = ""
    for earlier in evidence.succeeded:
        if earlier is fact:
            break
        if earlier.result.read_only and own & set(leaves_of(earlier)):
            before = earlier.result.content
    old, new = ({line.strip() for line in each.splitlines() if line.strip()} for each in (before, text))
    return len(old - new) > len(new - old)


def _is_from_elsewhere(arguments: Mapping[str, Any], task: str, evidence: Evidence) -> bool:
    """Whether the task names another place than the one that was written to, which was read: then its own words are not what to write."""
    own = set(places_in(arguments))
    read = {
        place
        for fact in evidence.succeeded
        if fact.result.read_only
        for place in places_in(fact.result.arguments or {})
    }
    return any(
        path in read and path not in own and not any(path.startswith(each) or each.startswith(path) for each in own)
        for path in paths_in(task)
    )


def _whole_names(text: str) -> set[str]:
    """The names of a text with their underlines and hyphens: `max_workers` is none of `workers`."""
    return {name.lower() for name in _WHOLE.findall(text) if _tells(name)}


def _names_left(task: str, changes: Sequence[ToolFinished], records: Sequence[str]) -> set[str]:
    """Names of the task that were read and that no change has: "remove the relation to Kranich and add one to Alpenglas"."""
    used = tokens("\n".join(arguments_of(fact) for fact in changes))
    named = {name.lower() for name in _NAME.findall(without_denied(task)) if name[0].isupper()}
    return (named & set().union(*map(tokens, records))) - used if records else set()


def _names(old: str, new: str, known: set[str], names: set[str]) -> bool:
    """Whether the task has all that an edit puts in, and what it takes out or the whole name of what it takes that from."""
    before, after = tokens(old), tokens(new)
    kept = _whole_names(old) & _whole_names(new)
    return (
        after - before <= known and (before - after <= known or bool(kept & names)) and (not kept or bool(kept & names))
    )


def _is_worked_out(text: str, evidence: Evidence, records: Sequence[str]) -> bool:
    """Whether a rule that has nothing against a text would have spoken against one line less, and against one more."""
    lines = text.splitlines()
    before = [fact for fact in evidence.ledger if fact.result.read_only or fact.result.server]
    others = (record.partition("\t")[2] for record in records)
    other = next((record for record in others if record not in lines), "")
    if not lines or not other:
        return False
    less, more = "\n".join(lines[1:]), "\n".join([*lines, other])
    return all(text_misfit(each, evidence.task, before) for each in (less, more))


def _held(fact: ToolFinished, evidence: Evidence) -> set[str]:
    """The words that a file which was written anew held when it was last read."""
    own = set(leaves_of(fact))
    held: set[str] = set()
    for earlier in evidence.succeeded:
        if earlier is fact:
            break
        if earlier.result.read_only and own & set(leaves_of(earlier)):
            held = tokens(earlier.result.content)
    return held
