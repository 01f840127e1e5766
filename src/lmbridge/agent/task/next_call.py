"""The call for the next thing of a list, spelled out: the one for the thing before, with the name of this one. Pure, and by form alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from lmbridge.agent.reading.names import bounded, leaves, quoted_in
from lmbridge.agent.task.evidence import Evidence, arguments_of

_LONGEST = 400
"""Characters of a call that is spelled out for a model."""


def next_call(evidence: Evidence, done: Sequence[str], following: str) -> str:
    """The last change that dealt with one thing of a list and no other, as it would be for the next; empty where it tells more of that thing.

    Args:
        evidence: What was called.
        done: The things of the list that calls have dealt with.
        following: The one that comes next.
    """
    changes = [fact for fact in evidence.changes if isinstance(fact.result.arguments, Mapping)]
    if not changes:
        return ""
    last = changes[-1]
    about = [item for item in done if bounded(item).search(arguments_of(last))]
    if len(about) != 1:
        return ""
    changed = _replaced(last.result.arguments, about[0], following)
    given = quoted_in(evidence.task)
    others = [leaf for leaf in leaves(changed) if not bounded(following).search(leaf)]
    known = all(leaf in given or ("/" in leaf and "\n" not in leaf) for leaf in others)
    told = json.dumps(changed, ensure_ascii=False)
    return f", next {following}: {last.call.name} {told}" if known and len(told) <= _LONGEST else ""


def _replaced(value: object, old: str, new: str) -> object:
    if isinstance(value, str):
        return bounded(old).sub(lambda _: new, value)
    if isinstance(value, Mapping):
        return {name: _replaced(each, old, new) for name, each in value.items()}
    return [_replaced(each, old, new) for each in value] if isinstance(value, list | tuple) else value
