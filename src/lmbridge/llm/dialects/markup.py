"""Arguments that stand between tags: each value up to its own closing tag, whatever it holds.

A value may hold the very tags that would end it: a page of XML, an example of a call, a sentence about `</function>`. So
a closing tag ends a value only where the form goes on behind it, the one that fits the tags opened inside comes first,
and the whole call has to come out even. A tag that is missing, doubled or wrong is let pass where only one reading is
left; otherwise the call is not read, since a value cut short would be worse than none.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from lmbridge.llm.dialects.scanning import skip_blank

Kind = Literal["open", "nest", "close", "end", "call", "wrap"]
_LINE_ENDS = ("\n", "\r\n")
_MOST_CLOSERS = 24
_MOST_VALUES = 200
_REACH = 60
"""Tags within which the form has to go on where a closing one is missing."""
_LAST_CLOSER = re.compile(r"\s*<\s?/\s?([\w.:-]{1,64})\s?>\s*\Z")


class Tag(NamedTuple):
    """A tag: what it does, where it stands, the argument that it opens or closes, its attributes."""

    kind: Kind
    start: int
    end: int
    key: str = ""
    attributes: str = ""


@dataclass(frozen=True, slots=True)
class TagForm:
    """The tags of one form.

    Attributes:
        tags: Finds them all. Groups that begin with `key` name the argument that is opened (`attributes` beside it);
            `nest` opens what only counts inside a value; `close`, `end` and `wrap` close a value, a call, and what
            stands around calls; `call` opens the next one.
        trims: Whether the form puts a line end before and behind each value.
        unlike_text: Whether its tags hold a token, so that a plain tag is part of a value.
    """

    tags: re.Pattern[str]
    trims: bool = True
    unlike_text: bool = False


class Value(NamedTuple):
    """One argument as it was written."""

    key: str
    text: str
    attributes: str


class Read(NamedTuple):
    """The arguments of a call, and the offset behind it."""

    values: tuple[Value, ...]
    end: int


def tags_of(form: TagForm, text: str, start: int = 0) -> list[Tag]:
    """All tags of a form in a text, in order."""
    return [_tag(match) for match in form.tags.finditer(text, start)]


def _tag(match: re.Match[str]) -> Tag:
    found = {name: value for name, value in match.groupdict().items() if value is not None}
    for name, value in found.items():
        if name.startswith("key"):
            return Tag("open", *match.span(), value.strip(), found.get("attributes", ""))
    if "closed" in found:
        return Tag("close", *match.span(), found["closed"].strip())
    for kind in _KINDS:
        if kind in found:
            return Tag(kind, *match.span())
    raise AssertionError("a form's pattern names what it finds")


_KINDS: tuple[Kind, ...] = ("nest", "close", "end", "call", "wrap")


class Reader:
    """Reads calls of one form in one text; each place is judged once, so that time grows with the text.

    Args:
        text: The text.
        tags: Its tags.
        form: Their form.
        known: The names of arguments, where they are known: a tag that opens another one is then none.
    """

    def __init__(self, text: str, tags: Sequence[Tag], form: TagForm, known: frozenset[str] = frozenset()) -> None:
        self._text, self._tags, self._form, self._known = text, tags, form, known
        self._keyed = "closed" in form.tags.groupindex
        self._starts = [tag.start for tag in tags]
        self._own = _pairs(tags, keyed=self._keyed)
        self._clean = _clean_from(tags)
        self._closing = _closing_by_key(tags)
        self._judged: dict[tuple[int, bool], Read | None] = {}
        self._depth = 0

    def arguments_at(self, start: int) -> Read | None:
        """The arguments behind a call's opening tag; None where there is no reading of them."""
        return self._rest(start, sure=True)

    def _rest(self, position: int, *, sure: bool) -> Read | None:
        """What is left of a call; `sure`: the value before was closed by its own tag."""
        key = (position, sure)
        if key not in self._judged:
            if self._depth > _MOST_VALUES:
                return None
            self._judged[key] = None  # a place that comes round to itself has no reading
            self._depth += 1
            self._judged[key] = self._judge(position, sure=sure)
            self._depth -= 1
        return self._judged[key]

    def _judge(self, position: int, *, sure: bool) -> Read | None:
        place = skip_blank(self._text, position)
        index = self._at(place)
        if index is None:
            return Read((), place) if sure and place >= len(self._text) else None
        tag = self._tags[index]
        match tag.kind:
            case "open":
                return self._value(index)
            case "close":
                return self._rest(tag.end, sure=True) if sure else None
            case "end":
                return self._ended(tag.end, sure=sure)
            case "nest":
                return None
            case "call" | "wrap":
                return Read((), place) if sure and self._clean[index] else None

    def _at(self, place: int) -> int | None:
        index = bisect_left(self._starts, place)
        return index if index < len(self._starts) and self._starts[index] == place else None

    def _ended(self, end: int, *, sure: bool) -> Read | None:
        """The end of a call, with closing tags that are there once too often."""
        while sure and (index := self._at(skip_blank(self._text, end))) is not None:
            if self._tags[index].kind not in ("close", "end"):
                break
            end = self._tags[index].end
        return Read((), end) if self._clean[bisect_left(self._starts, end)] else None

    def _value(self, index: int) -> Read | None:
        opened = self._tags[index]
        if self._known and opened.key not in self._known:
            return None
        for end, position, sure in self._ends(index):
            rest = self._rest(position, sure=sure)
            if rest is not None:
                text = self._text[opened.end : end]
                if self._may_go_on(text, position):
                    return None
                written = Value(opened.key, self._trimmed(text, opened, sure=sure), opened.attributes)
                return Read((written, *rest.values), rest.end)
        return None

    def _may_go_on(self, text: str, position: int) -> bool:
        """Whether a closing tag right behind another may as well be the value's end: one of several words ends in either."""
        index = self._at(position)
        if index is None or self._tags[index].kind != "close" or not re.search(r"\s", text):
            return False
        before = self._tags[index - 1]
        return before.kind == "close" and before.end == position and before.key == self._tags[index].key

    def _trimmed(self, text: str, opened: Tag, *, sure: bool) -> str:
        if self._form.trims and (plain := _outdented(text)) is not None:
            text = plain
        elif self._form.trims:
            inline = not text.startswith(("\n", "\r"))
            text = text.removeprefix("\r").removeprefix("\n")
            if not (inline and "\n" in text[:-1]):  # lines that begin behind the tag end where they end
                text = text.removesuffix("\n").removesuffix("\r")
        wrong = _LAST_CLOSER.search(text, max(0, len(text) - 80))
        if wrong and f"<{wrong[1]}" not in text and self._is_stray(wrong, opened, sure=sure):
            text = text[: wrong.start()]
        return text

    def _is_stray(self, wrong: re.Match[str], opened: Tag, *, sure: bool) -> bool:
        """Whether a closing tag at the end of a value is not meant as part of it.

        Where the form's own tag ended the value, only one behind a single word is (`a.txt</path>`): texts may end so.
        """
        if not sure:
            return not self._form.unlike_text or wrong[1] == opened.key
        if self._form.unlike_text or wrong[1] != opened.key:
            return False
        on_lines = self._form.trims and self._text.startswith(_LINE_ENDS, opened.end)
        gap = wrong[0][: wrong[0].index("<")]
        return gap in ("", "\n" if on_lines else "") and bool(re.fullmatch(r"\S+", wrong.string[: wrong.start()]))

    def _ends(self, index: int) -> Iterator[tuple[int, int, bool]]:
        """Where a value may end: offset of its end, offset where the form goes on, and whether its own tag ended it."""
        own = self._own.get(index)
        if own is not None and (last := self._below(index, own)) is not None:
            yield self._tags[last].start, self._tags[last].end, True
        if own is not None:
            yield self._tags[own].start, self._tags[own].end, True
        following = self._following(index)
        if following is not None and self._tags[following].kind == "open" and self._opens_line(following):
            yield self._tags[following].start, self._tags[following].start, False
        if own is None and following is not None and self._ends_before_next(following):
            yield self._tags[following].start, self._tags[following].start, False
        for closer in self._closers(index):
            if closer != own:
                yield self._tags[closer].start, self._tags[closer].end, True
        if following is not None:
            yield self._tags[following].start, self._tags[following].start, False

    def _below(self, index: int, own: int) -> int | None:
        """The last of closing tags that follow one another, on a line of its own, where an earlier one stands on no such line.

        So the form is written that puts each value on lines of its own; the earlier ones belong to the value.
        """
        if not self._form.trims or not self._text.startswith(_LINE_ENDS, self._tags[index].end):
            return None
        last, inside = own, False
        while last + 1 < len(self._tags) and self._tags[last + 1].kind == "close":
            if self._text[self._tags[last].end : self._tags[last + 1].start].strip():
                break
            inside = inside or not self._opens_line(last)
            last += 1
        return last if inside and self._opens_line(last) else None

    def _ends_before_next(self, index: int) -> bool:
        """Whether a call ends there and another one follows, so that the closing tags behind are the other's."""
        if self._tags[index].kind != "end":
            return False
        behind = next((tag for tag in self._tags[index + 1 :] if tag.kind not in ("wrap", "end")), None)
        return behind is not None and behind.kind == "call"

    def _closers(self, index: int) -> Sequence[int]:
        places = self._closing.get(self._tags[index].key if self._keyed else "", [])
        first = bisect_left(places, index)
        return places[first : first + _MOST_CLOSERS]

    def _following(self, index: int) -> int | None:
        """The tag that goes on with the form where the closing one is missing."""
        if self._keyed and not self._known:
            return None
        closers = self._closers(index)
        for place in range(index + 1, min(len(self._tags), index + _REACH)):
            tag = self._tags[place]
            if closers and place >= closers[0]:
                return None
            if tag.kind in ("end", "call", "wrap") or (
                tag.kind == "open" and (tag.key in self._known or not self._known)
            ):
                return place
        return None

    def _opens_line(self, index: int) -> bool:
        start = self._tags[index].start
        return not self._text[self._text.rfind("\n", max(0, start - 40), start) + 1 : start].strip()


