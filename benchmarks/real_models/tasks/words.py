"""Names and things that worlds are made of."""

from __future__ import annotations

from random import Random

Rows = list[tuple[object, ...]]
"""What a table holds."""

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


def table(name: str, columns: str, rows: Rows) -> str:
    """A script that makes a table and fills it; None becomes null."""
    filled = ", ".join("(" + ", ".join("null" if each is None else repr(each) for each in row) + ")" for row in rows)
    return f"create table {name} ({columns}); insert into {name} values {filled};"


def page(title: str, lead: str, items: list[str]) -> str:
    """A small HTML page with a list."""
    listed = "".join(f"<li>{each}</li>" for each in items)
    return f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title></head><body><main><h1>{title}</h1><p>{lead}</p><ul>{listed}</ul></main></body></html>'
