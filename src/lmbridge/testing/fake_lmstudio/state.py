"""What one fake LM Studio is made of: options, models, script, log of requests."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .engine import Engine
from .faults import INSTEAD, Fault
from .grammar import GrammarRules
from .models import FakeModel
from .replay import Replay
from .replies import Ids
from .scripting.script import Script
from .scripting.turns import ArgumentStyle, Decider
from .seen import SeenRequest, Watch
from .store import ModelStore


@dataclass(frozen=True, slots=True)
class Options:
    """How the fake behaves.

    Attributes:
        api_token: Where set, every request must carry it as a bearer token.
        jit: Whether a request loads the model it names.
        auto_evict: Whether such a load unloads the model that an earlier request loaded, even a busy one.
        load_seconds: How long a load takes.
        prefill_rate: Tokens of prompt a second; None: at once.
        keep_alive: Seconds after which an idle connection is closed.
        tool_arguments: How a stream brings the arguments of calls.
        grammar: Which schemas the engine refuses: `usual`, `strict`, `off`.
        report_cached: Whether usage tells the cached tokens.
        native_v1: Whether /api/v1 exists (LM Studio has it since 0.4).
        native_v0: Whether /api/v0 exists.
        names_calls: Whether /api/v1/chat streams send `tool_call.name`.
        download_polls: How many status questions a download takes.
        overflow: What happens to a prompt that is too long: `refuse`, or `cut` its beginning off in silence.
        frees_slots: Whether a request that is left gives its slot back.
        shared_context: Whether all slots share one context: requests at work that need more together all die.
        plain: Behave as any other OpenAI-compatible server: 404 on unknown paths and models, no native API, no greeting,
            `call_…` ids, empty fields left out, a `tool_choice` object taken.
        systemone: Whether decision models answer at /v1/systemone.
        decisions: Whether they answer at /v1/decisions.
    """

    api_token: str | None = None
    jit: bool = True
    auto_evict: bool = True
    load_seconds: float = 0.0
    prefill_rate: float | None = None
    keep_alive: float = 5.0
    tool_arguments: ArgumentStyle = "fragments"
    grammar: GrammarRules = "usual"
    report_cached: bool = True
    native_v1: bool = True
    native_v0: bool = True
    names_calls: bool = False
    download_polls: int = 2
    overflow: Literal["refuse", "cut"] = "refuse"
    frees_slots: bool = True
    shared_context: bool = False
    plain: bool = False
    systemone: bool = True
    decisions: bool = True

    @property
    def has_v0(self) -> bool:
        """Whether /api/v0 is served."""
        return self.native_v0 and not self.plain

    @property
    def has_v1(self) -> bool:
        """Whether /api/v1 is served."""
        return self.native_v1 and not self.plain


@dataclass(slots=True)
class Download:
    """A download under way; every question after it brings it forward."""

    job_id: str
    model: FakeModel
    polls_left: int
    started_at: str = "2026-01-01T00:00:00.000Z"


@dataclass(slots=True, eq=False)
class State:
    """Everything that changes while the fake runs."""

    options: Options
    models: list[FakeModel]
    remote: list[FakeModel]
    watch: Watch = field(default_factory=Watch)
    script: Script = field(default_factory=Script)
    replay: Replay = field(default_factory=Replay)
    ids: Ids = field(init=False)
    requests: list[SeenRequest] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0
    answers: dict[str, list[Fault]] = field(default_factory=dict)
    conversations: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    downloads: dict[str, Download] = field(default_factory=dict)
    decider: Decider | None = None
    engine: Engine = field(init=False)
    store: ModelStore = field(init=False)

    def __post_init__(self) -> None:
        self.ids = Ids(plain=self.options.plain)
        self.engine = Engine(
            self.watch,
            prefill_rate=self.options.prefill_rate,
            frees_slots=self.options.frees_slots,
            shared_context=self.options.shared_context,
        )
        self.store = ModelStore(
            self.models,
            jit=self.options.jit,
            auto_evict=self.options.auto_evict,
            load_seconds=self.options.load_seconds,
            clock=lambda: asyncio.get_running_loop().time(),
            changed=self.watch.happened,
        )

    def arrived(
        self, method: str, path: str, headers: Mapping[str, str], body: dict[str, Any], raw: bytes
    ) -> SeenRequest:
        """Write down a request."""
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        lower = {name.lower(): value for name, value in headers.items()}
        now = asyncio.get_running_loop().time()
        seen = SeenRequest(len(self.requests) + 1, method, path, lower, body, raw, now, in_flight=self.in_flight)
        self.requests.append(seen)
        self.watch.happened()
        return seen

    def left(self, seen: SeenRequest) -> None:
        """Write down that the client did not wait for the answer."""
        seen.mark_left()
        self.watch.happened()

    def over(self, seen: SeenRequest, status: int | None) -> None:
        """Write down that nothing more is done for a request."""
        self.in_flight -= 1
        seen.mark_finished(status)
        self.watch.happened()

    def fault_for(self, method: str, path: str) -> Fault | None:
        """Take the next fault that was put on this endpoint."""
        for place in (f"{method} {path}", path):
            waiting = self.answers.get(place)
            if waiting:
                return waiting.pop(0)
        return None

    def put_faults(self, endpoint: str, faults: Iterable[Fault]) -> None:
        """Let the next requests to an endpoint (`/v1/models`, `GET /v1/models`) meet these faults.

        Raises:
            ValueError: a fault happens in the middle of an answer, which only turns of a script have.
        """
        faults = list(faults)
        for fault in faults:
            if not isinstance(fault, INSTEAD) or getattr(fault, "after", None) is not None:
                raise ValueError(f"{fault} happens in the middle of an answer: put it on a turn of the script")
        self.answers.setdefault(endpoint, []).extend(faults)