def _outdented(text: str) -> str | None:
    """A value of lines of their own as far as its closing tag is moved in, too; None where that is not."""
    first, *lines = text.replace("\r\n", "\n").split("\n")
    if first or len(lines) < 2 or lines[-1].strip() or not lines[-1]:
        return None
    *inner, edge = lines
    if any(line.strip() and not line.startswith(edge) for line in inner):
        return None
    return inner[0].strip() if len(inner) == 1 else "\n".join(line.removeprefix(edge) for line in inner)


def _pairs(tags: Sequence[Tag], *, keyed: bool) -> dict[int, int]:
    """For each opening tag the closing one that fits: as many are closed as were opened inside."""
    opened: dict[str, list[int]] = {}
    pairs: dict[int, int] = {}
    for index, tag in enumerate(tags):
        key = tag.key if keyed else ""
        if tag.kind in ("open", "nest"):
            opened.setdefault(key, []).append(index)
        elif tag.kind == "close" and opened.get(key):
            pairs[opened[key].pop()] = index
    return pairs


def _clean_from(tags: Sequence[Tag]) -> list[bool]:
    """For each tag whether from it on no piece of a call is left over before the next one begins."""
    clean = [True] * (len(tags) + 1)
    for index in range(len(tags) - 1, -1, -1):
        kind = tags[index].kind
        clean[index] = kind == "call" or (kind in ("wrap", "nest") and clean[index + 1])
    return clean


