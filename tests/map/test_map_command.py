"""`lmbridge map` from the shell: items of every kind, exit codes, what is told where."""

import json
import os
import signal

from lmbridge.testing import fault, gate, say
from support.maps import MapWorld, echoes, task_of


async def test_a_file_of_lines(world: MapWorld):
    echoes(world.fake)
    (world.folder / "items.txt").write_text("one\n\n  two \r\nthree", encoding="utf-8")
    code, out, err = await world.shell("Echo {item}", "--items", "items.txt", "--out", "out.jsonl")
    assert code == 0, err
    assert sorted(world.asked) == ["Echo   two ", "Echo one", "Echo three"]
    assert "3 of 3 done" in out
    assert "out.jsonl" in out


async def test_columns_of_csv_with_semicolons_quotes_and_a_byte_order_mark(world: MapWorld):
    echoes(world.fake)
    (world.folder / "rows.csv").write_text('\ufeffname;age\n"Ada; L.";36\nBo;"4\n5"\n', encoding="utf-8")
    code, _, err = await world.shell("{name} is {age}", "--items", "rows.csv", "--out", "out.jsonl")
    assert code == 0, err
    assert sorted(world.asked) == ["Ada; L. is 36", "Bo is 4\n5"]
    assert {line["item"]["name"] for line in world.lines()} == {"Ada; L.", "Bo"}


async def test_keys_of_jsonl_on_stdin(world: MapWorld):
    echoes(world.fake)
    rows = b'{"id": 1, "tags": ["x", "y"]}\n{"id": 12345678901234567890123, "tags": null}\n'
    code, _, err = await world.shell("{id}: {tags}", "--items", "-", "--out", "out.jsonl", stdin=rows)
    assert code == 0, err
    assert sorted(world.asked) == ["12345678901234567890123: ", '1: ["x", "y"]']


async def test_the_files_of_a_glob_by_path_and_by_text(world: MapWorld):
    echoes(world.fake)
    (world.folder / "notes" / "deep").mkdir(parents=True)
    (world.folder / "notes" / "a.md").write_text("alpha")
    (world.folder / "notes" / "deep" / "b.md").write_text("beta")
    code, _, err = await world.shell("{item}={text}", "--items", "notes/**/*.md", "--out", "out.jsonl")
    assert code == 0, err
    assert sorted(world.asked) == ["notes/a.md=alpha", "notes/deep/b.md=beta"]
    assert sorted(line["item"] for line in world.lines()) == ["notes/a.md", "notes/deep/b.md"]


async def test_json_in_a_template_stays_and_doubled_braces_stand_for_themselves(world: MapWorld):
    echoes(world.fake)
    template = 'Answer {"a": {"b": 1}} of {{item}} for {item}'
    code, _, err = await world.shell(template, "--items", "-", "--out", "out.jsonl", stdin=b"x\n")
    assert code == 0, err
    assert world.asked == ['Answer {"a": {"b": 1}} of {item} for x']


async def test_some_failed_is_exit_code_1_with_a_table_of_reasons(world: MapWorld):
    bad = "Echo bad"
    world.fake.script(lambda request: fault.refuse("Too odd.") if task_of(request) == bad else say("ok"))
    arguments = ("Echo {item}", "--items", "-", "--out", "out.jsonl")
    code, out, _ = await world.shell(*arguments, stdin=b"good\nbad\n")
    assert code == 1
    assert "1 of 2 done, 1 failed" in out
    assert "Too odd." in out
    assert "--retry-failed" in out
    code, out, _ = await world.shell(*arguments, "--resume", "--json", stdin=b"good\nbad\n")
    told = json.loads(out)
    assert (code, told["status"], told["done"], told["failed"], told["earlier"]) == (1, "partial", 1, 1, 2)
    assert told["failures"][0]["item"] == "bad"


