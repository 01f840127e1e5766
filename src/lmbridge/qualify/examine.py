"""Makes the probes one after another, within a time limit each and one for all, and folds what they find."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lmbridge.llm.models import resolve
from lmbridge.profile import billions
from lmbridge.qualify import backend_probes, families
from lmbridge.qualify.asker import Asker
from lmbridge.qualify.asks import Came, Step
from lmbridge.qualify.known import Check, Known
from lmbridge.qualify.probes import Probe, all_probes
from lmbridge.qualify.wants_probe import FirstReplies, WantsProbe

if TYPE_CHECKING:
    from lmbridge.llm.backend import Backend
    from lmbridge.llm.models.backend_kind import Abilities
    from lmbridge.llm.models.listing import ModelInfo
    from lmbridge.llm.models.resolve import Target

LIMIT_S, QUICK_LIMIT_S = 180.0, 60.0
"""Seconds for all probes; what was not reached by then is told as not found out."""
GIVE_UP_AFTER = 2
"""Probes in a row that got no answer at all, after which the rest is not asked."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that probes may take.

    Attributes:
        overall: All together.
        each: One request, beside what its prompt and its reply may take.
        prefill: Tokens a second that the slowest machine reads; a busy one is a tenth as fast as when it is quiet.
        decode: Tokens a second that it writes.
    """

    overall: float = LIMIT_S
    each: float = 60.0
    prefill: float = 5.0
    decode: float = 0.5

    def for_step(self, step: Step) -> float:
        """One step."""
        replies = sum(ask.max_tokens for ask in step if not ask.leave)
        return self.silence(step) + replies / self.decode

    def silence(self, step: Step) -> float:
        """Nothing at all: to the first piece of a reply, or between two of them."""
        return self.each + sum(ask.size for ask in step) / self.prefill


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it got: probes done, of how many, and the newest verdict."""

    done: int
    total: int
    check: Check


Tell = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found, how long it took, and why it ended early; None where it did not."""

    known: Known
    seconds: float
    ended: str | None


async def examine(
    backend: Backend,
    target: Target,
    abilities: Abilities,
    *,
    quick: bool = False,
    patience: Patience | None = None,
    cold_s: float | None = None,
    tell: Tell = lambda _: None,
    first_replies: FirstReplies | None = None,
) -> Examined:
    """Makes every probe. Whatever goes wrong is a verdict; only cancellation is raised, and leaves nothing running.

    Args:
        backend: Where the model lives.
        target: The model, in memory.
        abilities: The backend's.
        quick: Only what matters most.
        patience: Time limits.
        cold_s: Seconds that loading it took, where it was loaded for this.
        tell: Told of each verdict.
        first_replies: How runs ask their first reply; None: nothing is asked that way.
    """
    allowed = patience or Patience(QUICK_LIMIT_S if quick else LIMIT_S)
    wants = WantsProbe(target.id, first_replies) if first_replies else None
    probes = [probe for probe in all_probes(wants) if probe.quick or not quick]
    asker = Asker(backend, target, abilities)
    known = _before(target, abilities, asker.slots)
    if cold_s:
        known = replace(known, speed=replace(known.speed, cold_s=cold_s))
    examining = _Examining(asker, target, backend.models.known, allowed, probes, tell)
    return await examining.all(known)


def _before(target: Target, abilities: Abilities, slots: int) -> Known:
    model: ModelInfo = target.model
    advice = families.advice(model.id)
    return Known(
        kind=abilities.kind,
        slots=slots,
        context=abilities.context_length or target.context_length,
        billions=billions(model.params or "") or billions(families.plain_id(model.id)),
        vendor=advice.sampling if advice else None,
    )


class _Examining:
    def __init__(
        self,
        asker: Asker,
        target: Target,
        models: Sequence[ModelInfo],
        patience: Patience,
        probes: Sequence[Probe],
        tell: Tell,
    ) -> None:
        self._asker, self._target, self._models = asker, target, models
        self._patience, self._probes, self._tell = patience, probes, tell
        self._unanswered = 0

    async def all(self, known: Known) -> Examined:
        begun = time.monotonic()
        until = asyncio.get_running_loop().time() + self._patience.overall
        ended: str | None = None
        for number, probe in enumerate(self._probes, 1):
            told = len(known.checks)
            known, ended = await self._one(probe, known, until, ended)
            for check in known.checks[told:]:
                self._tell(Progress(number, len(self._probes), check))
        return Examined(backend_probes.summed(known), round(time.monotonic() - begun, 2), ended)

    async def _one(self, probe: Probe, known: Known, until: float, ended: str | None) -> tuple[Known, str | None]:
        if ended is None and asyncio.get_running_loop().time() >= until:
            ended = f"the time of {self._patience.overall:g} s was over"
        reason = ended or probe.skip(known)
        if reason:
            return known.found(probe.name, None, f"not asked: {reason}"), ended
        plan = probe.plan(known)
        results = await self._asked(await plan if inspect.isawaitable(plan) else plan, until)
        came = [each for step in results for each in step]
        for each in came:
            known = self._seen(known, each)
        return probe.judge(known, results), self._gave_up(came)

    async def _asked(self, steps: Sequence[Step], until: float) -> list[tuple[Came, ...]]:
        """What came, step by step; after a step that nobody answered the others are not sent."""
        results: list[tuple[Came, ...]] = []
        for step in steps:
            if results and all(each.gone or each.late for each in results[-1]):
                results.append(tuple(replace(each, seconds=0.0) for each in results[-1][:1] * len(step)))
                continue
            now = asyncio.get_running_loop().time()
            limit = min(until, now + self._patience.for_step(step))
            results.append(await self._asker.together(step, until=limit, silence=self._patience.silence(step)))
        return results

    def _seen(self, known: Known, came: Came) -> Known:
        """What a reply shows beside its probe's question: speeds, and who really answered."""
        known, turn = known.timed(came), came.turn
        if turn is None or not turn.model or turn.model in known.others:
            return known
        same = resolve.is_same(turn.model, self._target, self._models)
        return replace(known, others=(*known.others, turn.model)) if same is False else known

    def _gave_up(self, came: Sequence[Came]) -> str | None:
        """Why nothing more is asked; None while somebody answers."""
        if any(not (each.gone or each.late) for each in came):
            self._unanswered = 0
            return None
        self._unanswered += 1
        if self._unanswered < GIVE_UP_AFTER:
            return None
        last = came[-1]
        return f"the backend went away ({last.detail})" if last.gone else f"the model answers nothing ({last.why})"
