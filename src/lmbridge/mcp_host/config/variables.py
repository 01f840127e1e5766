"""The variables of mcp.json files: `${VAR}`, `${VAR:-default}`, `${env:VAR}`, `${input:id}`, `${workspaceFolder}`, and more.

Only the form with braces is a variable: `$VAR` stays what it is. A variable that is not set and has no default is a
problem of its entry, which is then not started; programs that leave the text in place start servers with
`${GITHUB_TOKEN}` as their token.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lmbridge.mcp_host.config.secret_names import names_a_secret

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


_FOLDERS = {"CLAUDE_PROJECT_DIR": "workspace", "HOME": "home", "USERPROFILE": "home"}
"""Variables that every entry may use, set or not: Claude Code sets the first for its servers, each system one of the others."""


class UnsetVariableError(ValueError):
    """A variable has no value; the message names it and says what to do."""


@dataclass(slots=True)
class Variables:
    """Fills in the variables of one file's entries.

    Attributes:
        environment: The process's variables.
        workspace: What `${workspaceFolder}` means.
        home: What `${userHome}` means.
        inputs: The file's `inputs` by id (VS Code).
        secrets: Grows with each secret that was filled in, by the variable's name.
    """

    environment: Mapping[str, str]
    workspace: Path
    home: Path
    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def fill(self, text: str) -> str:
        """The text with every variable replaced; values are not searched again.

        Raises:
            UnsetVariableError: One has neither a value nor a default.
        """
        if "${" not in text:
            return text
        done, rest = [], text
        while (start := rest.find("${")) >= 0 and (end := _closing(rest, start)) >= 0:
            done += [rest[:start], self._value(rest[start + 2 : end])]
            rest = rest[end + 1 :]
        return "".join([*done, rest])

    def _value(self, inner: str) -> str:
        fixed = self._fixed(inner)
        if fixed is not None:
            return fixed
        if inner.startswith("input:"):
            return self._input(inner.removeprefix("input:"))
        name, has_default, default = inner.removeprefix("env:").partition(":-")
        value = self.environment.get(name)
        if not value and name in _FOLDERS and (name == "CLAUDE_PROJECT_DIR" or not has_default):
            value = str(self.workspace if _FOLDERS[name] == "workspace" else self.home)
        if value or (value is not None and not has_default):
            return self._noted(name, value)
        if has_default:
            return self.fill(default)
        raise UnsetVariableError(_advice(name, inner))

    def _fixed(self, inner: str) -> str | None:
        match inner:
            case "workspaceFolder" | "workspaceRoot" | "cwd":
                return str(self.workspace)
            case "workspaceFolderBasename":
                return self.workspace.name
            case "userHome":
                return str(self.home)
            case "pathSeparator" | "/":
                return os.sep
            case _:
                return None

    def _input(self, name: str) -> str:
        """An input's value: `MCP_INPUT_<ID>`, since there is nobody to prompt, else its default."""
        variable = "MCP_INPUT_" + re.sub(r"\W", "_", name).upper()
        wanted = self.inputs.get(name, {})
        value = self.environment.get(variable, wanted.get("default"))
        if value is None:
            raise UnsetVariableError(f"it asks for the input {name!r}: set the variable {variable}")
        if wanted.get("password"):
            self.secrets[name] = str(value)
        return self._noted(name, str(value))

    def _noted(self, name: str, value: str) -> str:
        if names_a_secret(name):
            self.secrets[name] = value
        return value


def _advice(name: str, inner: str) -> str:
    if _NAME.fullmatch(name) or inner.startswith("env:"):
        return f"the variable {name} is not set: set it where lmbridge is started, or write ${{{name}:-default}}"
    return f"the variable ${{{inner}}} is not known to lmbridge"


def _closing(text: str, start: int) -> int:
    """Index of the brace that closes the `${` at `start`, variables inside defaults skipped; -1 without one."""
    depth, index = 0, start
    while index < len(text):
        if text.startswith("${", index):
            depth, index = depth + 1, index + 2
            continue
        if text[index] == "}":
            depth -= 1
            if depth == 0:
                return index
        index += 1
    return -1


_DOTENV_LINE = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*
    (?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\n]*?))[ \t]*(?:[ \t]\#[^\n]*)?\r?$""",
    re.MULTILINE | re.VERBOSE,
)


def parse_dotenv(text: str) -> dict[str, str]:
    """The variables of an `envFile`: `NAME=value` lines, `export`, quotes and comments allowed."""
    found = {}
    for name, double, single, bare in _DOTENV_LINE.findall(text):
        quoted = re.sub(r"\\(.)", lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), double)
        found[name] = quoted or single or bare
    return found
