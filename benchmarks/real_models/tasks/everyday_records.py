"""Tasks in tables and in the graph that one thinks of first; only for the report."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

from real_models import judging as j
from real_models.registry import everyday
from real_models.tasks.words import CITIES, FIRMS, FIRST, lines, page, people, table
from real_models.values import file_items
from real_models.world import Case, Check, Done, Ending, Entity, World

SQL, MEMORY = "sqlite", "memory"


@everyday("not-in-table", 1, SQL)
def number_of_a_stranger(random: Random) -> Case:
    """The one who is asked for is not in the table; somebody of the same last name is."""
    names = people(random, 8)
    first = random.choice([each for each in FIRST if all(each not in name for name in names)])
    asked, namesake = f"{first} {names[3].split()[1]}", names[3]
    phones = [
        f"07{random.randrange(6, 10)} {random.randrange(200, 999)} {at}{at} {random.randrange(10, 99)}"
        for at in range(1, 9)
    ]
    rows = [
        (at, name, phone, random.choice(CITIES)) for at, (name, phone) in enumerate(zip(names, phones, strict=True), 1)
    ]
    prompt = random.choice(
        [
            f"What is the phone number of {asked}? Please look it up in the table contacts.",
            f"hi, need {asked}'s phone nr, should be in the contacts table",
            f"phone of {asked} from contacts?",
        ]
    )
    none = j.says_none(
        rf"phone|numbers?|contacts?|entry|entries|records?|persons?|rows?|results?|match(?:es)?|one|data|{asked}|{first}"
    )

    def empty(ending: Ending) -> list[str]:
        return [] if re.search(r"\bempty\b", ending.answer, re.IGNORECASE) else ["it does not say that it is empty"]

    wrong = (
        Done(f"The phone number of {asked} is {phones[3]}."),
        Done(f"{asked}: 079 123 45 67"),
        Done(f"Their number is {phones[0]}."),
        Done("I am unable to access the database."),
        Done(
            f"There was no {asked}, so I added the contact.",
            sql=f"insert into contacts values (9, '{asked}', '{phones[0]}', 'Bern');",
        ),
    )
    check = j.all_of(j.any_of(none, empty), j.tables_untouched())
    world = World(sql=table("contacts", "id integer primary key, name text, phone text, city text", rows))
    right = Done(f"There is no {asked} in the contacts; only {namesake} has the same last name.")
    return Case(prompt, world, check, right, wrong)


@everyday("insert", 2, SQL)
def ausgabe_eintragen(random: Random) -> Case:
    """In German: one more row, its date and amount written as the table writes them."""
    kinds = ["Lebensmittel", "Verkehr", "Kleidung", "Bücher", "Freizeit"]
    rows = [
        (at, f"2026-02-{day:02}", random.choice(kinds), random.randrange(900, 9000, 5) / 100)
        for at, day in enumerate(sorted(random.sample(range(1, 29), 7)), 1)
    ]
    day, kind, cents = random.randrange(3, 28), random.choice(kinds), random.randrange(1105, 9895, 10)
    amount = f"{cents // 100},{cents % 100:02}"
    prompt = random.choice(
        [
            f"Bitte tragen Sie in die Tabelle ausgaben ein: {amount} Euro für {kind} am {day}. März 2026.",
            f"hab am {day}.3.2026 {amount} € für {kind} ausgegeben, trägst du das bitte in die tabelle ausgaben ein? so wie die anderen einträge",
            f"neue Zeile in ausgaben: {day:02}.03.2026, {kind}, {amount} EUR",
        ]
    )
    columns = "id integer primary key, datum text, kategorie text, betrag real"
    there = (None, f"2026-03-{day:02}", kind, cents / 100)
    other = next(each for each in kinds if each != kind)

    def put(date: str, what: str, much: object) -> str:
        return f"insert into ausgaben (datum, kategorie, betrag) values ('{date}', '{what}', {much!r});"

    wrong = (
        Done("Eingetragen.", sql=put(f"2026-03-{day:02}", kind, amount)),
        Done("Eingetragen.", sql=put(f"2026-02-{day:02}", kind, cents / 100)),
        Done("Eingetragen.", sql=put(f"2026-03-{day:02}", other, cents / 100)),
        Done("Eingetragen.", sql=put(f"2026-03-{day:02}", kind, cents / 100) * 2),
        Done(
            "Eingetragen.",
            sql=f"update ausgaben set datum = '2026-03-{day:02}', kategorie = '{kind}', betrag = {cents / 100} where id = 7;",
        ),
        Done("Eingetragen.", sql=put(f"2026-03-{day:02}", kind, cents)),
        Done(f"Die Ausgabe von {amount} Euro wurde eingetragen."),
    )
    check = j.all_of(j.table("ausgaben", [*rows, there]), j.tables_untouched("ausgaben"))
    income = table("einnahmen", columns, [(1, "2026-02-25", "Lohn", 4200.0)])
    world = World(sql=table("ausgaben", columns, [*rows]) + income)
    return Case(prompt, world, check, Done("Eingetragen.", sql=put(f"2026-03-{day:02}", kind, cents / 100)), wrong)


@everyday("join-and-sum", 3, SQL)
def spent_with_us(random: Random) -> Case:
    names = people(random, 4)
    goods = random.sample(["desk lamp", "notebook", "backpack", "mug", "poster", "umbrella", "pen set"], 4)
    prices = [cents / 100 for cents in random.sample(range(450, 5900, 5), 4)]
    customers = [(11 + at, name, random.choice(CITIES)) for at, name in enumerate(names)]
    products = [(at, name, price) for at, (name, price) in enumerate(zip(goods, prices, strict=True), 1)]
    buys = [(0, 1, 2), (1, 2, 1), (0, 3, 3), (2, 1, 1), (3, 4, 2), (1, 1, 4), (2, 3, 2)]
    random.shuffle(buys)
    orders = [(100 + at, 11 + who, what, many) for at, (who, what, many) in enumerate(buys)]
    total = round(100 * (2 * prices[0] + 3 * prices[2]))
    prompt = random.choice(
        [
            f"How much money has our customer {names[0]} spent with us in total? You will find customers, products and orders in the database.",
            f"hey can you check in the database how much {names[0]} spent alltogether? (orders has the quantity, the price is in products)",
            f"total of all orders of {names[0]}, quantity x price, from the db",
        ]
    )

    def said(cents: float) -> Done:
        return Done(f"{names[0]} has spent {cents / 100:.2f}.")

    wrong = (
        said(round(100 * (prices[0] + prices[2]))),
        said(round(100 * 2 * prices[0])),
        said(round(100 * (prices[1] + 4 * prices[0]))),
        said(round(100 * sum(prices[what - 1] * many for _, what, many in buys))),
        Done(f"{names[0]} has 2 orders."),
        Done(f"2 x {prices[0]:.2f} and 3 x {prices[2]:.2f}"),
        replace(said(total), sql="delete from orders where id = 100;"),
    )
    script = table("customers", "id integer primary key, name text, city text", customers)
    script += table("products", "id integer primary key, name text, price real", products)
    script += table(
        "orders", "id integer primary key, customer_id integer, product_id integer, quantity integer", orders
    )
    return Case(prompt, World(sql=script), j.all_of(j.says_amount(total), j.tables_untouched()), said(total), wrong)


@everyday("query-into-file", 3, SQL, "filesystem")
def members_to_remind(random: Random) -> Case:
    names = people(random, 9)
    late = sorted(random.sample(range(9), 3))
    year = random.randrange(2024, 2027)
    rows: list[tuple[object, ...]] = [
        (at, name, f"{name.split()[0].lower()}@example.org", "no" if at - 1 in late else "yes")
        for at, name in enumerate(names, 1)
    ]
    path = "club/reminders.txt"
    prompt = random.choice(
        [
            f"Who has not paid the membership fee yet (column paid_{year} of the table members)? Please write the names into the file {{home}}/{path}, one name per line.",
            f"make me a list of the members who havent paid for {year} (table members) and save it as {{home}}/{path}, only the names, one on each line",
            f"names of members with paid_{year} = 'no' -> {{home}}/{path}, one per line",
        ]
    )
    wanted = [names[at] for at in late]
    paid = [names[at] for at in range(9) if at not in late]
    wrong = (
        Done("Saved.", {path: lines(*wanted[:2])}),
        Done("Saved.", {path: lines(*paid)}),
        Done("Saved.", {path: lines(*names)}),
        Done("Saved.", {path: lines(*(name.split()[0] for name in wanted))}),
        Done("Saved.", {path: lines("[names of the members]")}),
        Done("Saved.", {"reminders.txt": lines(*wanted)}),
        Done("Saved.", {path: lines(*wanted)}, sql=f"update members set paid_{year} = 'yes';"),
        Done(", ".join(wanted)),
    )
    check = j.all_of(file_items(path, wanted, ["reminders", "names", "name"]), j.untouched(path), j.tables_untouched())
    columns = f"id integer primary key, name text, email text, paid_{year} text"
    script = table("members", columns, rows) + table(
        "events", "id integer primary key, title text", [(1, "Spring run")]
    )
    world = World({"club/statutes.md": "# Statutes\n\nThe fee is due in January.\n"}, script)
    return Case(prompt, world, check, Done("Saved.", {path: lines(*wanted)}), wrong)


@everyday("page-into-table", 3, "fetch", SQL)
def new_price_of_the_supplier(random: Random) -> Case:
    goods = random.sample(["Trail Lamp", "Rain Jacket", "Camp Stove", "Rope 20 m", "Water Filter", "Tent Peg"], 5)
    amounts = random.sample(range(900, 9900, 50), 10)
    old, new = amounts[:5], amounts[5:]
    listed = [f"{name}: {cents / 100:.2f}" for name, cents in zip(goods, new, strict=True)]
    random.shuffle(listed)
    firm = random.choice(FIRMS)
    path = f"{firm.lower()}-prices.html"
    prompt = random.choice(
        [
            f"The new price of the {goods[2]} is on the page {{web}}/{path}. Please update it in our table products; the other products keep their prices.",
            f"{firm} changed the price of the {goods[2]}, see {{web}}/{path}. can you put the new one into our products table? only that product",
            f"products table: set price of {goods[2]} to the one on {{web}}/{path}",
        ]
    )

    def priced(*changed: int) -> list[tuple[object, ...]]:
        both = enumerate(zip(old, new, strict=True))
        return [(at + 1, goods[at], (after if at in changed else before) / 100) for at, (before, after) in both]

    def put(at: int, cents: int) -> str:
        return f"update products set price = {cents / 100} where name = '{goods[at]}';"

    wrong = (
        Done("Updated.", sql=f"update products set price = {new[2] / 100};"),
        Done("Updated.", sql=put(2, new[1])),
        Done("Updated.", sql=put(3, new[2])),
        Done("Updated.", sql="".join(put(at, cents) for at, cents in enumerate(new))),
        Done("Updated.", sql=f"insert into products (name, price) values ('{goods[2]}', {new[2] / 100});"),
        Done(f"The new price of the {goods[2]} is {new[2] / 100:.2f}."),
    )
    check = j.all_of(j.table("products", priced(2)), j.tables_untouched("products"))
    world = World(
        sql=table("products", "id integer primary key, name text, price real", priced()),
        pages={path: page(f"{firm}: prices", "All prices in francs, valid from 1 April.", listed)},
    )
    return Case(prompt, world, check, Done("Updated.", sql=put(2, new[2])), wrong)


@everyday("recall", 1, MEMORY)
def allergic_to_what(random: Random) -> Case:
    names = people(random, 4)
    foods = random.sample(["hazelnut", "strawberry", "shrimp", "sesame", "celery", "peanut"], 2)
    plural = {"strawberry": "strawberries"}
    ways = {food: (food, plural.get(food, f"{food}s")) for food in foods}
    told = [
        f"is allergic to {ways[foods[0]][1] if foods[0] in ('hazelnut', 'peanut') else foods[0]}",
        f"is allergic to {foods[1]}",
    ]
    entities = (
        Entity(names[0], "person", (f"lives in {random.choice(CITIES)}", told[0], "plays the cello")),
        Entity(names[1], "person", (told[1], "likes hiking")),
        Entity(names[2], "person", ("is a vegetarian",)),
        Entity(random.choice(FIRMS), "company", ("makes garden furniture",)),
    )
    prompt = random.choice(
        [
            f"I am cooking for {names[0]} tonight. What is {names[0].split()[0]} allergic to? I told you once.",
            f"what was {names[0].split()[0]} allergic to again? you should have it in your memory",
            f"allergy of {names[0]}?",
        ]
    )
    check = j.all_of(j.says_one_of(*ways[foods[0]]), j.never_says(*ways[foods[1]]), j.graph_untouched)
    wrong = (
        Done(f"{names[0]} is allergic to {foods[1]}."),
        Done(f"Allergic to {foods[0]} and {foods[1]}."),
        Done("I do not know of any allergy."),
        Done(f"{names[0]} plays the cello."),
        Done(f"{foods[0]}", entities=(Entity("cooking tonight", "event"),)),
    )
    world = World(entities=entities, relations=((names[1], "works at", entities[3].name),))
    return Case(prompt, world, check, Done(f"{names[0].split()[0]} {told[0]}."), wrong)


@everyday("remember", 1, MEMORY)
def a_dog_called_that(random: Random) -> Case:
    names = people(random, 3)
    dog = random.choice(["Pixel", "Waldo", "Biscuit", "Luna", "Nacho"])
    known = Entity(names[0], "person", ("works as a nurse", f"lives in {random.choice(CITIES)}"))
    others = (Entity(names[1], "person", ("has two cats",)), Entity(names[2], "person", ("drives a van",)))
    prompt = random.choice(
        [
            f"Please remember that {names[0]} has a dog now. It is called {dog}.",
            f"btw {names[0]} got a dog, its name is {dog}! keep that in mind for me",
            f"remember: {names[0]}'s dog = {dog}",
        ]
    )
    kept = j.any_of(j.entity(names[0], dog), j.related(names[0], dog, either_way=True))
    fact = f"has a dog called {dog}"

    def noted(person: Entity, *facts: str) -> Entity:
        return replace(person, observations=(*person.observations, *facts))

    wrong = (
        Done(f"I will remember that {names[0]} has a dog called {dog}."),
        Done("Noted.", entities=(noted(others[0], fact),)),
        Done("Noted.", entities=(noted(known, fact), noted(others[0], fact))),
        Done("Noted.", entities=(noted(known, "has a dog"),)),
        Done("Noted.", entities=(Entity(dog, "dog"),)),
        Done("Noted.", entities=(replace(known, observations=(fact,)),)),
        Done("Noted.", entities=(noted(known, fact),), forgotten=(names[2],)),
    )
    right = Done("Noted.", entities=(noted(known, fact),))
    return Case(prompt, World(entities=(known, *others)), j.all_of(kept, others_kept(names[0])), right, wrong)


def others_kept(name: str) -> Check:
    """Nothing of the graph is lost, and nothing is noted with the nodes that were there but for this one."""

    def check(ending: Ending) -> list[str]:
        after = ending.after.entities
        faults = j.graph_keeps(ending)
        for key, node in ending.before.entities.items():
            given = after[key].observations if key in after else node.observations
            fits = {*node.observations} <= {*given} if key == name else node.observations == given
            faults += [] if fits else [f"what is known of {key} was changed: {given}"]
        return faults

    return check
