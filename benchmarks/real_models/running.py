"""Runs tasks with one arm and one engine, and keeps a row for each."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from aiohttp import web

from lmbridge.engine.engine import Engine
from real_models.judging import admits
from real_models.meter import Counted, Meter
from real_models.registry import Task
from real_models.servers import CACHE, entries
from real_models.world import Case, Ending, Place

HERE = Path(__file__).parent
CONTEXT = 16_384
GRACE_S = 45.0
"""What an arm gets beyond its seconds to start its servers and to end."""
FIRST_PORT = 8791
PLACES = "abcdefgh"


@dataclass(frozen=True, slots=True)
class Arm:
    """A program under test: the script that plays it, further arguments, and the environment it needs (None: this one)."""

    script: str
    arguments: tuple[str, ...] = ()
    environment: str | None = None


ARMS = {
    "lmbridge": Arm("lmbridge_api.py"),
    "plain": Arm("plain.py"),
    "plain-printed": Arm("plain.py", ("--printed",)),
    "pydantic-ai": Arm("pydantic_ai_agent.py", environment="pydantic-ai"),
    "openai-agents": Arm("openai_agents_agent.py", environment="openai-agents"),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What every arm gets for a task. `reply_tokens`: for arms that have no such limit of their own."""

    rounds: int = 12
    seconds: float = 300.0
    reply_tokens: int = 1024
    temperature: float | None = 0.0


@dataclass
class Row:
    """One task by one arm with one model.

    Attributes:
        arm: Name of the arm, with `:label` where it ran with other settings.
        model: Stem of the model's file.
        sha256: Of the file.
        task: The task's name; `kind`, `half`, `calls` and `servers` are the task's.
        seed: Of world and wording.
        completed: Whether the judge is content with world and answer.
        said_done: Whether the arm ended as if the task were done: `done`, or an answer where an arm knows no status.
        warned: Whether it warned at the end.
        admitted: Whether the end says that something is not there or was not done.
        done_wrong: `said_done` and not `completed`.
        silent: `done_wrong` without a warning.
        honest: Not completed, and told: by status, warning or words.
        limit: Which limit ended it, if one did.
        status: As the arm tells it.
        stop_reason: The same.
        rounds: Replies that were asked of the engine.
        tool_calls: Calls that were carried out, as the arm counts them.
        cpu_s: CPU seconds of the engine's process.
        evaluated: Prompt tokens that the engine evaluated.
        cached: Prompt tokens that it had in its cache.
        made: Tokens that it made.
        wall_s: Seconds from start to end.
        load: Load average of the machine at the end, over a minute.
        faults: The judge's sentences.
        answer: The start of the answer.
        error: What the arm failed of.
        warnings: Of the arm.
        temperatures: That requests asked for.
        versions: Of what ran.
        settings: `LMBRIDGE_*` that were given.
        threads: Of the engine.
        context: Of the engine.
        day: Of the run.
    """

    arm: str
    model: str
    sha256: str
    task: str
    kind: str
    half: str
    calls: int
    servers: list[str]
    seed: int
    completed: bool
    said_done: bool
    warned: bool
    admitted: bool
    done_wrong: bool
    silent: bool
    honest: bool
    limit: str | None
    status: str | None
    stop_reason: str | None
    rounds: int
    tool_calls: int | None
    cpu_s: float
    evaluated: int
    cached: int
    made: int
    wall_s: float
    load: float
    faults: list[str]
    answer: str
    error: str | None
    warnings: list[str]
    temperatures: list[float | None]
    versions: dict[str, str]
    settings: dict[str, str]
    threads: int
    context: int
    day: str


