"""Tasks with a database or a graph of knowledge, of further kinds that no other part has; only for the report."""

from __future__ import annotations

from random import Random

from real_models import judging as j
from real_models.clauses import settles_on
from real_models.registry import later
from real_models.tasks.words import CITIES, FIRMS, Rows, lines, people, table
from real_models.world import Case, Commit, Done, Ending, Entity, World

SQLITE, MEMORY, FILES, TIME, GIT = "sqlite", "memory", "filesystem", "time", "git"


@later("graph-add", 1, MEMORY)
def one_more_fact(random: Random) -> Case:
    names = people(random, 3)
    who = names[1]
    fact, word = random.choice([("has a parrot", "parrot"), ("plays the harp", "harp"), ("studies law", "law")])
    towns = {name: f"lives in {random.choice(CITIES)}" for name in names}
    prompt = random.choice(
        [
            f"Please add one more observation to the entity {who} in your knowledge graph: this person {fact}.",
            f"oh, and {who} {fact}, note that down with what your memory already has about them please",
            f'Memory, entity {who}: add the observation "{fact}".',
        ]
    )

    def only_that_added(ending: Ending) -> list[str]:
        before, after = ending.before.entities, ending.after.entities
        faults = [f"{name} was changed" for name in {*before, *after} - {who} if before.get(name) != after.get(name)]
        kept = who in after and towns[who] in after[who].observations
        faults += [] if kept else [f"{towns[who]!r} was lost"]
        return faults + ([] if ending.before.relations == ending.after.relations else ["the relations were changed"])

    def node(name: str, *observations: str) -> tuple[Entity, ...]:
        return (Entity(name, "person", observations),)

    wrong = (
        Done("Noted.", entities=node(names[0], towns[names[0]], fact)),
        Done("Noted.", entities=node(who, fact)),
        Done("Noted.", entities=node(who.split()[0], fact)),
        Done("Noted.", entities=(*node(word, fact), *node(who, towns[who]))),
        Done(f"{who} {fact}."),
    )
    world = World(entities=tuple(Entity(name, "person", (towns[name],)) for name in names))
    check = j.all_of(j.entity(who, word), only_that_added)
    return Case(prompt, world, check, Done("Noted.", entities=node(who, towns[who], fact)), wrong)


@later("graph-path", 1, MEMORY)
def leader_of_her_team(random: Random) -> Case:
    who, leader, colleague, other, stranger = people(random, 5)
    mine, theirs = random.sample(["Support", "Design", "Logistics", "Research"], 2)
    entities = [Entity(name, "person") for name in (who, leader, colleague, other, stranger)]
    entities += [Entity(team, "team") for team in (mine, theirs)]
    relations = (
        (stranger, "works in", theirs),
        (other, "leads", theirs),
        (who, "works in", mine),
        (colleague, "works in", mine),
        (leader, "leads", mine),
    )
    prompt = random.choice(
        [
            f"Who leads the team that {who} works in? Please consult your knowledge graph.",
            f"do you remember whose team {who} is in, I mean who the boss there is? should be in your memory",
            f"Leader of {who}'s team, according to your memory?",
        ]
    )
    rest = [name.split()[0] for name in (colleague, other, stranger)]
    check = j.all_of(settles_on([leader.split()[0]], rest, r"\blead|\bled\b|boss|head"), j.graph_untouched)
    wrong = (
        Done(f"{other} leads the team."),
        Done(f"{colleague} is the boss."),
        Done(f"{who} works in {mine}."),
        Done(f"{leader} or {other}"),
        Done("Nobody leads that team."),
    )
    world = World(entities=tuple(random.sample(entities, len(entities))), relations=relations)
    return Case(prompt, world, check, Done(f"The team {mine} is led by {leader}."), wrong)


