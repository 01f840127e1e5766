"""The way to a Ray cluster: everything that can be wrong with it is said in a sentence, before anything else is done.

`ray.init` at an address where nothing listens waits for more than two minutes, inside of a call that nobody can cancel (ray
2.60); so the address is tried first.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import os
import re
import socket
import sys
from typing import Any

from lmbridge import installed
from lmbridge.errors import ClusterUnreachableError, InvalidArgumentsError, SettingsError

CONNECT_S = 5.0
LOOKED_AT_S = 30.0
"""How long the cluster's own look at itself may take: it imports all of ray first."""
SAME_VERSION = "Install the cluster's version of ray here, under its version of Python."
_CLIENT = "ray://"


def require_ray() -> Any:
    """The module `ray`.

    Raises:
        SettingsError: The extra is not installed.
    """
    if importlib.util.find_spec("ray") is None:
        raise SettingsError("--ray needs Ray, which is not installed.", hint=installed.how_to_add("ray"))
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    return importlib.import_module("ray")


async def connect(address: str) -> Any:
    """Connects this process to a cluster, and returns the module `ray`.

    Args:
        address: `HOST:PORT` of its head, or `auto` for the one that this machine belongs to.

    Raises:
        SettingsError: Ray is not installed, or of another version than the cluster's.
        InvalidArgumentsError: It is no such address.
        ClusterUnreachableError: There is no cluster.
    """
    ray = require_ray()
    if address.startswith(_CLIENT):
        raise InvalidArgumentsError(
            f"--ray {address}: Ray Client is not supported.",
            hint="Run lmbridge on a machine of the cluster (`ray start --address=HEAD:6379`), and give auto or HEAD:6379.",
        )
    if address != "auto":
        await asyncio.to_thread(_reach, address)
    await _look(address)
    try:
        ray.init(address=address, log_to_driver=False, configure_logging=False, namespace="lmbridge")
    except Exception as error:
        ray.shutdown()  # what it had begun
        if isinstance(error, (ConnectionError, TimeoutError)):
            raise _gone(address, str(error)) from None
        raise SettingsError(f"--ray {address}: {_one_line(str(error))}.", hint=SAME_VERSION) from None
    return ray


def _reach(address: str) -> None:
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise InvalidArgumentsError(
            f"--ray {address} is no address of a cluster.",
            hint="Give HOST:PORT of its head, such as 10.0.0.5:6379, or auto.",
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_S).close()
    except OSError as error:
        raise _gone(address, error.strerror or str(error)) from None


async def _look(address: str) -> None:
    """Lets Ray look, in a process that can be given up, whether a cluster of this version is there."""
    command = (sys.executable, "-m", "ray.scripts.scripts", "health-check", "--address", address)
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        async with asyncio.timeout(LOOKED_AT_S):
            told, _ = await process.communicate()
    except TimeoutError:
        raise _gone(address, "what listens there does not answer as Ray does") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        _judge(address, told.decode(errors="replace"))


def _judge(address: str, told: str) -> None:
    if mismatch := re.search(r"[^\n]*version mismatch[^\n]*", told, re.IGNORECASE):
        raise SettingsError(f"--ray {address}: {_one_line(mismatch[0])}.", hint=SAME_VERSION)
    raise _gone(address, _one_line(told.strip().rpartition("\n")[2]) or "it is not healthy")


def _gone(address: str, why: str) -> ClusterUnreachableError:
    return ClusterUnreachableError(
        f"No Ray cluster answers at {address}: {_one_line(why)}.",
        hint="`ray start --head` begins one; `ray status` shows it.",
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300].rstrip(".")
