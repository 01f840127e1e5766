"""An edit whose old text stands several times is made where the task means it: asked about once, with a longer text for each place."""

from __future__ import annotations

from typing import Any

import pytest

from lmbridge.agent.reading.places.meant import means_all, meant_of
from lmbridge.agent.reading.places.standing import places_of
from lmbridge.events import ToolFinished
from lmbridge.testing.scripted import fails, tool

from .test_forced import may_be
from .test_places_of_edits import EDITS, Folder, edits
from .test_quotes import DONE, told

YAML = """# Serveurs
production:
  host: www.boutique.fr
  port: 8000
  debug: false

test:
  host: test.boutique.fr
  port: 8000
  debug: true

timeout: 30
"""
INI = "; all\n[prod]\nhost = a\nport = 1\n\n[dev]\nhost = b\nport = 1\n"
TOML = "[[server]]\nname = 'prod'\nport = 1\n\n[[server]]\nname = 'dev'\nport = 1\n"
JSON = (
    '{\n  "servers": [\n    {\n      "name": "prod",\n      "port": 1,\n      "tls": true\n    },\n'
    '    {\n      "name": "dev",\n      "port": 1\n    }\n  ]\n}\n'
)
NESTED = '{\n  "prod": {\n    "web": {\n      "port": 1\n    }\n  },\n  "dev": {\n    "web": {\n      "port": 1\n    }\n  }\n}\n'
MARKDOWN = "# Monday\n\n- milk\n- bread\n\n# Tuesday\n\n- eggs\n- milk\n"
CODE = "def price(x):\n    y = x * 2\n    return y\n\n\ndef total(x):\n    y = x * 2\n    return y\n"
DOTENV = "# prod\nPORT=1\n\n# dev\nPORT=1\n"
BLOCKS = "name: prod\nport: 1\n\nname: dev\nport: 1\n"
ITEMS = "- name: prod\n  port: 1\n- name: dev\n  port: 1\n"
TABLE = "| name | port |\n| --- | --- |\n| prod | 80 |\n| dev | 80 |\n"


def where(text: str, old: str, task: str, *, new: str = "x", path: str = "/a.yaml") -> int | None:
    places, _ = places_of(text, old, new, path)
    return meant_of(places, task, (old, new))


@pytest.mark.parametrize(
    ("text", "old", "new", "path", "task", "right"),
    [
        (YAML, "port: 8000", "port: 5000", "/s.yaml", "test gets port 5000", ("test:\n  host: test.boutique.fr\n  port: 8000", "test:\n  host: test.boutique.fr\n  port: 5000")),
        (INI, "port = 1", "port = 2", "/s.ini", "dev: port 2", ("[dev]\nhost = b\nport = 1", "[dev]\nhost = b\nport = 2")),
        (TOML, "port = 1", "port = 2", "/s.toml", "port of dev to 2", ("[[server]]\nname = 'dev'\nport = 1", "[[server]]\nname = 'dev'\nport = 2")),
        (JSON, '"port": 1', '"port": 2', "/s.json", "port of dev to 2", ('    {\n      "name": "dev",\n      "port": 1', '    {\n      "name": "dev",\n      "port": 2')),
        (NESTED, '"port": 1', '"port": 2', "/s.json", "dev: port 2", ('  "dev": {\n    "web": {\n      "port": 1', '  "dev": {\n    "web": {\n      "port": 2')),
        (MARKDOWN, "- milk", "- oat milk", "/week.md", "On Tuesday oat milk instead of milk", ("# Tuesday\n\n- eggs\n- milk", "# Tuesday\n\n- eggs\n- oat milk")),
        (MARKDOWN, "- milk\n", "", "/week.md", "Remove the milk on Tuesday", ("# Tuesday\n\n- eggs\n- milk", "# Tuesday\n\n- eggs")),
        (CODE, "x * 2", "x * 3", "/a.py", "In total it has to be x * 3", ("def total(x):\n    y = x * 2", "def total(x):\n    y = x * 3")),
        (DOTENV, "PORT=1", "PORT=2", "/a.env", "PORT of dev to 2", ("# dev\nPORT=1", "# dev\nPORT=2")),
        (BLOCKS, "port: 1", "port: 2", "/a.conf", "Port von dev auf 2", ("name: dev\nport: 1", "name: dev\nport: 2")),
        (ITEMS, "port: 1", "port: 2", "/a.yaml", "mets le port de dev à 2", ("- name: dev\n  port: 1", "- name: dev\n  port: 2")),
        (TABLE, "80", "81", "/a.md", "dev has 81 now", ("| dev | 80 |", "| dev | 81 |")),
        (YAML.replace("\n", "\r\n"), "port: 8000", "port: 5000", "/s.yaml", "test gets port 5000", ("test:\r\n  host: test.boutique.fr\r\n  port: 8000\r", "test:\r\n  host: test.boutique.fr\r\n  port: 5000\r")),
    ],
)  # fmt: skip
def test_each_place_has_a_text_that_fits_it_alone_and_the_task_chooses_one(text, old, new, path, task, right) -> None:
    places, is_first = places_of(text, old, new, path)
    assert is_first
    assert len(places) == 2
    assert all(text.count(place.old) == 1 for place in places)
    found = meant_of(places, task, (old, new))
    assert found == 1
    assert (places[1].old, places[1].new) == right