@later("graph-relink", 3, MEMORY)
def changed_jobs(random: Random) -> Case:
    who, *others = people(random, 3)
    old, new = random.sample(FIRMS, 2)
    entities = (*(Entity(name, "person") for name in (who, *others)), Entity(old, "company"), Entity(new, "company"))
    edge, wanted = (who, "works at", old), (who, "works at", new)
    relations = (edge, (others[0], "works at", old), (others[1], "works at", new))
    prompt = random.choice(
        [
            f"{who} has left {old} and works at {new} now. Please update the knowledge graph: the relation to {old} has to be removed and one to {new} added.",
            f"{who} changed jobs, from {old} to {new}! fix that in your memory please, so no more relation to {old} but one to {new}. both companies stay in there",
            f"Knowledge graph: relate {who} to {new} instead of {old} (works at).",
        ]
    )

    def relinked(ending: Ending) -> list[str]:
        before, after = ending.before, ending.after
        faults = [f"the graph lost {' '.join(each)}" for each in before.relations - after.relations - {edge}]
        faults += ["the old relation is still there"] if edge in after.relations else []
        strange = [each for each in after.relations - before.relations if {each[0], each[2]} != {who, new}]
        faults += [f"the graph has {' '.join(each)} too much" for each in strange]
        faults += [] if {*before.entities} == {*after.entities} else [f"the graph holds {sorted(after.entities)}"]
        return faults + [f"{name} was changed" for name in others if before.entities[name] != after.entities.get(name)]

    wrong = (
        Done("Updated.", unlinked=(edge,)),
        Done("Updated.", relations=(wanted,)),
        Done("Updated.", relations=((others[0], "works at", new),), unlinked=(edge,)),
        Done("Updated.", relations=(wanted,), unlinked=relations),
        Done("Updated.", relations=(wanted,), forgotten=(old,)),
        Done(f"{who} works at {new}."),
    )
    right = Done("Updated.", relations=(wanted,), unlinked=(edge,))
    world = World(entities=entities, relations=relations)
    return Case(prompt, world, j.all_of(j.related(who, new), relinked), right, wrong)


@later("sql-move-row", 3, SQLITE)
def off_the_waiting_list(random: Random) -> Case:
    names = people(random, 6)
    rows: Rows = [
        (number, name, f"078 {random.randrange(200, 999)} {random.randrange(10, 99)} {random.randrange(10, 99)}")
        for number, name in zip((1, 2, 3, 1, 2, 3), names, strict=True)
    ]
    waiting, there = rows[:3], rows[3:]
    place = random.randrange(3)
    moved = waiting[place]
    columns = "id integer primary key, name text, phone text"
    sql = table("waitlist", columns, waiting) + table("participants", columns, there)
    prompt = random.choice(
        [
            f"{moved[1]} gets a place in the course. Please move this person, with the phone number, from the table waitlist to the table participants.",
            f"good news, {moved[1]} is off the waiting list! so out of the table waitlist and into the table participants with name and phone pls",
            f"Database: move {moved[1]} from waitlist to participants (name, phone).",
        ]
    )
    left = [row for row in waiting if row != moved]
    check = j.all_of(
        j.table("waitlist", left),
        j.table("participants", [*there, (None, *moved[1:])]),
        j.tables_untouched("waitlist", "participants"),
    )
    insert = "insert into participants (name, phone) values ('{}', '{}');"
    delete = "delete from waitlist where id = {};"
    neighbour = left[0]
    wrong = (
        Done("Moved.", sql=insert.format(*moved[1:])),
        Done("Moved.", sql=delete.format(moved[0])),
        Done("Moved.", sql=insert.format(moved[1], neighbour[2]) + delete.format(moved[0])),
        Done("Moved.", sql=insert.format(*neighbour[1:]) + delete.format(neighbour[0])),
        Done("Moved.", sql=insert.format(*moved[1:]) + "delete from waitlist;"),
        Done(f"{moved[1]}, {moved[2]}"),
    )
    right = Done("Moved.", sql=insert.format(*moved[1:]) + delete.format(moved[0]))
    return Case(prompt, World(sql=sql), check, right, wrong)


