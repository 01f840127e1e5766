"""Tasks in files, only for the report."""

from __future__ import annotations

import json
from collections import Counter
from random import Random

from real_models import judging as j
from real_models.registry import held_out
from real_models.tasks.words import lines, people
from real_models.world import Case, Done, World

FILES = "filesystem"


@held_out("read-value", 1, FILES)
def phone_number(random: Random) -> Case:
    names = people(random, 7)
    phones = [
        f"0{random.randrange(31, 80)} {random.randrange(200, 999)} {random.randrange(10, 99)} {random.randrange(10, 99)}"
        for _ in names
    ]
    text = lines(*(f"{name:<18} {phone}" for name, phone in zip(names, phones, strict=True)))
    who = random.randrange(7)
    prompt = random.choice(
        [
            f"What's {names[who]}'s phone number? It should be in contacts.txt.",
            f"I have to call {names[who]}, look up the number in {{home}}/contacts.txt",
        ]
    )
    others = [phone for phone in phones if phone != phones[who]]
    check = j.all_of(j.says(phones[who]), j.never_says(*others), j.untouched())
    return Case(prompt, World({"contacts.txt": text}), check, Done(f"{phones[who]}"), (Done(f"{others[0]}"),))


@held_out("long-file", 1, FILES)
def sensor_reading(random: Random) -> Case:
    values = [f"{random.randrange(10, 40)}.{random.randrange(1, 10)}{random.randrange(1, 10)}" for _ in range(300)]
    hit = random.randrange(230, 280)
    text = lines(*(f"reading {number} {value} C" for number, value in enumerate(values, 1)))
    prompt = random.choice(
        [
            f"Which temperature belongs to reading {hit} in {{home}}/sensors/cellar.log?",
            f"In the log of the cellar's sensor ({{home}}/sensors/cellar.log), what was reading {hit}?",
        ]
    )
    near = {values[hit - 2], values[hit]} - {values[hit - 1]}
    check = j.all_of(j.says(values[hit - 1]), j.never_says(*near), j.untouched())
    wrong = (
        Done(f"Reading {hit}: {values[hit]} C" if values[hit] != values[hit - 1] else "none"),
        Done(f"reading {hit}"),
    )
    return Case(prompt, World({"sensors/cellar.log": text}), check, Done(f"{values[hit - 1]} C"), wrong)


@held_out("large-folder", 1, FILES)
def subfolders_of_downloads(random: Random) -> Case:
    folders = random.sample(["holiday", "taxes", "fonts", "drivers", "music", "manuals", "icons", "maps"], 5)
    files = {f"downloads/{each}/": "" for each in folders}
    files |= {f"downloads/file{number:03}.zip": "zip\n" for number in random.sample(range(1, 400), 36)}
    prompt = random.choice(
        [
            "Which sub-folders are there in {home}/downloads? I only want the folders, not the zip files.",
            "Name every folder inside {home}/downloads please (no files).",
        ]
    )
    check = j.all_of(
        j.says(*folders), lambda ending: ["files are named"] if ".zip" in ending.answer else [], j.untouched()
    )
    wrong = (Done(", ".join(folders[:-1])), Done(", ".join([*folders, "file001.zip"])))
    return Case(prompt, World(files), check, Done(", ".join(folders)), wrong)


@held_out("count-by-kind", 1, FILES)
def count_photos(random: Random) -> Case:
    photos, raws = random.randrange(7, 13), random.randrange(2, 5)
    numbers = sorted(random.sample(range(100, 999), photos))
    files = {f"holiday/IMG_{number}.jpg": "jpg\n" for number in numbers}
    files |= {f"holiday/IMG_{number}.txt": "sunny\n" for number in numbers[:3]}
    files |= {f"holiday/raw/R{number}.jpg": "jpg\n" for number in range(raws)}
    files["holiday/film.mp4"] = "mp4\n"
    prompt = random.choice(
        [
            "How many jpg pictures do I have in {home}/holiday? Leave out the folder raw.",
            "I'd like to know the number of .jpg files lying in {home}/holiday itself (the raw folder doesn't count).",
        ]
    )
    words = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
    ]
    others = {str(photos + raws), str(photos + 3), str(photos + 1), str(photos + 4)} - {str(photos)}
    check = j.all_of(j.says_one_of(str(photos), words[photos]), j.never_says(*others), j.untouched())
    return Case(
        prompt, World(files), check, Done(f"{photos} pictures"), (Done(f"{photos + raws} pictures"), Done("Several."))
    )


