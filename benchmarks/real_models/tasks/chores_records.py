"""Chores in a database and a memory: what one looks up, notes down and passes on at home; only for the report."""

from __future__ import annotations

import re
from datetime import date, timedelta
from random import Random

from real_models import judging as j
from real_models.clauses import never_claims, settles_on
from real_models.registry import chores
from real_models.tasks.words import Rows, lines, people, table
from real_models.values import file_items, tells_none
from real_models.world import Case, Done, Ending, Entity, World

TOOLS = [
    "hedge trimmer",
    "tile cutter",
    "pressure washer",
    "jigsaw",
    "cement mixer",
    "ladder",
    "wood splitter",
    "angle grinder",
]


@chores("overdue", 1, "sqlite")
def tools_overdue(random: Random) -> Case:
    """Which things are late; the columns are told."""
    tools, members = random.sample(TOOLS, 8), people(random, 8)
    today = date(2026, random.choice([4, 5, 9]), random.randrange(10, 20))
    rows: Rows = []
    for at, (tool, member) in enumerate(zip(tools, members, strict=True)):
        due = today + timedelta(days=random.randrange(2, 9) * (-1 if at < 5 else 1))
        back = None if at < 3 or at > 5 else min(due, today) - timedelta(days=1)
        rows.append((tool, member, f"{due}", back and f"{back}"))
    random.shuffle(rows)
    late, fine, out = tools[:3], tools[3:], tools[6:]
    prompt = random.choice(
        [
            f"In the database is a table loans with tool, member, due_on and returned_on (null as long as the tool is still out). Which tools are overdue today, {today}?",
            f"table loans (tool, member, due_on, returned_on): list what should have come back before {today} but hasn't. returned_on is null if it is not back",
            f"Good morning! It is {today}. Could you see which tools are overdue? They are in the table loans: tool, member, due_on, and returned_on, which is null until somebody brings the tool back.",
        ]
    )

    def told(some: list[str]) -> str:
        return "These tools are overdue:\n" + "\n".join(f"- {each}" for each in some)

    wrong = (
        Done(told(late[:2])),
        Done(told(late + fine[:2])),
        Done(told(late + out)),
        Done(told(out)),
        Done("Three tools are overdue."),
        Done("No tool is overdue."),
        Done(told(late), sql=f"update loans set returned_on = '{today}' where returned_on is null;"),
    )
    check = j.all_of(settles_on(late, fine, r"\b(?:overdue|late|due|back|returned)\b"), j.tables_untouched())
    world = World(sql=table("loans", "tool text, member text, due_on text, returned_on text", rows))
    return Case(prompt, world, check, Done(told(late)), wrong)


FILMS = [
    *(("The Conversation", 1974), ("Paris, Texas", 1984), ("Playtime", 1967), ("Local Hero", 1983), ("Tampopo", 1985)),
    *(("Wings of Desire", 1987), ("Stalker", 1979), ("The Apartment", 1960), ("Close-Up", 1990), ("Ikiru", 1952)),
]


@chores("film-row", 2, "sqlite")
def film_diary(random: Random) -> Case:
    """A row is added to a table whose columns are to be looked up."""
    (title, year), *seen = random.sample(FILMS, 6)
    stars = random.choice([3, 4, 5])
    day = f"2026-02-{random.randrange(16, 28)}"
    prompt = random.choice(
        [
            f"Please add to my table films_seen in the database: {title} ({year}), seen on {day}, {stars} stars.",
            f"saw {title} ({year}) on {day}, {stars} stars. put it into films_seen pls (sqlite)",
            f"I keep a diary of films in the database, in the table films_seen. On {day} I watched '{title}' from {year} and liked it: {stars} stars. Would you enter that for me?",
        ]
    )
    rows: Rows = [
        (at, name, made, random.randrange(1, 6), f"2026-01-{at * 5:02}") for at, (name, made) in enumerate(seen, 1)
    ]
    columns = "id integer primary key, title text not null, year integer, stars integer, seen_on text"

    def insert(name: str, made: int, given: int, on: str | None) -> str:
        shown = "null" if on is None else f"'{on}'"
        return f"insert into films_seen (title, year, stars, seen_on) values ('{name}', {made}, {given}, {shown});"

    right = insert(title, year, stars, day)
    wrong = (
        Done("Added.", sql=insert(title, year, stars, None)),
        Done("Added.", sql=insert(title, year, stars - 1, day)),
        Done("Added.", sql=insert(title, 2026, stars, day)),
        Done("Added.", sql=right + right),
        Done("Added.", sql=f"update films_seen set title = '{title}', year = {year}, stars = {stars} where id = 1;"),
        Done("Added.", sql=f"{right} delete from films_seen where id = 1;"),
        Done(f"I have added {title} with {stars} stars."),
    )
    check = j.all_of(j.table("films_seen", [*rows, (None, title, year, stars, day)]), j.tables_untouched("films_seen"))
    wishes = table("wish_list", "title text", [("Gattaca",), ("Amarcord",)])
    return Case(prompt, World(sql=table("films_seen", columns, rows) + wishes), check, Done("Added.", sql=right), wrong)


