"""The page about servers says what the code does."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from lmbridge.mcp_host.config.entry import Grant
from lmbridge.mcp_host.config.programs import known_places
from lmbridge.mcp_host.config.secret_names import SHORTEST_SECRET
from lmbridge.text import LONGEST_DESCRIPTION

PAGE = (Path(__file__).parent.parent.parent / "docs" / "MCP_SERVERS.md").read_text(encoding="utf-8")


def test_the_places_are_listed_in_the_order_in_which_they_win() -> None:
    listed = re.findall(r"^\| (\d+) \| `([^`]+)` \|", PAGE, re.MULTILINE)
    home, project = Path("/home/me"), Path("/project")
    places = known_places(system="linux", cwd=project, home=home, environment={})

    told = [
        path.replace("APPS", "/home/me/.config").replace("~", "/home/me").replace("./.", "/project/.")
        for _, path in listed
    ]

    assert told == [place.path.as_posix() for place in places]
    assert [int(number) for number, _ in listed] == list(range(1, len(places) + 1))


def test_every_right_of_an_entry_is_explained() -> None:
    assert [field.name for field in fields(Grant) if f"`{field.name}`" not in PAGE] == []


def test_the_limits_are_the_real_ones() -> None:
    assert f"{LONGEST_DESCRIPTION:,}" in PAGE
    assert f"of {SHORTEST_SECRET} characters and more" in PAGE
