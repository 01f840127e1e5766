"""Tool calls and thinking that models print as text, taken out and made proper.

Backends parse only the dialects they know, and weak models miss even those. `extract` reads every common one; it never
takes text that merely talks about a call for one, and it runs in linear time on any input.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence

from lmbridge.llm.dialects import harmony, loose, tags, tokens
from lmbridge.llm.dialects.prose import (
    Prose,
    goes_on,
    has_placeholder,
    is_example,
    is_invented_result,
    known,
    trail_of,
)
from lmbridge.llm.dialects.thinking import split_thinking
from lmbridge.llm.dialects.values import Extracted, Piece, with_ids

__all__ = ["Extracted", "extract", "split_thinking"]

Reader = Callable[[str], Iterator[Piece]]
MARKED: tuple[Reader, ...] = (
    tags.invoked,
    tags.tagged,
    tags.functions,
    tokens.mistral,
    tokens.llama,
    tokens.kimi,
    tokens.deepseek,
    tokens.lfm,
    tokens.gemma,
)
"""Dialects with marks of their own."""
LOOSE: tuple[Reader, ...] = (loose.react, loose.with_args, loose.fenced, loose.bare, loose.pythonic)
"""Dialects that only their place tells from data."""
_SHORTEST_QUOTED = 16
"""Characters of a line that tell whose words it is."""


def extract(text: str, tools: Collection[str], shown: Sequence[str] = ()) -> Extracted:
    """Takes a reply's text apart.

    A call that stands inside the thinking is a rehearsal and stays there, unless the reply holds nothing else: some
    models open a thinking tag, call, and stop; then the marked calls at its end are meant.

    Args:
        text: The text of a finished reply.
        tools: Names of the tools that were offered; without any, only thinking is looked for.
        shown: Tool results that the model was shown. A call that stands word for word in one is a quotation: else a
            file that is read out could act.
    """
    if tools and (parts := harmony.channels(text)) is not None:
        calls = with_ids(parts.calls or ())
        return Extracted(parts.text, parts.reasoning, calls, "harmony" if calls else None, parts.calls is None)
    visible, reasoning = split_thinking(text)
    if not tools:
        return Extracted(visible, reasoning)
    found = _calls_in(visible, tools)
    if found.calls and shown and _is_quoted(visible, found, shown):
        return Extracted(visible, reasoning)
    if not found.calls and not found.text.strip() and not found.broken and reasoning:
        rehearsed = _marked(reasoning, tools)
        if rehearsed is not None and rehearsed.calls:
            return Extracted("", rehearsed.text, rehearsed.calls, rehearsed.dialect)
    return Extracted(found.text, reasoning, found.calls, found.dialect, found.broken)


def _is_quoted(text: str, found: Extracted, shown: Sequence[str]) -> bool:
    """Whether every line of the reply that belongs to a call stands in something the model was shown."""
    kept = set(found.text.splitlines())
    lines = [line.strip() for line in text.splitlines() if line not in kept and len(line.strip()) >= _SHORTEST_QUOTED]
    return bool(lines) and all(any(line in source for source in shown) for line in lines)


def _calls_in(text: str, tools: Collection[str]) -> Extracted:
    return _marked(text, tools) or _loose(text, tools) or Extracted(text)


def _marked(text: str, tools: Collection[str]) -> Extracted | None:
    prose = Prose(text)
    broken = False
    for reader in MARKED:
        pieces = [piece for piece in reader(text) if prose.place(piece.start) != "quoted"]
        plain = [piece for piece in pieces if prose.place(piece.start) == "plain"]
        readable = [piece for piece in plain if piece.calls]
        if readable and _is_act(prose, readable, tools):
            return _taken(text, readable)
        boxed = _boxed(prose, [piece for piece in pieces if piece.calls and piece not in plain])
        if boxed and not readable and _is_loose_act(text, boxed, tools):
            return _taken(text, boxed)
        broken = broken or (bool(plain) and not plain[-1].calls and _is_broken(prose, plain[-1]))
    return Extracted(text, broken=True) if broken else None


def _loose(text: str, tools: Collection[str]) -> Extracted | None:
    for reader in LOOSE:
        pieces = _last_run(text, list(reader(text)))
        if pieces and _is_loose_act(text, pieces, tools):
            return _taken(text, pieces)
    return None


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


def _taken(text: str, pieces: Sequence[Piece]) -> Extracted:
    trail = trail_of(text, pieces[-1].end)
    kept = [text[: pieces[0].start].strip(), "" if is_invented_result(trail) else trail]
    said = tuple(call for piece in pieces for call in piece.calls)
    return Extracted("\n".join(part for part in kept if part), "", with_ids(said), pieces[0].dialect)
