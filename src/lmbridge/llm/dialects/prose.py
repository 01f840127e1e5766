"""Telling a call from talk about calls.

A call is an act: it stands unquoted, and the reply ends with it. Text that explains, quotes or gives an example is
talk, and executing it could do harm; so where both readings are possible, it is talk.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection
from functools import cached_property
from typing import Literal

from lmbridge.llm.dialects.names import meant

_FENCE = re.compile(r"^[ \t]{0,3}(?:```+|~~~+)[^\n]*$", re.MULTILINE)
_INLINE = re.compile(r"(?<!`)`[^`\n]+`(?!`)")
_QUOTE_MARKS = "\"'“‘«‹„‚\\("
_BULLET = re.compile(r"^[\s*\-•.\d)]*$")
_END_TOKENS = re.compile(
    r"(?:\s+|<\|(?:im_end|eot_id|eom_id|end|endoftext|end_of_text|return|call|user|observation|tool_calls_section_end"
    r"|tool_call_end|im_start|end_action|END_ACTION|tools_suffix|action_end|end_message|END_OF_TURN_TOKEN|tool_call:end)\|>|</s>"
    r"|<end_of_turn>|<turn\|>|<tool_call\|>|<eos>|<｜end▁of▁sentence｜>|(?:\]<\]minimax\[>\[\s?)?</(?:\w{1,16}:)?(?:tool_calls?|function_calls?|function|invoke)>"
    r"|</TOOLCALL>|</?answer>|;|\[END_TOOL_REQUEST\]|<｜tool▁calls?▁end｜>|\[e~\[|<\|close\|>(?:tools|message)<\|sep\|>)*"
)
_INVENTED_RESULT = re.compile(
    r"^(?:<(?:tool_response|tool_result|function_response|function_results?|observation|start_function_response)\b"
    r"|\[TOOL_RESULTS?\]|\[END_TOOL_RESULT|<\|(?:observation|tool|python|ipython|tool_response)|<｜tool▁output"
    r"|(?:observation|tool (?:output|response|result)|function (?:output|response|result))\s*:)",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(
    r"\b(?:examples?|for instance|e\.g|format|syntax|looks? like|like so|like this|as follows|such as|sample|template|placeholders?|hypothetical(?:ly)?"
    r"|illustrat\w+|documentation|schema|convention|in general|typically|usually|users? (?:can|could|would|should|may|might)"
    r"|you (?:can|could|would|should|may|might|need)|one (?:can|could|would)|(?:models?|assistants?|famil(?:y|ies)) (?:can|could|would|said|sends?|emits?|emitted|prints?|printed|writes?|wrote|produces?|produced|uses?|used|calls?)"
    r"|would (?:be|look|call|have|use|write|emit)|could (?:be|look)|can be (?:called|invoked|used)|how to|(?:is|are|was|were) (?:called|invoked|written|printed|emitted|wrapped|encoded)"
    r"|(?:zum )?beispiel|(?:par )?exemple|(?:por )?ejemplo|per esempio|por exemplo|например|пример|формат)\b"
    r"|例如|例子|示例|比如|格式|如下|例えば|形式",
    re.IGNORECASE,
)
_INTENT = re.compile(
    r"\b(?:i(?:'ll| will|'m going to| am going to| need to| should| must| now)|let(?: me|'s| us)|calling|now)\b[^.!?\n]*[.:!…]?\s*$",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"^(?:i\b|i'|let\b|now\b|next\b|once\b|after\b|first\b|please wait|one moment|we\b|\w+ing\b)", re.IGNORECASE
)
_REPORT = re.compile(
    r"\b(?:logs?|trace|transcript|entry|entries|records?|files?|messages?|page|document|lines?|outputs?|content|text|prompt|result|response|reply|ledger|"
    r"history|body|json|data|configuration|config|settings|object|person|item|template|api|endpoint|user|assistant|model|server|they|it|he|she)\b[^.!?\n]{0,80}"
    r"\b(?:is|are|was|were|be|has|have|had|holds?|held|contains?|contained|shows?|showed|says?|said|reads?|reading|returned|returns?|sent|sends?|printed|wrote|written|"
    r"begins?|ends?|looks?|expects?|asked|emits?|emitted|logged|found|gives?|gave)\b"
    r"|\b(?:here (?:is|are)|this is|these are|below (?:is|are)|following (?:is|are)|i found|i(?:'ve| have)? (?:called|used|made|sent|ran|read|got|received)|you asked|as requested)\b"
    r"|\b(?:inhalt|ausgabe|protokoll|datei|antwort)\b[^.!?\n]{0,60}\b(?:ist|war|lautet|enthält|steht)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(?:this|that|it|which|these|those|the) (?:is|was|are|were|would|will|shows?|showed|means?|meant|call|calls|format|form|object|tag|line|entry|example|text|message|json|request)\b"
    r"|\b(?:format|syntax|example|parser?|parsed|template|schema|placeholder|returned|answers? with|means?|described|documented|as shown|above|if it fails|appends?|the host|"
    r"step \d|models?|both|response|prompt|system|asks? for|please confirm|then (?:wait|stop))\b|(?:^|\n)#{1,6} |cet appel|dieser aufruf|这样",
    re.IGNORECASE,
)
_FILLER = re.compile(
    r"(?:\W|\b(?:okay|ok|sure|alright|all right|certainly|of course|great|good|now|next|then|first(?:ly)?|so|also|and|yes|understood|got it|thanks?|absolutely|right|well|assistant|json|tool call|"
    r"action|call|function|tool|name|calling|using|running|with)\b){0,12}",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"\b(?:call|calling|use|using|invoke|invoking|run|running|search|searching|read|reading|look|looking|fetch|fetching|check|checking|tool|function|action|step|"
    r"query|querying|list|listing|write|writing|open|opening|get|getting|find|finding|start|begin)\b[^.!?\n]{0,80}[:.…]?\s*$",
    re.IGNORECASE,
)
_LONGEST_TRAIL = 300
_LEAD = 400

Place = Literal["plain", "fenced", "quoted"]


class Prose:
    """A text with what is code in it."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _fences(self) -> list[tuple[int, int]]:
        return _fences(self.text) if "```" in self.text or "~~~" in self.text else []

    @cached_property
    def _inline(self) -> list[tuple[int, int]]:
        return [match.span() for match in _INLINE.finditer(self.text)] if "`" in self.text else []

    def place(self, offset: int) -> Place:
        """Whether an offset stands in plain text, in a fenced block, or is quoted."""
        if _within(self._fences, offset):
            return "fenced"
        if _within(self._inline, offset) or self._in_block_quote(offset):
            return "quoted"
        before = self.text[offset - 1 : offset]
        return "quoted" if before and before in _QUOTE_MARKS else "plain"

    def _in_block_quote(self, offset: int) -> bool:
        start = self.text.rfind("\n", max(0, offset - 200), offset) + 1
        return self.text[start:offset].lstrip().startswith(">")

    def fence_around(self, offset: int) -> tuple[int, int] | None:
        """The fenced block that an offset stands in, fence lines included."""
        index = bisect_right(self._fences, (offset, len(self.text) + 1)) - 1
        return self._fences[index] if index >= 0 and self._fences[index][1] > offset else None

    @property
    def fences(self) -> list[tuple[int, int]]:
        """All fenced blocks, fence lines included; an open one ends with the text."""
        return self._fences

    def after_line(self, offset: int) -> int:
        """Offset of the line that follows the one an offset stands on."""
        end = self.text.find("\n", offset)
        return end + 1 if end >= 0 else len(self.text)

    def opens_line(self, offset: int) -> bool:
        """Whether only blanks or a bullet stand before an offset on its line."""
        start = self.text.rfind("\n", max(0, offset - 200), offset) + 1
        return bool(_BULLET.match(self.text[start:offset])) and offset - start < 200