@held_out("find-word", 3, FILES)
def recipe_with_saffron(random: Random) -> Case:
    names = random.sample(["risotto.md", "stew.md", "pie.md", "salad.md", "soup.md", "bread.md"], 5)
    stuff = random.sample(
        [
            "- rice\n- onion\n- butter",
            "- flour\n- yeast\n- salt",
            "- beans\n- thyme\n- garlic",
            "- apples\n- sugar\n- eggs",
            "- carrots\n- leek\n- cream",
        ],
        5,
    )
    hit = random.randrange(5)
    stuff[hit] += "\n- a pinch of saffron"
    prompt = random.choice(
        [
            "Which recipe in {home}/recipes needs saffron?",
            "One of the recipe files under {home}/recipes has saffron among its ingredients, which one is that?",
        ]
    )
    world = World(
        {f"recipes/{name}": f"# {name[:-3].title()}\n{text}\n" for name, text in zip(names, stuff, strict=True)}
    )
    others = [name for name in names if name != names[hit]]
    stem = names[hit][:-3]
    check = j.all_of(
        j.says_one_of(names[hit], stem), j.never_says(*others, *(name[:-3] for name in others)), j.untouched()
    )
    return Case(
        prompt,
        world,
        check,
        Done(f"The {stem}."),
        (Done(f"{others[0]}"), Done("None of the file names contains saffron.")),
    )


@held_out("append-line", 2, FILES)
def append_expense(random: Random) -> Case:
    old = [
        f"2026-03-{day:02},{what},{random.randrange(3, 90)}.{random.randrange(10, 99)}"
        for day, what in ((2, "books"), (5, "coffee"), (9, "shoes"))
    ]
    new = f"2026-03-14,train,{random.randrange(20, 80)}.50"
    head = "date,what,amount"
    prompt = random.choice(
        [
            f"Put one more row at the bottom of expenses.csv: {new}",
            f"Append this row to {{home}}/expenses.csv without changing the rest: {new}",
        ]
    )
    check = j.all_of(j.file_is("expenses.csv", lines(head, *old, new)), j.untouched("expenses.csv"))
    wrong = (
        Done("Done.", {"expenses.csv": lines(head, new, *old)}),
        Done("Done.", {"expenses.csv": lines(head, *old) + new.replace(",", ";")}),
        Done("Done.", {"expenses.csv": lines(new)}),
        Done("Done.", {"expenses.csv": lines(head, *old)[:-1] + new}),
    )
    right = Done("Done.", {"expenses.csv": lines(head, *old, new)})
    return Case(prompt, World({"expenses.csv": lines(head, *old)}), check, right, wrong)


@held_out("create-file", 1, FILES)
def project_folder(random: Random) -> Case:
    name = random.choice(["atlas", "comet", "harbour", "lantern"])
    path, text = f"projects/{name}/README.md", f"# Project {name.title()}"
    prompt = random.choice(
        [
            f"Make a file README.md in the existing folder {{home}}/projects/{name}; its whole content is: {text}",
            f"{{home}}/projects/{name} still needs a README.md with just this heading: {text}",
        ]
    )
    world = World({f"projects/{name}/": "", "projects/todo.md": "- later\n"})
    check = j.all_of(j.file_is(path, text), j.untouched(path))
    wrong = (Done("Made.", {"projects/README.md": text}), Done("Made.", {path: text[2:]}))
    return Case(prompt, world, check, Done("Made.", {path: text}), wrong)


@held_out("copy-value", 2, FILES)
def copy_coordinates(random: Random) -> Case:
    spots = ["hut", "lake", "summit"]
    points = {each: (f"{random.uniform(46, 47):.7f}", f"{random.uniform(7, 9):.7f}") for each in spots}
    text = json.dumps({each: {"lat": float(a), "lon": float(b)} for each, (a, b) in points.items()}, indent=2) + "\n"
    lat, lon = (json.dumps(float(value)) for value in points["hut"])
    prompt = random.choice(
        [
            "Take the coordinates of the hut from {home}/tour/places.json and write them to {home}/tour/hut.txt in the form lat,lon with all of their digits.",
            "I need {home}/tour/hut.txt holding just the hut's position as lat,lon, digit for digit as in {home}/tour/places.json.",
        ]
    )
    path = "tour/hut.txt"
    check = j.all_of(j.file_is(path, f"{lat},{lon}", f"{lat}, {lon}"), j.untouched(path))
    wrong = (
        Done("Done.", {path: f"{lat[:-2]},{lon[:-2]}"}),
        Done("Done.", {path: f"{lon},{lat}"}),
        Done(f"{lat},{lon}"),
    )
    return Case(prompt, World({"tour/places.json": text}), check, Done("Done.", {path: f"{lat},{lon}"}), wrong)


