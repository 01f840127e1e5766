"""A map through `Bridge.map`: one line for each item, nothing lost, nothing done twice, failures told and kept."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from lmbridge import Bridge
from lmbridge.errors import InvalidArgumentsError, LLMConnectionError, ModelNotFoundError, UnknownServerError
from lmbridge.map.ids import parts_of
from lmbridge.map.items import opened
from lmbridge.map.report import MapProgress
from lmbridge.testing import call, fault, gate, say
from support.maps import MapWorld, echoes, task_of

KEYS = ["item", "run_id", "status", "stop_reason", "answer", "output", "error"]


async def test_each_item_gets_a_run_of_its_own_and_one_line(world: MapWorld):
    echoes(world.fake)
    report = await world.map("a", {"name": "b"}, 3)
    assert (report.status, report.items, report.done, report.failed, report.left) == ("done", 3, 3, 0, 0)
    lines = world.lines()
    assert [list(line)[:7] for line in lines] == [KEYS] * 3
    assert {json.dumps(line["item"]): line["answer"] for line in lines} == {
        '"a"': "ECHO A",
        '{"name": "b"}': 'ECHO {"NAME": "B"}',
        "3": "ECHO 3",
    }
    async with Bridge.open(world.settings) as bridge:
        for line in lines:
            parts = parts_of(line["run_id"])
            assert parts is not None
            assert parts[0] == report.map_id
            assert bridge.journals.status(line["run_id"]) == "done"


async def test_validated_output_and_the_schema_of_answers(world: MapWorld):
    world.fake.script(lambda request: say('{"n": 1}') if "a" in task_of(request)[-1] else say("no json"))
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    report = await world.map("a", "b", output_schema=schema, max_rounds=2)
    told = {line["item"]: line for line in world.lines()}
    assert told["a"]["output"] == {"n": 1}
    assert told["b"]["status"] != "done"
    assert (report.status, report.done, report.failed) == ("partial", 1, 1)
    assert [(each.item, each.run_id) for each in report.failures] == [("b", told["b"]["run_id"])]


async def test_as_many_items_at_once_as_the_backend_has_slots_and_never_more(world: MapWorld):
    held = gate()
    world.fake.script(lambda _request: say("x").after(held))
    working = asyncio.create_task(world.map(*"abcdefgh"))
    await world.until(lambda: len(world.fake.active) >= 4)
    assert len(world.fake.active) == 4
    held.open()
    assert (await working).done == 8


async def test_concurrency_can_be_given(world: MapWorld):
    held = gate()
    world.fake.script(lambda _request: say("x").after(held))
    working = asyncio.create_task(world.map(*"abcd", concurrency=2))
    await world.until(lambda: len(world.fake.active) >= 2)
    assert (len(world.fake.active), len(world.fake.chats)) == (2, 2)
    held.open()
    assert (await working).done == 4


async def test_all_items_share_the_prompt_up_to_the_first_field(world: MapWorld):
    echoes(world.fake)
    await world.map("a", "b", "c", template="Be brief. Echo: {item}", servers=("files",))
    bodies = [json.dumps({**chat.body, "messages": chat.body["messages"][:1]}) for chat in world.fake.chats]
    assert len(set(bodies)) == 1
    assert all(task.startswith("Be brief. Echo: ") for task in world.asked)


async def test_results_that_are_there_are_not_written_to_unless_asked(world: MapWorld):
    echoes(world.fake)
    await world.map("a")
    before = world.out.read_bytes()
    with pytest.raises(InvalidArgumentsError, match="holds results already") as refused:
        await world.map("a", "b")
    assert "--resume" in (refused.value.hint or "")
    assert world.out.read_bytes() == before
    assert world.asked == ["Echo a"]


async def test_resume_does_what_is_left_and_nothing_twice(world: MapWorld):
    echoes(world.fake)
    first = await world.map("a", "b")
    again = await world.map("a", "b", "c", resume=True)
    assert again.map_id == first.map_id
    assert (again.status, again.done, again.earlier) == ("done", 3, 2)
    assert sorted(world.asked) == ["Echo a", "Echo b", "Echo c"]
    assert [line["item"] for line in world.lines()][2:] == ["c"]


async def test_resume_without_results_begins(world: MapWorld):
    echoes(world.fake)
    assert (await world.map("a", resume=True)).status == "done"


async def test_a_torn_last_line_is_taken_off_and_its_item_not_done_again(world: MapWorld):
    echoes(world.fake)
    await world.map("a", "b", concurrency=1)
    whole = world.out.read_bytes()
    world.out.write_bytes(whole[:-20])
    report = await world.map("a", "b", resume=True)
    assert report.status == "done"
    assert world.asked == ["Echo a", "Echo b"]
    assert [(line["item"], line["answer"]) for line in world.lines()] == [("a", "ECHO A"), ("b", "ECHO B")]
    assert any("torn" in warning for warning in report.warnings)


async def test_a_last_line_without_its_end_counts_where_it_is_whole(world: MapWorld):
    echoes(world.fake)
    await world.map("a", "b")
    whole = world.out.read_bytes()
    world.out.write_bytes(whole.rstrip(b"\n"))
    await world.map("a", "b", "c", resume=True)
    assert len(world.lines()) == 3
    assert world.out.read_bytes().startswith(whole)


@pytest.mark.parametrize(
    "held",
    ["a line\nand another", "one line alone", '{"some": 1}\n{"item": "of others"}', '{"item": 1, "run_id": "r-1"}'],
)
async def test_a_file_that_holds_something_else_is_refused_and_left_as_it_is(world: MapWorld, held: str):
    world.out.write_text(held)
    for resume in (False, True):
        with pytest.raises(InvalidArgumentsError, match="is not the result of an item"):
            await world.map("a", resume=resume)
        assert world.out.read_text() == held
    assert not world.asked


async def test_zeros_that_a_power_cut_left_behind_the_results_are_taken_off(world: MapWorld):
    echoes(world.fake)
    await world.map("a")
    whole = world.out.read_bytes()
    world.out.write_bytes(whole + bytes(4096))
    assert (await world.map("a", "b", resume=True)).status == "done"
    assert [line["item"] for line in world.lines()] == ["a", "b"]


async def test_results_go_into_no_device_and_not_into_the_file_of_the_items(world: MapWorld):
    with pytest.raises(InvalidArgumentsError, match="no regular file"):
        await world.map("a", out=Path("/dev/null"))
    notes = world.folder / "notes.txt"
    notes.write_text("a\nb")
    for resume in (False, True):
        with pytest.raises(InvalidArgumentsError, match="is the file of the items"):
            await world.map(items=opened(str(notes)), out=notes, resume=resume)
    assert notes.read_text() == "a\nb"


async def test_the_results_are_no_item_where_their_name_fits_the_glob(world: MapWorld):
    echoes(world.fake)
    (world.folder / "a.jsonl").write_text("A")
    files = opened(str(world.folder / "*.jsonl"))
    assert (await world.map(items=files, template="Echo {text}")).items == 1
    files = opened(str(world.folder / "*.jsonl"))
    assert (await world.map(items=files, template="Echo {text}", resume=True)).items == 1
    assert world.asked == ["Echo A"]


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="no pipes by name")
def test_a_pipe_of_the_shell_is_read_as_stdin_is():
    end, start = os.pipe()
    os.write(start, b'{"a": 1}\n{"a": 2}\n')
    os.close(start)
    items = opened(f"/dev/fd/{end}")
    os.close(end)
    for _ in range(2):
        assert [item.value for item in items] == [{"a": 1}, {"a": 2}]


async def test_a_template_that_is_no_text_is_refused_and_a_path_that_is_none_is_an_item(world: MapWorld):
    echoes(world.fake)
    with pytest.raises(InvalidArgumentsError, match="no text"):
        world.request("a", template="Echo\udce9 {item}")
    assert (await world.map("caf\udce9", "a\0b")).done == 2


async def test_no_more_workers_than_items_are_made_however_many_are_asked_for(world: MapWorld):
    echoes(world.fake)
    assert (await world.map("a", "b", concurrency=10**12)).done == 2


async def test_an_item_whose_run_ended_but_has_no_line_gets_it_from_its_journal(world: MapWorld):
    echoes(world.fake)
    await world.map(*"abc", concurrency=1)
    head = world.out.read_bytes().splitlines(keepends=True)[0]
    world.out.write_bytes(head)
    report = await world.map(*"abc", resume=True)
    assert (report.status, report.usage.prompt_tokens) == ("done", 0)
    assert len(world.asked) == 3
    assert {line["item"]: line["answer"] for line in world.lines()} == {"a": "ECHO A", "b": "ECHO B", "c": "ECHO C"}


async def test_failed_items_are_done_again_only_when_asked_and_leave_one_line(world: MapWorld):
    broken = {"Echo b"}
    world.fake.script(lambda request: fault.refuse("Too odd.") if task_of(request) in broken else say("fine"))
    first = await world.map("a", "b")
    assert (first.status, first.failed) == ("partial", 1)
    line = next(line for line in world.lines() if line["item"] == "b")
    assert (line["status"], line["error"]["code"]) == ("failed", line["stop_reason"])
    broken.clear()
    same = await world.map("a", "b", resume=True)
    assert (same.status, same.done, same.failed) == ("partial", 1, 1)
    assert [each.item for each in same.failures] == ["b"]
    again = await world.map("a", "b", retry_failed=True)
    assert (again.status, again.done, again.failed, again.failures) == ("done", 2, 0, ())
    assert sorted(line["item"] for line in world.lines()) == ["a", "b"]
    assert parts_of(next(line["run_id"] for line in world.lines() if line["item"] == "b"))[2] == 2  # type: ignore[index]
    assert world.asked.count("Echo a") == 1


async def test_a_file_that_cannot_be_read_fails_alone(world: MapWorld):
    from lmbridge.map.items import opened

    echoes(world.fake)
    notes = world.folder / "notes"
    notes.mkdir()
    (notes / "a.md").write_text("alpha")
    (notes / "b.md").write_bytes(b"\xff\xfe\x00")
    report = await world.map(items=opened(str(notes / "*.md")), template="Echo {text}")
    assert (report.status, report.done, report.failed) == ("partial", 1, 1)
    assert "not UTF-8" in (report.failures[0].error or "")
    assert world.asked == ["Echo alpha"]


async def test_a_backend_that_goes_away_stops_the_map_and_loses_no_item(world: MapWorld):
    echoes(world.fake)

    async def leave() -> None:
        await world.until(lambda: len(world.fake.chats) >= 2)
        await world.fake.go_offline()

    leaving = asyncio.create_task(leave())
    world.fake.script()
    report = await world.map(*map(str, range(40)), concurrency=1)
    await leaving
    assert report.status == "failed"
    assert report.error is not None
    assert report.error.code == "llm_unreachable"
    assert report.left == 40 - report.done > 0
    assert all(line["status"] == "done" for line in world.lines())
    await world.fake.go_online()
    assert (await world.map(*map(str, range(40)), resume=True)).done == 40


async def test_a_backend_that_fails_for_a_while_costs_no_item(world: MapWorld):
    """The breaker opens, and refuses what comes up meanwhile without sending it: those items wait, and are done."""
    failing = 12
    world.fake.script(
        lambda request: fault.status(500) if len(world.fake.chats) <= failing else say(task_of(request).upper())
    )
    async with Bridge.open(world.settings) as bridge:
        bridge.backend.breaker._open_s = 0.05
        report = await bridge.map(world.request(*map(str, range(30)), concurrency=4))
    codes = {line["stop_reason"] for line in world.lines()}
    assert report.done + report.failed == 30
    assert report.failed <= 4
    assert "circuit_open" not in codes


async def test_a_cancelled_map_cancels_its_runs_and_goes_on_later(world: MapWorld):
    held = gate()
    world.fake.script(lambda request: say("x").after(held) if task_of(request) == "Echo b" else say("x"))
    working = asyncio.create_task(world.map("a", "b", "c", concurrency=1))
    await world.until(lambda: len(world.fake.chats) == 2)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert [line["item"] for line in world.lines()] == ["a"]
    held.open()
    report = await world.map("a", "b", "c", resume=True)
    assert report.status == "done"
    assert world.asked == ["Echo a", "Echo b", "Echo b", "Echo c"]


async def test_progress_is_told_before_the_first_item_and_after_each(world: MapWorld):
    echoes(world.fake)
    seen: list[tuple[int, int]] = []

    def watch(progress: MapProgress) -> None:
        seen.append((progress.done, progress.items))

    async with Bridge.open(world.settings) as bridge:
        await bridge.map(world.request(*"abc"), watch=watch)
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


async def test_what_cannot_be_used_is_refused_before_anything_is_done(world: MapWorld):
    for more, error, words in (
        ({"template": "Echo"}, InvalidArgumentsError, "no field"),
        ({"template": "Echo {nmae}"}, InvalidArgumentsError, "{nmae}"),
        ({"concurrency": 0}, InvalidArgumentsError, "concurrency"),
        ({"servers": ("nope",)}, UnknownServerError, "nope"),
        ({"model": "nope/x"}, ModelNotFoundError, "nope/x"),
        ({"out": world.folder / "gone" / "out.jsonl"}, InvalidArgumentsError, "out.jsonl"),
        ({"out": world.folder}, InvalidArgumentsError, "--out"),
    ):
        with pytest.raises(error, match=words):
            await world.map("a", "b", **more)
    with pytest.raises(InvalidArgumentsError, match="no items"):
        await world.map()
    with pytest.raises(InvalidArgumentsError, match=r"item 3 \(the same as item 1\)"):
        await world.map("a", "b", "a")
    assert not world.out.exists()
    assert not world.asked


async def test_results_of_another_map_are_refused_with_the_line(world: MapWorld):
    echoes(world.fake)
    await world.map("a", "b")
    before = world.out.read_bytes()
    with pytest.raises(InvalidArgumentsError, match=r"line 1 belongs to another map"):
        await world.map("a", "b", template="Shout {item}", resume=True)
    world.out.write_bytes(before + b'{"some": "log"}\n')
    with pytest.raises(InvalidArgumentsError, match=r"line 3 is not the result"):
        await world.map("a", "b", resume=True)
    assert world.out.read_bytes() == before + b'{"some": "log"}\n'


async def test_a_dead_backend_is_told_before_anything_is_done(world: MapWorld):
    await world.fake.go_offline()
    with pytest.raises(LLMConnectionError):
        await world.map("a")
    assert not world.out.exists()


async def test_two_maps_never_write_one_file(world: MapWorld):
    held = gate()
    world.fake.script(say("x").after(held), say("y"))
    first = asyncio.create_task(world.map("a"))
    await world.until(lambda: world.fake.active)
    with pytest.raises(InvalidArgumentsError, match="another lmbridge"):
        await world.map("a", resume=True)
    held.open()
    assert (await first).status == "done"


async def test_a_list_of_runs_shows_a_map_as_one_line(world: MapWorld):
    echoes(world.fake)
    report = await world.map(*"abc")
    async with Bridge.open(world.settings) as bridge:
        assert bridge.journals.list() == []
        (listed,) = bridge.maps.list()
        assert listed.run_id == report.map_id
        assert listed.standing == "done: 3 of 3 done"
        assert listed.results == str(world.out)
        assert len(bridge.journals.ids()) == 3


async def test_an_item_that_had_begun_to_write_is_told_and_not_repeated(world: MapWorld):
    held = gate()
    world.fake.script(call("write_file", path="a.txt", content="1"), say("Written.").after(held))
    working = asyncio.create_task(world.map("a", servers=("files",), template="Write {item}"))
    await world.until(lambda: len(world.fake.chats) == 2)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    for _ in range(2):
        report = await world.map("a", servers=("files",), template="Write {item}", resume=True)
        assert (report.status, report.failed) == ("partial", 1)
    report = await world.map("a", servers=("files",), template="Write {item}", retry_failed=True)
    assert any("--retry-unknown" in warning for warning in report.warnings)
    (line,) = world.lines()
    assert (line["status"], line["error"]["code"]) == ("interrupted", "interrupted")
    assert line["writes"][0]["tool"] == "files__write_file"
    assert len(world.fake.chats) == 2
    world.fake.script(say("Again."))
    report = await world.map("a", servers=("files",), template="Write {item}", retry_unknown=True)
    assert (report.status, world.lines()[0]["answer"]) == ("done", "Again.")
