"""Tasks on a database and on the clock."""

from __future__ import annotations

import json

from names import CITIES, Names
from tasks import Task, Use, ask, numbered, quote, size
from world import World


def database(names: Names, world: World) -> tuple[str, int]:
    """Add tables of different sizes; (the largest one, its number of rows)."""
    tables = names.different(names.table, size(names, 5, 8))
    counts = names.rng.sample(range(60 if names.chance(0.7) else 5000), len(tables))
    world.tables = dict(zip(tables, counts, strict=True))
    return max(world.tables.items(), key=lambda item: item[1])


def largest_query(tables: list[str]) -> str:
    """One query that counts every table, each with its number, and gives the largest."""
    selects = [
        f"SELECT '{index:02d}: {table}'{' AS t' * (index == 1)}, COUNT(*) AS n FROM [{table}]"
        for index, table in enumerate(tables, 1)
    ]
    return " UNION ALL ".join(selects) + " ORDER BY n DESC LIMIT 1"


def biggest(names: Names) -> Task:
    """Say which table has the most rows."""
    world = World(names.root())
    table, rows = database(names, world)

    def plan(use: Use) -> str:
        use("list_tables")
        use("read_query", query=largest_query(list(world.tables)))
        return f"{table} has the most rows: {rows}"

    return Task("biggest", ask(names, "biggest"), world, plan, [table], ("sqlite",))


def rows(names: Names) -> Task:
    """Count one table's rows."""
    world = World(names.root())
    database(names, world)
    table = names.rng.choice(list(world.tables))

    def plan(use: Use) -> str:
        use("read_query", query=f"SELECT COUNT(*) AS n FROM [{table}]")
        return f"{table} has {world.tables[table]} rows"

    return Task(
        "rows", ask(names, "rows", t=quote(names, table)), world, plan, [f"{world.tables[table]} "], ("sqlite",)
    )


def tables(names: Names) -> Task:
    """List the tables."""
    world = World(names.root())
    database(names, world)

    def plan(use: Use) -> str:
        use("list_tables")
        return f"{len(world.tables)} tables" + numbered("\n".join(world.tables))

    return Task("tables", ask(names, "tables"), world, plan, list(world.tables), ("sqlite",))


def moment(names: Names) -> str:
    """A random date and time."""
    day, hour, minute = names.rng.randint(1, 28), names.rng.randint(0, 23), names.rng.randint(0, 59)
    return f"{names.rng.randint(2024, 2029)}-{names.rng.randint(1, 12):02d}-{day:02d}T{hour:02d}:{minute:02d}:{names.rng.randint(0, 59):02d}"


def zone_wording(names: Names) -> tuple[str, str]:
    """(how a zone is named, the zone)."""
    if names.chance(0.15) and not names.held_out:
        return names.rng.choice(list(CITIES.items()))
    zone = names.rng.choice(names.zones)
    if names.chance(0.3) and not names.held_out:  # an invented place, so that zones are copied and not remembered
        area = zone.partition("/")[0]
        zone = f"{area}/{'_'.join(names.piece().capitalize() for _ in range(names.rng.choice([1, 1, 1, 2])))}"
    return zone, zone


def time(names: Names) -> Task:
    """Tell the time in a zone."""
    world = World(names.root(), now=moment(names))
    said, zone = zone_wording(names)

    def plan(use: Use) -> str:
        found = json.loads(use("get_current_time", timezone=zone))
        return f"It is {found['datetime']} in {zone}"

    return Task("time", ask(names, "time", z=quote(names, said)), world, plan, ["@time"], ("time",))


def convert(names: Names) -> Task:
    """Convert a time between zones."""
    world = World(names.root(), now=moment(names))
    (said, zone), (said_too, other) = zone_wording(names), zone_wording(names)
    hour = f"{names.rng.randint(0, 23):02d}:{names.rng.randint(0, 59):02d}"

    def plan(use: Use) -> str:
        found = json.loads(use("convert_time", source_timezone=zone, time=hour, target_timezone=other))
        return f"It is {found['target']['datetime']} in {other}"

    return Task("convert", ask(names, "convert", z=said, y=said_too, h=hour), world, plan, ["@time"], ("time",))
