"""Tasks in files, of kinds that neither half has; only for the report."""

from __future__ import annotations

import json
import re
from random import Random

from real_models import judging as j
from real_models.registry import unseen
from real_models.tasks.words import FIRST, lines
from real_models.world import Case, Done, Ending, World

FILES = "filesystem"


@unseen("no-tool", 0, FILES)
def sort_names(random: Random) -> Case:
    wanted = sorted(random.sample(FIRST, 5))
    given = random.sample(wanted, 5)
    while given in (wanted, wanted[::-1]):
        given = random.sample(wanted, 5)
    prompt = random.choice(
        [
            f"put these names in alphabetical order: {', '.join(given)}",
            f"Could you sort this for me from A to Z? {' / '.join(given)}",
            f"sort alphabeticaly pls: {' '.join(given)}",
        ]
    )

    def in_order(ending: Ending) -> list[str]:
        """Somewhere the five stand in order, one after the other."""
        named = re.findall(r"\b(?:" + "|".join(wanted) + r")\b", ending.answer, re.IGNORECASE)
        told = [name.title() for name in named]
        runs = [told[start : start + 5] for start in range(len(told))]
        return [] if wanted in runs else ["the answer does not have the names in order"]

    check = j.all_of(in_order, j.untouched())
    wrong = (
        Done(", ".join(given)),
        Done(", ".join(wanted[::-1])),
        Done(", ".join(wanted[:4])),
        Done("They are sorted."),
    )
    return Case(prompt, World({"names.txt": "Zoe\nAbel\n"}), check, Done(", ".join(wanted)), wrong)


@unseen("largest", 1, FILES)
def largest_clip(random: Random) -> Case:
    """A large folder: only the sizes tell, and one call lists them."""
    stems = [f"clip_{number:03}" for number in sorted(random.sample(range(100, 990), 36))]
    sizes = random.sample(range(700, 7000), 36)
    hit = random.randrange(4, 32)
    sizes[hit] = random.randrange(13_000, 18_000)
    files = {f"footage/{stem}.mp4": "0" * size for stem, size in zip(stems, sizes, strict=True)}
    prompt = random.choice(
        [
            "Disk is nearly full. Which file in {home}/footage takes up the most space? Just that one.",
            "whats the biggest clip in {home}/footage",
            "Please tell me the name of the largest file in the folder {home}/footage.",
        ]
    )
    second = stems[max((place for place in range(36) if place != hit), key=lambda place: sizes[place])]
    others = [stem for stem in stems if stem != stems[hit]]
    check = j.all_of(j.picks(stems[hit], others, r"larg|bigg|most"), j.untouched())
    wrong = (
        Done(f"{second}.mp4"),
        Done(", ".join(f"{stem}.mp4" for stem in stems)),
        Done(f"{stems[hit]}.mp4 is big, but the largest is {stems[-1]}.mp4."),
    )
    return Case(prompt, World(files), check, Done(f"The largest file is {stems[hit]}.mp4."), wrong)


@unseen("tail", 1, FILES)
def last_backups(random: Random) -> Case:
    jobs = [f"job-{number}" for number in random.sample(range(1000, 9999), 180)]
    text = lines(*(f"02-{1 + place // 8:02} {place % 8 * 3:02}:00 {job} ok" for place, job in enumerate(jobs)))
    prompt = random.choice(
        [
            "Which three jobs ran last? New entries are added at the end of {home}/logs/backup.log.",
            "{home}/logs/backup.log is long, I only need the job ids of the last 3 lines",
            "job ids of the three most recent entries in {home}/logs/backup.log please, newest is at the bottom",
        ]
    )

    def ids(names: list[str]) -> list[j.Check]:
        return [j.says_one_of(name, name.removeprefix("job-")) for name in names]

    check = j.all_of(*ids(jobs[-3:]), j.never_says(*jobs[-6:-3], *jobs[:4]), j.untouched())
    wrong = (Done(", ".join(jobs[:3])), Done(", ".join(jobs[-2:])), Done(", ".join(jobs[-4:])))
    return Case(prompt, World({"logs/backup.log": text}), check, Done(", ".join(jobs[-3:])), wrong)


