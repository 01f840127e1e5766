"""A look back before the end: what was asked, what was called, what is open. Pure, and by form alone.

Nothing here understands a language: what a task names (paths, files, addresses, quoted words), what an answer names, and
what an answer says of itself (`SelfReport`) are held against the run's own ledger of calls.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from lmbridge.agent.reading.edits import pairs
from lmbridge.agent.reading.names import (
    enumerated,
    is_file_name,
    kinds_in,
    last_part,
    leaves,
    nowhere,
    numbers_in,
    paths_in,
    quoted_in,
    speaks_of_all,
    words_in,
)
from lmbridge.agent.reading.notes import STILL, described, failed, listed_names, told_something
from lmbridge.agent.task.misfits import answer_misfit, written_misfits
from lmbridge.agent.task.quotes import MOST_QUOTES, standing, strange
from lmbridge.events import ToolFinished
from lmbridge.text import quoted

SelfReport = Literal["found", "changed", "impossible", "no_tool_needed"]
"""What an answer says of itself, as one of these words and not in a sentence that would have to be understood."""
_MOST_NAMED = 5
_MOST_SUMMED = 60
"""Numbers of a result that are added up."""
_LONGEST_LABELLED = 8_000
_LONGEST_CALL = 400
"""Characters of a call that is spelled out for a model."""
_SHORT = 3
"""Words of an answer such as "None of them", which needs none of a result's."""
_STANDS_FOR = re.compile(r"(?:NAME|FILE|FILENAME|DATE|TITLE|ID|N|X+)\.[A-Za-z0-9]+$")
"""Names that stand for others: a file NAME.txt for each guest."""
_FIGURE = re.compile(r"\d+(?:[.:-]\d+)+|\d{2,}")
_SENTENCE_ENDS = re.compile(r"(?<=[.!?])[\s)]+|\n")
_ORDERS = re.compile(
    r"(?:do|read|make|quote|answer|call|try|deal|say|write|put|open|look|use|go|mend|work|give|to replace|to add|to leave|if) "
)
"""How lmbridge's sentences to a model begin that tell it what to do."""
ECHOED = "That is what was said to you, and no answer to the task. Answer the task itself, from its results."
_ELLIPSIS = re.compile(r"\.\.\.|…")


@dataclass(frozen=True, slots=True)
class Open:
    """What is open at an end.

    Attributes:
        points: Sentences for the model: what is missing, exactly.
        warnings: The same for the caller, where the model leaves it open.
        grave: The run must not be called done with this open.
        act: What is missing is a call, not another answer.
        only: The one tool that this call can be.
        other: It can be any tool but those that were called.
        spelled_out: The points end with the very call to make.
        left: How many things of a list of the task no call dealt with; an answer goes back as long as they grow fewer.
    """

    points: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    grave: bool = False
    act: bool = False
    only: str = ""
    other: bool = False
    spelled_out: bool = False
    left: int = 0

    def and_also(self, doubts: Sequence[str]) -> Open:
        """With claims that no call backs, which are grave."""
        if not doubts:
            return self
        warnings = tuple(dict.fromkeys([*self.warnings, *doubts]))
        return replace(self, points=(*self.points, *doubts), warnings=warnings, grave=True)


@dataclass(frozen=True, slots=True)
class Look:
    """What an answer is held against.

    Attributes:
        task: What the caller asked for.
        answer: The answer.
        outcome: What the answer says of itself, where its form asks for that.
        ledger: The calls made, lmbridge's own look-ups left out.
        seen: Further texts that the model was shown: of an earlier run, and of look-ups.
        looked_at: Files that lmbridge looked into for the model.
        tools: Whether there were tools to call.
        examples: Words that the prompt's examples are about.
        given: Ids of calls that lmbridge made before the first reply.
        calculator: Name of lmbridge's own tool that does arithmetic, where it was offered.
        quotes: Lines of results that the answer says it rests on.
        files: The texts of files that lmbridge looked into for the model, behind their paths.
        own_words: What lmbridge itself said to the model.
    """

    task: str
    answer: str
    outcome: SelfReport | None
    ledger: Sequence[ToolFinished]
    seen: Sequence[str] = ()
    looked_at: Sequence[str] = ()
    tools: bool = True
    calculator: str = ""
    examples: str = ""
    given: frozenset[str] = frozenset()
    quotes: tuple[str, ...] = ()
    files: Sequence[tuple[str, str]] = ()
    own_words: Sequence[str] = ()


