"""Worked examples of questions with a run's own tools, about the same boats: what is told nowhere, what only one list has, history, times elsewhere. Pure."""

from __future__ import annotations

from lmbridge.agent.examples.form import ExampleForm, Step, result
from lmbridge.agent.examples.offered import CONVERTS, READS, SHOWS, Offered
from lmbridge.agent.examples.scenes import file_read
from lmbridge.messages import Message

_COMMITS = "Commit: 7d0c1b2f\nAuthor: Ida Brun\nMessage: Paint the Gull\n\nCommit: 41ae90cc\nAuthor: Jon Weber\nMessage: More seats"
_DIFF = f"{_COMMITS.partition(chr(10) * 2)[2]}\n--- plan.ini\n+++ plan.ini\n boat=Swan\n-seats=4\n+seats=6"


def told_there(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """What is asked for stands in what was read."""
    boats = "# Boats\n\n- Teal, 3 seats\n- Heron, 5 seats, white"
    return form.scene(
        "/pier/new.txt: how many seats has the Heron?",
        [file_read(tools, "/pier/new.txt", boats)],
        [],
        wants="answer",
        thought="The line of Heron tells 5 seats.",
        outcome="found",
        quotes=["- Heron, 5 seats, white"],
        answer="The Heron has 5 seats.",
    )


def not_there(form: ExampleForm, _: Offered) -> tuple[Message, ...]:
    """What the question is about is not there, though something else is."""
    return form.scene(
        "Which lamps are listed in /pier/lamps?",
        ["There is no /pier/lamps. In /pier there are: boats, ropes."],
        [],
        wants="answer",
        thought="/pier/lamps is not there, so no lamp is listed. Boats and ropes are something else.",
        outcome="impossible",
        answer="There is no /pier/lamps.",
    )


def told_nowhere(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """What is asked for stands in nothing that was read, though something like it does."""
    boats = "# Boats\n\n- Swan, 4 seats, blue\n- Gull, 2 seats"
    return form.scene(
        "What colour is the Gull? It should be in /pier/boats.txt.",
        [file_read(tools, "/pier/boats.txt", boats)],
        [],
        wants="answer",
        thought="The line of Gull tells its seats and no colour. Blue is the Swan.",
        outcome="impossible",
        answer="The colour of the Gull is not told in /pier/boats.txt.",
    )


def without_tools(form: ExampleForm, _: Offered) -> tuple[Message, ...]:
    """What everybody knows, or stands in the task itself."""
    sorted_names = form.scene(
        "From A to Z, please: Teal, Gull, Swan, Heron",
        [],
        [],
        wants="answer",
        thought="G comes first, then H, then S, then T.",
        outcome="no_tool_needed",
        answer="Gull, Heron, Swan, Teal",
    )
    told_how = form.scene(
        "How do I make a folder in a terminal? Only tell me.",
        [],
        [],
        wants="answer",
        thought="Everybody knows that. Nothing is to be done.",
        outcome="no_tool_needed",
        answer="mkdir NAME",
    )
    translated = form.scene(
        "What's the Italian for bread?",
        [],
        [],
        wants="answer",
        thought="Bread is pane in Italian.",
        outcome="no_tool_needed",
        answer="pane",
    )
    return (*sorted_names, *told_how, *translated)


def in_some_files(form: ExampleForm, _: Offered) -> tuple[Message, ...]:
    """Which of a folder's files tell of something; what is only like it is not meant."""
    notes = (
        "/pier/notes/april.md holds:\n# April\n\n- old lamps sold\n"
        "/pier/notes/may.md holds:\n# May\n\n- new lamps for the Gull\n"
        "/pier/notes/june.md holds:\n# June\n\n- paint for the old oars"
    )
    return form.scene(
        "Which of the notes in /pier/notes speak of new lamps, and which of new oars?",
        [result("the files in /pier/notes", notes)],
        [],
        wants="answer",
        thought="New lamps are in may.md alone; those of april.md are old. The oars of june.md are old, so no note speaks of new ones.",
        outcome="found",
        quotes=["- new lamps for the Gull"],
        answer="may.md speaks of new lamps. None speaks of new oars.",
    )


def only_in_one(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """What one of two lists has and the other one lacks."""
    read = tools.name(READS, "the file")
    return form.scene(
        "/pier/all.txt against /pier/home.txt: which boats are missing?",
        [
            result(f"{read} /pier/all.txt", "Swan\nGull\nHeron\nTeal"),
            result(f"{read} /pier/home.txt", "Teal, at noon\nSwan, at two"),
        ],
        [],
        wants="answer",
        thought="Swan and Teal are in both. Gull and Heron are in all.txt alone.",
        outcome="found",
        quotes=["Gull", "Heron"],
        answer="Gull and Heron are missing.",
    )


def in_the_history(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """What a commit changed, which its message does not tell."""
    return form.scene(
        "Who changed the seats in plan.ini of /pier, and from what to what?",
        [result("the log of /pier", _COMMITS)],
        [
            Step(
                "The commit 41ae90cc is about seats. What it changed must be looked at.",
                tools.call(SHOWS, "/pier", "41ae90cc"),
                _DIFF,
            )
        ],
        wants="answer",
        thought="Jon Weber made the commit, and it changed 4 to 6.",
        outcome="found",
        quotes=["Author: Jon Weber", "-seats=4", "+seats=6"],
        answer="Jon Weber changed the seats from 4 to 6.",
    )


def at_another_place(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """A time of one place in that of another one."""
    return form.scene(
        "/pier/race.txt: when does the race begin in Lima time?",
        [file_read(tools, "/pier/race.txt", "The race begins at 14:30 (Oslo time).")],
        [
            Step(
                "It begins at 14:30 in Oslo. That must be converted.",
                tools.call(CONVERTS, "Europe/Oslo", "14:30", "America/Lima"),
                "14:30 in Europe/Oslo; target: 07:30 in America/Lima.",
            )
        ],
        wants="answer",
        thought="The target of the conversion is 07:30, and nothing else.",
        outcome="found",
        quotes=["14:30 in Europe/Oslo; target: 07:30 in America/Lima."],
        answer="The race begins at 07:30 Lima time.",
    )
