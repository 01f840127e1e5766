"""The files that a status of git names as changed, held against an answer to what was not committed."""

from __future__ import annotations

import pytest

from agent.loop.test_quotes import found, told
from lmbridge.agent.held.uncommitted import not_by_git
from lmbridge.testing.scripted import tool

STATUS = (
    "Repository status:\nOn branch main\nChanges not staged for commit:\n"
    '  (use "git add <file>..." to update what will be committed)\n\tmodified:   prices.txt\n\n'
    'no changes added to commit (use "git add" and/or "git commit -a")'
)
SHOWN = "Start\n\n--- /dev/null\n+++ b/about.txt\n@@ -0,0 +1 @@\n+about.txt\n\n--- /dev/null\n+++ b/prices.txt\n@@ -0,0 +1 @@\n+prices.txt\n"
TASK = "Which file have I changed in /site without committing it?"
ALL = "You changed prices.txt and about.txt without committing them."


@pytest.mark.parametrize(
    "task",
    [
        TASK,
        "what is uncommitted in /site",
        "Which changes in /site have not been committed yet?",
        "Was ist in /site noch nicht committet?",
        "Welche Datei in /site habe ich geändert, ohne sie einzuchecken?",
        "Qu'est-ce que je n'ai pas encore commité dans /site ?",
        "¿Qué archivos de /site están sin commit?",
        "Che cosa non ho ancora committato in /site?",
        "O que em /site ainda está sem commit?",
    ],
)
def test_files_that_the_status_does_not_name_are_found(task: str) -> None:
    assert not_by_git(ALL, task, [SHOWN, STATUS]) == (["about.txt"], ["prices.txt"])
    assert not_by_git("about.txt", task, [STATUS]) == (["about.txt"], ["prices.txt"])


@pytest.mark.parametrize(
    ("answer", "task"),
    [
        ("You changed `prices.txt`.", TASK),
        ("site/prices.txt", TASK),
        ("It is prices.txt.", TASK),
        ("Nothing is uncommitted.", TASK),
        ("The last commit added about.txt and prices.txt.", "Which files does the last commit in /site have?"),
        (ALL, "Is about.txt committed, or not?"),
        ("about.txt", "Commit about.txt in /site."),
        (ALL, "What in /site is not committed yet, and which files did the last commit change?"),
    ],
)
def test_what_the_status_names_and_what_was_not_asked_stands(answer: str, task: str) -> None:
    assert not_by_git(answer, task, [SHOWN, STATUS]) is None


def test_without_a_plain_status_nothing_is_said() -> None:
    assert not_by_git(ALL, TASK, [SHOWN]) is None
    assert not_by_git(ALL, TASK, [STATUS.replace("prices.txt", '"pr\\303\\251.txt"')]) is None
    assert not_by_git(ALL, TASK, ["On branch main\nnothing to commit, working tree clean"]) is None


async def test_such_an_answer_goes_back() -> None:
    tools = (
        tool("git_status", STATUS, STATUS, read_only=True, server="git"),
        tool("git_show", SHOWN, SHOWN, read_only=True, server="git"),
    )
    look = [{"wants": "answer", "thought": "", "tool": name, "arguments": {}} for name in ("git_status", "git_show")]
    right = found("It is prices.txt.", "modified:   prices.txt")
    run, model = await told(TASK, [*look, found(ALL, "+++ b/about.txt", "modified:   prices.txt"), right], *tools)
    assert "By git, only this is not committed: prices.txt. Answer with that." in model.asked[-1].last.content
    assert (run.report.status, run.report.answer) == ("done", "It is prices.txt.")
