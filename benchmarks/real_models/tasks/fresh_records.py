"""Tasks with a database or a graph of knowledge, of kinds that no other part has; only for the report."""

from __future__ import annotations

from random import Random

from real_models import judging as j
from real_models.registry import fresh
from real_models.tasks.words import CITIES, Rows, lines, people, table
from real_models.world import Case, Done, Ending, Entity, World

SQLITE, MEMORY, FILES = "sqlite", "memory", "filesystem"


@fresh("graph-forget", 1, MEMORY)
def forget_a_person(random: Random) -> Case:
    names = people(random, 4)
    who, *others = names
    entities = tuple(
        Entity(name, "person", (f"lives in {random.choice(CITIES)}", random.choice(["sings", "sails", "paints"])))
        for name in random.sample(names, 4)
    )
    relations = ((who, "is a friend of", others[0]), (others[1], "works with", others[2]))
    prompt = random.choice(
        [
            f"{who} doesn't want to be in our records any longer. Delete everything about this person from your memory.",
            f"pls forget {who} completely, nothing of it should be left in the knowledge graph",
            f"Could you wipe {who} from your memory? The other people stay.",
        ]
    )

    def only_they_are_gone(ending: Ending) -> list[str]:
        before, after = ending.before, ending.after
        kept = {name: node for name, node in before.entities.items() if name != who}
        edges = frozenset(edge for edge in before.relations if who not in edge)
        faults = [] if after.entities == kept else [f"the graph holds {sorted(after.entities)}"]
        return faults + ([] if after.relations == edges else [f"its relations are {sorted(after.relations)}"])

    wrong = (
        Done("Forgotten.", forgotten=(others[0],)),
        Done("Forgotten.", forgotten=tuple(names)),
        Done("Forgotten.", entities=(Entity(who, "person"),)),
        Done("Forgotten.", forgotten=(who, others[1])),
        Done(f"I have forgotten {who}."),
    )
    world = World(entities=entities, relations=relations)
    return Case(prompt, world, only_they_are_gone, Done("Forgotten.", forgotten=(who,)), wrong)


@fresh("sql-delete", 2, SQLITE)
def reservations_annulees(random: Random) -> Case:
    """In French: the rows with a status go, the others stay."""
    names = people(random, 6)
    states = random.sample(["annulée", "annulée", "confirmée", "confirmée", "confirmée", "en attente"], 6)
    rows: Rows = [
        (number, name, f"2026-05-{random.randrange(10, 29)}", state)
        for number, (name, state) in enumerate(zip(names, states, strict=True), random.randrange(20, 60))
    ]
    sql = table("reservations", "id integer primary key, nom text, jour text, statut text", rows)
    sql += table("chambres", "numero integer primary key, lits integer", [(1, 2), (2, 1), (3, 4)])
    prompt = random.choice(
        [
            "Supprime de la table reservations toutes celles qui ont le statut « annulée ».",
            "on peut effacer les réservations annulées de la base (table reservations, statut = annulée), les autres restent",
            "Fais le ménage dans la table reservations : les lignes dont le statut est annulée doivent disparaître, rien d'autre.",
        ]
    )
    left = [row for row in rows if row[3] != "annulée"]
    first = next(row for row in rows if row[3] == "annulée")
    check = j.all_of(j.table("reservations", left), j.tables_untouched("reservations"))
    delete = "delete from reservations where {};"
    wrong = (
        Done("C'est fait.", sql="delete from reservations;"),
        Done("C'est fait.", sql=delete.format(f"id = {first[0]}")),
        Done("C'est fait.", sql=delete.format("statut != 'confirmée'")),
        Done("C'est fait.", sql="update reservations set statut = 'supprimée' where statut = 'annulée';"),
        Done("Les réservations annulées ont été supprimées."),
    )
    return Case(prompt, World(sql=sql), check, Done("C'est fait.", sql=delete.format("statut = 'annulée'")), wrong)


