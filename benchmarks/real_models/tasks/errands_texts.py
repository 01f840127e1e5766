"""Small errands with what stands in files, as one gives them to try such a program out; only for the report."""

from __future__ import annotations

import json
import re
from random import Random

from real_models import judging as j
from real_models.clauses import settles_on
from real_models.registry import errands
from real_models.tasks.words import FIRST, lines
from real_models.values import tells_none
from real_models.world import Case, Check, Done, Ending, World

FILES = "filesystem"


CLAUSES = (
    "The flat is let for living in only; working there without visitors and without noise needs no permission.",
    "The tenancy begins on the first day of the month at noon; the keys are handed over on the spot.",
    "The rent is to be paid in advance, on the last working day of the month before at the latest.",
    "The landlord settles the heating and water costs once a year and shows the receipts when asked.",
    "A rise of the rent is announced on the official form and three months ahead of its date.",
    "Repairs that come to less than a small amount are paid by the tenant, all others by the landlord.",
    "Defects are to be told to the landlord without delay, in writing or by e-mail.",
    "The tenant may hang up pictures and lamps; the holes are closed again at the end.",
    "Walls may be painted in another colour with the landlord's consent, and are white again at the end.",
    "Pets of the size of a cat are allowed; dogs need the consent of the landlord.",
    "The washing room is free for every flat on one day of the week; the plan hangs in the staircase.",
    "Between ten in the evening and seven in the morning all neighbours want to sleep.",
    "Bicycles stand in the cellar or in the yard, never in the staircase.",
    "The windows are opened twice a day for a few minutes; in winter they are not left tilted.",
    "Parts of the flat may be sublet with consent; the landlord may refuse for good reasons only.",
    "The tenant has an insurance for damage to the flat and shows the policy when moving in.",
    "The landlord may enter the flat for repairs after telling so three days ahead.",
    "Balcony plants are watered so that no water runs down to the neighbours.",
    "Whoever loses a key tells the landlord at once; the cylinder is changed where it is needed.",
    "The satellite dish on the roof is for all flats; further ones are not allowed.",
    "The attic compartment has the number of the flat; nothing that burns easily is stored there.",
    "Snow in front of the house is cleared by the caretaker from six in the morning on.",
    "The flat is given back clean, on the last day of the tenancy, at noon.",
    "Changes of this contract need a text that both parties have signed.",
)
ROOMS = ("Hall", "Kitchen", "Living room", "Bedroom", "Small room", "Bathroom", "Balcony", "Cellar")
THINGS = ("door", "floor", "ceiling", "walls", "window", "blinds", "lamp socket", "radiator", "switches", "sockets")
CONDITIONS = ("good", "as new", "small scratches", "worn", "repainted", "a stain near the edge", "cleaned")


@errands("long-contract", 1, FILES)
def look_into_the_lease(random: Random) -> Case:
    """A long file with one sentence that matters."""
    rent = random.randrange(1450, 2300, 10)
    sums = {"rent": rent, "deposit": 2 * rent + random.choice([150, 250, 350]), "parking": random.randrange(95, 160, 5)}
    clauses = [
        *random.sample(CLAUSES, len(CLAUSES)),
        f"The monthly rent is CHF {rent:,}.00, without heating and water.",
    ]
    clauses.insert(random.randrange(6, 9), f"The parking space in the garage costs CHF {sums['parking']}.00 a month.")
    clauses.insert(random.randrange(12, 18), f"As a security the tenant pays a deposit of CHF {sums['deposit']:,}.00.")
    text = ["LEASE", "", *(part for at, each in enumerate(clauses, 1) for part in (f"Art. {at}", each, ""))]
    text += ["ANNEX: STATE OF THE FLAT WHEN IT WAS HANDED OVER", ""]
    text += [f"{room} - {thing}: {random.choice(CONDITIONS)}" for room in ROOMS for thing in THINGS]
    asked, other, words = random.choice(
        [("deposit", "parking", "the deposit"), ("parking", "deposit", "the parking space")]
    )
    prompt = random.choice(
        [
            f"How much is {words} according to my lease, {{home}}/flat/lease.txt? It is a rather long document.",
            f"hey can you check in {{home}}/flat/lease.txt how much i pay for {words}?",
            f"{{home}}/flat/lease.txt - how much for {words}?",
        ]
    )

    def not_the_other(ending: Ending) -> list[str]:
        return [] if j.says_amount(sums[other] * 100)(ending) else [f"the answer also has the {other}"]

    wrong = (
        Done(f"It is CHF {sums[other]:,}.00."),
        Done(f"It is CHF {rent:,}.00."),
        Done(f"It is CHF {sums[asked]:,}.00 or CHF {sums[other]:,}.00."),
        Done(f"It is CHF {sums[asked] + 10:,}.00."),
        Done("The lease does not say so."),
    )
    check = j.all_of(j.says_amount(sums[asked] * 100), not_the_other, j.untouched())
    world = World({"flat/lease.txt": lines(*text), "flat/neighbours.md": "- 2nd floor: Haas\n- 3rd floor: Novak\n"})
    return Case(prompt, world, check, Done(f"It is CHF {sums[asked]:,}.00."), wrong)


