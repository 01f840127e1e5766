"""The form that an answer must have and the checks that the caller wants of it: asked for again where they are not met."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lmbridge.agent.loop.state import Ending, RunState
from lmbridge.agent.task.acceptance import TRIES, Submission, failures, json_answer
from lmbridge.agent.task.claims import compact_json
from lmbridge.events import Nudged, Warned
from lmbridge.messages import JsonSchema, Turn
from lmbridge.text import one_line, quoted


class Checks:
    """Holds answers against the assignment's `output_schema` and `accept` checks.

    Args:
        run: The run.

    Attributes:
        answer_only: Schema of the next reply, where that can only be the answer.
        refused: Answers that were refused.
    """

    def __init__(self, run: RunState) -> None:
        self._plan, self._store, self._told, self._spent = run.plan, run.store, run.told, run.spent
        self.answer_only: JsonSchema | None = None
        self.refused = 0

    def fits(self, turn: Turn) -> bool:
        """Whether a reply is the JSON that the task asks for: then it is the answer, whatever its shape."""
        if self._plan.output_schema is None or turn.calls or not turn.text.strip():
            return False
        return self.output(turn.text)[1] is None

    def output(self, text: str) -> tuple[Any, str | None]:
        """The value that is asked for, and what keeps the answer from being it; neither where none is asked for."""
        schema = self._plan.output_schema
        return (None, None) if schema is None else json_answer(text, schema)

    def ask_for_output(self, fault: str) -> None:
        """One more turn that only puts the answer into its form; the backend's grammar enforces it where it can."""
        self.answer_only = self._plan.output_schema
        text = f"Now give the answer as JSON and nothing else. It must fit this JSON Schema: {compact_json(self.answer_only)}"
        self._told(Nudged(self._spent.rounds, "output", f"{text}\nNow it does not: {fault}"))

    async def faults(self, text: str, fault: str | None) -> list[str]:
        """What an answer is not accepted for: its form, else the checks that it fails.

        Args:
            text: The answer.
            fault: What `output` found wrong with its form.
        """
        if fault is not None:
            return [f"The answer is not the JSON asked for: {fault}"]
        self.answer_only = None
        accept = self._plan.assignment.accept
        if not accept:
            return []
        succeeded = [fact.result for fact in self._told.results if fact.result.outcome == "ok"]
        results = tuple(self._store.whole(result.handle) or result.content for result in succeeded)
        plan = self._plan
        return await failures(accept, Submission(text, results, plan.settings.accept_commands, plan.file_of))

    def refuse(self, text: str, faults: Sequence[str]) -> Ending | None:
        """Sends an answer back with what is wrong with it; the end of the run once that was done too often."""
        self.refused += 1
        if self.refused >= TRIES:
            for fault in faults:
                self._told(Warned(f"Not accepted: {_in_a_warning(fault)}"))
            return Ending("not_accepted", text)
        listed = "\n".join(f"- {fault}" for fault in faults)
        said = f"This is not accepted yet:\n{listed}\nMend it, then answer again."
        self._told(Nudged(self._spent.rounds, "not_accepted", said))
        return None


def _in_a_warning(fault: str) -> str:
    """A fault in one line; what stands behind a colon may be a model's or a program's words."""
    said, colon, detail = fault.partition(": ")
    return f"{one_line(said)}: {quoted(detail)}" if colon else one_line(fault)
