"""Names and numbers that stand in a text, by form alone."""

import pytest

from lmbridge.agent.reading.names import alternatives, excepted, is_file_name, nowhere, numbers_in


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("12272086341076745147,46.9322297,8.7528009", ("12272086341076745147", "46.9322297", "8.7528009")),
        ("It costs 1,250.50 francs, or 1,250,000 yen.", ("1250.50", "1250000")),
        ("1,2,3", ("1", "2", "3")),
        ("id,count\n2,15\n3,7\n", ("2", "15", "3", "7")),
        ("the pair [4,25] and (3,7)", ("4", "25", "3", "7")),
        ("From 9 to 12.", ("9", "12")),
        ("version 1.2.3, at 10:30 on 2026-11-28, in /a/3/b, v2", ()),
    ],
)
def test_numbers_are_told_apart_by_commas_that_are_no_thousands(text: str, numbers: tuple[str, ...]) -> None:
    assert numbers_in(text) == numbers


@pytest.mark.parametrize(
    ("numbers", "text", "left"),
    [
        (["4.25"], "price of tea = 4,25", []),
        (["1234.50"], "It costs 1.234,50 francs", []),
        (["4.25"], "price of tea = 4,35", ["4.25"]),
        (["425"], "price of tea = 4,25", ["425"]),
        (["4", "25"], "{'price': 4.25}", []),  # of an answer with a decimal comma
        (["25"], "{'price': 4.25}", ["25"]),
        (["13", "17"], "lines 13 and 17", []),
    ],
)
def test_a_number_stands_where_it_is_written_with_a_decimal_comma(
    numbers: list[str], text: str, left: list[str]
) -> None:
    assert nowhere(numbers, [text]) == left


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("Who is the oldest: Tilda, Tom or Nora?", (("Tilda", "Tom", "Nora"),)),
        ("Wer ist älter, Tilda oder Tom?", (("Tilda", "Tom"),)),
        ("Which is longer, a.txt or b.txt?", (("a.txt", "b.txt"),)),
        ("Add milk or cream to Tilda and Tom", ()),
    ],
)
def test_a_choice_is_known_by_its_or(text: str, groups: tuple[tuple[str, ...], ...]) -> None:
    assert alternatives(text) == groups


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("commit everything I changed in /site except shop.js. message: Refresh", ("shop.js",)),
        ("Move all but a.txt and b.txt to /x", ("a.txt", "b.txt")),
        ("Lösche alles außer notes.md", ("notes.md",)),
        ("Déplace tout sauf le fichier /a/b.txt, et ferme", ("/a/b.txt",)),
        ("Delete the old ones, not keep.txt", ("keep.txt",)),
        ("Sort /a; don't touch `notes.txt`, please", ("notes.txt",)),
        ("Commit my changes, but leave index.html out, I'm not done with it.", ("index.html",)),
        ("Lass notes.md in Ruhe und sortiere den Rest", ("notes.md",)),
        ("laisse le fichier /a/b.txt comme il est", ("/a/b.txt",)),
        ("Set the port; leave everything else as it is", ()),
        ("Leave out.txt where it is", ()),
        ("If it is not in /a/b.txt, add it", ()),
        ("Everything except the first line of a.txt", ()),
        ("It says nothing but a.txt", ()),
        ("Not today: read a.txt", ()),
        ("O arquivo /docs/notas.txt fica em português; adicione leite", ()),
        ("todo.txt reste à remplir, fais-le", ()),
        ("error.log stays empty after the start, fix it", ()),
        ("liste.txt bleibt immer leer, korrigiere sie", ()),
        ("Commit it all; draft.txt does not belong in it", ("draft.txt",)),
        ("Range /a ; b.txt ne doit pas changer", ("b.txt",)),
    ],
)
def test_exceptions_are_the_names_that_stand_right_behind_their_word(text: str, names: tuple[str, ...]) -> None:
    assert excepted(text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Commit settings.ini. My scratch.txt must not go in.", ("scratch.txt",)),
        ("scratch.txt stays out", ("scratch.txt",)),
        ("notes.md darf nicht mit rein", ("notes.md",)),
        ("scratch.txt ne doit pas y entrer", ("scratch.txt",)),
        ("scratch.txt no debe entrar", ("scratch.txt",)),
        ("config.ini should not have debug on: set it to off", ()),
        ("a.txt isn't finished", ()),
        ("The file a.txt is not there, create it", ()),
        ("port in app.ini is not 80", ()),
    ],
)
def test_a_file_that_is_to_stay_out_is_an_exception(text: str, names: tuple[str, ...]) -> None:
    assert excepted(text) == names


@pytest.mark.parametrize(
    "name", [".env", ".env.example", ".gitignore", ".npmrc", "Makefile", "Dockerfile", "LICENSE", "a.txt"]
)
def test_names_of_files_without_an_ending(name: str) -> None:
    assert is_file_name(name)


@pytest.mark.parametrize("name", [".git", ".github", ".venv", ".ssh", "src", "notes", "Make"])
def test_names_of_folders_are_none_of_files(name: str) -> None:
    assert not is_file_name(name)
