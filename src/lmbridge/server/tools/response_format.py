"""The form that a caller wants an answer in, and holding the answer to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from lmbridge.errors import InvalidArgumentsError, LLMProtocolError
from lmbridge.server.tools.call import Answer, plain_failure

_SCHEMA_WORDS = {"type", "properties", "anyOf", "oneOf", "allOf", "enum", "const", "$ref"}
_HINT = 'Give a JSON Schema, or {"type": "json_schema", "json_schema": {"name": …, "schema": …}}.'


def wanted_schema(response_format: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The JSON Schema that a response format asks for; None where any text will do.

    Takes a bare schema too. LM Studio has no `json_object`, so that this form becomes the schema of any object.

    Raises:
        InvalidArgumentsError: It is neither a valid schema nor one of OpenAI's forms.
    """
    if response_format is None or response_format.get("type") == "text":
        return None
    if response_format.get("type") == "json_object":
        return {"type": "object"}
    schema: Any = response_format
    if response_format.get("type") == "json_schema":
        inner = response_format.get("json_schema")
        schema = inner.get("schema", inner) if isinstance(inner, dict) else None
    if not isinstance(schema, dict) or not schema.keys() & _SCHEMA_WORDS:
        raise InvalidArgumentsError("response_format cannot be used: it holds no JSON Schema", hint=_HINT)
    _refuse_broken(schema)
    return schema


def _refuse_broken(schema: Mapping[str, Any]) -> None:
    from jsonschema import Draft202012Validator  # not before the first answer: it costs 40 ms to import
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise InvalidArgumentsError(
            f"response_format cannot be used: its schema is not valid at {error.json_path}", hint=_HINT
        ) from None


def held_to(schema: Mapping[str, Any] | None, answer: Answer) -> Answer:
    """The answer with its parsed `output`; a failure, with the text still in it, where it does not follow the schema."""
    if schema is None:
        return answer
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    try:
        output = orjson.loads(answer.text)
    except ValueError:
        return _unlike(answer, "it is not JSON")
    fault = best_match(Draft202012Validator(schema).iter_errors(output))
    if fault is not None:
        return _unlike(answer, f"at {fault.json_path} it breaks the rule {fault.validator!r}")
    return Answer({**answer.structured, "output": output}, answer.text)


def _unlike(answer: Answer, why: str) -> Answer:
    cut = answer.structured.get("finish_reason") == "length"
    hint = "Raise max_tokens: the answer was cut off." if cut else "Try again, or use a larger model."
    error = LLMProtocolError(f"The model's answer does not follow response_format: {why}", hint=hint)
    return Answer({**answer.structured, **plain_failure(error)}, error.as_line(), failed=True)
