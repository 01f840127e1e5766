"""Several models at once: two side by side on the same question, then one task with tools on each of three.

    python examples/multi_model.py                                  # against the fake LM Studio that comes with lmbridge
    python examples/multi_model.py MODEL_A MODEL_B MODEL_C          # against LMSTUDIO_BASE_URL, or localhost:1234

Load the models explicitly (`lms load MODEL`) when you use a real LM Studio: one that a request loads is unloaded again by
the next such request. Memory decides how many fit side by side.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from lmbridge import DynamicAutonomousAgent, LLMClient, Report, Settings
from lmbridge.messages import Message
from lmbridge.settings import load

NOTES = {"monday.txt": "Call Ada.", "tuesday.txt": "Buy tea.", "wednesday.txt": "Water the plants."}


async def side_by_side(settings: Settings, models: Sequence[str], question: str) -> dict[str, str]:
    """The answers of several models to one question, asked at the same time."""
    async with LLMClient(settings=settings) as client:
        turns = await asyncio.gather(*(client.reply([Message("user", question)], model=model) for model in models))
    return {turn.model: turn.text for turn in turns}


async def one_task_each(settings: Settings, folder: Path, models: Sequence[str]) -> list[Report]:
    """A task with a file server for each model, all at the same time: each run is pinned to its model."""
    tasks = [f"Read {folder / name} and say what it tells." for name in NOTES]
    async with DynamicAutonomousAgent(settings=settings) as agent:
        runs = (
            agent.report_with_mcp("files", task, max_rounds=10, model=model)
            for task, model in zip(tasks, models, strict=True)
        )
        return list(await asyncio.gather(*runs))


async def show(models: Sequence[str], folder: Path) -> bool:
    """Shows both; True where every run was done by its own model."""
    async with backend(models, config_for(folder), folder) as (settings, names):
        for model, answer in (await side_by_side(settings, names[:2], "What are you best at?")).items():
            print(f"{model}: {answer}")
        reports = await one_task_each(settings, folder, names)
    for report in reports:
        print(f"{report.model}: {report.status} in {report.rounds} rounds: {report.answer}")
    return all(each.status == "done" and each.model == name for each, name in zip(reports, names, strict=True))


def main(models: Sequence[str]) -> int:
    """Writes the notes that the tasks are about, and shows what several models make of them."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve()
        for name, text in NOTES.items():
            (folder / name).write_text(text, encoding="utf-8")
        return 0 if asyncio.run(show(models, folder)) else 1


def config_for(folder: Path) -> Path:
    """An mcp.json with the small file server that comes with lmbridge."""
    server = {"command": sys.executable, "args": ["-m", "lmbridge.testing.files", str(folder)]}
    path = folder / "mcp.json"
    path.write_text(json.dumps({"mcpServers": {"files": server}}), encoding="utf-8")
    return path


@asynccontextmanager
async def backend(models: Sequence[str], config: Path, folder: Path) -> AsyncIterator[tuple[Settings, Sequence[str]]]:
    """The settings for the models named, or for three models of a fake LM Studio where none are."""
    own = {"mcp_json_path": config, "state_dir": folder / "state"}
    if models:
        yield load().model_copy(update=own), models
        return
    from lmbridge.testing import FakeLMStudio

    names = ("qwen/qwen3-4b", "google/gemma-3-4b", "mistralai/devstral-small")
    async with FakeLMStudio(models=names) as fake:
        fake.script(pretend)
        yield Settings(base_url=fake.base_url, log_level="error", **own), names


def pretend(request):  # type: ignore[no-untyped-def]  # what a model would do; only the fake needs it
    """Reads the file that the task names, then tells what it held."""
    from lmbridge.testing.fake_lmstudio import call, say

    if not request.tools:
        return say(f"I am {request.body['model']}, and I am good at examples.")
    if request.tool_results:
        return say(f"It says: {request.tool_results[-1]}")
    return call("read_text_file", path=re.findall(r"\S+\.txt", request.last_user)[-1])


if __name__ == "__main__":
    if len(sys.argv) not in {1, 4}:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