def look_back(evidence: Look) -> Open:
    """What is open: nothing called, nothing succeeded, a change that no call made, names of the task left alone."""
    if not evidence.tools:
        return Open()
    if found := _at_first(evidence):
        return found
    untouched, lost = untouched_names(evidence), given_up(evidence)
    points, warnings = _odd(evidence)
    if untouched:
        named = ", ".join(untouched[:_MOST_NAMED])
        points.append(f"The task names {named}, and no call has used it. Make that call now.")
        warnings.append(f"The task names {named}, and no call used it.")
    if lost:
        named = ", ".join(lost[:_MOST_NAMED])
        points.append(f"The task says {named}, and no call that was carried out has it. Make that call now.")
        warnings.append(f"The task says {quoted(named)}, and no call that was carried out has it.")
    if not points and (found := _at_last(evidence)):
        return found
    groundless = bool(evidence.quotes) and not quoted_lines(evidence)
    return Open(tuple(points), tuple(warnings), grave=groundless, act=bool(untouched or lost))


def _odd(evidence: Look) -> tuple[list[str], list[str]]:
    """What an answer says that stands nowhere, or does not say in full: for the model, and for the caller."""
    points, warnings = [], []
    against = answer_misfit(_told(evidence), evidence.task, evidence.ledger, evidence.files)
    if made_up := strange(evidence.quotes, _shown(evidence)):
        points.append(
            f"{quoted(made_up[0])} stands in no result. Quote lines as they stand there, then answer from them."
        )
        warnings.append(f"The answer rests on {quoted(made_up[0])}, which stands in no result.")
    if foreign := foreign_words(evidence):
        points.append(f"{', '.join(foreign)}: that was an example. Answer the task itself, from its results.")
        warnings.append("The answer speaks of an example of the prompt, not of the task.")
    if evidence.answer.rstrip().endswith((":", ",")):
        points.append("The answer breaks off. Say in full what was asked.")
        warnings.append("The answer breaks off.")
    if invented := invented_names(evidence):
        named = ", ".join(invented[:_MOST_NAMED])
        points.append(f"{named} stands in no result and not in the task. Answer with what the results say.")
        warnings.append(f"The answer names {quoted(named)}, which stands in no result.")
    if against:
        points, warnings = (
            [against[0]],
            [*warnings, against[1]],
        )  # all else comes of the same mistake, and small models mend one thing
    return points, warnings


def _told(evidence: Look) -> str:
    """What was said or, where that is what was asked for, written."""
    written = [_arguments(fact) for fact in evidence.ledger if not fact.result.read_only and not failed(fact.result)]
    return "\n".join(written) if evidence.outcome == "changed" and written else evidence.answer


def _at_last(evidence: Look) -> Open | None:
    """What is looked for where nothing else is open."""
    if _says_nothing(evidence):
        point, warning = (
            "The answer says nothing that stands in a result. Say what the results tell.",
            "The answer says nothing that stands in a result.",
        )
        return Open((point,), (warning,), grave=bool(evidence.quotes) and not quoted_lines(evidence))
    if evidence.outcome == "found" and (unasked := _no_query(evidence)):
        return Open((unasked,), act=True, other=True)
    if pointed := unopened_names(evidence):
        named = ", ".join(pointed[:_MOST_NAMED])
        return Open(
            (f"A result points to {named}, and no call has opened it. Open it: the task may go on there.",), act=True
        )
    if point := _to_work_out(evidence):
        return Open((point,), act=True, only=evidence.calculator)
    return None


