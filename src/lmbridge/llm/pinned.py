"""A run's model: held to in every reply, loaded again when the backend drops it, switched when asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import orjson

from lmbridge.errors import (
    ContextOverflowError,
    LLMError,
    LLMRateLimitError,
    LLMTimeoutError,
    ModelChangedError,
    ModelEvictedError,
    ModelNotFoundError,
    SharedContextError,
    StreamInterruptedError,
)
from lmbridge.events import Emit, ModelSwitched, RequestRetried, TurnDiscarded, Warned
from lmbridge.llm.backend import Backend
from lmbridge.llm.chat.prompt_size import prompt_tokens
from lmbridge.llm.chat.request_body import Written, chat_body
from lmbridge.llm.client import Chat
from lmbridge.llm.http.endpoint import Endpoint
from lmbridge.llm.http.errors import refuses_tools
from lmbridge.llm.http.retry import Retrier, Retry, RetryBudget
from lmbridge.llm.http.slots import Need
from lmbridge.llm.models import resolve
from lmbridge.llm.models.backend_kind import Abilities
from lmbridge.llm.models.listing import ModelInfo
from lmbridge.llm.models.resolve import Target
from lmbridge.messages import Delta, Message, ReplyOptions, ToolSpec, Turn

_COUNTED_AT = "/chat/completions/input_tokens"
"""Where llama.cpp counts a prompt with the model's own tokenizer."""
REPLY_TOKENS = 1024
"""Tokens that a reply takes of a context that is shared; most are far shorter, and a longer one is repeated alone if need be."""
LARGER_CONTEXT = "Load the model with a larger context length, or give it less: fewer servers, shorter results."


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one reply is asked for with, and who hears it come."""

    conversation: Sequence[Message]
    tools: Sequence[ToolSpec]
    options: ReplyOptions
    hear: Callable[[Sequence[Delta]], None]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the backend counted last: so many messages were so many tokens, the reply included."""

    messages: int = 0
    tokens: int = 0

    def estimate(self, asked: _Asked) -> int:
        """Tokens of what is asked now."""
        new = asked.conversation[self.messages :]
        if not self.tokens or self.messages > len(asked.conversation):
            return prompt_tokens(asked.conversation, asked.tools)
        return self.tokens + prompt_tokens(new, ())


