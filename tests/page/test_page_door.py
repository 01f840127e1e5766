"""Who may look at the page: a token or a link once, then a cookie; and nothing changes but by a form of the page itself."""

import re

import aiohttp
import pytest

from lmbridge.observe.journal.controls import Controls
from lmbridge.server.page.sessions import LASTS_S, MOST, Sessions
from lmbridge.settings import Settings
from support.pages_of_runs import TOKEN, Served, Shelf, begun, done, run_id, served

VIEWS = ("/", "/runs", f"/runs/{run_id(1)}", "/page/events")


async def test_without_a_token_nothing_is_shown(page: Served, shelf: Shelf):
    shelf.write(done(run_id(1), "A secret task."))
    async with aiohttp.ClientSession(page.url) as session:
        for path in VIEWS:
            for key in ("", "?token=", "?token=wrong", f"?token={TOKEN}x"):
                async with session.get(path + key) as answer:
                    assert answer.status == 401, path + key
                    assert "secret" not in await answer.text()
                    assert not answer.cookies


async def test_the_token_becomes_a_cookie_and_leaves_the_address(page: Served, shelf: Shelf):
    shelf.write(done(run_id(1)))
    async with aiohttp.ClientSession(page.url) as session:
        async with session.get(f"/runs?q=notes&token={TOKEN}", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/runs?q=notes")
            cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert re.search("samesite=strict", cookie, re.IGNORECASE)
        assert TOKEN not in cookie
        async with session.get("/runs", headers={"Cookie": cookie.partition(";")[0]}) as answer:
            assert answer.status == 200
            assert TOKEN not in await answer.text()


async def test_a_link_is_good_once(page: Served):
    link = page.sessions.link()
    async with aiohttp.ClientSession(page.url) as session:
        async with session.get("/", params={"token": link}, allow_redirects=False) as answer:
            assert answer.status == 303
        async with session.get("/", params={"token": link}, allow_redirects=False) as answer:
            assert answer.status == 401


async def test_a_program_reads_with_the_bearer_token_and_changes_nothing_with_it(page: Served, shelf: Shelf):
    key = shelf.begin(begun(run_id(1)))
    async with aiohttp.ClientSession(page.url, headers={"Authorization": f"Bearer {TOKEN}"}) as session:
        async with session.get("/runs") as answer:
            assert answer.status == 200
        async with session.post(f"/runs/{key}/cancel", headers={"Origin": page.url}, data={"form": ""}) as answer:
            assert answer.status in (401, 403)
    assert Controls(shelf.settings.state_dir / "control").asked() == frozenset()


async def test_the_form_takes_the_token_from_this_page_alone(page: Served):
    async with aiohttp.ClientSession(page.url) as session:
        for headers, given, status in [
            ({"Origin": page.url}, TOKEN, 303),
            ({"Origin": page.url}, "wrong", 401),
            ({}, TOKEN, 403),
            ({"Origin": "http://localhost:1"}, TOKEN, 403),
            ({"Origin": "null"}, TOKEN, 403),
        ]:
            async with session.post(
                "/page/enter", data={"token": given}, headers=headers, allow_redirects=False
            ) as answer:
                assert answer.status == status, (headers, given)


async def test_other_names_and_pages_are_refused_whatever_they_hold(page: Served):
    async with page.inside() as session:
        for headers, status in [
            ({"Host": "evil.example.com"}, 421),
            ({"Origin": "https://evil.example.com"}, 403),
            ({"Origin": "null"}, 403),
        ]:
            for path in (*VIEWS[:2], "/page/page.css"):
                async with session.get(path, headers=headers) as answer:
                    assert answer.status == status, (path, headers)


async def test_everything_carries_a_strict_policy(page: Served, shelf: Shelf):
    shelf.write(done(run_id(1)))
    async with page.inside() as session:
        for path in (*VIEWS, "/page/page.css", "/page/htmx.js", "/page/none", "/runs/none"):
            async with session.get(path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert "frame-ancestors 'none'" in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Cache-Control"] in ("no-store", "max-age=86400")
                answer.close()


async def test_no_script_and_no_style_stands_in_a_page(page: Served, shelf: Shelf):
    shelf.write(done(run_id(1)))
    async with page.inside() as session:
        for path in VIEWS[:3]:
            async with session.get(path) as answer:
                html = await answer.text()
            assert not re.search(r"<script(?![^>]*\bsrc=\"/page/)", html)
            assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", html)
            assert not re.search(r"(?:src|href|action)=\"(?!/|#)", html), "nothing is loaded from elsewhere"


async def test_looking_changes_nothing_and_only_a_form_of_this_session_stops_a_run(page: Served, shelf: Shelf):
    key = shelf.begin(begun(run_id(1)))
    controls = Controls(shelf.settings.state_dir / "control")
    async with page.inside() as session, page.inside() as other:
        async with session.get("/") as answer:
            form = re.search(r'name="form" value="([^"]+)"', await answer.text())
        async with other.get("/") as answer:
            foreign = re.search(r'name="form" value="([^"]+)"', await answer.text())
        assert form is not None
        assert foreign is not None
        path, own = f"/runs/{key}/cancel", {"Origin": page.url}
        for method in ("GET", "HEAD", "PUT", "DELETE"):
            async with session.request(method, path, headers=own, data={"form": form[1]}) as answer:
                assert answer.status == 405, method
        for headers, data in [
            (own, {"form": foreign[1]}),
            (own, {"form": ""}),
            (own, {}),
            (own, {"form": form[1], "x": "y" * 10_000}),
            ({}, {"form": form[1]}),
            ({"Origin": "http://localhost:9"}, {"form": form[1]}),
            ({"Origin": page.url.replace("127.0.0.1", "localhost")}, {"form": form[1]}),
        ]:
            async with session.post(path, headers=headers, data=data) as answer:
                assert answer.status == 403, (headers, data)
        assert f"{key}.cancel" not in controls.asked()
        async with session.post(path, headers=own, data={"form": form[1]}, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, f"/runs/{key}")
    assert f"{key}.cancel" in controls.asked()


async def test_a_run_that_is_over_or_unknown_is_not_asked_to_end(page: Served, shelf: Shelf):
    over = shelf.write(done(run_id(1)))
    shelf.begin(begun(run_id(2)))
    async with page.inside() as session:
        async with session.get("/") as answer:
            form = re.search(r'name="form" value="([^"]+)"', await answer.text())
        assert form is not None
        for key, status in ((over, 303), (run_id(9), 404), ("nonsense", 404), ("m-nonsense", 404)):
            async with session.post(
                f"/runs/{key}/cancel", headers={"Origin": page.url}, data={"form": form[1]}, allow_redirects=False
            ) as answer:
                assert answer.status == status, key
    assert not [name for name in Controls(shelf.settings.state_dir / "control").asked() if name.endswith(".cancel")]


async def test_where_there_is_no_token_only_a_link_opens_the_page(settings: Settings):
    async with served(settings, None) as page, aiohttp.ClientSession(page.url) as session:
        async with session.get("/") as answer:
            assert answer.status == 401
            assert "<input" not in await answer.text()
        async with session.get("/", headers={"Authorization": "Bearer "}) as answer:
            assert answer.status == 401
        async with page.inside() as inside, inside.get("/runs") as answer:
            assert answer.status == 200


def test_a_session_ends_twelve_hours_after_its_last_use():
    now = 0.0
    sessions = Sessions(TOKEN, clock=lambda: now)
    session = sessions.enter(TOKEN)
    assert session is not None
    now = LASTS_S - 1
    assert sessions.of(session.cookie) is session
    now += LASTS_S
    assert sessions.of(session.cookie) is session
    now += LASTS_S + 1
    assert sessions.of(session.cookie) is None


@pytest.mark.parametrize("key", ["", "x", "\ud800", "ü" * 600])
def test_no_other_text_is_a_key(key: str):
    assert Sessions(TOKEN).enter(key) is None
    assert Sessions(None).enter(key) is None


def test_sessions_are_bounded():
    sessions = Sessions(TOKEN)
    first, *_, last = [sessions.enter(TOKEN) for _ in range(MOST + 1)]
    assert first is not None
    assert last is not None
    assert sessions.of(first.cookie) is None
    assert sessions.of(last.cookie) is last
