"""A decision model as the outside judge of a run: which tools a task needs, and whether it is done. Off unless a setting asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lmbridge.agent.tools.tool_lines import first_sentence
from lmbridge.errors import LLMError, LmbridgeError
from lmbridge.events import ToolFinished
from lmbridge.llm.decisions import MOST_OPTIONS, Shares, TypedQuestion, decided
from lmbridge.llm.models.resolve import Target, find
from lmbridge.messages import ToolSpec

if TYPE_CHECKING:
    from lmbridge.llm.backend import Backend
    from lmbridge.settings import Settings

LIKELY = 5
"""Tools that are shown beside the search, because the judge holds them for the likeliest."""
UNDONE_BELOW = 0.5
"""Probability that a task is done, below which the caller is told."""
_WITHIN_S = 30.0
_CALLS, _RESULT_CHARS, _ANSWER_CHARS = 20, 400, 4000
_DONE = (
    "Do the answer and the tool calls with their results show that all of what the task asks for was done? "
    "An answer that the results do not bear out, or that leaves out a part, is not done."
)
_WHICH = "Which tool does the task need next?"


class Judge:
    """Asks a decision model about one run. What goes wrong is kept, and judges nothing.

    Args:
        backend: Where the model is.
        target: The decision model, loaded.

    Attributes:
        trouble: Why it could not be asked, in a sentence; None while it could.
    """

    def __init__(self, backend: Backend, target: Target) -> None:
        self._backend, self._target = backend, target
        self.trouble: str | None = None

    async def likely(self, task: str, specs: Sequence[ToolSpec]) -> tuple[str, ...]:
        """Names of the tools that a task most likely needs first, likeliest first; none where nothing can be told."""
        options = tuple((spec.name, first_sentence(" ".join(spec.description.split()))) for spec in specs)
        if len(options) <= LIKELY or len(options) > MOST_OPTIONS:
            return ()
        shares = await self._asked({"task": task}, TypedQuestion(_WHICH, options))
        return tuple(sorted(shares, key=lambda name: -shares[name])[:LIKELY])

    async def doubt(self, task: str, answer: str, results: Sequence[ToolFinished]) -> str | None:
        """A sentence for the caller where the judge holds a task for not done, or could not be asked; None where it is done.

        Args:
            task: What was asked for.
            answer: What the model says.
            results: The calls that were made, with what came back.
        """
        state = {"task": task, "calls": [_told(each) for each in results[-_CALLS:]], "answer": answer[:_ANSWER_CHARS]}
        shares = await self._asked(state, TypedQuestion(_DONE))
        if "true" not in shares:
            return self.trouble
        done = shares["true"]
        if done >= UNDONE_BELOW:
            return None
        return f"The decision model {self._target.id} holds the task for not done (probability that it is: {done:.0%})."

    async def _asked(self, state: Mapping[str, Any], question: TypedQuestion) -> Shares:
        client = self._backend.client
        try:
            found = await decided(client, self._target.id, dict(state), {"judged": question}, within=_WITHIN_S)
        except LLMError as error:
            self.trouble = f"The decision model {self._target.id} could not judge: {error.message}"
            return {}
        if "judged" not in found:
            self.trouble = f"The decision model {self._target.id} could not judge: it left the question unanswered."
        return found.get("judged", {})


def _told(fact: ToolFinished) -> dict[str, Any]:
    result = fact.result
    return {
        "tool": fact.call.name,
        "arguments": fact.call.arguments[:_RESULT_CHARS],
        "outcome": result.outcome,
        "result": result.content[:_RESULT_CHARS],
    }


async def judge_for(settings: Settings, backend: Backend) -> tuple[Judge | None, str | None]:
    """The judge that the setting names, and otherwise, where one is wanted and none is there, why not.

    Args:
        settings: `judge`: `off`, `auto` for a decision model that is loaded, or its name.
        backend: Where models are.
    """
    if settings.judge == "off":
        return None, None
    try:
        models = await backend.catalogue()
    except LmbridgeError:
        return None, None  # the run itself says so, with everything around it
    deciding = [model for model in models if model.kind == "decision"]
    if settings.judge == "auto":
        loaded = [model for model in deciding if model.loaded]
        target = find(loaded[0].id, models) if loaded else None
        return (Judge(await backend.home_of(target, one=True), target), None) if target else (None, None)
    target = find(settings.judge, models)
    if target is None or not target.model.loaded:
        return None, f"LMBRIDGE_JUDGE names {settings.judge!r}, which is not loaded: nothing was judged."
    return Judge(await backend.home_of(target, one=True), target), None
