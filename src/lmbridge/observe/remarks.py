"""What happened to a run beside its turns and calls, in a few words; the same for everybody who watches or reads it."""

from __future__ import annotations

from lmbridge.events import (
    Compacted,
    Fact,
    Fleeting,
    ModelLoaded,
    ModelSwitched,
    Nudged,
    RequestRetried,
    ServerFailed,
    ServerRestarted,
    TurnDiscarded,
    Warned,
)


def remark(fact: Fact | Fleeting) -> str | None:
    """The words for a fact; None for those that belong to the ordinary course of a run."""
    match fact:
        case Warned(text=text):
            return text
        case RequestRetried(code=code, wait_s=wait):
            return f"trying again in {wait:.0f} s after {code}"
        case TurnDiscarded(reason=reason):
            return f"a reply was dropped: {reason}"
        case Nudged(kind=kind):
            return f"reminded the model ({kind})"
        case Compacted(dropped_tokens=dropped):
            return f"the conversation was shortened by about {dropped} tokens"
        case ModelLoaded(model=model, reason=reason):
            return f"{model} was loaded ({reason})"
        case ModelSwitched(old=old, new=new):
            return f"from here on {new} answers instead of {old}"
        case ServerFailed(name=name, error=error):
            return f"server {name} failed: {error}"
        case ServerRestarted(name=name):
            return f"server {name} is up again"
        case _:
            return None
