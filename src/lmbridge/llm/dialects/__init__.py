"""Tool calls and thinking that models print as text, taken out and made proper.

Backends parse only the dialects they know, and weak models miss even those. `extract` reads every common one; it never
takes text that merely talks about a call for one, names what has the shape of a call but is none, and runs in linear
time on any input.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from lmbridge.llm.dialects import gemma, harmony, loose, tags, tokens
from lmbridge.llm.dialects.control_tokens import (
    without_end,
    without_head,
    without_next_turn,
    without_orphans,
    without_residue,
)
from lmbridge.llm.dialects.names import meant
from lmbridge.llm.dialects.positions import named
from lmbridge.llm.dialects.prose import (
    Prose,
    goes_on,
    has_placeholder,
    is_example,
    is_filler,
    is_invented_result,
    known,
    trail_of,
)
from lmbridge.llm.dialects.quotation import is_quotation
from lmbridge.llm.dialects.shapes import shape_in
from lmbridge.llm.dialects.thinking import Apart, split_thinking, thinking_apart
from lmbridge.llm.dialects.values import ArgumentNames, Extracted, Piece, Said, with_ids
from lmbridge.messages import ToolSpec

__all__ = ["Extracted", "extract", "meant", "split_thinking", "without_orphans", "without_residue"]

Reader = Callable[[str], Iterator[Piece]]
Tools = Mapping[str, ArgumentNames]
"""The names of the run's tools, with the names of their arguments where they are known."""
_SHORTEST_QUOTED = 16
"""Characters of a line that tell whose words it is."""
_MOST_PIECES = 256
"""Calls of one reply that are looked at; no model means more."""
_UNREADABLE = "Your tool call could not be read."
_HEADLESS = re.compile(r"^[ \t]*(?:\{\s*\"name\"|[A-Za-z_][\w.:/-]{0,127}\s*<arg_key>)", re.MULTILINE)
_FENCE = re.compile(r"[ \t]*(?:```+|~~~+)[ \t]*(?:xml|json|text|txt|plaintext|tool\w{0,8})?[ \t]*\n")
_UNSEEN = "\ufeff\u200b\u2060"
"""Characters without width that stand before or behind a text."""
_SIGNS = re.compile(r"[<\[{(\]]|call:|to=|Action|action|assistant")
"""Without any of these nothing is a call."""


def marked_readers(tools: Tools) -> tuple[Reader, ...]:
    """Dialects with marks of their own."""
    return (
        tags.minimax,
        tags.calls_in_xml,
        tags.kimi_k3,
        tags.solar,
        tags.tagged,
        tokens.mistral,
        tokens.llama,
        tokens.kimi,
        tokens.deepseek,
        tokens.solar_open,
        tokens.lfm,
        tokens.functools,
        gemma.gemma(tools),
    )


def loose_readers(tools: Tools) -> tuple[Reader, ...]:
    """Dialects that only their place tells from data."""
    return (
        loose.react,
        loose.with_args,
        loose.action_fence,
        tags.bare_glm,
        tags.elements(tools),
        loose.fenced,
        loose.wrapped,
        loose.qwen_agent,
        loose.bare,
        loose.keyed(tools),
        loose.named(tools),
        loose.pythonic(tools),
    )


