"""An answer that nothing was changed, where a diff says what was."""

from __future__ import annotations

import pytest

from lmbridge.agent.held.diffs import denied_change

DIFF = """Diff with main:
diff --git a/heating.txt b/heating.txt
index 3d09667..89bc289 100644
--- a/heating.txt
+++ b/heating.txt
@@ -1,5 +1,5 @@
 # degrees
 hallway: 24
 kitchen: 20
-bedroom: 19
+bedroom: 21
 bathroom: 22
"""
PLAIN = "--- old/notes.md\n+++ new/notes.md\n@@ -1 +1,2 @@\n Call Ann\n+Call Ben\n"


@pytest.mark.parametrize(
    ("answer", "text", "changed"),
    [
        ("The file `heating.txt` has not changed since the last commit.", DIFF, ["-bedroom: 19", "+bedroom: 21"]),
        ("Nothing was changed: there are no differences.", DIFF, ["-bedroom: 19", "+bedroom: 21"]),
        (
            "In heating.txt wurde nichts ge\u00e4ndert, es gibt keine \u00c4nderung.",
            DIFF,
            ["-bedroom: 19", "+bedroom: 21"],
        ),
        ("Le fichier heating.txt n'est pas modifi\u00e9.", DIFF, ["-bedroom: 19", "+bedroom: 21"]),
        ("notes.md has not been touched.", PLAIN, ["+Call Ben"]),
    ],
)
def test_an_answer_that_denies_a_change_is_held_against_the_diff(answer: str, text: str, changed: list[str]) -> None:
    assert denied_change(answer, text) == changed


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("It was 19 and is now 21.", DIFF),
        ("The bedroom is not 19 any more.", DIFF),
        ("No, the fee was not changed.", DIFF),  # the answer to a question about something else
        ("The kitchen was not changed.", DIFF),  # and right
        ("budget.txt has not changed.", DIFF),  # another file
        ("Only heating.txt.", DIFF),  # nothing is denied
        ("heating.txt has not changed.", "Diff with main:\n"),
        ("heating.txt has not changed.", "- a\n- b\n+ c"),  # a list
        ("heating.txt has not changed.", DIFF + "+x\n" * 20),
    ],
)
def test_other_answers_are_left_alone(answer: str, text: str) -> None:
    assert denied_change(answer, text) == []


@pytest.mark.parametrize("text", ["@@ " * 60_000, "@@ -1 +1 @@\n" + "+a\n" * 60_000, "--- " + "a/" * 9000])
def test_no_text_keeps_it_busy(text: str) -> None:
    assert denied_change("a.txt has not changed.", text) == []
