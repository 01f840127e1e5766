"""Takes docs/page.png: the page over runs that are really made here, in a real browser (Debian's `chromium`).

    .venv/bin/python scripts/page_picture.py

A bridge of this process carries tasks out with a real file server; the model behind it is the fake LM Studio, so that a run can
be held while it is looked at. Two runs are at work when the picture is taken: one writes its answer, one waits for approval.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from lmbridge.agent.bridge import Bridge
from lmbridge.agent.task.assignment import Assignment
from lmbridge.settings import load
from lmbridge.testing import FakeLMStudio, Gate, call, gate, say
from support import chromium
from support.pages_of_runs import served
from support.servers import python_server, write_config

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "page.png"
LARGEST = 150_000
"""Bytes of a picture that may be committed."""
MODEL = "qwen/qwen3-4b-2507"
NOTES = {
    "monday.txt": "Standup at nine.\nTODO: buy tea\n",
    "tuesday.txt": "TODO: water the plants\n",
    "wednesday.txt": "Rain all day.\n",
}
WORDS = "The notes of this week hold two open tasks: on Monday to buy tea, on Tuesday to water the plants. " * 300
SHOWS_ALL = """(() => { const text = document.body.innerText;
    return text.includes('Waits for approval') && text.includes('open tasks') && text.includes('in use'); })()"""


def scripted(fake: FakeLMStudio, folder: Path, held: Gate) -> None:
    """What the model says to each task."""
    read = call("read_text_file", path=str(folder / "monday.txt"))
    fake.script(read, say(WORDS[:200]).paced(held), when=lambda seen: "list every TODO" in seen.text)
    fake.script(
        read,
        say("Monday's notes have two lines, of which one is open: tea is to be bought.").paced(held),
        when=lambda seen: "Count the lines" in seen.text,
    )
    write = call("write_file", path=str(folder / "summary.md"), content="- buy tea\n- water the plants\n")
    fake.script(read, write, say("Written."), when=lambda seen: "Write a summary" in seen.text)
    fake.script(read, say(WORDS).paced(held), when=lambda seen: "Tell what" in seen.text)


async def word_by_word(held: Gate) -> None:
    """Lets the model write on while the picture is taken."""
    while True:
        held.let(held.waiting)
        await asyncio.sleep(0.02)


async def taken(place: Path) -> None:
    folder = place / "notes"
    folder.mkdir()
    for name, text in NOTES.items():
        (folder / name).write_text(text)
    config = write_config(place, {"filesystem": python_server("lmbridge.testing.files", str(folder))})
    (place / "none.toml").touch()
    held = gate()
    async with FakeLMStudio(models=[MODEL]) as fake:
        scripted(fake, folder, held)
        told = {"LMSTUDIO_BASE_URL": fake.base_url, "LMBRIDGE_STATE_DIR": str(place / "state"), "DEFAULT_MODEL": MODEL}
        settings = load(told | {"MCP_JSON_PATH": str(config)}, file=place / "none.toml")
        async with Bridge.open(settings) as bridge:
            writing = asyncio.create_task(word_by_word(held))
            await _worked(bridge)
            async with served(settings) as page, chromium.browser(place / "browser") as tab:
                await tab.look(width=1000, height=860)
                await tab.go(f"{page.url}/?token={page.sessions.link()}")
                await tab.until(SHOWS_ALL)
                await tab.picture(TARGET)
            writing.cancel()
            for handle in bridge.runs.values():
                handle.end()


async def _worked(bridge: Bridge) -> None:
    """Two runs that end, and two that go on."""
    for task in ("Read the notes and list every TODO in them.", "Count the lines of monday.txt."):
        await bridge.start(Assignment(task), client="claude-code").wait()

    async def nobody_yet(_request: object) -> bool | None:
        await asyncio.Event().wait()
        return None

    bridge.start(Assignment("Write a summary of the notes.", access="ask"), approve=nobody_yet, client="claude-code")
    bridge.start(Assignment("Tell what is open in the notes of this week."), client="codex")


def main() -> int:
    """Takes the picture."""
    if chromium.PROGRAM is None:
        print("A browser is needed: apt-get install chromium", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="lmbridge-") as place, contextlib.suppress(asyncio.CancelledError):
        os.environ["HOME"] = place
        asyncio.run(taken(Path(place)))
    size = TARGET.stat().st_size
    print(f"{TARGET.relative_to(ROOT)}: {size} bytes")
    return 0 if size < LARGEST else 1


if __name__ == "__main__":
    sys.exit(main())
