"""What prompts begin with, kept on disk: the system message and the tools of a run, read once and not once in each engine's life.

A model on a CPU reads tens of tokens a second, and a run's instructions and tools are a thousand and more. llama.cpp writes what
a slot holds to a file and takes it back (`/slots/ID?action=save` and `restore`,
https://github.com/ggml-org/llama.cpp/tree/master/tools/server): 12 to 60 kB a token, in milliseconds. What a file holds is compared token
by token with each prompt by llama.cpp itself, so that a wrong one costs time and never an answer.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

from lmbridge import platform
from lmbridge.errors import LLMError
from lmbridge.llm.http.endpoint import Endpoint
from lmbridge.llm.http.json import dumps, loads

READ_S = 600.0
"""For a beginning to be read; as long as a first byte is waited for at most."""
LEAST_CHARS = 1500
"""Of a system message with its tools that are worth a file: a few hundred tokens."""
STALE_S = 3600.0
"""After which a file that is being taken back is nobody's any more."""
_DECIDING = ("tools", "chat_template_kwargs", "reasoning_effort", "reasoning_format", "parallel_tool_calls")
"""What of a request, beside its messages, a template may put in front."""
_KEPT, _AT_WORK, _VAIN = ".kept", ".taken", ".vain"
_log = structlog.get_logger(__name__)


class KeptBeginnings:
    """Waited for with the body of each chat before it is sent: a slot holds then what the prompt begins with.

    A file is taken back from under another name, so that one which ends the engine is never tried again; the oldest go where all
    together are larger than they may be.

    Args:
        endpoint: The engine.
        folder: Where it writes what its slots hold; for this user's eyes only.
        mark: Says which model, build and context the files are of.
        most_bytes: All files together.
        life: Another value after each restart of the engine, whose slots are empty then.
    """

    def __init__(
        self, endpoint: Endpoint, folder: Path, mark: str, *, most_bytes: int, life: Callable[[], Hashable] = lambda: 0
    ) -> None:
        self._endpoint, self._folder, self._mark, self._most_bytes = endpoint, folder, mark, most_bytes
        self._life, self._lived = life, life()
        self._held: set[str] = set()
        self._filled: set[int] = set()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def __call__(self, body: bytes) -> None:
        """Returns once a slot holds the beginning, or it is clear that none will."""
        asked = loads(body)
        begins = beginning(asked)
        if begins is None:
            return
        key = hashlib.sha256(dumps([self._mark, *begins.values()])).hexdigest()[:32]
        if (life := self._life()) != self._lived:
            self._lived, self._held, self._filled = life, set(), set()
        async with self._locks[key]:
            if key in self._held:
                if _is_first(asked):
                    await self._tried(self._spread(key))
                return
            if await self._tried(self._hold(key, begins)):
                self._held.add(key)

    async def _tried(self, work: Awaitable[bool]) -> bool:
        """What came of it; what failed is not tried again either."""
        try:
            return await work
        except (LLMError, OSError) as error:
            _log.debug("beginning_not_kept", why=str(error))
            return True

    async def _hold(self, key: str, begins: Mapping[str, Any]) -> bool:
        """Has an idle slot hold the beginning: from its file, else read now and written to one. False: none is idle."""
        if (self._folder / (key + _VAIN)).exists():
            return True
        if (slot := self._idle(await self._slots())) is None:
            return False
        if not await self._taken_back(key, slot):
            await self._read_and_kept(key, begins, slot)
        return True

    async def _read_and_kept(self, key: str, begins: Mapping[str, Any], slot: int) -> None:
        platform.private_folder(self._folder)
        size = _tokens(await self._read(begins, "1", slot))
        new = f"{secrets.token_hex(8)}{_AT_WORK}"
        try:
            await self._act(slot, "save", new)
            if _found(await self._read(begins, "2", slot)) * 2 < size:  # a model whose memory cannot be cut back
                (self._folder / (key + _VAIN)).touch()
            else:
                (self._folder / new).replace(self._folder / (key + _KEPT))
                await asyncio.to_thread(prune, self._folder, self._most_bytes)
        finally:
            (self._folder / new).unlink(missing_ok=True)
        self._filled.add(slot)

    async def _spread(self, key: str) -> bool:
        """Gives the beginning to a slot that holds nothing yet, where those at work may hold it alone."""
        told = await self._slots()
        empty = [slot["id"] for slot in told if self._is_empty(slot)]
        at_work = any(slot.get("is_processing") for slot in told)
        return bool(empty) and at_work and await self._taken_back(key, empty[0])

    async def _taken_back(self, key: str, slot: int) -> bool:
        kept, at_work = self._folder / (key + _KEPT), f"{key}.{secrets.token_hex(4)}{_AT_WORK}"
        try:
            kept.replace(self._folder / at_work)
        except FileNotFoundError:
            return False
        try:
            await self._act(slot, "restore", at_work)
        except LLMError as error:
            _log.debug("beginning_not_taken_back", why=str(error))
            (self._folder / at_work).unlink(missing_ok=True)
            return False
        (self._folder / at_work).replace(kept)
        kept.touch()
        self._filled.add(slot)
        return True

    def _idle(self, told: Sequence[Mapping[str, Any]]) -> int | None:
        """An idle slot: one that holds nothing, else the one that holds least."""
        idle = [slot for slot in told if not slot.get("is_processing")]
        idle.sort(key=lambda slot: (not self._is_empty(slot), slot.get("n_prompt_tokens", 0)))
        return idle[0]["id"] if idle else None

    def _is_empty(self, slot: Mapping[str, Any]) -> bool:
        """Whether a slot has had nothing to do since the engine was started."""
        return not (slot.get("is_processing") or "id_task" in slot or slot["id"] in self._filled)

    async def _slots(self) -> Sequence[Mapping[str, Any]]:
        return await self._endpoint.ask("GET", "/slots", root=True, guarded=False)

    async def _read(self, begins: Mapping[str, Any], word: str, slot: int) -> Mapping[str, Any]:
        """Has a slot read the beginning and, behind it, a word as the user's."""
        messages = [*begins["messages"], {"role": "user", "content": word}]
        asked = {**begins, "messages": messages, "max_tokens": 1, "id_slot": slot}
        return await self._endpoint.ask("POST", "/chat/completions", asked, within=READ_S, guarded=False)

    async def _act(self, slot: int, action: str, file: str) -> None:
        await self._endpoint.ask("POST", f"/slots/{slot}?action={action}", {"filename": file}, root=True, guarded=False)


