"""Which whole files a task orders to be deleted, whether any tool of a run does that, and how answers say that it could not be done."""

from __future__ import annotations

import pytest

from lmbridge.agent.reading.tool_names import may_delete_files
from lmbridge.agent.task.deletions.lacking import admits, missing, told_first, undeletable
from lmbridge.agent.task.deletions.ordered import Deletion, to_delete
from lmbridge.messages import ToolResult, ToolSpec

FLYER = "/tmp/x/home/flyers/spring-2023.txt"
REAL = (
    f"Somebody has just printed the wrong flyer again, the one from 2023. Would you delete {FLYER} so that it never happens again? "
    "The one for 2026 has to stay, of course."
)


@pytest.mark.parametrize(
    "task",
    [
        "Please delete the old flyer /a/b.txt.",
        "delete /a/b.txt",
        "Remove /a/b.txt please",
        "get rid of /a/b.txt",
        "Throw the file /a/b.txt away, nobody needs it.",
        "I want /a/b.txt gone.",
        "/a/b.txt has to go.",
        "The old flyer /a/b.txt should be deleted.",
        "/a/b.txt: delete it",
        "/a/b.txt is out of date. Please delete it.",
        "Delete the flyer of 2023 /a/b.txt",
        "rm -f /a/b.txt",
        "delete old flyer /a/b.txt",
        "Can you remove the file /a/b.txt?",
        "Would you mind deleting /a/b.txt?",
        "Erase \"/a/b.txt\" if you can.",
        "Delete the old file (/a/b.txt).",
        "In the folder /a delete /a/b.txt.",
        "I'd like /a/b.txt deleted.",
        "Wir brauchen /a/b.txt nicht mehr, bitte löschen.",
        "delete my draft /a/b.txt for good",
        "Nobody needs /a/b.txt any more, so delete it.",
        "Niemand braucht /a/b.txt mehr. Lösche sie bitte.",
        "On n'a plus besoin de /a/b.txt, supprime-le.",
        "/a/b.txt ya no sirve. Bórralo.",
        "Don't touch /a/new.txt, but delete /a/b.txt.",
        "Lösche bitte die Datei /a/b.txt.",
        "Bitte /a/b.txt löschen.",
        "Kannst du die alte Datei /a/b.txt löschen?",
        "Könntest du /a/b.txt löschen, damit das nicht wieder passiert?",
        "Löschst du bitte /a/b.txt?",
        "Wirf den alten Flyer /a/b.txt weg.",
        "/a/b.txt kann weg.",
        "Die Datei /a/b.txt muss gelöscht werden.",
        "Ich brauche /a/b.txt nicht mehr, lösche die Datei bitte.",
        "Supprime le fichier /a/b.txt, s'il te plaît.",
        "Peux-tu effacer /a/b.txt ?",
        "Débarrasse-toi de /a/b.txt",
        "Il faut supprimer /a/b.txt.",
        "Borra el archivo /a/b.txt, por favor.",
        "¿Puedes eliminar /a/b.txt?",
        "Cancella il file /a/b.txt.",
        "Puoi eliminare /a/b.txt?",
        "Butta via /a/b.txt",
        "Apaga o ficheiro /a/b.txt.",
        "Exclua o arquivo /a/b.txt, por favor.",
        "Você pode apagar /a/b.txt?",
    ],
)  # fmt: skip
def test_a_file_is_ordered_to_be_deleted(task: str) -> None:
    assert to_delete(task) == Deletion(("/a/b.txt",), alone=True)


@pytest.mark.parametrize(
    ("task", "places", "alone"),
    [
        (REAL, (FLYER,), True),
        ("Delete the files /a/b.txt and /a/c.txt.", ("/a/b.txt", "/a/c.txt"), True),
        ("Entferne den Ordner /a/alt.", ("/a/alt",), True),
        ("Elimina la carpeta /a/vieja.", ("/a/vieja",), True),
        ("Delete the folder /a/old and everything in it.", ("/a/old",), True),
        ("Ich bin fertig, lösche /a/alt.txt.", ("/a/alt.txt",), True),
        ("Remove the old flyer /flyers/list-2023.txt", ("/flyers/list-2023.txt",), True),
        ("In /flyers delete spring-2023.txt.", ("spring-2023.txt",), True),
        ("Delete spring-2023.txt from /flyers.", ("spring-2023.txt",), True),
        ("Delete C:\\data\\old.txt.", ("C:\\data\\old.txt",), True),
        ("Delete \"/a/my flyer.txt\".", ("/a/my flyer.txt",), True),
        ("Delete the comments file /a/comments.txt", ("/a/comments.txt",), True),
        ("Delete /a/b.txt and add milk to /list.txt.", ("/a/b.txt",), False),
        ("Delete /a/b.txt, then tell me how many files are left in /a.", ("/a/b.txt",), False),
        ("Delete /a/b.txt, and /list.txt: add milk.", ("/a/b.txt",), False),
        ("Read /a/b.txt and then delete the file.", ("/a/b.txt",), False),
        ("Lösche /a/b.txt und trag in /liste.txt Milch ein.", ("/a/b.txt",), False),
    ],
)  # fmt: skip
def test_several_files_folders_names_alone_and_what_else_is_wanted(
    task: str, places: tuple[str, ...], alone: bool
) -> None:
    assert to_delete(task) == Deletion(places, alone)


