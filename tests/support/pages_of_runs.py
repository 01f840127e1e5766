"""The page served for real over loopback, and journals of runs to look at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from lmbridge.events import (
    ApprovalSought,
    Fact,
    Failure,
    Nudged,
    RunEnded,
    RunStarted,
    ServerState,
    ToolFinished,
    ToolStarted,
    TurnFinished,
    TurnStarted,
    Warned,
)
from lmbridge.messages import Message, ToolCall, ToolResult, ToolSpec, Turn, Usage
from lmbridge.observe.journal.journal import Journal, Journals
from lmbridge.server.page.app import Page
from lmbridge.server.page.sessions import Sessions
from lmbridge.server.transport.auth import Rules
from lmbridge.server.transport.http import QuietServer, config, listening, url_of, with_page
from lmbridge.settings import Settings

HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "</pre></article><b hx-get=/runs>x</b> \x1b[31mred\x1b[0m \u202eevil\u2066 z\u200bz \x07 &amp; ' \" `"
)
"""What a tool, a model or a caller may have written."""
TOKEN = "a-token-of-sufficient-length"


def turn(number: int, text: str = "", *calls: ToolCall, reasoning: str = "") -> TurnFinished:
    message = Message("assistant", text, tool_calls=calls, reasoning=reasoning)
    usage = Usage(1000 * number, 40, 0, 500)
    return TurnFinished(
        number, Turn(message, text, "tool_calls" if calls else "stop", calls, usage, "small/one", None, 0.5, 2.5)
    )


def begun(
    run_id: str, task: str = "Read the notes.", *, model: str = "small/one", client: str = "a-client"
) -> RunStarted:
    tools = (ToolSpec("read_file", server="files", read_only=True), ToolSpec("write_file", server="files"))
    servers = (ServerState("files", "ready"),)
    return RunStarted(
        run_id, task, model, "http://localhost:1234/v1", "You have tools.", tools=tools, servers=servers, max_rounds=20, client=client
    )  # fmt: skip


def result(call: ToolCall, content: str, *, read_only: bool = True) -> ToolFinished:
    told = ToolResult(
        call.id, content, arguments={"path": "a.txt"}, qualified=f"files__{call.name}", server="files",
        read_only=read_only, duration_ms=12.0, full_chars=len(content),
    )  # fmt: skip
    return ToolFinished(1, call, told)


READ = ToolCall("1", "read_file", '{"path": "a.txt"}')
WRITE = ToolCall("2", "write_file", '{"path": "b.txt"}')


def done(
    run_id: str, task: str = "Read the notes.", *, answer: str = "Two notes.", model: str = "small/one"
) -> list[Fact]:
    """A run that read, wrote, was reminded once and answered."""
    return [
        begun(run_id, task, model=model),
        TurnStarted(1, 1000),
        turn(1, "", READ, WRITE, reasoning="I look first."),
        ToolStarted(1, READ, "files__read_file", {"path": "a.txt"}, read_only=True),
        result(READ, "alpha " * 2000),
        ToolStarted(1, WRITE, "files__write_file", {"path": "a.txt"}, read_only=False),
        result(WRITE, "written", read_only=False),
        Nudged(2, "narration", "Call a tool."),
        Warned("Mind the gap."),
        turn(2, answer),
        RunEnded("done", "answered", answer, None, None, 7.5),
    ]


def hostile(run_id: str) -> list[Fact]:
    """A run in which everything that strangers may write is hostile."""
    call = ToolCall("<1>", f"read_file{HOSTILE}", HOSTILE)
    told = ToolResult(call.id, HOSTILE, "error", qualified=HOSTILE, note=HOSTILE, arguments={HOSTILE: HOSTILE})
    return [
        begun(run_id, HOSTILE, model=HOSTILE, client=HOSTILE),
        turn(1, HOSTILE, call, reasoning=HOSTILE),
        ApprovalSought(call, HOSTILE, HOSTILE, HOSTILE),
        ToolFinished(1, call, told),
        Warned(HOSTILE),
        Nudged(2, HOSTILE, HOSTILE),
        RunEnded("failed", "llm_failed", HOSTILE, {HOSTILE: HOSTILE}, Failure("llm_failed", HOSTILE, HOSTILE), 3.0),
    ]


def failed(run_id: str) -> list[Fact]:
    error = Failure("model_load_failed", "The backend could not load it.", "Free memory.")
    return [begun(run_id, "Try it."), RunEnded("failed", "model_load_failed", error=error, duration_s=0.5)]


def run_id(number: int) -> str:
    """Ids in order of time, of several days."""
    day, second = divmod(number, 86_400 // 4)
    second *= 4
    return f"r-202611{1 + day:02d}-{second // 3600:02d}{second // 60 % 60:02d}{second % 60:02d}-{number:06x}"


@dataclass
class Shelf:
    """A state folder with runs; those begun and not ended are at work until it is left."""

    settings: Settings
    open: dict[str, Journal] = field(default_factory=dict)

    @property
    def journals(self) -> Journals:
        return Journals(self.settings.state_dir / "runs")

    def write(self, facts: list[Fact]) -> str:
        assert isinstance(facts[0], RunStarted)
        with self.journals.open(facts[0].run_id) as journal:
            for fact in facts:
                journal(fact)
        return facts[0].run_id

    def begin(self, *facts: Fact) -> str:
        assert isinstance(facts[0], RunStarted)
        key = facts[0].run_id
        self.open[key] = self.journals.open(key)
        self.tell(key, *facts)
        return key

    def tell(self, key: str, *facts: Fact) -> None:
        for fact in facts:
            self.open[key](fact)

    def end(self, key: str, fact: RunEnded) -> None:
        self.tell(key, fact)
        self.open.pop(key).close()

    def close(self) -> None:
        for journal in self.open.values():
            journal.close()


@dataclass
class Served:
    """The page at an address."""

    url: str
    page: Page
    sessions: Sessions

    @asynccontextmanager
    async def inside(self) -> AsyncIterator[aiohttp.ClientSession]:
        """A browser that has come in by a link."""
        jar = aiohttp.CookieJar(unsafe=True)  # addresses that are numbers have cookies too
        async with aiohttp.ClientSession(self.url, cookie_jar=jar) as session:
            async with session.get("/", params={"token": self.sessions.link()}) as answer:
                assert answer.status == 200, await answer.text()
            yield session


@asynccontextmanager
async def served(settings: Settings, token: str | None = TOKEN) -> AsyncIterator[Served]:
    """Serves the page on loopback, as `serve --http` and `runs open` do."""
    sessions = Sessions(token)
    page = Page(settings, sessions)
    listener = listening("127.0.0.1", 0)
    server = QuietServer(config(with_page(None, page, Rules(token, ("127.0.0.1", "localhost"))), lifespan="off"))
    tasks = [asyncio.ensure_future(server.serve([listener])), asyncio.ensure_future(page.run())]
    try:
        yield Served(url_of(listener, "127.0.0.1"), page, sessions)
    finally:
        page.leave()
        server.should_exit = server.force_exit = True
        tasks[1].cancel()
        await asyncio.wait(tasks)