async def test_wrong_input_is_exit_code_2_and_begins_nothing(world: MapWorld):
    echoes(world.fake)
    place = world.folder
    (place / "items.txt").write_text("a\nb\n")
    (place / "twice.txt").write_text("a\nb\na\n")
    (place / "ragged.csv").write_text("a,b\n1,2\n3\n")
    (place / "columns.csv").write_text("a,a\n1,2\n")
    (place / "broken.jsonl").write_text('{"a": 1}\n{"a": \n')
    (place / "latin.txt").write_bytes(b"caf\xe9\n")
    (place / "empty.txt").write_text("\n \n")
    (place / "other.jsonl").write_text('{"some": "log"}\n')
    (place / "keys.jsonl").write_text('{"name": 1}\n{"nmae": 2}\n')
    for arguments, words in (
        (("Echo {item}", "--items", "gone.txt"), "no such file"),
        (("Echo {item}", "--items", "*.nope"), "no file fits"),
        (("Echo {item}", "--items", "."), "is a folder"),
        (("Echo {item}", "--items", "empty.txt"), "no items"),
        (("Echo {item}", "--items", "twice.txt"), "twice.txt, line 3 (the same as item 1)"),
        (("Echo {a}", "--items", "ragged.csv"), "ragged.csv, line 3 has 1 cells"),
        (("Echo {a}", "--items", "columns.csv"), "'a' twice"),
        (("Echo {a}", "--items", "broken.jsonl"), "broken.jsonl, line 2 is not JSON"),
        (("Echo {item}", "--items", "latin.txt"), "line 1 is not UTF-8"),
        (("Echo {name}", "--items", "keys.jsonl"), "did you mean {nmae}"),
        (("Echo", "--items", "items.txt"), "no field"),
        (("Echo {itm}", "--items", "items.txt"), "did you mean {item}"),
        (("Echo {item}", "--items", "items.txt", "--resume", "--out", "other.jsonl"), "line 1 is not the result"),
        (("Echo {item}", "--items", "items.txt", "--out", "other.jsonl"), "not the result"),
        (("Echo {item}", "--items", "items.txt", "--concurrency", "0"), "at least 1"),
        (("Echo {item}", "--items", "items.txt", "--mcp", "nope"), "nope"),
        (("Echo {item}", "--items", "items.txt", "--model", "nope/x"), "nope/x"),
        (("Echo {item}", "--items", "items.txt", "--model", "embed/two"), "embed"),
        (("Echo {item}", "--items", "items.txt", "--out", "gone/out.jsonl"), "gone/out.jsonl"),
    ):
        given = arguments if "--out" in arguments else (*arguments, "--out", "out.jsonl")
        code, out, err = await world.shell(*given)
        assert (code, out) == (2, ""), (arguments, out, err)
        assert words in err, (arguments, err)
        assert "What is finished" not in err
    assert not world.out.exists()
    assert not world.asked


async def test_a_dead_backend_is_exit_code_3(world: MapWorld):
    await world.fake.go_offline()
    code, _, err = await world.shell("Echo {item}", "--items", "-", "--out", "out.jsonl", stdin=b"a\n")
    assert (code, "llm_unreachable" in err) == (3, True)
    assert not world.out.exists()


async def test_an_item_of_ten_megabytes_fails_alone(world: MapWorld):
    echoes(world.fake)
    items = b"small\n" + b"x" * 10_000_000 + b"\nother\n"
    code, out, _ = await world.shell("Echo {item}", "--items", "-", "--out", "out.jsonl", stdin=items)
    assert (code, "2 of 3 done, 1 failed" in out) == (1, True)
    assert {len(line["item"]): line["stop_reason"] for line in world.lines()}[10_000_000] == "context_overflow"
    assert max(map(len, out.splitlines())) < 1000


async def test_interrupted_is_exit_code_130_and_says_how_to_go_on(world: MapWorld):
    held = gate()
    world.fake.script(lambda request: say("x") if task_of(request) == "Echo a" else say("x").after(held))
    process = await world.command("Echo {item}", "--items", "-", "--out", "out.jsonl", "--concurrency", "1")
    assert process.stdin is not None
    process.stdin.write(b"a\nb\n")
    process.stdin.close()
    await world.until(lambda: len(world.fake.chats) == 2)
    os.kill(process.pid, signal.SIGINT)
    _, err = await process.communicate()
    assert (process.returncode, b"--resume" in err) == (130, True)
    assert [line["item"] for line in world.lines()] == ["a"]
    held.open()
    code, _, _ = await world.shell("Echo {item}", "--items", "-", "--out", "out.jsonl", "--resume", stdin=b"a\nb\n")
    assert (code, len(world.lines())) == (0, 2)
