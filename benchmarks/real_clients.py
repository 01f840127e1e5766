"""What each client program does with a delegation, measured with its model's API mocked on loopback.

    scripts/clients                             # installs them, about 900 MB
    python benchmarks/real_clients.py [NAME...] [--patience SECONDS]

Three runs a client, each in a fresh home folder: a delegation that ends; one that is interrupted (SIGINT) while the local model
writes; and one that never ends, with what lmbridge tells of its progress kept from the client, until the client gives it up or
the patience is over; where it gives up, once more with the progress. Writes benchmarks/results/real/clients.json, of which
`benchmarks/table.py` makes the table in docs/CLIENTS.md. A client that is not installed keeps its older row.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from clients.mocked_api import Delegating  # noqa: E402
from clients.place import CACHE, PINS, Place, placed  # noqa: E402
from clients.programs import CLIENTS, Client  # noqa: E402
from lmbridge.cli.installing.plan import Machine, apply, plan_install  # noqa: E402
from lmbridge.testing import call, gate, say  # noqa: E402
from server.conftest import PROGRAM  # noqa: E402

RESULT = HERE / "results" / "real" / "clients.json"
ANSWER = "It says alpha."
TASK = {"mcp_name": "files", "task": "What does a.txt say?"}
NO_LIMITS = {"LMBRIDGE_SOFT_LIMIT": "100000", "LMBRIDGE_FIRST_BYTE_TIMEOUT": "100000"}
"""So that it is the client that gives up, and never lmbridge."""
TO_BEGIN = 400.0
"""Seconds in which a client must have come to its call, on a busy machine too."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A client at work."""

    place: Place
    log: Path
    process: asyncio.subprocess.Process

    def heard(self) -> Iterator[tuple[float, str, Any]]:
        """What was said so far: when, by whom, what."""
        for line in self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []:
            entry = json.loads(line)
            yield entry["at"], entry["from"], entry["said"]

    def requests(self, method: str) -> list[tuple[float, dict[str, Any]]]:
        """What the client has asked of this method, and when."""
        told = ((at, said) for at, who, said in self.heard() if who == "client" and isinstance(said, dict))
        return [(at, said) for at, said in told if said.get("method") == method]


@asynccontextmanager
async def begun(client: Client, *, quiet: bool = False) -> AsyncIterator[Begun]:
    """A client that has been asked to delegate, its talk with lmbridge written down."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        log = Path(folder) / "talk.jsonl"
        recorder = [sys.executable, "-S", str(HERE.parent / "tests" / "clients" / "recorder.py"), str(log)]
        command = [*recorder, *(["--quiet"] if quiet else []), PROGRAM, "serve"]
        async with placed(client, Path(folder) / "home", Delegating(TASK), **NO_LIMITS) as place:
            machine = Machine(place.home, "linux", {}, place.work)
            apply(plan_install(client.name, command=command, variables=place.entry, machine=machine))
            process = await place.start(str(CACHE / client.name / client.program), *client.asked)
            reading = asyncio.create_task(process.communicate())
            try:
                yield Begun(place, log, process)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)  # a wrapper's child would hold the pipes open
                await reading


async def _until(condition: Any, within: float) -> bool:
    """Looks ten times a second; whether it came true in time."""
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.1)
    return True


async def ends(client: Client) -> dict[str, Any]:
    """A delegation that ends: the protocol, what the call carries, and what the client's model is shown."""
    async with begun(client) as talk:
        files = talk.place.home / "files"
        talk.place.fake.script(call("read_text_file", path=str(files / "a.txt")), say(ANSWER))
        if not await _until(lambda: talk.process.returncode is not None, TO_BEGIN):
            raise TimeoutError("its first delegation did not end")
        model = talk.place.model
        if not model.results:
            raise LookupError(f"its model was shown no result; it asked {len(model.asked)} times")
        shown = model.results[0]
        opened = [said["params"]["protocolVersion"] for _, said in talk.requests("initialize")]
        _, called = talk.requests("tools/call")[0]
        meta = called["params"].get("_meta", {})
        structured = '"run_id"' in shown
        return {
            "protocol": meta.get("io.modelcontextprotocol/protocolVersion") or opened[-1],
            "tool": model.offered,
            "text": shown.count(ANSWER) > structured,
            "structured": structured,
            "progress_token": "progressToken" in meta,
            "first_turn": _offered_at_once(model),
            "cancels_finished_calls": bool(talk.requests("notifications/cancelled")),
        }


