"""What the calls of a run have come to so far, read from its ledger: carried out, changed, or tried in vain."""

from __future__ import annotations

from collections.abc import Mapping

from lmbridge.agent.calls.first_look import FIRST_LOOK
from lmbridge.agent.calls.ledger import Told
from lmbridge.agent.calls.look_ups import LOOK_UP
from lmbridge.agent.calls.signature import canonical
from lmbridge.agent.calls.text_doubts import ONLY_TO_KNOW
from lmbridge.agent.reading.notes import changed_nothing, failed
from lmbridge.agent.reading.tool_names import reads_by_name
from lmbridge.events import ToolFinished
from lmbridge.messages import ToolCall, ToolResult, ToolSpec


class Effects:
    """What a run's calls have come to.

    Args:
        told: The run's ledger.
        known: The tools by name.
        goes_on: Whether the run goes on with an earlier one, whose calls count as carried out.
    """

    def __init__(self, told: Told, known: Mapping[str, ToolSpec], *, goes_on: bool) -> None:
        self._told, self._known, self._carried = told, known, goes_on
        self._looked_at, self._changed = 0, False

    @property
    def own(self) -> list[ToolFinished]:
        """The calls that the model itself asked for, oldest first."""
        return [fact for fact in self._told.results if not fact.call.id.startswith((LOOK_UP, FIRST_LOOK))]

    @property
    def carried_out(self) -> bool:
        """Whether any call has been carried out, in this run or in the one that it goes on with."""
        self._carried = self._carried or any(
            fact.result.outcome != "rejected" and not fact.call.id.startswith(LOOK_UP) for fact in self._told.results
        )
        return self._carried

    @property
    def changed(self) -> bool:
        """Whether any call may have changed something; each is looked at once."""
        new, self._looked_at = self._told.results[self._looked_at :], len(self._told.results)
        self._changed = self._changed or any(self.may_change(fact.call, fact.result) for fact in new)
        return self._changed

    def may_change(self, call: ToolCall, result: ToolResult) -> bool:
        """Whether a call may have changed something, as far as flags, its tool's name and its result's words tell."""
        spec = self._known.get(call.name)
        reads = result.read_only or (spec is not None and reads_by_name(spec))
        return not reads and not failed(result) and not changed_nothing(result.content)

    def has_made(self, call: ToolCall) -> bool:
        """Whether the very same call was made, by the model or before its first reply."""
        same = (call.name, canonical(call.arguments))
        return any((fact.call.name, canonical(fact.call.arguments)) == same for fact in self._told.results)

    @property
    def succeeded(self) -> set[str]:
        """The tools of which a call has succeeded."""
        return {fact.call.name for fact in self._told.results if not failed(fact.result)}

    @property
    def tried_in_vain(self) -> bool:
        """Whether at least two calls of the model's own have failed."""
        return sum(fact.result.outcome == "error" for fact in self.own) > 1

    @property
    def all_well(self) -> bool:
        """Whether every call so far, those before the first reply among them, gave what it was made for."""
        made = [fact.result for fact in self._told.results if not fact.call.id.startswith(LOOK_UP)]
        return bool(made) and not any(failed(result) for result in made)

    @property
    def freed(self) -> bool:
        """Whether the model was told that it need not change anything, in place of a change that it was about to make."""
        refused = [fact.result.content for fact in self._told.results if fact.result.outcome == "rejected"]
        return any(ONLY_TO_KNOW in told for told in refused)

    @property
    def quotable(self) -> bool:
        """Whether any result has a line that an answer can rest on."""
        return any(fact.result.outcome == "ok" and fact.result.content.strip() for fact in self._told.results)