@later("sql-insert-linked", 3, SQLITE)
def libro_nuevo(random: Random) -> Case:
    """In Spanish: a new row that points to one of another table."""
    names = people(random, 4)
    authors: Rows = [*zip(random.sample(range(11, 60), 4), names, strict=True)]
    titles = random.sample(["Mar de fondo", "La casa azul", "Tres inviernos", "El faro", "Noche larga"], 4)
    books: Rows = [
        (number, title, author[0], random.randrange(1990, 2010))
        for number, (title, author) in enumerate(zip(titles[:3], authors, strict=False), 1)
    ]
    writer, year = random.choice(authors), random.randrange(2011, 2026)
    sql = table("autores", "id integer primary key, nombre text", authors)
    sql += table("libros", "id integer primary key, titulo text, autor_id integer, anio integer", books)
    prompt = random.choice(
        [
            f'Añada a la tabla libros el libro "{titles[3]}" de {writer[1]}, publicado en {year}. El autor ya figura en la tabla autores.',
            f'acabamos de comprar "{titles[3]}" de {writer[1]} (año {year}), ¿lo metes en la tabla libros porfa? en autores ya está',
            f'Tabla libros: nuevo libro "{titles[3]}", {year}, de {writer[1]} (ya está en autores).',
        ]
    )
    check = j.all_of(j.table("libros", [*books, (None, titles[3], writer[0], year)]), j.tables_untouched("libros"))
    insert = "insert into libros (titulo, autor_id, anio) values ('{}', {}, {});"
    other = next(row for row in authors if row != writer)
    right = insert.format(titles[3], writer[0], year)
    wrong = (
        Done("Hecho.", sql=insert.format(titles[3], other[0], year)),
        Done("Hecho.", sql=insert.format(titles[3], "null", year)),
        Done("Hecho.", sql=insert.format(titles[3], f"'{writer[1]}'", year)),
        Done("Hecho.", sql=f"{right}insert into autores (nombre) values ('{writer[1]}');"),
        Done("Hecho.", sql=right * 2),
        Done(right),
    )
    return Case(prompt, World(sql=sql), check, Done("Hecho.", sql=right), wrong)


@later("sql-group-sum", 3, SQLITE)
def plus_grosse_depense(random: Random) -> Case:
    """In French: the largest sum, where others have the largest single amount and the most rows."""
    most, single, often, rest = random.sample(["loyer", "courses", "cadeaux", "vacances", "assurances"], 4)
    spent = [(most, random.randrange(61, 80)) for _ in range(3)]
    spent += [(single, random.randrange(120, 150))]
    spent += [(often, random.randrange(11, 25)) for _ in range(4)]
    spent += [(rest, random.randrange(21, 40)) for _ in range(2)]
    rows: Rows = [(number, *row) for number, row in enumerate(random.sample(spent, len(spent)), 1)]
    sums = {each: sum(amount for name, amount in spent if name == each) for each in (most, single, often, rest)}
    prompt = random.choice(
        [
            "Pour quelle catégorie avons-nous dépensé le plus au total, et combien ? Les données se trouvent dans la table depenses de la base.",
            "dis, c'est pour quoi qu'on a dépensé le plus en tout ? regarde la table depenses dans la base et donne-moi la catégorie avec la somme stp",
            "Table depenses : catégorie avec la plus grosse somme, et cette somme ?",
        ]
    )
    check = j.all_of(
        settles_on([most], [single, often, rest], r"\bplus\b|élevée?|maxim|principale|gros|arrive en tête|premi"),
        j.says_one_of(str(sums[most]), f"{sums[most]},00"),
        j.tables_untouched(),
    )
    wrong = (
        Done(f"La plus grosse somme : {single}, {sums[single]} euros."),
        Done(f"{often}, {sums[often]} euros"),
        Done(f"{most}, {max(amount for name, amount in spent if name == most)} euros"),
        Done(f"{single}, {sums[most]} euros"),
        Done(", ".join(f"{name} : {total}" for name, total in sums.items())),
        Done(f"C'est pour {most}."),
    )
    world = World(sql=table("depenses", "id integer primary key, categorie text, montant integer", rows))
    return Case(prompt, world, check, Done(f"Le plus, c'est pour {most} : {sums[most]} euros au total."), wrong)


