"""The judges of the real models' tasks: a right world with a right answer passes, and what models really do wrong does not."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import real_models.tasks  # noqa: F401  (fills the registry)
from real_models.judging import says_amount
from real_models.registry import TASKS, Task
from real_models.values import file_amount, items, moved, says_count
from real_models.world import Case, Commit, Done, Ending, Entity, Place, State, World

SEEDS = (1, 2, 3)
CASES = [pytest.param(task, seed, id=f"{task.name}-{seed}") for task in TASKS.values() for seed in SEEDS]


def faults(case: Case, done: Done, folder: Path) -> list[str]:
    """What the judge says of a world that is made, changed as `done` says, and read again."""
    place = Place(folder)
    place.put(case.world)
    before = place.state()
    place.apply(done)
    return case.check(Ending(before, place.state(), place.filled(done.answer)))


@pytest.mark.parametrize(("task", "seed"), CASES)
def test_the_right_ending_passes(task: Task, seed: int, tmp_path: Path) -> None:
    case = task.case(seed)
    assert faults(case, case.right, tmp_path / "w") == []


@pytest.mark.parametrize(("task", "seed"), CASES)
def test_wrong_endings_and_doing_nothing_do_not(task: Task, seed: int, tmp_path: Path) -> None:
    case = task.case(seed)
    assert case.wrong
    for number, wrong in enumerate((Done(), *case.wrong)):
        assert faults(case, wrong, tmp_path / str(number)), wrong


@pytest.mark.parametrize(("task", "seed"), CASES)
def test_the_prompt_printed_back_is_not_an_answer(task: Task, seed: int, tmp_path: Path) -> None:
    case = task.case(seed)
    assert faults(case, Done(f"Here is how you can do it: {case.prompt}"), tmp_path / "w")


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_a_right_answer_does_not_pay_for_damage_done_beside_it(task: Task, tmp_path: Path) -> None:
    if "filesystem" not in task.servers:
        pytest.skip("no folder that could be damaged")
    case = task.case(1)
    damaged = replace(case.right, files={**case.right.files, "stray.txt": "stray\n"})
    assert faults(case, damaged, tmp_path / "w")


def test_a_seed_decides_world_and_wording() -> None:
    for task in TASKS.values():
        first, same = task.case(5), task.case(5)
        assert (first.prompt, first.world, first.right) == (same.prompt, same.world, same.right)
        assert len({(task.case(seed).prompt, repr(task.case(seed).world)) for seed in range(8)}) > 1


def test_each_kind_has_as_many_tasks_in_either_half_and_there_are_at_least_forty() -> None:
    halves = {half: [task for task in TASKS.values() if task.half == half] for half in ("tune", "held-out")}
    tune, held_out = (Counter(task.kind for task in tasks) for tasks in halves.values())
    assert tune == held_out
    assert len(TASKS) >= 40
    assert {task.calls for task in halves["tune"]} == {task.calls for task in halves["held-out"]} == {0, 1, 2, 3}


def test_the_halves_share_no_wording() -> None:
    for task in TASKS.values():
        for other in TASKS.values():
            if task.half != other.half:
                assert not {task.case(n).prompt for n in range(6)} & {other.case(n).prompt for n in range(6)}


def test_what_is_unseen_is_of_kinds_of_its_own_but_for_the_one_without_tools() -> None:
    unseen = [task for task in TASKS.values() if task.half == "unseen"]
    assert len(unseen) == 24
    assert {task.kind for task in unseen} & {task.kind for task in TASKS.values() if task.half != "unseen"} == {
        "no-tool"
    }
    assert {task.calls for task in unseen} == {0, 1, 2, 3}
    assert sum(len(task.servers) == 2 for task in unseen) == 6


@pytest.mark.parametrize(
    ("part", "count", "calls", "of_two"),
    [
        ("fresh", 24, {1: 6, 2: 8, 3: 10}, 6),
        ("later", 30, {1: 10, 2: 11, 3: 9}, 8),
        ("workday", 24, {0: 1, 1: 9, 2: 8, 3: 6}, 5),
        ("everyday", 24, {0: 1, 1: 8, 2: 8, 3: 7}, 5),
        ("errands", 24, {0: 1, 1: 9, 2: 7, 3: 7}, 6),
        ("chores", 24, {0: 1, 1: 9, 2: 7, 3: 7}, 6),
        ("neighbours", 20, {0: 1, 1: 7, 2: 7, 3: 5}, 3),
    ],
)
def test_a_part_made_afterwards_is_of_kinds_that_nothing_else_has(
    part: str, count: int, calls: dict[int, int], of_two: int
) -> None:
    own = [task for task in TASKS.values() if task.half == part]
    assert len({task.kind for task in own}) == len(own) == count
    assert not {task.kind for task in own} & {task.kind for task in TASKS.values() if task.half != part}
    assert Counter(task.calls for task in own) == calls
    assert sum(len(task.servers) == 2 for task in own) == of_two
    servers = {server for task in own for server in task.servers}
    assert servers == {"filesystem", "sqlite", "memory", "git", "time", "fetch"}


@pytest.mark.parametrize(
    ("text", "right"),
    [
        *(
            (f"The total is {way}.", True)
            for way in ("1941.50", "1,941.5", "1'941.50", "1 941,50", "1.941,50", "EUR1941.50")
        ),
        *(
            (f"The total is {way}.", False)
            for way in ("1941.05", "11941.50", "1,941.55", "941.50", "1941", "1.1941.50")
        ),
    ],
)
def test_a_sum_of_money_is_read_in_every_usual_form(text: str, right: bool) -> None:
    assert (says_amount(194150)(Ending(State(), State(), text)) == []) == right


@pytest.mark.parametrize("text", ["2312", "2,312", "2.312 €", "2312.0", "2312,00", "2312.–"])
def test_a_round_sum_needs_no_cents(text: str) -> None:
    assert says_amount(231200)(Ending(State(), State(), text)) == []
    assert says_amount(231250)(Ending(State(), State(), text))


def test_an_edge_is_taken_out_and_its_nodes_stay(tmp_path: Path) -> None:
    place = Place(tmp_path / "w")
    edges = (("Nora", "works at", "Veltro"), ("Nora", "owns", "Veltro"))
    place.put(World(entities=(Entity("Nora", "person"), Entity("Veltro", "company")), relations=edges))
    place.apply(Done(unlinked=edges[:1]))
    assert (set(place.state().entities), place.state().relations) == ({"Nora", "Veltro"}, frozenset(edges[1:]))


def test_a_node_is_forgotten_with_its_edges(tmp_path: Path) -> None:
    place = Place(tmp_path / "w")
    place.put(World(entities=(Entity("Nora", "person"), Entity("Hugo", "person")), relations=(("Nora", "k", "Hugo"),)))
    place.apply(Done(forgotten=("Hugo",)))
    assert (set(place.state().entities), place.state().relations) == ({"Nora"}, frozenset())


def test_branches_stand_where_the_world_says(tmp_path: Path) -> None:
    place = Place(tmp_path / "w")
    commits = tuple(Commit("Nora Haas", message, {"a.txt": message}) for message in ("one", "two", "three"))
    place.put(World(commits=commits, branches={"old": 0, "late": 1}))
    assert place.state().heads == {"main": "three", "old": "one", "late": "two"}
    assert place.state().branch == "main"


def test_a_world_is_read_as_it_was_put(tmp_path: Path) -> None:
    place = Place(tmp_path / "w")
    place.put(World({"a/b.txt": "{home}\n", "c/": ""}, "create table t (x); insert into t values (1), (2);"))
    state = place.state()
    assert state.files == {"a/": "", "a/b.txt": f"{place.home}\n", "c/": ""}
    assert state.tables == {"t": ((1,), (2,))}
    assert state.entities == {}


def test_a_sum_in_a_file_counts_only_where_it_should_stand() -> None:
    check = file_amount("total.txt", 4250)
    assert not check(Ending(State(), State({"total.txt": "12.40 + 30.10 = 42.50\n"}), ""))
    assert check(Ending(State(), State({"total.txt": "12.40\n30.10\n"}), "42.50"))
    assert check(Ending(State(), State({"sum.txt": "42.50\n"}), ""))


def test_numbers_that_only_count_the_lines_of_a_list_are_no_count() -> None:
    ending = Ending(State(), State(), "1. a.jpg\n2. b.jpg\n3. c.jpg")
    assert says_count(2)(ending)
    assert not says_count(2, "two")(replace(ending, answer="There are two of them:\n1. a.jpg\n2. b.jpg"))
    assert not says_count(2)(replace(ending, answer="2"))


def test_the_items_of_a_list_are_read_without_bullets_headings_and_empty_lines() -> None:
    assert items("# Names\n\nNames:\n- Nora Haas\n* [ ] Hugo Rossi\n3. 3 eggs.\n---\n", ["names"]) == [
        "nora haas",
        "hugo rossi",
        "3 eggs",
    ]


def test_a_file_that_was_copied_or_emptied_was_not_moved() -> None:
    before = State({"a.txt": "a\n"})
    check = moved("a.txt", "b/a.txt")
    assert not check(Ending(before, State({"b/": "", "b/a.txt": "a\n"}), ""))
    assert check(Ending(before, State({"a.txt": "a\n", "b/a.txt": "a\n"}), ""))
    assert check(Ending(before, State({"b/a.txt": ""}), ""))