@held_out("copy-number", 2, FILES)
def copy_account_and_balance(random: Random) -> Case:
    """Numbers that llama.cpp's templates print otherwise where a model is shown its own earlier calls."""
    number, balance = random.randrange(2**63, 2**64), f"{random.uniform(100_000, 999_999):.4f}"
    text = f'{{"owner": "depot", "account": {number}, "balance": {balance}}}\n'
    prompt = random.choice(
        [
            "Put the account number and the balance from {home}/account.json into {home}/account.txt as account=balance, with every digit.",
            "I need {home}/account.txt with one line account=balance holding both numbers of {home}/account.json unchanged.",
        ]
    )
    check = j.all_of(j.file_is("account.txt", f"{number}={balance}"), j.untouched("account.txt"))
    wrong = (
        Done("Done.", {"account.txt": f"{number}={float(balance):.6g}"}),
        Done("Done.", {"account.txt": f"{number - 2**64}={balance}"}),
        Done(f"{number}={balance}"),
    )
    return Case(
        prompt, World({"account.json": text}), check, Done("Done.", {"account.txt": f"{number}={balance}"}), wrong
    )


@held_out("edit-value", 2, FILES)
def fix_name(random: Random) -> Case:
    first = random.choice(["Anna", "Peter", "Klara"])
    text = "Dear {0} {1},\n\nthank you for the parcel. It came on Monday.\n\nYours,\nMartin\n\nP.S. My regards to Mr {1}.\n"
    prompt = random.choice(
        [
            "In {home}/letter.txt the name Meyer is misspelled: it's Meier. Correct it everywhere in the letter.",
            "Replace Meyer by Meier in {home}/letter.txt (it occurs twice), the rest is fine.",
        ]
    )
    right = text.format(first, "Meier")
    check = j.all_of(j.file_is("letter.txt", right), j.untouched("letter.txt"))
    wrong = (
        Done("Corrected.", {"letter.txt": right.replace("Mr Meier", "Mr Meyer")}),
        Done("Corrected.", {"letter.txt": "Meier\n"}),
    )
    return Case(
        prompt,
        World({"letter.txt": text.format(first, "Meyer")}),
        check,
        Done("Corrected.", {"letter.txt": right}),
        wrong,
    )


@held_out("move-files", 1, FILES)
def move_into_folder(random: Random) -> Case:
    number = random.randrange(100, 999)
    name, text = f"invoice-{number}.txt", f"Invoice {number}: {random.randrange(20, 900)} francs\n"
    prompt = random.choice(
        [
            f"Move {{home}}/inbox/{name} to the folder {{home}}/paid.",
            f"{name} in {{home}}/inbox is paid. Put it into {{home}}/paid.",
        ]
    )
    old, new = f"inbox/{name}", f"paid/{name}"
    world = World({old: text, "inbox/offer.txt": "offer\n", "paid/": ""})
    check = j.all_of(j.gone(old), j.file_is(new, text), j.untouched(old, new))
    wrong = (Done("Moved.", {new: text}), Done("Moved.", {old: None, "paid/invoice.txt": text}))
    return Case(prompt, world, check, Done("Moved.", {old: None, new: text}), wrong)


@held_out("calculate", 1, FILES)
def dearest_item(random: Random) -> Case:
    things = random.sample(["drill", "ladder", "hammer", "saw", "vice", "plane", "pliers"], 6)
    prices = random.sample(range(12, 240), 6)
    text = lines("tool;price", *(f"{thing};{price}" for thing, price in zip(things, prices, strict=True)))
    top = prices.index(max(prices))
    prompt = random.choice(
        [
            "Which tool in {home}/workshop/prices.csv is the most expensive one?",
            "Look at {home}/workshop/prices.csv: what's the dearest tool?",
        ]
    )
    others = [thing for thing in things if thing != things[top]]
    check = j.all_of(j.says(things[top]), j.never_says(*others), j.untouched())
    return Case(
        prompt, World({"workshop/prices.csv": text}), check, Done(f"The {things[top]}."), (Done(f"The {others[0]}."),)
    )


