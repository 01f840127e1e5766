"""What the page shows: runs at work, the history, one run; and that nothing of strangers becomes markup."""

import re
from html.parser import HTMLParser

import aiohttp
import pytest

from lmbridge.events import ApprovalSought, RunEnded, ToolStarted, TurnStarted
from lmbridge.map.records import MapRecords
from lmbridge.observe.journal.controls import Controls
from lmbridge.server.page import history
from lmbridge.server.page.html import joined, tag
from support.pages_of_runs import HOSTILE, READ, WRITE, Served, Shelf, begun, done, failed, hostile, run_id, turn


class Text(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.words = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data + " "


async def shown(session: aiohttp.ClientSession, path: str) -> Text:
    async with session.get(path) as answer:
        assert answer.status == 200, await answer.text()
        return Text(await answer.text())


async def test_a_run_at_work_is_shown_with_what_it_is_at_and_what_its_model_writes(page: Served, shelf: Shelf):
    key = shelf.begin(begun(run_id(5), "Sort the letters."), TurnStarted(1, 900), turn(1, "", READ))
    shelf.tell(key, ToolStarted(1, READ, "files__read_file", {"path": "a.txt"}, read_only=True))
    controls = Controls(shelf.settings.state_dir / "control")
    controls.watch(key)
    async with page.inside() as session:
        assert "at files__read_file" in (await shown(session, "/")).words
        controls.show(key, "I am looking")
        now = await shown(session, "/")
        one = await shown(session, f"/runs/{key}")
        listed = await shown(session, "/runs")
    for words in (
        "1 run at work",
        "Sort the letters.",
        "small/one",
        "1 of 20",
        "silent for",
        "a-client",
    ):
        assert words in now.words, words
    assert "I am looking" in now.words
    assert "at writing" in now.words
    assert "1,000 in, 40 out" in now.words
    assert "files__read_file at work" in one.words
    assert "Stop" in one.words
    assert "running" in listed.words
    assert f"{key}.watch" in controls.asked(), "its process is told that somebody looks on"


async def test_what_waits_for_approval_is_shown_with_why_until_it_is_answered(page: Served, shelf: Shelf):
    key = shelf.begin(begun(run_id(5)), turn(1, "", WRITE))
    shelf.tell(key, ApprovalSought(WRITE, "files__write_file", "it was not named in the task", "b.txt"))
    async with page.inside() as session:
        waiting = await shown(session, "/")
        shelf.tell(key, ToolStarted(1, WRITE, "files__write_file", {"path": "b.txt"}, read_only=False))
        allowed = await shown(session, "/")
    assert "1 of them waiting for approval" in waiting.words
    assert "files__write_file Why: it was not named in the task. Target: b.txt" in waiting.words
    assert "waiting for approval" not in allowed.words
    assert "files__write_file" in allowed.words


async def test_a_run_whose_process_died_is_not_at_work(page: Served, shelf: Shelf):
    key = shelf.begin(begun(run_id(5)), turn(1, "", WRITE))
    shelf.tell(key, ToolStarted(1, WRITE, "files__write_file", {"path": "b.txt"}, read_only=False))
    async with page.inside() as session:
        assert "1 run at work" in (await shown(session, "/")).words
        shelf.open.pop(key).close()
        assert "No run is at work" in (await shown(session, "/")).words
        one = await shown(session, f"/runs/{key}")
    assert "interrupted" in one.words
    assert "It is unknown whether this was carried out" in one.words


async def test_one_run_opened_has_its_rounds_calls_reminders_warnings_and_receipts(page: Served, shelf: Shelf):
    key = shelf.write(done(run_id(3)))
    async with page.inside() as session:
        one = await shown(session, f"/runs/{key}")
    for words in (
        "Read the notes.",
        "Two notes.",
        "Mind the gap.",
        "I look first.",
        "reminded the model (narration)",
        "Call a tool.",
        "files__write_file",
        "may have changed something",
        "Round 1",
        "Round 2",
        "8,000 more characters",
        "7.5 s",
        "You have tools.",
    ):
        assert words in one.words, words
    assert "Stop" not in one.words
    assert one.words.index("Round 2") < one.words.index("Round 1"), "the latest first"


async def test_a_failed_run_says_why_and_what_to_do(page: Served, shelf: Shelf):
    key = shelf.write(failed(run_id(3)))
    async with page.inside() as session:
        one = await shown(session, f"/runs/{key}")
    assert "model_load_failed: The backend could not load it." in one.words
    assert "Free memory." in one.words


async def test_a_long_run_is_shown_in_pages(page: Served, shelf: Shelf):
    turns = [turn(number, f"text of {number}.") for number in range(1, 72)]
    key = shelf.write([begun(run_id(3)), *turns, RunEnded("done", "answered", "Done.")])
    async with page.inside() as session:
        latest = await shown(session, f"/runs/{key}")
        earlier = await shown(session, f"/runs/{key}?until=41")
    assert "text of 71." in latest.words
    assert "text of 41." not in latest.words
    assert ("a", {"href": f"/runs/{key}?until=41"}) in latest.tags
    assert "text of 41." in earlier.words
    assert "text of 42." not in earlier.words


@pytest.mark.parametrize("at_work", [False, True])
async def test_nothing_of_strangers_becomes_markup(page: Served, shelf: Shelf, at_work: bool):
    facts = hostile(run_id(3))
    key = shelf.begin(*facts[:3]) if at_work else shelf.write(facts)
    if at_work:
        Controls(shelf.settings.state_dir / "control").show(key, HOSTILE)
    async with page.inside() as session:
        for path in ("/", "/runs", f"/runs/{key}", "/runs?q=" + "%3Cscript%3E%22", "/runs?model=%22%3E%3Cb%3E"):
            seen = await shown(session, path)
            assert {name for name, _ in seen.tags} & {"b", "img"} == set(), path
            for name, given in seen.tags:
                assert not [key for key in given if key.startswith("on")], path
                assert name != "script" or (given["src"] or "").startswith("/page/"), path
            assert not re.search("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]", seen.text), path
        one = await shown(session, f"/runs/{key}")
    assert "<script>document.title='owned'</script>" in one.text, "it can be read as what it is"


async def test_the_history_is_filtered_and_paged(page: Served, shelf: Shelf):
    for number in range(60):
        shelf.write(
            done(run_id(number), f"Task number {number}, {'odd' if number % 2 else 'even'}.", model=f"m/{number % 3}")
        )
    shelf.write(failed(run_id(100)))
    async with page.inside() as session:
        first = await shown(session, "/runs")
        assert "61 runs kept" in first.words
        assert len(re.findall("Task number", first.words)) == history.PAGE - 1
        older = next(given["href"] for name, given in first.tags if name == "a" and given.get("rel") == "next")
        second = await shown(session, older or "")
        assert len(re.findall("Task number", second.words)) == 11
        assert "Task number 0," in second.words
        for query, count in [
            ("?status=failed", 0),
            ("?status=done&model=m/1", 20),
            ("?q=ODD", 30),
            ("?q=odd+number+59,", 1),
            ("?q=nothing-like-it", 0),
            ("?status=nonsense", 49),
            (f"?q={run_id(7)}", 1),
        ]:
            found = await shown(session, "/runs" + query)
            assert len(re.findall("Task number", found.words)) == count, query
        assert "No run fits." in (await shown(session, "/runs?q=nothing-like-it")).words


async def test_a_map_stands_in_the_history_as_one_line_and_can_be_opened(page: Served, shelf: Shelf):
    records = MapRecords(shelf.settings.state_dir / "maps")
    record = records.begin(
        "m-20261101-000400-00aa00", {"template": "Sum up {file}.", "items": 3, "out": "x.jsonl", "definition": "d"}
    )
    record.progress(1, 0, 500)
    item = shelf.write(done("r-20261101-000400-00aa00-0123456789abcdef", "Sum up a.txt."))
    async with page.inside() as session:
        now = await shown(session, "/")
        listed = await shown(session, "/runs")
        one = await shown(session, "/runs/m-20261101-000400-00aa00")
        record.close()
    assert "1 of 3 done" in now.words
    assert "Sum up {file}." in listed.words
    assert "Sum up a.txt." not in listed.words
    assert item in one.words


async def test_what_is_not_there_is_told(page: Served):
    async with page.inside() as session:
        for path in (
            "/runs/none",
            f"/runs/{run_id(1)}",
            "/runs/m-20261101-000400-00aa00",
            "/page/none.js",
        ):
            async with session.get(path) as answer:
                assert answer.status == 404, path
                assert "Traceback" not in await answer.text()
        assert "0 runs kept" in (await shown(session, "/runs")).words
        assert "No finished run is kept." in (await shown(session, "/")).words


async def test_savings_and_completion_by_model_are_those_of_runs_stats(page: Served, shelf: Shelf):
    for number in range(3):
        shelf.write(done(run_id(number)))
    shelf.write(failed(run_id(9)))
    async with page.inside() as session:
        now = await shown(session, "/")
    assert "by 4 finished runs" in now.words
    assert "small/one write 0 of 3 (0%)" in now.words, "each has a warning"
    assert "3 narration" in now.words


async def test_news_come_as_they_happen_and_end_with_the_server(page: Served, shelf: Shelf):
    key = shelf.begin(begun(run_id(5)), TurnStarted(1, 900))
    async with page.inside() as session, session.get(f"/page/events?run={key}") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        assert b"running" in await event(stream)
        shelf.end(key, RunEnded("done", "answered", "All sorted."))
        while b"All sorted." not in (got := await event(stream)):
            assert got
        page.page.leave()
        while await event(stream):
            pass


async def event(stream: aiohttp.ClientResponse) -> bytes:
    lines = b""
    while (line := await stream.content.readline()) not in (b"", b"\n"):
        lines += line
    return lines


def test_only_markup_is_taken_as_it_stands():
    assert tag("p", "<b>", tag("i", 1), None, False, ["&", 2]) == "<p>&lt;b&gt;<i>1</i>&amp;2</p>"
    assert tag("a", href='"><x', class_="y", hidden=True, id=None) == '<a href="&quot;&gt;&lt;x" class="y" hidden></a>'
    assert joined(tag("br") + "<x>") == "&lt;br&gt;&lt;x&gt;", "what was put together otherwise is a text again"
