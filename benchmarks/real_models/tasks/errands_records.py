"""Small errands in a database and in what is remembered, as one gives them to try such a program out; only for the report."""

from __future__ import annotations

import re
from itertools import pairwise
from random import Random

from real_models import judging as j
from real_models.registry import errands
from real_models.tasks.words import CITIES, Rows, lines, people, table
from real_models.values import NUMBERED, tells_none
from real_models.world import Case, Done, Ending, Entity, World

DATA, MEMORY, FILES = "sqlite", "memory", "filesystem"


def _phone(random: Random) -> str:
    return f"07{random.randrange(6, 10)} {random.randrange(200, 990)} {random.randrange(10, 99)} {random.randrange(10, 99)}"


@errands("unknown-person", 1, DATA)
def whom_nobody_knows(random: Random) -> Case:
    """Whoever is asked for is not in the table."""
    *known, stranger = people(random, 8)
    rows: Rows = [(at, name, _phone(random), random.choice(CITIES)) for at, name in enumerate(known, 1)]
    prompt = random.choice(
        [
            f"Could you look up the phone number of {stranger}? Our customers are in the database, in the table customers.",
            f"need to call {stranger}, whats the number? (table customers)",
            f"phone of {stranger} from table customers",
        ]
    )
    phones = [str(row[2]) for row in rows]
    what = "customers?|persons?|people|numbers?|phones?|results?|contacts?"
    check = j.all_of(tells_none(what), j.never_says(*phones), j.tables_untouched())
    wrong = (
        Done(f"The phone number of {stranger} is {phones[0]}."),
        Done(f"The phone number of {stranger} is 079 123 45 67."),
        Done(f"I did not find {stranger}, the number is {phones[2]}."),
        Done("I cannot access the database."),
        Done(f"{stranger} lives in Bern."),
        Done(f"There is no customer {stranger}.", sql=f"insert into customers values (8, '{stranger}', '', '')"),
    )
    world = World(sql=table("customers", "id integer primary key, name text, phone text, city text", rows))
    return Case(prompt, world, check, Done(f"There is no customer named {stranger} in the table."), wrong)


@errands("tables-and-sizes", 2, DATA)
def what_the_database_has(random: Random) -> Case:
    names = random.choice(
        [("books", "members", "loans"), ("rooms", "guests", "bookings"), ("songs", "albums", "lists")]
    )
    counts = dict(zip(names, random.sample(range(13, 48), 3), strict=True))
    script = "".join(
        table(name, "id integer primary key, label text", [(at, f"{name} {at}") for at in range(1, count + 1)])
        for name, count in counts.items()
    )
    prompt = random.choice(
        [
            "Which tables does the database have, and how many rows are in each of them?",
            "hi, can you tell me what tables there are in my database and how many entries each has?",
            "list all tables with their row counts",
        ]
    )

    def counted(ending: Ending) -> list[str]:
        text = NUMBERED.sub("", ending.answer).casefold()
        told = [*pairwise(re.findall(r"\b(?:" + "|".join(names) + r")\b|(?<![\w.])\d+(?!\w)", text))]
        pairs = {frozenset(each) for each in told}
        return [
            f"the answer lacks {count} rows in {name}"
            for name, count in counts.items()
            if frozenset((name, str(count))) not in pairs
        ]

    def listed(numbers: list[int]) -> str:
        return "\n".join(f"- {name}: {number} rows" for name, number in zip(names, numbers, strict=True))

    right = [*counts.values()]
    wrong = (
        Done(f"The tables are {', '.join(names)}."),
        Done(listed([right[1], right[0], right[2]])),
        Done(listed([right[1], right[2], right[0]])),
        Done(listed([right[0], right[1], right[2] + 1])),
        Done(f"There are {sum(right)} rows in three tables."),
        Done(f"- {names[0]}: {right[0]} rows\n- {names[1]}: {right[1]} rows"),
    )
    return Case(prompt, World(sql=script), j.all_of(counted, j.tables_untouched()), Done(listed(right)), wrong)


