"""Tasks with a small database or with kept knowledge as people at work hand them over; only for the report."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from random import Random

from real_models import judging as j
from real_models.registry import workday
from real_models.tasks.words import CITIES, FIRMS, Rows, lines, people, table
from real_models.tasks.workday_files import says_nothing_known
from real_models.world import Case, Check, Done, Ending, Entity, World

SQLITE, MEMORY, FILES = "sqlite", "memory", "filesystem"


def others_keep(*names: str) -> Check:
    """Every node of the graph but these is as it was, and so are all edges between the others."""

    def check(ending: Ending) -> list[str]:
        before, after = ending.before, ending.after
        faults = [
            f"{name} was changed"
            for name in before.entities
            if name not in names and before.entities[name] != after.entities.get(name)
        ]
        return faults + [f"the graph lost {' '.join(edge)}" for edge in before.relations - after.relations]

    return check


@workday("customer-orders", 2, SQLITE)
def pedidos_pendientes(random: Random) -> Case:
    """In Spanish: how many orders of one customer are pending, and their sum; another customer has a name like it."""
    firm, other = random.sample(FIRMS, 2)
    names = [f"{firm} S.L.", f"{firm} Textil S.L.", f"{other} S.A."]
    customers: Rows = [
        *zip(random.sample(range(11, 60), 3), names, random.sample(["Sevilla", "Bilbao", "Gijón"], 3), strict=True)
    ]
    me = customers[0][0]
    count = random.randrange(2, 5)
    states = [(me, "pendiente")] * count + [(me, "enviado"), (me, "enviado"), (me, "cancelado")]
    states += [(customers[1][0], "pendiente"), (customers[2][0], "pendiente"), (customers[2][0], "enviado")]
    amounts = random.sample(range(210, 890), len(states))
    made = random.sample([*zip(states, amounts, strict=True)], len(states))
    orders: Rows = [
        (number, who, f"2026-02-{number - 280:02}", amount, state)
        for number, ((who, state), amount) in enumerate(made, 291)
    ]

    def total(*which: str, whose: object = me) -> int:
        return sum(amount for (who, state), amount in made if who == whose and state in which)

    prompt = random.choice(
        [
            f"¿Cuántos pedidos pendientes tiene el cliente {names[0]} y cuánto suman? Está en la base de datos, tablas clientes y pedidos.",
            f"oye, ¿me miras en la base cuántos pedidos le quedan pendientes a {names[0]} y el importe total? (tablas clientes y pedidos)",
            f"Base de datos (clientes, pedidos): número e importe total de los pedidos pendientes de {names[0]}",
        ]
    )
    word = {2: "dos", 3: "tres", 4: "cuatro"}[count]
    open_sum = total("pendiente")
    check = j.all_of(j.says_one_of(str(count), word), j.says_amount(open_sum * 100), j.tables_untouched())
    wrong = (
        Done(f"Tiene {count + 3} pedidos por {total('pendiente', 'enviado', 'cancelado')} euros."),
        Done(f"Tiene {count + 1} pedidos pendientes por {open_sum + total('pendiente', whose=customers[1][0])} euros."),
        Done(f"Tiene 1 pedido pendiente por {total('pendiente', whose=customers[1][0])} euros."),
        Done(f"Tiene {count} pedidos pendientes."),
        Done(f"Suman {open_sum} euros."),
        Done(f"Tiene {count + 2} pedidos por {total('pendiente', 'enviado')} euros."),
    )
    sql = table("clientes", "id integer primary key, nombre text, ciudad text", customers)
    sql += table(
        "pedidos", "id integer primary key, cliente_id integer, fecha text, importe integer, estado text", orders
    )
    right = Done(f"{names[0]} tiene {count} pedidos pendientes, por un total de {open_sum} euros.")
    return Case(prompt, World(sql=sql), check, right, wrong)


@workday("customer-insert", 1, SQLITE)
def new_customer_row(random: Random) -> Case:
    names = people(random, 4)
    firms = random.sample(FIRMS, 4)
    mails = [f"{name.split()[0].lower()}@{firm.lower()}.example" for name, firm in zip(names, firms, strict=True)]
    rows: Rows = [
        (number, name, mail, random.choice(CITIES))
        for number, name, mail in zip(sorted(random.sample(range(101, 180), 3)), names, mails, strict=False)
    ]
    who, mail, city = names[3], mails[3], random.choice(CITIES)
    prompt = random.choice(
        [
            f"Please add a new customer to the database: name {who}, email {mail}, city {city}. The table is customers, with the columns name, email and city.",
            f"got a new customer today :) {who} from {city}, mail is {mail}. can you put that into the customers table (name, email, city)?",
            f"insert into customers: name {who}, email {mail}, city {city}",
        ]
    )
    check = j.all_of(j.table("customers", [*rows, (None, who, mail, city)]), j.tables_untouched("customers"))
    insert = "insert into customers (name, email, city) values ('{}', '{}', '{}');"
    right = insert.format(who, mail, city)
    wrong = (
        Done("Added.", sql=right * 2),
        Done("Added.", sql=insert.format(who, city, mail)),
        Done("Added.", sql=f"insert into customers (name, email) values ('{who}', '{mail}');"),
        Done(
            "Added.",
            sql=f"update customers set name = '{who}', email = '{mail}', city = '{city}' where id = {rows[0][0]};",
        ),
        Done("Added.", sql=insert.format(who.split()[0], mail, city)),
        Done(f"{right} adds the customer."),
    )
    sql = table("customers", "id integer primary key, name text, email text, city text", rows)
    sql += table(
        "suppliers", "id integer primary key, name text, email text", [(1, "Papierhof", "office@papierhof.example")]
    )
    return Case(prompt, World(sql=sql), check, Done("Added.", sql=right), wrong)


@workday("csv-export", 2, SQLITE, FILES)
def export_for_mailing(random: Random) -> Case:
    names = people(random, 8)
    wants = random.sample([1] * 4 + [0] * 4, 8)
    rows: Rows = [
        (number, name, f"{name.split()[1].lower()}@{random.choice(FIRMS).lower()}.example", random.choice(CITIES), flag)
        for number, (name, flag) in enumerate(zip(names, wants, strict=True), random.randrange(1, 40))
    ]
    path = "mailing/newsletter.csv"
    prompt = random.choice(
        [
            f"Please export name and email of all customers that get the newsletter (table customers, newsletter = 1) to {{home}}/{path}, comma separated, with the header name,email.",
            f"need a csv for the mailing tool: everybody in the table customers with newsletter = 1, columns name and email with that as header (name,email). save as {{home}}/{path} pls",
            f"customers where newsletter = 1 -> {{home}}/{path}, CSV with header name,email",
        ]
    )
    chosen = [(str(row[1]), str(row[2])) for row in rows if row[4]]
    rest = [(str(row[1]), str(row[2])) for row in rows if not row[4]]

    def text(some: list[tuple[str, str]], *head: str) -> str:
        return lines(*head, *(f"{name},{mail}" for name, mail in some))

    def fits(given: str) -> bool:
        read = [
            [cell.strip() for cell in row] for row in csv.reader(given.splitlines(), skipinitialspace=True) if any(row)
        ]
        head = [cell.casefold() for cell in read[0]] if read else []
        return head == ["name", "email"] and sorted(map(tuple, read[1:])) == sorted(chosen)

    check = j.all_of(
        j.file_matches(path, fits, "the customers that it should be"), j.untouched(path), j.tables_untouched()
    )
    head = "name,email"
    wrong = (
        Done("Exported.", {path: text(chosen + rest, head)}),
        Done("Exported.", {path: text(chosen[:3], head)}),
        Done("Exported.", {path: text(chosen)}),
        Done("Exported.", {path: text(rest, head)}),
        Done("Exported.", {path: lines("name", *(name for name, _ in chosen))}),
        Done(
            "Exported.",
            {
                path: lines(
                    "id,name,email", *(f"{number},{name},{mail}" for number, (name, mail) in enumerate(chosen, 1))
                )
            },
        ),
        Done(text(chosen, head)),
    )
    columns = "id integer primary key, name text, email text, city text, newsletter integer"
    world = World(
        {"mailing/": "", "mailing/readme.txt": "Imports take plain CSV files.\n"}, table("customers", columns, rows)
    )
    return Case(prompt, world, check, Done("Exported.", {path: text(chosen, head)}), wrong)


def told(one: Entity) -> str:
    """All that a node says, in small letters."""
    return " | ".join((one.name, *one.observations)).casefold()


def digits(text: str) -> str:
    """A telephone number without what groups it."""
    return re.sub(r"\D", "", text)


@workday("remember-contact", 1, MEMORY)
def supplier_contact(random: Random) -> Case:
    firm, *firms = random.sample(FIRMS, 3)
    who, *others = people(random, 3)
    number, *numbers = (
        f"0{random.choice([31, 44, 61])} 555 {random.randrange(10, 99)} {random.randrange(10, 99)}" for _ in range(3)
    )
    goods = random.choice(["delivers our paper", "delivers our coffee", "cleans the windows"])
    prompt = random.choice(
        [
            f"Please remember for next time: our contact at {firm} is {who}, phone {number}.",
            f"just had {who} on the phone, that's our new contact at {firm}. number is {number}, keep that in your memory will you",
            f"For your memory: contact at {firm} = {who}, {number}",
        ]
    )

    def kept(ending: Ending) -> list[str]:
        after = ending.after
        nodes = [told(each) for name, each in after.entities.items() if each != ending.before.entities.get(name)]
        nodes += [" | ".join(edge).casefold() for edge in after.relations - ending.before.relations]
        with_number = [text for text in nodes if digits(number) in digits(text)]
        known = any(who.casefold() in text or firm.casefold() in text for text in with_number)
        person, company = who.casefold(), firm.casefold()
        together = any(person in text and company in text for text in nodes)
        edges = ({a.casefold(), b.casefold()} for a, _, b in after.relations)
        joined = together or any(edge >= {person, company} for edge in edges)
        faults = [] if known else ["the number is kept with neither the person nor the firm"]
        return faults + ([] if joined else ["the person is not kept as of that firm"])

    def old_facts(ending: Ending) -> list[str]:
        before, after = ending.before.entities[firm], ending.after.entities.get(firm)
        return [] if after and set(before.observations) <= set(after.observations) else [f"{firm} lost what was known"]

    world = World(
        entities=(
            Entity(firm, "supplier", (goods,)),
            *(
                Entity(name, "supplier", (f"contact is {person}, {phone}",))
                for name, person, phone in zip(firms, others, numbers, strict=True)
            ),
        )
    )
    fact = f"contact is {who}, {number}"
    wrong = (
        Done("Noted.", entities=(Entity(firms[0], "supplier", (fact,)),)),
        Done("Noted.", entities=(Entity(firm, "supplier", (goods, f"contact is {who}")),)),
        Done("Noted.", entities=(Entity(firm, "supplier", (fact,)),)),
        Done("Noted.", entities=(Entity(who, "person", (f"phone {number}",)),)),
        Done("Noted.", entities=(Entity(firm, "supplier", (goods, f"contact is {who}, {numbers[0]}")),)),
        Done(f"I will remember that {who} is the contact at {firm}, phone {number}."),
    )
    right = Done(
        "Noted.", entities=(Entity(who, "person", (f"phone: {number}",)),), relations=((who, "is contact at", firm),)
    )
    return Case(prompt, world, j.all_of(kept, old_facts, others_keep(firm)), right, wrong)


@workday("unknown-fact", 1, MEMORY)
def code_that_nobody_noted(random: Random) -> Case:
    asked, *others = random.sample(CITIES, 3)
    codes = random.sample(range(2100, 9800), 2)
    seats = random.randrange(6, 30)
    prompt = random.choice(
        [
            f"What is the door code of the {asked} office? It should be in your memory.",
            f"standing in front of the {asked} office and forgot the door code... you have it in memory, don't you?",
            f"Door code {asked} office? (memory)",
        ]
    )
    entities = [
        Entity(f"{city} office", "office", (f"door code is {code}",)) for city, code in zip(others, codes, strict=True)
    ]
    entities.append(Entity(f"{asked} office", "office", (f"has {seats} seats", "alarm is off during the day")))

    def no_other_code(ending: Ending) -> list[str]:
        """A code is told only as that of the other office."""
        parts = re.split(r"\n|;|(?<=[.!?])\s|\bbut\b", ending.answer)
        of = dict(zip(map(str, codes), others, strict=True))
        return [
            f"the answer gives {code}"
            for code, city in of.items()
            for each in parts
            if code in each and city.casefold() not in each.casefold()
        ]

    wrong = (
        Done(f"The door code of the {asked} office is {codes[0]}."),
        Done(f"The code is {seats}."),
        Done(f"There is no entry for {asked}, but the code is {codes[1]}."),
        Done("I cannot access the memory."),
        Done("I do not know, so I noted one.", entities=(Entity(f"{asked} office", "office", ("door code is 1234",)),)),
    )
    what = r"codes?|door|entry|record|information|note|observation|mention|fact"
    check = j.all_of(says_nothing_known(what), no_other_code, j.graph_untouched)
    right = Done(f"My memory holds no door code of the {asked} office.")
    return Case(prompt, World(entities=tuple(random.sample(entities, 3))), check, right, wrong)


@workday("fact-correction", 3, MEMORY)
def moved_desk(random: Random) -> Case:
    who, mate, other = people(random, 3)
    old, new, third = (f"{floor}.{random.randrange(10, 40)}" for floor in random.sample(range(1, 8), 3))
    team = random.choice(["accounting", "purchasing", "support"])
    extension = random.randrange(201, 299)
    mine = (f"works in {team}", f"sits in room {old}", f"has extension {extension}")
    entities = (
        Entity(mate, "person", (f"works in {team}", f"sits in room {old}")),
        Entity(who, "person", mine),
        Entity(other, "person", (f"sits in room {third}",)),
    )
    relations = ((who, "reports to", other),)
    prompt = random.choice(
        [
            f"{who} has moved to room {new}. Please correct that in your knowledge graph, so that the old room is no longer there.",
            f"fyi {who} sits in room {new} now, what you have in your memory is outdated - fix that please and drop the old room",
            f"Memory: room of {who} is {new} now. Replace the old one.",
        ]
    )

    def corrected(ending: Ending) -> list[str]:
        kept = ending.after.entities.get(who, Entity(who, "person")).observations
        faults = [] if any(new in each for each in kept) else [f"room {new} is not kept"]
        faults += [f"{each!r} is still kept" for each in kept if old in each and new not in each]
        return faults + [f"{each!r} was lost" for each in (mine[0], mine[2]) if each not in kept]

    def now(*observations: str) -> tuple[Entity, ...]:
        return (Entity(who, "person", observations),)

    moved = f"sits in room {new}"
    wrong = (
        Done("Corrected.", entities=now(*mine, moved)),
        Done("Corrected.", entities=now(mine[0], mine[2])),
        Done("Corrected.", entities=now(moved)),
        Done("Corrected.", entities=(Entity(mate, "person", (mine[0], moved)),)),
        Done("Corrected.", entities=(*now(mine[0], moved, mine[2]), Entity(mate, "person", (mine[0], moved)))),
        Done("Corrected.", entities=now(mine[0], moved, mine[2]), unlinked=relations),
        Done(f"{who} sits in room {new} now."),
    )
    right = Done("Corrected.", entities=now(mine[0], mine[2], moved))
    return Case(
        prompt, World(entities=entities, relations=relations), j.all_of(corrected, others_keep(who)), right, wrong
    )


@workday("address-label", 2, MEMORY, FILES)
def label_for_the_parcel(random: Random) -> Case:
    names = people(random, 3)
    streets = random.sample(["Gartenweg", "Seestrasse", "Bahnhofplatz", "Mühlegasse", "Kirchweg"], 3)
    addresses = [
        (f"{street} {random.randrange(2, 90)}", f"{random.randrange(3000, 9600)} {city}")
        for street, city in zip(streets, random.sample(CITIES, 3), strict=True)
    ]
    who, (street, town) = names[0], addresses[0]
    path = f"labels/{who.split()[1].lower()}.txt"
    entities = [
        Entity(name, "person", (f"address: {road}, {place}", f"customer since {random.randrange(2015, 2026)}"))
        for name, (road, place) in zip(names, addresses, strict=True)
    ]
    prompt = random.choice(
        [
            f"Please write an address label for {who} to {{home}}/{path}: three lines, with the name, the street, and the postcode with the town. You have the address in your knowledge graph.",
            f"i have a parcel for {who}, can you make the label {{home}}/{path}? name, street, postcode + town, each on its own line. address is in your memory",
            f"{{home}}/{path}: label for {who} (address in memory). Lines: name / street / postcode town",
        ]
    )

    def fits(text: str) -> bool:
        given = [line.strip().rstrip(",") for line in text.splitlines() if line.strip()]
        return given == [who, street, town]

    label: Callable[..., str] = lines
    wrong = (
        Done("Written.", {path: label(who, *addresses[1])}),
        Done("Written.", {path: label(who, f"{street}, {town}")}),
        Done("Written.", {path: label(street, town)}),
        Done("Written.", {path: label(names[1], street, town)}),
        Done("Written.", {path: label(who, "Musterstrasse 1", "8000 Musterstadt")}),
        Done(label(who, street, town)),
    )
    world = World(
        {"labels/": "", "labels/printed.txt": "Nothing since Monday\n"}, entities=tuple(random.sample(entities, 3))
    )
    check = j.all_of(j.file_matches(path, fits, "the three lines of the label"), j.untouched(path), j.graph_untouched)
    return Case(prompt, world, check, Done("Written.", {path: label(who, street, town)}), wrong)
