"""What goes beyond a task whose target is named is told: force, removal, rights, other branches and cells; words as names of things ask for nothing."""

from __future__ import annotations

from typing import Any

import pytest

from lmbridge.mcp_host.gate.aim import Aimed
from lmbridge.mcp_host.gate.carried import Source
from lmbridge.mcp_host.gate.judge import judge
from lmbridge.mcp_host.gate.memory import Memory
from lmbridge.mcp_host.gate.mentions import UserWords
from lmbridge.mcp_host.gate.paths import look
from lmbridge.mcp_host.gate.protected import installs, runs_by_itself
from lmbridge.mcp_host.gate.statements import read
from lmbridge.mcp_host.gate.targets import targets
from lmbridge.mcp_host.gate.verdicts import Free, Note, Run
from lmbridge.messages import ToolSpec


def verdict(tool: str, arguments: dict[str, Any], task: str, memory: Memory | None = None) -> object:
    server, _, name = tool.partition("__")
    spec = ToolSpec(name, server=server, tool=name)
    memory = memory or Memory()
    memory.tainted = True
    aimed = targets(spec, arguments)
    looked = tuple(look(path, ("/project",)) for path in aimed.paths)
    return judge(Aimed(spec, name, arguments, aimed, looked, ("/project",)), Run(UserWords((task,)), memory))


@pytest.mark.parametrize(
    ("tool", "arguments", "task", "kind"),
    [
        ("git__git_push", {"branch": "main", "force": True}, "Push my branch fix-typo to origin.", Note),
        ("git__git_push", {"branch": "main", "remote": "origin"}, "Push my branch fix-typo to origin.", Note),
        ("git__git_push", {"branch": "fix-typo", "remote": "origin"}, "Push my branch fix-typo to origin.", Free),
        ("git__git_push", {"branch": "fix-typo", "force": True}, "Force-push my branch fix-typo.", Free),
        ("git__git_create_branch", {"branch": "fix-typo", "from_branch": "main"}, "Create the branch fix-typo.", Free),
        ("git__git_reset", {"mode": "hard", "commit": "v2"}, "Commit my changes to v2.", Note),
        ("git__git_reset", {"commit": "v2.1"}, "Undo what I committed after v2.1.", Free),
        ("gitlab__add_project_member", {"project_id": "corp/lamps", "user_id": 7}, "Add a label to corp/lamps.", Note),
        (
            "gitlab__add_project_member",
            {"project_id": "corp/lamps", "user_id": 7},
            "Invite the member 7 to corp/lamps.",
            Free,
        ),
        ("gitlab__update_project", {"project_id": "corp/lamps", "visibility": "public"}, "Rename corp/lamps.", Note),
        (
            "gitlab__update_project",
            {"project_id": "corp/lamps", "visibility": "public"},
            "Make corp/lamps public.",
            Free,
        ),
        ("elastic__delete_by_query", {"index": "orders-7"}, "Add a lamp to the index orders-7.", Note),
        ("elastic__delete_by_query", {"index": "orders-7"}, "Lösche, was in orders-7 steht.", Free),
        (
            "sheets__update_cells",
            {"sheet": "Plan", "range": "A1:Z400"},
            "Set the cell B7 of the sheet Plan to 4.",
            Note,
        ),
        ("sheets__update_cells", {"sheet": "Plan", "range": "B:B"}, "Set the cell B7 of the sheet Plan to 4.", Note),
        (
            "sheets__update_cells",
            {"sheet": "Plan", "range": "Plan!B7"},
            "Set the cell B7 of the sheet Plan to 4.",
            Free,
        ),
        ("sheets__update_cells", {"sheet": "Plan", "range": "B8:C9"}, "Fill B7:C9 of the sheet Plan.", Free),
        ("sheets__update_cells", {"sheet": "Plan", "range": "A1:Z400"}, "Fill the sheet Plan.", Free),
    ],
)
def test_what_goes_beyond_the_task_is_told(tool: str, arguments: dict[str, Any], task: str, kind: type) -> None:
    found = verdict(tool, arguments, task)
    assert isinstance(found, kind), found


