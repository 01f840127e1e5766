"""Arguments that a call written as Python gives by position: which of the tool's parameters each of them is.

A schema knows no order that counts: some servers list their parameters by the alphabet, and `write_file("/a", "text")`
would then write a file named `text`. So positions are taken only where nothing else can be meant; else the model is told
to name its arguments.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, permutations
from typing import Any

from lmbridge.llm.dialects.names import meant
from lmbridge.llm.dialects.values import ArgumentNames, Piece, Said
from lmbridge.messages import ToolSpec
from lmbridge.schemas.validate import Accepted, validate

_MOST_POSITIONS = 5
_MOST_ORDERS = 120


def named(piece: Piece, tools: Mapping[str, ArgumentNames]) -> Piece:
    """A piece with every argument by its name; one without calls, and with what is wrong, where that is not plain.

    Args:
        piece: What a reader found.
        tools: The run's tools.
    """
    if not any(call.positions for call in piece.calls):
        return piece
    calls = []
    for call in piece.calls:
        tool = meant(call.name, tools)
        spec = tools[tool].spec if tool in tools else None
        arguments = _arguments(call, spec) if call.positions else json.loads(call.arguments)
        if arguments is None:
            return Piece(piece.start, piece.end, (), piece.dialect, _fault(tool, spec) if tool in tools else "")
        calls.append(Said(call.name, json.dumps(arguments, ensure_ascii=False)))
    return Piece(piece.start, piece.end, tuple(calls), piece.dialect)


def _arguments(call: Said, spec: ToolSpec | None) -> dict[str, Any] | None:
    """The arguments by name; None where it is not plain which is which."""
    if spec is None or len(call.positions) > _MOST_POSITIONS:
        return None
    given = json.loads(call.arguments)
    free = [name for name in _parameters(spec) if name not in given]
    needed = [name for name in _required(spec) if name not in given]
    chosen = _chosen(free, needed, len(call.positions))
    if chosen is None or not _fits(spec, chosen, call.positions, given):
        return None
    if _is_sorted(chosen) and any(_fits(spec, other, call.positions, given) for other in _other_orders(chosen)):
        return None
    return {**dict(zip(chosen, call.positions, strict=True)), **given}


def _chosen(free: Sequence[str], needed: Sequence[str], count: int) -> list[str] | None:
    """The parameters that so many positions are: those that are needed, in their order; all, where that many there are."""
    ordered = [*needed, *(name for name in free if name not in needed)]
    if count == len(needed) or count == len(ordered):
        return ordered[:count]
    return None


def _parameters(spec: ToolSpec) -> list[str]:
    properties = spec.schema.get("properties") or spec.parameters.get("properties")
    return list(properties) if isinstance(properties, Mapping) else []


def _required(spec: ToolSpec) -> list[str]:
    """The needed parameters in the order in which the schema describes them."""
    listed = spec.schema.get("required") or spec.parameters.get("required")
    return [name for name in _parameters(spec) if isinstance(listed, list) and name in listed]


def _fits(spec: ToolSpec, names: Sequence[str], values: Sequence[Any], given: Mapping[str, Any]) -> bool:
    arguments = {**dict(zip(names, values, strict=True)), **given}
    judged = validate(json.dumps(arguments), spec.schema)
    return isinstance(judged, Accepted) and (len(names) == 1 or not judged.mended)


def _is_sorted(names: Sequence[str]) -> bool:
    """Whether the order may be the alphabet's alone."""
    return len(names) > 1 and list(names) == sorted(names, key=str.lower)


def _other_orders(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return islice(permutations(names), 1, _MOST_ORDERS)


def _fault(tool: str, spec: ToolSpec | None) -> str:
    names = (_required(spec) or _parameters(spec)) if spec else []
    if spec and not names:
        return f"Your call of {tool} could not be read: it takes no arguments. Call it so: {tool}()."
    form = f"{tool}({', '.join(f'{name}=…' for name in names[:_MOST_POSITIONS] or ['name'])})"
    return f"Your call of {tool} could not be read: which argument is which is not plain. Name each of them: {form}."
