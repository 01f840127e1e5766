"""A neighbourhood's database and memory: dues, bookings, lost things, singers and helpers; only for the report."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from real_models import judging as j
from real_models.clauses import never_claims, settles_on
from real_models.registry import neighbours
from real_models.tasks.words import LAST, Rows, people, table
from real_models.values import says_count
from real_models.world import Case, Done, Ending, Entity, World

NUMBERS = {3: "three", 4: "four", 5: "five", 6: "six"}
STREETS = ["Lindenweg", "Mill Lane", "Bachstrasse", "Rose Street"]


@neighbours("count-of-two-conditions", 1, "sqlite")
def who_still_owes(random: Random) -> Case:
    """How many rows fit two conditions; the columns are told."""
    street, *others = random.sample(STREETS, 3)
    owing, paid = random.choice([*NUMBERS]), random.randrange(7, 10)
    rows: Rows = [(street, at + 1, random.choice(LAST), "no" if at < owing else "yes") for at in range(owing + paid)]
    rows += [(each, at + 1, random.choice(LAST), "yes" if at % 3 else "no") for each in others for at in range(11)]
    numbers = random.sample(range(1, len(rows) + 1), len(rows))
    rows = [(a, number, c, d) for (a, _, c, d), number in zip(rows, numbers, strict=True)]
    random.shuffle(rows)
    prompt = random.choice(
        [
            f"In the database there is a table households (street, house_no, name, paid: yes or no). How many households in {street} have not paid yet?",
            f"table households (street, house_no, name, paid = yes/no): number of unpaid ones, {street} only",
            f"I am about to write the reminders for the club's dues. Could you tell me how many households in {street} still have to pay, so that I print enough? Table households: street, house_no, name, and paid, which is 'yes' or 'no'.",
        ]
    )
    wrong = (
        Done(f"{paid} households in {street} have not paid yet."),
        Done(f"There are {owing + paid} households."),
        Done(f"{owing + 8} households have not paid yet."),
        Done(f"All households in {street} have paid."),
        Done(f"{owing + 1} households have not paid."),
        Done(f"{owing} have not paid.", sql=f"update households set paid = 'yes' where street = '{street}';"),
    )
    check = j.all_of(says_count(owing, NUMBERS[owing]), j.tables_untouched())
    world = World(sql=table("households", "street text, house_no integer, name text, paid text", rows))
    return Case(prompt, world, check, Done(f"{owing} households in {street} have not paid yet."), wrong)


FOUND = {
    "parapluie": ["bleu", "noir", "rouge"],
    "gant": ["gris", "vert", "noir"],
    "bonnet": ["rouge", "gris", "bleu"],
}
OTHERS = ["clé avec un ruban", "écharpe à carreaux", "livre de poche", "ballon", "lunettes"]


@neighbours("found-item-back", 2, "sqlite")
def objet_rendu(random: Random) -> Case:
    """In French: one of two things of a sort was given back, and its row says so afterwards."""
    thing = random.choice([*FOUND])
    colours = random.sample(FOUND[thing], 2)
    asked, like = (f"{thing} {colour}" for colour in colours)
    things = [asked, like, *random.sample(OTHERS, 4)]
    random.shuffle(things)
    rows: Rows = []
    for at, each in enumerate(things, 1):
        waits = each in (asked, like) or at % 2
        rows.append(
            (at, each, f"2026-02-{at * 3 + 2:02}", "salle" if at % 2 else "jardin", "en attente" if waits else "rendu")
        )
    prompt = random.choice(
        [
            f"Le {asked} a été rendu à son propriétaire. Peux-tu mettre son statut à 'rendu' dans la table objets_trouves de la base de données ?",
            f"objets_trouves : {asked} -> statut 'rendu'",
            f"Bonjour, ce matin une voisine est venue chercher le {asked}, elle était bien contente. Merci de l'indiquer dans la table des objets trouvés (objets_trouves), avec le statut 'rendu'. Les autres objets attendent toujours.",
        ]
    )
    there = f"where objet = '{asked}'"
    wrong = (
        Done("C'est fait.", sql=f"update objets_trouves set statut = 'rendu' where objet like '{thing}%';"),
        Done("C'est fait.", sql="update objets_trouves set statut = 'rendu';"),
        Done("C'est fait.", sql=f"update objets_trouves set statut = 'rendu' where objet = '{like}';"),
        Done("C'est fait.", sql=f"delete from objets_trouves {there};"),
        Done("C'est fait.", sql=f"update objets_trouves set statut = 'retrouvé' {there};"),
        Done("C'est fait.", sql=f"insert into objets_trouves (objet, statut) values ('{asked}', 'rendu');"),
        Done(f"Le {asked} a maintenant le statut 'rendu'."),
    )
    changed: Rows = [(*row[:4], "rendu") if row[1] == asked else row for row in rows]
    columns = "id integer primary key, objet text, trouve_le text, lieu text, statut text"
    check = j.all_of(j.table("objets_trouves", changed), j.tables_untouched("objets_trouves"))
    world = World(sql=table("objets_trouves", columns, rows) + table("salles", "nom text", [("salle",), ("cave",)]))
    right = Done("C'est fait.", sql=f"update objets_trouves set statut = 'rendu' {there};")
    return Case(prompt, world, check, right, wrong)


GROUPS = ["chess club", "yoga group", "book circle", "theatre group", "knitting circle", "brass band"]


@neighbours("booking-clash", 2, "sqlite")
def room_is_taken(random: Random) -> Case:
    """A room is to be booked unless somebody has it; somebody has, and the answer says who."""
    asks, holds, *others = random.sample(GROUPS, 5)
    day = date(2026, 4, random.randrange(6, 25))
    room, second = random.sample(["small room", "big hall", "kitchen"], 2)
    rows: Rows = [
        (room, f"{day}", "18:00", "21:00", holds),
        (second, f"{day}", "18:00", "20:00", others[0]),
        (room, f"{day}", "10:00", "12:00", others[1]),
        (room, f"{day + timedelta(days=1)}", "19:00", "21:00", others[2]),
        (second, f"{day - timedelta(days=2)}", "19:00", "20:30", asks),
    ]
    random.shuffle(rows)
    rows = [(at, *row) for at, row in enumerate(rows, 1)]
    prompt = random.choice(
        [
            f"Please book the {room} for the {asks} on {day} from 19:00 to 20:30 (table bookings in the database), but only if it is free then. If it is taken, tell me who has it.",
            f"bookings: {room}, {day}, 19:00-20:30, {asks}. if free! otherwise just say who has it",
            f"The {asks} would like to have the {room} on {day}, from 19:00 to 20:30. Could you see in the table bookings whether that works and enter it? Should somebody else have the room at that time, leave the table alone and let me know who it is, then I'll talk to them.",
        ]
    )

    def insert(starts: str, ends: str, where: str = room) -> str:
        return f"insert into bookings (room, day, starts, ends, who) values ('{where}', '{day}', '{starts}', '{ends}', '{asks}');"

    wrong = (
        Done(f"The {room} is booked for the {asks}.", sql=insert("19:00", "20:30")),
        Done(f"It is taken by the {holds}, so I booked it for later.", sql=insert("21:00", "22:30")),
        Done(f"The {holds} has it.", sql=f"delete from bookings where who = '{holds}';" + insert("19:00", "20:30")),
        Done(f"I have booked the {room} for the {asks}."),
        Done(f"It is taken by the {others[0]}."),
        Done(f"It is taken by the {others[1]}."),
        Done("Somebody else has the room at that time."),
        Done(f"The {holds} has the {second}, and I have booked the {room} for the {asks}."),
    )
    claim = r"\b(?:taken|booked|occupied|reserved|has|have|by|belongs)\b"
    booked = rf"\bbooked (?:it |the [\w ]+)?for (?:the )?{asks}|{asks}[^.;]*\b(?:is|was|has been) (?:booked|added|entered)|\bI(?:['’]ve| have)? (?:added|inserted|entered|booked)\b"
    check = j.all_of(j.picks(holds, others, claim), never_claims(booked), j.tables_untouched())
    columns = "id integer primary key, room text, day text, starts text, ends text, who text"
    world = World(sql=table("bookings", columns, rows) + table("rooms", "name text", [(room,), (second,)]))
    right = Done(f"The {room} is taken by the {holds} from 18:00 to 21:00 on that day, so I booked nothing.")
    return Case(prompt, world, check, right, wrong)


VOICES = ["soprano", "alto", "tenor", "bass"]


@neighbours("never-came", 3, "sqlite")
def singers_who_never_came(random: Random) -> Case:
    """Which rows have none that belong to them in another table; nothing is told of the tables."""
    names = people(random, 10)
    voice, other = random.sample(VOICES, 2)
    absent, came, rest, stranger = names[:2], names[2:5], names[5:9], names[9]
    ids = dict(zip(random.sample(names, 10), range(1, 11), strict=True))
    singers: Rows = sorted((ids[each], each, voice if each in names[:5] else other) for each in names)
    visits = [(ids[each], f"2026-0{month}-12") for month in (1, 2, 3) for each in (*came, *rest)]
    visits = random.sample(visits, 15) + [(ids[each], "2026-03-19") for each in (*came, *rest)]
    attended: Rows = [(at, *visit) for at, visit in enumerate(visits, 1)]
    prompt = random.choice(
        [
            f"Which singers of the {voice} part have not been to a single rehearsal? Singers and attendance are in the database.",
            f"choir database: {voice} singers without any attendance? names",
            f"Our conductor would like to ring up those of the {voice} who have never turned up at a rehearsal this year. Could you see from the choir's database who that is? Only the {voice}, please.",
        ]
    )

    def told(some: Iterable[str]) -> str:
        return "These have not been to any rehearsal: " + ", ".join(some) + "."

    wrong = (
        Done(told(absent[:1])),
        Done(told([*absent, came[0]])),
        Done(told([*absent, stranger])),
        Done(told(came)),
        Done("Two singers have not been to any rehearsal."),
        Done(f"Every {voice} has been to a rehearsal."),
        Done(told(absent), sql=f"delete from singers where id = {ids[absent[0]]};"),
    )
    claim = r"\b(?:not|never|no|none|without|absent|missed|missing|zero|0)\b|n['’]t\b"
    firsts = [each.split()[0] for each in names]
    check = j.all_of(settles_on(firsts[:2], firsts[2:], claim), j.tables_untouched())
    sql = table("singers", "id integer primary key, name text, voice text", singers)
    sql += table("attendance", "id integer primary key, singer_id integer, day text", attended)
    return Case(prompt, World(sql=sql), check, Done(told(absent)), wrong)


NAIPES = {"sopranos": "soprano", "contraltos": "contralto", "tenores": "tenor", "baixos": "baixo"}


@neighbours("group-members", 1, "memory")
def quem_canta(random: Random) -> Case:
    """In Portuguese: who belongs to a group, by the edges of the graph."""
    names = people(random, 7)
    asked, *others = random.sample([*NAIPES], 3)
    own, rest = names[:3], names[3:]
    relations = [(each, "canta nos", asked) for each in own]
    relations += [(each, "canta nos", others[at % 2]) for at, each in enumerate(rest)]
    random.shuffle(relations)
    habits = random.sample(["toca flauta", "mora ao lado da loja", "tem carro", "faz bolos", "chega sempre cedo"], 5)
    entities = [Entity(each, "pessoa", (random.choice(habits),)) for each in sorted(names)]
    entities += [Entity(each, "naipe", ("faz parte do coro",)) for each in (asked, *others)]
    prompt = random.choice(
        [
            f"Quem canta nos {asked}? Está na tua memória.",
            f"lista dos {asked} do coro, da memória por favor, só os nomes",
            f"Bom dia! Quero marcar um ensaio só para os {asked} do nosso coro. Podes ver na memória quais são as pessoas que cantam nesse naipe? Obrigado!",
        ]
    )

    def told(some: Iterable[str]) -> str:
        return f"Cantam nos {asked}: " + ", ".join(some) + "."

    wrong = (
        Done(told(own[:2])),
        Done(told([*own, rest[0]])),
        Done(told(rest[:2])),
        Done(told(names)),
        Done(f"Há três pessoas nos {asked}."),
        Done(f"Não encontrei ninguém que cante nos {asked}."),
        Done(told(own), forgotten=(rest[0],)),
    )
    firsts = [each.split()[0] for each in names]
    those = settles_on(firsts[:3], firsts[3:], rf"\b(?:{asked}|{NAIPES[asked]})\b")

    def members(ending: Ending) -> list[str]:
        return those(replace(ending, answer=re.sub(r"\b(?:não|nem)\b", "not", ending.answer, flags=re.IGNORECASE)))

    world = World(entities=tuple(entities), relations=tuple(relations))
    return Case(prompt, world, j.all_of(members, j.graph_untouched), Done(told(own)), wrong)


SKILLS = ["repairs bikes", "repairs lamps", "sews", "sharpens knives", "repairs radios"]
DAYS = ["Monday", "Tuesday", "Thursday", "Saturday"]
LIMITS = r"\b(?:not|no|never|but|only|however|while|although|neither|nor|without)\b|n['’]t\b"


@neighbours("both-traits", 1, "memory")
def helper_for_saturday(random: Random) -> Case:
    """Which of the people that are remembered has two traits."""
    names = people(random, 6)
    skill, *skills = random.sample(SKILLS, 4)
    day, *days = random.sample(DAYS, 4)
    traits = [
        (skill, day),
        (skill, days[0]),
        (skill, days[1]),
        (skills[0], day),
        (skills[1], day),
        (skills[2], days[2]),
    ]
    entities = [
        Entity(name, "helper", (does, f"has time on {when}s")) for name, (does, when) in zip(names, traits, strict=True)
    ]
    random.shuffle(entities)
    wanted, *others = names
    work = {"sews": "sew"}.get(skill, re.sub(r"s\b", "", skill, count=1))
    prompt = random.choice(
        [
            f"Who of our helpers can {work} and has time on {day}s? Look into your memory, please.",
            f"repair evening: need somebody who {skill} AND has time on {day}s - who? (memory)",
            f"Our next repair evening is on a {day}, and I need one person who {skill}. You have all the helpers in your memory. Whom can I ask?",
        ]
    )
    wrong = (
        Done(f"You can ask {others[0]}."),
        Done(f"You can ask {others[2]}."),
        Done(f"You can ask {wanted} or {others[0]}."),
        Done(f"These people have time on {day}s: {wanted}, {others[2]}, {others[3]}."),
        Done(f"Nobody {skill} and has time on {day}s."),
        Done("I have no information about helpers."),
        Done(f"You can ask {wanted}.", entities=(Entity("repair evening", "event", (f"with {wanted}",)),)),
    )
    apart = re.compile("|".join([LIMITS, *(rf"\b{each}" for each in days)]), re.IGNORECASE)

    def chosen(ending: Ending) -> list[str]:
        faults = []
        sentences = j.SENTENCES.split(ending.answer)
        for name in others:
            plain = [each for each in sentences if j.contains(each, name.split()[0])]
            if not all(apart.search(each) for each in plain):
                faults.append(f"the answer names {name!r}")
        return faults

    denied = re.compile(r"^\W*(?:nobody|no ?one|none)\b", re.IGNORECASE)

    def named(ending: Ending) -> list[str]:
        first = wanted.split()[0]
        return (
            []
            if j.contains(ending.answer, first) and not denied.search(ending.answer)
            else [f"the answer lacks {wanted!r}"]
        )

    check = j.all_of(named, chosen, j.graph_untouched)
    right = Done(f"You can ask {wanted}, who {skill} and has time on {day}s.")
    return Case(prompt, World(entities=tuple(entities)), check, right, wrong)


EVENTS = ["seed swap", "repair evening", "street party", "bus trip", "flea market"]


@neighbours("join-a-group", 2, "memory")
def new_helper(random: Random) -> Case:
    """A new person is remembered and linked to an event that is known."""
    name, known = people(random, 2)
    event, other = random.sample(EVENTS, 2)
    street = random.choice(["Lindenweg", "Rosengasse", "Mill Lane"])
    address = f"{street} {random.randrange(3, 60)}"
    first = name.split()[0]
    prompt = random.choice(
        [
            f"Please remember {name}, who lives at {address}, as a new person, and link {first} as a helper to the {event} that you already know.",
            f"memory: new person {name} ({address}); relation: helps at -> {event} (already there)",
            f"We have a new neighbour who wants to help, how nice! The name is {name}, the address {address}. Would you note that in your memory, and connect {name} with our {event} there, as somebody who helps at it? The {event} is in the memory already.",
        ]
    )
    before = (
        Entity(event, "event", ("takes place in May", "needs five tables")),
        Entity(other, "event", ("takes place in June",)),
        Entity(known, "person", ("keeps the keys",)),
    )
    person = Entity(name, "person", (f"lives at {address}",))
    edge = (name, "helps at", event)

    def kept(ending: Ending) -> list[str]:
        after = ending.after.entities
        lost = [each.name for each in before if not {*each.observations} <= {*after.get(each.name, each).observations}]
        return [f"what was known of {each} is lost" for each in lost]

    wrong = (
        Done("Noted.", entities=(person,)),
        Done("Noted.", relations=(edge,)),
        Done("Noted.", entities=(person,), relations=((name, "helps at", other),)),
        Done("Noted.", entities=(Entity(name, "person", ("is a helper",)),), relations=(edge,)),
        Done(
            "Noted.", entities=(Entity(first, "person", person.observations),), relations=((first, "helps at", event),)
        ),
        Done("Noted.", entities=(person,), relations=(edge,), forgotten=(known,)),
        Done(f"I will remember that {name} lives at {address} and helps at the {event}."),
    )
    check = j.all_of(j.entity(name, address), j.related(name, event, either_way=True), j.graph_keeps, kept)
    world = World(entities=before, relations=((known, "organises", event), (known, "helps at", other)))
    return Case(prompt, world, check, Done("Noted.", entities=(person,), relations=(edge,)), wrong)