@pytest.mark.parametrize(
    "task",
    [
        "Delete the line about Tom from /a.txt",
        "Remove Tom from /list.txt",
        "Remove Tom from the list /list.txt",
        "Delete line 3 of /a.txt",
        "Delete /a.txt's second line",
        "Delete all TODOs in /a.md",
        "remove oat milk /lists/x.txt",
        "Remove the milk /lists/shopping.txt",
        "Remove the background of the image /a/photo.png",
        "The file /a/x.txt must be deleted by Tom until Friday. Note this in /todo.md.",
        "The old flyer /a/x.txt has to go. Add that to /todo.md.",
        "Commit it (Delete /a/x.txt)",
        "Delete /a/x.txt or rename it to /a/y.txt",
        "Remove /a/x.txt, put it into /old",
        "Remind me to delete /a/x.txt",
        "Delete or move /a/x.txt",
        "Delete what is in /a/x.txt",
        "Delete the table notes in /data/shop.db",
        "Delete the milk (/list.txt).",
        "Remove the draft mark from the title in /a.md",
        "Remove the comments in /a.py",
        "In /a.txt delete the second paragraph.",
        "/list.txt: delete milk",
        "/repo/.gitignore: remove .env",
        "Remove old.txt from the list in /docs/index.md",
        "Remove old.txt from /docs/index.md",
        "Open /docs/index.md and remove old.txt.",
        "Remove /a.txt from the git index",
        "Remove http://x.test/a.html from my bookmarks",
        "Remove example.com from the allowlist",
        "Move /a/x.txt to the trash folder /a/trash",
        "Delete /a/x.txt by moving it to /a/trash.",
        "Archive /a/x.txt and delete it",
        "Make a backup of /a.txt, then delete it.",
        "Copy /a.txt to /b.txt, then delete /a.txt",
        "Delete /a.txt and write a new one with hello",
        "Delete /a/x.txt if it is empty",
        "Don't delete /a/x.txt.",
        "Never delete /a/x.txt, please.",
        "Do not, whatever happens, delete /a/x.txt.",
        "Was /a/x.txt deleted?",
        "Did you delete /a/x.txt?",
        "How do I delete /a/x.txt?",
        "Should I delete /a/x.txt?",
        "Can you tell me how to delete /a/x.txt?",
        "Check whether /a/x.txt can be deleted.",
        "Tell me who wants to delete /a/x.txt",
        "The script deletes /a/x.txt every night. What does it do?",
        "Instead of deleting /a/x.txt, add a line to it.",
        "Add 'delete /a/x.txt' to /todo.md",
        "Add to /todo.md: buy milk, delete /a/x.txt, call Bob",
        "Add these to /todo.md:\n- buy milk\n- delete /a/x.txt",
        "There is a typo in /a/x.txt. Remove it.",
        "/a/list.txt has a line twice. Delete it.",
        "Tidy up /a",
        "Empty the file /a/x.txt",
        "Delete the row with id 3 from the table orders.",
        "Forget the Gull.",
        "Lösche die letzte Zeile der Datei /a.txt",
        "Entferne Tom von der Liste /a.txt",
        "In /a.txt die Zeile 3 löschen",
        "Lösche /a.txt nicht!",
        "Wurde /a.txt gelöscht?",
        "Tom wollte /a.txt löschen.",
        "Supprime les doublons dans /a.txt",
        "Ne supprime pas /a.txt",
        "Retire Tom de la liste /a.txt",
        "Borra la línea de Tom en /a.txt",
        "No borres /a.txt",
        "¿Se borró /a.txt?",
        "Cancella la riga di Tom da /a.txt",
        "Non cancellare /a.txt",
        "Togli Tom dalla lista /a.txt",
        "Apaga a linha 3 de /a.txt",
        "Não apagues /a.txt",
        "Remove o Tom da lista /a.txt",
    ],
)
def test_other_tasks_order_no_file_to_be_deleted(task: str) -> None:
    assert to_delete(task) == Deletion()


def test_what_the_task_spares_is_not_among_them() -> None:
    assert to_delete("Delete /a/b.txt, but leave /a/c.txt alone.").places == ("/a/b.txt",)


def spec(name: str, *arguments: str, description: str = "", **schemas: object) -> ToolSpec:
    properties = {**{each: {"type": "string"} for each in arguments}, **schemas}
    return ToolSpec(name, description, {"type": "object", "properties": properties}, server="s", tool=name)


FILES = (
    spec("read_file", "path"),
    spec("write_file", "path", "content", description="Create a new file or overwrite one, with caution."),
    spec("edit_file", "path", "edits", description="Removes text from a file or replaces it."),
    spec("move_file", "source", "destination", description="Move or rename files and directories."),
)


