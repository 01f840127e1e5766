"""What a task asks to have worked out of many rows, worked out: a small model writes the statement, SQLite does the sums.

The model is asked apart from its conversation, with the tables that were read and examples of statements; what its statement gives
stands in the conversation like any other look-up. Small models add and count wrongly, and write SQL well (docs/REAL_MODELS.md).
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import structlog

from lmbridge.agent.calls.first_look import AGAIN
from lmbridge.agent.calls.look_ups import LOOK_UP, LookUps
from lmbridge.agent.calls.table_look_ups import ROWS, TableLookUps
from lmbridge.agent.loop.state import RunState
from lmbridge.agent.queries.agreement import leaves_out, says_all, says_no_more
from lmbridge.agent.queries.asked import Need, needs, order_of, told_beside_numbers
from lmbridge.agent.queries.faults import Rows, Tried, tried
from lmbridge.agent.queries.statement import (
    SCHEMA,
    as_csv,
    cells_of,
    columns_of,
    described,
    selected,
    told,
    with_its_order,
)
from lmbridge.agent.queries.tables import MOST_TABLES, Table, apart, table_of, tables_of
from lmbridge.agent.reading.conditions.asked import condition_of
from lmbridge.agent.reading.conditions.cells import is_a_page
from lmbridge.agent.reading.edits import TEXT_NAMES
from lmbridge.agent.reading.names import holds_word, last_part, leaves, paths_in, places_in, words_in
from lmbridge.agent.reading.notes import failed
from lmbridge.agent.reading.tool_names import words_of_name
from lmbridge.agent.task.orders import ends_of, into_table, orders_change, wants_change
from lmbridge.agent.task.protocols import Model
from lmbridge.errors import LLMError
from lmbridge.events import LOOKED, Nudged, ToolFinished, TurnDiscarded
from lmbridge.long_texts import LONG
from lmbridge.messages import Message, ReplyOptions, Turn
from lmbridge.report import fenced

FEWEST_ROWS = 3
MOST_DATABASE_ROWS = 300
"""Rows of a database's table up to which it is read whole."""
MOST_TRIES, MOST_ASKED = 2, 2
"""Statements over the same rows, and kinds of rows over which they are asked for."""
MOST_TOKENS = 160
MOST_BESIDE = 5
"""Rows that stand behind an answer which says a part of them."""
HEADING = "Worked out of all that was read, by SQL"
_RULES = (
    "You write one SQLite query that answers a task about tables. Only SELECT. Conditions only on what the task names."
)
_EXAMPLES = (
    (
        "trees(name, height, park), 12 rows, such as ('oak', 21, 'North')\nTask: How many trees higher than 10 are in the North park, and how high are they together?",
        "SELECT COUNT(*), SUM(height) FROM trees WHERE height > 10 AND park = 'North'",
    ),
    (
        "birds(n, line), 30 rows, such as (1, '07:10 robin heard at the pond')\nTask: how many birds were seen at the pond",
        "SELECT COUNT(*) FROM birds WHERE line LIKE '%seen%' AND line LIKE '%pond%'",
    ),
    (
        "boats(id, name), 5 rows, such as (1, 'Swan')\ntrips(boat_id, guests), 9 rows, such as (3, 12)\nTask: Write the guests of each boat into /pier/guests.txt.",
        "SELECT boats.name, SUM(trips.guests) FROM boats JOIN trips ON trips.boat_id = boats.id GROUP BY boats.name",
    ),
    (
        "runs(day, runner, km), 20 rows, such as ('2026-05-02', 'Kai', 8.5)\nTask: Who ran the most in May, and how far?",
        "SELECT runner, SUM(km) FROM runs WHERE day LIKE '%-05-%' GROUP BY runner ORDER BY SUM(km) DESC LIMIT 1",
    ),
    (
        "hills(name, metres), 9 rows, such as ('Rigi', 1798)\nTask: Which hill is the second highest?",
        "SELECT name, metres FROM hills ORDER BY metres DESC LIMIT 1 OFFSET 1",
    ),
)
_OUTLINES = frozenset({"info", "stat", "metadata", "describe", "schema", "tables"})
"""Words in the names of tools that tell of a thing and not what is in it."""
_COUNTS: frozenset[Need] = frozenset({"count", "each"})
_LISTING = ("name", "kind")
"""The columns of what a folder lists."""
_LINES = ("n", "line")
"""Those of lines without anything that tells them apart."""
_ROWS_NAMED = re.compile(
    r"\b(?:rows?|records?|entries|zeilen|datens\u00e4tze|eintr\u00e4ge|lignes|enregistrements|filas|registros|righe|record|linhas)\b",
    re.IGNORECASE,
)
_SOME_ROWS = re.compile(
    r"\d|\b(?:where|whose|that|which (?:are|have|were)|with(?:out)?|before|after|since|until|between|more|less|fewer|over|under|above|below|older|younger|newer|distinct|different|deren|dessen|bei denen|mit|ohne|vor|nach|seit"
    r"|\u00fcber|unter|mehr|weniger|verschiedene\w*|dont|avec|sans|avant|apr\u00e8s|depuis|plus|moins|cuy[oa]s?|con|sin|antes|despu\u00e9s|desde|m\u00e1s|menos|senza|prima|dopo|pi\u00f9|meno|com|sem|depois|mais)\b",
    re.IGNORECASE,
)
"""What says that not all rows of a table are meant."""
_log = structlog.get_logger(__name__)


