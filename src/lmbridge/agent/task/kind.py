"""What kind of task an assignment is, as far as that can be told before anything of it was done."""

from __future__ import annotations

import re

from lmbridge.agent.task.assignment import Assignment
from lmbridge.observe.by_model import Kind
from lmbridge.settings import Access, strictest

_CHANGES = re.compile(
    r"\b(?:add|append|archive|change|clean up|commit|convert|copy|correct|create|delete|edit|fill in|fix|format|insert|install|make"
    r"|merge|move|note down|put|record|remove|rename|replace|save|send|set|sort|store|translate|update|write)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"^\W*(?:what|which|who|whose|when|where|why|how|is|are|was|were|does|do|did|has|have|can)\b", re.IGNORECASE
)


def expected_kind(assignment: Assignment, access: Access) -> Kind:
    """The kind under which its run will most likely be counted (`observe.by_model.kind_of` says it afterwards).

    A question, and whatever may only read, reads; what names a change writes.

    Args:
        assignment: The task.
        access: The setting `access`.
    """
    if assignment.servers == ():
        return "answer"
    task = assignment.task.strip()
    if strictest(assignment.access, access) == "read" or (_ASKS.match(task) and task.endswith("?")):
        return "read"
    return "write" if _CHANGES.search(task) else "read"
