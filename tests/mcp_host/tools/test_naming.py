"""The names that a model sees: fit, never colliding, mapped back."""

from __future__ import annotations

import random
import re
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lmbridge.mcp_host.tools.naming import fit, keys, name_tools

FIT = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")

tools = st.tuples(st.text(max_size=80), st.text(max_size=80))
close = st.sampled_from(
    ["read_file", "readFile", "read-file", "ReadFile", "read.file", "read file", "READ_FILE", "read__file"]
)


@pytest.mark.parametrize(
    ("name", "fitted"),
    [("read_file", "read_file"), ("read-file", "read-file"), ("get/user name", "get_user_name"), ("café", "cafe"), ("a" * 64, "a" * 64)],
)  # fmt: skip
def test_a_fit_name_stays_and_an_unfit_one_stays_readable(name: str, fitted: str) -> None:
    assert fit(name) == fitted


@settings(deadline=None)
@given(st.text(max_size=200))
def test_every_name_becomes_fit(name: str) -> None:
    assert FIT.match(fit(name))


def test_one_servers_tools_keep_their_own_names() -> None:
    assert dict(name_tools([("fs", "read_file"), ("fs", "write_file")], prefixed=False)) == {
        "read_file": ("fs", "read_file"),
        "write_file": ("fs", "write_file"),
    }


def test_several_servers_tools_bear_the_servers_name() -> None:
    assert list(name_tools([("fs", "read"), ("my db", "read")], prefixed=True)) == ["fs__read", "my_db__read"]


def test_a_long_name_keeps_both_parts_recognisable() -> None:
    (name,) = name_tools([("a-server-with-a-very-long-name-indeed", "a_tool_with_an_even_longer_name_than_that")], prefixed=True)  # fmt: skip

    assert FIT.match(name)
    assert name.startswith("a-server-with-a-")
    assert "__a_tool_with_an_even" in name


def test_names_equal_in_lower_case_or_snake_case_are_told_apart() -> None:
    named = name_tools([("s", "readFile"), ("s", "read_file"), ("s", "READ-FILE")], prefixed=False)

    assert len(named) == 3
    assert all(keys(one).isdisjoint(keys(other)) for one, other in combinations(named, 2))


def test_the_names_of_lmbridges_own_tools_are_never_given_away() -> None:
    (name,) = name_tools([("s", "findTools")], prefixed=False, reserved=["find_tools"])

    assert keys(name).isdisjoint(keys("find_tools"))


def test_a_new_tool_elsewhere_renames_nobody() -> None:
    before = name_tools([("a", "read_file"), ("a", "readFile")], prefixed=False)
    after = name_tools([("a", "read_file"), ("a", "readFile"), ("b", "write")], prefixed=False)

    assert before.items() <= after.items()


@settings(deadline=None)
@given(st.sets(tools | st.tuples(close, close), max_size=12), st.booleans(), st.randoms(use_true_random=False))
def test_names_never_collide_and_always_map_back(
    wanted: set[tuple[str, str]], prefixed: bool, chance: random.Random
) -> None:
    listed = sorted(wanted)
    named = name_tools(listed, prefixed=prefixed, reserved=["find_tools"])
    chance.shuffle(listed)

    assert set(named.values()) == wanted
    assert all(FIT.match(name) for name in named)
    assert all(keys(one).isdisjoint(keys(other)) for one, other in combinations(named, 2))
    assert list(named) == sorted(named)
    assert name_tools(listed, prefixed=prefixed, reserved=["find_tools"]) == named