def extract(text: str, tools: Collection[str], shown: Sequence[str] = ()) -> Extracted:
    """Takes a reply's text apart.

    A call that stands inside the thinking is a rehearsal and stays there, unless the reply holds nothing else: some
    models open a thinking tag, call, and stop; then the marked calls at its end are meant.

    Args:
        text: The text of a finished reply.
        tools: Names of the run's tools, or their specs by name, which tells what their arguments are called; without
            any, only thinking is looked for.
        shown: Tool results that the model was shown. A call that stands word for word in one is a quotation: else a
            file that is read out could act.
    """
    known_tools = _with_arguments(tools)
    text = text.strip(_UNSEEN)
    if tools and (parts := harmony.channels(text)) is not None:
        return _of_channels(parts, known_tools)
    apart = thinking_apart(
        without_next_turn(without_head(text.rstrip())) if tools else text
    )  # a blank is no end of a call
    if not tools:
        return Extracted(apart.visible, apart.reasoning)
    if opened := _reopened(apart.visible):
        apart = replace(apart, visible=opened)
    pieces = _marked_pieces(apart.visible, known_tools) if _SIGNS.search(apart.visible) else []
    found = _calls_in(apart.visible, known_tools, pieces)
    if not found.calls and (ended := without_end(apart.visible)) != apart.visible:
        again = _calls_in(ended, known_tools, _marked_pieces(ended, known_tools))
        found = again if again.calls else found
    if found.calls and shown and (_is_quoted(apart.visible, found, shown) or _all_quoted(found, shown)):
        return Extracted(apart.visible, apart.reasoning)
    if not found.calls and not found.broken and (rehearsed := _rehearsed(apart, known_tools, shown)):
        kept = f"{found.text.strip()}\n\n{apart.reopened(rehearsed.text)}".lstrip()
        return Extracted(found.text, rehearsed.text, rehearsed.calls, rehearsed.dialect, history=kept)
    if found.calls:
        return replace(found, reasoning=apart.reasoning, history=apart.with_thinking(found.text))
    return _without_calls(apart, found, known_tools, pieces, shown)


def _rehearsed(apart: Apart, tools: Tools, shown: Sequence[str]) -> Extracted | None:
    """The calls with which thinking ends, where nothing follows it: nothing is said, or it was never closed."""
    if not apart.reasoning or (apart.visible.strip() and not apart.closing):
        return None
    found = _marked(apart.reasoning, tools, _marked_pieces(apart.reasoning, tools))
    if found is None or not found.calls or (shown and _all_quoted(found, shown)):
        return None
    return found


def _reopened(text: str) -> str:
    """The text with the tag before its first call that a backend swallowed; empty where it lacks none."""
    closing, opening = text.find("</tool_call>"), text.find("<tool_call>")
    if not 0 < closing < opening:
        return ""
    head = _HEADLESS.search(text, 0, closing)
    return f"{text[: head.start()]}<tool_call>{text[head.start() :]}" if head else ""


def _with_arguments(tools: Collection[str]) -> Tools:
    specs = tools if isinstance(tools, Mapping) else {}
    return {
        name: ArgumentNames.of(spec) if isinstance(spec := specs.get(name), ToolSpec) else ArgumentNames()
        for name in tools
    }


def _of_channels(parts: harmony.Channels, tools: Tools) -> Extracted:
    calls = with_ids(_meant(parts.calls or (), tools))
    if calls:
        return Extracted(parts.text, parts.reasoning, calls, "harmony", history=parts.text, channelled=True)
    fault = _UNREADABLE if parts.calls is None else ""
    return Extracted(parts.text, parts.reasoning, broken=bool(fault), fault=fault, channelled=True)


def _without_calls(
    apart: Apart, found: Extracted, tools: Tools, pieces: Sequence[Piece], shown: Sequence[str]
) -> Extracted:
    """An answer, cleaned of what is no part of it, or something with the shape of a call and what is wrong with it."""
    shape = None
    if _SIGNS.search(apart.visible):
        ordered = sorted(pieces, key=lambda piece: piece.start)
        shape = shape_in(
            apart.visible, tools, ordered, lambda part: _stands_in(part, shown), _loose_pieces(apart.visible, tools)
        )
    fault = shape.fault if shape else _UNREADABLE if found.broken else ""
    if found.fault and not _stands_in(apart.visible, shown):
        fault, shape = found.fault, None
    text = found.text if fault else without_orphans(found.text)
    return Extracted(text, apart.reasoning, broken=found.broken, fault=fault, unknown=bool(shape and shape.unknown))


def _loose_pieces(text: str, tools: Tools) -> list[Piece]:
    """Calls without marks, wherever in a text they begin a line."""
    found = [piece for reader in loose_readers(tools) for piece in _read(reader, text, tools)]
    return [piece for piece in found if piece.calls and all(known(call.name, tools) for call in piece.calls)]