def quoted_lines(evidence: Look) -> list[str]:
    """The lines that the answer says it rests on, as far as they stand in a result."""
    return standing(evidence.quotes, _shown(evidence))


def _shown(evidence: Look) -> list[str]:
    """The results, and what was shown in their place."""
    contents = [fact.result.content for fact in evidence.ledger]
    places = [(place, fact.result.content) for fact in evidence.ledger for place in _leaves(fact) if "/" in place]
    return [*evidence.seen, *contents, *filter(None, map(described, contents)), *_labelled([*places, *evidence.files])]


def _labelled(places: Sequence[tuple[str, str]]) -> list[str]:
    """Texts whose lines stand behind their place and number: who quotes `hut.txt, line 2: closed`, or a listed name with its folder, has read it."""
    known = [(place, text) for place, text in places if len(text) <= _LONGEST_LABELLED]
    short = [(last_part(place), text) for place, text in known]
    whole = ["\n".join(f"{place} {line}" for line in text.splitlines()) for place, text in known]
    return whole + [
        labelled
        for name, text in short
        for stem in [posixpath.splitext(name)[0]]
        for labelled in (
            "\n".join(f"{name} {stem} holds line {number}: {line}" for number, line in enumerate(text.splitlines(), 1)),
            f"{name} holds: {text}\n{stem}: {text}",
        )
    ]


def _at_first(evidence: Look) -> Open | None:
    """What comes before anything else: that the answer rests on nothing, gives up too early, or leaves things of a list out."""
    if echoes(evidence):
        return Open((ECHOED,), ("The answer only repeats what lmbridge said to the model.",), grave=True)
    if _says_what_lacks(evidence):
        return Open(warnings=("What the task names is not there; the answer rests on that.",))
    if _failed_honestly(evidence):
        return Open(warnings=("Every call failed; what the answer says rests on their errors.",), grave=True)
    if grave := _unfounded(evidence):
        return Open((grave[0],), (grave[1],), grave=True, act=evidence.outcome != "changed")
    if evidence.outcome == "impossible" and len(_tried(evidence)) < 2:
        own = [fact for fact in evidence.ledger if fact.call.id not in evidence.given]
        hint = next((fact.result.note for fact in reversed(own) if fact.result.note), "") or _no_query(evidence)
        point = f"That was one try. Try another way before you give up. {hint}".strip()
        return Open((point,), act=True, other=True)
    if left := left_out(evidence):
        done, missing = (", ".join(names[:_MOST_NAMED]) for names in left)
        following = _next_call(evidence, left[0], left[1][0])
        point = f"A call dealt with {done}, none with {missing}. Deal with each{following or '.'}"
        warning = f"The task names {quoted(missing)} beside {quoted(done)}, and no call dealt with it."
        return Open((point,), (warning,), act=True, spelled_out=bool(following), left=len(left[1]))
    if still := _still_there(evidence):
        return Open((still,), (still.partition(":")[0] + ".",), act=_everywhere(evidence))
    return None


def _next_call(evidence: Look, done: Sequence[str], following: str) -> str:
    """The last change that dealt with one thing of a list and no other, as it would be for the next; empty where it tells more of that thing."""
    for fact in reversed(evidence.ledger):
        if fact.result.read_only or failed(fact.result) or not isinstance(fact.result.arguments, Mapping):
            continue
        about = [item for item in done if _bounded(item).search(_arguments(fact))]
        if len(about) != 1:
            return ""
        changed = _replaced(fact.result.arguments, about[0], following)
        given = quoted_in(evidence.task)
        others = [leaf for leaf in leaves(changed) if not _bounded(following).search(leaf)]
        known = all(leaf in given or ("/" in leaf and "\n" not in leaf) for leaf in others)
        told = json.dumps(changed, ensure_ascii=False)
        return f", next {following}: {fact.call.name} {told}" if known and len(told) <= _LONGEST_CALL else ""
    return ""


