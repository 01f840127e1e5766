"""Each section of docs/SECURITY.md that promises something names the tests that hold it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "SECURITY.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE))
PROMISE_NOTHING = {"What is trusted", "Permission laundering", "What is not enforced", "A careful setup"}


@pytest.mark.parametrize("section", sorted(SECTIONS.keys() - PROMISE_NOTHING))
def test_a_section_names_tests_that_are_there(section: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)`", SECTIONS[section])
    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []
