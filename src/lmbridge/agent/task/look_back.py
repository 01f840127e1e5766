"""A look back before the end: what was asked, what was called, what is open. Pure, and by form alone.

Nothing here understands a language: what a task names (paths, files, addresses, quoted words), what an answer names, and
what an answer says of itself (`SelfReport`) are held against the run's own ledger of calls.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from lmbridge.agent.held.frames import in_its_place, of_another
from lmbridge.agent.reading.clocks import times_in
from lmbridge.agent.reading.edits import everywhere, pairs, renamed
from lmbridge.agent.reading.names import excepts, last_part
from lmbridge.agent.reading.notes import SAME, STILL, told_something
from lmbridge.agent.reading.spelling import misspelt
from lmbridge.agent.task.deletions.answers import not_deleted
from lmbridge.agent.task.evidence import MOST_NAMED, Evidence, Open, arguments_of
from lmbridge.agent.task.figures import given_up, own_numbers, sum_not_written, to_work_out, written_numbers
from lmbridge.agent.task.misfits import answer_misfit, condition_misfit, found_misfit, lists_misfit, written_misfits
from lmbridge.agent.task.named import (
    invented_names,
    lacking,
    left_out,
    other_end,
    unchanged_place,
    unopened_names,
    untouched_names,
    unwritten_words,
)
from lmbridge.agent.task.next_call import linked_page, next_call
from lmbridge.agent.task.orders import asks_for_file
from lmbridge.agent.task.quotes import as_it_stands, strange
from lmbridge.agent.task.telling import echoes, foreign_words, says_nothing
from lmbridge.agent.task.tries import (
    answers_past,
    failed_honestly,
    no_query,
    says_what_lacks,
    tried,
    unfounded,
    was_shown_all,
)
from lmbridge.agent.task.uncalled import conversion_made
from lmbridge.text import quoted

_LONGEST_LATEST = 300
"""Characters of a result that is told again."""
ECHOED = "That is what was said to you, and no answer to the task. Answer the task itself, from its results."


def look_back(evidence: Evidence) -> Open:
    """What is open: nothing called, nothing succeeded, a change that no call made, names of the task left alone."""
    if not evidence.tools:
        return Open()
    if _says_the_conversion(evidence):
        evidence = replace(evidence, quotes=())  # in whose words it rests on that is all one
    if found := _at_first(evidence):
        return found
    untouched = [name for name in untouched_names(evidence) if not evidence.gone.of(name)]
    lost = given_up(evidence)
    made_up = strange(evidence.quotes, evidence.shown()) if evidence.quotes else []
    if made_up and evidence.outcome == "found" and (unasked := no_query(evidence)):
        warning = f"The answer rests on {quoted(made_up[0])}, which stands in no result."
        return Open((unasked,), (warning,), grave=_groundless(evidence), act=True, other=True)
    if made_up and _groundless(evidence) and (onward := _pointed(evidence, _latest_read(evidence))):
        warning = f"The answer rests on {quoted(made_up[0])}, which stands in no result."
        return replace(onward, warnings=(warning,), grave=True)
    points, warnings = _odd(evidence, made_up)
    keeps = bool(made_up) and len(points) == 1 and bool(evidence.quoted_lines())
    if untouched:
        named = ", ".join(untouched[:MOST_NAMED])
        points.append(f"The task names {named}, and no call has used it. Make that call now.")
        warnings.append(f"The task names {named}, and no call used it.")
    if lost:
        named = ", ".join(lost[:MOST_NAMED])
        points.append(f"The task says {named}, and no call that was carried out has it. Make that call now.")
        warnings.append(f"The task says {quoted(named)}, and no call that was carried out has it.")
    if not points and (found := _at_last(evidence)):
        return found
    act = bool(untouched or lost)
    return Open(tuple(points), tuple(warnings), grave=_groundless(evidence), act=act, again=keeps and not act)


def _at_first(evidence: Evidence) -> Open | None:
    """What comes before anything else: that the answer rests on nothing, gives up too early, or leaves things of a list out."""
    if echoes(evidence):
        return Open((ECHOED,), ("The answer only repeats what lmbridge said to the model.",), grave=True)
    if (kept := not_deleted(evidence)) is not None:
        return kept
    if says_what_lacks(evidence):
        return Open(warnings=("What the task names is not there; the answer rests on that.",))
    if failed_honestly(evidence):
        return Open(warnings=("Every call failed; what the answer says rests on their errors.",), grave=True)
    if absent := answers_past(evidence):
        return Open(
            (f"There is no {absent}, and nothing else was read. Say that it is not there, or open what is meant.",),
            (f"The task names {quoted(absent)}, which is not there, and the answer tells of it all the same.",),
            grave=True,
        )
    if grave := unfounded(evidence):
        return Open((grave[0],), (grave[1],), grave=True, act=evidence.outcome != "changed")
    gives_up = evidence.outcome == "impossible"
    if gives_up and not linked_page(evidence) and (onward := _pointed(evidence, _latest_read(evidence))):
        return onward
    if gives_up and len(tried(evidence)) < 2 and not was_shown_all(evidence):
        return _one_try(evidence)
    return _left_undone(evidence)


def _left_undone(evidence: Evidence) -> Open | None:
    """The part of a change that no call made: other things of a list, the other end, another place, the same word elsewhere."""
    if left := left_out(evidence):
        done, missing = (", ".join(names[:MOST_NAMED]) for names in left)
        following = next_call(evidence, left[0], left[1][0])
        point = f"A call dealt with {done}, none with {missing}. Deal with each{following or '.'}"
        warning = f"The task names {quoted(missing)} beside {quoted(done)}, and no call dealt with it."
        return Open((point,), (warning,), act=True, spelled_out=bool(following), left=len(left[1]))
    if moved := other_end(evidence):
        many, done, other = moved
        return Open(
            (
                f"The task says that {many} go from one to the other, and only {done} was changed. Change {other} by {many} as well.",
            ),
            (
                f"The task says that {many} go from one to the other; no call changed {quoted(other)} beside {quoted(done)}.",
            ),
            act=True,
        )
    if unchanged := unchanged_place(evidence):
        place, order = unchanged
        return Open(
            (f"No call has changed {place} yet. The task says: {order}",),
            (f"The task orders a change of {quoted(place)}, and no call changed it.",),
            act=True,
        )
    return _elsewhere(evidence)


def _elsewhere(evidence: Evidence) -> Open | None:
    """That an edit's old text still stands elsewhere, with what the task wants in its place."""
    still = _still_there(evidence)
    if not still:
        return None
    said, _, mend = still.partition(":")
    instead = _instead(evidence)
    point = f"{said}. Replace it there by {json.dumps(instead, ensure_ascii=False)}." if instead else f"{said}:{mend}"
    return Open((point,), (f"{said}.",), act=_everywhere(evidence))


