"""A commit that a task wants on a branch is not made on another one: that one is to be checked out first."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import git
import pytest
from mcp_server_git import server as git_server

from lmbridge.agent.held.branches import Elsewhere, checked_out, committed_elsewhere, elsewhere
from lmbridge.events import ToolFinished
from lmbridge.messages import ToolCall, ToolResult
from lmbridge.testing.scripted import ScriptedToolbox, tool

from .test_forced import act, answer, small

REPO = "/srv/site"
TASK = 'can you put what i changed in {} on a new branch new-phone? commit message "Add phone number", main should stay as it is'


def fact(name: str, content: str, arguments: Mapping[str, Any] | None = None, *, outcome: Any = "ok") -> ToolFinished:
    given = {"repo_path": REPO, **(arguments or {})}
    result = ToolResult(
        "c1", content, outcome, arguments=given, server="git", read_only=name in {"git_status", "git_branch"}
    )
    return ToolFinished(1, ToolCall("c1", name, "{}"), result)


STATUS = fact("git_status", "Repository status:\nOn branch main\nnothing to commit")
MADE = fact(
    "git_create_branch", "Created branch 'new-phone' from 'main'", {"branch_name": "new-phone", "base_branch": "main"}
)
SWITCHED = fact("git_checkout", "Switched to branch 'new-phone'", {"branch_name": "new-phone"})
LISTED = fact("git_branch", "* main\n  test\n  remotes/origin/feature-x")
COMMIT = {"repo_path": REPO, "message": "Add phone number"}


def wanted(task: str, *facts: ToolFinished, message: str = "Add phone number") -> Elsewhere | None:
    arguments = {"repo_path": REPO, "message": message}
    return elsewhere(task, arguments, checked_out(facts, arguments, "git"), facts, "git")


@pytest.mark.parametrize(
    ("facts", "branch"),
    [
        ([STATUS], "main"),
        ([STATUS, MADE], "main"),
        ([STATUS, MADE, SWITCHED], "new-phone"),
        ([LISTED], "main"),
        ([fact("git_status", "## fix/a.1...origin/fix/a.1 [ahead 1]\n M a.txt")], "fix/a.1"),
        ([fact("git_status", "## main\n M a.txt")], "main"),
        ([fact("git_status", "Auf Branch haupt\nnichts zu committen")], "haupt"),
        ([fact("git_status", "Sur la branche principale\nrien à valider")], "principale"),
        ([fact("git_status", '{"currentBranch": "main", "isClean": false}')], "main"),
        ([fact("git_branch", '{"branches": [{"name": "dev", "current": false}, {"name": "main", "current": true}]}')], "main"),
        ([fact("git_checkout", "done", {"branch_name": "dev"})], "dev"),
        ([fact("git_commit", "[dev 3a93223] Add phone number")], "dev"),
        ([STATUS, fact("git_checkout", "error: pathspec 'dev'", {"branch_name": "dev"}, outcome="error")], "main"),
        ([STATUS, fact("git_checkout", "HEAD is now detached at 3a93223", {"branch_name": "3a93223"})], ""),
        ([fact("git_log", "On branch main")], ""),
        ([], ""),
    ],
)  # fmt: skip
def test_the_branch_that_is_checked_out_is_read_off_the_latest_result(facts: list[ToolFinished], branch: str) -> None:
    assert checked_out(facts, COMMIT, "git") == branch


def test_what_is_said_of_another_repository_or_by_another_server_is_not_heard() -> None:
    other = fact("git_status", "On branch other", {"repo_path": "/srv/other"})
    assert checked_out([STATUS, other], COMMIT, "git") == "main"
    assert checked_out([STATUS], COMMIT, "another") == ""


@pytest.mark.parametrize(
    ("task", "facts", "branch", "known"),
    [
        (TASK, (STATUS, MADE), "new-phone", True),
        (TASK, (STATUS,), "new-phone", False),
        ("Commit my changes to the branch test.", (STATUS, LISTED), "test", True),
        ("Commit my changes on the feature-x branch, not on main.", (LISTED,), "feature-x", True),
        ("Lege einen neuen Branch new-phone an und committe die Änderungen dort. main bleibt, wie es ist.", (STATUS,), "new-phone", False),
        ("Mets mes changements sur une nouvelle branche nommée tel, main ne doit pas changer.", (STATUS,), "tel", False),
        ("Haz un commit en una rama nueva llamada tel", (STATUS,), "tel", False),
        ("Metti le modifiche su un nuovo ramo \"tel\" e lascia main com'è", (STATUS,), "tel", False),
        ("Create a branch new-phone from main and commit there.", (STATUS, MADE), "new-phone", True),
        ("Commit it on my branch fix/a-1.", (STATUS,), "fix/a-1", True),
    ],
)  # fmt: skip
def test_the_branch_that_the_task_names_is_known(
    task: str, facts: tuple[ToolFinished, ...], branch: str, known: bool
) -> None:
    assert wanted(task, *facts) == Elsewhere("main", branch, known)


@pytest.mark.parametrize(
    ("task", "facts"),
    [
        (TASK, (STATUS, MADE, SWITCHED)),  # it is checked out
        ("Commit my changes.", (STATUS, LISTED)),
        ("Commit my changes on main, then create a branch new-phone.", (STATUS, MADE)),
        ("Commit my changes and create a new branch new-phone for later.", (STATUS, MADE)),
        ("Commit alles und erstelle danach einen Branch new-phone.", (STATUS, MADE)),
        ("Commit my changes, but not on the branch test.", (STATUS, LISTED)),
        ("Commit my changes; the branch test stays as it is.", (STATUS, LISTED)),
        ("Commit my changes on main and test.", (STATUS, LISTED)),
        ('Commit my changes with the message "Test new-phone".', (STATUS, MADE)),
        ("Commit my changes on a branch with a good name.", (STATUS,)),
        ("Commit the change of the branch view.", (STATUS,)),
        (TASK, (MADE,)),  # what is checked out is not known
    ],
)
def test_other_commits_are_left_alone(task: str, facts: tuple[ToolFinished, ...]) -> None:
    assert wanted(task, *facts, message="Test new-phone" if "Test" in task else "Add phone number") is None


def test_a_commit_that_is_given_its_branch_needs_none_checked_out() -> None:
    assert elsewhere(TASK, {**COMMIT, "branch": "new-phone"}, "main", (STATUS, MADE), "git") is None


def test_the_caller_is_told_of_a_commit_on_another_branch() -> None:
    commit = fact("git_commit", "Changes committed successfully with hash 3a93223", COMMIT)
    said = ["The task speaks of the branch “new-phone”, and git_commit was made on “main”."]
    assert committed_elsewhere(TASK, [STATUS, MADE, commit, SWITCHED]) == said
    assert committed_elsewhere(TASK, [STATUS, commit, MADE]) == said
    assert committed_elsewhere(TASK, [STATUS, MADE, SWITCHED, commit]) == []
    failed = fact("git_commit", "error: nothing to commit", COMMIT, outcome="error")
    assert committed_elsewhere(TASK, [STATUS, MADE, failed]) == []


@pytest.fixture
def site(tmp_path: Path) -> Path:
    def run(*words: str) -> None:
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True, capture_output=True)

    run("init", "-q", "-b", "main")
    run("config", "user.email", "ann@example.org")
    run("config", "user.name", "Ann")
    (tmp_path / "a.html").write_text("1\n", encoding="utf-8")
    run("add", "a.html")
    run("commit", "-q", "-m", "First")
    (tmp_path / "a.html").write_text("2\n", encoding="utf-8")
    run("add", "a.html")
    return tmp_path


def schema(*names: str) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"type": "string"} for name in names}, "required": list(names)}


def of_git() -> ScriptedToolbox:
    """The reference server's own functions, on a real repository."""

    def repo(given: Mapping[str, Any]) -> git.Repo:
        return git.Repo(given["repo_path"])

    status = lambda given: f"Repository status:\n{git_server.git_status(repo(given))}"  # noqa: E731
    make = lambda given: git_server.git_create_branch(repo(given), given["branch_name"], "main")  # noqa: E731
    return ScriptedToolbox(
        tool("git_status", status, read_only=True, server="git", schema=schema("repo_path")),
        tool("git_create_branch", make, server="git", schema=schema("repo_path", "branch_name")),
        tool("git_checkout", lambda given: git_server.git_checkout(repo(given), given["branch_name"]), server="git", schema=schema("repo_path", "branch_name")),
        tool("git_commit", lambda given: git_server.git_commit(repo(given), given["message"]), server="git", schema=schema("repo_path", "message")),
    )  # fmt: skip


