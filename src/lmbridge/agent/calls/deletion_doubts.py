"""What is asked about a change of a file that the task wants deleted, where no tool of the run does that: no other change is one."""

from __future__ import annotations

from lmbridge.agent.calls.write import AskedOnce, WriteCall
from lmbridge.agent.reading.names import leaves
from lmbridge.agent.task.deletions.lacking import NO_TOOL
from lmbridge.agent.task.deletions.ordered import Deletion
from lmbridge.text import quoted


class DeletionDoubts:
    """What speaks against moving, emptying or changing a file in place of deleting it.

    Args:
        gone: What the task orders to be deleted, where no tool of the run deletes files.
        asked: What was asked already.
    """

    def __init__(self, gone: Deletion, asked: AskedOnce) -> None:
        self._gone, self._asked = gone, asked

    def about(self, write: WriteCall) -> str:
        """What to say in place of the call, once for each tool; empty where nothing speaks against it."""
        if write.reads or not self._gone.places:
            return ""
        place = next((place for text in leaves(write.arguments) if (place := self._gone.of(text))), "")
        if not place:
            return ""
        end = (
            f'End with outcome "impossible" and say that {place} could not be deleted'
            if self._gone.alone
            else f"Leave it, do the rest, and say at the end that {place} could not be deleted"
        )
        return self._asked.once(
            f"to be deleted {write.spec.name}",
            f"The task wants {place} deleted. {NO_TOOL}, and this does not either. {end}. If the task asks for just this call, make it again.",
            f"{write.spec.name} was called with {quoted(place)}, which the task wants deleted, and no tool of the run deletes files.",
        )
