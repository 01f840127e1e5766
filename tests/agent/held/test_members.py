"""Those that a graph links to the group which a task asks about, and answers that leave them out."""

from __future__ import annotations

import pytest

from agent.loop.test_quotes import found, told
from lmbridge.agent.held.members import members_left_out
from lmbridge.testing.scripted import tool

CHOIR = (
    "Greta Brandt (pessoa): chega sempre cedo\n"
    "Ines Lindqvist (pessoa): chega sempre cedo\n"
    "Jonas Novak (pessoa): toca flauta\n"
    "Luca Haas (pessoa): tem carro\n"
    "Paula Dubois (pessoa): chega sempre cedo\n"
    "Rafael Larsen (pessoa): faz bolos\n"
    "sopranos (naipe): faz parte do coro\n"
    "tenores (naipe): faz parte do coro\n"
    "contraltos (naipe): faz parte do coro\n"
    "Greta Brandt canta nos tenores\n"
    "Ines Lindqvist canta nos contraltos\n"
    "Rafael Larsen canta nos sopranos\n"
    "Paula Dubois canta nos sopranos\n"
    "Jonas Novak canta nos tenores\n"
    "Luca Haas canta nos sopranos"
)
ASKED = "Quero marcar um ensaio só para os sopranos do nosso coro. Podes ver na memória quais são as pessoas que cantam nesse naipe?"
LINES = [f"{name} canta nos sopranos" for name in ("Rafael Larsen", "Paula Dubois", "Luca Haas")]
NOTE = f"There it says: {'; '.join(map(repr, LINES))}. Name all of these."
FIRM = (
    "Tom Sato (person): speaks Danish; lives in Bern\n"
    "Eva Koch (person): owns a car\n"
    "Ina Graf (person): speaks Dutch\n"
    "Jon Weber (person): plays the cello\n"
    "Kranich (company): makes garden furniture\n"
    "Initech (company): delivers paper\n"
    "Tom Sato works at Kranich\n"
    "Eva Koch works at Kranich\n"
    "Ina Graf works at Kranich\n"
    "Jon Weber works at Initech\n"
    "Jon Weber leads Kranich\n"
    "Kranich delivers to Initech"
)
HELPERS = "Lena (helper): repairs radios; has time on Saturdays\nTom (helper): repairs lamps; has time on Mondays\nElin (helper): repairs bikes; has time on Saturdays"


@pytest.mark.parametrize(
    ("answer", "lacks"),
    [
        ("The sopranos are part of the coro.", "Rafael Larsen, Paula Dubois, Luca Haas"),
        ("Há três pessoas nos sopranos.", "Rafael Larsen, Paula Dubois, Luca Haas"),
        ("Greta Brandt e Jonas Novak.", "Rafael Larsen, Paula Dubois, Luca Haas"),
        ("Rafael Larsen e Paula Dubois.", "Luca Haas"),
        ("Rafael, Paula, Greta", "Luca Haas"),
    ],
)
@pytest.mark.parametrize(
    "task",
    [
        ASKED,
        f"Bom dia! {ASKED} Obrigado!",
        "Quem canta nos sopranos? Está na tua memória.",
        "lista dos sopranos do coro, da memória por favor, só os nomes",
    ],
)
def test_who_leaves_out_those_that_are_asked_for_is_told_all_their_lines(answer: str, task: str, lacks: str) -> None:
    warning = f"The answer does not name all of which a result says “canta nos sopranos”; it lacks “{lacks}”."
    assert members_left_out(answer, task, CHOIR) == (NOTE, warning)


@pytest.mark.parametrize(
    "answer",
    [
        "Cantam nos sopranos: Rafael Larsen, Paula Dubois, Luca Haas.",
        "Luca, Paula und Rafael",
        "larsen dubois haas",
        "Não encontrei ninguém que cante nos sopranos.",
        "Nobody is told.",
    ],
)
def test_who_names_all_or_denies_is_left_alone(answer: str) -> None:
    assert members_left_out(answer, ASKED, CHOIR) is None


