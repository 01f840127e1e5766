"""Judges' words, figures and the page of the real models."""

import re
from pathlib import Path
from typing import Any

import pytest

from real_models import report
from real_models.clauses import never_claims, settles_on
from real_models.judging import admits, contains, names_those, picks, says, says_duration, says_none, says_time
from real_models.meter import read_reply
from real_models.summary import Figures, cells
from real_models.world import Ending, State


def row(**more: Any) -> dict[str, Any]:
    """A row of a completed task."""
    plain = {
        "arm": "lmbridge",
        "model": "m-instruct-q4_k_m",
        "sha256": "0" * 64,
        "task": "t",
        "kind": "k",
        "half": "held-out",
        "calls": 1,
        "seed": 1,
        "completed": True,
        "warned": False,
        "warnings": [],
        "done_wrong": False,
        "silent": False,
        "honest": False,
        "limit": None,
        "status": "done",
        "stop_reason": "answered",
        "rounds": 2,
        "cpu_s": 10.0,
        "evaluated": 100,
        "cached": 50,
        "made": 20,
        "wall_s": 12.0,
        "versions": {"lmbridge": "0.2.0"},
        "settings": {},
        "temperatures": [0.0],
        "day": "2026-11-28",
    }
    return {**plain, **more}


@pytest.mark.parametrize(
    ("text", "value", "there"),
    [
        ("It is 1,234 francs.", "1234", True),
        ("It is 1234.00 francs.", "1234", True),
        ("It is 12345.", "1234", False),
        ("It is 41234.", "1234", False),
        ("It is 12.5.", "12", False),
        ("It is 12. Really.", "12", True),
        ("costs -5 degrees", "5", False),
        ("NORA  keller", "Nora Keller", True),
        ("notes2.txt", "notes.txt", False),
        ("in `notes/misc.txt`", "misc.txt", True),
    ],
)
def test_a_value_counts_only_as_a_word_of_its_own(text: str, value: str, there: bool) -> None:
    assert contains(text, value) is there
    assert (says(value)(Ending(State(), State(), text)) == []) is there


@pytest.mark.parametrize(
    ("text", "hour", "minute", "right"),
    [
        ("It is 08:30 there.", 8, 30, True),
        ("8:30 AM", 8, 30, True),
        ("8:30 PM", 8, 30, False),
        ("7:30 p.m.", 19, 30, True),
        ("2026-01-02T19:30:00+05:30", 19, 30, True),
        ("18:30", 8, 30, False),
    ],
)
def test_times_of_day_are_read_in_every_usual_way(text: str, hour: int, minute: int, right: bool) -> None:
    assert (says_time(hour, minute)(Ending(State(), State(), text)) == []) is right


