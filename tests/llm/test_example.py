"""The example of several models at once is run as a user runs it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from support.llm import within

EXAMPLE = Path(__file__).parents[2] / "examples" / "multi_model.py"


async def test_the_example_shows_two_models_side_by_side_and_a_task_on_each_of_three() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(EXAMPLE), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await within(60, process.communicate())
    assert process.returncode == 0, err.decode()
    lines = out.decode().splitlines()
    assert lines[0].startswith("qwen/qwen3-4b: I am qwen/qwen3-4b")
    assert lines[1].startswith("google/gemma-3-4b: I am google/gemma-3-4b")
    told = {line.partition(":")[0]: line for line in lines[2:]}
    assert "Call Ada." in told["qwen/qwen3-4b"]
    assert "Buy tea." in told["google/gemma-3-4b"]
    assert "Water the plants." in told["mistralai/devstral-small"]
