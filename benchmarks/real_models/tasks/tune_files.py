"""Tasks in files, for tuning."""

from __future__ import annotations

from collections import Counter
from random import Random

from real_models import judging as j
from real_models.registry import tune
from real_models.tasks.words import CITIES, code, lines, people
from real_models.world import Case, Done, World

FILES = "filesystem"


@tune("read-value", 1, FILES)
def config_port(random: Random) -> Case:
    port, admin = random.sample(range(3000, 9900), 2)
    text = lines(
        "[app]", "name = depot", f"port = {port}", "workers = 4", "", "[admin]", f"port = {admin}", "timeout = 30"
    )
    prompt = random.choice(
        [
            "Which port does the app section use in {home}/depot/settings.ini?",
            "Have a look at {home}/depot/settings.ini and tell me the port of the app (not the admin one).",
        ]
    )
    check = j.all_of(j.says(str(port)), j.never_says(str(admin)), j.untouched())
    return Case(
        prompt, World({"depot/settings.ini": text}), check, Done(f"It uses port {port}."), (Done(f"Port {admin}."),)
    )


@tune("long-file", 1, FILES)
def log_line_250(random: Random) -> Case:
    sums = [f"{random.randrange(16**6):06x}" for _ in range(270)]
    text = lines(*(f"batch {number} sum {each}" for number, each in enumerate(sums, 1)))
    prompt = random.choice(
        [
            "What does line 250 of {home}/logs/import.log say?",
            "I need the checksum that stands in line 250 of {home}/logs/import.log.",
        ]
    )
    check = j.all_of(j.says(sums[249]), j.never_says(sums[248], sums[250]), j.untouched())
    wrong = (Done(f"batch 249 sum {sums[248]}"), Done("Line 250 is in the file."))
    return Case(prompt, World({"logs/import.log": text}), check, Done(f"batch 250 sum {sums[249]}"), wrong)


@tune("large-folder", 1, FILES)
def list_thirty(random: Random) -> Case:
    names = [f"scan-{number}.pdf" for number in sorted(random.sample(range(1000, 1400), 30))]
    prompt = random.choice(
        [
            "List all the files in {home}/scans for me, by name.",
            "Which files are in {home}/scans? I need all of the names.",
        ]
    )
    check = j.all_of(j.says(*names), j.untouched())
    right, short = Done("They are: " + ", ".join(names)), Done("They are: " + ", ".join(names[:-1]))
    return Case(prompt, World({f"scans/{name}": "scan\n" for name in names}), check, right, (short,))


@tune("count-by-kind", 1, FILES)
def count_csv(random: Random) -> Case:
    tables, notes = random.randrange(6, 12), random.randrange(3, 6)
    files = {f"data/week{number:02}.csv": "a,b\n" for number in range(1, tables + 1)}
    files |= {f"data/note{number}.txt": "text\n" for number in range(1, notes + 1)}
    files |= {"data/old/a.csv": "a,b\n", "data/old/b.csv": "a,b\n", "data/map.json": "{}\n"}
    prompt = random.choice(
        [
            "How many CSV files are directly in {home}/data? Don't count those in sub-folders.",
            "Count the .csv files in {home}/data, without what is in its sub-folders.",
        ]
    )
    others = {str(tables + 2), str(tables + notes), str(tables + 1)} - {str(tables)}
    check = j.all_of(j.says_one_of(str(tables), WORDS[tables]), j.never_says(*others), j.untouched())
    return Case(
        prompt, World(files), check, Done(f"There are {tables}."), (Done(f"There are {tables + 2} CSV files."),)
    )


WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


@tune("find-word", 3, FILES)
def note_with_word(random: Random) -> Case:
    names = random.sample(["monday.txt", "plans.txt", "misc.txt", "calls.txt", "garden.txt", "ideas.txt"], 5)
    texts = random.sample(
        [
            "Water the tomatoes.\nBuy new gloves.",
            "Ring the bank about the card.\nAsk Tom for the ladder.",
            "Train at 8:12, platform 4.\nTake the umbrella.",
            "Book: the one about bridges.\nFilm on Friday?",
            "Bring the bottles back.\nPaint for the fence.",
        ],
        5,
    )
    hit = random.randrange(5)
    texts[hit] += "\nAppointment with the dentist at ten."
    prompt = random.choice(
        [
            "In which of my notes in {home}/notes do I mention the dentist?",
            "Somewhere in {home}/notes I wrote about the dentist. Which file is it?",
        ]
    )
    world = World({f"notes/{name}": text + "\n" for name, text in zip(names, texts, strict=True)})
    others = [name for name in names if name != names[hit]]
    check = j.all_of(j.says(names[hit]), j.never_says(*others), j.untouched())
    return Case(prompt, world, check, Done(f"In {names[hit]}."), (Done(f"In {others[0]}."), Done("No matches found.")))


