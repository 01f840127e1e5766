"""A thing that lacks one of the traits which a task names, where another one has them all."""

from __future__ import annotations

import pytest

from agent.loop.test_quotes import found, told
from lmbridge.agent.held.traits import lacks_trait
from lmbridge.testing.scripted import tool

HELPERS = (
    "Tom Vogt (helper): repairs lamps; has time on Tuesdays\n"
    "Luca Okafor (helper): sharpens knives; has time on Thursdays\n"
    "Lena Keller (helper): repairs radios; has time on Saturdays\n"
    "Rafael Brandt (helper): repairs lamps; has time on Mondays\n"
    "Elin Rossi (helper): repairs bikes; has time on Saturdays\n"
    "Paula Ferreira (helper): repairs lamps; has time on Saturdays"
)
ASKED = (
    "Our next repair evening is on a Saturday, and I need one person who repairs lamps. "
    "You have all the helpers in your memory. Whom can I ask?"
)
RIGHT = "Paula Ferreira (helper): repairs lamps; has time on Saturdays"
LISTED = "Tom Vogt: repairs lamps, Tuesdays\nLena Keller: repairs radios, Saturdays\nRafael Brandt: repairs lamps, Mondays\nPaula Ferreira: repairs lamps, Saturdays"
PEOPLE = "Ina (person): lives in Lugano; speaks Danish\nTom (person): lives in Bern; speaks Dutch\nEva (person): lives in Chur; speaks Danish"
FIRM = "Tom Sato (person): speaks Danish\nIna Graf (person): speaks Dutch\nJon Weber (person): speaks Danish\nKranich (company): makes furniture\nInitech (company): delivers paper\nTom Sato works at Kranich\nIna Graf works at Kranich\nJon Weber works at Initech"


def test_what_is_told_of_the_thing_and_which_line_has_all_is_said() -> None:
    assert lacks_trait("Rafael Brandt can repair lamps on Saturdays.", ASKED, HELPERS) == (
        f"Of Rafael Brandt it says 'has time on Mondays', and the task says “Saturday”, “lamps”. This has all that the task says: '{RIGHT}'. Answer from this.",
        f"The answer names “Rafael Brandt”, of which a result tells “has time on Mondays”; “{RIGHT}” has all that the task says.",
    )


@pytest.mark.parametrize(
    ("answer", "task", "text"),
    [
        ("You can ask Tom Vogt.", "Who of our helpers can repair lamps and has time on Saturdays? Look into your memory, please.", HELPERS),
        ("Elin", "repair evening: need somebody who repairs lamps AND has time on Saturdays - who? (memory)", HELPERS),
        ("Luca Okafor", ASKED, HELPERS),  # who is told nothing of the same first words
        ("Rafael Brandt or Tom Vogt.", ASKED, HELPERS),
        ("Elin Rossi", "Who can sew and has time on Saturdays?", HELPERS.replace("repairs lamps", "sews")),
        ("Rafael Brandt", "Which one from our helpers repairs lamps and has time on a Saturday?", HELPERS),
        ("Rafael Brandt", ASKED, LISTED),
        ("Rafael Brandt", ASKED, "# Helpers\n\n- " + LISTED.replace("\n", "\n- ")),
        ("Rafael Brandt", ASKED, "1. **" + LISTED.replace("\n", "\n2. **").replace(":", ":**")),
        ("Rafael Brandt", ASKED, LISTED.replace(":", " -")),
        ("Tom lives in Lugano.", "Who of my friends lives in Lugano?", PEOPLE),
        ("Tom", "do you remember anybody who speaks Danish?", PEOPLE),
        ("Hugo", "which of them owns a car?", "Ina (person): owns a car\nHugo (person): travels by train\nTom (person): rides a bike"),
        ("Paris", "Where is it sunny?", "Rome: sunny\nParis: rain\nMilan: rain\nLyon: sunny"),
        ("Ina Graf", "I need somebody who works at Kranich and speaks Danish. Who?", FIRM),
        ("Jon Weber", "I need somebody who works at Kranich and speaks Danish. Who?", FIRM),
        ("Rafael Brandt", "I need a Brandt who repairs lamps on a Saturday. Who?".replace("a Brandt", "one person"), HELPERS.replace("Paula Ferreira", "Paula Brandt")),
    ],
)  # fmt: skip
def test_a_thing_without_a_trait_of_the_task_is_found(answer: str, task: str, text: str) -> None:
    assert lacks_trait(answer, task, text)


