"""The MCP clients that lmbridge can be installed into: where each keeps its servers, and how an entry looks there."""

from __future__ import annotations

import base64
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lmbridge.errors import InvalidArgumentsError
from lmbridge.mcp_host.config.programs import LMSTUDIO_POINTER, System

NAME = "lmbridge"
"""The name under which lmbridge stands in a client's file."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client.

    Attributes:
        name: As the command line takes it.
        title: As people know it.
        key: The member of its file that holds servers.
        typed: Whether an entry says `"type": "stdio"`.
        after: What the user does for it to take effect.
    """

    name: str
    title: str
    key: str
    typed: bool
    after: str

    def entry(self, command: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
        """The entry of lmbridge."""
        program, *arguments = command
        kind = {"type": "stdio"} if self.typed else {}
        variables = {"env": dict(environment)} if environment else {}
        return {**kind, "command": program, "args": arguments, **variables}


CLIENTS = {
    client.name: client
    for client in (
        Client("claude-code", "Claude Code", "mcpServers", True, "Start a new session; /mcp shows it."),
        Client("claude-desktop", "Claude Desktop", "mcpServers", False, "Quit Claude Desktop and start it again."),
        Client("cursor", "Cursor", "mcpServers", False, "Switch it on in Settings, MCP."),
        Client("vscode", "VS Code", "servers", True, "Start it with 'MCP: List Servers'."),
        Client("lmstudio", "LM Studio", "mcpServers", False, "LM Studio loads it at once."),
    )
}


def client_named(name: str) -> Client:
    """The client of this name.

    Raises:
        InvalidArgumentsError: It is not known.
    """
    if name not in CLIENTS:
        raise InvalidArgumentsError(f"No client {name[:60]!r} is known.", hint=f"Known: {', '.join(CLIENTS)}.")
    return CLIENTS[name]


def config_file(client: Client, *, home: Path, system: System, environment: Mapping[str, str]) -> Path:
    """The user's own configuration file of a client."""
    apps = _application_folder(home, system, environment)
    files = {
        "claude-code": home / ".claude.json",
        "claude-desktop": apps / "Claude" / "claude_desktop_config.json",
        "cursor": home / ".cursor" / "mcp.json",
        "vscode": apps / "Code" / "User" / "mcp.json",
        "lmstudio": _lmstudio_folder(home) / "mcp.json",
    }
    return files[client.name]


def _application_folder(home: Path, system: System, environment: Mapping[str, str]) -> Path:
    if system == "darwin":
        return home / "Library" / "Application Support"
    if system == "win32":
        return Path(environment.get("APPDATA") or home / "AppData" / "Roaming")
    return Path(environment.get("XDG_CONFIG_HOME") or home / ".config")


def _lmstudio_folder(home: Path) -> Path:
    """LM Studio's own rule: where its pointer file says; else its old place where that exists; else `~/.lmstudio`."""
    pointer = home / LMSTUDIO_POINTER
    pointed = pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else ""
    if pointed:
        return Path(pointed).expanduser()
    old = home / ".cache" / "lm-studio"
    return old if (old / "mcp.json").exists() else home / ".lmstudio"


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