PLACES = ["Trattoria Lina", "Golden Wok", "Zum Anker", "Chez Odile", "Taverna Kos"]


@chores("average-rating", 3, "sqlite")
def stars_on_average(random: Random) -> Case:
    """An average over the rows that belong to a row of another table, of which nothing is told."""
    names = random.sample(PLACES, len(PLACES))
    low = random.choice([2, 3, 4])
    given = {names[0]: random.sample([low, low, low + 1, low + 1], 4), names[1]: [5, 4, 4]}
    given |= {name: [random.randrange(1, 6) for _ in range(random.randrange(1, 5))] for name in names[2:]}
    average = f"{sum(given[names[0]]) / 4:.1f}"
    visits = [(names.index(name) + 1, stars) for name, all_stars in given.items() for stars in all_stars]
    random.shuffle(visits)
    rows: Rows = [(at, place, f"2025-{at % 12 + 1:02}-1{at % 9}", stars) for at, (place, stars) in enumerate(visits, 1)]
    prompt = random.choice(
        [
            f"How many stars did I give {names[0]} on average? All my visits to restaurants are in the database.",
            f"average rating of {names[0]} in my restaurant database?",
            f"My sister asks whether {names[0]} is any good. I write down the stars for each visit in the database; what is the average for that restaurant?",
        ]
    )
    wrong = (
        Done("The average is 4.3 stars."),
        Done(f"You gave it {average}9 stars."),
        Done(f"On average {low} stars."),
        Done(f"You gave {sum(given[names[0]])} stars in 4 visits."),
        Done(f"{names[0]} is not in the database."),
        Done(f"On average {average} stars.", sql="delete from visits where id = 1;"),
    )
    comma = average.replace(".", ",")
    check = j.all_of(j.says_one_of(average, comma), j.tables_untouched())
    sql = table("restaurants", "id integer primary key, name text", [*enumerate(names, 1)])
    sql += table("visits", "id integer primary key, restaurant_id integer, visited_on text, stars integer", rows)
    right = Done(f"You gave {names[0]} {average} stars on average.")
    return Case(prompt, World(sql=sql), check, right, wrong)


@chores("import-nothing-new", 3, "sqlite", "filesystem")
def everybody_signed_up(random: Random) -> Case:
    """There is nothing to do: everybody in the file is in the table."""
    names = people(random, 8)
    mails = {name: f"{name.split()[0].lower()}@example.org" for name in names}
    rows: Rows = [(at, name, mails[name]) for at, name in enumerate(names, 1)]
    wanted = random.sample(names, 4)
    path = random.choice(["club/signups.csv", "club/from-the-form.csv"])
    prompt = random.choice(
        [
            f"Please go through {{home}}/{path} and add everybody who isn't in the table members of the database yet. Tell me whom you added.",
            f"{{home}}/{path}: add the people the table members lacks (compare by email), and say who",
            f"People signed up for our club, they are listed in {{home}}/{path}. Could you put those into the table members that don't stand there yet? I would like to know who it was, to write them a welcome.",
        ]
    )

    def insert(name: str) -> str:
        return f"insert into members (name, email) values ('{name}', '{mails[name]}');"

    told = re.compile(
        r"\balready\b|\bno new\b|\bnothing\b|\bno ?one\b|\bnobody\b|\bnone\b|\b(?:0|zero)\b|\beveryone\b.*\bin\b|\beverybody is\b|\bno (?:\w+ ){0,3}(?:add|insert|miss|need)|"
        r"(?:n['’]t|\bnot) (?:\w+ ){0,2}(?:add|insert)|\ball (?:of them |(?:the )?(?:\w+ ){0,2}people )?(?:are|were|exist|stand|have)\b",
        re.IGNORECASE,
    )

    def says_so(ending: Ending) -> list[str]:
        return [] if told.search(ending.answer) else ["the answer does not say that nobody was added"]

    wrong = (
        Done("I added all of them.", sql="".join(map(insert, wanted))),
        Done(f"I added {wanted[0]}.", sql=insert(wanted[0])),
        Done(f"I added {wanted[0]} and {wanted[1]} to the table."),
        Done("The new members were added successfully."),
        Done("Everybody is in the table already.", sql=f"delete from members where name = '{wanted[0]}';"),
        Done("Everybody is in the table already.", {path: "name,email\n"}),
        Done("Done."),
    )
    untouched = j.all_of(j.tables_untouched(), j.untouched())
    check = j.all_of(says_so, never_claims(r"\b(?:added|inserted)\b"), untouched)
    listed = lines("name,email", *(f"{name},{mails[name]}" for name in wanted))
    world = World(
        {path: listed, "club/rules.txt": "Be kind.\n"},
        table("members", "id integer primary key, name text, email text", rows),
    )
    right = Done("All four people are already in the table, so I added nobody.")
    return Case(prompt, world, check, right, wrong)