@held_out("counts-into-file", 2, FILES)
def tickets_by_state(random: Random) -> Case:
    states = ["open"] * random.randrange(3, 6) + ["closed"] * random.randrange(1, 3) + ["waiting"] * 2
    random.shuffle(states)
    tickets = [{"id": 70 + number, "state": state} for number, state in enumerate(states)]
    wanted = [f"{state}={count}" for state, count in Counter(states).items()]
    prompt = random.choice(
        [
            "Save in {home}/summary.txt how many tickets of {home}/tickets.json are in each state, written like waiting=9, every state on its own line.",
            "Please count the tickets in {home}/tickets.json per state. The result belongs into {home}/summary.txt, one line per state, format state=count.",
        ]
    )
    world = World({"tickets.json": json.dumps(tickets, indent=1) + "\n"})
    check = j.all_of(j.file_lines("summary.txt", wanted), j.untouched("summary.txt"))
    wrong = (Done("Saved.", {"summary.txt": lines(*wanted[:-1])}), Done("\n".join(wanted)))
    return Case(prompt, world, check, Done("Saved.", {"summary.txt": lines(*wanted)}), wrong)


@held_out("missing", 1, FILES)
def missing_folder(random: Random) -> Case:
    year = random.randrange(2010, 2016)
    prompt = random.choice(
        [
            f"What files do I have in {{home}}/photos/{year}?",
            f"Tell me the names of the pictures in the folder {{home}}/photos/{year}.",
        ]
    )
    world = World({"photos/2019/beach.jpg": "jpg\n", "photos/2020/snow.jpg": "jpg\n"})
    check = j.all_of(j.says_missing, j.never_says("file1.jpg", "image1.jpg", "photo1.jpg"), j.untouched())
    wrong = (Done(f"The folder {year} holds photo1.jpg and photo2.jpg."), Done("beach.jpg", {f"photos/{year}/": ""}))
    return Case(prompt, world, check, Done(f"There is no folder {year} in photos."), wrong)


@held_out("no-tool", 0, FILES)
def translate(random: Random) -> Case:
    word, french = random.choice(
        [("thank you", "merci"), ("good evening", "bonsoir"), ("please", "plaît"), ("goodbye", "revoir")]
    )
    prompt = random.choice([f'How do you say "{word}" in French?', f"What's the French for {word}?"])
    check = j.all_of(j.says(french), j.untouched())
    return Case(
        prompt,
        World({"readme.txt": "hello\n"}),
        check,
        Done(f"{french}!"),
        (Done("I cannot read that file."), Done("Bonjour")),
    )


@held_out("several-reads", 3, FILES)
def oldest_of_three(random: Random) -> Case:
    names = [name.split()[0] for name in people(random, 3)]
    years = random.sample(range(1948, 2004), 3)
    oldest = years.index(min(years))
    prompt = random.choice(
        [
            f"Who is the oldest: {names[0]}, {names[1]} or {names[2]}? There's a file on each of them in {{home}}/people.",
            f"{{home}}/people has one text file each on {names[0]}, {names[1]} and {names[2]}, with the year of birth. In which year was the oldest of them born, and who is it?",
        ]
    )
    files = {
        f"people/{name.lower()}.txt": f"{name}, plays chess.\nBorn in {year}.\n"
        for name, year in zip(names, years, strict=True)
    }
    younger = [name for name in names if name != names[oldest]]
    right = Done(f"{names[oldest]} is the oldest, born in {years[oldest]}.")

    def named(ending: j.Ending) -> list[str]:
        """The oldest is named, and named as such: first of the three."""
        places = {name: ending.answer.find(name) for name in names}
        if places[names[oldest]] < 0:
            return [f"the answer lacks {names[oldest]!r}"]
        before = [name for name in younger if 0 <= places[name] < places[names[oldest]]]
        asserted = [
            name for name in younger if f"{name} is the oldest" in ending.answer or f"oldest is {name}" in ending.answer
        ]
        alone = f"{names[oldest]} is the oldest" in ending.answer or f"oldest is {names[oldest]}" in ending.answer
        return ["the answer names somebody else"] if asserted or (before and not alone) else []

    wrong = (Done(f"{younger[0]} is the oldest."), Done(f"{younger[0]}, then {names[oldest]}."))
    return Case(prompt, World(files), j.all_of(named, j.untouched()), right, wrong)