@tune("append-line", 2, FILES)
def append_todo(random: Random) -> Case:
    old = random.sample(["call the landlord", "mend the bike", "return the books", "order coffee", "pay the rent"], 4)
    new = random.choice(["buy stamps", "water the plants", "renew the passport"])
    prompt = random.choice(
        [
            f'Add the line "{new}" at the end of {{home}}/todo.txt and leave the other lines as they are.',
            f'Please put "{new}" on a new line at the bottom of my list {{home}}/todo.txt.',
        ]
    )
    check = j.all_of(j.file_is("todo.txt", lines(*old, new)), j.untouched("todo.txt"))
    right = Done("Added.", {"todo.txt": lines(*old, new)})
    wrong = (
        Done("Added.", {"todo.txt": lines(new, *old)}),
        Done("Added.", {"todo.txt": lines(*old, new, new)}),
        Done("Added.", {"todo.txt": lines(new)}),
    )
    return Case(prompt, World({"todo.txt": lines(*old)}), check, right, wrong)


@tune("create-file", 1, FILES)
def write_note(random: Random) -> Case:
    day, hour = random.choice(["Tuesday", "Thursday", "Friday"]), random.choice(["9:15", "14:30", "16:45"])
    text = f"Meeting moved to {day} {hour}"
    prompt = random.choice(
        [
            f"Write a file {{home}}/notes/meeting.txt that says exactly: {text}",
            f'Save the text "{text}" as {{home}}/notes/meeting.txt, nothing else in it.',
        ]
    )
    check = j.all_of(j.file_is("notes/meeting.txt", text), j.untouched("notes/meeting.txt"))
    right, wrong = (
        Done("Written.", {"notes/meeting.txt": text}),
        Done("Written.", {"notes/meeting.txt": "Meeting moved"}),
    )
    return Case(prompt, World({"notes/": "", "notes/old.txt": "old\n"}), check, right, (wrong,))


@tune("copy-value", 2, FILES)
def copy_serial(random: Random) -> Case:
    serial = code(random, 3, 7) + "-" + code(random, 2, 5)
    card = lines(
        "Device: label printer", "Bought: 2024-05-11", f"Serial number: {serial}", f"Room: {random.randrange(100, 400)}"
    )
    prompt = random.choice(
        [
            "Copy the serial number out of {home}/devices/printer.txt into a new file {home}/serial.txt (just the number).",
            "Put the printer's serial number (see {home}/devices/printer.txt) into {home}/serial.txt, and nothing but the number.",
        ]
    )
    check = j.all_of(j.file_is("serial.txt", serial), j.untouched("serial.txt"))
    wrong = (Done("Done.", {"serial.txt": card}), Done(f"The serial number {serial} is now in serial.txt."))
    return Case(prompt, World({"devices/printer.txt": card}), check, Done("Done.", {"serial.txt": serial}), wrong)


@tune("copy-number", 2, FILES)
def copy_position_and_id(random: Random) -> Case:
    """Numbers that llama.cpp's templates print otherwise where a model is shown its own earlier calls."""
    lat, lon = f"{random.uniform(46, 47):.7f}", f"{random.uniform(7, 9):.7f}"
    number = random.randrange(2**63, 2**64)
    text = f'{{"name": "mast", "id": {number}, "lat": {lat}, "lon": {lon}}}\n'
    prompt = random.choice(
        [
            "Copy the id, the latitude and the longitude of the mast from {home}/mast.json to {home}/mast.csv, on one line: id,lat,lon.",
            "Write {home}/mast.csv with one line id,lat,lon that holds the numbers of {home}/mast.json digit for digit.",
        ]
    )
    check = j.all_of(
        j.file_is("mast.csv", f"{number},{lat},{lon}", f"{number}, {lat}, {lon}", f"id,lat,lon\n{number},{lat},{lon}"),
        j.untouched("mast.csv"),
    )
    short = f"{float(lat):.6g},{float(lon):.6g}"
    wrong = (
        Done("Done.", {"mast.csv": f"{number},{short}"}),
        Done("Done.", {"mast.csv": f"{number - 2**64},{lat},{lon}"}),
        Done(f"{number},{lat},{lon}"),
    )
    return Case(prompt, World({"mast.json": text}), check, Done("Done.", {"mast.csv": f"{number},{lat},{lon}"}), wrong)


