"""What is asked about a file that would be moved to the name of another file of the task, before it is made.

Asked to move `poster.png`, `banner.png` and `icon.png` into a folder, a 0.5B moved the poster to `pictures/banner.png`.
"""

from __future__ import annotations

import json
import re

from lmbridge.agent.calls.ledger import Told
from lmbridge.agent.calls.write import AskedOnce, WriteCall
from lmbridge.agent.reading import notes, tool_names
from lmbridge.agent.reading.edits import CONTENT
from lmbridge.agent.reading.names import MOST_LISTED_IN, is_file_name, last_part
from lmbridge.text import quoted

_MOVES = frozenset({"move", "rename", "copy", "mv", "cp"})
_BETWEEN = re.compile(
    r"[\"'`\u201d\u2019\s:,]{0,4}(?:to|as|into|in|by|nach|zu|als|durch|en|comme|par|como|por|come|para|->|=>|\u2192)[\"'`\u201c\u2018\s]{1,4}|\s{0,4}(?:->|=>|\u2192)\s{0,4}",
    re.IGNORECASE,
)
"""What stands between a file and the name that it is to get."""
_NAMES = re.compile(
    r"\b(?:renam\w*|call\w*|names?|swap\w*|exchang\w*|replac\w*|overwrit\w*|(?:um)?benenn\w*|umzubenennen|hei\u00df\w*|tausch\w*|ersetz\w*|\u00fcberschreib\w*|renomm\w*|appel\w*|\u00e9chang\w*|remplac\w*|renombr\w*|llam\w*|intercambi\w*"
    r"|reemplaz\w*|rinomin\w*|chiam\w*|scambi\w*|sostitu\w*|renome\w*|cham\w*|troc\w*|substitu\w*)\b",
    re.IGNORECASE,
)
"""Orders that give names, or put one file in the place of another."""


class MoveDoubts:
    """What speaks against a move.

    Args:
        told: The run's ledger.
        task: What the caller asked for.
        asked: What was asked already.
    """

    def __init__(self, told: Told, task: str, asked: AskedOnce) -> None:
        self._told, self._task, self._asked = told, task[:MOST_LISTED_IN], asked

    def about(self, write: WriteCall) -> str:
        """What to ask, once, of a move that gives one file of the task the name of another."""
        places = {key: value for key, value in write.arguments.items() if isinstance(value, str) and value}
        if not tool_names.name_words(write.spec) & _MOVES or len(places) != 2 or len(write.arguments) != 2:
            return ""
        (_, source), (to, destination) = places.items()
        own, other = last_part(source), last_part(destination)
        if own == other or not is_file_name(own) or not is_file_name(other) or not self._apart(own, other):
            return ""
        right = {**places, to: f"{destination[: len(destination) - len(other)]}{own}"}
        return self._asked.once(
            "name of another",
            f"This gives {own} the name of another file, {other}. If that is meant, make the same call again; to keep its name, "
            f"{CONTENT}{json.dumps(right, ensure_ascii=False)}",
            f"{write.spec.name} gave {quoted(own)} the name of another file, {quoted(other)}.",
        )

    def _apart(self, own: str, other: str) -> bool:
        """Whether both are files that were listed and that the task names apart, none as the name of the other."""
        found = [re.search(rf"(?<![\w.-]){re.escape(name)}(?!\.?[\w-])", self._task) for name in (own, other)]
        if not all(found) or _NAMES.search(self._task) or not {own, other} <= self._listed():
            return False
        first, second = sorted((each.span() for each in found if each), key=lambda span: span[0])
        return not _BETWEEN.fullmatch(self._task[first[1] : second[0]])

    def _listed(self) -> set[str]:
        listings = [fact.result for fact in self._told.results if tool_names.lists(fact.call.name)]
        return {name for result in listings for name in notes.listed_names(result.content)}
