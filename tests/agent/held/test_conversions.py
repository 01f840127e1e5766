"""A time that a line gives at one place and a task asks for at another."""

from __future__ import annotations

from typing import Any

import pytest

from lmbridge.agent.held.conversions import Conversion, to_convert

CALLS = """# Calls next week

- Orchid Foods (Nairobi): Tuesday, 18:45 Nairobi time
- Blue Anchor (Singapore): Thursday, 13:25 Singapore time

Prepare slides until Monday."""
BARE = "Tuesday 18:45 Orchid Foods\nThursday 13:25 Blue Anchor"
TASK = "In /notes/calls.md you find when I have a call with Orchid Foods. The time there is that of Nairobi; what time is it for me, in Phoenix?"
WANTED = ("18:45", "Africa/Nairobi", "America/Phoenix")


def plain(found: Conversion | None) -> tuple[str, str, str] | None:
    return None if found is None else (found.time, found.source[1], found.target[1])


@pytest.mark.parametrize(
    ("task", "text"),
    [
        (TASK, CALLS),
        (TASK, BARE),
        ("when is my call with orchid foods from calls.md? i'm in phoenix", CALLS),
        ("calls.md has my call with Orchid Foods, in nairobi time. what time is that in phoenix?", BARE.replace("18:45", "18:45 (Nairobi)")),
        ("Wann ist der Anruf mit Orchid Foods (calls.md, Zeit von Nairobi) f\u00fcr mich in Phoenix?", BARE),
        ("\u00c0 quelle heure est l'appel avec Orchid Foods de calls.md pour moi \u00e0 Phoenix, l'heure est celle de Nairobi ?", BARE),
        ("\u00bfA qu\u00e9 hora es la llamada con Orchid Foods de calls.md (hora de Nairobi)? Estoy en Phoenix.", BARE),
        ("A che ora \u00e8 la chiamata con Orchid Foods di calls.md (ora di Nairobi) per me a Phoenix?", BARE),
        ("A que horas \u00e9 a chamada com Orchid Foods de calls.md (hora de Nairobi)? Estou em Phoenix.", BARE),
        (TASK, "## Blue Anchor\nThursday 13:25\n\n## Orchid Foods\nin Nairobi\nTuesday 6:45 pm"),
        (TASK, "who,where,when\nOrchid Foods,Nairobi,18:45\nBlue Anchor,Singapore,13:25"),
        (TASK.replace("Orchid Foods", "Sofia Brandt"), "Sofia Brandt (Nairobi): 18:45\nHugo Sato (Singapore): 13:25"),
        ("calls.md: time of the call with Orchid Foods, in Phoenix time?", CALLS),
        ("Orchid Foods call from calls.md in Phoenix time please", CALLS),
        ("Anruf mit Orchid Foods (calls.md), Zeit in Phoenix?", CALLS),
        (TASK, "Orchid Foods: 18h45\nBlue Anchor: 13h25"),
        (TASK, "Orchid Foods: 18.45 Uhr\nBlue Anchor: 13.25 Uhr"),
        (TASK, "Orchid Foods: 18:45 - 19:30\nBlue Anchor: 13:25 - 14:00"),
    ],
)  # fmt: skip
def test_the_time_of_the_line_that_a_task_is_about_is_converted(task: str, text: str) -> None:
    assert plain(to_convert(task, [text])) == WANTED


@pytest.mark.parametrize(
    ("task", "text"),
    [
        ("Who do I call in Nairobi, and who in Phoenix? See calls.md", CALLS),
        ("When does my flight leave Accra? It lands in Jakarta, see trip.md", "Flight LH5: Accra 07:40"),
        ("When is the call with Orchid Foods in Nairobi? See calls.md", CALLS),
        ("What time is it for me, in Phoenix, when it is noon in Nairobi and in Tokyo?", CALLS),
        (TASK, "Orchid Foods: 18:45 in Nairobi, 08:45 in Phoenix"),
        (TASK, "Orchid Foods: Tuesday\nBlue Anchor: Thursday"),
        (TASK, "Some firm: 18:45\nAnother one: 13:25"),
        (TASK, "Orchid Foods: 18:45 or 20:15"),
        (TASK, "Orchid Foods: 12.05.2026, 12.50 EUR"),
        ("When is my call with Sofia? It is in calls.md. I'm in Nairobi.", "Sofia: 18:45\nHugo: 13:25"),
        ("Who calls from Nairobi most of the time? See calls.md", CALLS),
        ("When do I meet Davis and Regina from North? See calls.md", CALLS),
    ],
)
def test_what_is_not_plain_is_left(task: str, text: str) -> None:
    assert to_convert(task, [text]) is None


@pytest.mark.parametrize(
    ("names", "given"),
    [
        (("source_timezone", "time", "target_timezone"), True),
        (("fromTimeZone", "dateTime", "toTimeZone"), True),
        (("from_tz", "time", "to_tz"), True),
        (("a", "b", "c"), False),
        (("source_timezone", "time", "target_timezone", "format"), False),
    ],
)
def test_the_arguments_of_the_call_are_known_by_their_names(names: tuple[str, ...], given: bool) -> None:
    found = to_convert(TASK, [CALLS])
    assert found is not None
    schema: dict[str, Any] = {"properties": {name: {} for name in names}, "required": list(names)}
    assert tuple(found.arguments(schema).values()) == (("Africa/Nairobi", "18:45", "America/Phoenix") if given else ())


@pytest.mark.parametrize(
    ("answer", "told"),
    [("08:45", True), ("It is 8:45 am for you.", True), ("13:25", False), ("18:45", False), ("8:45 pm", False)],
)
def test_the_converted_time_is_known_in_an_answer(answer: str, told: bool) -> None:
    found = to_convert(TASK, [CALLS])
    assert found is not None
    assert found.told_in(answer) is told