class PinnedModel:
    """A model as a run uses it. One reply at a time; different runs have different ones.

    Attributes:
        deadline: Monotonic seconds beyond which no retry waits; None: none but the caller's own.
        rounds: Replies asked for so far.

    Args:
        backend: Where it lives.
        target: What the run's model name was resolved to.
        abilities: The backend's.
        emit: How the run tells.
        retrier: The owner of retries; the backend's policy when None.
        run_id: Whose replies they are, for a router.
        asked_at: The backend that the call named, where it named one of several.
    """

    def __init__(
        self,
        backend: Backend,
        target: Target,
        abilities: Abilities,
        emit: Emit,
        *,
        retrier: Retrier | None = None,
        run_id: str | None = None,
        asked_at: str | None = None,
    ) -> None:
        self._backend = backend
        self._target = target
        self._abilities = abilities
        self._emit = emit
        base = retrier or backend.client.retrier
        self._retrier = Retrier(base.policy, RetryBudget(base.policy), base.sleep, base.clock, base.chance)
        self._asking: asyncio.Timeout | None = None
        self._wanted: Target | None = None
        self._warned: set[str] = set()
        self._written = Written(numbers_as_text=abilities.reprints_numbers)
        self._told_deltas = False
        self._dropped = False
        self._alone = False
        self._known = _Known()
        self._route = backend.route(run_id, emit)
        self._asked_at = asked_at
        self.rounds = 0
        self.deadline: float | None = None

    @property
    def id(self) -> str:
        """The id that the backend knows it by."""
        return self._target.id

    @property
    def context_length(self) -> int | None:
        """Tokens with which it is loaded; None where nobody says."""
        return self._abilities.context_length or self._target.context_length

    @property
    def vision(self) -> bool:
        """Whether it can be shown pictures."""
        told = self._abilities.vision
        return self._target.model.vision if told is None else told

    @property
    def native_tools(self) -> bool | None:
        """Whether it calls tools through the backend's own parser; None until that is known.

        A model that the backend calls untrained for tools does better with forced JSON, until a run has seen otherwise.
        """
        found = self._backend.native_tools(self._target.model.id)
        return False if found is None and self._target.model.tool_use is False else found

    @native_tools.setter
    def native_tools(self, able: bool | None) -> None:
        self._backend.remember_native_tools(self._target.model.id, able)

    @property
    def target(self) -> Target:
        """What the run's model name was resolved to."""
        return self._target

    @property
    def name(self) -> str:
        """The name by which another call gets the same: the id, and the backend where the call named one."""
        return f"{self._target.model.id}@{self._asked_at}" if self._asked_at else self._target.id

    @property
    def backend(self) -> Backend:
        """Where it lives."""
        return self._backend

    @property
    def abilities(self) -> Abilities:
        """What its backend can do."""
        return self._abilities

    # --- replies

    async def reply(
        self,
        conversation: Sequence[Message],
        tools: Sequence[ToolSpec],
        options: ReplyOptions,
        *,
        on_delta: Callable[[Delta], None],
    ) -> Turn:
        """One whole reply of the pinned model, in proper form whatever dialect it came in.

        Repeats what may pass, loads the model again where the backend dropped it, and starts over on another model
        where that was asked for meanwhile. Each is told.

        Raises:
            ModelChangedError: Another model of the catalogue answered.
            LLMError: Of the kind that fits; nothing of the reply counts then.
        """
        self.rounds += 1
        self._alone = False
        if options.likelihoods and not self._abilities.traits.tells_likelihoods:
            options = replace(options, likelihoods=False)
        asked = _Asked(conversation, tools, options, self._hearing(on_delta))
        in_flight = False
        while True:
            if self._wanted is not None:
                await self._take_switch(in_flight=in_flight)
            self._asking = asking = asyncio.timeout(None)  # `switch` lets it run out
            try:
                async with asking:
                    return await self._persist(asked)
            except TimeoutError:
                if not asking.expired():
                    raise
                in_flight = True
            finally:
                self._asking = None

    def _hearing(self, on_delta: Callable[[Delta], None]) -> Callable[[Sequence[Delta]], None]:
        def hear(deltas: Sequence[Delta]) -> None:
            self._told_deltas = True
            for delta in deltas:
                on_delta(delta)

        return hear

    def switch(self, model: str) -> None:
        """Lets another model answer from now on: a reply under way is cancelled and repeated on it.

        Raises:
            ModelNotFoundError: There is no such model among those known; `backend.validator` looks afresh.
            ModelNotUsableError: It cannot work as an agent.
        """
        self._wanted = self._backend.validator.resolve_now(model)
        asking = self._asking
        if asking is not None and not asking.expired() and self._wanted.model.id != self._target.model.id:
            asking.reschedule(asyncio.get_running_loop().time())

    async def _take_switch(self, *, in_flight: bool) -> None:
        """Goes over to the model asked for, once it is in memory; the old one goes on where it cannot be loaded."""
        wanted, self._wanted = self._wanted, None
        if wanted is None or wanted.model.id == self._target.model.id:
            return
        if in_flight:
            self._emit(TurnDiscarded(self.rounds, "switched", f"{self.id} was asked to stop"))
        try:
            loaded = await self._backend.loader.ensure(wanted, self._abilities, reason="missing", emit=self._emit)
        except LLMError as error:
            self._emit(Warned(f"{self.id} goes on: {wanted.id} could not be loaded: {error.message}"))
            return
        self._emit(ModelSwitched(self.rounds, self.id, loaded.target.id))
        self._target = loaded.target

    async def _persist(self, asked: _Asked) -> Turn:
        async def attempt() -> Turn:
            if self._dropped or not self._backend.loader.is_there(self._target, self._abilities):
                await self._be_loaded()
            return await self._attempt(asked)

        with self._backend.client.breaker.request():
            return await self._retrier.run(
                attempt,
                on_retry=self._tell_retry,
                at_round=self.rounds,
                deadline=self.deadline,
                wait_out_breaker=self.rounds > 1 or self.deadline is not None,
            )

    async def _attempt(self, asked: _Asked) -> Turn:
        """One request, under a slot; what went wrong is judged before anybody repeats it."""
        queue, limit = self._backend.place_of(self.id, self._target, self._abilities)
        self._told_deltas = False
        try:
            async with self._backend.slots.hold(queue, limit, self._need(asked)):
                turn = await self._one(asked, queue)
        except SharedContextError as error:
            raise self._crowded_out(asked, error) from error
        except (ModelEvictedError, ModelNotFoundError) as error:
            await self._come_back(error)
            raise _repeatable(error) from error
        except (LLMTimeoutError, StreamInterruptedError):
            await self._backend.loader.until_quiet(self._target)
            raise
        except LLMError as error:
            if refuses_tools(error):
                self.native_tools = False
            raise
        if turn.model and turn.model != self.id:
            await self._check_identity(turn)
        if self._route is not None:
            self._route.answered(turn, self.rounds)
        self._known = _Known(len(asked.conversation), turn.usage.prompt_tokens + turn.usage.completion_tokens)
        return turn

    def _need(self, asked: _Asked) -> Need:
        """What the request takes of a context that is shared."""
        if not self._backend.shares_context(self.id):
            return Need(alone=self._alone)
        reply = min(asked.options.max_tokens or REPLY_TOKENS, REPLY_TOKENS)
        return Need(self._known.estimate(asked) + reply, self.context_length, self._alone)

    def _crowded_out(self, asked: _Asked, error: SharedContextError) -> LLMError:
        """What a full context means: the repeat is to be alone; what was alone and large does not fit by itself."""
        self._backend.remember_shared_context(self.id)
        most = self.context_length
        if self._alone and (most is None or 2 * self._known.estimate(asked) > most):
            told = "does not fit the loaded context, with nothing of lmbridge's beside it"
            return ContextOverflowError(f"{error.message} It {told}.", url=error.url, hint=LARGER_CONTEXT)
        self._alone = True
        return error

    async def _one(self, asked: _Asked, queue: str) -> Turn:
        chat = Chat(
            self.id,
            asked.options,
            self.vision,
            self._ttl,
            may_load=self._target.instance is None or not self._abilities.traits.tells_loading,
            written=self._written,
            route=self._route,
        )
        try:
            return await self._backend.client.turn(asked.conversation, asked.tools, chat, hear=asked.hear)
        except LLMRateLimitError:
            self._backend.slots.lower(queue)
            raise

    @property
    def _ttl(self) -> int | None:
        """Sent along, in case that the request makes LM Studio load the model: only then it counts."""
        return self._backend.settings.model_ttl if self._abilities.traits.takes_ttl else None

    # --- what happens to models

    async def _be_loaded(self) -> None:
        reason: Literal["missing", "evicted"] = "evicted" if self._dropped else "missing"
        loaded = await self._backend.loader.ensure(self._target, self._abilities, reason=reason, emit=self._emit)
        self._target, self._dropped = loaded.target, False

    async def _come_back(self, error: LLMError) -> None:
        """The backend dropped the model: it is loaded again, if it is still on disk.

        Raises:
            ModelNotFoundError: It is gone for good.
            ModelLoadError: It could not be loaded.
        """
        models = await self._backend.models.looked()
        found = resolve.find(self._target.model.id, models)
        if found is None:
            raise error
        self._target, self._dropped = found, True
        await self._be_loaded()

    async def _check_identity(self, turn: Turn) -> None:
        """Compares who answered under another name with who was asked. LM Studio answers for an unknown model with the loaded one."""
        same = resolve.is_same(turn.model, self._target, self._backend.models.known)
        if same is None:
            same = resolve.is_same(turn.model, self._target, await self._models_now())
        if same is False:
            self._backend.models.doubt()
            raise ModelChangedError(
                f"The run is pinned to {self.id}, but {turn.model} answered at {self._backend.url}.",
                url=self._backend.url,
                hint="Was the model unloaded meanwhile? Load it without auto-evict, or start again with the other model.",
            )
        if same is None and turn.model not in self._warned:
            self._warned.add(turn.model)
            self._emit(
                Warned(
                    f"The reply names the model {turn.model!r}, which the backend does not list, instead of {self.id!r}."
                )
            )

    async def _models_now(self) -> tuple[ModelInfo, ...]:
        """The models by a fresh look; the last known where that fails, since a whole turn is not lost for it."""
        try:
            return await self._backend.models.looked()
        except LLMError:
            return self._backend.models.known

    # --- telling

    def _tell_retry(self, retry: Retry) -> None:
        if self._told_deltas:
            self._told_deltas = False
            self._emit(TurnDiscarded(self.rounds, retry.error.code, retry.error.message))
        wait = round(retry.wait_s, 3)
        self._emit(RequestRetried(self.rounds, retry.attempt, wait, retry.error.code, retry.error.message))

    async def count_tokens(self, conversation: Sequence[Message], tools: Sequence[ToolSpec]) -> int | None:
        """Tokens of the prompt by the backend's own tokenizer; None where it offers none."""
        if not self._abilities.counts_tokens:
            return None
        return await _counted(self._backend.counting, self.id, conversation, tools, vision=self.vision)


def _repeatable(error: LLMError) -> ModelEvictedError:
    """The model is back: the same request may succeed now."""
    if isinstance(error, ModelEvictedError):
        return error
    return ModelEvictedError(
        error.message, method=error.method, url=error.url, status=error.status, body=error.body, hint=error.hint
    )


async def _counted(
    endpoint: Endpoint, model: str, conversation: Sequence[Message], tools: Sequence[ToolSpec], *, vision: bool
) -> int | None:
    """Tokens of the prompt, template and tools included; None where the backend does not say."""
    body = orjson.loads(chat_body(conversation, tools, model=model, options=ReplyOptions(), vision=vision))
    asked = {name: body[name] for name in ("model", "messages", "tools") if name in body}
    try:
        told = await endpoint.ask("POST", _COUNTED_AT, asked, guarded=False, model=model)
    except LLMError:
        return None
    tokens = told.get("input_tokens", told.get("n_tokens")) if isinstance(told, dict) else None
    return tokens if isinstance(tokens, int) else None