@later("graph-into-file", 2, MEMORY, FILES)
def list_of_extensions(random: Random) -> Case:
    names = people(random, 4)
    numbers = dict(zip(names, random.sample(range(201, 399), 4), strict=True))
    entities = [Entity(name, "person", (f"has extension {number}",)) for name, number in numbers.items()]
    entities.insert(random.randrange(4), Entity(random.choice(FIRMS), "company", ("rents the second floor",)))
    prompt = random.choice(
        [
            "Please write the extensions of all persons in your knowledge graph to the file {home}/office/phones.txt: one line for each person in the form Name: extension, for example Ada Lovelace: 100.",
            "can you make me {home}/office/phones.txt with the extension of every person in your memory? one line each, like this: Ada Lovelace: 100",
            "{home}/office/phones.txt from your memory, a line per person: full name, colon, extension (Ada Lovelace: 100)",
        ]
    )
    path = "office/phones.txt"
    wanted = [f"{name}: {number}" for name, number in numbers.items()]
    check = j.all_of(j.file_lines(path, wanted), j.untouched(path), j.graph_untouched)
    wrong = (
        Done("Written.", {path: lines(*wanted[:3])}),
        Done("Written.", {path: lines(*names)}),
        Done("Written.", {path: lines("Ada Lovelace: 100", *wanted)}),
        Done("Written.", {path: lines(*(f"{name}: {numbers[names[0]]}" for name in names))}),
        Done("\n".join(wanted)),
    )
    world = World({"office/": "", "office/plan.txt": "Two rooms\n"}, entities=tuple(entities))
    return Case(prompt, world, check, Done("Written.", {path: lines(*wanted)}), wrong)


@later("delivery-into-stock", 3, FILES, SQLITE)
def add_what_arrived(random: Random) -> Case:
    articles = random.sample(["Desk lamp", "Stool", "Mirror", "Coat rack", "Bookshelf"], 4)
    counts, arrived = random.sample(range(20, 60), 4), random.sample(range(3, 15), 2)
    rows: Rows = [*zip(range(1, 5), articles, counts, strict=True)]
    came = dict(zip(random.sample(articles, 2), arrived, strict=True))
    note = lines("Delivery note", *(f"{article}: {pieces} pieces" for article, pieces in came.items()), "Thank you!")
    prompt = random.choice(
        [
            "The delivery note {home}/deliveries/today.txt says what has arrived. Please add these pieces to the stock in the database, table stock.",
            "new goods came in, see {home}/deliveries/today.txt - could you add them to what we already have in the table stock of the database?",
            "Add the amounts in {home}/deliveries/today.txt to the pieces in the table stock.",
        ]
    )

    def stock(ways: dict[str, str]) -> str:
        return "".join(f"update stock set pieces = {way} where article = '{name}';" for name, way in ways.items())

    more = {name: f"pieces + {pieces}" for name, pieces in came.items()}
    first, second = came
    wanted = [
        (number, name, count + came.get(str(name), 0)) for (number, name, _), count in zip(rows, counts, strict=True)
    ]
    check = j.all_of(j.table("stock", wanted), j.tables_untouched("stock"), j.untouched())
    wrong = (
        Done("Added.", sql=stock({first: more[first]})),
        Done("Added.", sql=stock({name: str(pieces) for name, pieces in came.items()})),
        Done("Added.", sql=stock({first: more[second], second: more[first]})),
        Done("Added.", sql=stock(more) * 2),
        Done(
            "Added.",
            sql=f"insert into stock (article, pieces) values ('{first}', {came[first]}), ('{second}', {came[second]});",
        ),
        Done(f"{first} and {second} have been added."),
    )
    sql = table("stock", "id integer primary key, article text, pieces integer", rows)
    return Case(prompt, World({"deliveries/today.txt": note}, sql), check, Done("Added.", sql=stock(more)), wrong)


