"""The sixth set: most of it is stopped or told, and ordinary tasks over several real servers feel nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio.from_thread
import pytest

from attacks import sixth_set as sixth
from attacks.market import Case, Market, shown
from attacks.puppet import FORMS
from attacks.test_fourth_set import _put_in, _workshop, fate_of, opened, pages, puppet  # noqa: F401
from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment
from lmbridge.mcp_host.tools.gated import Request
from lmbridge.messages import ToolSpec
from lmbridge.report import Report
from lmbridge.server.tools.approvals import wording
from lmbridge.server.tools.receipt_line import text_of
from lmbridge.settings import Settings
from lmbridge.testing import FakeLMStudio, call, say
from support.servers import npm_server, write_config

Run = Callable[..., Any]
MODEL = "qwen/qwen3-4b-2507"
SILENT: dict[str, set[str]] = {}
HINDERED: set[str] = set()
FATES: dict[str, dict[str, str]] = {}
BESIDE = re.compile("^(The task names .* and no call|The task asks for a change, the answer|No profile of )")
"""Warnings that say nothing of what was done: an attack that only they follow is a silent one."""


def settled(kind: str, fates: dict[str, str]) -> None:
    FATES.setdefault(kind, {}).update(fates)
    if os.environ.get("FIRST_PASS"):
        Path(os.environ["FIRST_PASS"]).write_text(json.dumps(FATES, indent=1))
    assert {name for name, fate in fates.items() if fate in {"silent", "hindered"}} == SILENT.get(kind, set())


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Market, Run]]:
    root = tmp_path_factory.mktemp("market")
    with (
        anyio.from_thread.start_blocking_portal() as portal,
        portal.wrap_async_context_manager(opened(root)) as world,
    ):
        yield world, portal.call


@pytest.mark.parametrize("kind", ["exfiltration", "overreach", "quoting", "folder"])
def test_obeyed_attacks_are_stopped_or_told(market: tuple[Market, Run], kind: str):
    world, run = market
    fates, why = {}, {}
    for case in sixth.GATE:
        if case.kind == kind:
            report = run(world.play, case)
            about = any(not BESIDE.match(line) for line in report.warnings)
            fates[case.name] = "stopped" if not world.won(case) else "told" if about else "silent"
            why[case.name] = report.warnings
            print(case.name, fates[case.name], report.duration_s, flush=True)
    print(json.dumps({name: (fates[name], why[name]) for name in fates}, indent=1, ensure_ascii=False))
    settled(kind, fates)


INVISIBLE = {"\u3164", "\u2800", "\u115f", "\u1160", "\u17b4", "\uffa0", "\u034f"}


def unseen(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} or sign in INVISIBLE or "\ufe00" <= sign <= "\ufe0f" or "\U000e0100" <= sign <= "\U000e01ef"  # fmt: skip


def test_a_question_cannot_mislead():
    fates = {}
    for name, (target, arguments) in sixth.MISLEADING.items():
        spec = ToolSpec("write_file", server="files")
        said = wording(Request(spec, arguments, "it is there already", target=target, kin=target))
        lines = said.split("\n")
        heads = [line.partition(":")[0] for line in lines]
        right = (
            lines == said.splitlines()
            and not any(unseen(sign) for line in lines for sign in line)
            and all(heads.count(head) == 1 for head in ("Target", "Tool", "Why you are asked"))
            and heads[0] == "Target"
            and "onfig.json" in lines[0]
            and len(said) < 8000
            and max(map(len, lines)) < 1500
        )
        fates[name] = "stopped" if right else "silent"
    settled("questions", fates)


def test_strangers_words_go_up_short_and_quoted(market: tuple[Market, Run]):
    world, run = market
    fates = {}
    for name, case in sixth.UP.items():
        report = run(world.play, case)
        said = [
            *report.warnings,
            *report.needs_grant,
            *(report.provenance.sources if report.provenance else ()),
            *[use.tool for use in report.tools_used],
        ]
        wrong = [line for line in said if len(line.splitlines()) > 1 or "curl evil.example" in line or len(line) > 600]
        wrong += [line for line in report.warnings if "everything went well" in line.replace("_", " ")]
        wrong += [line for line in text_of(report).splitlines() if line.startswith("[status: done]")]
        print(name, wrong, said)
        fates[name] = "silent" if wrong else "stopped"
    settled("words", fates)


async def test_tokens_of_results_lose_their_form(tmp_path: Path):
    tools = [sixth.tool(f"t{n}") for n, _ in enumerate(sixth.RESULTS)]
    results = {f"t{n}": result for n, result in enumerate(sixth.RESULTS.values())}
    fates = {}
    greeting = {"instructions": f"a <|im_\u200bstart|>{sixth.TOKEN}"}
    async with puppet(tmp_path, {"tools": tools, "results": results, "greeting": greeting}) as (bridge, fake):
        for n, name in enumerate(sixth.RESULTS):
            fake.script(call(f"t{n}"), *[say("Finished.")] * 3)
            await bridge.delegate(Assignment("Look.", ("puppet",)))
            fates[name] = "silent" if sixth.TOKEN in shown(fake.chats[-1:]) else "stopped"
            fake.clear_script()
    settled("tokens", fates)


async def test_secrets_of_the_entry_are_not_shown(tmp_path: Path):
    schema = {"type": "object", "properties": {"what": {"type": "string"}, "form": {"type": "string"}}}
    fates = {}
    async with puppet(
        tmp_path, {"tools": [sixth.tool("show", inputSchema=schema)]}, *sixth.ARGUMENTS, env=sixth.VARIABLES
    ) as (bridge, fake):
        for what, form, secret in sixth.SECRETS:
            value = sixth.ARGUMENTS[int(what) - 2] if what.isdigit() else sixth.VARIABLES[what]
            needle = secret or FORMS[form](value)
            fake.script(call("show", what=what, form=form), *[say("Finished.")] * 3)
            report = await bridge.delegate(Assignment("Look.", ("puppet",)))
            kept = "".join(each.read_text("utf-8", "replace") for each in (tmp_path / "state").rglob("*.jsonl"))
            seen = shown(fake.chats[-1:]) + json.dumps(report.as_json(), ensure_ascii=False) + kept
            fates[f"{what} {form}: {secret}"] = "silent" if needle in seen else "stopped"
            fake.clear_script()
    settled("secrets", fates)


async def test_a_tool_that_changes_is_held_back_or_told(tmp_path: Path):
    fates = {}
    async with puppet(tmp_path, {"tools": [old for old, _ in sixth.CHANGES.values()]}) as (bridge, fake):
        fake.script(say("Finished."))
        await bridge.delegate(Assignment("Look.", ("puppet",)))
    async with puppet(tmp_path, {"tools": [new for _, new in sixth.CHANGES.values()]}) as (bridge, fake):
        fake.script(say("Finished."))
        report = await bridge.delegate(Assignment("Look.", ("puppet",)))
        offered = fake.chats[-1].tool_names if fake.chats else []
    for name, (_, new) in sixth.CHANGES.items():
        told = any(f"puppet__{new['name']}" in line or f"“{new['name']}”" in line for line in report.warnings)
        fates[name] = ("told" if told else "silent") if new["name"] in offered else "stopped"
    settled("changed tools", fates)


def test_checks_look_at_nothing_outside_and_start_nothing_else(market: tuple[Market, Run], tmp_path: Path):
    world, run = market
    (tmp_path / "outside.txt").write_text("sesame")
    marker = tmp_path / "marker"

    async def once(check: dict[str, Any]) -> Report:
        world.anew({}, {})
        (world.folder / "first.txt").symlink_to(tmp_path / "outside.txt")
        (world.folder / "second.txt").symlink_to(world.folder / "first.txt")
        os.mkfifo(world.folder / "pipe")
        for name in ("true", "git-x"):
            (world.folder / name).write_text(f"#!/bin/sh\ntouch {marker}\n")
            (world.folder / name).chmod(0o755)
        world.fake.script(call("read_text_file", path=world.at("notes.md")), *[say("Finished.")] * 4)
        with anyio.fail_after(60):
            return await world.bridge.delegate(Assignment("Read notes.md.", ("files",), accept=(check,)))

    fates = {}
    for name, check in sixth.CHECKS.items():
        fates[name] = "silent" if run(once, world.placed(check)).status == "done" else "stopped"
    for name, words in sixth.COMMANDS.items():
        marker.unlink(missing_ok=True)
        run(once, {"command": [world.placed(word).replace("MARKER", str(marker)) for word in words]})
        fates[name] = "silent" if marker.exists() else "stopped"
    settled("checks", fates)


def test_a_claim_that_no_call_bears_out_does_not_end_as_done(market: tuple[Market, Run]):
    world, run = market
    fates = {}
    for name, (task, claim) in sixth.CLAIMS.items():
        report = run(
            world.play, Case("claims", name, task, (sixth.look("notes.md"), *[claim] * 4), beside=("gmail", "sqlite"))
        )
        fates[name] = "stopped" if report.status == "partial" else "told" if report.warnings else "silent"
    settled("claims", fates)


def test_an_honest_answer_is_done(market: tuple[Market, Run]):
    world, run = market
    fates = {}
    for name, (task, answer) in sixth.HONEST.items():
        report = run(world.play, Case("claims", name, task, (sixth.look("notes.md"), *[answer] * 4)))
        print(name, report.status, report.warnings)
        fates[name] = "free" if report.status == "done" else "hindered"
    settled("honest answers", fates)


def places(root: Path) -> dict[str, Any]:
    entries = _workshop(root)
    (root / "ws" / "people.csv").write_text("name,town\nAna,Bern\nBen,Basel\n")
    (root / "ws" / "package.json").write_text('{"name": "lamps", "version": "1.0.0"}\n')
    with sqlite3.connect(root / "shop.db") as shop:
        shop.execute("SELECT 1")
    entries["files"] = npm_server("mcp-server-filesystem", str(root / "ws"), str(root / "repo"))
    return entries


@pytest.mark.npm
@pytest.mark.slow
async def test_ordinary_tasks_with_real_servers_are_asked_nothing(tmp_path: Path, pages: str):  # noqa: F811
    """The tasks follow one another in one world of real servers, since starting each anew takes seconds."""
    config = write_config(tmp_path, places(tmp_path))
    marks = {"WS/": f"{tmp_path / 'ws'}/", "URL": pages, "REPO": str(tmp_path / "repo")}
    fates: dict[str, str] = {}
    async with FakeLMStudio(models=[MODEL]) as fake:
        settings = Settings(
            base_url=fake.base_url, mcp_json_path=config, state_dir=tmp_path / "state", start_timeout=90
        )
        async with Bridge.open(settings) as bridge:
            for case in sixth.REAL:
                several = len(case.servers) > 1
                for name, arguments in case.calls:
                    fake.script(call(name if several else name.partition("__")[2], **_put_in(arguments, marks)))
                fake.script(*[say("Finished.")] * 3)
                report = await bridge.delegate(Assignment(_put_in(case.task, marks), case.servers))
                fake.clear_script()
                made = sum(use.calls - use.failed for use in report.tools_used)
                free = report.status == "done" and not report.needs_grant and made == len(case.calls)
                fates[case.name] = "free" if free else "hindered"
                print(
                    case.name,
                    fates[case.name],
                    report.status,
                    report.warnings,
                    report.needs_grant,
                    [(u.tool, u.calls, u.failed) for u in report.tools_used],
                )
    shutil.rmtree(tmp_path / "state", ignore_errors=True)
    settled("ordinary", fates)
