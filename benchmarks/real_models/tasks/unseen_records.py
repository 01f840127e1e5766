"""Tasks with a database or a graph of knowledge, of kinds that neither half has; only for the report."""

from __future__ import annotations

import re
from random import Random

from real_models import judging as j
from real_models.registry import unseen
from real_models.tasks.words import CITIES, Rows, lines, people, table
from real_models.world import Case, Done, Ending, Entity, World

SQLITE, MEMORY, FILES, FETCH = "sqlite", "memory", "filesystem", "fetch"


@unseen("missing-fact", 1, MEMORY)
def danish_speaker(random: Random) -> Case:
    names = people(random, 5)
    tongues = random.sample(["Dutch", "Finnish", "Polish", "Greek", "Turkish", "Basque"], 5)
    entities = tuple(
        Entity(name, "person", (f"speaks {tongue}", f"lives in {random.choice(CITIES)}"))
        for name, tongue in zip(names, tongues, strict=True)
    )
    prompt = random.choice(
        [
            "I need a translator. Who of the people in your memory speaks Danish?",
            "do you remember anybody who speaks Danish?",
            "Look through your knowledge graph: which person speaks Danish?",
        ]
    )

    def nobody_named(ending: Ending) -> list[str]:
        """No sentence gives the language to a person."""
        sentences = re.split(r"\n|(?<=[.!?;])\s", ending.answer)
        given = [
            each for each in sentences if "danish" in each.casefold() and any(name.split()[0] in each for name in names)
        ]
        return [
            f"the answer says {each!r}" for each in given if not re.search(r"\b(?:no|not|none|nobody)\b|n['’]t\b", each)
        ]

    check = j.all_of(
        j.says_none("person|people|entit|match|speaker|entr|record|information|result"), nobody_named, j.graph_untouched
    )
    wrong = (
        Done(f"{names[0]} speaks Danish."),
        Done(f"I found no better match. {names[1]} speaks Danish."),
        Done(f"{names[2]}"),
        Done("I will look it up."),
    )
    return Case(prompt, World(entities=entities), check, Done("Nobody I remember speaks Danish."), wrong)


@unseen("missing-row", 2, SQLITE)
def booking_not_there(random: Random) -> Case:
    names = people(random, 6)
    absent = names[5]
    rows: Rows = [
        (number, name, random.randrange(101, 130), random.randrange(1, 9)) for number, name in enumerate(names[:5], 1)
    ]
    prompt = random.choice(
        [
            f"{absent} cancelled by phone. Please delete the booking from the hotel database.",
            f"hotel db, table bookings: remove the booking of {absent}",
        ]
    )
    check = j.all_of(j.says_none("booking|guest|row|reservation|record|entr|result|match"), j.tables_untouched())
    world = World(sql=table("bookings", "id integer primary key, guest text, room integer, nights integer", rows))
    wrong = (
        Done(f"The booking of {absent} was deleted."),
        Done(f"There is no booking of {absent}.", sql="delete from bookings where id = 3;"),
        Done("Deleted.", sql="delete from bookings;"),
    )
    return Case(prompt, world, check, Done(f"There is no booking of {absent}."), wrong)


@unseen("sql-without-match", 3, SQLITE)
def membres_sans_paiement(random: Random) -> Case:
    """In French: rows of one table that have none in the other."""
    names = people(random, 6)
    numbers = random.sample(range(11, 60), 6)
    late = random.sample(range(6), 2)
    members: Rows = [(number, name, random.choice(CITIES)) for number, name in zip(numbers, names, strict=True)]
    paying = [number for place, number in enumerate(numbers) if place not in late]
    payments: Rows = [(place, number, 2026, 80) for place, number in enumerate([*paying, paying[0]], 1)]
    sql = table("members", "id integer primary key, name text, town text", members)
    sql += table("payments", "id integer primary key, member_id integer, year integer, amount integer", payments)
    prompt = random.choice(
        [
            "Quels membres du club n'ont encore rien payé ? Tout est dans la base de données.",
            "donne-moi les noms des membres qui n'ont aucun paiement dans la base stp",
        ]
    )
    wanted = [names[place] for place in late]
    others = [name for name in names if name not in wanted]
    check = j.all_of(j.says(*wanted), j.never_says(*others), j.tables_untouched())
    wrong = (Done(", ".join(names)), Done(wanted[0]), Done("Tout le monde a payé."), Done(", ".join(others)))
    return Case(prompt, World(sql=sql), check, Done(" et ".join(wanted)), wrong)


