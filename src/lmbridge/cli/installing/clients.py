"""The clients that lmbridge can be installed into: which one a name means, and how an entry of lmbridge looks there."""

from __future__ import annotations

import base64
import difflib
import json
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lmbridge.errors import InvalidArgumentsError
from lmbridge.mcp_host.config.programs import PROGRAMS, Folders, Program, Shape

NAME = "lmbridge"
"""The name under which lmbridge stands in a client's file."""
GENERIC = "other"
"""Asks for the entry as most programs take it, printed instead of written."""

CLIENTS = {program.name: program for program in PROGRAMS}
ALIASES = {
    "claude": "claude-code",
    "claudecode": "claude-code",
    "claudedesktop": "claude-desktop",
    "code": "vscode",
    "vs-code": "vscode",
    "visual-studio-code": "vscode",
    "lm-studio": "lmstudio",
    "codex-cli": "codex",
    "openai-codex": "codex",
    "gemini-cli": "gemini",
    "qwen-code": "qwen",
    "open-code": "opencode",
    "copilot-cli": "copilot",
    "github-copilot": "copilot",
    "cn": "continue",
    "fastagent": "fast-agent",
}
"""Other names that leave no doubt."""

Variables = Mapping[str, str]


def client_named(name: str) -> Program:
    """The client of this name, or of one that leaves no doubt.

    Raises:
        InvalidArgumentsError: It is not known; names the nearest ones.
    """
    key = "-".join(name.strip().lower().replace("_", " ").split())
    known = CLIENTS.get(ALIASES.get(key, key))
    if known is not None:
        return known
    near = difflib.get_close_matches(key, [*CLIENTS, *ALIASES], n=3, cutoff=0.6)
    meant = list(dict.fromkeys(ALIASES.get(each, each) for each in near))
    hint = f"Did you mean {' or '.join(meant)}? " if meant else ""
    raise InvalidArgumentsError(
        f"No client {name[:60]!r} is known.",
        hint=f"{hint}Known: {', '.join(CLIENTS)}. For any other program `lmbridge install {GENERIC}` prints the entry.",
    )


def entry_of(program: Program, command: Sequence[str], variables: Variables) -> dict[str, Any]:
    """The entry of lmbridge in a client's file; `variables` go before those that the client needs anyway."""
    return _SHAPES[program.shape](list(command), {**program.environment, **variables})


def snippet(command: Sequence[str], variables: Variables) -> str:
    """The entry as most programs take it, as JSON."""
    return json.dumps({"mcpServers": {NAME: _plain(list(command), variables)}}, indent=2, ensure_ascii=False)


def _plain(command: list[str], variables: Variables) -> dict[str, Any]:
    program, *arguments = command
    return {"command": program, "args": arguments} | ({"env": dict(variables)} if variables else {})


def _stdio(command: list[str], variables: Variables) -> dict[str, Any]:
    return {"type": "stdio", **_plain(command, variables)}


def _codex(command: list[str], variables: Variables) -> dict[str, Any]:
    """`required`: `codex exec` waits for the tools instead of going on without them."""
    program, *arguments = command
    entry: dict[str, Any] = {"command": program, "args": arguments, "required": True}
    return entry | ({"env": dict(variables)} if variables else {})


def _opencode(command: list[str], variables: Variables) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": "local", "command": command, "enabled": True}
    return entry | ({"environment": dict(variables)} if variables else {})


def _copilot(command: list[str], variables: Variables) -> dict[str, Any]:
    return {"type": "local", **_plain(command, variables), "tools": ["*"]}


def _cline(command: list[str], variables: Variables) -> dict[str, Any]:
    return {"transport": _stdio(command, variables)}


def _continue(command: list[str], variables: Variables) -> dict[str, Any]:
    return {"name": NAME, **_plain(command, variables)}


def _zed(command: list[str], variables: Variables) -> dict[str, Any]:
    return {"source": "custom", **_plain(command, variables)}


_SHAPES: Mapping[Shape, Callable[[list[str], Variables], dict[str, Any]]] = {
    "plain": _plain,
    "stdio": _stdio,
    "codex": _codex,
    "opencode": _opencode,
    "copilot": _copilot,
    "cline": _cline,
    "continue": _continue,
    "zed": _zed,
}


def config_file(program: Program, folders: Folders) -> Path:
    """The user's file of a client that an entry is written into: the first that is there, else the preferred one.

    LM Studio goes by its folder: its old one where that exists, with or without a file in it.
    """
    files = folders.of(program)
    if program.name == "lmstudio":
        return next((file for file in files if file.parent.is_dir()), files[-1])
    return next((file for file in files if file.exists()), files[0])


def own_command() -> list[str]:
    """The command with which a client starts this very installation: an absolute path, since clients have other PATHs."""
    script = Path(sys.argv[0])
    if script.stem == NAME and script.exists():
        return [str(script.absolute()), "serve"]
    beside = shutil.which(NAME, path=str(Path(sys.executable).parent)) or shutil.which(NAME)
    return [beside, "serve"] if beside else [sys.executable, "-m", NAME, "serve"]


PORTABLE = ("uvx", NAME, "serve")
"""The command for links and examples that do not know where lmbridge is installed."""


def deep_links(command: Sequence[str] = PORTABLE) -> dict[str, str]:
    """Links that install lmbridge with one click, by client; for Cursor, VS Code and LM Studio."""
    program, *arguments = command
    entry = {"command": program, "args": arguments}
    packed = base64.b64encode(json.dumps(entry, separators=(",", ":")).encode()).decode()
    named = json.dumps({"name": NAME, "type": "stdio", **entry}, separators=(",", ":"))
    return {
        "cursor": f"cursor://anysphere.cursor-deeplink/mcp/install?name={NAME}&config={quote(packed, safe='')}",
        "vscode": f"vscode:mcp/install?{quote(named, safe='')}",
        "lmstudio": f"lmstudio://add_mcp?name={NAME}&config={quote(packed, safe='')}",
    }
