"""Sends what probes ask, within a time limit, and gives back what came: the only module of the probes that does I/O."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lmbridge.errors import LLMError
from lmbridge.llm.chat.decoder import TurnDecoder
from lmbridge.llm.chat.normalize import proper
from lmbridge.llm.http import errors
from lmbridge.messages import Turn
from lmbridge.qualify.asks import Came, ProbeRequest, Step

if TYPE_CHECKING:
    from lmbridge.llm.backend import Backend
    from lmbridge.llm.models.backend_kind import Abilities
    from lmbridge.llm.models.resolve import Target

_CHAT = "/chat/completions"
_ERROR_BYTES = 2**16
_CLOSING = ("}", "]", ")", ">", "`")


@dataclass(slots=True)
class _Heard:
    """What has come of a reply so far."""

    first_s: float | None = None
    decoder: TurnDecoder | None = None

    @property
    def partial(self) -> str:
        return self.decoder.partial if self.decoder else ""


class Asker:
    """Asks one model on one backend, past retries and circuit breaker: a probe wants to see what really happens.

    Args:
        backend: Where the model lives; its slots are respected.
        target: The model, loaded.
        abilities: The backend's.
    """

    def __init__(self, backend: Backend, target: Target, abilities: Abilities) -> None:
        self._backend = backend
        self._target = target
        self._place = backend.place_of(target.id, target, abilities)

    @property
    def slots(self) -> int:
        """Requests that may be under way at once."""
        return self._place[1]

    async def together(self, step: Step, *, until: float, silence: float) -> tuple[Came, ...]:
        """What came of requests that are sent at the same time.

        Args:
            step: The requests.
            until: Time of the event loop's clock at which those still under way are given up.
            silence: Seconds without a piece after which one is given up.
        """
        return tuple(await asyncio.gather(*(self.ask(each, until=until, silence=silence) for each in step)))

    async def ask(self, ask: ProbeRequest, *, until: float, silence: float) -> Came:
        """What came of one request; only cancellation is raised."""
        begun, heard = time.monotonic(), _Heard()
        late = asyncio.timeout_at(until)
        try:
            async with late, self._backend.slots.hold(*self._place):
                begun = time.monotonic()
                turn = await self._turn(ask, heard, begun, within=silence)
        except LLMError as error:
            seconds = time.monotonic() - begun
            timed_out = error.code == "llm_timeout"
            return Came(
                None, error.code, error.message, error.status, heard.partial, heard.first_s, seconds, late=timed_out
            )
        except TimeoutError:
            if not late.expired():
                raise
            return Came(partial=heard.partial, first_s=heard.first_s, seconds=time.monotonic() - begun, late=True)
        return Came(turn, first_s=heard.first_s, seconds=time.monotonic() - begun, left=turn is None)

    async def _turn(self, ask: ProbeRequest, heard: _Heard, begun: float, *, within: float) -> Turn | None:
        """The reply; None where the plan was to leave it."""
        client, body = self._backend.client, ask.body(self._target.id)
        async with client.opened("POST", _CHAT, body, within=within) as answer:
            if answer.failed:
                raise errors.from_answer(answer.exchange, answer.headers, await answer.body(_ERROR_BYTES))
            heard.decoder = decoder = TurnDecoder(answer.exchange)
            while not decoder.done and (piece := await answer.piece()):
                if decoder.feed(piece) and heard.first_s is None:
                    heard.first_s = time.monotonic() - begun
                if ask.leave and heard.first_s is not None:
                    return None
                if ask.enough and _whole(decoder.partial) and (turn := _certain(decoder, ask)):
                    return turn
            return proper(decoder.finish(), ask.tools, ask.messages)


def _whole(text: str) -> bool:
    """Whether a text may end in a whole printed call: brackets come in pairs, and the last piece closed something."""
    return text.rstrip()[-1:] in _CLOSING and text.count("{") == text.count("}") and text.count("[") == text.count("]")


def _certain(decoder: TurnDecoder, ask: ProbeRequest) -> Turn | None:
    """The turn so far, once it prints as many calls as are enough; None before."""
    turn = proper(decoder.so_far, ask.tools, ask.messages)
    return turn if turn.dialect and len(turn.calls) >= ask.enough else None
