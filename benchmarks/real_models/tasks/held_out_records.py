"""Tasks with a database or a graph of knowledge, only for the report."""

from __future__ import annotations

from random import Random

from real_models import judging as j
from real_models.registry import held_out
from real_models.tasks.words import FIRMS, lines, people
from real_models.world import Case, Done, Entity, World

SQLITE, MEMORY, FILES = "sqlite", "memory", "filesystem"


def values(rows: list[tuple[object, ...]]) -> str:
    """The rows as SQL."""
    return ", ".join("(" + ", ".join(repr(value) for value in row) + ")" for row in rows)


def products(random: Random, count: int) -> list[tuple[int, str, int, int]]:
    """Id, name, price and stock."""
    names = random.sample(
        ["Desk lamp", "Office chair", "Bookshelf", "Coat rack", "Side table", "Stool", "Mirror"], count
    )
    prices = random.sample(range(25, 480), count)
    return [
        (number, name, price, random.randrange(2, 30))
        for number, (name, price) in enumerate(zip(names, prices, strict=True), 1)
    ]


PRODUCTS = "create table products (product_id integer primary key, product_name text, price_chf integer, stock integer); insert into products values {};"


@held_out("sql-read", 2, SQLITE)
def dearest_product(random: Random) -> Case:
    rows = products(random, 6)
    top = max(rows, key=lambda row: row[2])
    prompt = random.choice(
        [
            "What is the most expensive product we sell, and how much is it? See the database.",
            "Check the database for the product with the highest price: its name and its price.",
        ]
    )
    others = [row[1] for row in rows if row != top]
    check = j.all_of(j.says(top[1], str(top[2])), j.never_says(*others), j.tables_untouched())
    world = World(sql=PRODUCTS.format(values(rows)))
    return Case(prompt, world, check, Done(f"{top[1]}, {top[2]} CHF"), (Done(f"{others[0]}, {top[2]}"), Done(top[1])))


@held_out("sql-join", 3, SQLITE)
def members_of_department(random: Random) -> Case:
    names = people(random, 6)
    titles = random.sample(["Logistics", "Design", "Purchasing", "Legal"], 3)
    departments = [(number * 10, title) for number, title in enumerate(titles, 1)]
    staff = [(number, name, departments[number % 3][0]) for number, name in enumerate(names, 1)]
    sql = (
        "create table departments (dept_no integer primary key, title text);"
        "create table staff (id integer primary key, person text, dept_no integer references departments(dept_no));"
        f"insert into departments values {values(departments)}; insert into staff values {values(staff)};"
    )
    here = [name for _, name, number in staff if number == 10]
    others = [name for name in names if name not in here]
    prompt = random.choice(
        [
            f"Who works in the {titles[0]} department? The staff is in the database.",
            f"Give me the names of everybody in {titles[0]}, from our staff database.",
        ]
    )
    check = j.all_of(j.says(*here), j.never_says(*others), j.tables_untouched())
    return Case(
        prompt, World(sql=sql), check, Done(", ".join(here)), (Done(", ".join(names)), Done(here[0]), Done("Nobody."))
    )


@held_out("sql-write", 2, SQLITE)
def restock(random: Random) -> Case:
    rows = products(random, 5)
    chosen, stock = random.choice(rows), random.randrange(40, 90)
    prompt = random.choice(
        [
            f"A delivery came in: we now have {stock} pieces of {chosen[1]}. Update its stock in the products table.",
            f"Set the stock of the product '{chosen[1]}' to {stock} in the database.",
        ]
    )
    wanted = [(*row[:3], stock) if row == chosen else row for row in rows]
    check = j.all_of(j.table("products", wanted), j.tables_untouched("products"))
    update = f"update products set stock = {stock}"
    right = Done("Updated.", sql=f"{update} where product_id = {chosen[0]};")
    wrong = (
        Done("Updated.", sql=update + ";"),
        Done("Updated.", sql=f"update products set stock = stock + {stock} where product_id = {chosen[0]};"),
    )
    return Case(prompt, World(sql=PRODUCTS.format(values(rows))), check, right, wrong)


@held_out("graph-write", 2, MEMORY)
def remember_project(random: Random) -> Case:
    lead, helper = people(random, 2)
    project = random.choice(["Skylark", "Bluebell", "Ironbridge"])
    prompt = random.choice(
        [
            f"Keep this in the knowledge graph for later: {lead} leads the project {project}, and {helper} helps with the project {project}. Make an entity for each person and for the project, and connect them.",
            f"New facts to store in memory as entities and relations: {lead} is the leader of project {project}; {helper} is a helper on project {project}.",
        ]
    )

    def project_there(ending: j.Ending) -> list[str]:
        found = any(project.casefold() in name.casefold() for name in ending.after.entities)
        return [] if found else [f"the graph lacks {project}"]

    def joined(person: str) -> j.Check:
        ways = [j.related(person, name, either_way=True) for name in (project, f"Project {project}")]
        return j.any_of(*ways)

    check = j.all_of(j.entity(lead), j.entity(helper), project_there, joined(lead), joined(helper))
    nodes = (Entity(lead, "person"), Entity(helper, "person"), Entity(project, "project"))
    edges = ((lead, "leads", project), (helper, "helps with", project))
    wrong = (Done("Stored.", entities=nodes, relations=edges[:1]), Done("Stored.", entities=nodes[1:], relations=edges))
    return Case(prompt, World(), check, Done("Stored.", entities=nodes, relations=edges), wrong)


