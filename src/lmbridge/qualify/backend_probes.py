"""Probes of the backend: that it answers, as whom, what happens to long prompts and to requests that are left, what slots share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from lmbridge.qualify.asks import Came, ProbeRequest, Step, first, user
from lmbridge.qualify.known import Known, Speed

Results = Sequence[Sequence[Came]]

_FILLER = "the "
"""One token in nearly every vocabulary, and four characters."""
_UNKNOWN_CONTEXT = 5000
"""Tokens of the prompt with which a backend is asked that does not tell its context."""
AFFORDABLE_S = 30.0
"""Seconds that reading one long prompt may take, at the speed that was measured."""
_TELLING_S = 2.0
"""Seconds to the first piece from which on a second, shorter wait tells that something was kept."""
_TOKENS = re.compile(r"(\d+) tokens")
_LEFT_S, _LEAST_LEFT, _MOST_LEFT = 30.0, 256, 4096
_SWITCHES = {
    "enable_thinking": {"chat_template_kwargs": {"enable_thinking": False}},
    "reasoning_effort": {"reasoning_effort": "none"},
}
"""Keys of a request by which backends take thinking away: llama.cpp's and vLLM's, LM Studio's and OpenAI's."""


# --- it answers


def plan_answers(known: Known) -> tuple[Step, ...]:
    """One short question."""
    return ((ProbeRequest(user("Is 17 a prime number? Answer in one short sentence."), max_tokens=64),),)


def judge_answers(known: Known, results: Results) -> Known:
    """Whether something came, whether it ended by itself, and whether thinking stood before it."""
    came = first(results)
    if came.turn is None:
        return known.found("answers", None if came.unheard else False, came.why)
    turn = came.turn
    thinks = bool(turn.message.reasoning)
    if not came.text.strip() and not thinks:
        return known.found("answers", False, f"an empty reply ({turn.finish_reason})")
    if turn.finish_reason == "repetition" or (turn.finish_reason == "length" and not thinks):
        ended = "runs in circles" if turn.finish_reason == "repetition" else "does not end by itself"
        return known.found("answers", False, f"{ended}: {' '.join(came.text.split())[:80]!r}")
    told = f"{' '.join(came.text.split())[:60]!r}" if came.text.strip() else "still thinking at the limit"
    return known.found("answers", True, told, thinks=thinks)


def plan_reasoning(known: Known) -> tuple[Step, ...]:
    """The same question with each of the switches that take thinking away."""
    asked = user("Is 17 a prime number? Answer in one short sentence.")
    return tuple((ProbeRequest(asked, max_tokens=64, extra=extra),) for extra in _SWITCHES.values())


def judge_reasoning(known: Known, results: Results) -> Known:
    """Which of them it heeds."""
    came = [step[0] for step in results]
    heeded = [
        name
        for name, each in zip(_SWITCHES, came, strict=True)
        if each.turn and each.text.strip() and not each.turn.message.reasoning
    ]
    field = next(
        (each.turn.message.reasoning_field for each in came if each.turn and each.turn.message.reasoning), None
    )
    where = f"in {field}" if field else "in a field of its own"
    return known.found(
        "reasoning", bool(heeded), f"{where}; switched off by {' and '.join(heeded) or 'none of the known keys'}"
    )


# --- long prompts


def _seconds_for(known: Known, tokens: int) -> float:
    return tokens / known.speed.prefill if known.speed.prefill else tokens / 20.0


def _overlong(known: Known) -> int:
    """Tokens of a prompt that cannot fit."""
    return known.context + known.context // 4 if known.context else _UNKNOWN_CONTEXT


def too_long(known: Known) -> str | None:
    """A backend that does not refuse reads the prompt, which must not keep it busy for minutes."""
    seconds = _seconds_for(known, _overlong(known))
    if known.kind == "llama.cpp" or seconds <= AFFORDABLE_S:
        return None
    return f"reading {_overlong(known)} tokens would take about {seconds:.0f} s here"


def plan_overflow(known: Known) -> tuple[Step, ...]:
    """A prompt that is longer than the context, or than what most backends take in silence."""
    return ((ProbeRequest(user(_FILLER * _overlong(known) + "\nSay hi."), max_tokens=8),),)


def judge_overflow(known: Known, results: Results) -> Known:
    """Whether it was refused; one that is answered was cut in silence, unless the context is not known."""
    came, sent = first(results), _overlong(known)
    if came.turn is None:
        told = came.error == "context_overflow"
        return known.found("context_overflow", True if told or came.refused else None, "refused" if told else came.why)
    read = came.turn.usage.prompt_tokens
    if known.context is None and read >= sent * 0.9:
        return known.found(
            "context_overflow", None, f"a prompt of {read} tokens is read whole; its context is not told"
        )
    known = replace(known, context=known.context or read or None)
    return known.found("context_overflow", False, f"cut in silence: {read} tokens were read of about {sent} sent")


def too_costly(known: Known) -> str | None:
    """Why slots are not filled to see what they share."""
    if known.slots < 2:
        return "one request at a time"
    if known.context is None:
        return "its context is not told"
    seconds = _seconds_for(known, 2 * _share(known))
    return None if seconds <= AFFORDABLE_S else f"filling two slots would take about {seconds:.0f} s here"


def _share(known: Known) -> int:
    return (known.context or 0) * 6 // 10


def plan_own_context(known: Known) -> tuple[Step, ...]:
    """Two prompts at once that fit the context each, and not both."""
    sizes = _FILLER * _share(known)
    return (tuple(ProbeRequest(user(f"{name}: {sizes}\nSay hi."), max_tokens=8) for name in ("First", "Second")),)


def judge_own_context(known: Known, results: Results) -> Known:
    """Whether both were answered."""
    came = results[0]
    failed = [each for each in came if each.turn is None]
    if not failed:
        return known.found("own_context", True, f"two prompts of {_share(known)} tokens were answered at once")
    if any(each.late or each.error == "llm_unreachable" for each in failed):
        return known.found("own_context", None, failed[0].why)
    if all(_alone_too_long(each, known.context or 0) for each in came):
        return known.found("own_context", None, "prompts of that size do not even fit one at a time")
    return known.found("own_context", False, f"slots share one context: {failed[0].why}")


def _alone_too_long(came: Came, context: int) -> bool:
    """Whether a refusal names more tokens than there is context: the words of a prompt are more tokens here than they were taken for."""
    return came.error == "context_overflow" and any(int(count) > context for count in _TOKENS.findall(came.detail))


# --- requests that are left


def plan_cancel(known: Known) -> tuple[Step, ...]:
    """A short question; a long one on every slot, left after its first piece; the short one again."""
    short = ProbeRequest(user("Say hi."), max_tokens=8)
    rate = known.speed.decode or 20.0
    long = min(_MOST_LEFT, max(_LEAST_LEFT, round(rate * _LEFT_S)))
    long = min(long, (known.context or long * 2) // 2)
    counting = ProbeRequest(user("Write the numbers from 1 to 1000 in words, one a line."), max_tokens=long, leave=True)
    return ((short,), (counting,) * known.slots, (short,))


def judge_cancel(known: Known, results: Results) -> Known:
    """Whether the second short answer came about as soon as the first did."""
    (before,), left, (after,) = results
    if before.turn is None or not any(each.left for each in left):
        return known.found(
            "cancel", None, before.why or next((each.why for each in left if each.why), "nothing could be left")
        )
    if after.turn is None:
        told = f"its slots were still taken: {after.why}" if after.late else after.why
        return known.found("cancel", False if after.late else None, told)
    allowed = before.seconds * 5 + 3.0
    rest = _LEFT_S / 2
    if after.seconds <= allowed:
        return known.found("cancel", True, "free at once after requests that were left")
    late = after.seconds > max(allowed, rest)
    return known.found(
        "cancel", False if late else None, f"the next answer took {after.seconds:.1f} s, before {before.seconds:.1f} s"
    )


# --- what all replies show together


def summed(known: Known) -> Known:
    """The verdicts that need no request of their own: who answered, what was cached, how fast it was."""
    if known.others:
        known = known.found("same_model", False, f"{', '.join(known.others)} answered instead")
    else:
        known = known.found("same_model", True, "every reply came from the model that was asked")
    return _cache(_speed(known))


def _cache(known: Known) -> Known:
    if known.cached:
        return known.found("prefix_cache", True, f"up to {known.cached} tokens of a prompt were not read again")
    fresh, again = known.reread or (0.0, 0.0)
    if fresh < _TELLING_S:
        return known.found(
            "prefix_cache", None, "the backend reports no cached tokens, and is too quick to tell by time"
        )
    told = f"the first piece came after {fresh:.1f} s, and after {again:.1f} s where the prompt began alike"
    clear = True if again <= fresh / 3 else False if again >= fresh * 0.8 else None
    return known.found("prefix_cache", clear, told)


def _speed(known: Known) -> Known:
    speed: Speed = known.speed
    parts = [
        f"reads {speed.prefill:.0f} tokens a second" if speed.prefill else "",
        f"writes {speed.decode:.1f}" if speed.decode else "",
        f"first piece after {speed.cold_s:.1f} s" if speed.cold_s else "",
    ]
    told = ", ".join(part for part in parts if part)
    return known.found("speed", True if told else None, told or "not measured")