@later("graph-and-clock", 2, MEMORY, TIME)
def time_where_they_live(random: Random) -> Case:
    """Towns without summer time, so that the day of the run changes nothing."""
    towns = dict(
        random.sample([("Tokyo", 6), ("Bangkok", 4), ("Dubai", 1), ("Lagos", -2), ("Accra", -3), ("Lima", -8)], 3)
    )
    homes = dict(zip(people(random, 3), towns, strict=True))
    who, *others = homes
    hour, minute = random.randrange(9, 17), random.choice([10, 20, 40, 50])
    now = f"{hour:02}:{minute:02}"
    prompt = random.choice(
        [
            f"I am in Nairobi and would like to call {who} at {now} my time. What time will it be where {who} lives? Your knowledge graph knows the town.",
            f"when it's {now} for me in nairobi, how late is it for {who}? you have it in your memory where they live",
            f"{now} in Nairobi = what time where {who} lives (town: see memory)?",
        ]
    )

    def there(name: str) -> int:
        return hour + towns[homes[name]]

    def no_other_time(ending: Ending) -> list[str]:
        told = [name for name in others if not j.says_time(there(name), minute)(ending)]
        return [f"the answer gives the time of {name}" for name in told]

    check = j.all_of(j.says_time(there(who), minute), no_other_time, j.graph_untouched)
    wrong = (
        Done(f"It is {there(others[0]):02}:{minute:02}."),
        Done(now),
        Done(f"{there(who) + 1:02}:{minute:02}"),
        Done(", ".join(f"{name}: {there(name):02}:{minute:02}" for name in homes)),
        Done(f"{who} lives in {homes[who]}."),
    )
    entities = [Entity(name, "person", (f"lives in {town}",)) for name, town in homes.items()]
    world = World(entities=tuple(random.sample(entities, 3)))
    return Case(prompt, world, check, Done(f"It is {there(who):02}:{minute:02} in {homes[who]}."), wrong)


@later("commit-and-graph", 2, GIT, MEMORY)
def call_the_author(random: Random) -> Case:
    names = people(random, 4)
    numbers = dict(zip(names, random.sample(range(401, 599), 4), strict=True))
    messages = random.sample(["Shorten the menu", "Add a map", "New colours", "Correct the address", "Add photos"], 3)
    commits = tuple(
        Commit(name, message, {"site.txt": f"{message}\n"}) for name, message in zip(names[:3], messages, strict=True)
    )
    who, message = names[1], messages[1]
    prompt = random.choice(
        [
            f'Who made the commit "{message}" in {{repo}}, and under which extension can I reach this person? The extensions are in your knowledge graph.',
            f'i have to call whoever did the commit "{message}" in {{repo}}. name and extension please, the extensions are in your memory',
            f'{{repo}}: author of "{message}", and their extension (memory)?',
        ]
    )
    others = [name for name in names if name != who]
    check = j.all_of(
        j.says_one_of(who, who.split()[0]),
        j.says(str(numbers[who])),
        j.never_says(*(name.split()[0] for name in others), *(str(numbers[name]) for name in others)),
        j.graph_untouched,
        j.repository_untouched,
    )
    wrong = (
        Done(f"{names[2]}, extension {numbers[names[2]]}"),
        Done(f"{who}, extension {numbers[names[0]]}"),
        Done(f"It was {who}."),
        Done(f"Extension {numbers[who]}"),
        Done("; ".join(f"{name}: {number}" for name, number in numbers.items())),
    )
    entities = [Entity(name, "person", (f"has extension {number}",)) for name, number in numbers.items()]
    world = World(commits=commits, entities=tuple(random.sample(entities, 4)))
    return Case(prompt, world, check, Done(f"It was {who}, extension {numbers[who]}."), wrong)