@errands("change-a-price", 2, DATA)
def nuevo_precio(random: Random) -> Case:
    """In Spanish: one value of one row."""
    pool = ["Café molido", "Té verde", "Miel de romero", "Galletas de avena", "Aceite de oliva", "Chocolate negro"]
    products = random.sample(pool, 5)
    prices = [random.randrange(250, 990, 5) for _ in products]
    rows: Rows = [
        (at, name, price / 100, random.randrange(5, 60))
        for at, (name, price) in enumerate(zip(products, prices, strict=True), 1)
    ]
    place = random.randrange(1, 5)
    asked, price = products[place], (prices[place] + random.choice([45, 60, 85])) / 100
    shown = f"{price:.2f}".replace(".", ",")
    prompt = random.choice(
        [
            f"Por favor, cambia el precio de «{asked}» a {shown} euros en la tabla productos. Los demás productos se quedan como están.",
            f"hola! «{asked}» ahora cuesta {shown} €, lo puedes actualizar en la tabla productos? gracias",
            f"tabla productos: precio de «{asked}» = {shown}",
        ]
    )
    new = [(*row[:2], price, row[3]) if row[1] == asked else row for row in rows]
    wrong = (
        Done("Hecho.", sql=f"update productos set precio = {price}"),
        Done("Hecho.", sql=f"update productos set precio = {price} where nombre = '{products[0]}'"),
        Done("Hecho.", sql=f"insert into productos values (6, '{asked}', {price}, 0)"),
        Done("Hecho.", sql=f"update productos set precio = '{shown} €' where nombre = '{asked}'"),
        Done("Hecho.", sql=f"update productos set precio = {price}, existencias = 0 where nombre = '{asked}'"),
        Done("Hecho.", sql=f"update productos set precio = {price + 1:.2f} where nombre = '{asked}'"),
        Done(f"El precio de «{asked}» es ahora {shown} €."),
    )
    check = j.all_of(j.table("productos", new), j.tables_untouched("productos"))
    world = World(
        sql=table("productos", "id integer primary key, nombre text, precio real, existencias integer", rows)
        + table("clientes", "id integer primary key, nombre text", [(1, "Lucía"), (2, "Andrés")])
    )
    right = Done("Hecho.", sql=f"update productos set precio = {price} where nombre = '{asked}'")
    return Case(prompt, world, check, right, wrong)


@errands("best-customer", 3, DATA, FILES)
def who_bought_most(random: Random) -> Case:
    names = people(random, 5)
    sums = random.sample(range(30, 90), 5)
    bought = {name: _split(random, each * 500) for name, each in zip(names, sums, strict=True)}
    ranked = sorted(names, key=lambda name: -sum(bought[name]))
    items = [(names.index(name) + 1, cents) for name in names for cents in bought[name]]
    random.shuffle(items)
    orders: Rows = [(100 + at, customer, cents / 100) for at, (customer, cents) in enumerate(items)]
    customers: Rows = [(at, name, random.choice(CITIES)) for at, name in enumerate(names, 1)]
    path = "reports/best-customer.txt"
    prompt = random.choice(
        [
            f"Please find out which of our customers has spent the most in total (the tables are customers and orders) and write the name into a file {{home}}/{path}.",
            f"who is our best customer by total amount of all orders? its all in the database. put just the name in {{home}}/{path}",
            f"customer with the highest sum of orders -> {{home}}/{path} (name only)",
        ]
    )

    def names_only_the_best(text: str) -> bool:
        return j.contains(text, ranked[0]) and not any(j.contains(text, name) for name in ranked[1:])

    wrong = (
        Done("Done.", {path: f"{ranked[1]}\n"}),
        Done("Done.", {path: lines(*ranked)}),
        Done("Done.", {path: f"{names.index(ranked[0]) + 1}\n"}),
        Done("Done.", {path: "[name of the customer]\n"}),
        Done("Done.", {"best-customer.txt": f"{ranked[0]}\n"}),
        Done(f"{ranked[0]} has spent the most."),
        Done("Done.", {path: f"{ranked[0]}\n"}, sql="delete from orders where id = 100"),
    )
    check = j.all_of(
        j.file_matches(path, names_only_the_best, "the name of the best customer"),
        *(j.untouched(path), j.tables_untouched()),
    )
    world = World(
        {"reports/2025.txt": "Sales were good.\n"},
        table("customers", "id integer primary key, name text, city text", customers)
        + table("orders", "id integer primary key, customer_id integer, amount real", orders),
    )
    return Case(prompt, world, check, Done("Done.", {path: f"{ranked[0]}\n"}), wrong)


