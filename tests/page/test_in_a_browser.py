"""The page in a real browser: a running, a failed and a hostile run; narrow, in the dark, without a complaint."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lmbridge.events import RunEnded, ToolStarted, TurnStarted
from lmbridge.observe.journal.controls import Controls
from support import chromium
from support.pages_of_runs import READ, Served, Shelf, begun, done, failed, hostile, run_id, turn

pytestmark = [chromium.NEEDED, pytest.mark.slow, pytest.mark.timeout(300)]
OVERFLOW = """[...document.querySelectorAll('body *')].filter(e => e.closest('.skip, thead') === null
    && e.getBoundingClientRect().right > innerWidth + 1 && getComputedStyle(e.parentElement).overflowX === 'visible')
    .map(e => e.outerHTML.slice(0, 200))"""
DARK = """(() => { const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number);
    const [x, y, z] = getComputedStyle(document.body).color.match(/\\d+/g).map(Number);
    return r + g + b < 150 && x + y + z > 450; })()"""


async def test_runs_of_every_kind_are_shown_live_narrow_and_in_the_dark(page: Served, shelf: Shelf, tmp_path: Path):
    shelf.write(done(run_id(1)))
    bad = shelf.write(failed(run_id(2)))
    evil = shelf.write(hostile(run_id(3)))
    key = shelf.begin(begun(run_id(5), "Sort " + "the very long letters " * 30), TurnStarted(1, 900), turn(1, "", READ))
    shelf.tell(key, ToolStarted(1, READ, "files__read_file", {"path": "a" * 400}, read_only=True))
    async with chromium.browser(tmp_path / "browser") as tab:
        await tab.go(f"{page.url}/?token={page.sessions.link()}")
        assert await tab.value("location.pathname + location.search") == "/"
        assert await tab.value("document.cookie") == "", "no script reads the cookie"
        assert "1 run at work" in await tab.value("document.body.innerText")
        for path in ("/", "/runs", f"/runs/{key}", f"/runs/{bad}", f"/runs/{evil}"):
            for width, dark in ((420, True), (1200, False))[: 1 if path.startswith("/runs/") else 2]:
                await tab.look(width=width, dark=dark)
                await tab.go(page.url + path)
                if folder := os.environ.get("LMBRIDGE_TEST_PICTURES"):
                    await tab.picture(Path(folder) / f"{path.strip('/').replace('/', '-') or 'now'}-{width}.png")
                assert await tab.value("document.documentElement.scrollWidth <= innerWidth"), (
                    path, width, await tab.value(OVERFLOW)
                )  # fmt: skip
                assert await tab.value(DARK) is dark, path
                assert "owned" not in await tab.value("document.title")
                assert await tab.value("document.querySelectorAll('main img, main b, main script').length") == 0
        assert tab.complaints == []


async def test_a_view_follows_its_run_keeps_what_is_unfolded_and_stops_it(page: Served, shelf: Shelf, tmp_path: Path):
    key = shelf.begin(begun(run_id(5)), TurnStarted(1, 900), turn(1, "", READ, reasoning="I look first."))
    async with chromium.browser(tmp_path / "browser") as tab:
        await tab.go(f"{page.url}/runs/{key}?token={page.sessions.link()}")
        await tab.value("document.querySelector('#round-1 details').open = true")
        shelf.tell(key, ToolStarted(1, READ, "files__read_file", {"path": "a.txt"}, read_only=True))
        await tab.until("document.body.innerText.includes('files__read_file at work')")
        assert await tab.value("document.querySelector('#round-1 details').open"), "news do not fold it again"
        await tab.click("button.stop")
        assert await tab.value("location.pathname") == f"/runs/{key}"
        assert f"{key}.cancel" in Controls(shelf.settings.state_dir / "control").asked()
        assert "Was asked to end" in await tab.value("document.body.innerText")
        shelf.end(key, RunEnded("cancelled", "cancelled", duration_s=3.0))
        await tab.until("document.querySelector('#head .badge.cancelled') !== null")
        assert not await tab.value("document.querySelector('.stop')")
        assert tab.complaints == []
