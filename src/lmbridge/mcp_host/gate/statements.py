"""What an SQL statement does and to which tables: enough to tell reading from adding from changing, and no parser.

What cannot be told apart counts as changing. Comments and literals are taken out first, so that neither hides a word
nor lends one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Effect = Literal["reads", "adds", "changes"]
_STARTS = re.compile(
    r"(?i)(?:select|insert|update|delete|drop|create|alter|truncate|replace|merge|upsert|with|pragma|attach|detach|vacuum|explain|"
    r"grant|revoke|begin|commit|rollback|show|describe|values|copy|call|exec(?:ute)?)\b"
)
_BELONGS = re.compile(r"(?i)\b(?:from|into|table|set|values|select|index|view|database|pragma|vacuum)\b")
_NOISE = re.compile(r"--[^\n]*|/\*(?!!).*?(?:\*/|$)|'(?:[^']|'')*'|\$\$.*?\$\$", re.DOTALL)
_LEADING = re.compile(rf"(?:[\s(;]+|/\*!\d*|{_NOISE.pattern})*", re.DOTALL)
"""What may stand before a statement's first word; MySQL carries out what stands in a comment that begins with `!`."""
_NAME = r"(?:(?:\"([^\"]+)\"|`([^`]+)`|\[([^\]]+)\]|([\w$.]+)))"
_CHANGED = re.compile(
    r"(?i)\b(?:update(?:\s+or\s+\w+)?(?:\s+only)?|delete\s+from(?:\s+only)?|replace\s+into|insert\s+or\s+replace\s+into|merge\s+into|truncate(?:\s+table)?|"
    r"drop\s+\w+(?:\s+if\s+exists)?|alter\s+\w+(?:\s+if\s+exists)?)\s+" + _NAME
)
_ADDED = re.compile(
    r"(?i)\b(?:insert(?:\s+or\s+(?:ignore|abort|fail|rollback))?\s+into|create(?:\s+\w+){0,2}?\s+(?:table|view|index)(?:\s+if\s+not\s+exists)?)\s+"
    + _NAME
)
_READ = re.compile(r"(?i)\b(?:from|join)\s+" + _NAME + r"(?![\w$.]|\s*\()")
_CHANGES = re.compile(r"(?i)\b(?:update|delete|replace|merge|truncate|drop|alter|upsert|conflict|duplicate)\b")
_OUTSIDE = re.compile(
    r"(?i)\b(?:attach|detach|vacuum|load_extension|writefile|readfile|outfile|dumpfile|load_file|copy|grant|revoke|exec|execute|call|do|listen|notify|"
    r"dblink\w*|postgres_fdw\w*|pg_(?:read|ls|stat|write)_\w*|pg_(?:terminate|cancel|reload|rotate)\w*|lo_(?:import|export)|set_config|"
    r"xp_\w+|sp_(?:oa\w+|execute\w*|configure)|openrowset|opendatasource|openquery|utl_\w+|dbms_\w+|sys_(?:exec|eval)|http_?(?:get|post|request)\w*)\b"
)
_WORKING = re.compile(
    r"(?i)\b(?:setval|nextval|lo_(?:unlink|put|create\w*|from_bytea)|pg_(?:notify|promote|switch_\w+|create_\w+|drop_\w+|logical_emit_message)|query_to_xml\w*|cron\s*\.\s*\w+|"
    r"(?!(?:jsonb?|array|list|map|struct|regexp|xml|str|string|bit|range|hstore|dates?|time\w*|st|last|make|map)_)"
    r"(?:\w+_(?:delete|drop|purge|truncate|reset|remove|create|insert|update|upsert|terminate|kill|cancel|send|export|import|schedule|rename|rotate|flush|grant|revoke|execute|run)(?:_\w+)?"
    r"|(?:delete|drop|purge|truncate|reset|remove|create|insert|update|upsert|terminate|kill|cancel|send|schedule|unschedule|rename|rotate|flush|grant|revoke|execute|run)_\w+))\s*\("
)
"""Functions that by their names do something where a statement only seems to read."""
_GAP = r"(?:\s|/\*.*?\*/)*"
_PURE = (
    r"values|in|any|all|some|array|row|lower|upper|trim|ltrim|rtrim|length|char_length|coalesce|ifnull|nullif|concat\w*|replace|substr\w*|instr|strpos|position|"
    r"hex|quote|cast|date\w*|time\w*|strftime|json\w*|to_\w+|md5|sha\d*|split\w*|regexp\w*|like|glob|printf|format"
)
"""What takes an address as a text like any other; every other function, and whatever is read from or copied to, may go there."""
_URL = r"['\"]((?!file:)[a-z][a-z0-9+.-]{1,20}://[^'\"]+)['\"]"
_REACHED = re.compile(
    rf"(?is)\b(?:(?:from|join|to|into|attach(?:\s+database)?|install|load){_GAP}|(?!(?:{_PURE})\b)\w+{_GAP}\({_GAP}){_URL}"
)
_CONNECTED = re.compile(
    rf"(?is)(?:(?!(?:{_PURE})\b)\b\w+{_GAP}\({_GAP}|\bconnection{_GAP}|,{_GAP})'(?:[^']*[\s;])?(?:host(?:addr)?|server|data source|address|addr)\s*=\s*([\w.:-]+)"
    rf"|\boptions{_GAP}\([^)]*\bhost{_GAP}'([^']+)'|\(\s*[en]?'(?:\\\\){{2}}([\w.-]+)\\"
)
"""Hosts in what says how to connect to another database: `dblink('host=…')`, a subscription, a foreign server, a share of Windows."""
_SENT = re.compile(
    rf"(?is)\b(?:to|into|export\s+database){_GAP}{_URL}|{_URL}{_GAP}\|\||\bconcat\w*{_GAP}\({_GAP}{_URL}"
)
_PUT = re.compile(
    rf"(?is)\b(?:to|into(?:\s+(?:out|dump)file)?|attach(?:\s+database)?|export\s+database|writefile{_GAP}\(){_GAP}'([^'\n]{{1,4000}})'"
)
_READS = frozenset({"select", "explain", "show", "describe", "values", "with", "begin", "commit", "rollback", "pragma"})


