"""Files of lmbridge's own: who owns them, who may write to them, and that no link in their place is followed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from lmbridge import platform

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes and links")


def test_a_folder_that_others_may_enter_is_narrowed(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o755)
    folder.chmod(0o777)
    assert platform.checked_folder(folder) == folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_missing_folders_are_made_for_their_owner_alone(tmp_path: Path) -> None:
    platform.checked_folder(tmp_path / "a" / "b")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "a", tmp_path / "a" / "b")] == [0o700, 0o700]


@pytest.mark.parametrize("trick", ["a link", "a pipe", "a folder", "others may write to it", "too large"])
def test_what_is_no_plain_file_of_our_own_is_not_read(tmp_path: Path, trick: str) -> None:
    file, other = tmp_path / "file", tmp_path / "other"
    other.write_text("foreign")
    if trick == "a link":
        file.symlink_to(other)
    elif trick == "a pipe":
        os.mkfifo(file)
    elif trick == "a folder":
        file.mkdir()
    else:
        file.write_text("x" * 100)
        file.chmod(0o622 if trick == "others may write to it" else 0o600)
    with pytest.raises(OSError):  # which of them differs between systems
        platform.private_read(file, most=10 if trick == "too large" else 1000)


def test_writing_replaces_a_link_and_leaves_alone_what_it_leads_to(tmp_path: Path) -> None:
    file, other = tmp_path / "own" / "file", tmp_path / "other"
    other.write_text("theirs")
    file.parent.mkdir()
    file.symlink_to(other)
    platform.private_write(file, "ours")
    assert (file.read_text(), other.read_text(), file.is_symlink()) == ("ours", "theirs", False)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_opening_does_not_follow_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "other")
    with pytest.raises(OSError):  # ELOOP here, EMLINK elsewhere
        platform.private_open(tmp_path / "link", os.O_WRONLY | os.O_CREAT)
    assert not (tmp_path / "other").exists()