def _within(spans: list[tuple[int, int]], offset: int) -> bool:
    index = bisect_right(spans, (offset, 1 << 60)) - 1
    return index >= 0 and spans[index][0] <= offset < spans[index][1]


def _fences(text: str) -> list[tuple[int, int]]:
    marks = [match.span() for match in _FENCE.finditer(text)]
    spans = [(marks[place][0], marks[place + 1][1]) for place in range(0, len(marks) - 1, 2)]
    if len(marks) % 2:
        spans.append((marks[-1][0], len(text)))
    return spans


def is_example(lead: str) -> bool:
    """Whether what stands before a call says that an example or an explanation follows."""
    tail = lead[-_LEAD:].replace("\u2019", "'").rstrip().rstrip("`").rstrip()
    paragraph = tail.rsplit("\n\n", 1)[-1] or tail
    if not _EXAMPLE.search(paragraph) and not paragraph.endswith("?"):
        return False
    last = re.split(r"(?<=[.!?])\s+|\n", paragraph)[-1]
    return not _INTENT.search(last) or bool(re.search(r"\bexample|\bformat\b|\bsyntax\b", last, re.IGNORECASE))


def trail_of(text: str, end: int) -> str:
    """What stands behind a call, without end tokens."""
    match = _END_TOKENS.match(text, end)
    return text[match.end() if match else end :].strip()


def is_invented_result(trail: str) -> bool:
    """Whether what stands behind a call is a result that the model made up; it is dropped."""
    return bool(_INVENTED_RESULT.match(trail))


def goes_on(trail: str) -> bool:
    """Whether what stands behind a call is the model waiting for its result, in few words."""
    return len(trail) <= _LONGEST_TRAIL and "\n\n" not in trail and bool(_GOES_ON.match(trail))


def has_placeholder(arguments: str) -> bool:
    """Whether arguments hold what only examples hold: `<path>`, `...`, `path/to/file`."""
    return bool(re.search(r'"(?:<[^<>"\n]{1,40}>|\.\.\.|…|/?path/to/[^"\n]*|your[_ -][^"\n]{1,30})"', arguments[:4000]))


def known(name: str, tools: Collection[str]) -> bool:
    """Whether a tool is meant by this name, as far as models keep to it."""
    return meant(name, tools) in tools


def is_report(lead: str) -> bool:
    """Whether what stands before something says that it was found, logged, kept or asked for: then it is shown, not done."""
    tail = lead[-_LEAD:].rstrip().rstrip("`").rstrip()
    paragraph = tail.rsplit("\n\n", 1)[-1]
    last = re.split(r"(?<=[.!?])\s+|\n", paragraph)[-1] if paragraph else ""
    return bool(_REPORT.search(last)) and not _INTENT.search(last)


def talks_of_call(trail: str) -> bool:
    """Whether what stands behind something speaks about it as a call or a text: then it was shown."""
    return bool(_ABOUT.search(trail[:_LEAD]))


def is_filler(lead: str) -> bool:
    """Whether what stands before a call says nothing but that something is about to be done."""
    tail = lead[-_LEAD:].replace("\u2019", "'").strip()
    if not tail:
        return True
    last = re.split(r"(?<=[.!?])\s+|\n", tail)[-1]
    return bool(_FILLER.fullmatch(tail) or _INTENT.search(last) or _ANNOUNCES.search(last))
