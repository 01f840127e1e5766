"""`lmbridge map` as a process of its own that is really killed, anywhere, and begun again."""

import json

import pytest

from lmbridge.testing import call, gate, say
from support.maps import MapWorld, kill, task_of

ITEMS = [f"item {number}" for number in range(24)]
ARGUMENTS = ("Echo {item}", "--items", "items.txt", "--out", "out.jsonl", "--resume", "--quiet")


@pytest.mark.timeout(600)
async def test_killed_anywhere_and_begun_again_nothing_is_lost_and_no_finished_item_done_twice(world: MapWorld):
    """Killed before the first answer, and between answers: while runs end, while lines are written, wherever it falls."""
    (world.folder / "items.txt").write_text("\n".join(ITEMS))
    held = gate()
    world.fake.script(lambda request: say(task_of(request).upper()).after(held))
    finished: set[str] = set()
    for answered in (0, 1, 5, None):  # so many answers before it is killed; None: as many as it likes
        held, asked_before = gate(), len(world.fake.chats)
        process = await world.command(*ARGUMENTS)
        if answered is None:
            held.open()
            _, err = await process.communicate()
            assert process.returncode == 0, (err, [line for line in world.lines() if line["status"] != "done"])
        else:
            held.let(answered)
            wanted = asked_before + answered + 1
            await world.until(lambda wanted=wanted: len(world.fake.chats) >= wanted)
            await kill(process)
            held.open()  # the backend reads to its end what nobody waits for any more, and then has its slots again
        again = set(world.asked[asked_before:])
        assert not again & finished, "a finished item was asked for again"
        finished = {f"Echo {item}" for item in whole_lines(world)}
    lines = world.lines()
    assert sorted(line["item"] for line in lines) == sorted(ITEMS)
    assert all(line["answer"] == f"ECHO {line['item'].upper()}" for line in lines)
    assert len({line["run_id"][:24] for line in lines}) == 1


def whole_lines(world: MapWorld) -> list[str]:
    if not world.out.exists():
        return []
    return [json.loads(line)["item"] for line in world.out.read_bytes().split(b"\n")[:-1]]


async def test_killed_before_its_first_result_it_knows_what_it_had_begun_to_write(world: MapWorld):
    held = gate()
    arguments = ("Write {item}", "--items", "items.txt", "--out", "out.jsonl", "--mcp", "files")
    (world.folder / "items.txt").write_text("one\n")
    world.fake.script(call("write_file", path="one.txt", content="1"), say("Done.").after(held))
    process = await world.command(*arguments)
    await world.until(lambda: len(world.fake.chats) == 2)
    await kill(process)
    assert (world.folder / "files" / "one.txt").read_text() == "1"
    code, _, err = await world.shell(*arguments)
    assert (code, "interrupted before its first result" in err) == (2, True)
    code, out, _ = await world.shell(*arguments, "--resume")
    assert code == 1
    assert "had begun to write" in out
    assert len(world.fake.chats) == 2
    (line,) = world.lines()
    assert (line["status"], line["writes"][0]["tool"]) == ("interrupted", "files__write_file")


async def test_killed_in_the_middle_a_reading_item_is_done_again(world: MapWorld):
    held = gate()
    arguments = ("Look for {item}", "--items", "items.txt", "--out", "out.jsonl", "--mcp", "files")
    (world.folder / "items.txt").write_text("one\n")
    world.fake.script(call("list_directory", path="."), say("Never.").after(held))
    process = await world.command(*arguments)
    await world.until(lambda: len(world.fake.chats) == 2)
    await kill(process)
    world.fake.script(lambda request: say("Found.") if task_of(request) == "Look for one" else None)
    code, _, err = await world.shell(*arguments, "--resume")
    assert (code, world.lines()[0]["answer"]) == (0, "Found."), err
    assert world.lines()[0]["run_id"].endswith("-2")
