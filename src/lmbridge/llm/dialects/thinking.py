"""Thinking that stands in the text: in tags of every common kind, closed or not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lmbridge.llm.dialects.prose import Prose
from lmbridge.llm.dialects.scanning import Finder, skip_blank

PAIRS: dict[str, str] = {
    "<think>": "</think>",  # DeepSeek R1, Qwen 3, GLM, Nemotron and most others
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<thoughts>": "</thoughts>",
    "<reasoning>": "</reasoning>",
    "<reflection>": "</reflection>",
    "<analysis>": "</analysis>",
    "<seed:think>": "</seed:think>",  # Seed-OSS
    "<mm:think>": "</mm:think>",  # MiniMax
    "<longcat_think>": "</longcat_think>",
    "<think:opensource>": "</think:opensource>",  # Hunyuan
    "[think]": "[/think]",  # Magistral
    "◁think▷": "◁/think▷",  # Kimi VL
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "<|start_thinking|>": "<|end_thinking|>",  # Command A
    "<|inner_prefix|>": "<|inner_suffix|>",  # Apertus
    "<|thinking|>": "<|/thinking|>",
    "<|open|>think<|sep|>": "<|close|>think<|sep|>",  # Kimi K3
    "<unused94>thought": "<unused95>",  # MedGemma
    "<|channel>thought": "<channel|>",  # Gemma 4
    "[unused16]": "[unused17]",  # Pangu
    "here are my reasoning steps:": "[begin final response]",  # Apriel
}
"""The one table of thinking tags, lower-cased: what opens thinking, and what closes it."""
_OPENING = re.compile("|".join(re.escape(tag) for tag in PAIRS), re.IGNORECASE)
_CLOSING = re.compile("|".join(re.escape(tag) for tag in PAIRS.values()), re.IGNORECASE)
_ANSWER_TAGS = re.compile(
    r"<\|begin_of_solution\|>|<\|end_of_solution\|>|<\|START_RESPONSE\|>|<\|END_RESPONSE\|>|<\|START_TEXT\|>|<\|END_TEXT\|>"
    r"|<\|(?:open|close)\|>(?:response|message)<\|sep\|>|\[END FINAL RESPONSE\]",
    re.IGNORECASE,
)
_FOLDED = tuple(dict.fromkeys([*PAIRS, *PAIRS.values()]))


@dataclass(frozen=True, slots=True)
class Apart:
    """A text and its thinking.

    Attributes:
        visible: The text without its thinking.
        reasoning: The thinking, without tags.
        thoughts: Each piece of thinking as it stood there, with its tags and the blanks behind it.
        closing: The tag that is missing at the end; empty where the thinking was closed.
    """

    visible: str
    reasoning: str = ""
    thoughts: tuple[str, ...] = ()
    closing: str = ""

    def with_thinking(self, text: str) -> str:
        """A text with the thinking before it, word for word as the model wrote it: as its own template would show it."""
        return "".join(self.thoughts) + self.closing + text

    def reopened(self, thought: str) -> str:
        """The thinking cut down to a part of it, in the tags in which it stood."""
        if not self.thoughts:
            return ""
        opening = _OPENING.match(self.thoughts[0].lstrip())
        tag = opening.group() if opening else ""
        closing = self.closing or (PAIRS.get(tag.lower(), "") if tag else "")
        return f"{tag}{thought}\n{closing}\n" if tag else f"{thought}\n"


def split_thinking(text: str) -> tuple[str, str]:
    """The text without its thinking, and the thinking. See `thinking_apart`."""
    apart = thinking_apart(text)
    return apart.visible, apart.reasoning


def thinking_apart(text: str) -> Apart:
    """Takes the thinking out of a text.

    A closing tag without an opening one (the template had opened it) makes everything before it thinking; an opening
    one without a closing one makes everything behind it thinking. Tags that a text only talks about stay.
    """
    lowered = text.lower()
    if len(lowered) != len(text):  # a letter that grows in lower case: offsets would not fit
        lowered = text
    if not any(tag in lowered for tag in _FOLDED) and not (lowered is text and _OPENING.search(text)):
        return Apart(text)
    prose, finder = Prose(text), Finder(lowered)
    start, thoughts, raw = _orphan(text, prose)
    kept: list[str] = []
    fresh, missing = True, ""
    while (opening := _next_opening(text, start, prose, fresh=fresh)) is not None:
        kept.append(text[start : opening.start()])
        fresh = fresh and not kept[-1].strip()
        closing = PAIRS[opening.group().lower()]
        end = finder.find(closing, opening.end())
        missing = "" if end >= 0 else closing
        thoughts.append(text[opening.end() : end if end >= 0 else len(text)])
        start = end + len(closing) if end >= 0 else len(text)
        raw.append(text[opening.start() : skip_blank(text, start)])
    kept.append(text[start:])
    if not thoughts:
        return Apart(text)
    visible = _ANSWER_TAGS.sub("", "".join(kept)).strip()
    reasoning = "\n".join(thought.strip() for thought in thoughts if thought.strip())
    return Apart(visible, reasoning, tuple(raw), missing)


def _orphan(text: str, prose: Prose) -> tuple[int, list[str], list[str]]:
    """Where the text goes on behind thinking whose opening tag is missing, and that thinking, without and with its tag."""
    closing = next((match for match in _CLOSING.finditer(text) if _closes(match, prose)), None)
    if closing is None:
        return 0, [], []
    opening = _OPENING.search(text, 0, closing.start())
    if opening is not None and _opens(opening, prose, fresh=not text[: opening.start()].strip()):
        return 0, [], []
    return closing.end(), [text[: closing.start()]], [text[: skip_blank(text, closing.end())]]


def _next_opening(text: str, start: int, prose: Prose, *, fresh: bool) -> re.Match[str] | None:
    first = skip_blank(text, start)
    for match in _OPENING.finditer(text, start):
        if _opens(match, prose, fresh=fresh and match.start() == first):
            return match
    return None


_TALKED_OF = re.compile(r"[ \t](?:is|was|are|and|tags?|opens|marks|means|stands)\b")


def _opens(match: re.Match[str], prose: Prose, *, fresh: bool) -> bool:
    """A tag opens thinking at the beginning of the reply, or alone at the beginning of a line; not as a sentence's subject."""
    if _TALKED_OF.match(prose.text, match.end()) and PAIRS[match.group().lower()] not in prose.text.lower():
        return False
    return prose.place(match.start()) == "plain" and (fresh or prose.opens_line(match.start()))


def _closes(match: re.Match[str], prose: Prose) -> bool:
    """A tag closes thinking where it ends a line, begins one, or follows the end of a sentence."""
    if prose.place(match.start()) != "plain":
        return False
    text = prose.text
    before = text[max(0, match.start() - 2) : match.start()].strip(" ")
    after = text[match.end() : match.end() + 1]
    return after in ("", "\n", "\r") or prose.opens_line(match.start()) or before.endswith((".", "!", "?", "…"))
