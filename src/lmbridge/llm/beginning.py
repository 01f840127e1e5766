"""What the prompts of many requests begin with, read once for all slots of the embedded engine and not once by each.

llama.cpp has a cache for each slot and gives none of it to another. So one slot reads the first prompt before any of the
requests is answered; what it then holds is written to a file, which the other slots read (`/slots/ID?action=save` and
`restore`, https://github.com/ggml-org/llama.cpp/tree/master/tools/server). For 160 tokens of a 0.5B that are 2 MB and 5 ms.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog

from lmbridge import platform
from lmbridge.errors import LLMError
from lmbridge.llm.http.endpoint import Endpoint
from lmbridge.llm.http.json import loads

READ_S = 600.0
"""For the first prompt to be read; as long as a first byte is waited for at most."""
_log = structlog.get_logger(__name__)


class SharedBeginning:
    """Waited for with each request before it is sent: the first one's prompt is read by all slots, meanwhile the others wait.

    Args:
        endpoint: The engine, which writes what slots hold into `folder`.
        folder: For this user's eyes only.
        slots: How many the engine has.
    """

    def __init__(self, endpoint: Endpoint, folder: Path, slots: int) -> None:
        self._endpoint = endpoint
        self._file = folder / f"{secrets.token_hex(8)}.slot"
        self._slots = slots
        self._reading: asyncio.Future[None] | None = None

    @property
    def begun(self) -> bool:
        """Whether it is read, or has been."""
        return self._reading is not None

    async def __call__(self, body: bytes) -> None:
        """Returns once the slots hold the beginning, or it is clear that they will not."""
        if self._reading is None:
            self._reading = asyncio.ensure_future(self._read(body))
        if not self._reading.done():
            await asyncio.shield(self._reading)

    async def _read(self, body: bytes) -> None:
        try:
            if await self._at_work():
                return  # what a slot is at would be waited for
            platform.private_folder(self._file.parent)
            await self._endpoint.ask("POST", "/chat/completions", _only_read(body), within=READ_S, guarded=False)
            await self._act(0, "save")
            for slot in range(1, self._slots):
                await self._act(slot, "restore")
        except (LLMError, OSError) as error:
            _log.debug("beginning_not_shared", why=str(error))
        finally:
            self._file.unlink(missing_ok=True)

    async def _at_work(self) -> bool:
        told = await self._endpoint.ask("GET", "/slots", root=True, guarded=False)
        return any(slot.get("is_processing") for slot in told)

    async def _act(self, slot: int, action: str) -> None:
        path = f"/slots/{slot}?action={action}"
        await self._endpoint.ask("POST", path, {"filename": self._file.name}, root=True, guarded=False)


def _only_read(body: bytes) -> Mapping[str, Any]:
    """The request with as little answer as there can be, by the first slot."""
    asked = {name: value for name, value in loads(body).items() if name != "stream_options"}
    return {**asked, "stream": False, "max_tokens": 1, "id_slot": 0}
