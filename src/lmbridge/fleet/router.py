"""smg (Shepherd Model Gateway) as a child process: started when first needed, told which backend has which model, ended.

It knows a worker by its URL and takes each for one place of one model, so that its least-loaded worker is a free place: a
backend with four slots is four workers. What of smg had to be worked around stands in docs/decisions/0032.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import secrets
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import structlog

from lmbridge import installed, platform
from lmbridge.errors import LLMConnectionError, LLMError, SettingsError
from lmbridge.llm.http.endpoint import Endpoint
from lmbridge.llm.http.request import LOOK_S
from lmbridge.settings import Settings

CHILD = Path(__file__).with_name("child.py")
RUN_HEADER = "x-lmbridge-run"
"""Requests with the same value go to the same worker while it lives."""
WORKER_HEADER = "x-smg-routed-worker-id"
"""In which smg names the worker's URL with each answer."""
START_S = 60.0
TAKEN_S = 60.0
STARTS = 3
"""Attempts to start: somebody may take a port between its choice and its use."""
_LOOK_EVERY_S = 0.05
_END_GRACE_S = 1.0
_HEADROOM_S = 86_400
_OPTIONS = [
    "--enable-igw",
    "--policy",
    "least_load",
    "--routing-key-override",
    "--disable-tokenizer-autoload",
    "--disable-load-monitoring",
    "--disable-worker-overload-protection",
    "--history-backend",
    "none",
    "--sse-keepalive-secs",
    "0",
    "--max-concurrent-requests",
    "0",
    "--worker-startup-check-interval",
    "1",
    "--health-check-interval-secs",
    "1",
    "--health-check-timeout-secs",
    "10",
    "--health-failure-threshold",
    "1",
    "--health-success-threshold",
    "1",
    "--cb-failure-threshold",
    "5",
    "--cb-timeout-duration-secs",
    "5",
    "--retry-max-retries",
    "3",
    "--log-level",
    "warn",
    "--shutdown-grace-period-secs",
    "1",
]
_log = structlog.get_logger(__name__)


def refuse_missing() -> None:
    """Refuses to go on where smg is not installed.

    Raises:
        SettingsError: It is not.
    """
    if importlib.util.find_spec("smg") is None:
        raise SettingsError(
            "A model that several backends have needs a router before them, which is not installed (no module smg).",
            hint=f"{installed.how_to_add('fleet')}, or name one of the backends: model@backend.",
        )