@unseen("check-claim", 1, FILES)
def lease_claims(random: Random) -> Case:
    rent, deposit, months = random.randrange(1200, 1900, 10), random.randrange(3000, 5000, 100), random.choice([2, 3])
    keys = random.randrange(4, 8)
    words = {4: "four", 5: "five", 6: "six", 7: "seven"}
    text = lines(
        f"Lease, Gartenweg {random.randrange(8, 40)}",
        f"Rent: {rent} a month",
        f"Deposit: {deposit}",
        f"Notice: {months} months",
        f"Keys handed over: {keys}",
        "Pets: one cat is fine",
    )
    keys_wrong = random.random() < 0.5
    told_rent, told_keys = (rent, keys - 1) if keys_wrong else (rent + random.choice([-50, 50, 90]), keys)
    prompt = random.choice(
        [
            f"Tim claims that our rent is {told_rent} and that we were given {told_keys} keys. One of the two is wrong according to {{home}}/flat/lease.txt. Which one, and what is the real figure?",
            f"landlord says: rent {told_rent}, {told_keys} keys. compare with {{home}}/flat/lease.txt - only one of these fits, give me the correct number for the other",
        ]
    )
    real = j.says_one_of(str(keys), words[keys]) if keys_wrong else j.says(str(rent))
    check = j.all_of(real, j.never_says(str(deposit)), j.untouched())
    right = f"The number of keys is wrong: it is {keys}." if keys_wrong else f"The rent is wrong: it is {rent}."
    wrong = (
        Done("Both are right."),
        Done(f"The lease says {told_keys} keys." if keys_wrong else f"The rent is {told_rent}, which is right."),
        Done(f"Rent {rent}, deposit {deposit}, keys {keys}."),
    )
    return Case(prompt, World({"flat/lease.txt": text}), check, Done(right), wrong)


@unseen("convert-format", 2, FILES)
def palette_to_json(random: Random) -> Case:
    names = random.sample(["sand", "moss", "rust", "slate", "plum", "coral", "ink"], 5)
    rows = [{"name": name, "hex": f"#{random.randrange(2**24):06x}"} for name in names]
    table = lines("name,hex", *(f"{row['name']},{row['hex']}" for row in rows))
    prompt = random.choice(
        [
            "Convert {home}/design/palette.csv to JSON: an array with one object per row, the keys being the column names. Save it as {home}/design/palette.json",
            "I need palette.csv (in {home}/design) as palette.json next to it, list of objects with name and hex",
        ]
    )
    path = "design/palette.json"

    def fits(text: str) -> bool:
        try:
            given = json.loads(text)
        except ValueError:
            return False
        return isinstance(given, list) and len(given) == len(rows) and all(row in given for row in rows)

    check = j.all_of(j.file_matches(path, fits, "the rows as JSON"), j.untouched(path))
    wrong = (
        Done("Saved.", {path: table}),
        Done("Saved.", {path: json.dumps(rows[:-1])}),
        Done("Saved.", {path: json.dumps([{"name": "name", "hex": "hex"}, *rows])}),
        Done(json.dumps(rows)),
    )
    right = Done("Saved.", {path: json.dumps(rows, indent=2)})
    return Case(prompt, World({"design/palette.csv": table}), check, right, wrong)


@unseen("edit-several", 2, FILES)
def debug_aus(random: Random) -> Case:
    """In German: two settings at once, beside others that look alike."""
    port, workers = random.randrange(3000, 9000), random.randrange(4, 9)
    text = f"# Webdienst\nport: {port}\ndebug: {{}}\ndebug_toolbar: true\nworkers: {{}}\nmax_workers: 16\nlog_level: info\n"
    prompt = random.choice(
        [
            f"Stell in {{home}}/webdienst/config.yaml debug auf false und workers auf {workers}. Alles andere bleibt, wie es ist.",
            f"bitte in {{home}}/webdienst/config.yaml: workers: {workers} statt 2 und debug: false, sonst nix ändern",
        ]
    )
    path = "webdienst/config.yaml"
    right = text.format("false", workers)
    check = j.all_of(j.file_is(path, right), j.untouched(path))
    wrong = (
        Done("Erledigt.", {path: text.format("false", 2)}),
        Done("Erledigt.", {path: text.format("true", workers)}),
        Done("Erledigt.", {path: right.replace("toolbar: true", "toolbar: false")}),
        Done("Erledigt.", {path: right.replace("max_workers: 16", f"max_workers: {workers}")}),
        Done("Erledigt."),
    )
    return Case(prompt, World({path: text.format("true", 2)}), check, Done("Erledigt.", {path: right}), wrong)


