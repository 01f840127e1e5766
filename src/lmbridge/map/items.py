"""The items of a map: lines, rows of CSV, values of JSONL, files of a glob, or values given in the program.

Items are read twice, once to check them all before any work begins and once to work them off, and never held all at
once: a million rows cost no more memory than one.
"""

from __future__ import annotations

import csv
import glob
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

from lmbridge.errors import InvalidArgumentsError

Format = Literal["auto", "lines", "csv", "jsonl"]
Value = Any
"""What an item is: a text, or a value of JSON."""

_BY_SUFFIX: dict[str, Format] = {
    ".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
}  # fmt: skip
_WILD = "*?["
_IN_MEMORY = 16 * 2**20
_LONGEST_CELL = 2**31 - 1
_NAMES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Item:
    """One item.

    Attributes:
        value: A line, a path of a glob, a row of CSV as an object, or a value of JSONL.
        where: Where it stands, for errors: `rows.csv, line 3`.
        file: Whether `value` is the path of a file, whose text is the field `text`.
    """

    value: Value
    where: str
    file: bool = False

    @property
    def fields(self) -> list[str]:
        """The names that a template may use."""
        names = list(map(str, self.value)) if isinstance(self.value, Mapping) else []
        return [*dict.fromkeys(["item", *(["text"] if self.file else []), *names])]

    def field(self, name: str) -> str:
        """The text of one field: texts as they are, other values as JSON; `item` is the whole.

        Raises:
            InvalidArgumentsError: The file of the item cannot be read as text.
        """
        if isinstance(self.value, Mapping) and name in self.value:
            return _text(self.value[name])
        if self.file and name == "text":
            return _read(Path(self.value))
        return _text(self.value)


class Items:
    """Items that can be gone through again and again.

    Args:
        name: Where they come from, for people.
        again: Gives them from the first on.
        path: The file that holds them, where it is one.
    """

    def __init__(self, name: str, again: Callable[[], Iterator[Item]], path: Path | None = None) -> None:
        self.name = name
        self.path = path
        self._again = again

    def __iter__(self) -> Iterator[Item]:
        return self._again()


def map_items(values: Iterable[Value]) -> Items:
    """Values of the program as items: texts, or what JSON can hold.

    Raises:
        InvalidArgumentsError: A value that JSON cannot hold.
    """
    held = list(values)
    for number, value in enumerate(held, 1):
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise InvalidArgumentsError(f"Item {number} cannot be kept as JSON: {error}.") from None
    return Items("the items given", lambda: (Item(value, f"item {n}") for n, value in enumerate(held, 1)))


def opened(source: str, *, form: Format = "auto", stdin: BinaryIO | None = None) -> Items:
    """The items of a file, of a glob's files, or of stdin.

    Args:
        source: Path of a file, a glob such as `notes/**/*.md`, or `-` for stdin.
        form: What a file or stdin holds; `auto`: by its suffix, else lines. From stdin, lines that begin with `{` are
            JSONL.
        stdin: Read where `source` is `-`.

    Raises:
        InvalidArgumentsError: There is no such file, or no file fits the glob.
    """
    if source == "-":
        return _piped(stdin, form)
    path = Path(source).expanduser()
    if path.is_file():
        kind = _BY_SUFFIX.get(path.suffix.lower(), "lines") if form == "auto" else form
        return Items(source, lambda: _from_file(path, source, kind), path)
    if path.is_dir():
        raise InvalidArgumentsError(
            f"--items {source} is a folder.", hint=f"Give its files as a glob in quotes, such as '{path / '*.md'}'."
        )
    if path.exists():  # a pipe, such as a shell's `<(…)`, which is read only once
        return _of_pipe(path, source, form)
    if not any(mark in source for mark in _WILD):
        raise InvalidArgumentsError(f"--items {source}: there is no such file.", hint="Give a file, a glob, or -.")
    found = glob.iglob(str(path), recursive=True)  # noqa: PTH207  # which takes absolute globs, and skips hidden files
    paths = sorted(each for each in found if Path(each).is_file())
    if not paths:
        raise InvalidArgumentsError(
            f"--items {source}: no file fits the glob.", hint="Is it in quotes, and ** for folders?"
        )
    return Items(source, lambda: (Item(each, each, file=True) for each in paths))


def _of_pipe(path: Path, source: str, form: Format) -> Items:
    try:
        with path.open("rb") as pipe:
            return _piped(pipe, form, source)
    except OSError as error:
        raise InvalidArgumentsError(f"--items {source} cannot be read: {error.strerror or error}.") from None


