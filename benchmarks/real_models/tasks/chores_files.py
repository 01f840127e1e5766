"""Chores in files: what one asks about lists, notes, a logbook and folders at home; only for the report."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from real_models import judging as j
from real_models.clauses import settles_on
from real_models.registry import chores
from real_models.tasks.words import LAST, lines
from real_models.values import file_items, moved, says_count, says_date
from real_models.world import Case, Check, Done, Ending, World

FILES = "filesystem"
TENS = {3: "fifteen", 4: "twenty", 5: "twenty-five", 6: "thirty", 7: "thirty-five"}


@chores("portions", 0, FILES)
def glasses_of_punch(random: Random) -> Case:
    """No tool is needed: so many litres fill so many glasses."""
    litres = random.choice([*TENS])
    glasses = litres * 5
    prompt = random.choice(
        [
            f"I have made {litres} litres of punch and a glass holds 200 ml. How many glasses can I fill?",
            f"how many 200 ml glasses do {litres} litres of punch make",
            f"Quick question before the guests come: my bowl holds {litres} litres of punch, my glasses 200 ml each. For how many glasses is that enough?",
        ]
    )
    wrong = (
        Done(f"You can fill {glasses - 1} glasses."),
        Done(f"That makes {litres * 2} glasses."),
        Done(f"That makes {glasses * 10} glasses."),
        Done("I could not find a file about punch."),
        Done(f"You can fill {glasses} glasses.", {"punch.txt": f"{glasses}\n"}),
    )
    world = World({"party/drinks.md": "# Drinks\n\n- punch\n- apple juice\n"})
    check = j.all_of(says_count(glasses, TENS[litres]), j.untouched())
    return Case(prompt, world, check, Done(f"You can fill {glasses} glasses."), wrong)


BOOKS = [
    *("O Cortiço", "Dom Casmurro", "Os Maias", "Vidas Secas", "A Hora da Estrela", "Memorial do Convento"),
    *("Grande Sertão", "Iracema", "O Alienista", "Mensagem", "A Cidade e as Serras", "Capitães da Areia"),
    *("Quincas Borba", "A Moreninha", "Jangada de Pedra", "O Guarani", "Levantado do Chão", "Senhora"),
]
NUMERAIS = {
    11: ("onze", "eleven"),
    12: ("doze", "twelve"),
    13: ("treze", "thirteen"),
    14: ("catorze", "quatorze", "fourteen"),
    15: ("quinze", "fifteen"),
    16: ("dezesseis", "dezasseis", "sixteen"),
}


@chores("count-items", 1, FILES)
def livros_por_ler(random: Random) -> Case:
    """In Portuguese: how many items a list has."""
    count = random.choice([*NUMERAIS])
    path = random.choice(["livros/por-ler.txt", "listas/leituras.txt"])
    books = random.sample(BOOKS, count)
    prompt = random.choice(
        [
            f"Quantos livros há na minha lista {{home}}/{path}?",
            f"oi! podes ver quantos livros tenho em {{home}}/{path} ? obrigado",
            f"Conta, por favor, os livros da lista {{home}}/{path} e diz-me só o número.",
        ]
    )
    wrong = (
        Done(f"São {count + 1} livros."),
        Done(f"A lista tem {count - 1} livros."),
        Done("\n".join(f"{at}. {book}" for at, book in enumerate(books, 1))),
        Done("Não encontrei a lista."),
        Done(f"São {count} livros.", {path: lines(*books[1:])}),
    )
    world = World({path: lines(*(f"- {book}" for book in books)), "livros/emprestados.txt": "- Ensaio\n- Contos\n"})
    check = j.all_of(says_count(count, *NUMERAIS[count]), j.untouched())
    return Case(prompt, world, check, Done(f"Há {count} livros na lista."), wrong)


REPAIRS = ["timing belt replaced", "clutch replaced", "windscreen replaced"]
USUAL = ["tyres: pressure checked", "washed", "wiper fluid filled up", "oil checked", "toll 9.50"]


@chores("logbook-entry", 1, FILES)
def done_to_the_car(random: Random) -> Case:
    """A long file: when and at which mileage one thing was done."""
    done = random.choice(REPAIRS)
    what = done.removesuffix(" replaced")
    at = random.randrange(110, 170)
    day, km, entries, known = date(2020, 1, 3), random.randrange(31_000, 39_000), [], []
    for number in range(230):
        day, km = day + timedelta(days=random.randrange(4, 12)), km + random.randrange(90, 700)
        usual = random.choice([f"fuel {random.randrange(280, 520) / 10} l", random.choice(USUAL)])
        entries.append(f"{day}  {km} km  {done if number == at else usual}")
        known.append((day, km))
    (before, km_before), (day, km), (after, km_after) = known[at - 1 : at + 2]
    prompt = random.choice(
        [
            f"In {{home}}/car/logbook.txt I note everything about my car. When did I have the {what} replaced, and at how many km was that?",
            f"date and mileage of the {what} replacement? it's in {{home}}/car/logbook.txt",
            f"The garage wants to know when the {what} was last replaced (date and kilometres). Could you look it up in {{home}}/car/logbook.txt, please?",
        ]
    )
    wrong = (
        Done(f"On {before} at {km_before} km."),
        Done(f"On {after} at {km_after} km."),
        Done(f"On {day} at {km_after} km."),
        Done(f"The {what} was replaced at {km} km."),
        Done(f"There is no entry about the {what}."),
        Done(f"On {day} at {km} km.", {"car/logbook.txt": lines(*entries[:50])}),
    )
    check = j.all_of(says_date(day), j.says(str(km)), j.untouched())
    world = World({"car/logbook.txt": lines(*entries), "car/insurance.txt": "Policy 4471-A\n"})
    return Case(prompt, world, check, Done(f"The {what} was replaced on {day} at {km} km."), wrong)


HOW = [
    "Silent",
    "Crooked",
    "Hidden",
    "Golden",
    "Winter",
    "Broken",
    "Distant",
    "Burning",
    "Hollow",
    "Painted",
    "Sleeping",
    "Narrow",
]
WHERE = [
    "Harbour",
    "Orchard",
    "Lantern",
    "Bridge",
    "Garden",
    "Mirror",
    "Island",
    "Station",
    "Valley",
    "Clock",
    "Letter",
    "Window",
]


@chores("books-by-author", 1, FILES)
def books_of_one_author(random: Random) -> Case:
    """A large folder: which of its files are of one author."""
    author, *others = random.sample(LAST, 11)
    titles = random.sample([f"{how} {where}" for how in HOW for where in WHERE], 83)
    own, rest = titles[:3], titles[3:]
    files = {f"books/{author} - {title}.epub": f"{title}\n" for title in own}
    files |= {f"books/{random.choice(others)} - {title}.epub": f"{title}\n" for title in rest}
    prompt = random.choice(
        [
            f"Which books by {author} do I have in {{home}}/books?",
            f"Hi, I want to lend my neighbour everything I have by {author}. Could you check which titles are in {{home}}/books?",
            f"titles by {author} in {{home}}/books pls",
        ]
    )
    wrong = (
        Done("\n".join(f"- {title}" for title in own[:2])),
        Done("\n".join(f"- {title}" for title in (*own, rest[0]))),
        Done("\n".join(f"- {path.removeprefix('books/')}" for path in sorted(files))),
        Done(f"You have 3 books by {author}."),
        Done(f"There are no books by {author}."),
    )
    check = j.all_of(j.says(*own), j.never_says(*rest), j.untouched())
    right = Done(f"You have three books by {author}:\n" + "\n".join(f"- {title}" for title in own))
    return Case(prompt, World({**files, "music/list.txt": "none yet\n"}), check, right, wrong)


@chores("restore-file", 1, FILES)
def out_of_the_bin(random: Random) -> Case:
    """A file goes back to where it belongs."""
    name, other = random.sample(["rent-2025.pdf", "letter-to-the-school.odt", "poem.txt", "pension-plan.pdf"], 2)
    folder = random.choice(["letters", "papers"])
    old, new = f"bin/{name}", f"{folder}/{name}"
    prompt = random.choice(
        [
            f"Oh no, I put {name} into {{home}}/bin by mistake! Can you put it back into {{home}}/{folder}?",
            f"move {{home}}/{old} back to {{home}}/{folder}",
            f"Please take the file {name} out of {{home}}/bin again; it belongs in {{home}}/{folder}. Leave the rest of the bin as it is.",
        ]
    )
    text = f"This is {name}.\n"
    wrong = (
        Done("It is back.", {new: text}),
        Done("It is back.", {old: None, new: ""}),
        Done("It is back.", {old: None, name: text}),
        Done("It is back.", {old: None}),
        Done("It is back.", {f"bin/{other}": None, f"{folder}/{other}": f"This is {other}.\n"}),
        Done(f"I have put {name} back into {folder}."),
    )
    world = World({old: text, f"bin/{other}": f"This is {other}.\n", f"{folder}/overview.txt": "Overview\n"})
    check = j.all_of(moved(old, new), j.untouched(old, new))
    return Case(prompt, world, check, Done("It is back.", {old: None, new: text}), wrong)


@chores("already-so", 1, FILES)
def night_temperature(random: Random) -> Case:
    """There is nothing to do: the value that is asked for stands there."""
    night, day = random.choice([16, 17, 18]), random.choice([20, 21, 22])
    path = "house/heating.txt"
    prompt = random.choice(
        [
            f"Please set the night temperature in {{home}}/{path} to {night} degrees and tell me the old value.",
            f"night temperature -> {night} in {{home}}/{path}, and what's the old value?",
            f"It is getting warmer. In {{home}}/{path}, could you put the night temperature to {night}? I'd also like to know the previous value.",
        ]
    )

    def text(at_night: int, by_day: int) -> str:
        return lines("# Heating", f"day_temperature: {by_day}", f"night_temperature: {at_night}", "holiday_mode: off")

    wrong = (
        Done(f"I set it to {night}, the old value was {day}."),
        Done(f"Done. Previously it was {night + 2}."),
        Done(f"The night temperature could not be set to {night}."),
        Done(f"It is already {night}.", {path: text(night, night)}),
        Done(f"The old value was {night}.", {path: text(night - 1, day)}),
        Done("Done."),
    )
    now = text(night, day)
    told = re.compile(
        r"\balready\b|\bunchanged\b|\bno (?:change|edit|need|update)|\bnothing\b|"
        rf"(?:\bwas|\bfrom|\bremains|\bstays|\bvalue(?: is)?|\b(?:old|previous\w*|before)(?: [\w ]{{1,30}})?:)\W{{0,6}}(?:also |at |set to )?{night}\b",
        re.IGNORECASE,
    )

    def so_before(ending: Ending) -> list[str]:
        return [] if told.search(ending.answer) else ["the answer does not say that it was so"]

    others = [str(each) for each in range(14, 25) if each != night]
    check = j.all_of(so_before, _no_old_value(others), j.file_is(path, now), j.untouched(path))
    right = Done(f"The night temperature is already {night} degrees, so I changed nothing.")
    return Case(prompt, World({path: now, "house/oil.txt": "Ordered in May\n"}), check, right, wrong)


def _no_old_value(others: list[str]) -> Check:
    """No sentence gives one of these as the value before."""

    def check(ending: Ending) -> list[str]:
        about = [each for each in re.split(r"\n|(?<=[.!?;])\s", ending.answer) if not re.search(r"\bday", each)]
        return j.never_says(*others)(replace(ending, answer="\n".join(about)))

    return check


@chores("two-more-items", 2, FILES)
def nog_twee_dingen(random: Random) -> Case:
    """In Dutch: two things are added to a list."""
    pool = [
        "tent",
        "slaapzak",
        "kookstel",
        "zonnebrand",
        "regenjas",
        "kussen",
        "mok",
        "zaklamp",
        "lucifers",
        "handdoek",
    ]
    one, two, *there = random.sample(pool, 8)
    path = "lijsten/kamperen.txt"
    prompt = random.choice(
        [
            f"Kun je op mijn paklijst {{home}}/{path} nog '{one}' en '{two}' zetten? Dank je!",
            f"{{home}}/{path}: {one} en {two} toevoegen aan de lijst",
            f"We gaan volgende week kamperen en ik ben nog iets vergeten. Wil je {one} en {two} onderaan de lijst in {{home}}/{path} toevoegen? De rest moet blijven staan.",
        ]
    )

    def text(*items: str) -> str:
        return lines("# Kamperen", "", *(f"- {each}" for each in items))

    old, right = text(*there), text(*there, one, two)
    wrong = (
        Done("Gedaan.", {path: text(*there, one)}),
        Done("Gedaan.", {path: text(one, two)}),
        Done("Gedaan.", {path: text(*there[1:], one, two)}),
        Done("Gedaan.", {path: f"{old}- {one} en {two}\n"}),
        Done("Gedaan.", {path: text(*there, one, two, two)}),
        Done("Gedaan.", {"lijsten/kamperen-2.txt": right}),
        Done(f"Ik heb {one} en {two} toegevoegd."),
    )
    heading = j.file_matches(path, lambda given: given.startswith("# Kamperen\n"), "headed as before")
    check = j.all_of(file_items(path, [*there, one, two]), heading, j.untouched(path))
    world = World({path: old, "lijsten/cadeaus.txt": "- boek\n"})
    return Case(prompt, world, check, Done("Gedaan.", {path: right}), wrong)


MENU = [
    "espresso",
    "cappuccino",
    "hot chocolate",
    "green tea",
    "lemonade",
    "cheesecake",
    "carrot soup",
    "bagel",
    "salad",
]
SAME = re.compile(r"\b(?:unchanged|(?:the )?same|identical|remain(?:s|ed)?|stay(?:s|ed)?|kept)\b", re.IGNORECASE)


@chores("price-changes", 2, FILES)
def dearer_this_year(random: Random) -> Case:
    """Two lists are compared: which prices are others."""
    items = random.sample(MENU, len(MENU))
    old = dict(zip(items, random.sample(range(250, 990, 10), len(items)), strict=True))
    raised = {item: old[item] + random.choice([35, 55, 75]) for item in items[:3]}
    shown = sorted(items)
    paths = "cafe/prices-2025.txt", "cafe/prices-2026.txt"
    prompt = random.choice(
        [
            f"Which prices differ between {{home}}/{paths[0]} and {{home}}/{paths[1]}? Please name only those items, with the new price.",
            f"compare {{home}}/{paths[0]} with {{home}}/{paths[1]} - what got more expensive? only those, with the new prices",
            f"I have to print new signs for what costs more than last year. The old prices are in {{home}}/{paths[0]}, the new ones in {{home}}/{paths[1]}. For which items do I need a sign, and with which price?",
        ]
    )

    def text(prices: dict[str, int]) -> str:
        return lines(*(f"{item}: {prices[item] / 100:.2f}" for item in shown))

    def told(prices: dict[str, int]) -> str:
        return "These got more expensive:\n" + "\n".join(
            f"- {item}: {cents / 100:.2f}" for item, cents in prices.items()
        )

    first, second, _ = raised
    wrong = (
        Done(told({first: raised[first], second: raised[second]})),
        Done(told({**raised, items[5]: old[items[5]]})),
        Done(told({item: old[item] for item in raised})),
        Done(text({**old, **raised})),
        Done("Three prices differ."),
        Done("All prices are the same."),
        Done(told(raised), {paths[0]: text({**old, **raised})}),
    )
    claim = r"\b(?:chang|differ|rais|increas|dear|expensive|cost|went|new|sign)"
    those = settles_on(raised, items[3:], claim)

    def only_those(ending: Ending) -> list[str]:
        return those(replace(ending, answer=SAME.sub("did not change", ending.answer)))

    check = j.all_of(only_those, *(j.says_amount(cents) for cents in raised.values()), j.untouched())
    world = World({paths[0]: text(old), paths[1]: text({**old, **raised}), "cafe/hours.txt": "8-18\n"})
    return Case(prompt, world, check, Done(told(raised)), wrong)


@chores("new-folder-and-move", 3, FILES)
def photos_de_la_fete(random: Random) -> Case:
    """In French: a folder is made, and two files that are named go into it."""
    first, second, stays = random.sample(["gateau.jpg", "danse.jpg", "discours.jpg", "jardin.jpg", "groupe.jpg"], 3)
    name = random.choice(["mariage", "anniversaire", "bapteme"])
    folder = f"Images/{name}"
    prompt = random.choice(
        [
            f"Peux-tu créer un dossier {{home}}/{folder} et y déplacer {first} et {second}, qui sont dans {{home}}/Images ?",
            f"Bonjour, j'aimerais ranger mes photos. Merci de faire un dossier « {name} » dans {{home}}/Images et d'y mettre {first} et {second} (seulement ces deux-là).",
            f"déplacer {first} et {second} de {{home}}/Images vers un nouveau dossier {{home}}/{folder}",
        ]
    )

    def done(*names: str, into: str = folder, keep: bool = False) -> dict[str, str | None]:
        there: dict[str, str | None] = {f"{into}/{each}": f"photo {each}\n" for each in names}
        return there if keep else {**there, **{f"Images/{each}": None for each in names}}

    wrong = (
        Done("C'est fait.", {f"{folder}/": ""}),
        Done("C'est fait.", done(first)),
        Done("C'est fait.", done(first, second, keep=True)),
        Done("C'est fait.", done(first, second, stays)),
        Done("C'est fait.", done(first, second, into=name)),
        Done(f"J'ai déplacé {first} et {second} dans le dossier {name}."),
    )
    world = World(
        {f"Images/{each}": f"photo {each}\n" for each in (first, second, stays)} | {"Documents/cv.txt": "CV\n"}
    )
    paths = [(f"Images/{each}", f"{folder}/{each}") for each in (first, second)]
    check = j.all_of(*(moved(*pair) for pair in paths), j.untouched(*(each for pair in paths for each in pair)))
    return Case(prompt, world, check, Done("C'est fait.", done(first, second)), wrong)


@chores("variant-of-a-card", 3, FILES)
def another_version(random: Random) -> Case:
    """A card is copied with one word changed, and the copy is listed in the index."""
    old, new = random.choice([("butter", "margarine"), ("milk", "oat drink"), ("wheat flour", "spelt flour")])
    dish, mark = random.choice(["waffles", "pancakes", "scones"]), random.choice(["variant", "for-tilda", "2"])
    path, copy, index = f"recipes/{dish}.md", f"recipes/{dish}-{mark}.md", "recipes/index.txt"
    prompt = random.choice(
        [
            f"Please make a second version of {{home}}/{path}: same text, but with {new} instead of {old}. Call it {dish}-{mark}.md, put it next to the first one, and add it to {{home}}/{index}.",
            f"copy {{home}}/{path} to {{home}}/{copy}, replace {old} by {new} in the copy (everywhere), then add the new file name to {{home}}/{index}",
            f"Could you write me {{home}}/{copy}? It should be just like {path.rpartition('/')[2]} in the same folder except that {old} becomes {new}. And list it in {{home}}/{index} as well, thank you!",
        ]
    )

    def card(word: str, then: str = "") -> str:
        return lines(
            *(f"# {dish.capitalize()}", "", f"- 1 cup of {word}", "- 2 spoons of sugar", "- 1 pinch of salt", ""),
            f"Put the {then or word} into a bowl and stir in the rest. Rest for 20 minutes.",
        )

    names = ["bread.md", "goulash.md", f"{dish}.md"]
    listed, ready = lines(*names), {copy: card(new), index: lines(*names, f"{dish}-{mark}.md")}
    wrong = (
        Done("Done.", {copy: card(new)}),
        Done("Done.", {**ready, copy: card(old)}),
        Done("Done.", {**ready, copy: card(new, old)}),
        Done("Done.", {**ready, path: card(new)}),
        Done("Done.", {**ready, path: None}),
        Done("Done.", {**ready, index: f"{dish}-{mark}.md\n"}),
        Done("Done.", {**ready, index: listed}),
        Done(f"I wrote {dish}-{mark}.md and listed it."),
    )
    check = j.all_of(
        j.file_is(copy, card(new)), file_items(index, [*names, f"{dish}-{mark}.md"]), j.untouched(copy, index)
    )
    world = World(
        {path: card(old), "recipes/bread.md": "# Bread\n", "recipes/goulash.md": "# Goulash\n", index: listed}
    )
    return Case(prompt, world, check, Done("Done.", ready), wrong)
