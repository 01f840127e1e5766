"""The terminal's ends: tasks from stdin, several servers in one word, any encoding, readers that go away, quiet that is quiet."""

import json
import os
import subprocess
from typing import Any

import pytest

from lmbridge.testing import FakeLMStudio, call, say
from server.conftest import PROGRAM, Bench
from support import warm
from support.servers import python_server

ODD = "文書 — “ok” 😀"


async def shell(bench: Bench, *arguments: str, stdin: bytes = b"", **more: Any) -> subprocess.CompletedProcess[bytes]:
    import asyncio

    environment = {**os.environ, **bench.environment, **more}
    return await asyncio.to_thread(
        subprocess.run,
        [PROGRAM if "LC_ALL" in more else warm.program(), *arguments],
        input=stdin,
        capture_output=True,
        cwd=bench.folder,
        env=environment,
        timeout=90,
    )


async def test_a_task_is_read_from_stdin(bench: Bench, fake: FakeLMStudio):
    fake.script(say("Read."))
    ended = await shell(bench, "run", "-", "--quiet", stdin=f"Sum up:\n{ODD}".encode())
    assert (ended.returncode, ended.stdout) == (0, b"Read.\n")
    assert f"Sum up:\n{ODD}" in fake.chats[0].text


async def test_an_empty_stdin_is_no_task_and_words_without_quotes_are_told_to_be_quoted(bench: Bench):
    empty = await shell(bench, "run", "-", stdin=b" \n")
    assert (empty.returncode, b"nothing came from there" in empty.stderr) == (2, True)
    words = await shell(bench, "run", "List", "the", "files")
    assert (words.returncode, b'lmbridge run "List the files"' in words.stderr) == (2, True)


async def test_servers_may_stand_in_one_word(bench: Bench, fake: FakeLMStudio):
    files = python_server("lmbridge.testing.files", str(bench.files))
    bench.configure({"one": files, "two": files})
    fake.script(say("Done."))
    ended = await shell(bench, "run", "Look.", "--mcp", "one, two", "--json", "--quiet")
    assert [each["name"] for each in json.loads(ended.stdout)["servers"]] == ["one", "two"]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
async def test_an_answer_survives_a_stdout_that_cannot_say_it(encoding: str, bench: Bench, fake: FakeLMStudio):
    fake.script(say(ODD), say(ODD))
    for flags in ((), ("--json",)):
        ended = await shell(bench, "run", "Say it.", *flags, PYTHONIOENCODING=encoding)
        assert ended.returncode == 0, ended.stderr
        assert b"ok" in ended.stdout
        assert b"Traceback" not in ended.stderr
    for command in (("doctor", "--no-servers"), ("mcps",), ("models",)):
        ended = await shell(bench, *command, PYTHONIOENCODING=encoding)
        assert b"Traceback" not in ended.stderr, command


async def test_a_pipe_gets_utf_8_in_the_c_locale_too(bench: Bench, fake: FakeLMStudio):
    fake.script(say(ODD))
    ended = await shell(bench, "run", "Say it.", "--quiet", LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    assert ended.stdout.decode() == f"{ODD}\n"


@pytest.mark.skipif(os.name == "nt", reason="descriptors are POSIX")
async def test_a_reader_of_the_progress_that_goes_away_does_not_end_the_run(bench: Bench, fake: FakeLMStudio):
    import asyncio

    fake.script(call("read_text_file", path=str(bench.files / "a.txt")), say("alpha"))
    theirs, ours = os.pipe()
    os.close(theirs)  # nobody reads what is told beside the answer
    try:
        process = await asyncio.create_subprocess_exec(
            PROGRAM,
            "run",
            "What does a.txt say?",
            "--mcp",
            "files",
            cwd=bench.folder,
            env={**os.environ, **bench.environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=ours,
        )
    finally:
        os.close(ours)
    out, _ = await asyncio.wait_for(process.communicate(), 90)
    assert (process.returncode, out) == (0, b"alpha\n")


async def test_quiet_is_quiet(bench: Bench, fake: FakeLMStudio):
    fake.script(call("read_text_file", path=str(bench.files / "a.txt")), say("alpha"))
    ended = await shell(bench, "run", "Look.", "--mcp", "files", "--quiet")
    assert (ended.returncode, ended.stderr) == (0, b"")


async def test_the_doctor_ends_with_what_its_findings_come_to(bench: Bench):
    bench.configure({})
    ended = await shell(bench, "doctor", "--no-servers")
    lines = ended.stdout.decode().splitlines()
    assert lines[-1] == "1 problem, 1 warning."
    assert next(n for n, line in enumerate(lines) if "LMSTUDIO_BASE_URL" in line) < next(
        n for n, line in enumerate(lines) if "backend_unreachable" in line
    )
    assert not any(line.startswith("LMBRIDGE_STALL_TIMEOUT") for line in lines), (
        "settings at their defaults are left out"
    )
    every = (await shell(bench, "doctor", "--no-servers", "--all")).stdout.decode()
    assert "LMBRIDGE_STALL_TIMEOUT" in every
