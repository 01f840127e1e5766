"""Tasks with the files of an office as people at work hand them over; only for the report."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from real_models import judging as j
from real_models.registry import workday
from real_models.tasks.words import FIRMS, lines, people
from real_models.world import Case, Check, Done, Ending, World

FILES = "filesystem"
MARKER = re.compile(r"^\s*(?:[-*+•–]|\d+[.)])\s+(?:\[[ xX]?\]\s*)?")
"""What stands in front of an entry of a list."""


def bare(line: str) -> str:
    """A line's words, for comparing: no marker of a list, no full stop, one kind of apostrophe, small letters."""
    return MARKER.sub("", line).strip(" \t*_").rstrip(".;,").replace("’", "'").casefold()


def says_nothing_known(what: str) -> Check:
    """The answer says that nothing of this (a pattern: "minutes") is known or there."""
    more = r"(?:stored|recorded|saved|noted|available|specified|provided|given|includ|mention)"
    plain = re.compile(rf"\bunknown\b|\bnot (?:an?|the|its) (?:{what})\b", re.IGNORECASE)

    def unknown(ending: Ending) -> list[str]:
        return [] if plain.search(ending.answer) else ["the answer does not say that it is unknown"]

    return j.any_of(j.says_none(what, f"(?:{j.NONE_OF_THEM}|{more})"), unknown)


def filled_lines(text: str) -> list[str]:
    """The lines of a text that are not blank."""
    return [line.strip() for line in text.splitlines() if line.strip()]


@workday("open-invoices", 1, FILES)
def what_they_owe_us(random: Random) -> Case:
    states = random.sample(["open"] * 3 + ["paid"] * 4 + ["cancelled"], 8)
    cents = [random.randrange(80, 900) * 100 + random.choice([0, 5, 35, 50, 80]) for _ in states]
    first = random.randrange(2026101, 2026180)
    rows = [
        f"{first + place},{random.choice(FIRMS)},2026-0{1 + place // 3}-{random.randrange(10, 29)},{amount / 100:.2f},{state}"
        for place, (amount, state) in enumerate(zip(cents, states, strict=True))
    ]

    def owed(*which: str) -> int:
        return sum(amount for amount, state in zip(cents, states, strict=True) if state in which)

    prompt = random.choice(
        [
            "What do our customers still owe us in total? It is the sum of the invoices that are open in {home}/finance/invoices.csv.",
            "can you add up all open invoices in {home}/finance/invoices.csv for me? need the total for the monthly call",
            "{home}/finance/invoices.csv - total amount of the open ones?",
        ]
    )
    wrong = (
        Done(f"The total is {owed('open', 'paid', 'cancelled') / 100:.2f}."),
        Done(f"The total is {owed('open', 'cancelled') / 100:.2f}."),
        Done(f"{owed('paid') / 100:.2f}"),
        Done("Three invoices are open."),
        Done("\n".join(row for row in rows if row.endswith("open"))),
        Done(f"{(owed('open') + 100) / 100:.2f}"),
    )
    files = {
        "finance/invoices.csv": lines("number,customer,date,amount,status", *rows),
        "finance/invoices-2025.csv": lines(
            "number,customer,date,amount,status", "2025118,Veltro,2025-11-03,410.00,open"
        ),
        "finance/budget.txt": "Budget 2026: see the shared drive\n",
    }
    right = Done(f"The open invoices come to {owed('open') / 100:,.2f} in total.")
    return Case(prompt, World(files), j.all_of(j.says_amount(owed("open")), j.untouched()), right, wrong)