def _bounded(item: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_]){re.escape(item)}(?![^\W_])", re.IGNORECASE)


def _replaced(value: object, old: str, new: str) -> object:
    if isinstance(value, str):
        return _bounded(old).sub(lambda _: new, value)
    if isinstance(value, Mapping):
        return {name: _replaced(each, old, new) for name, each in value.items()}
    return [_replaced(each, old, new) for each in value] if isinstance(value, list | tuple) else value


def echoes(evidence: Look) -> bool:
    """Whether every sentence of the answer is one of lmbridge's own to the model, an order among them."""
    ours = {_plain(part) for text in evidence.own_words for part in _SENTENCE_ENDS.split(text)}
    parts = [_plain(part) for part in _SENTENCE_ENDS.split(evidence.answer) if _plain(part)]
    if not parts or not all(part in ours for part in parts) or not any(map(_ORDERS.match, parts)):
        return False
    known = _plain("\n".join(fact.result.content for fact in evidence.ledger if fact.result.outcome == "ok"))
    return not all(part in known for part in parts)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def foreign_words(evidence: Look) -> list[str]:
    """Words of the answer that the prompt's examples are about, and neither the task nor a result."""
    own = words_in(evidence.examples) - words_in(_sources(evidence))
    return sorted(own & set(words_in(evidence.answer)))


def _still_there(evidence: Look) -> str:
    """The note of the last change, where it says that an edit's old text still stands elsewhere."""
    changes = [fact for fact in evidence.ledger if not fact.result.read_only and not failed(fact.result)]
    note = changes[-1].result.note if changes else ""
    return note if STILL in note else ""


def _everywhere(evidence: Look) -> bool:
    """Whether the task itself names the old and the new text of the last change, and says that all places are meant."""
    changes = [fact for fact in evidence.ledger if not fact.result.read_only and not failed(fact.result)]
    texts = list(pairs(changes[-1].result.arguments)) if changes else []
    named = texts and all(old.strip() in evidence.task and new.strip() in evidence.task for old, new in texts)
    return bool(named) and speaks_of_all(evidence.task)


def _no_query(evidence: Look) -> str:
    """What to say where only an outline was looked at (tables listed and described): nothing has been asked for."""
    known = [fact for fact in evidence.ledger if fact.result.server and not failed(fact.result)]
    outlined = known and not any(told_something(fact.call.name, fact.result) for fact in known)
    return (
        "Only an outline is known, such as what the tables are, and nothing was asked of it: make a query."
        if outlined
        else ""
    )


def _to_work_out(evidence: Look) -> str:
    """What to say of a number of the model's own making where there are at least two to make it of."""
    own = own_numbers(evidence) if evidence.calculator else []
    if not own or any(_calculated(fact, evidence) for fact in evidence.ledger):
        return ""
    given = {number for fact in evidence.ledger for number in numbers_in(fact.result.content)}
    return (
        f"{', '.join(own[:_MOST_NAMED])} stands in no result. Work it out with {evidence.calculator}."
        if len(given) > 1
        else ""
    )


def _calculated(fact: ToolFinished, evidence: Look) -> bool:
    return fact.call.name == evidence.calculator and not fact.result.server


def _failed_honestly(evidence: Look) -> bool:
    """Every call failed, and the answer says that it cannot be done, after more than one try or a look around."""
    carried = [fact for fact in evidence.ledger if fact.result.outcome != "rejected"]
    if evidence.outcome != "impossible" or not carried or any(fact.result.outcome == "ok" for fact in carried):
        return False
    return len(_tried(evidence)) > 1


def lacking(evidence: Look) -> list[str]:
    """Paths, files and addresses of the task that were looked for in vain, and that no call has found or made since."""
    named = {last_part(name).lower(): name for name in paths_in(evidence.task)}
    for fact in evidence.ledger:
        parts = {last_part(leaf).lower() for leaf in _leaves(fact) if "\n" not in leaf}
        if fact.result.outcome == "ok":
            named = {part: name for part, name in named.items() if part not in parts}
    vain = [fact for fact in evidence.ledger if fact.result.outcome == "error" and fact.result.read_only]
    tried = {last_part(leaf).lower() for fact in vain for leaf in _leaves(fact)}
    return [name for part, name in named.items() if part in tried]