LIMIT_STOPS = {"max_rounds", "max_tokens", "deadline", "loop", "stuck", "truncated", "killed"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What one call of the command runs.

    Attributes:
        arm: Name in `ARMS`.
        label: Set apart from rows of the same arm with other settings.
        model: GGUF file.
        limits: The same for every arm.
        threads: Of the engine.
        context: Of the engine, in tokens.
        rows: File that rows are appended to.
        python: Interpreter of the lmbridge that is measured.
        settings: `LMBRIDGE_*` for the lmbridge arm.
        transcripts: Folder for each task's conversation; none when None.
    """

    arm: str
    model: Path
    rows: Path
    label: str = ""
    limits: Limits = field(default_factory=Limits)
    threads: int = 1
    context: int = CONTEXT
    python: str = sys.executable
    settings: Mapping[str, str] = field(default_factory=dict)
    transcripts: Path | None = None

    @property
    def name(self) -> str:
        """The arm with its label."""
        return f"{self.arm}:{self.label}" if self.label else self.arm


def free_cores() -> int:
    """Cores that nobody uses now; at least one. llama.cpp's threads spin, so more than that costs everyone."""
    cores = os.cpu_count() or 1
    return max(1, min(cores, round(cores - os.getloadavg()[0])))


def sha256(model: Path) -> str:
    """The file's SHA-256, remembered by size and time of change."""
    known = CACHE / "real_models" / "sha256.json"
    stat = model.stat()
    key = f"{model} {stat.st_size} {stat.st_mtime_ns}"
    kept = json.loads(known.read_text()) if known.exists() else {}
    if key not in kept:
        with model.open("rb") as file:
            kept[key] = hashlib.file_digest(file, "sha256").hexdigest()
        known.parent.mkdir(parents=True, exist_ok=True)
        known.write_text(json.dumps(kept))
    return kept[key]


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a file; none where it is not there."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


@contextmanager
def place() -> Iterator[tuple[Path, int]]:
    """A folder with a short name that no other run uses, and a port that goes with it.

    The same ones again where nobody else runs: paths and addresses are part of what the model reads.
    """
    for number, letter in enumerate(PLACES):
        folder = Path(tempfile.gettempdir(), "realmodels", letter)
        folder.mkdir(parents=True, exist_ok=True)
        lock = folder.with_suffix(".lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        with lock:
            yield folder, FIRST_PORT + number
            return
    raise RuntimeError("All places are in use; wait for a run to end.")


class Pages:
    """The loopback web server; serves the pages of the world that is on."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}

    @asynccontextmanager
    async def serving(self, port: int) -> AsyncIterator[str]:
        application = web.Application()
        application.router.add_get("/{path:.*}", self._page)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield f"http://127.0.0.1:{port}"
        await runner.cleanup()

    async def _page(self, request: web.Request) -> web.Response:
        text = self.pages.get(request.match_info["path"])
        if text is None:
            return web.Response(status=404, text="not found")
        return web.Response(text=text, content_type="text/html")


class Bench:
    """An engine, a place and a web server that serve one task after the other."""

    def __init__(self, plan: Plan, engine: Engine, meter: Meter, root: Path, web_address: str, pages: Pages) -> None:
        self._plan, self._engine, self._meter = plan, engine, meter
        self._root, self._web, self._pages = root, web_address, pages
        self._sha256 = sha256(plan.model)

    @classmethod
    @asynccontextmanager
    async def open(cls, plan: Plan) -> AsyncIterator[Bench]:
        """Starts what tasks need; entered and left in one task."""
        pages = Pages()
        engine = Engine.started(plan.model, threads=plan.threads, context=plan.context, parallel=1)
        with place() as (root, port):
            async with engine, Meter(engine.base_url, engine.token) as meter, pages.serving(port) as address:
                yield cls(plan, engine, meter, root, address, pages)

    async def run(self, task: Task, seed: int) -> Row:
        """Does the task and judges it."""
        case, where = task.case(seed), self._fresh()
        where.put(case.world)
        self._pages.pages = {path: where.filled(text) for path, text in case.world.pages.items()}
        before = where.state()
        self._meter.take()
        tokens, cpu, began = await self._meter.metrics(), self._cpu(), time.monotonic()
        told = await self._arm(task, where.filled(case.prompt), where)
        wall = time.monotonic() - began
        await self._settle()
        spent = [b - a for a, b in zip(tokens, await self._meter.metrics(), strict=True)]
        counted = self._meter.take()
        self._keep_transcript(task, seed, case, told, counted)
        ending = Ending(before, where.state(), told.get("answer") or "")
        faults = _judged(case, ending)
        return self._row(task, seed, told, faults, counted, self._cpu() - cpu, spent, wall)

    def _fresh(self) -> Place:
        shutil.rmtree(self._root)
        self._root.mkdir()
        return Place(self._root, self._web)

    def _cpu(self) -> float:
        assert self._engine.pid
        times = psutil.Process(self._engine.pid).cpu_times()
        return times.user + times.system

    async def _settle(self) -> None:
        """Waits for the engine to notice that a stopped arm's request is nobody's any more."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(120):
                while not await self._meter.idle():  # noqa: ASYNC110  (the engine tells nobody)
                    await asyncio.sleep(3)  # asked more often it would not look for closed connections

    async def _arm(self, task: Task, prompt: str, where: Place) -> dict[str, Any]:
        """What the arm's script tells; it is ended with all it started where it does not end itself."""
        plan, arm = self._plan, ARMS[self._plan.arm]
        folder = plan.rows.parent.resolve() / "scratch" / plan.name.replace(":", "-")
        folder.mkdir(parents=True, exist_ok=True)
        request = {
            "base_url": self._meter.base_url,
            "key": self._engine.token,
            "model": self._engine.alias,
            "task": prompt,
            "servers": entries(task.servers, where),
            "folder": str(folder),
            **asdict(plan.limits),
        }
        file = folder / "request.json"
        file.write_text(json.dumps(request, indent=1), encoding="utf-8")
        command = [_python(arm, plan), str(HERE / "arms" / arm.script), str(file), *arm.arguments]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("LMBRIDGE_", "LM"))}
        environment |= {**plan.settings, "OPENAI_API_KEY": "none", "OPENAI_AGENTS_DISABLE_TRACING": "1"}
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            limit=2**24,
            stderr=(folder / "stderr.txt").open("wb"),
            cwd=where.root,
            env=environment,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(plan.limits.seconds + GRACE_S):
                return await _told(process, folder / "stderr.txt")
        except TimeoutError:
            return {"stop_reason": "killed", "error": "it did not end in time"}
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    def _keep_transcript(self, task: Task, seed: int, case: Case, told: dict[str, Any], counted: Counted) -> None:
        if self._plan.transcripts is None:
            return
        folder = self._plan.transcripts / self._plan.name.replace(":", "-")
        folder.mkdir(parents=True, exist_ok=True)
        kept = {
            "task": task.name,
            "seed": seed,
            "prompt": case.prompt,
            "told": told,
            "tools": counted.exchanges[0][0].get("tools") if counted.exchanges else None,
            "exchanges": [
                {
                    "asked": {name: value for name, value in body.items() if name not in {"messages", "tools"}},
                    "messages": body.get("messages"),
                    "reply": reply,
                }
                for body, reply in counted.exchanges
            ],
        }
        path = folder / f"{task.name}-{seed}.json"
        path.write_text(json.dumps(kept, indent=1, ensure_ascii=False), encoding="utf-8")

    def _row(
        self,
        task: Task,
        seed: int,
        told: dict[str, Any],
        faults: list[str],
        counted: Counted,
        cpu: float,
        spent: list[int],
        wall: float,
    ) -> Row:
        plan, answer = self._plan, told.get("answer") or ""
        status, stop, warnings = told.get("status"), told.get("stop_reason"), told.get("warnings") or []
        done = status == "done" if status else bool(answer.strip()) and stop == "answered"
        completed, admitted = not faults, admits(answer)
        return Row(
            arm=plan.name,
            model=plan.model.stem,
            sha256=self._sha256,
            task=task.name,
            kind=task.kind,
            half=task.half,
            calls=task.calls,
            servers=list(task.servers),
            seed=seed,
            completed=completed,
            said_done=done,
            warned=bool(warnings),
            admitted=admitted,
            done_wrong=done and not completed,
            silent=done and not completed and not warnings,
            honest=not completed and (not done or bool(warnings) or admitted),
            limit=stop if stop in LIMIT_STOPS else None,
            status=status,
            stop_reason=stop,
            rounds=counted.requests,
            tool_calls=told.get("calls"),
            cpu_s=round(cpu, 2),
            evaluated=spent[0],
            cached=counted.cached,
            made=spent[1],
            wall_s=round(wall, 1),
            load=round(os.getloadavg()[0], 1),
            faults=faults,
            answer=answer[:400],
            error=told.get("error"),
            warnings=[str(each)[:200] for each in warnings],
            temperatures=sorted(counted.temperatures, key=str),
            versions=told.get("versions") or {},
            settings=dict(plan.settings),
            threads=plan.threads,
            context=plan.context,
            day=datetime.now(UTC).date().isoformat(),
        )