@workday("minutes-file", 1, FILES)
def notes_de_seance(random: Random) -> Case:
    """In French: a heading and three points into a new file."""
    who = people(random, 1)[0].split()[0]
    day, hour = random.randrange(10, 28), random.randrange(9, 17)
    points = random.sample(
        [
            f"le budget de {random.randrange(41, 98) * 100} francs est validé",
            f"{who} prépare l'offre pour {random.choice(FIRMS)}",
            "le site sera traduit en italien",
            f"prochaine séance jeudi à {hour} h",
        ],
        3,
    )
    title, path = f"Séance du {day} mars", f"reunions/2026-03-{day}.md"
    said = " ; ".join(points)
    prompt = random.choice(
        [
            f"Créez le compte rendu {{home}}/{path}, avec le titre « {title} » et, en dessous, une liste à puces de ces points : {said}.",
            f"peux-tu mettre mes notes dans {{home}}/{path} stp ? titre : {title}, puis une puce par point. voilà les points : {said}",
            f"Nouveau fichier {{home}}/{path}. Titre : {title}. Puces : {said}",
        ]
    )

    def told(line: str) -> str:
        return re.sub(r"(?<=\d)\s+h\b", "h", bare(line))

    def fits(text: str) -> bool:
        given = [line for line in filled_lines(text) if not re.fullmatch(r"[=-]{3,}", line)]
        if not given or bare(given[0].lstrip("# ")).rstrip(" :") != title.casefold():
            return False
        listed = [line for line in given[1:] if not line.startswith("#")]
        return all(MARKER.match(line) for line in listed) and sorted(map(told, listed)) == sorted(map(told, points))

    def minutes(*some: str) -> str:
        return lines(f"# {title}", "", *(f"- {point}" for point in some))

    old = "reunions/2026-02-26.md"
    wrong = (
        Done("C'est fait.", {path: minutes(*points[:2])}),
        Done("C'est fait.", {old: minutes(*points)}),
        Done("C'est fait.", {path: lines(f"# {title}", "", said)}),
        Done("C'est fait.", {path: lines(*(f"- {point}" for point in points))}),
        Done("C'est fait.", {path: minutes(*points, "divers")}),
        Done(minutes(*points)),
    )
    world = World({old: lines("# Séance du 26 février", "", "- les locaux seront repeints en avril")})
    check = j.all_of(j.file_matches(path, fits, "the heading and the points"), j.untouched(path))
    return Case(prompt, world, check, Done("C'est fait.", {path: minutes(*points)}), wrong)


@workday("missing-minutes", 1, FILES)
def no_minutes_of_that_day(random: Random) -> Case:
    days = random.sample(["05", "12", "17", "19", "24", "26"], 4)
    gone, *there = days
    topic, decided = random.choice(
        [
            ("the new office", "we rent the one at the station"),
            ("the summer party", "it takes place at the lake"),
            ("the price list", "prices go up by three percent"),
        ]
    )
    prompt = random.choice(
        [
            f"What did we decide about {topic} on {int(gone)} March? The minutes are in {{home}}/minutes, one file per meeting.",
            f"can you check the minutes of {int(gone)} march for me, what was the decision about {topic}? all in {{home}}/minutes",
            f"{{home}}/minutes, meeting of 2026-03-{gone}: decision about {topic}?",
        ]
    )
    about = [random.choice(["Travel costs", "Holidays", "Coffee machine"]), topic.capitalize(), "Any other business"]
    texts = [f"see the list of {day} February" for day in random.sample(range(2, 27), 2)]
    held = [texts[0], decided, texts[1]]
    files = {
        f"minutes/2026-03-{day}.md": lines(f"# Meeting of {int(day)} March", "", f"- {what}: {how}")
        for day, what, how in zip(there, about, held, strict=True)
    }
    wrong = (
        Done(f"On {int(gone)} March you decided: {decided}."),
        Done(f"The decision was that {decided}."),
        Done(f"The minutes of {int(gone)} March have been read."),
        Done("I cannot access your files."),
        Done("There are no minutes of that day.", {f"minutes/2026-03-{gone}.md": f"# Meeting of {int(gone)} March\n"}),
    )
    check = j.all_of(
        says_nothing_known(r"minutes|notes|files?|meetings?|record|decision|documents?|entry"), j.untouched()
    )
    right = Done(f"There are no minutes of {int(gone)} March in that folder.")
    return Case(prompt, World(files), check, right, wrong)