class WorkedOut:
    """Asks the model for a statement once the rows of a task that wants something worked out were read.

    Args:
        run: The run.
        model: The model.
    """

    def __init__(self, run: RunState, model: Model) -> None:
        self._run, self._model = run, model
        self._task = run.plan.assignment.task
        self._asked: set[str] = set()
        self._found_out, self._lines = Tried("", []), ""
        writes = run.plan.profile.statements
        self._rows_asked, wanted = writes and _is_ours(self._task), writes and _is_looked_up(self._task)
        self._done = not (self._rows_asked or wanted)
        quiet = [
            spec for spec in run.replies.offer.specs if spec.read_only or run.plan.access != "ask"
        ]  # ask nobody for it
        self._specs = {spec.name: spec for spec in quiet}
        self._databases = TableLookUps(quiet, LookUps(run.desk, run.told), self._task)

    @property
    def found(self) -> bool:
        """Whether the model was shown what a statement gives."""
        return bool(self._found_out.rows)

    def rest(self, answer: str) -> str:
        """What was worked out, as it was shown, where an answer says a part of it and the task asks for more; empty anywhere else."""
        found = self._found_out
        if found.fault or not self._lines or not 0 < len(found.rows) <= MOST_BESIDE:
            return ""
        columns = columns_of(found.query, len(found.rows[0]))
        return self._lines if leaves_out(answer, found.rows, columns, self._task) else ""

    async def look(self) -> None:
        """Shows the model what its statement gives, once in a run; does nothing before the rows are there.

        Where no statement was of use, it is asked once more when there are other rows.
        """
        offer = self._run.replies.offer
        if self._done or not offer.acting or self._run.spent.rounds_left <= 1 or len(self._asked) >= MOST_ASKED:
            return
        texts = [*self._texts()] if self._rows_asked else []
        read = (
            await asyncio.to_thread(_of_texts, texts)
            if sum(len(text) for _, text in texts) > LONG
            else _of_texts(texts)
        )
        kept = await self._of_databases()
        tables = apart([*kept, *read])
        about = described(tables, self._task) if tables else ""
        if not about or about in self._asked or not _are_rows(kept, read, self._task):
            return
        self._asked.add(about)
        if found := await self._found(tables, about):
            self._done, self._found_out = True, found
            query = found.query if found.fault else with_its_order(found.query, self._task)
            rows = found.rows if query == found.query else selected(query, tables)
            self._lines = lines = (as_csv if self._csv() else told)(query, rows, tables)
            shown = fenced(f"{HEADING}: {query}", lines, f"{self._run.plan.run_id}/sql")
            self._show(shown)
        elif counts := _counted(kept, self._task):
            self._found_out = Tried("", counts)
            lines = "\n".join(f"{name}: {count} rows" for name, count in counts)
            self._show(fenced("Rows counted", lines, f"{self._run.plan.run_id}/counted"))

    def _csv(self) -> str:
        """The file of comma-separated values that is to be written; empty where there is none, or it was only to be read."""
        there = [fact.result for fact in self._run.told.results if not failed(fact.result)]
        read = {place for result in there for place in places_in(result.arguments or {})}
        named = [path for path in paths_in(ends_of(self._task)) if path.lower().endswith(".csv") and path not in read]
        return named[0] if len(named) == 1 and wants_change(self._task) else ""

    def _show(self, shown: str) -> None:
        self._run.told(Nudged(self._run.spent.rounds, LOOKED, f"{shown}\n{AGAIN} {self._task}"))

    async def _of_databases(self) -> list[Table]:
        """The small tables of databases that were described, whole."""
        told = [
            (fact.call.name, name)
            for fact in self._run.told.results
            if fact.call.name in self._specs
            and "describe" in words_of_name(fact.call.name)
            and fact.result.outcome == "ok"
            for name in leaves(fact.result.arguments or {})
        ]
        found = []
        for tool, name in dict.fromkeys(told) if len(set(told)) <= MOST_TABLES else ():
            if rows := await self._databases.whole(self._specs[tool], name, MOST_DATABASE_ROWS):
                found.append(table_of(name, rows))
        return found

    def _texts(self) -> Iterator[tuple[str, str]]:
        """What was read whole, behind its path or the name of its tool: a sum over a page of something is none of it."""
        for fact in self._run.told.results:
            result, outline = fact.result, set(words_of_name(fact.call.name)) & _OUTLINES
            own = fact.call.id.startswith(f"{LOOK_UP}{ROWS}")
            arguments = result.arguments or {}
            part = any(isinstance(value, int) and not isinstance(value, bool) for value in arguments.values())
            if result.outcome == "ok" and result.read_only and result.server and not (outline or own or part):
                places = places_in(arguments)
                text = self._run.store.whole(result.handle) or result.content
                if not is_a_page(text):
                    yield places[0] if len(places) == 1 else fact.call.name, text

    def stands(self, answer: str, changes: Sequence[ToolFinished]) -> bool:
        """Whether an answer, or the one text that was written, says all that was worked out, and a text no more than that.

        Args:
            answer: The answer.
            changes: The calls that changed something.
        """
        rows = self._found_out.rows
        if self._found_out.fault or not changes:
            return not self._found_out.fault and says_all(answer, rows)
        arguments = changes[0].result.arguments or {}
        if not all(last_part(place) in self._task for place in places_in(arguments)):
            return False  # who only wanted to know was given a file
        texts = [str(value) for name, value in arguments.items() if name in TEXT_NAMES]
        said = "\n".join(texts)
        if any(place.lower().endswith(".csv") for place in places_in(arguments)):
            said = cells_of(said, len(rows[0]) if rows else 0)
        return len(changes) == 1 and says_all(said, rows) and says_no_more(said, rows, self._task)

    async def _found(self, tables: Sequence[Table], about: str) -> Tried | None:
        """A statement and what it gave; None where the model wrote none that is of use."""
        order = f"{about}\nTask: {self._task}"
        asked = (*_opening(), Message("user", order))
        more: tuple[Message, ...] = ()
        best, last = None, ""
        for _ in range(MOST_TRIES):
            query = await self._query((*asked, *more))
            if query is None:
                break
            each = tried(query, tables, self._task)
            if each.insisted and query == last:
                return replace(each, rows=each.insisted)
            last = query
            best = each if each.rows and (best is None or not each.fault) else best
            if not each.fault or (each.empty and not self._rows_asked):
                break
            more = (Message("assistant", json.dumps({"query": query})), Message("user", f"{each.fault}\n{order}"))
        return best

    async def _query(self, messages: Sequence[Message]) -> str | None:
        sampling, spent = self._run.plan.sampling(), self._run.spent
        options = ReplyOptions(
            max_tokens=MOST_TOKENS, temperature=sampling.temperature, schema=SCHEMA, tool_choice="none"
        )
        try:
            turn = await self._model.reply(messages, (), options, on_delta=_unheard)
        except LLMError as error:
            _log.debug("no_query", error=str(error))
            self._done = True
            return None
        spent.tokens += turn.usage.completion_tokens
        query = _read(turn)
        self._run.told(TurnDiscarded(spent.rounds + 1, "query", query or "no statement", turn.usage))
        return query