@pytest.mark.parametrize(
    ("task", "meant"),
    [
        ("Dans /deploiement/test/serveurs.yaml, remplacez le port du serveur de test par 5000, s'il vous plaît. Le serveur de production et le reste ne doivent pas changer.", 1),
        ("Change the port of the test server to 5000, production must not change", 1),
        ("Change the port to 5000 but leave production alone", 1),
        ("Setze den Port des Testservers auf 5000, die Produktion (production) bleibt.", 1),
        ("Cambia el puerto a 5000; production no debe cambiar", 1),
        ("Cambia la porta del server di test a 5000 e non toccare production", 1),
        ("Mude a porta de test para 5000, production fica como está", 1),
        ("changez le port de test et le reste ne change pas", 1),
        ("test gets port 5000, not production", 1),
        ("5000 instead of 8000 on test, please", 1),
        ("the server test.boutique.fr gets port 5000", 1),
        ("set the port to 5000 where debug is true", 1),
        ("set the port in line 9 to 5000", 1),
        ("set the second port to 5000", 1),
        ("set the last port to 5000", 1),
        ("set production's port to 5000", 0),
        ("set the first port to 5000", 0),
        ("production: port 5000, test stays at 8000", 0),
        ("change the port to 5000", None),
        ("change the port to 5000 on test and production", None),
        ("change the port in /srv/test/a.yaml to 5000", None),
    ],
)  # fmt: skip
def test_what_the_task_says_chooses_the_place(task: str, meant: int | None) -> None:
    assert where(YAML, "port: 8000", task, new="port: 5000") == meant


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("change it everywhere", True),
        ("set both ports to 5000", True),
        ("Meyer has to be Meier, it occurs twice", True),
        ("Meyer kommt zweimal vor und heißt Meier", True),
        ("Meyer est écrit deux fois faux", True),
        ("set the port of test, all the rest stays", False),
        ("set the port of test, alles andere bleibt", False),
        ("set the port of test, everything else stays", False),
    ],
)
def test_what_a_task_calls_the_rest_is_not_each_of_several_things(task: str, said: bool) -> None:
    assert means_all(task) is said


def test_a_word_is_not_sought_within_longer_ones_where_it_stands_by_itself() -> None:
    places, is_first = places_of("port: 8000\nx: y\nport: 80\n", "port: 80", "port: 81")
    assert ([place.line for place in places], is_first) == ([3], False)
    assert places[0].new == "port: 8000\nx: y\nport: 81"
    assert places_of("pane\npane grattato\n", "pane", "riso")[1]
    assert [place.line for place in places_of("pane\npane grattato\n", "pane", "riso")[0]] == [1]


@pytest.mark.parametrize(("text", "old"), [("", "a"), ("a\na\n", " "), ("a\na\n", "b")])
def test_nothing_stands_where_nothing_is_sought(text: str, old: str) -> None:
    assert places_of(text, old, "x") == ([], False)


def test_lines_that_are_all_alike_have_no_text_of_their_own() -> None:
    places, _ = places_of("a\n" * 40, "a", "b")
    assert not all(place.old for place in places)


TASK = "In /list.txt replace the port of the test server by 5000; production must not change."
RIGHT = edits("test:\n  host: test.boutique.fr\n  port: 8000", "test:\n  host: test.boutique.fr\n  port: 5000")
WRONG = edits("port: 8000", "port: 5000", wants="change")


