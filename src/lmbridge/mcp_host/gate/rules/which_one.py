"""Whether a call is aimed at the thing that the task means: by its keys, its numbers, what its server listed. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lmbridge.mcp_host.gate.aim import Aimed, words_in
from lmbridge.mcp_host.gate.mentions import UserWords
from lmbridge.mcp_host.gate.rules.spoken import SHORTEST_NAME, is_said, is_spoken
from lmbridge.mcp_host.gate.targets import leaves_of
from lmbridge.mcp_host.gate.verdicts import Run

LONGEST_PLAIN = 60
_KEYS = frozenset({"key", "id", "ids", "uid", "uuid"})
_LONGEST_ENTRY = 400


def first_target(order: Aimed) -> str:
    """What a question shows as the target: the first path, address, receiver, table or name."""
    aimed = order.targets
    if order.looked:
        return order.looked[0].shown
    if aimed.addresses:
        return aimed.addresses[0].shown
    return next(iter((*aimed.recipients, *(aimed.statement.tables if aimed.statement else ()), *aimed.names)), "")


def is_listed(who: str, order: Aimed, run: Run) -> bool:
    """Whether the same server has listed an id beside a name that the task names: `C02 #team` where it speaks of #team."""
    entries = (
        entry
        for server, listing in run.memory.listings
        if server == order.spec.server and who in listing
        for entry in re.split(r"[\n;}]" if "{" in listing else r"[\n;,]", listing)
    )
    return any(_names_one(entry, who, run.said) for entry in entries if len(entry) <= _LONGEST_ENTRY)


def _names_one(entry: str, who: str, said: UserWords) -> bool:
    words = re.findall(r"[^\W_]+", entry)
    return who in words and any(
        len(word) >= SHORTEST_NAME and not word.isdigit() and said.has_words(word) for word in words if word != who
    )


def _keys_of(order: Aimed) -> list[str]:
    """The short values by which a call says which one is meant."""
    leaves = [leaf for leaf in leaves_of(order.arguments) if not leaf.names[-1].isdisjoint(_KEYS)]
    return [text for leaf in leaves if 0 < len(text := leaf.text.strip()) <= LONGEST_PLAIN]


def is_another_id(order: Aimed, run: Run) -> bool:
    """Whether a call is aimed at `LIN-9` where the task names `LIN-7`, and no listing sets it beside the task's words."""
    said = run.said.text.casefold()
    unsaid = [key for key in _keys_of(order) if key.casefold() not in said]
    forms = {_form(word) for word in re.findall(r"[\w-]*\d[\w-]*", said)}
    return any((form := _form(key)) in forms and form.strip("#-_") and not is_listed(key, order, run) for key in unsaid)


def _form(key: str) -> str:
    """A key with its numbers left out."""
    return re.sub(r"\d+", "#", key.casefold())


def _is_another_number(names: Sequence[str], said: UserWords) -> bool:
    """Whether the task speaks of numbers, and a call of its tool is aimed at others."""
    numbers = [name for name in names if any(map(str.isdigit, name))]
    spoken = any(word.isdecimal() for word in said.words)
    return (
        bool(numbers) and spoken and not any(said.has_any_word((number,)) or number in said.text for number in numbers)
    )


def names_said(order: Aimed, said: UserWords) -> bool:
    """Whether the task has the tool's own word and no other number or key than the call's, or says one of its short values."""
    aimed = order.targets
    if said.has_words(order.spec.tool or order.spec.name):
        keys = _keys_of(order)
        return not _is_another_number(aimed.names, said) and (not keys or any(is_spoken(key, said) for key in keys))
    if aimed.recipients and not any(is_said(who, said) or said.has_any_word((who,)) for who in aimed.recipients):
        return False
    if aimed.listed and not all(said.has_any_word((name,)) for name in aimed.listed):
        return False
    short = [text for text in (*aimed.names, *aimed.payload) if len(text) <= LONGEST_PLAIN * 2]
    return said.has_any_word(short)


def is_another_server(order: Aimed, run: Run) -> bool:
    """Whether the task names a server by what tells it from this one, which has a tool of the same name: `staging` where this is `production`."""
    others = run.memory.beside(order.spec)
    own = frozenset(words_in(order.spec.server))
    if not others or not run.said.words.isdisjoint(own - frozenset().union(*map(words_in, others))):
        return False
    return any(not run.said.words.isdisjoint(frozenset(words_in(other)) - own) for other in others)
