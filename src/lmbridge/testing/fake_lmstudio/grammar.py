"""Which JSON Schemas the pretended engine can turn into a grammar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

GrammarRules = Literal["off", "usual", "strict"]

LONGEST_STRING = 2000
_STRICT_KEYS = ("format", "oneOf", "anyOf", "allOf", "$ref", "pattern", "not", "if")
_PARSER_SENTENCE = (
    "Unable to generate parser for this template. Automatic parser generation failed: JSON schema conversion failed:\n"
    "Pattern must start with '^' and end with '$'"
)
_SAMPLER_SENTENCE = "Failed to initialize samplers: failed to parse grammar"


def grammar_problem(body: Mapping[str, Any], rules: GrammarRules) -> str | None:
    """Return the engine's complaint about the schemas of a request, or None.

    `usual` refuses patterns without both anchors and a maxLength above 2000, as engines since 0.4.19 do; `strict` also
    refuses formats, unions and references, which some models' grammars cannot take; `off` takes everything.
    """
    if rules == "off":
        return None
    for schema in _schemas(body):
        for part in _parts(schema):
            complaint = _complaint(part, rules)
            if complaint:
                return complaint
    return None


def _complaint(part: Mapping[str, Any], rules: GrammarRules) -> str | None:
    pattern = part.get("pattern")
    if isinstance(pattern, str) and not (pattern.startswith("^") and pattern.endswith("$")):
        return _PARSER_SENTENCE
    longest = part.get("maxLength")
    if isinstance(longest, int) and longest > LONGEST_STRING:
        return _SAMPLER_SENTENCE
    if rules == "strict" and any(isinstance(part.get(key), (str, list, dict)) for key in _STRICT_KEYS):
        return _SAMPLER_SENTENCE
    return None


def _schemas(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for tool in body.get("tools") or []:
        yield tool.get("function", tool).get("parameters") or {}
    wanted = body.get("response_format") or {}
    if isinstance(wanted.get("json_schema"), dict):
        yield wanted["json_schema"].get("schema") or {}


def _parts(schema: Any, *, names: bool = False) -> Iterator[Mapping[str, Any]]:
    """Yield every subschema. Under `properties` the keys are names, so that a property called "pattern" is no pattern."""
    if isinstance(schema, list):
        for item in schema:
            yield from _parts(item)
    elif isinstance(schema, dict):
        if not names:
            yield schema
        for key, value in schema.items():
            yield from _parts(value, names=not names and key in ("properties", "$defs", "definitions"))
