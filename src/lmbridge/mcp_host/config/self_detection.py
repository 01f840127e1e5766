"""How lmbridge recognises itself among the servers of mcp.json, so that no model is ever offered its own driver.

Four ways, each alone enough: the entry's name, the command under whatever launcher, the address of our own HTTP server,
and a depth variable that every child is given. The pool adds a fifth: the name a server tells when it is greeted.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import urlsplit

from lmbridge.mcp_host.config.entry import ServerEntry

DEPTH_VARIABLE = "LMBRIDGE_DEPTH"
"""How many lmbridges are above a process. Each server is started with one more than its lmbridge has."""

OWN_NAME = "lmbridge"

_TEST_SERVERS = "lmbridge.testing."  # servers to try lmbridge with, not lmbridge itself
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0", "::"})  # noqa: S104  # compared, never bound
_PYTHON = re.compile(r"(?:python|pypy|pythonw|py)[\d.]*w?")
_SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ash", "ksh", "fish", "pwsh", "powershell", "cmd"})
_SHELL_OPTION = re.compile(r"(?i)[-/](?:[a-z]*c|command|k)")
_LAUNCHERS = re.compile(
    "npx|npm|bunx|bun|pnpm|pnpx|yarn|uvx|uv|pipx|poetry|hatch|pdm|rye|pixi|conda|mamba|micromamba|mise|asdf|env|nohup|"
    "time|nice|timeout|stdbuf|setsid|sudo|doas|exec|command|start|caffeinate|dotenv|op|doppler|infisical|direnv"
)
_SUBCOMMANDS = frozenset({"run", "x", "exec", "tool", "dlx", "tx"})
_VALUE_OPTIONS = re.compile("--(?:with|python|directory|project|env-file|name|signal)|-[pnuks]")
_PACKAGE_OPTIONS = frozenset({"--from", "--spec", "--package"})
_SEPARATORS = re.compile(r"&&|\|\||[;|&\n]")


def depth(environment: Mapping[str, str]) -> int:
    """How many lmbridges are above this process; junk in the variable counts as one."""
    text = environment.get(DEPTH_VARIABLE, "").strip()
    return int(text) if text.isdigit() else int(bool(text))


def deeper(environment: Mapping[str, str]) -> dict[str, str]:
    """The variable that a server's environment gets, whatever its entry says."""
    return {DEPTH_VARIABLE: str(depth(environment) + 1)}


def is_own_name(name: str) -> bool:
    """Whether an entry or a greeting bears lmbridge's own name, however it is written."""
    return re.sub(r"[^a-z0-9]", "", name.lower()) == OWN_NAME


def refusal(entry: ServerEntry, *, above: int = 0, own_urls: Sequence[str] = ()) -> str | None:
    """Why this entry must never be started, or None.

    Args:
        entry: The server.
        above: How many lmbridges are above this process.
        own_urls: Addresses under which this process serves.
    """
    if above:
        return "lmbridge was itself started as a server of another lmbridge, and starts none of its own"
    if is_own_name(entry.name):
        return "it is lmbridge itself (by its name)"
    if DEPTH_VARIABLE in entry.env or (entry.command and runs_lmbridge([entry.command, *entry.args])):
        return "it is lmbridge itself (by its command)"
    addresses = [entry.url or "", *(argument for argument in entry.args if "://" in argument)]
    if any(_same_address(address, own) for address in addresses for own in own_urls):
        return "it is lmbridge itself (by its address)"
    return None


def runs_lmbridge(argv: Sequence[str]) -> bool:
    """Whether a command starts lmbridge, directly or through launchers, shells and interpreters.

    Only what is run counts: a folder called lmbridge among the arguments of another program does not.
    """
    rest = list(argv)
    for _ in range(12):  # launchers in launchers; nobody nests deeper
        if not rest:
            return False
        program = _stem(rest[0])
        if is_own_name(program) or is_own_name(_stem(_resolved(rest[0]))):
            return True
        if _PYTHON.fullmatch(program):
            return _python_runs_lmbridge(rest[1:])
        if program in _SHELLS:
            return any(runs_lmbridge(command) for command in _shell_commands(rest[1:]))
        if not _LAUNCHERS.fullmatch(program):
            return False
        if _package_option(rest):
            return True
        rest = _launched(rest[1:])
    return False


