"""A graph in JSON as small models can read it: one line for each thing and for each relation, what is asked for last.

`{"entities": […], "relations": […]}` is what the reference memory server returns; nodes and edges have other names elsewhere.
A 1.5B that was given 800 characters of it as JSON named all people for those of one company. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_ENDS = (("from", "to"), ("source", "target"), ("subject", "object"))
_KINDS = ("relationType", "relation", "type", "predicate", "label")
_SHORTEST = 3


def as_lines(text: str, task: str) -> str:
    """The graph in lines; empty where the text is none, or has a form that would lose something.

    Args:
        text: The result.
        task: What was asked: relations that hold a name of it stand at the end, by themselves.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(value, Mapping) or len(value) != 2:
        return ""
    things, relations = (list(each) if isinstance(each, list) else [] for each in value.values())
    facts = [_relation(each) for each in relations]
    named = [_thing(each) for each in things]
    if not named or not all(facts) or not all(named):
        return ""
    asked = [fact for fact in facts if _is_about(fact, task)]
    others = [fact for fact in facts if fact not in asked]
    return "\n".join([*named, *others, *asked])


def loose_ends(arguments: Mapping[str, Any], known: Sequence[str]) -> list[str]:
    """Names between which a call puts relations and that stand in nothing known: things that were never made.

    Args:
        arguments: Of the call; relations are objects in a list of it, or the call's own arguments.
        known: Texts in which things of the graph are named.
    """
    listed = [each for value in arguments.values() if isinstance(value, list) for each in value]
    relations = [each for each in (arguments, *listed) if isinstance(each, Mapping)]
    names = [each[name] for each in relations for ends in _ENDS if set(ends) <= set(each) for name in ends]
    said = "\n".join(known).lower()
    return list(dict.fromkeys(name for name in names if isinstance(name, str) and name and name.lower() not in said))


def _thing(value: Any) -> str:
    """One thing with its kind and what is known of it; empty where it has more than that."""
    if not isinstance(value, Mapping) or not isinstance(value.get("name"), str):
        return ""
    rest = {key: each for key, each in value.items() if key != "name"}
    kinds = [each for each in rest.values() if isinstance(each, str)]
    told = [each for each in rest.values() if isinstance(each, list) and all(isinstance(one, str) for one in each)]
    if len(kinds) > 1 or len(told) > 1 or len(kinds) + len(told) != len(rest):
        return ""
    kind = f" ({kinds[0]})" if kinds else ""
    known = f": {'; '.join(told[0])}" if told and told[0] else ""
    return f"{value['name']}{kind}{known}"


def _relation(value: Any) -> str:
    if not isinstance(value, Mapping) or len(value) != 3 or not all(isinstance(each, str) for each in value.values()):
        return ""
    for start, end in _ENDS:
        kind = next((value[name] for name in _KINDS if name in value), "")
        if start in value and end in value and kind:
            return f"{value[start]} {kind.replace('_', ' ')} {value[end]}"
    return ""


def _is_about(fact: str, task: str) -> bool:
    return bool(_names(fact) & _names(task))


def _names(text: str) -> set[str]:
    """Words that begin with a capital: names, in most languages, and the first word of a sentence."""
    return {word for word in _words(text) if word[0].isupper()}


def _words(text: str) -> Iterable[str]:
    words: Sequence[str] = re.findall(r"[^\W\d_]\w*", text)
    return (word for word in words if len(word) >= _SHORTEST)
