"""What an answer says or a text holds is held against what can be worked out from the results: asked once, told where it stays."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from lmbridge.agent.reading.ends import end_asked
from lmbridge.events import ToolFinished
from lmbridge.testing.scripted import ScriptedToolbox, fails, tool

from .test_forced import act, answer, may_be, small
from .test_quotes import DONE, PATH, WRITE_SCHEMA, found, told, writes

PRICES = "tool;price;weight\nsaw;43;2\nplane;226;9\nvice;90;3\ndrill;95;14"
TICKETS = json.dumps(
    [{"id": n, "state": state} for n, state in enumerate(["open", "closed", "open", "waiting", "open", "waiting"])]
)
ACCOUNT = '{"owner": "depot", "account": 14593184343139096975, "balance": 378032.9130}'
PLACES = '{"hut": {"lat": 46.6765637, "lon": 7.5170536}, "lake": {"lat": 46.0863507, "lon": 8.9791847}}'
CONVERTED = json.dumps(
    {
        "source": {"timezone": "Asia/Tokyo", "datetime": "2026-11-29T11:35:00+09:00"},
        "target": {"timezone": "Africa/Nairobi", "datetime": "2026-11-29T05:35:00+03:00"},
    }
)


def reading(text: str, name: str = "read_text_file") -> Any:
    return tool(name, text, text, text, read_only=True, schema=PATH)


def writing() -> Any:
    return tool("write_file", "Successfully wrote to it", "Successfully wrote to it", schema=WRITE_SCHEMA)


@pytest.mark.parametrize(
    ("task", "end"),
    [
        ("Which tool is the most expensive?", "highest"),
        ("what's the dearest tool?", "highest"),
        ("Welches ist das teuerste Werkzeug?", "highest"),
        ("Quel outil est le moins cher ?", "lowest"),
        ("Which one is least expensive?", "lowest"),
        ("Who is the oldest?", "oldest"),
        ("Which is the most recent one?", "newest"),
        ("Who is the fastest?", "either"),
        ("Name the cheapest and the dearest.", None),
        ("Give me at least one, at most of the time", None),
        ("What is most of it about?", None),
        ("Read /data/best.csv", None),
    ],
)
def test_the_end_that_a_task_asks_for_is_read_from_its_superlative(task: str, end: str | None) -> None:
    assert end_asked(task) == end


async def test_an_answer_that_names_another_row_than_the_highest_goes_back_with_the_highest() -> None:
    replies = [found("The saw, 43.", "saw;43;2"), found("The plane, 226.", "plane;226;9")]
    run, model = await told("What is the dearest tool of /prices.csv by price?", replies, reading(PRICES))
    assert "The highest price is 226 (plane). Answer with that." in model.asked[1].last.content
    assert (run.report.answer, run.report.warnings) == ("The plane, 226.", ())


async def test_it_is_told_where_the_answer_stays_the_same() -> None:
    run, _ = await told(
        "What is the dearest tool of /prices.csv?", [found("The saw, 43.", "saw;43;2")] * 2, reading(PRICES)
    )
    assert any("names “saw”, but of what the results hold" in warning for warning in run.report.warnings)


async def test_a_number_that_is_not_the_highest_of_its_column_goes_back_too() -> None:
    replies = [found("It is 43.", "saw;43;2"), found("It is 226.", "plane;226;9")]
    run, model = await told("What is the highest price in /prices.csv?", replies, reading(PRICES))
    assert "The highest price is 226 (plane). Answer with that." in model.asked[1].last.content
    assert (run.report.answer, run.report.warnings) == ("It is 226.", ())


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        ("What is the dearest tool of /prices.csv?", "The plane."),
        ("What is the dearest tool of /prices.csv?", "The drill."),  # the highest of another column that may be meant
        ("What is the cheapest tool of /prices.csv?", "The saw."),
        ("What is the dearest tool of /prices.csv?", "The plane, not the saw."),
        ("Is the saw the dearest tool of /prices.csv?", "No, the saw is not."),
        ("What is the dearest tool under 100 francs of /prices.csv by price?", "The drill."),
        ("What is the most recent tool of /prices.csv?", "The vice."),
        ("Which tool in /prices.csv has the longest tool name?", "The vice."),
        ("Name one tool of /prices.csv.", "The vice."),
    ],
)
async def test_answers_that_may_be_right_do_not_go_back(task: str, answer: str) -> None:
    run, model = await told(task, [found(answer, f"{answer.split()[1].strip('.,').lower()};")] * 2, reading(PRICES))
    assert not any("The answer names" in asked.last.content for asked in model.asked)
    assert not any("names “" in warning for warning in run.report.warnings)


async def test_of_rows_with_a_value_that_the_task_names_only_these_are_held_against_the_answer() -> None:
    rows = "name,town,age\nAda,Bern,30\nBo,Thun,70\nCy,Bern,40\nDi,Bern,35\nEd,Thun,50"
    task = "Who in Bern has the highest age? See /people.csv."
    run, model = await told(task, [found("Cy.", "Cy,Bern,40")], reading(rows))
    assert len(model.asked) == 1
    assert run.report.warnings == ()
    _, model = await told(task, [found("Di.", "Di,Bern,35"), found("Cy.", "Cy,Bern,40")], reading(rows))
    assert "The highest age is 40 (Cy)" in model.asked[1].last.content


FORM = [
    ("Put both of /in.json into /out.txt as account=balance.", ACCOUNT, "account=14593184343139096975\nbalance=378032.9130", "14593184343139096975=378032.9130"),
    ("Write one line account=balance of /in.json into /out.txt", ACCOUNT, "account=balance", "14593184343139096975=378032.9130"),
    ("Write one line account=balance of /in.json into /out.txt", ACCOUNT, "account=balance 14593184343139096975=378032.9130", "14593184343139096975=378032.9130"),
    ("Write the hut's place of /in.json as lat,lon into /out.txt.", PLACES, "46.6765637\n7.5170536", "46.6765637,7.5170536"),
    ("Write the hut's place of /in.json as lat,lon into /out.txt.", PLACES, "46.6765637,7.5170536\n46.0863507,8.9791847", "46.6765637,7.5170536"),
    ("Count the tickets of /in.json into /out.txt, format state=count.", TICKETS, "state=open=3\nstate=closed=1\nstate=waiting=2", "open=3\\nclosed=1\\nwaiting=2"),
    ("Count the tickets of /in.json into /out.txt, format state=count.", TICKETS, "state=count\nopen=3\nclosed=1\nwaiting=2", "open=3\\nclosed=1\\nwaiting=2"),
    ("Write how many tickets of /in.json are in each state into /out.txt, a line each like ready=9.", TICKETS, "open=4\nclosed=1\nwaiting=2", "open=3\\nclosed=1\\nwaiting=2"),
    ("Write how many tickets of /in.json are in each state into /out.txt, a line each.", TICKETS, "open: 3\nclosed: 1", "open: 3\\nclosed: 1\\nwaiting: 2"),
    ("Convert 11:35 from Tokyo to Nairobi (see /in.json), into /out.txt.", CONVERTED, "11:35", "05:35"),
    ("Write all names of /in.csv into /out.txt, one name on each line.", "name,town\nAda,Bern\nBo,Thun\nCy,Bern", "Ada, Bo, Cy", "Ada\\nBo\\nCy\\n"),
    ("Put the names of /in.json into /out.txt.", "Zoe Winter\nUgo Bassi\nIda Holm", "Zoe Winter\nUgo Bassi\nIda Holm\nZoe Winter", "Zoe Winter\\nUgo Bassi\\nIda Holm\\n"),
]  # fmt: skip


@pytest.mark.parametrize(("task", "held", "wrong", "right"), FORM)
async def test_a_text_in_another_form_is_asked_about_with_the_right_one_and_told_where_it_stays(
    task: str, held: str, wrong: str, right: str
) -> None:
    tools = (reading(held), writing())
    first = writes("/out.txt", wrong, wants="change")
    mended = [first, writes("/out.txt", json.loads(f'"{right}"')), DONE]
    run, model = await told(task, mended, *tools)
    assert f'"{right}"' in model.asked[1].last.content
    own = [message.content for message in model.asked[1].conversation if message.role == "assistant"]
    assert not any(json.dumps(first, ensure_ascii=False) in said or '"/out.txt"' in said for said in own)
    assert (run.report.status, run.report.warnings) == ("done", ())
    run, _ = await told(task, [first, writes("/out.txt", wrong), DONE, DONE], reading(held), writing())
    assert any("was written" in warning for warning in run.report.warnings)


@pytest.mark.parametrize(
    ("task", "held", "text"),
    [
        ("Put both of /in.json into /out.txt as account=balance.", ACCOUNT, "14593184343139096975 = 378032.9130\n"),
        ("Write the places of /in.json as lat,lon into /out.txt.", PLACES, "46.6765637, 7.5170536\n46.0863507, 8.9791847"),
        ("Write the hut's place of /in.json as name,place into /out.txt.", PLACES, "hut,46.6765637"),
        ("Write how many are open in /in.json as open=n into /out.txt.", TICKETS, "open=3"),
        ("Convert 11:35 from Tokyo to Nairobi (see /in.json), into /out.txt.", CONVERTED, "11:35 in Tokyo is 05:35"),
        ("Convert 11:35 from Tokyo to Nairobi (see /in.json), into /out.txt.", CONVERTED, "5:35 am"),
        ("Count the tickets of /in.json by state into /out.txt, as a table state,count.", TICKETS, "state,count\nopen,3\nclosed,1\nwaiting,2"),
        ("Write the names of /in.csv into /out.txt, on one line.", "name,town\nAda,Bern\nBo,Thun\nCy,Bern", "Ada, Bo, Cy"),
        ("Put the names of /in.json into /out.txt, and Zoe Winter once more.", "Zoe Winter\nUgo Bassi\nIda Holm", "Zoe Winter\nUgo Bassi\nIda Holm\nZoe Winter"),
    ],
)  # fmt: skip
async def test_texts_that_may_be_right_are_written_at_once(task: str, held: str, text: str) -> None:
    run, model = await told(task, [writes("/out.txt", text, wants="change"), DONE], reading(held), writing())
    assert (run.report.status, run.report.warnings) == ("done", ())
    assert len(model.asked) == 2


async def test_a_statement_that_adds_what_is_said_to_be_there_is_asked_about_once() -> None:
    schema = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
    query = tool("write_query", "[{'affected_rows': 1}]", "[{'affected_rows': 1}]", schema=schema)
    table = tool("describe_table", "stock INTEGER", read_only=True, schema=schema)

    def act(text: str, **first: Any) -> dict[str, Any]:
        return {**first, "thought": "", "tool": "write_query", "arguments": {"query": text}}

    adds = act("UPDATE products SET stock = stock + 70 WHERE name = 'Stool'", wants="change")
    sets = act("UPDATE products SET stock = 70 WHERE name = 'Stool'")
    run, model = await told("We now have 70 of the Stool: update its stock.", [adds, sets, DONE], query, table)
    assert "write stock = 70" in model.asked[1].last.content
    assert run.report.warnings == ()
    _, model = await told(
        "Halve the stock.", [act("UPDATE products SET stock = stock / 2", wants="change"), DONE], query, table
    )
    assert len(model.asked) == 2


@pytest.mark.parametrize(("places", "asked"), [(("a", "b", "c"), True), (("c",), False)])
async def test_a_line_that_edits_put_into_several_places_is_asked_about(places: Sequence[str], asked: bool) -> None:
    read = reading("a\nb\nc")
    edit = tool(
        "edit_file",
        "done",
        "done",
        schema={"type": "object", "properties": {"path": {"type": "string"}, "edits": {"type": "array"}}},
    )
    edits = [{"oldText": place, "newText": f"{place}\nbuy stamps"} for place in places]
    call = {"wants": "change", "thought": "", "tool": "edit_file", "arguments": {"path": "/list.txt", "edits": edits}}
    run, model = await told(
        'Add "buy stamps" at the end of /list.txt.', [call, *([call] if asked else []), DONE, DONE], read, edit
    )
    assert ("puts 'buy stamps' into several places" in model.asked[1].last.content) is asked
    assert any("into several places" in warning for warning in run.report.warnings) is asked


async def test_a_converted_time_that_an_answer_leaves_out_is_asked_for() -> None:
    convert = reading(CONVERTED, "convert_time")
    call = {"wants": "answer", "thought": "", "tool": "convert_time", "arguments": {"path": "11:35"}}
    hours = found("The difference is 6 hours behind 11:35.", '"datetime": "2026-11-29T11:35:00+09:00"')
    right = found("It is 5:35 in Africa/Nairobi.", '"timezone": "Africa/Nairobi"')
    run, model = await told("What is 11:35 of Tokyo in Nairobi?", [call, hours, right], convert)
    assert "11:35 is converted to 05:35 in Africa/Nairobi. Say that time." in model.asked[2].last.content
    assert (run.report.answer, run.report.warnings) == ("It is 5:35 in Africa/Nairobi.", ())


def born(name: str, year: int) -> Any:
    return tool(
        f"read_{name}", f"{name.title()}, plays chess.\nBorn in {year}.", f"Born in {year}", read_only=True, schema=PATH
    )


PEOPLE = {"bruno": 2003, "ines": 1953, "tilda": 1959}


def looks(name: str, **first: Any) -> dict[str, Any]:
    return {**first, "thought": "", "tool": f"read_{name}", "arguments": {"path": f"/people/{name}.txt"}}


async def test_the_oldest_of_several_files_that_hold_a_year_each_is_held_against_the_answer() -> None:
    tools = [born(name, year) for name, year in PEOPLE.items()]
    reads = [looks("bruno", wants="answer"), looks("ines"), looks("tilda")]
    wrong, right = found("Bruno.", "Born in 2003."), found("Ines.", "Born in 1953.")
    run, model = await told("Who is the oldest of those in /people?", [*reads, wrong, right], *tools)
    assert "The lowest number is 1953 (ines)" in model.asked[4].last.content
    assert (run.report.answer, run.report.warnings) == ("Ines.\nBorn in 1953.", ())


async def test_a_line_that_is_quoted_behind_its_file_and_number_stands() -> None:
    tools = [born(name, year) for name, year in PEOPLE.items()]
    reads = [looks("bruno", wants="answer"), looks("ines"), looks("tilda")]
    quotes = (
        "tilda.txt holds: Tilda, plays chess. Born in 1959.",
        "ines.txt holds: Ines, plays chess.",
        "ines.txt, line 2: Born in 1953.",
        "bruno: Born in 2003.",
    )
    run, _ = await told(
        "Who is the oldest of those in /people?", [*reads, found("Ines, born in 1953.", *quotes)], *tools
    )
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_a_sum_of_what_was_read_is_no_number_from_nowhere() -> None:
    tools = [
        tool("read_spring", "17 boxes of bulbs", read_only=True, schema=PATH),
        tool("read_autumn", "61 boxes of candles", read_only=True, schema=PATH),
    ]
    replies = [looks("spring", wants="change"), looks("autumn")]
    for number, warned in (("78", False), ("79", True)):
        run, _ = await told(
            "Put the sum of both into /total.txt", [*replies, writes("/total.txt", number), DONE], *tools, writing()
        )
        assert any("which no result before says" in warning for warning in run.report.warnings) is warned


async def test_quoted_words_of_a_task_that_needs_no_tool_are_no_fault() -> None:
    answer = {"wants": "answer", "thought": "", "outcome": "no_tool_needed", "answer": "Merci."}
    run, _ = await told('How do you say "thank you" in French?', [answer], writing())
    assert run.report.warnings == ("The answer was given without calling any tool.",)


RECIPES = {"pie": "apples, sugar", "stew": "beans, a pinch of saffron", "soup": "leek, cream"}


@pytest.mark.parametrize(
    ("task", "wrong", "asked"),
    [
        ("Which one of those in /recipes needs saffron?", "pie.md", True),
        ("Which one of those in /recipes needs saffron?", "The pie.", True),
        ("Which one of those in /recipes needs saffron?", "stew.md", False),
        ("Which one of those in /recipes needs saffron?", "Not the pie, the stew.", False),
        ("Which one of those in /recipes needs no saffron?", "pie.md", False),
        ("Which one of those in /recipes needs cream or saffron?", "pie.md", False),
    ],
)
async def test_the_one_file_that_holds_a_word_of_the_task_is_held_against_the_answer(
    task: str, wrong: str, asked: bool
) -> None:
    tools = [tool(f"read_{name}", text, read_only=True, schema=PATH) for name, text in RECIPES.items()]
    reads = [
        {
            "thought": "",
            "tool": f"read_{name}",
            "arguments": {"path": f"/recipes/{name}.md"},
            **({} if number else {"wants": "answer"}),
        }
        for number, name in enumerate(RECIPES)
    ]
    replies = [*reads, found(wrong, "apples, sugar"), found("stew.md", "beans, a pinch of saffron"), found("stew.md")]
    _, model = await told(task, replies, *tools)
    said = " ".join(asked.last.content for asked in model.asked)
    assert ("'saffron' stands in stew.md alone" in said) is asked


async def test_an_answer_that_names_the_holder_beside_another_file_for_the_word_is_told() -> None:
    read = [tool(f"read_{name}", text, read_only=True, schema=PATH) for name, text in RECIPES.items()]
    reads = [
        {
            "thought": "",
            "tool": f"read_{name}",
            "arguments": {"path": f"/recipes/{name}.md"},
            **({} if n else {"wants": "answer"}),
        }
        for n, name in enumerate(RECIPES)
    ]
    both = "The pie.md file has the line saffron. The stew.md file holds: # Pie"
    run, _ = await told(
        "Which recipe in /recipes needs saffron?", [*reads, *[found(both, "a pinch of saffron")] * 3], *read
    )
    assert any("stands in “stew.md” alone" in warning for warning in run.report.warnings)


async def test_an_answer_from_another_line_than_the_one_that_the_day_lies_in_goes_back() -> None:
    hours = "Tuesday to Friday: 8:30 to 19:30\nSunday: 12:00 to 15:45"
    replies = [
        found("From 12:00 to 15:45.", "Sunday: 12:00 to 15:45"),
        found("From 8:30 to 19:30.", "Tuesday to Friday: 8:30 to 19:30"),
    ]
    run, model = await told(
        "When is the museum in /museum open on a Wednesday?", replies, reading(hours, "list_directory")
    )
    assert "Wednesday lies in 'Tuesday to Friday: 8:30 to 19:30'." in model.asked[-1].last.content
    assert (run.report.answer, run.report.warnings) == ("From 8:30 to 19:30.", ())


@pytest.mark.parametrize(
    ("task", "said", "asked"),
    [
        ("Who is the oldest: Bruno, Ines or Tilda? See /people.", "Bruno, born in 2003.", True),
        ("Who is the oldest: Bruno, Ines or Tilda? See /people.", "Ines, born in 1953.", False),
        ("Is Bruno the oldest in /people?", "Bruno, born in 2003.", False),
    ],
)
async def test_who_is_named_by_the_task_among_others_is_held_against_the_end_that_is_asked_for(
    task: str, said: str, asked: bool
) -> None:
    tools = [born(name, year) for name, year in PEOPLE.items()]
    reads = [looks("bruno", wants="answer"), looks("ines"), looks("tilda")]
    _, model = await told(task, [*reads, *[found(said, "plays chess.")] * 3], *tools)
    assert any("The lowest number is 1953" in each.last.content for each in model.asked) is asked


async def test_an_answer_that_says_what_is_not_there_stands_and_one_that_leaves_it_out_is_told() -> None:
    gone = tool(
        "list_directory",
        fails("ENOENT: no such file or directory"),
        "[DIR] 2019\n[DIR] 2020",
        "[FILE] snow.jpg",
        read_only=True,
        schema=PATH,
    )
    task = "Tell me the names of the pictures in the folder /photos/2012."
    honest = "The folder /photos/2012 does not exist, but /photos does; it holds 2019 and 2020."
    run, model = await told(task, [found(honest, "/photos/2012 does not exist")] * 2, gone)
    assert (run.report.status, len(model.asked), run.report.answer.splitlines()[0]) == ("done", 1, honest)
    assert run.report.warnings == ("What the task names is not there; the answer rests on that.",)
    gone = tool(
        "list_directory",
        fails("ENOENT: no such file or directory"),
        "[DIR] 2019\n[DIR] 2020",
        "[FILE] snow.jpg",
        read_only=True,
        schema=PATH,
    )
    look = {"wants": "answer", "thought": "", "tool": "list_directory", "arguments": {"path": "/photos/2020"}}
    run, _ = await told(task, [look, *[found("snow.jpg", "snow.jpg")] * 3], gone)
    assert any("“/photos/2012”, which is not there" in warning for warning in run.report.warnings)
    gone = tool("list_directory", fails("ENOENT: no such file or directory"), "[DIR] 2019", read_only=True, schema=PATH)
    made_up = found("In /photos/2012 there are sea.jpg and sun.jpg.", "sea.jpg")
    run, model = await told(task, [made_up] * 4, gone)
    assert run.report.status == "partial"


async def test_the_lines_that_are_asked_for_stand_behind_a_long_file_and_the_answer_is_held_against_them() -> None:
    log = "\n".join(f"02-{n % 28:02} {n % 24:02}:00 job-{9000 - 7 * n} ok" for n in range(1, 181))
    replies = [found("7754, 7747", "job-7754 ok", "job-7747 ok"), found("7747, 7740", "job-7747 ok", "job-7740 ok")]
    run, model = await told("/logs/backup.log is long, I only need the ids of the last 2 lines", replies, reading(log))
    shown = next(message.content for message in model.asked[0].conversation if "job-8993" in message.content)
    assert '(The last 2 lines: ["02-11 11:00 job-7747 ok", "02-12 12:00 job-7740 ok"])' in shown
    assert "[180 lines" in shown
    assert "The last 2 lines: " in model.asked[1].last.content
    assert run.report.status == "done"


async def test_a_file_that_is_not_the_largest_goes_back() -> None:
    listing = "[FILE] clip_406.mp4    12.30 KB\n[FILE] clip_986.mp4    986 B\n[FILE] clip_100.mp4    2.00 KB"
    replies = [found("clip_986.mp4", "clip_986.mp4"), found("clip_406.mp4", "clip_406.mp4")]
    tools = [
        tool(name, *[listing] * 3, read_only=True, schema=PATH)
        for name in ("list_directory", "list_directory_with_sizes")
    ]
    run, model = await told("Which file in /footage is the largest?", replies, *tools)
    assert "The highest size is 12595 (clip_406.mp4). Answer with that." in model.asked[1].last.content
    assert "largest: clip_406.mp4 (12.30 KB)" in str([message.content for message in model.asked[0].conversation])
    assert [use.tool for use in run.report.tools_used] == ["files__list_directory_with_sizes"]


async def test_a_place_that_differs_from_what_the_task_lists_in_its_letters_case_is_asked_about_once() -> None:
    task = 'The guests Ines, Elin and Salome sit at table 7. For each one write a file /guests/NAME.txt with "Table 7".'

    def puts(name: str, **first: Any) -> dict[str, Any]:
        return {
            **first,
            "thought": "",
            "tool": "write_file",
            "arguments": {"path": f"/guests/{name}.txt", "content": "Table 7"},
        }

    replies = [puts("ines", wants="change"), puts("Ines"), puts("Elin"), puts("salome"), DONE]
    run, model = await told(task, replies, tool("write_file", *["written"] * 4, schema=WRITE_SCHEMA))
    assert "The task writes Ines, and this would be ines.txt." in model.asked[1].last.content
    assert model.asked[1].last.content.partition("\n[end")[0].endswith("/guests/Ines.txt")
    assert "write_file wrote “salome.txt”, and the task writes “Salome”." in run.report.warnings


PALETTE = "name,hex\nrust,#1e59e2\nslate,#ec8378\nsand,#69e851"


@pytest.mark.parametrize(
    ("content", "asked"),
    [
        (
            '[{"name": "p.csv", "hex": "#1e59e2"}, {"name": "p.csv", "hex": "#ec8378"}, {"name": "p.csv", "hex": "#69e851"}]',
            True,
        ),
        (
            '[{"Name": "rust", "Hex": "#1e59e2"}, {"Name": "slate", "Hex": "#ec8378"}, {"Name": "sand", "Hex": "#69e851"}]',
            False,
        ),
        ('[{"name": "rust"}, {"name": "slate"}, {"name": "sand"}]', False),
        ('[{"name": "rust", "hex": "#1e59e2"}]', False),
    ],
)
async def test_rows_that_are_converted_say_what_was_read(content: str, asked: bool) -> None:
    task = "Convert /p.csv to JSON, an object for each row. Save it as /p.json"
    replies = [writes("/p.json", content, wants="change"), *[DONE] * 3]
    _, model = await told(task, replies, reading(PALETTE), writing())
    said = str([each.last.content for each in model.asked])
    assert ("The column name does not say what was read." in said) is asked
    if asked:
        right = json.dumps(
            [dict(zip(("name", "hex"), row.split(","), strict=True)) for row in PALETTE.splitlines()[1:]]
        )
        assert f"make the call with this content: {json.dumps(right)}" in model.asked[1].last.content


NOTES = "# Kitchen\nTODO: renew the domain\nNext time: to do the budget.\nTODO: order chairs"


@pytest.mark.parametrize(
    ("content", "asked"),
    [
        ("TODO: renew the domain\nNext time: to do the budget.\nTODO: order chairs", True),
        ("TODO: renew the domain\nTODO: order chairs", False),
        ("TODO: something else\nNext", False),
        ("renew the domain\norder chairs", False),
    ],
)
async def test_lines_that_the_task_does_not_choose_are_asked_about(content: str, asked: bool) -> None:
    task = "Collect all lines starting with TODO from /m/notes.md and put them into /open.txt, one per line."
    replies = [writes("/open.txt", content, wants="change"), *[DONE] * 3]
    _, model = await told(task, replies, reading(NOTES), writing())
    said = "\n".join(each.last.content for each in model.asked)
    assert ("The task speaks of lines with TODO; 'Next time: to do the budget.' is none." in said) is asked
    if asked:
        assert 'content: "TODO: renew the domain\\nTODO: order chairs\\n"' in model.asked[1].last.content


QUERY: dict[str, Any] = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}


def queries(query: str, name: str = "write_query", **first: Any) -> dict[str, Any]:
    return {**first, "thought": "", "tool": name, "arguments": {"query": query}}


@pytest.mark.parametrize(
    ("task", "first", "asked"),
    [
        ("Set the stock of the product 'Bookshelf' to 63.", None, True),
        ("Set the stock of the product 'Bookshelf' to 63.", "SELECT * FROM products", False),
        ("Add the product 'Bookshelf' with a stock of 63.", None, False),
        ("Update the stock: a new product 'Bookshelf', 63 of it.", None, False),
    ],
)
async def test_a_row_that_is_added_where_something_is_to_be_set_is_asked_about(
    task: str, first: str | None, asked: bool
) -> None:
    read = tool("read_query", "[]", read_only=True, schema=QUERY)
    write = tool("write_query", *["[{'affected_rows': 1}]"] * 3, schema=QUERY)
    add, change = (
        "INSERT INTO products VALUES ('Bookshelf', 63)",
        "UPDATE products SET stock = 63 WHERE name = 'Bookshelf'",
    )
    looks_first = [queries(first, "read_query", wants="change")] if first else []
    add_it = queries(add, **({} if first else {"wants": "change"}))
    _, model = await told(task, [*looks_first, add_it, *([queries(change)] if asked else []), DONE], read, write)
    said = "\n".join(each.last.content for each in model.asked)
    assert ("use UPDATE. To add a row" in said) is asked


async def test_a_time_of_another_city_than_the_task_s_is_converted() -> None:
    mail = "Kickoff\nDay: Thursday\nStart: 07:50 (Phoenix time)"
    zones: dict[str, Any] = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in ("source_timezone", "time", "target_timezone")},
        "required": ["source_timezone", "time", "target_timezone"],
    }
    arguments = {"source_timezone": "America/Phoenix", "time": "07:50", "target_timezone": "Africa/Johannesburg"}
    convert = tool(
        "convert_time",
        '{"target": {"timezone": "Africa/Johannesburg", "datetime": "2026-11-29T16:50:00+02:00"}}',
        server="time",
        read_only=True,
        schema=zones,
    )
    replies = [
        found("At 07:50 in Phoenix.", "Start: 07:50 (Phoenix time)"),
        {"thought": "", "tool": "convert_time", "arguments": arguments},
        found("At 16:50.", "target: 16:50 in Africa/Johannesburg"),
    ]
    task = "When does the kickoff begin for me? I'm in Johannesburg. The invitation is /mail/kickoff.txt"
    run, model = await told(task, replies, reading(mail), convert)
    assert "is the time in Phoenix. Convert it to Johannesburg with convert_time." in model.asked[1].last.content
    assert run.report.answer.splitlines()[-1].startswith("At 16:50.") or "16:50" in run.report.answer
    run, _ = await told("When does it begin in Phoenix? See /mail/kickoff.txt", replies[:1], reading(mail), convert)
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_a_number_that_was_worked_out_from_itself_is_still_from_nowhere() -> None:
    write = tool("write_query", "[{'affected_rows': 1}]", schema=QUERY)
    sum_up = {"wants": "change", "thought": "", "tool": "calculate", "arguments": {"expression": "100"}}
    add = queries("INSERT INTO products VALUES ('Bookshelf', 100)")
    run, _ = await told("Put the product 'Bookshelf' into the table of products.", [sum_up, add, add, DONE], write)
    assert any("What was written holds 100" in warning for warning in run.report.warnings), run.report.warnings


@pytest.mark.parametrize(
    ("statement", "known", "asked"),
    [
        ("DELETE FROM bookings WHERE id = 1", None, "1"),
        ("DELETE FROM bookings WHERE id = 7", "[{'id': 7, 'guest': 'Nora Meier'}]", ""),
        ("DELETE FROM bookings WHERE guest = 'Nora Meier'", None, ""),
        ("UPDATE bookings SET nights = 3 WHERE guest = 'Ann Roth'", None, "Ann Roth"),
    ],
)
async def test_rows_are_not_chosen_by_a_value_that_nobody_has_seen(
    statement: str, known: str | None, asked: str
) -> None:
    read = tool("read_query", *[known or ""] * 2, read_only=True, schema=QUERY)
    write = tool("write_query", *["[{'affected_rows': 1}]"] * 3, schema=QUERY)
    looks_first = [queries("SELECT * FROM bookings", "read_query", wants="change")] if known else []
    change = queries(statement, **({} if known else {"wants": "change"}))
    task = "Nora Meier cancelled by phone. Now delete the booking from the database."
    run, model = await told(task, [*looks_first, change, change, change, DONE], read, write)
    said = "\n".join(each.last.content for each in model.asked)
    assert (f"{asked} stands neither in the task nor in a result: look with a SELECT" in said) is bool(asked)
    assert any("chose rows by" in warning for warning in run.report.warnings) is bool(asked)


async def test_who_was_shown_all_that_is_there_may_say_that_it_is_not() -> None:
    graph = '{"entities": [{"name": "Ann", "observations": ["speaks Greek"]}], "relations": []}'
    empty: dict[str, Any] = {"type": "object", "properties": {}}
    read = tool("read_graph", *[graph] * 4, read_only=True, schema=empty)
    search = tool("search_nodes", *['{"entities": [], "relations": []}'] * 3, read_only=True, schema=QUERY)
    search_it = {"wants": "answer", "thought": "", "tool": "search_nodes", "arguments": {"query": "speaks Danish"}}
    none = {"thought": "", "outcome": "impossible", "answer": "No one in the graph speaks Danish."}
    run, model = await told("Who of the people in your memory speaks Danish?", [search_it, none], read, search)
    assert (len(model.asked), run.report.answer) == (2, "No one in the graph speaks Danish.")


async def test_a_table_for_a_file_of_json_goes_back_once_with_the_objects_of_its_rows() -> None:
    table = "name,hex\nmoss,#67d07b\nink,#ea3bae\nrust,#4200b5"
    read = tool("read_file", table, read_only=True, schema=PATH)
    write = tool("write_file", "written", schema=WRITE_SCHEMA)
    task = "I need /d/palette.csv as /d/palette.json, list of objects with name and hex"
    look, wrong = act("read_file", path="/d/palette.csv"), act("write_file", path="/d/palette.json", content=table)
    objects = json.dumps(
        [dict(zip(("name", "hex"), row.split(","), strict=True)) for row in table.splitlines()[1:]], indent=2
    )
    run, _ = await small(
        look, wrong, act("write_file", path="/d/palette.json", content=objects), answer("Done.", "changed"),
        tools=ScriptedToolbox(read, write), task=task,
    )  # fmt: skip
    asked, written = [fact.result for fact in run.all(ToolFinished) if fact.call.name == "write_file"]
    assert "The content is no JSON, and the file is palette.json." in asked.content
    assert asked.content.endswith(json.dumps(objects))
    assert (asked.outcome, written.outcome, run.report.warnings) == ("rejected", "ok", ())
    run, _ = await small(look, wrong, wrong, answer("Done.", "changed"), tools=ScriptedToolbox(read, write), task=task)
    assert "write_file wrote into “palette.json” what is no JSON." in run.report.warnings


@pytest.mark.parametrize(
    ("statement", "row", "asks"),
    [
        ("DELETE FROM bookings WHERE id = 1", "[{'id': 1, 'guest': 'Tilda Haas', 'nights': 6}]", True),
        ("UPDATE bookings SET nights = 0 WHERE id = 1", "[{'id': 1, 'guest': 'Tilda Haas', 'nights': 6}]", True),
        ("DELETE FROM bookings WHERE id = 1", "[{'id': 1, 'guest': 'Nora Meier', 'nights': 6}]", False),
        ("DELETE FROM bookings WHERE guest = 'Nora Meier'", "[{'id': 1, 'guest': 'Tilda Haas', 'nights': 6}]", False),
    ],
)
async def test_a_row_of_which_nothing_stands_in_the_task_is_not_taken_for_the_one_that_is_not_there(
    statement: str, row: str, asks: bool
) -> None:
    read = tool("read_query", row, row, read_only=True, schema=QUERY)
    write = tool("write_query", *["[{'affected_rows': 1}]"] * 3, schema=QUERY)
    look, change = queries("SELECT * FROM bookings", "read_query", wants="change"), queries(statement)
    task = "Nora Meier cancelled by phone. Now delete the booking from the database."
    run, model = await told(task, [look, change, change, change, DONE], read, write)
    said = "\n".join(each.last.content for each in model.asked)
    assert ("and nothing of it stands in the task" in said) is asks
    assert any("was about the row" in warning for warning in run.report.warnings) is asks


@pytest.mark.parametrize(
    ("task", "asked"),
    [
        (
            "which invoices in /inv arent paid? (file name = number; whats paid is in the database, table payments)",
            True,
        ),
        ("Is there a payment for each invoice in /inv?", True),
        ("Which invoices are in /inv?", False),
    ],
)
async def test_a_table_that_the_task_names_is_asked_before_an_answer_stands(task: str, asked: bool) -> None:
    listing = tool(
        "list_directory", *["[FILE] 1276.txt\n[FILE] 1371.txt"] * 3, read_only=True, server="files", schema=PATH
    )
    tables = tool("list_tables", "[{'name': 'payments'}]", server="db", schema={"type": "object", "properties": {}})
    described = "[{'name': 'id', 'type': 'INTEGER'}, {'name': 'invoice', 'type': 'INTEGER'}]"
    describe = tool(
        "describe_table",
        described,
        server="db",
        schema=QUERY | {"properties": {"table_name": {"type": "string"}}, "required": ["table_name"]},
    )
    read = tool("read_query", "[{'invoice': 1371}]", server="db", schema=QUERY)
    both = found("1276.txt and 1371.txt", "1276.txt", "1371.txt")
    query = queries("SELECT invoice FROM payments", "read_query")
    run, model = await told(
        task, [both, *([query, found("1276.txt", "1276.txt")] if asked else [])], listing, tables, describe, read
    )
    said = "\n".join(each.last.content for each in model.asked)
    assert (
        "The task speaks of payments, which is a table, and nothing was asked of it: make a query." in said
    ) is asked
    assert run.report.status == "done"


@pytest.mark.parametrize(
    ("task", "asks"),
    [
        ("When did Bruno join? If he is not in the table members, add him with the year 2026.", True),
        ("Trag Bruno mit 2026 in die Tabelle members ein, falls er noch fehlt.", True),
        ("Add Bruno with the year 2026 to the table members.", False),
    ],
)
async def test_a_row_whose_addition_depends_on_what_is_there_is_not_added_unseen(task: str, asks: bool) -> None:
    read = tool("read_query", "[{'name': 'Bruno', 'joined': 2013}]", read_only=True, schema=QUERY)
    write = tool("write_query", *["[{'affected_rows': 1}]"] * 2, schema=QUERY)
    add = queries("INSERT INTO members VALUES ('Bruno', 2026)", wants="change")
    _, model = await told(task, [add, add, DONE, DONE], read, write)
    said = "\n".join(each.last.content for each in model.asked)
    assert ("look with a SELECT first" in said) is asks


async def test_a_statement_that_changed_no_row_is_shown_the_rows_and_may_be_made_again() -> None:
    rows = "[{'sku': 'A76', 'title': 'Headlamp', 'price': 60}, {'sku': 'A77', 'title': 'Hammock', 'price': 79}]"
    read = tool("read_query", *[rows] * 3, server="db", schema=QUERY)
    write = tool(
        "write_query",
        "[{'affected_rows': 0}]",
        "[{'affected_rows': 0}]",
        "[{'affected_rows': 1}]",
        server="db",
        schema=QUERY,
    )
    wrong = queries("UPDATE articles SET price = 67 WHERE sku = 'headlamp'", wants="change")
    right = queries("UPDATE articles SET price = 67 WHERE title = 'Headlamp'")
    task = "The headlamp costs 67 now: put that into our table articles."
    run, model = await told(task, [wrong, wrong, right, DONE], read, write)
    said = model.asked[1].last.content
    assert "[{'affected_rows': 0}]\nNo row was changed, since none fits. The first rows of articles: [{" in said
    assert "Headlamp" in said
    assert "it succeeded" not in "\n".join(each.last.content for each in model.asked)
    assert run.report.status == "done"
    run, _ = await told(task, [wrong, *[DONE] * 6], read, write)
    assert (run.report.status, run.report.stop_reason) == ("partial", "unfounded"), "no call changed anything"


async def test_where_the_right_content_is_offered_the_next_reply_is_that_call_and_no_answer() -> None:
    held, task = "name,hex\nplum,#25ee56\nink,#eceec8\nmoss,#68f523", "Convert /in.csv to JSON: write /out.json"
    rows = [{"name": "in.csv", "hex": "#25ee56"}, {"name": "ink", "hex": "#eceec8"}, {"name": "moss", "hex": "#68f523"}]
    wrong = writes("/out.json", json.dumps(rows), wants="change")
    right = writes("/out.json", json.dumps([rows[0] | {"name": "plum"}, *rows[1:]]))
    run, model = await told(task, [wrong, right, DONE], reading(held), writing())
    assert "make the call with this content: " in model.asked[1].last.content
    assert may_be(model.asked[1].options.schema) == {"write_file"}
    assert "changed" in may_be(model.asked[2].options.schema)
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_a_file_that_would_be_lost_may_be_answered_about_all_the_same() -> None:
    listing = tool("list_directory", *["[FILE] in.csv"] * 3, read_only=True, schema=PATH)
    lost = writes("/in.csv", "moss,#68f523", wants="change")
    held = reading("name,hex\nplum,#25ee56\nink,#eceec8")
    _, model = await told("Put moss with #68f523 into /in.csv", [lost, lost, DONE, DONE], held, writing(), listing)
    assert "make the call with this content: " in model.asked[1].last.content
    assert "read_text_file" in may_be(model.asked[1].options.schema)
