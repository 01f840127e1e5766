"""Tasks in files, of kinds that no other part has; only for the report."""

from __future__ import annotations

from random import Random

from real_models import judging as j
from real_models.registry import fresh
from real_models.tasks.words import code, lines, people
from real_models.world import Case, Done, World

FILES = "filesystem"


@fresh("find-file", 1, FILES)
def where_is_the_warranty(random: Random) -> Case:
    things = random.sample(["dishwasher", "bicycle", "fridge", "printer"], 3)
    folders = random.sample(["kitchen", "hobby", "office", "insurance", "cellar"], 3)
    files = {
        f"papers/{folder}/{random.randrange(2019, 2026)}/{thing}-warranty.txt": "Valid for three years.\n"
        for folder, thing in zip(folders, things, strict=True)
    }
    prompt = random.choice(
        [
            f"My {things[1]} broke down and I can't find the warranty. The file has {things[1]} in its name and is somewhere below {{home}}/papers - in which folder?",
            f"where did i put {things[1]}-warranty.txt?? must be in one of the folders under {{home}}/papers",
            f"Can you locate {things[1]}-warranty.txt for me? I only know that it's somewhere in {{home}}/papers.",
        ]
    )
    others = [folder for folder in folders if folder != folders[1]]
    check = j.all_of(j.says(folders[1]), j.never_says(*others), j.untouched())
    wrong = (
        Done(f"It is in {others[0]}."),
        Done(f"{things[1]}-warranty.txt"),
        Done("No matches found."),
        Done(", ".join(folders)),
    )
    right = Done(next(f"It is {{home}}/{path}." for path in files if things[1] in path))
    return Case(prompt, World({**files, "papers/readme.txt": "By room.\n"}), check, right, wrong)


@fresh("empty-folder", 1, FILES)
def client_without_papers(random: Random) -> Case:
    clients = sorted(random.sample(["abbott", "castelli", "dorn", "fiedler", "hansen", "lopez", "moreau", "tanaka"], 5))
    hit = random.randrange(1, 5)
    files = {
        f"clients/{client}/{random.choice(['offer', 'contract', 'notes'])}.txt": f"For {client.title()}\n"
        for client in clients
        if client != clients[hit]
    }
    prompt = random.choice(
        [
            "There should be something in each client's folder in {home}/clients, but one of the folders is still empty. Whose is it?",
            "which of the folders in {home}/clients has nothing in it?",
            "One client folder below {home}/clients is empty, I just don't know which. Please check.",
        ]
    )
    others = [client for client in clients if client != clients[hit]]
    check = j.all_of(j.picks(clients[hit], others, r"empty|nothing|no files"), j.untouched())
    wrong = (
        Done(f"The folder {others[-1]} is empty."),
        Done(", ".join(clients)),
        Done("None of the folders is empty."),
    )
    world = World({**files, f"clients/{clients[hit]}/": ""})
    return Case(prompt, world, check, Done(f"The folder of {clients[hit].title()} is empty."), wrong)


@fresh("copy-file", 2, FILES)
def copy_before_rework(random: Random) -> Case:
    name, copy = random.choice(
        [("outline.md", "outline-old.md"), ("speech.md", "speech-backup.md"), ("menu.md", "menu-2025.md")]
    )
    points = random.sample(
        ["Welcome", "Why we are here", "50 % more guests", "Thanks to Anna & Leo", "What comes next", "Any questions?"],
        5,
    )
    text = lines("# Draft", "", *(f"{place}. {point}" for place, point in enumerate(points, 1)), "", "(not final)")
    prompt = random.choice(
        [
            f"Before I change {{home}}/party/{name}, keep a copy of it in the same folder, called {copy}.",
            f"pls duplicate {{home}}/party/{name} as {{home}}/party/{copy}, the original has to stay",
            f"I'm going to rework {name} in {{home}}/party. Make me a backup first: same folder, name {copy}.",
        ]
    )
    old, new = f"party/{name}", f"party/{copy}"
    check = j.all_of(j.file_is(new, text), j.untouched(new))
    wrong = (
        Done("Copied.", {old: None, new: text}),
        Done("Copied.", {new: lines(*text.splitlines()[:4])}),
        Done("Copied.", {new: f"Copy of {name}\n"}),
        Done("Copied.", {copy: text}),
        Done(f"{copy} has been made."),
    )
    world = World({old: text, "party/guests.txt": lines(*people(random, 3))})
    return Case(prompt, world, check, Done("Copied.", {new: text}), wrong)