LANGUAGES = [
    ("Helfer", "repariert Lampen", "repariert Radios", ["hat dienstags Zeit", "hat samstags Zeit", "hat montags Zeit"],
     "Unser nächster Reparaturabend ist an einem Samstag, und ich brauche jemanden, der Lampen repariert. Wen kann ich fragen?", "Du kannst {} fragen."),
    ("aide", "répare des lampes", "répare des radios", ["libre le mardi", "libre le samedi", "libre le lundi"],
     "Notre soirée tombe un samedi et je cherche une personne qui répare les lampes. À qui puis-je demander ?", "Vous pouvez demander à {}."),
    ("ayudante", "repara lámparas", "repara radios", ["tiene tiempo los martes", "tiene tiempo los sábados", "tiene tiempo los lunes"],
     "¿Quién de nuestros ayudantes puede reparar una lámpara y tiene tiempo el sábado?", "{} repara lámparas."),
    ("aiutante", "ripara lampade", "ripara radio", ["ha tempo il martedì", "ha tempo il sabato", "ha tempo il lunedì"],
     "Chi può riparare una lampada e ha tempo di sabato?", "Può farlo {}."),
    ("ajudante", "repara candeeiros", "repara rádios", ["tem tempo às terças-feiras", "tem tempo aos sábados", "tem tempo às segundas-feiras"],
     "O encontro é no sábado e preciso de uma pessoa que repare um candeeiro. Quem posso chamar?", "A pessoa é {}, no sábado."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "does", "other", "days", "task", "answer"), LANGUAGES)
def test_it_is_found_in_other_languages(
    kind: str, does: str, other: str, days: list[str], task: str, answer: str
) -> None:
    traits = [("Tom", does, days[0]), ("Lena", other, days[1]), ("Rafael", does, days[2]), ("Paula", does, days[1])]
    graph = "\n".join(f"{name} ({kind}): {one}; {two}" for name, one, two in traits)
    off = lacks_trait(answer.format("Rafael"), task, graph)
    assert off
    assert f"'{days[2]}'" in off[0]
    assert "Paula (" in off[0]
    assert lacks_trait(answer.format("Lena"), task, graph)
    assert lacks_trait(answer.format("Paula"), task, graph) is None


@pytest.mark.parametrize(
    "task",
    [
        "Which of my helpers repairs lamps, but not on Saturdays?",
        "Who repairs lamps on any day other than Saturday?",
        "I need my lamp repaired by Saturday. Who repairs lamps?",
        "Who repairs lamps on a Saturday or a Monday?",
        "¿Quién repara lamps Saturdays o Mondays?",
        "Can Rafael Brandt repair lamps on Saturdays?",
        "What does Rafael do on Saturdays with lamps?",
        "Compare Tom Vogt and Rafael Brandt: who repairs lamps on Saturdays?",
        "Who repairs lamps?",
        "I have time on Saturdays. Who repairs lamps?",
        "The evening before Saturday I want a lamp repaired: who can do it?",
        "Which helper for lamps can come instead of Saturday?",
        "Wer repariert lamps, aber nicht am Saturday?",
        "Last Saturday my lamp broke. Who repairs lamps?",
        "On Saturday I am away. Who repairs lamps?",
        "Who is nearest and repairs lamps on Saturdays?",
        "When is Saturday?",
        "Tell me something.",
        "Who repairs lamps on Saturdays? " + "I tell a long story. " * 100,
    ],
)
def test_what_is_not_plainly_wanted_or_asks_for_a_thing_itself_is_left_alone(task: str) -> None:
    assert lacks_trait("Rafael Brandt", task, HELPERS) is None


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("Paula Ferreira repairs lamps on Saturdays.", HELPERS),
        ("Ferreira", HELPERS),
        ("Paula Ferreira, or Rafael Brandt on Mondays", HELPERS),
        ("Nobody repairs lamps on Saturdays; Rafael Brandt has time on Mondays.", HELPERS),
        ("Rafael Brandt cannot.", HELPERS),
        ("Rafael Brandt repairs lamps on Mondays, Elin Rossi has time on Saturdays.", HELPERS),
        ("Rafael Brandt", f"{HELPERS}\nRafael Brandt has time on Saturdays"),
        ("Rafael Brandt", HELPERS.replace("on Mondays", "on Mondays; has time on Saturdays")),
        ("Rafael Brandt", HELPERS.replace("on Mondays", "on Mondays and Saturdays")),
        ("Rafael Brandt", HELPERS.replace(RIGHT, RIGHT.replace("lamps", "bikes"))),  # nobody has both
        ("Rafael Brandt", HELPERS.replace("has time on Mondays", "likes music")),  # of whom no day is told
        ("Tilda Novak", HELPERS),
        ("Rafael Brandt", "\n".join(HELPERS.splitlines()[3:4])),
        ("Rafael Brandt", "Rafael Brandt repairs lamps."),
        ("Rafael Brandt", f"{LISTED}\nTom Vogt: away"),  # a log, of which a name has several lines
    ],
)  # fmt: skip
def test_right_answers_and_those_that_compare_or_deny_stand(answer: str, text: str) -> None:
    assert lacks_trait(answer, ASKED, text) is None