def _stem(word: str) -> str:
    """The bare name of a program or package: no folder, ending, version, extra or repository address around it."""
    name = PureWindowsPath(word).name if "\\" in word else PurePosixPath(word).name
    name = re.split(r"[\[=<>~!;]|(?<=.)@", name)[0].strip()
    return re.sub(r"(?i)\.(?:exe|cmd|bat|ps1|py|pyz|sh|git|whl)$", "", name).lower()


def _resolved(command: str) -> str:
    return os.path.realpath(command) if os.path.isabs(command) else command  # noqa: PTH117  # as text, never opened


def _python_runs_lmbridge(options: Sequence[str]) -> bool:
    following = iter(options)
    for option in following:
        if option == "-m" or (option.startswith("-m") and not option.startswith("--")):
            module = option[2:] or next(following, "")
            return is_own_name(module.split(".")[0]) and not module.startswith(_TEST_SERVERS)
        if option.startswith("-") and option.endswith("c") and not option.startswith("--"):
            return OWN_NAME in next(following, "")
        if option in {"-X", "-W"}:
            next(following, None)
        elif not option.startswith("-"):
            path = PurePosixPath(option.replace("\\", "/"))
            return is_own_name(_stem(option)) or (path.name == "__main__.py" and is_own_name(path.parent.name))
    return False


def _shell_commands(options: Sequence[str]) -> Iterator[list[str]]:
    """The commands that a shell is asked to run; `cmd /c npx x` has them as words, `sh -c "…"` as one text."""
    rest = list(options)
    while rest and rest[0].startswith(("-", "/")) and not _SHELL_OPTION.fullmatch(rest[0]):
        if "/" in rest[0][1:]:
            break
        rest = rest[1:]
    if rest and _SHELL_OPTION.fullmatch(rest[0]):
        rest = rest[1:]
    if len(rest) > 1:
        yield rest
    for text in rest[:1]:
        for command in _SEPARATORS.split(text):
            yield _without_assignments(_words(command))


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def _without_assignments(words: list[str]) -> list[str]:
    while words and re.match(r"^[A-Za-z_]\w*=", words[0]):
        words = words[1:]
    return words


def _package_option(argv: Sequence[str]) -> bool:
    pairs = zip(argv, [*argv[1:], ""], strict=True)
    named = [
        after if option in _PACKAGE_OPTIONS else option.partition("=")[2]
        for option, after in pairs
        if option.partition("=")[0] in _PACKAGE_OPTIONS
    ]
    return any(is_own_name(_stem(package)) for package in named)


def _launched(options: list[str]) -> list[str]:
    """What a launcher runs: its own options, subcommands, durations and variables skipped."""
    rest = list(options)
    while rest:
        word = rest[0]
        if _VALUE_OPTIONS.fullmatch(word) or word in _PACKAGE_OPTIONS:
            rest = rest[2:]
        elif word == "-S" and len(rest) > 1:
            rest = _words(rest[1]) + rest[2:]
        elif word.startswith("-") or word in _SUBCOMMANDS or re.fullmatch(r"[\d.]+[smhd]?|[A-Za-z_]\w*=(?!=).*", word):
            rest = rest[1:]
        else:
            break
    return rest


def _same_address(url: str, own: str) -> bool:
    try:
        theirs, ours = urlsplit(url), urlsplit(own)
        ports = theirs.port or 80, ours.port or 80
    except ValueError:
        return False
    hosts = {theirs.hostname or "", ours.hostname or ""}
    return ports[0] == ports[1] and bool(theirs.hostname) and (len(hosts) == 1 or hosts <= _LOOPBACK)
