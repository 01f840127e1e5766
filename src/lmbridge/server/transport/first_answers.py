"""The first answers of `lmbridge serve`, given before the SDK, pydantic and the settings are loaded.

Whether a client has the tools at all is decided in the first moments: `claude -p` and `codex exec` do not wait, Cline gives
up after three seconds. Loading what a call needs takes most of a second of CPU; what clients ask first (`initialize`,
`server/discover`, the lists) is always the same and stands in `first_answers.json`, which `scripts/first_answers.py` writes
from the live server and a test holds against it. The rest loads in a thread meanwhile; whatever is not sure to be answered
alike there is kept for it. This module and what it imports must stay small: no click, dataclasses, typing, asyncio.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys

from lmbridge.server.transport.descriptors import Pipes, claim_pipes
from lmbridge.server.transport.framing import Framing, TooLong, framed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

CHUNK = 1 << 16
LARGEST = 1 << 16
"""Bytes of a message that is looked at here; the first requests have a few hundred."""
IDLE = 0.25
"""Seconds of silence after which the rest is loaded though the client has not listed the tools."""
IDLE_LISTED = 0.05
"""The same once it has: what it asks beside is answered first, and a client that only looks is gone by then."""

OPTIONS: dict[str, tuple[str, ...]] = {
    "--base-url": (),
    "--backend": ("lmstudio", "embedded"),
    "--mcp-json": (),
    "--log-level": ("debug", "info", "warning", "error"),
}
"""Options of `serve` that change none of these answers, with the values they take (any where none are named)."""
LISTS = ("tools/list", "prompts/list", "resources/list", "resources/templates/list")
LISTEN, ACKNOWLEDGED = "subscriptions/listen", "notifications/subscriptions/acknowledged"
_FLAGS = ("toolsListChanged", "promptsListChanged", "resourcesListChanged")
APPS = "io.modelcontextprotocol/ui"
_OF_APPS = ("tools/list", "resources/list")
"""The lists that look otherwise to a client that shows apps, which the live server tells it."""
_ENVELOPE = "io.modelcontextprotocol/"


class Begun:
    """What the live server goes on from.

    Attributes:
        pipes: The connection.
        framing: Holds the beginning of a message that has not wholly come.
        messages: What it is to be told, in order: the handshake that was answered, and all that was not.
        answered: Ids of requests among them that have their answer already.
        acknowledged: Ids of those that open a stream and were told that it is open.
        ended: Whether the client has closed its end.
    """

    __slots__ = ("acknowledged", "answered", "ended", "framing", "messages", "pipes")

    def __init__(self, pipes: Pipes, framing: Framing | None = None) -> None:
        self.pipes = pipes
        self.framing = framing or Framing()
        self.messages: list[bytes | TooLong] = []
        self.answered: list[str | int] = []
        self.acknowledged: list[str | int] = []
        self.ended = False


class Opening:
    """What may be answered at once, by the rules of the era that the client turns out to speak; no I/O.

    Args:
        known: The content of `first_answers.json`.
        lists: The lists that are sure to be as the file says.

    Attributes:
        version: The protocol version, once it is decided.
        decided_by: The request that decided it.
        listed: Whether the tools have been asked for.
    """

    def __init__(self, known: Mapping[str, Any], lists: Iterable[str] = LISTS) -> None:
        self._known = known
        self._lists = {method: known["lists"][method] for method in lists}
        self.version: str | None = None
        self.decided_by: Any = None
        self.listed = False
        self._over = False

    def result(self, message: Any) -> dict[str, Any] | None:
        """The result for a request; None for everything that the live server is to see."""
        if self._over or not _is_request(message):
            return None
        method, params = message["method"], message.get("params") or {}
        if method == "initialize" and self.version is None:
            answer = self._initialized(params)
        elif method == "server/discover" and self.version not in self._known["versions"]["handshake"]:
            answer = self._modern(method, params)
        elif method in self._lists:
            answer = self._listed(method, params)
        else:
            answer = {} if method == "ping" and self._handshaken and _plain(params) else None
        if self.version is None:
            self._over = answer is None  # then the live server decides the era; nothing may overtake that
        elif self.decided_by is None:
            self.decided_by = message
        return answer

    def acknowledgement(self, message: Any) -> dict[str, Any] | None:
        """What opens a stream of plain changes of lists; None for every other message, and for a stream of more than that.

        Claude Code 2.1.332 lists no tools before it has this.
        """
        if self._over or self._handshaken or not _is_request(message) or message["method"] != LISTEN:
            return None
        params = message.get("params") or {}
        wanted = params.get("notifications")
        if not isinstance(wanted, dict) or not self._enveloped(params):
            return None
        if any(name not in _FLAGS or not isinstance(flag, bool) for name, flag in wanted.items()):
            return None
        self.version = self._known["versions"]["modern"][-1]
        if self.decided_by is None:
            self.decided_by = message
        agreed = {name: True for name in _FLAGS if wanted.get(name)}
        meta = {f"{_ENVELOPE}subscriptionId": message["id"]}
        return {"jsonrpc": "2.0", "method": ACKNOWLEDGED, "params": {"_meta": meta, "notifications": agreed}}

    @property
    def _handshaken(self) -> bool:
        return self.version in self._known["versions"]["handshake"]

    def _initialized(self, params: Mapping[str, Any]) -> dict[str, Any] | None:
        asked, capabilities = params.get("protocolVersion"), params.get("capabilities")
        if not isinstance(asked, str) or not isinstance(capabilities, dict) or not _names(params.get("clientInfo")):
            return None
        if _may_show_apps(capabilities):
            self._lists = {method: each for method, each in self._lists.items() if method not in _OF_APPS}
        versions = self._known["versions"]["handshake"]
        self.version = asked if asked in versions else versions[-1]
        return {"protocolVersion": self.version, **self._known["initialize"]}

    def _listed(self, method: str, params: Mapping[str, Any]) -> dict[str, Any] | None:
        self.listed = self.listed or method == "tools/list"
        if self._handshaken:
            return self._lists[method] if _plain(params) else None
        answer = self._modern(method, params)
        if answer is not None:
            self.version = self._known["versions"]["modern"][-1]
        return answer

    def _modern(self, method: str, params: Mapping[str, Any]) -> dict[str, Any] | None:
        """The result in the era without handshake, where every request says who sends it."""
        if not self._enveloped(params):
            return None
        if method in _OF_APPS and _may_show_apps(params["_meta"][f"{_ENVELOPE}clientCapabilities"]):
            return None
        return self._lists.get(method, {}) | self._known["modern"][method]

    def _enveloped(self, params: Mapping[str, Any]) -> bool:
        """Whether a request says who sends it, as each does in the era without handshake."""
        meta = params.get("_meta")
        return (
            isinstance(meta, dict)
            and meta.get(f"{_ENVELOPE}protocolVersion") in self._known["versions"]["modern"]
            and _names(meta.get(f"{_ENVELOPE}clientInfo"))
            and isinstance(meta.get(f"{_ENVELOPE}clientCapabilities"), dict)
        )


def _may_show_apps(capabilities: Mapping[str, Any]) -> bool:
    """Whether a client says anything of apps; whether it shows those of lmbridge the live server decides."""
    extensions = capabilities.get("extensions")
    return extensions is not None and (not isinstance(extensions, dict) or APPS in extensions)


def _is_request(message: Any) -> bool:
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        return False
    request_id, params = message.get("id"), message.get("params", {})
    usable = isinstance(request_id, str | int) and not isinstance(request_id, bool)
    return usable and isinstance(message.get("method"), str) and isinstance(params, dict)


def _plain(params: Mapping[str, Any]) -> bool:
    """Whether parameters are those of the handshake era: no envelope of the later one."""
    meta = params.get("_meta", {})
    return isinstance(meta, dict) and f"{_ENVELOPE}protocolVersion" not in meta


def _names(implementation: Any) -> bool:
    return isinstance(implementation, dict) and all(
        isinstance(implementation.get(key), str) for key in ("name", "version")
    )


CAN_WAIT = sys.platform != "win32"
"""Whether bytes and the end of loading can be waited for together: on Windows select() takes no pipes."""


def begin(arguments: list[str], load: Callable[[], object], *, waits: bool = CAN_WAIT) -> Begun | None:
    """Answers a client until everything else is loaded or it asks for something else.

    Does not return where a client that has said something leaves meanwhile.

    Args:
        arguments: Of the command line, behind `serve`.
        load: Loads what the live server needs; called in a thread.
        waits: False where a read blocks, so that nothing is answered any more once something else is asked for.

    Returns:
        What to go on from; None, with nothing touched, where the command line asks for more than a plain `serve`.
    """
    if not _plain_serve(arguments):
        return None
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 0)):
        signal.signal(number, lambda _number, _frame, code=code: os._exit(code))
    begun = Begun(claim_pipes())
    front = _Front(begun, Opening(first_answers(), sure_lists(os.environ)), load, waits)
    front.answer_until_loaded()
    return begun


def _plain_serve(arguments: list[str]) -> bool:
    left = list(arguments)
    while left:
        name, equals, value = left.pop(0).partition("=")
        if name not in OPTIONS or not (equals or left):
            return False
        value = value if equals else left.pop(0)
        if OPTIONS[name] and value not in OPTIONS[name]:
            return False
    return True


def first_answers() -> dict[str, Any]:
    """The answers of this version."""
    with open(os.path.join(os.path.dirname(__file__), "first_answers.json"), encoding="utf-8") as file:
        return json.load(file)


def sure_lists(environment: Mapping[str, str]) -> list[str]:
    """The lists that no setting and no run on disk changes; looked at without reading the settings themselves."""
    file = environment.get("LMBRIDGE_CONFIG", "") or os.path.join(user_folder(environment, "config"), "config.toml")
    try:
        with open(file, "rb") as opened:
            settings = opened.read()
    except OSError:
        settings = b""
    sure = ["prompts/list", "resources/templates/list"]
    if b"tool_groups" not in settings and not environment.get("LMBRIDGE_TOOL_GROUPS", "").strip():
        sure.append("tools/list")
    if b"state_dir" not in settings:
        state = environment.get("LMBRIDGE_STATE_DIR", "").strip()
        runs = os.path.join(state or user_folder(environment, "state"), "runs")
        if not os.path.isdir(runs) or not os.listdir(runs):
            sure.append("resources/list")
    return sure


def user_folder(environment: Mapping[str, str], kind: str) -> str:
    """The platform's folder for lmbridge's `config` or `state`: platformdirs' answer, without its import on Linux."""
    if not sys.platform.startswith("linux"):
        import platformdirs

        return getattr(platformdirs, f"user_{kind}_dir")("lmbridge", appauthor=False)
    given = environment.get(f"XDG_{kind.upper()}_HOME", "")
    usual = "~/.config" if kind == "config" else "~/.local/state"
    return os.path.join(given if os.path.isabs(given) else os.path.expanduser(usual), "lmbridge")


