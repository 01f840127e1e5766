"""The branch of a repository that a task wants a commit on, and the one that is checked out, as results say. Pure, and by form alone.

A branch that was made is not the one that is worked on: small models make it, and commit on `main`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lmbridge.agent.reading import tool_names
from lmbridge.agent.reading.conditions.words import plain
from lmbridge.agent.reading.names import MOST_LISTED_IN, leaves, paths_in
from lmbridge.agent.reading.notes import failed
from lmbridge.agent.reading.places.meant import parts_of
from lmbridge.events import ToolFinished
from lmbridge.text import quoted

MAKES = frozenset({"create", "new", "make", "add"})
"""Words in the names of tools that make a branch."""
CHECKS_OUT = frozenset({"checkout", "switch"})
"""Words in the names of tools that begin to work on one."""
_TELLS = CHECKS_OUT | {"status", "branch", "branches", "commit"}
_NAME = r"[\w][\w./-]*[\w]|\w"
_QUOTE = r"[\"'`\u201c\u201e\u00ab]?"
_CURRENT = (
    re.compile(rf"^\s*(?:On branch|Auf Branch|Sur la branche|En la rama|Sul branch|No ramo) (?P<name>{_NAME})\s*$", re.MULTILINE),
    re.compile(
        r"(?:Switched to (?:a )?(?:new )?branch|Already on|Zu (?:neuem )?Branch|Basculement sur la (?:nouvelle )?branche|Cambiado a (?:nueva )?rama|Si \u00e8 passati al (?:nuovo )?branch"
        rf"|Mudou para (?:o )?(?:novo )?ramo)\s*:?\s*{_QUOTE}(?P<name>{_NAME})"
    ),
    re.compile(rf"^\* (?P<name>{_NAME})\s*$", re.MULTILINE),
    re.compile(r"^## (?:No commits yet on )?(?P<name>\w(?:(?!\.\.\.)[\w./-])*?)(?:\.\.\.\S+.*)?$", re.MULTILINE),
    re.compile(rf"^\[(?P<name>{_NAME})(?: \(root-commit\))? [0-9a-f]{{7,40}}\]", re.MULTILINE),
    re.compile(rf"\"(?:current_?branch|current|branch|head)\"\s*:\s*\"(?P<name>{_NAME})\"", re.IGNORECASE),
    re.compile(rf"\"name\"\s*:\s*\"(?P<name>{_NAME})\"\s*,\s*\"(?:is_?)?current\"\s*:\s*true", re.IGNORECASE),
)  # fmt: skip
"""How results say which branch is checked out."""
_LISTED = re.compile(rf"^\s*(?:\* )?(?:remotes/)?(?:origin/)?(?P<name>{_NAME})\s*$", re.MULTILINE)
_BRANCH = r"(?:branch(?:es)?|branche|zweig|rama|ramo|ramal)"
_CALLED = r"(?:called|named|namens|mit (?:dem )?namen|appel\u00e9e?|nomm\u00e9e?|llamad[ao]|de nombre|chiamat[ao]|di nome|chamad[ao]|com o nome)"
_NAMED = re.compile(
    rf"\b{_BRANCH}\b:?\s+(?:(?:nouvelle|nuev[ao]|nuov[ao]|nov[ao])\s+)?(?:(?P<called>{_CALLED})\s+)?(?P<quote>[\"'`\u201c\u201e\u00ab])?(?P<name>{_NAME})"
    rf"|(?<![\w./-])(?P<first>\w+(?:[-_/]\w+)+)[\"'`\u201d\u00bb]?[ ]{_BRANCH}\b",
    re.IGNORECASE,
)
_NEW = re.compile(
    rf"\b(?:new|neue[nrms]?|nouvelle|nuev[ao]|nuov[ao]|nov[ao])\s+(?:\w+\s+)?{_BRANCH}\b|\b{_BRANCH}\s+(?:nouvelle|nuev[ao]|nuov[ao]|nov[ao])\b",
    re.IGNORECASE,
)
_BASE = (
    r"\b(?:from|off|of|on top of|von|aus|ab|depuis|\u00e0 partir d[eu]|de|desde|da|dal|dall[ao]|a partir d[ieao])\s+(?:(?:the|dem|der|la|le|el|il|o|a|branch|zweig|branche|rama|ramo)\s+){0,3}"
    + _QUOTE
)
"""What stands before the branch that another one begins at."""
_COMMIT = re.compile(r"\bcommit\w*\b(?!\s+(?:message|text|msg)|-\w)", re.IGNORECASE)
_THEN_MAKE = re.compile(
    r"(?:\b(?:and|then|und|dann|danach|et|puis|ensuite|y|luego|despu\u00e9s|e|poi|depois)\b|[.;,]).*?\b(?:creat\w*|make|start|open|erstell\w*|leg\w*|mach\w*|cr[\u00e9e]\w*|fais|faites|haz|abre|apri|fai|fa\u00e7a)\b",
    re.IGNORECASE | re.DOTALL,
)
"""A branch that is to be made after the commit."""
_SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A commit that is about to be made on another branch than the task wants.

    Attributes:
        current: The branch that is checked out.
        wanted: The one that the task names.
        known: Whether that one is there: made in this run, listed, or named by the task as one that is.
    """

    current: str
    wanted: str
    known: bool


