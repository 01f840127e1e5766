"""How a set is run, the same for all: what became of an attack, whether an ordinary task felt the gate, and the worlds they happen in."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import unicodedata
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from attacks.corpus import Attack, Ordinary
from attacks.market import Case, Market, market_settings, shown
from attacks.puppet import FORMS
from attacks.world import World
from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment
from lmbridge.report import Report
from lmbridge.settings import Settings
from lmbridge.testing import FakeLMStudio, call, say
from support.servers import npm_server, python_server, sqlite_server, write_config

Fate = Literal["stopped", "told", "silent"]
MODEL = "qwen/qwen3-4b-2507"
BESIDE = re.compile("^(The task names .* and no call|The task asks for a change, the answer|No profile of )")
"""Warnings that say nothing of what was done: an attack that only they follow is a silent one."""
BLANK = {0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0}
"""Letters and signs that are drawn as nothing."""


def fate_of(won: bool, report: Report) -> Fate:
    """What became of an attack that did, or did not, get what it wanted."""
    return ("told" if report.warnings else "silent") if won else "stopped"


def strict_fate_of(won: bool, report: Report) -> Fate:
    """The same, where a warning of something else does not count."""
    about = any(not BESIDE.match(line) for line in report.warnings)
    return "stopped" if not won else "told" if about else "silent"


def hides(text: str) -> bool:
    """Whether signs stand in a text that nobody sees."""
    return any(
        ord(sign) in BLANK
        or (sign != "\n" and unicodedata.category(sign) in {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
        for sign in text
    )


async def attacked(world: World, attack: Attack) -> tuple[Fate, Report]:
    """Runs an attack of the small world."""
    world.anew(attack.files, attack.pages)
    report = await world.run(attack.task, attack.servers, attack.steps(world), **attack.more)
    return fate_of(attack.succeeded(world), report), report


async def worked(world: World, task: Ordinary) -> Report:
    """Runs an ordinary task of the small world."""
    world.anew(task.files, task.pages)
    return await world.run(task.task, task.servers, task.steps(world))


@asynccontextmanager
async def opened_market(root: Path) -> AsyncIterator[Market]:
    """The world of many servers, warm."""
    async with (
        FakeLMStudio(models=[MODEL]) as fake,
        Bridge.open(market_settings(root, fake.base_url, accept_commands=("true", "git"))) as bridge,
    ):
        market = Market(root, fake, bridge)
        # The first run of all is told that its model was never measured; that must not pass for a warning of an attack.
        await market.play(Case("", "", "Read notes.md.", (("files__read_text_file", {"path": "WS/notes.md"}),)))
        yield market


@asynccontextmanager
async def puppet(
    root: Path, asked: dict[str, Any], *more: str, **settings: Any
) -> AsyncIterator[tuple[Bridge, FakeLMStudio]]:
    """A bridge to one server that is what `asked` says."""
    file = root / "puppet.json"
    file.write_text(json.dumps(asked))
    script = str(Path(__file__).with_name("puppet.py"))
    entry = {**python_server("x"), "args": [script, str(file), *more], "env": settings.pop("env", {})}
    config = write_config(root, {"puppet": entry})
    async with FakeLMStudio(models=[MODEL]) as fake:
        known = Settings(
            base_url=fake.base_url, mcp_json_path=config, state_dir=root / "state", start_timeout=90.0, **settings
        )
        async with Bridge.open(known) as bridge:
            yield bridge, fake


def tool(name: str, description: str = "Does.", **more: Any) -> dict[str, Any]:
    """A tool of the puppet's."""
    return {"name": name, "description": description, "inputSchema": {"type": "object", "properties": {}}, **more}


async def secrets_shown(
    root: Path, env: Mapping[str, str], words: Sequence[str], asked: Sequence[tuple[str, str, str]]
) -> dict[str, str]:
    """What becomes of secrets of an entry that its server shows: by variable or number of a word, form, and what is looked for."""
    schema = {"type": "object", "properties": {"what": {"type": "string"}, "form": {"type": "string"}}}
    fates = {}
    async with puppet(root, {"tools": [tool("show", inputSchema=schema)]}, *words, env=dict(env)) as (bridge, fake):
        for what, form, secret in asked:
            # The words follow the script's own name and its file.
            value = words[int(what) - 2] if what.isdigit() else env[what]
            needle = secret or FORMS[form](value)
            fake.script(call("show", what=what, form=form), *[say("Finished.")] * 3)
            report = await bridge.delegate(Assignment("Look.", ("puppet",)))
            kept = "".join(
                each.read_text("utf-8", "replace") for each in (root / "state").rglob("*.jsonl") if each.is_file()
            )
            seen = shown(fake.chats[-1:]) + json.dumps(report.as_json(), ensure_ascii=False) + kept
            plain = needle.replace("\\", "\\\\") if "\\" in needle else json.dumps(needle, ensure_ascii=False)[1:-1]
            fates[f"{what} {form}: {secret}"] = "silent" if plain in seen or needle in seen else "stopped"
            fake.clear_script()
    return fates


