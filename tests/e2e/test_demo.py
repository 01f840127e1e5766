"""`lmbridge demo`: the demo model really does the job, and the demo really checks it."""

import json

import pytest

from e2e.conftest import Bench
from lmbridge.cli.demo.world import DemoWorld, holds, mentions, mentions_number, moved, tells_time
from support.servers import sqlite_server

FAMILIES = ["list", "count", "line", "value", "search", "write", "move", "table", "time"]


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_the_demo_works_its_tasks_off_and_says_what_it_verified(bench: Bench, demo_engine: object):
    server = sqlite_server(bench.folder / "unused.db")["command"]
    code, out, err = await bench.shell("demo", "--seed", "11", "--json", "--sqlite-server", server, within=240)
    outcomes = json.loads(out)
    assert [outcome["family"] for outcome in outcomes] == FAMILIES
    failed = {outcome["family"]: outcome["problem"] for outcome in outcomes if not outcome["verified"]}
    assert (code == 0) == (not failed), (code, failed, err[-2000:])
    assert len(failed) <= 2, failed
    assert all(outcome["report"]["tools_used"] for outcome in outcomes if outcome["verified"])
    assert "demo model" in err


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_demo_whose_model_knows_nothing_fails_its_checks(bench: Bench, random_model):
    bench.environment["LMBRIDGE_ENGINE_MODEL"] = str(random_model)
    code, out, err = await bench.shell("demo", "--seed", "11", "--json", within=280)
    assert code == 1, err
    assert not [outcome for outcome in json.loads(out) if outcome["verified"]]


@pytest.mark.engine
async def test_run_refuses_what_the_demo_model_was_not_trained_for_before_anything_starts(bench: Bench):
    bench.environment["LMBRIDGE_BACKEND"] = "embedded"
    bench.configure({})
    for task, options in {"Write a haiku about spring.": ["--all"], "List the files in /tmp.": []}.items():
        code, report = await bench.report(task, *options)
        assert (code, report["error"]["code"], report["run_id"]) == (2, "model_not_usable", None)
        assert "lmbridge-demo" in report["error"]["message"]
        assert "--model lmbridge-demo" in report["error"]["hint"]


async def test_a_demo_without_its_model_says_so_once_and_starts_nothing(bench: Bench):
    bench.environment["LMBRIDGE_ENGINE_MODEL"] = str(bench.folder / "absent.gguf")
    code, out, err = await bench.shell("demo")
    assert (code, out) == (2, "")
    assert err.startswith("error: model_not_found")
    assert len(err.splitlines()) == 1


def test_the_checks_of_the_demo_tell_right_from_wrong(tmp_path):
    old, new = tmp_path / "a.txt", tmp_path / "box" / "a.txt"
    old.write_text("x\n")
    assert holds(old, "x")("") is None
    assert holds(old, "y")("")
    assert holds(tmp_path / "b.txt", "x")("")
    assert moved(old, new)("")
    new.parent.mkdir()
    new.write_text("x\n")
    assert moved(old, new)("")
    old.unlink()
    assert moved(old, new)("") is None
    assert mentions("a", "b")("a and b") is None
    assert mentions("a", "b")("only a")
    assert mentions_number(4)("There are 4.") is None
    assert mentions_number(4)("There are 14.")
    assert tells_time("Asia/Tokyo")("It is 99:99.")


def test_the_world_of_the_demo_differs_from_seed_to_seed(tmp_path):
    worlds = [DemoWorld(tmp_path / str(seed), seed) for seed in (1, 2)]
    for world in worlds:
        world.root.mkdir()
    first, second = (
        [task.text.replace(str(w.root), "") for task in w.tasks(with_database=True, with_time=True)] for w in worlds
    )
    assert first != second
    assert len(first) == len(FAMILIES)
