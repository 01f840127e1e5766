"""Builds lmbridge.mcpb, the bundle that Claude Desktop and others install by a double click, and holds it against its own rules.

    python scripts/bundle.py [--out DIR] [--packer PATH]

A folder that holds nothing but what git tracks of the package is packed by the npm packer `mcpb` (of `scripts/test`'s npm
packages, of the PATH, or as `--packer` says), which validates the manifest first: it would pack all that lies in a folder, what
`.gitignore` names too. What was packed is then unpacked again and compared, and its server started by the manifest's own
words, with `uv` where it is here. Exit code 0 when all of that is right.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKED = ("src/lmbridge", "pyproject.toml", "README.md", "LICENSE")
"""What the bundle is made of: enough for `uv` to build the package and to fetch what it needs."""

# Each with a default: the packer leaves `${user_config.…}` as it stands where there is neither a value nor a default.
FORM: dict[str, tuple[str, dict[str, Any]]] = {
    "base_url": ("LMSTUDIO_BASE_URL", {"type": "string", "title": "Address of the model server", "description": "LM Studio's or another OpenAI-compatible server's.", "default": "http://localhost:1234/v1"}),
    "token": ("LM_API_TOKEN", {"type": "string", "title": "Token of the model server", "description": "Sent to that server only. Leave it empty where none is needed.", "sensitive": True, "default": ""}),
    "model": ("DEFAULT_MODEL", {"type": "string", "title": "Model", "description": "Id of the model for tasks that name none; 'auto' chooses among the loaded ones. Empty: the one that is loaded.", "default": ""}),
    "servers": ("MCP_JSON_PATH", {"type": "file", "title": "mcp.json of the servers", "description": "The one file whose MCP servers tasks may use. Empty: those of your programs, and lmbridge's own mcp.json.", "default": ""}),
    "access": ("LMBRIDGE_ACCESS", {"type": "string", "title": "What tasks may do", "description": "read, ask (each writing call is approved by you) or write.", "default": "write"}),
    "soft_limit": ("LMBRIDGE_SOFT_LIMIT", {"type": "number", "title": "Seconds until a long task is answered with its id", "description": "Claude Desktop gives up on a call after a minute; the task goes on, and Claude asks for its result.", "default": 50, "min": 5, "max": 3600}),
}  # fmt: skip


def manifest() -> dict[str, Any]:
    """The bundle's manifest: the package's own words, the server's own lists, and the form."""
    version = re.findall(r'__version__ = "(.+)"', (ROOT / "src/lmbridge/_version.py").read_text(encoding="utf-8"))[0]
    known = json.loads((ROOT / "server.json").read_text(encoding="utf-8"))
    return {
        "manifest_version": "0.4",
        "name": "lmbridge",
        "display_name": "lmbridge",
        "version": version,
        "description": known["description"],
        "author": {"name": "The lmbridge authors"},
        "repository": {"type": "git", "url": known["repository"]["url"]},
        "license": "MIT",
        "keywords": ["mcp", "lm-studio", "llama.cpp", "local-llm", "agent"],
        "server": {
            "type": "uv",
            "entry_point": "src/lmbridge/__main__.py",
            "mcp_config": {  # which the packer wants for uv too
                "command": "uv",
                "args": ["run", "--no-dev", "--directory", "${__dirname}", "lmbridge", "serve"],
                "env": {variable: f"${{user_config.{key}}}" for key, (variable, _) in FORM.items()},
            },
        },
        "tools": _tools(),
        "tools_generated": False,
        "user_config": {key: option for key, (_, option) in FORM.items()},
        "compatibility": {"platforms": ["darwin", "win32", "linux"], "runtimes": {"python": ">=3.11"}},
    }


def _tools() -> list[dict[str, str]]:
    """The tools' names with the first sentence of each."""
    answers = json.loads((ROOT / "src/lmbridge/server/transport/first_answers.json").read_text(encoding="utf-8"))
    found: list[dict[str, str]] = []
    for tool in _lists_of_tools(answers)[0]:
        sentence = re.split(r"(?<=\.)\s", tool["description"].strip())[0]
        found.append({"name": tool["name"], "description": sentence})
    return found


def _lists_of_tools(told: Any) -> list[list[dict[str, Any]]]:
    if isinstance(told, dict):
        here = [told["tools"]] if isinstance(told.get("tools"), list) else []
        return here + [found for value in told.values() for found in _lists_of_tools(value)]
    return []


