"""An answer that denies what a diff says, or names a part of what is said of several things, goes back once with what stands there."""

from __future__ import annotations

from typing import Any

from lmbridge.testing.scripted import tool

from .test_quotes import found, told

DIFF = """Diff with main:
diff --git a/heating.txt b/heating.txt
--- a/heating.txt
+++ b/heating.txt
@@ -1,5 +1,5 @@
 # degrees
 hallway: 24
 kitchen: 20
-bedroom: 19
+bedroom: 21
"""
COURSES = "* Acuarela: quedan 2 plazas\n* Mosaico: quedan 5 plazas\n* Bordado: quedan 5 plazas\n* Grabado: completo\n* Origami: completo"
LEASE = "Rent: 1480 a month\nDeposit: 3800\nKeys handed over: 4"
NONE: dict[str, Any] = {"type": "object", "properties": {}}
OLD = ["# degrees", "hallway: 24", "kitchen: 20"]
WHAT = "what did i change since the last commit? tell me the old value and the new one"
DIFFS = {"wants": "answer", "thought": "", "tool": "git_diff", "arguments": {}}


def shows(name: str, text: str) -> Any:
    return tool(name, *[text] * 4, read_only=True, server="s", schema=NONE)


async def test_an_answer_that_denies_a_change_is_told_what_the_diff_says() -> None:
    wrong = found("The file `heating.txt` has not changed since the last commit.", *OLD)
    right = found("The bedroom was 19 and is now 21.", "-bedroom: 19", "+bedroom: 21")
    run, model = await told(WHAT, [DIFFS, wrong, right], shows("git_diff", DIFF))
    assert "The diff says: '-bedroom: 19'; '+bedroom: 21'. Answer from that." in model.asked[2].last.content
    assert (run.report.status, run.report.answer, run.report.warnings) == ("done", right["answer"], ())
    run, _ = await told(WHAT, [DIFFS, wrong, wrong], shows("git_diff", DIFF))
    assert any("says nothing of what a diff says" in warning for warning in run.report.warnings)


async def test_a_commit_whose_message_denies_something_is_none_that_denies_the_diff() -> None:
    message = {"type": "object", "properties": {"message": {"type": "string"}}, "required": ["message"]}
    commit = tool("git_commit", "Committed.", server="s", schema=message)
    call = {"thought": "", "tool": "git_commit", "arguments": {"message": "Do not freeze"}}
    done = {"thought": "", "outcome": "changed", "answer": "Committed."}
    first = {**DIFFS, "wants": "change"}
    run, _ = await told(
        'Look at the diff, then commit it: "Do not freeze"', [first, call, done], shows("git_diff", DIFF), commit
    )
    assert (run.report.status, run.report.warnings) == ("done", ())


async def test_who_names_one_of_two_that_are_full_and_some_of_the_others_is_told_both() -> None:
    lines = COURSES.splitlines()
    call = {"wants": "answer", "thought": "", "tool": "fetch", "arguments": {}}
    wrong, right = found("Acuarela, Mosaico, Grabado", *lines), found("Grabado, Origami", *lines[3:])
    task = "mira la p\u00e1gina y dime en cu\u00e1les talleres ya no hay sitio, porfa"
    run, model = await told(task, [call, wrong, right], shows("fetch", COURSES))
    assert "“completo”: Grabado, Origami. Name all that are meant, and no other." in model.asked[2].last.content
    assert (run.report.answer, run.report.warnings) == ("Grabado, Origami", ())
    run, _ = await told(task, [call, wrong, wrong], shows("fetch", COURSES))
    assert any("of which a result says the same" in warning for warning in run.report.warnings)


async def test_who_tells_of_more_than_the_claim_that_is_wrong_is_told_which_that_is() -> None:
    task = "Tim claims that our rent is 1480 and that we were given 3 keys. Look into the lease: which is wrong?"
    call = {"wants": "answer", "thought": "", "tool": "lease", "arguments": {}}
    wrong = found("Rent 1480, deposit 3800, keys 4.", *LEASE.splitlines())
    right = found("The keys: 4 were handed over.", "Keys handed over: 4")
    run, model = await told(task, [call, wrong, right], shows("lease", LEASE))
    assert "'Keys handed over: 4' says otherwise than 3." in model.asked[2].last.content
    assert (run.report.answer, run.report.warnings) == ("The keys: 4 were handed over.", ())
    run, _ = await told(task, [call, wrong, wrong], shows("lease", LEASE))
    assert any("says otherwise than the task's 3" in warning for warning in run.report.warnings)