def _offered_at_once(model: Delegating) -> bool:
    """Whether the tool was among those of the first request that had any."""
    first = next((asked for asked in model.asked if asked.get("tools")), {})
    return "autonomous_with_mcp" in json.dumps(first.get("tools", []))


async def interrupted(client: Client) -> dict[str, Any]:
    """A delegation interrupted in the middle: by what lmbridge learns it, and when its backend is free."""
    async with begun(client) as talk:
        door = gate()
        talk.place.fake.script(say(ANSWER).after(door))
        await door.reached(within=TO_BEGIN)
        chat = talk.place.fake.chats[-1]
        at, since = time.time(), time.monotonic()
        os.killpg(talk.process.pid, signal.SIGINT)  # as a terminal does: wrappers do not hand it on
        try:
            await chat.disconnected(20)
            free: float | None = round(time.monotonic() - since, 2)
        except TimeoutError:
            free = None
        told = [said for when, said in talk.requests("notifications/cancelled") if when >= at]
        closed = any(said == "(closed)" and who == "client" for _, who, said in talk.heard())
        by = "cancelled" if told else "end of input" if closed else "signal" if free else "nothing"
        return {"backend_free_s": free, "by": by}


async def waits(client: Client, patience: float, *, quiet: bool) -> dict[str, Any]:
    """A delegation that does not end: after how many seconds the client gives it up, None where it did not."""
    async with begun(client, quiet=quiet) as talk:
        door = gate()
        talk.place.fake.script(say(ANSWER).after(door))
        await door.reached(within=TO_BEGIN)
        called, _ = talk.requests("tools/call")[0]
        model = talk.place.model

        def given_up() -> bool:
            return bool(model.results) or talk.process.returncode is not None

        gave_up = await _until(given_up, patience)
        waited = round(time.time() - called)
        cancelled = bool(talk.requests("notifications/cancelled"))
        shown = model.results[0][:200] if model.results else ""
        return {"gave_up_s": waited if gave_up else None, "waited_s": waited, "cancelled": cancelled, "shown": shown}


async def measured(client: Client, patience: float) -> dict[str, Any]:
    """A client's row."""
    row: dict[str, Any] = {"version": PINS[client.name]["version"], "date": datetime.date.today().isoformat()}
    row |= await ends(client)
    row["interrupted"] = await interrupted(client)
    row["unheard"] = await waits(client, patience, quiet=True)
    if row["unheard"]["gave_up_s"] is not None and row["progress_token"]:
        row["heard"] = await waits(client, patience, quiet=False)
    return row


def _kept() -> dict[str, Any]:
    return json.loads(RESULT.read_text(encoding="utf-8"))["clients"] if RESULT.exists() else {}


def main() -> int:
    """Measures one client after another and writes each row at once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="clients; all that are installed when left out")
    parser.add_argument("--patience", type=float, default=300.0, help="seconds to wait for a client to give up")
    parser.add_argument("--at-once", type=int, default=1, help="clients measured side by side: they mostly wait")
    given = parser.parse_args()
    chosen = [client for client in CLIENTS if not given.names or client.name in given.names]
    there = [client for client in chosen if (CACHE / client.name / client.program).exists()]
    for client in chosen:
        if client not in there:
            print(f"{client.name} is not installed; scripts/clients {client.name} installs it")
    asyncio.run(_all(there, given.patience, given.at_once))
    return 0


async def _all(clients: list[Client], patience: float, at_once: int) -> None:
    places = asyncio.Semaphore(at_once)

    async def one(client: Client) -> None:
        async with places:
            try:
                row = await measured(client, patience)
            except (TimeoutError, LookupError, RuntimeError) as problem:
                print(f"{client.name}: not measured ({problem!r})", flush=True)
                return
        print(client.name, json.dumps(row), flush=True)
        rows = _kept() | {client.name: row}
        about = {"system": "Linux", "clients": {each: rows[each] for each in PINS if each in rows}}
        RESULT.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")

    await asyncio.gather(*map(one, clients))


if __name__ == "__main__":
    sys.exit(main())
