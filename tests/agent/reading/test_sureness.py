"""How sure a model was of one of few words, whatever way its tokenizer cuts the reply."""

from __future__ import annotations

import pytest

from lmbridge.agent.reading.sureness import share_of, wished
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


TOOLS = ("edit_file", "move_file", "fs__move_file", "sqlite__read_query", "sqlite__write_query")


@pytest.mark.parametrize(
    ("likelihoods", "wish"),
    [
        (reply('{"tool": "', ("edit", 0.1, {"rename": 0.74, "edit": 0.1}), "_file", '"'), "rename"),
        (reply('{"tool": "', "fs__", ("move", 0.1, {"rename": 0.7, "move": 0.1}), "_file", '"'), "fs__rename"),
        (reply('{"tool": "', ("edit", 0.1, {"move": 0.74}), "_file", '"'), ""),  # that one was to be had
        (reply('{"tool": "', ("edit", 0.36, {"rename": 0.48}), "_file", '"'), "rename"),
        (reply('{"tool": "', ("edit", 0.5, {"rename": 0.45}), "_file", '"'), ""),  # it was surer of what it took
        (reply('{"tool": "', ("edit", 0.1, {"rename": 0.2}), "_file", '"'), ""),
        (reply('{"tool": "', ("edit", 0.1, {'"': 0.8}), "_file", '"'), ""),
        (reply('{"tool": "edit_file", "arguments": {"path": "', ("a", 0.1, {"rename": 0.8}), '"'), ""),
        (reply('{"outcome": "', ("found", 0.1, {"rename": 0.8}), '"'), ""),
    ],
)
def test_a_name_that_no_tool_has_and_that_was_likelier_is_a_wish(likelihoods: list[Likelihood], wish: str) -> None:
    assert wished(likelihoods, "tool", TOOLS) == wish
