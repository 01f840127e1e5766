"""Tokens that steer a model and are no part of what it says: ends of turns, channels, marks of calls.

A backend that fails to take one out hands it on as text. Sent back, it would be read as the token again (llama.cpp parses
special tokens in the content of messages), so none that is a residue may go back.
"""

from __future__ import annotations

import json
import re

CONTROL = re.compile(
    r"<\|[^|<>\n]{1,48}\|>|<｜[^｜<>\n]{1,48}｜>"  # ChatML, Llama 3, gpt-oss, Kimi, Cohere, Apertus; DeepSeek
    r"|<\|(?:tool_call|tool|tool_response|turn|channel|image|audio|think)>|<(?:tool_call|tool|tool_response|turn|channel)\|>"  # Gemma 4
    r'|<\|"\|>|<(?:start_of_turn|end_of_turn|start_function_call|end_function_call|escape)>|</?s>|<(?:eos|bos|sop|eop)>'
    r"|\[/?INST\]|\[gMASK\]|\[TOOL_CALLS\]|\[ARGS\]|\[CALL_ID\]|\]<\]minimax\[>\[|\[e~\[|\]~b\]|\]~!b\[|</?seed:(?:bos|eos)>"
)
"""Special tokens, by their common spelling in the tokenizers of the families named beside them."""

_TURN_ENDS = (
    r"<\|(?:im_end|im_start|eot_id|eom_id|end|endoftext|end_of_text|return|call|user|observation|eot|END_OF_TURN_TOKEN|END_RESPONSE"
    r"|END_TEXT|end_message|end_of_box|eom)\|>|</s>|<end_of_turn>|<(?:turn|tool_call)\|>|<eos>|<｜end▁of▁sentence｜>|\[e~\[|<seed:eos>|\[END FINAL RESPONSE\]"
)
_ENDS = re.compile(
    r"(?:\s{0,40}(?:<\|(?:im_end|eot_id|endoftext|end_of_text|eot|END_OF_TURN_TOKEN)\|>|</s>|<end_of_turn>|<eos>|<｜end▁of▁sentence｜>)){1,8}\s{0,40}\Z"
)
_LONGEST_ENDS = 8 * (40 + 32) + 40
"""Characters of a text within which that can stand: what is before them is not searched."""
_STRUCTURE = (
    r"(?:\w{1,16}:|[｜|]{0,2}\s?DSML\s?[｜|]{0,2}\s?)?(?:parameters?|param|arg_value|arg_key|invoke|function|tool_calls?|function_calls?"
    r"|tool_use|use_mcp_tool|arguments?|TOOLCALL)"
)
_ORPHAN = re.compile(
    rf"\s{{0,40}}(?:(?:\]<\]minimax\[>\[)?\s?<\s?/\s?({_STRUCTURE})\s?>|({_TURN_ENDS}))\s{{0,40}}\Z", re.IGNORECASE
)
_HEAD = re.compile(
    r"\s*(?:<\|(?:im_start|start)\|>\s*assistant\b(?!\s*(?:<\||to=))|<\|start_header_id\|>\s*assistant\s*<\|end_header_id\|>"
    r"|<\|(?:START_RESPONSE|START_TEXT|CHATBOT_TOKEN)\|>)\s*"
)
_AROUND = re.compile(
    r"<\|begin_of_box\|>(?P<boxed>.*?)<\|end_of_box\|>|<co>(?P<cited>[^<]*)</co(?::\s?\d[^<>\n]{0,60})?>", re.DOTALL
)
"""Marks around words of an answer: GLM-4.5V's boxes, Command A's citations."""
_NEXT_TURN = re.compile(
    rf"(?:{_TURN_ENDS})\s*(?:(?:<\|(?:im_start|start_header_id|start)\|>|<start_of_turn>|<\|turn>)\s*(?:user|assistant|system|tool|model)\b"
    r"|<\|(?:user|assistant)\|>|<｜(?:User|Assistant)｜>|\[INST\])"
)
_CLOSERS = re.compile(rf"(?:\s{{0,40}}<\s?/\s?{_STRUCTURE}\s?>){{1,8}}\s*\Z", re.IGNORECASE)
_MOST_ORPHANS = 64
_LONGEST_LOOK = 100_000


