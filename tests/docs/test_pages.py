"""Every example of the README and of docs/ is run, or says why not."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import io
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from anyio.from_thread import start_blocking_portal

from lmbridge import settings
from lmbridge.cli.group import cli
from lmbridge.cli.installing.clients import deep_links
from lmbridge.mcp_host.config.configs import Configs
from lmbridge.testing import FakeLMStudio, FakeModel
from support import warm
from support.pages import PAGES, REASONS, ROOT, Block, blocks, commands, differs
from support.pretend import pretend

BLOCKS = [block for page in PAGES for block in blocks(page)]
NOTES = {"monday.txt": "Call Ada.\nTODO: buy tea", "tuesday.txt": "TODO: water the plants"}
MODELS = [
    FakeModel("qwen/qwen3-4b-2507", context_length=16384, max_context_length=32768),
    FakeModel("qwen/qwen3-coder-30b", loaded=False, max_context_length=262144),
    FakeModel("mistralai/magistral-small-2509", loaded=False, max_context_length=131072),
    FakeModel("text-embedding-nomic-embed-text-v1.5", type="embedding", loaded=False, max_context_length=2048),
]


@dataclass(frozen=True)
class Desk:
    """A user's machine: a home folder, a project with a few notes, a file server, an LM Studio."""

    home: Path
    project: Path
    fake: FakeLMStudio

    @property
    def environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(warm.program().parent), str(Path(sys.executable).parent), os.defpath])
        return {
            "HOME": str(self.home),
            "PATH": path,
            "COLUMNS": "200",
            "PYTHONUTF8": "1",
            "LMSTUDIO_BASE_URL": self.fake.base_url,
        }

    @property
    def newest_run(self) -> str:
        """What `RUN_ID` in a command stands for."""
        journals = sorted((self.home / ".local" / "state" / "lmbridge" / "runs").rglob("*.jsonl"))
        return journals[-1].stem if journals else "RUN_ID"

    def really(self, text: str) -> str:
        """A page's text with the places of this desk."""
        return re.sub(r"(?<![\w/.])/project\b", str(self.project), text).replace("/home/ana", str(self.home))

    def as_shown(self, text: str) -> str:
        """Output as the page would show it."""
        text = text.replace(str(self.project), "/project").replace(str(self.home), "/home/ana")
        return text.replace(self.fake.url, "http://localhost:1234")

    def run(self, command: str) -> tuple[int, str]:
        done = subprocess.run(
            ["/bin/bash", "-c", self.really(command).replace("RUN_ID", self.newest_run)],
            cwd=self.project,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=90,
            check=False,
        )
        return done.returncode, self.as_shown(done.stdout)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with tempfile.TemporaryDirectory(prefix="d") as short:  # tables cut long paths
        yield from furnished(Path(short).resolve())


def furnished(place: Path) -> Iterator[Desk]:
    home, project = place / "ana", place / "project"
    (project / "notes").mkdir(parents=True)
    home.mkdir()
    for name, text in NOTES.items():
        (project / "notes" / name).write_text(text + "\n", encoding="utf-8")
    server = {"command": sys.executable, "args": ["-m", "lmbridge.testing.files", str(project)]}
    own = home / ".config" / "lmbridge"
    own.mkdir(parents=True)
    (own / "mcp.json").write_text(json.dumps({"mcpServers": {"filesystem": server}}))
    (project / "examples").symlink_to(ROOT / "examples")
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(FakeLMStudio(MODELS)) as fake:
        portal.call(fake.script, pretend)
        yield Desk(home, project, fake)


def of_kind(*kinds: str) -> list[Block]:
    return [block for block in BLOCKS if block.kind in kinds and block.left_out is None]


def with_kind(*kinds: str) -> list[Path]:
    return sorted({block.page for block in of_kind(*kinds)})


def quick_first(pages: list[Path]) -> list[Any]:
    """The README's commands are always run; other pages' take a process each, and are left out by `--quick`."""
    return [page if page.name == "README.md" else pytest.param(page, marks=pytest.mark.slow) for page in pages]


