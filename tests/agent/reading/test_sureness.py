"""How sure a model was of one of few words, whatever way its tokenizer cuts the reply."""

from __future__ import annotations

import pytest

from lmbridge.agent.reading.sureness import share_of
from lmbridge.messages import Likelihood

WANTS = ("answer", "change")


def reply(*tokens: str | tuple[str, float, dict[str, float]]) -> list[Likelihood]:
    whole = [(each, 1.0, {}) if isinstance(each, str) else each for each in tokens]
    return [Likelihood(token, chance, tuple(others.items())) for token, chance, others in whole]


TORN = ("change", 0.6, {"change": 0.6, "answer": 0.2, "ch": 0.0, "update": 0.2})


@pytest.mark.parametrize(
    "likelihoods",
    [
        reply('{"', "wants", '": "', TORN, '", "', "thought"),
        reply("{", ' "wants":', ' "', TORN, '"'),
        reply('{"wants": ', ('"change', 0.6, {'"answer': 0.2, '"update': 0.2, "[": 0.0})),
        reply('{"wants": "', ("ch", 0.6, {"ans": 0.2, "up": 0.2}), "ange"),
    ],
)
def test_the_share_is_among_the_values_that_were_allowed(likelihoods: list[Likelihood]) -> None:
    assert share_of(likelihoods, "wants", "change", WANTS) == pytest.approx(0.75)
    assert share_of(likelihoods, "wants", "answer", WANTS) == pytest.approx(0.25)


@pytest.mark.parametrize(
    "likelihoods",
    [
        [],
        reply('{"thought": "', ("wants", 0.5, {}), '"}'),
        reply('{"wants": ', ("true", 1.0, {}), "}"),
        reply('{"wants": "', ("update", 1.0, {"set": 0.1}), '"}'),
    ],
)
def test_where_nothing_is_told_of_it_there_is_none(likelihoods: list[Likelihood]) -> None:
    assert share_of(likelihoods, "wants", "change", WANTS) is None


def test_a_value_that_is_not_among_the_likeliest_has_no_share() -> None:
    likelihoods = reply('{"wants": "', ("change", 0.99, {"change": 0.99, "changes": 0.01}), '"')
    assert share_of(likelihoods, "wants", "answer", WANTS) == 0.0
