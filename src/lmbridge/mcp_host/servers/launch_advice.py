"""What to do about a program that does not start: the faults that public bug reports of mcp.json files are full of."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Final

from lmbridge.mcp_host.config.entry import ServerEntry

_NEEDS_A_PACKAGE: Final = frozenset({"npx", "uvx", "bunx", "pnpx", "pipx"})
_NEEDS_ARGUMENTS: Final = frozenset(
    {"node", "python", "python3", "docker", "podman", "uv", "deno", "bun", "java", "dotnet"}
)
_COMES_WITH: Final = {
    "npx": "Node.js (https://nodejs.org)",
    "npm": "Node.js (https://nodejs.org)",
    "node": "Node.js (https://nodejs.org)",
    "uvx": "uv (https://docs.astral.sh/uv)",
    "uv": "uv (https://docs.astral.sh/uv)",
    "bunx": "Bun (https://bun.sh)",
    "docker": "Docker",
    "deno": "Deno (https://deno.com)",
}
_HOMES: Final = (
    ".local/bin", ".volta/bin", ".asdf/shims", ".local/share/mise/shims", ".pyenv/shims", ".bun/bin", ".deno/bin",
    ".cargo/bin", ".local/share/fnm/aliases/default/bin", ".fnm/aliases/default/bin", "n/bin", ".n/bin",
)  # fmt: skip
_PLACES: Final = ("/opt/homebrew/bin", "/usr/local/bin", "/home/linuxbrew/.linuxbrew/bin", "/snap/bin")
_NOT_FOUND: Final = re.compile(
    r"env: [‘'\"`]?(?P<env>[\w.+-]+)[’'\"`]?: No such file"
    r"|(?:exec|sh|bash|zsh|line \d+|: \d+): [‘'\"]?(?P<shell>[\w.+-]+)[’'\"]?: (?:command )?not found"
    r"|command not found: (?P<zsh>[\w.+-]+)"
    r"|[‘'\"](?P<windows>[\w.+-]+)[’'\"] is not recognized as"
    r"|spawn (?P<spawn>[\w.+-]+) ENOENT",
    re.IGNORECASE,
)


def advice(entry: ServerEntry, stderr: str = "") -> str | None:
    """What is wrong with how a program is started; None where nothing is known to be.

    Args:
        entry: The server.
        stderr: The end of what the program wrote to standard error.
    """
    program = PurePath(entry.command or "").name.removesuffix(".cmd").removesuffix(".exe").lower()
    missing = missing_program(stderr)
    if missing is not None:
        return _about_missing(missing, entry)
    if program in _NEEDS_A_PACKAGE and all(argument.startswith("-") for argument in entry.args):
        example = '["-y", "PACKAGE"]' if program == "npx" else '["PACKAGE"]'
        return f"`{program}` was told no package to run: name the server's package in `args` ({example}) in {entry.origin}."
    if program in _NEEDS_ARGUMENTS and not entry.args:
        return f"`{program}` was told nothing to run: what it is to start belongs into `args` in {entry.origin}."
    return None


def of_not_found(entry: ServerEntry) -> str:
    """What to do where the command itself was not found."""
    command = entry.command or ""
    words = _words(command)
    if len(words) > 1 and not Path(command).exists():
        args = json.dumps([*words[1:], *entry.args], ensure_ascii=False)
        return (
            f'`command` holds a whole command line; it must be the program alone: "command": {json.dumps(words[0])}, '
            f'"args": {args} in {entry.origin}.'
        )
    if os.sep in command or "/" in command:
        return f"Install it, or mend its path in {entry.origin}."
    return _about_missing(command, entry)


def missing_program(stderr: str) -> str | None:
    """The program that a script or another program did not find, from what it wrote; None where it says nothing of that."""
    match = _NOT_FOUND.search(stderr)
    return next((name for name in match.groups() if name), None) if match else None


def _about_missing(name: str, entry: ServerEntry) -> str:
    """Where a program that is not on the PATH is, or what to install."""
    found = next(_installed(name), None)
    own = PurePath(entry.command or "").name == name
    if found and own:
        return f"It is at {found}, which is not on the PATH that lmbridge was started with: give that path in {entry.origin}."
    if found:
        path = f'"env": {{"PATH": "{found.parent}{os.pathsep}${{PATH}}"}}'
        return f"`{name}` is at {found}, which is not on the PATH that the server gets: put {path} into {entry.origin}."
    comes = _COMES_WITH.get(name.lower())
    what = f"`{name}` comes with {comes}: install that" if comes else f"Install `{name}`"
    if own:
        return f"{what}, or give its full path in {entry.origin}."
    return f"{what}, or put the folder where it is into the PATH of `env` in {entry.origin}: it is not on the PATH that the server gets."


def _installed(name: str) -> Iterator[Path]:
    """Where programs are that a desktop's PATH does not know; the newest Node.js of nvm first among its versions."""
    home = Path.home()
    versions = sorted(home.glob(".nvm/versions/node/*/bin"), key=_version, reverse=True)
    folders = [*versions, *(home / place for place in _HOMES), *map(Path, _PLACES)]
    for folder in folders:
        found = shutil.which(name, path=str(folder))
        if found:
            yield Path(found)


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", folder.parent.name)))


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command, posix=os.sep == "/")
    except ValueError:
        return command.split()