@pytest.mark.parametrize("page", quick_first(with_kind("console")), ids=lambda page: page.name)
def test_every_command_does_what_the_page_shows(page: Path, desk: Desk) -> None:
    for block in of_kind("console"):
        if block.page != page:
            continue
        for command in commands(block.text):
            code, output = desk.run(command.text)
            assert code == block.exit_code, f"{block}: {command.text}\n{output}"
            assert not (fault := differs(command.shown, output)), f"{block}: {command.text}\n{fault}"


@pytest.mark.parametrize("page", with_kind("python"), ids=lambda page: page.name)
def test_every_program_runs_and_prints_what_the_page_says(
    page: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**desk.environment, "LMBRIDGE_STATE_DIR": str(desk.home / "state")}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(desk.project)
    names: dict[str, object] = {"__name__": "page"}
    for block in of_kind("python"):
        if block.page == page:
            printed = carry_out(block, desk.really(block.text), names)
            expected = re.findall(r"# → (.*)", block.text)
            assert not (fault := differs(expected, desk.as_shown(printed))), f"{block}\n{fault}"


def carry_out(block: Block, text: str, names: dict[str, object]) -> str:
    """Runs a block, top-level `await` allowed; what it printed."""
    code = compile(text, str(block), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    printed = io.StringIO()

    async def work() -> None:
        result = eval(code, names)
        if inspect.isawaitable(result):
            await result

    with contextlib.redirect_stdout(printed):
        asyncio.run(work())
    return printed.getvalue()


@pytest.mark.parametrize("block", of_kind("json"), ids=str)
def test_every_json_block_parses_and_mcp_json_loads(block: Block, tmp_path: Path) -> None:
    body = json.loads(block.text)
    if isinstance(body, dict) and {"mcpServers", "servers"} & set(body):
        loads(block.text, tmp_path)


def loads(text: str, folder: Path) -> None:
    """Holds an mcp.json against lmbridge's own reading of it."""
    file = folder / "mcp.json"
    file.write_text(text, encoding="utf-8")
    configured = Configs(settings.Settings(mcp_json_path=file), cwd=folder, home=folder).current()
    assert [each.problem for each in configured.files if each.problem] == []
    assert configured.servers
    assert [entry.problem for entry in configured.servers.values() if entry.problem and not entry.own] == []


def test_the_links_that_install_are_those_of_the_program() -> None:
    page = (ROOT / "docs" / "QUICKSTART.md").read_text(encoding="utf-8")
    assert [client for client, link in deep_links().items() if f"`{link}`" not in page] == []


def test_the_readmes_figures_are_those_measured() -> None:
    program = [sys.executable, str(ROOT / "benchmarks" / "figures.py"), "--check"]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("block", of_kind("toml"), ids=str)
def test_every_settings_file_loads(block: Block, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(block.text, encoding="utf-8")
    assert settings.load(environment={}, file=file).origins


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.left_out], ids=str)
def test_what_is_not_run_says_why(block: Block) -> None:
    assert block.left_out in REASONS
    pytest.skip(f"example not run: {block.left_out}")


def test_no_example_escapes_by_its_form() -> None:
    """Blocks of commands are `console`; a shell block has to say why it is not run; nothing is indented code."""
    known = {"console", "python", "json", "toml", "text", "mermaid", ""}
    assert [str(block) for block in BLOCKS if block.kind not in known and block.left_out is None] == []
    indented = [page.name for page in PAGES if re.search(r"\n\n {4}(?:lmbridge|python|pip|uv) ", page.read_text())]
    assert indented == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_named_in_a_sentence_exists(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    unknown = [found for found in re.findall(r"`lmbridge ([^`]+)`", text) if not known(found)]
    assert unknown == []


def known(words: str) -> bool:
    """Whether a command with these words is one: its subcommands and options are there."""
    command: click.Command = cli
    parts = shlex.split(words)
    while parts and isinstance(command, click.Group):
        below = command.get_command(click.Context(command), parts[0])
        if below is None:
            break
        command, parts = below, parts[1:]
    options = {option for param in command.params for option in param.opts} | {"--help", "--version"}
    return (
        command is not cli or all(part in options for part in parts)
        if not parts
        else (command is not cli and all(part in options for part in parts if part.startswith("-")))
    )
