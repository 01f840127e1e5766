"""Which of our environment variables a server's process gets: those that programs need to run, and no others.

A server is a stranger's program; API tokens and the like reach it only where its entry names them. What it needs to be
found, to reach the network and to keep its caches is passed on, because without it `npx`, `uvx` and `docker` fail in
ways that nobody connects with lmbridge (proxies and CA bundles above all).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from lmbridge.mcp_host.config import self_detection
from lmbridge.mcp_host.config.secret_names import names_a_secret

_MOST_LINKS = 8
PASSED = frozenset(
    [
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "SHELL",
        "TERM",
        "PWD",
        "LANG",
        "LANGUAGE",
        "TZ",
        "TMPDIR",
        "TEMP",
        "TMP",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "FTP_PROXY",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "GIT_SSL_CAINFO",
        "AWS_CA_BUNDLE",
        "NIX_SSL_CERT_FILE",
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "XAUTHORITY",
        "DBUS_SESSION_BUS_ADDRESS",
        "DOCKER_HOST",
        "DOCKER_CONFIG",
        "DOCKER_CONTEXT",
        "DOCKER_CERT_PATH",
        "DOCKER_TLS_VERIFY",
        "LD_LIBRARY_PATH",
        "HOMEBREW_PREFIX",
        "JAVA_HOME",
        "GOPATH",
        "GOROOT",
        "CARGO_HOME",
        "RUSTUP_HOME",
        "DENO_DIR",
        "BUN_INSTALL",
        "DOTNET_ROOT",
        "PLAYWRIGHT_BROWSERS_PATH",
        "PUPPETEER_EXECUTABLE_PATH",
        "CHROME_PATH",
        "SYSTEMROOT",
        "SYSTEMDRIVE",
        "WINDIR",
        "COMSPEC",
        "PATHEXT",
        "APPDATA",
        "LOCALAPPDATA",
        "PROGRAMDATA",
        "PROGRAMFILES",
        "PROGRAMFILES(X86)",
        "PROGRAMW6432",
        "COMMONPROGRAMFILES",
        "USERPROFILE",
        "USERNAME",
        "USERDOMAIN",
        "HOMEDRIVE",
        "HOMEPATH",
        "PUBLIC",
        "PROCESSOR_ARCHITECTURE",
        "NUMBER_OF_PROCESSORS",
        "OS",
    ]
)
_PREFIXES = ("LC_", "XDG_", "NPM_CONFIG_", "NODE_", "NVM_", "FNM_", "VOLTA_", "MISE_", "ASDF_", "UV_", "PIP_", "PYENV_")


def folders_beside(command: str, folder: str | None = None) -> list[str]:
    """The folders in which what a program needs may stand beside it, where it is given by its path.

    `~/.nvm/versions/node/v24/bin/npx` begins with `#!/usr/bin/env node`, and a program that a desktop starts has no `node` on
    its PATH. Links are followed one by one; shims (asdf, pyenv) call a program in the `bin` beside their own folder.
    """
    if not {os.sep, "/"} & set(command):
        return []
    found: dict[str, None] = {}
    path = Path(folder or ".", command).absolute()
    for _ in range(_MOST_LINKS):
        found.setdefault(str(path.parent))
        if path.parent.name == "shims":
            found.setdefault(str(path.parent.parent / "bin"))
        try:
            target = path.readlink()
        except (OSError, ValueError):
            break
        path = Path(os.path.normpath(path.parent / target))
    return list(found)


def _path_name(environment: Mapping[str, str]) -> str:
    """How the environment spells `PATH`, which Windows writes `Path`."""
    return next((name for name in environment if name.upper() == "PATH"), "PATH")


def passes(name: str) -> bool:
    """Whether a variable of ours is passed on to servers."""
    upper = name.upper()
    return (upper in PASSED or upper.startswith(_PREFIXES)) and not names_a_secret(name)


def child_environment(
    ours: Mapping[str, str], named: Mapping[str, str], *, command: str = "", folder: str | None = None
) -> dict[str, str]:
    """The environment of a server's process.

    Args:
        ours: The environment of lmbridge.
        named: What the server's entry says; it wins.
        command: The program; what stands beside one that is given by its path is found by it.
        folder: Its working folder.

    Returns:
        The variables passed on, those named, and `LMBRIDGE_DEPTH` one deeper than ours.
    """
    # Values that begin with "()" are exported shell functions, which old shells would run.
    passed = {name: value for name, value in ours.items() if passes(name) and not value.startswith("()")}
    given = {**passed, **named}
    beside = folders_beside(command, folder)
    if beside:
        path = [given[_path_name(given)]] if given.get(_path_name(given)) else []
        given[_path_name(given)] = os.pathsep.join([*path, *beside])
    return {**given, **self_detection.deeper(ours)}
