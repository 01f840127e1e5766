"""Whether a task wants a change, and whether it wants something gone: what only sounds so is neither."""

from __future__ import annotations

import pytest

from lmbridge.agent.task.orders import asks_for_change, ordered_places, orders_change, takes_away, wants_change


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


@pytest.mark.parametrize(
    "task",
    [
        "add" + " " * 4000 + "x",
        "a." * 2000,
        "add a" + "\t" * 4000,
        "words " * 200_000,
        "(" * 100_000,
        "/a.txt (remove it there) " * 40_000,
    ],
)
def test_long_and_odd_tasks_are_no_trouble(task: str) -> None:
    assert isinstance(wants_change(task), bool)
    assert takes_away(task) is ("remove" in task)
    assert isinstance(ordered_places(task), list)


@pytest.mark.parametrize(
    ("task", "places"),
    [
        ("1. copy /a/b.ini to /a/b.bak\n2. in /a/b.ini set language = en", ["/a/b.ini"]),
        ("In der Datei /x/a.txt ersetze Hund durch Katze.", ["/x/a.txt"]),
        ("/x/shopping.md: add oat milk", ["/x/shopping.md"]),
        ("Could you add milk to /x/list.md?", ["/x/list.md"]),
        ("Delete /x/a.txt and write ok into /x/done.txt", ["/x/done.txt"]),
        ("Write the number into /x/n.txt. Do not write into /x/a.txt.", ["/x/n.txt"]),
        ("If it rains, add an umbrella to /x/l.txt", []),
        ("Move the photos from /x to /y", []),
        ("In /x/a.txt, what is the total?", []),
        ("In /x/a.txt change is a frequent word; how often does it stand there?", []),
        ("In /x/a.txt there are prices.", []),
    ],
)
def test_the_places_at_which_a_change_is_ordered(task: str, places: list[str]) -> None:
    assert [place for place, _ in ordered_places(task)] == places


FIRST = "/x/list.txt"


@pytest.mark.parametrize(
    "task",
    [
        f"/x/plots.txt: plot 4 -> whoever is first in {FIRST} (and remove the name there)",
        f"/x/plots.txt: plot 4 -> whoever is first in {FIRST}; remove the name there.",
        f"Give plot 4 in /x/plots.txt to whoever is first in {FIRST} and remove the name there, please.",
        f"In /x/plots.txt set plot 4 to who is first in {FIRST}, then cross the name off there.",
        f"Trag in /x/beete.txt ein, wer in {FIRST} zuerst kommt (und streiche den Namen dort).",
        f"Trag in /x/beete.txt ein, wer in {FIRST} zuerst kommt, und den Namen dort löschen.",
        f"/x/p.txt: parcelle 4 -> le premier de {FIRST} (et supprime le nom là)",
        f"/x/p.txt: parcela 4 -> el primero de {FIRST} (y borra el nombre allí)",
        f"/x/p.txt: lotto 4 -> il primo di {FIRST} (e cancella il nome lì)",
        f"/x/p.txt: lote 4 -> o primeiro de {FIRST} (e apaga o nome lá)",
    ],
)
def test_an_order_to_take_something_away_points_back_to_the_place_named_last(task: str) -> None:
    assert FIRST in [place for place, _ in ordered_places(task)]


@pytest.mark.parametrize(
    "task",
    [
        f"Write into /x/b.txt what {FIRST} says, and add the date there.",
        f"Read the totals of {FIRST}, write them into /x/b.txt and remove the old ones there.",
        f"/x/plots.txt: plot 4 -> first of {FIRST} (don't remove the name there)",
        f"/x/plots.txt: plot 4 -> first of {FIRST} (there is one name to remove)",
        f"/x/plots.txt: plot 4 -> first of {FIRST} (check who is there)",
        f"If there is a name in {FIRST}, remove it there.",
        f"Tell me who is in {FIRST}, and whom I should remove there.",
    ],
)
def test_where_nothing_is_taken_away_nothing_points_back(task: str) -> None:
    assert FIRST not in [place for place, _ in ordered_places(task)]


@pytest.mark.parametrize(
    ("task", "orders"),
    [
        ("table products: price of “oat biscuits” = 4.25", True),
        ("tabla productos: precio de «Galletas de avena» = 4,25", True),
        ("/x/app.ini: theme = dark", True),
        ("In /x/a.txt replace cat with dog.", True),
        ("/x/horario.txt: lunes -> 15:30-19:00, lo demás igual", True),
        ("Le parapluie est rendu. Peux-tu mettre son statut à 'rendu' dans la table objets ?", True),
        ("The name is Tilda Larsen. Would you note that in your memory?", True),
        ("Ändere es in /x/a.txt.", True),
        ("Add can openers and war films to /x/list.txt", True),
        ("Puoi guardare nel verbale /x/a.txt e dirmi quanti erano a favore?", False),
        ("Guarda la lista en /x/a.txt", True),
        ("/x/ferry.txt: Altnau -> Seeburg, the next after 11:30", False),
        ("Note that in the list /x/a.txt the prices are old. What does tea cost?", False),
        ("Notes in the folder /x about bees", False),
        ("Please note this in your memory.", True),
        ("Note that the prices in /x/a.txt are old. What does tea cost?", False),
        ("table products: is the price of tea = 4?", False),
        ("table products: which have price >= 4", False),
        ("Solve x: 2x + 3 = 7", False),
        ("Change is hard to see in /x/a.txt.", False),
        ("Mark has five apples, says /x/a.txt.", False),
    ],
)
def test_an_assignment_orders_a_change_without_a_verb_and_a_sentence_about_a_verb_orders_none(
    task: str, *, orders: bool
) -> None:
    assert orders_change(task) is orders
