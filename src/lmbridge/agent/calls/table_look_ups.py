"""What the loop looks up of a database's tables of itself, where a small model's statement fails, finds nothing, or changes nothing.

It is done with the run's own tools that only read, and told as calls of the run (`LookUps.ask`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lmbridge.agent.calls.look_ups import LookUps
from lmbridge.agent.held.statements import texts_sought
from lmbridge.agent.reading import notes, tool_names
from lmbridge.agent.reading.names import holds_word, leaves
from lmbridge.agent.reading.rows import items_in, rows_in
from lmbridge.mcp_host.tools.reported_failure import reported_failure
from lmbridge.mcp_host.tools.untold import table_of, untold
from lmbridge.messages import ToolCall, ToolResult, ToolSpec

MOST_ROWS = 20
"""Rows of a table that are shown behind a statement which found or changed none."""
ROWS = "rows"
"""How the ids of look-ups of whole tables go on behind `look_ups.LOOK_UP`: the model is shown what came of them, and not their rows."""
_FOR_ROWS = ToolCall(ROWS, "", "{}")
_MOST_TABLES = 6
_MOST_FOUND = 3
_LONGEST_SHOWN = 3000
_SCHEMA_WORDS = frozenset({"describe", "list", "tables", "schema", "columns"})
_QUERIES = ("query", "sql", "statement")


class TableLookUps:
    """Looks around in the tables of a server.

    Args:
        specs: The run's tools.
        look: Makes the calls.
        task: What the caller asked for.
    """

    def __init__(self, specs: Sequence[ToolSpec], look: LookUps, task: str) -> None:
        self._specs, self._look, self._task = specs, look, task

    async def tables(self, spec: ToolSpec, arguments: Mapping[str, Any], call: ToolCall) -> str:
        """What the tables have that a statement names; where none of them is there, those that are.

        Where one of several is, its first rows too: what was looked for in the others is no table.
        """
        beside = [each for each in self._specs if each.server == spec.server and _looks(each)]
        describing = next((each for each in beside if _needs_a_table(each)), None)
        listing = next((each for each in beside if not each.parameters.get("required")), None)
        named = notes.tables_in("\n".join(leaves(arguments)))
        said, there = [], []
        for name in named[:_MOST_TABLES] if describing else ():
            assert describing
            text = await self._look.ask(describing, str(describing.parameters["required"][0]), name, call)
            if text and not reported_failure(text) and text.strip() != "[]":
                columns = notes.column_names(text)
                there.append(name)
                said.append(
                    f"The table {name} has the columns {', '.join(columns)}." if columns else f"{name}: {text.strip()}"
                )
        if len(there) == 1 < len(named) and (rows := await self._first_rows(spec, there[0], call)):
            said.append(rows)
        if not said and listing and (text := await self._look.ask(listing, "", "", call)):
            said.append(f"{listing.name}: {text.strip()}")
        shown = "\n".join(said)
        return shown if len(shown) <= _LONGEST_SHOWN else ""

    async def rows(self, spec: ToolSpec, arguments: Mapping[str, Any], call: ToolCall) -> str:
        """The first rows of the one table that a statement is about; empty where they cannot be seen, or are long."""
        named = notes.tables_in("\n".join(leaves(arguments)))
        return await self._first_rows(spec, named[0], call) if len(named) == 1 else ""

    async def behind(self, spec: ToolSpec, result: ToolResult, call: ToolCall) -> ToolResult:
        """What came of a statement that writes rows, with those of its table where the answer does not say whether it wrote any."""
        arguments = result.arguments or {}
        if result.outcome != "ok" or not untold(arguments, result.content):
            return result
        table = table_of(arguments)
        rows = await self._first_rows(spec, table, call) if table else ""
        return replace(result, content=f"{result.content.strip()}\n{rows}") if rows else result

    async def _first_rows(self, spec: ToolSpec, table: str, call: ToolCall) -> str:
        statement = f"SELECT * FROM {table} LIMIT {MOST_ROWS}"  # noqa: S608 (the name has letters, digits and underlines alone)
        shown = await self._asked(spec, statement, call)
        return f"The first rows of {table}: {shown}" if shown else ""

    async def whole(self, describing: ToolSpec, table: str, most: int) -> list[Mapping[str, Any]]:
        """All rows of a table; none where it has more than `most`, or cannot be asked.

        Args:
            describing: The tool that told of the table: one of the same server is asked.
            table: Its name.
            most: Rows.
        """
        asking = next((each for each in self._specs if each.server == describing.server and takes_a_query(each)), None)
        if asking is None or not table.isidentifier():
            return []
        statement = f"SELECT * FROM {table} LIMIT {most + 1}"  # noqa: S608 (a name of letters, digits and underlines alone)
        text = await self._look.ask(asking, str(asking.parameters["required"][0]), statement, _FOR_ROWS)
        rows = rows_in(text or "")
        return rows if len(rows) <= most else []

    async def elsewhere(self, spec: ToolSpec, arguments: Mapping[str, Any], call: ToolCall) -> str:
        """The rows of other tables that have a text of the task which a statement looked for in vain; empty where none has it.

        A small model looked for the book "Emma" among the members.
        """
        sought = [text for text in texts_sought("\n".join(leaves(arguments))) if holds_word(self._task, text)]
        named = notes.tables_in("\n".join(leaves(arguments)))
        found = []
        for table in await self._others(spec, named, call) if sought else ():
            columns = await self._columns(spec, table, call)
            like = " OR ".join(f"{column} LIKE '%{_escaped(sought[0])}%'" for column in columns)
            statement = f"SELECT * FROM {table} WHERE {like} LIMIT {_MOST_FOUND}"  # noqa: S608 (names of letters alone, the text escaped)
            if columns and (rows := await self._asked(spec, statement, call)):
                found.append(f"{sought[0]} stands in {table}: {rows}")
        return "\n".join(found)

    async def _asked(self, spec: ToolSpec, statement: str, call: ToolCall) -> str:
        """What a query gives; empty where it gives nothing, fails, or gives much."""
        asking = next((each for each in self._specs if each.server == spec.server and takes_a_query(each)), None)
        if asking is None:
            return ""
        text = await self._look.ask(asking, str(asking.parameters["required"][0]), statement, call)
        shown = notes.compact(text or "").strip()
        return "" if not shown or shown == "[]" or reported_failure(shown) or len(shown) > _LONGEST_SHOWN else shown

    async def _others(self, spec: ToolSpec, named: Sequence[str], call: ToolCall) -> list[str]:
        """The tables of a server that a statement does not name, where they are few."""
        listing = next(
            (
                each
                for each in self._specs
                if each.server == spec.server
                and "tables" in tool_names.name_words(each)
                and not each.parameters.get("required")
            ),
            None,
        )
        text = await self._look.ask(listing, "", "", call) if listing else None
        names = notes.column_names(text or "") or [str(item) for item in items_in(text or "") or ()]
        others = [
            name for name in names if name.isidentifier() and name.lower() not in {each.lower() for each in named}
        ]
        return others if len(others) <= _MOST_TABLES else []

    async def _columns(self, spec: ToolSpec, table: str, call: ToolCall) -> list[str]:
        beside = [each for each in self._specs if each.server == spec.server and _looks(each)]
        describing = next((each for each in beside if _needs_a_table(each)), None)
        if describing is None:
            return []
        text = await self._look.ask(describing, str(describing.parameters["required"][0]), table, call)
        return [name for name in notes.column_names(text or "") if name.isidentifier()]


def finds_nothing(spec: ToolSpec, text: str) -> bool:
    """Whether a tool that takes a query gave an empty list."""
    return takes_a_query(spec) and text.strip() in {"[]", "()"}


def _escaped(text: str) -> str:
    return text.replace("'", "''")


def _looks(spec: ToolSpec) -> bool:
    return bool(tool_names.name_words(spec) & _SCHEMA_WORDS) and (spec.read_only or not tool_names.writes_by_name(spec))


def takes_a_query(spec: ToolSpec) -> bool:
    """Whether a tool reads by a statement: by its flag, or by its name where its server sets none."""
    required = spec.parameters.get("required") or ()
    return len(required) == 1 and str(required[0]).lower() in _QUERIES and tool_names.reads(spec)


def _needs_a_table(spec: ToolSpec) -> bool:
    required = spec.parameters.get("required") or ()
    return len(required) == 1 and "table" in str(required[0]).lower()