@workday("guest-cancels", 2, FILES)
def gast_sagt_ab(random: Random) -> Case:
    """In German: one line out of a list in which somebody else has the same first name."""
    names = people(random, 6)
    who = random.choice(names[1:5])
    names[5] = f"{who.split()[0]} {names[5].split()[1]}"
    guests = [
        f"{name};{random.choice(['vegetarisch', 'Fleisch', 'Fisch'])};Tisch {random.randrange(1, 5)}" for name in names
    ]
    text = lines("Name;Essen;Tisch", *guests)
    prompt = random.choice(
        [
            f"{who} hat für das Sommerfest abgesagt. Bitte nimm den Eintrag aus der Gästeliste {{home}}/fest/gaeste.csv heraus, alles andere bleibt.",
            f"leider kommt {who} nun doch nicht zum fest :( kannst du die zeile in {{home}}/fest/gaeste.csv löschen? danke!",
            f"{{home}}/fest/gaeste.csv: {who} streichen (Absage)",
        ]
    )

    def without(*some: str) -> str:
        return lines(*(line for line in text.splitlines() if line.split(";")[0] not in some))

    path = "fest/gaeste.csv"
    wanted = filled_lines(without(who))
    check = j.all_of(
        j.file_matches(path, lambda given: filled_lines(given) == wanted, "the list without one"), j.untouched(path)
    )
    wrong = (
        Done("Erledigt.", {path: without(names[5])}),
        Done("Erledigt.", {path: without(who, names[5])}),
        Done("Erledigt.", {path: without(who, "Name")}),
        Done("Erledigt.", {path: text.replace(who, f"{who} (abgesagt)")}),
        Done("Erledigt.", {path: ""}),
        Done(f"{who} steht nicht mehr auf der Liste."),
    )
    world = World({path: text, "fest/einkauf.txt": "Brot\nSalat\n", "fest/tische.txt": "Vier Tische zu acht Plätzen\n"})
    return Case(prompt, world, check, Done("Erledigt.", {path: without(who)}), wrong)


CHORES = [
    "send the offer to Veltro",
    "book the meeting room for April",
    "order new badges",
    "update the price list",
    "call the insurance",
    "check the fire doors",
    "translate the leaflet",
    "collect the holiday wishes",
    "renew the parking permits",
    "invite the trainees",
]


@workday("action-items", 3, FILES)
def my_action_items(random: Random) -> Case:
    me, *others = (name.split()[0] for name in people(random, 3))
    chores = random.sample(CHORES, 9)
    mine, closed, rest = chores[:4], chores[4], chores[5:]
    entries = [f"- [ ] {me}: {chore}" for chore in mine] + [f"- [x] {me}: {closed}"]
    entries += [f"- [ ] {random.choice(others)}: {chore}" for chore in rest]
    random.shuffle(entries)
    days = ["03", "10", "17"]
    files = {
        f"meetings/2026-03-{day}.md": lines(
            f"# Weekly, {int(day)} March",
            "",
            "Nothing new from the branches.",
            "",
            "## Action items",
            "",
            *entries[place::3],
        )
        for place, day in enumerate(days)
    }
    path = f"todo-{me.lower()}.md"
    prompt = random.choice(
        [
            f"I am {me}. Please collect my open action items from all notes in {{home}}/meetings into {{home}}/{path}, one per line.",
            f"could you go through the notes in {{home}}/meetings and put everything that {me} still has to do into {{home}}/{path}? one line each, ticked ones are done so leave them out",
            f"{{home}}/meetings -> {{home}}/{path}: all unticked action items of {me}, one per line",
        ]
    )
    check = j.all_of(j.file_matches(path, lists_only(mine, [closed, *rest]), "the open items"), j.untouched(path))
    done = [f"- {chore}" for chore in mine]
    wrong = (
        Done("Collected.", {path: lines(*done[:3])}),
        Done("Collected.", {path: lines(*done, f"- {closed}")}),
        Done("Collected.", {path: lines(*done, f"- {rest[0]}")}),
        Done("Collected.", {path: lines("; ".join(mine))}),
        Done("Collected.", {path: lines(*entries)}),
        Done("\n".join(done)),
    )
    world = World({**files, "contacts.txt": "Reception: extension 100\n"})
    return Case(prompt, world, check, Done("Collected.", {path: lines(*done)}), wrong)


def lists_only(wanted: list[str], others: list[str]) -> Callable[[str], bool]:
    """Whether a text has each of these things on a line of its own, and none of the others; headings may stand between."""

    def fits(text: str) -> bool:
        told = [line.casefold() for line in filled_lines(text)]
        named = [[each for each in (*wanted, *others) if each.casefold() in line] for line in told]
        strange = any(
            not some and not line.startswith("#") and not line.endswith(":")
            for some, line in zip(named, told, strict=True)
        )
        listed = [some for some in named if some]
        return (
            not strange
            and all(len(some) == 1 for some in listed)
            and sorted(some[0] for some in listed) == sorted(wanted)
        )

    return fits