async def test_an_edit_of_the_first_of_several_places_is_asked_about_with_the_one_that_the_task_means() -> None:
    folder = Folder(list=YAML)
    run, model = await told(TASK, [WRONG, RIGHT, DONE], *folder.tools)
    said = model.asked[1].last.content
    assert '"port: 8000" stands in 2 places (lines 4, 9), and this would change the first.' in said
    assert '{"edits": [{"oldText": "test:\\n  host: test.boutique.fr\\n  port: 8000", "newText": "test:\\n' in said
    assert may_be(model.asked[1].options.schema) == {"edit_file"}
    assert folder.files["/list.txt"] == YAML.replace(
        "fr\n  port: 8000\n  debug: true", "fr\n  port: 5000\n  debug: true"
    )
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_where_the_task_does_not_say_which_is_meant_each_is_told() -> None:
    folder = Folder(list=YAML)
    run, model = await told("Set the port in /list.txt to 5000.", [WRONG, RIGHT, DONE, DONE], *folder.tools)
    said = model.asked[1].last.content
    assert "line 4: " in said
    assert "line 9: " in said
    assert '"oldText": "production:\\n  host: www.boutique.fr\\n  port: 8000"' in said
    assert [fact.result.outcome for fact in run.all(ToolFinished) if fact.call.name == "edit_file"] == [
        "rejected",
        "ok",
    ]


async def test_where_the_first_is_changed_all_the_same_the_caller_is_told() -> None:
    folder = Folder(list=YAML)
    run, _ = await told(TASK, [WRONG, WRONG, DONE, DONE], *folder.tools)
    assert folder.files["/list.txt"].index("5000") < folder.files["/list.txt"].index("test:")
    assert (
        "edit_file changed “port: 8000” where it stands first, and it stands in other places too."
        in run.report.warnings
    )


async def test_the_other_edits_of_the_call_stand_beside_the_right_one() -> None:
    folder = Folder(list=YAML)
    both: dict[str, Any] = edits("timeout: 30", "timeout: 60", wants="change")
    both["arguments"]["edits"].append({"oldText": "port: 8000", "newText": "port: 5000"})
    right = edits("timeout: 30", "timeout: 60")
    right["arguments"]["edits"] += RIGHT["arguments"]["edits"]
    _, model = await told("Timeout 60 in /list.txt, and port 5000 for test.", [both, right, DONE], *folder.tools)
    said = model.asked[1].last.content
    assert '{"edits": [{"oldText": "timeout: 30", "newText": "timeout: 60"}, {"oldText": "test:\\n' in said


async def test_of_a_text_that_stands_nowhere_its_server_says_so() -> None:
    nowhere = tool("edit_file", fails("Could not find exact match"), schema=EDITS)
    wrong = edits("host: shop.example", "host: www.example", wants="change")
    run, _ = await told("Set the host of test in /list.txt.", [wrong, DONE, DONE], Folder(list=YAML).tools[0], nowhere)
    made = [fact.result.content for fact in run.all(ToolFinished) if fact.call.name == "edit_file"]
    assert made == ["Could not find exact match"]


@pytest.mark.parametrize(
    ("task", "old", "new"),
    [
        ("Set production's port in /list.txt to 5000.", "port: 8000", "port: 5000"),
        ("Set the port to 5000 everywhere in /list.txt.", "port: 8000", "port: 5000"),
        ("Set both ports in /list.txt to 5000.", "port: 8000", "port: 5000"),
        ("Replace port: 8000 by port: 5000 in /list.txt (twice).", "port: 8000", "port: 5000"),
        ("Replace port: 8000 by port: 5000 in /list.txt.", "port: 8000", "port: 5000"),
        ("Set the timeout in /list.txt to 60.", "timeout: 30", "timeout: 60"),
        (TASK, "  host: test.boutique.fr\n  port: 8000", "  host: test.boutique.fr\n  port: 5000"),
    ],
)
async def test_edits_of_the_place_that_is_meant_are_made_at_once(task: str, old: str, new: str) -> None:
    folder = Folder(list=YAML)
    run, _ = await told(task, [edits(old, new, wants="change"), DONE, DONE], *folder.tools)
    made = [fact.result for fact in run.all(ToolFinished) if fact.call.name == "edit_file"]
    assert [result.outcome for result in made] == ["ok"]
    assert ("still stands" in made[0].note) is not any(word in task for word in ("production", "timeout", "test"))