@fresh("unless-there", 2, SQLITE)
def already_a_member(random: Random) -> Case:
    """Nothing is to be done: who shall be added is there already."""
    names = people(random, 6)
    years = random.sample(range(2004, 2025), 6)
    rows: Rows = [(number, name, year) for number, (name, year) in enumerate(zip(names, years, strict=True), 1)]
    who = random.randrange(1, 6)
    prompt = random.choice(
        [
            f"Since when has {names[who]} been a member? Look in the table members. If you don't find that person there, add them with 2026 as the year.",
            f"add {names[who]} to the table members (year 2026), but only if they aren't listed. if they are, tell me the year they joined",
            f"Can you check in the database (table members) whether we have {names[who]}? If so, I'd like to know the year of joining; if not, enter them with 2026.",
        ]
    )
    others = [str(year) for place, year in enumerate(years) if place != who]
    check = j.all_of(j.says(str(years[who])), j.never_says(*others), j.tables_untouched())
    insert = f"insert into members (name, joined) values ('{names[who]}', 2026);"
    wrong = (
        Done(f"{names[who]} was added with 2026.", sql=insert),
        Done(f"A member since {years[who]}.", sql=insert),
        Done(f"A member since {years[who]}.", sql=f"update members set joined = 2026 where id = {who + 1};"),
        Done(f"{names[who]} is listed, since {years[who - 1]}."),
        Done(f"{names[who]} is not in the table."),
    )
    world = World(sql=table("members", "id integer primary key, name text, joined integer", rows))
    return Case(prompt, world, check, Done(f"{names[who]} has been a member since {years[who]}."), wrong)


@fresh("sql-two-updates", 3, SQLITE)
def chairs_carried_over(random: Random) -> Case:
    """Two rows change by the same amount, one up, one down."""
    places = random.sample(["hall", "garden", "cellar", "library", "studio"], 4)
    amount = random.randrange(3, 9)
    counts = random.sample(range(12, 40), 4)
    rows: Rows = [(number, place, count) for number, (place, count) in enumerate(zip(places, counts, strict=True), 1)]
    prompt = random.choice(
        [
            f"I carried {amount} chairs from the {places[0]} to the {places[2]}. Please correct the numbers in the table chairs.",
            f"{amount} chairs went from {places[0]} to {places[2]}, update the db (table chairs) for both places",
            f"The {places[2]} got {amount} of the {places[0]}'s chairs. The table chairs in the database has to show that now.",
        ]
    )

    def moved(less: int, more: int) -> str:
        return "".join(
            f"update chairs set pieces = pieces {sign} {amount} where place = '{places[place]}';"
            for sign, place in (("-", less), ("+", more))
        )

    wanted = [
        (rows[0][0], places[0], counts[0] - amount),
        rows[1],
        (rows[2][0], places[2], counts[2] + amount),
        rows[3],
    ]
    check = j.all_of(j.table("chairs", wanted), j.tables_untouched("chairs"))
    wrong = (
        Done("Corrected.", sql=moved(2, 0)),
        Done("Corrected.", sql=moved(0, 3)),
        Done("Corrected.", sql=f"update chairs set pieces = pieces + {amount} where place = '{places[2]}';"),
        Done("Corrected.", sql=f"update chairs set pieces = {amount} where place = '{places[2]}';"),
        Done("Corrected.", sql=moved(0, 2) * 2),
        Done(f"{counts[0] - amount} in the {places[0]}, {counts[2] + amount} in the {places[2]}."),
    )
    world = World(sql=table("chairs", "id integer primary key, place text, pieces integer", rows))
    return Case(prompt, world, check, Done("Corrected.", sql=moved(0, 2)), wrong)