@unseen("graph-update", 3, MEMORY)
def moved_house(random: Random) -> Case:
    names = people(random, 3)
    old, new, third = random.sample(CITIES, 3)
    hobby = random.choice(["plays the cello", "keeps bees", "repairs old radios"])
    entities = tuple(
        Entity(name, "person", (f"lives in {town}", told))
        for name, town, told in zip(names, (old, old, third), (hobby, "has two sons", "likes tea"), strict=True)
    )
    prompt = random.choice(
        [
            f"{names[0]} has moved from {old} to {new}. Correct that in your knowledge graph, the old town must not be there any more.",
            f"pls update memory: {names[0]} now lives in {new}, no longer in {old} (replace the old entry)",
        ]
    )

    def replaced(ending: Ending) -> list[str]:
        before, after = ending.before.entities, ending.after.entities
        told = after[names[0]].observations if names[0] in after else ()
        faults = [f"{each!r} is still kept" for each in told if old in each and new not in each]
        faults += [] if hobby in told else [f"{hobby!r} was lost"]
        return faults + [
            f"{name} was changed" for name in {*before, *after} - {names[0]} if before.get(name) != after.get(name)
        ]

    def node(*observations: str) -> tuple[Entity, ...]:
        return (Entity(names[0], "person", observations),)

    check = j.all_of(j.entity(names[0], new), replaced, j.graph_keeps)
    wrong = (
        Done("Updated.", entities=node(f"lives in {old}", hobby, f"lives in {new}")),
        Done("Updated.", entities=node(f"lives in {new}")),
        Done(
            "Updated.",
            entities=(*node(f"lives in {new}", hobby), Entity(names[1], "person", (f"lives in {new}", "has two sons"))),
        ),
        Done(f"{names[0]} lives in {new}."),
    )
    return Case(
        prompt, World(entities=entities), check, Done("Updated.", entities=node(hobby, f"lives in {new}")), wrong
    )


@unseen("template", 3, FILES, MEMORY)
def welcome_letter(random: Random) -> Case:
    names = people(random, 3)
    badges, rooms = (
        random.sample(range(3000, 7000), 3),
        [f"{a}.{random.randrange(10, 30)}" for a in random.sample(range(1, 6), 3)],
    )
    entities = tuple(
        Entity(name, "employee", (f"has badge {badge}", f"sits in room {room}"))
        for name, badge, room in zip(names, badges, rooms, strict=True)
    )
    text = "Dear [NAME],\n\nyour badge has the number [BADGE].\nYour desk is in room [ROOM].\n\nSee you on Monday!\n"
    first = names[1].split()[0]
    path = f"letters/{first.lower()}.txt"
    prompt = random.choice(
        [
            f"Fill in the template {{home}}/letters/template.txt for {names[1]}; badge and room are in your memory. Save the letter as {{home}}/{path}",
            f"new colleague: {names[1]}. take {{home}}/letters/template.txt, replace [NAME], [BADGE] and [ROOM] with what the knowledge graph says and write it to {{home}}/{path}",
        ]
    )

    def letter(name: str, badge: object, room: str) -> str:
        return text.replace("[NAME]", name).replace("[BADGE]", str(badge)).replace("[ROOM]", room)

    right = letter(names[1], badges[1], rooms[1])
    check = j.all_of(j.file_is(path, right, letter(first, badges[1], rooms[1])), j.untouched(path), j.graph_untouched)
    wrong = (
        Done("Saved.", {path: letter(names[1], badges[0], rooms[0])}),
        Done("Saved.", {path: letter(names[1], badges[1], "[ROOM]")}),
        Done("Saved.", {path: right, "letters/template.txt": right}),
        Done(right),
    )
    return Case(
        prompt, World({"letters/template.txt": text}, entities=entities), check, Done("Saved.", {path: right}), wrong
    )