@pytest.mark.parametrize(
    ("text", "hours", "minutes", "right"),
    [
        ("7 hours and 30 minutes", 7, 30, True),
        ("It takes 7.5 hours.", 7, 30, True),
        ("7h30", 7, 30, True),
        ("450 minutes", 7, 30, True),
        ("17 hours 30 minutes", 7, 30, False),
        ("7 hours", 7, 30, False),
        ("7 hours.", 7, 0, True),
        ("7 hours 0 minutes", 7, 0, True),
        ("7 hours 20 minutes", 7, 0, False),
    ],
)
def test_lengths_of_time_are_read_in_every_usual_way(text: str, hours: int, minutes: int, right: bool) -> None:
    assert (says_duration(hours, minutes)(Ending(State(), State(), text)) == []) is right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("a.txt", True),
        ("The largest is a.txt (9 kB), then comes b.txt.", True),
        ("b.txt has 3 kB. The largest one is a.txt.", True),
        ("a.txt is big, but the largest is b.txt.", False),
        ("b.txt is the largest.\na.txt comes next.", False),
        ("b.txt, a.txt", False),
        ("The largest one.", False),
    ],
)
def test_what_an_answer_picks_is_what_stands_by_the_claim(text: str, right: bool) -> None:
    assert (picks("a.txt", ["b.txt"], "largest")(Ending(State(), State(), text)) == []) is right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Nora and Hugo.", True),
        ("Nora Haas and Hugo Sato own a car, Mira does not.", True),
        ("Nora: owns a car\nHugo: owns a car\nMira: goes by bike", True),
        ("These own a car:\n- Nora\n- Hugo", True),
        ("Nora, Hugo, Mira", False),
        ("These own a car:\n- Nora\n- Hugo\n- Mira", False),
        ("Nora owns a car, Hugo does not.", False),
        ("Nora owns a car.", False),
        ("None of Nora, Hugo and Mira is known.", False),
    ],
)
def test_who_is_named_as_having_something_is_read_by_sentence(text: str, right: bool) -> None:
    judge = names_those(["Nora Haas", "Hugo Sato"], ["Mira Rossi"], r"\bcar\b")
    assert (judge(Ending(State(), State(), text)) == []) is right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("There is no price for students.", True),
        ("The page does not mention students.", True),
        ("Students pay 9 euros.", False),
        ("I can't access that page.", False),
        ("I could not open the page.", False),
    ],
)
def test_saying_that_there_is_none_is_more_than_not_having_looked(text: str, right: bool) -> None:
    judge = says_none("prices?|tickets?", "(?:mention|list|give)")
    assert (judge(Ending(State(), State(), text)) == []) is right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("a.txt and b.txt", True),
        ("- a.txt\n- b.txt", True),
        ("You have c.txt, but a.txt and b.txt are missing.", True),
        ("c.txt is there, a.txt and b.txt are missing.", True),
        ("The missing files are a.txt, b.txt.", True),
        ("There:\n- c.txt\n\nMissing:\n- a.txt\n- b.txt", True),
        ("a.txt is missing. b.txt is missing too. c.txt is not missing.", True),
        ("a.txt is missing.", False),
        ("a.txt, b.txt, c.txt", False),
        ("Missing:\n- a.txt\n- b.txt\n- c.txt", False),
        ("a.txt, b.txt and c.txt are missing.", False),
        ("a.txt and b.txt are there, c.txt is missing.", False),
        ("Nothing is missing.", False),
    ],
)
def test_what_an_answer_settles_on_is_read_by_clause(text: str, right: bool) -> None:
    judge = settles_on(["a.txt", "b.txt"], ["c.txt"], "missing")
    assert (judge(Ending(State(), State(), text)) == []) is right


@pytest.mark.parametrize(
    ("text", "claimed"),
    [
        ("All files were moved.", True),
        ("There are none. The files were moved.", True),
        ("No files were moved.", False),
        ("0 files were moved.", False),
        ("The files were already moved.", False),
        ("There is nothing here.", False),
    ],
)
def test_a_claim_to_have_done_something_is_told_from_its_denial(text: str, claimed: bool) -> None:
    assert (never_claims("were (?:already )?moved")(Ending(State(), State(), text)) != []) is claimed


@pytest.mark.parametrize(
    "text",
    [
        "There is no file called budget-2031.txt.",
        "I could not find it.",
        "The folder does not exist.",
        "budget-2031.txt isn't there",
        "I was unable to read it",
        "No such customer.",
        "The table doesn't contain that name.",
    ],
)
def test_saying_that_something_is_not_there_is_noticed(text: str) -> None:
    assert admits(text)


@pytest.mark.parametrize("text", ["The total is 50000.", "Done, the file was written.", "I have noted it."])
def test_plain_claims_are_no_admission(text: str) -> None:
    assert not admits(text)


def test_a_reply_is_read_streamed_and_whole() -> None:
    stream = (
        b'data: {"choices":[{"delta":{"content":"Hel"}}]}\n\ndata: {"choices":[{"delta":{"content":"lo"}}]}\n\n'
        b'data: {"choices":[],"usage":{"prompt_tokens_details":{"cached_tokens":7}}}\n\ndata: [DONE]\n\n'
    )
    assert read_reply(stream) == ("Hello", 7)
    whole = b'{"choices":[{"message":{"content":null,"tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}}],"timings":{"cache_n":3}}'
    assert read_reply(whole) == ("call: f{}", 3)