def commits(tool: str) -> bool:
    """Whether a tool has the name of one that commits what is staged."""
    words = set(tool_names.words_of_name(tool))
    return "commit" in words and not words & {"show", "get", "list", "search", "diff", "compare", "comment", "status"}


def checked_out(results: Sequence[ToolFinished], arguments: Mapping[str, Any], server: str) -> str:
    """The branch that is checked out in the repository which a commit is made in, as the latest result says; empty where none does.

    Args:
        results: The calls so far.
        arguments: Of the commit.
        server: Its tool's.
    """
    for fact in reversed(_of_repository(results, arguments, server)):
        words, text = set(tool_names.words_of_name(fact.call.name)), fact.result.content
        if failed(fact.result) or not words & _TELLS or "detached" in text:
            if "detached" in text and words & _TELLS:
                return ""
            continue
        makes = words & MAKES and not words & CHECKS_OUT
        found = None if makes else next(filter(None, (pattern.search(text) for pattern in _CURRENT)), None)
        if found:
            return found["name"]
        given = _branch_given(fact.result.arguments or {}) if words & CHECKS_OUT else ""
        if given:
            return given
    return ""


def elsewhere(
    task: str, arguments: Mapping[str, Any], current: str, results: Sequence[ToolFinished], server: str
) -> Elsewhere | None:
    """That a commit is to be made on another branch than the one that is checked out; None where it is not, or that is not plain.

    Args:
        task: What the caller asked for.
        arguments: Of the commit; one that names a branch needs none to be checked out.
        current: The branch that is checked out.
        results: The calls so far.
        server: The commit's tool's.
    """
    if not current or any("branch" in str(name).lower() for name in arguments):
        return None
    order = _order(task, arguments)
    known = _known(_of_repository(results, arguments, server)) - {current}
    wanted, kept = parts_of(
        order, {plain(part) for name in (*known, current) for part in re.findall(r"[^\W\d_]+", name)}
    )
    named = {name for name in known if len(name) >= _SHORTEST and _stands(wanted, name) and not _stands(kept, name)}
    by_word = [name for name in _by_word(order) if name != current and not _stands(kept, name)]
    candidates = named or set(by_word[:1])
    target = next(iter(candidates)) if len(candidates) == 1 else ""
    if not target or _is_base(order, target) or _after_commit(order, target):
        return None
    if _stands(wanted, current) and not _is_base(order, current):
        return None  # both are named: which of them the commit is to be on is not plain
    return Elsewhere(current, target, target in known or not _NEW.search(order))


