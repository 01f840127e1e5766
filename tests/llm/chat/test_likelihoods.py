"""How likely each token was: read off any form of `logprobs`, and what is not of that form is no fault of the reply."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lmbridge.llm.chat.decoder import TurnDecoder, parse_body
from lmbridge.llm.chat.likelihoods import likelihoods_of
from lmbridge.llm.chat.request_body import chat_body
from lmbridge.llm.http.request import Exchange
from lmbridge.messages import Likelihood, Message, ReplyOptions

EXCHANGE = Exchange("POST", "http://127.0.0.1:1234/v1/chat/completions", status=200)


def told(token: str, log: float, *others: tuple[str, float]) -> dict[str, Any]:
    """A token as llama.cpp (build 11549) tells it."""
    near = [{"id": 1, "token": text, "bytes": list(text.encode()), "logprob": value} for text, value in others]
    return {"id": 7, "token": token, "bytes": list(token.encode()), "logprob": log, "top_logprobs": near}


def chunk(text: str, *tokens: dict[str, Any]) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None, "logprobs": {"content": list(tokens)}}
    return b"data: " + json.dumps({"model": "m", "choices": [choice]}).encode() + b"\n\n"


END = b'data: {"model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'


def test_a_stream_tells_them_token_by_token() -> None:
    decoder = TurnDecoder(EXCHANGE)
    decoder.feed(
        chunk("yes", told("yes", 0.0, ("yes", 0.0))) + chunk("!", told("!", -0.6931472, (".", -1.3862944))) + END
    )
    first, second = decoder.finish().likelihoods
    assert first == Likelihood("yes", 1.0, (("yes", 1.0),))
    assert (second.token, second.others[0][0]) == ("!", ".")
    assert (second.probability, second.others[0][1]) == (pytest.approx(0.5), pytest.approx(0.25))


def test_a_whole_body_tells_the_same() -> None:
    choice = {
        "index": 0,
        "message": {"content": "yes"},
        "finish_reason": "stop",
        "logprobs": {"content": [told("yes", 0.0)]},
    }
    turn = parse_body(EXCHANGE, json.dumps({"model": "m", "choices": [choice]}).encode())
    assert turn.likelihoods == (Likelihood("yes", 1.0),)


@pytest.mark.parametrize(
    "odd",
    [
        None,
        [],
        "high",
        {"content": None},
        {"content": "yes"},
        {"content": [None, 1, {"token": "yes"}, {"token": 3, "logprob": -1.0}, {"token": "a", "logprob": True}]},
        {"tokens": ["yes"], "token_logprobs": [-0.1]},  # as text completions tell it
    ],
)
def test_what_is_told_in_another_form_is_left_out(odd: Any) -> None:
    assert likelihoods_of(odd) == []


def test_a_likelihood_is_never_above_one() -> None:
    (found,) = likelihoods_of({"content": [told("yes", 0.2, ("no", float("-inf")))]})
    assert (found.probability, found.others) == (1.0, (("no", 0.0),))


@pytest.mark.parametrize("asked", [True, False])
def test_they_are_asked_for_only_where_that_is_wanted(asked: bool) -> None:
    body = json.loads(chat_body([Message("user", "Hi")], (), model="m", options=ReplyOptions(likelihoods=asked)))
    assert {"logprobs", "top_logprobs"} & set(body) == ({"logprobs", "top_logprobs"} if asked else set())