def test_figures_count_what_the_words_say() -> None:
    wrong = {"completed": False, "done_wrong": True}
    rows = [
        row(),
        row(calls=3),
        row(**wrong, silent=True, calls=3),
        row(**wrong, silent=False, warned=True, honest=True),
        row(completed=False, honest=True, limit="deadline", cpu_s=30.0),
    ]
    figures = Figures.of(rows)
    assert (figures.tasks, figures.completed, figures.many, figures.many_completed) == (5, 2, 2, 1)
    assert (figures.silent, figures.warned_wrong, figures.honest, figures.limits) == (1, 1, 2, 1)
    assert figures.cpu_s == 14.0


@pytest.mark.parametrize(
    ("warnings", "generally"),
    [
        (["Unconfirmed: only the model's word stands for this. Check it."], True),
        (["q-0.5b has about 500 million parameters, too few to rely on: check what it says."], True),
        (["Unconfirmed: x.", "No profile of m was measured: a minute of `lmbridge qualify m` would show more."], True),
        (["Unconfirmed: x.", "The task names a.txt, and no call used it."], False),
        (["The answer says 'Unconfirmed: x'."], False),
    ],
)
def test_warnings_that_say_nothing_of_the_run_are_counted_apart(warnings: list[str], generally: bool) -> None:
    told = {"warned": True, "warnings": warnings}
    rows = [row(**told), row(completed=False, done_wrong=True, honest=True, **told), row()]
    figures = Figures.of(rows)
    assert (figures.warned_wrong, figures.right_warned) == (1, 1)
    assert (figures.wrong_generally, figures.right_generally) == (generally, generally)
    assert ("1 (1 unconfirmed only)" in cells(figures)) == generally


def test_an_arm_that_ran_few_tasks_is_shown_only_beside_the_others() -> None:
    rows = [row(task=f"t{number}") for number in range(25)]
    rows += [row(arm="plain", task="t3", completed=False), row(arm="plain", task="t4")]
    assert "| plain |" not in report.TABLES["held-out"](rows)
    beside = report.TABLES["side by side"](rows)
    assert "| m | plain | 2 | 1 / 2 | 0 / 0 | 10 / 10 | 100 / 100 | 20 / 20 |" in beside


@pytest.mark.parametrize("part", ["unseen", "fresh", "later", "workday", "everyday", "errands", "chores", "neighbours"])
def test_a_part_of_its_own_has_tables_of_its_own(part: str) -> None:
    begin, end = report.BEGIN, report.END
    page = "\n".join(f"{begin.format(name)}\n{end.format(name)}" for name in (part, f"{part} kinds", "held-out"))
    rows = [row(half=part, task=f"t{number}", kind="k1") for number in range(12)]
    told = report.filled(page, rows)
    assert "| m | lmbridge | 12 of 12 (100 %) |" in told.partition(end.format(part))[0]
    assert "| k1 | 12 of 12 |" in told
    assert report.NONE in told.partition(begin.format("held-out"))[2]


def test_the_page_s_tables_are_made_from_the_committed_rows(capsys: pytest.CaptureFixture[str]) -> None:
    assert report.report(check=True) == 0, capsys.readouterr().out
    page = report.DOCUMENT.read_text(encoding="utf-8")
    assert all(report.BEGIN.format(name) in page for name in report.TABLES)


def test_committed_rows_hold_no_path_of_a_machine() -> None:
    files = list(Path(report.RESULTS).glob("*.jsonl"))
    assert files
    for file in files:
        text = re.sub(r"/?tmp/realmodels/\w/home", "", file.read_text(encoding="utf-8"))  # the worlds' own place
        assert not [mark for mark in ("/home/", "/root/", "/work/", "/Users/") if mark in text], file.name
