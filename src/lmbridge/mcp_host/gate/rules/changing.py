"""Calls that change something: free where the target is named or new; a change of what is there and not named asks. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

from lmbridge.mcp_host.gate import paths
from lmbridge.mcp_host.gate.aim import Aimed, reads, words_in
from lmbridge.mcp_host.gate.rules.beside import beside, is_another
from lmbridge.mcp_host.gate.rules.beyond import beyond
from lmbridge.mcp_host.gate.rules.changed_files import files, is_root
from lmbridge.mcp_host.gate.rules.changed_rows import chooses_another, rows
from lmbridge.mcp_host.gate.rules.spoken import ALL, added, speaks_of, speaks_of_one, unspoken
from lmbridge.mcp_host.gate.rules.which_one import first_target, is_another_id, is_listed, names_said
from lmbridge.mcp_host.gate.targets import leaves_of
from lmbridge.mcp_host.gate.verdicts import FREE, UNASKED, Ask, Free, Note, Run, Verdict, strongest

_PROGRAM_SIGNS = re.compile(r"[;&|<>`$(){}\r\n]")
_PATTERN = re.compile(r"^[\w./:-]*\*[\w./:-]*$")
_ACCOUNT = re.compile(r"[A-Za-z]{0,4}[\d .-]{4,}[\w .-]*")
_DIGITS_OF_ACCOUNT = 8
_FILTERS = frozenset(
    {"filter", "filters", "where", "selector", "condition", "conditions", "criteria", "match", "query"}
)


def changing(order: Aimed, run: Run) -> Verdict:
    """Calls that change something: free where the target is named or new; a change of what is there and not named asks."""
    if reads(order):
        return FREE
    verdict = added(order, run) if order.spec.destructive is False else _changed(order, run)
    reason = (beyond(order, run.said) or beside(order, run)) if isinstance(verdict, Free) else None
    return Note(reason) if reason else verdict


def _changed(order: Aimed, run: Run) -> Verdict:
    found = [*files(order, run), *rows(order, run)]
    statement = order.targets.statement
    partly = statement is not None and statement.put and not statement.tables  # the file is not all that it changes
    if not found or partly or (order.targets.command and not _is_all_named(order, run)):
        found.append(_opaque(order, run))
    elif any(is_root(looked, order.roots) for looked in order.looked) and not speaks_of(order, run.said):
        found.append(Note(f"{order.spec.qualified} may have changed something, {UNASKED}"))
    return strongest(*found)


def _is_all_named(order: Aimed, run: Run) -> bool:
    """Whether a command is a plain one all of whose paths are named."""
    plain = not any(map(_PROGRAM_SIGNS.search, order.targets.payload))
    return plain and all(paths.is_named(looked, run.said, order.roots) for looked in order.looked)


def _opaque(order: Aimed, run: Run) -> Verdict:
    """What a call changes cannot be seen in its arguments but for names and ids."""
    spec, said, aimed = order.spec, run.said, order.targets
    wild = next(filter(_is_wild, aimed.names), None) if not said.words & ALL else None
    if wild and not (wild.isalpha() and said.changes):
        reason = "it is aimed at all there is, and the task does not say so"
        return Ask(reason, wild, (spec.qualified,), spec.qualified)
    chosen = list(_filtered(order))
    if [] in chosen and speaks_of_one(said):
        reason = "it is aimed at all there is, and the task speaks of one"
        return Ask(reason, first_target(order), (spec.qualified,), spec.qualified)
    if any(chooses_another(values, order, run) for values in chosen):
        return Note(f"{spec.qualified} may have changed what the task does not name")
    if payee := next((who for who in aimed.recipients if _is_account(who) and not _is_meant(who, order, run)), None):
        return Ask("the task does not name this account", payee, (spec.qualified,), payee)
    if not wild and (is_another_id(order, run) and _told(order)):
        reason = "the task names another one"
        return Ask(reason, first_target(order), (spec.qualified,), spec.qualified)
    if not wild and not is_another_id(order, run) and names_said(order, said) and not is_another(order, run):
        spoken = said.acts or said.has_words(spec.tool or spec.name)
        return FREE if spoken else unspoken(f"something through {spec.qualified}")
    if said.sends and (aimed.recipients or aimed.addresses) and not _told(order):
        return FREE  # whom it goes to was looked at before
    if said.changes:
        return Note(f"{spec.qualified} may have changed what the task does not name")
    if _told(order) or aimed.command:
        reason = "it may change or remove what is there, and the task names nothing of it"
        return Ask(reason, first_target(order), (spec.qualified,), spec.qualified)
    return Note(f"{spec.qualified} may have changed something, {UNASKED}")


def _is_account(who: str) -> bool:
    """Whether a receiver is a number that money goes to: of eight digits and more, and nothing that anybody reads as a name."""
    return len(re.sub(r"\D", "", who)) >= _DIGITS_OF_ACCOUNT and bool(_ACCOUNT.fullmatch(who.strip()))


def _is_meant(who: str, order: Aimed, run: Run) -> bool:
    bare = re.sub(r"\W", "", who).encode().lower()
    return bare in run.said.plain or is_listed(who, order, run)


def _filtered(order: Aimed) -> Iterator[list[str]]:
    """The values of each argument that says which things are meant; none where it means all."""
    for key, value in order.arguments.items():
        if _FILTERS.isdisjoint(words_in(str(key))):
            continue
        if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
            with suppress(ValueError, RecursionError):
                value = json.loads(value)
        if isinstance(value, Mapping | list | tuple):
            yield [leaf.text for leaf in leaves_of(value)]


def _is_wild(name: str) -> bool:
    """Whether a name means whatever there is: a word for it, or a pattern."""
    return name.casefold() in {"all", "any", "everything", "%"} or bool(_PATTERN.match(name))


def _told(order: Aimed) -> bool:
    return order.spec.destructive is True or order.targets.statement is not None
