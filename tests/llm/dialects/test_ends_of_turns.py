"""Tokens that end a turn are taken from the end of a reply, however long it is, and from nowhere else."""

from __future__ import annotations

import random

import pytest

from lmbridge.llm.dialects import control_tokens

_PARTS = ["<|im_end|>", "<|END_OF_TURN_TOKEN|>", "</s>", "<eos>", " ", " " * 39, " " * 41, "\n", "word", "<|call|>"]


@pytest.mark.parametrize("before", ["", "abc", "x" * 10_000])
def test_the_end_alone_is_searched_and_nothing_is_missed(before: str) -> None:
    chance = random.Random(len(before))
    for _ in range(2000):
        text = before + "".join(chance.choices(_PARTS, k=chance.randint(0, 24)))
        assert control_tokens.without_end(text) == control_tokens._ENDS.sub("", text), text