@tune("edit-value", 2, FILES)
def change_setting(random: Random) -> Case:
    old, new = random.sample([15, 20, 30, 45, 60, 90], 2)
    text = "[server]\nhost = 0.0.0.0\ntimeout = {}\nretries = 3\n\n[cache]\nsize = 128\n"
    prompt = random.choice(
        [
            f"Set the timeout in {{home}}/server.ini to {new}. Everything else in there must stay as it is.",
            f"In {{home}}/server.ini the timeout should be {new} instead of {old}.",
        ]
    )
    check = j.all_of(j.file_is("server.ini", text.format(new)), j.untouched("server.ini"))
    right, wrong = Done("Set.", {"server.ini": text.format(new)}), Done("Set.", {"server.ini": f"timeout = {new}\n"})
    return Case(prompt, World({"server.ini": text.format(old)}), check, right, (wrong,))


@tune("move-files", 1, FILES)
def rename_report(random: Random) -> Case:
    year = random.randrange(2021, 2030)
    text = f"Report of the year {year}.\n"
    prompt = random.choice(
        [
            f"Rename {{home}}/drafts/report-old.txt to report-{year}.txt, in the same folder.",
            f"The file report-old.txt in {{home}}/drafts should be called report-{year}.txt from now on.",
        ]
    )
    paths = ("drafts/report-old.txt", f"drafts/report-{year}.txt")
    check = j.all_of(j.gone(paths[0]), j.file_is(paths[1], text), j.untouched(*paths))
    right = Done("Renamed.", {paths[0]: None, paths[1]: text})
    world = World({paths[0]: text, "drafts/plan.txt": "plan\n"})
    return Case(prompt, world, check, right, (Done("Renamed.", {paths[1]: text}),))


@tune("calculate", 1, FILES)
def sum_amounts(random: Random) -> Case:
    amounts = [random.randrange(3, 60) for _ in range(5)]
    things = random.sample(["bread", "paint", "nails", "soap", "lamp", "rope", "tape"], 5)
    text = lines("item,amount", *(f"{thing},{amount}" for thing, amount in zip(things, amounts, strict=True)))
    prompt = random.choice(
        [
            "What do the amounts in {home}/shopping.csv add up to?",
            "How much did I spend in total according to {home}/shopping.csv?",
        ]
    )
    total = sum(amounts)
    check = j.all_of(j.says(str(total)), j.untouched())
    return Case(
        prompt, World({"shopping.csv": text}), check, Done(f"In total {total}."), (Done(f"In total {total + 10}."),)
    )


@tune("counts-into-file", 2, FILES)
def counts_by_city(random: Random) -> Case:
    cities, names = random.sample(CITIES, 3), people(random, 9)
    homes = [cities[0]] * 4 + [cities[1]] * 3 + [cities[2]] * 2
    random.shuffle(homes)
    text = lines("name,city", *(f"{name},{city}" for name, city in zip(names, homes, strict=True)))
    prompt = random.choice(
        [
            "Count the customers in {home}/customers.csv by city and write the counts to {home}/cities.txt, one line a city like this: Paris: 7",
            "How many customers of {home}/customers.csv live in each city? Write it into {home}/cities.txt with one line for each city in the form City: number",
        ]
    )
    wanted = [f"{city}: {count}" for city, count in Counter(homes).items()]
    check = j.all_of(j.file_lines("cities.txt", wanted), j.untouched("cities.txt"))
    wrong = (
        Done("Written.", {"cities.txt": lines("Paris: 7", *wanted)}),
        Done("Written.", {"cities.txt": lines(*wanted[:2])}),
        Done("; ".join(wanted)),
    )
    return Case(prompt, World({"customers.csv": text}), check, Done("Written.", {"cities.txt": lines(*wanted)}), wrong)


@tune("missing", 1, FILES)
def missing_budget(random: Random) -> Case:
    year, budget = random.randrange(2031, 2036), random.randrange(20_000, 90_000)
    prompt = random.choice(
        [
            f"What is the total in {{home}}/plans/budget-{year}.txt?",
            f"Look up the total budget for {year} in {{home}}/plans/budget-{year}.txt please.",
        ]
    )
    check = j.all_of(j.says_missing, j.never_says(str(budget)), j.untouched())
    world = World({"plans/budget-2029.txt": f"Total: {budget}\n", "plans/people.txt": "Nora\n"})
    wrong = (Done(f"The total is {budget}."), Done("The total is 50000."))
    return Case(prompt, world, check, Done(f"There is no budget-{year}.txt in that folder."), wrong)


@tune("no-tool", 0, FILES)
def arithmetic(random: Random) -> Case:
    a, b = random.randrange(6, 20), random.randrange(3, 10)
    prompt = random.choice([f"What is {a} times {b}?", f"Quick question: {a} x {b} = ?"])
    check = j.all_of(j.says(str(a * b)), j.untouched())
    return Case(
        prompt, World({"readme.txt": "hello\n"}), check, Done(f"{a * b}"), (Done(f"{a * b + 1}"), Done("42 bytes"))
    )