def _piped(stdin: BinaryIO | None, form: Format, name: str = "stdin") -> Items:
    if stdin is None:
        raise InvalidArgumentsError("--items - reads stdin, and there is none.")
    spooled = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # lives as long as the items
    while piece := stdin.read(2**20):
        spooled.write(piece)
    spooled.seek(0)
    start = spooled.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")
    kind = ("jsonl" if start.startswith(b"{") else "lines") if form == "auto" else form

    def again() -> Iterator[Item]:
        spooled.seek(0)
        return _parsed(spooled, name, kind)

    return Items(name, again)


def _from_file(path: Path, name: str, kind: Format) -> Iterator[Item]:
    try:
        with path.open("rb") as lines:
            yield from _parsed(lines, name, "json" if path.suffix.lower() == ".json" and kind == "jsonl" else kind)
    except OSError as error:
        raise InvalidArgumentsError(f"--items {name} cannot be read: {error.strerror or error}.") from None


def _parsed(lines: Iterable[bytes], name: str, kind: str) -> Iterator[Item]:
    match kind:
        case "csv":
            return _rows(_decoded(lines, name), name)
        case "jsonl":
            return _values(_decoded(lines, name), name)
        case "json":
            return _members(_decoded(lines, name), name)
        case _:
            return _lines(_decoded(lines, name), name)


def _decoded(lines: Iterable[bytes], name: str) -> Iterator[str]:
    """The lines as text; a byte order mark at the beginning is no part of it."""
    for number, line in enumerate(lines, 1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise InvalidArgumentsError(
                f"{name}, line {number} is not UTF-8 (byte {error.start + 1}).", hint="Save the file as UTF-8."
            ) from None


def _lines(lines: Iterator[str], name: str) -> Iterator[Item]:
    for number, line in enumerate(lines, 1):
        text = line.rstrip("\r\n")
        if text.strip():
            yield Item(text, f"{name}, line {number}")


def _values(lines: Iterator[str], name: str) -> Iterator[Item]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            where = f"{name}, line {number}"
            yield Item(_json(line, where), where)


def _members(lines: Iterator[str], name: str) -> Iterator[Item]:
    """A file with one list; one value on each line, as some programs call `.json`, goes as well."""
    text = "".join(lines)
    if not text.lstrip().startswith("["):
        return _values(iter(text.splitlines()), name)
    return (Item(value, f"{name}, item {number}") for number, value in enumerate(_json(text, name), 1))


def _json(text: str, where: str) -> Value:
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InvalidArgumentsError(f"{where} holds half of a surrogate pair, which is no text.") from None
    except (ValueError, RecursionError) as error:
        raise InvalidArgumentsError(f"{where} is not JSON: {error}.", hint="One value of JSON on each line.") from None
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no value of JSON")


def _rows(lines: Iterator[str], name: str) -> Iterator[Item]:
    """Rows as objects; the first line names the columns, and says whether commas, semicolons or tabs part them."""
    head = next(lines, "")
    mark = max(",;\t", key=head.count)
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(_with(head, lines), delimiter=mark, strict=True)
    try:
        names = _columns(next(reader, []), name)
        for row in reader:
            if any(row):
                where = f"{name}, line {reader.line_num}"
                if len(row) != len(names):
                    raise InvalidArgumentsError(f"{where} has {len(row)} cells, and {len(names)} columns are named.")
                yield Item(dict(zip(names, row, strict=True)), where)
    except csv.Error as error:
        raise InvalidArgumentsError(f"{name}, line {reader.line_num} is not CSV: {error}.") from None


def _with(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _columns(row: list[str], name: str) -> list[str]:
    names = [cell.strip() for cell in row]
    if not any(names):
        raise InvalidArgumentsError(f"{name} is empty: its first line must name the columns.")
    twice = [each for each in dict.fromkeys(names) if names.count(each) > 1]
    if twice or "" in names:
        fault = f"names the column {twice[0]!r} twice" if twice and twice[0] else "leaves a column without a name"
        raise InvalidArgumentsError(f"{name}, line 1 {fault}.", hint="Each column needs a name of its own.")
    return names


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        why = "it is not UTF-8 text" if isinstance(error, ValueError) else getattr(error, "strerror", None) or error
        raise InvalidArgumentsError(f"{path} cannot be read: {why}.") from None