def removed(text: str) -> str:
    """The text without any control token; what else it says stays."""
    return CONTROL.sub("", text)


def without_residue(arguments: str) -> str:
    """Arguments without what control tokens left in or behind them.

    Complete JSON stays as it was written, and what begins with a token behind it is dropped; in what is no JSON the
    tokens go and the rest stays, to be told about.
    """
    if not CONTROL.search(arguments):
        return _without_closers(arguments)
    start = len(arguments) - len(arguments.lstrip())
    head = CONTROL.match(arguments, start)
    if head:
        return without_residue(arguments[head.end() :])
    try:
        _, end = json.JSONDecoder(strict=False).raw_decode(arguments, start)
    except (ValueError, RecursionError):
        return removed(arguments)
    behind = arguments[end:].strip()
    return (
        arguments[:end]
        if not behind or _CLOSERS.match(behind) or CONTROL.match(behind)
        else arguments[:end] + removed(arguments[end:])
    )


def _without_closers(arguments: str) -> str:
    """The arguments without closing tags behind complete JSON."""
    if not arguments.rstrip().endswith(">"):
        return arguments
    closers = _CLOSERS.search(arguments)
    if closers is None:
        return arguments
    try:
        json.loads(arguments[: closers.start()], strict=False)
    except (ValueError, RecursionError):
        return arguments
    return arguments[: closers.start()]


def without_orphans(text: str) -> str:
    """An answer without the closing tags and end tokens that ended it but began nowhere, and without a turn's header.

    A tag that the text itself opens stays, and so does one inside code.
    """
    text = without_next_turn(without_head(text))
    if "_of_box|>" in text or "</co" in text:
        text = _AROUND.sub(
            lambda mark: mark[0] if _in_code(text, mark.start()) else mark["boxed"] or mark["cited"], text
        )
    if text[-1:] not in {">", "]", "[", "\n", " "}:
        return text
    start, orphans = len(text), 0
    opened: dict[str, int] = {}
    while orphans < _MOST_ORPHANS and (orphan := _ORPHAN.search(text, max(0, start - 100), start)):
        if _is_listed(text, orphan) or (orphan[1] is not None and _is_opened(text, orphan, opened)):
            break
        start, orphans = orphan.start(), orphans + 1
    if orphans == 0 or _in_code(text, start):
        return text
    return text[:start]


def without_head(text: str) -> str:
    """The text without a turn's header before it."""
    head = _HEAD.match(text)
    return text[head.end() :] if head else text


def without_end(text: str) -> str:
    """The text without the tokens that end a turn, at its end; those that end a call stay."""
    ends = _ENDS.search(text, max(0, len(text) - _LONGEST_ENDS))
    return text[: ends.start()] if ends else text


def without_next_turn(text: str) -> str:
    """The text up to the end of its turn, where the model went on with a turn that it made up."""
    ended = _NEXT_TURN.search(text)
    return text[: ended.start()] if ended and not _in_code(text, ended.start()) else text


def _is_opened(text: str, orphan: re.Match[str], opened: dict[str, int]) -> bool:
    """Whether what the tag closes was opened in the text and not yet closed by another."""
    name = re.sub(r"^(?:\w{1,16}:|[\s｜|]*DSML[\s｜|]*)", "", orphan[1]).lower()
    if name not in opened:
        before = text[-_LONGEST_LOOK:]
        openings = re.findall(rf"<[^<>/]{{0,24}}{re.escape(name)}(?:[\s=][^<>]{{0,200}})?>", before, re.IGNORECASE)
        opened[name] = len(openings)
    opened[name] -= 1
    return opened[name] >= 0


def _is_listed(text: str, orphan: re.Match[str]) -> bool:
    """Whether a tag stands behind a bullet: then the text lists it."""
    place = orphan.start(1) if orphan[1] is not None else orphan.start(2)
    line = text[text.rfind("\n", 0, place) + 1 : place]
    return bool(re.fullmatch(r"\s*(?:[-*•]|\d{1,3}[.)])\s*(?:</?)?\s?", line))


def _in_code(text: str, place: int) -> bool:
    before = text[:place]
    line = before[before.rfind("\n") + 1 :]
    return before.count("```") % 2 == 1 or line.count("`") % 2 == 1 or line.endswith(('"', "'", "“", "‘"))
