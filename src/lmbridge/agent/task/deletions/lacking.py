"""That a task orders a file to be deleted and no tool of the run does that: found out, told before the first reply, and held against answers. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lmbridge.agent.reading.names import leaves
from lmbridge.agent.reading.notes import failed
from lmbridge.agent.reading.tool_names import may_delete_files
from lmbridge.agent.task.deletions.ordered import NOTHING, Deletion, to_delete
from lmbridge.messages import ToolResult, ToolSpec

NO_TOOL = "No tool here deletes files or folders"
"""What begins the words about it."""
_MOST_NAMED = 3
_FAR = r"\b[^.;!?\n]{0,80}?\b"
_ADMITS = re.compile(
    rf"\b(?:cannot|can(?:\snot|['\u2019]?t)|could(?:\snot|n['\u2019]?t)|unable|not\sable){_FAR}(?:delet|remov|eras|throw|get\srid|be\sdone|do\s(?:it|that|this|so)\b|complet)"
    rf"|\b(?:not|n['\u2019]t)\s(?:yet\s|been\s|be\s|actually\s){{0,2}}(?:possible|deleted|removed|erased)\b|\b(?:does|do)(?:\snot|n['\u2019]?t)\s(?:have|support|offer|provide|allow|include|let)\b|\bimpossible\b"
    r"|\b(?:no|without\san?|lacks?\san?)\s(?:[\w-]{1,20}\s){0,3}(?:tools?|way|function|option|means|ability|permission)\b|\bnone\sof\s(?:the|my)\s(?:\w{1,20}\s)?tools\b"
    rf"|\bnicht{_FAR}(?:l\u00f6sch|gel\u00f6scht|entfern|m\u00f6glich|erledig|tun|gemacht|ausgef\u00fchrt)|\bl\u00f6schen{_FAR}nicht\b|\bkein(?:e[nrms]?)?\s(?:\w{{1,20}}\s){{0,2}}(?:werkzeug\w{{0,2}}|tools?|funktion|m\u00f6glichkeit)\b|\bunm\u00f6glich\b"
    rf"|\b(?:pas|jamais){_FAR}(?:supprim|effac|jet(?:er|\u00e9)|faire|possible|outil|moyen)|\baucune?\s(?:des\s)?(?:outils?|moyen|fonction)"
    rf"|\bno{_FAR}(?:borr|elimin|suprim|posible|herramienta)|\bningun[ao]?\s(?:herramienta|manera)|\bninguna\sde\s(?:las|mis)\sherramientas|\bimposible\b"
    rf"|\bnon{_FAR}(?:cancell|elimin|rimuov|rimoss|possibile|strument)|\bnessun[oa]?\s(?:strumento|modo)|\bimpossibile\b"
    rf"|\bn\u00e3o{_FAR}(?:apag|exclu|elimin|remov|poss\u00edvel|ferramenta)|\bnenhuma?\s(?:ferramenta|maneira)|\bimposs\u00edvel\b"
    r"|\b(?:niet|geen|brak|inte|ikke|ei)\b|\b(?:\u043d\u0435|\u043d\u0435\u0442)\b|\u6ca1|\u672a|\u65e0\u6cd5|\u4e0d\u80fd|\u306a\u3044|\u307e\u305b\u3093|\ubabb|\uc54a|\uc5c6",
    re.IGNORECASE,
)
"""Ways to say that something could not be done."""
_LONGEST_READ = 20_000


def undeletable(task: str, specs: Iterable[ToolSpec]) -> Deletion:
    """The files and folders that a task orders to be deleted where surely no tool of the run does that.

    Args:
        task: What the caller asked for.
        specs: All tools of the run.
    """
    tools = [spec for spec in specs if spec.server]
    if not tools or any(map(may_delete_files, tools)):
        return NOTHING
    return to_delete(task)


def missing(gone: Deletion, results: Sequence[ToolResult]) -> bool:
    """Whether one of these places was looked for in vain and found by no call: then it is not a tool that lacks."""
    vain, found = set[str](), set[str]()
    for result in results:
        places = {place for text in leaves(result.arguments or {}) if (place := gone.of(text))}
        if not failed(result):
            found |= places
        elif result.read_only:
            vain |= places
    return bool(vain - found)


def named(gone: Deletion) -> str:
    """The places in words."""
    return ", ".join(gone.places[:_MOST_NAMED])


def told_first(gone: Deletion) -> str:
    """What a model is told of it before its first reply; empty where nothing is ordered to be deleted."""
    if not gone.places:
        return ""
    end = 'End with outcome "impossible" and say just that.' if gone.alone else "Do the rest, and say that at the end."
    return f"{NO_TOOL}, so {named(gone)} cannot be deleted. {end} Do not move, empty or change it instead."


def admits(answer: str) -> bool:
    """Whether an answer says that something could not be done."""
    return bool(_ADMITS.search(answer[:_LONGEST_READ]))
