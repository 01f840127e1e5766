"""The judges of the errands: what is right stays right in other words and forms, and other wrong endings stay wrong."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import real_models.tasks  # noqa: F401  (fills the registry)
from real_models.registry import TASKS
from real_models.values import tells_none
from real_models.world import Case, Done, Ending, Entity, Place, State

Change = Callable[[Case], Done]


def faults(case: Case, done: Done, folder: Path) -> list[str]:
    place = Place(folder)
    place.put(case.world)
    before = place.state()
    place.apply(done)
    return case.check(Ending(before, place.state(), place.filled(done.answer)))


def told(change: Callable[[str], str]) -> Change:
    """The right ending with another answer."""
    return lambda case: replace(case.right, answer=change(case.right.answer))


def written(change: Callable[[str], str]) -> Change:
    """The right ending with other texts in the files."""
    return lambda case: replace(case.right, files={path: change(text or "") for path, text in case.right.files.items()})


def numbered(answer: str) -> str:
    return "\n".join(f"{at}. **{each}**" for at, each in enumerate(answer.split(", "), 1))


def in_a_table(answer: str) -> str:
    rows = re.findall(r"- (\w+): (\d+) rows", answer)
    return "\n".join(["| table | rows |", "|---|---|", *(f"| `{name}` | {count} |" for name, count in rows)])


def numbers_first(answer: str) -> str:
    rows = re.findall(r"- (\w+): (\d+) rows", answer)
    return f"There are {len(rows)} tables: " + ", ".join(f"{count} rows in {name}" for name, count in rows) + "."


def half_day(answer: str) -> str:
    hour, minute = map(int, re.findall(r"(\d+):(\d+)", answer)[0])
    return f"That is {hour % 12 or 12}:{minute:02} {'p.m.' if hour >= 12 else 'a.m.'} there."


def one_more_fact(case: Case) -> Done:
    known = case.right.entities[0]
    return replace(
        case.right, entities=(Entity(known.name, "person", (*known.observations, "moved close to the station")),)
    )


def untyped(text: str) -> str:
    rows = [{key.upper(): str(value) for key, value in row.items()} for row in json.loads(text)]
    return json.dumps(rows)


def saturday_by_clock(answer: str) -> str:
    (a, b), (c, d) = re.findall(r"(\d+):(\d+)", answer)
    return f"Saturday: from {a}:{b} a.m. to {int(c) - 12}:{d} p.m."


RIGHT: list[tuple[str, Change]] = [
    ("names-in-order", told(numbered)),
    ("names-in-order", told(lambda answer: f"Sure! Here they are:\n\n{answer}\n\nHave a good party!")),
    ("what-is-in-here", told(lambda answer: answer.replace("- ", "* `").replace("\n", "`\n"))),
    ("what-is-in-here", told(lambda answer: answer.replace("- archive (folder)", ""))),
    ("hello-file", written(lambda text: text.strip())),
    ("what-eats-the-disk", told(lambda answer: f"**{answer.split()[4]}** is the biggest one.")),
    ("what-eats-the-disk", told(lambda answer: answer.split()[4])),
    ("look-into-the-lease", told(lambda answer: answer.replace(",", "").replace(".00", ""))),
    ("look-into-the-lease", told(lambda answer: answer.replace(",", "'").replace(".00", ".–"))),
    ("erledigt", written(lambda text: text.rstrip("\n"))),
    ("contacts-as-json", written(untyped)),
    ("which-recipe-uses", told(lambda _: "I looked at all five recipes; no recipe uses it.")),
    ("which-recipe-uses", told(lambda _: "Your recipes don't contain that ingredient.")),
    ("backup-first", written(lambda text: text.rstrip("\n"))),
    ("project-folders", written(lambda text: text.rstrip("\n"))),
    ("whom-nobody-knows", told(lambda _: "The person was not found in the database.")),
    ("whom-nobody-knows", told(lambda _: "The query gave an empty result, so I have no number to give you.")),
    ("whom-nobody-knows", told(lambda _: "I couldn't find any customer with that name.")),
    ("what-the-database-has", told(in_a_table)),
    ("what-the-database-has", told(numbers_first)),
    ("who-bought-most", written(lambda text: f"Best customer: {text.upper()}")),
    ("what-not-to-cook", told(lambda answer: answer.upper())),
    ("a-friend-has-moved", one_more_fact),
    ("call-at-a-good-hour", told(half_day)),
    ("when-is-the-call-here", told(half_day)),
    ("open-on-saturday", told(saturday_by_clock)),
    ("commit-if-any", told(lambda _: "The working tree is clean.")),
    ("commit-if-any", told(lambda _: "No, everything is committed already. I made no commit.")),
    ("what-was-new-lately", written(lambda text: "# Changelog\n\n" + text.replace("- ", "").lower())),
    ("only-the-contact-page", told(lambda _: "The commit was made; prices.html is left as it was.")),
]
WRONG: list[tuple[str, Change]] = [
    ("what-is-in-here", told(lambda answer: answer.replace("- ", "- my-", 1))),
    ("look-into-the-lease", told(lambda answer: answer.replace("CHF ", "CHF 1"))),
    ("which-recipe-uses", told(lambda answer: answer.replace("None", "All"))),
    ("project-folders", written(lambda text: text.replace("# ", ""))),
    ("a-friend-has-moved", lambda case: replace(case.right, files={"mail/bank.txt": ""})),
    ("new-books-arrived", lambda case: replace(case.right, sql=case.right.sql + "create table t (x);")),
    ("commit-if-any", told(lambda _: "The changes have been committed successfully, nothing else is left.")),
    ("what-was-new-lately", written(lambda text: text + "- and more\n")),
]


@pytest.mark.parametrize("seed", [1, 4])
@pytest.mark.parametrize(("name", "change"), RIGHT, ids=[f"{name}-{at}" for at, (name, _) in enumerate(RIGHT)])
def test_what_is_right_may_have_another_form(name: str, change: Change, seed: int, tmp_path: Path) -> None:
    case = TASKS[name].case(seed)
    assert faults(case, change(case), tmp_path / "w") == []


@pytest.mark.parametrize("seed", [1, 4])
@pytest.mark.parametrize(("name", "change"), WRONG, ids=[f"{name}-{at}" for at, (name, _) in enumerate(WRONG)])
def test_what_is_nearly_right_is_not(name: str, change: Change, seed: int, tmp_path: Path) -> None:
    case = TASKS[name].case(seed)
    assert faults(case, change(case), tmp_path / "w")


@pytest.mark.parametrize(
    ("text", "none"),
    [
        ("No such customer.", True),
        ("The result is empty.", True),
        ("She is not listed.", True),
        ("I do not have access to the database, so there is no data.", False),
        ("The number is 12.", False),
    ],
)
def test_that_there_is_none_is_told_in_many_ways_and_never_by_who_could_not_look(text: str, none: bool) -> None:
    assert (tells_none("customers?")(Ending(State(), State(), text)) == []) == none