def _one_try(evidence: Evidence) -> Open:
    if linked := _linked(evidence):
        return linked
    if apart := lists_misfit(evidence.answer, evidence.task, evidence.ledger, evidence.files):
        return Open((apart[0],), (apart[1],))
    if converted := conversion_made(evidence.task, evidence.ledger):
        return Open(
            (f"{converted} That is what the task asks for: answer with it.",),
            ("A call converted the time that the task asks for, and the answer says that it could not be done.",),
        )
    own = [fact for fact in evidence.ledger if fact.call.id not in evidence.given]
    if own and all(fact.result.note == SAME for fact in own):
        return Open(
            ("Nothing failed: what was read stands above, and there is no more of it. Answer from it.",),
            ("The model gave up, and nothing had failed.",),
            act=False,
        )
    hint = next((fact.result.note for fact in reversed(own) if fact.result.note), "") or no_query(evidence)
    point = f"That was one try. Try another way before you give up. {hint}".strip()
    return Open((point,), act=True, other=True)


def _linked(evidence: Evidence) -> Open | None:
    """That the one page to which a page links was not opened."""
    call = linked_page(evidence)
    warning = "A page that was read links to another one, which no call has opened."
    return (
        Open(
            (f"A page links to another one, and no call has opened it: {call}",), (warning,), act=True, spelled_out=True
        )
        if call
        else None
    )


def _still_there(evidence: Evidence) -> str:
    """The note of the last change, where it says that an edit's old text still stands elsewhere."""
    changes = evidence.changes
    note = changes[-1].result.note if changes else ""
    return note if STILL in note else ""