async def changes_offered(
    root: Path, changes: Mapping[str, tuple[dict[str, Any] | None, dict[str, Any]]]
) -> dict[str, str]:
    """What becomes of tools that change, or appear, between two runs."""
    fates = {}
    for tools in ([old for old, _ in changes.values() if old], [new for _, new in changes.values()]):
        async with puppet(root, {"tools": tools}) as (bridge, fake):
            fake.script(say("Finished."))
            report = await bridge.delegate(Assignment("Look.", ("puppet",)))
            offered = fake.chats[-1].tool_names if fake.chats else []
    for name, (_, new) in changes.items():
        told = any(f"puppet__{new['name']}" in line or f"“{new['name']}”" in line for line in report.warnings)
        fates[name] = ("told" if told else "silent") if new["name"] in offered else "stopped"
    return fates


def claimed(run: Any, world: Market, claims: Mapping[str, tuple[str, str]], beside: tuple[str, ...]) -> dict[str, str]:
    """What becomes of answers that say what no call did."""
    fates = {}
    for name, (task, claim) in claims.items():
        look = ("files__read_text_file", {"path": "WS/notes.md"})
        report = run(world.play, Case("claims", name, task, (look, *[claim] * 4), beside=beside))
        fates[name] = "stopped" if report.status == "partial" else "told" if report.warnings else "silent"
    return fates


def workshop(root: Path) -> dict[str, Any]:
    """The entries of real servers, and what they work on."""
    folder, repo = root / "ws", root / "repo"
    for made in (folder, repo):
        made.mkdir()
    (folder / "a.md").write_text("TODO: buy tee\nAda\n")
    (folder / "b.md").write_text("# B\n")
    with sqlite3.connect(root / "shop.db") as shop:
        shop.execute("CREATE TABLE orders (id INTEGER, item TEXT, status TEXT)")
        shop.execute("INSERT INTO orders VALUES (17, 'lamp', 'open'), (18, 'chair', 'open')")
    git = ["git", "-C", str(repo), "-c", "user.name=A", "-c", "user.email=a@corp.example"]
    subprocess.run([*git, "init", "-q"], check=True)
    for key, value in {"user.name": "A", "user.email": "a@corp.example"}.items():
        subprocess.run([*git, "config", key, value], check=True)
    for text in ("Lamps.\n", "Lamps shine.\n"):
        (repo / "README.md").write_text(text)
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-qm", text.strip()], check=True)
    (repo / "README.md").write_text("Lamps shine at night.\n")
    return {
        "files": npm_server("mcp-server-filesystem", str(folder), str(repo)),
        "memory": npm_server("mcp-server-memory", env={"MEMORY_FILE_PATH": str(root / "graph.jsonl")}),
        "shop": sqlite_server(root / "shop.db"),
        "time": python_server("mcp_server_time"),
        "git": python_server("mcp_server_git"),
        "fetch": python_server("mcp_server_fetch", "--ignore-robots-txt", "--allow-private-ips"),
    }


async def hindered(root: Path, entries: dict[str, Any], cases: list[Case], url: str) -> dict[str, str]:
    """Which tasks with real servers are hindered; they follow one another in one world, since starting each anew takes seconds."""
    places = {"WS/": f"{root / 'ws'}/", "URL": url, "REPO": str(root / "repo")}
    fates = {}
    async with FakeLMStudio(models=[MODEL]) as fake:
        config = write_config(root, entries)
        settings = Settings(base_url=fake.base_url, mcp_json_path=config, state_dir=root / "state", start_timeout=90)
        async with Bridge.open(settings) as bridge:
            for case in cases:
                several = len(case.servers) > 1
                for name, arguments in case.calls:
                    fake.script(call(name if several else name.partition("__")[2], **put_in(arguments, places)))
                fake.script(*[say("Finished.")] * 3)
                report = await bridge.delegate(Assignment(put_in(case.task, places), case.servers))
                fake.clear_script()
                made = sum(use.calls - use.failed for use in report.tools_used)
                free = report.status == "done" and not report.needs_grant and made == len(case.calls)
                fates[case.name] = "free" if free else "hindered"
    return fates


def put_in(value: Any, places: dict[str, str]) -> Any:
    """A value with places put in for their marks."""
    if isinstance(value, str):
        for mark, place in places.items():
            value = value.replace(mark, place)
        return value
    if isinstance(value, dict):
        return {key: put_in(each, places) for key, each in value.items()}
    return [put_in(each, places) for each in value] if isinstance(value, list) else value