@pytest.mark.parametrize(
    ("answer", "task", "text"),
    [
        ("Tom", "I live in Lugano. Who of my friends lives in the north?", PEOPLE),
        ("Tom", "My aunt lives in Lugano. Who speaks Dutch or Danish with her?", PEOPLE),
        ("Eva", "My aunt lives in Lugano. Who speaks Danish?", PEOPLE),
        ("Eva", "Ich wohne in Lugano. Wer spricht Danish?", PEOPLE.replace("speaks", "spricht").replace("lives", "lebt")),
        ("Eva", "Vivo en Lugano. ¿Quién habla danés?", PEOPLE.replace("speaks Danish", "habla danés").replace("lives", "vive")),
        ("Eva", "Moro em Lugano. Quem fala danês?", PEOPLE.replace("speaks Danish", "fala danês").replace("lives", "mora")),
        ("Eva lives in Chur.", "Does the one who speaks Danish live in Lugano?", PEOPLE),
        ("Eva", "Who speaks Danish? It need not be one who lives in Lugano.", PEOPLE),
        ("nginx", "The cache is stopped. Which service talks to it?", "nginx: running, web\nredis: stopped, cache\nworker: stopped, queue"),
        ("Tom", "I live in Lugano, who of my friends lives far from it?", PEOPLE),
        ("Tom", "Vivo in Lugano. Chi vive vicino?", PEOPLE.replace("lives", "vive")),
        ("Eva", "Who has the key of the house in Bern?", PEOPLE),
        ("Eva", "Who works in Bern?", PEOPLE.replace("speaks Dutch", "works in Bern").replace("lives in Chur", "works in Bern")),
        ("Milan", "It is sunny here. Which city has rain?", "Rome: sunny\nParis: rain\nMilan: rain\nLyon: sunny"),
        ("Hall B", "I need a hall with 120 seats. Which one?", "Hall A (hall): has 120 seats\nHall B (hall): has 200 seats\nHall C (hall): has 80 seats"),
        ("Hugo", "Quelle personne amène son enfant ?", "Ina (person): has a son\nHugo (person): has a daughter\nTom (person): has a dog"),
        ("Mira", "Whom in sales can I ask?", "Mira (staff): works in purchasing\nTom (staff): works in sales\nGreta (staff): works in sales"),
        ("Jon Weber", "Who leads the people that work at Kranich?", f"{FIRM}\nJon Weber leads Kranich"),
        ("Cem", "Who approves requests of people that work in sales?", "Anna: works in sales\nBob: works in sales\nCem: works in support\n\nRequests of the sales team go to Cem."),
        ("Jon Weber", "Who leads the people that work at Kranich?", FIRM.replace("makes furniture", "led by Jon Weber")),
    ],
)  # fmt: skip
def test_words_that_mean_something_else_choose_nothing(answer: str, task: str, text: str) -> None:
    assert lacks_trait(answer, task, text) is None


def test_another_result_that_tells_of_the_thing_may_say_more() -> None:
    assert lacks_trait("Rafael Brandt", ASKED, HELPERS, ["Swaps: Rafael comes on Saturday this time"]) is None
    assert lacks_trait("Rafael Brandt", ASKED, HELPERS, [HELPERS.splitlines()[3], "Lamps are dear."])


@pytest.mark.parametrize(
    "more",
    ["a" * 1_000_000, "a\n" * 1_000_000, "a: b\n" * 1_000_000, "a (" * 300_000, "ab - " * 200_000, "A (x): " + "b; " * 300_000],
)  # fmt: skip
def test_no_text_keeps_it_busy(more: str) -> None:
    assert lacks_trait("Rafael Brandt", ASKED, f"{HELPERS}\n{more}") is None
    assert lacks_trait(f"Rafael Brandt {more}", ASKED, HELPERS) is None
    assert lacks_trait("Rafael Brandt", f"{ASKED} {more}", HELPERS) is None
    assert lacks_trait("Rafael Brandt", ASKED, HELPERS, [more])


def test_long_lines_are_passed_over() -> None:
    lines = "\n".join(f"Tom Vogt {'a ' * 190}" for _ in range(80))
    assert lacks_trait("Rafael Brandt", ASKED, f"{HELPERS}\n{lines}\n{'x' * 5000}")


async def test_such_an_answer_goes_back_once_with_the_line_that_has_all() -> None:
    graph = tool("read_graph", HELPERS, HELPERS, read_only=True, server="memory")
    wrong = found(
        "Rafael Brandt can repair lamps on Saturdays.", "Rafael Brandt (helper): repairs lamps; has time on Mondays"
    )
    right = found("Paula Ferreira can repair lamps on Saturdays.", RIGHT)
    run, model = await told(ASKED, [wrong, right], graph)
    assert f"This has all that the task says: '{RIGHT}'. Answer from this." in model.asked[1].last.content
    assert (run.report.status, run.report.answer) == ("done", right["answer"])
    run, model = await told(ASKED, [wrong, wrong, right], graph)
    assert run.report.answer == wrong["answer"]
    assert any("has all that the task says" in warning for warning in run.report.warnings)
    assert len(model.asked) == 2


async def test_a_right_answer_goes_no_further() -> None:
    graph = tool("read_graph", HELPERS, HELPERS, read_only=True, server="memory")
    run, model = await told(ASKED, [found("Paula Ferreira can.", RIGHT)], graph)
    assert (run.report.status, len(model.asked)) == ("done", 1)