@fresh("remove-line", 2, FILES)
def togli_dalla_spesa(random: Random) -> Case:
    """In Italian: one line off a list, beside another that begins alike."""
    bought, alike = random.choice(
        [("burro", "burro di arachidi"), ("latte", "latte d'avena"), ("pane", "pane grattato")]
    )
    items = [alike, bought, *random.sample(["uova", "mele", "riso", "sale", "olio", "caffè", "lenticchie"], 4)]
    random.shuffle(items)
    prompt = random.choice(
        [
            f"Ho appena comprato il {bought}, toglilo dalla lista {{home}}/casa/spesa.txt. Il resto ({alike} compreso) mi serve ancora.",
            f'togli la riga "{bought}" da {{home}}/casa/spesa.txt, tutto il resto deve rimanere così com\'è',
            f"Puoi cancellare {bought} dalla lista della spesa? È in {{home}}/casa/spesa.txt, le altre cose lasciale.",
        ]
    )
    path = "casa/spesa.txt"
    left = [item for item in items if item != bought]

    def fits(text: str) -> bool:
        return [line.strip() for line in text.splitlines() if line.strip()] == left

    check = j.all_of(j.file_matches(path, fits, "the list without that line"), j.untouched(path))
    wrong = (
        Done("Fatto.", {path: lines(*(item for item in left if item != alike))}),
        Done("Fatto.", {path: lines(*(item for item in items if item != alike))}),
        Done("Fatto.", {path: lines(bought)}),
        Done("Fatto.", {path: ""}),
        Done("\n".join(left)),
    )
    world = World({path: lines(*items), "casa/bollette.txt": "luce, gas\n"})
    return Case(prompt, world, check, Done("Fatto.", {path: lines(*left)}), wrong)


@fresh("newest-version", 2, FILES)
def neuestes_angebot(random: Random) -> Case:
    """In German: the highest number among names that sort otherwise, then a value of that file."""
    what = random.choice(["Dach", "Heizung", "Fassade"])
    numbers = [random.randrange(2, 6), 8, 9, random.randrange(10, 13)]
    totals = random.sample(range(6100, 9900, 10), 4)
    files = {
        f"angebote/{what.lower()}_v{number}.txt": lines(
            f"Angebot {what}, Fassung {number}",
            f"Material: {total - 5200} Euro",
            "Arbeit: 5200 Euro",
            f"Gesamtpreis: {total} Euro",
        )
        for number, total in zip(numbers, totals, strict=True)
    }
    prompt = random.choice(
        [
            f"Wie hoch ist der Gesamtpreis für {what} in der neuesten Fassung? Die Angebote liegen in {{home}}/angebote, die höchste Nummer gilt.",
            f"schau mal in {{home}}/angebote: was steht im neusten angebot (höchste versionsnummer) für {what} als gesamtpreis?",
            f"In {{home}}/angebote liegen mehrere Fassungen des Angebots für {what}. Nenn mir bitte den Gesamtpreis aus der mit der höchsten Nummer.",
        ]
    )

    def ways(total: int) -> list[str]:
        """As it is written in German as well: 7.500,00."""
        plain = (str(total), f"{total // 1000}.{total % 1000:03}")
        return [each + end for each in plain for end in ("", ",00")]

    others = [way for total in totals[:3] for way in ways(total)]
    check = j.all_of(j.says_one_of(*ways(totals[3])), j.never_says(*others), j.untouched())
    wrong = (
        Done(f"Der Gesamtpreis ist {totals[2]} Euro."),
        Done(", ".join(map(str, totals))),
        Done(f"{totals[3] - 5200} Euro"),
        Done(f"{what.lower()}_v{numbers[3]}.txt"),
    )
    return Case(prompt, World(files), check, Done(f"{totals[3]} Euro."), wrong)


@fresh("rename-by-content", 3, FILES)
def name_scans_by_number(random: Random) -> Case:
    firms = random.sample(["Gas & Water", "Telecom", "Phone shop", "City library"], 2)
    numbers = [code(random, 1, 4) for _ in firms]
    while numbers[0] == numbers[1]:
        numbers[1] = code(random, 1, 4)
    texts = [
        lines(firm, f"Invoice number: {number}", f"Amount: {random.randrange(20, 90)} euros")
        for firm, number in zip(firms, numbers, strict=True)
    ]
    prompt = random.choice(
        [
            "scan1.txt and scan2.txt in {home}/scans are invoices. Rename each of them to its invoice number (it's inside), like X-1234.txt.",
            "pls rename {home}/scans/scan1.txt and {home}/scans/scan2.txt, both should be called after the invoice number written in them, .txt stays",
            "The two scans in {home}/scans (scan1.txt, scan2.txt) have useless names. Look up the invoice number in each and use it as the file's name, with .txt at the end.",
        ]
    )
    old = ["scans/scan1.txt", "scans/scan2.txt"]
    new = [f"scans/{number}.txt" for number in numbers]
    check = j.all_of(
        j.gone(*old), *(j.file_is(path, text) for path, text in zip(new, texts, strict=True)), j.untouched(*old, *new)
    )
    given = dict(zip(new, texts, strict=True))
    wrong = (
        Done("Renamed.", {old[0]: None, new[0]: texts[0]}),
        Done("Renamed.", {**dict.fromkeys(old), **dict(zip(new, texts[::-1], strict=True))}),
        Done("Renamed.", given),
        Done("Renamed.", {**dict.fromkeys(old), **{f"scans/Invoice {each}.txt": "" for each in numbers}}),
        Done(f"scan1.txt is {numbers[0]}, scan2.txt is {numbers[1]}."),
    )
    world = World({**dict(zip(old, texts, strict=True)), "scans/index.md": "To sort\n"})
    return Case(prompt, world, check, Done("Renamed.", {**dict.fromkeys(old), **given}), wrong)


