"""What the commands show in a terminal: words of models and servers, but nothing of theirs that steers it."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from e2e.conftest import PROGRAM, Bench
from lmbridge.events import RunEnded, RunStarted
from lmbridge.observe.journal.journal import Journals
from lmbridge.testing import FakeLMStudio, say
from support.runs import RUN_ID, asks
from support.servers import write_config

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")

EVIL = "ev\x1b]52;c;ZXZpbA==\x07\x1b[2J\x9b31m\u202eil"
STEERING = ("\x1b]", "\x1b[2J", "\x9b", "\u202e", "\x07")
SHOWN = "ev31mil"


async def in_a_terminal(bench: Bench, *arguments: str) -> str:
    """What `lmbridge ARGUMENTS` writes to a terminal, both streams together."""
    ours, theirs = os.openpty()
    process = await asyncio.create_subprocess_exec(
        str(PROGRAM),
        *arguments,
        cwd=bench.folder,
        env={**os.environ, **bench.environment, "TERM": "xterm", "COLUMNS": "200"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    async with asyncio.timeout(60):
        written = await asyncio.to_thread(_drained, ours)
        await process.wait()
    return written.decode()


def _drained(terminal: int) -> bytes:
    written = b""
    try:
        while piece := os.read(terminal, 65536):
            written += piece
    except OSError:  # how Linux tells that nobody holds the other end any more
        pass
    finally:
        os.close(terminal)
    return written


def kept_run(folder: Path) -> None:
    with Journals(folder / "state" / "runs").open(RUN_ID) as journal:
        journal(RunStarted(RUN_ID, f"task {EVIL}", f"[red]model {EVIL}"))
        journal(asks(1, text=f"text {EVIL}"))
        journal(RunEnded("done", "answered", f"answer {EVIL}"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(("show", RUN_ID), ("task", "[red]model", "text", "answer")), (("list",), ("task", "[red]model"))],
)
async def test_past_runs_are_shown_without_what_steers_a_terminal(
    bench: Bench, arguments: tuple[str, ...], told: tuple[str, ...]
):
    kept_run(bench.folder)
    shown = await in_a_terminal(bench, "runs", *arguments)
    assert not [steering for steering in STEERING if steering in shown]
    for word in told:
        assert f"{word} {SHOWN}" in shown


async def test_an_answer_is_cleaned_for_a_terminal_and_piped_byte_for_byte(bench: Bench, fake: FakeLMStudio):
    fake.script(say(f"one\n\ttwo {EVIL}"), say(f"one\n\ttwo {EVIL}"))
    shown = await in_a_terminal(bench, "run", "Say it.", "--quiet")
    assert not [steering for steering in STEERING if steering in shown]
    assert "two ev31mil" in shown
    code, out, _ = await bench.shell("run", "Say it.", "--quiet")
    assert (code, out) == (0, f"one\n\ttwo {EVIL}\n")


async def test_names_and_faults_of_servers_are_shown_without_what_steers_a_terminal(bench: Bench):
    program = "import sys; sys.stderr.write('boom \\x1b[2J\\u202e\\x07'); sys.exit(1)"
    named = f"[red]name {EVIL}"
    bench.environment["MCP_JSON_PATH"] = str(
        write_config(bench.folder, {named: {"command": sys.executable, "args": ["-c", program]}})
    )
    shown = await in_a_terminal(bench, "mcps", "--check")
    assert not [steering for steering in STEERING if steering in shown]
    assert f"[red]name {SHOWN}" in shown


async def test_ids_of_models_are_shown_without_what_steers_a_terminal_and_as_they_are(bench: Bench):
    async with FakeLMStudio(models=[f"[red]tiny {EVIL}"]) as fake:
        bench.environment["LMSTUDIO_BASE_URL"] = fake.base_url
        shown = await in_a_terminal(bench, "models")
    assert not [steering for steering in STEERING if steering in shown]
    assert f"[red]tiny {SHOWN}" in shown
