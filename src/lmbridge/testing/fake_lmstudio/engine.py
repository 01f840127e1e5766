"""The instances in memory and their generations, which queue for a slot, read the prompt, generate, and end, die or are left by their client."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeVar

from .gates import Gate
from .models import FakeModel
from .prompt import PrefixCache

if TYPE_CHECKING:
    from .seen import SeenRequest, Watch

Phase = Literal["queued", "processingPrompt", "generating"]
T = TypeVar("T")


class GenerationDiedError(Exception):
    """The model went away in the middle: evicted, unloaded or crashed. The text is what LM Studio says."""


class Generation:
    """One answer being made; `tokens`: of its prompt."""

    def __init__(self, request: SeenRequest, instance: Instance, tokens: int = 0) -> None:
        self.request = request
        self.instance = instance
        self.tokens = tokens
        self.phase: Phase = "queued"
        self.death: str | None = None
        self._scope: asyncio.Timeout | None = None

    def kill(self, reason: str) -> None:
        """Let it die; the client is told `reason`."""
        self.death = reason
        if self._scope is not None:
            self._scope.reschedule(asyncio.get_running_loop().time())

    async def living(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do the work until it ends or the generation is killed.

        Raises:
            GenerationDiedError: it was killed.
        """
        try:
            async with asyncio.timeout(None) as self._scope:
                return await work()
        except TimeoutError:
            if self.death is None:
                raise
            raise GenerationDiedError(self.death) from None
        finally:
            self._scope = None


@dataclass(slots=True, eq=False)
class Instance:
    """One model in memory. `ttl_s` None: stays for ever. `jit`: a request loaded it, so that a later JIT load may evict it."""

    model: FakeModel
    identifier: str
    context_length: int
    parallel: int
    ttl_s: float | None = None
    jit: bool = False
    last_used: float | None = None
    generations: list[Generation] = field(default_factory=list)
    slots: asyncio.Semaphore = field(init=False)
    cache: PrefixCache = field(init=False)

    def __post_init__(self) -> None:
        self.slots = asyncio.Semaphore(self.parallel)
        self.cache = PrefixCache(self.parallel)

    @property
    def status(self) -> str:
        """What `lms ps` says of it."""
        phases = {generation.phase for generation in self.generations}
        if "generating" in phases:
            return "computingEmbedding" if self.model.is_embedding else "generating"
        return "processingPrompt" if "processingPrompt" in phases else "idle"

    def is_expired(self, now: float) -> bool:
        """Whether its time to live has run out while nobody used it."""
        if self.ttl_s is None or self.last_used is None or self.generations:
            return False
        return now - self.last_used >= self.ttl_s


class Engine:
    """Runs the generations of all instances.

    Args:
        watch: Told of every change of phase.
        prefill_rate: Tokens of prompt a second; None: a prompt takes no time.
        frees_slots: Whether a request that is left gives its slot back.
        shared_context: Whether all slots of an instance share its context.
    """

    def __init__(
        self,
        watch: Watch,
        *,
        prefill_rate: float | None = None,
        frees_slots: bool = True,
        shared_context: bool = False,
    ) -> None:
        self.active: list[Generation] = []
        self.most_at_once: dict[str, int] = {}
        self._watch = watch
        self._prefill_rate = prefill_rate
        self._frees_slots = frees_slots
        self._shared_context = shared_context
        self._reading: set[asyncio.Task[None]] = set()

    async def run(
        self,
        generation: Generation,
        tokens: int,
        silence: Gate | None,
        work: Callable[[], Awaitable[T]],
    ) -> T:
        """Wait for a slot, read a prompt of `tokens` (longer while `silence` is closed), and do the work.

        Raises:
            GenerationDiedError: the model went away.
        """
        instance = generation.instance
        instance.generations.append(generation)
        self._enter(generation)
        try:
            return await generation.living(lambda: self._in_slot(generation, tokens, silence, work))
        finally:
            if generation.phase != "processingPrompt" or generation.death:
                self._leave(generation)

    async def _in_slot(
        self, generation: Generation, tokens: int, silence: Gate | None, work: Callable[[], Awaitable[T]]
    ) -> T:
        slots = generation.instance.slots
        await slots.acquire()
        reading = asyncio.create_task(self._read_prompt(generation, tokens, silence))
        self._reading.add(reading)
        left = False
        try:
            await asyncio.shield(reading)
            self._turn_to(generation, "generating")
            if self._shared_context:
                _fit_together(generation)
            return await work()
        except asyncio.CancelledError:
            left = generation.death is None
            raise
        finally:
            # A client that leaves while its prompt is read leaves the slot taken: the prompt is read to its end first.
            if self._frees_slots or not left:
                reading.add_done_callback(lambda _: self._free(generation, reading))

    def _free(self, generation: Generation, reading: asyncio.Task[None]) -> None:
        self._reading.discard(reading)
        generation.instance.slots.release()
        if generation.phase == "processingPrompt":
            self._leave(generation)

    async def _read_prompt(self, generation: Generation, tokens: int, silence: Gate | None) -> None:
        self._turn_to(generation, "processingPrompt")
        if silence is not None:
            await silence.wait()
        if self._prefill_rate:
            await asyncio.sleep(tokens / self._prefill_rate)

    def _enter(self, generation: Generation) -> None:
        self.active.append(generation)
        name = generation.instance.identifier
        count = sum(1 for each in self.active if each.instance.identifier == name)
        self.most_at_once[name] = max(count, self.most_at_once.get(name, 0))
        self._watch.happened()

    def _turn_to(self, generation: Generation, phase: Phase) -> None:
        generation.phase = phase
        self._watch.happened()

    def _leave(self, generation: Generation) -> None:
        for held in (self.active, generation.instance.generations):
            if generation in held:
                held.remove(generation)
        generation.instance.last_used = asyncio.get_running_loop().time()
        self._watch.happened()

    async def close(self) -> None:
        """Stop reading prompts that nobody waits for any more."""
        for task in list(self._reading):
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)


def _fit_together(generation: Generation) -> None:
    """Let everything at work die where it needs more than the context, as with a cache that all slots share.

    Raises:
        GenerationDiedError: this one is among them.
    """
    instance = generation.instance
    at_work = [each for each in instance.generations if each.phase != "queued" and each.death is None]
    if sum(each.tokens for each in at_work) >= instance.context_length:
        for each in at_work:
            each.kill("Context size has been exceeded.")
    if generation.death is not None:
        raise GenerationDiedError(generation.death)
