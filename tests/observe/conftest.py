"""Journals in a folder of the test's own."""

from pathlib import Path

import pytest

from lmbridge.observe.journal.journal import Journals


@pytest.fixture
def journals(tmp_path: Path) -> Journals:
    return Journals(tmp_path / "runs")