@fresh("list-decides", 3, FILES)
def songs_to_drop(random: Random) -> Case:
    songs = random.sample(["harbour", "snowfall", "tango", "lanterns", "midnight", "orchard", "railway"], 6)
    texts = {song: f"{song.title()}\nVerse {random.randrange(1, 9)}\n" for song in songs}
    drop = random.sample(songs, 3)
    prompt = random.choice(
        [
            "We dropped some songs: {home}/songs/dropped.txt lists their files. Move these files from {home}/songs into the folder {home}/songs/archive.",
            "every song file named in {home}/songs/dropped.txt has to go to {home}/songs/archive (folder exists), the others stay where they are",
            "Please clear out {home}/songs: the files that dropped.txt in there names belong into its subfolder archive, no others.",
        ]
    )
    world = World(
        {
            **{f"songs/{song}.txt": text for song, text in texts.items()},
            "songs/archive/": "",
            "songs/dropped.txt": lines(*(f"{song}.txt" for song in drop)),
        }
    )

    def moved(some: list[str]) -> dict[str, str | None]:
        return {
            **{f"songs/{song}.txt": None for song in some},
            **{f"songs/archive/{song}.txt": texts[song] for song in some},
        }

    paths = moved(drop)
    check = j.all_of(
        j.gone(*(path for path, text in paths.items() if text is None)),
        *(j.file_is(path, text) for path, text in paths.items() if text is not None),
        j.untouched(*paths),
    )
    wrong = (
        Done("Moved.", moved(songs)),
        Done("Moved.", moved(drop[:2])),
        Done("Moved.", {path: text for path, text in paths.items() if text is not None}),
        Done("Moved.", {"songs/dropped.txt": None, "songs/archive/dropped.txt": lines(*drop)}),
        Done(", ".join(drop)),
    )
    return Case(prompt, world, check, Done("Moved.", paths), wrong)


@fresh("split-file", 3, FILES)
def list_for_each_voice(random: Random) -> Case:
    names = people(random, 6)
    one, two = random.choice([("alto", "bass"), ("soprano", "tenor")])
    voices = random.sample([one, one, one, two, two, two], 6)
    text = lines(*(f"{name}, {voice}" for name, voice in zip(names, voices, strict=True)))
    prompt = random.choice(
        [
            f"Make two lists out of {{home}}/choir/singers.txt: {{home}}/choir/{one}.txt with the names of those who sing {one}, and {{home}}/choir/{two}.txt with those who sing {two}. Only the names, one per line.",
            f"{{home}}/choir/singers.txt has everybody with their voice. I want the {one} names in {{home}}/choir/{one}.txt and the {two} names in {{home}}/choir/{two}.txt (just names, each on its own line, without the voice)",
        ]
    )
    paths = {voice: f"choir/{voice}.txt" for voice in (one, two)}
    theirs = {voice: [name for name, sung in zip(names, voices, strict=True) if sung == voice] for voice in (one, two)}
    check = j.all_of(*(j.file_lines(paths[voice], theirs[voice]) for voice in (one, two)), j.untouched(*paths.values()))
    right = {paths[voice]: lines(*theirs[voice]) for voice in (one, two)}
    wrong = (
        Done("Made.", {paths[one]: right[paths[one]]}),
        Done("Made.", {paths[one]: right[paths[two]], paths[two]: right[paths[one]]}),
        Done("Made.", dict.fromkeys(right, lines(*names))),
        Done("Made.", {**right, paths[two]: lines(*theirs[two][:2])}),
        Done("Made.", {paths[voice]: lines(*(f"{name}, {voice}" for name in theirs[voice])) for voice in (one, two)}),
        Done("\n".join([one, *theirs[one], two, *theirs[two]])),
    )
    world = World({"choir/singers.txt": text, "choir/dates.txt": "Tuesdays at seven\n"})
    return Case(prompt, world, check, Done("Made.", right), wrong)
