"""The model's next reply that counts: asked for within the budget, and in another way where the first one fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import structlog

from lmbridge.agent.calls.ledger import Told
from lmbridge.agent.loop.actions import Form
from lmbridge.agent.loop.budget import Budget, Length, Meter, PromptGrowth
from lmbridge.agent.loop.compaction import Head, condensed
from lmbridge.agent.loop.compiling import compiling
from lmbridge.agent.loop.roles import Roles
from lmbridge.agent.loop.tool_offer import Offer
from lmbridge.agent.task.protocols import Model
from lmbridge.agent.task.run_plan import RunPlan
from lmbridge.agent.tools.result_store import ResultStore
from lmbridge.errors import ContextOverflowError, GrammarError, LLMError, LLMResponseError, UnparsedOutputError
from lmbridge.events import Compacted, Nudged, TurnDiscarded, TurnStarted, Warned
from lmbridge.llm.http.errors import refuses_tools
from lmbridge.messages import JsonSchema, Likelihood, Message, ReplyOptions, Turn

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The form that a reply must have.

    Attributes:
        answer: The answer alone, in JSON of this schema; an empty one: asked for in words only.
        forced: One action in JSON, the tools staying in the request so that the prefix stays warm.
        form: What a forced reply may be.
    """

    answer: JsonSchema | None = None
    forced: bool = False
    form: Form = field(default_factory=Form)