class Router:
    """The router. Nothing runs before `serve`; `close` ends it.

    Args:
        settings: For the requests to it.
        base: URL below which the relay has every backend: `{base}/{backend}/{model}/{place}`.
        key: What it asks of those who send requests, and what it passes on to the relay.
    """

    def __init__(self, settings: Settings, base: str, key: str) -> None:
        self._settings = settings.model_copy(
            update={"connect_timeout": TAKEN_S}
        )  # it is on this machine: busy, not away
        self._base = base
        self._key = key
        self._process: Process | None = None
        self._tail: deque[str] = deque(maxlen=20)
        self._drain: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self._models: list[str] = []
        self._workers: dict[str, str] = {}
        self._wanted: dict[str, Mapping[str, int]] = {}
        self.port = _free_port()

    @property
    def base_url(self) -> str:
        """The OpenAI-compatible endpoint."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def pid(self) -> int | None:
        """Process id of the running router."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def serve(self, model: str, places: Mapping[str, int]) -> None:
        """Makes sure that it runs and routes a model to backends.

        Args:
            model: Its id.
            places: How many requests each backend works on at once, by the backend's name.

        Raises:
            SettingsError: It is not installed.
            LLMConnectionError: It cannot be started, or does not take a worker.
        """
        async with self._lock:
            self._wanted[model] = dict(places)
            if self.pid is None:
                await self._started()
            await self._registered()

    async def start(self) -> None:
        """Starts it unless it runs; from then on `base_url` stays.

        Raises:
            SettingsError: It is not installed.
            LLMConnectionError: It cannot be started.
        """
        async with self._lock:
            if self.pid is None:
                await self._started()

    def backend_of(self, worker: str) -> str | None:
        """The name of the backend that an answer's header names."""
        rest = worker.removeprefix(self._base + "/")
        return rest.partition("/")[0] if rest != worker else None

    def model_at(self, number: int) -> str:
        """The model that a worker's URL names by number.

        Raises:
            IndexError: There is none.
        """
        return self._models[number]

    def _urls(self, model: str) -> list[str]:
        if model not in self._models:
            self._models.append(model)
        number = self._models.index(model)
        return [
            f"{self._base}/{quote(name)}/{number}/{place}"
            for name, places in self._wanted[model].items()
            for place in range(places)
        ]

    async def _started(self) -> None:
        refuse_missing()
        self._workers.clear()
        for attempt in range(STARTS):
            try:
                await self._start()
                break
            except LLMConnectionError:
                await self._end()
                if attempt == STARTS - 1:
                    raise
                if not self._wanted:  # else there are clients that know the port
                    self.port = _free_port()

    async def _start(self) -> None:
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", str(CHILD), stdin=PIPE, stdout=DEVNULL, stderr=PIPE, **platform.new_group()
        )
        self._drain = asyncio.create_task(self._drained(process), name="router's log")
        assert process.stdin
        process.stdin.write(json.dumps(self._arguments()).encode() + b"\n")
        try:
            async with asyncio.timeout(START_S):
                while not await self._lives():
                    if process.returncode is not None:
                        raise self._unusable(f"it ended with status {process.returncode}")
                    await asyncio.sleep(_LOOK_EVERY_S)
        except TimeoutError:
            raise self._unusable(f"nothing after {START_S:g} s") from None
        _log.info("router_started", url=self.base_url, pid=process.pid)
        self._watching = asyncio.create_task(self._watch(process), name="router's end")

    async def _watch(self, process: Process) -> None:
        """Starts it once more where it ended unasked, with what it knew; the requests that it had are repeated by their runs."""
        status = await process.wait()
        if self._process is not process:
            return
        _log.warning("router_ended", status=status, stderr=list(self._tail)[-3:])
        async with self._lock:
            if self._process is not process:  # a run that begins was faster
                return
            try:
                await self._started()
                await self._registered()
            except LLMError as error:
                _log.error("router_down", why=error.message)  # told in the error that runs get

    def _arguments(self) -> list[str]:
        own = [
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
            f"--api-key={self._key}",  # in one piece: a key may begin with "-", and would be taken for an option
            "--routing-key-headers",
            RUN_HEADER,
        ]
        metrics = ["--prometheus-host", "127.0.0.1", "--prometheus-port", str(_free_port())]
        return [*own, *metrics, "--request-timeout-secs", str(_HEADROOM_S), *_OPTIONS]

    async def _lives(self) -> bool:
        try:
            await self._ask("GET", "/workers")
        except LLMError:
            return False
        return True

    async def _registered(self) -> None:
        """Adds and takes away workers until it has exactly those that are wanted."""
        urls = {url: model for model in self._wanted for url in self._urls(model)}
        for url in set(self._workers) - set(urls):
            await self._ask("DELETE", f"/workers/{self._workers.pop(url)}")
        new = [url for url in urls if url not in self._workers]
        for url in new:
            body = {"url": url, "labels": {"served_model_name": urls[url]}, "runtime_type": "generic"}
            told = await self._ask("POST", "/workers", body, within=TAKEN_S)
            self._workers[url] = str(told.get("worker_id"))
        if new:
            await self._taken(set(new))

    async def _taken(self, urls: set[str]) -> None:
        """Waits until it would send requests to the workers; one whose backend fell silent just now is not waited for long."""
        try:
            async with asyncio.timeout(TAKEN_S):
                while True:
                    if urls <= await self._ready():
                        return
                    await asyncio.sleep(_LOOK_EVERY_S)
        except TimeoutError:
            if not urls & await self._ready():
                raise self._unusable("it takes none of its backends") from None

    async def _ready(self) -> set[str]:
        """Those that it would send requests to now; none where it does not say so in time, as on a machine that is busy."""
        try:
            told = await self._ask("GET", "/workers")
        except LLMError:
            if self.pid is None:
                raise
            return set()
        rows = told.get("workers") if isinstance(told, dict) else None
        return {str(row.get("url")) for row in rows or () if isinstance(row, dict) and row.get("status") == "ready"}

    async def _ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, within: float = LOOK_S
    ) -> Any:
        endpoint = Endpoint(self.base_url, token=self._key, settings=self._settings)
        return await endpoint.ask(method, path, body, root=True, within=within, guarded=False)

    def _unusable(self, why: str) -> LLMConnectionError:
        last = next((line for line in reversed(self._tail) if line.strip()), "")
        return LLMConnectionError(
            f"The router before the backends (smg) cannot be used: {why}{f' ({last[:200]})' if last else ''}.",
            url=self.base_url,
            hint="Name one of the backends meanwhile: model@backend.",
        )

    async def _drained(self, process: Process) -> None:
        assert process.stderr
        while piece := await process.stderr.read(65_536):
            self._tail.extend(piece.decode(errors="replace").splitlines())

    async def close(self) -> None:
        """Ends it."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await self._end()

    async def _end(self) -> None:
        """Closes its input, which ends it; else by force."""
        process, self._process = self._process, None
        if process is not None:
            await platform.end_child(process, _END_GRACE_S)
        if self._drain is not None:
            await self._drain


def new_key() -> str:
    """A random key for one router."""
    return secrets.token_urlsafe(32)


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
