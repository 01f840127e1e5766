"""The one table of client programs: where each keeps its MCP servers, in which form, and what `install` writes there.

Read from it: where lmbridge looks for servers, and in which order it believes them (the earlier place wins, whole entry by
whole entry). Written by it: `lmbridge install` (`cli/installing`). Paths and forms are those of the programs themselves in
November 2026, found by installing them and letting their own `mcp add` write (docs/CLIENTS.md says which versions).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

System = Literal["linux", "darwin", "win32"]

Dialect = Literal["mcp", "claude-code", "settings", "codex", "opencode", "cline", "continue", "zed", "switches"]
"""`mcp`: a file of servers alone, bare maps allowed. `claude-code`: ~/.claude.json, with a project's servers inside.
`settings`: a program's settings that hold servers among other things. `switches`: settings that only
switch servers off. The others: that program's own form."""

Shape = Literal["plain", "stdio", "codex", "opencode", "copilot", "cline", "continue", "zed"]
"""How lmbridge's own entry looks in a program's file; see `cli/installing/clients.py`."""

LMSTUDIO_POINTER = ".lmstudio-home-pointer"
"""File in the home folder whose content is LM Studio's folder, where the user has moved it."""

NO_PATIENCE = {"LMBRIDGE_SOFT_LIMIT": "50"}
"""For clients that end a call after a minute whatever progress they are told."""


