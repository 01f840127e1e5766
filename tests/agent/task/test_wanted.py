"""Whether a task wants a change, and whether it wants something gone: what only sounds so is neither."""

from __future__ import annotations

import pytest

from lmbridge.agent.task.orders import asks_for_change, takes_away, wants_change


@pytest.mark.parametrize(
    "task",
    [
        "Which files in /a were deleted last week",
        "Who must pay according to /a.md",
        "I need to know the price in /a.csv",
        "Wer soll laut /plan.md den Kuchen mitbringen",
        "Ich muss wissen, wie viele Zeilen /a.csv hat",
        "Quelle est la marque de la voiture dans /a.md",
        "Je dois savoir combien de lignes a /a.csv",
        "La marca del coche de Ida según /a.md",
        "Cuánto debe pagar Ida",
        "Quale deve essere il totale",
        "Quero saber quem deve pagar segundo /a.md",
    ],
)
def test_a_question_without_its_mark_wants_no_change(task: str) -> None:
    assert not wants_change(task)


@pytest.mark.parametrize(
    ("task", "gone"),
    [
        ("Ida borrowed two books, add it to the loans", False),
        ("Set booking 5 to cancelled", False),
        ("Don't forget to add milk to /a.md", False),
        ("Vergiss nicht, Milch einzutragen", False),
        ("N'oublie pas d'ajouter du lait", False),
        ("Add rice, and don't delete anything", False),
        ("Add the drop-off at 10", False),
        ("Add Ida, retirement in 2040", False),
        ("Don't forget to remove the old ones from /a.md", True),
        ("Lösche Ida", True),
        ("Forget Ida", True),
        ("Cancella la riga di Ida", True),
        ("Borra a Ida", True),
        ("Supprime Ida", True),
        ("Apaga a Ida", True),
    ],
)
def test_what_is_to_go_is_told_from_what_only_sounds_so(task: str, gone: bool) -> None:
    assert wants_change(task)
    assert takes_away(task) is gone


@pytest.mark.parametrize(
    ("task", "change"),
    [
        ("De qué color es el coche de Ida", False),
        ("La barre la plus longue", False),
        ("La marque de la voiture", False),
        ("Coche la case lait dans /a.md", True),
        ("Marque-les dans /a.md", True),
        ("Barre le lait dans /a.md", True),
    ],
)
def test_cars_bars_and_makes_are_no_orders(task: str, change: bool) -> None:
    assert asks_for_change(task) is change


@pytest.mark.parametrize("task", ["add" + " " * 4000 + "x", "a." * 2000, "add a" + "\t" * 4000, "words " * 200_000])
def test_long_and_odd_tasks_are_no_trouble(task: str) -> None:
    assert isinstance(wants_change(task), bool)
    assert not takes_away(task)
