"""Polite questions that ask for a change are orders; all other questions stay questions."""

from __future__ import annotations

import pytest

from lmbridge.agent.task.orders import as_orders, asks_to_know, ends_asking_to_know, orders_change


@pytest.mark.parametrize(
    "task",
    [
        "can you grab just the ingredients from http://x.test/a.html and put them in /r/crepes.txt? one per line",
        "The rope has a new price, see http://x.test/a.html. can you put the new one into our products table? only that",
        "there is a letter in /scans. could you please rename it to dentist.txt?",
        "Would you kindly delete /old.txt?",
        "Would you mind renaming /a.txt to b.txt?",
        "Can you remember that Oskar has a dog?",
        "i have a parcel for Nora, can you make the label /labels/larsen.txt? name and street. the address is in your memory",
        "Kannst du bitte den Bericht /b.md erstellen?",
        "ciao! mi metti anche latte d'avena sulla lista della spesa? \u00e8 in /liste/spesa.md",
        "\u00bfme a\u00f1ades pan a /lista.txt?",
        "tu m'ajoutes du pain dans /liste.txt ?",
        "L\u00f6schst du bitte /alt.txt?",
        "Kannst du die Datei /a.txt bitte in b.txt umbenennen?",
        "K\u00f6nnten Sie mir das in /liste.txt eintragen?",
        "Peux-tu ajouter le pain \u00e0 /liste.txt, s'il te pla\u00eet ?",
        "Pourriez-vous remplacer le port dans /a.yaml ?",
        "\u00bfPuedes a\u00f1adir pan a /lista.txt?",
        "Potresti aggiungere il pane a /lista.txt?",
        "Voc\u00ea pode adicionar p\u00e3o em /lista.txt?",
    ],
)
def test_a_request_for_a_change_is_an_order(task: str) -> None:
    assert orders_change(task)
    assert not asks_to_know(task)
    assert not ends_asking_to_know(task)


@pytest.mark.parametrize(
    "task",
    [
        "can you tell me how many files are in /x?",
        "Could you list what was changed in /repo?",
        "Can I delete /x?",
        "Could you explain what update does in /a.py?",
        "Could you put it in simple words?",
        "can you add up all open invoices in /a.csv for me? need the total for the monthly call",
        "Can you add all of these numbers up?",
        "Can you put together what is in /h?",
        "Would you rather use tea or coffee?",
        "Can you remember what Oskar is allergic to?",
        "could you remember who leads Support?",
        "Peux-tu me dire ce qui a chang\u00e9 ?",
        "mi dici quanti file ci sono in /x?",
        "\u00bfme dices qu\u00e9 hay en /a.txt?",
        "Weisst du, was in /a.txt steht?",
        "tu sais ce qui est dans /a.txt ?",
        "Kannst du mir sagen, was in /a.txt steht?",
        "The script reads /a.txt and writes to /b.txt. What does it do?",
    ],
)
def test_other_questions_stay_questions(task: str) -> None:
    assert not orders_change(task)
    assert asks_to_know(task)


@pytest.mark.parametrize(
    "task",
    [
        "last 3 commit messages of /repo -> /reports/week.md, one per line",
        "totals of /a.csv \u2192 b.txt",
        "/lists/spesa.md: aggiungere latte d'avena",
        "Find the total in /a.csv and write it to /b.txt.",
        "Suche die Summe in /a.csv und schreibe sie in /b.txt.",
    ],
)
def test_orders_behind_a_place_an_arrow_or_another_order(task: str) -> None:
    assert orders_change(task)


@pytest.mark.parametrize(
    "task", ["Tell me how to clone and move it to /tmp/x", "It reads /a and writes /b.", "Sum up /a -> short"]
)
def test_what_only_looks_so(task: str) -> None:
    assert not orders_change(task)


def test_the_verb_of_a_german_request_comes_forward() -> None:
    assert as_orders("Kannst du die Datei in b.txt umbenennen?") == "umbenennen die Datei in b.txt."
    assert as_orders("What is it?") == "What is it?"
