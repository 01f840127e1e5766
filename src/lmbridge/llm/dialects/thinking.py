"""Thinking that stands in the text: in tags of every common kind, closed or not."""

from __future__ import annotations

import re

from lmbridge.llm.dialects.prose import Prose
from lmbridge.llm.dialects.scanning import Finder, skip_blank

_PAIRS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<thoughts>": "</thoughts>",
    "<reasoning>": "</reasoning>",
    "<reflection>": "</reflection>",
    "<analysis>": "</analysis>",
    "<seed:think>": "</seed:think>",
    "<mm:think>": "</mm:think>",
    "[think]": "[/think]",
    "◁think▷": "◁/think▷",
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "<|start_thinking|>": "<|end_thinking|>",
    "<|thinking|>": "<|/thinking|>",
    "<unused94>thought": "<unused95>",
    "<|channel>thought": "<channel|>",
}
_OPENING = re.compile("|".join(re.escape(tag) for tag in _PAIRS), re.IGNORECASE)
_CLOSING = re.compile("|".join(re.escape(tag) for tag in _PAIRS.values()), re.IGNORECASE)
_ANSWER_TAGS = re.compile(
    r"<\|begin_of_solution\|>|<\|end_of_solution\|>|<\|START_RESPONSE\|>|<\|END_RESPONSE\|>", re.IGNORECASE
)


def split_thinking(text: str) -> tuple[str, str]:
    """The text without its thinking, and the thinking.

    A closing tag without an opening one (the template had opened it) makes everything before it thinking; an opening
    one without a closing one makes everything behind it thinking. Tags that a text only talks about stay.
    """
    if not _OPENING.search(text) and not _CLOSING.search(text):
        return text, ""
    prose, lowered = Prose(text), text.lower()
    start, thoughts = _orphan(text, prose)
    finder = Finder(lowered if len(lowered) == len(text) else text)
    kept: list[str] = []
    fresh = True
    while (opening := _next_opening(text, start, prose, fresh=fresh)) is not None:
        kept.append(text[start : opening.start()])
        fresh = fresh and not kept[-1].strip()
        closing = _PAIRS[opening.group().lower()]
        end = finder.find(closing, opening.end())
        thoughts.append(text[opening.end() : end if end >= 0 else len(text)])
        start = end + len(closing) if end >= 0 else len(text)
    kept.append(text[start:])
    visible = _ANSWER_TAGS.sub("", "".join(kept)) if thoughts else text
    return visible.strip() if thoughts else visible, "\n".join(
        thought.strip() for thought in thoughts if thought.strip()
    )


def _orphan(text: str, prose: Prose) -> tuple[int, list[str]]:
    """Where the text goes on behind thinking whose opening tag is missing, and that thinking."""
    closing = next((match for match in _CLOSING.finditer(text) if _closes(match, prose)), None)
    if closing is None:
        return 0, []
    opening = _OPENING.search(text, 0, closing.start())
    if opening is not None and _opens(opening, prose, fresh=not text[: opening.start()].strip()):
        return 0, []
    return closing.end(), [text[: closing.start()]]


def _next_opening(text: str, start: int, prose: Prose, *, fresh: bool) -> re.Match[str] | None:
    first = skip_blank(text, start)
    for match in _OPENING.finditer(text, start):
        if _opens(match, prose, fresh=fresh and match.start() == first):
            return match
    return None


def _opens(match: re.Match[str], prose: Prose, *, fresh: bool) -> bool:
    """A tag opens thinking at the beginning of the reply, or alone at the beginning of a line."""
    return prose.place(match.start()) == "plain" and (fresh or prose.opens_line(match.start()))


def _closes(match: re.Match[str], prose: Prose) -> bool:
    """A tag closes thinking where it ends a line, begins one, or follows the end of a sentence."""
    if prose.place(match.start()) != "plain":
        return False
    text = prose.text
    before = text[max(0, match.start() - 2) : match.start()].strip(" ")
    after = text[match.end() : match.end() + 1]
    return after in ("", "\n", "\r") or prose.opens_line(match.start()) or before.endswith((".", "!", "?", "…"))
