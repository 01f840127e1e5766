"""Text that is spelled in two signs is read; two signs that spell nothing are none."""

from __future__ import annotations

from typing import Any

import pytest

from lmbridge.mcp_host.gate.two_signs import spelled

KEY = "CANARY-7f3a"
BITS = [bit == "1" for sign in KEY for bit in f"{ord(sign):08b}"]
SEVEN = [bit == "1" for sign in KEY for bit in f"{ord(sign):07b}"]
WAYS: dict[str, Any] = {
    "true and false": {"answers": BITS},
    "the other way round": {"answers": [not bit for bit in BITS]},
    "in seven": {"answers": SEVEN},
    "yes and no": {"form": {"answers": ["yes" if bit else "no" for bit in BITS]}},
    "two numbers": {"series": [5.5 if bit else 7 for bit in BITS]},
    "fields of an object": {"boxes": {f"b{n}": bit for n, bit in enumerate(BITS)}},
    "one blank and two": {"text": "".join(f"word{' ' * (1 + bit)}" for bit in BITS)},
    "a blank and a tab": {"text": "".join("word\t" if bit else "word " for bit in BITS)},
}


@pytest.mark.parametrize("arguments", WAYS.values(), ids=WAYS)
def test_a_text_in_two_signs_is_read(arguments: Any) -> None:
    assert KEY in list(spelled(arguments))


@pytest.mark.parametrize(
    "arguments",
    [
        {"answers": [True, False] * 10},
        {"answers": [True] * 100},
        {"text": "An ordinary sentence.  And another one.  " * 40},
        {"rows": [[True, False], [False, True]] * 40},
        {"series": list(range(100))},
    ],
)
def test_ordinary_lists_and_texts_spell_nothing(arguments: Any) -> None:
    assert not [text for text in spelled(arguments) if any(map(str.isalnum, text)) and len(set(text)) > 4]
