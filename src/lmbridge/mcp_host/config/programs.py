"""Where programs keep their MCP servers, in the order in which lmbridge believes them.

The earlier place wins, whole entry by whole entry. Paths are those of the programs' own documentation in 2026; where a
program runs on three systems its three paths are here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

System = Literal["linux", "darwin", "win32"]

Dialect = Literal["mcp", "claude-code", "settings", "switches"]
"""`mcp`: a file of servers alone, bare maps allowed. `claude-code`: ~/.claude.json, with a project's servers inside.
`settings`: a program's settings that hold servers among other things. `switches`: settings that only switch servers off."""

LMSTUDIO_POINTER = ".lmstudio-home-pointer"
"""File in the home folder whose content is LM Studio's folder, where the user has moved it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file that may hold servers.

    Attributes:
        path: The file.
        program: Whose file it is, in words.
        dialect: How it is laid out.
        workspace: The folder that `${workspaceFolder}` means in it.
        opened: Whether it belongs to the opened folder and not to the user, so that its servers are trusted one by one.
    """

    path: Path
    program: str
    dialect: Dialect
    workspace: Path
    opened: bool = False


def known_places(
    *, system: System, cwd: Path, home: Path, environment: Mapping[str, str], lmstudio_home: Path | None = None
) -> tuple[Place, ...]:
    """Every place that is read where `MCP_JSON_PATH` is not set: the user's own first, then the opened folder's.

    Args:
        system: As in `sys.platform`.
        cwd: The process's working folder.
        home: The user's home folder.
        environment: For `APPDATA` and `XDG_CONFIG_HOME`.
        lmstudio_home: What LM Studio's pointer file says, if there is one.
    """
    apps = _application_folder(system, home, environment)
    code = apps / "Code" / "User"
    table: list[tuple[Path, str, Dialect]] = [
        *((folder / "mcp.json", "LM Studio", "mcp") for folder in _lmstudio_folders(home, lmstudio_home)),
        (home / ".mcp.json", "home folder", "mcp"),
        (home / ".claude.json", "Claude Code", "claude-code"),
        (apps / "Claude" / "claude_desktop_config.json", "Claude Desktop", "settings"),
        (home / ".cursor" / "mcp.json", "Cursor", "mcp"),
        (code / "mcp.json", "VS Code", "mcp"),
        (code / "settings.json", "VS Code (settings)", "settings"),
        (home / ".codeium" / "windsurf" / "mcp_config.json", "Windsurf", "mcp"),
        (home / ".copilot" / "mcp-config.json", "Copilot", "mcp"),
    ]
    opened: list[tuple[Path, str, Dialect]] = [
        (cwd / ".mcp.json", "Claude Code (project)", "mcp"),
        (cwd / ".cursor" / "mcp.json", "Cursor (project)", "mcp"),
        (cwd / ".vscode" / "mcp.json", "VS Code (workspace)", "mcp"),
        (cwd / ".vscode" / "settings.json", "VS Code (workspace settings)", "settings"),
    ]
    places = [Place(*row, cwd) for row in table] + [Place(*row, cwd, opened=True) for row in opened]
    first: dict[Path, Place] = {}
    for place in places:
        first.setdefault(place.path, place)
    return tuple(first.values())


def switch_places(*, cwd: Path, home: Path) -> tuple[Place, ...]:
    """Claude Code's settings, which hold no servers and may switch some off (`disabledMcpjsonServers` and its like).

    Args:
        cwd: The process's working folder.
        home: The user's home folder.
    """
    folder = Path(".claude")
    return (
        Place(cwd / folder / "settings.local.json", "Claude Code (local settings)", "switches", cwd),
        Place(cwd / folder / "settings.json", "Claude Code (project settings)", "switches", cwd),
        Place(home / folder / "settings.json", "Claude Code (settings)", "switches", cwd),
    )


def sole_place(path: Path, *, cwd: Path) -> Place:
    """The one place that is read where `MCP_JSON_PATH` is set; any dialect."""
    dialect: Dialect = "mcp"
    if path.name == ".claude.json":
        dialect = "claude-code"
    elif path.name in {"claude_desktop_config.json", "settings.json"}:
        dialect = "settings"
    return Place(path, "MCP_JSON_PATH", dialect, cwd)


def _application_folder(system: System, home: Path, environment: Mapping[str, str]) -> Path:
    if system == "darwin":
        return home / "Library" / "Application Support"
    if system == "win32":
        return Path(environment.get("APPDATA") or home / "AppData" / "Roaming")
    return Path(environment.get("XDG_CONFIG_HOME") or home / ".config")


def _lmstudio_folders(home: Path, pointed: Path | None) -> tuple[Path, ...]:
    """LM Studio's own rule: the pointer; else ~/.cache/lm-studio (its old place) where it is; else ~/.lmstudio."""
    return (pointed,) if pointed else (home / ".cache" / "lm-studio", home / ".lmstudio")
