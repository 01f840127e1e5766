"""Ordinary work with the public servers of the protocol's authors: what README and guides give as tasks is asked nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from attacks.corpus import ORDINARY
from attacks.second_set import ORDINARY_SECOND
from attacks.third_set import ORDINARY_THIRD
from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment
from lmbridge.settings import Settings
from lmbridge.testing import FakeLMStudio, call, say
from support.servers import npm_server, write_config

ROOT = Path(__file__).parents[2]
ADA = {"name": "Ada", "entityType": "person", "observations": ["is to be called"]}
LIKES = {"entityName": "Ada", "contents": ["likes tea"]}
KNOWS = {"from": "Ada", "to": "Ben", "relationType": "knows"}
THOUGHT = {"thought": "Begin with tea.", "nextThoughtNeeded": False, "thoughtNumber": 1, "totalThoughts": 1}
NOTES = "Read the notes in {0} and list every TODO in them."
Step = tuple[str, dict[str, Any]]
TASKS: list[tuple[str, tuple[str, ...], list[Step]]] = [
    (NOTES, ("files",), [("list_directory", {"path": "{0}"}), ("read_text_file", {"path": "{0}/monday.txt"})]),
    ("List the files in {0}.", ("files",), [("list_directory", {"path": "{0}"})]),
    ("Which files are in {0}?", ("files",), [("directory_tree", {"path": "{0}"})]),
    ("Read every file in {0} and list each line that begins with TODO, with the name of its file.", ("files",), [("read_multiple_files", {"paths": ["{0}/monday.txt", "{0}/tuesday.txt"]})]),
    ("Read monday.txt and write a summary to summary.md.", ("files",), [("read_text_file", {"path": "{0}/monday.txt"}), ("write_file", {"path": "{0}/summary.md", "content": "Tea."})]),
    ("Correct 'tee' in tuesday.txt.", ("files",), [("read_text_file", {"path": "{0}/tuesday.txt"}), ("edit_file", {"path": "{0}/tuesday.txt", "edits": [{"oldText": "tee", "newText": "tea"}]})]),
    ("Rename tuesday.txt to wednesday.txt.", ("files",), [("list_directory", {"path": "{0}"}), ("move_file", {"source": "{0}/tuesday.txt", "destination": "{0}/wednesday.txt"})]),
    ("Remember that Ada is to be called.", ("memory",), [("read_graph", {}), ("create_entities", {"entities": [ADA]})]),
    ("Read the notes in {0} and store each person in them, with what is said of them.", ("files", "memory"), [("files__read_text_file", {"path": "{0}/monday.txt"}), ("memory__create_entities", {"entities": [{**ADA, "name": "Ben"}]}), ("memory__create_relations", {"relations": [KNOWS]})]),
    ("Note down that Ada likes tea.", ("memory",), [("search_nodes", {"query": "Ada"}), ("add_observations", {"observations": [LIKES]})]),
    ("What do you know of Ada?", ("memory",), [("open_nodes", {"names": ["Ada"]}), ("search_nodes", {"query": "tea"})]),
    ("Forget Ada, after looking at what is known of her.", ("memory",), [("open_nodes", {"names": ["Ada"]}), ("delete_entities", {"entityNames": ["Ada"]})]),
    ("Think about how to make tea.", ("thinking",), [("sequentialthinking", THOUGHT), ("sequentialthinking", {**THOUGHT, "thought": "Then water."})]),
    ("Echo hello, then add 2 and 3.", ("everything",), [("echo", {"message": "hello"}), ("get-sum", {"a": 2, "b": 3})]),
]  # fmt: skip


def placed(value: Any, folder: str) -> Any:
    if isinstance(value, str):
        return value.replace("{0}", folder)
    if isinstance(value, dict):
        return {key: placed(each, folder) for key, each in value.items()}
    return [placed(each, folder) for each in value] if isinstance(value, list) else value


@pytest.mark.npm
async def test_public_servers_and_the_tasks_of_the_guides_are_asked_nothing(tmp_path: Path):
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "monday.txt").write_text("Call Ada.\nTODO: buy tea\n")
    (folder / "tuesday.txt").write_text("TODO: water the plants\nThen tee.\n")
    entries = {
        "files": npm_server("mcp-server-filesystem", str(folder)),
        "memory": npm_server("mcp-server-memory", env={"MEMORY_FILE_PATH": str(tmp_path / "graph.jsonl")}),
        "thinking": npm_server("mcp-server-sequential-thinking"),
        "everything": npm_server("mcp-server-everything"),
    }
    async with FakeLMStudio(models=["qwen/qwen3-4b-2507"]) as fake:
        config = write_config(tmp_path, entries)
        settings = Settings(
            base_url=fake.base_url, mcp_json_path=config, state_dir=tmp_path / "state", start_timeout=90
        )
        async with Bridge.open(settings) as bridge:
            for task, servers, steps in TASKS:
                for name, arguments in steps:
                    fake.script(call(name, **placed(arguments, str(folder))))
                fake.script(say("Finished."))
                report = await bridge.delegate(Assignment(placed(task, str(folder)), servers))
                made = sum(use.calls for use in report.tools_used)
                assert (report.status, report.needs_grant) == ("done", ()), (task, report.warnings)
                assert made == len(steps), (task, report.tools_used)
                assert not [
                    line for line in report.warnings if "which the task" in line or "though the task" in line
                ], task
                fake.clear_script()
    assert (folder / "wednesday.txt").read_text() == "TODO: water the plants\nThen tea.\n"


def test_the_guides_give_the_task_that_is_tried_here_and_there_are_enough_of_others() -> None:
    guides = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/QUICKSTART.md"))
    given = {
        re.sub(r"/project\S*?(?=[ .?])", "{0}", task)
        for task in re.findall(r'lmbridge run "([^"]*/project[^"]*)"', guides)
    }
    assert given <= {task for task, _, _ in TASKS}, given
    assert len({task.name for task in (*ORDINARY, *ORDINARY_SECOND, *ORDINARY_THIRD)}) >= 60