def _stands_in(part: str, shown: Sequence[str]) -> bool:
    """Whether every line of a part that tells whose words it is stands in something that was shown."""
    lines = [line.strip() for line in part.splitlines() if len(line.strip()) >= _SHORTEST_QUOTED]
    return bool(lines) and bool(shown) and all(any(line in source for source in shown) for line in lines)


def _all_quoted(found: Extracted, shown: Sequence[str]) -> bool:
    """Whether each call, as a value, stands in something the model was shown, however either is spelled."""
    return all(is_quotation((call.name,), call.arguments, shown) for call in found.calls)


def _is_quoted(text: str, found: Extracted, shown: Sequence[str]) -> bool:
    """Whether every line of the reply that belongs to a call stands in something the model was shown."""
    kept = set(found.text.splitlines())
    lines = [line.strip() for line in text.splitlines() if line not in kept and len(line.strip()) >= _SHORTEST_QUOTED]
    return bool(lines) and all(any(line in source for source in shown) for line in lines)


def _calls_in(text: str, tools: Tools, pieces: Sequence[Piece]) -> Extracted:
    if not _SIGNS.search(text):
        return Extracted(text)
    return _marked(text, tools, pieces) or _loose(text, tools) or _boxed_alone(text, tools) or Extracted(text)


def _boxed_alone(text: str, tools: Tools) -> Extracted | None:
    """Calls that alone fill the fence with which a reply ends, in whatever form, behind nothing but words that announce them."""
    fence = next((fence for fence in reversed(Prose(text).fences) if not text[fence[1] :].strip()), None)
    opening = _FENCE.match(text, fence[0]) if fence else None
    if fence is None or opening is None or is_example(text[: fence[0]]) or not is_filler(text[: fence[0]]):
        return None
    body = text[opening.end() : fence[1]].strip().rstrip("`~").strip()
    found = _marked(body, tools, _marked_pieces(body, tools)) or _loose(body, tools)
    if found is None or not found.calls or found.text or not all(call.name in tools for call in found.calls):
        return None
    return replace(found, text=text[: fence[0]].strip())


def _marked_pieces(text: str, tools: Tools) -> list[Piece]:
    return [piece for reader in marked_readers(tools) for piece in _read(reader, text, tools)]


def _read(reader: Reader, text: str, tools: Tools) -> list[Piece]:
    """What a reader finds, with every argument by its name."""
    return [named(piece, tools) for piece in islice(reader(text), _MOST_PIECES)]


def _marked(text: str, tools: Tools, found: Sequence[Piece]) -> Extracted | None:
    prose = Prose(text)
    broken = False
    for dialect in dict.fromkeys(piece.dialect for piece in found):
        pieces = [piece for piece in found if piece.dialect == dialect and prose.place(piece.start) != "quoted"]
        plain = [piece for piece in pieces if prose.place(piece.start) == "plain"]
        readable = [piece for piece in plain if piece.calls]
        if readable and _is_act(prose, readable, tools):
            return _taken(text, _with_others(prose, readable, found, tools), tools)
        boxed = _boxed(prose, [piece for piece in pieces if piece.calls and piece not in plain])
        if boxed and not readable and _is_loose_act(text, boxed, tools):
            return _taken(text, boxed, tools)
        broken = broken or (bool(plain) and not plain[-1].calls and _is_broken(prose, plain[-1]))
    return Extracted(text, broken=True) if broken else None


def _with_others(prose: Prose, chosen: list[Piece], found: Sequence[Piece], tools: Tools) -> list[Piece]:
    """These calls of one dialect, and those of others that stand beside them: what was called first is not passed over."""
    pieces = list(chosen)
    taken = [(piece.start, piece.end) for piece in found if piece.dialect == chosen[0].dialect]
    for piece in sorted(found, key=lambda piece: (piece.start, -piece.end)):
        apart = all(piece.end <= start or end <= piece.start for start, end in taken)
        meant_so = piece.calls and all(known(call.name, tools) for call in piece.calls)
        if apart and meant_so and prose.place(piece.start) == "plain" and prose.opens_line(piece.start):
            pieces.append(piece)
            taken.append((piece.start, piece.end))
    pieces.sort(key=lambda piece: piece.start)
    return pieces if _is_act(prose, pieces, tools) else chosen