def _unheard(_: object) -> None:
    """Nobody is shown how a statement is written."""


def _opening() -> tuple[Message, ...]:
    shots = [
        message
        for asked, query in _EXAMPLES
        for message in (Message("user", asked), Message("assistant", json.dumps({"query": query})))
    ]
    return (Message("system", _RULES), *shots)


def _read(turn: Turn) -> str | None:
    try:
        query = json.loads(turn.text)["query"]
    except (ValueError, KeyError, TypeError):
        return None
    return query if isinstance(query, str) and query.strip() else None


def _is_looked_up(task: str) -> bool:
    """Whether something is asked of a database, or of it for a file: what changes the database itself is left to the model."""
    if wants_change(task) and into_table(task):
        return False
    return not orders_change(task) or any("://" not in path for path in paths_in(ends_of(task)))


def _counted(tables: Sequence[Table], task: str) -> Rows:
    """How many rows each of a database's tables has, where a task asks for that; how many fulfil a condition is another matter."""
    order = order_of(task)
    if "count" not in needs(task) or not _ROWS_NAMED.search(order) or _SOME_ROWS.search(order):
        return []
    said = words_in(order)
    cells = {cell for table in tables for row in table.rows for cell in row if isinstance(cell, str)}
    of_some = any(words <= said for cell in cells if (words := words_in(cell)))
    return [] if of_some else [(table.name, len(table.rows)) for table in tables]