_EVERY_ROW = re.compile(
    r"(?i)\bor\s+(?:not\s+false|true|1|(\S+)\s*=\s*\1)(?:\s|\)|$)|\bwhere\s+(?:true|1|(\S+)\s*=\s*\2)\s*(?:\)|$)|\blike\s+'%+'"
    r"|\bwhere\s+(?:\w+\.)?[\"`\[]?\w*id[\"`\]]?\s*(?:>=?\s*-?[01]|(?:!=|<>)\s*(?:-\d+|0)|<=?\s*9{4,}|between\s+-?[01]\s+and\s+\d*9{3,}|is\s+not\s+null)\s*(?:\)|$)"
    r"|\bor\s+[\w.\"`]+\s*(?:>=?\s*-?[01]\b|(?:!=|<>)\s*(?:-\d+|0)\b|<=?\s*9{4,}\b|is\s+not\s+null\b)"
)
"""What makes a condition hold for every row."""
_FROM_ALL = re.compile(
    r"(?is)\b(?:replace\s+into|insert\s+or\s+replace\s+into|insert\s+into)\b(?!.*\b(?:where|limit|values)\b).*\bselect\b.*\bfrom\b"
)
"""Rows written anew from all rows of a table."""
_OF_ALL = re.compile(r"(?is)\bin\s*\(\s*select\s+[\w.\"`*]+\s+from\s+[\"`\[]?([\w$.]+)[\"`\]]?\s*(?:\)|order\b)")
"""A condition that holds for whatever is in a table."""
_EQUAL = re.compile(
    r"(?i)(?<![<>!=])=\s*(?P<one>LIT)|\bin\s*\((?P<some>[^()]*)\)|(?<!not )\blike\s+(?P<like>LIT)".replace(
        "LIT", r"'(?:[^']|'')*'|-?\d+(?:\.\d+)?\b"
    )
)
_RANGED = re.compile(
    r"(?i)(?:<>|!=|[<>]=?)\s*(LIT)|\bbetween\s+(LIT)\s+and\s+(LIT)|\bnot\s+in\s*\(([^()]*)\)".replace(
        "LIT", r"'(?:[^']|'')*'|-?\d+(?:\.\d+)?\b"
    )
)
_VALUES = re.compile(r"(?i)\bvalues\b")
_ROWS = re.compile(r"\([^()]*\)")
_LITERAL = re.compile(r"'((?:[^']|'')*)'|(?<![\w.])(\d+(?:\.\d+)?)(?![\w.])")
"""Conditions that name values, and the values."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Some SQL.

    Attributes:
        effect: The strongest of its effects.
        tables: Those that it changes or adds to.
        read: Those that it reads.
        every_row: Whether every row changes.
        chosen: The values by which it chooses the rows that change.
        bounds: Of ranges by which it chooses them (`>`, `between`, `<>`), the values.
        lists: Of lists by which it chooses them (`in (17, 18)`), the values of each.
        reached: Addresses that it reads from or writes to.
        put: Files that it writes.
        rows: How many rows it gives the values of.
        sends: Whether rows or built texts go to one of the addresses.
    """

    effect: Effect
    tables: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    every_row: bool = False
    chosen: tuple[str, ...] = ()
    bounds: tuple[str, ...] = ()
    lists: tuple[tuple[str, ...], ...] = ()
    reached: tuple[str, ...] = ()
    put: tuple[str, ...] = ()
    sends: bool = False
    rows: int = 0