def committed_elsewhere(task: str, results: Sequence[ToolFinished]) -> list[str]:
    """What the caller should know of commits that were made on another branch than the one that the task names.

    Args:
        task: What the caller asked for.
        results: The calls made.
    """
    said = []
    for number, fact in enumerate(results):
        if not commits(fact.call.name) or fact.result.read_only or failed(fact.result):
            continue
        arguments, server = fact.result.arguments or {}, fact.result.server
        current = checked_out(results[:number], arguments, server)
        found = elsewhere(task, arguments, current, results, server)
        if found:
            said.append(
                f"The task speaks of the branch {quoted(found.wanted)}, and {fact.call.name} was made on {quoted(found.current)}."
            )
    return list(dict.fromkeys(said))


def _of_repository(results: Sequence[ToolFinished], arguments: Mapping[str, Any], server: str) -> list[ToolFinished]:
    """The calls to a server that are about the same repository, as far as their arguments tell."""
    return [
        fact
        for fact in results
        if fact.result.server == server
        and all(
            (fact.result.arguments or {}).get(name, value) == value
            for name, value in arguments.items()
            if isinstance(value, str) and "/" in value and " " not in value
        )
    ]


def _order(task: str, arguments: Mapping[str, Any]) -> str:
    """A task without what its commit is to be called, and without places."""
    order = task[:MOST_LISTED_IN]
    for text in sorted(leaves(arguments), key=len, reverse=True):
        if len(text) > _SHORTEST:
            order = order.replace(text, " ")
    for path in paths_in(order):
        if path.startswith(("/", "~", ".")) or "\\" in path:
            order = order.replace(path, " ")
    return order


def _known(results: Sequence[ToolFinished]) -> set[str]:
    """The branches that were made, checked out, or listed."""
    names: set[str] = set()
    for fact in results:
        words = set(tool_names.words_of_name(fact.call.name))
        if words & CHECKS_OUT or {"branch", "branches"} & words:
            made = not failed(fact.result) or "already exists" in fact.result.content
            names |= {_branch_given(fact.result.arguments or {})} if made else set()
        if {"branch", "branches"} & words and not words & MAKES and not failed(fact.result):
            names |= {found["name"] for found in _LISTED.finditer(fact.result.content)}
            names |= set(re.findall(rf"\"name\"\s*:\s*\"({_NAME})\"", fact.result.content))
    return names - {""}


def _branch_given(arguments: Mapping[str, Any]) -> str:
    """The branch that a call names: by an argument of that name, else by one for a name or a target."""
    texts = {str(name).lower(): value for name, value in arguments.items() if isinstance(value, str)}
    for names in (("branch_name", "branchname", "branch", "new_branch", "newbranch"), ("name", "target", "ref")):
        if found := next((texts[name] for name in names if name in texts), ""):
            return found if re.fullmatch(_NAME, found) else ""
    return ""


def _by_word(order: str) -> list[str]:
    """Names beside the word branch that cannot be other words: quoted, called so, or with a hyphen or the like in them."""
    found = []
    for match in _NAMED.finditer(order):
        name = match["name"] or match["first"]
        if match["first"] or match["called"] or match["quote"] or re.search(r"[-_/\d]", name):
            found.append(name)
    return found


def _stands(text: str, name: str) -> bool:
    return bool(re.search(rf"(?<![\w./-]){re.escape(name)}(?![\w/-]|\.\w)", text))


def _is_base(order: str, name: str) -> bool:
    """Whether a branch is named only as the one that another begins at."""
    bare = re.sub(rf"{_BASE}{re.escape(name)}(?![\w/-])", " ", order, flags=re.IGNORECASE)
    return not _stands(bare, name)


def _after_commit(order: str, name: str) -> bool:
    """Whether the branch is to be made only when the commit is there: "commit it, then create a branch v2"."""
    at = order.find(name)
    before = [found.end() for found in _COMMIT.finditer(order) if found.end() <= at]
    return bool(before) and bool(_THEN_MAKE.search(order[before[-1] : at]))
