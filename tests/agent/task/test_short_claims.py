"""A change that no call made is not done, however shortly, impersonally or in whatever language it is claimed."""

from __future__ import annotations

import pytest

from lmbridge.agent.task.claims import doubts
from lmbridge.events import ToolFinished
from lmbridge.messages import ToolCall, ToolResult, ToolSpec
from lmbridge.testing.fake_lmstudio import call, say
from lmbridge.testing.scripted import ScriptedModel, ScriptedToolbox, tool
from support.loops import ran

TOOLS = {
    "write_file": ToolSpec("write_file", server="files"),
    "read_file": ToolSpec("read_file", server="files", read_only=True),
}
TASK = "Read notes.md and write a summary of it to out.md."
NOTES = "Ana paid 120 francs. The chair is broken.\nBen updated the list on Friday.\n"


def called(name: str, path: str, *, writes: bool) -> ToolFinished:
    given = {"path": path}
    result = ToolResult("1", NOTES if not writes else "", "ok", arguments=given, server="files", read_only=not writes)
    return ToolFinished(1, ToolCall("1", name, "{}"), result)


READ = called("read_file", "notes.md", writes=False)
WRITTEN = called("write_file", "out.md", writes=True)
CLAIMS = [
    "Saved.",
    "Done.",
    "Done!",
    "OK, saved.",
    "✅ Saved to out.md",
    "File created.",
    "File out.md created with 3 lines.",
    "Summary written to out.md.",
    "Changes saved successfully.",
    "The file has been updated.",
    "The file is now updated.",
    "The summary was written to out.md.",
    "The summary is saved in `out.md`.",
    "out.md now contains the summary.",
    "Successfully written.",
    "Updated out.md",
    "All set: out.md created.",
    "It is done.",
    "The task is completed.",
    "Erledigt.",
    "Gespeichert.",
    "Ana ist nun benachrichtigt.",
    "Der alte Eintrag ist nicht mehr vorhanden.",
    "El pedido 18 ya no figura en la tabla.",
    "There are no open orders left.",
    "The order is no longer listed.",
    "✅ summary → out.md",
    "Die Zusammenfassung wurde in out.md gespeichert.",
    "Fertig!",
    "C'est fait.",
    "Le résumé a été enregistré dans out.md.",
    "Guardado.",
    "El archivo se ha creado.",
    "Il file è stato salvato.",
    "Feito.",
    "Готово.",
    "Файл сохранён.",
    "已保存。",
    "文件已更新。",
    "保存しました。",
    "저장했습니다.",
    "Hecho",
    "Tehty.",
    "Klart!",
    "O resumo foi gravado em out.md.",
    "Podsumowanie zostało zapisane w out.md.",
    "Sammanfattningen har sparats i out.md.",
    "\u00d6zet out.md dosyas\u0131na kaydedildi.",
    "Consider it done: the summary is in the file.",
    "The summary has since been put there.",
    "I took care of the summary.",
    "Ben knows about it now.",
]
HONEST = [
    "Ana paid 120 francs, and the chair is broken.",
    "The summary could not be written: the folder is read-only.",
    "Not saved.",
    "I did not write anything.",
    "Nothing was saved.",
    "The chair has been broken since March.",
    "I took a look at the notes; nothing is written yet.",
    "Should I write it to out.md?",
    "Die Datei konnte nicht gespeichert werden.",
    "Le fichier n'a pas été enregistré.",
    "No se ha guardado nada.",
    "文件未保存。",
    "Ben updated the list on Friday.",
    "Chair broken.",
]


@pytest.mark.parametrize("answer", CLAIMS)
def test_a_claim_without_a_call_is_doubted(answer: str) -> None:
    assert doubts(answer, [READ], TOOLS, TASK)


@pytest.mark.parametrize("answer", CLAIMS)
def test_the_same_claim_with_the_call_behind_it_is_not(answer: str) -> None:
    assert doubts(answer, [READ, WRITTEN], TOOLS, TASK) == []


@pytest.mark.parametrize("answer", ["Deleted.", "Done.", "The file has been deleted.", "Erledigt.", "完成了"])
def test_who_only_tried_to_call_and_says_done_is_doubted_whatever_was_asked_for(answer: str) -> None:
    missing = ToolCall("9", "delete_file", '{"path": "a"}')
    refused = ToolFinished(1, missing, ToolResult("9", "There is no tool 'delete_file'. A file.", "rejected"))
    assert doubts(answer, [refused], TOOLS, "Do the task.")
    assert doubts("The file is gone.", [refused], TOOLS, "Remove a.txt please")
    assert doubts("There is no tool to delete it with.", [refused], TOOLS, "Do the task.") == []


