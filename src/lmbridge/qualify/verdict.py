"""From what is known to a profile: how tools are called, how many are shown, how replies are drawn; and what to do about weaknesses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from lmbridge.profile import GREEDY, Limits, Mode, Profile, Sampling, guess
from lmbridge.qualify import families
from lmbridge.qualify.known import Known, Way
from lmbridge.qualify.tool_cases import LEVELS

FEWEST_SHOWN = 8
"""Tools that are shown however few a model bears: a model that must search for its tools does worse than one that errs among them."""
_LEAST_REPLY, _MOST_REPLY = 256, 1024


@dataclass(frozen=True, slots=True)
class Weakness:
    """A check that does not hold, and what to do about it."""

    check: str
    what: str
    remedy: str


def profile_of(known: Known, model: str) -> Profile:
    """How runs of the model are laid out.

    Args:
        known: What the probes found.
        model: Its id.
    """
    base, seen = guess(model), _seen_of_tasks(model)
    mode = mode_of(known, otherwise=base.mode)
    way = way_of(mode)
    small = known.small if known.billions is not None else mode != "native"
    led = small or known.holds("without_example") is False
    acts, answers = _sampling(known)
    return Profile(
        mode=mode,
        most_tools=_most_shown(known, way),
        detail="brief" if small and known.holds("brief_tools") is not False else "full",
        acts=acts,
        answers=answers,
        prompt_class="small" if led else "large",
        looks_first=led,
        statements=led,
        parallel_calls=mode == "native" and known.holds("native_two_calls") is True,
        shared_examples=seen.shared_examples,
        thinks=seen.thinks,
        idle_replies=seen.idle_replies,
        change_from=seen.change_from if known.change_from is None else known.change_from,
        limits=_limits(known),
        source="measured",
    )


def _seen_of_tasks(model: str) -> Profile:
    """What only whole tasks tell, and no probe: as built in for the model's family, else as everybody's."""
    built_in = families.measured(model)
    return built_in.profile if built_in else Profile()


def way_of(mode: Mode) -> Way:
    """The way whose cases speak for a mode."""
    return "native" if mode == "native" else "forced"


def mode_of(known: Known, *, otherwise: Mode) -> Mode:
    """The way in which more cases were right; the form that is certain where both are equal.

    Where forced acts are better and only the end is not, the end is left free.
    """
    if not known.score("native") and not known.score("forced"):
        return "forced" if known.enforced else otherwise
    if known.better() == "native":
        return "native"
    ends_better_freely = known.holds("forced_end") is False and known.holds("native_end") is True
    return "action_first" if ends_better_freely else "forced"


def most_tools(known: Known, way: Way) -> int:
    """The longest list of tools of which the right one was chosen at least every other time; 0 where none was."""
    most = 0
    for level in LEVELS:
        right, of = known.right(way, f"tools_{level}")
        if not of or right * 2 < of:
            break
        most = level
    return most


def _most_shown(known: Known, way: Way) -> int | None:
    """Tools shown at once; None, as many as fit, unless its length was seen to be what is wrong with a list.

    That is so where every case was right with fewer tools and none with more; one that errs among few errs anyway.
    """
    for shorter, longer in pairwise(LEVELS):
        (right, of), (then, asked) = known.right(way, f"tools_{shorter}"), known.right(way, f"tools_{longer}")
        if right < of or not asked:
            return None
        if not then:
            return max(FEWEST_SHOWN, shorter)
    return None


def _sampling(known: Known) -> tuple[Sampling, Sampling]:
    """Of acts and of answers: as the makers advise for answers; acts greedily, but where drawing was seen to be better.

    Models that think run in circles greedily: their acts are drawn unless that was seen to be worse.
    """
    vendor, found = known.vendor, known.check("vendor_sampling")
    drawn = (found is None or found.ok is not False) if known.thinks else known.drawn_better
    return vendor if vendor and drawn else GREEDY, vendor or Sampling()


def _limits(known: Known) -> Limits:
    """Replies as long as the context bears."""
    if known.context is None:
        return Limits()
    return replace(Limits(), reply_tokens=max(_LEAST_REPLY, min(_MOST_REPLY, known.context // 4)))


_REMEDIES: Mapping[str, str] = {
    "answers": "Try another model or another file of it: a base model without a chat template, or a damaged file, does this.",
    "same_model": "Load the model under the name you ask for, and switch off auto-evict; runs refuse such replies.",
    "native_calls": "Nothing to do: lmbridge reads printed calls, or forces them as JSON. A template that knows tools would be quicker.",
    "json_schema": "Use a backend that enforces schemas (llama.cpp, LM Studio with GGUF); until then forced calls only hold as far as "
    "the model obeys.",
    "json_schema_keywords": "Nothing to do: lmbridge checks every argument and answer against the whole schema itself.",
    "native_two_calls": "Nothing to do: calls are asked for one at a time.",
    "context_overflow": "Load it with a larger context, and mind that what is too long is lost without an error; lmbridge plans with "
    "the context that the backend names.",
    "cancel": "Keep tasks short or give them a `timeout`: a cancelled one goes on in the backend until it ends by itself.",
    "own_context": "Load a larger context, or set LMBRIDGE_SLOTS=1: long runs side by side take each other's room.",
    "tool_choice_required": "Nothing to do: where a call must come, lmbridge forces JSON instead.",
    "tool_choice_named": "Nothing to do: lmbridge offers the one tool alone instead.",
    "reasoning": "Give replies room (`max_tokens`) and time: its thinking cannot be switched off by a request.",
    "brief_tools": "Nothing to do: all of each tool's description is shown, while it fits.",
    "without_example": "Nothing to do: a worked example is shown before the task.",
    "wants": 'Say plainly that something is to be changed, and where ("Add milk to /notes/shopping.txt."): such orders need no judgement; '
    "give questions `access: read`.",
    "vendor_sampling": "Nothing to do: acts are drawn greedily, answers as the makers advise.",
}
_OF_WAYS: Mapping[str, str] = {
    "tools": "Name the servers or the `tools` that a task needs; the fewer are shown, the better it chooses.",
    "arguments": "Prefer tools with few and plain parameters; closed values help as an enum in the tool's schema.",
    "after_result": "Give it one step at a time, or a larger model for tasks of several steps.",
    "end": "Ask for the answer in a form (`output_schema`), and read `warnings`: it may go on after the work is done.",
}


def weaknesses(known: Known, mode: Mode) -> tuple[Weakness, ...]:
    """The checks that do not hold and matter in this mode, with what to do."""
    other = "forced_" if way_of(mode) == "native" else "native_"
    found = []
    for check in known.checks:
        if check.ok is not False or (check.name.startswith(other) and check.name != "native_calls"):
            continue
        remedy = _REMEDIES.get(check.name) or _OF_WAYS.get(_about(check.name), "")
        found.append(Weakness(check.name, check.detail, remedy))
    return tuple(found)


def _about(name: str) -> str:
    about = name.removeprefix("native_").removeprefix("forced_")
    return "tools" if about.startswith("tools_") else about
