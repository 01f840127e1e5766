"""What lmbridge makes on disk is its owner's alone."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from lmbridge import platform

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")


def mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


def test_each_folder_that_is_made_on_the_way_to_a_private_one_is_private(tmp_path: Path) -> None:
    state = tmp_path / "share" / "lmbridge"
    assert platform.private_folder(state / "runs" / "20261121") == state / "runs" / "20261121"
    made = (state.parent, state, state / "runs", state / "runs" / "20261121")
    assert {mode(folder) for folder in made} == {0o700}


def test_folders_that_are_there_stay_as_they_are(tmp_path: Path) -> None:
    there = tmp_path / "home"
    there.mkdir()
    there.chmod(0o755)
    platform.private_folder(there / "state")
    platform.private_folder(there / "state")
    assert (mode(there), mode(there / "state")) == (0o755, 0o700)


PINNED = """
import psutil
from lmbridge import platform
me = psutil.Process()
many = [bytearray(5_000) for _ in range(20_000)]
last = bytearray(5_000)
del many
before = me.memory_info().rss
print(platform.give_back_memory(), before - me.memory_info().rss)
"""


@pytest.mark.skipif(not platform.LINUX, reason="only glibc keeps freed memory and can be asked for it")
def test_freed_memory_below_a_piece_in_use_goes_back_to_the_system() -> None:
    ended = subprocess.run([sys.executable, "-c", PINNED], capture_output=True, text=True, check=True, timeout=60)
    given, freed = ended.stdout.split()
    if given == "False":
        pytest.skip("this C library gives its memory back by itself")
    assert int(freed) > 50_000_000