class Replies:
    """Asks the model, one round at a time.

    Args:
        plan: What the run was given.
        model: The model.
        told: Where facts go, and the conversation so far.
        offer: How tools are offered.
        store: Where compaction puts whole results.

    Attributes:
        prompt_tokens: Tokens of the last prompt.
        likelihoods: Of each token of the last reply, where it was forced and the backend tells them.
    """

    def __init__(self, plan: RunPlan, model: Model, told: Told, offer: Offer, store: ResultStore) -> None:
        self.offer = offer
        self._plan, self._model, self._told, self._store = plan, model, told, store
        self._answer = plan.output_schema
        length = Length()
        self._meter = Meter(length)
        self._compacted = False
        self._roles = Roles()
        self._simplified = False
        self._growth = PromptGrowth(length)
        self._read_by = ""
        self._read_at_most: int | None = None
        self._told_cut = False
        self._budget = Budget(None)
        self.prompt_tokens = 0
        self.likelihoods: Sequence[Likelihood] = ()

    @property
    def budget(self) -> Budget:
        """The context as it is loaded now, or as far as it was seen to be read."""
        loaded, read = self._model.context_length, self._read_at_most
        context = min(loaded, read) if loaded and read else loaded or read or None
        if context != self._budget.context:
            self._budget = Budget(context)
        return self._budget

    def result_room(self, parallel: int = 1) -> int:
        """Characters that a tool result may have now, where `parallel` results share what is left."""
        most = self._plan.settings.max_result_chars
        return self.budget.result_chars(most, self.prompt_tokens, parallel, can_compact=not self._compacted)

    async def next(self, number: int, *, most: int | None, wanted: Wanted) -> Turn:
        """The reply of round `number`.

        Args:
            number: The round, from 1.
            most: Completion tokens that the run may still spend.
            wanted: The form that the reply must have.

        Raises:
            LLMError: The backend failed for good, or the prompt does not fit even after the one compaction.
        """
        while True:
            await self._make_room(number)
            try:
                return await self._ask(number, most, wanted)
            except ContextOverflowError as error:
                if not self._compact(number, "overflow", error):
                    raise
            except LLMResponseError as error:
                wanted = await self._otherwise(number, wanted, error)

    async def _ask(self, number: int, most: int | None, wanted: Wanted) -> Turn:
        messages, tools = self._told.messages, self.offer.sent
        options = self._options(most, wanted)
        self._told(TurnStarted(number, self.prompt_tokens, options.max_tokens))
        turn = await self._model.reply(self._roles.fit(messages), tools, options, on_delta=self._told)
        self._meter.learn(messages, tools, turn.usage.prompt_tokens)
        self._notice_cut(messages, turn)
        self.likelihoods = turn.likelihoods
        return replace(turn, likelihoods=()) if turn.likelihoods else turn

    def _notice_cut(self, messages: Sequence[Message], turn: Turn) -> None:
        """Looks whether the backend read the whole prompt: a reply to half of it, without the task, is no reply to it.

        Raises:
            ContextOverflowError: It did not, and the conversation can still be compacted to what it reads.
        """
        if turn.model != self._read_by:
            self._growth.begin_anew()
        self._read_by = turn.model
        tokens = turn.usage.prompt_tokens
        if not self._growth.was_cut(messages, tokens):
            return
        self._read_at_most = min(self._read_at_most or tokens, tokens)
        told = (
            f"The backend cut the beginning of the conversation off without saying so: it read {tokens} tokens of a prompt "
            "that had grown. Load the model with a larger context (Ollama: num_ctx)."
        )
        if not self._told_cut:
            self._told(Warned(told))
        self._told_cut = True
        if not self._compacted:
            raise ContextOverflowError(told)

    def _options(self, most: int | None, wanted: Wanted) -> ReplyOptions:
        answering = wanted.answer is not None or not self.offer.specs
        sampling = self._plan.sampling(answering=answering)
        options = ReplyOptions(
            max_tokens=self._most_tokens(most, wanted),
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            top_k=sampling.top_k,
            min_p=sampling.min_p,
            parallel_calls=self._plan.profile.parallel_calls,
        )
        if wanted.answer is not None:
            return replace(options, schema=wanted.answer or None, tool_choice="none")
        if not (wanted.forced or self.offer.acting or self._answer is not None):
            return options
        form = replace(wanted.form, answer=self._answer)
        if wanted.forced and not self.offer.acting:
            return replace(options, schema=self.offer.forcing(form), tool_choice="none")
        return self.offer.options(options, form)

    def _most_tokens(self, most: int | None, wanted: Wanted) -> int | None:
        """The least of what the run, the context and, where the reply is forced, its form leave."""
        forced = self.offer.acting or wanted.forced
        form = self._plan.profile.limits.reply_tokens if forced and self._answer is None else None
        limits = [each for each in (most, self.budget.reply(self.prompt_tokens), form) if each is not None]
        return min(limits) if limits else None

    async def _otherwise(self, number: int, wanted: Wanted, error: LLMResponseError) -> Wanted:
        """The form to ask for after the backend refused this one; raises the error where there is no other way."""
        if self._learnt_roles(number, error):
            return wanted
        if wanted.answer or (wanted.forced and not self.offer.acting):
            if not _cannot_constrain(error):
                raise error
            self._told(TurnDiscarded(number, "schema", str(error)))
            if wanted.answer:
                return replace(wanted, answer={})
            self.act(number)
            return replace(wanted, forced=False)
        if not (await self._simplify(number, error) or self._fall_back(number, error)):
            raise error
        return wanted

    async def _make_room(self, number: int) -> None:
        self.prompt_tokens = await self._count()
        if self.budget.crowded(self.prompt_tokens) and self._compact(number, "crowded"):
            self.prompt_tokens = await self._count()

    async def _count(self) -> int:
        """Tokens of the prompt: estimated while there is room, counted by the backend's tokenizer near the window."""
        messages, tools = self._told.messages, self.offer.sent
        estimate = self._meter.estimate(messages, tools)
        context = self.budget.context
        if context is None or estimate < context // 2:
            return estimate
        try:
            counted = await self._model.count_tokens(messages, tools)
        except LLMError as error:
            _log.debug("token count failed", error=str(error))
            return estimate
        self._meter.learn(messages, tools, counted or 0)
        return counted or estimate

    def _compact(self, number: int, reason: str, error: LLMError | None = None) -> bool:
        """Replaces the conversation by a shorter one, once in a run; False where that has been done."""
        if self._compacted:
            return False
        self._compacted = True
        self._growth.begin_anew()
        if error is not None:
            self._told(TurnDiscarded(number, reason, str(error)))
        before = self.prompt_tokens
        messages = condensed(self._told.messages, self._head(), self._told.results, self._store, self.budget)
        after = self._meter.estimate(messages, self.offer.sent)
        self._told(Compacted(number, messages, max(0, before - after)))
        return True

    def begin_anew(self, number: int, messages: Sequence[Message]) -> None:
        """Replaces the conversation by another one that the work is begun with once more."""
        self._growth.begin_anew()
        self._told(Compacted(number, tuple(messages)))

    def _learnt_roles(self, number: int, error: LLMResponseError) -> bool:
        stricter = self._roles.stricter(error)
        if stricter is None:
            return False
        self._roles = stricter
        self._told(TurnDiscarded(number, "roles", str(error)))
        return True

    def _fall_back(self, number: int, error: LLMResponseError) -> bool:
        """Another way to ask after the backend refused this one; False where there is none."""
        if self.offer.acting and isinstance(error, GrammarError):
            simpler = self.offer.simpler()
            if simpler is not None:
                self._told(TurnDiscarded(number, "grammar", str(error)))
                self.offer = simpler
            return simpler is not None
        if not self.offer.specs:
            return self._without_schema(number, error)
        if not self._can_act or not _cannot_call(error):
            return False
        self._told(TurnDiscarded(number, "tools", str(error)))
        self.act(number)
        self._model.native_tools = False
        return True

    async def _simplify(self, number: int, error: LLMResponseError) -> bool:
        """Shows the tools simply that the backend cannot compile, once in a run; False where that does not help."""
        if self._simplified or not self.offer.sent or not isinstance(error, GrammarError):
            return False
        self._simplified = True
        found = await compiling(self.offer, self._model)
        if found is None:
            return False
        self.offer, changed = found
        self._told(TurnDiscarded(number, "grammar", str(error)))
        for name in changed:
            shown = "the model sees a simpler one" if name in self.offer.names else "the tool is left out"
            self._told(Warned(f"The backend cannot compile the schema of {name}: {shown}."))
        return True

    def _without_schema(self, number: int, error: LLMResponseError) -> bool:
        """Without tools the first reply is asked for in the answer's form; a backend may not be able to enforce it."""
        if self._answer is None or not _cannot_constrain(error):
            return False
        self._told(TurnDiscarded(number, "schema", str(error)))
        self._answer = None
        return True

    def act(self, number: int) -> bool:
        """Goes over to action mode for the rest of the run; False where that is not possible."""
        if not self._can_act:
            return False
        self.offer = self.offer.acted()
        self._told(Nudged(number, "action", self.offer.rules(self._answer)))
        return True

    def _head(self) -> Head:
        """How the conversation opens after compaction; rules that came in a message move into the system prompt."""
        prompt = self.offer.system_prompt
        if self.offer.acting:
            rules = self.offer.rules(self._answer)
            prompt = prompt if rules in prompt else f"{prompt}\n\n{rules}"
        shared = 0 if self._told.alike_alone else len(self.offer.example)
        return Head(prompt, self._plan.assignment.task, self.offer.example, shared + len(self._told.alike))

    @property
    def may_force(self) -> bool:
        """Whether a reply may be forced into the form of an action."""
        return self._can_act

    @property
    def _can_act(self) -> bool:
        return self._plan.settings.tool_mode == "auto" and bool(self.offer.specs) and not self.offer.acting


def _cannot_call(error: LLMResponseError) -> bool:
    """Whether the backend cannot take tools, or cannot read what this model makes of them."""
    return isinstance(error, UnparsedOutputError | GrammarError) or refuses_tools(error)


def _cannot_constrain(error: LLMResponseError) -> bool:
    """Whether the backend cannot make the reply follow a schema."""
    return isinstance(error, GrammarError) or error.status in {400, 422, 501}
