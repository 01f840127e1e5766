"""Forced replies: one JSON object that is a call or the answer, whatever the model would have liked to say.

`response_format` makes the backend's grammar allow nothing else; llama.cpp's grammar yields valid actions from random
weights that way. The tools are told in the system prompt, results go back as user messages. What a reply may be changes
from round to round by the schema alone, so that the prompt only grows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args

from lmbridge.agent.task.evidence import SelfReport
from lmbridge.agent.task.quotes import LONGEST_QUOTE, MOST_QUOTES
from lmbridge.agent.tools.tool_lines import tool_line
from lmbridge.messages import JsonSchema, ToolCall, ToolSpec
from lmbridge.profile import LIMITS, Limits

Wants = Literal["answer", "change"]
"""What a task asks for, as the model reads it: the 1.5B was right about 23 of 23 tasks of the bench, the 0.5B about 22."""
_EITHER: tuple[Wants, ...] = ("answer", "change")
_ANSWER: tuple[Wants, ...] = ("answer",)
_CHANGE: tuple[Wants, ...] = ("change",)
RICHEST, NAMES_ONLY, FREE = 0, 1, 2
"""Levels of the schema: arguments of each tool; names with free arguments; no schema at all."""
MOST_RICH_TOOLS = 64
"""Above so many tools the grammar of all their arguments costs more than it helps."""
_SOUGHT = re.compile(r"(?:old|search|find|match|pattern|query|needle|path|file|name)", re.IGNORECASE)
"""How arguments begin that hold what is looked for."""
DEEPEST = 6
"""Levels of a tool's schema that are bounded; what lies deeper is left as it is."""

AFTER_ACTS: tuple[SelfReport, ...] = ("found", "changed", "impossible")
AT_ONCE: tuple[SelfReport, ...] = ("no_tool_needed",)

_RULES = """\
Each reply is one JSON object and nothing else.
{<THOUGHT>"tool": "<name>", "arguments": {<its arguments>}} calls one tool. You then get its result.
<ENDS>
{<THOUGHT>"outcome": "no_tool_needed", "answer": <ANSWER>} only for what everybody knows, such as grammar.
"""


_ENDS = '{<THOUGHT>"outcome": "found" or "changed" or "impossible", "answer": <ANSWER>} ends the work.'
_QUOTED_ENDS = """\
{<THOUGHT>"outcome": "found", "quotes": [<every line of the results that the answer rests on, word for word>], "answer": <ANSWER>} ends the work where something is asked.
{<THOUGHT>"outcome": "changed" or "impossible", "answer": <ANSWER>} ends it otherwise."""
_WANTS = """\
The first reply also says what the user wants: "wants": "answer" (to know, find out, look up, count, list something) or "change" (to write, add, move, save, remember something).
"""


