"""The call for the next thing of a list, spelled out: the one for the thing before, with the name of this one. Pure, and by form alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urljoin, urlsplit

from lmbridge.agent.reading.names import bounded, is_file_name, last_part, leaves, quoted_in
from lmbridge.agent.task.evidence import Evidence, arguments_of, leaves_of

_LONGEST = 400
"""Characters of a call that is spelled out for a model."""
_LINK = re.compile(r"\]\(([^)\s]{1,300})\)|<?(https?://[^\s<>()\]\"']{1,300}[^\s<>()\]\"'.,;:!?])")
""""[text](address)", as pages in Markdown have them, and plain addresses."""


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
    new = [following]
    for old, instead in _differing(about[0], following):  # `IMG_3778.jpg` was moved to `porto_3778.jpg`
        changed, new = _replaced(changed, old, instead, whole=False), [*new, instead]
    given = quoted_in(evidence.task)
    others = [leaf for leaf in leaves(changed) if not any(each in leaf for each in new)]
    known = all(leaf in given or _is_folder(leaf) for leaf in others)
    told = json.dumps(changed, ensure_ascii=False)
    return f", next {following}: {last.call.name} {told}" if known and len(told) <= _LONGEST else ""


def _differing(one: str, other: str) -> list[tuple[str, str]]:
    """The numbers by which two names differ that are alike in all else: 3778 and 6825 of `IMG_3778.jpg` and `IMG_6825.jpg`."""
    parts, others = (re.split(r"(\d+)", name) for name in (one, other))
    if len(parts) != len(others) or parts[::2] != others[::2]:
        return []
    return [(a, b) for a, b in zip(parts[1::2], others[1::2], strict=True) if a != b]


def _is_folder(leaf: str) -> bool:
    return "/" in leaf and "\n" not in leaf and not is_file_name(last_part(leaf))


def _replaced(value: object, old: str, new: str, *, whole: bool = True) -> object:
    """A value with one name for another; `whole`: not within a longer word."""
    if isinstance(value, str):
        return (bounded(old) if whole else re.compile(rf"(?<!\d){re.escape(old)}(?!\d)")).sub(lambda _: new, value)
    if isinstance(value, Mapping):
        return {name: _replaced(each, old, new, whole=whole) for name, each in value.items()}
    return [_replaced(each, old, new, whole=whole) for each in value] if isinstance(value, list | tuple) else value


def linked_page(evidence: Evidence) -> str:
    """The call that opens the one page to which a page that was read links, on the same host and without a query; empty where there are more, or none."""
    given = {leaf.rstrip("/") for fact in evidence.ledger for leaf in leaves_of(fact)}
    pages = [
        (fact, leaf)
        for fact in evidence.succeeded
        for leaf in leaves_of(fact)
        if fact.result.read_only and leaf.startswith(("http://", "https://"))
    ]
    found = {
        link: (fact, leaf)
        for fact, leaf in pages
        for written in _LINK.findall(fact.result.content)
        for link in [urljoin(leaf, written[0] or written[1]).partition("#")[0].rstrip("/")]
        if link not in given and urlsplit(link).netloc == urlsplit(leaf).netloc and not urlsplit(link).query
    }
    if len(found) != 1:
        return ""
    ((link, (fact, leaf)),) = found.items()
    arguments = {key: link if value == leaf else value for key, value in (fact.result.arguments or {}).items()}
    return f"{fact.call.name} {json.dumps(arguments, ensure_ascii=False)}"
