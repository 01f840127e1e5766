"""Fixtures of this room."""

from __future__ import annotations

import pytest

from support.llm import Told
from support.llm_bench import bench

__all__ = ["bench", "told"]


@pytest.fixture
def told() -> Told:
    return Told()
