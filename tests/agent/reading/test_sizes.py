"""Listings with sizes, in the form of the reference file server (server-filesystem 2026.7)."""

from __future__ import annotations

import pytest

from lmbridge.agent.loop.tool_offer import plainest
from lmbridge.agent.reading.notes import counted, listed_names
from lmbridge.agent.reading.sizes import asked, ends, rows
from lmbridge.messages import ToolSpec

LISTING = """[FILE] clip_406.mp4                     12.30 KB
[FILE] clip_986.mp4                        986 B
[FILE] long name of a clip.mp4            1.02 MB
[DIR] raw                           \x20

Total: 3 files, 1 directories
Combined size: 1.04 MB"""


def test_files_are_rows_and_the_ends_are_told() -> None:
    assert [row["size"] for row in rows(LISTING)] == ["12595", "986", "1069548"]
    assert ends(LISTING) == "largest: long name of a clip.mp4 (1.02 MB), smallest: clip_986.mp4 (986 B)"
    assert counted(LISTING) == "Counted: 3 .mp4 files; 3 files in all; " + ends(LISTING) + "."
    assert listed_names(LISTING)[:3] == ["clip_406.mp4", "clip_986.mp4", "long name of a clip.mp4"]
    assert (rows("[FILE] a.txt\n[FILE] b.txt"), ends("[FILE] a.txt    3 B")) == ([], "")


@pytest.mark.parametrize(
    ("task", "sized"),
    [
        ("Which clip is the largest?", True),
        ("How big is a.mp4?", True),
        ("Wie gross? Die Gr\u00f6\u00dfe, bitte.", True),
        ("Quel est le plus gros fichier ?", True),
        ("files above 10 MB", True),
        ("Which file is the newest?", False),
        ("Name the files.", False),
    ],
)
def test_the_variant_that_tells_sizes_is_shown_where_they_are_asked_for(task: str, sized: bool) -> None:
    schema = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
    tools = [
        ToolSpec(name, "", schema, server="files", tool=name)
        for name in ("list_directory", "list_directory_with_sizes", "read_file")
    ]
    shown = [spec.name for spec in plainest(tools, sized=asked(task))]
    assert shown == [tools[1 if sized else 0].name, "read_file"]