@errands("csv-to-json", 2, FILES)
def contacts_as_json(random: Random) -> Case:
    names = random.sample(FIRST, 4)
    towns = random.sample(["Lyon", "Porto", "Ghent", "Turin", "Leeds", "Malmo"], 4)
    ages = random.sample(range(19, 71), 4)
    people = [{"name": n, "age": str(a), "city": c} for n, a, c in zip(names, ages, towns, strict=True)]
    source = lines("name,age,city", *(",".join(each.values()) for each in people))
    path = "data/people.json"
    prompt = random.choice(
        [
            f"Please convert {{home}}/data/people.csv to JSON and save it as {{home}}/{path}: a list with one object per row, with the column names as keys.",
            f"i need {{home}}/data/people.csv as json (array of objects, keys = the header). put it in {{home}}/{path} and keep the csv",
            f"{{home}}/data/people.csv -> {{home}}/{path}, as a JSON array of objects",
        ]
    )

    def fits(text: str) -> bool:
        try:
            given = json.loads(text)
        except ValueError:
            return False
        if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
            return False
        return [{key.casefold(): str(value) for key, value in each.items()} for each in given] == people

    def written(rows: object) -> dict[str, str | None]:
        return {path: json.dumps(rows, indent=2) + "\n"}

    typed = [{**each, "age": int(each["age"])} for each in people]
    mixed = [{**each, "city": towns[at - 1]} for at, each in enumerate(typed)]
    wrong = (
        Done("Converted.", written(typed[:-1])),
        Done("Converted.", written(mixed)),
        Done("Converted.", written([[*each.values()] for each in typed])),
        Done("Converted.", {path: source}),
        Done("Converted.", {path: f"```json\n{json.dumps(typed)}\n```\n"}),
        Done("Converted.", {**written(typed), "data/people.csv": None}),
        Done(json.dumps(typed)),
    )
    check = j.all_of(j.file_matches(path, fits, "these people in JSON"), j.untouched(path))
    world = World({"data/people.csv": source, "data/readme.txt": "people.csv: members of the club\n"})
    return Case(prompt, world, check, Done("Converted.", written(typed)), wrong)


COOKED = {
    "pancakes": ["flour", "milk", "eggs", "sugar"],
    "risotto": ["rice", "onion", "white wine", "parmesan"],
    "goulash": ["beef", "onions", "paprika", "potatoes"],
    "minestrone": ["beans", "carrots", "celery", "tomatoes", "pasta"],
    "brownies": ["chocolate", "butter", "eggs", "walnuts"],
    "quiche": ["leek", "cream", "eggs", "flour"],
}


@errands("nothing-matches", 2, FILES)
def which_recipe_uses(random: Random) -> Case:
    """No file has what is looked for."""
    asked = random.choice(["coconut milk", "ginger", "salmon"])
    dishes = random.sample([*COOKED], 5)
    prompt = random.choice(
        [
            f"Which of my recipes in {{home}}/recipes use {asked}?",
            f"i have {asked} left over, is there anything in {{home}}/recipes where i can use it? only recipes that have it in the ingredients please",
            f"{{home}}/recipes: which ones need {asked}?",
        ]
    )

    def recipe(dish: str) -> str:
        return lines(
            f"# {dish.capitalize()}", "", "Ingredients:", *(f"- {each}" for each in COOKED[dish]), "", "Enjoy!"
        )

    claim = re.escape(asked).replace("milk", "(?:milk)?")
    check = j.all_of(
        *(tells_none("recipes?|files?|dish(?:es)?"), settles_on((), dishes, claim), _never_grants(dishes)),
        j.untouched(),
    )
    wrong = (
        Done(f"{dishes[0].capitalize()} uses {asked}."),
        Done(f"The recipes {dishes[1]} and {dishes[2]} need {asked}, the others do not contain it."),
        Done(", ".join(dishes)),
        Done("I do not have access to your recipes."),
        Done(f"There are five recipes: {', '.join(dishes)}."),
        Done(f"None of them uses {asked}.", {f"recipes/{dishes[0]}.md": recipe(dishes[0]) + f"- {asked}\n"}),
    )
    world = World({f"recipes/{dish}.md": recipe(dish) for dish in dishes})
    return Case(prompt, world, check, Done(f"None of your recipes uses {asked}."), wrong)


def _never_grants(dishes: list[str]) -> Check:
    """No dish is said to use anything: "quiche and goulash need it, the others do not"."""
    verb = r"\b(?:uses?|needs?|contains?|includes?|requires?|has|have|calls? for)\b(?! (?:no|none|neither)\b)"
    granted = re.compile(rf"\b(?:{'|'.join(dishes)})\b([^.;\n]{{0,60}}?){verb}", re.IGNORECASE)

    def check(ending: Ending) -> list[str]:
        found = granted.finditer(ending.answer.replace(".md", ""))
        return [f"the answer says {hit[0]!r}" for hit in found if not j.DENIES.search(hit[1])]

    return check