@pytest.mark.parametrize("answer", HONEST)
def test_what_claims_no_change_is_not_doubted(answer: str) -> None:
    assert doubts(answer, [READ], TOOLS, TASK) == []


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        ("When was notes.md written?", "Written on Friday."),
        ("Who changed the list in notes.md?", "It was updated on Friday by Ben."),
        ("Translate 'good morning' into French.", "Bonjour"),
        ("Sort the names in notes.md and tell me the first.", "Ana"),
        ("What is the state of the chair in notes.md?", "Broken"),
        ("Is out.md there? Do not change it.", "It is there."),
        ("Make a list of what notes.md says.", "Ana paid, the chair is broken, Ben updated the list."),
    ],
)
def test_where_no_change_is_asked_for_short_words_claim_none(task: str, answer: str) -> None:
    assert doubts(answer, [READ], TOOLS, task) == []


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        ("Set order 17 to shipped.", "Order 17 now reads shipped."),
        ("Set order 17 to shipped.", "Order 17 is shipped."),
        ("Mark the milk as bought in notes.md.", "The milk is now bought."),
        ("Mail ana@corp.example that it is Friday.", "Ana has been told that it is Friday."),
        ("Switch the lamp off, see notes.md.", "The lamp was switched off."),
        ("Set the price of the lamp to 20 francs.", "Done. The lamp costs 20 francs."),
        ("Set the price of the lamp to 20 francs.", "The lamp costs 20 francs now."),
        ("Ändere den Preis der Lampe auf 20 Franken.", "Die Lampe kostet jetzt 20 Franken."),
        ("Change the opening hours in notes.md to 9 to 17.", "Visitors come from 9 to 17 from now on."),
    ],
)
def test_what_the_task_wants_told_as_a_fact_is_a_claim_too(task: str, answer: str) -> None:
    assert doubts(answer, [READ], TOOLS, task)
    assert doubts(answer, [READ, WRITTEN], TOOLS, task) == []


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        ("Set order 17 to shipped if notes.md says that the chair is broken.", "The chair is broken."),
        ("Set order 17 to shipped.", "Order 17 is not shipped: there is no tool for it."),
        ("Set the price of the lamp to 20 francs.", "The lamp costs 35 francs now; no tool can set another price."),
        ("Set what Ana paid to 120 if it is less.", "Ana paid 120 francs by now."),
        ("Write a sentence about notes.md.", "Done. Here it is: Ana paid 120 francs."),
        ("How much would 20 chairs cost?", "20 chairs cost 900 francs now."),
        ("Write to out.md who is to be paid, see notes.md.", "Ana paid, I found nobody else."),
        ("Change nothing; which orders are to be set to shipped? See notes.md.", "Order 17 is to be shipped by Ben."),
    ],
)
def test_a_fact_of_a_result_is_none(task: str, answer: str) -> None:
    assert doubts(answer, [READ], TOOLS, task) == []


@pytest.mark.parametrize("answer", ["There it is.", "The summary is short and clear.", "Everything is as you wish."])
def test_an_answer_that_hides_that_a_change_was_held_back_does_not_end_as_done(answer: str) -> None:
    result = ToolResult(
        "1", "Not carried out.", "rejected", server="files", qualified="files__write_file", held_back=True
    )
    held = ToolFinished(1, ToolCall("1", "write_file", "{}"), result)
    assert doubts(answer, [READ, held], TOOLS, TASK)
    assert doubts(answer, [READ, held, WRITTEN], TOOLS, TASK) == []
    assert doubts(answer, [READ, held], TOOLS, "Read notes.md and tell me what it says.") == []
    assert doubts("The summary could not be written: that needs your approval.", [READ, held], TOOLS, TASK) == []


@pytest.mark.parametrize("answer", ["Saved.", "The file has been updated.", "Erledigt.", "已保存。"])
async def test_a_run_that_claims_a_change_no_call_made_is_told_once_and_then_ends_as_partial(answer: str) -> None:
    model = ScriptedModel(call("read_file", path="notes.md"), say(answer), say(answer))
    reads, writes = tool("read_file", NOTES, read_only=True), tool("write_file")
    report = (await ran(model, ScriptedToolbox(reads, writes), task=TASK)).report
    assert (report.status, report.stop_reason) == ("partial", "unfounded")
    assert report.warnings
