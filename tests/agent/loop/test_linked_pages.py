"""The one page that a page links to is opened before a small model gives up; sizes of a file are looked up where they are asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from lmbridge.profile import FORCED
from lmbridge.testing.fake_lmstudio import raw
from lmbridge.testing.scripted import ScriptedModel, ScriptedToolbox, tool
from support.loops import Ran, ran

URL: dict[str, Any] = {"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]}
PATH: dict[str, Any] = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
START = "http://school.test/start.html"
TASK = f"What does the course for beginners cost? The start page is {START}; the prices are on a page that it links to."
PRICES = "Beginners: 185 euros"
GIVEN_UP = {"thought": "", "outcome": "impossible", "answer": "The information is not there."}
RIGHT = {"thought": "", "outcome": "found", "quotes": [PRICES], "answer": "185 euros"}


def fetch(pages: Mapping[str, str]) -> Any:
    return tool("fetch", lambda given: pages.get(given["url"], "404: not found"), read_only=True, schema=URL)


async def told(task: str, replies: list[dict[str, Any]], *tools: Any) -> tuple[Ran, ScriptedModel]:
    first, *others = replies
    said = [{"wants": "answer", **first}, *others]
    model = ScriptedModel(*(raw(json.dumps(reply)) for reply in said))
    return await ran(model, ScriptedToolbox(*tools), profile=FORCED, task=task), model


@pytest.mark.parametrize(
    "link",
    ["<http://school.test/prices.html>", "[prices](/prices.html)", "[prices](prices.html)", "see http://school.test/prices.html."],
)  # fmt: skip
async def test_who_gives_up_is_given_the_call_that_opens_the_one_page_linked_to(link: str) -> None:
    pages = {START: f"We teach. What it costs: {link}", "http://school.test/prices.html": PRICES}
    opens = {"thought": "", "tool": "fetch", "arguments": {"url": "http://school.test/prices.html"}}
    run, model = await told(TASK, [GIVEN_UP, opens, RIGHT], fetch(pages))
    assert (
        'A page links to another one, and no call has opened it: fetch {"url": "http://school.test/prices.html"}'
        in model.asked[1].last.content
    )
    assert (run.report.status, run.report.answer) == ("done", "185 euros")


@pytest.mark.parametrize(
    "text",
    [
        "[a](/a.html) and [b](/b.html)",
        "[elsewhere](http://other.test/prices.html)",
        "[leave](/leave?really=yes)",
        "no link at all",
        f"[here]({START})",
    ],
)
async def test_several_links_other_hosts_and_queries_are_left_to_the_model(text: str) -> None:
    _, model = await told(TASK, [GIVEN_UP, GIVEN_UP, GIVEN_UP, GIVEN_UP], fetch({START: f"We teach. {text}"}))
    assert "links to another one" not in "\n".join(asked.last.content for asked in model.asked)


async def test_an_answer_from_the_page_itself_is_not_sent_on() -> None:
    pages = {START: f"{PRICES}. More: [boats](/boats.html)"}
    run, model = await told(TASK, [RIGHT], fetch(pages))
    assert len(model.asked) == 1
    assert run.report.status == "done"


async def test_names_of_an_answer_that_a_folder_lists_are_opened_already() -> None:
    page = "Please send us:\n* passport.pdf\n* photo.jpg"
    listing = tool("list_directory", "[FILE] passport.pdf", read_only=True, schema=PATH)
    there = {"thought": "", "outcome": "found", "quotes": ["[FILE] passport.pdf"], "answer": "passport.pdf is there."}
    _, model = await told(
        f"Compare {START} with /papers: what is there?", [there, there], fetch({START: page}), listing
    )
    assert "points to" not in "\n".join(asked.last.content for asked in model.asked)


INFO = tool("get_file_info", "size: 1563\nisFile: true", read_only=True, schema=PATH)
READ = tool("read_text_file", "some text", read_only=True, schema=PATH)


@pytest.mark.parametrize(("task", "asked"), [("Size of /a.txt in bytes?", True), ("What does /a.txt say?", False)])
async def test_the_size_of_a_file_is_looked_up_where_it_is_asked_for(task: str, asked: bool) -> None:
    answer = {"thought": "", "outcome": "found", "quotes": ["some text"], "answer": "some text"}
    _, model = await told(task, [answer, answer], INFO, READ)
    seen = "\n".join(message.content for message in model.asked[0].conversation)
    assert ("size: 1563" in seen) is asked
    assert "some text" in seen