@fresh("sql-chain", 3, SQLITE)
def who_has_the_book(random: Random) -> Case:
    """From a title over the loan that is still open to a person."""
    names = people(random, 4)
    phones = [f"079 {random.randrange(200, 999)} {random.randrange(10, 99)} {each}" for each in (11, 23, 47, 86)]
    titles = random.sample(["Dune", "Emma", "Walden", "Middlemarch", "Ulysses", "Persuasion"], 4)
    members: Rows = [
        (number, name, phone)
        for number, (name, phone) in enumerate(zip(names, phones, strict=True), random.randrange(11, 40))
    ]
    books: Rows = [(number, title) for number, title in enumerate(titles, random.randrange(300, 400))]
    what, now, earlier = books[2], members[1], members[3]
    loans: Rows = [
        (1, what[0], earlier[0], "2026-01-08"),
        (2, books[0][0], earlier[0], None),
        (3, what[0], now[0], None),
        (4, books[1][0], members[0][0], "2026-02-11"),
    ]
    sql = table("members", "id integer primary key, name text, phone text", members)
    sql += table("books", "id integer primary key, title text", books)
    sql += table("loans", "id integer primary key, book_id integer, member_id integer, returned_on text", loans)
    prompt = random.choice(
        [
            f"Somebody still has our \"{what[1]}\" and hasn't brought it back. Who, and under which number can I call them? It's all in the database.",
            f"who has borrowed {what[1]} at the moment (not returned yet)? need name + phone, see database",
            f"The library database knows who has {what[1]} right now. Please give me that person's name and phone number.",
        ]
    )
    others = [name.split()[0] for name in names if name != now[1]]
    check = j.all_of(
        j.says_one_of(names[1], names[1].split()[0]),
        j.says(phones[1]),
        j.never_says(*others, *(phone for phone in phones if phone != phones[1])),
        j.tables_untouched(),
    )
    wrong = (
        Done(f"{earlier[1]}, {earlier[2]}"),
        Done(f"{names[1]}, {earlier[2]}"),
        Done(f"{names[1]} has it."),
        Done("; ".join(f"{name}: {phone}" for name, phone in zip(names, phones, strict=True))),
        Done("It has been returned."),
    )
    return Case(prompt, World(sql=sql), check, Done(f"{names[1]} has it, phone {phones[1]}."), wrong)


@fresh("list-and-graph", 2, FILES, MEMORY)
def guests_with_a_car(random: Random) -> Case:
    names = people(random, 7)
    guests, away = names[:5], names[5:]
    drivers = random.sample(guests, 2)
    rest = [name for name in guests if name not in drivers]
    habits = dict.fromkeys([*drivers, away[0]], "owns a car")
    habits |= {
        name: random.choice(["goes everywhere by bike", "travels by train"]) for name in names if name not in habits
    }
    entities = tuple(Entity(name, "person", (habits[name],)) for name in random.sample(names, 7))
    prompt = random.choice(
        [
            "We need drivers for the trip. Who on the list {home}/trip/guests.txt has a car? You know from your memory who owns one.",
            "who of the people in {home}/trip/guests.txt owns a car? its in the knowledge graph",
            "Take the guest list {home}/trip/guests.txt and tell me which of these people own a car, according to your memory.",
        ]
    )
    others = [*rest, *away]
    check = j.all_of(j.names_those(drivers, others, r"\bcar\b|driv"), j.untouched(), j.graph_untouched)
    wrong = (
        Done(f"{drivers[0]}"),
        Done(", ".join(guests)),
        Done(f"{drivers[0]}, {drivers[1]} and {away[0]} own a car."),
        Done(f"{drivers[0]} and {rest[0]} have a car."),
        Done(f"{drivers[0]} owns a car, {drivers[1]} does not."),
        Done("None of them has a car."),
    )
    world = World({"trip/guests.txt": lines(*guests)}, entities=entities)
    return Case(prompt, world, check, Done(f"{drivers[0]} and {drivers[1]}."), wrong)


@fresh("files-vs-table", 3, FILES, SQLITE)
def invoices_without_payment(random: Random) -> Case:
    numbers = sorted(random.sample(range(1200, 1900), 6))
    unpaid = random.sample(numbers, 2)
    paid = [number for number in numbers if number not in unpaid]
    files = {f"invoices/{number}.txt": f"Invoice {number}: {random.randrange(20, 99)} euros\n" for number in numbers}
    rows: Rows = [
        (place, number, f"2026-04-{random.randrange(10, 30)}") for place, number in enumerate(random.sample(paid, 4), 1)
    ]
    prompt = random.choice(
        [
            "Each file in {home}/invoices is named after an invoice number. Which of these invoices have no entry in the table payments yet?",
            "which invoices in {home}/invoices arent paid? (file name = number; whats paid is in the database, table payments)",
            "Two of the invoices in {home}/invoices are not yet in our table payments. Tell me their numbers, the files are named after them.",
        ]
    )
    check = j.all_of(j.says(*map(str, unpaid)), j.never_says(*map(str, paid)), j.untouched(), j.tables_untouched())
    wrong = (
        Done(str(unpaid[0])),
        Done(", ".join(map(str, numbers))),
        Done(", ".join(map(str, paid))),
        Done("All invoices are paid."),
    )
    world = World(files, table("payments", "id integer primary key, invoice integer, paid_on text", rows))
    return Case(prompt, world, check, Done(f"{unpaid[0]} and {unpaid[1]}"), wrong)


