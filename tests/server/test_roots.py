"""Which folders a client's roots name."""

from __future__ import annotations

from pathlib import Path

from lmbridge.server.roots import MOST, folders


def test_only_folders_of_this_machine_count_each_once(tmp_path: Path):
    named, file = tmp_path / "a ü b", tmp_path / "file"
    named.mkdir()
    file.write_text("")
    strange = [
        "https://a.example/x",
        "file://other.example/tmp",
        "file:relative",
        "file:///not/there",
        "file:///a%00b",
        file.as_uri(),
        "",
    ]
    assert folders([named.as_uri(), *strange, named.as_uri(), f"file://localhost{tmp_path}"]) == (named, tmp_path)


def test_a_client_that_names_thousands_has_the_first_of_them_looked_into(tmp_path: Path):
    made = [tmp_path / f"{number:03}" for number in range(MOST + 5)]
    for folder in made:
        folder.mkdir()
    assert folders(folder.as_uri() for folder in made) == tuple(made[:MOST])