def _closing_by_key(tags: Sequence[Tag]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for index, tag in enumerate(tags):
        if tag.kind == "close":
            places.setdefault(tag.key, []).append(index)
    return places


_DSML = r"[\s｜|]{0,4}DSML[\s｜|]{0,4}"


@lru_cache(maxsize=64)
def xml_form(prefix: str) -> TagForm:
    """`<invoke name="…"><parameter name="…">` and `<function=…><parameter=…>`, every tag with this prefix.

    Args:
        prefix: What stands before each tag's name (`minimax:`); empty, or `DSML` with whatever bars.
    """
    before = _DSML if prefix == "DSML" else re.escape(prefix)
    opening, closing = (rf"<{before}", rf"<\s?(?:/{before}|{before}/\s?)" if prefix == "DSML" else rf"</{before}")
    value = r"(?:parameter|param|argument|arg)"
    call = r"(?:function|invoke)(?:\s*=|\s+name\s*=)"
    named = r"(?:=[\w.:/-]{1,128})?"  # `</parameter=path>`
    around = r"(?:\w{1,16}:)?(?:tool_calls?|function_calls?|tool_use|longcat_tool_call)"
    return TagForm(
        re.compile(
            rf"{opening}{value}(?:\s*=\s*|\s+name\s*=\s*)[\"']?(?P<key>[^\"'<>\n]{{1,128}}?)[\"']?(?P<attributes>\s[^<>\n]{{0,80}})?\s*>"
            rf"|(?P<nest>{opening}{value}\s*>)|(?P<close>{closing}{value}{named}\s*>)|(?P<end>{closing}(?:function|invoke){named}\s*>)"
            rf"|(?P<call>{opening}{call}|<{around}>|{opening}{around}\s*>)|(?P<wrap></{around}>|{closing}{around}\s*>)",
            re.IGNORECASE,
        ),
        trims=prefix != "DSML",  # there a text is word for word
    )


SENTINEL = "]<]minimax[>["
_S = re.escape(SENTINEL) + r"\s*"
MINIMAX = TagForm(
    re.compile(
        rf"(?P<end>{_S}</invoke>)|(?P<wrap>{_S}</tool_call>)|(?P<call>{_S}<(?:invoke\s+name=|tool_call>))"
        rf"|{_S}<(?P<key>[A-Za-z_][\w.$-]{{0,63}})>|{_S}</(?P<closed>[A-Za-z_][\w.$-]{{0,63}})>"
    ),
    unlike_text=True,
)
"""MiniMax M3: a token before every tag, an argument is a tag of its own name (SGLang's `minimax_m3` parser)."""


@lru_cache(maxsize=256)
def element_form(tool: str) -> TagForm:
    """`<tool><argument>…</argument></tool>`, as Cline and Roo Code ask for it; the same inside `<invoke>`."""
    name = re.escape(tool)
    return TagForm(
        re.compile(
            rf"(?P<end></{name}\s*>)|(?P<call><{name}(?:\s[^<>]{{0,200}})?>)|(?P<wrap></?(?:tool_calls?|function_calls?)>)"
            r"|<(?P<key>[A-Za-z_][\w.-]{0,63})>|</(?P<closed>[A-Za-z_][\w.-]{0,63})>"
        )
    )


_L = r"(?:longcat_)?"
GLM = TagForm(
    re.compile(
        rf"<{_L}arg_key(?::\w{{1,16}})?>\s*(?P<key>[^<>\n]{{1,128}}?)\s*</{_L}arg_key(?::\w{{1,16}})?>\s*(?:<{_L}arg_value(?::\w{{1,16}})?>)?"
        rf"|<{_L}arg_key(?::\w{{1,16}})?>\s*(?P<key2>[^<>\n]{{1,128}}?)\s*<{_L}arg_value(?::\w{{1,16}})?>"
        rf"|(?<![^\s>])(?P<key3>[A-Za-z_][\w.-]{{0,63}})</{_L}arg_key>\s*<{_L}arg_value>"
        rf"|(?P<nest><{_L}arg_value(?::\w{{1,16}})?>)|(?P<close></{_L}arg_value(?::\w{{1,16}})?>)"
        rf"|(?P<end></{_L}tool_call(?::\w{{1,16}})?>)|(?P<call><{_L}tool_call(?::\w{{1,16}})?>|(?:(?<=</tool_call>)|(?<=</tool_call>\n))[A-Za-z_][\w.-]{{0,127}}\s?(?=<arg_key>))|(?P<wrap></?tool_calls(?::\w{{1,16}})?>)"
    ),
    trims=False,
)
"""GLM-4.5 to 4.7, Hunyuan 3 and 4 (vLLM's `glm47_moe` and `hy_v4` parsers); 4.7 leaves tags out under load.

LongCat-Flash-Lite writes the same with its own prefix (mlx-lm's `longcat` parser).
"""
SOLAR = TagForm(
    re.compile(
        r"<\|tool_arg:start\|>\s*(?P<key>[^<>\n]{1,128}?)\s*<\|tool_arg:value\|>|(?P<close><\|tool_arg:end\|>)"
        r"|(?P<end><\|tool_call:end\|>)|(?P<call><\|tool_call:start\|>)"
    ),
    trims=False,
    unlike_text=True,
)
"""Solar Open 2 (vLLM's `solar_open2` parser)."""
KIMI_K3 = TagForm(
    re.compile(
        r'<\|open\|>argument\s+(?:[^<>\n]{0,80}?\s)?key="(?P<key>[^"<>\n]{1,128})"(?P<attributes>[^<>\n]{0,80})<\|sep\|>'
        r"|(?P<close><\|close\|>argument<\|sep\|>)|(?P<end><\|close\|>call<\|sep\|>)|(?P<call><\|open\|>call\s)"
        r"|(?P<wrap><\|close\|>(?:tools|message)<\|sep\|>)"
    ),
    trims=False,
    unlike_text=True,
)
"""Kimi K3 (SGLang's `kimik3` parser)."""
