"""What is known of how a model works best on a backend: measured by `lmbridge qualify`, or a cautious guess.

A profile is data. The loop lays a run out by it and decides nothing by a model's name itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

Mode = Literal["native", "forced", "action_first"]
"""`native`: the backend's own tool calls. `forced`: every reply is one JSON object that the backend's grammar allows.
`action_first`: replies are forced until the first act has succeeded, and free from then on."""
Detail = Literal["full", "brief", "names"]
"""How much is said of each tool: all; its first sentence and the names and types of its arguments; its name alone."""
PromptClass = Literal["small", "large"]
"""`small`: rules, a worked example and nothing that invites a refusal. `large`: rules alone."""
Thinks = Literal["always", "in_trouble", "never"]
"""When a forced reply begins with a thought: each of them, only one after a call that failed or an answer that went back, or none."""

SMALL_BILLIONS = 4.0
"""Billions of parameters below which a model is taken for one that keeps to a form only where it is forced to."""
TINY_BILLIONS = 0.6
"""Billions of parameters below which no answer is given without a word of caution."""
_CLOSED: Mapping[str, Any] = {"extra": "forbid"}
_BILLIONS = re.compile(r"(?<![a-z0-9.])(?:\d+x)?(\d+(?:\.\d+)?)\s*([bm])(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sampling:
    """Sampling parameters; None leaves one to the backend.

    Attributes:
        temperature: 0 is greedy.
        top_p: Nucleus, above 0 and at most 1.
        top_k: Most tokens considered.
        min_p: Least share of the likeliest token's probability.
    """

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _CLOSED

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one forced reply, so that it cannot run on inside a string or a list.

    Attributes:
        reply_tokens: Most tokens of a reply.
        thought_chars: Most characters of the thought before an act; 0: no thought.
        answer_chars: Most characters of an answer.
        items: Most items of an array whose schema names no fewer.
        result_chars: Most characters of a tool result that a model of the class `small` is shown.
    """

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _CLOSED

    reply_tokens: int = 1024
    thought_chars: int = 200
    answer_chars: int = 1500
    items: int = 60
    result_chars: int = 4000


LIMITS = Limits()
GREEDY = Sampling(temperature=0.0)
BACKENDS_OWN = Sampling()


@dataclass(frozen=True, slots=True)
class Profile:
    """How runs of one model on one backend are laid out.

    Attributes:
        mode: How tools are called.
        most_tools: Tools shown at once, at most; None: as many as fit the loaded context.
        detail: The most that is said of each tool; less where that does not fit.
        acts: Sampling of replies that may call tools. What the caller asks for wins.
        answers: Sampling of replies that can only be the answer.
        prompt_class: Which words open the conversation.
        looks_first: Whether what a task names is looked at before the first reply (`agent.calls.first_look`).
        statements: Whether it is asked for statements in SQL over rows that were read, where something is to be worked out of them
            (`agent.loop.worked_out`).
        shared_examples: Whether the worked examples that are the same for every run stand before those that are like the task as well;
            else only where none is like it.
        thinks: When a forced reply begins with a thought, if its limits leave room for one.
        parallel_calls: Whether several calls in one reply are asked for.
        idle_replies: Replies of a run that may bring nothing new, in all: at the last of them it ends as `stuck`. None: only those in a row count.
        change_from: Share of `change`, against `answer`, in a forced first reply from which it is believed that the task wants a
            change; where the backend tells no likelihoods, the word alone counts.
        limits: Bounds of a forced reply.
        source: `measured`, `file` or `guess`.
    """

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _CLOSED

    mode: Mode = "native"
    most_tools: int | None = None
    detail: Detail = "full"
    acts: Sampling = BACKENDS_OWN
    answers: Sampling = BACKENDS_OWN
    prompt_class: PromptClass = "large"
    looks_first: bool = False
    statements: bool = False
    shared_examples: bool = True
    thinks: Thinks = "always"
    parallel_calls: bool = True
    idle_replies: int | None = None
    change_from: float = 0.5
    limits: Limits = LIMITS
    source: Literal["measured", "file", "guess"] = "guess"

    @property
    def thinks_at_once(self) -> bool:
        """Whether every forced reply begins with a thought, so that the prompt teaches it."""
        return self.thinks == "always" and self.limits.thought_chars > 0

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The profile in a JSON object of these fields; those left out are the defaults, `looks_first` and `statements` those of the class.

        Raises:
            ValueError: A field is unknown or has a value it cannot have; the message names it.
        """
        from pydantic import TypeAdapter, ValidationError  # only who reads a file pays its import

        try:
            small = value.get("prompt_class") == "small"
            return TypeAdapter(cls).validate_python({"looks_first": small, "statements": small, **value})
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ValueError(f"{where or 'profile'}: {first['msg']}") from error


NATIVE = Profile()
"""What large models do well with: their own calls."""
FORCED = Profile(
    mode="forced",
    detail="brief",
    acts=GREEDY,
    answers=GREEDY,
    prompt_class="small",
    looks_first=True,
    statements=True,
    parallel_calls=False,
)
"""What serves small instruct models best, as measured (docs/REAL_MODELS.md)."""


def guess(model: str, *, params: str | None = None, tool_use: bool | None = None) -> Profile:
    """A cautious profile for a model that nobody has measured: forced below 4B, its own calls from there on.

    Args:
        model: The id by which the backend knows it.
        params: Its parameters as the backend tells them (`4B`), where it does.
        tool_use: Whether it was trained to call tools; None where the backend does not say.
    """
    size = billions(params or "") or billions(model)
    if tool_use is False or (size is not None and size < SMALL_BILLIONS):
        return FORCED
    return NATIVE


def caution(model: str, params: str | None = None) -> str | None:
    """What a caller should know of a model with very few parameters; None for any other.

    Of 135M and 270M parameters nothing finished a task of the bench (docs/REAL_MODELS.md), however sure its answer sounded; with 0.5B
    three of ten were done, and six ended so without being done.
    """
    size = billions(params or "") or billions(model)
    if size is None or size >= TINY_BILLIONS:
        return None
    return f"{model} has about {size * 1000:.0f} million parameters, too few to rely on: check what it says."


def word_alone(profile: Profile) -> str | None:
    """What a caller should know of an end for which nothing speaks but the word of a model with this profile; None: nothing.

    Of 59 ends of a 1.5B against which nothing spoke either, on tasks of three parts of the bench, 31 were right: 19 of the 21 that
    something confirmed, and 12 of the 38 others. Of kinds that the loop had been worked with for days, 20 of 21 unconfirmed ends
    were right, of a blind part 3 of 9 (docs/REAL_MODELS.md).
    """
    if profile.prompt_class == "large":
        return None
    return "Unconfirmed: only the model's word stands for this, and in tasks of new kinds most such ends of a small model were wrong."


def billions(text: str) -> float | None:
    """Billions of parameters that a model's id or size names (`Qwen2.5-Coder-1.5B`, `270m`); None where it names none."""
    found = _BILLIONS.search(text.replace("_", "-"))
    if found is None:
        return None
    number = float(found[1])
    return number if found[2].lower() == "b" else number / 1000
