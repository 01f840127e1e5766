"""What goes beyond a task though its target is named: force, removal, rights, another branch or other cells than the named ones. Pure.

A task that says "push my branch" names the repository and speaks of a change; so a forced push of another branch would
be free by target and verb alone. Each rule here only ever has a call told, never asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from lmbridge.mcp_host.gate.aim import Aimed, words_in
from lmbridge.mcp_host.gate.mentions import UserWords
from lmbridge.mcp_host.gate.targets import leaves_of
from lmbridge.text import both_ends

_FORCES = frozenset({"force", "forced", "hard", "permanent", "permanently", "purge", "cascade", "bypass", "skiptrash"})
_MANNERS = frozenset({"mode", "strategy", "type", "flag", "flags", "option", "options", "args"})
_BASES = r"publish|pin|share|subscribe|assign|link|set|lock|follow|mount|install|block|mute|list|schedule|merge|register|activate|able|arm|connect|tach|authorize|mark|freeze|tag|bind|protect|archive|load"
_OPPOSITE = re.compile(rf"^(?:un|de|dis)((?:{_BASES})\w*)$")
"""Words that undo what the plain word does: unlock, deactivate, disconnect."""
_REMOVES = frozenset({
    "delete", "rm", "del", "remove", "drop", "purge", "wipe", "erase", "destroy", "terminate", "truncate", "clear", "reset", "uninstall", "kill", "revoke",
    "unprotect", "archive", "trash", "prune", "flush", "merge",
})  # fmt: skip
_REMOVAL = re.compile(
    r"(?i)\b(?:delet|remov|drop|purg|wip(?:e|ing)|eras|destroy|terminat|truncat|clear|clean|reset|un(?:"
    + _BASES
    + r")\w*|kill|stop|end|revok|archiv|trash|bin\b|prun|flush|empt|cancel|clos|"
    r"disabl|dedup|duplicat|combin|unit|merg|join|consolidat|get rid|throw|forget|forgot|undo|revert|discard|move|tid(?:y|ies)|replac|renam|no longer|not? (?:more|any)|instead|"
    r"lösch|entfern|leer|verg[ei]ss|verwerf|aufräum|räum|zurücksetz|beend|storn|zusammen|kein|supprim|enlev|retir|effac|vid[eo]|annul|oubli|jet[et]|fusionn|borra|elimin|quit|vac[ií]|olvid|cancela)"
)
"""What a task says that wants something gone; words of other tongues that are not here cost a warning, no more."""
RIGHTS = frozenset({
    "permission", "permissions", "role", "roles", "policy", "policies", "member", "members", "collaborator", "collaborators", "access", "visibility",
    "sharing", "invite", "protect", "unprotect", "protection", "grant", "acl", "owner", "ownership", "admin", "privilege", "privileges", "scope", "scopes",
})  # fmt: skip
_FOR_ALL = frozenset(
    {"public", "anyone", "anyonewithlink", "everyone", "admin", "administrator", "owner", "maintainer"}
)
_SPEAKS_OF_RIGHTS = re.compile(
    r"(?i)\b(?:permi|roles?\b|polic|members?\b|collaborat|access|visib|shar(?:e|ing)|invit|protect|unprotect|grant|acl|own(?:er|ership)|admin|privileg|scopes?\b|public|private|anyone|everyone|"
    r"rechte?|rolle|mitglied|zugang|zugriff|freigeb|freigab|öffentlich|einlad|droits?\b|membre|accès|partag|permis|miembro|acceso|compart|invit|públic)"
)
_PARTS = frozenset({
    "branch", "tag", "record", "index", "collection", "bucket", "namespace", "environment", "cluster", "instance", "sheet", "spreadsheet", "calendar",
    "account", "wallet", "board", "project", "workspace", "database", "topic", "queue", "device", "entity", "milestone", "room", "channel", "volume", "image", "zone",
})  # fmt: skip
"""Kinds of things that a task names beside their word, and a tool by an argument of that name."""
_FROM = frozenset({"from", "base", "source", "target", "into", "head", "parent", "default", "new", "to", "dest", "destination"})  # fmt: skip
_NO_NAMES = (
    "for|of|with|and|in|into|onto|to|that|is|are|was|were|which|where|when|who|has|have|on|at|by|from|as|or|the|an?|my|your|our|his|her|its|this|it|so|not|if|then|but|should|will|can|via|about|named?|names|"
    "called|list|between|after|before|under|over|only|again|please|there|here|now|today|too|also|since|until|without|because|while|und|oder|in|im|für|mit|von|zu|ist|sind|der|die|das|et|ou|pour|avec|de|du|des|"
    "est|sont|y|o|para|con|del|es|son"
)
"""Words that follow the word for a kind of thing without being the name of one."""
_BESIDE = re.compile(
    rf"(?i)\b({'|'.join(_PARTS)})[\s:]+[`\"'“]?((?=[\w./#-]*[\d_/#-])[\w][\w./#-]*\w|(?!(?:{_NO_NAMES})\b)[a-z][a-z-]{{2,}}\b)"
    rf"|\b((?=[\w./#-]*[\d_/#-])[\w][\w./#-]*\w)[`\"'”]?[\s-]+({'|'.join(_PARTS)})\b"
)
_RANGE = frozenset({"range", "ranges", "cell", "cells"})
_CELLS = re.compile(r"^(?:[^!]+!)?\$?([A-Za-z]{1,3})\$?(\d{1,7})?(?::\$?([A-Za-z]{1,3})\$?(\d{1,7})?)?$")
_CELLS_SAID = re.compile(r"(?<![\w.-])\$?[A-Z]{1,3}\$?[1-9]\d{0,6}(?::\$?[A-Z]{1,3}\$?[1-9]\d{0,6})?(?![\w-])")
_DOES = frozenset({"action", "operation", "op", "do", "service", "verb", "subcommand", "method"})
_LONGEST_ACTION = 40
_PAYS = ("amount", "sum", "betrag", "value")
"""Arguments beside which `from` is an account."""
_MOST, _LONGEST = 200, 20_000
_ROWS = 10**7


def beyond(order: Aimed, said: UserWords) -> str | None:
    """Why a call whose target is named, by a task that speaks of a change, is worth a word; None where it is not.

    Args:
        order: The call.
        said: The user's words.
    """
    tool = order.spec.qualified
    words = {*words_in(order.spec.tool or order.spec.name), *_actions(order)}
    if _is_forced(order) and not re.search(r"(?i)\b(?:forc|hard|permanent|erzwing|purg|cascad)", said.text):
        return f"{tool} was told to force it, of which the task does not speak"
    if words & _REMOVES and not _REMOVAL.search(said.text):
        return f"{tool} may have removed something, of which the task does not speak"
    if undone := next((word for word in words if _undoes(word, said)), None):
        return f"{tool} was told to {undone}, of which the task does not speak"
    if (words & RIGHTS or _sets_rights(order)) and not _SPEAKS_OF_RIGHTS.search(said.text):
        return f"{tool} changes who may do what, of which the task does not speak"
    other = _another_part(order, said) or _other_cells(order, said)
    return f"{tool} was aimed at {both_ends(other)}, and the task names another one" if other else None


def _undoes(word: str, said: UserWords) -> bool:
    """Whether a word undoes what the task speaks of: `unlock` where it says that something is locked."""
    plain = _OPPOSITE.match(word)
    return bool(plain) and word not in said.words and any(each.startswith(plain[1][:4]) for each in said.words)


def _actions(order: Aimed) -> Iterator[str]:
    """The words for what is to be done that stand in arguments: `action: unlock`."""
    for leaf in list(leaves_of(order.arguments))[:_MOST]:
        if leaf.is_one_of(_DOES) and not leaf.number and len(leaf.text) <= _LONGEST_ACTION:
            yield from words_in(leaf.text)


def _is_forced(order: Aimed) -> bool:
    for key, value in order.arguments.items():
        words = set(words_in(str(key)))
        if words & _FORCES and (value is True or str(value).lower() in {"true", "yes", "1"}):
            return True
        if words & _MANNERS and isinstance(value, str) and value.strip("- ").lower() in _FORCES:
            return True
    return False


def _sets_rights(order: Aimed) -> bool:
    for key, value in order.arguments.items():
        words = set(words_in(str(key)))
        if words & {"visibility", "role", "permission", "permissions", "policy", "acl"}:
            return True
        if words & {"access", "level", "sharing", "audience"} and str(value).replace("_", "").lower() in _FOR_ALL:
            return True
    return False


def _another_part(order: Aimed, said: UserWords) -> str | None:
    """The branch, the index, … that a call is aimed at, where the task names another one of that kind and not this one."""
    pairs = _named_parts(said.text)
    if not pairs:
        return None
    kinds = {(first or last).casefold() for first, _, _, last in pairs}
    text = said.text.casefold()
    pays = any(key in order.arguments for key in _PAYS)
    for leaf in list(leaves_of(order.arguments))[:_MOST]:
        value = leaf.text.strip()
        own = frozenset({"account"}) if pays and leaf.own == {"from"} else leaf.own
        if (leaf.is_one_of(_FROM) and own is leaf.own) or own.isdisjoint(kinds) or not value or leaf.number:
            continue
        named = {
            (after or before).casefold() for kind, after, before, other in pairs if (kind or other).casefold() in own
        }
        if value.casefold() not in text and not any(name in value.casefold() for name in named):
            return value
    return None


@lru_cache(maxsize=64)
def _named_parts(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(_BESIDE.findall(text[:_LONGEST]))


def _other_cells(order: Aimed, said: UserWords) -> str | None:
    """The cells that a call changes, where the task names cells and these reach beyond them."""
    ranges = [leaf.text.strip() for leaf in leaves_of(order.arguments) if leaf.is_one_of(_RANGE)]
    if not ranges:
        return None
    named = [box for found in _CELLS_SAID.findall(said.text) for box in _boxes(found)]
    return next(
        (text for text in ranges for box in _boxes(text) if named and not any(_holds(n, box) for n in named)), None
    )


def _boxes(text: str) -> Iterator[tuple[int, int, int, int]]:
    """First and last column and row of a range in A1 notation."""
    if found := _CELLS.match(text):
        left, top, right, bottom = found.groups()
        first, last = _column(left), _column(right or left)
        yield first, int(top or 1), last, int(bottom or (top if right is None and top else _ROWS))


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _holds(outer: tuple[int, int, int, int], inner: tuple[int, int, int, int]) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]