@pytest.mark.parametrize(
    ("task", "predicate", "group", "nothing", "some"),
    [
        ("Who sings with the sopranos?", "sings with the", "sopranos", "They are part of the choir.", "Rafael and Luca"),
        ("Wer singt im Sopran?", "singt im", "Sopran", "Der Sopran gehört zum Chor.", "Rafael und Luca"),
        ("Wie heißen die Leute, die im Sopran singen?", "singt im", "Sopran", "Der Sopran gehört zum Chor.", "Rafael und Luca"),
        ("Qui chante chez les sopranos ?", "chante chez les", "sopranos", "Elles font partie du chœur.", "Rafael et Luca"),
        ("¿Quiénes cantan con las sopranos?", "canta con las", "sopranos", "Son parte del coro.", "Rafael y Luca"),
        ("Chi canta nei soprani?", "canta nei", "soprani", "I soprani fanno parte del coro.", "Rafael e Luca"),
    ],
)  # fmt: skip
def test_they_are_found_in_other_languages(task: str, predicate: str, group: str, nothing: str, some: str) -> None:
    graph = CHOIR.replace("canta nos", predicate).replace("sopranos", group)
    assert members_left_out(nothing, task, graph)
    assert members_left_out(some, task, graph)
    assert members_left_out(f"{some}, Paula", task, graph) is None


@pytest.mark.parametrize("answer", ["Tom Sato and Eva Koch.", "It makes garden furniture."])
@pytest.mark.parametrize(
    "task",
    [
        "Who works at Kranich?",
        "Who are the people at Kranich?",
        "List the people of Kranich, please.",
        "the names of all members of Kranich",
        "Tell me which people belong to Kranich",
        "Who is at Kranich?",
        "Which people at Kranich do you remember? Look into the knowledge graph.",
        "Hi! I want to invite Kranich. Can you look into your memory who works there?",
    ],
)
def test_words_of_a_predicate_or_for_members_ask_for_them(task: str, answer: str) -> None:
    assert members_left_out(answer, task, FIRM)


@pytest.mark.parametrize(
    ("answer", "task"),
    [
        ("Jon Weber", "Who leads Kranich?"),
        ("It makes garden furniture.", "Who leads Kranich?"),
        ("Jon Weber works at Kranich.", "Who works at Kranich?"),  # who is linked to it as well
        ("Tom Sato", "Who works at Kranich and speaks Danish?"),
        ("Eva Koch", "Which people working at Kranich can drive?"),
        ("Tom Sato", "Which of the people at Kranich lives in Bern?"),
        ("Tom Sato", "My aunt lives in Bern. Who works at Kranich?"),  # which may choose
        ("Tom Sato", "I need one person who works at Kranich."),
        ("Tom Sato", "Is there anybody who works at Kranich?"),
        ("Tom Sato, Eva Koch", "Name two people who work at Kranich"),
        ("Three people", "How many people work at Kranich?"),
        ("From 9 to 5", "When do the people work at Kranich?"),
        ("Jon Weber", "Who does not work at Kranich?"),
        ("Eva Koch, Ina Graf", "Who works at Kranich besides Tom Sato?"),
        ("Eva", "Who works with Tom Sato at Kranich?"),
        ("Yes", "Does Tom Sato work at Kranich?"),
        ("garden furniture", "What does Kranich make?"),
        ("Garden furniture.", "What do the people at Kranich make?"),
        ("It is good", "Tell me what people say of Kranich"),
        ("Tom Sato", "Nenn mir ein Mitglied von Kranich."),
        ("Tom Sato", "Which people of Kranich signed the letter?"),
        ("A company", "Who is Kranich?"),
        ("Tom Sato", "Who is the oldest of the people at Kranich?"),
        ("Tom Sato", "Who works at Kranich or delivers to it?"),
        ("Jon Weber", "Who works at Initech?"),  # there is one alone
        ("Jon Weber", "Who knows something about furniture at Kranich?"),
        ("Tom Sato", "Who works at Kranich? " + "I tell a long story. " * 100),
    ],
)
def test_other_questions_are_left_alone(answer: str, task: str) -> None:
    assert members_left_out(answer, task, FIRM) is None