@dataclass(frozen=True, slots=True)
class Action:
    """What an action says: a call, or an answer with the lines that it rests on; neither where it could not be read."""

    call: ToolCall | None = None
    answer: str | None = None
    outcome: SelfReport | None = None
    quotes: tuple[str, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether it is an action at all."""
        return self.call is not None or self.answer is not None


@dataclass(frozen=True, slots=True)
class Form:
    """What the next forced reply may be.

    Attributes:
        answer: Schema of the answer; a text when None.
        outcomes: What an answer may say of itself; none: the reply must be a call.
        without: Tools that may not be called now.
        wants: Whether it says in front what the user wants (`Wants`).
        ordered: Whether the task itself orders a change: then that is what the user wants, and the reply a call or that it cannot be done.
        quotes: Whether an answer that was found names the lines of results that it rests on.
        changing: Tools that a reply may call only if it says that a change is wanted.
        thinks: Whether it begins with a thought, if its limits leave room for one. Not where the call to make was just told word for
            word: small models fill it with what they were told, and go on from where its limit cut that.
        limits: Bounds of the reply.
    """

    answer: JsonSchema | None = None
    outcomes: tuple[SelfReport, ...] = AFTER_ACTS
    without: frozenset[str] = field(default_factory=frozenset)
    wants: bool = False
    ordered: bool = False
    quotes: bool = False
    changing: frozenset[str] = field(default_factory=frozenset)
    thinks: bool = True
    limits: Limits = LIMITS


def level_for(tools: Sequence[ToolSpec]) -> int:
    """The richest level that is worth trying with these tools."""
    return RICHEST if len(tools) <= MOST_RICH_TOOLS else NAMES_ONLY


def action_schema(tools: Sequence[ToolSpec], level: int, form: Form) -> JsonSchema | None:
    """The JSON Schema of one action; None where the level is to have none.

    Args:
        tools: What can be called.
        level: How much is said of the arguments.
        form: What the reply may be.
    """
    if level >= FREE:
        return None
    offered = [tool for tool in tools if tool.name not in form.without]
    choices = [] if not offered else _named(offered, form) if level == NAMES_ONLY else _calls(offered, form)
    if form.outcomes or not choices:
        choices += _answers(form)
    return choices[0] if len(choices) == 1 else {"anyOf": choices}


def _calls(tools: Sequence[ToolSpec], form: Form) -> list[dict[str, Any]]:
    most = form.limits.items
    return [
        _reply(
            form,
            {"tool": {"type": "string", "const": tool.name}, "arguments": forced_arguments(tool.parameters, most)},
            _CHANGE if form.ordered or tool.name in form.changing else _EITHER,
        )
        for tool in tools
    ]


def _named(tools: Sequence[ToolSpec], form: Form) -> list[dict[str, Any]]:
    names = {"type": "string", "enum": [tool.name for tool in tools]}
    wanted = _CHANGE if form.ordered else _EITHER
    return [_reply(form, {"tool": names, "arguments": {"type": "object"}}, wanted)]


def _answers(form: Form) -> list[dict[str, Any]]:
    """The answers that a reply may be: the one that was found apart from the others, where it quotes."""
    outcomes = form.outcomes or AFTER_ACTS
    if not form.quotes or "found" not in outcomes:
        return [_answer_schema(form, outcomes)]
    others = [said for said in outcomes if said != "found"]
    return [_answer_schema(form, ("found",), _QUOTES), *([_answer_schema(form, others)] if others else [])]


_LINE = {"type": "string", "minLength": 1, "maxLength": LONGEST_QUOTE}
_QUOTES: Mapping[str, Any] = {"quotes": {"type": "array", "minItems": 1, "maxItems": MOST_QUOTES, "items": _LINE}}


def _answer_schema(
    form: Form, outcomes: Sequence[SelfReport], rests_on: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    answer = dict(form.answer) if form.answer else {"type": "string", "minLength": 1}
    outcome = {"type": "string", "enum": list(outcomes)}
    wanted = _CHANGE if form.ordered else _ANSWER
    return _reply(form, {"outcome": outcome, **(rests_on or {}), "answer": answer}, wanted)


def _reply(form: Form, properties: Mapping[str, Any], wanted: Sequence[Wants] = _EITHER) -> dict[str, Any]:
    most = form.limits.thought_chars if form.thinks else 0
    thought = {"thought": {"type": "string", "maxLength": most}} if most else {}
    wants = {"wants": {"type": "string", "enum": list(wanted)}} if form.wants else {}
    return _object({**wants, **thought, **properties})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def forced_arguments(schema: JsonSchema, items: int, depth: int = 0) -> dict[str, Any]:
    """A schema in which a small model cannot lose itself; nothing that it allows in reason is forbidden.

    Arrays end. A text that is to be searched for is not empty: an edit of nothing puts its text in front of the file.
    Other texts are left alone: a grammar that ends a file's text in the middle would have it written so.

    Args:
        schema: As the backend is given it.
        items: Most items of an array that names no fewer.
        depth: How deep it lies.
    """
    own = dict(schema)
    if depth >= DEEPEST:
        return own
    if own.get("type") == "array" and "maxItems" not in own:
        own["maxItems"] = max(items, int(own.get("minItems", 0)))
    if isinstance(inner := own.get("items"), Mapping):
        own["items"] = forced_arguments(inner, items, depth + 1)
    if isinstance(properties := own.get("properties"), Mapping):
        own["properties"] = {
            name: _forced_argument(name, value, items, depth + 1) if isinstance(value, Mapping) else value
            for name, value in properties.items()
        }
    return own


def _forced_argument(name: str, schema: JsonSchema, items: int, depth: int) -> dict[str, Any]:
    own = forced_arguments(schema, items, depth)
    if own.get("type") == "string" and _SOUGHT.match(name) and not {"minLength", "enum", "const", "pattern"} & set(own):
        own["minLength"] = 1
    return own


def action_rules(
    tools: Sequence[ToolSpec],
    answer: JsonSchema | None = None,
    *,
    thought: bool = True,
    brief: bool = False,
    wants: bool = False,
    quotes: bool = False,
) -> str:
    """The text that teaches the form and lists the tools, one a line with its arguments.

    Args:
        tools: What can be called.
        answer: Schema of the answer; a text when None.
        thought: Whether there is a thought in front.
        brief: Only the first sentence about each tool.
        wants: Whether the first reply says what the user wants.
        ordered: Whether the task itself orders a change: then that is what the user wants, and the reply a call.
        quotes: Whether an answer that was found names the lines that it rests on.
    """
    shown = f"<JSON that fits {json.dumps(answer, ensure_ascii=False)}>" if answer else '"<text>"'
    first = '"thought": "<what is still missing>", ' if thought else ""
    rules = _RULES.replace("<ENDS>", _QUOTED_ENDS if quotes else _ENDS)
    rules = rules.replace("<ANSWER>", shown).replace("<THOUGHT>", first) + (_WANTS if wants else "")
    return "\n".join([f"{rules}Tools:", *(tool_line(tool, brief=brief) for tool in tools)])


def read_action(text: str, call_id: str) -> Action:
    """The action in a reply's text; JSON in a fence, or with words around it, is found as well."""
    body = _object_in(text)
    if body is None:
        return Action()
    name = body.get("tool") or body.get("name")
    if isinstance(name, str) and name and "answer" not in body:
        arguments = body.get("arguments", body.get("parameters", {}))
        written = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
        return Action(call=ToolCall(call_id, name, written))
    if "answer" not in body or "tool" in body:
        return Action()
    answer = body["answer"]
    said = body.get("outcome")
    outcome = cast("SelfReport", said) if said in get_args(SelfReport) else None
    said_so = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    quotes = body.get("quotes")
    return Action(None, said_so, outcome, tuple(map(str, quotes)) if isinstance(quotes, list) else ())


def read_wants(text: str) -> Wants | None:
    """What a first reply says that the user wants; None where it does not say."""
    said = (_object_in(text) or {}).get("wants")
    return cast("Wants", said) if said in get_args(Wants) else None


def _object_in(text: str) -> dict[str, Any] | None:
    start = text.find("{")
    if start < 0:
        return None
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