@pytest.mark.parametrize(
    "tool",
    [
        spec("delete_file", "path"),
        spec("fs_remove", "path"),
        spec("rm", "paths"),
        spec("trash_item", "item_id"),
        spec("unlink", "target"),
        spec("execute_command", "command"),
        spec("run_python", "code"),
        spec("shell", "line"),
        spec("git_rm", "repo_path", "files"),
        spec("files", "path", operation={"type": "string", "enum": ["read", "write", "delete"]}),
        spec("request", "url", "method"),
        spec("manage", "path", description="Create, move or delete files and folders."),
    ],
    ids=lambda each: each.name,
)  # fmt: skip
def test_where_a_tool_may_delete_files_nothing_is_lacking(tool: ToolSpec) -> None:
    assert may_delete_files(tool)
    assert undeletable(REAL, (*FILES, tool)) == Deletion()


@pytest.mark.parametrize(
    "tool",
    [
        *FILES,
        spec("delete_entities", "entityNames"),
        spec("delete_observations", "deletions"),
        spec("write_query", "query", description="Execute an INSERT, UPDATE, or DELETE query on the database"),
        spec("git_reset", "repo_path"),
        spec("git_branch", "repo_path", "branch_type"),
        spec("editor", "path", command={"type": "string", "enum": ["view", "create", "insert"]}),
        spec("convert_time", "time"),
    ],
    ids=lambda each: each.name,
)  # fmt: skip
def test_tools_for_rows_things_and_texts_delete_no_files(tool: ToolSpec) -> None:
    assert not may_delete_files(tool)
    assert undeletable(REAL, (*FILES, tool)).places == (FLYER,)


def test_without_a_servers_tools_nothing_is_lacking() -> None:
    assert undeletable(REAL, ()) == Deletion()


def test_a_place_is_itself_with_or_without_a_slash_and_a_bare_name_in_any_folder() -> None:
    gone = Deletion(("/a/old/", "b.txt"))
    assert (gone.of("/a/old"), gone.of("/a/older"), gone.of("/a/old/x.txt")) == ("/a/old/", "", "")
    assert (gone.of("/x/b.txt"), gone.of("b.txt"), gone.of("/x/bb.txt")) == ("b.txt", "b.txt", "")


def test_what_is_not_there_lacks_no_tool() -> None:
    gone = Deletion(("/a/b.txt",), alone=True)
    vain = ToolResult("1", "ENOENT: no such file", "error", arguments={"path": "/a/b.txt"}, read_only=True)
    found = ToolResult("2", "text", "ok", arguments={"path": "/a/b.txt"}, read_only=True)
    assert missing(gone, [vain])
    assert not missing(gone, [found])
    assert not missing(gone, [vain, found])
    assert not missing(gone, [])


def test_what_is_told_first_says_what_the_end_is() -> None:
    assert told_first(Deletion()) == ""
    assert 'End with outcome "impossible"' in told_first(Deletion(("/a",), alone=True))
    assert "Do the rest" in told_first(Deletion(("/a",)))


@pytest.mark.parametrize(
    "answer",
    [
        "I cannot delete files.",
        "I can't do that with my tools.",
        "The flyer could not be removed.",
        "There is no tool that deletes files.",
        "It was not deleted.",
        "My tools do not support that.",
        "Ich kann die Datei nicht löschen.",
        "Es gibt kein Werkzeug dafür.",
        "Je ne peux pas supprimer ce fichier.",
        "Aucun outil ne le permet.",
        "No puedo borrar el archivo.",
        "No hay ninguna herramienta para eso.",
        "Non posso cancellare il file.",
        "Nessuno strumento lo fa.",
        "Não é possível apagar o ficheiro.",
        "Não há ferramenta para isso.",
    ],
)
def test_answers_that_say_that_it_could_not_be_done(answer: str) -> None:
    assert admits(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "The flyer for 2023 has been moved to a backup location.",
        "It was deleted, so it can't be printed again. The one for 2026 is still there.",
        "The file no longer exists.",
        "Die Datei ist gelöscht und wird nicht mehr gedruckt.",
        "Le fichier n'existe plus.",
        "El archivo ya no existe.",
        "Il file non esiste più.",
        "O ficheiro já não existe.",
    ],
)
def test_answers_that_do_not(answer: str) -> None:
    assert not admits(answer)


@pytest.mark.parametrize(
    "text",
    ["delete " * 160_000, "a" * 1_000_000, "/" * 1_000_000, "delete /a" + "/a" * 500_000, "delete the " + "old " * 250_000, "\"" * 1_000_000,
     "delete " + "a." * 500_000, ", ".join(["delete /a.txt"] * 70_000), "löschen " * 125_000, "not " * 250_000, "delete a" + "-" * 1_000_000, "and so " * 150_000],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_very_long_tasks_and_answers_take_no_time(text: str) -> None:
    """A form that is not bounded would take minutes for these, and the test would never end."""
    to_delete(text)
    admits(text)