@unseen("file-into-sql", 3, FILES, SQLITE)
def import_seedlings(random: Random) -> Case:
    names = random.sample(["leek", "fennel", "chard", "kale", "radish", "dill", "basil", "endive"], 6)
    rows: Rows = [
        (name, random.randrange(1, 9), f"2026-0{random.randrange(3, 6)}-{random.randrange(10, 28)}") for name in names
    ]
    there: Rows = [(number, *row) for number, row in enumerate(rows[:3], 1)]
    text = lines("name,bed,sown", *(",".join(map(str, row)) for row in rows[3:]))
    sql = table("seedlings", "id integer primary key, name text, bed integer, sown text", there)
    prompt = random.choice(
        [
            "Import the rows of {home}/garden/new.csv into the table seedlings of the database.",
            "{home}/garden/new.csv has three new seedlings, pls add them to the db (table seedlings)",
        ]
    )
    check = j.all_of(
        j.table("seedlings", [*there, *((None, *row) for row in rows[3:])]),
        j.tables_untouched("seedlings"),
        j.untouched(),
    )

    def insert(some: Rows) -> str:
        return "".join(f"insert into seedlings (name, bed, sown) values {row!r};" for row in some)

    wrong = (
        Done("Imported.", sql=insert(rows[3:5])),
        Done("Imported.", sql=insert([*rows[3:], rows[5]])),
        Done("Imported.", sql=insert([("name", "bed", "sown"), *rows[3:]])),
        Done("Imported.", sql=insert([(name, bed, "") for name, bed, _ in rows[3:]])),
    )
    return Case(prompt, World({"garden/new.csv": text}, sql), check, Done("Imported.", sql=insert(rows[3:])), wrong)


@unseen("page-into-sql", 3, FETCH, SQLITE)
def new_price_from_supplier(random: Random) -> Case:
    titles = random.sample(["Hammock", "Headlamp", "Camping stove", "Water filter", "Sleeping mat"], 4)
    prices, changed = random.sample(range(21, 60), 4), random.sample(range(61, 99), 4)
    rows: Rows = [
        (f"A{random.randrange(100, 999)}{place}", title, price)
        for place, (title, price) in enumerate(zip(titles, prices, strict=True))
    ]
    listed = "".join(f"<li>{title}: {price} euros</li>" for title, price in zip(titles, changed, strict=True))
    html = f"<!doctype html><html><head><title>Prices</title></head><body><main><h1>Our new prices</h1><p>Valid from today.</p><ul>{listed}</ul></main></body></html>"
    what = titles[2]
    prompt = random.choice(
        [
            f"Our supplier has changed the price of the {what.lower()}, see {{web}}/prices.html. Put the new price into our table articles, for this article only.",
            f"check {{web}}/prices.html for the {what.lower()} and update its price in the database (table articles). leave the other articles alone",
        ]
    )
    wanted = [(*row[:2], changed[2]) if row[1] == what else row for row in rows]
    check = j.all_of(j.table("articles", wanted), j.tables_untouched("articles"))
    sql = table("articles", "sku text primary key, title text, price_eur integer", rows)
    update = "update articles set price_eur = {} where title = {!r};"
    wrong = (
        Done("Updated.", sql=update.format(changed[1], what)),
        Done("Updated.", sql=f"update articles set price_eur = {changed[2]};"),
        Done("Updated.", sql="".join(map(update.format, changed, titles))),
        Done(f"The {what} costs {changed[2]} euros."),
    )
    right = Done("Updated.", sql=update.format(changed[2], what))
    return Case(prompt, World(sql=sql, pages={"prices.html": html}), check, right, wrong)
