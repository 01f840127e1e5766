"""Decision models on the wire: System One as llama.cpp answers it, and OpenAI's Decisions.

Shapes and refusals after llama.cpp's tools/server/server-decision.cpp and its tests/unit/test_systemone.py, and openai-python's
types/decision.py. What LM Studio itself says to a model that does not decide is documented nowhere: llama.cpp's words stand in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lmbridge.testing.fake_lmstudio.refusals import Refusal

if TYPE_CHECKING:
    from lmbridge.testing.fake_lmstudio.engine import Instance
    from lmbridge.testing.fake_lmstudio.seen import SeenRequest
    from lmbridge.testing.fake_lmstudio.state import State

_TYPES = '"type" must be one of: choice, score, noul'


def _refused(status: int, message: str, kind: str) -> Refusal:
    return Refusal(status, {"code": status, "message": message, "type": kind})


def _invalid(message: str) -> Refusal:
    return _refused(400, message, "invalid_request_error")


def instance_of(state: State, seen: SeenRequest) -> Instance:
    """The decision model that a request names; where it names none, the only one that is loaded.

    Raises:
        Refusal: It is a model of another kind, or there is none.
    """
    name = str(seen.body.get("model") or "")
    loaded = state.store.loaded()
    named = [each for each in loaded if name and (each.identifier == name or each.model.is_called(name))]
    deciding = [each for each in named or loaded if each.model.decides]
    if not deciding:
        raise _refused(501, "This model is not a decision model", "not_supported_error")
    seen.model = deciding[0].identifier
    return deciding[0]


def systemone(state: State, seen: SeenRequest) -> dict[str, Any]:
    """The answer to a request in the form of System One.

    Raises:
        Refusal: The request is none, or no decision model is there.
    """
    instance, body = instance_of(state, seen), seen.body
    if body.get("state") is None:
        raise _invalid('"state" must be provided')
    questions = body.get("questions")
    if not isinstance(questions, Mapping) or not questions:
        raise _invalid('"questions" must be a non-empty object')
    answers = {name: _answered(state, body["state"], name, asked) for name, asked in questions.items()}
    return {"model": instance.identifier, "answers": answers, "usage": {"input_tokens": 40, "output_tokens": 0}}


def _answered(state: State, about: Any, name: str, asked: Any) -> dict[str, Any]:
    if not isinstance(asked, Mapping):
        raise _invalid(f"questions.{name}: must be an object")
    if not asked.get("instructions"):
        raise _invalid(f'questions.{name}: "instructions" must be provided')
    if asked.get("type") not in ("choice", "noul"):
        raise _invalid(f"questions.{name}: {_TYPES}")
    if asked["type"] == "noul":
        return {"type": "noul", "noul": held(state, about, asked["instructions"], ())}
    criteria = asked.get("criteria")
    if not isinstance(criteria, Mapping) or not criteria:
        raise _invalid(f'questions.{name}: "criteria" must be a non-empty object')
    shares = held(state, about, asked["instructions"], tuple(criteria))
    return {
        "type": "choice",
        "choice": max(shares, key=shares.__getitem__),
        "confidence": _sure(shares),
        "probabilities": shares,
    }


def held(state: State, about: Any, instructions: str, names: tuple[str, ...]) -> Any:
    """What the script says of a question; undecided without one. Options that it leaves out share what remains."""
    told = state.decider(about, instructions, names) if state.decider else None
    if not names:
        return 0.5 if told is None else told
    given = dict(told or {})
    rest = max(0.0, 1.0 - sum(given.values())) / max(1, len(names) - len(given))
    return {name: given.get(name, rest) for name in names}


def _sure(shares: Mapping[str, float]) -> float:
    least = 1 / len(shares)
    return 1.0 if len(shares) < 2 else max(0.0, (max(shares.values()) - least) / (1 - least))


def decisions(state: State, seen: SeenRequest) -> dict[str, Any]:
    """The answer to a request in the form of OpenAI's Decisions.

    Raises:
        Refusal: The request is none, or no decision model is there.
    """
    instance, body = instance_of(state, seen), seen.body
    if not isinstance(body.get("input"), (str, list)) or not body["input"]:
        raise _invalid("'input' is required")
    questions = body.get("questions")
    if not isinstance(questions, list) or not questions:
        raise _invalid("'questions' is required")
    usage = {
        "input_tokens": 40,
        "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0},
        "output_tokens": 0,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 40,
    }
    answers = [_decision(state, body["input"], asked) for asked in questions]
    return {"model": instance.identifier, "answers": answers, "usage": usage}


def _decision(state: State, about: Any, asked: Any) -> dict[str, Any]:
    if (
        not isinstance(asked, Mapping)
        or not asked.get("instructions")
        or asked.get("type") not in ("predicate", "choice")
    ):
        raise _invalid("each question needs a type and instructions")
    name = {"name": asked.get("name")}
    if asked["type"] == "predicate":
        share = held(state, about, asked["instructions"], ())
        return {"type": "refusal", **name} if share != share else {"type": "predicate", **name, "probability": share}
    shares = held(state, about, asked["instructions"], tuple(str(each["value"]) for each in asked.get("choices") or ()))
    rows = [{"value": value, "probability": share} for value, share in shares.items()]
    return {
        "type": "choice",
        **name,
        "choice": max(shares, key=shares.__getitem__),
        "confidence": _sure(shares),
        "probabilities": rows,
    }
