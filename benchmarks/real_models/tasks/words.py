"""Names and things that worlds are made of."""

from __future__ import annotations

from random import Random

FIRST = [
    "Nora",
    "Luca",
    "Mira",
    "Jonas",
    "Elin",
    "Tom",
    "Paula",
    "Hugo",
    "Lena",
    "Rafael",
    "Greta",
    "Milan",
    "Ines",
    "Oskar",
    "Tilda",
    "Viktor",
    "Salome",
    "Bruno",
]
LAST = [
    "Keller",
    "Brandt",
    "Vogt",
    "Meier",
    "Okafor",
    "Lindqvist",
    "Rossi",
    "Novak",
    "Haas",
    "Ferreira",
    "Sato",
    "Dubois",
    "Larsen",
    "Petrov",
]
CITIES = ["Bern", "Basel", "Chur", "Genf", "Lugano", "Zug", "Thun", "Olten", "Davos", "Aarau"]
FIRMS = ["Nordwind", "Initech", "Alpenglas", "Veltro", "Sonnhof", "Kranich", "Marisol", "Tessera"]


def people(random: Random, count: int) -> list[str]:
    """Full names; no first and no last name twice."""
    return [f"{a} {b}" for a, b in zip(random.sample(FIRST, count), random.sample(LAST, count), strict=True)]


def code(random: Random, letters: int = 2, digits: int = 4) -> str:
    """Something like `KX-4821`."""
    head = "".join(random.choices("BCDFGHKLMNPRSTVXZ", k=letters))
    return f"{head}-{random.randrange(10 ** (digits - 1), 10**digits)}"


def lines(*texts: str) -> str:
    """A file's text."""
    return "\n".join(texts) + "\n"
