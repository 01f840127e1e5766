"""What `lmbridge doctor` says of the model that tasks would get: whether it was measured here, and how it is chosen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from lmbridge.agent.choosing import Choosing
from lmbridge.agent.profiles import Profiles
from lmbridge.cli.doctor.finding import Finding
from lmbridge.errors import LmbridgeError
from lmbridge.observe.journal.journal import Journals
from lmbridge.qualify.choose import advice

if TYPE_CHECKING:
    from lmbridge.llm.backend import Backend
    from lmbridge.llm.models.backend_kind import Abilities
    from lmbridge.llm.models.resolve import Target
    from lmbridge.settings import Settings


async def of_model(settings: Settings, backend: Backend, target: Target) -> AsyncIterator[Finding]:
    """How the model is spoken to, and, where `DEFAULT_MODEL` is `auto`, which one a kind of task would get.

    Args:
        settings: The settings.
        backend: Where it is.
        target: The model that tasks get which name none.
    """
    profiles = Profiles(settings)
    for finding in _of_profile(profiles, target, await backend.abilities()):
        yield finding
    if settings.chooses_model:
        journals = Journals(settings.state_dir / "runs", days=settings.journal_days, mib=settings.journal_mib)
        yield await _of_choice(Choosing(settings, backend, journals, profiles), target)


def _of_profile(profiles: Profiles, target: Target, abilities: Abilities) -> Iterator[Finding]:
    try:
        got = profiles.of(target, abilities)
    except LmbridgeError as error:
        yield Finding("profile_unusable", "problem", error.message, error.hint)
        return
    if got.origin == "off":
        return
    if got.worth_measuring:
        code = "profile_stale" if got.stale else "model_unmeasured"
        yield Finding(code, "note", advice(target.model.id, got), f"lmbridge qualify {target.model.id}")
    else:
        yield Finding("profile_ok", "ok", f"{target.model.id} is spoken to by its profile, {got.told}.")


async def _of_choice(choosing: Choosing, target: Target) -> Finding:
    chosen = await choosing.by_kind()
    known = {kind: each for kind, each in chosen.items() if each}
    if not known:
        return Finding(
            "model_chosen",
            "note",
            f"DEFAULT_MODEL=auto, but nothing is known that would tell loaded models apart: tasks get {target.model.id}.",
            "Finished runs tell; so does `lmbridge qualify` with each of two or more loaded models.",
        )
    told = "; ".join(f"{kind}: {each.model} {each.why}" for kind, each in known.items())
    return Finding("model_chosen", "ok", f"DEFAULT_MODEL=auto chooses by kind of task. {told}.")
