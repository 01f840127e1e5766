"""The generator's tasks are done by their own plans, are reproducible, and keep held-out words out of the training."""

from __future__ import annotations

import json
import random
from itertools import islice

import pytest

pytest.importorskip("tokenizers", reason="tokenizers is needed to name the tools (training/README.md)")

import generate
import wordings
import wordings_multi
from names import WORDS, Names
from render import Said, render, result_block
from tasks_multi import FAMILIES
from world import Servers, ToolError, World


def carried_out(family: str, seed: int, *, held_out: bool = False) -> tuple[list[Said], World]:
    task = FAMILIES[family](Names(random.Random(seed), held_out=held_out))
    servers, said = Servers(task.world.copy()), []

    def use(tool: str, *, say: str = "", **arguments: str) -> str:
        said.append(Said("assistant", tool=tool, arguments=arguments))
        return servers.call(tool, arguments)

    answer = task.plan(use)
    assert all(mention in answer for mention in task.mentions if mention != "@time")
    return said, servers.world


@pytest.mark.parametrize("family", sorted(FAMILIES))
@pytest.mark.parametrize("held_out", [False, True])
def test_every_plan_does_its_task_in_one_to_four_calls(family: str, held_out: bool) -> None:
    for seed in range(25):
        said, _ = carried_out(family, seed, held_out=held_out)
        assert 1 <= len(said) <= 4


def test_every_family_has_wordings_for_training_and_others_for_the_evaluation() -> None:
    for module in (wordings, wordings_multi):
        assert module.TRAINED.keys() == module.HELD_OUT.keys()
        for family, patterns in module.HELD_OUT.items():
            assert not set(patterns) & set(module.TRAINED[family])


def test_no_wording_of_the_training_comes_out_like_a_held_out_one() -> None:
    rng = random.Random(0)
    for module in (wordings, wordings_multi):
        for family, held_out in module.HELD_OUT.items():
            kept = {
                wordings.drawn([], [text], rng, evaluation=True).lower().removeprefix("please ")
                for text in held_out * 40
            }
            drawn = (wordings.drawn(module.TRAINED[family], held_out, rng, evaluation=False) for _ in range(400))
            assert not {text.lower().removeprefix("please ") for text in drawn} & kept


def test_a_text_to_be_written_is_quoted_where_the_sentence_ends_with_it() -> None:
    for seed in range(300):
        task = FAMILIES["write"](Names(random.Random(seed)))
        said, world = carried_out("write", seed)
        content = (said[0].arguments or {})["content"]
        assert content in world.files.values()
        assert not task.prompt.endswith(content)


def test_the_same_seed_gives_the_same_conversations() -> None:
    first, second = (list(islice(generate.stream(3, ["ab", "c"], 0.3), 40)) for _ in range(2))
    assert first == second
    assert first != list(islice(generate.stream(4, ["ab", "c"], 0.3), 40))


def test_held_out_words_and_zones_never_come_in_training() -> None:
    trained, held = Names(random.Random(0)), Names(random.Random(0), held_out=True)
    assert not set(trained.words) & set(held.words)
    assert not set(trained.zones) & set(held.zones)
    assert len(trained.words) + len(held.words) == len(WORDS)


def test_a_choice_in_a_wording_is_made_at_every_depth() -> None:
    found = {wordings.expand("[a|b [c|d]] e", random.Random(seed)) for seed in range(40)}
    assert found == {"a e", "b c e", "b d e"}


def test_a_tool_that_fails_is_told_in_the_answer() -> None:
    names = Names(random.Random(1))
    task = FAMILIES["key"](names)
    task.world.files.clear()
    said = generate.carry_out(task, generate.Shelf(names, task), names)
    assert said[-1].text.startswith("It failed: ")
    assert "ENOENT" in said[-1].text


def test_the_simulated_files_behave_like_the_real_server() -> None:
    world = World("/w")
    world.add_file("/w/b.csv", "x")
    world.add_file("/w/sub/c.csv", "y")
    servers = Servers(world)
    assert servers.call("list_directory", {"path": "/w"}) == "[FILE] b.csv\n[DIR] sub"
    assert servers.call("search_files", {"path": "/w", "pattern": "*.csv"}) == "/w/b.csv"
    assert servers.call("search_files", {"path": "/w", "pattern": "**/*.csv"}) == "/w/b.csv\n/w/sub/c.csv"
    assert servers.call("search_files", {"path": "/w", "pattern": "*.zip"}) == "No matches found"
    with pytest.raises(ToolError, match=r"ENOENT: no such file or directory, open '/w/no\.txt'"):
        servers.call("read_text_file", {"path": "/w/no.txt"})


def test_results_are_numbered_after_their_count() -> None:
    assert result_block("one\n\nthree\n") == "<|tool|>3 lines\n01: one\n02: \n03: three"
    assert result_block("No matches found") == result_block("") == "<|tool|>0 lines"
    assert result_block("[{'name': 'a'}, {'name': 'b'}]") == "<|tool|>2 lines\n01: a\n02: b"
    assert result_block("Successfully wrote to /w/a") == "<|tool|>done"


def test_tools_are_names_grouped_before_their_prefix() -> None:
    block = render(["db__list_tables", "files__read_file", "files__write_file", "read_result"], [])
    assert block == "<|tools|>|list_tables @db\n|read_file|write_file @files\n|read_result @"


def test_the_query_for_the_largest_table_names_every_table() -> None:
    said, world = carried_out("biggest", 5)
    query = (said[1].arguments or {})["query"]
    assert all(f"FROM [{table}]" in query for table in world.tables)
    assert json.dumps(query)
