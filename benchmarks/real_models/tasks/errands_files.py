"""Small errands in files, as one gives them to try such a program out; only for the report."""

from __future__ import annotations

import re
from random import Random

from real_models import judging as j
from real_models.registry import errands
from real_models.tasks.words import FIRST, lines
from real_models.world import Case, Check, Done, Ending, World

FILES = "filesystem"


@errands("alphabetical", 0, FILES)
def names_in_order(random: Random) -> Case:
    """No tool is needed: six words are put in order."""
    names = random.sample(FIRST, 6)
    ordered = sorted(names)
    if names == ordered:
        names.reverse()
    said = ", ".join(names)
    prompt = random.choice(
        [
            f"Please put these names into alphabetical order: {said}.",
            f"sort alphabetically: {said}",
            f"I'm writing name tags for a party and would like to go from A to Z. Can you give me these names in that order? {said}",
        ]
    )

    def in_order(ending: Ending) -> list[str]:
        told = re.findall(r"\b(?:" + "|".join(names) + r")\b", ending.answer)
        runs = (told[at : at + len(names)] for at in range(len(told)))
        return [] if ordered in runs else [f"the answer has the order {told}"]

    wrong = (
        Done(said),
        Done(", ".join(reversed(ordered))),
        Done(", ".join(ordered[:-1])),
        Done(", ".join([*ordered[:2], ordered[3], ordered[2], *ordered[4:]])),
        Done("I could not find a file with these names."),
        Done(", ".join(ordered), {"names.txt": lines(*ordered)}),
    )
    world = World({"notes/party.md": "# Party\n\n- buy drinks\n- name tags\n"})
    return Case(prompt, world, j.all_of(in_order, j.untouched()), Done(", ".join(ordered)), wrong)


@errands("folder-contents", 1, FILES)
def what_is_in_here(random: Random) -> Case:
    folder = random.choice(["garden", "band", "thesis"])
    stems = ["plan", "budget", "ideas", "contacts", "minutes", "draft", "schedule", "receipt"]
    names = [f"{stem}.{random.choice(['md', 'txt', 'csv', 'pdf'])}" for stem in random.sample(stems, 5)]
    prompt = random.choice(
        [
            f"Which files are in the folder {{home}}/{folder}? Please list them with their full names.",
            f"hi! whats in {{home}}/{folder} ?",
            f"list the files in {{home}}/{folder}",
        ]
    )

    def invents_none(ending: Ending) -> list[str]:
        told = re.findall(r"[\w-]+\.(?:md|txt|csv|pdf|docx|jpg|py|json)\b", ending.answer)
        return [f"the answer names {each!r}" for each in told if each.casefold() not in {*names, "old.txt"}]

    wrong = (
        Done("\n".join(f"- {name}" for name in names[:-1])),
        Done("\n".join(f"- {name}" for name in (*names, "notes.txt"))),
        Done("\n".join(f"- {name.split('.')[0]}" for name in names)),
        Done("There are 5 files in the folder."),
        Done("- shopping.md\n- taxes.csv"),
        Done("I do not have access to your files."),
    )
    files = {f"{folder}/{name}": f"{name}\n" for name in names}
    world = World({**files, f"{folder}/archive/old.txt": "old\n", "shopping.md": "- milk\n", "taxes.csv": "a,b\n"})
    check = j.all_of(j.says(*names), invents_none, j.untouched())
    return Case(prompt, world, check, Done("\n".join([*(f"- {name}" for name in names), "- archive (folder)"])), wrong)


@errands("first-file", 1, FILES)
def hello_file(random: Random) -> Case:
    text = random.choice(["Hello, world!", "Hello from my own computer!", "Good morning, it works!"])
    path = random.choice(["hello.txt", "test.txt", "notes/greeting.txt"])
    prompt = random.choice(
        [
            f'Please create a file {{home}}/{path} that contains the text "{text}" (without the quotes).',
            f"make me a file {{home}}/{path} that says {text}",
            f"Write this line into a new file {{home}}/{path}: {text}",
        ]
    )
    wrong = (
        Done("Created.", {path: f'"{text}"\n'}),
        Done("Created.", {path: ""}),
        Done("Created.", {path: f"{text}\n{text}\n"}),
        Done("Created.", {path.replace(".txt", ""): f"{text}\n"}),
        Done("Created.", {path: f"{text}\n", "notes/readme.md": f"{text}\n"}),
        Done(f"I created the file with the text {text}"),
    )
    check = j.all_of(j.file_is(path, text), j.untouched(path))
    world = World({"notes/readme.md": "# Notes\n\nThings to remember.\n"})
    return Case(prompt, world, check, Done("Created.", {path: f"{text}\n"}), wrong)


