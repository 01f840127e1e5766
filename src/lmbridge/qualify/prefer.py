"""Which of the loaded models a task gets where `DEFAULT_MODEL` is `auto`: by what became of finished runs, then by profiles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lmbridge.llm.models.listing import ModelInfo
from lmbridge.llm.models.resolve import find
from lmbridge.observe.by_model import Kind, ModelRecord

LEAST_RUNS = 5
"""Finished runs of one kind of task from which on they say something of a model."""
LEAST_SHARE = 0.5
"""Share of them that was done without a warning, below which what others might do is not known to be worse."""
_WORDS = {"answer": "tasks without tools", "read": "tasks that read", "write": "tasks that write"}


@dataclass(frozen=True, slots=True)
class Preferred:
    """The model that a task gets, and why, in a sentence."""

    model: str
    why: str


def preferred(
    models: Sequence[ModelInfo],
    records: Sequence[ModelRecord],
    kind: Kind,
    able: Callable[[ModelInfo], int | None],
) -> Preferred | None:
    """The loaded model for a kind of task; None where that is for the usual order to say.

    Of models with `LEAST_RUNS` finished runs of the kind the one with the largest share done without a warning, and the
    quicker one where that is equal, if at least `LEAST_SHARE` of its runs were; else the one whose profile saw more right.

    Args:
        models: The backend's, in its order.
        records: What became of finished runs.
        kind: What the task will do.
        able: How many cases of tool work the profile of a model saw right; None: it has none.
    """
    loaded = [model for model in models if model.chats and model.loaded]
    if len(loaded) < 2:
        return None
    return _by_runs(loaded, records, kind) or _by_profile(loaded, able)


def _by_runs(loaded: Sequence[ModelInfo], records: Sequence[ModelRecord], kind: Kind) -> Preferred | None:
    told: dict[str, ModelRecord] = {}
    for record in records:
        found = find(record.model, loaded) if record.kind == kind else None
        if found:
            name = found.model.id
            told[name] = told.get(name, ModelRecord(name, kind)).and_later(record)
    known = [each for model in loaded if (each := told.get(model.id)) and each.runs >= LEAST_RUNS]
    if not known:
        return None
    best = min(known, key=lambda each: (-each.done / each.runs, each.seconds / each.runs))
    if best.done < best.runs * LEAST_SHARE:
        return None
    others = [each for each in known if each is not best]
    beside = f"; {', '.join(_told(each) for each in others)}" if others else ""
    return Preferred(best.model, f"by finished {_WORDS[kind]}: {_told(best)}{beside}")


def _told(record: ModelRecord) -> str:
    return f"{record.model} did {record.done} of {record.runs}"


def _by_profile(loaded: Sequence[ModelInfo], able: Callable[[ModelInfo], int | None]) -> Preferred | None:
    seen = [(right, model) for model in loaded if (right := able(model)) is not None]
    if not seen:
        return None
    right, best = max(seen, key=lambda each: each[0])  # the first of equal ones
    if not right:
        return None
    return Preferred(best.id, f"by its profile, which saw {right} cases of tool work right; too few runs are finished")
