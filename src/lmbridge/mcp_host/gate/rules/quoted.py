"""A quotation is no call: whether a call stands, name and values, in something that the run has read. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lmbridge.llm.dialects.quotation import is_quotation, spellings_of
from lmbridge.mcp_host.gate.aim import Aimed, is_open
from lmbridge.mcp_host.gate.mentions import UserWords
from lmbridge.mcp_host.gate.rules.which_one import first_target
from lmbridge.mcp_host.gate.verdicts import FREE, Ask, Run, Verdict


def quoted(order: Aimed, run: Run) -> Verdict:
    """A call that stands in what the model read is somebody's text, not the model's own step."""
    spec, memory = order.spec, run.memory
    if (spec.read_only and not is_open(order)) or not memory.shown:
        return FREE
    names = (order.called, spec.tool, spec.qualified)
    if any(call[0] == order.called and _same(call[1], order.arguments) for call in memory.asked):
        return FREE
    texts = memory.shown.holding(form for name in names if name for form in spellings_of(name))
    elsewhere = memory.shown.texts
    if not any(is_quotation(names, given, texts, elsewhere) for given in _spellings(order)) or _all_said(
        order, run.said
    ):
        return FREE
    return Ask(
        "this very call stands word for word in a result that the model read",
        first_target(order),
        (spec.qualified,),
        spec.qualified,
    )


def _spellings(order: Aimed) -> list[Any]:
    """The arguments, and the same with each absolute path as somebody would write it who does not know where the folder lies."""
    roots = tuple(f"{root.rstrip('/')}/" for root in order.roots)
    short = _shortened(order.arguments, roots)
    return [order.arguments] if short == order.arguments else [order.arguments, short]


def _shortened(value: Any, roots: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        root = max((root for root in roots if value.startswith(root)), key=len, default="")
        return value[len(root) :]
    if isinstance(value, Mapping):
        return {key: _shortened(item, roots) for key, item in value.items()}
    return [_shortened(item, roots) for item in value] if isinstance(value, list | tuple) else value


def _same(written: str, arguments: Mapping[str, Any]) -> bool:
    try:
        return bool(json.loads(written or "{}", strict=False) == dict(arguments))
    except (ValueError, RecursionError):
        return False


def _all_said(order: Aimed, said: UserWords) -> bool:
    """Whether the user's own words hold all values of a call."""
    payload = [text for text in order.targets.payload if text.strip()]
    return bool(payload) and all(text.strip() in said.text for text in payload)