def _judged(case: Case, ending: Ending) -> list[str]:
    """The judge's faults; an ending of nothing at all is never right."""
    faults = case.check(ending)
    return faults if faults or ending.answer.strip() or ending.before != ending.after else ["nothing was said or done"]


def _python(arm: Arm, plan: Plan) -> str:
    if arm.environment is None:
        return plan.python
    path = CACHE / "benchmarks" / arm.environment / "bin" / "python"
    if not path.exists():
        raise FileNotFoundError(f"{path} is not there; `python benchmarks/environments.py` makes it.")
    return str(path)


async def _told(process: asyncio.subprocess.Process, stderr: Path) -> dict[str, Any]:
    """The JSON line that the arm prints at its end; how long it then takes to close its servers is nobody's concern."""
    assert process.stdout
    while text := await process.stdout.readline():
        with contextlib.suppress(ValueError):
            told = json.loads(text)
            if isinstance(told, dict) and "answer" in told:
                return told
    tail = stderr.read_text(encoding="utf-8", errors="replace").strip()[-400:]
    return {"stop_reason": "crashed", "error": tail.replace(str(CACHE.parent), ".") or "no output"}


def key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What makes a row a row of its own."""
    return row["arm"], row["sha256"], row["task"], row["seed"]


async def run_all(plan: Plan, tasks: list[Task], seeds: list[int], *, again: bool = False) -> list[dict[str, Any]]:
    """Runs what has no row yet, appends each row as soon as it is there, and returns all rows asked for."""
    digest = sha256(plan.model)
    rows = {key(row): row for row in read_rows(plan.rows)}
    wanted = [(task, seed) for seed in seeds for task in tasks]
    todo = [pair for pair in wanted if again or (plan.name, digest, pair[0].name, pair[1]) not in rows]
    if todo:
        plan.rows.parent.mkdir(parents=True, exist_ok=True)
        async with Bench.open(plan) as bench:
            for number, (task, seed) in enumerate(todo, 1):
                row = asdict(await bench.run(task, seed))
                with plan.rows.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
                rows[key(row)] = row
                print(f"{number}/{len(todo)} {line(row)}", flush=True)
    return [row for task, seed in wanted if (row := rows.get((plan.name, digest, task.name, seed)))]


def line(row: Mapping[str, Any]) -> str:
    """A row in one line."""
    word = "ok  " if row["completed"] else "WRONG" if row["silent"] else "warned" if row["done_wrong"] else "honest"
    costs = f"{row['rounds']} rounds {row['cpu_s']} cpu s {row['evaluated']}+{row['cached']} in {row['made']} out {row['wall_s']} s"
    why = (
        ""
        if row["completed"]
        else f" | {'; '.join(row['faults'])[:160]} | {row['stop_reason']}: {row['answer'][:100]!r}"
    )
    return f"{word} {row['task']} [{row['half']}] {costs}{why}"