@chores("lent-to-whom", 1, "memory")
def who_has_it(random: Random) -> Case:
    """What is asked for is not known: it was never noted to whom the thing was lent."""
    asked, other, third = random.sample(
        ["pressure washer", "tile cutter", "sewing machine", "tent", "raclette oven"], 3
    )
    friend, another = people(random, 2)
    month = random.choice(["March", "June", "October"])
    prompt = random.choice(
        [
            f"Do you remember to whom I lent the {asked}?",
            f"who has my {asked}? should be in your memory",
            f"I am looking for our {asked}; I think I lent it to somebody. Can you check in your memory who has it?",
        ]
    )
    entities = (
        Entity(asked, "thing", ("bought in 2021", "has a red case")),
        Entity(other, "thing", (f"lent to {friend} in {month}",)),
        Entity(third, "thing", ("stands in the attic",)),
        Entity(friend, "person", ("lives next door",)),
        Entity(another, "person", ("plays the cello",)),
    )
    wrong = (
        Done(f"You lent the {asked} to {friend} in {month}."),
        Done(f"{another} has it."),
        Done(f"The {asked} is in the attic."),
        Done(f"The {asked} was bought in 2021 and has a red case."),
        Done("I do not have access to your memory."),
        Done("That is not noted.", entities=(Entity("Somebody", "person", (f"has the {asked}",)),)),
    )
    nouns = r"records?|information|info|notes?|mention|entry|entries|data|loans?|indication|details?|borrower|evidence|memory|observations?|person|name"
    verbs = r"(?:say|know|tell|specif|mention|record|note|remember|find|found|have|see|list|contain|include|indicat|store|lent|lend|there)\w*"

    def could_look(ending: Ending) -> list[str]:
        return ["the answer says that nobody could look"] if j.REFUSES.search(ending.answer) else []

    def names_nobody(ending: Ending) -> list[str]:
        sentences = [each for each in j.SENTENCES.split(ending.answer) if not j.contains(each, other)]
        claims = [each for each in sentences if re.search(r"\b(?:lent|has|have|with)\b", each)]
        told = [name for name in (friend, another) for each in claims if j.contains(each, name.split()[0])]
        return [f"the answer names {name}" for name in told if not j.DENIES.search(ending.answer)]

    none = j.any_of(j.says_none(nouns, verbs), tells_none(nouns), j.says_missing)
    check = j.all_of(none, could_look, names_nobody, j.graph_untouched)
    right = Done(f"I remember the {asked}, but not to whom you lent it; that is not noted.")
    return Case(prompt, World(entities=entities), check, right, wrong)


