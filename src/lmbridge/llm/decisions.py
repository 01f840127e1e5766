"""Decision models: typed questions in, probabilities out, no text. Sans-I/O but for `decided`.

Two forms of one thing. System One (`POST /v1/systemone`; llama.cpp's tools/server/README.md, LM Studio's docs
1_developer/5_jev-compat/systemone.md): `{"model", "state", "questions": {ID: {"type": "noul" | "choice", "instructions",
"criteria"}}}` is answered by `{"model", "answers": {ID: {"type": "noul", "noul": P} | {"type": "choice", "choice",
"probabilities": {NAME: P}, "confidence"}}, "usage"}`. OpenAI's Decisions (`POST /v1/decisions`; openai-python's
types/decision.py, LM Studio's docs 1_developer/3_openai-compat/decisions.md): `{"model", "input", "questions": [{"type":
"predicate" | "choice", "name", "instructions", "choices": [{"value", "description"}]}]}` is answered by `{"answers": [{"type":
"predicate", "name", "probability"} | {"type": "choice", "name", "choice", "probabilities": [{"value", "probability"}]} |
{"type": "refusal", "name"}]}`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lmbridge.errors import LLMError
from lmbridge.llm.http import errors
from lmbridge.llm.models.listing import is_missing

if TYPE_CHECKING:
    from lmbridge.llm.http.endpoint import Endpoint

MOST_OPTIONS = 200
"""Options of one choice: the least that a server of this protocol documents is 208, single models take fewer."""


@dataclass(frozen=True, slots=True)
class TypedQuestion:
    """One question about a state.

    Attributes:
        instructions: What is asked.
        options: Names to choose among, each with a description or None; () asks whether the instructions hold.
    """

    instructions: str
    options: tuple[tuple[str, str | None], ...] = ()


Questions = Mapping[str, TypedQuestion]
Shares = Mapping[str, float]
"""Probabilities of the options; of a question without any the one of `true` alone."""


async def decided(
    endpoint: Endpoint, model: str, state: Any, questions: Questions, *, within: float
) -> dict[str, Shares]:
    """What a decision model holds of a state: the probabilities for each question that it answered.

    Args:
        endpoint: The backend.
        model: The model, loaded.
        state: A text, or any JSON value.
        questions: By a name of theirs.
        within: Seconds for the answer.

    Raises:
        LLMError: The backend has no such endpoint, the model is none that decides, or something else came.
    """
    path, body = "/systemone", systemone_body(model, state, questions)
    try:
        told = await endpoint.ask("POST", path, body, within=within, guarded=False, model=model)
        read = read_systemone(told, questions)
    except LLMError as error:
        if not is_missing(error) or "not a decision model" in (error.body or "").lower():
            raise
        path, body = "/decisions", decisions_body(model, state, questions)
        told = await endpoint.ask("POST", path, body, within=within, guarded=False, model=model)
        read = read_decisions(told, questions)
    if read is None:
        raise errors.not_the_protocol(endpoint.exchange("POST", path), str(told), "no decision")
    return read


def systemone_body(model: str, state: Any, questions: Questions) -> dict[str, Any]:
    """The request in the form of System One."""

    def question(asked: TypedQuestion) -> dict[str, Any]:
        told = {"type": "choice" if asked.options else "noul", "instructions": asked.instructions}
        return told | ({"criteria": dict(asked.options)} if asked.options else {})

    return {"model": model, "state": state, "questions": {name: question(each) for name, each in questions.items()}}


def read_systemone(told: Any, questions: Questions) -> dict[str, Shares] | None:
    """The probabilities in an answer of System One; questions that were not answered are left out. None: it is none."""
    answers = told.get("answers") if isinstance(told, Mapping) else None
    if not isinstance(answers, Mapping):
        return None
    read = {name: _shares(answers.get(name), asked) for name, asked in questions.items()}
    return {name: shares for name, shares in read.items() if shares}


def _shares(answer: Any, asked: TypedQuestion) -> Shares | None:
    if not isinstance(answer, Mapping):
        return None
    if not asked.options:
        return _all_shares({"true": answer.get("noul")})
    told = answer.get("probabilities")
    return _all_shares({name: told.get(name) for name, _ in asked.options}) if isinstance(told, Mapping) else None


def _all_shares(told: Mapping[str, Any]) -> Shares | None:
    """The probabilities, where each is one: a model that could not evaluate a question gives NaN or null."""
    fine = {
        name: float(share)
        for name, share in told.items()
        if isinstance(share, (int, float)) and not isinstance(share, bool) and 0 <= share <= 1
    }
    return fine if len(fine) == len(told) else None


def decisions_body(model: str, state: Any, questions: Questions) -> dict[str, Any]:
    """The request in the form of OpenAI's Decisions, whose input is text."""

    def question(name: str, asked: TypedQuestion) -> dict[str, Any]:
        told: dict[str, Any] = {"type": "predicate", "name": name, "instructions": asked.instructions}
        if not asked.options:
            return told
        choices = [{"value": value, **({"description": text} if text else {})} for value, text in asked.options]
        return told | {"type": "choice", "choices": choices}

    text = state if isinstance(state, str) else json.dumps(state, ensure_ascii=False)
    return {"model": model, "input": text, "questions": [question(name, each) for name, each in questions.items()]}


def read_decisions(told: Any, questions: Questions) -> dict[str, Shares] | None:
    """The probabilities in an answer of Decisions; refused questions are left out. None: it is none."""
    answers = told.get("answers") if isinstance(told, Mapping) else None
    if not isinstance(answers, list):
        return None
    named = {each["name"]: each for each in answers if isinstance(each, Mapping) and isinstance(each.get("name"), str)}
    read = {name: _decided(named.get(name), asked) for name, asked in questions.items()}
    return {name: shares for name, shares in read.items() if shares}


def _decided(answer: Any, asked: TypedQuestion) -> Shares | None:
    if not isinstance(answer, Mapping):
        return None
    if not asked.options:
        return _all_shares({"true": answer.get("probability")})
    rows = answer.get("probabilities")
    rows = rows if isinstance(rows, Sequence) and not isinstance(rows, str) else ()
    told = {row.get("value"): row.get("probability") for row in rows if isinstance(row, Mapping)}
    return _all_shares({name: told.get(name) for name, _ in asked.options})