@held_out("graph-read", 1, MEMORY)
def recall_allergy(random: Random) -> Case:
    names = [name.split()[0] for name in people(random, 4)]
    foods = random.sample(["peanuts", "shellfish", "celery", "strawberries", "mustard"], 4)
    entities = [
        Entity(name, "person", (f"is allergic to {food}", "likes long walks"))
        for name, food in zip(names, foods, strict=True)
    ]
    prompt = random.choice(
        [
            f"I once told you what {names[2]} is allergic to. What was it?",
            f"{names[2]} comes to dinner. Check your memory for what {names[2]} must not eat.",
        ]
    )
    others = [food for food in foods if food != foods[2]]
    check = j.all_of(j.says(foods[2]), j.never_says(*others), j.graph_untouched)
    return Case(
        prompt,
        World(entities=tuple(entities)),
        check,
        Done(f"{names[2]} is allergic to {foods[2]}."),
        (Done(foods[0]), Done(", ".join(foods))),
    )


@held_out("sql-into-file", 3, SQLITE, FILES)
def low_stock_into_file(random: Random) -> Case:
    rows = [
        (number, name, price, stock)
        for (number, name, price, _), stock in zip(
            products(random, 6), random.sample(range(1, 5), 2) + random.sample(range(8, 40), 4), strict=True
        )
    ]
    wanted = [row[1] for row in rows if row[3] < 5]
    prompt = random.choice(
        [
            "Which products have fewer than 5 pieces in stock? Put their names, one per line, into {home}/reorder.txt. Stock is kept in the database.",
            "Make {home}/reorder.txt from the database: a line with the product's name for everything whose stock is below 5.",
        ]
    )
    check = j.all_of(j.file_lines("reorder.txt", wanted), j.untouched("reorder.txt"), j.tables_untouched())
    right = Done("Done.", {"reorder.txt": lines(*wanted)})
    wrong = (
        Done("Done.", {"reorder.txt": lines(*(row[1] for row in rows))}),
        Done(", ".join(wanted)),
        Done("Done.", {"reorder.txt": ", ".join(wanted)}),
    )
    return Case(prompt, World({"old.txt": "old\n"}, PRODUCTS.format(values(rows))), check, right, wrong)


@held_out("file-into-graph", 2, FILES, MEMORY)
def firm_into_memory(random: Random) -> Case:
    firm = random.choice(FIRMS)
    phone = f"044 {random.randrange(200, 900)} {random.randrange(10, 99)} {random.randrange(10, 99)}"
    note = lines(f"Supplier {firm}", "sells timber and boards", f"order desk: {phone}", "closed on Mondays")
    prompt = random.choice(
        [
            f"Look into {{home}}/supplier.txt and store {firm} in the knowledge graph: an entity with its phone number as an observation.",
            f"The phone number of {firm} stands in {{home}}/supplier.txt. Please remember {firm} together with that number (knowledge graph).",
        ]
    )
    check = j.all_of(j.entity(firm, phone), j.untouched())
    right = Done("Stored.", entities=(Entity(firm, "company", (f"phone: {phone}",)),))
    wrong = (Done("Stored.", entities=(Entity(firm, "company", ("phone: 123-456",)),)), Done(f"{firm}: {phone}"))
    return Case(prompt, World({"supplier.txt": note}), check, right, wrong)


@held_out("sql-into-graph", 3, SQLITE, MEMORY)
def cheapest_into_memory(random: Random) -> Case:
    rows = products(random, 5)
    _, name, price, _ = min(rows, key=lambda row: row[2])
    prompt = random.choice(
        [
            "Which product in the database is the cheapest? Remember it as an entity in the knowledge graph, with its price as an observation.",
            "Keep our cheapest product in memory (an entity named like the product, and the price as an observation). Prices are in the database.",
        ]
    )
    check = j.all_of(j.entity(name, str(price)), j.tables_untouched())
    right = Done("Kept.", entities=(Entity(name, "product", (f"costs {price} CHF",)),))
    wrong = (Done("Kept.", entities=(Entity("Cheapest product", "product", (str(price),)),)), Done(f"{name}, {price}"))
    return Case(prompt, World(sql=PRODUCTS.format(values(rows))), check, right, wrong)