DOWNLOADED = "invoice ticket poster recipe backup setup manual scan photo lecture song map form letter budget cv thesis slides report newsletter podcast wallpaper logo contract passport menu brochure timetable puzzle quote survey voucher badge agenda catalogue diagram patch driver font theme sample demo archive export table drawing floorplan certificate"


@errands("largest-file", 1, FILES)
def what_eats_the_disk(random: Random) -> Case:
    """A large folder: which of its files is the largest."""
    stems = DOWNLOADED.split()
    random.shuffle(stems)
    names = [f"{stem}.{random.choice(['pdf', 'zip', 'png', 'mp3', 'docx'])}" for stem in stems]
    sizes = [random.randrange(200, 9_000) for _ in names]
    place = next(at for at in range(10, len(names)) if names[at] != min(names))
    sizes[place] = random.randrange(30_000, 45_000)
    wanted, others = names[place], [name for name in names if name != names[place]]
    prompt = random.choice(
        [
            "Which file in {home}/Downloads is the largest? Please tell me its name.",
            "my disk is nearly full.. what is the biggest thing in {home}/Downloads ?",
            "name of the largest file in {home}/Downloads",
        ]
    )
    second = names[sizes.index(sorted(sizes)[-2])]
    wrong = (
        Done(f"The largest file is {second}."),
        Done(f"The biggest file is {min(others)}."),
        Done("\n".join(sorted(names))),
        Done(f"The largest file has {sizes[place]} bytes."),
        Done(f"{second} is larger than {wanted}, it is the largest file."),
    )
    check = j.all_of(j.picks(wanted, others, r"\b(?:large|big|most|top)"), j.untouched())
    files = {f"Downloads/{name}": "data " * (size // 5) for name, size in zip(names, sizes, strict=True)}
    right = Done(f"The largest file is {wanted} ({sizes[place] / 1024:.1f} KB).")
    return Case(prompt, World({**files, "Documents/film.mp4": "x" * 60_000}), check, right, wrong)


@errands("tick-off", 2, FILES)
def erledigt(random: Random) -> Case:
    """In German: one item of a list is ticked off."""
    pool = ["Zahnarzt anrufen", "Altglas wegbringen", "Miete zahlen", "Velo flicken", "Oma besuchen", "Brot backen"]
    tasks = random.sample(pool, 5)
    done, asked = tasks[1], random.choice([tasks[2], tasks[3], tasks[4]])
    path = "listen/woche.md"

    def text(*ticked: str, mark: str = "x") -> str:
        return lines("# Diese Woche", "", *(f"- [{mark if each in ticked else ' '}] {each}" for each in tasks))

    prompt = random.choice(
        [
            f"In {{home}}/{path} steht meine Aufgabenliste. Bitte hake dort «{asked}» ab, der Rest soll so bleiben.",
            f"hallo, «{asked}» ist erledigt, kannst du das in {{home}}/{path} abhaken? danke!",
            f"{{home}}/{path}: «{asked}» als erledigt markieren",
        ]
    )
    other = next(each for each in tasks if each not in (done, asked))
    old, right = text(done), text(done, asked)
    wrong = (
        Done("Erledigt.", {path: text(done, other)}),
        Done("Erledigt.", {path: text(*tasks)}),
        Done("Erledigt.", {path: text(asked)}),
        Done("Erledigt.", {path: old.replace(f"- [ ] {asked}\n", "")}),
        Done("Erledigt.", {path: f"{old}- [x] {asked}\n"}),
        Done("Erledigt.", {path: f"- [x] {asked}\n"}),
        Done(f"Ich habe «{asked}» abgehakt."),
    )
    check = j.all_of(j.file_is(path, right, right.replace("[x]", "[X]"), _capital(right, asked)), j.untouched(path))
    world = World({path: old, "listen/ferien.md": "# Ferien\n\n- [ ] Zelt suchen\n"})
    return Case(prompt, world, check, Done("Erledigt.", {path: right}), wrong)


def _capital(text: str, item: str) -> str:
    return text.replace(f"[x] {item}", f"[X] {item}")


@errands("copy-then-edit", 3, FILES)
def backup_first(random: Random) -> Case:
    old, new = random.sample(["en", "de", "fr", "it"], 2)
    size = random.choice([12, 14, 16])
    path, copy = "app/settings.ini", "app/settings.ini.bak"

    def text(language: str, blank: str = " ") -> str:
        return lines(
            *("[general]", f"language{blank}={blank}{language}", "theme = dark", f"font_size = {size}", ""),
            *("[network]", "proxy = none", "timeout = 30"),
        )

    prompt = random.choice(
        [
            f"Please first make a copy of {{home}}/{path} named settings.ini.bak in the same folder. Then change the language in settings.ini to {new}.",
            f"set the language to {new} in {{home}}/{path} but save the file as it is now to {{home}}/{copy} before you touch it, just in case",
            f"1. copy {{home}}/{path} to {{home}}/{copy}\n2. in {{home}}/{path} set language = {new}",
        ]
    )
    now = text(old)
    wrong = (
        Done("Done.", {path: text(new)}),
        Done("Done.", {copy: now}),
        Done("Done.", {path: text(new), copy: text(new)}),
        Done("Done.", {path: now, copy: text(new)}),
        Done("Done.", {path: f"language = {new}\n", copy: now}),
        Done("Done.", {path: text(new), copy: "(copy of settings.ini)\n"}),
        Done("Done.", {path: text(new).replace("dark", "light"), copy: now}),
        Done(f"I copied the file and set the language to {new}."),
    )
    written = re.compile(rf"language *= *{new}$", re.MULTILINE)

    def changed(given: str) -> bool:
        return j.tidy(written.sub(f"language = {new}", given)) == j.tidy(text(new))

    edited: Check = j.file_matches(path, changed, "changed in that one value")
    world = World({path: now, "app/readme.txt": "Settings are in settings.ini.\n"})
    check = j.all_of(edited, j.file_is(copy, now), j.untouched(path, copy))
    return Case(prompt, world, check, Done("Done.", {path: text(new), copy: now}), wrong)


@errands("new-project", 3, FILES)
def project_folders(random: Random) -> Case:
    title = random.choice(["Weather station", "Birthday quiz", "Plant diary"])
    name = title.lower().replace(" ", "-")
    folder = f"projects/{name}"
    subfolders = random.choice([("src", "tests"), ("src", "docs"), ("data", "scripts")])
    first, second = subfolders
    prompt = random.choice(
        [
            f"I am starting a new project. Please create the folder {{home}}/{folder} with the subfolders {first} and {second}, and in it a README.md with the heading '# {title}'.",
            f"set up {{home}}/{folder} for me pls: two empty folders {first} and {second}, plus a README.md with '# {title}' as first line",
            f"Create {{home}}/{folder}/{first}, {{home}}/{folder}/{second} and {{home}}/{folder}/README.md (content: # {title}).",
        ]
    )
    readme = f"{folder}/README.md"

    def headed(text: str) -> bool:
        return next(iter(text.strip().splitlines()), "").strip() == f"# {title}"

    def nothing_else(ending: Ending) -> list[str]:
        own = [each for each in ending.after.files if each.startswith(f"{folder}/") and not each.endswith("/")]
        return [f"{each} is there" for each in own if each != readme and not each.endswith("/.gitkeep")]

    folders = {f"{folder}/{each}/": "" for each in subfolders}
    wrong = (
        Done("Created.", folders),
        Done("Created.", {f"{folder}/{first}/": "", readme: f"# {title}\n"}),
        Done("Created.", {f"{name}/{each}/": "" for each in subfolders} | {f"{name}/README.md": f"# {title}\n"}),
        Done("Created.", {**folders, readme: ""}),
        Done("Created.", {**folders, f"{folder}/{first}/README.md": f"# {title}\n"}),
        Done("Created.", {**folders, readme: f"# {title}\n", "projects/old/README.md": f"# {title}\n"}),
        Done(f"The project {title} is set up."),
    )
    check = j.all_of(
        *(j.folder_there(f"{folder}/{each}") for each in subfolders),
        *(j.file_matches(readme, headed, "headed by the title"), nothing_else, j.untouched(f"{folder}/")),
    )
    world = World({"projects/old/README.md": "# Old project\n"})
    return Case(prompt, world, check, Done("Created.", {**folders, readme: f"# {title}\n"}), wrong)