def is_sql(text: str) -> bool:
    """Whether a text reads as SQL: a command word at its start and something that belongs to one."""
    leading = _LEADING.match(text)
    if not _STARTS.match(text, leading.end() if leading else 0):
        return False
    return bool(_BELONGS.search(_NOISE.sub(" ", text[:20_000])))


def read(text: str) -> Statement:
    """What some SQL, perhaps of several statements, does."""
    effects: list[Effect] = []
    tables: dict[str, None] = {}
    bare = text if "\\'" in text else _NOISE.sub(" ? ", text)  # where a literal ends is not the same everywhere then
    for part in bare.replace("/*!", " ").split(";"):
        if part.strip(" \t\r\n?"):
            effects.append(_effect(part))
            pattern = _ADDED if effects[-1] == "adds" else _CHANGED
            tables |= dict.fromkeys(next(name for name in groups if name) for groups in pattern.findall(part))
    where = list(_conditions(text))
    order: list[Effect] = ["reads", "adds", "changes"]
    seen = tuple(dict.fromkeys(next(name for name in groups if name) for groups in _READ.findall(bare)))
    return Statement(
        max(effects, key=order.index, default="reads"),
        tuple(tables),
        seen,
        any(map(_is_whole, text.split(";"))),
        tuple(value for each in where for value in _chosen(each)),
        tuple(value for each in where for value in _bounds(each)),
        tuple(values for each in where for values in _lists(each)),
        tuple(dict.fromkeys((*_REACHED.findall(text), *_connected(text)))),
        tuple(name for name in dict.fromkeys(_PUT.findall(text)) if "://" not in name and re.search(r"[/\\.]", name)),
        bool(_SENT.search(text)),
        len(_ROWS.findall(_NOISE.sub("?", text).partition(found[0])[2])) if (found := _VALUES.search(text)) else 0,
    )


def _connected(text: str) -> Iterator[str]:
    return (next(host for host in hosts if host) for hosts in _CONNECTED.findall(text))


def _conditions(text: str) -> Iterator[str]:
    """The conditions of changes."""
    for part in text.split(";"):
        first = re.match(r"[\s(]*(\w+)", part)
        where = re.search(r"(?i)\bwhere\b", part)
        if where and first and first[1].lower() in {"update", "delete", "with"} and _CHANGED.search(part):
            yield part[where.end() :]


def _chosen(conditions: str) -> Iterator[str]:
    """The texts and numbers of conditions that things are equal."""
    named = " ".join(" ".join(filter(None, found.groups())) for found in _EQUAL.finditer(conditions))
    yield from _values(named)


def _bounds(conditions: str) -> Iterator[str]:
    """The texts and numbers of conditions that things lie in a range, or are not one thing."""
    for found in _RANGED.finditer(conditions):
        yield from _values(" ".join(filter(None, found.groups())))


def _lists(conditions: str) -> Iterator[tuple[str, ...]]:
    """The texts and numbers of each list."""
    for found in _EQUAL.finditer(conditions):
        if found["some"]:
            yield tuple(_values(found["some"]))


def _values(text: str) -> Iterator[str]:
    return ((quoted or number).strip("%_ ") for quoted, number in _LITERAL.findall(text))


def _is_whole(part: str) -> bool:
    """Whether a change of rows is held to none of them by a condition."""
    if _FROM_ALL.search(part) and _CHANGES.search(part):
        return True
    first = re.match(r"[\s(]*(\w+)", part)
    if not first or first[1].lower() not in {"update", "delete", "with"} or not _CHANGED.search(part):
        return False
    changed = {name for names in _CHANGED.findall(part) for name in names if name}
    return (
        not re.search(r"(?i)\bwhere\b", part)
        or bool(_EVERY_ROW.search(part))
        or not changed.isdisjoint(_OF_ALL.findall(part))
    )


def _effect(part: str) -> Effect:
    first = re.match(r"[\s(?]*(\w+)", part)
    word = first[1].lower() if first else ""
    if _OUTSIDE.search(part) or (word in _READS and _WORKING.search(part)):
        return "changes"
    if _CHANGED.search(part) or (_CHANGES.search(part) and word not in {"select", "explain", "create"}):
        return "changes"
    if _ADDED.search(part):
        return "adds"
    return "reads" if word in _READS and not (word == "pragma" and "=" in part) else "changes"
