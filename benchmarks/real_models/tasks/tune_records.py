"""Tasks with a database or a graph of knowledge, for tuning."""

from __future__ import annotations

from random import Random

from real_models import judging as j
from real_models.registry import tune
from real_models.tasks.words import CITIES, FIRMS, lines, people
from real_models.world import Case, Done, Entity, World

SQLITE, MEMORY, FILES = "sqlite", "memory", "filesystem"


def values(rows: list[tuple[object, ...]]) -> str:
    """The rows as SQL."""
    return ", ".join("(" + ", ".join(repr(value) for value in row) + ")" for row in rows)


@tune("sql-read", 2, SQLITE)
def orders_over(random: Random) -> Case:
    amounts = random.sample(range(10, 99), 5) + random.sample(range(105, 300), random.randrange(3, 7))
    random.shuffle(amounts)
    rows = [(number, amount, f"2026-02-{number:02}") for number, amount in enumerate(amounts, 1)]
    sql = f"create table orders (id integer primary key, total integer, ordered_on text); insert into orders values {values(rows)};"
    count = sum(amount > 100 for amount in amounts)
    prompt = random.choice(
        [
            "How many orders in the database are above 100 francs?",
            "In the shop database: how many orders have a total of more than 100?",
        ]
    )
    words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight"]
    check = j.all_of(j.says_one_of(str(count), words[count]), j.never_says(str(len(rows))), j.tables_untouched())
    return Case(
        prompt, World(sql=sql), check, Done(f"{count} orders."), (Done(f"{count + 1} orders."), Done(f"{len(rows)}"))
    )


@tune("sql-join", 3, SQLITE)
def orders_of_customer(random: Random) -> Case:
    names = people(random, 4)
    customers = [(number, name, random.choice(CITIES)) for number, name in enumerate(names, 11)]
    counts = random.sample([2, 3, 5, 6], 4)
    orders = [(customers[who][0], random.randrange(10, 200)) for who, count in enumerate(counts) for _ in range(count)]
    random.shuffle(orders)
    rows = [(number, *order) for number, order in enumerate(orders, 1)]
    sql = (
        "create table customers (id integer primary key, full_name text, town text);"
        "create table orders (id integer primary key, customer_id integer references customers(id), total integer);"
        f"insert into customers values {values(customers)}; insert into orders values {values(rows)};"
    )
    who = random.randrange(4)
    prompt = random.choice(
        [
            f"How many orders has {names[who]} placed?",
            f"Look in the database and tell me how many orders belong to the customer {names[who]}.",
        ]
    )
    words = ["zero", "one", "two", "three", "four", "five", "six"]
    check = j.all_of(j.says_one_of(str(counts[who]), words[counts[who]]), j.tables_untouched())
    return Case(
        prompt, World(sql=sql), check, Done(f"{counts[who]} orders."), (Done("0 orders."), Done(f"{len(rows)} orders."))
    )


@tune("sql-write", 2, SQLITE)
def insert_customer(random: Random) -> Case:
    *old, new = people(random, 4)
    town = random.choice(CITIES)
    rows = [(number, name, random.choice(CITIES)) for number, name in enumerate(old, 1)]
    sql = f"create table customers (id integer primary key, full_name text, town text); insert into customers values {values(rows)};"
    prompt = random.choice(
        [
            f"Add a new customer to the database: {new}, from {town}.",
            f"We have a new customer, {new} from {town}. Please enter them in the customers table.",
        ]
    )
    check = j.all_of(j.table("customers", [*rows, (None, new, town)]), j.tables_untouched("customers"))
    insert = "insert into customers (full_name, town) values ('{}', '{}');"
    right = Done("Added.", sql=insert.format(new, town))
    wrong = (
        Done("Added.", sql=insert.format(new, town) * 2),
        Done("Added.", sql=insert.format("[Customer Name]", town)),
    )
    return Case(prompt, World(sql=sql), check, right, wrong)


@tune("graph-write", 2, MEMORY)
def remember_job(random: Random) -> Case:
    person, firm = people(random, 1)[0], random.choice(FIRMS)
    prompt = random.choice(
        [
            f"Please remember: {person} (a person) works at {firm} (a company). Store both of them and how they are related in the knowledge graph.",
            f"Put into your memory graph that {person} is a person who works at the company {firm}: two entities and the relation between them.",
        ]
    )
    check = j.all_of(j.entity(person), j.entity(firm), j.related(person, firm))
    both = (Entity(person, "person"), Entity(firm, "company"))
    right = Done("Stored.", entities=both, relations=((person, "works at", firm),))
    wrong = (Done("Stored.", entities=both), Done("Stored.", relations=((person, "works at", firm),)))
    return Case(prompt, World(), check, right, wrong)