@dataclass(frozen=True, slots=True)
class Program:
    """A client program.

    Attributes:
        name: As `install` takes it; empty for what is only read.
        title: As people know it.
        dialect: How its files are laid out.
        files: Its user's files, as templates: `~` is the home folder, `APPS` the system's folder for programs' settings,
            `CONFIG` the one for command-line programs', `LMSTUDIO` LM Studio's. All are read; `install` writes the first
            that is there, else the first.
        project: Its files in an opened folder.
        moved: Variables of the environment that put the file elsewhere: the first one set, with what follows it.
        key: Where the servers stand in the file.
        shape: How an entry of lmbridge looks.
        after: What the user does for it to take effect.
        environment: Variables that an entry needs there.
    """

    name: str
    title: str
    dialect: Dialect = "mcp"
    files: tuple[str, ...] = ()
    project: tuple[str, ...] = ()
    moved: Mapping[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ("mcpServers",)
    shape: Shape = "plain"
    after: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


PROGRAMS = (
    Program(
        "claude-code",
        "Claude Code",
        "claude-code",
        ("~/.claude.json",),
        (".mcp.json",),
        {"CLAUDE_CONFIG_DIR": ".claude.json"},
        shape="stdio",
        after="Start a new session; /mcp shows it.",
    ),
    Program(
        "claude-desktop",
        "Claude Desktop",
        "settings",
        ("APPS/Claude/claude_desktop_config.json",),
        after="Quit Claude Desktop and start it again.",
        environment=NO_PATIENCE,
    ),
    Program(
        "cursor",
        "Cursor",
        "mcp",
        ("~/.cursor/mcp.json",),
        (".cursor/mcp.json",),
        after="Switch it on in Settings, MCP.",
    ),
    Program(
        "vscode",
        "VS Code",
        "mcp",
        ("APPS/Code/User/mcp.json",),
        (".vscode/mcp.json",),
        key=("servers",),
        shape="stdio",
        after="Start it with 'MCP: List Servers'.",
    ),
    Program("lmstudio", "LM Studio", "mcp", ("LMSTUDIO/mcp.json",), after="LM Studio loads it at once."),
    Program(
        "codex",
        "Codex",
        "codex",
        ("~/.codex/config.toml",),
        (".codex/config.toml",),
        {"CODEX_HOME": "config.toml"},
        key=("mcp_servers",),
        shape="codex",
        after="Start a new session; `codex mcp list` shows it. It is `required`, so that `codex exec` waits for it.",
    ),
    Program(
        "gemini",
        "Gemini CLI",
        "settings",
        ("~/.gemini/settings.json",),
        (".gemini/settings.json",),
        after="Start a new session; /mcp shows it. It stays off in folders that Gemini CLI does not trust.",
    ),
    Program(
        "qwen",
        "Qwen Code",
        "settings",
        ("~/.qwen/settings.json",),
        (".qwen/settings.json",),
        after="Start a new session; /mcp shows it.",
    ),
    Program(
        "opencode",
        "opencode",
        "opencode",
        ("CONFIG/opencode/opencode.jsonc", "CONFIG/opencode/opencode.json"),
        ("opencode.jsonc", "opencode.json"),
        {"OPENCODE_CONFIG": ""},
        key=("mcp",),
        shape="opencode",
        after="Start opencode again; `opencode mcp list` shows it.",
    ),
    Program(
        "copilot",
        "Copilot CLI",
        "mcp",
        ("~/.copilot/mcp-config.json",),
        shape="copilot",
        after="Start a new session; `copilot mcp list` shows it.",
    ),
    Program(
        "cline",
        "Cline",
        "cline",
        ("~/.cline/data/settings/cline_mcp_settings.json",),
        moved={
            "CLINE_MCP_SETTINGS_PATH": "",
            "CLINE_DATA_DIR": "settings/cline_mcp_settings.json",
            "CLINE_DIR": "data/settings/cline_mcp_settings.json",
        },
        shape="cline",
        after="Cline loads it at the next task.",
    ),
    Program(
        "continue",
        "Continue",
        "continue",
        ("~/.continue/config.yaml",),
        moved={"CONTINUE_GLOBAL_DIR": "config.yaml"},
        shape="continue",
        after="Continue loads it at once; `cn` at its next start.",
    ),
    Program(
        "fast-agent",
        "fast-agent",
        "settings",
        ("./fastagent.config.yaml",),
        ("fastagent.config.yaml",),
        key=("mcp", "servers"),
        after="Name it in an agent's `servers`, or start with `fast-agent go --servers lmbridge`.",
    ),
    Program(
        "windsurf",
        "Windsurf",
        "mcp",
        ("~/.codeium/windsurf/mcp_config.json",),
        after="Refresh the servers in Cascade's MCP panel.",
    ),
    Program(
        "zed",
        "Zed",
        "zed",
        ("ZED/settings.json",),
        (".zed/settings.json",),
        key=("context_servers",),
        shape="zed",
        after="Zed loads it at once; the Agent Panel's settings show it.",
    ),
)
"""Every client that `install` knows, in the order in which they are listed."""

_NAMED = {program.name: program for program in PROGRAMS}
_OWN = Program("", "lmbridge", "mcp", ("OWN/mcp.json",))
_HOME = Program("", "home folder", "mcp", ("~/.mcp.json",))
_WORKSPACE_SETTINGS = Program("", "VS Code (workspace settings)", "settings", project=(".vscode/settings.json",))
_USER_SETTINGS = Program("", "VS Code (settings)", "settings", ("APPS/Code/User/settings.json",))
_USERS = (
    _OWN,
    _NAMED["lmstudio"],
    _HOME,
    *(_NAMED[name] for name in ("claude-code", "claude-desktop", "cursor", "vscode")),
    _USER_SETTINGS,
    *(
        _NAMED[name]
        for name in ("windsurf", "copilot", "codex", "gemini", "qwen", "opencode", "cline", "continue", "zed")
    ),
)
"""Whose files in the user's own folders are read, in the order in which they are believed."""
_OPENED = (
    *(_NAMED[name] for name in ("claude-code", "cursor", "vscode")),
    _WORKSPACE_SETTINGS,
    *(_NAMED[name] for name in ("codex", "gemini", "qwen", "opencode", "fast-agent", "zed")),
)
"""Whose files in an opened folder are read after those: what lies there is trusted one by one."""
_TITLES = {(".mcp.json", "project"): "Claude Code (project)", (".vscode/mcp.json", "project"): "VS Code (workspace)"}


@dataclass(frozen=True, slots=True)
class Place:
    """A file that may hold servers.

    Attributes:
        path: The file.
        program: Whose file it is, in words.
        dialect: How it is laid out.
        workspace: The folder that `${workspaceFolder}` means in it.
        opened: Whether it belongs to the opened folder and not to the user, so that its servers are trusted one by one.
        sole: Whether it is the one file that the user named, whoever's form it has.
    """

    path: Path
    program: str
    dialect: Dialect
    workspace: Path
    opened: bool = False
    sole: bool = False


@dataclass(frozen=True, slots=True)
class Folders:
    """Where a user's files are on one machine.

    Attributes:
        system: As in `sys.platform`.
        home: The user's home folder.
        environment: The variables that move folders.
        cwd: The working folder.
        lmstudio: LM Studio's folder as its pointer file says, if there is one.
    """

    system: System
    home: Path
    environment: Mapping[str, str]
    cwd: Path
    lmstudio: Path | None = None

    def of(self, program: Program) -> tuple[Path, ...]:
        """The user's files of a program, the preferred one first."""
        for variable, rest in program.moved.items():
            if text := self.environment.get(variable, "").strip():
                return (in_home(Path(text), self.home) / rest,)
        return tuple(path for template in program.files for path in self._paths(template))

    def _paths(self, template: str) -> Iterator[Path]:
        head, _, rest = template.partition("/")
        if head == "LMSTUDIO":
            yield from (folder / rest for folder in self._lmstudio())
            return
        roots = {"~": self.home, ".": self.cwd, "APPS": self._apps(), "CONFIG": self._config(), "OWN": self._own()}
        yield (roots[head] if head in roots else self._zed()) / rest

    def _apps(self) -> Path:
        """Where programs with windows keep their settings."""
        if self.system == "darwin":
            return self.home / "Library" / "Application Support"
        if self.system == "win32":
            return Path(self.environment.get("APPDATA") or self.home / "AppData" / "Roaming")
        return self._config()

    def _config(self) -> Path:
        """Where programs of the command line keep theirs."""
        return Path(self.environment.get("XDG_CONFIG_HOME") or self.home / ".config")

    def _own(self) -> Path:
        """Lmbridge's own folder, where its settings file is too (`platform.config_dir`)."""
        if self.system == "win32":
            return Path(self.environment.get("LOCALAPPDATA") or self.home / "AppData" / "Local") / "lmbridge"
        moved = self.environment.get("XDG_CONFIG_HOME")
        return (Path(moved) if moved else self._apps()) / "lmbridge"

    def _zed(self) -> Path:
        if self.system == "win32":
            return self._apps() / "Zed"
        return (self._config() if self.system == "linux" else self.home / ".config") / "zed"

    def _lmstudio(self) -> tuple[Path, ...]:
        """LM Studio's own rule: the pointer; else ~/.cache/lm-studio (its old place) where that is; else ~/.lmstudio."""
        if self.lmstudio:
            return (self.lmstudio,)
        old, new = self.home / ".cache" / "lm-studio", self.home / ".lmstudio"
        return (old, new)


def up_to_the_repository(folder: Path) -> tuple[Path, ...]:
    """The folder, and those above it up to the root of its repository; it alone where it is in none."""
    above = [folder, *folder.parents]
    at = next((number for number, each in enumerate(above) if (each / ".git").exists()), 0)
    return tuple(above[: at + 1])


def in_home(path: Path, home: Path) -> Path:
    """The path with a leading `~` as the home folder."""
    return home / Path(*path.parts[1:]) if path.parts[:1] == ("~",) else path


def pointed_lmstudio(home: Path) -> Path | None:
    """The folder that LM Studio's pointer file names; None without one."""
    try:
        text = (home / LMSTUDIO_POINTER).read_text(encoding="utf-8-sig").strip()
    except (OSError, ValueError):
        return None
    return in_home(Path(text), home) if text and "\0" not in text else None


def known_places(
    *,
    system: System,
    cwd: Path,
    home: Path,
    environment: Mapping[str, str],
    lmstudio_home: Path | None = None,
    roots: Sequence[Path] = (),
) -> tuple[Place, ...]:
    """Every place that is read where `MCP_JSON_PATH` is not set: the user's own first, then the opened folder's.

    Args:
        system: As in `sys.platform`.
        cwd: The process's working folder.
        home: The user's home folder.
        environment: For `APPDATA`, `XDG_CONFIG_HOME`, and the variables by which programs' files are moved.
        lmstudio_home: What LM Studio's pointer file says, if there is one.
        roots: Folders that a client has opened; they count as the working folder does, behind it.
    """
    folders = Folders(system, home, environment, cwd, lmstudio_home)
    unique: dict[Path, Place] = {}
    for program in _USERS:
        for place in _user(program, folders):
            unique.setdefault(place.path, place)
    for opened in (cwd, *roots):
        for program in _OPENED:
            for place in _project(program, opened):
                unique.setdefault(place.path, place)
    return tuple(unique.values())


def _user(program: Program, folders: Folders) -> Iterator[Place]:
    for path in folders.of(program):
        yield Place(path, program.title, program.dialect, folders.cwd)


def _project(program: Program, opened: Path) -> Iterator[Place]:
    dialect = "mcp" if program.name == "claude-code" else program.dialect
    for folder in up_to_the_repository(opened):
        for file in program.project:
            title = _TITLES.get((file, "project"), program.title if not program.name else f"{program.title} (project)")
            yield Place(folder / file, title, dialect, folder, opened=True)


def switch_places(*, cwd: Path, home: Path, roots: Sequence[Path] = ()) -> tuple[Place, ...]:
    """Claude Code's settings, which hold no servers and may switch some off (`disabledMcpjsonServers` and its like).

    Args:
        cwd: The process's working folder.
        home: The user's home folder.
        roots: Folders that a client has opened.
    """
    kinds = {"settings.local.json": "Claude Code (local settings)", "settings.json": "Claude Code (project settings)"}
    unique: dict[Path, Place] = {}
    for folder in (each for opened in (cwd, *roots) for each in up_to_the_repository(opened)):
        for name, title in kinds.items():
            path = folder / ".claude" / name
            unique.setdefault(path, Place(path, title, "switches", folder))
    users = home / ".claude" / "settings.json"
    unique[users] = Place(users, "Claude Code (settings)", "switches", cwd)
    return tuple(unique.values())


def sole_place(path: Path, *, cwd: Path) -> Place:
    """The one place that is read where `MCP_JSON_PATH` is set; any dialect."""
    return Place(path, "MCP_JSON_PATH", _DIALECTS.get(path.name, "mcp"), cwd, sole=True)


_DIALECTS: Mapping[str, Dialect] = {
    Path(file).name: program.dialect
    for program in PROGRAMS
    for file in (*program.files, *program.project)
    if program.dialect != "mcp" and Path(file).name != ".mcp.json"
} | {"settings.json": "settings"}