def _instead(evidence: Evidence) -> str:
    """What the task wants in place of a word that it names with it, where all places are meant and the last change began with one."""
    words = renamed(evidence.changes[-1].result.arguments, evidence.task) if _everywhere(evidence) else []
    return words[0][1] if words else ""


def _everywhere(evidence: Evidence) -> bool:
    """Whether the task itself names the old and the new text of the last change, and says that all places are meant."""
    changes = evidence.changes
    if not changes or not everywhere(evidence.task) or excepts(evidence.task):
        return False
    texts = list(pairs(changes[-1].result.arguments))
    whole = texts and all(old.strip() in evidence.task and new.strip() in evidence.task for old, new in texts)
    return bool(whole or renamed(changes[-1].result.arguments, evidence.task))


def _odd(evidence: Evidence, made_up: Sequence[str]) -> tuple[list[str], list[str]]:
    """What an answer says that stands nowhere, or does not say in full: for the model, and for the caller."""
    points, warnings = [], []
    against = answer_misfit(_told(evidence), evidence.task, evidence.ledger, evidence.files)
    if not against and evidence.outcome in {None, "found"} and not evidence.changes:
        against = condition_misfit(evidence.answer, evidence.task, evidence.ledger, evidence.files)
    if against is None and evidence.outcome == "found":
        against = found_misfit(evidence.answer, evidence.task, evidence.quotes, evidence.ledger)
    if made_up:
        contents = [fact.result.content for fact in evidence.ledger]
        instead = as_it_stands(made_up[0], contents)
        there = f"; there it says {quoted(instead)}" if instead else ""
        keep = " The other lines stand: keep what rests on them." if evidence.quoted_lines() else ""
        points.append(
            f"{quoted(made_up[0])} stands in no result{there}.{keep} Quote lines as they stand there, then answer from them."
        )
        warnings.append(f"The answer rests on {quoted(made_up[0])}, which stands in no result.")
    if foreign := foreign_words(evidence):
        points.append(f"{', '.join(foreign)}: that was an example. Answer the task itself, from its results.")
        warnings.append("The answer speaks of an example of the prompt, not of the task.")
    if evidence.answer.rstrip().endswith((":", ",")):
        points.append("The answer breaks off. Say in full what was asked.")
        warnings.append("The answer breaks off.")
    if invented := invented_names(evidence):
        named = ", ".join(invented[:MOST_NAMED])
        points.append(f"{named} stands in no result and not in the task. Answer with what the results say.")
        warnings.append(f"The answer names {quoted(named)}, which stands in no result.")
    if other := _not_there(evidence):
        word, others = other
        points.append(
            f"No result has {quoted(word)}; what they have is: {'; '.join(others)}. If it is not there, say so."
        )
        warnings.append(f"The answer speaks of {quoted(word)}, which no result has.")
    if evidence.outcome == "found" and (written := misspelt(evidence.answer, evidence.task, _read(evidence))):
        points.append(f"{written[0]} stands in no result; {written[1]} does. Write names as they stand there.")
        warnings.append(f"The answer says {quoted(written[0])}, where the results have {quoted(written[1])}.")
    if against:  # all else comes of the same mistake, and small models mend one thing
        points, warnings = [against[0]], [*warnings, against[1]]
    return points, warnings


def _not_there(evidence: Evidence) -> tuple[str, list[str]] | None:
    """A word of the task that the answer speaks of and no result has, with what the results have in its place."""
    if evidence.outcome != "found":
        return None
    texts = _read(evidence)
    return in_its_place(evidence.answer, evidence.task, texts) or of_another(
        evidence.answer, evidence.task, evidence.quotes, texts
    )


def _read(evidence: Evidence) -> list[str]:
    """What was read, and nothing that the task itself says."""
    return [*evidence.seen, *(fact.result.content for fact in evidence.ledger), *(text for _, text in evidence.files)]


def _told(evidence: Evidence) -> str:
    """What was said or, where that is what was asked for, written."""
    written = [arguments_of(fact) for fact in evidence.changes]
    return "\n".join(written) if evidence.outcome == "changed" and written else evidence.answer


