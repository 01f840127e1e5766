"""The examples of docs/TESTING.md run."""

from __future__ import annotations

import asyncio
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

import lmbridge.testing
from lmbridge.testing import Options, fault

PAGE = (Path(__file__).parents[2] / "docs" / "TESTING.md").read_text(encoding="utf-8")


def examples() -> dict[str, Any]:
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(compile(block, "docs/TESTING.md", "exec"), names)
    return {name: value for name, value in names.items() if name.startswith("test_")}


EXAMPLES = examples()
assert EXAMPLES, "the page has no example"


@pytest.mark.parametrize("name", EXAMPLES)
async def test_an_example_runs(name: str) -> None:
    example = EXAMPLES[name]
    if inspect.iscoroutinefunction(example):
        await example()
    else:
        await asyncio.to_thread(example)


def test_every_option_and_fault_is_on_the_page() -> None:
    faults = [
        name for name, value in vars(fault).items() if inspect.isfunction(value) and value.__module__ == fault.__name__
    ]
    missing = [name for name in faults if f"`{name}(" not in PAGE and f" {name}(" not in PAGE]
    missing += [name for name in Options.__dataclass_fields__ if f"`{name}`" not in PAGE]
    assert not missing


def test_every_public_name_can_be_imported() -> None:
    for name in lmbridge.testing.__all__:
        assert getattr(lmbridge.testing, name) is not None
    with pytest.raises(AttributeError):
        _ = lmbridge.testing.no_such_name
