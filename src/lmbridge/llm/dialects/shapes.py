"""The net behind all dialects: a reply that has the shape of a call is no answer, even where nobody can read it.

What is found here is not carried out. The model is told what was seen and why it was not a call, so that it can call
properly or say in words what it meant. Quotations, examples and reports of calls stay text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from lmbridge.llm.dialects.control_tokens import CONTROL, removed
from lmbridge.llm.dialects.names import meant, several
from lmbridge.llm.dialects.prose import (
    Prose,
    has_placeholder,
    is_example,
    is_filler,
    is_invented_result,
    is_report,
    known,
    talks_of_call,
    trail_of,
)
from lmbridge.llm.dialects.pythonic import python_calls
from lmbridge.llm.dialects.scanning import ARGUMENTS, NAMES, json_at, json_sequence
from lmbridge.llm.dialects.values import Piece, Said

_ANSWERED = "If that was meant as the answer, say it in words."
_ALONE = "Reply with the call alone, and with nothing behind it."
_INCOMPLETE = "Your tool call could not be read: its markup or its arguments are not complete."
_IDENTIFIER = re.compile(r"[A-Za-z_][\w.:/-]{0,127}")
_OBJECT = re.compile(r"\{(?=\s*[\"'\u201c]?[A-Za-z_])")
_KEY = "|".join(NAMES)
_GIVEN = "|".join(ARGUMENTS)
_BROKEN_JSON = re.compile(
    rf"\{{\s*[\"'\u201c]?(?:{_KEY})[\"'\u201d]?\s*[:=]\s*[\"'\u201c]?(?P<name>[A-Za-z_][\w.:/-]{{0,127}})[\"'\u201d]?\s*,?\s*"
    rf"[\"'\u201c]?(?:{_GIVEN})[\"'\u201d]?\s*[:=]",
)
_FOREIGN = re.compile(
    r"<[|｜]?[^<>/\n]{0,24}(?:tool|function|invoke|call|action|plugin)[^<>\n]{0,40}>|\[(?:TOOL|FUNCTION|ACTION|CALL|PLUGIN|API)[A-Z_ -]{0,24}\]"
    r"|(?<!<)<<[^<>\n]{0,24}(?:tool|function|call|action)[^<>\n]{0,24}>>+|@@?[ \t]?(?:tool|function|call)[\w-]{0,24}|(?<!\{)\{\{[^{}\n]{0,12}(?:tool|function|call)[^{}\n]{0,24}",
    re.IGNORECASE,
)
_FOREIGN_WORDS = ("tool", "function", "invoke", "call", "action", "plugin", "api")
"""One of these stands in all of it."""
_RECIPIENT = re.compile(
    r"(?:^|assistant|commentary|analysis)[ \t]*to=(?:functions?\.)?([\w.:/-]{1,128})[^{\n]{0,40}(?=\{)", re.MULTILINE
)
_BODY = re.compile(
    r"\s*(?:[A-Za-z_][\w.:/-]{0,127}\s*[({\[=<>:]|[\[({]\s*[\"'{A-Za-z_]|<(?:name|tool|function|arg|param|invoke|parameter)\w*)",
    re.IGNORECASE,
)
_STRUCTURE = re.compile(
    r"</?(?:[\w:｜| ]{0,20}?)(?:parameters?|param|arg_value|arg_key|invoke|function|tool_calls?|function_calls?|tool_use|arguments?)(?:=[^<>\n]{0,80}|\s[^<>\n]{0,120})?>",
    re.IGNORECASE,
)
_HALF = re.compile(
    r"<(?:function|parameter|invoke|tool_call|param)\b[=\s][^<>]{0,120}$|<parameter=|<arg_key>|<function=|<invoke\s+name=",
    re.MULTILINE,
)
_GIVEN_BEHIND = re.compile(
    r"\W{0,10}(?:(?:with|the|following|arguments?|args|parameters?|params|inputs?|json|action input)\b\W{0,6}){0,4}"
    r"(?:[({\[]\s*[\"'{\[\d]|[({\[]\s*[A-Za-z_][\w-]{0,63}\s*[=:]|<[A-Za-z_])",
    re.IGNORECASE,
)
_ENDS_GIVEN = re.compile(r"[)}\]>][\s)}\]>;@'\"`]{0,12}\Z")
_UNENDED = re.compile(r"(?:\s[^<>\n]{0,200})?>\s*<[A-Za-z_]|[ \t]+[A-Za-z_][\w-]{0,63}=[\"'][^\n]{0,400}\Z")
_SIGNATURE = re.compile(
    r":\s*(?:string|integer|number|boolean|object|array|str|int|float|bool|list|dict|any|optional)\b|\b(?:required|optional)\b",
    re.IGNORECASE,
)
_ELEMENT = re.compile(r"<(?P<name>[A-Za-z_][\w.-]{0,127})(?:\s[^<>\n]{0,200})?>(?=\s*\S)")
_YAML = re.compile(
    rf"(?:[\w-]{{1,40}}:[ \t]*\n[ \t]*)?(?:-[ \t]+)?(?:{_KEY}):[ \t]*[\"']?(?P<name>[A-Za-z_][\w.:/-]{{0,127}})[\"']?[ \t]*\n"
    rf"[ \t]*(?:{_GIVEN}):[ \t]*(?:\n[ \t]+\S|\{{)"
)
_BARE = re.compile(
    r"^[ \t]*(?:<|call:|functions\.)?(?P<name>[A-Za-z_][\w.:/-]{0,127})(?::\d{1,4})?\s?[({\[/>\s]", re.MULTILINE
)
_CODE = re.compile(
    r"```(?P<language>tool_code|tool_call|tools?|python|py)[ \t]*\n(?P<body>(?:(?!```)[\s\S]){1,4000})```"
)
_DEEPEST = 3
_BODY_WINDOW = 4000
_MOST_TRIES = 40
_LONGEST_ARGUMENTS = 2000


@dataclass(frozen=True, slots=True)
class Shape:
    """Something with the shape of a call: what is wrong with it, and whether that is its tool's name."""

    fault: str
    unknown: bool = False


