"""What a model is told about arguments that its tool does not take: short, exact, with the way out."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from jsonschema.exceptions import ValidationError

MOST_FAULTS: Final = 3
LONGEST_COMPLAINT: Final = 590
LONGEST_VALUE: Final = 40

_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$-]*")


def complaint(tool: str, faults: Sequence[str]) -> str:
    """The whole message: which tool, the first faults, and that nothing was done."""
    head = f"Invalid arguments for {tool}: " if tool else "Invalid arguments: "
    tail = " Nothing was executed; call again with corrected arguments."
    shown = "; ".join(faults[:MOST_FAULTS])
    if len(faults) > MOST_FAULTS:
        shown += f"; and {len(faults) - MOST_FAULTS} more"
    room = LONGEST_COMPLAINT - len(head) - len(tail) - 1
    if len(shown) > room:
        shown = shown[: room - 1] + "…"
    return f"{head}{shown}.{tail}"


def faults_of(errors: Sequence[ValidationError]) -> list[str]:
    """One sentence for each fault, outer ones first, missing and unknown fields named with their nearest."""
    told: dict[str, None] = {}
    for error in sorted(errors, key=lambda error: (len(error.absolute_path), str(list(error.absolute_path)))):
        for fault in _faults(error):
            told.setdefault(fault)
    return list(told)


def _faults(error: ValidationError) -> Iterator[str]:
    where = place(list(error.absolute_path))
    match error.validator:
        case "required":
            yield from _missing(error, where)
        case "additionalProperties" | "unevaluatedProperties":
            yield from _unknown(error, where)
        case "anyOf" | "oneOf":
            yield from _no_choice(error, where)
        case _:
            yield f"{_at(where)}{_expected(error)}, got {shown(error.instance)}"


def _missing(error: ValidationError, where: str) -> Iterator[str]:
    instance, schema = error.instance, error.schema
    if not isinstance(instance, Mapping) or not isinstance(error.validator_value, list):
        return
    known = schema.get("properties", {}) if isinstance(schema, Mapping) else {}
    for name in error.validator_value:
        if name not in instance:
            kind = _kind_of(known.get(name))
            yield f"{_at(where)}the required field `{name}`{f' ({kind})' if kind else ''} is missing"


def _unknown(error: ValidationError, where: str) -> Iterator[str]:
    instance, schema = error.instance, error.schema
    known = list(schema.get("properties", {})) if isinstance(schema, Mapping) else []
    if not isinstance(instance, Mapping) or isinstance(error.validator_value, Mapping):
        yield f"{_at(where)}a field is not allowed"
        return
    for name in (name for name in instance if name not in known):
        near = nearest(name, known)
        listed = f"; known fields: {', '.join(known[:8])}" if known else "; it takes no fields"
        yield f"{_at(where)}unknown field `{name[:60]}`" + (f" (did you mean `{near}`?)" if near else listed)


def _no_choice(error: ValidationError, where: str) -> Iterator[str]:
    """Of a choice, the fault of the branch that fits best: the one whose faults lie deepest."""
    if not error.context:
        yield f"{_at(where)}more than one of the allowed forms fits {shown(error.instance)}"
        return
    if all(child.validator == "type" and not child.relative_path for child in error.context):
        kinds = " or ".join(dict.fromkeys(_types(child.validator_value) for child in error.context))
        yield f"{_at(where)}expected {kinds}, got {shown(error.instance)}"
        return
    branches: dict[Any, list[ValidationError]] = {}
    for child in error.context:
        which = next(iter(child.relative_schema_path), None)  # a branch that is `false` has no path
        branches.setdefault(which, []).append(child)
    wrong_kind = {
        key for key, faults in branches.items() if any(f.validator == "type" and not f.relative_path for f in faults)
    }
    fitting = [faults for key, faults in branches.items() if key not in wrong_kind] or list(branches.values())
    yield from _faults(min(fitting, key=len)[0])


def _expected(error: ValidationError) -> str:
    value = error.validator_value
    match error.validator:
        case None:  # a schema that is `false`
            return "nothing is allowed here"
        case "type":
            return f"expected {_types(value)}"
        case "enum":
            return f"expected one of {_listed(value)}"
        case "const":
            return f"expected {shown(value)}"
        case "pattern":
            return f"expected text matching {shown(value)}"
        case "minLength" | "maxLength":
            return f"expected {'at least' if error.validator == 'minLength' else 'at most'} {value} characters"
        case "minItems" | "maxItems":
            return f"expected {'at least' if error.validator == 'minItems' else 'at most'} {value} items"
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            return f"expected {_BOUNDS[error.validator]} {value}"
        case _:
            return f"the schema's `{error.validator}` is not met"


_BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
}


def _types(value: object) -> str:
    return " or ".join(map(str, value)) if isinstance(value, list) else str(value)


def _kind_of(schema: object) -> str:
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    return _types(kind) if kind else ""


def _listed(values: object) -> str:
    listed = values if isinstance(values, list) else [values]
    return ", ".join(shown(value) for value in listed[:8]) + (", …" if len(listed) > 8 else "")


def shown(value: object) -> str:
    """A value as a model reads it: its kind and its beginning."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except RecursionError:
        text = "nested very deeply"
    short = text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
    for kind, name in _SHOWN_KINDS:
        if isinstance(value, kind) and not isinstance(value, bool):
            return f"{name} {short}"
    return short


_SHOWN_KINDS = ((dict, "object"), (list, "array"), (str, "string"), ((int, float), "number"))


def place(path: Sequence[str | int]) -> str:
    """`edits[0].oldText`: where in the arguments something stands; empty for the whole."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _IDENTIFIER.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step[:60])}]"
    return text


def _at(where: str) -> str:
    return f"at `{where}`: " if where else ""


def nearest(name: str, known: Sequence[str]) -> str | None:
    """The known name that is most like this one, spelling conventions aside."""
    plain = {re.sub(r"[^a-z0-9]", "", candidate.lower()): candidate for candidate in known}
    found = difflib.get_close_matches(re.sub(r"[^a-z0-9]", "", name.lower()), plain, n=1, cutoff=0.6)
    return plain[found[0]] if found else None
