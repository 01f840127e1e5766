"""The page of a real `serve --http` and of `runs open`, each a process of its own, over runs that were really made."""

import asyncio
import re
import signal
import time

import aiohttp

from lmbridge.testing import FakeLMStudio, call, gate, say
from server.conftest import Bench, bench, fake
from server.test_http import joined, serving, token
from support.pools import stretched

__all__ = ["bench", "fake"]


async def shown(session: aiohttp.ClientSession, path: str, *wanted: str) -> str:
    """The page, once it shows what is wanted."""
    until = time.monotonic() + stretched(30)
    while True:
        async with session.get(path) as answer:
            assert answer.status == 200
            html = await answer.text()
        if all(each in html for each in wanted):
            return html
        assert time.monotonic() < until, (wanted, html)
        await asyncio.sleep(0.1)


async def test_a_run_of_serve_is_watched_and_stopped_on_its_page(bench: Bench, fake: FakeLMStudio):
    held = gate()
    fake.script(call("read_text_file", path=str(bench.files / "a.txt")), say("It takes long.").after(held))
    jar = aiohttp.CookieJar(unsafe=True)
    async with serving(bench) as (wire, url), joined(bench, url) as client:
        base = url.removesuffix("/mcp")
        delegated = asyncio.create_task(
            bench.call(client, "autonomous_with_mcp", mcp_name="files", task="Look at a.txt.")
        )
        await held.reached(1)
        async with aiohttp.ClientSession(base, cookie_jar=jar) as session:
            async with session.get("/") as answer:
                assert answer.status == 401
                assert token(bench) not in await answer.text()
            async with session.get("/", params={"token": token(bench)}) as answer:
                assert (answer.status, str(answer.url)) == (200, base + "/")
            html = await shown(session, "/", "1 run at work", "Look at a.txt.", "qwen/qwen3-4b-2507", "slots", "in use")
            run = re.search(r'action="(/runs/[^"]+)/cancel"', html)
            form = re.search(r'name="form" value="([^"]+)"', html)
            assert run is not None
            assert form is not None
            await shown(session, run[1], "files__read_text_file", "alpha")
            async with session.post(f"{run[1]}/cancel", data={"form": form[1]}, headers={"Origin": base}) as answer:
                assert answer.status == 200, await answer.text()
            report = (await delegated).structured_content
            assert report["status"] == "cancelled"
            await shown(session, run[1], 'class="badge cancelled"')
            async with session.get("/page/events") as stream:  # a stream that is open does not hold up the end
                assert stream.status == 200
                wire.signal(signal.SIGTERM)
                code, _ = await wire.gone(stretched(20))
        assert code == 0
    assert token(bench) not in bench.log


async def test_runs_open_serves_the_page_on_loopback_until_nobody_looks(bench: Bench):
    async with bench.wire("runs", "open", "--no-browser", "--idle", "1") as wire:
        assert wire.process.stdout is not None
        told = ""
        async with asyncio.timeout(stretched(60)):
            while not (link := re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", told)):
                told += (await wire.process.stdout.readline()).decode()
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            async with session.get(link[0]) as answer:
                assert answer.status == 200
                assert "No run is at work." in await answer.text()
            async with aiohttp.ClientSession() as other, other.get(link[0]) as answer:
                assert answer.status == 401, "its link is good once"
        code, _ = await wire.gone(stretched(60))
    assert code == 0


async def test_runs_open_refuses_a_run_that_is_not_there(bench: Bench):
    async with bench.wire("runs", "open", "r-20261101-000000-000000") as wire:
        code, _ = await wire.gone(stretched(60))
    assert code == 2
    assert "There is no run" in bench.log