def _says_what_lacks(evidence: Look) -> bool:
    """Whether all calls failed since what the task names is not there, and the answer speaks of that and makes nothing up."""
    carried = [fact for fact in evidence.ledger if fact.result.outcome != "rejected"]
    lost = lacking(evidence)
    if evidence.outcome != "found" or not lost or any(fact.result.outcome == "ok" for fact in carried):
        return False
    spoken_of = all(last_part(name).lower() in evidence.answer.lower() for name in lost)
    return spoken_of and not invented_names(evidence) and not own_numbers(evidence)


def _tried(evidence: Look) -> set[tuple[str, str]]:
    """The calls that were made, but for those made for the model that gave something: it has tried nothing with these."""
    return {
        (fact.call.name, _arguments(fact))
        for fact in evidence.ledger
        if fact.result.outcome != "rejected" and not (fact.call.id in evidence.given and fact.result.outcome == "ok")
    }


def abbreviated(evidence: Look) -> ToolFinished | None:
    """The listing of which the answer names some and stands for the rest with dots, or ended where it had to; None where none is."""
    if not _ELLIPSIS.search(evidence.answer) and len(evidence.quotes) < MOST_QUOTES:
        return None
    said = evidence.answer.lower()
    for fact in reversed(evidence.ledger):
        if fact.result.outcome != "ok":
            continue
        names = [name.lower() for name in listed_names(fact.result.content)]
        named = sum(name in said for name in names)
        if 2 <= named < len(names):
            return fact
    return None


def lost_words(evidence: Look, part: str) -> set[str]:
    """What an earlier part of the answer took from results, and neither the answer nor the task says.

    Small models whose answer went back for a missing call then tell what that call gave, and nothing else.
    """
    said = _tokens(evidence.answer) | _tokens(evidence.task)
    found = set().union(*(_tokens(fact.result.content) for fact in evidence.ledger if fact.result.outcome == "ok"))
    return {token for token in (_tokens(part) & found) - said if any(map(str.isdigit, token))}


