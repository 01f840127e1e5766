"""A file that starts programs is seen in whatever way a call spells it, and however much stands before it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lmbridge.mcp_host.gate.aim import Aimed
from lmbridge.mcp_host.gate.judge import judge
from lmbridge.mcp_host.gate.mentions import UserWords
from lmbridge.mcp_host.gate.paths import is_below, look
from lmbridge.mcp_host.gate.targets import MOST_PATHS, targets
from lmbridge.mcp_host.gate.verdicts import Ask, Free, Run, Verdict
from lmbridge.messages import ToolSpec

NEW = [{"path": f"new{number}.txt", "content": "x"} for number in range(150)]
HOOK = {"path": ".git/hooks/post-commit", "content": "x"}
SPELLED: dict[str, dict[str, Any]] = {
    "a line break that `..` takes back": {"path": "x\n/../.npmrc"},
    "longer than paths are": {"path": "./" * 3000 + ".npmrc"},
    "a name with a line break in it": {"path": ".github/workflows/a\nb.yml"},
    "an address of a file": {"path": "file:///project/%2Enpmrc"},
    "a list as text": {"paths": json.dumps(["a.txt", ".npmrc"])},
    "objects as text": {"files": json.dumps([HOOK])},
    "a path on each line": {"paths": "a.txt\n.npmrc"},
    "behind many others": {"files": [*NEW, HOOK]},
}


def verdict(arguments: dict[str, Any], *, read_only: bool = False, scope: tuple[str, ...] = ()) -> Verdict:
    spec = ToolSpec("write", server="files", tool="write", read_only=read_only)
    aimed = targets(spec, arguments)
    looked = tuple(look(path, ("/project",)) for path in aimed.paths[:MOST_PATHS])
    said = UserWords(("Write the new files.",), scope)
    return judge(Aimed(spec, "write", arguments, aimed, looked, ("/project",)), Run(said))


@pytest.mark.parametrize("spelling", SPELLED)
def test_a_file_that_starts_programs_is_asked_about_in_every_spelling(spelling: str):
    assert isinstance(verdict(SPELLED[spelling]), Ask)


def test_ordinary_files_are_free_in_the_same_spellings():
    for arguments in (
        {"files": NEW},
        {"paths": "a.txt\nb.txt"},
        {"paths": json.dumps(["a.txt", "b.txt"])},
        {"path": "x\n/../a.txt"},
        {"path": "a.txt", "content": "Set it up:\n.npmrc\n/project/.git/hooks/post-commit\n"},
    ):
        assert isinstance(verdict(arguments), Free), arguments


def test_a_call_with_more_than_can_be_looked_at_is_asked_about_as_a_whole_and_can_be_granted():
    many = {"files": [{"path": f"new{number}.txt"} for number in range(3 * MOST_PATHS)]}
    assert isinstance(verdict(many), Ask)
    assert isinstance(verdict(many, read_only=True), Free)
    assert isinstance(verdict(many, scope=("files__write",)), Free)


def test_a_link_before_two_dots_is_followed_as_the_system_follows_it(tmp_path: Path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    (outside / "deep").mkdir(parents=True)
    inside.mkdir()
    (outside / "secret.txt").write_text("x")
    (inside / "link").symlink_to(outside / "deep")
    looked = look("link/../secret.txt", (str(inside),))
    assert looked.exists
    assert str(outside / "secret.txt") in looked.real
    assert not is_below(looked, (str(inside),))
    assert is_below(look("sub/../secret.txt", (str(inside),)), (str(inside),))
