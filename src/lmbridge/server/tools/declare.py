"""A tool declared once: from a function's signature come its input schema, its checks and its defaults.

The schema that clients read is written by hand-sized rules instead of pydantic's generator, because every tool's
schema is paid for by the calling agent's context: no titles, no `anyOf` for an optional value, no `$defs`.
"""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import Field
from pydantic.fields import FieldInfo

from lmbridge.errors import LmbridgeError
from lmbridge.server.tools.call import Answer, plain_failure
from lmbridge.settings import ToolGroup

Run = Callable[..., Awaitable[Answer]]
MISSING: Any = dataclasses.MISSING

_KEYWORDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum"}


Filled = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(min_length=1, max_length=256)]
"""A name or an id. Longer ones are refused, so that no error has to repeat them."""


class Unsaid:
    """Marks an optional parameter that takes null too, which is not worth telling to every calling agent."""


class Hidden(Unsaid):
    """Marks a parameter that is taken and not told at all: whoever needs it is told by a report (`needs_grant`)."""


_TYPES: dict[Any, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    dict: "object",
    list: "array",
    type(None): "null",
}


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool of the server.

    Attributes:
        run: Takes a `Call` and the checked arguments by name; its docstring is what the calling agent reads.
        group: The group that switches it on and off.
        title: Its name for people.
        output: JSON Schema of the structured content.
        read_only: It changes nothing anywhere.
        destructive: It may change or remove what was there.
        idempotent: A repeat does no more than the first call.
        refusal: The structured content of a failure.
        schema: The input schema, from the signature of `run`.
    """

    run: Run
    group: ToolGroup
    title: str
    output: Mapping[str, Any]
    read_only: bool = False
    destructive: bool = False
    idempotent: bool = False
    refusal: Callable[[LmbridgeError], dict[str, Any]] = plain_failure
    schema: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "schema", input_schema(self.run))

    @property
    def name(self) -> str:
        """The name clients call."""
        return self.run.__name__

    @property
    def description(self) -> str:
        """What the calling agent reads: the function's docstring on one line."""
        return " ".join((self.run.__doc__ or "").split())

    def annotations(self) -> dict[str, bool]:
        """The hints that differ from the protocol's defaults, and `readOnlyHint` always."""
        if self.read_only:
            return {"readOnlyHint": True}
        hints = {"readOnlyHint": False} if self.destructive else {"readOnlyHint": False, "destructiveHint": False}
        return hints | ({"idempotentHint": True} if self.idempotent else {})


def parameters(run: Run) -> dict[str, tuple[Any, Any]]:
    """Annotation and default (`MISSING` where required) of each keyword-only parameter.

    A parameter whose type is a dataclass stands for that dataclass's fields, so that tools can share them.
    """
    found: dict[str, tuple[Any, Any]] = {}
    for name, (annotation, default) in _keywords_of(run).items():
        if dataclasses.is_dataclass(annotation) and isinstance(annotation, type):
            hints = typing.get_type_hints(annotation, include_extras=True)
            found |= {each.name: (hints[each.name], each.default) for each in dataclasses.fields(annotation)}
        else:
            found[name] = (annotation, default)
    return found


def bound(run: Run, values: Mapping[str, Any]) -> dict[str, Any]:
    """Checked values as the keyword arguments of `run`: those of a dataclass gathered into it."""
    arguments: dict[str, Any] = {}
    for name, (annotation, _) in _keywords_of(run).items():
        if dataclasses.is_dataclass(annotation) and isinstance(annotation, type):
            arguments[name] = annotation(**{each.name: values[each.name] for each in dataclasses.fields(annotation)})
        else:
            arguments[name] = values[name]
    return arguments


def _keywords_of(run: Run) -> dict[str, tuple[Any, Any]]:
    hints = typing.get_type_hints(run, include_extras=True)
    keywords = [p for p in inspect.signature(run).parameters.values() if p.kind is p.KEYWORD_ONLY]
    return {p.name: (hints[p.name], MISSING if p.default is p.empty else p.default) for p in keywords}


def input_schema(run: Run, *, whole: bool = False) -> dict[str, Any]:
    """The JSON Schema of a tool's arguments.

    Args:
        run: The tool's function.
        whole: With the parameters that are not told.
    """
    properties: dict[str, Any] = {}
    required = []
    for name, (annotation, default) in parameters(run).items():
        if Hidden in get_args(annotation) and not whole:
            continue
        properties[name] = schema_of(annotation)
        if default is MISSING:
            required.append(name)
        elif default is not None:
            properties[name]["default"] = default
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    return schema | ({"required": required} if required else {})


def schema_of(annotation: Any) -> dict[str, Any]:
    """The JSON Schema of one annotation: plain types, `Literal`, `list[…]`, `dict[…]`, unions and `Annotated` bounds."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _annotated(*get_args(annotation))
    if origin is Literal:
        values = get_args(annotation)
        return {"const": values[0]} if len(values) == 1 else {"enum": list(values)}
    if origin in {Union, types.UnionType}:
        return _union([schema_of(member) for member in get_args(annotation)])
    if origin is list:
        return {"type": "array", "items": schema_of(get_args(annotation)[0])}
    if annotation is Any:
        return {}
    return {"type": _TYPES[origin or annotation]}


def _annotated(base: Any, *extras: Any) -> dict[str, Any]:
    if Unsaid in extras or Hidden in extras:
        members = [member for member in get_args(base) if member is not type(None)]
        return _union([schema_of(member) for member in members])
    return schema_of(base) | _bounds(list(extras))


def _union(members: list[dict[str, Any]]) -> dict[str, Any]:
    """One member as it is; several types merged into one list where nothing is lost by it."""
    if len(members) == 1:
        return members[0]
    if any("type" not in member for member in members):
        return {"anyOf": members}
    merged: dict[str, Any] = {"type": [member["type"] for member in members]}
    for member in members:
        merged |= {key: value for key, value in member.items() if key != "type"}
    return merged


def _bounds(extras: list[Any]) -> dict[str, Any]:
    """Limits of numbers, and descriptions. How long texts may be goes without saying; it is checked all the same."""
    found: dict[str, Any] = {}
    for extra in extras:
        if isinstance(extra, FieldInfo):
            found |= _bounds(list(extra.metadata))
            found |= {"description": extra.description} if extra.description else {}
            continue
        for attribute, keyword in _KEYWORDS.items():
            if getattr(extra, attribute, None) is not None:
                found[keyword] = getattr(extra, attribute)
    return found