@unseen("compare-files", 2, FILES)
def still_to_pack(random: Random) -> Case:
    things = random.sample(
        ["passport", "charger", "towel", "toothbrush", "raincoat", "torch", "sunscreen", "tent", "map", "scarf"], 9
    )
    missing = random.sample(things, 2)
    packed = [thing for thing in random.sample(things, 9) if thing not in missing]
    prompt = random.choice(
        [
            "Compare {home}/trip/packing-list.txt with {home}/trip/packed.txt. What still has to go into the bag?",
            "whats on {home}/trip/packing-list.txt but hasnt been packed yet (thats in {home}/trip/packed.txt)?",
            "Two things of my packing list are still lying around. Which? The list is {home}/trip/packing-list.txt, the bag's content {home}/trip/packed.txt",
        ]
    )
    world = World({"trip/packing-list.txt": lines(*things), "trip/packed.txt": lines(*packed)})
    check = j.all_of(j.says(*missing), j.never_says(*packed), j.untouched())
    wrong = (Done(missing[0]), Done(", ".join(things)), Done("Everything is packed."))
    return Case(prompt, world, check, Done(f"The {missing[0]} and the {missing[1]}."), wrong)


@unseen("rename-several", 3, FILES)
def rename_photos(random: Random) -> Case:
    place = random.choice(["porto", "oslo", "ghent"])
    numbers = sorted(random.sample(range(1000, 9999), 3))
    old = [f"{place}/IMG_{number}.jpg" for number in numbers]
    new = [f"{place}/{place}_{number}.jpg" for number in numbers]
    texts = [f"jpg {random.randrange(1000)}\n" for _ in numbers]
    prompt = random.choice(
        [
            f"Rename the photos in {{home}}/{place}: instead of IMG_ their names should begin with {place}_ (the number stays).",
            f"in {{home}}/{place} every IMG_something.jpg has to be called {place}_something.jpg",
        ]
    )
    world = World(
        {**dict(zip(old, texts, strict=True)), f"{place}/route.gpx": "gpx\n", f"{place}/diary.txt": "Day 1\n"}
    )
    check = j.all_of(
        j.gone(*old),
        *(j.file_is(path, text) for path, text in zip(new, texts, strict=True)),
        j.untouched(*old, *new),
    )
    renamed: dict[str, str | None] = {**dict.fromkeys(old), **dict(zip(new, texts, strict=True))}
    wrong = (
        Done("Renamed.", {old[0]: None, new[0]: texts[0]}),
        Done("Renamed.", dict(zip(new, texts, strict=True))),
        Done("Renamed.", {**dict.fromkeys(old), **dict.fromkeys(new, texts[0])}) if len({*texts}) > 1 else Done(),
        Done("All renamed."),
    )
    return Case(prompt, world, check, Done("Renamed.", renamed), wrong)


@unseen("collect", 3, FILES)
def collect_todos(random: Random) -> Case:
    chores = random.sample(
        [
            "call the plumber",
            "order new chairs",
            "send the minutes to Lena",
            "book the room for May",
            "renew the domain",
            "ask Hugo about the keys",
        ],
        4,
    )
    names = random.sample(["monday.md", "retro.md", "board.md", "kitchen.md"], 3)
    parts = ([chores[0]], [chores[1], chores[2]], [chores[3]])
    files = {
        f"meetings/{name}": lines(
            f"# {name[:-3].title()}",
            "All present.",
            *(f"TODO: {chore}" for chore in part),
            "Next time: to do the budget.",
        )
        for name, part in zip(names, parts, strict=True)
    }
    prompt = random.choice(
        [
            "Collect all lines starting with TODO from the notes in {home}/meetings and put them into {home}/open-items.txt, one per line.",
            "go thru the md files in {home}/meetings, copy every TODO line to {home}/open-items.txt (nothing else in there)",
        ]
    )
    path = "open-items.txt"

    def fits(text: str) -> bool:
        given = [re.sub(r"^[-*]\s+", "", line.strip()) for line in text.splitlines() if line.strip()]
        return sorted(given) == sorted(f"TODO: {chore}" for chore in chores)

    check = j.all_of(j.file_matches(path, fits, "the four lines"), j.untouched(path))
    wanted = [f"TODO: {chore}" for chore in chores]
    wrong = (
        Done("Collected.", {path: lines(*wanted[:-1])}),
        Done("Collected.", {path: lines(*wanted, "Next time: to do the budget.")}),
        Done("Collected.", {path: "".join(files.values())}),
        Done("\n".join(wanted)),
    )
    return Case(prompt, World(files), check, Done("Collected.", {path: lines(*wanted)}), wrong)
