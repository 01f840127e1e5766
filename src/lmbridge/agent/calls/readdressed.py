"""A query that a small model gives to a tool which cannot ask it: to the calculator, or to the tool of its server that writes. Pure.

A 1.5B wrote `SELECT COUNT(*) FROM households WHERE paid = 'no'` as the expression of `calculate`, and gave up at its error; the SQLite server
of the reference set answers a SELECT to `write_query` with "SELECT queries are not allowed for write_query".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace

from lmbridge.agent.calls.table_look_ups import takes_a_query
from lmbridge.agent.reading import tool_names
from lmbridge.agent.reading.names import leaves
from lmbridge.agent.tools.calculate import CALCULATE
from lmbridge.agent.tools.read_result import arguments_of
from lmbridge.messages import ToolCall, ToolSpec

_ASKS = re.compile(r"\s{0,20}select\b[^;]{1,4000};?\s{0,20}", re.IGNORECASE)
_FROM = re.compile(r"\bfrom\s", re.IGNORECASE)
_INTO = re.compile(r"'(?:[^']|'')*'|\b(into)\s", re.IGNORECASE)
"""`SELECT … INTO t` makes a table in some databases; the word within a text does not."""


def readdressed(call: ToolCall, spec: ToolSpec | None, specs: Iterable[ToolSpec]) -> ToolCall | None:
    """The same query as a call of the tool that asks; None for any other call, and where there is not just one such tool.

    Args:
        call: The call.
        spec: Its tool; None where there is none of its name.
        specs: The run's tools.
    """
    if not _cannot_ask(call, spec):
        return None
    server = spec.server if spec else ""
    texts = [*leaves(arguments_of(call) or {})]
    if len(texts) != 1 or not _only_asks(texts[0]):
        return None
    asking = [each for each in specs if takes_a_query(each) and (not server or each.server == server)]
    if len(asking) != 1:
        return None
    (parameter,) = asking[0].parameters["required"]
    return replace(call, name=asking[0].name, arguments=json.dumps({parameter: texts[0]}, ensure_ascii=False))


def _cannot_ask(call: ToolCall, spec: ToolSpec | None) -> bool:
    """Whether a call goes to the calculator, or to a tool of a server that writes."""
    if spec is None or not spec.server:
        return call.name == CALCULATE.name
    return not spec.read_only and tool_names.writes_by_name(spec)


def _only_asks(text: str) -> bool:
    """Whether a text is one SELECT from a table."""
    return bool(_ASKS.fullmatch(text) and _FROM.search(text)) and not any(_INTO.findall(text))