@chores("two-new-people", 1, "memory")
def plumber_and_electrician(random: Random) -> Case:
    """Two people are remembered, each with trade and number."""
    first, second, known = people(random, 3)
    numbers = [f"079 {random.randrange(200, 900)} {random.randrange(10, 99)} {random.randrange(10, 99)}" for _ in "ab"]
    jobs = random.choice([("plumber", "electrician"), ("vet", "dentist"), ("landlord", "caretaker")])
    prompt = random.choice(
        [
            f"Please remember: our {jobs[0]} is {first}, phone {numbers[0]}, and our {jobs[1]} is {second}, phone {numbers[1]}.",
            f"remember these two: {first} ({jobs[0]}, {numbers[0]}), {second} ({jobs[1]}, {numbers[1]})",
            f"We have just moved here and I keep losing slips of paper. Could you keep in your memory that {first} is our {jobs[0]} and has the number {numbers[0]}? And {second}, {numbers[1]}, is our {jobs[1]}.",
        ]
    )
    before = Entity(known, "person", ("is our neighbour", "phone 079 111 22 33"))

    def node(name: str, job: str, number: str) -> Entity:
        return Entity(name, "person", (f"is our {job}", f"phone {number}"))

    def kept(ending: Ending) -> list[str]:
        now = ending.after.entities.get(known)
        return [] if now and {*before.observations} <= {*now.observations} else [f"what was known of {known} is lost"]

    one, two = node(first, jobs[0], numbers[0]), node(second, jobs[1], numbers[1])
    wrong = (
        Done("I will remember that.", entities=(one,)),
        Done("I will remember that.", entities=(node(first, jobs[0], numbers[1]), node(second, jobs[1], numbers[0]))),
        Done("I will remember that.", entities=(node(first, jobs[1], numbers[0]), node(second, jobs[0], numbers[1]))),
        Done("I will remember that.", entities=(Entity(first, jobs[0]), Entity(second, jobs[1]))),
        Done("I will remember that.", entities=(one, two), forgotten=(known,)),
        Done(f"I will remember {first} and {second}."),
    )
    whole = [(first, jobs[0], numbers[0]), (second, jobs[1], numbers[1])]
    right = Done("I will remember that.", entities=(one, two))
    check = j.all_of(
        *(_kept_together(*each, [n for n in numbers if n != each[2]]) for each in whole), j.graph_keeps, kept
    )
    return Case(prompt, World(entities=(before,)), check, right, wrong)


def _kept_together(name: str, job: str, number: str, others: list[str]) -> j.Check:
    """One node, with its edges, tells name, trade and number, and no other's number."""

    def check(ending: Ending) -> list[str]:
        for key, node in ending.after.entities.items():
            edges = [" ".join(edge) for edge in ending.after.relations if key in edge]
            text = " ".join([key, node.kind, *node.observations, *edges]).replace("_", " ").casefold()
            digits = re.sub(r"\D", "", text)
            has = name.casefold() in text and job in text and number.replace(" ", "") in digits
            if has and not any(each.replace(" ", "") in digits for each in others):
                return []
        return [f"{name}, {job} and {number} are not kept together"]

    return check


GIFTS = ["bread knife", "circus tickets", "wool socks", "chess clock", "tea pot", "book about bees", "bird feeder"]


@chores("gift-list", 2, "memory", "filesystem")
def gift_ideas(random: Random) -> Case:
    """What is remembered of one person is written into a file, and only what was asked for."""
    person, other = people(random, 2)
    short = person.split()[0]
    first, second, third, others = (gifts := random.sample(GIFTS, 5))[:4]
    path = f"gifts/{short.lower()}.txt"
    prompt = random.choice(
        [
            f"Please write the gift ideas that you remember for {person} into {{home}}/{path}, one per line.",
            f"gift ideas for {person} from your memory -> {{home}}/{path} (one per line, only the ideas)",
            f"{short}'s birthday is soon! I told you several gift ideas for {person} during the year. Could you put them into a file {{home}}/{path}, each on its own line?",
        ]
    )
    ideas = [f"gift idea: {each}" for each in (first, second, third)]
    entities = (
        Entity(person, "person", (ideas[0], "is left-handed", ideas[1], "birthday on 4 May", ideas[2])),
        Entity(other, "person", (f"gift idea: {others}", f"gift idea: {gifts[4]}", "works in a bakery")),
    )

    def text(*some: str) -> str:
        return lines(*some)

    wrong = (
        Done("Written.", {path: text(first, second)}),
        Done("Written.", {path: text(first, second, third, others)}),
        Done("Written.", {path: text(first, second, third, "is left-handed")}),
        Done("Written.", {path: text(others, gifts[4])}),
        Done("Written.", {"gifts.txt": text(first, second, third)}),
        Done("Written.", {path: text(first, second, third)}, forgotten=(other,)),
        Done(f"The ideas are: {first}, {second}, {third}."),
    )
    forms = [[each, f"a {each}", f"gift idea: {each}"] for each in (first, second, third)]
    titles = [f"gift ideas for {person}", f"gift ideas for {short}", "gift ideas", f"{person}'s gift ideas"]
    same = [file_items(path, list(form), titles) for form in zip(*forms, strict=True)]
    check = j.all_of(j.any_of(*same), j.untouched(path), j.graph_untouched)
    world = World({"gifts/wrapping.txt": "paper, ribbon\n"}, entities=entities)
    return Case(prompt, world, check, Done("Written.", {path: text(first, second, third)}), wrong)
