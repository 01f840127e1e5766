"""The judges of the chores: what is right stays right in other words and forms, and other wrong endings stay wrong."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import real_models.tasks  # noqa: F401  (fills the registry)
from real_models.registry import TASKS
from real_models.tasks.chores_services import clocked
from real_models.values import date_named
from real_models.world import Case, Done, Ending, Entity, Place

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

    def changed(case: Case) -> Done:
        files = {path: text and change(text) for path, text in case.right.files.items()}
        return replace(case.right, files=files)

    return changed


def half_day(text: str) -> str:
    def half(hit: re.Match[str]) -> str:
        hour = int(hit[1])
        return f"{hour % 12 or 12}:{hit[2]} {'p.m.' if hour >= 12 else 'AM'}"

    return re.sub(r"(\d+):(\d\d)", half, text)


def iso(text: str) -> str:
    months = ["January", "February", "March", "April", "May", "June", "July"]
    pattern = r"(\d+) (\w+) (\d{4})"
    return re.sub(pattern, lambda hit: f"{hit[3]}-{months.index(hit[2]) + 1:02}-{int(hit[1]):02}", text)


def in_words(text: str) -> str:
    return re.sub(r"\d{4}-\d\d-\d\d", lambda hit: f"{date.fromisoformat(hit[0]):%B %d, %Y}", text)


def thousands(text: str) -> str:
    return re.sub(r"(\d+) km", lambda hit: f"{int(hit[1]):,} km", text)


def as_trades(case: Case) -> Done:
    """The people as nodes whose kind is the trade, the numbers without blanks."""
    nodes = []
    for node in case.right.entities:
        number = re.sub(r"\D", "", node.observations[1])
        nodes.append(Entity(node.name.replace(" ", "_"), node.observations[0].split()[-1], (f"phone: {number}",)))
    return replace(case.right, entities=tuple(nodes))


def switched(case: Case) -> Done:
    """The branch is made and gone to."""
    return replace(case.right, git=(*case.right.git[:2], ("switch", "-q", "-c", case.right.git[2][1])))


def beside(case: Case) -> Done:
    return replace(case.right, git=(*case.right.git, ("branch", "another")))


RIGHT: list[tuple[str, Change]] = [
    ("glasses-of-punch", told(lambda answer: f"5 per litre. **{answer}**")),
    ("livros-por-ler", told(lambda answer: re.findall(r"\d+", answer)[0])),
    ("done-to-the-car", told(in_words)),
    ("done-to-the-car", told(thousands)),
    ("books-of-one-author", told(lambda answer: answer.upper().replace("\n- ", ", "))),
    ("night-temperature", told(lambda answer: answer.partition(" is already")[0] + re.sub(r".*?(\d+) .*", r" was \1.", answer))),
    ("night-temperature", told(lambda _: "No change was needed; the file has that value.")),
    ("nog-twee-dingen", written(lambda text: text.rstrip("\n"))),
    ("dearer-this-year", told(lambda answer: answer.replace("more expensive", "another price").replace(".", ","))),
    ("dearer-this-year", told(lambda answer: f"{answer}\n\nAll other items are unchanged.")),
    ("another-version", written(lambda text: text + "\n")),
    ("tools-overdue", told(lambda answer: answer.replace("\n- ", ", ").replace("overdue:,", "overdue:").title())),
    ("stars-on-average", told(lambda answer: answer.replace(".5", ".50"))),
    ("everybody-signed-up", told(lambda _: "Nobody had to be added; each of them is a member.")),
    ("everybody-signed-up", told(lambda _: "There are no new people in the file, so nothing was inserted.")),
    ("who-has-it", told(lambda _: "I couldn't find any record of who has it.")),
    ("who-has-it", told(lambda _: "My memory doesn't say to whom you lent it.")),
    ("plumber-and-electrician", as_trades),
    ("gift-ideas", written(lambda text: "# Gift ideas\n\n- " + text.strip().replace("\n", "\n- "))),
    ("gift-ideas", written(lambda text: "".join(f"gift idea: {line}\n" for line in text.splitlines()))),
    ("ferry-after", told(half_day)),
    ("ferry-after", told(lambda answer: f"{answer} The one after that is not far either.")),
    ("collection-days", written(iso)),
    ("collection-days", written(lambda text: "# Days\n\n- " + text.strip().replace("\n", "\n- "))),
    ("files-of-that-commit", told(lambda answer: "Files:\n- " + "\n- ".join(re.findall(r"\w+\.\w+", answer)))),
    ("keep-this-state", switched),
    ("credits-of-the-site", written(lambda text: "# Credits\n\n" + text.rstrip("\n"))),
    ("start-of-the-webinar", written(lambda text: text.rstrip("\n"))),
    ("start-of-the-webinar", written(lambda text: "\n".join([*text.splitlines()[:-1], half_day(text.splitlines()[-1])]))),
    ("take-off-for-my-sister", told(half_day)),
]  # fmt: skip
WRONG: list[tuple[str, Change]] = [
    ("done-to-the-car", told(lambda answer: answer.replace("km", "").replace("20", "19"))),
    ("night-temperature", told(lambda _: "I changed it as you wanted.")),
    ("nog-twee-dingen", written(lambda text: text.replace("# Kamperen", "# Lijst"))),
    ("another-version", written(lambda text: text.replace("sugar", "honey"))),
    ("film-diary", lambda case: replace(case.right, sql=case.right.sql + "create table t (x);")),
    ("plumber-and-electrician", lambda case: replace(case.right, entities=case.right.entities[1:])),
    ("collection-days", written(lambda text: iso(text).replace("2026", "2025"))),
    ("keep-this-state", beside),
    ("credits-of-the-site", written(lambda text: text + text)),
    ("start-of-the-webinar", written(lambda text: text + "Bring a saw\nand gloves\n")),
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
    ("text", "named"),
    [
        *((way, True) for way in ("2026-03-05", "5.3.2026", "05/03/2026", "3/5/2026", "5 March 2026", "Mar 5th", "5th of March")),
        *((way, False) for way in ("2026-03-15", "15.3.2026", "5 March 2025", "25 March", "5 May 2026", "March 50")),
    ],
)  # fmt: skip
def test_a_day_is_read_in_every_usual_form(text: str, named: bool) -> None:
    assert bool(date_named(date(2026, 3, 5)).search(f"It is on {text}.")) == named


def test_times_of_day_are_read_by_either_clock() -> None:
    assert clocked("8.05, 8:05 p.m., 12:10 AM, 12h10") == "08:05, 20:05, 00:10, 12:10"