@fresh("reconcile", 3, FILES, SQLITE)
def tick_who_has_paid(random: Random) -> Case:
    names = people(random, 6)
    payers = random.sample(names[1:], 2)
    rows: Rows = [(number, name, int(number == 5)) for number, name in enumerate(names, 5)]
    text = lines(
        "Payments received in March",
        f"03-{random.randrange(10, 15)}  {payers[0]}  60 euros",
        f"03-{random.randrange(16, 28)}  {payers[1]}  60 euros",
    )
    prompt = random.choice(
        [
            "{home}/bank/march.txt shows who has paid the fee. Set paid to 1 for these people in the table members.",
            "mark everyone who is in {home}/bank/march.txt as paid (paid = 1) in the members table of the database, dont change the others",
            "The fees that came in are listed in {home}/bank/march.txt. In the database, in the table members, those people should have paid = 1 from now on.",
        ]
    )
    wanted = [(*row[:2], 1) if row[1] in payers else row for row in rows]
    check = j.all_of(j.table("members", wanted), j.tables_untouched("members"), j.untouched())
    update = "update members set paid = {} where name = '{}';"
    wrong = (
        Done("Done.", sql="update members set paid = 1;"),
        Done("Done.", sql=update.format(1, payers[0])),
        Done("Done.", sql="".join(update.format(60, name) for name in payers)),
        Done("Done.", sql="update members set paid = 0;" + "".join(update.format(1, name) for name in payers)),
        Done("Done.", sql="".join(f"insert into members (name, paid) values ('{name}', 1);" for name in payers)),
        Done(f"{payers[0]} and {payers[1]} have paid."),
    )
    world = World({"bank/march.txt": text}, table("members", "id integer primary key, name text, paid integer", rows))
    return Case(prompt, world, check, Done("Done.", sql="".join(update.format(1, name) for name in payers)), wrong)


@fresh("graph-then-sql", 3, MEMORY, SQLITE)
def sister_without_a_room(random: Random) -> Case:
    """Who is meant stands in the graph; that there is nothing about her, in the database."""
    sister, brother, friend, *guests = people(random, 6)
    me = "Robin"
    entities = tuple(Entity(name, "person") for name in (me, sister, brother, friend))
    relations = (
        (sister, "is sister of", me),
        (brother, "is brother of", me),
        (friend, "is a friend of", me),
    )
    rooms = random.sample(range(201, 260), 4)
    booked = random.sample([brother, *guests], 4)
    own_room = rooms[booked.index(brother)]
    rows: Rows = [(number, name, room) for number, (name, room) in enumerate(zip(booked, rooms, strict=True), 1)]
    prompt = random.choice(
        [
            "I'm Robin. Which room has my sister booked? You know from your memory who she is, the bookings are in the database. Please tell me her name too.",
            "robin here. does my sister (see your memory) have a room in the hotel database, table bookings? tell me her name and the room",
            "This is Robin. My sister wants to know her room number, it should be in the table bookings. Her name is in the knowledge graph; say it in your answer.",
        ]
    )

    check = j.all_of(
        j.says_one_of(sister, sister.split()[0]),
        j.says_none(
            "booking|room|reservation|record|row|entr|result|guest",
            r"(?:ha[sd]|have|find|found|see|list(?:ed)?|book(?:ed)?|reserved?|recorded|registered|appear|exist|contain|include[ds]?|there|in (?:the|our)|among)",
        ),
        j.never_says(*map(str, rooms)),
        j.tables_untouched(),
        j.graph_untouched,
    )
    wrong = (
        Done(f"Your sister {sister} has room {rooms[0]}."),
        Done(f"No, your sister is {brother}, room {own_room}."),
        Done("There is no booking of your sister."),
        Done(f"Your sister is {sister}."),
        Done(f"{sister} has no room.", sql=f"insert into bookings (guest, room) values ('{sister}', {rooms[0]});"),
        Done(f"I cannot access the database to look for {sister}."),
    )
    world = World(
        sql=table("bookings", "id integer primary key, guest text, room integer", rows),
        entities=entities,
        relations=relations,
    )
    return Case(prompt, world, check, Done(f"Your sister is {sister}, but there is no booking of hers."), wrong)