def test_what_is_told_of_each_makes_a_group_where_the_task_says_all_of_it() -> None:
    assert members_left_out("Lena", "Who has time on Saturdays?", HELPERS)
    assert members_left_out("Lena and Elin", "Who has time on Saturdays?", HELPERS) is None
    assert members_left_out("Lena", "Who has time on Saturdays and repairs radios?", HELPERS) is None
    assert members_left_out("Lena", "Who can come on Saturdays?", HELPERS) is None


def test_lines_that_end_in_a_group_that_is_no_thing_of_its_own_count() -> None:
    graph = "\n".join(line for line in CHOIR.splitlines() if not line.startswith("sopranos"))
    assert members_left_out("They are part of the choir.", "Quem canta nos sopranos?", graph)


def test_who_is_asked_for_the_other_way_round_is_left_alone() -> None:
    graph = "Tom (p): x\nLena (p): y\nEva (p): z\nIna (p): q\nTom knows Lena\nEva knows Tom\nIna knows Tom"
    assert members_left_out("Lena", "Who does Tom know?", graph) is None


def test_another_result_that_tells_of_them_may_choose() -> None:
    task = "Who works at Kranich?"
    assert members_left_out("Tom Sato", task, FIRM, ["Staff: Tom Sato is in, Eva Koch is ill"]) is None
    assert members_left_out("Tom Sato", task, f"{FIRM}\n\nIna has left.") is None
    assert members_left_out("Tom Sato", task, FIRM, ["Tom Sato works at Kranich", "Lamps are dear."])


def test_many_members_and_lists_are_left_alone() -> None:
    names = [f"{first}{second}a" for first in "BCDFG" for second in "aeiou"]
    graph = "\n".join([*(f"{name} (person): x" for name in names), "Kranich (company): y", *(f"{name} works at Kranich" for name in names)])  # fmt: skip
    assert members_left_out("Baa", "Who works at Kranich?", graph) is None
    short = "\n".join(line for line in graph.splitlines() if line[0] in "BK")
    assert members_left_out("Baa", "Who works at Kranich?", short)
    assert members_left_out("Ann", "Who has time on Saturdays?", HELPERS.replace(" (helper)", "")) is None


@pytest.mark.parametrize("more", ["a" * 1_000_000, "a\n" * 1_000_000, "A (x)\n" * 300_000, "Tom Sato " * 100_000, "a (" * 300_000])  # fmt: skip
def test_no_text_keeps_it_busy(more: str) -> None:
    task = "Who works at Kranich?"
    assert members_left_out("Tom Sato", task, f"{FIRM}\n{more}") is None
    assert members_left_out(f"Tom Sato {more}", task, FIRM) is None
    assert members_left_out("Tom Sato", f"{task} {more}", FIRM) is None
    members_left_out("Tom Sato", task, FIRM, [more])


async def test_such_an_answer_goes_back_once_with_the_lines() -> None:
    graph = tool("read_graph", CHOIR, CHOIR, read_only=True, server="memory")
    wrong = found("The sopranos are part of the coro.", "sopranos (naipe): faz parte do coro")
    right = found("Rafael Larsen, Paula Dubois, Luca Haas.", *LINES)
    run, model = await told(ASKED, [wrong, right], graph)
    assert NOTE in model.asked[1].last.content
    assert (run.report.status, run.report.answer) == ("done", right["answer"])
    run, model = await told(ASKED, [wrong, wrong, right], graph)
    assert run.report.answer.startswith(wrong["answer"])
    assert len(model.asked) == 2
    assert any("it lacks “Rafael Larsen, Paula Dubois, Luca Haas”" in warning for warning in run.report.warnings)


async def test_lines_that_stand_behind_an_answer_say_them() -> None:
    graph = tool("read_graph", CHOIR, CHOIR, read_only=True, server="memory")
    run, model = await told(ASKED, [found("Parte do coro são estas pessoas.", *LINES)], graph)
    assert (run.report.answer, len(model.asked)) == ("\n".join(["Parte do coro são estas pessoas.", *LINES]), 1)