class _Front:
    """Reads, answers, and keeps for later what it cannot, until the rest is loaded."""

    def __init__(self, begun: Begun, opening: Opening, load: Callable[[], object], waits: bool) -> None:
        self._begun = begun
        self._opening = opening
        self._load = load
        self._loading = False
        self._wanted = False
        self._heard = False
        self._loaded, self._wake = os.pipe()
        self._waits = waits

    def answer_until_loaded(self) -> None:
        """Returns when the rest is loaded, or at once where its turn has come and nothing can be done meanwhile."""
        while self._next():
            # without a client that said anything, who started this is still told what is wrong with the settings
            if self._begun.ended and self._heard and not self._wanted:
                os._exit(0)
            if self._wanted or (self._opening.listed and not self._waits):
                self._start_loading()
            if self._begun.ended or (self._wanted and not self._waits):
                return

    def _next(self) -> bool:
        """Takes what comes next: bytes, or silence; False once the rest is loaded."""
        if self._waits and not self._input():
            return False
        chunk = os.read(self._begun.pipes.read, CHUNK)
        framing = self._begun.framing
        for message in framing.feed(chunk) if chunk else framing.finish():
            self._take(message)
        self._heard = self._heard or bool(chunk)
        self._begun.ended = not chunk
        return True

    def _input(self) -> bool:
        """Waits for bytes; False where the rest is loaded before they come."""
        while True:
            idle = IDLE_LISTED if self._opening.listed else IDLE
            watched = [self._begun.pipes.read, self._loaded]
            ready, _, _ = select.select(watched, [], [], None if self._loading else idle)
            if self._begun.pipes.read in ready:
                return True
            if ready:
                return False
            self._start_loading()

    def _take(self, message: bytes | TooLong) -> None:
        parsed = _parsed(message)
        if told := self._opening.acknowledgement(parsed):
            self._begun.messages.append(message)  # the live server keeps the stream
            self._begun.acknowledged.append(parsed["id"])
            self._say(told)
            return
        result = self._opening.result(parsed)
        if result is None:
            self._begun.messages.append(message)
            self._wanted = self._wanted or not isinstance(parsed, dict) or "id" in parsed
            return
        if self._opening.decided_by is parsed:  # the live server must know the client and the era too
            self._begun.messages.append(message)
            self._begun.answered.append(parsed["id"])
        self._say({"jsonrpc": "2.0", "id": parsed["id"], "result": result})

    def _say(self, message: Mapping[str, Any]) -> None:
        data = json.dumps(message, separators=(",", ":")).encode()
        _write(self._begun.pipes.write, framed(data, headers=self._begun.framing.headers))

    def _start_loading(self) -> None:
        if not self._loading:
            import threading  # not before the first answers

            self._loading = True
            threading.Thread(target=self._loads, name="loading", daemon=True).start()

    def _loads(self) -> None:
        try:
            self._load()
        finally:
            os.write(self._wake, b"!")


def _parsed(message: bytes | TooLong) -> Any:
    """The message as JSON; None where it is none, or larger than what is asked first."""
    if isinstance(message, TooLong) or len(message) > LARGEST:
        return None
    try:
        return json.loads(message)
    except (ValueError, RecursionError):
        return None


def _write(descriptor: int, data: bytes) -> None:
    """Writes it whole; a client that has gone ends the process."""
    left = memoryview(data)
    while left:
        try:
            left = left[os.write(descriptor, left) :]
        except BlockingIOError:
            select.select([], [descriptor], [])
        except OSError:
            os._exit(0)
