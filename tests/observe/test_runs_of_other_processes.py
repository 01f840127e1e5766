"""`runs watch` and `runs cancel`: a run is followed and ended by another process."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lmbridge.agent.bridge import Bridge
from lmbridge.agent.handle import RunHandle
from lmbridge.agent.task.assignment import Assignment
from lmbridge.events import Fact, Fleeting, RunEnded, RunStarted
from lmbridge.observe.journal.controls import Controls
from lmbridge.observe.journal.journal import Journals
from lmbridge.settings import Settings, load
from lmbridge.testing import FakeLMStudio, FakeModel, Gate, gate, say

LONG_S = 60.0


@pytest.fixture
async def fake() -> AsyncIterator[FakeLMStudio]:
    async with FakeLMStudio(models=[FakeModel("small/one")]) as fake:
        yield fake


@pytest.fixture
def settings(tmp_path: Path, fake: FakeLMStudio) -> Settings:
    (tmp_path / "none.toml").touch()
    told = {
        "LMSTUDIO_BASE_URL": fake.base_url,
        "LMBRIDGE_STATE_DIR": str(tmp_path / "state"),
        "DEFAULT_MODEL": "small/one",
    }
    return load(told, file=tmp_path / "none.toml")


def lmbridge(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(Path(sys.executable).with_name("lmbridge")), *arguments],
        env={**os.environ, "LMBRIDGE_STATE_DIR": str(settings.state_dir)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


async def said(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, error = await asyncio.to_thread(process.communicate, timeout=LONG_S)
    return process.returncode, out, error


async def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return await asyncio.to_thread(process.stdout.readline)


async def word_by_word(held: Gate) -> None:
    """Lets a model write on, as long as somebody looks for its words."""
    while True:
        held.let()
        await asyncio.sleep(0.02)


async def begun(bridge: Bridge, task: str) -> RunHandle:
    """A run that is at work, with its first fact in its journal."""
    at_work = asyncio.Event()

    def heard(fact: Fact | Fleeting) -> None:
        if isinstance(fact, RunStarted):
            at_work.set()

    handle = bridge.start(Assignment(task, servers=()), sinks=[heard])
    await asyncio.wait_for(at_work.wait(), LONG_S)
    return handle


async def test_a_run_is_ended_by_another_process(settings: Settings, fake: FakeLMStudio) -> None:
    fake.script(say("It takes long.").after(gate()))
    async with Bridge.open(settings) as bridge:
        handle = await begun(bridge, "Wait.")
        code, out, _ = await said(lmbridge(settings, "runs", "cancel", handle.run_id))
        report = await handle.wait(LONG_S)
        assert (report.status, code, out.strip()) == ("cancelled", 0, f"{handle.run_id} is cancelled.")
        code, _, error = await said(lmbridge(settings, "runs", "cancel", handle.run_id))
        assert (code, "is not at work: it is cancelled" in error) == (2, True)
    assert Controls(settings.state_dir / "control").asked() == frozenset()


async def test_a_run_is_followed_by_another_process_with_what_its_model_writes(
    settings: Settings, fake: FakeLMStudio
) -> None:
    held = gate()
    fake.script(say(" ".join(f"word{number}" for number in range(5000))).paced(held))
    async with Bridge.open(settings) as bridge:
        handle = await begun(bridge, "Tell.")
        watching = lmbridge(settings, "runs", "watch", handle.run_id)
        writing = asyncio.create_task(word_by_word(held))
        seen = ""
        async with asyncio.timeout(LONG_S):
            while "…" not in seen:
                seen += await line(watching)
        writing.cancel()
        held.open()
        code, rest, _ = await said(watching)
    assert code == 0
    assert handle.run_id in seen
    assert re.search(r"… .*word\d", seen)
    assert "done ·" in rest


async def test_all_runs_at_work_are_followed_each_line_with_its_run_and_records_as_json(
    settings: Settings, fake: FakeLMStudio
) -> None:
    held = gate()
    fake.script(say("One.").after(held), say("Two.").after(held))
    async with Bridge.open(settings) as bridge:
        handles = [await begun(bridge, "Tell.") for _ in range(2)]
        watching = lmbridge(settings, "runs", "watch")
        async with asyncio.timeout(LONG_S):
            first = [await line(watching) for _ in handles]
        held.open()
        code, rest, _ = await said(watching)
        assert code == 0
        ids = {handle.run_id for handle in handles}
        assert {line.split(maxsplit=1)[0] for line in [*first, *rest.splitlines()]} == ids
        for handle in handles:
            await handle.wait(LONG_S)
        code, out, _ = await said(lmbridge(settings, "runs", "watch", handles[0].run_id, "--json"))
    assert code == 0
    facts = [json.loads(line)["fact"] for line in out.splitlines()]
    assert (facts[0], facts[-1]) == ("RunStarted", "RunEnded")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["watch", "r-20260101-000000-aaaaaa"], 2, "There is no run r-20260101-000000-aaaaaa."),
        (["watch", "../../etc/passwd"], 2, "is not a run id"),
        (["cancel", "m-20260101-000000-aaaaaa"], 2, "is a map"),
        (["watch", "m-20260101-000000-aaaaaa"], 2, "is a map"),
        (["replay", "m-20260101-000000-aaaaaa"], 2, "is a map"),
        (["cancel", "r-20260101-000000-aaaaaa"], 2, "There is no run"),
        (["watch"], 0, "No run is at work."),
    ],
)
async def test_what_cannot_be_followed_is_said(settings: Settings, arguments: list[str], code: int, told: str) -> None:
    got, out, error = await said(lmbridge(settings, "runs", *arguments))
    assert (got, told in out + error, "Traceback" in error) == (code, True, False)


async def test_a_damaged_journal_and_one_that_nobody_works_at_are_told(settings: Settings) -> None:
    journals = Journals(settings.state_dir / "runs")
    with journals.open("r-20261128-120000-aaaaaa") as journal:
        journal(RunEnded("done", "answered", "", None, None, 1.0))
    journals.path("r-20261128-120000-aaaaaa").write_bytes(b"no json\n")
    code, _, error = await said(lmbridge(settings, "runs", "watch", "r-20261128-120000-aaaaaa"))
    assert (code != 0, "another version of lmbridge" in error, "Traceback" in error) == (True, True, False)
    journals.open("r-20261128-120000-bbbbbb").close()
    code, out, _ = await said(lmbridge(settings, "runs", "watch", "r-20261128-120000-bbbbbb"))
    assert (code, "was interrupted" in out) == (0, True)


@pytest.mark.skipif(os.name == "nt", reason="ended by a signal")
@pytest.mark.skipif(
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN, reason="SIGINT is ignored here, as in jobs in the background"
)
async def test_who_stops_watching_leaves_the_run_alone(settings: Settings, fake: FakeLMStudio) -> None:
    held = gate()
    fake.script(say("It goes on.").after(held))
    async with Bridge.open(settings) as bridge:
        handle = await begun(bridge, "Wait.")
        watching = lmbridge(settings, "runs", "watch", handle.run_id)
        await line(watching)
        watching.send_signal(signal.SIGINT)
        code, _, error = await said(watching)
        held.open()
        report = await handle.wait(LONG_S)
    assert (code, "Traceback" in error, report.status) == (130, False, "done")