def clean(folder: Path) -> list[str]:
    """Copies what git tracks into an empty folder, adds the manifest, and returns all names."""
    listed = subprocess.run(["git", "ls-files", "-z", *PACKED], cwd=ROOT, capture_output=True, check=True).stdout
    names = [name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    (folder / "manifest.json").write_text(json.dumps(manifest(), indent=2) + "\n", encoding="utf-8")
    return [*names, "manifest.json"]


def packer(given: str | None) -> Path:
    """The npm packer's program."""
    places = [given, os.environ.get("LMBRIDGE_TEST_NPM_BIN", str(ROOT / ".cache/npm/node_modules/.bin")) + "/mcpb", shutil.which("mcpb")]  # fmt: skip
    found = next((Path(place) for place in places if place and Path(place).exists()), None)
    if found is None:
        sys.exit("bundle: no packer; `npm install -g @anthropic-ai/mcpb@2.1.2`, or --packer PATH")
    return found


def packed(program: Path, folder: Path, target: Path) -> None:
    """Validates the manifest and packs the folder."""
    for arguments in (["validate", str(folder / "manifest.json")], ["pack", str(folder), str(target)]):
        done = subprocess.run([str(program), *arguments], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"bundle: mcpb {arguments[0]} says no:\n{done.stdout}{done.stderr}")


def compared(bundle: Path, folder: Path, names: Sequence[str]) -> None:
    """Holds what was packed against the clean folder: the same names, the same bytes, and no path of this machine."""
    with zipfile.ZipFile(bundle) as archive:
        inside = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    if set(inside) != set(names):
        sys.exit(f"bundle: missing {sorted(set(names) - set(inside))}, too many {sorted(set(inside) - set(names))}")
    changed = [name for name in names if inside[name] != (folder / name).read_bytes()]
    private = [name for name, data in inside.items() if str(ROOT).encode() in data]
    if changed or private:
        sys.exit(f"bundle: changed {changed}, with paths of this machine {private}")


def command_of(unpacked: Path, told: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """How a client starts the bundle's server, with the form as it stands: the command, and the variables."""
    config = told["server"]["mcp_config"]
    values = {f"${{user_config.{key}}}": str(option["default"]) for key, option in told["user_config"].items()}
    words = [word.replace("${__dirname}", str(unpacked)) for word in (config["command"], *config["args"])]
    return words, {name: values.get(value, value) for name, value in config["env"].items()}


def started(command: Sequence[str], environment: dict[str, str]) -> str:
    """Starts a server, asks it for its name, and returns that with its version."""
    hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bundle", "version": "1"}}}  # fmt: skip
    done = subprocess.run(command, input=json.dumps(hello) + "\n", capture_output=True, text=True, check=False, env={**os.environ, **environment}, timeout=300)  # fmt: skip
    try:
        told = json.loads(done.stdout.splitlines()[0])["result"]["serverInfo"]
    except (IndexError, KeyError, ValueError):
        sys.exit(
            f"bundle: its server does not answer (exit code {done.returncode}):\n{done.stdout}{done.stderr[-2000:]}"
        )
    return f"{told['name']} {told['version']}"


def build(out: Path, program: Path) -> Path:
    """Builds, validates and compares the bundle; the file."""
    out.mkdir(parents=True, exist_ok=True)
    bundle = out.resolve() / f"lmbridge-{manifest()['version']}.mcpb"
    bundle.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as place:
        names = clean(Path(place))
        packed(program, Path(place), bundle)
        compared(bundle, Path(place), names)
    return bundle


def try_out(bundle: Path) -> str:
    """Starts the unpacked bundle as a client would."""
    with tempfile.TemporaryDirectory() as place:
        with zipfile.ZipFile(bundle) as archive:
            archive.extractall(place)
        told = json.loads((Path(place) / "manifest.json").read_text(encoding="utf-8"))
        command, environment = command_of(Path(place), told)
        return started(command, {**environment, "LMBRIDGE_STATE_DIR": f"{place}/state"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="where the bundle goes (dist)")
    parser.add_argument("--packer", help="the program mcpb of @anthropic-ai/mcpb")
    given = parser.parse_args()
    bundle = build(given.out, packer(given.packer))
    print(f"{bundle}: {bundle.stat().st_size / 2**20:.1f} MiB")
    if shutil.which("uv"):
        print(f"started by uv: {try_out(bundle)}")
    else:
        print("not started: uv is not on the PATH")


if __name__ == "__main__":
    main()