def _loose(text: str, tools: Tools) -> Extracted | None:
    fault = ""
    for reader in loose_readers(tools):
        pieces = _last_run(text, _read(reader, text, tools))
        if pieces and all(piece.calls for piece in pieces) and _is_loose_act(text, pieces, tools):
            return _taken(text, pieces, tools)
        if pieces and not fault and _is_loose_act(text, pieces, tools):
            fault = next((piece.fault for piece in pieces if piece.fault), "")
    return Extracted(text, fault=fault) if fault else None


def _last_run(text: str, pieces: list[Piece]) -> list[Piece]:
    """The pieces at the end that follow one another with nothing but blanks between."""
    run: list[Piece] = []
    for piece in reversed(pieces):
        if run and text[piece.end : run[0].start].strip():
            break
        run.insert(0, piece)
    return run


def _is_act(prose: Prose, pieces: Sequence[Piece], tools: Collection[str]) -> bool:
    """Whether marked calls are meant: the reply ends with them, or goes on as if they had been made."""
    lead, trail = prose.text[: pieces[0].start], trail_of(prose.text, pieces[-1].end)
    names_known = all(known(call.name, tools) for piece in pieces for call in piece.calls)
    if is_example(lead):
        return False
    if not trail or is_invented_result(trail):
        return names_known or prose.opens_line(pieces[0].start)
    return names_known and prose.opens_line(pieces[0].start) and goes_on(trail)


def _is_loose_act(text: str, pieces: Sequence[Piece], tools: Collection[str]) -> bool:
    trail = trail_of(text, pieces[-1].end)
    if (trail and not is_invented_result(trail)) or is_example(text[: pieces[0].start]):
        return False
    said = [call for piece in pieces for call in piece.calls]
    return all(known(call.name, tools) and not has_placeholder(call.arguments) for call in said)


def _is_broken(prose: Prose, piece: Piece) -> bool:
    """Whether a piece was meant as a call: on a line of its own, at the end, with something like a body."""
    written = prose.text[piece.start : piece.end]
    body = re.sub(r"^[^>\]]*[>\]]", "", written)  # what stands behind the mark
    trail = trail_of(prose.text, piece.end)
    has_body = any(sign in body for sign in "{[=(")
    return has_body and prose.opens_line(piece.start) and not trail and not is_example(prose.text[: piece.start])


def _boxed(prose: Prose, pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces with the fence around them, where that holds nothing but calls."""
    boxed: list[Piece] = []
    for start, end in dict.fromkeys(fence for piece in pieces if (fence := prose.fence_around(piece.start))):
        inside = [piece for piece in pieces if start <= piece.start < end]
        between = [prose.after_line(start), *(piece.end for piece in inside)]
        gaps = zip(between, [*(piece.start for piece in inside), end], strict=True)
        if all(not prose.text[before:behind].strip(" \t\r\n`~") for before, behind in gaps):
            calls = tuple(call for piece in inside for call in piece.calls)
            boxed.append(Piece(start, max(end, inside[-1].end), calls, inside[0].dialect))
    return boxed


def _taken(text: str, pieces: Sequence[Piece], tools: Tools) -> Extracted:
    trail = trail_of(text, pieces[-1].end)
    kept = [text[: pieces[0].start].strip(), "" if is_invented_result(trail) else trail]
    said = tuple(call for piece in pieces for call in piece.calls)
    return Extracted("\n".join(part for part in kept if part), "", with_ids(_meant(said, tools)), pieces[0].dialect)


def _meant(said: Sequence[Said], tools: Tools) -> tuple[Said, ...]:
    return tuple(Said(meant(call.name, tools), call.arguments) for call in said)
