"""What is to be worked out of rows: the model writes a statement apart from its conversation, and is shown what that gives."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from lmbridge.agent.queries.statement import SCHEMA
from lmbridge.errors import LLMResponseError
from lmbridge.events import LOOKED, Nudged, TurnDiscarded
from lmbridge.messages import Delta, Message, ReplyOptions, ToolSpec, Turn
from lmbridge.profile import FORCED, word_alone
from lmbridge.testing.fake_lmstudio import raw
from lmbridge.testing.scripted import ScriptedModel, ScriptedToolbox, tool
from support.loops import Ran, ran

from .test_misfits_asked import reading, writing
from .test_quotes import DONE, PATH, found, writes

SPENT = "date,category,who,amount\n2026-01-04,travel,Ana,120.50\n2026-01-09,food,Tom,33.20\n2026-02-02,office,Ana,210.10\n2026-02-20,travel,Lena,95.00\n"
TASK = "How much did we spend on travel in /spent.csv?"
RIGHT = "SELECT SUM(amount) FROM spent WHERE category = 'travel'"


async def told(
    task: str, replies: list[dict[str, Any]], *tools: Any, statements: tuple[str, ...] = (RIGHT,)
) -> tuple[Ran, ScriptedModel]:
    model = ScriptedModel(*(raw(json.dumps(reply)) for reply in replies), statements=statements)
    return await ran(
        model, ScriptedToolbox(*tools), profile=FORCED, task=task, word_alone=word_alone(FORCED), statements=True
    ), model


async def test_the_model_is_shown_what_its_statement_gives_before_it_answers() -> None:
    run, model = await told(TASK, [found("215.50 on travel.", "total amount: 215.50")], reading(SPENT))
    assert "total amount: 215.50" in model.asked[0].last.content
    assert model.asked[0].last.content.endswith(f"The task again: {TASK}")
    assert (run.report.status, run.report.answer, run.report.warnings) == ("done", "215.50 on travel.", ())
    (apart,) = model.asked_apart
    assert "spent(date, category, who, amount), 4 rows" in apart.last.content
    assert [fact.detail for fact in run.facts if isinstance(fact, TurnDiscarded)] == [RIGHT]
    assert run.report.usage.prompt_tokens > 0


async def test_a_statement_that_does_not_hold_is_asked_for_once_more() -> None:
    wrong = "SELECT SUM(amount) FROM spent WHERE who = 'Tom'"
    run, model = await told(
        TASK, [found("215.50 on travel.", "total amount: 215.50")], reading(SPENT), statements=(wrong, RIGHT)
    )
    assert "does not name 'tom'" in model.asked_apart[1].last.content
    assert run.report.answer == "215.50 on travel."


@pytest.mark.parametrize("statements", [(), ("DROP TABLE spent",), ("DROP TABLE spent", "SELECT nothing FROM nowhere")])
async def test_without_one_the_run_goes_on_as_ever(statements: tuple[str, ...]) -> None:
    run, model = await told(
        TASK, [found("215.50", "2026-02-20,travel,Lena,95.00")] * 3, reading(SPENT), statements=statements
    )
    assert not any("by SQL" in fact.text for fact in run.facts if isinstance(fact, Nudged) and fact.kind == LOOKED)
    assert run.report.status == "done"
    assert len(model.asked_apart) == min(2, len(statements) + 1)


@pytest.mark.parametrize(
    ("task", "text"),
    [
        ("Who is in /spent.csv?", SPENT),
        (TASK, "Dear all,\nthe books are closed."),
        (
            "How many hotels in /spent.csv are below 120 francs?",
            "Krone: 98 francs\nBellevue: 145 francs\nAdler: 110 francs\n",
        ),
        (
            "How many people does the hall in /hall.txt hold?",
            "Welcome.\nhas a stage\nholds up to 781 people\nis heated",
        ),
    ],
)
async def test_nobody_is_asked_where_nothing_is_to_be_worked_out_or_a_rule_does(task: str, text: str) -> None:
    _, model = await told(task, [found("2")] * 3, reading(text))
    assert model.asked_apart == []


async def test_a_text_with_all_that_was_found_is_confirmed_and_one_with_more_is_not() -> None:
    task = "Write the total of each category of /spent.csv into /totals.txt, like food: 1.50"
    each = "SELECT category, SUM(amount) FROM spent GROUP BY category"
    right = "food: 33.20\noffice: 210.10\ntravel: 215.50"
    for text, clean in ((right, True), (f"{right}\nrent: 9.00", False)):
        replies = [writes("/totals.txt", text), writes("/totals.txt", text), DONE]
        run, _ = await told(task, replies, reading(SPENT), writing(), statements=(each,))
        assert run.report.status == "done"
        assert (run.report.warnings == ()) == clean


async def test_an_answer_to_half_of_what_was_asked_stays_unconfirmed() -> None:
    task = "How many did Ana pay in /spent.csv, and how much in all?"
    half = "SELECT SUM(amount) FROM spent WHERE who = 'Ana'"
    run, model = await told(
        task, [found("330.60 in all.", "total amount: 330.60")] * 2, reading(SPENT), statements=(half, half)
    )
    assert "total amount: 330.60" in model.asked[0].last.content
    assert any("Unconfirmed" in each for each in run.report.warnings)


async def test_a_backend_that_takes_no_schema_costs_nothing_but_the_question() -> None:
    class Refusing(ScriptedModel):
        async def reply(
            self,
            conversation: Sequence[Message],
            tools: Sequence[ToolSpec],
            options: ReplyOptions,
            *,
            on_delta: Callable[[Delta], None],
        ) -> Turn:
            if options.schema is SCHEMA:
                raise LLMResponseError("no schemas here", status=400)
            return await super().reply(conversation, tools, options, on_delta=on_delta)

    model = Refusing(*(raw(json.dumps(found("215.50", "2026-02-20,travel,Lena,95.00"))) for _ in range(3)))
    run = await ran(model, ScriptedToolbox(reading(SPENT)), profile=FORCED, task=TASK, statements=True)
    assert run.report.status == "done"


STAFF = "[{'id': 1, 'person': 'Ann', 'dept': 2}, {'id': 2, 'person': 'Ben', 'dept': 1}, {'id': 3, 'person': 'Cleo', 'dept': 2}]"
DEPARTMENTS = "[{'dept': 1, 'title': 'Sales'}, {'dept': 2, 'title': 'Purchasing'}]"
QUERY: dict[str, Any] = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
TABLE: dict[str, Any] = {"type": "object", "properties": {"table_name": {"type": "string"}}, "required": ["table_name"]}


def database() -> list[Any]:
    described = {"staff": "['id', 'person', 'dept']", "departments": "['dept', 'title']"}
    held = {"FROM staff": STAFF, "FROM departments": DEPARTMENTS}

    def describe(given: Mapping[str, Any]) -> str:
        return described[given["table_name"]]

    def query(given: Mapping[str, Any]) -> str:
        return next(rows for table, rows in held.items() if table in given["query"])

    return [
        tool("list_tables", *["[{'name': 'departments'}, {'name': 'staff'}]"] * 4, read_only=True),
        tool("describe_table", *[describe] * 9, read_only=True, schema=TABLE),
        tool("read_query", *[query] * 9, read_only=True, schema=QUERY),
    ]


async def test_a_small_database_is_read_whole_and_asked_by_a_statement_of_the_models_own() -> None:
    join = "SELECT person FROM staff JOIN departments ON staff.dept = departments.dept WHERE title = 'Purchasing'"
    replies = [found("Ann and Cleo.", "person: Ann", "person: Cleo")]
    run, model = await told("Who is in Purchasing, by our staff database?", replies, *database(), statements=(join,))
    assert "person: Ann\nperson: Cleo" in model.asked[0].last.content
    assert "Ben" not in model.asked[0].last.content
    assert (run.report.status, run.report.answer, run.report.warnings) == ("done", "Ann and Cleo.", ())


HOUSEHOLDS = [
    {"street": street, "house_no": number, "paid": "no" if number % 3 else "yes"}
    for street in ("Lindenweg", "Seestrasse")
    for number in range(1, 7)
]
AS_CSV = "street,number,paid\n" + "\n".join(",".join(map(str, each.values())) for each in HOUSEHOLDS)
OWING = "SELECT COUNT(*) FROM households WHERE street = 'Lindenweg' AND paid = 'no'"


@pytest.mark.parametrize(
    "question",
    ["How many households in Lindenweg have paid = no?", "number of households with paid = no, Lindenweg only"],
)
async def test_rows_of_two_conditions_are_counted_by_a_statement(question: str) -> None:
    task = f"{question} It is all in /households.csv."
    _, model = await told(task, [found("4.", "number: 4")], reading(AS_CSV), statements=(OWING,))
    assert "number: 4" in model.asked[0].last.content
    assert "Lindenweg" in model.asked_apart[0].last.content


async def test_how_often_a_value_stands_in_a_database_is_counted_by_a_statement_for_no_note_says_it() -> None:
    tools = [
        tool("list_tables", *["[{'name': 'households'}]"] * 4, read_only=True),
        tool("describe_table", *["['street', 'number', 'paid']"] * 4, read_only=True, schema=TABLE),
        tool("read_query", *[str(HOUSEHOLDS)] * 4, read_only=True, schema=QUERY),
    ]
    task = "In the database there is a table households. How many households have paid = no?"
    counting = "SELECT COUNT(*) FROM households WHERE paid = 'no'"
    _, model = await told(task, [found("8.", "number: 8")], *tools, statements=(counting,))
    assert "number: 8" in model.asked[0].last.content


@pytest.mark.parametrize("question", ["How many households have paid?", "how many of each paid value"])
async def test_what_the_note_behind_a_file_says_of_one_column_is_not_asked_for_again(question: str) -> None:
    task = f"{question} It is all in /households.csv."
    _, model = await told(task, [found("4.", "paid: no 8, yes 4")] * 3, reading(AS_CSV), statements=(OWING,))
    assert model.asked_apart == []


async def test_what_stands_nowhere_in_it_is_not_looked_for_in_another_way() -> None:
    none = "SELECT person FROM staff WHERE person = 'Dora'"
    any_one = "SELECT person FROM staff"
    _, model = await told("Is Dora in our staff database?", [found("No.")] * 4, *database(), statements=(none, any_one))
    assert len(model.asked_apart) == 1
    assert "by SQL" not in model.asked[0].last.content


@pytest.mark.parametrize(
    "task",
    [
        "Add Dora to the staff in our database.",
        "can you put the people from /new.csv into my staff table?",
        "Trag die Leute aus /new.csv in die Tabelle staff ein.",
    ],
)
async def test_what_changes_a_database_is_left_to_the_model(task: str) -> None:
    _, model = await told(task, [found("No.")] * 8, *database())
    assert model.asked_apart == []


async def test_how_many_rows_its_tables_have_is_told_where_no_statement_counts_them() -> None:
    task = "Which tables does the database have, and how many rows are in each of them?"
    nothing = ("SELECT name FROM nowhere", "SELECT name FROM nowhere")
    replies = [found("departments 2, staff 3", "departments: 2 rows", "staff: 3 rows")]
    run, model = await told(task, replies, *database(), statements=nothing)
    assert "departments: 2 rows\nstaff: 3 rows" in model.asked[0].last.content
    assert (run.report.status, run.report.answer) == ("done", "departments 2, staff 3")
    other = "How many people in our staff database are in Purchasing?"
    _, model = await told(other, [found("No.")] * 4, *database(), statements=nothing)
    assert "3 rows" not in model.asked[0].last.content


@pytest.mark.parametrize("which", ["are in Purchasing", "came before 2020", "have no boss, and are older than Ann"])
async def test_how_many_rows_there_are_in_all_is_not_told_where_some_are_asked_for(which: str) -> None:
    task = f"How many rows of staff in the database {which}?"
    statements = ("SELECT name FROM nowhere", "SELECT name FROM nowhere")
    _, model = await told(task, [found("No.")] * 4, *database(), statements=statements)
    assert "Rows counted" not in "".join(message.content for each in model.asked for message in each.conversation)


async def test_a_statement_that_is_written_again_is_shown_and_confirms_nothing() -> None:
    paid = "name,state\nAnn,settled\nBen,due\nCleo,due\n"
    due = "SELECT COUNT(*) FROM paid WHERE state = 'due'"
    answers = [found("2 of them.", "number: 2")] * 2
    run, model = await told("How many have not paid, as /paid.csv says?", answers, reading(paid), statements=(due, due))
    assert "does not name 'due'" in model.asked_apart[1].last.content
    assert "number: 2" in model.asked[0].last.content
    assert any("Unconfirmed" in each for each in run.report.warnings)


async def test_a_file_that_nobody_asked_for_is_not_confirmed_by_what_stands_in_it() -> None:
    written = writes("/total.txt", "215.50", wants="change")
    run, _ = await told(TASK, [written, written, written, DONE, DONE], reading(SPENT), writing())
    assert run.report.warnings


@pytest.mark.parametrize("given", [{"path": "/spent.csv", "head": 3}, {"path": "/spent.csv", "limit": 3}])
async def test_a_part_of_a_file_is_no_ground_for_a_sum(given: dict[str, Any]) -> None:
    schema = {**PATH, "properties": {**PATH["properties"], "head": {"type": "integer"}, "limit": {"type": "integer"}}}
    part = "\n".join(SPENT.splitlines()[:4]) + "\n"
    read = tool("read_text_file", *[part] * 4, read_only=True, schema=schema)
    looks = {"wants": "answer", "thought": "", "tool": "read_text_file", "arguments": given}
    _, model = await told("How much did we spend on travel?", [looks, *[found("120.50")] * 4], read)
    assert model.asked_apart == []


async def test_rows_that_nobody_was_shown_are_no_ground_for_an_answer() -> None:
    none = "SELECT person FROM staff WHERE person = 'Dora'"
    replies = [found("Ben is in Purchasing.", "{'id': 2, 'person': 'Ben', 'dept': 1}")] * 6
    run, _ = await told("Who is in Purchasing, by our staff database?", replies, *database(), statements=(none,))
    assert run.report.warnings


async def test_it_is_asked_for_other_rows_once_more_and_then_no_more() -> None:
    files = {f"/f{n}.csv": SPENT.replace("120.50", f"{n}.50") for n in range(4)}
    read = tool("read_text_file", *[lambda given: files[given["path"]]] * 9, read_only=True, schema=PATH)
    looks = [{"thought": "", "tool": "read_text_file", "arguments": {"path": path}} for path in files]
    replies = [{"wants": "answer", **looks[0]}, *looks[1:], *[found("1")] * 4]
    _, model = await told("How much did we spend on travel, over all files?", replies, read, statements=())
    assert len(model.asked_apart) == 2


NEWS = "[{'name': 'Ines Haas', 'email': 'haas@a.test', 'wants': 1}, {'name': 'Tom, Jr.', 'email': 'tom@a.test', 'wants': 1}, {'name': 'Bo', 'email': 'b@a.test', 'wants': 0}]"
WANTED = "SELECT name, email FROM news WHERE wants = 1"
INTO_CSV = "people of news where wants = 1 -> /mail/list.csv, CSV with header name,email"
CSV = 'name,email\nInes Haas,haas@a.test\n"Tom, Jr.",tom@a.test'


def news() -> list[Any]:
    return [
        tool("list_tables", *["[{'name': 'news'}]"] * 4, read_only=True),
        tool("describe_table", *["['name', 'email', 'wants']"] * 9, read_only=True, schema=TABLE),
        tool("read_query", *[NEWS] * 9, read_only=True, schema=QUERY),
        tool(
            "read_text_file",
            "ENOENT: no such file",
            "ENOENT: no such file",
            "ENOENT: no such file",
            read_only=True,
            schema=PATH,
        ),
        writing(),
    ]


async def test_what_goes_into_a_csv_file_is_shown_as_one_and_confirmed_as_one_alone() -> None:
    right = {"wants": "change", **writes("/mail/list.csv", CSV)}
    run, model = await told(INTO_CSV, [right, DONE, DONE], *news(), statements=(WANTED,))
    assert CSV in model.asked[0].last.content
    assert (run.report.status, run.report.warnings) == ("done", ())
    wrong = {"wants": "change", **writes("/mail/list.csv", "Ines Haas: haas@a.test\nTom Jr.: tom@a.test")}
    run, _ = await told(INTO_CSV, [wrong, wrong, DONE, DONE, DONE], *news(), statements=(WANTED,))
    assert run.report.warnings


async def test_what_a_csv_file_is_only_asked_about_is_told_in_words() -> None:
    _, model = await told(TASK, [found("215.50 on travel.", "total amount: 215.50")], reading(SPENT))
    assert "total amount: 215.50" in model.asked[0].last.content


async def test_the_first_of_an_order_is_shown_with_its_figure_where_that_is_asked_for_too() -> None:
    """A 1.5B chose the name of the cheapest product alone, and remembered it with a price of its own making."""
    task = "Which category has the second highest amount in /spent.csv? Tell it with its amount."
    query = "SELECT category FROM spent ORDER BY amount DESC LIMIT 1 OFFSET 1"
    _, model = await told(task, [found("travel, 120.50", "category: travel")], reading(SPENT), statements=(query,))
    assert "travel: 120.50" in model.asked[0].last.content


async def test_who_gives_up_when_nothing_failed_is_told_to_answer_from_what_stands_there() -> None:
    """What is read again is the same; "try another way" made a 1.5B call one tool after another, when the answer stood there."""
    text = "modified: legal.txt\nno changes added to commit"
    read = tool("read_text_file", *[text] * 3, read_only=True, schema=PATH)
    again = {"wants": "answer", "thought": "", "tool": "read_text_file", "arguments": {"path": "/status.txt"}}
    gives_up = {"thought": "", "outcome": "impossible", "answer": "There are no changes to commit."}
    replies = [again, gives_up, found("legal.txt", "modified: legal.txt")]
    run, model = await told("Which file was changed, says /status.txt?", replies, read, statements=())
    asked = model.asked[2].last.content
    assert "Nothing failed: what was read stands above, and there is no more of it. Answer from it." in asked
    assert (run.report.status, run.report.answer) == ("done", "legal.txt")


HIGHEST = "SELECT person, id FROM staff ORDER BY id DESC LIMIT 1"
BOTH = "Whose id is the highest in our staff database: the person and the id?"


@pytest.mark.parametrize(
    ("task", "answer", "whole"),
    [
        (BOTH, "Cleo.", "Cleo.\n(person: id)\nCleo: 3"),
        (BOTH, "3", "3\n(person: id)\nCleo: 3"),
        (BOTH, "Cleo has the id 3.", "Cleo has the id 3."),
        ("Who came last in our staff database?", "Cleo.", "Cleo."),
    ],
)
async def test_an_answer_that_says_a_part_of_what_was_worked_out_and_asked_for_is_given_with_all_of_it(
    task: str, answer: str, whole: str
) -> None:
    run, _ = await told(task, [found(answer, "Cleo: 3")] * 3, *database(), statements=(HIGHEST,))
    assert (run.report.status, run.report.answer) == ("done", whole)