def _is_ours(task: str) -> bool:
    """Whether something is to be worked out that no rule works out: how many rows fulfil a condition, one does (`reading.conditions`)."""
    asked = needs(task)
    return bool(asked) and not (asked <= _COUNTS and condition_of(task))


def _of_texts(texts: Sequence[tuple[str, str]]) -> list[Table]:
    """The tables of what was read; names in a folder are none where there is anything else."""
    tables = tables_of(texts)
    return [each for each in tables if each.columns != _LISTING] or tables


def _are_rows(kept: Sequence[Table], read: Sequence[Table], task: str) -> bool:
    """Whether there are enough rows to work something out of, in few enough tables; names in a folder are no rows.

    How often each value of a column stands there that the task names, the note behind the result of a file says already; that of a
    database was not shown.
    """
    tables = [*kept, *read]
    if len(tables) > MOST_TABLES or not any(
        len(each.rows) >= FEWEST_ROWS for each in tables if each.columns != _LISTING
    ):
        return False
    if not (asked := needs(task)) or not asked <= _COUNTS or kept:
        return True
    told = all(each.columns == _LINES for each in tables) and told_beside_numbers(
        task, (str(line) for each in tables for _, line in each.rows)
    )
    return not told and not (len(tables) == 1 and _by_one_column(tables[0], task))


def _by_one_column(table: Table, task: str) -> bool:
    """Whether a task names one column in which values are repeated, and no value of another: "how many in Lindenweg have not paid" names two."""
    repeated, said = _repeated(table), words_in(order_of(task))
    named = {name for name in repeated if holds_word(task, name)}
    chosen = {
        name for name, values in repeated.items() if any((own := words_in(value)) and own <= said for value in values)
    }
    return bool(named) and len(named | chosen) == 1


def _repeated(table: Table) -> dict[str, set[str]]:
    """The columns of texts that say the same of several rows, with what they say."""
    found = {}
    for name, cells in zip(table.columns, zip(*table.rows, strict=True), strict=True):
        texts = {cell for cell in cells if isinstance(cell, str)}
        if len(texts) < len(cells) == sum(isinstance(cell, str) for cell in cells):
            found[name] = texts
    return found
