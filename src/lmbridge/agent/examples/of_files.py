"""Worked examples of changes in files and folders, with a run's own tools, about boats at a pier. Pure.

A 1.5B that had seen a thermometer read and a heater set edited words in place of lines, made up entities that were there, and committed
before it had made the branch; shown one change of the same kind, it took its form (docs/REAL_MODELS.md).
"""

from __future__ import annotations

from lmbridge.agent.examples.form import ExampleForm, Step, result
from lmbridge.agent.examples.offered import (
    CONVERTS,
    MAKES_FOLDER,
    MOVES,
    WRITES,
    Offered,
)
from lmbridge.agent.examples.scenes import file_read
from lmbridge.agent.task.deletions.lacking import told_first
from lmbridge.agent.task.deletions.ordered import Deletion
from lmbridge.messages import Message

_PLAN = "# Plan\nboat=Swan\nseats=4\ncolour=blue"


def edited(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """Some lines of a file become others."""
    boats = "# Boats\n\n- Swan, 4 seats, blue\n- Gull, 2 seats\n- Nameless, 3 seats"
    edits = {"- Swan, 4 seats, blue": "- Swan, 6 seats, blue", "- Nameless, 3 seats": "- Heron, 3 seats"}
    return form.scene(
        "In /pier/boats.txt give Swan 6 seats, and name the last one Heron.",
        [file_read(tools, "/pier/boats.txt", boats)],
        [
            Step(
                "The line of Swan gets 6 in place of 4, the line of Nameless another name. All else stays.",
                tools.edit("/pier/boats.txt", edits),
                "- - Swan, 4 seats, blue\n+ - Swan, 6 seats, blue\n- - Nameless, 3 seats\n+ - Heron, 3 seats",
            )
        ],
        thought="Both lines are changed, as asked.",
        outcome="changed",
        answer="Swan has 6 seats now, and the last boat is Heron.",
    )


def replaced_everywhere(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """A word becomes another one wherever it stands in a file."""
    boats = "# Boats of Ida\n\n- Swan, of Ida\n- Gull, of Jon\n\nAsk Ida for the key."
    edits = {
        "# Boats of Ida": "# Boats of Eva",
        "- Swan, of Ida": "- Swan, of Eva",
        "Ask Ida for the key.": "Ask Eva for the key.",
    }
    return form.scene(
        "Replace Ida by Eva everywhere in /pier/boats.txt.",
        [file_read(tools, "/pier/boats.txt", boats)],
        [
            Step(
                "Ida stands in three lines, so three lines become others. All else stays.",
                tools.edit("/pier/boats.txt", edits),
                "- # Boats of Ida\n+ # Boats of Eva\n- - Swan, of Ida\n+ - Swan, of Eva\n- Ask Ida for the key.\n+ Ask Eva for the key.",
            )
        ],
        thought="All three are replaced, as asked.",
        outcome="changed",
        answer="Ida is Eva in all three lines.",
    )


def added(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """A file gets a line more, at its place."""
    boats = "# Boats\n\n- Gull, 2 seats\n- Swan, 4 seats\n\n# Rafts\n\n- none"
    return form.scene(
        "Please add Teal (3 seats) to the boats in /pier/boats.txt",
        [file_read(tools, "/pier/boats.txt", boats)],
        [
            Step(
                "The new line comes behind the last boat, in the form of the others. All else stays.",
                tools.edit("/pier/boats.txt", {"- Swan, 4 seats": "- Swan, 4 seats\n- Teal, 3 seats"}),
                "  - Swan, 4 seats\n+ - Teal, 3 seats",
            )
        ],
        thought="Teal is in the list, as asked.",
        outcome="changed",
        answer="Teal is added to the boats.",
    )


def added_in_our_time(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """A line more with a time, which is given for another place than the list's."""
    plan = "# Plan (Lima time)\n\n## Monday\n\n- 07:00 Breakfast\n- 12:00 Lunch\n\n## Tuesday\n\n- 08:00 Breakfast"
    return form.scene(
        "Put the race into /pier/plan.md: Monday, 14:30 Oslo time. The plan is in Lima time.",
        [file_read(tools, "/pier/plan.md", plan)],
        [
            Step(
                "14:30 in Oslo must be converted to Lima first.",
                tools.call(CONVERTS, "Europe/Oslo", "14:30", "America/Lima"),
                "14:30 in Europe/Oslo; target: 07:30 in America/Lima.",
            ),
            Step(
                "It is 07:30 in Lima. The line comes on Monday between 07:00 and 12:00. All else stays.",
                tools.edit("/pier/plan.md", {"- 07:00 Breakfast": "- 07:00 Breakfast\n- 07:30 Race"}),
                "  - 07:00 Breakfast\n+ - 07:30 Race",
            ),
        ],
        thought="The race is on Monday at its time in Lima, as asked.",
        outcome="changed",
        answer="The race is in the plan, on Monday at 07:30.",
    )


def converted_into_file(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """A time of the task itself, at another place, goes into a new file."""
    return form.scene(
        "14:30 in Oslo is what time in Lima? Put it into /pier/race.txt, as HH:MM.",
        ["There is no /pier/race.txt. In /pier there are: notes."],
        [
            Step(
                "14:30 in Oslo must be converted to Lima first.",
                tools.call(CONVERTS, "Europe/Oslo", "14:30", "America/Lima"),
                "14:30 in Europe/Oslo; target: 07:30 in America/Lima.",
            ),
            Step(
                "It is 07:30 in Lima. That goes into the file.",
                tools.call(WRITES, "/pier/race.txt", "07:30\n"),
                "Successfully wrote to /pier/race.txt",
            ),
        ],
        thought="The time in Lima is in the file, as asked.",
        outcome="changed",
        answer="/pier/race.txt holds 07:30.",
    )


def ticked(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """A box of a list is ticked."""
    todo = "# To do\n\n- [x] paint\n- [ ] ropes for the Gull\n- [ ] lamps"
    return form.scene(
        "The ropes are done, tick them off in /pier/todo.md",
        [file_read(tools, "/pier/todo.md", todo)],
        [
            Step(
                "The line of the ropes stays and gets an x in its box. All else stays.",
                tools.edit("/pier/todo.md", {"- [ ] ropes for the Gull": "- [x] ropes for the Gull"}),
                "- - [ ] ropes for the Gull\n+ - [x] ropes for the Gull",
            )
        ],
        thought="The ropes are ticked, as asked.",
        outcome="changed",
        answer="The ropes are ticked off.",
    )


def collected(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """A new file of some lines of others."""
    notes = (
        "/pier/notes/may.md holds:\n# May\n\n- [ ] Gull: rope\n- [x] Gull: two lamps\n- [ ] Swan: oars\n"
        "/pier/notes/june.md holds:\n# June\n\n- [ ] Swan: new seats\n- [ ] Gull: paint"
    )
    return form.scene(
        "/pier/gull.txt: what is still open for the Gull, one per line, from the notes in /pier/notes",
        ["There is no /pier/gull.txt. In /pier there are: notes.", result("the files in /pier/notes", notes)],
        [
            Step(
                "Of the Gull, rope and paint are open, and two lamps are ticked. Oars and new seats are of the Swan.",
                tools.call(WRITES, "/pier/gull.txt", "rope\npaint\n"),
                "Successfully wrote to /pier/gull.txt",
            )
        ],
        thought="Both open things are in the file, as asked.",
        outcome="changed",
        answer="/pier/gull.txt lists rope and paint.",
    )


def noted(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """A new file of the task's own words, in the form that it asks for."""
    return form.scene(
        "Note in /pier/today.md: heading Boats on Monday, then a bullet for each point: Swan is back from Thun; Gull leaks",
        ["There is no /pier/today.md. In /pier there are: notes."],
        [
            Step(
                "The heading and two bullets, in the words of the task.",
                tools.call(WRITES, "/pier/today.md", "# Boats on Monday\n\n- Swan is back from Thun\n- Gull leaks\n"),
                "Successfully wrote to /pier/today.md",
            )
        ],
        thought="The file holds all of it, as asked.",
        outcome="changed",
        answer="/pier/today.md is written.",
    )


def copied(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """A new file like another one."""
    return form.scene(
        "Make a copy of /pier/plan.ini as /pier/june.ini.",
        ["There is no /pier/june.ini. In /pier there are: plan.ini.", file_read(tools, "/pier/plan.ini", _PLAN)],
        [
            Step(
                "The new file holds what plan.ini holds, line by line. The old one stays.",
                tools.call(WRITES, "/pier/june.ini", f"{_PLAN}\n"),
                "Successfully wrote to /pier/june.ini",
            )
        ],
        thought="The copy is there, as asked.",
        outcome="changed",
        answer="/pier/june.ini is a copy of plan.ini.",
    )


def copied_then_changed(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """A file is copied as it is, and then changed itself."""
    return form.scene(
        "Keep /pier/plan.ini as /pier/plan.old, then set seats to 6 in /pier/plan.ini.",
        ["There is no /pier/plan.old. In /pier there are: plan.ini.", file_read(tools, "/pier/plan.ini", _PLAN)],
        [
            Step(
                "First the copy, with seats as they were.",
                tools.call(WRITES, "/pier/plan.old", f"{_PLAN}\n"),
                "Successfully wrote to /pier/plan.old",
            ),
            Step(
                "The copy is there. The change of plan.ini is still missing.",
                tools.edit("/pier/plan.ini", {"seats=4": "seats=6"}),
                "- seats=4\n+ seats=6",
            ),
        ],
        thought="Both are done, as asked.",
        outcome="changed",
        answer="/pier/plan.old is the old plan, and /pier/plan.ini has seats 6.",
    )


def copied_with_a_change(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """A new file like another one but for a value."""
    return form.scene(
        "/pier/plan.ini -> /pier/june.ini with seats 6",
        ["There is no /pier/june.ini. In /pier there are: plan.ini.", file_read(tools, "/pier/plan.ini", _PLAN)],
        [
            Step(
                "The new file has all lines of the old one, and seats 6. The old one stays.",
                tools.call(WRITES, "/pier/june.ini", "# Plan\nboat=Swan\nseats=6\ncolour=blue\n"),
                "Successfully wrote to /pier/june.ini",
            )
        ],
        thought="The copy is there, as asked.",
        outcome="changed",
        answer="/pier/june.ini is plan.ini with seats 6.",
    )


def made(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """Folders, and a file in one of them."""
    return form.scene(
        "Create the folder /pier/race with the folders boats and crews in it, and a file /pier/race/notes.txt that says Soon.",
        ["There is no /pier/race. In /pier there are: plan.ini."],
        [
            Step(
                "race, race/boats, race/crews and race/notes.txt are missing. First race.",
                tools.call(MAKES_FOLDER, "/pier/race"),
                "Successfully created directory /pier/race",
            ),
            Step(
                "race/boats, race/crews and race/notes.txt are still missing.",
                tools.call(MAKES_FOLDER, "/pier/race/boats"),
                "Successfully created directory /pier/race/boats",
            ),
            Step(
                "race/crews and race/notes.txt are still missing.",
                tools.call(MAKES_FOLDER, "/pier/race/crews"),
                "Successfully created directory /pier/race/crews",
            ),
            Step(
                "race/notes.txt is still missing.",
                tools.call(WRITES, "/pier/race/notes.txt", "Soon\n"),
                "Successfully wrote to /pier/race/notes.txt",
            ),
        ],
        thought="All four are there, as asked.",
        outcome="changed",
        answer="/pier/race has the folders boats and crews, and notes.txt.",
    )


def made_for_each(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """A file for each thing of a list."""
    return form.scene(
        "For each boat of /pier/boats.txt make a file in /pier/logs with its seats in it.",
        [
            file_read(tools, "/pier/boats.txt", "Swan, 4 seats\nGull, 2 seats"),
            result("the folder /pier/logs", "(empty)"),
        ],
        [
            Step(
                "Swan and Gull get a file each. First Swan.",
                tools.call(WRITES, "/pier/logs/Swan.txt", "4\n"),
                "Successfully wrote to /pier/logs/Swan.txt",
            ),
            Step(
                "Swan is done. Gull is still missing.",
                tools.call(WRITES, "/pier/logs/Gull.txt", "2\n"),
                "Successfully wrote to /pier/logs/Gull.txt",
            ),
        ],
        thought="Both boats have their file, as asked.",
        outcome="changed",
        answer="/pier/logs has Swan.txt and Gull.txt.",
    )


def moved(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """Some of a folder's files go somewhere else, one after another."""
    return form.scene(
        "Move the pictures of /pier into /pier/pictures.",
        [result("the folder /pier", "[FILE] swan.jpg\n[FILE] plan.ini\n[FILE] gull.png\n[DIR] pictures")],
        [
            Step(
                "swan.jpg and gull.png are pictures. First swan.jpg.",
                tools.call(MOVES, "/pier/swan.jpg", "/pier/pictures/swan.jpg"),
                "Successfully moved /pier/swan.jpg to /pier/pictures/swan.jpg",
            ),
            Step(
                "swan.jpg is done. gull.png is still missing.",
                tools.call(MOVES, "/pier/gull.png", "/pier/pictures/gull.png"),
                "Successfully moved /pier/gull.png to /pier/pictures/gull.png",
            ),
        ],
        thought="Both pictures are moved, plan.ini is none.",
        outcome="changed",
        answer="swan.jpg and gull.png are in /pier/pictures now.",
    )


def not_deleted(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """A file is to be deleted, and no tool does that."""
    path = "/pier/swan.txt"
    return form.scene(
        f"Please get rid of {path}, it is no longer true.",
        [file_read(tools, path, "Swan, at noon"), told_first(Deletion((path,), alone=True))],
        [],
        thought="No tool deletes files. Moved or emptied it would not be deleted.",
        outcome="impossible",
        answer=f"{path} could not be deleted: there is no tool for that. It is as it was.",
    )