@held_out("follow-pointer", 3, FILES)
def treasure_hunt(random: Random) -> Case:
    first, second = random.sample(["attic", "barn", "shed", "porch", "cellar"], 2)
    word = random.choice(["marzipan", "liquorice", "gingerbread", "butterscotch"])
    files = {
        "hunt/begin.txt": f"The next hint lies in {first}.txt, in this folder.\n",
        f"hunt/{first}.txt": f"Well done. Go on with {second}.txt.\n",
        f"hunt/{second}.txt": f"You have found it: the password is {word}.\n",
        "hunt/decoy.txt": "The password is not peppermint.\n",
    }
    prompt = random.choice(
        [
            "Follow the hints, beginning with {home}/hunt/begin.txt, until you know the password. What is it?",
            "{home}/hunt/begin.txt is the start of a treasure hunt through files. Which password is at its end?",
        ]
    )
    check = j.all_of(j.says(word), j.never_says("peppermint"), j.untouched())
    return Case(
        prompt,
        World(files),
        check,
        Done(f"It is {word}."),
        (Done("peppermint"), Done(f"The next hint lies in {first}.txt.")),
    )


@held_out("move-several", 3, FILES)
def sort_pictures(random: Random) -> Case:
    names = [f"{word}.png" for word in random.sample(["sketch", "logo", "banner", "icon", "poster"], 3)]
    files = {f"desk/{name}": f"{name} {random.randrange(1000)}\n" for name in [*names, "report.pdf", "notes.md"]} | {
        "pictures/": ""
    }
    listed = f"{names[0]}, {names[1]} and {names[2]}"
    prompt = random.choice(
        [
            f"{listed} lie on my desk ({{home}}/desk). They belong in {{home}}/pictures, please move them there.",
            "Every .png on my desk ({home}/desk) should go into {home}/pictures. Leave everything else where it is.",
        ]
    )
    pairs = [(f"desk/{name}", f"pictures/{name}") for name in names]
    check = j.all_of(
        j.gone(*(old for old, _ in pairs)),
        *(j.file_is(new, files[old]) for old, new in pairs),
        j.untouched(*(path for pair in pairs for path in pair)),
    )
    moved = {new: files[old] for old, new in pairs}
    right = Done("Moved.", {**dict.fromkeys((old for old, _ in pairs), None), **moved})
    wrong = (Done("Moved.", moved), Done("They are moved."))
    return Case(prompt, World(files), check, right, wrong)


@held_out("merge-files", 3, FILES)
def total_into_file(random: Random) -> Case:
    spring, autumn = random.sample(range(11, 90), 2)
    prompt = random.choice(
        [
            "Add the number of boxes in {home}/store/spring.txt to that in {home}/store/autumn.txt and write the sum, only the number, to {home}/store/total.txt.",
            "{home}/store/spring.txt and {home}/store/autumn.txt each say how many boxes there are. Save how many that makes together in {home}/store/total.txt (just the number).",
        ]
    )
    world = World(
        {"store/spring.txt": f"{spring} boxes of bulbs\n", "store/autumn.txt": f"{autumn} boxes of candles\n"}
    )
    path = "store/total.txt"
    check = j.all_of(j.file_is(path, str(spring + autumn)), j.untouched(path))
    wrong = (Done("Saved.", {path: f"{spring}\n{autumn}\n"}), Done(str(spring + autumn)))
    return Case(prompt, world, check, Done("Saved.", {path: f"{spring + autumn}\n"}), wrong)


@held_out("create-several", 3, FILES)
def file_for_each_guest(random: Random) -> Case:
    guests = [name.split()[0] for name in people(random, 3)]
    table = random.randrange(3, 20)
    prompt = random.choice(
        [
            f"Create one text file for each guest in {{home}}/guests, called {guests[0]}.txt, {guests[1]}.txt and {guests[2]}.txt. All three say: Table {table}",
            f'The guests {guests[0]}, {guests[1]} and {guests[2]} sit at table {table}. For each one write a file {{home}}/guests/NAME.txt with the text "Table {table}".',
        ]
    )
    paths = [f"guests/{name}.txt" for name in guests]
    check = j.all_of(*(j.file_is(path, f"Table {table}") for path in paths), j.untouched(*paths))
    right = Done("Created.", dict.fromkeys(paths, f"Table {table}"))
    wrong = (
        Done("Created.", dict.fromkeys(paths[:2], f"Table {table}")),
        Done("Created.", {"guests/NAME.txt": f"Table {table}"}),
    )
    return Case(prompt, World({"guests/": "", "old.txt": "old\n"}), check, right, wrong)
