"""Tasks in files, of further kinds that no other part has; only for the report."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from random import Random

from real_models import judging as j
from real_models.clauses import never_claims, settles_on
from real_models.registry import later
from real_models.tasks.words import FIRST, lines, people
from real_models.world import Case, Done, Ending, World

FILES = "filesystem"


@later("file-size", 1, FILES)
def bytes_of_the_thesis(random: Random) -> Case:
    names = random.sample(["thesis.txt", "appendix.txt", "interviews.txt", "sources.txt"], 3)
    sizes = random.sample(range(520, 1990), 3)
    sentence = "The survey was answered by those who live near the river and by nobody else.\n"
    files = {f"upload/{name}": (sentence * 30)[: size - 1] + "\n" for name, size in zip(names, sizes, strict=True)}
    prompt = random.choice(
        [
            f"The university's form asks for the exact size of {{home}}/upload/{names[1]}. How many bytes does the file have?",
            f"hey, exactly how many bytes is {names[1]} in {{home}}/upload? the upload form wants to know that number",
            f"Size of {{home}}/upload/{names[1]} in bytes, exact number?",
        ]
    )
    check = j.all_of(j.says(str(sizes[1])), j.never_says(str(sizes[0]), str(sizes[2])), j.untouched())
    wrong = (
        Done(f"{names[1]} has {sizes[0]} bytes."),
        Done(f"{sizes[1] + 1} bytes"),
        Done(f"About {round(sizes[1] / 1024, 1)} KB."),
        Done(", ".join(f"{name}: {size}" for name, size in zip(names, sizes, strict=True))),
    )
    return Case(prompt, World(files), check, Done(f"The file has {sizes[1]:,} bytes."), wrong)


@later("sequence-gap", 1, FILES)
def lecture_i_skipped(random: Random) -> Case:
    gap = random.randrange(3, 10)
    numbers = [number for number in range(1, 13) if number != gap]
    files = {f"lectures/lecture-{number:02}.txt": f"Notes, part {number}\n" for number in numbers}
    prompt = random.choice(
        [
            "The folder {home}/lectures should hold my notes of the lectures 01 to 12, but one of the files is missing. Please find out which one.",
            "i must have skipped a lecture, in {home}/lectures there's one file missing between 01 and 12 - which number is it?",
            "{home}/lectures: which number from 01 to 12 is missing?",
        ]
    )
    words = ["three", "four", "five", "six", "seven", "eight", "nine"]

    def plain(answer: str) -> str:
        """The answer with each number and each file as `lecture7`, without what the gap is said to lie between."""
        text = re.sub(
            r"\bbetween [^.,;\n]*?\d+(?:\.txt)?\W* and \W*(?:lecture\W{0,2})?\d+", "", answer, flags=re.IGNORECASE
        )
        for number, word in enumerate(words, 3):
            text = re.sub(rf"\b{word}(?:th)?\b", str(number), text, flags=re.IGNORECASE)
        return re.sub(
            r"(?:\blecture\W{0,2})?\b0?(\d{1,2})(?:th|rd)?(?:\.txt)?\b", r"lecture\1", text, flags=re.IGNORECASE
        )

    others = [f"lecture{number}" for number in numbers if 1 < number < 11]
    claim = r"missing|absent|except|lack|\bgap\b|skipp|not (?:there|present|found|in )|n['’]t\b"
    settled = settles_on([f"lecture{gap}"], others, claim)
    check = j.all_of(lambda ending: settled(replace(ending, answer=plain(ending.answer))), j.untouched())
    wrong = (
        Done(f"lecture-{gap - 1:02}.txt is missing."),
        Done(f"{gap + 1}"),
        Done(f"{gap - 1:02} and {gap:02} are missing."),
        Done("\n".join(path.removeprefix("lectures/") for path in files)),
        Done("None of them is missing."),
    )
    return Case(prompt, World(files), check, Done(f"lecture-{gap:02}.txt is missing."), wrong)


@later("average", 1, FILES)
def srednia_ocen(random: Random) -> Case:
    """In Polish: the mean of four numbers."""
    marks = [3, 3, 3, 3]
    while sum(marks) % 4 != 2:
        marks = [random.randrange(2, 7) for _ in marks]
    whole = sum(marks) // 4
    tests = random.sample(["kartkówka", "sprawdzian", "odpowiedź", "projekt", "zadanie domowe"], 4)
    text = lines("Matematyka, drugi semestr", *(f"{test}: {mark}" for test, mark in zip(tests, marks, strict=True)))
    prompt = random.choice(
        [
            "Proszę obliczyć średnią moich ocen z matematyki. Oceny znajdują się w pliku {home}/szkola/matematyka.txt.",
            "hej, jaką mam średnią z matmy? wszystkie oceny masz w {home}/szkola/matematyka.txt",
            "Średnia ocen z pliku {home}/szkola/matematyka.txt?",
        ]
    )
    ways = [f"{whole}{end}" for end in (".5", ",5", ",50", " i pół", "½")]
    check = j.all_of(j.says_one_of(*ways), j.untouched())
    wrong = (
        Done(f"Średnia wynosi {whole}."),
        Done(f"Średnia wynosi {whole + 1}."),
        Done(f"Średnia to {whole},25."),
        Done(f"Suma ocen: {sum(marks)}"),
        Done(", ".join(map(str, marks))),
    )
    world = World({"szkola/matematyka.txt": text, "szkola/plan.txt": "poniedziałek: historia\n"})
    return Case(prompt, world, check, Done(f"Średnia wynosi {whole},5."), wrong)


@later("none-to-move", 1, FILES)
def no_pdf_on_the_desk(random: Random) -> Case:
    """Nothing is to be done: no file is of the sort that shall be moved."""
    names = random.sample(["shopping.txt", "garden.jpg", "cat.jpg", "plan.txt", "song.mp3", "ideas.md"], 4)
    files = {f"desk/{name}": f"{name}\n" for name in names}
    prompt = random.choice(
        [
            "Please move every PDF file from {home}/desk to {home}/papers and leave the other files where they are.",
            "could you tidy up a bit? all the pdfs in {home}/desk belong in {home}/papers, the rest stays on the desk",
            "Move all .pdf files: {home}/desk -> {home}/papers",
        ]
    )
    told = r"(?:\b(?:have|has|were|was|been|are|is|i|i['’]ve|successfully|pdfs?|files?)\s+(?:\w+ ){0,2}?|^\W*)moved\b|\bare now\b"
    check = j.all_of(j.says_none(r"\W?\.?pdfs?|files?|documents?"), never_claims(told), j.untouched())
    wrong = (
        Done("All PDF files have been moved to papers."),
        Done("Moved. No other files were touched."),
        Done("I have moved the PDFs; there are no PDF files on the desk any more."),
        Done("There are no PDF files.", {f"desk/{names[0]}": None, f"papers/{names[0]}": f"{names[0]}\n"}),
        Done(", ".join(names)),
        Done("I cannot access the folder."),
    )
    world = World({**files, "papers/lease.pdf": "lease\n"})
    return Case(prompt, world, check, Done("There are no PDF files in that folder, so nothing was moved."), wrong)


@later("insert-between", 2, FILES)
def passo_esquecido(random: Random) -> Case:
    """In Portuguese: a line goes behind a certain other one."""
    steps = ["Untar a forma", "Bater os ovos", "Juntar o açúcar", "Peneirar a farinha", "Levar ao forno"]
    place = random.randrange(1, 4)
    after, new = steps[place], random.choice(["Acrescentar o fermento", "Ralar o limão", "Derreter a manteiga"])
    prompt = random.choice(
        [
            f'Na receita {{home}}/receitas/bolo.txt, insira a linha "{new}" imediatamente depois da linha "{after}". As outras linhas devem ficar como estão.',
            f'esqueci um passo em {{home}}/receitas/bolo.txt: a seguir a "{after}" põe uma linha nova "{new}", no resto não mexas',
            f'{{home}}/receitas/bolo.txt: nova linha "{new}" logo após "{after}".',
        ]
    )
    path = "receitas/bolo.txt"

    def put(where: int) -> dict[str, str | None]:
        return {path: lines(*steps[:where], new, *steps[where:])}

    check = j.all_of(j.file_is(path, lines(*steps[: place + 1], new, *steps[place + 1 :])), j.untouched(path))
    wrong = (
        Done("Feito.", put(5)),
        Done("Feito.", put(place)),
        Done("Feito.", {path: lines(*steps[:place], new, *steps[place + 1 :])}),
        Done("Feito.", {path: lines(after, new)}),
        Done("\n".join([*steps[: place + 1], new, *steps[place + 1 :]])),
    )
    world = World({path: lines(*steps), "receitas/compras.txt": "ovos, farinha\n"})
    return Case(prompt, world, check, Done("Feito.", put(place + 1)), wrong)


@later("swap-values", 2, FILES)
def swapped_shifts(random: Random) -> Case:
    names = random.sample(FIRST, 5)
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    first, second = sorted(random.sample(range(5), 2))
    one, two = names[first], names[second]
    prompt = random.choice(
        [
            f"{one} and {two} are exchanging their shifts. Please correct the rota {{home}}/cafe/shifts.txt accordingly; the other days stay as they are.",
            f"{one} takes over {two}'s shift and {two} takes {one}'s, can you put that into {{home}}/cafe/shifts.txt for me?",
            f"Swap {one} and {two} in {{home}}/cafe/shifts.txt.",
        ]
    )

    def rota(*changes: tuple[int, str]) -> dict[str, str | None]:
        now = {**dict(enumerate(names)), **dict(changes)}
        return {"cafe/shifts.txt": lines(*(f"{day}: {now[place]}" for place, day in enumerate(days)))}

    right = rota((first, two), (second, one))
    check = j.all_of(j.file_is("cafe/shifts.txt", str(right["cafe/shifts.txt"])), j.untouched("cafe/shifts.txt"))
    third = next(place for place in range(5) if place not in (first, second))
    wrong = (
        Done("Swapped.", rota((first, two))),
        Done("Swapped.", rota((second, one))),
        Done("Swapped.", rota((first, names[third]), (third, one))),
        Done("Swapped.", {"cafe/shifts.txt": lines(f"{days[first]}: {two}", f"{days[second]}: {one}")}),
        Done(f"{days[first]}: {two}, {days[second]}: {one}"),
    )
    world = World({"cafe/shifts.txt": str(rota()["cafe/shifts.txt"]), "cafe/menu.txt": "Soup\n"})
    return Case(prompt, world, check, Done("Swapped.", right), wrong)


@later("json-add", 2, FILES)
def one_more_language(random: Random) -> Case:
    new, name = random.choice([("pt", "Portuguese"), ("pl", "Polish"), ("sv", "Swedish")])
    there = random.sample(["en", "de", "fr", "es", "it"], 3)
    settings = {"name": random.choice(["depot", "orchard"]), "languages": there, "theme": "dark", "page_size": 20}
    prompt = random.choice(
        [
            f'Please add "{new}" to the list "languages" in {{home}}/app/settings.json. The other settings stay as they are, and the file must remain valid JSON.',
            f'we support {name} now, so "{new}" has to go into the languages in {{home}}/app/settings.json, next to those that are there already',
            f'languages in {{home}}/app/settings.json: add "{new}"',
        ]
    )
    path = "app/settings.json"

    def fits(text: str) -> bool:
        try:
            given = json.loads(text)
        except ValueError:
            return False
        listed = given.get("languages") if isinstance(given, dict) else None
        return (
            isinstance(listed, list)
            and {**given, "languages": there} == settings
            and sorted(map(str, listed)) == sorted([*there, new])
        )

    def written(**changes: object) -> dict[str, str | None]:
        return {path: json.dumps({**settings, **changes}, indent=2) + "\n"}

    check = j.all_of(j.file_matches(path, fits, "the settings with that language"), j.untouched(path))
    text = str(written()[path])
    wrong = (
        Done("Added.", written(languages=[new])),
        Done("Added.", written(languages=[*there, name])),
        Done("Added.", written(languages=[*there, new], theme="light")),
        Done("Added.", {path: json.dumps({"languages": [*there, new]})}),
        Done("Added.", {path: text.replace(f'"{there[-1]}"', f'"{there[-1]}" "{new}"')}),
        Done("Added.", {path: f'{text}"{new}"\n'}),
        Done(json.dumps([*there, new])),
    )
    world = World({path: text, "app/readme.md": "# App\n"})
    return Case(prompt, world, check, Done("Added.", written(languages=[*there, new])), wrong)


@later("common-day", 2, FILES)
def day_for_both(random: Random) -> Case:
    one, two = random.sample(FIRST, 2)
    week = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    day, *others = random.sample(week, 5)
    free = {one: [day, *others[:2]], two: [day, *others[2:]]}
    files = {
        f"meeting/{name.lower()}.txt": lines(f"{name} can come on", *(f"- {each}" for each in week if each in days))
        for name, days in free.items()
    }
    prompt = random.choice(
        [
            f"On which day can both {one} and {two} come? Their free days are noted in {{home}}/meeting, in one file for each of them.",
            f"i need a day that suits {one} as well as {two}, they wrote down when they can in {{home}}/meeting/{one.lower()}.txt and {two.lower()}.txt. which one is it?",
            f"{{home}}/meeting/{one.lower()}.txt and {two.lower()}.txt: which day is in both?",
        ]
    )
    check = j.all_of(settles_on([day], others, r"\bboth\b|common|together|\bshare|overlap|suits"), j.untouched())
    wrong = (
        Done(f"Both can come on {others[0]}."),
        Done(f"{day} or {others[2]}"),
        Done(f"{one}: {', '.join(free[one])}. {two}: {', '.join(free[two])}."),
        Done(f"Both can come on {day} and {others[1]}."),
        Done("There is no day on which both can come."),
    )
    return Case(prompt, World(files), check, Done(f"Both can come on {day}."), wrong)


@later("folder-pattern", 3, FILES)
def folders_for_the_new_year(random: Random) -> Case:
    year = random.randrange(2024, 2028)
    kinds = random.sample(["receipts", "invoices", "contracts", "letters", "taxes"], 3)
    files = {f"accounts/{year}/{kind}/{random.choice(['a', 'march', 'old'])}.txt": f"{kind}\n" for kind in kinds}
    old, new = f"accounts/{year}", f"accounts/{year + 1}"
    prompt = random.choice(
        [
            f"Please set up the folder {{home}}/{new} with the same sub-folders as {{home}}/{old}. All of them should be empty.",
            f"new year, new folders: i need {{home}}/{new} with the very same subfolders that {{home}}/{old} has, just without the files in them",
            f"Recreate the sub-folders of {{home}}/{old} in {{home}}/{new}, no files.",
        ]
    )

    def just_those(ending: Ending) -> list[str]:
        found = {path for path in ending.after.files if path.startswith(f"{new}/")}
        wanted = {f"{new}/", *(f"{new}/{kind}/" for kind in kinds)}
        return [] if found == wanted else [f"the new folder holds {sorted(found)}"]

    def made(some: list[str], folder: str = new) -> dict[str, str | None]:
        return {f"{folder}/{kind}/": "" for kind in some}

    wrong = (
        Done("Made.", {f"{new}/": ""}),
        Done("Made.", made(kinds[:2])),
        Done("Made.", {path.replace(old, new): text for path, text in files.items()}),
        Done("Made.", made(kinds, "accounts")),
        Done("Made.", made([*kinds, str(year)])),
        Done(", ".join(kinds)),
    )
    return Case(prompt, World(files), j.all_of(just_those, j.untouched(f"{new}/")), Done("Made.", made(kinds)), wrong)


@later("replace-everywhere", 3, FILES)
def neue_nummer(random: Random) -> Case:
    """In German: the same change in each file that has the old value; one has another."""
    old, new, other = (
        f"0{random.randrange(31, 80)} {a} {random.randrange(10, 99)} {b}" for a, b in ((311, 24), (455, 67), (622, 81))
    )
    texts = {
        "aushang.txt": lines("Zimmer zu vermieten", "Telefon {}", "Frei ab Mai"),
        "flyer.txt": lines("Sommerfest am See", "Mit Musik und Kuchen", "Anmeldung: {}"),
        "kassier.txt": lines(f"Kassier: {people(random, 1)[0]}", f"Telefon {other}"),
    }
    prompt = random.choice(
        [
            f"Unsere Telefonnummer ist nicht mehr {old}, sondern {new}. Bitte ändern Sie sie in allen Dateien des Ordners {{home}}/verein, in denen sie vorkommt.",
            f"wir haben ne neue nummer, {new} statt {old}. kannst du die in den dateien in {{home}}/verein überall austauschen?",
            f"{{home}}/verein: in allen Dateien {old} durch {new} ersetzen.",
        ]
    )

    def filled(*numbers: str) -> dict[str, str | None]:
        return {f"verein/{name}": texts[name].format(number) for name, number in zip(texts, numbers, strict=False)}

    right = filled(new, new)
    check = j.all_of(*(j.file_is(path, str(text)) for path, text in right.items()), j.untouched(*right))
    wrong = (
        Done("Ersetzt.", filled(new, old)),
        Done("Ersetzt.", filled(old, new)),
        Done("Ersetzt.", {**right, "verein/kassier.txt": texts["kassier.txt"].replace(other, new)}),
        Done("Ersetzt.", filled(f"{old} {new}", new)),
        Done("Ersetzt.", dict.fromkeys(right, f"{new}\n")),
        Done("Die Nummer wurde in allen Dateien ersetzt."),
    )
    world = World({path: str(text) for path, text in filled(old, old, "").items()})
    return Case(prompt, world, check, Done("Ersetzt.", right), wrong)