def _tokens(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+(?:[.,:@-][^\W_]+)*", text.lower()))


def remarks(evidence: Look) -> list[str]:
    """What the caller should know of an answer that stands: by its own word, and by what stands nowhere else."""
    said = []
    carried = [fact for fact in evidence.ledger if fact.result.outcome != "rejected"]
    if not carried and evidence.tools:
        said.append("The answer was given without calling any tool.")
    unsaid = [name for name in lacking(evidence) if last_part(name).lower() not in evidence.answer.lower()]
    if evidence.outcome == "found" and unsaid:
        said.append(f"The task names {quoted(unsaid[0])}, which is not there, and the answer does not say so.")
    if evidence.outcome == "impossible":
        said.append("The model says that the task, or a part of it, could not be done.")
    if carried and (numbers := own_numbers(evidence)):
        said.append(f"The answer's {', '.join(numbers[:_MOST_NAMED])} stands in no result: the model worked it out.")
    if numbers := written_numbers(evidence):
        said.append(f"What was written holds {', '.join(numbers[:_MOST_NAMED])}, which no result before says.")
    said += written_misfits(evidence.task, evidence.ledger)
    if carried and (words := unwritten_words(evidence)):
        said.append(f"The task quotes {', '.join(map(repr, words[:_MOST_NAMED]))}, which no call used.")
    return said


def _unfounded(evidence: Look) -> tuple[str, str] | None:
    """What keeps a run from being done: told to the model, and told to the caller."""
    carried = [fact for fact in evidence.ledger if fact.result.outcome != "rejected"]
    succeeded = [fact for fact in carried if fact.result.outcome == "ok"]
    if evidence.outcome == "changed" and not any(not fact.result.read_only for fact in succeeded):
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
    if not carried and evidence.outcome is not None and _points_at_something(evidence.task):
        return (
            "No tool has been called yet, so there is nothing to answer from. Call a tool first.",
            "No tool was called; the answer rests on none.",
        )
    return None


def _points_at_something(task: str) -> bool:
    return bool(paths_in(task))


def untouched_names(evidence: Look) -> list[str]:
    """Paths, files and addresses of the task that no call was given; named in a listing or a written text is not used.

    Where something is said to be changed, that lmbridge looked for a file and found none is no use of it.
    """
    changed = evidence.outcome == "changed"
    calls = [
        fact for fact in evidence.ledger if not (changed and fact.call.id in evidence.given and failed(fact.result))
    ]
    given = [leaf for fact in calls for leaf in _leaves(fact) if "\n" not in leaf]
    used = _said([*given, *evidence.looked_at])
    names = [name for name in paths_in(evidence.task) if not _STANDS_FOR.match(last_part(name))]
    return [name for name in names if (part := last_part(name).lower()) and part not in used]


def left_out(evidence: Look) -> tuple[list[str], list[str]] | None:
    """Of things that the task lists, or of a kind that it names: those that a call of the model's own was about, and those that none was."""
    own = [fact for fact in evidence.ledger if fact.call.id not in evidence.given and not failed(fact.result)]
    said = _said([_arguments(fact) for fact in own])
    for group in (*enumerated(evidence.task), *_of_kinds(evidence, said)):
        done = [item for item in group if re.search(rf"(?<![^\W_]){re.escape(item.lower())}(?![^\W_])", said)]
        missing = [item for item in group if item not in done]
        if done and missing:
            return done, missing
    return None


def _of_kinds(evidence: Look, said: str) -> list[tuple[str, ...]]:
    """The files of each kind that is to be changed, as they were listed; none where the task names one of them, or a call all."""
    kinds = (
        [kind for kind in kinds_in(evidence.task) if f"*{kind}" not in said] if evidence.outcome == "changed" else []
    )
    listings = [
        fact.result.content for fact in evidence.ledger if fact.call.id in evidence.given and not failed(fact.result)
    ]
    groups = [
        tuple(name for name in dict.fromkeys(listed_names(listing)) if name.lower().endswith(kind))
        for kind in kinds
        for listing in listings
    ]
    return [group for group in groups if not any(name in evidence.task for name in group)]


def unwritten_words(evidence: Look) -> list[str]:
    """Quoted words of the task that no call's arguments and no result hold."""
    sources = _said(
        [*(_arguments(fact) for fact in evidence.ledger), *(fact.result.content for fact in evidence.ledger)]
    )
    return [words for words in quoted_in(evidence.task) if words.lower() not in sources]


def given_up(evidence: Look) -> list[str]:
    """Numbers, dates and the like of the task that a call had which was not carried out, and that nothing since has.

    A small model that is asked about its write makes another one, of which the asked-for part may be missing.
    """
    if evidence.outcome != "changed":
        return []
    refused, known = set[str](), _figures("\n".join(evidence.seen))
    for fact in evidence.ledger:
        if fact.result.outcome == "rejected":
            refused |= _figures(_arguments(fact))
        elif fact.result.outcome == "ok":
            known |= _figures(f"{_arguments(fact)}\n{fact.result.content}")
    return sorted(_figures(evidence.task) & refused - known)


def _figures(text: str) -> set[str]:
    """Numbers of two digits and more, amounts, dates and times, without the zeros that end an amount."""
    found = _FIGURE.findall(text)
    return {figure.rstrip("0").rstrip(".") if re.fullmatch(r"\d+\.\d+", figure) else figure for figure in found}


def invented_names(evidence: Look) -> list[str]:
    """Paths and files of the answer that stand neither in the task nor in a call or its result."""
    sources = _sources(evidence)
    return [name for name in paths_in(evidence.answer) if last_part(name).lower() not in sources]


def _says_nothing(evidence: Look) -> bool:
    """Whether an answer that calls itself found has no word or number of any result that the task does not have already."""
    results = [fact.result for fact in evidence.ledger if fact.result.outcome == "ok" and fact.result.content.strip()]
    if evidence.outcome != "found" or not results or len(_tokens(evidence.answer)) <= _SHORT:
        return False
    told = _said([*evidence.seen, *(f"{result.content}\n{result.note}" for result in results)])
    own = _tokens(evidence.answer) - _tokens(evidence.task)
    figures = {token for token in own if any(map(str.isdigit, token))}  # 16:30 is told by 2026-11-28T16:30:00
    return not own & _tokens(told) and not any(figure in told for figure in figures)


def unopened_names(evidence: Look) -> list[str]:
    """Files of the answer that a file which was read points to, and that no call has been given; from that file's folder on."""
    pointing = [
        (fact.result.content.lower(), posixpath.dirname(leaf))
        for fact in evidence.ledger
        for leaf in _leaves(fact)
        if fact.result.outcome == "ok" and is_file_name(last_part(leaf))
    ]
    given = _said([evidence.task, *(leaf for fact in evidence.ledger for leaf in _leaves(fact))])
    names = [(name, last_part(name).lower()) for name in paths_in(evidence.answer)]
    return [
        posixpath.join(folder, name)
        for name, part in names
        if is_file_name(part) and part not in given
        for folder in [next((folder for content, folder in pointing if part in content), None)]
        if folder is not None
    ]


def _leaves(fact: ToolFinished) -> list[str]:
    return _arguments(fact, apart="\0").split("\0")


def own_numbers(evidence: Look) -> list[str]:
    """Numbers of the answer that stand nowhere else: the model worked them out, or made them up."""
    return _not_summed(nowhere(numbers_in(evidence.answer), [_sources(evidence)]), evidence)


def written_numbers(evidence: Look) -> list[str]:
    """Numbers in what was written that stand neither in the task nor in an earlier result."""
    found: list[str] = []
    before = [evidence.task, *evidence.seen]
    for fact in evidence.ledger:
        if not fact.result.read_only and fact.result.outcome == "ok":
            found += nowhere(numbers_in(_arguments(fact)), before)
        if fact.result.outcome != "rejected":  # which only repeats what was to be written
            before += [fact.result.content, fact.result.note]
    return _not_summed(list(dict.fromkeys(found)), evidence)


def _not_summed(numbers: Sequence[str], evidence: Look) -> list[str]:
    """Those numbers that are not what the numbers of a result, or one of each of several results, come to together."""
    contents = dict.fromkeys(fact.result.content for fact in evidence.ledger if fact.result.outcome == "ok")
    told = [numbers_in(content) for content in contents] if numbers else []
    read = [each for each in told if 0 < len(each) <= _MOST_SUMMED]
    single = [each[0] for each in read if len(each) == 1]
    sums = {sum(map(Decimal, each)) for each in (*read, single) if len(each) > 1}
    return [number for number in numbers if Decimal(number) not in sums]


def _sources(evidence: Look) -> str:
    calls = [fact for fact in evidence.ledger if not _calculated(fact, evidence)]
    told = [part for fact in calls for part in (_arguments(fact), fact.result.content)]
    known = _said([evidence.task, *told, *evidence.seen])
    for fact in evidence.ledger:  # what was worked out from known numbers is known
        if _calculated(fact, evidence) and not nowhere(numbers_in(_arguments(fact)), [known]):
            known = f"{known}\n{fact.result.content}"
    return known


def _said(texts: Sequence[str]) -> str:
    return "\n".join(texts).lower()


def _arguments(fact: ToolFinished, apart: str = "\n") -> str:
    arguments: object = fact.result.arguments
    if arguments is None:
        try:
            arguments = json.loads(fact.call.arguments)
        except (ValueError, RecursionError):
            return fact.call.arguments
    return apart.join(leaves(arguments)) if isinstance(arguments, Mapping) else str(arguments)
