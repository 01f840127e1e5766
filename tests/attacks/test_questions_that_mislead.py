"""A question that somebody wants to mislead with stays what it is: the target first, one line a part, nothing hidden."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest

from attacks import fifth_set, sixth_set
from lmbridge.mcp_host.tools.gated import Request
from lmbridge.messages import ToolSpec
from lmbridge.server.tools.approvals import wording

MISLEADING: dict[str, tuple[str, dict[str, Any]]] = {**fifth_set.MISLEADING, **sixth_set.MISLEADING}
INVISIBLE = frozenset("\u3164\u2800\u115f\u1160\u17b4\uffa0\u034f") | {chr(code) for code in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))}  # fmt: skip


@pytest.mark.parametrize("name", MISLEADING)
def test_a_question_cannot_mislead(name: str):
    target, arguments = MISLEADING[name]
    text = wording(
        Request(ToolSpec("write_file", server="files"), arguments, "it is there already", target=target, kin=target)
    )
    lines = text.split("\n")
    assert lines == text.splitlines()
    assert not [sign for sign in text.replace("\n", "") if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Co", "Cn"}]
    assert INVISIBLE.isdisjoint(text)
    assert len(text) < 8000
    labels = [line.partition(":")[0] for line in lines]
    assert all(labels.count(label) == 1 for label in ("Target", "Tool", "Why you are asked")), text
    assert lines.index(next(line for line in lines if line.startswith("Target"))) < lines.index(
        next(line for line in lines if line.startswith("Tool"))
    )
    end = "onfig.json" if "onfig.json" in target else re.split(r"[/\n\u202e]", target)[-1]
    assert end in lines[labels.index("Target")], text