def _at_last(evidence: Evidence) -> Open | None:
    """What is looked for where nothing else is open."""
    if says_nothing(evidence):
        warning = "The answer says nothing that stands in a result."
        if linked := _linked(evidence):
            return linked
        if pointed := _pointed(evidence, "\n".join(evidence.quotes)):
            return replace(pointed, warnings=(warning,), grave=_groundless(evidence))
        latest = _latest(evidence)
        point = f"{warning} Say what the results tell{f': {latest}' if latest else '.'}"
        return Open((point,), (warning,), grave=_groundless(evidence))
    if evidence.outcome == "found" and (unasked := no_query(evidence)):
        return Open((unasked,), act=True, other=True)
    if pointed := _pointed(evidence):
        return pointed
    if summed := _not_written(evidence):
        return summed
    if point := to_work_out(evidence):
        return Open((point,), act=True, only=evidence.calculator)
    return None


def _pointed(evidence: Evidence, said: str = "") -> Open | None:
    """That a file to which a result points, and which the answer or this text names, was not opened; not where the task asks for a file."""
    names = [] if asks_for_file(evidence.task) else unopened_names(evidence, said)[:MOST_NAMED]
    point = f"A result points to {', '.join(names)}, and no call has opened it. Read it: the task may go on there."
    return Open((point,), act=True, onward=names[0] if len(names) == 1 else "") if names else None


def _latest_read(evidence: Evidence) -> str:
    """The last text that was read, where it is short: a hint, and no list of what there is."""
    read = [fact.result.content for fact in evidence.succeeded if fact.result.read_only]
    return read[-1] if read and len(read[-1]) <= _LONGEST_LATEST else ""


def _not_written(evidence: Evidence) -> Open | None:
    """That the answer tells what numbers come to together, and what was written has the numbers in its place."""
    found = sum_not_written(evidence)
    if found is None:
        return None
    total, parts = found
    return Open(
        (
            f"The answer says {total}, and what was written holds {', '.join(parts)} in its place. If the task asks for {total}, write that.",
        ),
        (f"The answer says {quoted(total)}; what was written holds {', '.join(parts)} in its place.",),
        act=True,
    )


def _latest(evidence: Evidence) -> str:
    """What the last call of the model's own that told something gave, where that is short."""
    told = [
        fact.result.content.strip()
        for fact in evidence.succeeded
        if fact.call.id not in evidence.given and told_something(fact.call.name, fact.result)
    ]
    return told[-1] if told and len(told[-1]) <= _LONGEST_LATEST else ""


def _groundless(evidence: Evidence) -> bool:
    """Whether of the lines that the answer says it rests on not one stands in a result."""
    return bool(evidence.quotes) and not evidence.quoted_lines()


def _says_the_conversion(evidence: Evidence) -> bool:
    """Whether an answer says the time that the conversion gave for which the task asks.

    A 1.5B said the right time and quoted the conversion in a sentence of its own: told that this stands in no result, it gave up.
    """
    made = conversion_made(evidence.task, evidence.ledger) if evidence.outcome == "found" and evidence.quotes else ""
    given = times_in(made.partition(";")[2])
    return bool(given) and given <= times_in(evidence.answer)


def remarks(evidence: Evidence) -> list[str]:
    """What the caller should know of an answer that stands: by its own word, and by what stands nowhere else."""
    said = []
    carried = evidence.carried_out
    if not carried and evidence.tools:
        said.append("The answer was given without calling any tool.")
    unsaid = [name for name in lacking(evidence) if last_part(name).lower() not in evidence.answer.lower()]
    if evidence.outcome == "found" and unsaid:
        said.append(f"The task names {quoted(unsaid[0])}, which is not there, and the answer does not say so.")
    if evidence.outcome == "impossible":
        said.append("The model says that the task, or a part of it, could not be done.")
    if carried and (numbers := own_numbers(evidence)):
        said.append(f"The answer's {', '.join(numbers[:MOST_NAMED])} stands in no result: the model worked it out.")
    if numbers := written_numbers(evidence):
        said.append(f"What was written holds {', '.join(numbers[:MOST_NAMED])}, which no result before says.")
    said += written_misfits(evidence.task, evidence.ledger)
    if carried and (words := unwritten_words(evidence)):
        said.append(f"The task quotes {', '.join(map(repr, words[:MOST_NAMED]))}, which no call used.")
    return said