async def test_the_branch_is_checked_out_before_the_commit_is_made(site: Path) -> None:
    commit = act("git_commit", repo_path=str(site), message="Add phone number")
    branch = {"repo_path": str(site), "branch_name": "new-phone"}
    run, model = await small(
        act("git_create_branch", **branch), commit, act("git_checkout", **branch), commit, answer("Done.", "changed"),
        tools=of_git(), task=TASK.format(site),
    )  # fmt: skip
    said = model.asked[2].last.content
    assert "main is checked out, so this would commit there, and the task speaks of the branch new-phone." in said
    assert f'The call to make first: git_checkout {{"repo_path": "{site}", "branch_name": "new-phone"}}' in said
    heads = {head.name: head.commit.message.strip() for head in git.Repo(site).heads}
    assert heads == {"main": "First", "new-phone": "Add phone number"}
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_a_branch_that_is_not_there_is_made_first(site: Path) -> None:
    commit = act("git_commit", repo_path=str(site), message="Add phone number")
    branch = {"repo_path": str(site), "branch_name": "new-phone"}
    _, model = await small(
        commit, act("git_create_branch", **branch), commit, act("git_checkout", **branch), commit, answer("Done.", "changed"),
        tools=of_git(), task=TASK.format(site),
    )  # fmt: skip
    assert (
        f'first: git_create_branch {{"repo_path": "{site}", "branch_name": "new-phone"}}' in model.asked[1].last.content
    )
    assert f'first: git_checkout {{"repo_path": "{site}", "branch_name": "new-phone"}}' in model.asked[3].last.content
    heads = {head.name: head.commit.message.strip() for head in git.Repo(site).heads}
    assert heads == {"main": "First", "new-phone": "Add phone number"}


async def test_where_it_is_made_all_the_same_the_caller_is_told(site: Path) -> None:
    commit = act("git_commit", repo_path=str(site), message="Add phone number")
    run, _ = await small(
        act("git_create_branch", repo_path=str(site), branch_name="new-phone"), commit, commit, answer("Done.", "changed"), answer("Done.", "changed"),
        tools=of_git(), task=TASK.format(site),
    )  # fmt: skip
    assert "The task speaks of the branch “new-phone”, and git_commit was made on “main”." in run.report.warnings


async def test_a_commit_on_the_branch_that_is_checked_out_is_made_at_once(site: Path) -> None:
    commit = act("git_commit", repo_path=str(site), message="Add phone number")
    run, _ = await small(
        commit, answer("Done.", "changed"), answer("Done.", "changed"), tools=of_git(), task=f"Commit what is staged in {site} on main, message: Add phone number."
    )  # fmt: skip
    assert [fact.result.outcome for fact in run.all(ToolFinished) if fact.call.name.endswith("git_commit")] == ["ok"]
    assert git.Repo(site).head.commit.message.strip() == "Add phone number"