def shape_in(
    text: str,
    tools: Mapping[str, frozenset[str]],
    marked: Sequence[Piece],
    is_shown: Callable[[str], bool],
    loose: Sequence[Piece] = (),
) -> Shape | None:
    """What in a reply has the shape of a call; None where it is an answer.

    Args:
        text: The reply without its thinking, in which no call was found that can be carried out.
        tools: The run's tools, with the names of their arguments.
        marked: What the dialects with marks found in it, readable or not.
        is_shown: Whether a piece of the text stands in something that the model was shown: then it is quoted.
        loose: What those without marks found, of the tools that there are.
    """
    look = _Look(text, tools, is_shown)
    return (
        look.at_marked(marked)
        or look.at_objects()
        or look.at_broken_json()
        or look.at_foreign_markup()
        or look.at_named_tools()
        or look.at_marked(loose)
        or look.at_shared_names()
        or look.at_whole()
        or look.at_markup_alone()
    )


class _Look:
    """Looks at one reply, kind by kind."""

    def __init__(self, text: str, tools: Mapping[str, frozenset[str]], is_shown: Callable[[str], bool]) -> None:
        self._text, self._tools, self._is_shown = text, tools, is_shown
        self._prose = Prose(text)
        self._spans: list[tuple[int, int]] = []

    def at_marked(self, pieces: Sequence[Piece]) -> Shape | None:
        self._spans = [(piece.start, piece.end) for piece in pieces]
        for piece in pieces:
            if not self._begins(piece.start) or self._is_talk(piece.start, piece.end, marked=True):
                continue
            if piece.calls:
                return self._told(piece.calls, piece.end)
            if self._prose.opens_line(piece.start) and self._has_body(piece):
                return Shape(piece.fault or _INCOMPLETE)
        return None

    def _begins(self, place: int) -> bool:
        """Whether what stands there begins a line, or follows nothing but words that announce it."""
        return self._prose.opens_line(place) or is_filler(self._text[:place])

    def at_objects(self) -> Shape | None:
        """JSON objects with a name and arguments, on a line of their own, in a fence, or at the end of a sentence."""
        for place in self._objects():
            calls, end = json_sequence(self._text, place)
            if not calls and (name := self._spread(place)):
                return Shape(
                    f'Your call of {name} could not be read: its arguments must stand in one object, under "arguments".'
                )
            if not calls or any(has_placeholder(call.arguments) for call in calls):
                continue
            if not all(_IDENTIFIER.fullmatch(call.name) and call.arguments.startswith("{") for call in calls):
                continue
            all_known = all(known(call.name, self._tools) for call in calls)
            if self._is_talk(place, end, marked=False):
                continue
            several = len({call.name for call in calls}) > 1  # of unknown names: a list of data
            if all_known or (not several and self._stands_alone(place, end)):
                return self._told(calls, end)
        return None

    def _spread(self, place: int) -> str | None:
        """The tool that an object names beside its arguments, as in `{"tool": "read", "path": "a"}`."""
        found = json_at(self._text, place)
        if found is None or not isinstance(found[0], dict) or self._is_talk(place, found[1], marked=False):
            return None
        value = found[0]
        name = next((value[key] for key in NAMES if isinstance(value.get(key), str)), "")
        tool = meant(name, self._tools) if name else ""
        wanted = self._tools.get(tool)
        given = [key for key in value if value[key] != name]
        return tool if wanted and given and all(key in wanted for key in given) else None

    def _objects(self) -> Iterator[int]:
        if "{" not in self._text:
            return
        starts = [match.start() for match in islice(_OBJECT.finditer(self._text), _MOST_TRIES)]
        for start in dict.fromkeys(starts):
            before = self._text[max(0, start - 2) : start].strip()
            yield start - 1 if before.endswith("[") else start

    def at_broken_json(self) -> Shape | None:
        for match in islice(_BROKEN_JSON.finditer(self._text), _MOST_TRIES):
            if self._is_talk(match.start(), len(self._text), marked=False) or has_placeholder(
                self._text[match.start() :]
            ):
                continue
            if json_at(self._text, match.start()) is not None:
                if known(match["name"], self._tools) and not json_sequence(self._text, match.start())[0]:
                    return Shape(
                        f"Your call of {match['name']} could not be read: its arguments must be one JSON object."
                    )
                continue  # readable, and judged above
            if known(match["name"], self._tools) or not self._text[: match.start()].strip(" \t\r\n`json[{"):
                return Shape(f"Your call of {match['name']} could not be read: it is not valid JSON.")
        return None

    def at_foreign_markup(self) -> Shape | None:
        """Markup of a dialect that nobody knows, around something that looks like a body."""
        marks = [
            *islice(_FOREIGN.finditer(self._text) if self._speaks_of_calls() else (), _MOST_TRIES),
            *islice(_RECIPIENT.finditer(self._text) if "to=" in self._text else (), _MOST_TRIES),
        ]
        for mark in marks:
            body = self._text[mark.end() : mark.end() + _BODY_WINDOW]
            if any(start <= mark.start() < end for start, end in self._spans[:_MOST_TRIES]):
                continue
            if self._is_talk(mark.start(), len(self._text), marked=True):
                continue
            opens = self._prose.opens_line(mark.start()) or is_filler(self._text[: mark.start()])
            named = self._names_tool(mark.group() + body[:200])
            if opens and (_BODY.match(removed(body)) or named) and (named or self._looks_called(body)):
                return Shape(f"Your reply has the form of a tool call ({_shown(mark.group())} …) that cannot be read.")
        half = _HALF.search(self._text)
        if (
            half
            and not self._is_talk(half.start(), len(self._text), marked=True)
            and self._prose.opens_line(half.start())
        ):
            return Shape("Your tool call could not be read: its markup is not complete.")
        return None

    def _speaks_of_calls(self) -> bool:
        """Whether the text has a word of foreign markup at all, which is seen fifty times faster than whether it has the markup."""
        if not self._text.isascii():  # other letters count as some of these in either case
            return True
        lowered = self._text.lower()
        return any(word in lowered for word in _FOREIGN_WORDS)

    def _looks_called(self, body: str) -> bool:
        return bool(_BROKEN_JSON.search(body) or re.match(r"\s*[A-Za-z_][\w.:/-]{1,127}\s*[({\[]", removed(body)))

    def _names_tool(self, text: str) -> bool:
        return any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) for name in self._tools)

    def at_named_tools(self) -> Shape | None:
        """A tool's name with something like arguments behind it, with which the reply ends."""
        named = [(name, place) for name in self._tools if (place := self._text.rfind(name)) >= 0]
        if sum(self._prose.opens_line(place) for _, place in named) > 1:
            return None  # a list of tools
        for name, place in named:
            behind = self._text[place + len(name) :]
            if self._is_part_of_word(place) or not self._is_called_with(behind):
                continue
            start = place - (self._text[place - 1 : place] == "<")
            if self._begins(start) and not self._is_talk(start, len(self._text), marked=False):
                return Shape(f"Your reply has the form of a call of {name}, but it could not be read.")
        return None

    def at_shared_names(self) -> Shape | None:
        """A call at the reply's end by a name that several servers have."""
        if not _ENDS_GIVEN.search(self._text):
            return None
        for bare in islice(_BARE.finditer(self._text), _MOST_TRIES):
            is_talk = self._is_talk(bare.start("name"), len(self._text), marked=False)
            if several(bare["name"], self._tools) and self._begins(bare.start()) and not is_talk:
                return Shape(self._no_tool(bare["name"]), unknown=True)
        return None

    def _is_part_of_word(self, place: int) -> bool:
        before = self._text[place - 1 : place]
        return bool(before) and (before.isalnum() or before in "_-./")

    def _is_called_with(self, behind: str) -> bool:
        if len(behind) > _LONGEST_ARGUMENTS or _SIGNATURE.search(behind):
            return False
        return bool(_UNENDED.match(behind) or (_GIVEN_BEHIND.match(behind) and _ENDS_GIVEN.search(behind)))

    def _line_start(self, place: int) -> int:
        return self._text.rfind("\n", 0, place) + 1

    def at_whole(self) -> Shape | None:
        """A reply that is nothing but a call in a form of its own.

        That is an element that bears a tool's name and does not end, a call as YAML, calls in a list within an object,
        calls in a list as Python writes them, or code that calls tools.
        """
        text = self._text.strip()
        if (calls := self._listed(text)) and not self._is_shown(text):
            return self._told(calls, len(self._text))
        element = _ELEMENT.match(text)
        told = element["name"] if element and self._is_call(element) else ""
        if not told and (yaml := _YAML.match(text)):
            told = yaml["name"]
        if not told and text.startswith("{"):
            found = json_at(text, 0)
            told = next(_called_within(found[0]), "") if found and not text[found[1] :].strip() else ""
        if not told and (code := _CODE.fullmatch(text)):
            names = [name for name in self._tools if "_" in name or code["language"].startswith("tool")]
            told = next((name for name in names if re.search(rf"(?<![\w.]){re.escape(name)}\(", code["body"])), "")
        if not told or not known(told, self._tools) or self._is_shown(text):
            return None
        return Shape(f"Your reply has the form of a call of {meant(told, self._tools)}, but it could not be read.")

    def _is_call(self, element: re.Match[str]) -> bool:
        """Whether an element does not end, or begins with an argument of the tool whose name it bears."""
        name, text = element["name"], element.string
        inside = re.compile(r"\s*<([A-Za-z_][\w.-]{0,63})>").match(text, element.end())
        return f"</{name}" not in text or (
            inside is not None and inside[1] in self._tools.get(meant(name, self._tools), ())
        )

    def _listed(self, text: str) -> tuple[Said, ...]:
        """Calls in a list as Python writes them; `[f(1)]` may be an answer."""
        calls = python_calls(text) if text.startswith("[") and text.endswith("]") else ()
        meant_so = any("_" in call.name or call.arguments != "{}" or known(call.name, self._tools) for call in calls)
        return calls if meant_so else ()

    def at_markup_alone(self) -> Shape | None:
        """A reply of nothing but tags and tokens."""
        if len(self._text) > _BODY_WINDOW or not (_STRUCTURE.search(self._text) or CONTROL.search(self._text)):
            return None
        if removed(_STRUCTURE.sub("", self._text)).strip():
            return None
        return Shape("Your reply holds nothing but the markup of a call: it names no tool that could be called.")

    def _told(self, calls: Sequence[Said], end: int) -> Shape:
        name = next((call.name for call in calls if not known(call.name, self._tools)), None)
        if name is not None:
            return Shape(self._no_tool(name), unknown=True)
        called = meant(calls[0].name, self._tools)
        if trail_of(self._text, end):
            return Shape(
                f"Your reply holds a call of {called}, but text stands behind it, so it was not carried out. {_ALONE}"
            )
        return Shape(f"Your reply holds a call of {called} among other text, so it was not carried out. {_ALONE}")

    def _no_tool(self, name: str) -> str:
        same = several(name, self._tools)
        if not same:
            return f"Your reply has the form of a call of {name!r}, but there is no such tool. {_ANSWERED}"
        return f"Your reply has the form of a call of {name!r}, which several servers have: {', '.join(same)}. Name one of these."

    def _has_body(self, piece: Piece) -> bool:
        mark = re.compile(r"<[^<>\n]{0,160}>|\[[^\[\]\n]{0,40}\]|\S{0,40}?(?=[{(\[])").match(self._text, piece.start)
        body = self._text[mark.end() if mark else piece.start :][:_BODY_WINDOW]
        return bool(re.match(r"[^<{\[(=\n]{0,80}\s{0,8}(?:[{\[(]|<(?!/))", body)) and bool(body.strip())

    def _is_talk(self, start: int, end: int, *, marked: bool) -> bool:
        """Whether what stands there is quoted, an example or a report."""
        place = self._prose.place(start)
        if place == "quoted" or (place == "fenced" and not self._is_boxed(start, end)):
            return True
        fence = self._prose.fence_around(start) if place == "fenced" else None
        lead = self._text[: fence[0] if fence else start]
        trail = trail_of(self._text, max(end, fence[1]) if fence else end)
        if is_example(lead) or is_report(lead) or self._is_shown(self._text[start:end]):
            return True
        if (
            trail
            and not is_invented_result(trail)
            and (talks_of_call(trail) or (not marked and not self._prose.opens_line(start) and not fence))
        ):
            return True
        return self._is_indented(start)

    def _is_boxed(self, start: int, end: int) -> bool:
        """Whether the fence around holds nothing else."""
        fence = self._prose.fence_around(start)
        if fence is None:
            return False
        before = self._text[self._prose.after_line(fence[0]) : start]
        behind = self._text[end : fence[1]] if end < fence[1] else ""
        return not before.strip(" \t\r\n[") and not behind.strip(" \t\r\n`~];")

    def _is_indented(self, start: int) -> bool:
        line = self._text[self._line_start(start) : start]
        return line.startswith("    ") and not line.strip() and bool(self._text[:start].strip())

    def _stands_alone(self, start: int, end: int) -> bool:
        """Whether nothing is said around it but that it is about to be done: so an object of unknown name is a call too."""
        fence = self._prose.fence_around(start)
        lead = self._text[: fence[0] if fence else start].rstrip(" \t\r\n[")
        return is_filler(lead) and not trail_of(self._text, max(end, fence[1]) if fence else end).strip("]")


def _called_within(value: object, depth: int = 0) -> Iterator[str]:
    """The names of the objects in a value that have a name and arguments."""
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        name = next((value[key] for key in NAMES if isinstance(value.get(key), str)), None)
        given = next((value[key] for key in ARGUMENTS if key in value), None)
        is_schema = isinstance(given, Mapping) and ("properties" in given or given.get("type") == "object")
        if name is not None and given is not None and not is_schema and "description" not in value:
            yield name  # with a schema or a description it is a tool that is listed
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for each in islice(inner, _MOST_TRIES):
        yield from _called_within(each, depth + 1)


def _shown(mark: str) -> str:
    """The mark as the model is told it: without the signs that would make it a token again."""
    return re.sub(r"[<>|｜\[\]{}@]+", " ", mark).strip()