def beginning(asked: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a request has in common with others of the same instructions and tools; None where that is little.

    Args:
        asked: A request of `/chat/completions`.
    """
    messages = asked.get("messages") or []
    system = [message for message in messages[:1] if message.get("role") in {"system", "developer"}]
    begins = {"messages": system, **{name: asked[name] for name in _DECIDING if asked.get(name)}}
    return begins if system and len(dumps(begins)) >= LEAST_CHARS else None


def prune(folder: Path, most_bytes: int) -> None:
    """Removes the kept files that were used longest ago until the others take no more than `most_bytes`."""
    files = []
    for path in folder.glob(f"*{_KEPT}"):
        try:
            about = path.stat()
        except FileNotFoundError:
            continue
        files.append((about.st_mtime_ns, about.st_size, path))
    for left in folder.glob(f"*{_AT_WORK}"):  # by a process that was killed, or an engine that did not bear it
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > STALE_S:
                left.unlink()
    room = most_bytes
    for _, size, path in sorted(files, reverse=True):
        room -= size
        if room < 0:
            path.unlink(missing_ok=True)


def _is_first(asked: Mapping[str, Any]) -> bool:
    return all(message.get("role") not in {"assistant", "tool"} for message in asked["messages"])


def _tokens(reply: Mapping[str, Any]) -> int:
    return int((reply.get("usage") or {}).get("prompt_tokens") or 0)


def _found(reply: Mapping[str, Any]) -> int:
    details = (reply.get("usage") or {}).get("prompt_tokens_details") or {}
    return int(details.get("cached_tokens") or 0)