@tune("graph-read", 1, MEMORY)
def who_works_at(random: Random) -> Case:
    names, firms = people(random, 5), random.sample(FIRMS, 2)
    entities = [Entity(name, "person") for name in names] + [Entity(firm, "company") for firm in firms]
    relations = [(name, "works at", firms[number % 2]) for number, name in enumerate(names)]
    here = [name for number, name in enumerate(names) if number % 2 == 1]
    others = [name for number, name in enumerate(names) if number % 2 == 0]
    prompt = random.choice(
        [
            f"Who works at {firms[1]}, according to your memory?",
            f"Which people at {firms[1]} do you remember? Look into the knowledge graph.",
        ]
    )
    check = j.all_of(j.says(*here), j.never_says(*others), j.graph_untouched)
    world = World(entities=tuple(entities), relations=tuple(relations))
    return Case(prompt, world, check, Done(" and ".join(here)), (Done(here[0]), Done(", ".join(names))))


@tune("sql-into-file", 3, SQLITE, FILES)
def names_into_file(random: Random) -> Case:
    names, towns = people(random, 6), random.sample(CITIES, 2)
    rows = [(number, name, towns[number % 3 == 0]) for number, name in enumerate(names, 1)]
    sql = f"create table customers (id integer primary key, full_name text, town text); insert into customers values {values(rows)};"
    wanted = [name for _, name, town in rows if town == towns[0]]
    prompt = random.choice(
        [
            f"Write the names of all customers from {towns[0]} (they are in the database) into {{home}}/mailing.txt, one name on each line.",
            f"I need a file {{home}}/mailing.txt with the full names of our customers in {towns[0]}, one per line. The customers are in the database.",
        ]
    )
    check = j.all_of(j.file_lines("mailing.txt", wanted), j.untouched("mailing.txt"), j.tables_untouched())
    right = Done("Written.", {"mailing.txt": lines(*wanted)})
    wrong = (Done("Written.", {"mailing.txt": lines(*names)}), Done(", ".join(wanted)))
    return Case(prompt, World({"readme.txt": "hello\n"}, sql), check, right, wrong)


@tune("file-into-graph", 2, FILES, MEMORY)
def card_into_memory(random: Random) -> Case:
    person, mail = (
        people(random, 1)[0],
        f"{random.choice(['post', 'office', 'hello'])}{random.randrange(10, 99)}@example.org",
    )
    card = lines("BUSINESS CARD", person, "Carpenter", mail)
    prompt = random.choice(
        [
            "Read the business card in {home}/card.txt and keep the person in memory as an entity with the e-mail address as an observation.",
            "There is a business card in {home}/card.txt. Remember that person in the knowledge graph, together with the e-mail address.",
        ]
    )
    check = j.all_of(j.entity(person, mail), j.untouched())
    right = Done("Kept.", entities=(Entity(person, "person", (f"e-mail: {mail}",)),))
    wrong = (
        Done("Kept.", entities=(Entity(person, "person"),)),
        Done("Kept.", entities=(Entity("John Doe", "person", (mail,)),)),
    )
    return Case(prompt, World({"card.txt": card}), check, right, wrong)


@tune("sql-into-graph", 3, SQLITE, MEMORY)
def customer_into_memory(random: Random) -> Case:
    names, towns = people(random, 4), random.sample(CITIES, 4)
    rows = [(number, name, town) for number, (name, town) in enumerate(zip(names, towns, strict=True), 31)]
    sql = f"create table customers (customer_no integer primary key, full_name text, town text); insert into customers values {values(rows)};"
    number, name, town = random.choice(rows)
    prompt = random.choice(
        [
            f"Look up the customer with number {number} in the database and remember that person in the knowledge graph, with the town as an observation.",
            f"Find out who customer {number} is and which town they are from (database), then store the person with that town in the memory graph.",
        ]
    )
    check = j.all_of(j.entity(name, town), j.tables_untouched())
    right = Done("Stored.", entities=(Entity(name, "customer", (f"lives in {town}",)),))
    wrong = (
        Done("Stored.", entities=(Entity(f"Customer {number}", "customer", (town,)),)),
        Done(f"{name} from {town}"),
    )
    return Case(prompt, World(sql=sql), check, right, wrong)
