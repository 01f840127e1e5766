"""Worked examples of changes in tables, in a graph and in a repository, with a run's own tools, about the same boats. Pure."""

from __future__ import annotations

from lmbridge.agent.examples.form import ExampleForm, Step, result
from lmbridge.agent.examples.offered import (
    ADDS_OBSERVATIONS,
    COMMITS,
    FORGETS_ENTITIES,
    FORGETS_OBSERVATIONS,
    MAKES_BRANCH,
    MAKES_ENTITIES,
    MAKES_RELATIONS,
    MAKES_TABLE,
    RUNS_SQL,
    STAGES,
    SWITCHES,
    Offered,
)
from lmbridge.agent.examples.scenes import file_read
from lmbridge.messages import Message


def rows_changed(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """Rows of a table get other values, one by a number that is added."""
    return form.scene(
        "boats: Swan has 6 seats now, and Gull gets 2 seats more",
        [result("the table boats", "columns: id INTEGER, name TEXT, seats INTEGER")],
        [
            Step(
                "Swan is in the table, so its row is updated.",
                tools.call(RUNS_SQL, "UPDATE boats SET seats = 6 WHERE name = 'Swan'"),
                "[{'affected_rows': 1}]",
            ),
            Step(
                "Swan is done. To the seats of Gull 2 are added.",
                tools.call(RUNS_SQL, "UPDATE boats SET seats = seats + 2 WHERE name = 'Gull'"),
                "[{'affected_rows': 1}]",
            ),
        ],
        thought="Both are done, as asked.",
        outcome="changed",
        answer="Swan has 6 seats, and Gull 2 more than before.",
    )


def rows_added(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """A table gets what a file lists."""
    return form.scene(
        "Put the boats of /pier/new.csv into the table boats.",
        [
            file_read(tools, "/pier/new.csv", "name,seats\nTeal,3\nHeron,4"),
            result("the table boats", "columns: id INTEGER, name TEXT, seats INTEGER"),
        ],
        [
            Step(
                "Teal and Heron get a row each, with the values of the file, since a statement cannot read it.",
                tools.call(RUNS_SQL, "INSERT INTO boats (name, seats) VALUES ('Teal', 3), ('Heron', 4)"),
                "[{'affected_rows': 2}]",
            )
        ],
        thought="Both rows are there, as asked.",
        outcome="changed",
        answer="Teal and Heron are in the table boats.",
    )


def row_added(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """A table gets a row, which the task tells."""
    return form.scene(
        "Add a boat to the database: Teal, with 3 seats.",
        [result("the table boats", "columns: id INTEGER, name TEXT, seats INTEGER")],
        [
            Step(
                "One row is to be added. Its id comes by itself.",
                tools.call(RUNS_SQL, "INSERT INTO boats (name, seats) VALUES ('Teal', 3)"),
                "[{'affected_rows': 1}]",
            )
        ],
        thought="The row is there, as asked. Nothing else was asked.",
        outcome="changed",
        answer="Teal is in the table boats, with 3 seats.",
    )


def rows_deleted(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """Rows of a table go, and no others."""
    return form.scene(
        "Delete the Gull from the table boats.",
        [result("the table boats", "columns: id INTEGER, name TEXT, seats INTEGER")],
        [
            Step(
                "The row whose name is Gull goes, all others stay.",
                tools.call(RUNS_SQL, "DELETE FROM boats WHERE name = 'Gull'"),
                "[{'affected_rows': 1}]",
            )
        ],
        thought="One row is gone, as asked.",
        outcome="changed",
        answer="The Gull is deleted from boats.",
    )


def table_made(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """A new table, and its rows."""
    return form.scene(
        "New table crews (name, boat): Ida is on the Swan, Jon on the Gull.",
        [result("the tables", "(none)")],
        [
            Step(
                "The table is not there yet, so it is made first.",
                tools.call(MAKES_TABLE, "CREATE TABLE crews (name TEXT, boat TEXT)"),
                "Table created successfully",
            ),
            Step(
                "The table is there. Its two rows are still missing.",
                tools.call(RUNS_SQL, "INSERT INTO crews (name, boat) VALUES ('Ida', 'Swan'), ('Jon', 'Gull')"),
                "[{'affected_rows': 2}]",
            ),
        ],
        thought="Table and rows are there, as asked.",
        outcome="changed",
        answer="The table crews has Ida and Jon.",
    )


def forgotten(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """Something is remembered no more."""
    return form.scene(
        "Forget the Gull, we sold it.",
        [result("the graph", "Swan (boat): lies at pier 2\nGull (boat): lies at pier 2")],
        [
            Step(
                "The Gull goes, the Swan stays.",
                tools.call(FORGETS_ENTITIES, ["Gull"]),
                "Entities deleted successfully",
            )
        ],
        thought="The Gull is gone, as asked.",
        outcome="changed",
        answer="I have forgotten the Gull.",
    )


def replaced_in_graph(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """Something that is remembered becomes something else."""
    return form.scene(
        "Swan lies at pier 4 now. Put that in place of the old one in your memory.",
        [result("the graph", "Swan (boat): has four seats; lies at pier 2\nGull (boat): lies at pier 2")],
        [
            Step(
                "The old observation of Swan goes, then the new one comes.",
                tools.call(FORGETS_OBSERVATIONS, [{"entityName": "Swan", "observations": ["lies at pier 2"]}]),
                "Observations deleted successfully",
            ),
            Step(
                "The old one is gone. The new one is still missing.",
                tools.call(ADDS_OBSERVATIONS, [{"entityName": "Swan", "contents": ["lies at pier 4"]}]),
                "Swan: lies at pier 4",
            ),
        ],
        thought="Both are done, as asked.",
        outcome="changed",
        answer="Swan lies at pier 4 now.",
    )


def added_to_graph(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """Something more is remembered of what is known already."""
    return form.scene(
        "Remember that the Swan leaks.",
        [result("the graph", "Swan (boat): lies at pier 2\nGull (boat): lies at pier 2")],
        [
            Step(
                "Swan is known, so it gets one observation more.",
                tools.call(ADDS_OBSERVATIONS, [{"entityName": "Swan", "contents": ["leaks"]}]),
                "Swan: leaks",
            )
        ],
        thought="It is remembered, as asked.",
        outcome="changed",
        answer="I remember that the Swan leaks.",
    )


def new_in_graph(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """New things are remembered, with all that is told of each."""
    things = [
        {"name": "Teal", "entityType": "boat", "observations": ["has 3 seats", "lies at pier 7"]},
        {"name": "Eva Roth", "entityType": "sailor", "observations": ["phone 044 111 22"]},
    ]
    return form.scene(
        "Remember: the Teal is a boat with 3 seats and lies at pier 7, and our sailor is Eva Roth, phone 044 111 22.",
        [result("the graph", "Gull (boat): lies at pier 2")],
        [
            Step(
                "Neither is known. Both are made, with all that is told of each.",
                tools.call(MAKES_ENTITIES, things),
                "Teal (boat): has 3 seats; lies at pier 7\nEva Roth (sailor): phone 044 111 22",
            )
        ],
        thought="All of it is remembered, as asked.",
        outcome="changed",
        answer="I remember the Teal with its seats and its pier, and Eva Roth's phone number.",
    )


def related_in_graph(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """Something new is remembered, and what it has to do with what is known."""
    return form.scene(
        "Remember: the Teal is a boat with 3 seats and belongs to Ida.",
        [result("the graph", "Ida (person): lives in Thun\nGull (boat): lies at pier 2")],
        [
            Step(
                "Teal is not known yet, so it is made.",
                tools.call(MAKES_ENTITIES, [{"name": "Teal", "entityType": "boat", "observations": ["has 3 seats"]}]),
                "Teal (boat): has 3 seats",
            ),
            Step(
                "Teal is there. That it belongs to Ida is still missing.",
                tools.call(MAKES_RELATIONS, [{"from": "Teal", "to": "Ida", "relationType": "belongs to"}]),
                "Teal belongs to Ida",
            ),
        ],
        thought="All of it is remembered, as asked.",
        outcome="changed",
        answer="I remember the Teal, its 3 seats, and that it belongs to Ida.",
    )


def committed(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """One of the changed files is committed."""
    return form.scene(
        '/pier: commit ropes.txt with the message "Order ropes"',
        [_status(tools)],
        [
            Step(
                "Only ropes.txt is staged, plan.ini stays as it is.",
                tools.call(STAGES, "/pier", ["ropes.txt"]),
                "Files staged successfully",
            ),
            Step(
                "It is staged. The commit is still missing.",
                tools.call(COMMITS, "/pier", "Order ropes"),
                "Changes committed successfully",
            ),
        ],
        thought="The commit is made, as asked. plan.ini is not to be in it.",
        outcome="changed",
        answer="ropes.txt is committed.",
    )


def nothing_to_commit(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """There is no change that could be committed."""
    tools.call(COMMITS, "/pier", "")  # an example for who could commit
    return form.scene(
        'Commit my work in /pier, message "Order ropes"',
        [result("the repository /pier", "On branch main\nnothing to commit, working tree clean")],
        [],
        thought="The status says that there is nothing to commit. So no commit can be made, and none is needed.",
        outcome="impossible",
        answer="There is nothing to commit in /pier: no file was changed.",
    )


def committed_then_branched(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """All that was changed is committed, and a branch made afterwards."""
    return form.scene(
        '/pier: commit all my changes with the message "Order ropes", then make a branch spring',
        [_status(tools)],
        [
            Step(
                "plan.ini and ropes.txt are changed. Both are staged.",
                tools.call(STAGES, "/pier", ["plan.ini", "ropes.txt"]),
                "Files staged successfully",
            ),
            Step(
                "They are staged. The commit and the branch are still missing.",
                tools.call(COMMITS, "/pier", "Order ropes"),
                "Changes committed successfully",
            ),
            Step(
                "The commit is made. The branch is still missing.",
                tools.call(MAKES_BRANCH, "/pier", "spring"),
                "Created branch 'spring'",
            ),
        ],
        thought="Commit and branch are there, as asked.",
        outcome="changed",
        answer="All changes are committed, and the branch spring keeps them.",
    )


def committed_on_branch(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """A branch is made, and a file committed there."""
    return form.scene(
        '/pier: branch new-ropes, commit ropes.txt there with the message "Order ropes"',
        [_status(tools)],
        [
            *_onto_new_branch(tools),
            Step(
                "Next, only ropes.txt is staged.",
                tools.call(STAGES, "/pier", ["ropes.txt"]),
                "Files staged successfully",
            ),
            Step(
                "The commit is still missing.",
                tools.call(COMMITS, "/pier", "Order ropes"),
                "Changes committed successfully",
            ),
        ],
        thought="All is done, as asked. plan.ini is not to be in it.",
        outcome="changed",
        answer="ropes.txt is committed on new-ropes.",
    )


def branch_made(form: ExampleForm, tools: Offered) -> tuple[Message, ...]:
    """A branch is made, and gone onto."""
    return form.scene(
        "/pier: make the branch new-ropes and go onto it",
        [_status(tools)],
        _onto_new_branch(tools),
        thought="Both are done, as asked. Nothing is to be committed.",
        outcome="changed",
        answer="/pier is on the new branch new-ropes.",
    )


def _onto_new_branch(tools: Offered) -> list[Step]:
    return [
        Step("First the branch.", tools.call(MAKES_BRANCH, "/pier", "new-ropes"), "Created branch 'new-ropes'"),
        Step(
            "The branch is there. Next, go onto it.",
            tools.call(SWITCHES, "/pier", "new-ropes"),
            "Switched to branch 'new-ropes'",
        ),
    ]


def _status(tools: Offered) -> str:
    status = "On branch main\nChanges not staged for commit:\n\tmodified:   plan.ini\n\tmodified:   ropes.txt"
    return result("the repository /pier", status)
