"""The programs in examples/ are run as a user runs them, against the fake LM Studio and real servers."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sqlite3
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lmbridge import settings
from lmbridge.mcp_host.config.configs import Configs
from lmbridge.testing import FakeLMStudio, FakeModel, call, calls, say
from support.pretend import pretend
from support.servers import Entry, npm_server, python_server, sqlite_server, write_config

EXAMPLES = Path(__file__).parents[2] / "examples"
_ASKED = re.compile(r'"needs_grant":\s*\["|though the task|which the task (?:does not name|only hints at)')
MODELS = [
    FakeModel("qwen/qwen3-4b-2507", context_length=16384),
    FakeModel("nomic-embed", type="embedding", dimensions=512),
]


@dataclass
class Desk:
    """A folder to work in, an LM Studio, and the way a user starts an example."""

    folder: Path
    fake: FakeLMStudio

    async def run(self, name: str, *arguments: str, servers: dict[str, Entry]) -> tuple[int, str, str]:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        own = {
            "PATH": path,
            "LMSTUDIO_BASE_URL": self.fake.base_url,
            "MCP_JSON_PATH": str(write_config(self.folder, servers)),
            "LMBRIDGE_STATE_DIR": str(self.folder / "state"),
        }
        program = [sys.executable] if name.endswith(".py") else ["/bin/bash"]
        process = await asyncio.create_subprocess_exec(
            *program,
            str(EXAMPLES / name),
            *arguments,
            env={**os.environ, **own},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(90):
            out, err = await process.communicate()
        journals = "".join(file.read_text() for file in (self.folder / "state").rglob("r-*.jsonl"))
        assert not _ASKED.search(journals), "an example was asked something, or told of by the gate"
        return process.returncode or 0, out.decode(), err.decode()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with FakeLMStudio(MODELS) as fake:
        yield Desk(tmp_path, fake)


def files(folder: Path) -> Entry:
    return python_server("lmbridge.testing.files", str(folder))


def notes(folder: Path) -> Path:
    place = folder / "notes"
    place.mkdir()
    (place / "monday.txt").write_text("Call Ada.\nTODO: buy tea\n", encoding="utf-8")
    (place / "tuesday.txt").write_text("TODO: water the plants\n", encoding="utf-8")
    return place


async def test_a_folder_is_summarised_from_every_file_in_it(desk: Desk) -> None:
    desk.fake.script(pretend)
    folder = notes(desk.folder)
    code, out, err = await desk.run("summarise_folder.py", str(folder), servers={"filesystem": files(folder)})
    assert code == 0, err
    assert "monday.txt: Call Ada." in out
    assert "tuesday.txt: TODO: water the plants".replace("TODO: ", "") in out
    assert "filesystem__read_text_file: 2 calls, 0 failed" in err


@pytest.mark.slow
async def test_the_summary_can_only_read(desk: Desk) -> None:
    folder = notes(desk.folder)
    desk.fake.script(call("write_file", path=str(folder / "new.txt"), content="x"), say("I could not write."))
    code, out, err = await desk.run("summarise_folder.py", str(folder), servers={"filesystem": files(folder)})
    assert (code, out.strip()) == (0, "I could not write."), err
    assert not (folder / "new.txt").exists()


@pytest.mark.slow
async def test_an_invoice_comes_out_as_json_of_the_form_asked_for(desk: Desk) -> None:
    invoice = desk.folder / "invoice.txt"
    invoice.write_text("Invoice 2026-17 of 2026-03-02\nPaper 12.50\nInk 7.50\nTotal 20.00\n", encoding="utf-8")

    def model(request: Any) -> Any:
        if not request.tool_results:
            return call("read_text_file", path=str(invoice))
        number, date = re.findall(r"Invoice (\S+) of (\S+)", request.tool_results[0])[0]
        lines = [
            {"text": text, "price": float(price)}
            for text, price in re.findall(r"(\w+) (\d+\.\d+)", request.tool_results[0])
        ]
        total = lines.pop()["price"]
        fields: dict[str, Any] = {"number": number, "date": date, "lines": lines}
        corrected = any("JSON" in str(each["content"]) for each in request.messages[-1:])
        return say(json.dumps(fields | ({"total": total} if corrected else {})))

    desk.fake.script(model)
    code, out, err = await desk.run("extract_json.py", str(invoice), servers={"filesystem": files(desk.folder)})
    assert code == 0, err
    assert json.loads(out) == {
        "number": "2026-17",
        "date": "2026-03-02",
        "total": 20.0,
        "lines": [{"text": "Paper", "price": 12.5}, {"text": "Ink", "price": 7.5}],
    }


@pytest.mark.npm
async def test_the_graph_really_holds_what_the_notes_say(desk: Desk) -> None:
    folder, graph = notes(desk.folder), desk.folder / "graph.jsonl"
    memory = npm_server("mcp-server-memory", env={"MEMORY_FILE_PATH": str(graph)})

    def model(request: Any) -> Any:
        done = len(request.tool_results)
        if done == 0:
            return call("filesystem__read_text_file", path=str(folder / "monday.txt"))
        if done == 1:
            name = re.findall(r"Call (\w+)", request.tool_results[0])[0]
            ada = {"name": name, "entityType": "person", "observations": ["is to be called"]}
            return call("memory__create_entities", entities=[ada])
        return say("Stored one person.")

    desk.fake.script(model)
    servers = {"filesystem": files(folder), "memory": memory}
    code, out, err = await desk.run("knowledge_graph.py", str(folder), servers=servers)
    assert code == 0, out + err
    assert "memory__create_entities ok" in out
    assert json.loads(graph.read_text().splitlines()[0])["name"] == "Ada"


@pytest.mark.slow
async def test_a_database_question_is_answered_from_the_database(desk: Desk) -> None:
    database = desk.folder / "shop.db"
    with sqlite3.connect(database) as shop:
        shop.execute("create table orders (id integer, open integer, price real)")
        shop.executemany("insert into orders values (?, ?, ?)", [(1, 1, 12.5), (2, 0, 99.0), (3, 1, 30.0)])
    shop.close()

    def model(request: Any) -> Any:
        assert sorted(request.tool_names)[:3] == ["describe_table", "list_tables", "read_query"]
        assert "write_query" not in request.tool_names
        if not request.tool_results:
            return call("read_query", query="select count(*) as n, sum(price) as worth from orders where open")
        return say(f"The database says {request.tool_results[-1]}")

    desk.fake.script(model)
    code, out, err = await desk.run(
        "sql_question.py", "How many orders are open?", servers={"sqlite": sqlite_server(database)}
    )
    assert code == 0, out + err
    assert re.search(r"'n': 2.*'worth': 42\.5", out)


async def test_the_section_that_shares_the_questions_words_is_found_first(desk: Desk) -> None:
    docs = desk.folder / "docs"
    docs.mkdir()
    (docs / "shop.md").write_text(
        "# Opening hours\nThe shop opens at nine.\n\n# Refunds\nGet your money back in a week.\n"
    )
    (docs / "garden.md").write_text("# Plants\nWater them on Tuesday.\n")
    code, out, err = await desk.run("search_markdown.py", str(docs), "your money back", servers={})
    assert code == 0, err
    assert re.match(r"0\.\d\d  shop\.md: Refunds\n", out)
    assert len(out.splitlines()) == 3


@pytest.mark.slow
async def test_an_empty_folder_is_told_and_costs_no_request(desk: Desk) -> None:
    code, _, err = await desk.run("search_markdown.py", str(desk.folder), "anything", servers={})
    assert code == 1
    assert "There are no Markdown files" in err
    assert not desk.fake.requests


@pytest.mark.slow
async def test_the_shell_recipe_prints_the_todos_as_json(desk: Desk) -> None:
    folder = notes(desk.folder)

    def model(request: Any) -> Any:
        if not request.tool_results:
            return calls(*(call("read_text_file", path=str(file)) for file in sorted(folder.iterdir())))
        names = [file.name for file in sorted(folder.iterdir())]
        found = zip(names, request.tool_results, strict=True)
        return say(json.dumps([{"file": n, "todo": t} for n, text in found for t in re.findall("TODO: (.*)", text)]))

    desk.fake.script(model)
    code, out, err = await desk.run("todos.sh", str(folder), servers={"filesystem": files(folder)})
    assert code == 0, err
    assert json.loads(out) == [
        {"file": "monday.txt", "todo": "buy tea"},
        {"file": "tuesday.txt", "todo": "water the plants"},
    ]


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("clients/*.json")), ids=lambda file: file.stem)
def test_a_clients_file_is_read_without_a_problem_and_leaves_lmbridge_itself_out(file: Path, tmp_path: Path) -> None:
    configured = Configs(settings.Settings(mcp_json_path=file), cwd=tmp_path, home=tmp_path).current()
    assert [each.problem for each in configured.files if each.problem] == []
    assert [entry.problem for entry in configured.servers.values() if entry.problem and not entry.own] == []
    assert [name for name, entry in configured.servers.items() if entry.own] == ["lmbridge"]
    assert configured.usable


def test_every_example_is_told_in_the_readme() -> None:
    told = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    there = [file.relative_to(EXAMPLES) for file in EXAMPLES.rglob("*") if file.suffix in {".py", ".sh", ".json"}]
    assert [str(file) for file in there if f"({file})" not in told] == []
