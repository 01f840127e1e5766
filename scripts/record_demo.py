"""Runs lmbridge in a terminal and renders what it wrote as docs/demo.svg; started by scripts/record-demo.

The program runs in a real pseudo-terminal, so that it shows what a user sees; only the lines that stay are kept, not the
one that changes. Folders of this machine are replaced.
"""

from __future__ import annotations

import asyncio
import fcntl
import io
import json
import os
import pty
import re
import select
import shlex
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "demo.svg"
PROGRAM = str(Path(sys.executable).parent / "lmbridge")
COLUMNS, LINES = 112, 50
MOST_LINES = 60
PROMPT = "$ "


def record(arguments: list[str], folder: Path, environment: dict[str, str]) -> str:
    """What the program wrote to its terminal. Raises where it failed."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    process = subprocess.Popen(
        [PROGRAM, *arguments],
        cwd=folder,
        env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment},
        stdin=follower,
        stdout=follower,
        stderr=follower,
    )
    os.close(follower)
    written = _everything(leader, process)
    if process.wait() != 0:
        sys.exit(f"lmbridge {shlex.join(arguments)} exited with {process.returncode}:\n{written}")
    return written


def _everything(leader: int, process: subprocess.Popen[bytes]) -> str:
    parts = []
    while process.poll() is None or select.select([leader], [], [], 0)[0]:
        if not select.select([leader], [], [], 0.2)[0]:
            continue
        try:
            parts.append(os.read(leader, 65536))
        except OSError:  # the other side was closed
            break
    return b"".join(parts).decode("utf-8", "replace")


def staying(written: str) -> list[str]:
    """The lines that stay on the screen: a line that the live view erased (`CSI 2K`) is gone."""
    screen: list[str] = [""]
    row = 0
    for token in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\r\n|\n|\r|[^\x1b\r\n]+", written):
        if token in {"\r\n", "\n"}:
            row += 1
            screen += [""] * (row + 1 - len(screen))
        elif token.endswith("K") and token.startswith("\x1b"):
            screen[row] = ""
        elif token.endswith("A") and token.startswith("\x1b"):
            row = max(0, row - int(token[2:-1] or 1))
        elif token == "\r":
            continue
        elif not token.startswith("\x1b") or token.endswith("m"):
            screen[row] += token
    return screen


def render(title: str, command: str, lines: list[str]) -> None:
    """Writes the picture."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text(PROMPT, "bold green").append(command, "bold"))
    for line in lines[:MOST_LINES]:
        console.print(Text.from_ansi(line), soft_wrap=True)
    if len(lines) > MOST_LINES:
        console.print("…")
    picture = console.export_svg(title=title, unique_id="demo")
    picture = re.sub(r"\s*@font-face \{.*?\n    \}", "", picture, flags=re.DOTALL)  # a picture fetches nothing
    TARGET.write_text("".join(f"{line.rstrip()}\n" for line in picture.splitlines()), encoding="utf-8")
    print(f"Wrote {TARGET.relative_to(ROOT)}.")


def from_the_demo() -> None:
    """The picture of `lmbridge demo`."""
    with tempfile.TemporaryDirectory(prefix="d") as place:
        written = record(["demo", "--seed", "7"], Path(place), {"TMPDIR": place})
    colour = r"(?:\x1b\[[0-9;]*m)*"
    written = re.sub(rf"{re.escape(place)}/{colour}lmbridge-demo-[^/\s\x1b]+", "/tmp/demo", written)
    render("lmbridge demo", "lmbridge demo", _tidy(staying(written)))


def from_the_fake() -> None:
    """The picture of `lmbridge run` against the fake LM Studio."""
    from lmbridge.testing import FakeLMStudio, FakeModel

    sys.path.insert(0, str(ROOT / "tests"))
    from support.pretend import pretend

    task = "Read the notes in {} and list every TODO in them."

    async def work(folder: Path) -> str:
        async with FakeLMStudio([FakeModel("qwen/qwen3-4b-2507", context_length=16384)]) as fake:
            fake.script(pretend)
            own = {"LMSTUDIO_BASE_URL": fake.base_url, "LMBRIDGE_STATE_DIR": str(folder / "state")}
            own["MCP_JSON_PATH"] = str(folder / "mcp.json")
            arguments = ["run", task.format(folder / "notes"), "--mcp", "filesystem"]
            return await asyncio.to_thread(record, arguments, folder, own)

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve()
        (folder / "notes").mkdir()
        (folder / "notes" / "monday.txt").write_text("Call Ada.\nTODO: buy tea\n", encoding="utf-8")
        (folder / "notes" / "tuesday.txt").write_text("TODO: water the plants\n", encoding="utf-8")
        server = {"command": sys.executable, "args": ["-m", "lmbridge.testing.files", str(folder)]}
        (folder / "mcp.json").write_text(json.dumps({"mcpServers": {"filesystem": server}}), encoding="utf-8")
        written = asyncio.run(work(folder)).replace(str(folder), "/project")
    command = f'lmbridge run "{task.format("/project/notes")}" --mcp filesystem'
    render("lmbridge run", command, _tidy(staying(written)))


def _tidy(lines: list[str]) -> list[str]:
    """Without empty lines at both ends."""
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    while lines and not lines[0].strip():
        lines = lines[1:]
    return lines


if __name__ == "__main__":
    if "--fake" in sys.argv:
        from_the_fake()
    else:
        from_the_demo()