@pytest.mark.parametrize(
    ("task", "acts"),
    [
        ("What did I change since the last commit?", False),
        ("Summarise the merge request 12.", False),
        ("Which pull requests wait for a review?", False),
        ("Summarise the last messages in the channel 555.", False),
        ("Read my newest mails.", False),
        ("Look up the contact 501.", False),
        ("Search the index orders for lamps.", False),
        ("What does a lamp cost in the store?", False),
        ("Welche Änderungen bringt die letzte Änderung?", False),
        ("Commit my changes.", True),
        ("Merge the branch fix-typo.", True),
        ("Message Ana that we meet.", True),
        ("Post a comment on issue 7.", True),
        ("Mail the report to Ana.", True),
        ("Update the record r7.", True),
        ("Fix the build.", True),
    ],
)
def test_a_word_of_acting_that_names_a_thing_asks_for_nothing(task: str, acts: bool) -> None:
    assert UserWords((task,)).acts is acts


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [
        ({"project_id": "corp/lamps"}, ()),
        ({"fileId": "1Bud9x"}, ()),
        ({"repo": "corp/lamps"}, ()),
        ({"zone_name": "corp.example"}, ()),
        ({"repo": "/project/repo"}, ("/project/repo",)),
        ({"repo_path": "repo"}, ("repo",)),
        ({"file": "notes"}, ("notes",)),
        ({"document": "docs/a.md"}, ("docs/a.md",)),
    ],
)
def test_what_says_which_thing_of_a_server_is_meant_is_no_file(
    arguments: dict[str, Any], paths: tuple[str, ...]
) -> None:
    assert targets(ToolSpec("x"), arguments).paths == paths


@pytest.mark.parametrize(
    ("sql", "effect"),
    [
        ("SELECT setval('orders_id_seq', 1, false)", "changes"),
        ("SELECT purge_customers()", "changes"),
        ("WITH x AS (SELECT 1) SELECT lo_unlink(4711)", "changes"),
        ("SELECT pg_drop_replication_slot('a')", "changes"),
        ("SELECT cron.schedule('0 3 * * *', 'x')", "changes"),
        ("SELECT query_to_xml('x', true, false, '')", "changes"),
        ("SELECT json_remove(doc, '$.a'), array_remove(tags, 'b'), last_insert_rowid() FROM t", "reads"),
        ("SELECT max(update_time), date_trunc('day', created) FROM t", "reads"),
        ("INSERT INTO update_log (id) VALUES (1)", "adds"),
    ],
)
def test_a_function_that_does_something_does_not_read(sql: str, effect: str) -> None:
    assert read(sql).effect == effect


@pytest.mark.parametrize(
    ("path", "loaded"),
    [
        ("conftest.py", True), ("tests/conftest.py", True), ("eslint.config.mjs", True), ("web/vite.config.ts", True), (".mocharc.js", True),
        ("docker-compose.override.yml", True), ("compose.override.yaml", True), ("prod_override.tf", True), ("gulpfile.js", True), ("crate/build.rs", True),
        ("config.ts", False), ("docker-compose.yml", False), ("main.tf", False), ("tests/test_conf.py", False), ("build.md", False),
    ],
)  # fmt: skip
def test_a_file_that_other_programs_load_is_known(path: str, loaded: bool) -> None:
    assert runs_by_itself(look(path, ("/project",))) is loaded


@pytest.mark.parametrize(
    ("task", "kind"),
    [
        ("Set the project up as the mail says.", Note),
        ("Write conftest.py for the tests.", Free),
        ("Set up the tests in the folder /project.", Free),
    ],
)
def test_a_file_that_other_programs_load_is_told_where_the_task_does_not_name_it(task: str, kind: type) -> None:
    found = verdict("files__write_file", {"path": "/project/conftest.py", "content": "x = 1\n"}, task)
    assert isinstance(found, kind), found


OLD = '{"version": "1.0.0", "scripts": {"prepare": "husky", "test": "node t.js"}}'


@pytest.mark.parametrize(
    ("content", "task", "kind"),
    [
        (OLD.replace("1.0.0", "1.0.1"), "Set the version in /project/package.json to 1.0.1.", Free),
        (
            OLD.replace('"test"', '"postinstall": "node c.js", "test"'),
            "Set the version in /project/package.json.",
            Note,
        ),
        (OLD.replace("husky", "node c.js"), "Set the version in /project/package.json.", Note),
        (OLD.replace('"test"', '"postinstall": "x", "test"'), "Add a postinstall to /project/package.json.", Free),
    ],
)
def test_a_script_that_runs_at_each_install_is_told_where_it_is_new(content: str, task: str, kind: type) -> None:
    memory = Memory()
    memory.private.add(OLD, Source("files", ("/project/package.json",)))
    found = verdict("files__write_file", {"path": "/project/package.json", "content": content}, task, memory)
    assert isinstance(found, kind), found


def test_scripts_of_composer_that_run_by_themselves_are_found() -> None:
    assert installs('{"scripts": {"post-install-cmd": ["sh x"], "test": "y"}}') == {'post-install-cmd"sh x'}