def _split(random: Random, cents: int) -> list[int]:
    """The sum in two to four parts."""
    parts = random.choice([2, 3, 4])
    cuts = sorted(random.sample(range(10, 91), parts - 1))
    return [cents * (b - a) // 100 for a, b in pairwise([0, *cuts, 100])]


@errands("rows-from-a-file", 3, FILES, DATA)
def new_books_arrived(random: Random) -> Case:
    pool = [
        ("The Long Valley", "Ada Winter", 1998),
        ("Night Ferry", "Paul Amsel", 2014),
        ("Salt and Stone", "Rita Lobo", 2007),
        ("A House of Reeds", "Jon Farrow", 1986),
        ("Seven Lanterns", "Mai Tran", 2021),
        ("The Glass Orchard", "Emil Nolte", 2011),
        ("Low Tide", "Clara Voss", 1979),
    ]
    books = random.sample(pool, 7)
    old: Rows = [(at, *book) for at, book in enumerate(books[:4], 1)]
    new = books[4:]
    file = lines("title,author,year", *(f"{title},{author},{year}" for title, author, year in new))
    prompt = random.choice(
        [
            "There are new books in {home}/inbox/new-books.csv. Please add them to the table books in the database.",
            "can you put the books from {home}/inbox/new-books.csv into my books table? the ones that are already in there stay of course",
            "insert rows of {home}/inbox/new-books.csv into table books",
        ]
    )

    def insert(*rows: tuple[object, ...]) -> str:
        return "".join(f"insert into books (title, author, year) values {row!r};" for row in rows)

    first, second, third = new
    wrong = (
        Done("Added.", sql=insert(first, second)),
        Done("Added.", sql=insert(("title", "author", "year"), *new)),
        Done("Added.", sql=insert(*new, *new)),
        Done("Added.", sql="delete from books;" + insert(*new)),
        Done("Added.", sql=insert(first, second, (third[1], third[0], third[2]))),
        Done("Added.", sql=insert(first, second, (*third[:2], 2000))),
        Done("Added.", {"inbox/new-books.csv": None}, insert(*new)),
        Done("I added the three books."),
    )
    check = j.all_of(
        j.table("books", [*old, *((None, *book) for book in new)]), j.tables_untouched("books"), j.untouched()
    )
    world = World(
        {"inbox/new-books.csv": file, "inbox/readme.txt": "New arrivals come here.\n"},
        table("books", "id integer primary key, title text, author text, year integer", old),
    )
    return Case(prompt, world, check, Done("Added.", sql=insert(*new)), wrong)


@errands("recall-a-person", 1, MEMORY)
def what_not_to_cook(random: Random) -> Case:
    names = people(random, 4)
    things = random.sample(["gluten", "lactose", "celery", "mustard", "sesame", "soy"], 4)
    towns = random.sample(CITIES, 4)
    entities = tuple(
        Entity(name, "person", (f"lives in {town}", f"is allergic to {thing}"))
        for name, town, thing in zip(names, towns, things, strict=True)
    )
    name = names[1]
    prompt = random.choice(
        [
            f"{name} is coming to dinner. What is {name.split()[0]} allergic to? You should remember it.",
            f"what was {name} allergic to again? i told you once",
            f"From your memory: allergy of {name}?",
        ]
    )
    check = j.all_of(j.says(things[1]), j.never_says(*things[:1], *things[2:]), j.graph_untouched)
    wrong = (
        Done(f"{name} is allergic to {things[0]}."),
        Done(f"{name} lives in {towns[1]}."),
        Done(f"The allergies are {', '.join(things)}."),
        Done(f"I remember nothing about {name}."),
        Done(f"{name} is allergic to {things[1]}.", entities=(Entity(f"{name} allergy", "note", (things[1],)),)),
    )
    return Case(prompt, World(entities=entities), check, Done(f"{name} is allergic to {things[1]}."), wrong)


@errands("replace-a-fact", 3, MEMORY, FILES)
def a_friend_has_moved(random: Random) -> Case:
    name, other = people(random, 2)
    first = name.split()[0]
    old, new, third = random.sample(CITIES, 3)
    stays = random.sample(["plays the cello", "has a dog named Flocke", "works as a nurse", "likes to climb"], 2)
    known = Entity(name, "person", (stays[0], f"lives in {old}", stays[1]))
    rest = Entity(other, "person", (f"lives in {third}", "speaks Danish"))
    mail = lines(
        *("Hello everyone,", "", f"we have moved! From this month on we live in {new}, ten minutes from the station."),
        *("The phone number is the same. Come and visit us soon.", "", first),
    )
    path = f"mail/{first.lower()}.txt"
    prompt = random.choice(
        [
            f"{name} has moved and wrote where to, see {{home}}/{path}. You have the old town in your memory: please replace it with the new one.",
            f"{first} ({name}) moved, new place is in the mail {{home}}/{path}. can you correct where they live in your memory? the old town should be gone",
            f"Read {{home}}/{path}, then change in memory where {name} lives (remove the old town, add the new one).",
        ]
    )

    def replaced(ending: Ending) -> list[str]:
        after = ending.after.entities
        kept = [each for each in stays if each not in after.get(name, known).observations]
        faults = [f"{each!r} was forgotten" for each in kept]
        if any(f"lives in {old}".casefold() in each.casefold() for each in after.get(name, known).observations):
            faults.append(f"{old} is still known")
        extra = [each for each in after if each not in (name, other) and each.casefold() != new.casefold()]
        faults += [f"{each} was made" for each in extra]
        return faults + ([] if after.get(other) == rest else [f"{other} was changed"])

    moved_to = j.any_of(j.entity(name, new), j.related(name, new))
    check = j.all_of(j.entity(name), moved_to, replaced, j.graph_keeps, j.untouched())

    def now(*observations: str, who: str = name) -> Done:
        return Done("Updated.", entities=(Entity(who, "person", observations),))

    wrong = (
        now(stays[0], f"lives in {old}", stays[1], f"lives in {new}"),
        now(*stays),
        now(f"lives in {new}"),
        now(*stays, f"lives in {third}"),
        now(f"lives in {new}", "speaks Danish", who=other),
        now(f"lives in {new}", who=f"{name} (new)"),
        Done(f"{name} lives in {new} now."),
        Done("Updated.", {path: f"{first} lives in {new}.\n"}),
    )
    world = World({path: mail, "mail/bank.txt": "Your statement is ready.\n"}, entities=(known, rest))
    return Case(prompt, world, check, now(*stays, f"lives in {new}"), wrong)