@tune("several-reads", 3, FILES)
def total_of_three(random: Random) -> Case:
    amounts = dict(zip(("january", "february", "march"), random.sample(range(20, 300), 3), strict=True))
    prompt = random.choice(
        [
            "Each of january.txt, february.txt and march.txt in {home}/bills holds an amount. What is the total of the three?",
            "What did electricity cost in the whole first quarter? The bills are {home}/bills/january.txt, february.txt and march.txt in the same folder.",
        ]
    )
    total = sum(amounts.values())
    check = j.all_of(j.says(str(total)), j.untouched())
    world = World(
        {f"bills/{month}.txt": f"Electricity {month}: {amount} francs\n" for month, amount in amounts.items()}
    )
    return Case(prompt, world, check, Done(f"{total} francs"), (Done(f"{total - 1} francs"),))


@tune("follow-pointer", 2, FILES)
def follow_pointer(random: Random) -> Case:
    colour = random.choice(["blue", "green", "amber", "violet"])
    answer = code(random)
    files = {"start.txt": f"The door code is kept in vault/{colour}.txt.\n"}
    files |= {f"vault/{each}.txt": f"Code: {code(random)}\n" for each in ("red", "white")}
    files[f"vault/{colour}.txt"] = f"Code: {answer}\n"
    prompt = random.choice(
        [
            "What is the door code? Start at {home}/start.txt.",
            "{home}/start.txt tells where the door code is kept. Find out the code.",
        ]
    )
    check = j.all_of(j.says(answer), j.untouched())
    return Case(prompt, World(files), check, Done(f"The code is {answer}."), (Done(f"It is in vault/{colour}.txt."),))


@tune("move-several", 3, FILES)
def archive_logs(random: Random) -> Case:
    logs = random.sample(["app.log", "mail.log", "cron.log", "disk.log", "web.log"], 3)
    files = {f"inbox/{name}": f"{name} {random.randrange(1000)}\n" for name in [*logs, "letter.txt", "photo.jpg"]} | {
        "archive/": ""
    }
    prompt = random.choice(
        [
            "Move all the .log files from {home}/inbox to {home}/archive.",
            "Tidy up {home}/inbox: whatever ends in .log goes to {home}/archive, the rest stays.",
        ]
    )
    pairs = [(f"inbox/{name}", f"archive/{name}") for name in logs]
    check = j.all_of(
        j.gone(*(old for old, _ in pairs)),
        *(j.file_is(new, files[old]) for old, new in pairs),
        j.untouched(*(path for pair in pairs for path in pair)),
    )
    moved = {new: files[old] for old, new in pairs}
    right = Done("Moved.", {**dict.fromkeys((old for old, _ in pairs), None), **moved})
    wrong = (Done("Moved.", {pairs[0][0]: None, pairs[0][1]: files[pairs[0][0]]}), Done("Moved.", moved))
    return Case(prompt, World(files), check, right, wrong)


@tune("merge-files", 3, FILES)
def join_lists(random: Random) -> Case:
    first, second = people(random, 6)[:3], random.sample(["Zoe Winter", "Ugo Bassi", "Ria Stone"], 2)
    prompt = random.choice(
        [
            "Make one guest list {home}/party/all.txt out of {home}/party/ours.txt and {home}/party/theirs.txt: first our guests, then theirs, a name on each line.",
            "Put the names of {home}/party/ours.txt and then those of {home}/party/theirs.txt together into a new file {home}/party/all.txt.",
        ]
    )
    world = World({"party/ours.txt": lines(*first), "party/theirs.txt": lines(*second)})
    check = j.all_of(j.file_is("party/all.txt", lines(*first, *second)), j.untouched("party/all.txt"))
    wrong = (Done("Made.", {"party/all.txt": lines(*first)}), Done("Made.", {"party/all.txt": lines(*second, *first)}))
    return Case(prompt, world, check, Done("Made.", {"party/all.txt": lines(*first, *second)}), wrong)


@tune("create-several", 3, FILES)
def folder_with_files(random: Random) -> Case:
    name, red, blue = (
        random.choice(["paint", "colours", "palette"]),
        f"#{random.randrange(16**6):06x}",
        f"#{random.randrange(16**6):06x}",
    )
    prompt = random.choice(
        [
            f"Make a folder {{home}}/{name} with two files in it: red.txt with the text {red} and blue.txt with the text {blue}.",
            f"I want a new folder {{home}}/{name}. Put {red} into a file red.txt there, and {blue} into blue.txt.",
        ]
    )
    paths = (f"{name}/red.txt", f"{name}/blue.txt")
    check = j.all_of(j.file_is(paths[0], red), j.file_is(paths[1], blue), j.untouched(*paths))
    wrong = (Done("Made.", {paths[0]: red}), Done("Made.", {paths[0]: blue, paths[1]: red}))
    return Case(prompt, World({"readme.txt": "hello\n"}), check, Done("Made.", {paths[0]: red, paths[1]: blue}), wrong)
