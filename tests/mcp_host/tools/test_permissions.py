"""What a tool may do: the strictest of entry, run and settings wins; what does not say that it only reads writes."""

from __future__ import annotations

from itertools import product

import pytest

from lmbridge.mcp_host.config.entry import Grant, GrantAccess
from lmbridge.mcp_host.tools.permissions import decide
from lmbridge.messages import ToolSpec
from lmbridge.settings import Access

READS = ToolSpec("fs__read_file", server="fs", tool="read_file", read_only=True)
WRITES = ToolSpec("fs__write_file", server="fs", tool="write_file")

ENTRY: list[GrantAccess | None] = [None, "read", "write"]
RUN: list[Access | None] = [None, "read", "ask", "write"]
SETTINGS: list[Access] = ["read", "ask", "write"]


@pytest.mark.parametrize(("entry", "run", "settings"), list(product(ENTRY, RUN, SETTINGS)))
def test_a_writing_tool_is_held_to_the_strictest_level(
    entry: GrantAccess | None, run: Access | None, settings: Access
) -> None:
    levels = {entry, run, settings}
    expected = "denied" if "read" in levels else "ask" if "ask" in levels else "allowed"

    assert decide(WRITES, grant=Grant(access=entry), run=run, settings=settings).verdict == expected


@pytest.mark.parametrize(("entry", "run", "settings"), list(product(ENTRY, RUN, SETTINGS)))
def test_a_reading_tool_is_always_allowed(entry: GrantAccess | None, run: Access | None, settings: Access) -> None:
    assert decide(READS, grant=Grant(access=entry), run=run, settings=settings).allowed


@pytest.mark.parametrize("glob", ["read_file", "read_*", "fs__read_*", "*", "fs__*"])
def test_a_denied_tool_is_never_called_even_where_it_is_allowed(glob: str) -> None:
    decision = decide(READS, grant=Grant(allow=("*",), deny=(glob,)))

    assert decision.verdict == "denied"
    assert "fs__read_file" in decision.reason


def test_with_an_allow_list_nothing_else_is_called() -> None:
    grant = Grant(allow=("read_*",))

    assert decide(READS, grant=grant).allowed
    assert decide(WRITES, grant=grant).verdict == "denied"


def test_allowing_a_tool_does_not_lift_the_access() -> None:
    assert decide(WRITES, grant=Grant(access="read", allow=("write_file",))).verdict == "denied"


def test_globs_tell_capitals_apart() -> None:
    assert decide(READS, grant=Grant(deny=("READ_FILE",))).allowed
