"""Arguments from the wire, checked against a tool's signature; every refusal names the parameter, the value, the cure."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from lmbridge.errors import InvalidArgumentsError
from lmbridge.server.tools.declare import MISSING, Tool, bound, input_schema, parameters

_SHOWN_CHARS = 60
_SHOWN_PROBLEMS = 4
_NEAR_MISSES = {"string_too_short", "string_too_long", "too_short", "finite_number"}
_WORDS = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}


class Arguments:
    """Checks the arguments of one tool; the model behind it is made at the first call, not at start."""

    def __init__(self, tool: Tool) -> None:
        self._tool = tool
        self._schema = input_schema(tool.run, whole=True)  # with what is taken and not told
        self._properties: dict[str, Any] = self._schema["properties"]
        self._model: type[BaseModel] | None = None

    def checked(self, given: Mapping[str, Any] | None) -> dict[str, Any]:
        """The keyword arguments of the tool's function, defaults filled in.

        Raises:
            InvalidArgumentsError: Some are missing, unknown or of the wrong kind.
        """
        whole = {name: self._whole(name, value) for name, value in (given or {}).items()}
        try:
            parsed = self._checker().model_validate(whole)
        except ValidationError as error:
            parsed = self._mended(whole)
            if parsed is None:
                raise self._refused(error) from None
        return bound(self._tool.run, {name: getattr(parsed, name) for name in self._properties})

    def _mended(self, given: Mapping[str, Any]) -> BaseModel | None:
        """Arguments that a client wrote as text where no text may stand, read as what they exactly are; None where none are.

        Claude Code and others send lists, objects, numbers and booleans as JSON text now and then; they are mended by the same
        rules as those of models.
        """
        from lmbridge.schemas.validate import Accepted, checker  # costs 40 ms, which only what is wrong pays

        meant = {name: self._meant(name, value) for name, value in given.items()}
        try:
            judged = checker(self._schema).validate(json.dumps(meant, allow_nan=False), tool=self._tool.name)
            if not isinstance(judged, Accepted) or not (judged.mended or meant != given):
                return None
            whole = {name: self._whole(name, value) for name, value in judged.arguments.items()}
            return self._checker().model_validate(whole)
        except (ValueError, TypeError, RecursionError):  # pydantic's refusal is a ValueError
            return None

    def _meant(self, name: str, value: Any) -> Any:
        """A word in whatever case, where one of a few is wanted; one text, or names with commas, where a list of texts is."""
        schema = self._properties.get(name, {})
        members = schema.get("anyOf", [schema])
        if not isinstance(value, str) or not value.strip():
            return value
        words = {str(word).lower(): word for member in members for word in member.get("enum", ())}
        lists = any(member.get("items", {}).get("type") == "string" for member in members)
        if lists and not value.lstrip().startswith(("[", "{", '"')):
            return (
                [part.strip() for part in value.split(",") if part.strip()]
                if name.endswith(("names", "tools"))
                else [value]
            )
        return words.get(value.strip().lower(), value)

    def _checker(self) -> type[BaseModel]:
        if self._model is None:
            fields: dict[str, Any] = {
                name: (annotation, ... if default is MISSING else default)
                for name, (annotation, default) in parameters(self._tool.run).items()
            }
            config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, protected_namespaces=())
            self._model = create_model(self._tool.name, __config__=config, **fields)
        return self._model

    def _whole(self, name: str, value: Any) -> Any:
        """JSON has one kind of number: 3.0 is a whole number too."""
        wanted = self._properties.get(name, {})
        whole = "integer" in str(wanted.get("type", wanted.get("anyOf")))
        return int(value) if whole and isinstance(value, float) and value.is_integer() else value

    def _refused(self, error: ValidationError) -> InvalidArgumentsError:
        problems = [self._problem(fault) for fault in _sharpest(error.errors(include_url=False))]
        more = f"; and {len(problems) - _SHOWN_PROBLEMS} more" if len(problems) > _SHOWN_PROBLEMS else ""
        names = ", ".join(self._properties) or "none"
        return InvalidArgumentsError(
            "; ".join(problems[:_SHOWN_PROBLEMS]) + more, hint=f"{self._tool.name} takes: {names}."
        )

    def _problem(self, fault: Any) -> str:
        name = str(fault["loc"][0])
        if fault["type"] == "extra_forbidden":
            near = nearest(name, self._properties)
            return f"{shown(name)} is not a parameter" + (f" ({near})" if near else "")
        place = _place(fault)
        schema = self._properties[name]
        right = describe(schema["items"] if place and schema.get("items") else schema)
        if fault["type"] in {"string_too_short", "too_short"}:
            right += " that is not empty"
        elif fault["type"] == "string_too_long":
            right += f" of at most {fault['ctx']['max_length']} characters"
        elif fault["type"] == "finite_number":
            right = right.replace("a number", "a finite number")
        if fault["type"] == "missing" and len(fault["loc"]) == 1:
            return f"{name} is missing: give {right}"
        return f"{name}{place} = {shown(fault['input'])} cannot be used: give {right}"


def _sharpest(faults: Sequence[Any]) -> list[Any]:
    """One fault for each place: of a value that fits no member of a union, that of the member it comes nearest to."""
    best: dict[tuple[Any, str], Any] = {}
    inside = {fault["loc"][0] for fault in faults if _place(fault)}
    for fault in faults:
        key = fault["loc"][0], _place(fault)
        if key[0] in inside and not key[1]:
            continue
        if key not in best or fault["type"] in _NEAR_MISSES:
            best[key] = fault
    return list(best.values())


def _place(fault: Any) -> str:
    """Which item of a list is meant; empty for the whole value."""
    return next((f"[{part}]" for part in fault["loc"][1:] if isinstance(part, int)), "")


def shown(value: Any) -> str:
    """A value as an error message shows it: short, on one line."""
    text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + "…"


def describe(schema: Mapping[str, Any]) -> str:
    """What a schema asks for, in words."""
    if "anyOf" in schema:
        return " or ".join(describe(member) for member in schema["anyOf"])
    if "const" in schema:
        return repr(schema["const"])
    if "enum" in schema:
        return "one of " + ", ".join("null" if value is None else repr(value) for value in schema["enum"])
    kinds = schema.get("type", [])
    words = [_WORDS[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds)] or ["any JSON value"]
    return " or ".join(words) + _limits(schema)


def _limits(schema: Mapping[str, Any]) -> str:
    said = []
    if "items" in schema and schema["items"].get("type"):
        said.append(f"of {_WORDS[schema['items']['type']].split(' ', 1)[1]}s")
    if "minimum" in schema:
        said.append(f"of at least {schema['minimum']}")
    if "exclusiveMinimum" in schema:
        said.append(f"above {schema['exclusiveMinimum']}")
    if "maximum" in schema:
        said.append(f"of at most {schema['maximum']}" if len(said) == 0 else f"and at most {schema['maximum']}")
    return (" " + " ".join(said)) if said else ""


def nearest(name: str, known: Iterable[str]) -> str:
    """`did you mean …?` where something close is known, else nothing."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]}?" if near else ""
